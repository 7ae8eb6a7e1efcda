/* Bodies of requests over HTTP/2: kept as they come, read when the handler asks. */
#include <string.h>

#include "nuages/time.h"
#include "server/http2.h"

/* The client does not keep up. */
static const nu_kind request_timeout = {"RequestTimeout", &nu_kind_bad_request, 408};

/* ---- keeping --------------------------------------------------------------------------------- */

static bool add_buffer(nu__http2_stream *stream)
{
    nu__buffer *fresh = nu__buffer_take(stream->ex.worker, NU__SMALL);
    if (!fresh)
        return false;
    fresh->next = NULL;
    if (stream->last)
        stream->last->next = fresh;
    else
        stream->first = fresh;
    stream->last = fresh;
    stream->filled = 0;
    return true;
}

bool nu__http2_keep(nu__http2_stream *stream, const uint8_t *bytes, size_t length)
{
    nu__worker *worker = stream->ex.worker;
    if (worker->bodies + length > NU__HTTP2_BODIES)
        return false;
    while (length > 0) {
        if ((!stream->last || stream->filled == stream->last->size) && !add_buffer(stream))
            return false;
        size_t room = stream->last->size - stream->filled, some = length < room ? length : room;
        memcpy(stream->last->data + stream->filled, bytes, some);
        stream->filled += some;
        stream->waiting += some;
        worker->bodies += some;
        bytes += some;
        length -= some;
    }
    return true;
}

static void drop_first(nu__http2_stream *stream)
{
    nu__buffer *first = stream->first;
    stream->first = first->next;
    stream->taken = 0;
    if (!stream->first)
        stream->last = NULL;
    nu__buffer_give(stream->ex.worker, first);
}

/* Bytes that are off our hands: the client may send as many again. */
static void consume(nu__http2_stream *stream, size_t length)
{
    nu__http2 *http2 = stream->http2;
    stream->waiting -= length;
    stream->ex.worker->bodies -= length;
    if (!http2->broken && nghttp2_session_consume(http2->session, stream->id, length) == 0 &&
        nghttp2_session_want_write(http2->session))
        nu__http2_send_later(http2);
}

void nu__http2_drop_body(nu__http2_stream *stream)
{
    while (stream->first)
        drop_first(stream);
    if (stream->waiting > 0)
        consume(stream, stream->waiting);
}

/* ---- reading --------------------------------------------------------------------------------- */

static NU_NORETURN void break_off(nu__http2_stream *stream, const nu_kind *kind, const char *fact)
{
    stream->broken = true;
    nu_raise(kind, "%s", fact);
}

static void send_continue(nu__http2_stream *stream)
{
    nghttp2_nv status = {(uint8_t[]){":status"}, (uint8_t[]){"100"}, 7, 3, NGHTTP2_NV_FLAG_NONE};
    stream->expects = false;
    nghttp2_submit_headers(stream->http2->session, NGHTTP2_FLAG_NONE, stream->id, NULL, &status, 1,
                           NULL);
    nu__http2_send_later(stream->http2);
}

/* Waits for more of the body. Over each span of timeouts.body it must bring a least number of
 * bytes, so that a client cannot keep a request for ever with a byte now and then. */
static void await_body(nu__http2_stream *stream)
{
    const nu_server_options *options = &stream->ex.worker->server->options;
    int64_t                  span = (int64_t)options->timeouts.body * 1000;
    if (!stream->span_start)
        stream->span_start = nu_monotonic_us();
    while (!stream->first && !stream->body_ended && !stream->closed) {
        int64_t until = stream->span_start + span, earliest = nu__until(until);
        stream->parked = true;
        nu_wake wake = nu__park_until(until);
        stream->parked = false;
        if (wake == NU_WAKE_CANCELLED || earliest != until)
            nu__wake_check(wake, "reading the body of a request");
        if (wake != NU_WAKE_TIMEOUT)
            continue;
        if (stream->span_bytes <
            options->limits.body_rate * (uint64_t)options->timeouts.body / 1000)
            break_off(stream, &request_timeout, "body comes too slowly");
        stream->span_start += span;
        stream->span_bytes = 0;
    }
}

size_t nu__http2_take(nu__http2_stream *stream, void *into, size_t room)
{
    size_t there =
        (stream->first == stream->last ? stream->filled : stream->first->size) - stream->taken;
    size_t n = there < room ? there : room;
    memcpy(into, stream->first->data + stream->taken, n);
    stream->taken += n;
    if (n == there)
        drop_first(stream);
    consume(stream, n);
    return n;
}

size_t nu__http2_read(void *self, void *into, size_t room)
{
    nu__http2_stream *stream = self;
    if (stream->broken)
        nu_raise(NU_BAD_REQUEST, "body of the request is broken");
    if (room == 0)
        return 0;
    if (stream->expects && !stream->first && !stream->body_ended && !stream->closed)
        send_continue(stream);
    await_body(stream);
    if (!stream->first && stream->body_ended)
        return 0;
    if (!stream->first)
        break_off(stream, NU_CANCELLED, "client left");
    size_t n = nu__http2_take(stream, into, room);
    stream->body_size += n;
    if (stream->body_size > stream->ex.worker->server->options.limits.body)
        break_off(stream, NU_TOO_LARGE, "body of the request is too large");
    return n;
}
