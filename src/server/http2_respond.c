/* Responses over HTTP/2. The fiber offers pieces, nghttp2 takes of them what the client's windows and `out` have
 * room for, and the fiber goes on when a piece is taken. */
#include <stdio.h>
#include <string.h>

#include "nuages/time.h"
#include "server/http2.h"

/* ---- pieces ---------------------------------------------------------------------------------- */

/* How much of the piece the next frame will carry; the bytes follow in on_send_data. */
static ssize_t on_offer(nghttp2_session *session, int32_t id, uint8_t *unused, size_t length,
                        uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    nu__http2_stream *stream = nu__http2_find(arg, id);
    (void)session;
    (void)unused;
    (void)source;
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (length > stream->piece.length)
        length = stream->piece.length;
    if (length == 0 && !stream->last_piece) {
        stream->asleep = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (stream->last_piece && length == stream->piece.length)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)length;
}

static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head,
                        size_t length, nghttp2_data_source *source, void *arg)
{
    enum { HEAD = 9 };
    nu__http2        *self = arg;
    nu__http2_stream *stream = nu__http2_find(self, frame->hd.stream_id);
    (void)session;
    (void)source;
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (self->out->size - self->out_end < HEAD + length)
        return NGHTTP2_ERR_WOULDBLOCK;
    char *at = self->out->data + self->out_end;
    memcpy(at, head, HEAD);
    if (length > 0)
        memcpy(at + HEAD, stream->piece.data, length);
    self->out_end += HEAD + length;
    stream->piece.data += length;
    stream->piece.length -= length;
    stream->ex.sent += length;
    /* For each frame of data a client may give back window, to stream and connection. */
    nu__http2_earn(self, 2);
    if (stream->piece.length == 0 && stream->parked)
        nu__wake(stream->fiber);
    if (stream->piece.length == 0 && stream->out)
        nu__http2_tell_taken(stream);
    return 0;
}

void nu__http2_data_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
}

/* ---- the serving fiber ----------------------------------------------------------------------- */

static bool is_taken(const nu__http2_stream *stream)
{
    return stream->piece.length == 0 && (!stream->last_piece || stream->end_sent);
}

/* Waits until nghttp2 has taken the piece; false when the client is gone or takes nothing for too long. */
static bool await_taken(nu__http2_stream *stream)
{
    nu__http2 *http2 = stream->http2;
    int64_t    patience = (int64_t)stream->ex.worker->server->options.timeouts.write * 1000;
    nu__http2_gather(http2);
    nu__http2_send_later(http2);
    while (!stream->closed && !is_taken(stream)) {
        uint64_t before = stream->ex.sent;
        stream->parked = true;
        nu_wake wake = nu__park_until(nu_monotonic_us() + patience);
        stream->parked = false;
        if (wake == NU_WAKE_CANCELLED)
            return false;
        if (wake == NU_WAKE_TIMEOUT && stream->ex.sent == before && !is_taken(stream)) {
            nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, stream->id,
                                      NGHTTP2_ENHANCE_YOUR_CALM);
            nu__http2_send_later(http2);
            return false;
        }
    }
    return is_taken(stream);
}

/* Offers a piece, and waits. */
static bool send_piece(nu__http2_stream *stream, nu__slice piece, bool last)
{
    if (stream->closed)
        return false;
    stream->piece = piece;
    stream->last_piece = last;
    if (stream->asleep)
        nghttp2_session_resume_data(stream->http2->session, stream->id);
    stream->asleep = false;
    return await_taken(stream);
}

static bool send_file(nu__http2_stream *stream, const nu_response *res)
{
    enum { PIECE = 64 * 1024 };
    size_t length = res->length;
    char  *bytes = nu_arena_alloc(stream->ex.arena, length < PIECE ? length + 1 : PIECE);
    for (size_t done = 0; done < length;) {
        size_t left = length - done, size = left < PIECE ? left : PIECE;
        nu__file_read(res, done, bytes, size);
        done += size;
        if (!send_piece(stream, (nu__slice){bytes, size}, done == length))
            return false;
        if (done < length)
            nu_yield();
    }
    return length > 0 || send_piece(stream, (nu__slice){"", 0}, true);
}

static bool send_stream(nu__http2_stream *stream, const nu_response *res)
{
    nu_value piece;
    while (res->next(res->stream_self, &piece)) {
        nu__slice bytes = nu__piece_bytes(piece);
        if (bytes.length > 0 && !send_piece(stream, bytes, false))
            return false;
    }
    return send_piece(stream, (nu__slice){"", 0}, true);
}

static bool send_body(nu__http2_stream *stream, const nu_response *res)
{
    size_t length;
    switch (res->kind) {
    case NU_BODY_BYTES: {
        const char *body = nu_response_body(res, &length);
        return send_piece(stream, (nu__slice){body, length}, true);
    }
    case NU_BODY_FILE: return send_file(stream, res);
    case NU_BODY_STREAM: return send_stream(stream, res);
    }
    return false;
}

/* ---- the head -------------------------------------------------------------------------------- */

struct fields {
    nghttp2_nv *items;
    size_t      count;
    uint64_t    bytes;
};

static void add(struct fields *fields, const char *name, size_t name_length, const char *value,
                size_t value_length)
{
    fields->items[fields->count++] =
        (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, name_length,
                     value_length, NGHTTP2_NV_FLAG_NONE};
    fields->bytes += name_length + value_length;
}

/* Those that speak of a connection have no meaning here (RFC 9113 8.2.2), nor has a key that nobody gave (RFC 8441 5). */
static bool is_sent(const nu_header *field)
{
    return !nu__field_is_ours(field) &&
           !nu_equal_ascii_nocase(field->name, field->name_length, "upgrade", 7) &&
           !nu_equal_ascii_nocase(field->name, field->name_length, "sec-websocket-accept", 20) &&
           !nu_equal_ascii_nocase(field->name, field->name_length, "proxy-connection", 16);
}

static void add_fields(struct fields *out, nu__exchange *ex, const nu_response *res)
{
    const nu_headers *headers = &res->headers;
    if (!nu_headers_at(headers, NU_HEADER_SERVER))
        add(out, "server", 6, "nuages", 6);
    if (!nu_headers_at(headers, NU_HEADER_DATE)) {
        /* "Date: …\r\n" */
        nu__slice date = nu__date_line(ex->worker);
        add(out, "date", 4, date.data + 6, date.length - 8);
    }
    for (uint32_t i = 0; i < headers->count; i++) {
        const nu_header *field = &headers->items[i];
        if (is_sent(field))
            add(out, field->name, field->name_length, field->value, field->value_length);
    }
    if (res->cookie_count > 0)
        for (const char *const *line = nu_response_cookies(res); *line; line++)
            add(out, "set-cookie", 10, *line, strlen(*line));
}

static bool leaves_http(const nu_response *res)
{
    return res->upgrade || res->tunnel;
}

static int submit(nu__http2_stream *stream, const nu_response *res, bool with_body)
{
    nu__exchange *ex = &stream->ex;
    int           code = leaves_http(res) ? 200 : res->status;
    char          status[8], length[24];
    size_t        most = res->headers.count + res->cookie_count + 4;
    struct fields fields = {.items = nu_arena_alloc(ex->arena, most * sizeof *fields.items)};
    add(&fields, ":status", 7, status, (size_t)snprintf(status, sizeof status, "%d", code));
    add_fields(&fields, ex, res);
    if (nu__response_has_body(res) && res->kind != NU_BODY_STREAM)
        add(&fields, "content-length", 14, length,
            (size_t)snprintf(length, sizeof length, "%llu",
                             (unsigned long long)nu__response_length(res)));
    ex->sent += fields.bytes;
    nghttp2_data_provider provider = {.read_callback = on_offer};
    return nghttp2_submit_response(stream->http2->session, stream->id, fields.items, fields.count,
                                   with_body ? &provider : NULL);
}

/* A CONNECT is answered with success by what speaks from then on only, and nothing else with a change of
 * protocol. */
static nu_response *fitting(const nu__http2_stream *stream, nu_response *res)
{
    if (leaves_http(res) && !stream->connects)
        return nu_status(426);
    if (!leaves_http(res) && stream->connects && res->status < 300)
        return nu_status(501);
    return res;
}

/* False when there is no room for one more. */
static bool open_carried(nu__http2_stream *stream, const nu_response *res)
{
    if (!nu__http2_leave_http(stream, res))
        return false;
    stream->piece = (nu__slice){"", 0};
    if (submit(stream, res, true) != 0)
        nu_raise(NU_ERROR, "no memory for a response");
    nu__http2_send_later(stream->http2);
    return true;
}

bool nu__http2_respond(nu__exchange *ex, nu_response *res)
{
    nu__http2_stream *stream = NU_CONTAINER(ex, nu__http2_stream, ex);
    nu__http2        *http2 = stream->http2;
    if (stream->closed)
        return false;
    res = fitting(stream, res);
    if (leaves_http(res)) {
        if (open_carried(stream, res))
            return true;
        res = nu_status(503);
    }
    bool with_body = nu__response_has_body(res) && !ex->head_only &&
                     (res->kind == NU_BODY_STREAM || nu__response_length(res) > 0);
    if (nu__response_closes(res))
        nu__http2_retire(http2);
    if (submit(stream, res, with_body) != 0)
        nu_raise(NU_ERROR, "no memory for a response");
    stream->last_piece = !with_body;
    /* The head goes with the first piece, unless a stream has to make that first. */
    if (res->kind == NU_BODY_STREAM)
        nu__http2_send_later(http2);
    bool sent = with_body ? send_body(stream, res) : await_taken(stream);
    /* Nobody will read what is left of the request (RFC 9113 8.1). */
    if (sent && !stream->closed && !stream->body_ended) {
        nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
        nu__http2_send_later(http2);
    }
    return sent;
}
