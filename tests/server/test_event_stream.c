/* Server-sent events over real connections. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http2_raw.h"
#include "nuages/test.h"
#include "nuages/text.h"

static const nu_server_options options;

#define GET(path, fields) "GET " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"

/* Reads until the text so far holds `part`; what was read. */
static const char *read_until(int fd, const char *part)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 1024);
    while (!strstr(nu_builder_text(&text), part)) {
        ssize_t n = recv(fd, nu_builder_room(&text, 256), 256, 0);
        if (n <= 0)
            break;
        text.length += (size_t)n;
    }
    return nu_builder_text(&text);
}

/* A chunked body without its framing. */
static const char *joined(const char *response)
{
    nu_builder  out;
    const char *at = strstr(response, "\r\n\r\n");
    nu_builder_init(&out, NULL, 1024);
    for (at = at ? at + 4 : ""; *at;) {
        char  *end;
        size_t length = strtoul(at, &end, 16);
        nu_builder_add(&out, end + 2, length);
        at = end + 2 + length + 2;
    }
    return nu_builder_text(&out);
}

#define ALL                                                                                        \
    "event: lines\nid: 7\ndata: one\ndata: two\ndata: three\ndata: four\ndata: \n\n"               \
    "data: \n\nid: \ndata: \"ctx\"\n\n"

TEST(events_arrive_as_the_standard_writes_them)
{
    live        server = live_start(&options);
    const char *response = live_ask(&server, GET("/events/all", ""));
    CHECK_CONTAINS(response, "HTTP/1.1 200 OK\r\n");
    CHECK_CONTAINS(response, "Content-Type: text/event-stream\r\n");
    CHECK_CONTAINS(response, "Cache-Control: no-cache\r\n");
    CHECK_CONTAINS(response, "X-Accel-Buffering: no\r\n");
    CHECK_TEXT(joined(response), "retry: 500\ndata: from the start\n\n" ALL);
    response = live_ask(&server, GET("/events/all", "Last-Event-ID: 41\r\n"));
    CHECK_TEXT(joined(response), "retry: 500\ndata: 41\n\n" ALL);
    live_stop(&server, SIGTERM);
}

TEST(a_question_for_the_head_does_not_call_the_handler)
{
    live server = live_start(&options);
    int  fd = live_connect(&server);
    live_send(fd, "HEAD /events/raising HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK_CONTAINS(live_rest(fd), "text/event-stream");
    CHECK(!strstr(live_log(&server), "broke"));
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(the_handler_learns_that_the_client_has_left)
{
    live server = live_start(&options);
    int  fd = live_connect(&server);
    live_send(fd, GET("/events/counting", ""));
    CHECK_CONTAINS(read_until(fd, "data: 3\n\n"), "data: 2\n\n");
    close(fd);
    CHECK(live_logs(&server, "events: Cancelled"));
    fd = live_connect(&server);
    live_send(fd, GET("/events/silent", ""));
    read_until(fd, ":\n\n");
    close(fd);
    CHECK(live_logs(&server, "silent events: Cancelled"));
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}

TEST(a_stream_that_is_silent_sends_comments)
{
    live    server = live_start(&options);
    int     fd = live_connect(&server);
    int64_t start = live_clock();
    live_send(fd, GET("/events/silent", ""));
    CHECK_CONTAINS(read_until(fd, "3\r\n:\n\n\r\n3\r\n:\n\n\r\n"), "200 OK");
    CHECK(live_clock() - start >= 100);
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_client_that_does_not_read_makes_the_handler_wait)
{
    live server = live_start(&(nu_server_options){.timeouts.write = 400});
    int  fd = live_connect(&server);
    live_send(fd, GET("/events/flooding", ""));
    CHECK(live_logs(&server, "sent 100 events"));
    live_pause(100);
    long memory = live_memory(server.pid);
    live_pause(100);
    CHECK(live_memory(server.pid) - memory < 1000);
    /* And is given up in the end. */
    CHECK(live_logs(&server, "flood: Cancelled"));
    close(fd);
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}

TEST(a_handler_that_raises_cuts_the_connection)
{
    live        server = live_start(&options);
    const char *response = live_ask(&server, GET("/events/raising", ""));
    CHECK_CONTAINS(response, "data: first\n\n");
    CHECK(!strstr(response, "0\r\n\r\n"));
    CHECK(live_logs(&server, "the events broke"));
    live_stop(&server, SIGTERM);
}

TEST(fields_that_would_forge_others_are_refused)
{
    live        server = live_start(&options);
    const char *body = joined(live_ask(&server, GET("/events/mistaken", "")));
    CHECK_TEXT(body, "data: the name of an event is one line of UTF-8\n\n"
                     "data: the id of an event is one line of UTF-8\n\n"
                     "data: the data of an event is not UTF-8\n\n");
    live_stop(&server, SIGTERM);
}

TEST(a_server_that_stops_ends_streams_in_order)
{
    live server = live_start(&options);
    int  counting = live_connect(&server), silent = live_connect(&server);
    live_send(counting, GET("/events/counting", ""));
    read_until(counting, "data: 1\n\n");
    live_send(silent, GET("/events/silent", ""));
    read_until(silent, ":\n\n");
    kill(server.pid, SIGTERM);
    CHECK_CONTAINS(live_rest(counting), "0\r\n\r\n");
    CHECK_CONTAINS(live_rest(silent), "0\r\n\r\n");
    close(counting);
    close(silent);
    int64_t start = live_clock();
    CHECK_EQ(live_stop(&server, 0), 0);
    CHECK(live_clock() - start < 5000);
    CHECK_CONTAINS(live_log(&server), "silent events: Cancelled");
}

TEST(events_go_over_http2)
{
    live server = live_start(&options);
    h2  *peer = h2_open(&server);
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/events/all"));
    CHECK_TEXT(h2_answer(peer, 1), "200 retry: 500\ndata: from the start\n\n" ALL);
    h2_headers(peer, H2_END_STREAM, 3, h2_get("/events/counting"));
    CHECK_CONTAINS((const char *)h2_await(peer, H2_DATA, 3)->payload, "data: ");
    H2_SEND(peer, H2_RST_STREAM, 0, 3, "\x00\x00\x00\x08");
    CHECK(live_logs(&server, "events: Cancelled"));
    h2_headers(peer, H2_END_STREAM, 5, h2_get("/events/counting"));
    CHECK_CONTAINS((const char *)h2_await(peer, H2_DATA, 5)->payload, "data: ");
    h2_close(peer);
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}
