/* The PROXY protocol in front of requests. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/test.h"
#include "nuages/text.h"
#include "server/proxy_header.h"
#include "tls_peer.h"

#define SIGNATURE                   "\r\n\r\n\0\r\nQUIT\n"
#define V2(command, family, length) SIGNATURE command family length
#define IPV4                        "\xcb\x00\x71\x07\x0a\x00\x00\x01\x30\x39\x01\xbb"
#define IPV6                                                                                       \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"                                                   \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x30\x39\x01\xbb"

static const struct {
    const char *bytes;
    size_t      length;
    const char *result; /* the address, "more" or "wrong" */
} cases[] = {
#define C(text, result)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1, result                                                             \
    }
    C("PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n", "203.0.113.7"),
    C("PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n", "2001:db8::7"),
    C("PROXY TCP6 ::ffff:203.0.113.7 ::1 12345 443\r\n", "203.0.113.7"),
    C("PROXY UNKNOWN\r\n", ""),
    C("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", ""),
    C("PROXY TCP4 203.0.113.7 10.0.0.1 12345 443", "more"),
    C("PRO", "more"),
    C("PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\n", "wrong"),
    C("PROXY TCP4 203.0.113.7 10.0.0.1 12345\r\n", "wrong"),
    C("PROXY TCP4 203.0.113.7 10.0.0.1 12345 443 1\r\n", "wrong"),
    C("PROXY TCP4 203.0.113.700 10.0.0.1 12345 443\r\n", "wrong"),
    C("PROXY TCP4 2001:db8::7 10.0.0.1 12345 443\r\n", "wrong"),
    C("PROXY TCP4 203.0.113.7 10.0.0.1 012 443\r\n", "wrong"),
    C("PROXY TCP4 203.0.113.7 10.0.0.1 65536 443\r\n", "wrong"),
    C("PROXY TCP5 203.0.113.7 10.0.0.1 12345 443\r\n", "wrong"),
    C("PROXY  TCP4 203.0.113.7 10.0.0.1 12345 443\r\n", "wrong"),
    C("PROXY \r\n", "wrong"),
    C("GET / HTTP/1.1\r\n", "wrong"),
    C("\x16\x03\x01", "wrong"),
    C(V2("\x21", "\x11", "\x00\x0c") IPV4, "203.0.113.7"),
    C(V2("\x21", "\x11", "\x00\x0f") IPV4 "tlv", "203.0.113.7"),
    C(V2("\x21", "\x21", "\x00\x24") IPV6, "2001:db8::7"),
    C(V2("\x20", "\x11", "\x00\x0c") IPV4, ""),
    C(V2("\x20", "\x00", "\x00\x00"), ""),
    C(V2("\x21", "\x00", "\x00\x00"), ""),
    C(V2("\x21", "\x11", "\x00\x0c") "\xcb\x00", "more"),
    C("\r\n\r\n", "more"),
    C(SIGNATURE "\x21", "more"),
    C(V2("\x21", "\x11", "\x00\x0b") IPV4, "wrong"),
    C(V2("\x21", "\x21", "\x00\x0c") IPV4, "wrong"),
    C(V2("\x11", "\x11", "\x00\x0c") IPV4, "wrong"),
    C(V2("\x22", "\x11", "\x00\x0c") IPV4, "wrong"),
    C(V2("\x21", "\x41", "\x00\x0c") IPV4, "wrong"),
    C(V2("\x21", "\x13", "\x00\x0c") IPV4, "wrong"),
    C(V2("\x21", "\x11", "\xff\xff") IPV4, "wrong"),
    C("\r\n\r\n\0\r\nQUIX\n", "wrong"),
#undef C
};

TEST(headers_are_read_as_the_protocol_has_them)
{
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu__proxy_header     header;
        enum nu__proxy_found found = nu__proxy_parse(&header, cases[i].bytes, cases[i].length);
        const char          *result = found == NU__PROXY_MORE    ? "more"
                                      : found == NU__PROXY_WRONG ? "wrong"
                                                                 : header.address;
        CHECK_TEXT(nu_fmt("%zu: %s", i, result), nu_fmt("%zu: %s", i, cases[i].result));
        if (found == NU__PROXY_FOUND)
            CHECK_EQ(header.length, cases[i].length);
    }
}

TEST(a_header_may_come_in_pieces)
{
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        for (size_t length = 1; length < cases[i].length; length++) {
            nu__proxy_header     header;
            enum nu__proxy_found found = nu__proxy_parse(&header, cases[i].bytes, length);
            CHECK(found == NU__PROXY_MORE ||
                  (found == NU__PROXY_WRONG && strcmp(cases[i].result, "wrong") == 0));
        }
}

/* ---- over connections ------------------------------------------------------------------------ */

static const char *const everybody[] = {"127.0.0.0/8", NULL};

#define GET "GET /about HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

TEST(the_client_is_who_the_balancer_says)
{
    static const char v2[] = V2("\x21", "\x21", "\x00\x24") IPV6 GET;
    live server = live_start(&(nu_server_options){.workers = 0});
    CHECK_CONTAINS(live_ask(&server, "PROXY TCP4 1.2.3.4 10.0.0.1 12345 443\r\n" GET), "400 ");
    live_stop(&server, SIGTERM);
    server = live_start_behind(everybody);
    CHECK_CONTAINS(live_ask(&server, "PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n" GET),
                   "|a|203.0.113.7");
    int fd = live_connect(&server);
    live_send_n(fd, v2, sizeof v2 - 1);
    CHECK_CONTAINS(live_rest(fd), "|a|2001:db8::7");
    close(fd);
    CHECK_CONTAINS(live_ask(&server, "PROXY UNKNOWN\r\n" GET), "|a|127.0.0.1");
    live_stop(&server, SIGTERM);
}

TEST(who_should_say_it_and_does_not_is_let_go)
{
    live server = live_start_behind(everybody);
    int  fd = live_connect(&server);
    live_send(fd, GET);
    CHECK_TEXT(live_rest(fd), "");
    close(fd);
    fd = live_connect(&server);
    live_send(fd, "PROXY TCP4 203.0.113.7 10.0.0.1 ");
    shutdown(fd, SHUT_WR);
    CHECK_TEXT(live_rest(fd), "");
    close(fd);
    CHECK(live_logs(&server, "no header of the PROXY protocol"));
    live_stop(&server, SIGTERM);
}

TEST(a_balancers_header_may_come_byte_by_byte)
{
    live server = live_start_behind(everybody);
    int  fd = live_connect(&server);
    for (const char *at = "PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n" GET; *at; at++) {
        live_send_n(fd, at, 1);
        live_pause(1);
    }
    CHECK_CONTAINS(live_rest(fd), "|a|203.0.113.7");
    close(fd);
    live_stop(&server, SIGTERM);
}

/* ---- in front of TLS ------------------------------------------------------------------------- */

static live start_with_tls(void)
{
    const char *folder = tls_folder();
    tls_make(folder, "site", "a.test");
    nu_certificate pairs[] = {tls_pair(folder, "site"), {0}};
    return live_start(&(nu_server_options){.certificates = pairs, .proxy_protocol = everybody});
}

/* What "/about" and "/scheme" say to who comes with these bytes and then shakes hands. */
static const char *ask_behind(const live *server, const char *ahead, size_t length)
{
    tls_peer *peer = tls_connect(server, &(tls_wish){.ahead = ahead, .ahead_length = length});
    if (!peer->connected) {
        tls_close(peer);
        return "no TLS";
    }
    const char *about = tls_get(peer, "/about"), *scheme = tls_get(peer, "/scheme");
    tls_close(peer);
    return nu_fmt("%s %s", about, scheme);
}

#define ASK(server, text) ask_behind((server), (text), sizeof(text) - 1)

TEST(a_balancers_header_stands_in_front_of_tls)
{
    live server = start_with_tls();
    CHECK_CONTAINS(ASK(&server, "PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n"),
                   "|203.0.113.7 https|true");
    CHECK_CONTAINS(ASK(&server, V2("\x21", "\x21", "\x00\x24") IPV6), "|2001:db8::7 https|true");
    CHECK_CONTAINS(ASK(&server, V2("\x21", "\x11", "\x00\x0f") IPV4 "tlv"),
                   "|203.0.113.7 https|true");
    CHECK_CONTAINS(ASK(&server, V2("\x20", "\x00", "\x00\x00")), "|127.0.0.1 https|true");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(tls_without_a_balancers_header_is_let_go)
{
    live server = start_with_tls();
    CHECK_TEXT(ASK(&server, ""), "no TLS");
    CHECK_TEXT(ASK(&server, "PROXY TCP9 203.0.113.7 10.0.0.1 12345 443\r\n"), "no TLS");
    CHECK(live_logs(&server, "no header of the PROXY protocol"));
    /* Within TLS it is no header any more. */
    tls_peer *peer =
        tls_connect(&server, &(tls_wish){.ahead = "PROXY UNKNOWN\r\n", .ahead_length = 15});
    CHECK(peer->connected);
    tls_send(peer, "PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n" GET);
    CHECK_CONTAINS(tls_response(peer), "HTTP/1.1 400 ");
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
