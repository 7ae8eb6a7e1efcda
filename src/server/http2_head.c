/* Heads of requests over HTTP/2: field by field as nghttp2 unpacks them, then a request and its fiber. nghttp2 itself
 * refuses what RFC 9113 8 calls malformed: names in upper case, fields of connections, wrong or missing pseudo fields. */
#include <string.h>

#include "base/ascii.h"
#include "nuages/log.h"
#include "nuages/random.h"
#include "server/http2.h"

/* ---- fields ---------------------------------------------------------------------------------- */

static void refuse(nu__http2_stream *stream, int status, const char *reason)
{
    if (!stream->ex.refusal.status)
        stream->ex.refusal = (nu__http1_fault){status, reason};
}

static void take_authority(nu__http2_stream *stream, nu__slice host)
{
    if (!nu__http1_host_fits(host))
        refuse(stream, 400, "malformed host");
    nu__request_add_header(&stream->ex.request, "Host", 4, host.data, host.length);
    stream->has_authority = true;
}

/* ":authority" stands for Host. A Host beside it must say the same (RFC 9113 8.3.1). */
static void take_host(nu__http2_stream *stream, nu__slice host)
{
    nu_headers *headers = &stream->ex.request.headers;
    const char *authority = nu_headers_value_at(headers, NU_HEADER_HOST);
    if (!authority)
        take_authority(stream, host);
    else if (!stream->has_authority ||
             !nu_equal_ascii_nocase(authority, strlen(authority), host.data, host.length))
        refuse(stream, 400, "Host and :authority differ");
}

static void take_pseudo(nu__http2_stream *stream, nu__slice name, nu__slice value)
{
    nu__exchange *ex = &stream->ex;
    if (nu_equal_ascii_nocase(name.data, name.length, ":method", 7)) {
        nu__exchange_set_method(ex, value);
        stream->connects = value.length == 7 && memcmp(value.data, "CONNECT", 7) == 0;
    } else if (nu_equal_ascii_nocase(name.data, name.length, ":protocol", 9)) {
        stream->websocket = nu_equal_ascii_nocase(value.data, value.length, "websocket", 9);
    } else if (nu_equal_ascii_nocase(name.data, name.length, ":path", 5)) {
        if (value.length > ex->worker->limits.request_line)
            refuse(stream, 414, "request target too long");
        ex->target = (char *)(uintptr_t)value.data;
        ex->target_length = value.length;
    } else if (nu_equal_ascii_nocase(name.data, name.length, ":authority", 10)) {
        take_authority(stream, value);
    }
}

static void take_length(nu__http2_stream *stream, nu__slice value)
{
    nu_request *request = &stream->ex.request;
    if (!nu_parse_int(value.data, value.length, &request->content_length) ||
        request->content_length < 0)
        refuse(stream, 400, "malformed Content-Length");
    else if ((uint64_t)request->content_length > stream->ex.worker->server->options.limits.body)
        refuse(stream, 413, "body too large");
}

static void take_field(nu__http2_stream *stream, nu__slice name, nu__slice value)
{
    if (name.data[0] == ':') {
        take_pseudo(stream, name, value);
        return;
    }
    if (name.length == 4 && memcmp(name.data, "host", 4) == 0) {
        take_host(stream, value);
        return;
    }
    if (stream->connects && name.length == 17 && memcmp(name.data, "sec-websocket-key", 17) == 0)
        return; /* it means nothing there (RFC 8441 5) */
    if (name.length == 14 && memcmp(name.data, "content-length", 14) == 0)
        take_length(stream, value);
    if (name.length == 6 && memcmp(name.data, "expect", 6) == 0) {
        stream->expects = nu_equal_ascii_nocase(value.data, value.length, "100-continue", 12);
        if (!stream->expects)
            refuse(stream, 417, "unknown expectation");
    }
    nu__request_add_header(&stream->ex.request, name.data, name.length, value.data, value.length);
}

/* The limits are those of HTTP/1.1, counted as it would write the field. False when there is no memory. */
static bool keep_field(nu__http2_stream *stream, nu__slice name, nu__slice value)
{
    const nu__http1_limits *limits = &stream->ex.worker->limits;
    stream->head_size += name.length + value.length + 4;
    stream->head_count++;
    if (stream->head_size > limits->head)
        refuse(stream, 431, "headers too large");
    /* Of the pseudo fields only ":authority" stands in a header of HTTP/1.1. */
    if (stream->head_count > limits->headers + 3)
        refuse(stream, 431, "too many headers");
    if (stream->ex.refusal.status && name.data[0] != ':')
        return true;
    NU_TRY {
        char *copy = nu_arena_alloc(stream->ex.arena, name.length + value.length + 2);
        char *text = copy + name.length + 1;
        memcpy(copy, name.data, name.length);
        copy[name.length] = '\0';
        memcpy(text, value.data, value.length);
        text[value.length] = '\0';
        take_field(stream, (nu__slice){copy, name.length}, (nu__slice){text, value.length});
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        return false;
    }
    return true;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
                     void *arg)
{
    enum { BOMB = 16 }; /* times the limit of a head */
    nu__http2        *self = arg;
    nu__http2_stream *stream = nu__http2_find(self, frame->hd.stream_id);
    (void)flags;
    /* Trailers are dropped. */
    if (!stream || stream->fiber || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    if (stream->head_size > BOMB * self->conn->worker->limits.head) {
        nu__http2_fail(self, NGHTTP2_ENHANCE_YOUR_CALM);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    if (keep_field(stream, (nu__slice){(const char *)name, name_length},
                   (nu__slice){(const char *)value, value_length}))
        return 0;
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                              NGHTTP2_REFUSED_STREAM);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* Characters that a field must not hold: nghttp2 would drop it in silence. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             const uint8_t *name, size_t name_length, const uint8_t *value,
                             size_t value_length, uint8_t flags, void *arg)
{
    (void)name;
    (void)name_length;
    (void)value;
    (void)value_length;
    (void)flags;
    (void)arg;
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                              NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* ---- from head to fiber ---------------------------------------------------------------------- */

static void add_header(nu_request *request, const char *name, const char *value)
{
    nu__request_add_header(request, name, strlen(name), value, strlen(value));
}

/* 16 random bytes in base64, of which the last digit holds two bits. */
static const char *new_key(nu_arena *arena)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t           bytes[22];
    char             *key = nu_arena_copy(arena, "......................==", 24);
    nu_random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        key[i] = digits[bytes[i] & (i < 21 ? 63 : 48)];
    return key;
}

/* An extended CONNECT is told as HTTP/1.1 would ask: views and other sites know no other way. What follows is
 * nobody's body. */
static void take_connect(nu__http2_stream *stream)
{
    nu_request *request = &stream->ex.request;
    if (!stream->websocket) {
        refuse(stream, 501, "CONNECT is served for WebSockets only");
        return;
    }
    request->method = "GET";
    request->content_length = 0;
    add_header(request, "Connection", "Upgrade");
    add_header(request, "Upgrade", "websocket");
    add_header(request, "Sec-WebSocket-Key", new_key(stream->ex.arena));
}

static void begin_exchange(nu__http2_stream *stream)
{
    nu_request *request = &stream->ex.request;
    if (stream->connects)
        take_connect(stream);
    if (!nu_headers_value_at(&request->headers, NU_HEADER_HOST))
        refuse(stream, 400, "no host");
    if (!stream->ex.target) {
        stream->ex.target = nu_arena_copy(stream->ex.arena, "*", 1);
        stream->ex.target_length = 1;
    }
    if (!stream->body_ended && !stream->connects) {
        request->read = nu__http2_read;
        request->read_self = stream;
        if (!nu_headers_value_at(&request->headers, NU_HEADER_CONTENT_LENGTH))
            request->content_length = -1;
    }
    const char *name =
        nu_arena_format(stream->ex.arena, "%s %.80s", request->method, stream->ex.target);
    stream->fiber = nu__exchange_fiber(&stream->ex, name);
    stream->http2->live++;
    stream->ex.conn->served++;
}

void nu__http2_begin_exchange(nu__http2_stream *stream)
{
    NU_TRY {
        begin_exchange(stream);
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        nghttp2_submit_rst_stream(stream->http2->session, NGHTTP2_FLAG_NONE, stream->id,
                                  NGHTTP2_REFUSED_STREAM);
    }
}

void nu__http2_head_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
}
