/* Requests and responses over real connections. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live.h"
#include "nuages/test.h"

static const nu_server_options plain;

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

TEST(a_connection_serves_one_request_after_the_other)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    for (int i = 0; i < 50; i++)
        CHECK_TEXT(live_get_on(fd, "/"), "hello");
    close(fd);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(ten_requests_in_one_packet_are_answered_in_order)
{
    live       server = live_start(&plain);
    int        fd = live_connect(&server);
    nu_builder all;
    nu_builder_init(&all, NULL, 1024);
    for (int i = 0; i < 10; i++)
        nu_builder_printf(&all, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
    live_send(fd, nu_builder_text(&all));
    for (int i = 0; i < 10; i++)
        CHECK_CONTAINS(live_response(fd), nu_fmt("GET|/%d|", i));
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(pipelined_requests_of_every_kind_keep_their_order)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(
        fd,
        GET("/slow?30") "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                        "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "4\r\nabcd\r\n0\r\n\r\n" GET("/stream")
                            GET("/file") "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                         "5\r\n\r\nabcde" GET("/pid") "HEAD / HTTP/1.1\r\nHost: "
                                                                      "a\r\n\r\n" GET("/last"));
    CHECK_CONTAINS(live_response(fd), "slept");
    CHECK_CONTAINS(live_response(fd), "\r\n\r\nabc");
    CHECK_CONTAINS(live_response(fd), "\r\n\r\n4");
    CHECK_CONTAINS(live_response(fd), "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
    CHECK_CONTAINS(live_response(fd), "=== a plain GET");
    CHECK_CONTAINS(live_response(fd), "hello");
    CHECK_CONTAINS(live_response(fd), nu_fmt("%d", (int)server.pid));
    live_send(fd, "");
    /* HEAD tells a length without a body, so the rest is read by hand. */
    shutdown(fd, SHUT_WR);
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "Content-Length: 5\r\n\r\nHTTP/1.1 200 OK");
    CHECK_CONTAINS(rest, "GET|/last|");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_head_may_come_byte_by_byte)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    for (const char *at = GET("/slow?0"); *at; at++) {
        live_send_n(fd, at, 1);
        live_pause(1);
    }
    CHECK_CONTAINS(live_response(fd), "slept");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_head_larger_than_the_small_buffer_is_read)
{
    live  server = live_start(&plain);
    int   fd = live_connect(&server);
    char *value = nu_alloc(20001);
    memset(value, 'v', 20000);
    for (int i = 0; i < 3; i++) {
        live_send(fd, nu_fmt("POST /echo HTTP/1.1\r\nHost: a\r\nX: %s\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                             value));
        CHECK_CONTAINS(live_response(fd), "\r\n\r\nhello");
    }
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_chunked_body_behind_a_head_that_fills_its_buffer_is_read)
{
    live  server = live_start(&plain);
    char *value = nu_alloc(9000);
    /* Heads of every length around the end of the small buffer. */
    for (int length = 7900; length < 8200; length += 7) {
        int fd = live_connect(&server);
        memset(value, 'v', (size_t)length);
        value[length] = '\0';
        live_send(fd, nu_fmt("POST /count HTTP/1.1\r\nHost: a\r\nX: %s\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n",
                             value));
        live_pause(1);
        live_send(fd, nu_fmt("1770\r\n%.*s", 6000, value));
        live_pause(1);
        live_send(fd, "\r\n0\r\n\r\n" GET("/next"));
        CHECK_CONTAINS(live_response(fd), "\r\n\r\n6000");
        CHECK_CONTAINS(live_response(fd), "GET|/next|");
        close(fd);
    }
    live_stop(&server, SIGTERM);
}

TEST(heads_beyond_their_limits_are_refused)
{
    live  server = live_start(&plain);
    char *value = nu_alloc(40001);
    memset(value, 'v', 40000);
    CHECK_CONTAINS(live_ask(&server, nu_fmt("GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", value)),
                   "HTTP/1.1 431 ");
    CHECK_CONTAINS(live_ask(&server, nu_fmt("GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", value)),
                   "HTTP/1.1 414 ");
    CHECK_CONTAINS(live_ask(&server, "GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400 ");
    CHECK_CONTAINS(live_ask(&server, "\x16\x03\x01"), "HTTP/1.1 400 ");
    CHECK_CONTAINS(live_ask(&server,
                            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n"
                            "\r\n"),
                   "HTTP/1.1 413 ");
    live_stop(&server, SIGTERM);
}

TEST(a_refusal_follows_the_responses_before_it_and_ends_the_connection)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, GET("/1") GET("/2") "GET / HTTP/1.1\nHost: a\r\n\r\n" GET("/3"));
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "GET|/1|");
    CHECK_CONTAINS(rest, "GET|/2|");
    CHECK_CONTAINS(rest, "HTTP/1.1 400 Bad Request");
    CHECK(strstr(rest, "/3") == NULL);
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(the_request_is_what_the_client_sent)
{
    live server = live_start(&plain);
    CHECK_CONTAINS(live_ask(&server, "PATCH /a%20b/?c=d HTTP/1.1\r\nHost: h:1\r\n\r\n"),
                   "PATCH|/a b/|c=d|h:1|127.0.0.1");
    CHECK_CONTAINS(live_ask(&server, "GET http://other/x HTTP/1.1\r\nHost: h\r\n\r\n"),
                   "GET|/x||other|127.0.0.1");
    CHECK_CONTAINS(live_ask(&server, "GET http://other HTTP/1.1\r\nHost: h\r\n\r\n"), "hello");
    CHECK_CONTAINS(live_ask(&server, GET("/%00")), "HTTP/1.1 400 ");
    const char *first = live_get(&server, "/id"), *second = live_get(&server, "/id");
    CHECK(strlen(first) > 9 && strcmp(first, second) != 0);
    live_stop(&server, SIGTERM);
}

TEST(http_1_0_closes_unless_asked_to_stay)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_CONTAINS(live_response(fd), "Connection: keep-alive\r\n");
    live_send(fd, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "Connection: close\r\n");
    CHECK_CONTAINS(rest, "\r\n\r\nonetwothree");
    close(fd);
    fd = live_connect(&server);
    live_send(fd, "GET / HTTP/1.0\r\n\r\n");
    CHECK_CONTAINS(live_rest(fd), "Connection: close\r\n\r\nhello");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(responses_without_a_body_have_none)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd,
              "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /file HTTP/1.1\r\nHost: a\r\n\r\n"
              "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" GET("/empty")
                  GET("/unchanged") "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const char *rest = live_rest(fd);
    CHECK(strstr(rest, "hello") == NULL && strstr(rest, "===") == NULL &&
          strstr(rest, "one") == NULL);
    CHECK_CONTAINS(rest, "Content-Length: 5\r\n\r\nHTTP/1.1 200 OK");
    CHECK(strstr(strstr(rest, "HTTP/1.1 204"), "Content-Length: 0\r\n") == NULL);
    CHECK_CONTAINS(rest, "HTTP/1.1 304 Not Modified");
    CHECK_CONTAINS(rest, "GET|/last|");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(the_framing_is_the_servers_whatever_the_view_says)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, GET("/cookies"));
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "Set-Cookie: a=1");
    CHECK_CONTAINS(rest, "Set-Cookie: b=2");
    CHECK_CONTAINS(rest, "Content-Length: 5\r\n");
    CHECK_CONTAINS(rest, "Connection: close\r\n");
    CHECK(strstr(rest, "999") == NULL);
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_header_cannot_be_injected)
{
    live        server = live_start(&plain);
    const char *response = live_ask(&server, GET("/inject?name=a%0d%0aX-Evil:%20b"));
    CHECK_CONTAINS(response, "HTTP/1.1 500 ");
    CHECK(strstr(response, "X-Evil") == NULL);
    live_stop(&server, SIGTERM);
}

TEST(an_error_becomes_the_response_of_its_kind)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, GET("/raise"));
    CHECK_CONTAINS(live_response(fd), "HTTP/1.1 500 Internal Server Error");
    live_send(fd, GET("/missing"));
    CHECK_CONTAINS(live_response(fd), "HTTP/1.1 404 Not Found");
    live_send(fd, GET("/nothing"));
    CHECK_CONTAINS(live_response(fd), "HTTP/1.1 500 ");
    CHECK_TEXT(live_get_on(fd, "/"), "hello");
    CHECK(live_logs(&server, "something broke"));
    CHECK(live_logs(&server, "handler gave no response"));
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(the_access_log_has_a_line_for_each_request)
{
    nu_server_options options = {.access_log = true};
    live              server = live_start(&options);
    live_get(&server, "/missing?a=%0ab");
    CHECK(live_logs(&server, "127.0.0.1 \"GET /missing?a=%0ab\" 404 "));
    live_stop(&server, SIGTERM);
}

TEST(the_access_log_may_leave_requests_out_but_no_failures)
{
    nu_server_options options = {.access_log = true, .access_log_every = 10, .workers = 1};
    live              server = live_start(&options);
    for (int i = 0; i < 20; i++)
        live_get(&server, nu_fmt("/missing?number=%d", i));
    live_get(&server, "/raise");
    CHECK(live_logs(&server, "GET /raise\" 500 "));
    size_t lines = 0;
    for (int i = 0; i < 20; i++)
        lines += strstr(live_log(&server), nu_fmt("/missing?number=%d\"", i)) != NULL;
    CHECK_EQ(lines, 2);
    live_stop(&server, SIGTERM);
}

TEST(a_large_response_reaches_a_slow_reader)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, GET("/big") GET("/"));
    live_pause(100);
    CHECK_TEXT(live_get(&server, "/"), "hello"); /* others are served meanwhile */
    const char *response = live_response(fd);
    CHECK(strlen(response) > 8 << 20);
    CHECK_CONTAINS(live_response(fd), "hello");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_stream_that_breaks_cuts_the_connection)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, GET("/broken"));
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "three\r\n");
    CHECK(strstr(rest, "0\r\n\r\n") == NULL);
    close(fd);
    CHECK(live_logs(&server, "the stream broke"));
    live_stop(&server, SIGTERM);
}

TEST(a_unix_socket_serves_too)
{
    const char       *address = nu_fmt("unix:/tmp/nuages-test-%d.sock", (int)getpid());
    nu_server_options options = {.listen = NU_STRS(address)};
    live              server = live_start(&options);
    CHECK_TEXT(live_get(&server, "/about"), "GET|/about||localhost|");
    CHECK_CONTAINS(live_ask(&server, GET("/file")), "=== a plain GET");
    live_stop(&server, SIGTERM);
    /* What a crash leaves behind does not keep the next one from the place. */
    live again = live_start(&options);
    live_stop(&again, SIGKILL);
    unlink(address + 5);
}

TEST(a_port_in_use_is_told_with_its_name)
{
    nu_server *first =
        nu_server_open(nu_arena_current(), &(nu_server_options){.listen = NU_STRS("127.0.0.1:0")});
    const char *address = nu_server_address(first, 0);
    CHECK_RAISES(NU_SYSTEM_ERROR, nu_server_open(nu_arena_current(),
                                                 &(nu_server_options){.listen = NU_STRS(address)}));
    CHECK_CONTAINS(nu_error_text(nu_test_error(), false), nu_fmt("%s is in use", address));
    nu_server_close(first);
}

TEST(malformed_addresses_are_refused)
{
    static const char *const bad[] = {"localhost", "a:b",   "1.2.3.4:70000", "::1:80",
                                      "[::1]",     "unix:", "127.0.0.1:-1",  ""};
    for (size_t i = 0; i < NU_COUNT(bad); i++)
        CHECK_RAISES(
            NU_CONFIG_ERROR,
            nu_server_open(nu_arena_current(), &(nu_server_options){.listen = NU_STRS(bad[i])}));
}
