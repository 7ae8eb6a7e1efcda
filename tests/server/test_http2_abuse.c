/* Clients of HTTP/2 that mean ill: each is stopped, others are served meanwhile, memory stays bounded. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "http2_raw.h"
#include "nuages/test.h"

enum { CALM = NGHTTP2_ENHANCE_YOUR_CALM, MEMORY_KB = 4096 };

/* Sends by `attack` until the server has enough, and checks how that ends. */
static void check_attack(void (*attack)(h2 *peer, uint32_t round), uint32_t rounds, int code)
{
    nu_server_options options = {0};
    live              server = live_start(&options);
    for (int times = 0; times < 2; times++) {
        h2  *peer = h2_open(&server);
        long before = live_memory(server.pid);
        for (uint32_t i = 0; i < rounds; i++)
            attack(peer, i);
        CHECK_EQ(h2_goaway(peer), code);
        while (h2_read(peer)->type >= 0) {
        }
        h2_close(peer);
        CHECK_TEXT(live_get(&server, "/"), "hello");
        long after = live_memory(server.pid);
#if defined(__SANITIZE_ADDRESS__)
        after = before; /* what was freed stays in quarantine */
#endif
        CHECK(after - before < MEMORY_KB);
    }
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* CVE-2023-44487 */
static void rapid_reset(h2 *peer, uint32_t round)
{
    h2_headers(peer, H2_END_STREAM, 1 + 2 * round, h2_get("/slow?10000"));
    H2_SEND(peer, H2_RST_STREAM, 0, 1 + 2 * round, "\0\0\0\10");
}

TEST(rapid_resets_end_the_connection)
{
    check_attack(rapid_reset, 5000, CALM);
}

/* CVE-2025-8671: the server is made to reset. */
static void made_you_reset(h2 *peer, uint32_t round)
{
    h2_headers(peer, 0, 1 + 2 * round, h2_post("/slow?10000"));
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 1 + 2 * round, "\x7f\xff\xff\xff");
}

TEST(resets_that_the_server_is_made_to_send_end_the_connection)
{
    check_attack(made_you_reset, 5000, CALM);
}

static void malformed(h2 *peer, uint32_t round)
{
    h2_headers(peer, H2_END_STREAM, 1 + 2 * round, h2_block(":method", "GET", "X", "1", NULL));
}

TEST(malformed_requests_without_end_end_the_connection)
{
    check_attack(malformed, 5000, CALM);
}

static void ping(h2 *peer, uint32_t round)
{
    (void)round;
    H2_SEND(peer, H2_PING, 0, 0, "12345678");
}

TEST(pings_without_end_end_the_connection)
{
    check_attack(ping, 20000, CALM);
}

static void settings(h2 *peer, uint32_t round)
{
    (void)round;
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\1\0");
}

TEST(settings_without_end_end_the_connection)
{
    check_attack(settings, 5000, CALM);
}

static void empty_data(h2 *peer, uint32_t round)
{
    if (round == 0)
        h2_headers(peer, 0, 1, h2_post("/echo"));
    H2_SEND(peer, H2_DATA, 0, 1, "");
}

TEST(empty_frames_of_data_without_end_end_the_connection)
{
    check_attack(empty_data, 20000, CALM);
}

static void padding(h2 *peer, uint32_t round)
{
    if (round == 0)
        h2_headers(peer, 0, 1, h2_post("/echo"));
    H2_SEND(peer, H2_DATA, H2_PADDED, 1, "\x04\0\0\0\0");
}

TEST(padding_without_end_ends_the_connection)
{
    check_attack(padding, 20000, CALM);
}

static void priority(h2 *peer, uint32_t round)
{
    H2_SEND(peer, H2_PRIORITY, 0, 1 + 2 * (round % 1000), "\0\0\0\0\7");
}

TEST(priorities_without_end_end_the_connection)
{
    check_attack(priority, 20000, CALM);
}

static void unknown(h2 *peer, uint32_t round)
{
    (void)round;
    H2_SEND(peer, 0xfa, 0, 0, "");
}

TEST(unknown_frames_without_end_end_the_connection)
{
    check_attack(unknown, 20000, CALM);
}

static void window(h2 *peer, uint32_t round)
{
    (void)round;
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\0\0\0\1");
}

TEST(window_updates_without_end_end_the_connection)
{
    check_attack(window, 20000, CALM);
}

/* CVE-2024-27316 and its kin */
static void continuation(h2 *peer, uint32_t round)
{
    static const char field[] = "\0\1x\1y";
    if (round == 0)
        H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 1, "\x82\x84");
    h2_send(peer, H2_CONTINUATION, 0, 1, field, sizeof field - 1);
}

TEST(continuations_without_end_end_the_connection)
{
    check_attack(continuation, 20000, CALM);
}

/* A field of 4 kB goes into the table once, and is then named by one byte each time. */
static void bomb(h2 *peer, uint32_t round)
{
    char *block = nu_alloc(16384);
    char *at = block;
    if (round > 0)
        return;
    memcpy(at,
           "\x82\x84\x86\x41\x01"
           "a"
           "\x40\x01x\x7f\x81\x1e",
           12); /* a value of 127 + 3841 */
    at += 12;
    memset(at, 'v', 3968);
    at += 3968;
    memset(at, 0xbe, (size_t)(block + 16384 - at)); /* index 62, again and again */
    h2_send(peer, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, block, 16384);
}

TEST(a_bomb_of_compressed_headers_ends_the_connection)
{
    check_attack(bomb, 1, CALM);
}

/* ---- slow ones ------------------------------------------------------------------------------- */

TEST(a_client_that_opens_no_window_loses_its_stream)
{
    nu_server_options options = {.timeouts.write = 300};
    live              server = live_start(&options);
    h2               *peer = h2_connect(&server);
    live_send(peer->fd, H2_PREFACE);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\0\0\0\0");
    for (uint32_t i = 0; i < 50; i++)
        h2_headers(peer, H2_END_STREAM, 1 + 2 * i, h2_get("/"));
    int64_t began = live_clock();
    CHECK_EQ(h2_reset(peer, 1), CALM);
    CHECK(live_clock() - began >= 200 && live_clock() - began < 3000);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_client_that_reads_nothing_is_cut_off)
{
    nu_server_options options = {.timeouts.write = 300};
    live              server = live_start(&options);
    h2               *peer = h2_connect(&server);
    live_send(peer->fd, H2_PREFACE);
    H2_SEND(peer, H2_SETTINGS, 0, 0, "\0\4\x7f\xff\xff\xff");
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 0, "\x7f\xff\x00\x00");
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/big"));
    live_pause(1500);
    /* What the systems hold between us comes, then the end. */
    size_t came = 0;
    while (h2_read(peer)->type >= 0)
        came += peer->frame.length;
    CHECK(came < 8 << 20);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_body_that_comes_too_slowly_is_refused)
{
    nu_server_options options = {.timeouts.body = 300};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    h2_headers(peer, 0, 1, h2_post("/echo"));
    H2_SEND(peer, H2_DATA, 0, 1, "x");
    CHECK_CONTAINS(h2_answer(peer, 1), "408 ");
    CHECK(h2_alive(peer));
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_head_that_does_not_end_is_refused)
{
    nu_server_options options = {.timeouts.head = 300};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/"));
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 3, "\x82\x84");
    CHECK_EQ(h2_goaway(peer), CALM);
    h2_close(peer);
    /* Nor does one that trickles in while another request is served. */
    peer = h2_open(&server);
    h2_headers(peer, H2_END_STREAM, 1, h2_get("/slow?3000"));
    H2_SEND(peer, H2_HEADERS, H2_END_STREAM, 3, "\x82\x84");
    int64_t began = live_clock();
    CHECK_EQ(h2_goaway(peer), CALM);
    CHECK(live_clock() - began < 2000);
    h2_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* Bodies that no view reads wait within the windows, whatever the client sends. */
TEST(bodies_that_nobody_reads_are_bounded)
{
    nu_server_options options = {0};
    live              server = live_start(&options);
    h2               *peer = h2_open(&server);
    h2_send(peer, H2_SETTINGS, H2_ACK, 0, "", 0);
    long  before = live_memory(server.pid);
    char *bytes = nu_alloc(16384);
    for (uint32_t i = 0; i < 10; i++)
        h2_headers(peer, 0, 1 + 2 * i, h2_post("/slow?2000"));
    for (uint32_t i = 0; i < 100; i++)
        h2_send(peer, H2_DATA, 0, 1 + 2 * (i % 10), bytes, 16384);
    CHECK_EQ(h2_goaway(peer), NGHTTP2_FLOW_CONTROL_ERROR);
    h2_close(peer);
    long after = live_memory(server.pid);
#if defined(__SANITIZE_ADDRESS__)
    after = before;
#endif
    CHECK(after - before < MEMORY_KB);
    CHECK_TEXT(live_get(&server, "/"), "hello");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
