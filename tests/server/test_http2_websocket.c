/* WebSockets over HTTP/2 (RFC 8441): an extended CONNECT opens one on a stream. */
#include <signal.h>
#include <string.h>

#include "http2_rules.h"
#include "nuages/test.h"
#include "websocket_peer.h"

static const nu_server_options plain;

/* ---- a client -------------------------------------------------------------------------------- */

static nu_builder *connect_block(const char *protocol, const char *path, const char *version)
{
    return h2_block(":method", "CONNECT", ":protocol", protocol, ":scheme", "http", ":authority",
                    "a.test", ":path", path, "sec-websocket-version", version, NULL);
}

/* The status of the answer. */
static int ask_for(h2 *peer, uint32_t stream, const char *path)
{
    h2_headers(peer, 0, stream, connect_block("websocket", path, "13"));
    return h2_status(peer, stream);
}

static void send_message(h2 *peer, uint32_t stream, int first, const char *text, size_t length)
{
    size_t      size;
    const char *frame = ws_frame_bytes(first, text, length, false, 0, &size);
    for (size_t at = 0; at < size; at += 16384)
        h2_send(peer, H2_DATA, 0, stream, frame + at, size - at < 16384 ? size - at : 16384);
}

static void send_text(h2 *peer, uint32_t stream, const char *text)
{
    send_message(peer, stream, WS_TEXT, text, strlen(text));
}

/* The next frame of a WebSocket on that stream, which came in one frame of data: "81 05 hello". */
static const char *frame_of(h2 *peer, uint32_t stream)
{
    const h2_frame *frame;
    do
        frame = h2_await(peer, H2_DATA, stream);
    while (frame->type == H2_DATA && frame->length == 0 && !(frame->flags & H2_END_STREAM));
    if (frame->type < 0)
        return "gone";
    if (frame->length == 0)
        return "end";
    return nu_fmt("%02x %02x %.*s", frame->payload[0], frame->payload[1], (int)frame->length - 2,
                  (const char *)frame->payload + 2);
}

/* True if END_STREAM came with the last frame, or comes behind it. */
static bool has_ended(h2 *peer, uint32_t stream)
{
    return (peer->frame.flags & H2_END_STREAM) || strcmp(frame_of(peer, stream), "end") == 0;
}

/* ---- as it should be ------------------------------------------------------------------------- */

TEST(a_websocket_speaks_over_a_stream_of_http_2)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_EQ(ask_for(peer, 1, "/ws"), 200);
    send_text(peer, 1, "hello");
    CHECK_TEXT(frame_of(peer, 1), "81 05 hello");
    send_message(peer, 1, WS_PING, "are you", 7);
    CHECK_TEXT(frame_of(peer, 1), "8a 07 are you");
    /* Requests and other WebSockets go on beside it. */
    h2_ask(peer, 3);
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    CHECK_EQ(ask_for(peer, 5, "/ws/events"), 200);
    send_text(peer, 5, "five");
    CHECK_TEXT(frame_of(peer, 5), "81 04 five");
    send_text(peer, 1, "one");
    CHECK_TEXT(frame_of(peer, 1), "81 03 one");
    /* The closing handshake, and then the ends of both sides. */
    send_message(peer, 1, WS_CLOSE,
                 "\x03\xe8"
                 "bye",
                 5);
    CHECK_TEXT(frame_of(peer, 1), "88 05 \x03\xe8"
                                  "bye");
    CHECK(has_ended(peer, 1));
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "");
    CHECK(live_logs(&server, "closed with 1000 bye"));
    send_text(peer, 5, "still");
    CHECK_TEXT(frame_of(peer, 5), "81 05 still");
    h2_close(peer);
    CHECK(live_logs(&server, "events closed with 1006"));
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(extended_connect_is_announced)
{
    live            server = live_start(&plain);
    h2             *peer = h2_open(&server);
    const h2_frame *settings = h2_await(peer, H2_SETTINGS, 0);
    bool            announced = false;
    for (size_t at = 0; at + 6 <= settings->length; at += 6)
        announced = announced || memcmp(settings->payload + at, "\0\10\0\0\0\1", 6) == 0;
    CHECK(announced);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(messages_of_a_stream_are_under_flow_control)
{
    enum { SIZE = 600000 };
    live  server = live_start(&plain);
    h2   *peer = h2_open(&server);
    char *text = nu_alloc(SIZE);
    memset(text, 'x', SIZE);
    h2_acknowledge(peer);
    CHECK_EQ(ask_for(peer, 1, "/ws"), 200);
    /* 200 kB each, within the window of 256 kB, which opens as messages are read. */
    size_t received = 0, head = 10;
    for (int i = 0; i < 3; i++) {
        send_message(peer, 1, WS_TEXT, text, SIZE / 3);
        for (size_t want = SIZE / 3 + head; want > 0;) {
            const h2_frame *frame = h2_await(peer, H2_DATA, 1);
            CHECK(frame->type == H2_DATA && frame->length <= want);
            want -= frame->length;
            received += frame->length;
            /* The server sends no more than this allows. */
            unsigned char by[4] = {0, 0, (unsigned char)(frame->length >> 8),
                                   (unsigned char)frame->length};
            h2_send(peer, H2_WINDOW_UPDATE, 0, 1, by, 4);
            h2_send(peer, H2_WINDOW_UPDATE, 0, 0, by, 4);
        }
    }
    CHECK_EQ(received, SIZE + 3 * head);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_client_that_takes_nothing_of_a_stream_is_given_up)
{
    nu_server_options options = {.timeouts.write = 300};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    char             *text = nu_alloc(200000);
    memset(text, 'x', 200000);
    h2_acknowledge(peer);
    CHECK_EQ(ask_for(peer, 1, "/ws"), 200);
    /* Its window of 64 kB is never opened. */
    for (int i = 0; i < 20; i++)
        send_message(peer, 1, WS_BINARY, text, 10000);
    CHECK(h2_reset(peer, 1) == H2_CANCEL);
    CHECK(live_logs(&server, "closed with 1006"));
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\0\1\0\0");
    h2_ask(peer, 3);
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- ends ------------------------------------------------------------------------------------ */

TEST(a_reset_and_an_early_end_of_the_stream_break_the_websocket)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_EQ(ask_for(peer, 1, "/ws"), 200);
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    CHECK(live_logs(&server, "closed with 1006"));
    CHECK_EQ(ask_for(peer, 3, "/ws/events"), 200);
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 3, "");
    CHECK_EQ(h2_reset(peer, 3), H2_CANCEL);
    CHECK(live_logs(&server, "events closed with 1006"));
    /* One that ends before it has begun. */
    h2_headers(peer, H2_END_STREAM, 5, connect_block("websocket", "/ws", "13"));
    CHECK_EQ(h2_status(peer, 5), 200);
    CHECK_EQ(h2_reset(peer, 5), H2_CANCEL);
    h2_headers(peer, 0, 7, connect_block("websocket", "/ws", "13"));
    H2_SEND(peer, H2_RST_STREAM, 0, 7, "\0\0\0\10");
    h2_ask(peer, 9);
    CHECK_TEXT(h2_answer(peer, 9), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(what_is_no_frame_of_websocket_closes_its_stream_only)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_EQ(ask_for(peer, 1, "/ws"), 200);
    H2_SEND(peer, H2_DATA, 0, 1, "\xff\xff no frame at all");
    CHECK_CONTAINS(frame_of(peer, 1), "88 ");
    CHECK(has_ended(peer, 1));
    CHECK_EQ(h2_reset(peer, 1), H2_NO_ERROR);
    h2_ask(peer, 3);
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_stop_closes_websockets_of_streams_with_going_away)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_EQ(ask_for(peer, 1, "/ws"), 200);
    send_text(peer, 1, "hello");
    CHECK_TEXT(frame_of(peer, 1), "81 05 hello");
    kill(server.pid, SIGTERM);
    CHECK_TEXT(frame_of(peer, 1), "88 02 \x03\xe9");
    send_message(peer, 1, WS_CLOSE, "\x03\xe9", 2);
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "");
    while (h2_read(peer)->type >= 0) {
    }
    CHECK(!peer->timed_out);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, 0), 0);
}

/* ---- what is refused ------------------------------------------------------------------------- */

TEST(extended_connects_that_open_nothing_are_refused)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_EQ(ask_for(peer, 1, "/"), 501); /* a page, and no WebSocket */
    CHECK_EQ(ask_for(peer, 3, "/missing"), 404);
    CHECK_EQ(ask_for(peer, 5, "/empty"), 501);
    h2_headers(peer, 0, 7, connect_block("connect-udp", "/ws", "13"));
    CHECK_EQ(h2_status(peer, 7), 501);
    h2_headers(peer, 0, 9, connect_block("websocket", "/ws", "12"));
    CHECK_EQ(h2_status(peer, 9), 426);
    nu_builder *foreign = connect_block("websocket", "/ws", "13");
    nu_builder *origin = h2_block("origin", "http://evil.test", NULL);
    nu_builder_add(foreign, origin->data, origin->length);
    h2_headers(peer, 0, 11, foreign);
    CHECK_EQ(h2_status(peer, 11), 403);
    /* :protocol belongs to CONNECT, which then has :scheme and :path (RFC 8441 4). */
    h2_headers(peer, 0, 13,
               h2_block(":method", "GET", ":protocol", "websocket", ":scheme", "http", ":authority",
                        "a.test", ":path", "/ws", NULL));
    CHECK_EQ(h2_reset(peer, 13), H2_PROTOCOL_ERROR);
    h2_headers(
        peer, 0, 15,
        h2_block(":method", "CONNECT", ":protocol", "websocket", ":authority", "a.test", NULL));
    CHECK_EQ(h2_reset(peer, 15), H2_PROTOCOL_ERROR);
    CHECK(h2_alive(peer));
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* With `most` WebSockets open there is no room for another until one is reset. */
static void check_room(nu_server_limits limits, uint32_t most)
{
    nu_server_options options = {.limits = limits};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    uint32_t          stream = 1;
    for (; stream < 2 * most; stream += 2)
        CHECK_EQ(ask_for(peer, stream, "/ws"), 200);
    CHECK_EQ(ask_for(peer, stream, "/ws"), 503);
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    CHECK(live_logs(&server, "closed with 1006"));
    CHECK(h2_alive(peer));
    CHECK_EQ(ask_for(peer, stream + 2, "/ws"), 200);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(websockets_of_streams_count_as_connections)
{
    check_room((nu_server_limits){.connections = 3}, 2);
}

TEST(websockets_of_streams_count_for_their_client)
{
    check_room((nu_server_limits){.per_client = 2}, 1);
}

/* One after the other, closed in order and reset in turns. */
static void open_many(h2 *peer, uint32_t *stream, int count)
{
    for (int i = 0; i < count; i++, *stream += 2) {
        CHECK_EQ(ask_for(peer, *stream, "/ws"), 200);
        send_text(peer, *stream, "hello");
        CHECK_TEXT(frame_of(peer, *stream), "81 05 hello");
        if (i % 2 == 0) {
            send_message(peer, *stream, WS_CLOSE, "\x03\xe8", 2);
            CHECK_TEXT(frame_of(peer, *stream), "88 02 \x03\xe8");
            H2_SEND(peer, H2_DATA, H2_END_STREAM, *stream, "");
        } else {
            H2_SEND(peer, H2_DATA, H2_END_STREAM, *stream, "");
            CHECK_EQ(h2_reset(peer, *stream), H2_CANCEL);
        }
        H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\0\0\0\x20");
    }
}

TEST(websockets_of_streams_leave_nothing_behind)
{
#ifdef __SANITIZE_ADDRESS__ /* keeps freed memory for a while */
    enum { MOST = 1 << 20 };
#else
    enum { MOST = 600 };
#endif
    live     server = live_start(&plain);
    h2      *peer = h2_open(&server);
    uint32_t stream = 1;
    open_many(peer, &stream, 400);
    long before = live_memory(server.pid);
    open_many(peer, &stream, 1600);
    long kept = live_memory(server.pid) - before;
    CHECK(kept < MOST); /* kB */
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
