/* Streams: from what nghttp2 tells to an exchange, and its end. nghttp2 itself refuses bodies of another length than
 * announced (RFC 9113 8.1.1). */
#include "nuages/log.h"
#include "server/http2.h"

nu__http2_stream *nu__http2_find(nu__http2 *self, int32_t id)
{
    return nghttp2_session_get_stream_user_data(self->session, id);
}

/* ---- a stream's life ------------------------------------------------------------------------- */

static void http2_cut_off(nu__exchange *ex)
{
    nu__http2_stream *stream = NU_CONTAINER(ex, nu__http2_stream, ex);
    if (stream->closed)
        return;
    nghttp2_submit_rst_stream(stream->http2->session, NGHTTP2_FLAG_NONE, stream->id,
                              NGHTTP2_INTERNAL_ERROR);
    nu__http2_send_later(stream->http2);
}

/* From now on nghttp2 has nobody to ask about it. */
static void detach(nu__http2_stream *stream)
{
    nu__http2 *http2 = stream->http2;
    if (!stream->closed)
        nghttp2_session_set_stream_user_data(http2->session, stream->id, NULL);
    nu__http2_drop_body(stream);
    if (stream->out)
        nu__buffer_give(stream->ex.worker, stream->out);
    *stream->link = stream->next;
    if (stream->next)
        stream->next->link = stream->link;
}

static void http2_leave(nu__exchange *ex)
{
    nu__http2_stream *stream = NU_CONTAINER(ex, nu__http2_stream, ex);
    if (stream->successor)
        nu__http2_hand_over(stream);
    detach(stream);
}

static void http2_ended(nu__conn *conn, bool usable)
{
    (void)usable;
    conn->http2->live--;
    nu__http2_settle(conn->http2);
}

static const nu__wire wire = {
    .respond = nu__http2_respond,
    .cut = http2_cut_off,
    .leave = http2_leave,
    .ended = http2_ended,
};

void nu__http2_closed(nu__http2_stream *stream)
{
    stream->closed = true;
    if (stream->carried) {
        nu__http2_tell_end(stream);
    } else if (!stream->fiber) {
        detach(stream);
        nu_arena_free(stream->ex.arena);
    } else if (!stream->end_sent) {
        stream->ex.gone = true;
        nu__fiber_cancel(stream->fiber);
    } else if (stream->parked) {
        nu__wake(stream->fiber);
    }
}

/* ---- its beginning --------------------------------------------------------------------------- */

static nu__http2_stream *stream_new(nu__http2 *self, int32_t id)
{
    nu_arena *volatile arena = NULL;
    NU_TRY {
        arena = nu_arena_new(self->conn->worker->arena, "request");
        nu__http2_stream *stream = nu_arena_zalloc(arena, sizeof *stream);
        nu__exchange_init(&stream->ex, self->conn, arena, &wire);
        stream->http2 = self;
        stream->id = id;
        return stream;
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        nu_arena_free(arena);
    }
    return NULL;
}

void nu__http2_link(nu__http2_stream *stream)
{
    nu__http2 *self = stream->http2;
    stream->next = self->streams;
    stream->link = &self->streams;
    if (self->streams)
        self->streams->link = &stream->next;
    self->streams = stream;
}

/* A stream that was reset leaves its fiber behind for a while, so what nghttp2 counts is not all. */
static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    nu__http2 *self = arg;
    int32_t    id = frame->hd.stream_id;
    self->in_head = true;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    self->newest = id;
    nu__http2_stream *stream = self->live < NU__HTTP2_STREAMS ? stream_new(self, id) : NULL;
    if (!stream) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
        return 0;
    }
    nu__http2_link(stream);
    nghttp2_session_set_stream_user_data(session, id, stream);
    return 0;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void end_body(nu__http2_stream *stream)
{
    stream->body_ended = true;
    if (stream->parked)
        nu__wake(stream->fiber);
    if (stream->carried)
        nu__http2_tell_input(stream);
}

/* What a frame costs a client that asks for nothing with it. */
static int cost_of(const nghttp2_frame *frame)
{
    switch (frame->hd.type) {
    case NGHTTP2_SETTINGS: return frame->hd.flags & NGHTTP2_FLAG_ACK ? 1 : 5;
    case NGHTTP2_RST_STREAM: return 4;
    case NGHTTP2_DATA:
        return frame->hd.length == frame->data.padlen &&
               !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
    case NGHTTP2_HEADERS:
    case NGHTTP2_PRIORITY: return 0;
    default: return 1;
    }
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    nu__http2 *self = arg;
    (void)session;
    if (nu__http2_spend(self, cost_of(frame)))
        return 0;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS)
        self->in_head = false;
    nu__http2_stream *stream = nu__http2_find(self, frame->hd.stream_id);
    if (!stream)
        return 0;
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        end_body(stream);
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        nu__http2_begin_exchange(stream);
    return 0;
}

/* HEADERS for a stream that is over, or was passed by (RFC 9113 5.1, 5.1.1). After a reset of ours they may have
 * crossed it on the way. */
static bool is_stale(const nu__http2 *self, int32_t id)
{
    return !self->has_reset && id % 2 == 1 && id <= self->newest &&
           !nghttp2_session_find_stream(self->session, id);
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *head, void *arg)
{
    nu__http2 *self = arg;
    (void)session;
    if (head->type != NGHTTP2_CONTINUATION)
        self->in_head = false;
    else if (head->length > NU__HTTP2_FRAME) /* of other kinds nghttp2 looks at it (RFC 9113 4.2) */
        nu__http2_fail(self, NGHTTP2_FRAME_SIZE_ERROR);
    if (head->type == NGHTTP2_HEADERS && is_stale(self, head->stream_id))
        nu__http2_fail(self, NGHTTP2_STREAM_CLOSED);
    if (head->type == NGHTTP2_PRIORITY && head->stream_id == 0)
        nu__http2_fail(self, NGHTTP2_PROTOCOL_ERROR);
    if (head->type == NGHTTP2_PRIORITY)
        nu__http2_spend(self, 1);
    return 0;
}

/* Kinds that nobody knows are ignored, but not without end. */
static int on_unknown_frame(nghttp2_session *session, void **payload, const nghttp2_frame_hd *head,
                            void *arg)
{
    (void)session;
    (void)payload;
    (void)head;
    nu__http2_spend(arg, 1);
    return NGHTTP2_ERR_CANCEL;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t length, void *arg)
{
    nu__http2        *self = arg;
    nu__http2_stream *stream = nu__http2_find(self, id);
    (void)flags;
    if (!stream || (!stream->fiber && !stream->carried)) {
        nghttp2_session_consume(session, id, length);
        return 0;
    }
    if (!nu__http2_keep(stream, bytes, length)) {
        /* The window of what is not kept is given back with the stream's. */
        nghttp2_session_consume_connection(session, length);
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
        return 0;
    }
    stream->span_bytes += length;
    if (stream->parked)
        nu__wake(stream->fiber);
    if (stream->carried)
        nu__http2_tell_input(stream);
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    nu__http2_stream *stream = nu__http2_find(arg, id);
    (void)session;
    (void)code;
    if (stream)
        nu__http2_closed(stream);
    return 0;
}

/* Nobody would take what the client may still send. */
static void end_orphan(const nu__http2_stream *stream)
{
    if (!stream->fiber && !stream->carried && !stream->body_ended)
        nghttp2_submit_rst_stream(stream->http2->session, NGHTTP2_FLAG_NONE, stream->id,
                                  NGHTTP2_NO_ERROR);
}

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    nu__http2 *self = arg;
    (void)session;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        self->has_reset = true;
    /* A client that makes us reset streams asks in vain, too (CVE-2025-8671). */
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
        nu__http2_spend(self, 4);
    bool              last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    bool              carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    nu__http2_stream *stream = last && carries ? nu__http2_find(self, frame->hd.stream_id) : NULL;
    if (stream) {
        stream->end_sent = true;
        nu__http2_earn(self, 2);
        end_orphan(stream);
        if (stream->parked)
            nu__wake(stream->fiber);
    }
    return 0;
}

/* A head that cannot be sent (it is beyond what nghttp2 packs) leaves the client without an answer. */
static int on_not_sent(nghttp2_session *session, const nghttp2_frame *frame, int code, void *arg)
{
    if (frame->hd.type == NGHTTP2_HEADERS && code != NGHTTP2_ERR_STREAM_CLOSED &&
        nu__http2_find(arg, frame->hd.stream_id))
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                  NGHTTP2_INTERNAL_ERROR);
    return 0;
}

void nu__http2_stream_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, on_unknown_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_not_sent);
}
