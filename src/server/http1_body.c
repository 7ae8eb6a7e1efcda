/* The body of a request, read from the connection when the handler asks for it. */
#include "server/http1_exchange.h"

#include <errno.h>
#include <string.h>

#include "nuages/log.h"
#include "nuages/time.h"

enum {
    DRAIN_LIMIT = 64 * 1024
}; /* of a body that nobody read; beyond it the connection is closed */

/* The client does not keep up. */
static const nu_kind request_timeout = {"RequestTimeout", &nu_kind_bad_request, 408};
static const nu_kind trailers_too_large = {"TrailersTooLarge", &nu_kind_bad_request, 431};

static NU_NORETURN void break_off(nu__http1_exchange *self, const nu_kind *kind, const char *fact)
{
    self->broken = true;
    nu_raise(kind, "%s", fact);
}

static void send_continue(nu__http1_exchange *self)
{
    static char  line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct iovec part = {line, sizeof line - 1};
    self->expects = false;
    /* A client that did not wait needs no telling. */
    if (self->ex.conn->http1.begin == self->ex.conn->http1.end &&
        !nu__http1_write(self->ex.conn, &part, 1))
        break_off(self, NU_CANCELLED, "client left");
}

/* Waits for more of the body. Over each span of timeouts.body it must bring a least number of
 * bytes, so that a client cannot keep a request for ever with a byte now and then. */
static void await_body(nu__http1_exchange *self)
{
    const nu_server_options *options = &self->ex.worker->server->options;
    int64_t                  span = (int64_t)options->timeouts.body * 1000;
    if (!self->span_start)
        self->span_start = nu_monotonic_us();
    while (!self->ex.conn->readable) {
        bool came = nu__http1_wait_read(self->ex.conn, self->span_start + span);
        if (self->ex.conn->dead)
            break_off(self, NU_CANCELLED, "client left");
        uint64_t least = options->limits.body_rate * (uint64_t)options->timeouts.body / 1000;
        if (!came && self->span_bytes < least)
            break_off(self, &request_timeout, "body comes too slowly");
        if (!came) {
            self->span_start += span;
            self->span_bytes = 0;
        }
    }
}

/* Reads at least one byte from the client. */
static size_t receive(nu__http1_exchange *self, void *into, size_t room)
{
    nu__conn *conn = self->ex.conn;
    for (;;) {
        await_body(self);
        ssize_t n = conn->transport->read(conn, into, room);
        if (n > 0) {
            self->span_bytes += (uint64_t)n;
            return (size_t)n;
        }
        if (n == 0)
            break_off(self, NU_BAD_REQUEST, "body ends before its announced length");
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            break_off(self, NU_CANCELLED, "client left");
    }
}

static size_t read_length(nu__http1_exchange *self, void *into, size_t room)
{
    nu__conn *conn = self->ex.conn;
    size_t    there = conn->http1.end - conn->http1.begin, n = room;
    if (n > self->body_left)
        n = (size_t)self->body_left;
    if (there > 0) {
        n = n < there ? n : there;
        memcpy(into, conn->http1.in->data + conn->http1.begin, n);
        conn->http1.begin += n;
    } else {
        n = receive(self, into, n);
    }
    self->body_left -= n;
    self->body_done = self->body_left == 0;
    return n;
}

/* Chunked bodies go through the buffer behind the head. When the head has left no room there, they
 * get another one, and the exchange keeps the head's until it ends. */
static void refill(nu__http1_exchange *self)
{
    enum { LEAST = 1024 };
    nu__conn *conn = self->ex.conn;
    if (conn->http1.in->size - self->base < LEAST) {
        nu__buffer *fresh = nu__buffer_take(self->ex.worker, NU__LARGE);
        if (!fresh)
            break_off(self, NU_OUT_OF_MEMORY, "no memory for a body");
        self->head_buffer = conn->http1.in;
        conn->http1.in = fresh;
        self->base = 0;
    }
    conn->http1.begin = conn->http1.end = self->base;
    conn->http1.end += receive(self, conn->http1.in->data + conn->http1.end,
                               conn->http1.in->size - conn->http1.end);
}

static NU_NORETURN void refuse_chunk(nu__http1_exchange *self)
{
    int status = self->decoder.fault.status;
    break_off(self,
              status == 413   ? NU_TOO_LARGE
              : status == 431 ? &trailers_too_large
                              : NU_BAD_REQUEST,
              self->decoder.fault.reason);
}

static size_t read_chunked(nu__http1_exchange *self, void *into, size_t room)
{
    nu__conn *conn = self->ex.conn;
    for (;;) {
        /* A piece is no longer than the input it is found in. */
        size_t    there = conn->http1.end - conn->http1.begin;
        nu__slice input = {conn->http1.in->data + conn->http1.begin, there < room ? there : room},
                  piece;
        nu__chunked_event event = nu__chunked_next(&self->decoder, &input, &piece);
        conn->http1.begin = (size_t)(input.data - conn->http1.in->data);
        switch (event) {
        case NU__CHUNKED_DATA: memcpy(into, piece.data, piece.length); return piece.length;
        case NU__CHUNKED_END: self->body_done = true; return 0;
        case NU__CHUNKED_FAULT: refuse_chunk(self);
        case NU__CHUNKED_MORE:
            if (conn->http1.begin == conn->http1.end)
                refill(self);
        }
    }
}

size_t nu__http1_read(void *exchange, void *into, size_t room)
{
    nu__http1_exchange *self = exchange;
    if (self->broken)
        nu_raise(NU_BAD_REQUEST, "body of the request is broken");
    if (self->body_done || room == 0)
        return 0;
    if (self->expects)
        send_continue(self);
    size_t n = self->chunked ? read_chunked(self, into, room) : read_length(self, into, room);
    self->body_size += n;
    if (self->body_size > self->ex.worker->server->options.limits.body)
        break_off(self, NU_TOO_LARGE, "body of the request is too large");
    return n;
}

static bool drain_body(nu__http1_exchange *self)
{
    enum { PIECE = 4096 };
    char *scratch = nu_arena_alloc(self->ex.arena, PIECE);
    for (size_t left = DRAIN_LIMIT; left >= PIECE && !self->body_done; left -= PIECE)
        nu__http1_read(self, scratch, PIECE);
    return self->body_done;
}

bool nu__http1_drain(nu__http1_exchange *self)
{
    /* A client that waits for 100 Continue has not sent it, and must not be asked to now. */
    if (self->body_done || self->broken || self->expects ||
        (!self->chunked && self->body_left > DRAIN_LIMIT))
        return self->body_done;
    NU_TRY {
        return drain_body(self);
    }
    NU_CATCH (error) {
        nu_debug("server", "rest of a body dropped: %s", error->fact);
    }
    return false;
}
