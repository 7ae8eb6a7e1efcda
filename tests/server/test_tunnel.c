/* Tunnels: a client and somebody else speak through the server, over HTTP/1.1 and a stream of HTTP/2. */
#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http2_rules.h"
#include "nuages/test.h"

static const nu_server_options plain;

/* ---- the other end --------------------------------------------------------------------------- */

typedef struct far_end {
    int listener, port, fd;
} far_end;

static far_end far_listen(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t          size = sizeof address;
    far_end            self = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    CHECK_EQ(bind(self.listener, (struct sockaddr *)&address, size), 0);
    CHECK_EQ(listen(self.listener, 1), 0);
    CHECK_EQ(getsockname(self.listener, (struct sockaddr *)&address, &size), 0);
    self.port = ntohs(address.sin_port);
    return self;
}

static void far_accept(far_end *self)
{
    struct timeval patience = {.tv_sec = 5};
    self->fd = accept(self->listener, NULL, NULL);
    CHECK(self->fd >= 0);
    setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static void far_close(far_end *self)
{
    close(self->fd);
    close(self->listener);
}

/* As many bytes as `text` has must be those; "" is the end. */
static void check_comes(int fd, const char *text)
{
    char   bytes[64] = "";
    size_t length = strlen(text), done = 0;
    while (done < length || length == 0) {
        ssize_t n = recv(fd, bytes + done, length ? length - done : sizeof bytes - 1, 0);
        if (n <= 0) {
            CHECK_EQ(n, 0);
            break;
        }
        done += (size_t)n;
        if (length == 0)
            break;
    }
    CHECK_TEXT(bytes, text);
}

/* ---- HTTP/1.1 -------------------------------------------------------------------------------- */

static int open_tunnel(const live *server, far_end *far)
{
    int fd = live_connect(server);
    live_send(fd, nu_fmt("GET /tunnel?%d HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                         "Upgrade: websocket\r\n\r\n",
                         far->port));
    far_accept(far);
    CHECK_CONTAINS(live_response(fd), "HTTP/1.1 101 ");
    check_comes(fd, "early ");
    return fd;
}

TEST(bytes_go_both_ways_through_a_tunnel_and_so_do_ends)
{
    live    server = live_start(&plain);
    far_end far = far_listen();
    int     fd = open_tunnel(&server, &far);
    live_send(fd, "there");
    check_comes(far.fd, "there");
    live_send(far.fd, "back");
    check_comes(fd, "back");
    shutdown(fd, SHUT_WR);
    check_comes(far.fd, "");
    live_send(far.fd, "last words");
    check_comes(fd, "last words");
    shutdown(far.fd, SHUT_WR);
    check_comes(fd, "");
    close(fd);
    far_close(&far);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_silent_tunnel_is_closed_at_both_sides_when_the_worker_drains)
{
    live    server = live_start(&plain);
    far_end far = far_listen();
    int     fd = open_tunnel(&server, &far);
    int64_t began = live_clock();
    kill(server.pid, SIGTERM);
    /* Who speaks is let to. */
    for (int i = 0; i < 6; i++) {
        live_pause(300);
        live_send(fd, "more");
        check_comes(far.fd, "more");
        live_send(far.fd, "and back");
        check_comes(fd, "and back");
    }
    check_comes(fd, "");
    check_comes(far.fd, "");
    CHECK(live_clock() - began >= 2500);
    CHECK(live_clock() - began < 8000);
    close(fd);
    far_close(&far);
    CHECK_EQ(live_stop(&server, 0), 0);
}

/* ---- HTTP/2 ---------------------------------------------------------------------------------- */

static h2 *open_stream(const live *server, far_end *far)
{
    h2 *peer = h2_open(server);
    h2_headers(peer, 0, 1,
               h2_block(":method", "CONNECT", ":protocol", "websocket", ":scheme", "http",
                        ":authority", "a.test", ":path", nu_fmt("/tunnel?%d", far->port),
                        "sec-websocket-version", "13", NULL));
    far_accept(far);
    CHECK_EQ(h2_status(peer, 1), 200);
    CHECK_EQ(h2_await(peer, H2_DATA, 1)->length, 6);
    CHECK(memcmp(peer->frame.payload, "early ", 6) == 0);
    return peer;
}

TEST(a_tunnel_may_be_a_stream_of_http_2)
{
    live    server = live_start(&plain);
    far_end far = far_listen();
    h2     *peer = open_stream(&server, &far);
    H2_SEND(peer, H2_DATA, 0, 1, "there");
    check_comes(far.fd, "there");
    live_send(far.fd, "back");
    CHECK_EQ(h2_await(peer, H2_DATA, 1)->length, 4);
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "end");
    check_comes(far.fd, "end");
    check_comes(far.fd, "");
    live_send(far.fd, "last words");
    CHECK_EQ(h2_await(peer, H2_DATA, 1)->length, 10);
    shutdown(far.fd, SHUT_WR);
    CHECK(h2_await(peer, H2_DATA, 1)->flags & H2_END_STREAM);
    h2_ask(peer, 3);
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    h2_close(peer);
    far_close(&far);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_stream_that_is_reset_ends_its_tunnel)
{
    live    server = live_start(&plain);
    far_end far = far_listen();
    h2     *peer = open_stream(&server, &far);
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    check_comes(far.fd, "");
    h2_ask(peer, 3);
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    h2_close(peer);
    far_close(&far);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(much_goes_through_a_stream_under_flow_control)
{
    enum { SIZE = 1 << 20 };
    live    server = live_start(&plain);
    far_end far = far_listen();
    h2     *peer = open_stream(&server, &far);
    char   *bytes = nu_alloc(SIZE);
    memset(bytes, 'x', SIZE);
    size_t received = 0, sent = 0;
    while (received < SIZE) {
        ssize_t n = sent < SIZE ? send(far.fd, bytes + sent, SIZE - sent, MSG_DONTWAIT) : 0;
        sent += n > 0 ? (size_t)n : 0;
        const h2_frame *frame = h2_await(peer, H2_DATA, 1);
        CHECK_EQ(frame->type, H2_DATA);
        received += frame->length;
        unsigned char by[4] = {0, 0, (unsigned char)(frame->length >> 8),
                               (unsigned char)frame->length};
        h2_send(peer, H2_WINDOW_UPDATE, 0, 1, by, 4);
        h2_send(peer, H2_WINDOW_UPDATE, 0, 0, by, 4);
    }
    CHECK_EQ(received, SIZE);
    /* A worker that is told to stop closes the silent stream, then the connection. */
    kill(server.pid, SIGTERM);
    CHECK(h2_await(peer, H2_DATA, 1)->flags & H2_END_STREAM);
    check_comes(far.fd, "");
    while (h2_read(peer)->type >= 0) {
    }
    CHECK(!peer->timed_out);
    h2_close(peer);
    far_close(&far);
    CHECK_EQ(live_stop(&server, 0), 0);
}
