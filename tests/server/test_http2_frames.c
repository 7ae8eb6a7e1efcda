/* RFC 9113, sections 3, 4, 6 and 7: frames, each kind as it should be and as it should not. */
#include <signal.h>
#include <string.h>

#include "http2_rules.h"
#include "nuages/test.h"

#define SEND(name) static void name(h2 *peer)
/* ":method: GET, :scheme: http, :path: /, :authority: a" */
#define GET "\x82\x86\x84\x41\1a"

/* ---- 3.4: the preface ------------------------------------------------------------------------ */

SEND(settings_are_said_first)
{
    const h2_frame *first = h2_read(peer);
    CHECK(first->type == H2_SETTINGS && !(first->flags & H2_ACK) && first->stream == 0);
}
SEND(request_at_once)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "");
    h2_ask(peer, 1);
}

/* ---- 4: frames ------------------------------------------------------------------------------- */

SEND(data_of_full_size)
{
    h2_begin_post(peer, 1);
    h2_zeros(peer, H2_DATA, H2_END_STREAM, 1, 16384);
}
SEND(data_too_long)
{
    h2_begin_post(peer, 1);
    h2_zeros(peer, H2_DATA, 0, 1, 16385);
}
SEND(headers_too_long)
{
    h2_zeros(peer, H2_HEADERS, H2_END_HEADERS, 1, 16385);
}
SEND(continuation_too_long)
{
    h2_zeros(peer, H2_CONTINUATION, H2_END_HEADERS, 1, 16385);
}
SEND(settings_too_long)
{
    h2_zeros(peer, H2_SETTINGS, 0, 0, 16386);
}
SEND(unknown_too_long)
{
    h2_zeros(peer, 0x77, 0, 0, 16385);
}

/* ---- 6.1: DATA ------------------------------------------------------------------------------- */

SEND(data_in_pieces)
{
    h2_begin_post(peer, 1);
    for (int i = 0; i < 5; i++)
        H2_SEND(peer, H2_DATA, 0, 1, "abc");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "");
    CHECK_TEXT(h2_answer(peer, 1), "200 abcabcabcabcabc");
}
SEND(data_with_padding)
{
    h2_begin_post(peer, 1);
    H2_SEND(peer, H2_DATA, H2_PADDED, 1,
            "\x02"
            "ab\0\0");
    H2_SEND(peer, H2_DATA, H2_PADDED, 1, "\x03\0\0\0");
    H2_SEND(peer, H2_DATA, H2_PADDED | H2_END_STREAM, 1,
            "\x00"
            "cd");
    CHECK_TEXT(h2_answer(peer, 1), "200 abcd");
}

/* ---- 6.5: SETTINGS --------------------------------------------------------------------------- */

static void check_acknowledged(h2 *peer, int times)
{
    for (int seen = 0; seen < times;) {
        const h2_frame *frame = h2_await(peer, H2_SETTINGS, 0);
        if (frame->type < 0)
            break;
        seen += (frame->flags & H2_ACK) != 0;
        CHECK(!(frame->flags & H2_ACK) || frame->length == 0);
    }
    CHECK(peer->frame.type == H2_SETTINGS);
}

SEND(each_settings_is_acknowledged)
{
    check_acknowledged(peer, 1);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\1\0\0");
    H2_SEND(peer, H2_SETTINGS, 0, 0, "");
    check_acknowledged(peer, 2);
}
SEND(last_of_a_setting_counts)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\1\0\4\0\0\0\2");
    h2_ask(peer, 1);
    CHECK(h2_await(peer, H2_DATA, 1)->length == 2);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\xff\xff");
}
SEND(table_of_no_size)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\1\0\0\0\0");
    check_acknowledged(peer, 2);
    h2_ask(peer, 1);
    /* The first block says so (RFC 7541 4.2). */
    CHECK(h2_await(peer, H2_HEADERS, 1)->payload[0] == 0x20);
}

/* ---- 6.7: PING ------------------------------------------------------------------------------- */

SEND(ping_comes_back)
{
    H2_SEND(peer, H2_PING, 0, 0, "\0\1\2\3\4\5\6\xff");
    const h2_frame *frame = h2_await(peer, H2_PING, 0);
    CHECK(frame->flags == H2_ACK && frame->stream == 0);
    CHECK(frame->length == 8 && memcmp(frame->payload, "\0\1\2\3\4\5\6\xff", 8) == 0);
}
SEND(ping_is_answered_beside_requests)
{
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?2000"));
    CHECK(h2_alive(peer));
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
}

/* ---- 6.9: flow control ----------------------------------------------------------------------- */

SEND(window_overflow)
{
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff");
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff");
}
SEND(body_beyond_stream_window)
{
    h2_acknowledge(peer);
    h2_headers(peer, 0, 1, h2_post("/slowcount?500"));
    for (int i = 0; i < 17; i++)
        h2_zeros(peer, H2_DATA, 0, 1, 16384);
}
SEND(bodies_beyond_the_connections_window)
{
    h2_acknowledge(peer);
    for (uint32_t id = 1; id <= 9; id += 2)
        h2_headers(peer, 0, id, h2_post("/slowcount?500"));
    for (uint32_t id = 1; id <= 7; id += 2)
        for (int i = 0; i < 16; i++)
            h2_zeros(peer, H2_DATA, 0, id, 16384);
    h2_zeros(peer, H2_DATA, 0, 9, 1);
}
SEND(window_setting_overflow)
{
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?300"));
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\x7f\xff\x00\x00");
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\x7f\xff\xff\xff");
}
SEND(window_of_a_byte)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\1");
    h2_ask(peer, 1);
    CHECK(h2_await(peer, H2_DATA, 1)->length == 1);
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\2");
    CHECK(h2_await(peer, H2_DATA, 1)->length == 2);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\xff\xff");
    CHECK(h2_await(peer, H2_DATA, 1)->length == 2 && (peer->frame.flags & H2_END_STREAM));
}
SEND(window_opens_by_a_setting)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\0");
    h2_ask(peer, 1);
    CHECK(h2_await(peer, H2_HEADERS, 1)->type == H2_HEADERS);
    CHECK(h2_alive(peer)); /* and no DATA came before */
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\xff\xff");
    CHECK(h2_await(peer, H2_DATA, 1)->length == 5);
}
SEND(window_may_be_negative)
{
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\3");
    h2_ask(peer, 1);
    CHECK(h2_await(peer, H2_DATA, 1)->length == 3);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\1");  /* -2 */
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\2"); /* 0 */
    H2_SEND(peer, H2_PING, 0, 0, "12345678");
    const h2_frame *frame;
    do
        frame = h2_read(peer);
    while (frame->type >= 0 && frame->type != H2_DATA && frame->type != H2_PING);
    CHECK_EQ(frame->type, H2_PING);
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\1");
    CHECK(h2_await(peer, H2_DATA, 1)->length == 1);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\xff\xff");
}

/* ---- 6.10: CONTINUATION ---------------------------------------------------------------------- */

SEND(block_in_three_frames)
{
    nu_builder *block = h2_get("/");
    h2_send(peer, H2_HEADERS, H2_END_STREAM, 1, block->data, 5);
    h2_send(peer, H2_CONTINUATION, 0, 1, block->data + 5, 7);
    h2_send(peer, H2_CONTINUATION, H2_END_HEADERS, 1, block->data + 12, block->length - 12);
}
SEND(block_with_empty_frames)
{
    nu_builder *block = h2_get("/");
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "");
    H2_SEND(peer, H2_CONTINUATION, 0, 1, "");
    h2_send(peer, H2_CONTINUATION, 0, 1, block->data, block->length);
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 1, "");
}
SEND(continuation_after_continuation_with_end)
{
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84");
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 1, "\x86\x41\1a");
    H2_SEND(peer, H2_CONTINUATION, H2_END_HEADERS, 1, "\x86");
}

/* ---- 7: error codes -------------------------------------------------------------------------- */

SEND(goaway_with_debug_data)
{
    H2_SEND(peer, H2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0a reason");
}

#define WITHIN(kind, flags, id, text, about)                                                       \
    {                                                                                              \
        "6.10 " about " within a block", H2_IN_BLOCK, H2_FRAME(kind, flags, id, text),             \
            .code = H2_PROTOCOL_ERROR                                                              \
    }

static const h2_rule rules[] = {
    {"3.4 SETTINGS are the server's first frame", .send = settings_are_said_first,
     .code = H2_ALIVE},
    {"3.4 a request may follow at once", H2_BEGINNING, .send = request_at_once, .code = 200},
    {"3.4 PING instead of SETTINGS", H2_BEGINNING, H2_FRAME(H2_PING, 0, 0, "12345678"),
     .code = H2_PROTOCOL_ERROR},
    {"3.4 HEADERS instead of SETTINGS", H2_BEGINNING,
     H2_FRAME(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, GET), .code = H2_PROTOCOL_ERROR},
    {"3.4 SETTINGS ACK instead of SETTINGS", H2_BEGINNING, H2_FRAME(H2_SETTINGS, H2_ACK, 0, ""),
     .code = H2_PROTOCOL_ERROR},
    {"3.4 an unknown frame instead of SETTINGS", H2_BEGINNING, H2_FRAME(0x77, 0, 0, "x"),
     .code = H2_PROTOCOL_ERROR},

    {"4.1 a frame of unknown kind is ignored", H2_FRAME(0x77, 0xff, 0, "any"), .code = H2_ALIVE},
    {"4.1 and on a stream", H2_HALF_CLOSED, H2_FRAME(0x77, 0, 1, "any"), .code = 200},
    {"4.1 undefined flags are ignored", H2_FRAME(H2_PING, 0xfe, 0, "12345678"), .code = H2_ALIVE},
    {"4.1 undefined flags of HEADERS are ignored",
     H2_FRAME(H2_HEADERS, 0xd2 | H2_END_HEADERS | H2_END_STREAM, 1, GET), .code = 200},
    {"4.1 the reserved bit is ignored", H2_FRAME(H2_PING, 0, 0x80000000, "12345678"),
     .code = H2_ALIVE},
    {"4.2 DATA of the whole frame size", .send = data_of_full_size, .code = 200},
    {"4.2 DATA beyond the frame size", .send = data_too_long, .code = H2_FRAME_SIZE_ERROR},
    {"4.2 HEADERS beyond the frame size", .send = headers_too_long, .code = H2_FRAME_SIZE_ERROR},
    {"4.2 CONTINUATION beyond the frame size", H2_IN_BLOCK, .send = continuation_too_long,
     .code = H2_FRAME_SIZE_ERROR},
    {"4.2 SETTINGS beyond the frame size", .send = settings_too_long, .code = H2_FRAME_SIZE_ERROR},
    {"4.2 an unknown frame beyond the frame size", .send = unknown_too_long,
     .code = H2_FRAME_SIZE_ERROR},

    {"6.1 DATA in pieces", .send = data_in_pieces, .code = H2_ALIVE},
    {"6.1 DATA on stream 0", H2_FRAME(H2_DATA, 0, 0, "x"), .code = H2_PROTOCOL_ERROR},
    {"6.1 padding is dropped", .send = data_with_padding, .code = H2_ALIVE},
    {"6.1 padding as long as the payload", H2_OPEN,
     H2_FRAME(H2_DATA, H2_PADDED | H2_END_STREAM, 1,
              "\x05"
              "abcd"),
     .code = H2_PROTOCOL_ERROR},
    {"6.1 DATA without the length of its padding", H2_OPEN, H2_FRAME(H2_DATA, H2_PADDED, 1, ""),
     .code = H2_FRAME_SIZE_ERROR, .other = H2_PROTOCOL_ERROR},

    {"6.2 HEADERS", H2_FRAME(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, GET), .code = 200},
    {"6.2 HEADERS with padding",
     H2_FRAME(H2_HEADERS, H2_PADDED | H2_END_HEADERS | H2_END_STREAM, 1, "\3" GET "\0\0\0"),
     .code = 200},
    {"6.2 HEADERS with a priority",
     H2_FRAME(H2_HEADERS, H2_PRIORITIZED | H2_END_HEADERS | H2_END_STREAM, 1, "\x80\0\0\0\xff" GET),
     .code = 200},
    {"6.2 HEADERS with padding and priority",
     H2_FRAME(H2_HEADERS, H2_PADDED | H2_PRIORITIZED | H2_END_HEADERS | H2_END_STREAM, 1,
              "\2\0\0\0\0\xff" GET "\0\0"),
     .code = 200},
    {"6.2 HEADERS on stream 0", H2_FRAME(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 0, GET),
     .code = H2_PROTOCOL_ERROR},
    {"6.2 padding longer than the payload",
     H2_FRAME(H2_HEADERS, H2_PADDED | H2_END_HEADERS, 1,
              "\x09"
              "abc"),
     .code = H2_PROTOCOL_ERROR},
    {"6.2 padding that reaches into the priority",
     H2_FRAME(H2_HEADERS, H2_PADDED | H2_PRIORITIZED | H2_END_HEADERS, 1, "\5\0\0\0\0\1\0\0\0\0"),
     .code = H2_PROTOCOL_ERROR},
    {"6.2 HEADERS without the length of its padding",
     H2_FRAME(H2_HEADERS, H2_PADDED | H2_END_HEADERS, 1, ""), .code = H2_FRAME_SIZE_ERROR,
     .other = H2_PROTOCOL_ERROR},
    {"6.2 HEADERS with half a priority",
     H2_FRAME(H2_HEADERS, H2_PRIORITIZED | H2_END_HEADERS, 1, "\0\0\0"),
     .code = H2_FRAME_SIZE_ERROR, .other = H2_PROTOCOL_ERROR},

    {"6.3 PRIORITY on stream 0", H2_FRAME(H2_PRIORITY, 0, 0, "\0\0\0\3\7"),
     .code = H2_PROTOCOL_ERROR},
    {"6.3 PRIORITY that is too short", H2_OPEN, H2_FRAME(H2_PRIORITY, 0, 1, "\0\0\0\3"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.3 PRIORITY that is too long", H2_OPEN, H2_FRAME(H2_PRIORITY, 0, 1, "\0\0\0\3\7\0"),
     .code = H2_FRAME_SIZE_ERROR},

    {"6.4 RST_STREAM on stream 0", H2_FRAME(H2_RST_STREAM, 0, 0, "\0\0\0\10"),
     .code = H2_PROTOCOL_ERROR},
    {"6.4 RST_STREAM that is too short", H2_OPEN, H2_FRAME(H2_RST_STREAM, 0, 1, "\0\0\10"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.4 RST_STREAM that is too long", H2_OPEN, H2_FRAME(H2_RST_STREAM, 0, 1, "\0\0\0\0\10"),
     .code = H2_FRAME_SIZE_ERROR},

    {"6.5 SETTINGS on a stream", H2_FRAME(H2_SETTINGS, 0, 1, ""), .code = H2_PROTOCOL_ERROR},
    {"6.5 SETTINGS of no multiple of six", H2_FRAME(H2_SETTINGS, 0, 0, "\0\4\0"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.5 SETTINGS ACK with a payload", H2_FRAME(H2_SETTINGS, H2_ACK, 0, "\0\4\0\0\0\1"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.5.2 ENABLE_PUSH may be 0 and 1", H2_FRAME(H2_SETTINGS, 0, 0, "\0\2\0\0\0\0\0\2\0\0\0\1"),
     .code = H2_ALIVE},
    {"6.5.2 ENABLE_PUSH that is neither", H2_FRAME(H2_SETTINGS, 0, 0, "\0\2\0\0\0\2"),
     .code = H2_PROTOCOL_ERROR},
    {"6.5.2 the largest INITIAL_WINDOW_SIZE", H2_FRAME(H2_SETTINGS, 0, 0, "\0\4\x7f\xff\xff\xff"),
     .code = H2_ALIVE},
    {"6.5.2 INITIAL_WINDOW_SIZE too large", H2_FRAME(H2_SETTINGS, 0, 0, "\0\4\x80\0\0\0"),
     .code = H2_FLOW_CONTROL_ERROR},
    {"6.5.2 the least and the largest MAX_FRAME_SIZE",
     H2_FRAME(H2_SETTINGS, 0, 0, "\0\5\0\0\x40\0\0\5\0\xff\xff\xff"), .code = H2_ALIVE},
    {"6.5.2 MAX_FRAME_SIZE too small", H2_FRAME(H2_SETTINGS, 0, 0, "\0\5\0\0\x3f\xff"),
     .code = H2_PROTOCOL_ERROR},
    {"6.5.2 MAX_FRAME_SIZE too large", H2_FRAME(H2_SETTINGS, 0, 0, "\0\5\1\0\0\0"),
     .code = H2_PROTOCOL_ERROR},
    {"6.5.2 MAX_CONCURRENT_STREAMS of 0 is the client's own",
     H2_FRAME(H2_SETTINGS, 0, 0, "\0\3\0\0\0\0"), .code = H2_ALIVE},
    {"6.5.2 a list of headers of a byte is advice", H2_FRAME(H2_SETTINGS, 0, 0, "\0\6\0\0\0\1"),
     .code = H2_ALIVE},
    {"6.5.2 a table of no size", .send = table_of_no_size, .code = H2_ALIVE},
    {"6.5.2 an unknown setting is ignored", H2_FRAME(H2_SETTINGS, 0, 0, "\x77\x77\1\2\3\4"),
     .code = H2_ALIVE},
    {"6.5.3 each SETTINGS is acknowledged", .send = each_settings_is_acknowledged,
     .code = H2_ALIVE},
    {"6.5.3 the last of a setting counts", .send = last_of_a_setting_counts, .code = H2_ALIVE},
    {"RFC 8441 3 ENABLE_CONNECT_PROTOCOL that is neither 0 nor 1",
     H2_FRAME(H2_SETTINGS, 0, 0, "\0\10\0\0\0\2"), .code = H2_PROTOCOL_ERROR},
    {"RFC 9218 2.1 NO_RFC7540_PRIORITIES that is neither 0 nor 1",
     H2_FRAME(H2_SETTINGS, 0, 0, "\0\11\0\0\0\2"), .code = H2_PROTOCOL_ERROR},

    {"6.6 PUSH_PROMISE from a client", H2_OPEN,
     H2_FRAME(H2_PUSH_PROMISE, H2_END_HEADERS, 1, "\0\0\0\2\x82"), .code = H2_PROTOCOL_ERROR},

    {"6.7 PING comes back", .send = ping_comes_back, .code = H2_ALIVE},
    {"6.7 PING is answered beside requests", .send = ping_is_answered_beside_requests,
     .code = H2_ALIVE},
    {"6.7 PING on a stream", H2_FRAME(H2_PING, 0, 1, "12345678"), .code = H2_PROTOCOL_ERROR},
    {"6.7 PING that is too short", H2_FRAME(H2_PING, 0, 0, "1234567"), .code = H2_FRAME_SIZE_ERROR},
    {"6.7 PING that is too long", H2_FRAME(H2_PING, 0, 0, "123456789"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.7 an answer to no PING is ignored", H2_FRAME(H2_PING, H2_ACK, 0, "12345678"),
     .code = H2_ALIVE},

    {"6.8 GOAWAY of the client ends the connection", H2_FRAME(H2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0"),
     .code = H2_ENDED},
    {"6.8 GOAWAY with a reason", .send = goaway_with_debug_data, .code = H2_ENDED},
    {"6.8 what was asked before GOAWAY is answered", H2_HALF_CLOSED,
     H2_FRAME(H2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0"), .code = 200, .ends = true},
    {"6.8 GOAWAY on a stream", H2_FRAME(H2_GOAWAY, 0, 1, "\0\0\0\0\0\0\0\0"),
     .code = H2_PROTOCOL_ERROR},
    {"6.8 GOAWAY that is too short", H2_FRAME(H2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0"),
     .code = H2_FRAME_SIZE_ERROR},

    {"6.9 WINDOW_UPDATE by 0", H2_FRAME(H2_WINDOW_UPDATE, 0, 0, "\0\0\0\0"),
     .code = H2_PROTOCOL_ERROR},
    {"6.9 WINDOW_UPDATE by 0 on a stream", H2_OPEN, H2_FRAME(H2_WINDOW_UPDATE, 0, 1, "\0\0\0\0"),
     .code = H2_PROTOCOL_ERROR, .stream = 1, .other = H2_PROTOCOL_ERROR},
    {"6.9 the reserved bit is ignored", H2_FRAME(H2_WINDOW_UPDATE, 0, 0, "\x80\0\0\1"),
     .code = H2_ALIVE},
    {"6.9 WINDOW_UPDATE that is too short", H2_FRAME(H2_WINDOW_UPDATE, 0, 0, "\0\0\1"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.9 WINDOW_UPDATE that is too long", H2_FRAME(H2_WINDOW_UPDATE, 0, 0, "\0\0\0\0\1"),
     .code = H2_FRAME_SIZE_ERROR},
    {"6.9.1 a window beyond 2^31-1", .send = window_overflow, .code = H2_FLOW_CONTROL_ERROR},
    {"6.9.1 a stream's window beyond 2^31-1", H2_OPEN,
     H2_FRAME(H2_WINDOW_UPDATE, 0, 1, "\x7f\xff\xff\xff"), .code = H2_FLOW_CONTROL_ERROR,
     .stream = 1},
    {"6.9.1 a body beyond the stream's window", .send = body_beyond_stream_window,
     .code = H2_FLOW_CONTROL_ERROR, .stream = 1},
    {"6.9.1 bodies beyond the connection's window", .send = bodies_beyond_the_connections_window,
     .code = H2_FLOW_CONTROL_ERROR},
    {"6.9.1 a window of a byte", .send = window_of_a_byte, .code = H2_ALIVE},
    {"6.9.2 a setting opens the windows there are", .send = window_opens_by_a_setting,
     .code = H2_ALIVE},
    {"6.9.2 a window may be negative", .send = window_may_be_negative, .code = H2_ALIVE},
    {"6.9.2 a setting that makes a window overflow", .send = window_setting_overflow,
     .code = H2_FLOW_CONTROL_ERROR, .stream = 1, .other = H2_FLOW_CONTROL_ERROR},

    {"6.10 a block in three frames", .send = block_in_three_frames, .code = 200},
    {"6.10 a block with empty frames", .send = block_with_empty_frames, .code = 200},
    {"6.10 CONTINUATION on stream 0", H2_FRAME(H2_CONTINUATION, H2_END_HEADERS, 0, "\x82"),
     .code = H2_PROTOCOL_ERROR},
    {"6.10 CONTINUATION on stream 0 within a block", H2_IN_BLOCK,
     H2_FRAME(H2_CONTINUATION, H2_END_HEADERS, 0, "\x86"), .code = H2_PROTOCOL_ERROR},
    {"6.10 CONTINUATION of another stream", H2_IN_BLOCK,
     H2_FRAME(H2_CONTINUATION, H2_END_HEADERS, 3, "\x86"), .code = H2_PROTOCOL_ERROR},
    {"6.10 CONTINUATION after END_HEADERS", .send = continuation_after_continuation_with_end,
     .code = H2_PROTOCOL_ERROR},
    WITHIN(H2_DATA, 0, 1, "x", "DATA"),
    WITHIN(H2_HEADERS, H2_END_HEADERS, 1, "\x86", "HEADERS"),
    WITHIN(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 3, GET, "HEADERS of another stream"),
    WITHIN(H2_PRIORITY, 0, 1, "\0\0\0\3\7", "PRIORITY"),
    WITHIN(H2_RST_STREAM, 0, 1, "\0\0\0\10", "RST_STREAM"),
    WITHIN(H2_SETTINGS, 0, 0, "", "SETTINGS"),
    WITHIN(H2_PUSH_PROMISE, H2_END_HEADERS, 1, "\0\0\0\2\x82", "PUSH_PROMISE"),
    WITHIN(H2_PING, 0, 0, "12345678", "PING"),
    WITHIN(H2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0", "GOAWAY"),
    WITHIN(H2_WINDOW_UPDATE, 0, 0, "\0\0\0\1", "WINDOW_UPDATE"),
    WITHIN(0x77, 0, 1, "x", "an unknown frame"),

    {"7 RST_STREAM with an unknown code is one", H2_OPEN,
     H2_FRAME(H2_RST_STREAM, 0, 1, "\xff\xff\xff\xff"), .code = H2_ALIVE},
    {"7 GOAWAY with an unknown code is one", H2_FRAME(H2_GOAWAY, 0, 0, "\0\0\0\0\xff\xff\xff\xff"),
     .code = H2_ENDED},
};

TEST(frames_have_the_answer_of_the_standard)
{
    CHECK(NU_COUNT(rules) >= 90);
    h2_follow(rules, NU_COUNT(rules));
}

/* ---- 3.4: what is no preface ----------------------------------------------------------------- */

TEST(a_preface_that_is_none_is_taken_for_http_1_1_and_refused)
{
    nu_server_options options = {0};
    live              server = live_start(&options);
    CHECK_CONTAINS(live_ask(&server, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), "HTTP/1.1 ");
    h2 *peer = h2_connect(&server);
    for (const char *at = H2_PREFACE; *at; at++) {
        live_send_n(peer->fd, at, 1);
        live_pause(1);
    }
    H2_SEND(peer, H2_SETTINGS, 0, 0, "");
    h2_ask(peer, 1);
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
