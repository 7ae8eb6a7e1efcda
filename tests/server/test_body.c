/* Bodies of requests over real connections. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live.h"
#include "nuages/test.h"

static const nu_server_options plain;

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

TEST(a_body_by_length_is_read)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    live_pause(20);
    live_send(fd, "world" GET("/next"));
    CHECK_CONTAINS(live_response(fd), "\r\n\r\nhelloworld");
    CHECK_CONTAINS(live_response(fd), "GET|/next|");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_chunked_body_may_come_in_any_pieces)
{
    live        server = live_start(&plain);
    int         fd = live_connect(&server);
    const char *message = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n";
    for (int step = 1; step < 60; step += 13) {
        for (size_t at = 0; at < strlen(message); at += (size_t)step) {
            size_t left = strlen(message) - at;
            live_send_n(fd, message + at, left < (size_t)step ? left : (size_t)step);
            live_pause(1);
        }
        CHECK_CONTAINS(live_response(fd), "\r\n\r\nhello world");
    }
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_large_body_is_read_piece_by_piece)
{
    live  server = live_start(&plain);
    int   fd = live_connect(&server);
    char *bytes = nu_alloc(3000000);
    memset(bytes, 'b', 3000000);
    live_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    live_send_n(fd, bytes, 3000000);
    CHECK_CONTAINS(live_response(fd), "\r\n\r\n3000000");
    live_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10; i++) {
        live_send(fd, "493e0\r\n");
        live_send_n(fd, bytes, 300000);
        live_send(fd, "\r\n");
    }
    live_send(fd, "0\r\n\r\n");
    CHECK_CONTAINS(live_response(fd), "\r\n\r\n3000000");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_client_that_waits_is_told_to_continue)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd,
              "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK_TEXT(live_response(fd), "HTTP/1.1 100 Continue\r\n\r\n");
    live_send(fd, "ab");
    CHECK_CONTAINS(live_response(fd), "\r\n\r\nab");
    /* The view does not want this one, so it is not asked for and the connection ends. */
    live_send(fd, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    const char *rest = live_rest(fd);
    CHECK(strstr(rest, "100 Continue") == NULL);
    CHECK_CONTAINS(rest, "Connection: close\r\n");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_small_body_that_nobody_reads_is_dropped_and_a_large_one_ends_the_connection)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    CHECK_CONTAINS(live_response(fd), "200 OK");
    live_send(fd, "POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhello\r\n0\r\n\r\n");
    CHECK_CONTAINS(live_response(fd), "200 OK");
    char *bytes = nu_alloc(200000);
    live_send(fd, "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    live_send_n(fd, bytes, 200000);
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "200 OK");
    CHECK_CONTAINS(rest, "Connection: close\r\n");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(broken_bodies_are_refused)
{
    live server = live_start(&plain);
    int  fd = live_connect(&server);
    live_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc");
    const char *rest = live_rest(fd);
    CHECK_CONTAINS(rest, "HTTP/1.1 400 ");
    CHECK_CONTAINS(rest, "Connection: close\r\n");
    close(fd);
    /* Nobody asked for this one, but what follows it cannot be found. */
    fd = live_connect(&server);
    live_send(
        fd, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc" GET("/2"));
    rest = live_rest(fd);
    CHECK_CONTAINS(rest, "hello");
    CHECK(strstr(rest, "/2") == NULL);
    close(fd);
    fd = live_connect(&server);
    live_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    shutdown(fd, SHUT_WR);
    CHECK_CONTAINS(live_rest(fd), "HTTP/1.1 400 ");
    close(fd);
    live_stop(&server, SIGTERM);
}

TEST(a_chunked_body_beyond_the_limit_is_refused)
{
    nu_server_options options = {.limits = {.body = 5000}};
    live              server = live_start(&options);
    char             *bytes = nu_alloc(3000);
    memset(bytes, 'b', 3000);
    int fd = live_connect(&server);
    live_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; i++) {
        live_send(fd, "bb8\r\n");
        live_send_n(fd, bytes, 3000);
        live_send(fd, "\r\n");
    }
    CHECK_CONTAINS(live_rest(fd), "HTTP/1.1 413 ");
    close(fd);
    live_stop(&server, SIGTERM);
}
