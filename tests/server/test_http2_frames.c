/* What RFC 9113, sections 3 to 8, has a server do with frames that are not as they should be: one case for each
 * rule, frames in, error code out. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "http2_raw.h"
#include "nuages/test.h"

enum {
    NO_ERROR,
    PROTOCOL_ERROR,
    INTERNAL_ERROR,
    FLOW_CONTROL_ERROR,
    SETTINGS_TIMEOUT,
    STREAM_CLOSED,
    FRAME_SIZE_ERROR,
    REFUSED_STREAM,
    CANCEL,
    COMPRESSION_ERROR,
    /* What a case ends with, besides these codes. */
    ALIVE = 100, /* the connection works on */
    CLOSED,      /* GOAWAY or not, it is closed */
};

typedef struct rule {
    const char *section; /* and what is wrong */
    void (*send)(h2 *peer);
    int      code;   /* of the GOAWAY, or of the reset */
    uint32_t stream; /* that is reset; 0: the connection ends */
    int      other;  /* another code that the RFC allows for the connection; 0: none */
} rule;

#define SEND(name) static void name(h2 *peer)

static void zeros(h2 *peer, int type, int flags, uint32_t stream, size_t length)
{
    char *bytes = nu_alloc(length + 1);
    memset(bytes, 0, length + 1);
    h2_send(peer, type, flags, stream, bytes, length);
}

static void get(h2 *peer, uint32_t stream)
{
    h2_headers(peer, H2_END_STREAM, stream, h2_get("/"));
}

/* A request whose body is still to come, for a view that waits for it. */
static void post(h2 *peer, uint32_t stream)
{
    h2_headers(peer, 0, stream, h2_post("/echo"));
}

static void fields(h2 *peer, uint32_t stream, const nu_builder *block)
{
    h2_headers(peer, H2_END_STREAM, stream, block);
}

/* ---- 4: frames ------------------------------------------------------------------------------- */

SEND(unknown_kind)
{
    H2_SEND(peer, 0x77, 0xff, 0, "anything");
}
SEND(unknown_kind_on_stream)
{
    post(peer, 1);
    H2_SEND(peer, 0x77, 0, 1, "anything");
}
SEND(undefined_flags)
{
    H2_SEND(peer, H2_PING, 0xfe, 0, "12345678");
}
SEND(reserved_bit)
{
    H2_SEND(peer, H2_PING, 0, 0x80000000, "12345678");
}
SEND(data_too_long)
{
    post(peer, 1);
    zeros(peer, H2_DATA, 0, 1, 16385);
}
SEND(headers_too_long)
{
    zeros(peer, H2_HEADERS, H2_END_HEADERS, 1, 16385);
}
SEND(settings_too_long)
{
    zeros(peer, H2_SETTINGS, 0, 0, 16386);
}
SEND(bad_compression)
{
    H2_SEND(peer, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, "\xff\xff\xff\xff\xff\xff");
}
SEND(bad_index)
{
    H2_SEND(peer, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, "\x82\x84\x86\xfe");
}
SEND(table_beyond_setting)
{
    H2_SEND(peer, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, "\x3f\xff\xff\x03");
}
SEND(block_interrupted)
{
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84");
    H2_SEND(peer, H2_PING, 0, 0, "12345678");
}
SEND(block_interrupted_by_other_stream)
{
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84");
    get(peer, 3);
}
SEND(block_interrupted_by_unknown)
{
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84");
    H2_SEND(peer, 0x77, 0, 1, "x");
}

/* ---- 5.1: states of streams ------------------------------------------------------------------ */

SEND(data_on_idle)
{
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "x");
}
SEND(reset_of_idle)
{
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
}
SEND(window_of_idle)
{
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\1");
}
SEND(continuation_on_idle)
{
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 1, "\x82");
}
SEND(data_after_end)
{
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?300"));
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "x");
}
SEND(headers_after_end)
{
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?300"));
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/"));
}
SEND(data_after_reset)
{
    post(peer, 1);
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "x");
}
SEND(headers_after_reset)
{
    post(peer, 1);
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    get(peer, 1);
}
SEND(even_stream)
{
    get(peer, 2);
}
SEND(smaller_stream)
{
    get(peer, 5);
    get(peer, 3);
}
SEND(stream_after_client_goaway)
{
    H2_SEND(peer, H2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0");
}

/* ---- 6.1: DATA ------------------------------------------------------------------------------- */

SEND(data_on_0)
{
    H2_SEND(peer, H2_DATA, 0, 0, "x");
}
SEND(padding_too_long)
{
    post(peer, 1);
    H2_SEND(peer, H2_DATA, H2_PADDED | H2_END_STREAM, 1,
            "\x05"
            "abcd");
}
SEND(padding_right)
{
    post(peer, 1);
    H2_SEND(peer, H2_DATA, H2_PADDED | H2_END_STREAM, 1,
            "\x02"
            "ab\0\0");
}

/* ---- 6.2: HEADERS ---------------------------------------------------------------------------- */

SEND(headers_on_0)
{
    get(peer, 0);
}
SEND(headers_padding_too_long)
{
    H2_SEND(peer, H2_HEADERS, H2_PADDED | H2_END_HEADERS, 1,
            "\x09"
            "abc");
}
SEND(depends_on_itself)
{
    H2_SEND(peer, H2_HEADERS, H2_PRIORITIZED | H2_END_HEADERS | H2_END_STREAM, 1,
            "\0\0\0\1\7\x82\x84\x86\x41\1a");
}

/* ---- 6.3: PRIORITY --------------------------------------------------------------------------- */

SEND(priority_on_0)
{
    H2_SEND(peer, H2_PRIORITY, 0, 0, "\0\0\0\3\7");
}
SEND(priority_of_wrong_size)
{
    post(peer, 1);
    H2_SEND(peer, H2_PRIORITY, 0, 1, "\0\0\0\3");
}
SEND(priority_of_idle)
{
    H2_SEND(peer, H2_PRIORITY, 0, 9, "\0\0\0\3\7");
}

/* ---- 6.4: RST_STREAM ------------------------------------------------------------------------- */

SEND(reset_of_0)
{
    H2_SEND(peer, H2_RST_STREAM, 0, 0, "\0\0\0\10");
}
SEND(reset_of_wrong_size)
{
    post(peer, 1);
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\10");
}

/* ---- 6.5: SETTINGS --------------------------------------------------------------------------- */

SEND(settings_on_stream)
{
    H2_SEND(peer, H2_SETTINGS, 0, 1, "");
}
SEND(settings_of_wrong_size)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0");
}
SEND(settings_ack_with_payload)
{
    H2_SEND(peer, H2_SETTINGS, H2_ACK, 0, "\0\4\0\0\0\1");
}
SEND(push_neither)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\2\0\0\0\2");
}
SEND(window_setting_too_large)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\x80\0\0\0");
}
SEND(frame_size_too_small)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\5\0\0\x3f\xff");
}
SEND(frame_size_too_large)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\5\1\0\0\0");
}
SEND(unknown_setting)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\x77\x77\1\2\3\4");
}
SEND(same_setting_twice)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\1\0\4\0\0\0\2");
}

/* ---- 6.6 to 6.8: PUSH_PROMISE, PING, GOAWAY -------------------------------------------------- */

SEND(push_from_client)
{
    post(peer, 1);
    H2_SEND(peer, H2_PUSH_PROMISE, H2_END_HEADERS, 1, "\0\0\0\2\x82");
}
SEND(ping_on_stream)
{
    H2_SEND(peer, H2_PING, 0, 1, "12345678");
}
SEND(ping_of_wrong_size)
{
    H2_SEND(peer, H2_PING, 0, 0, "1234567");
}
SEND(ping_answer_unasked)
{
    H2_SEND(peer, H2_PING, H2_ACK, 0, "12345678");
}
SEND(goaway_on_stream)
{
    H2_SEND(peer, H2_GOAWAY, 0, 1, "\0\0\0\0\0\0\0\0");
}
SEND(goaway_too_short)
{
    H2_SEND(peer, H2_GOAWAY, 0, 0, "\0\0\0\0");
}

/* ---- 6.9: WINDOW_UPDATE ---------------------------------------------------------------------- */

SEND(window_of_0)
{
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\0\0\0\0");
}
SEND(window_of_0_on_stream)
{
    post(peer, 1);
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\0");
}
SEND(window_of_wrong_size)
{
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\0\0\1");
}
SEND(window_overflow)
{
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff");
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff");
}
SEND(window_overflow_on_stream)
{
    post(peer, 1);
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\x7f\xff\xff\xff");
}
SEND(body_beyond_stream_window)
{
    h2_headers(peer, 0, 1, h2_post("/slow?500"));
    for (int i = 0; i < 17; i++)
        zeros(peer, H2_DATA, 0, 1, 16384);
}
SEND(window_setting_overflow)
{
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?300"));
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\x7f\xff\x00\x00");
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\x7f\xff\xff\xff");
}

/* ---- 6.10: CONTINUATION ---------------------------------------------------------------------- */

SEND(continuation_on_0)
{
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 0, "\x82");
}
SEND(continuation_after_end)
{
    post(peer, 1);
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 1, "\x82");
}
SEND(continuation_of_other_stream)
{
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84");
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 3, "\x86");
}
SEND(continuation_right)
{
    nu_builder *block = h2_get("/");
    h2_send(peer, H2_HEADERS, H2_END_STREAM, 1, block->data, 5);
    h2_send(peer, H2_CONTINUATION, 0, 1, block->data + 5, 7);
    h2_send(peer, H2_CONTINUATION, H2_END_HEADERS, 1, block->data + 12, block->length - 12);
}

/* ---- 8: messages ----------------------------------------------------------------------------- */

#define BASE ":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/"

SEND(name_in_upper_case)
{
    fields(peer, 1, h2_block(BASE, "X-Up", "1", NULL));
}
SEND(field_connection)
{
    fields(peer, 1, h2_block(BASE, "connection", "keep-alive", NULL));
}
SEND(field_keep_alive)
{
    fields(peer, 1, h2_block(BASE, "keep-alive", "1", NULL));
}
SEND(field_proxy_connection)
{
    fields(peer, 1, h2_block(BASE, "proxy-connection", "close", NULL));
}
SEND(field_upgrade)
{
    fields(peer, 1, h2_block(BASE, "upgrade", "websocket", NULL));
}
SEND(field_transfer_encoding)
{
    fields(peer, 1, h2_block(BASE, "transfer-encoding", "chunked", NULL));
}
SEND(te_not_trailers)
{
    fields(peer, 1, h2_block(BASE, "te", "gzip", NULL));
}
SEND(te_trailers)
{
    fields(peer, 1, h2_block(BASE, "te", "trailers", NULL));
}
SEND(unknown_pseudo)
{
    fields(peer, 1, h2_block(BASE, ":test", "1", NULL));
}
SEND(response_pseudo)
{
    fields(peer, 1, h2_block(BASE, ":status", "200", NULL));
}
SEND(pseudo_after_field)
{
    fields(peer, 1,
           h2_block(":method", "GET", ":scheme", "http", "x", "1", ":authority", "a", ":path", "/",
                    NULL));
}
SEND(pseudo_twice)
{
    fields(peer, 1, h2_block(BASE, ":path", "/2", NULL));
}
SEND(method_missing)
{
    fields(peer, 1, h2_block(":scheme", "http", ":authority", "a", ":path", "/", NULL));
}
SEND(scheme_missing)
{
    fields(peer, 1, h2_block(":method", "GET", ":authority", "a", ":path", "/", NULL));
}
SEND(path_missing)
{
    fields(peer, 1, h2_block(":method", "GET", ":scheme", "http", ":authority", "a", NULL));
}
SEND(path_empty)
{
    fields(peer, 1,
           h2_block(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "", NULL));
}
SEND(path_without_slash)
{
    fields(peer, 1,
           h2_block(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "x", NULL));
}
SEND(host_missing)
{
    fields(peer, 1, h2_block(":method", "GET", ":scheme", "http", ":path", "/", NULL));
}
SEND(name_with_space)
{
    fields(peer, 1, h2_block(BASE, "a b", "1", NULL));
}
SEND(value_with_newline)
{
    fields(peer, 1, h2_block(BASE, "x", "a\r\nb: c", NULL));
}
SEND(value_with_leading_space)
{
    fields(peer, 1, h2_block(BASE, "x", " a", NULL));
}
SEND(length_too_large)
{
    h2_headers(peer, 0, 1,
               h2_block(":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/echo",
                        "content-length", "5", NULL));
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "abc");
}
SEND(length_too_small)
{
    h2_headers(peer, 0, 1,
               h2_block(":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/echo",
                        "content-length", "2", NULL));
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "abc");
}
SEND(length_twice)
{
    fields(peer, 1, h2_block(BASE, "content-length", "0", "content-length", "0", NULL));
}
SEND(length_malformed)
{
    fields(peer, 1, h2_block(BASE, "content-length", "+0", NULL));
}
SEND(trailers_without_end)
{
    post(peer, 1);
    h2_headers(peer, 0, 1, h2_block("x", "1", NULL));
}
SEND(trailers_with_pseudo)
{
    post(peer, 1);
    h2_headers(peer, H2_END_STREAM, 1, h2_block(":path", "/x", NULL));
}

static const rule rules[] = {
    {"4.1 a frame of unknown kind is ignored", unknown_kind, ALIVE},
    {"4.1 a frame of unknown kind on a stream is ignored", unknown_kind_on_stream, ALIVE},
    {"4.1 undefined flags are ignored", undefined_flags, ALIVE},
    {"4.1 the reserved bit is ignored", reserved_bit, ALIVE},
    {"4.2 DATA beyond the frame size", data_too_long, FRAME_SIZE_ERROR},
    {"4.2 HEADERS beyond the frame size", headers_too_long, FRAME_SIZE_ERROR},
    {"4.2 SETTINGS beyond the frame size", settings_too_long, FRAME_SIZE_ERROR},
    {"4.3 a block that is no HPACK", bad_compression, COMPRESSION_ERROR},
    {"4.3 an index beyond the table", bad_index, COMPRESSION_ERROR},
    {"4.3 a table larger than allowed", table_beyond_setting, COMPRESSION_ERROR},
    {"4.3 PING within a block", block_interrupted, PROTOCOL_ERROR},
    {"4.3 HEADERS of another stream within a block", block_interrupted_by_other_stream,
     PROTOCOL_ERROR},
    {"4.3 an unknown frame within a block", block_interrupted_by_unknown, PROTOCOL_ERROR},
    {"5.1 DATA on an idle stream", data_on_idle, PROTOCOL_ERROR},
    {"5.1 RST_STREAM on an idle stream", reset_of_idle, PROTOCOL_ERROR},
    {"5.1 WINDOW_UPDATE on an idle stream", window_of_idle, PROTOCOL_ERROR},
    {"5.1 CONTINUATION on an idle stream", continuation_on_idle, PROTOCOL_ERROR},
    {"5.1 DATA after END_STREAM", data_after_end, STREAM_CLOSED},
    {"5.1 HEADERS after END_STREAM", headers_after_end, STREAM_CLOSED},
    {"5.1 DATA after RST_STREAM", data_after_reset, ALIVE},
    {"5.1 HEADERS after RST_STREAM", headers_after_reset, STREAM_CLOSED},
    {"5.1.1 a stream with an even number", even_stream, PROTOCOL_ERROR},
    {"5.1.1 a stream smaller than one before", smaller_stream, STREAM_CLOSED,
     .other = PROTOCOL_ERROR},
    {"6.8 GOAWAY of the client ends the connection", stream_after_client_goaway, CLOSED},
    {"6.1 DATA on stream 0", data_on_0, PROTOCOL_ERROR},
    {"6.1 padding as long as the payload", padding_too_long, PROTOCOL_ERROR},
    {"6.1 padding is dropped", padding_right, ALIVE},
    {"6.2 HEADERS on stream 0", headers_on_0, PROTOCOL_ERROR},
    {"6.2 padding longer than the payload", headers_padding_too_long, PROTOCOL_ERROR},
    {"5.3.1 a stream that depends on itself", depends_on_itself, PROTOCOL_ERROR},
    {"6.3 PRIORITY on stream 0", priority_on_0, PROTOCOL_ERROR},
    {"6.3 PRIORITY of another size", priority_of_wrong_size, FRAME_SIZE_ERROR},
    {"6.3 PRIORITY of an idle stream is ignored", priority_of_idle, ALIVE},
    {"6.4 RST_STREAM on stream 0", reset_of_0, PROTOCOL_ERROR},
    {"6.4 RST_STREAM of another size", reset_of_wrong_size, FRAME_SIZE_ERROR},
    {"6.5 SETTINGS on a stream", settings_on_stream, PROTOCOL_ERROR},
    {"6.5 SETTINGS of another size", settings_of_wrong_size, FRAME_SIZE_ERROR},
    {"6.5 SETTINGS ACK with a payload", settings_ack_with_payload, FRAME_SIZE_ERROR},
    {"6.5.2 ENABLE_PUSH that is neither 0 nor 1", push_neither, PROTOCOL_ERROR},
    {"6.5.2 INITIAL_WINDOW_SIZE too large", window_setting_too_large, FLOW_CONTROL_ERROR},
    {"6.5.2 MAX_FRAME_SIZE too small", frame_size_too_small, PROTOCOL_ERROR},
    {"6.5.2 MAX_FRAME_SIZE too large", frame_size_too_large, PROTOCOL_ERROR},
    {"6.5.2 an unknown setting is ignored", unknown_setting, ALIVE},
    {"6.5.3 the last of a setting counts", same_setting_twice, ALIVE},
    {"6.6 PUSH_PROMISE from a client", push_from_client, PROTOCOL_ERROR},
    {"6.7 PING on a stream", ping_on_stream, PROTOCOL_ERROR},
    {"6.7 PING of another size", ping_of_wrong_size, FRAME_SIZE_ERROR},
    {"6.7 an answer to no PING is ignored", ping_answer_unasked, ALIVE},
    {"6.8 GOAWAY on a stream", goaway_on_stream, PROTOCOL_ERROR},
    {"6.8 GOAWAY that is too short", goaway_too_short, FRAME_SIZE_ERROR},
    {"6.9 WINDOW_UPDATE by 0", window_of_0, PROTOCOL_ERROR},
    {"6.9 WINDOW_UPDATE by 0 on a stream", window_of_0_on_stream, PROTOCOL_ERROR, .stream = 1,
     .other = PROTOCOL_ERROR},
    {"6.9 WINDOW_UPDATE of another size", window_of_wrong_size, FRAME_SIZE_ERROR},
    {"6.9.1 a window beyond 2^31-1", window_overflow, FLOW_CONTROL_ERROR},
    {"6.9.1 a stream's window beyond 2^31-1", window_overflow_on_stream, FLOW_CONTROL_ERROR,
     .stream = 1},
    {"6.9.1 a body beyond the stream's window", body_beyond_stream_window, FLOW_CONTROL_ERROR,
     .stream = 1},
    {"6.9.2 a setting that makes a window overflow", window_setting_overflow, FLOW_CONTROL_ERROR,
     .stream = 1, .other = FLOW_CONTROL_ERROR},
    {"6.10 CONTINUATION on stream 0", continuation_on_0, PROTOCOL_ERROR},
    {"6.10 CONTINUATION after END_HEADERS", continuation_after_end, PROTOCOL_ERROR},
    {"6.10 CONTINUATION of another stream", continuation_of_other_stream, PROTOCOL_ERROR},
    {"6.10 a block in three frames", continuation_right, ALIVE},
    {"8.2.1 a name in upper case", name_in_upper_case, PROTOCOL_ERROR, .stream = 1},
    {"8.2.1 a name with a space", name_with_space, PROTOCOL_ERROR, .stream = 1},
    {"8.2.1 a value with a line break", value_with_newline, PROTOCOL_ERROR, .stream = 1},
    {"8.2.1 a value with white space before it", value_with_leading_space, PROTOCOL_ERROR,
     .stream = 1},
    {"8.2.2 the field Connection", field_connection, PROTOCOL_ERROR, .stream = 1},
    {"8.2.2 the field Keep-Alive", field_keep_alive, PROTOCOL_ERROR, .stream = 1},
    {"8.2.2 the field Proxy-Connection", field_proxy_connection, PROTOCOL_ERROR, .stream = 1},
    {"8.2.2 the field Upgrade", field_upgrade, PROTOCOL_ERROR, .stream = 1},
    {"8.2.2 the field Transfer-Encoding", field_transfer_encoding, PROTOCOL_ERROR, .stream = 1},
    {"8.2.2 TE with something else than trailers", te_not_trailers, PROTOCOL_ERROR, .stream = 1},
    {"8.2.2 TE with trailers", te_trailers, ALIVE},
    {"8.3 an unknown pseudo field", unknown_pseudo, PROTOCOL_ERROR, .stream = 1},
    {"8.3 the pseudo field of responses", response_pseudo, PROTOCOL_ERROR, .stream = 1},
    {"8.3 a pseudo field after a field", pseudo_after_field, PROTOCOL_ERROR, .stream = 1},
    {"8.3 a pseudo field twice", pseudo_twice, PROTOCOL_ERROR, .stream = 1},
    {"8.3 a pseudo field in trailers", trailers_with_pseudo, PROTOCOL_ERROR, .stream = 1},
    {"8.3.1 no :method", method_missing, PROTOCOL_ERROR, .stream = 1},
    {"8.3.1 no :scheme", scheme_missing, PROTOCOL_ERROR, .stream = 1},
    {"8.3.1 no :path", path_missing, PROTOCOL_ERROR, .stream = 1},
    {"8.3.1 an empty :path", path_empty, PROTOCOL_ERROR, .stream = 1},
    {"8.3.1 a :path without a slash", path_without_slash, PROTOCOL_ERROR, .stream = 1},
    {"8.3.1 neither :authority nor Host", host_missing, PROTOCOL_ERROR, .stream = 1},
    {"8.1 trailers without END_STREAM", trailers_without_end, PROTOCOL_ERROR, .stream = 1},
    {"8.1.1 a body shorter than announced", length_too_large, PROTOCOL_ERROR, .stream = 1},
    {"8.1.1 a body longer than announced", length_too_small, PROTOCOL_ERROR, .stream = 1},
    {"8.1.1 two lengths", length_twice, PROTOCOL_ERROR, .stream = 1},
    {"8.1.1 a length that is no number", length_malformed, PROTOCOL_ERROR, .stream = 1},
};

/* The code that the peer is told: of a reset of `stream`, or of a GOAWAY; ALIVE if it may go on. */
static int outcome(h2 *peer, const rule *one)
{
    if (one->code == ALIVE)
        return h2_alive(peer) ? ALIVE : CLOSED;
    for (;;) {
        const h2_frame *frame = h2_read(peer);
        if (frame->type < 0)
            return CLOSED;
        bool reset = frame->type == H2_RST_STREAM && one->stream && frame->stream == one->stream;
        if (reset)
            return frame->payload[3];
        if (frame->type == H2_GOAWAY && !(one->stream && frame->payload[7] == 0))
            return frame->payload[7] == 0 ? CLOSED : frame->payload[7];
    }
}

static void try_rule(const live *server, const rule *one)
{
    h2 *peer = h2_open(server);
    one->send(peer);
    int code = outcome(peer, one);
    if (code != one->code && !(one->other && code == one->other))
        nu_test_fail_(__FILE__, __LINE__, "%s: code %d instead of %d", one->section, code,
                      one->code);
    /* What ends the connection ends it soon; what ends a stream lets the others live. */
    if (one->stream && one->other == 0)
        CHECK(h2_alive(peer));
    else if (code != ALIVE)
        while (h2_read(peer)->type >= 0) {
        }
    h2_close(peer);
}

TEST(frames_that_are_not_as_they_should_be_get_the_error_of_the_standard)
{
    nu_server_options options = {0};
    live              server = live_start(&options);
    CHECK(NU_COUNT(rules) >= 60);
    for (size_t i = 0; i < NU_COUNT(rules); i++)
        try_rule(&server, &rules[i]);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- 3.4: the preface ------------------------------------------------------------------------ */

TEST(a_preface_that_is_none_ends_the_connection)
{
    nu_server_options options = {0};
    live              server = live_start(&options);
    /* One that begins right is taken for HTTP/1.1 and refused as that. */
    CHECK_CONTAINS(live_ask(&server, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), "HTTP/1.1 ");
    h2 *peer = h2_connect(&server);
    live_send(peer->fd, H2_PREFACE);
    H2_SEND(peer, H2_PING, 0, 0, "12345678");
    CHECK_EQ(h2_goaway(peer), PROTOCOL_ERROR);
    h2_close(peer);
    peer = h2_connect(&server);
    for (const char *at = H2_PREFACE; *at; at++) {
        live_send_n(peer->fd, at, 1);
        live_pause(1);
    }
    H2_SEND(peer, H2_SETTINGS, 0, 0, "");
    get(peer, 1);
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
