/* What comes from the client: into the line of messages, or answered at once. */
#include <errno.h>
#include <string.h>

#include "base/internal.h"
#include "nuages/log.h"
#include "server/websocket.h"

enum { ANSWER_MS = 1000 }; /* that a close waits for what the handler has to say */

/* ---- the line -------------------------------------------------------------------------------- */

static bool line_is_full(const nu_websocket *socket)
{
    return socket->waiting >= socket->options.max_waiting ||
           socket->waiting_bytes >= socket->options.max_message;
}

/* Nobody would take a message now, or ever. */
static bool drops_messages(const nu_websocket *socket)
{
    return socket->ours || socket->ended;
}

static void line_add(nu_websocket *socket, nu__ws_message *message)
{
    socket->message = nu__loop_now(socket->conn->worker->loop);
    if (drops_messages(socket)) {
        nu_arena_free(message->arena);
        return;
    }
    *socket->last = message;
    socket->last = &message->next;
    socket->waiting++;
    socket->waiting_bytes += message->length;
    nu__ws_rouse(socket);
}

void nu__ws_drop(nu_websocket *socket)
{
    if (socket->held)
        nu_arena_free(socket->held->arena);
    socket->held = NULL;
}

nu_value nu__ws_value(const nu__ws_message *message)
{
    return message->text ? nu_value_text_n(message->bytes, message->length)
                         : nu_value_bytes(message->bytes, message->length);
}

nu__ws_message *nu__ws_take(nu_websocket *socket)
{
    nu__ws_message *message = socket->first;
    nu__ws_drop(socket);
    if (!message)
        return NULL;
    socket->held = message;
    bool was_full = line_is_full(socket);
    socket->first = message->next;
    if (!socket->first)
        socket->last = &socket->first;
    socket->waiting--;
    socket->waiting_bytes -= message->length;
    if (was_full)
        nu__ws_pump(socket);
    return message;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* When answers pile up, only the last ping is worth one (RFC 6455 5.5.3). */
static void answer_ping(nu_websocket *socket)
{
    const nu__ws_reader *reader = &socket->reader;
    if (socket->close_sent)
        return;
    if (!socket->out) {
        nu__ws_put(socket, NU__WS_PONG, false, reader->control, reader->control_length);
        return;
    }
    socket->pong_due = true;
    socket->pong_length = reader->control_length;
    memcpy(socket->pong, reader->control, reader->control_length);
}

/* Messages came before the close, and the handler may have something to say to them. */
static bool has_work(const nu_websocket *socket)
{
    return socket->first || socket->held || (socket->events && socket->fiber);
}

static void take_close(nu_websocket *socket)
{
    const nu__ws_reader *reader = &socket->reader;
    bool                 empty = reader->control_length == 0;
    const char          *reason = (const char *)reader->control + 2;
    size_t               length = empty ? 0 : reader->control_length - 2u;
    socket->close_received = true;
    socket->code = empty ? 1005 : reader->control[0] << 8 | reader->control[1];
    socket->reason = nu_arena_copy(socket->arena, empty ? "" : reason, length);
    if (has_work(socket))
        socket->answer_by = nu__loop_now(socket->conn->worker->loop) + ANSWER_MS * 1000;
    else
        nu__ws_answer_close(socket);
    nu__ws_rouse(socket);
}

/* Tells the client why, and listens no more. */
static void fail(nu_websocket *socket, const nu__ws_fault *fault)
{
    nu_info("websocket", "%s: closed with %d: %s", socket->conn->address, fault->code,
            fault->reason);
    socket->failed = true;
    socket->code = socket->code ? socket->code : 1006;
    nu__ws_close(socket, fault->code, fault->reason, strlen(fault->reason));
}

static void take_frame(nu_websocket *socket, nu__slice *input)
{
    nu__ws_message *message;
    nu__ws_fault    fault = {0};
    switch (nu__ws_read(&socket->reader, input, &message, &fault)) {
    case NU__WS_NOTHING: break;
    case NU__WS_MESSAGE: line_add(socket, message); break;
    case NU__WS_GOT_PING: answer_ping(socket); break;
    case NU__WS_GOT_PONG: break;
    case NU__WS_GOT_CLOSE: take_close(socket); break;
    case NU__WS_BROKEN: fail(socket, &fault); break;
    }
}

static void take_frame_caught(nu_websocket *socket, nu__slice *input)
{
    NU_TRY {
        take_frame(socket, input);
    }
    NU_CATCH (error) {
        nu_log_raised("websocket", error);
        fail(socket, &(nu__ws_fault){NU__WS_SERVER_ERROR, "out of memory"});
    }
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool wants_input(const nu_websocket *socket)
{
    return !socket->conn->dead && !socket->close_received && !socket->failed &&
           (drops_messages(socket) || !line_is_full(socket));
}

/* Takes frames off the front as long as there is room for what they bring. */
static void take_frames(nu_websocket *socket, nu__slice *input)
{
    while (input->length > 0 && wants_input(socket))
        take_frame_caught(socket, input);
}

/* What was read and cannot be taken yet. False when memory is out. */
static bool put_by(nu_websocket *socket, nu__slice input)
{
    nu_arena *volatile arena = NULL;
    NU_TRY {
        arena = nu__arena_new_small(socket->arena, "websocket input", input.length);
        socket->rest = (nu__slice){nu_arena_copy(arena, input.data, input.length), input.length};
        socket->rest_arena = arena;
    }
    NU_CATCH (error) {
        (void)error;
        nu_arena_free(arena);
        return false;
    }
    return true;
}

static void take_rest(nu_websocket *socket)
{
    take_frames(socket, &socket->rest);
    if (socket->rest.length > 0)
        return;
    nu_arena_free(socket->rest_arena);
    socket->rest_arena = NULL;
}

/* Reads once; false when nothing is there. */
static bool read_some(nu_websocket *socket)
{
    nu__conn *conn = socket->conn;
    char     *input = conn->worker->input;
    ssize_t   n = conn->transport->read(conn, input, NU__INPUT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (n <= 0) {
        nu__ws_die(socket);
        return false;
    }
    socket->heard = nu__loop_now(conn->worker->loop);
    socket->pong_by = 0;
    nu__slice slice = {input, (size_t)n};
    take_frames(socket, &slice);
    if (slice.length > 0 && !socket->close_received && !socket->failed && !conn->dead &&
        !put_by(socket, slice))
        fail(socket, &(nu__ws_fault){NU__WS_SERVER_ERROR, "out of memory"});
    return true;
}

void nu__ws_pump(nu_websocket *socket)
{
    if (socket->rest_arena)
        take_rest(socket);
    while (!socket->rest_arena && socket->conn->readable && wants_input(socket) &&
           read_some(socket)) {
    }
}
