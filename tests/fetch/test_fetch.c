/* Requests to a server of this test's own, which answers with what each test writes down. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch/internal.h"
#include "nuages/json.h"
#include "nuages/test.h"

/* ---- the server --------------------------------------------------------------------------------- */

typedef struct other_server {
    int         fd, port;
    const char *answers[8]; /* one for each request, in order; the last one again and again */
    int         accepted, requests;
    const char *seen;  /* the last request with its body */
    size_t      flood; /* bytes of body to send after the answer */
    size_t      flooded;
    bool        silent; /* never answers */
    bool        cut;    /* closes after the answer, without keeping the connection */
    nu_arena   *arena;
} other_server;

static void server_open(other_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          length = sizeof address;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(bind(server->fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(server->fd, 16) == 0);
    CHECK(getsockname(server->fd, (struct sockaddr *)&address, &length) == 0);
    server->port = ntohs(address.sin_port);
    server->arena = nu_arena_current();
}

static void write_all(other_server *server, int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = send(fd, data, length, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN)
            return;
        if (written < 0) {
            if (!nu_wait_writable(fd, 5000))
                return;
            continue;
        }
        server->flooded += (size_t)written;
        data += written;
        length -= (size_t)written;
    }
}

static bool is_whole(const char *request, size_t length)
{
    const char *end = strstr(request, "\r\n\r\n");
    if (end == NULL)
        return false;
    if (strstr(request, "Transfer-Encoding: chunked") != NULL)
        return strstr(end, "\r\n0\r\n\r\n") != NULL;
    const char *field = strstr(request, "Content-Length: ");
    size_t      wanted = field != NULL && field < end ? strtoul(field + 16, NULL, 10) : 0;
    return length >= (size_t)(end + 4 - request) + wanted;
}

/* False when the other side is gone. */
static bool read_request(other_server *server, int fd)
{
    nu_builder text;
    nu_builder_init(&text, server->arena, 4096);
    while (!is_whole(nu_builder_text(&text), text.length)) {
        char    buffer[2048];
        ssize_t got = recv(fd, buffer, sizeof buffer, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return false;
        if (got < 0)
            nu_wait_readable(fd, 5000);
        else
            nu_builder_add(&text, buffer, (size_t)got);
    }
    server->seen = nu_builder_text(&text);
    return true;
}

static void answer(other_server *server, int fd)
{
    static char block[65536];
    int         turn = server->requests++;
    int         last = 0;
    while (last < 7 && server->answers[last + 1] != NULL)
        last++;
    const char *text = server->answers[turn < last ? turn : last];
    write_all(server, fd, text, strlen(text));
    server->flooded = 0;
    memset(block, 'x', sizeof block);
    for (size_t left = server->flood; left > 0;) {
        size_t part = left < sizeof block ? left : sizeof block;
        write_all(server, fd, block, part);
        left -= part;
    }
}

struct visit {
    other_server *server;
    int           fd;
};

static void visit_serve(void *arg)
{
    struct visit *visit = arg;
    NU_TRY {
        while (read_request(visit->server, visit->fd)) {
            if (visit->server->silent) {
                nu_wait_readable(visit->fd, 20000);
                break;
            }
            answer(visit->server, visit->fd);
            if (visit->server->cut)
                break;
        }
    }
    NU_CATCH (error) {
        (void)error; /* cancelled at the end of the test */
    }
    close(visit->fd);
}

static void server_run(void *arg)
{
    other_server *server = arg;
    while (true) {
        nu_wait_readable(server->fd, -1);
        int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        server->accepted++;
        struct visit *visit = nu_arena_alloc(server->arena, sizeof *visit);
        *visit = (struct visit){server, fd};
        nu_spawn(visit_serve, visit);
    }
}

/* Runs `fn` in a fiber beside the server. */
typedef struct scene {
    other_server *server;
    void (*fn)(other_server *server);
} scene;

static void scene_run(void *arg)
{
    scene *with = arg;
    server_open(with->server);
    nu_fiber *fiber = nu_spawn(server_run, with->server);
    NU_TRY {
        with->fn(with->server);
    }
    NU_CATCH (error) {
        nu_cancel(fiber);
        close(with->server->fd);
        nu_reraise(error);
    }
    nu_cancel(fiber);
    CHECK_RAISES(NU_CANCELLED, nu_join(fiber));
    close(with->server->fd);
}

static void play(other_server *server, void (*fn)(other_server *))
{
    scene with = {server, fn};
    nu__loop_call(NULL, scene_run, &with);
}

static const char *url_of(const other_server *server, const char *path)
{
    return nu_fmt("http://127.0.0.1:%d%s", server->port, path);
}

#define OK_HELLO                                                                                   \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Kind: a, b\r\nContent-Length: "              \
    "5\r\n\r\nhello"

/* ---- replies ------------------------------------------------------------------------------------- */

static void gets(other_server *server)
{
    nu_reply *reply = nu_fetch(url_of(server, "/a?b=c"), .headers = NU_PAIRS("X-Mine", "yes"));
    CHECK_EQ(reply->status, 200);
    CHECK_TEXT(reply->body, "hello");
    CHECK_EQ((int64_t)reply->length, 5);
    CHECK_TEXT(nu_reply_header(reply, "x-kind"), "a, b");
    CHECK_TEXT(nu_reply_header(reply, "X-None"), NULL);
    CHECK_TEXT(reply->url, url_of(server, "/a?b=c"));
    CHECK_CONTAINS(server->seen, "GET /a?b=c HTTP/1.1\r\n");
    CHECK_CONTAINS(server->seen, "X-Mine: yes\r\n");
    nu_reply_check(reply);
}

TEST(a_reply_has_status_fields_and_body)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, gets);
}

static void gets_three(other_server *server)
{
    for (int i = 0; i < 3; i++)
        CHECK_TEXT(nu_fetch(url_of(server, "/"))->body, "hello");
    CHECK_EQ(server->requests, 3);
    CHECK_EQ(server->accepted, 1);
}

TEST(a_connection_is_used_again)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, gets_three);
}

static void fetch_hello(void *arg)
{
    CHECK_TEXT(nu_fetch(*(const char **)arg)->body, "hello");
}

static void gets_many(other_server *server)
{
    const char *urls[40];
    for (size_t i = 0; i < NU_COUNT(urls); i++)
        urls[i] = url_of(server, nu_fmt("/%zu", i));
    nu_gather(fetch_hello, urls, NU_COUNT(urls), sizeof urls[0]);
    CHECK_EQ(server->requests, 40);
}

TEST(forty_fibers_fetch_at_once)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, gets_many);
}

static void unpacks(other_server *server)
{
    CHECK_TEXT(nu_fetch(url_of(server, "/"))->body, "hello, world");
}

TEST(a_chunked_reply_is_put_together)
{
    other_server server = {.answers = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                       "5\r\nhello\r\n1;x=y\r\n,\r\n6\r\n world\r\n0\r\n\r\n"}};
    play(&server, unpacks);
}

/* ---- what is sent --------------------------------------------------------------------------------- */

static void posts(other_server *server)
{
    nu_fetch(url_of(server, "/j"), .json = nu_value_dict(nu_dict_of("a", 1, "b", "é")));
    CHECK_CONTAINS(server->seen, "POST /j HTTP/1.1\r\n");
    CHECK_CONTAINS(server->seen, "Content-Type: application/json\r\n");
    CHECK_CONTAINS(server->seen, "\r\n\r\n{\"a\":1,\"b\":\"é\"}");
    nu_fetch(url_of(server, "/f"), .form = NU_PAIRS("name", "A & B", "n", 3));
    CHECK_CONTAINS(server->seen, "Content-Type: application/x-www-form-urlencoded\r\n");
    CHECK_CONTAINS(server->seen, "\r\n\r\nname=A+%26+B&n=3");
    nu_fetch(url_of(server, "/p"), .method = "PUT", .body = "raw", .body_length = 3,
             .content_type = "text/csv");
    CHECK_CONTAINS(server->seen, "PUT /p HTTP/1.1\r\n");
    CHECK_CONTAINS(server->seen, "Content-Type: text/csv\r\n");
    nu_fetch(url_of(server, "/d"), .method = "DELETE", .user = "ann", .password = "s3");
    CHECK_CONTAINS(server->seen, "DELETE /d HTTP/1.1\r\n");
    CHECK_CONTAINS(server->seen, "Authorization: Basic YW5uOnMz\r\n");
    nu_fetch(url_of(server, "/b"), .bearer = "t0k");
    CHECK_CONTAINS(server->seen, "Authorization: Bearer t0k\r\n");
    nu_fetch(url_of(server, "/e"), .method = "POST");
    CHECK_CONTAINS(server->seen, "Content-Length: 0\r\n");
}

TEST(json_forms_and_bytes_are_sent)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, posts);
}

static bool three_pieces(void *self, nu_value *piece)
{
    int *at = self;
    nu_sleep_ms(1);
    *piece = NU_V(nu_fmt("piece %d;", *at));
    return ++*at <= 3;
}

static void sends(other_server *server)
{
    int at = 0;
    nu_fetch(url_of(server, "/s"), .send = three_pieces, .send_self = &at);
    CHECK_CONTAINS(server->seen, "Transfer-Encoding: chunked\r\n");
    CHECK_CONTAINS(server->seen, "piece 0;");
    CHECK_CONTAINS(server->seen, "piece 2;");
    at = 0;
    nu_fetch(url_of(server, "/s"), .method = "PUT", .send = three_pieces, .send_self = &at,
             .send_length = 24);
    CHECK_CONTAINS(server->seen, "Content-Length: 24\r\n");
    CHECK_CONTAINS(server->seen, "\r\n\r\npiece 0;piece 1;piece 2;");
}

TEST(a_body_is_sent_piece_by_piece)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, sends);
}

/* ---- redirects ------------------------------------------------------------------------------------ */

#define MOVED "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 4\r\n\r\nmove"

static void follows(other_server *server)
{
    nu_reply *reply = nu_fetch(url_of(server, "/here"));
    CHECK_TEXT(reply->body, "hello");
    CHECK_TEXT(reply->url, url_of(server, "/there"));
    CHECK_TEXT(nu_reply_header(reply, "Location"), NULL);
    server->requests = 0;
    reply = nu_fetch(url_of(server, "/here"), .redirects = -1);
    CHECK_EQ(reply->status, 302);
    CHECK_TEXT(reply->body, "move");
}

TEST(redirects_are_followed_unless_told_otherwise)
{
    other_server server = {.answers = {MOVED, OK_HELLO}};
    play(&server, follows);
}

static void circles(other_server *server)
{
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/")));
    CHECK_EQ(server->requests, 6);
    server->answers[0] = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
                         "Content-Length: 0\r\n\r\n";
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/")));
}

TEST(redirects_in_a_circle_or_to_a_file_end)
{
    other_server server = {.answers = {MOVED}};
    play(&server, circles);
}

/* ---- failures ------------------------------------------------------------------------------------- */

static void fails(other_server *server)
{
    nu_reply *reply = nu_fetch(url_of(server, "/x?secret=1"));
    CHECK_EQ(reply->status, 503);
    CHECK_RAISES(NU_FETCH_ERROR, nu_reply_check(reply));
    CHECK_CONTAINS(nu_test_error()->fact, "/x\" answered 503 Service Unavailable");
    CHECK_CONTAINS(nu_test_error()->detail, "busy");
    CHECK_RAISES(NU_SYNTAX_ERROR, nu_reply_json(reply));
    CHECK(strstr(nu_test_error()->fact, "secret") == NULL);
}

TEST(a_status_is_an_error_when_asked)
{
    other_server server = {
        .answers = {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"}};
    play(&server, fails);
}

static void refused(other_server *server)
{
    close(server->fd);
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(nu_fmt("http://u:p@127.0.0.1:%d/a?k=1", server->port)));
    CHECK_CONTAINS(nu_test_error()->fact, nu_fmt("http://127.0.0.1:%d/a\"", server->port));
    CHECK_EQ(nu_kind_status(nu_test_error()->kind), 502);
}

TEST(a_refused_connection_names_the_place_without_secrets)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, refused);
}

static void waits(other_server *server)
{
    CHECK_RAISES(NU_TIMEOUT, nu_fetch(url_of(server, "/"), .timeout_ms = 30));
    NU_TRY {
        NU_DEADLINE(30)
        {
            nu_fetch(url_of(server, "/"));
        }
        FAIL("the deadline did not end it");
    }
    NU_CATCH (error) {
        CHECK(nu_error_is(error, NU_TIMEOUT));
    }
}

TEST(silence_ends_by_time_out_and_by_deadline)
{
    other_server server = {.answers = {OK_HELLO}, .silent = true};
    play(&server, waits);
}

static void cut_off(other_server *server)
{
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/")));
    server->answers[0] = "no HTTP at all\r\n\r\n";
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/")));
    server->answers[0] =
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello";
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/")));
}

TEST(a_reply_that_is_cut_off_or_garbled_is_an_error)
{
    other_server server = {.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"},
                           .cut = true};
    play(&server, cut_off);
}

static void too_large(other_server *server)
{
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/"), .max_body = 4));
    CHECK_CONTAINS(nu_test_error()->fact, "larger than 4 bytes");
    CHECK_TEXT(nu_fetch(url_of(server, "/"), .max_body = 5)->body, "hello");
}

TEST(a_reply_may_be_too_large)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, too_large);
}

TEST(what_is_no_url_is_refused)
{
    static const char *const wrong[] = {"",          "example.org",        "ftp://example.org/",
                                        "http://",   "file:///etc/passwd", "http://a b/",
                                        "http:///x", "http://h/\r\nX: y",  "javascript:alert(1)"};
    for (size_t i = 0; i < NU_COUNT(wrong); i++)
        CHECK_RAISES(NU_VALUE_ERROR, nu_fetch(wrong[i]));
    CHECK_RAISES(NU_VALUE_ERROR, nu_fetch("http://127.0.0.1:1/", .method = "GET /x"));
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_fetch("http://127.0.0.1:1/", .headers = NU_PAIRS("X", "a\r\nHost: evil")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_fetch("http://127.0.0.1:1/", .body = "x", .body_length = 1,
                                          .form = NU_PAIRS("a", 1)));
}

/* ---- addresses ------------------------------------------------------------------------------------- */

static bool is_public(const char *text)
{
    struct sockaddr_in  in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return nu__address_is_public((struct sockaddr *)&in);
    CHECK(inet_pton(AF_INET6, text, &in6.sin6_addr) == 1);
    return nu__address_is_public((struct sockaddr *)&in6);
}

TEST(private_and_reserved_addresses_are_not_public)
{
    static const char *const hidden[] = {"0.0.0.0",
                                         "10.1.2.3",
                                         "100.64.0.1",
                                         "127.0.0.1",
                                         "169.254.169.254",
                                         "172.31.9.9",
                                         "192.0.2.1",
                                         "192.168.1.1",
                                         "198.19.0.1",
                                         "203.0.113.9",
                                         "224.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "fe80::1",
                                         "fd00::1",
                                         "ff02::1",
                                         "::ffff:10.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "2002:7f00:1::",
                                         "2001:db8::1",
                                         "2001::1",
                                         "::127.0.0.1"};
    static const char *const open[] = {"8.8.8.8",         "100.128.0.1",    "172.32.0.1",
                                       "192.0.1.1",       "223.255.1.1",    "2606:4700::1111",
                                       "2001:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"};
    for (size_t i = 0; i < NU_COUNT(hidden); i++) {
        if (is_public(hidden[i]))
            FAIL("%s is taken for public", hidden[i]);
    }
    for (size_t i = 0; i < NU_COUNT(open); i++) {
        if (!is_public(open[i]))
            FAIL("%s is taken for private", open[i]);
    }
}

static void looks(other_server *server)
{
    CHECK_TEXT(nu_fetch(url_of(server, "/"))->body, "hello");
    CHECK_RAISES(NU_FETCH_ERROR, nu_fetch(url_of(server, "/"), .public_only = true));
    CHECK_CONTAINS(nu_test_error()->fact, "not public");
    CHECK_RAISES(NU_FETCH_ERROR,
                 nu_fetch(nu_fmt("http://localhost:%d/", server->port), .public_only = true));
    CHECK_EQ(server->requests, 1);
}

TEST(public_only_refuses_this_machine_even_with_a_connection_at_hand)
{
    other_server server = {.answers = {OK_HELLO}};
    play(&server, looks);
}

/* ---- downloads -------------------------------------------------------------------------------------- */

enum { FLOOD = 24 << 20 };

static void downloads(other_server *server)
{
    nu_download *download = nu_download_open(url_of(server, "/"));
    CHECK_EQ(nu_download_reply(download)->status, 200);
    nu_sleep_ms(60); /* let it come as far as it may */
    CHECK(server->flooded < FLOOD / 2);
    nu_value piece;
    size_t   total = 0;
    while (nu_download_next(download, &piece)) {
        CHECK(piece.type == NU_BYTES && piece.length > 0 && piece.length <= 256 << 10);
        total += piece.length;
    }
    CHECK_EQ((int64_t)total, FLOOD);
    CHECK(!nu_download_next(download, &piece));
    nu_download_close(download);
    CHECK_RAISES(NU_VALUE_ERROR, nu_download_next(download, &piece));
}

TEST(a_slow_reader_holds_the_other_side_up, .timeout = 120)
{
    other_server server = {
        .answers = {nu_fmt("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", FLOOD)},
        .flood = FLOOD,
    };
    play(&server, downloads);
}

static void gives_up(other_server *server)
{
    nu_download *download = nu_download_open(url_of(server, "/"));
    nu_value     piece;
    CHECK(nu_download_next(download, &piece));
    nu_download_close(download);
    nu_download_close(download);
    nu_download_open(url_of(server, "/")); /* its arena closes it */
}

TEST(a_download_may_be_given_up)
{
    other_server server = {
        .answers = {nu_fmt("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", FLOOD)},
        .flood = FLOOD,
    };
    play(&server, gives_up);
}

/* ---- outside the loop --------------------------------------------------------------------------------- */

TEST(outside_the_loop_a_fetch_blocks)
{
    other_server server = {.answers = {OK_HELLO}, .cut = true};
    server_open(&server);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = -1;
        nu_wait_readable(server.fd, 5000);
        fd = accept4(server.fd, NULL, NULL, SOCK_NONBLOCK);
        if (fd >= 0 && read_request(&server, fd))
            answer(&server, fd);
        _exit(0);
    }
    CHECK_TEXT(nu_fetch(url_of(&server, "/"))->body, "hello");
    CHECK(waitpid(pid, NULL, 0) == pid);
    close(server.fd);
    CHECK_RAISES(NU_ASSERTION, nu_download_open("http://127.0.0.1:1/"));
}
