/* WebSockets: the handshake, and what handlers meet. Frames are in test_websocket_cases.c. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/test.h"
#include "nuages/text.h"
#include "nuages/time.h"
#include "runtime/sanitize.h"
#include "tls_peer.h"
#include "websocket_peer.h"

static const nu_server_options options;

static void say_goodbye(ws_peer *peer)
{
    ws_send(peer, WS_CLOSE, "\x03\xe8", 2);
    CHECK_EQ(ws_code(ws_read(peer)), 1000);
    CHECK_EQ(ws_read(peer).first, -1);
    ws_close(peer);
}

static void check_echo(ws_peer *peer, const char *text)
{
    ws_send_text(peer, text);
    CHECK_TEXT(ws_read(peer).bytes, text);
}

/* ---- the handshake --------------------------------------------------------------------------- */

#define HEAD    "GET /ws HTTP/1.1\r\nHost: a\r\n"
#define UPGRADE "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define KEY     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

TEST(what_is_no_opening_handshake_is_refused)
{
    static const struct {
        const char *request, *status, *part;
    } cases[] = {
        {HEAD "\r\n", "426 Upgrade Required", "Upgrade: websocket\r\n"},
        {HEAD "Connection: Upgrade\r\n" VERSION KEY "\r\n", "426 ",
         "Sec-WebSocket-Version: 13\r\n"},
        {HEAD "Connection: Upgrade\r\nUpgrade: h2c\r\n" VERSION KEY "\r\n", "426 ", ""},
        {HEAD "Connection: keep-alive\r\nUpgrade: websocket\r\n" VERSION KEY "\r\n", "426 ", ""},
        {HEAD UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY "\r\n", "426 ",
         "Sec-WebSocket-Version: 13"},
        {HEAD UPGRADE KEY "\r\n", "426 ", "Sec-WebSocket-Version: 13"},
        {HEAD UPGRADE VERSION "\r\n", "400 ", "16 bytes"},
        {HEAD UPGRADE VERSION "Sec-WebSocket-Key: short\r\n\r\n", "400 ", "16 bytes"},
        {HEAD UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ!!\r\n\r\n", "400 ", ""},
        {"POST /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" UPGRADE VERSION KEY "\r\n", "426 ",
         ""},
        {"GET /ws HTTP/1.0\r\nHost: a\r\n" UPGRADE VERSION KEY "\r\n", "426 ", ""},
        {"GET /ws/wrong HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION KEY "\r\n", "500 ", ""},
    };
    live server = live_start(&options);
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        const char *response = live_ask(&server, cases[i].request);
        CHECK_CONTAINS(response, nu_fmt("HTTP/1.1 %s", cases[i].status));
        CHECK_CONTAINS(response, cases[i].part);
    }
    CHECK_CONTAINS(live_log(&server), "window_bits of a WebSocket is 9 to 15, not 8");
    live_stop(&server, SIGTERM);
}

TEST(names_and_tokens_of_the_handshake_may_be_written_in_any_case)
{
    live server = live_start(&options);
    CHECK_CONTAINS(live_ask(&server, HEAD
                            "connection: foo , uPgRaDe\r\nupgrade: h2c, WebSocket\r\n" VERSION KEY
                            "\r\n"),
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    live_stop(&server, SIGTERM);
}

static bool opens(const live *server, const char *path, const char *fields)
{
    ws_peer *peer = ws_connect(server, path, fields);
    bool     open = peer->open;
    CHECK(open || nu_starts_with(peer->response, "HTTP/1.1 403 "));
    ws_close(peer);
    return open;
}

TEST(pages_of_other_sites_may_not_open_one)
{
    live server = live_start(&options);
    CHECK(opens(&server, "/ws", "Origin: http://localhost\r\n"));
    CHECK(opens(&server, "/ws", "Origin: HTTP://LOCALHOST\r\n"));
    CHECK(!opens(&server, "/ws", "Origin: https://localhost\r\n"));
    CHECK(!opens(&server, "/ws", "Origin: http://localhost:8000\r\n"));
    CHECK(!opens(&server, "/ws", "Origin: http://localhost.evil.example\r\n"));
    CHECK(!opens(&server, "/ws", "Origin: http://evil.example\r\n"));
    CHECK(!opens(&server, "/ws", "Origin: null\r\n"));
    CHECK(!opens(&server, "/ws", "Origin: \r\n"));
    CHECK(opens(&server, "/ws/foreign", "Origin: https://friend.example\r\n"));
    CHECK(opens(&server, "/ws/foreign", "Origin: http://localhost\r\n"));
    CHECK(!opens(&server, "/ws/foreign", "Origin: http://friend.example\r\n"));
    CHECK(!opens(&server, "/ws/foreign", "Origin: https://friend.example.org\r\n"));
    CHECK(live_logs(&server, "origin \"http://evil.example\" is refused"));
    live_stop(&server, SIGTERM);
}

TEST(frames_may_follow_the_request_at_once)
{
    live        server = live_start(&options);
    int         fd = live_connect(&server);
    size_t      length;
    const char *frame = ws_frame_bytes(WS_TEXT, "early", 5, false, 0, &length);
    const char *head = HEAD UPGRADE VERSION KEY "\r\n";
    nu_builder                              all;
    nu_builder_init(&all, NULL, 512);
    nu_builder_puts(&all, head);
    nu_builder_add(&all, frame, length);
    live_send_n(fd, all.data, all.length);
    CHECK_CONTAINS(live_response(fd), "101 Switching Protocols");
    ws_peer peer = {.fd = fd};
    CHECK_TEXT(ws_read(&peer).bytes, "early");
    say_goodbye(&peer);
    live_stop(&server, SIGTERM);
}

TEST(a_response_of_101_has_no_body_and_no_length)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws");
    CHECK(!strstr(peer->response, "Content-Length"));
    CHECK(!strstr(peer->response, "Transfer-Encoding"));
    CHECK(!strstr(peer->response, "Content-Type"));
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

/* ---- handlers -------------------------------------------------------------------------------- */

TEST(a_handler_has_what_the_view_gave_it)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_connect(&server, "/ws/greeted?q=1",
                               "Sec-WebSocket-Protocol: chat.v1, chat.v2, other\r\n");
    CHECK_CONTAINS(peer->response, "Sec-WebSocket-Protocol: chat.v2\r\n");
    CHECK_TEXT(ws_read(peer).bytes, "hello Ada");
    CHECK_TEXT(ws_read(peer).bytes, "hello Ada");
    CHECK_TEXT(ws_read(peer).bytes, "\"q=1\"");
    CHECK_TEXT(ws_read(peer).bytes, "chat.v2");
    ws_frame frame = ws_read(peer);
    CHECK_EQ(ws_code(frame), 4001);
    CHECK_TEXT(frame.bytes + 2, "that was all");
    ws_send(peer, WS_CLOSE, frame.bytes, frame.length);
    CHECK_EQ(ws_read(peer).first, -1);
    ws_close(peer);
    peer = ws_connect(&server, "/ws/greeted", "Sec-WebSocket-Protocol: other\r\n");
    CHECK(peer->open && !strstr(peer->response, "Sec-WebSocket-Protocol"));
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

TEST(a_handler_that_raises_closes_with_1011)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/broken");
    ws_send_text(peer, "go");
    CHECK_EQ(ws_code(ws_read(peer)), 1011);
    CHECK(live_logs(&server, "the handler broke"));
    ws_close(peer);
    peer = ws_open(&server, "/ws/events");
    ws_send_text(peer, "raise");
    CHECK_EQ(ws_code(ws_read(peer)), 1011);
    CHECK(live_logs(&server, "as asked for"));
    CHECK(live_logs(&server, "events closed with 0"));
    ws_close(peer);
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}

TEST(a_handler_learns_how_the_client_left)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws");
    ws_send(peer, WS_CLOSE,
            "\x0f\xa1"
            "bye",
            5);
    CHECK_EQ(ws_code(ws_read(peer)), 4001);
    CHECK(live_logs(&server, "closed with 4001 bye"));
    ws_close(peer);
    peer = ws_open(&server, "/ws");
    ws_close(peer);
    CHECK(live_logs(&server, "closed with 1006"));
    peer = ws_open(&server, "/ws/events");
    ws_close(peer);
    CHECK(live_logs(&server, "events closed with 1006"));
    live_stop(&server, SIGTERM);
}

#if defined(NU__ASAN) || defined(NU__TSAN)
#define AFTER_A_WHILE "in its place"
#else
#define AFTER_A_WHILE "put aside"
#endif

TEST(what_a_compact_handler_has_in_its_stack_is_there_after_a_long_wait)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/compact");
    ws_send_text(peer, "one");
    CHECK_TEXT(ws_read(peer).bytes, "1 one,");
    ws_peer *watcher = ws_open(&server, "/ws/watching");
    CHECK_TEXT(ws_read(watcher).bytes, AFTER_A_WHILE);
    ws_send_text(peer, "two");
    CHECK_TEXT(ws_read(peer).bytes, "1 one,2 two,");
    ws_close(watcher);
    watcher = ws_open(&server, "/ws/watching");
    CHECK_TEXT(ws_read(watcher).bytes, AFTER_A_WHILE);
    ws_close(watcher);
    ws_close(peer); /* it ends with its stack aside */
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}

#if !defined(NU__ASAN) && !defined(NU__TSAN)
TEST(whoever_uses_a_stack_that_is_put_aside_ends_the_worker_with_the_reason)
{
    nu_server_options supervised = {.workers = 1};
    live              server = live_start(&supervised);
    ws_peer          *peer = ws_open(&server, "/ws/compact");
    ws_peer          *watcher = ws_open(&server, "/ws/watching");
    CHECK_TEXT(ws_read(watcher).bytes, AFTER_A_WHILE);
    ws_close(watcher);
    ws_close(ws_open(&server, "/ws/touching"));
    CHECK(live_logs(&server, "a local variable of fiber \"websocket\" was used while its stack is "
                             "put aside"));
    ws_close(peer);
    live_stop(&server, SIGTERM);
}
#endif

TEST(a_handler_that_waits_for_something_else_is_cancelled)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/sleeping");
    ws_send(peer, WS_CLOSE, "\x03\xe8", 2);
    CHECK_EQ(ws_code(ws_read(peer)), 1000);
    CHECK_EQ(ws_read(peer).first, -1);
    CHECK(live_logs(&server, "handler: Cancelled, code 1000"));
    ws_close(peer);
    peer = ws_open(&server, "/ws/sleeping");
    ws_close(peer);
    CHECK(live_logs(&server, "handler: Cancelled, code 1006"));
    live_stop(&server, SIGTERM);
}

TEST(a_wait_for_a_message_may_have_a_deadline)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/deadline");
    CHECK_TEXT(ws_read(peer).bytes, "Timeout");
    check_echo(peer, "still here");
    say_goodbye(peer);
    live_stop(&server, SIGTERM);
}

TEST(mistakes_are_told_to_the_handler)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/mistaken");
    CHECK_TEXT(ws_read(peer).bytes, "1005 is no code to close a WebSocket with");
    CHECK_TEXT(ws_read(peer).bytes, "the reason of a close is UTF-8 of at most 123 bytes");
    CHECK_TEXT(ws_read(peer).bytes, "text of a WebSocket's message is not UTF-8");
    CHECK_TEXT(ws_read(peer).bytes, "a WebSocket sends text and bytes: make JSON of other values");
    CHECK_TEXT(ws_read(peer).bytes, "a ping holds 125 bytes, not 126");
    CHECK_EQ(ws_code(ws_read(peer)), 1000);
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

TEST(functions_are_called_one_after_the_other)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/events");
    ws_send_text(peer, "wait");
    ws_send_text(peer, "2");
    CHECK_TEXT(ws_read(peer).bytes, "wait");
    CHECK_TEXT(ws_read(peer).bytes, "2");
    CHECK(live_logs(&server, "open 127.0.0.1"));
    say_goodbye(peer);
    live_stop(&server, SIGTERM);
}

/* ---- patience -------------------------------------------------------------------------------- */

TEST(a_client_that_does_not_read_makes_the_sender_wait)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/flooding");
    live_pause(300);
    long memory = live_memory(server.pid);
    live_pause(300);
    CHECK(live_memory(server.pid) - memory < 1000);
    /* It goes on when the client reads. */
    for (int i = 0; i < 400; i++)
        CHECK_EQ(ws_read(peer).length, 32 * 1024);
    ws_close(peer);
    CHECK(live_logs(&server, "pieces, code 1006"));
    live_stop(&server, SIGTERM);
}

TEST(a_client_that_does_not_read_can_be_let_go)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/impatient");
    CHECK(live_logs(&server, "pieces, code"));
    ws_frame frame;
    while ((frame = ws_read(peer)).first == WS_BINARY) {
    }
    CHECK_EQ(ws_code(frame), 1008);
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

TEST(a_client_that_stops_reading_for_good_is_given_up)
{
    live     server = live_start(&(nu_server_options){.timeouts.write = 200});
    ws_peer *peer = ws_open(&server, "/ws/flooding");
    CHECK(live_logs(&server, "pieces, code 1006"));
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

/* Two messages wait, and the rest stays with the client until there is room. */
TEST(a_slow_handler_gets_every_message_in_order)
{
    enum { COUNT = 100 };
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/slow");
    for (int i = 0; i < COUNT; i++)
        ws_send_text(peer, nu_fmt("%d", i));
    ws_send(peer, WS_CLOSE, "\x03\xe8", 2);
    for (int i = 0; i < COUNT; i++)
        CHECK_TEXT(ws_read(peer).bytes, nu_fmt("%d", i));
    CHECK_EQ(ws_code(ws_read(peer)), 1000);
    CHECK(live_logs(&server, "slow echo ended"));
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

TEST(a_silent_client_is_pinged_and_given_up)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/watchful");
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(ws_read(peer).first, WS_PING);
        ws_send(peer, WS_PONG, "", 0);
    }
    CHECK_EQ(ws_read(peer).first, WS_PING);
    CHECK_EQ(ws_read(peer).first, -1);
    CHECK(live_logs(&server, "closed with 1006"));
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

TEST(a_client_that_only_answers_pings_is_idle)
{
    live     server = live_start(&options);
    ws_peer *peer = ws_open(&server, "/ws/idle");
    ws_frame frame;
    int      pings = 0;
    for (; (frame = ws_read(peer)).first == WS_PING; pings++)
        ws_send(peer, WS_PONG, frame.bytes, frame.length);
    CHECK(pings >= 1);
    CHECK_EQ(ws_code(frame), 1000);
    CHECK_TEXT(frame.bytes + 2, "idle");
    ws_close(peer);
    live_stop(&server, SIGTERM);
}

/* ---- the end of the server ------------------------------------------------------------------- */

TEST(a_server_that_stops_closes_with_1001)
{
    live     server = live_start(&options);
    ws_peer *peers[3] = {ws_open(&server, "/ws"), ws_open(&server, "/ws/events"),
                         ws_open(&server, "/ws/slow")};
    check_echo(peers[0], "one");
    check_echo(peers[1], "two");
    kill(server.pid, SIGTERM);
    for (int i = 0; i < 3; i++) {
        ws_frame frame = ws_read(peers[i]);
        CHECK_EQ(ws_code(frame), 1001);
        ws_send(peers[i], WS_CLOSE, frame.bytes, frame.length);
        CHECK_EQ(ws_read(peers[i]).first, -1);
        ws_close(peers[i]);
    }
    CHECK_EQ(live_stop(&server, 0), 0);
}

TEST(a_reload_closes_with_1001_and_new_workers_take_over)
{
    live     server = live_start(&(nu_server_options){.workers = 1});
    ws_peer *peer = ws_open(&server, "/ws");
    kill(server.pid, SIGHUP);
    ws_frame frame = ws_read(peer);
    CHECK_EQ(ws_code(frame), 1001);
    ws_send(peer, WS_CLOSE, frame.bytes, frame.length);
    CHECK_EQ(ws_read(peer).first, -1);
    ws_close(peer);
    peer = ws_open(&server, "/ws");
    check_echo(peer, "again");
    ws_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* What a developer sees who saves a file while pages hold sockets open. */
TEST(before_a_restart_sockets_are_closed_with_1012_and_nobody_is_waited_for)
{
    static const char *const paths[] = {"/ws", "/ws/sleeping", "/ws/events", "/ws/events"};
    live     server = live_start(&(nu_server_options){.restarts = true, .timeouts.drain = 20000});
    ws_peer *peers[NU_COUNT(paths)];
    for (size_t i = 0; i < NU_COUNT(paths); i++)
        peers[i] = ws_open(&server, paths[i]);
    ws_send_text(peers[3], "wait");
    int64_t before = nu_monotonic_us();
    CHECK_EQ(live_stop(&server, SIGTERM), 0); /* none of them answers */
    CHECK(nu_monotonic_us() - before < 5 * NU_SECOND);
    for (size_t i = 0; i < NU_COUNT(paths); i++) {
        CHECK_EQ(ws_code(ws_read(peers[i])), 1012);
        ws_close(peers[i]);
    }
    CHECK_CONTAINS(live_log(&server), "handler: Cancelled");
    const char *first = strstr(live_log(&server), "events closed with 0");
    CHECK(first && strstr(first + 1, "events closed with 0")); /* of both */
}

TEST(a_server_that_is_in_a_hurry_ends_handlers)
{
    live     server = live_start(&(nu_server_options){.timeouts.drain = 100});
    ws_peer *peer = ws_open(&server, "/ws/sleeping"), *other = ws_open(&server, "/ws");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
    CHECK_CONTAINS(live_log(&server), "handler: Cancelled");
    ws_close(peer);
    ws_close(other);
}

/* ---- compression ----------------------------------------------------------------------------- */

TEST(a_window_that_is_kept_makes_messages_smaller)
{
    live     server = live_start(&options);
    ws_peer *peer =
        ws_connect(&server, "/ws/takeover",
                   "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    const char *text = "a sentence that is not long, but said more than once";
    size_t      sizes[3];
    CHECK(peer->client_takeover && peer->server_takeover);
    CHECK_EQ(peer->client_bits, 11);
    CHECK_EQ(peer->server_bits, 11);
    for (int i = 0; i < 3; i++) {
        size_t      length;
        const char *bytes = ws_deflate(peer, text, strlen(text), &length);
        ws_send(peer, WS_TEXT | WS_RSV1, bytes, length);
        ws_frame frame = ws_read(peer);
        sizes[i] = frame.length;
        CHECK_TEXT(ws_inflate(peer, frame).bytes, text);
    }
    CHECK(sizes[1] < sizes[0] / 4 && sizes[2] < sizes[0] / 4);
    say_goodbye(peer);
    live_stop(&server, SIGTERM);
}

/* Larger than what is compressed in the loop's own thread. */
TEST(a_large_message_is_compressed_whole)
{
    enum { SIZE = 1000000 };
    live     server = live_start(&options);
    ws_peer *peer = ws_connect(&server, "/ws/takeover",
                               "Sec-WebSocket-Extensions: permessage-deflate; "
                               "server_no_context_takeover; client_no_context_takeover\r\n");
    char    *bytes = nu_alloc(SIZE + 1);
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (char)('a' + i * 7 % 26 * (i % 1000 != 0));
    bytes[SIZE] = '\0';
    ws_send(peer, WS_TEXT, bytes, SIZE);
    ws_frame frame = ws_read(peer);
    CHECK(frame.first == (WS_TEXT | WS_RSV1) && frame.length < SIZE / 4);
    CHECK(strcmp(ws_inflate(peer, frame).bytes, bytes) == 0);
    say_goodbye(peer);
    live_stop(&server, SIGTERM);
}

/* ---- TLS ------------------------------------------------------------------------------------- */

static void tls_send_frame(tls_peer *peer, int first, const char *bytes, size_t length)
{
    size_t      size;
    const char *frame = ws_frame_bytes(first, bytes, length, false, 0, &size);
    for (size_t at = 0, n; at < size; at += n)
        CHECK_EQ(SSL_write_ex(peer->ssl, frame + at, size - at, &n), 1);
}

static void tls_read_n(tls_peer *peer, char *into, size_t length)
{
    for (size_t at = 0; at < length;) {
        int n = tls_read(peer, into + at, (int)(length - at));
        CHECK(n > 0);
        at += (size_t)n;
    }
}

TEST(a_websocket_over_tls_carries_large_messages)
{
    enum { SIZE = 300000 };
    nu_certificate pairs[2] = {0};
    const char    *folder = tls_folder();
    tls_make(folder, "a", "localhost");
    pairs[0] = tls_pair(folder, "a");
    live      server = live_start(&(nu_server_options){.certificates = pairs});
    tls_peer *peer = tls_connect(&server, &(tls_wish){0});
    tls_send(peer, HEAD UPGRADE VERSION KEY "\r\n");
    nu_builder head;
    nu_builder_init(&head, NULL, 512);
    while (!nu_ends_with(nu_builder_text(&head), "\r\n\r\n")) {
        tls_read_n(peer, nu_builder_room(&head, 1), 1);
        head.length++;
    }
    CHECK_CONTAINS(nu_builder_text(&head), "101 Switching Protocols");
    char *sent = nu_alloc(SIZE), *got = nu_alloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        sent[i] = (char)(i * 31 >> 3);
    tls_send_frame(peer, WS_BINARY, sent, SIZE);
    tls_read_n(peer, got, 10);
    CHECK_EQ((uint8_t)got[0], WS_BINARY);
    tls_read_n(peer, got, SIZE);
    CHECK(memcmp(sent, got, SIZE) == 0);
    tls_send_frame(peer, WS_CLOSE, "\x03\xe8", 2);
    tls_read_n(peer, got, 4);
    CHECK(memcmp(got, "\x88\x02\x03\xe8", 4) == 0);
    CHECK_EQ(tls_read(peer, got, 1), 0);
    tls_close(peer);
    live_stop(&server, SIGTERM);
}

/* ---- memory ---------------------------------------------------------------------------------- */

TEST(sockets_that_come_and_go_leave_nothing_behind)
{
    live server = live_start(&options);
    long memory = 0;
    for (int i = 0; i < 600; i++) {
        ws_peer *peer = ws_open(&server, i % 2 ? "/ws/events" : "/ws");
        check_echo(peer, "some message");
        if (i % 3)
            say_goodbye(peer);
        else
            ws_close(peer);
        if (i == 300)
            memory = live_memory(server.pid);
    }
#ifdef __SANITIZE_ADDRESS__ /* keeps freed memory for a while */
    memory += 100000;
#endif
    CHECK(live_memory(server.pid) - memory < 300);
    live_stop(&server, SIGTERM);
}
