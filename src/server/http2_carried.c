/* A stream that has left HTTP (RFC 8441): it carries a connection of its own, which speaks WebSocket or is a tunnel.
 *
 *      nghttp2 ─▶ buffers of the stream ─▶ transport->read  ─▶ nu__conn, without a descriptor
 *              ◀─ out                   ◀─ transport->write ◀─
 *
 * The connection is told of news at the end of a tick, never from within nghttp2. END_STREAM stands for the end of
 * a side of a socket, a reset for a socket that breaks. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "nuages/log.h"
#include "server/http2.h"
#include "server/tunnel.h"
#include "server/websocket.h"

/* ---- news ------------------------------------------------------------------------------------ */

static void tell_later(nu__http2_stream *stream, uint32_t events)
{
    stream->events |= events;
    nu__tick_end(stream->ex.worker->loop, &stream->news);
}

static void begin(nu__conn *conn, bool sent)
{
    if (conn->websocket)
        nu__websocket_begin(conn, sent);
    else
        nu__tunnel_begin(conn, sent);
}

static void on_news(nu_hook *hook)
{
    nu__http2_stream *stream = NU_CONTAINER(hook, nu__http2_stream, news);
    nu__conn         *conn = stream->carried;
    uint32_t          events = stream->events;
    stream->events = 0;
    conn->dead = conn->dead || stream->closed;
    conn->gone = stream->body_ended;
    conn->readable = stream->first || stream->body_ended;
    if (stream->begun) {
        conn->protocol->ready(conn, events);
    } else {
        stream->begun = true;
        begin(conn, !conn->dead);
    }
}

void nu__http2_tell_input(nu__http2_stream *stream)
{
    tell_later(stream, EPOLLIN);
}

void nu__http2_tell_end(nu__http2_stream *stream)
{
    tell_later(stream, EPOLLHUP);
}

void nu__http2_tell_taken(nu__http2_stream *stream)
{
    nu__buffer_give(stream->ex.worker, stream->out);
    stream->out = NULL;
    stream->piece = (nu__slice){"", 0};
    if (stream->carried && stream->refused)
        tell_later(stream, EPOLLOUT);
    stream->refused = false;
}

/* ---- the transport --------------------------------------------------------------------------- */

static ssize_t carried_read(nu__conn *conn, void *into, size_t room)
{
    nu__http2_stream *stream = conn->stream;
    if (!stream->first && !stream->body_ended) {
        conn->readable = false;
        errno = stream->closed ? ECONNRESET : EAGAIN;
        return -1;
    }
    size_t n = stream->first ? nu__http2_take(stream, into, room) : 0;
    conn->readable = stream->first || (n > 0 && stream->body_ended);
    return (ssize_t)n;
}

static void offer(nu__http2_stream *stream)
{
    if (stream->asleep)
        nghttp2_session_resume_data(stream->http2->session, stream->id);
    stream->asleep = false;
    nu__http2_send_later(stream->http2);
}

static size_t length_of(const struct iovec *parts, int count)
{
    size_t total = 0;
    for (int i = 0; i < count; i++)
        total += parts[i].iov_len;
    return total;
}

/* Behind the piece that is offered lies the room for more. False when memory is out. */
static bool make_room(nu__http2_stream *stream, size_t wanted)
{
    if (stream->out)
        return true;
    stream->out =
        nu__buffer_take(stream->ex.worker, wanted > NU__BUFFER_SMALL ? NU__OUT : NU__SMALL);
    stream->piece = (nu__slice){stream->out ? stream->out->data : NULL, 0};
    return stream->out != NULL;
}

static size_t add(nu__http2_stream *stream, const struct iovec *part)
{
    char  *end = (char *)(uintptr_t)stream->piece.data + stream->piece.length;
    size_t room = (size_t)(stream->out->data + stream->out->size - end);
    size_t some = part->iov_len < room ? part->iov_len : room;
    if (some > 0)
        memcpy(end, part->iov_base, some);
    stream->piece.length += some;
    return some;
}

static ssize_t carried_write(nu__conn *conn, const struct iovec *parts, int count)
{
    nu__http2_stream *stream = conn->stream;
    size_t            wanted = length_of(parts, count), done = 0;
    if (stream->closed || stream->last_piece || !make_room(stream, wanted)) {
        errno = EPIPE;
        return -1;
    }
    for (int i = 0; i < count; i++)
        done += add(stream, &parts[i]);
    stream->refused = done < wanted;
    if (done > 0)
        offer(stream);
    errno = EAGAIN;
    return done > 0 || wanted == 0 ? (ssize_t)done : -1;
}

static bool carried_finish(nu__conn *conn)
{
    nu__http2_stream *stream = conn->stream;
    if (stream->closed)
        return false;
    if (!stream->last_piece) {
        stream->last_piece = true;
        offer(stream);
    }
    return true;
}

/* What was written before the end is still sent; the stream goes with that. */
static void carried_drop(nu__conn *conn)
{
    nu__http2_stream *stream = conn->stream;
    nu__http2        *http2 = stream->http2;
    nu__tick_forget(&stream->news);
    stream->carried = NULL;
    conn->stream = NULL;
    http2->live--;
    nu__http2_send_later(http2);
    if (!stream->link)
        return; /* it has never begun */
    nu__http2_drop_body(stream);
    if (stream->closed)
        nu__http2_closed(stream);
    else if (!stream->last_piece)
        nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
    else if (stream->end_sent && !stream->body_ended)
        nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
}

static const nu__transport transport = {
    .read = carried_read,
    .write = carried_write,
    .discard = carried_read,
    .finish = carried_finish,
    .drop = carried_drop,
};

/* ---- leaving HTTP ---------------------------------------------------------------------------- */

static void wait_for_begin(nu__conn *conn)
{
    (void)conn;
}

/* Until the exchange has ended, which then begins. */
static const nu__protocol beginning = {
    .name = "extended CONNECT",
    .due = wait_for_begin,
    .cut = wait_for_begin,
};

static nu__http2_stream *successor_new(nu__http2_stream *stream)
{
    nu_arena         *arena = nu_arena_new(stream->ex.worker->arena, "stream");
    nu__http2_stream *next = nu_arena_zalloc(arena, sizeof *next);
    next->http2 = stream->http2;
    next->id = stream->id;
    next->ex = (nu__exchange){.arena = arena, .conn = stream->ex.conn, .worker = stream->ex.worker};
    next->piece = (nu__slice){"", 0};
    next->news.run = on_news;
    return next;
}

static void carry(nu__http2_stream *next)
{
    const nu__conn *below = next->ex.conn;
    next->carried = nu__conn_open_within(below->worker, below->listener, &transport, &beginning,
                                         below->address);
    next->carried->stream = next;
    next->http2->live++;
}

void nu__http2_hand_over(nu__http2_stream *stream)
{
    nu__http2_stream *next = stream->successor;
    next->first = stream->first;
    next->last = stream->last;
    next->taken = stream->taken;
    next->filled = stream->filled;
    next->waiting = stream->waiting;
    next->body_ended = stream->body_ended;
    next->closed = stream->closed;
    next->asleep = stream->asleep;
    stream->first = stream->last = NULL;
    stream->waiting = 0;
    stream->closed = true;
    if (!next->closed)
        nghttp2_session_set_stream_user_data(next->http2->session, next->id, next);
    nu__http2_link(next);
    tell_later(next, 0);
}

static void prepare(nu__http2_stream *stream, const nu_response *res)
{
    nu__http2_stream *next = stream->successor;
    carry(next);
    if (res->upgrade)
        nu__websocket_new(next->carried, res->upgrade, stream->ex.request.id);
    else
        nu__tunnel_new(next->carried, res->tunnel);
}

/* A WebSocket counts as one of the connections, of the worker and of its client, however it came. */
static bool claim_room(nu__worker *worker, const char *address)
{
    const nu_server_limits *limits = &worker->server->options.limits;
    if (worker->open_count >= limits->connections)
        return false;
    return !worker->clients || nu__clients_enter(worker->clients, address, limits->per_client);
}

/* The connection gives its place back itself. */
static void undo(nu__http2_stream *next)
{
    nu__worker *worker = next->ex.worker;
    if (next->carried)
        nu__conn_close(next->carried);
    else if (worker->clients)
        nu__clients_leave(worker->clients, next->ex.conn->address);
    nu_arena_free(next->ex.arena);
}

bool nu__http2_leave_http(nu__http2_stream *stream, const nu_response *res)
{
    nu__http2_stream *next = successor_new(stream);
    if (!claim_room(stream->ex.worker, stream->ex.conn->address)) {
        nu_arena_free(next->ex.arena);
        return false;
    }
    stream->successor = next;
    NU_TRY {
        prepare(stream, res);
    }
    NU_CATCH (error) {
        stream->successor = NULL;
        undo(next);
        nu_reraise(error);
    }
    return true;
}
