/* The body of a request, read from the connection when the handler asks for it. */
#include "server/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "nuages/log.h"
#include "nuages/time.h"

/* The client does not keep up. */
static const nu_kind request_timeout = {"RequestTimeout", &nu_kind_bad_request, 408};
static const nu_kind trailers_too_large = {"TrailersTooLarge", &nu_kind_bad_request, 431};

static NU_NORETURN void break_off(nu__exchange *ex, const nu_kind *kind, const char *fact)
{
    ex->broken = true;
    nu_raise(kind, "%s", fact);
}

static void send_continue(nu__exchange *ex)
{
    static char  line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct iovec part = {line, sizeof line - 1};
    ex->expects = false;
    /* A client that did not wait needs no telling. */
    if (ex->conn->begin == ex->conn->end && !nu__conn_write(ex->conn, &part, 1))
        break_off(ex, NU_CANCELLED, "client left");
}

/* Waits for more of the body. Over each span of timeouts.body it must bring a least number of
 * bytes, so that a client cannot keep a request for ever with a byte now and then. */
static void await_body(nu__exchange *ex)
{
    const nu_server_options *options = &ex->worker->server->options;
    int64_t                  span = (int64_t)options->timeouts.body * 1000;
    if (!ex->span_start)
        ex->span_start = nu_monotonic_us();
    while (!ex->conn->readable) {
        bool came = nu__conn_wait_read(ex->conn, ex->span_start + span);
        if (ex->conn->dead)
            break_off(ex, NU_CANCELLED, "client left");
        uint64_t least = options->limits.body_rate * (uint64_t)options->timeouts.body / 1000;
        if (!came && ex->span_bytes < least)
            break_off(ex, &request_timeout, "body comes too slowly");
        if (!came) {
            ex->span_start += span;
            ex->span_bytes = 0;
        }
    }
}

/* Reads at least one byte from the client. */
static size_t receive(nu__exchange *ex, void *into, size_t room)
{
    nu__conn *conn = ex->conn;
    for (;;) {
        await_body(ex);
        ssize_t n = recv(conn->watch.fd, into, room, 0);
        conn->readable = n > 0 && ((size_t)n == room || conn->gone);
        if (n > 0) {
            ex->span_bytes += (uint64_t)n;
            return (size_t)n;
        }
        if (n == 0)
            break_off(ex, NU_BAD_REQUEST, "body ends before its announced length");
        if (errno == EINTR)
            conn->readable = true;
        else if (errno != EAGAIN && errno != EWOULDBLOCK)
            break_off(ex, NU_CANCELLED, "client left");
    }
}

static size_t read_length(nu__exchange *ex, void *into, size_t room)
{
    nu__conn *conn = ex->conn;
    size_t    there = conn->end - conn->begin, n = room;
    if (n > ex->body_left)
        n = (size_t)ex->body_left;
    if (there > 0) {
        n = n < there ? n : there;
        memcpy(into, conn->in->data + conn->begin, n);
        conn->begin += n;
    } else {
        n = receive(ex, into, n);
    }
    ex->body_left -= n;
    ex->body_done = ex->body_left == 0;
    return n;
}

/* Chunked bodies go through the buffer behind the head. When the head has left no room there, they
 * get another one, and the exchange keeps the head's until it ends. */
static void refill(nu__exchange *ex)
{
    enum { LEAST = 1024 };
    nu__conn *conn = ex->conn;
    if (conn->in->size - ex->base < LEAST) {
        nu__buffer *fresh = nu__buffer_take(ex->worker, true);
        if (!fresh)
            break_off(ex, NU_OUT_OF_MEMORY, "no memory for a body");
        ex->head_buffer = conn->in;
        conn->in = fresh;
        ex->base = 0;
    }
    conn->begin = conn->end = ex->base;
    conn->end += receive(ex, conn->in->data + conn->end, conn->in->size - conn->end);
}

static NU_NORETURN void refuse_chunk(nu__exchange *ex)
{
    int status = ex->decoder.fault.status;
    break_off(ex,
              status == 413   ? NU_TOO_LARGE
              : status == 431 ? &trailers_too_large
                              : NU_BAD_REQUEST,
              ex->decoder.fault.reason);
}

static size_t read_chunked(nu__exchange *ex, void *into, size_t room)
{
    nu__conn *conn = ex->conn;
    for (;;) {
        /* A piece is no longer than the input it is found in. */
        size_t    there = conn->end - conn->begin;
        nu__slice input = {conn->in->data + conn->begin, there < room ? there : room}, piece;
        nu__chunked_event event = nu__chunked_next(&ex->decoder, &input, &piece);
        conn->begin = (size_t)(input.data - conn->in->data);
        switch (event) {
        case NU__CHUNKED_DATA: memcpy(into, piece.data, piece.length); return piece.length;
        case NU__CHUNKED_END: ex->body_done = true; return 0;
        case NU__CHUNKED_FAULT: refuse_chunk(ex);
        case NU__CHUNKED_MORE:
            if (conn->begin == conn->end)
                refill(ex);
        }
    }
}

size_t nu__exchange_read(void *self, void *into, size_t room)
{
    nu__exchange *ex = self;
    if (ex->broken)
        nu_raise(NU_BAD_REQUEST, "body of the request is broken");
    if (ex->body_done || room == 0)
        return 0;
    if (ex->expects)
        send_continue(ex);
    size_t n = ex->chunked ? read_chunked(ex, into, room) : read_length(ex, into, room);
    ex->body_size += n;
    if (ex->body_size > ex->worker->server->options.limits.body)
        break_off(ex, NU_TOO_LARGE, "body of the request is too large");
    return n;
}

static bool drain_body(nu__exchange *ex)
{
    enum { PIECE = 4096 };
    char *scratch = nu_arena_alloc(ex->arena, PIECE);
    for (size_t left = NU__DRAIN_LIMIT; left >= PIECE && !ex->body_done; left -= PIECE)
        nu__exchange_read(ex, scratch, PIECE);
    return ex->body_done;
}

bool nu__exchange_drain(nu__exchange *ex)
{
    /* A client that waits for 100 Continue has not sent it, and must not be asked to now. */
    if (ex->body_done || ex->broken || ex->expects ||
        (!ex->chunked && ex->body_left > NU__DRAIN_LIMIT))
        return ex->body_done;
    NU_TRY {
        return drain_body(ex);
    }
    NU_CATCH (error) {
        nu_debug("server", "rest of a body dropped: %s", error->fact);
    }
    return false;
}
