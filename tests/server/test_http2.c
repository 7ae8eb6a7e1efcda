/* HTTP/2: requests and responses as they should be. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http2_raw.h"
#include "nuages/test.h"
#include "tls_peer.h"

static const nu_server_options plain;

#define REQUEST(method, path)                                                                      \
    ":method", method, ":scheme", "http", ":authority", "a.test", ":path", path

static const char *answer_to(h2 *peer, uint32_t stream, const nu_builder *block)
{
    h2_headers(peer, H2_END_STREAM, stream, block);
    return h2_answer(peer, stream);
}

/* ---- one after the other --------------------------------------------------------------------- */

TEST(requests_of_one_connection_are_answered)
{
    live     server = live_start(&plain);
    h2      *peer = h2_open(&server);
    uint32_t id = 1;
    CHECK_TEXT(answer_to(peer, id, h2_get("/")), "200 hello");
    CHECK_TEXT(answer_to(peer, id += 2, h2_get("/stream")), "200 onetwothree");
    CHECK_CONTAINS(answer_to(peer, id += 2, h2_get("/file")), "=== a plain GET");
    CHECK_TEXT(answer_to(peer, id += 2, h2_get("/missing")), "404 404 Not Found\n");
    CHECK_TEXT(answer_to(peer, id += 2, h2_get("/raise")), "500 500 Internal Server Error\n");
    CHECK_TEXT(answer_to(peer, id += 2, h2_get("/empty")), "204 ");
    CHECK_TEXT(answer_to(peer, id += 2, h2_get("/unchanged")), "304 ");
    CHECK_TEXT(answer_to(peer, id += 2, h2_get("/scheme")), "200 http|false");
    for (int i = 0; i < 300; i++)
        CHECK_TEXT(answer_to(peer, id += 2, h2_get("/")), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_request_of_http_2_is_what_the_client_sent)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_TEXT(answer_to(peer, 1, h2_block(REQUEST("PATCH", "/a%20b/?c=d"), NULL)),
               "200 PATCH|/a b/|c=d|a.test|127.0.0.1");
    /* Host without :authority, and beside it. */
    CHECK_TEXT(answer_to(peer, 3,
                         h2_block(":method", "GET", ":scheme", "http", ":path", "/x", "host",
                                  "b.test", NULL)),
               "200 GET|/x||b.test|127.0.0.1");
    CHECK_TEXT(answer_to(peer, 5, h2_block(REQUEST("GET", "/x"), "host", "A.test", NULL)),
               "200 GET|/x||a.test|127.0.0.1");
    CHECK_TEXT(answer_to(peer, 7, h2_block(REQUEST("GET", "/x"), "host", "b.test", NULL)),
               "400 400 Bad Request\n");
    CHECK_TEXT(answer_to(peer, 9,
                         h2_block(":method", "GET", ":scheme", "http", ":authority", "a:b", ":path",
                                  "/x", NULL)),
               "400 400 Bad Request\n");
    CHECK_TEXT(
        answer_to(peer, 11,
                  h2_block(REQUEST("GET", "/cookie"), "cookie", "a=1", "cookie", "b=2", NULL)),
        "200 a=1; b=2");
    CHECK_TEXT(answer_to(peer, 13, h2_block(REQUEST("GET", "/%00"), NULL)),
               "400 400 Bad Request\n");
    CHECK_CONTAINS(answer_to(peer, 15, h2_block(REQUEST("OPTIONS", "*"), NULL)), "200 OPTIONS|");
    CHECK_TEXT(answer_to(peer, 17, h2_block(":method", "CONNECT", ":authority", "a:1", NULL)),
               "501 501 Not Implemented\n");
    CHECK_TEXT(answer_to(peer, 19, h2_block(REQUEST("GET", "/"), "expect", "wonders", NULL)),
               "417 417 Expectation Failed\n");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_response_to_head_has_a_length_and_no_body)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    CHECK_TEXT(answer_to(peer, 1, h2_block(REQUEST("HEAD", "/"), NULL)), "200 ");
    CHECK(peer->frame.type == H2_HEADERS && (peer->frame.flags & H2_END_STREAM));
    CHECK_TEXT(answer_to(peer, 3, h2_block(REQUEST("HEAD", "/stream"), NULL)), "200 ");
    CHECK_TEXT(answer_to(peer, 5, h2_block(REQUEST("HEAD", "/file"), NULL)), "200 ");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(limits_of_heads_are_those_of_http_1_1)
{
    live  server = live_start(&plain);
    h2   *peer = h2_open(&server);
    char *value = nu_alloc(10001);
    memset(value, 'v', 10000);
    value[10000] = '\0';
    CHECK_TEXT(answer_to(peer, 1, h2_block(REQUEST("GET", nu_fmt("/%s", value)), NULL)),
               "414 414 Request-URI Too Long\n");
    nu_builder *many = h2_get("/");
    for (int i = 0; i < 101; i++)
        nu_builder_add(many, h2_block("x", "1", NULL)->data, 5);
    CHECK_CONTAINS(answer_to(peer, 3, many), "431 431 ");
    /* A large head comes in several frames. */
    nu_builder *large = h2_get("/"),
               *more = h2_block("x", value, "y", value, "z", value, "u", value, NULL);
    h2_send(peer, H2_HEADERS, H2_END_STREAM, 5, large->data, large->length);
    for (size_t at = 0; at < more->length; at += 16384) {
        size_t left = more->length - at;
        h2_send(peer, H2_CONTINUATION, left <= 16384 ? H2_END_HEADERS : 0, 5, more->data + at,
                left < 16384 ? left : 16384);
    }
    CHECK_CONTAINS(h2_answer(peer, 5), "431 431 ");
    CHECK_CONTAINS(
        answer_to(peer, 7,
                  h2_block(REQUEST("POST", "/echo"), "content-length", "1000000000000", NULL)),
        "");
    CHECK(h2_alive(peer));
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static void send_body(h2 *peer, uint32_t stream, size_t length, size_t piece)
{
    char *bytes = nu_alloc(piece);
    memset(bytes, 'b', piece);
    for (size_t done = 0; done < length; done += piece) {
        size_t some = length - done < piece ? length - done : piece;
        h2_send(peer, H2_DATA, done + some == length ? H2_END_STREAM : 0, stream, bytes, some);
    }
}

TEST(bodies_are_read)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    h2_headers(peer, 0, 1, h2_post("/echo"));
    H2_SEND(peer, H2_DATA, 0, 1, "one ");
    H2_SEND(peer, H2_DATA, 0, 1, "");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "two");
    CHECK_TEXT(h2_answer(peer, 1), "200 one two");
    h2_headers(peer, 0, 3, h2_post("/count"));
    send_body(peer, 3, 50000, 999);
    CHECK_TEXT(h2_answer(peer, 3), "200 50000");
    /* Trailers end a body and are dropped. */
    h2_headers(peer, 0, 5, h2_post("/echo"));
    H2_SEND(peer, H2_DATA, 0, 5, "body");
    h2_headers(peer, H2_END_STREAM, 5, h2_block("x-checksum", "1", NULL));
    CHECK_TEXT(h2_answer(peer, 5), "200 body");
    /* Nobody reads this one: the client is told that the rest is not needed. */
    h2_headers(peer, 0, 7, h2_post("/ignore"));
    H2_SEND(peer, H2_DATA, 0, 7, "some");
    CHECK_TEXT(h2_answer(peer, 7), "200 hello");
    CHECK_EQ(h2_reset(peer, 7), NGHTTP2_NO_ERROR);
    CHECK(h2_alive(peer));
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_client_that_waits_for_100_gets_it_when_the_view_reads)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    h2_headers(peer, 0, 1, h2_block(REQUEST("POST", "/echo"), "expect", "100-continue", NULL));
    CHECK_EQ(h2_status(peer, 1), 100);
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "body");
    CHECK_TEXT(h2_answer(peer, 1), "200 body");
    h2_headers(peer, 0, 3, h2_block(REQUEST("POST", "/ignore"), "expect", "100-continue", NULL));
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(bodies_beyond_the_limit_are_refused)
{
    nu_server_options options = {.limits.body = 1000};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    h2_headers(peer, 0, 1, h2_block(REQUEST("POST", "/echo"), "content-length", "1001", NULL));
    CHECK_CONTAINS(h2_answer(peer, 1), "413 ");
    h2_headers(peer, 0, 3, h2_post("/echo"));
    send_body(peer, 3, 1001, 100);
    CHECK_CONTAINS(h2_answer(peer, 3), "413 ");
    h2_headers(peer, 0, 5, h2_post("/count"));
    send_body(peer, 5, 1000, 100);
    CHECK_TEXT(h2_answer(peer, 5), "200 1000");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* The window opens as the view reads: nothing of it while the view is busy with something else. */
TEST(a_body_is_asked_for_as_fast_as_the_view_reads)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    h2_send(peer, H2_SETTINGS, H2_ACK, 0, "", 0);
    h2_headers(peer, 0, 1, h2_post("/slowcount?300"));
    send_body(peer, 1, 200000, 10000);
    peer->frame.type = -1;
    for (int i = 0; i < 3;
         i++) /* SETTINGS, its ACK, and the connection's window at the beginning */
        CHECK(h2_read(peer)->stream == 0);
    int64_t began = live_clock();
    /* 200,000 are more than half of the window, so a view that reads them opens it. */
    const h2_frame *frame = h2_await(peer, H2_WINDOW_UPDATE, 1);
    CHECK_EQ(frame->type, H2_WINDOW_UPDATE);
    CHECK(live_clock() - began >= 200);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- many at a time -------------------------------------------------------------------------- */

TEST(streams_do_not_wait_for_one_another)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?400"));
    h2_headers(peer, 0, 3, h2_post("/echo"));
    h2_headers(peer, H2_END_STREAM, 5, h2_get("/"));
    CHECK_TEXT(h2_answer(peer, 5), "200 hello");
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 3, "echo");
    CHECK_TEXT(h2_answer(peer, 3), "200 echo");
    CHECK_TEXT(h2_answer(peer, 1), "200 slept");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(streams_beyond_a_hundred_are_refused_and_may_be_tried_again)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    for (uint32_t i = 0; i < 100; i++)
        h2_headers(peer, H2_END_STREAM, 1 + 2 * i, h2_get("/slow?500"));
    h2_headers(peer, H2_END_STREAM, 201, h2_get("/"));
    CHECK_EQ(h2_reset(peer, 201), NGHTTP2_REFUSED_STREAM);
    CHECK_TEXT(h2_answer(peer, 199), "200 slept");
    CHECK_TEXT(answer_to(peer, 203, h2_get("/")), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_stream_that_is_reset_cancels_its_request)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?60000"));
    CHECK(h2_alive(peer));
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    CHECK(live_logs(&server, "interrupted: Cancelled"));
    CHECK_TEXT(answer_to(peer, 3, h2_get("/")), "200 hello");
    /* And so does a client that leaves. */
    h2_headers(peer, H2_END_STREAM, 5, h2_get("/slow?60001"));
    CHECK(h2_alive(peer));
    h2_close(peer);
    CHECK(live_logs(&server, "/slow: client left"));
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_stream_that_breaks_is_reset_and_the_others_live)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server);
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/broken"));
    CHECK_EQ(h2_reset(peer, 1), NGHTTP2_INTERNAL_ERROR);
    CHECK_TEXT(answer_to(peer, 3, h2_get("/")), "200 hello");
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- windows of the client ------------------------------------------------------------------- */

TEST(a_response_goes_as_far_as_the_clients_window)
{
    live server = live_start(&plain);
    h2  *peer = h2_connect(&server);
    live_send(peer->fd, H2_PREFACE);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\3"); /* three bytes */
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/"));
    CHECK_EQ(h2_status(peer, 1), 200);
    CHECK_EQ(h2_await(peer, H2_DATA, 1)->length, 3);
    CHECK(h2_alive(peer));
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\1");
    CHECK_EQ(h2_await(peer, H2_DATA, 1)->length, 1);
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\5");
    const h2_frame *frame = h2_await(peer, H2_DATA, 1);
    CHECK(frame->length == 1 && (frame->flags & H2_END_STREAM));
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- the end of a connection ----------------------------------------------------------------- */

TEST(a_stop_in_order_answers_what_was_asked)
{
    live server = live_start(&plain);
    h2  *peer = h2_open(&server), *idle = h2_open(&server);
    CHECK_TEXT(answer_to(idle, 1, h2_get("/")), "200 hello");
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?600"));
    CHECK(h2_alive(peer));
    kill(server.pid, SIGTERM);
    /* The first GOAWAY lets what is under way through, the second names the last stream. */
    const h2_frame *frame = h2_await(peer, H2_GOAWAY, 0);
    CHECK(memcmp(frame->payload, "\x7f\xff\xff\xff\0\0\0\0", 8) == 0);
    CHECK_TEXT(answer_to(peer, 3, h2_get("/")), "200 hello");
    CHECK_TEXT(h2_answer(peer, 1), "200 slept");
    frame = h2_await(peer, H2_GOAWAY, 0);
    CHECK(memcmp(frame->payload, "\0\0\0\3\0\0\0\0", 8) == 0);
    CHECK_EQ(h2_read(peer)->type, -1);
    CHECK_EQ(h2_goaway(idle), NGHTTP2_NO_ERROR);
    h2_close(peer);
    h2_close(idle);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(an_idle_connection_of_http_2_is_closed_in_order)
{
    nu_server_options options = {.timeouts = {.idle = 200, .head = 300}};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server), *silent = h2_open(&server);
    CHECK_TEXT(answer_to(peer, 1, h2_get("/")), "200 hello");
    CHECK_EQ(h2_goaway(peer), NGHTTP2_NO_ERROR);
    CHECK_EQ(h2_read(peer)->type, -1);
    CHECK_EQ(h2_goaway(silent), NGHTTP2_NO_ERROR);
    h2_close(peer);
    h2_close(silent);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_connection_ends_after_the_number_of_requests_allowed)
{
    nu_server_options options = {.limits.requests = 3};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    for (uint32_t i = 0; i < 3; i++)
        CHECK_TEXT(answer_to(peer, 1 + 2 * i, h2_get("/")), "200 hello");
    CHECK_EQ(h2_goaway(peer), NGHTTP2_NO_ERROR);
    while (h2_read(peer)->type >= 0) {
    }
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
