/* TLS over real connections, with OpenSSL's client as peer. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/test.h"
#include "nuages/time.h"
#include "server/tls.h"
#include "tls_peer.h"

/* A server whose one certificate is for site.test. */
static live secure(nu_server_options *options)
{
    static nu_certificate one[2];
    const char           *folder = tls_folder();
    tls_make(folder, "site", "site.test,localhost");
    one[0] = tls_pair(folder, "site");
    options->certificates = one;
    return live_start(options);
}

/* ---- requests -------------------------------------------------------------------------------- */

TEST(requests_are_answered_over_tls)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    tls_peer         *peer = tls_connect(&server, NULL);
    CHECK(peer->connected);
    for (int i = 0; i < 20; i++)
        CHECK_TEXT(tls_get(peer, "/"), "hello");
    CHECK_TEXT(tls_get(peer, "/scheme"), "https|true");
    CHECK_CONTAINS(tls_get(peer, "/file"), "=== a plain GET");
    CHECK_EQ(strlen(tls_get(peer, "/big")), 8 << 20);
    CHECK_EQ(strlen(tls_get(peer, "/bigfile")), 300000);
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(bodies_and_pipelines_go_over_tls)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    tls_peer         *peer = tls_connect(&server, NULL);
    size_t            size = 1 << 20;
    char             *body = nu_alloc(size + 1);
    memset(body, 'b', size);
    body[size] = '\0';
    tls_send(peer, nu_fmt("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", size));
    tls_send(peer, body);
    CHECK_CONTAINS(tls_response(peer), "\r\n\r\n1048576");
    nu_builder all;
    nu_builder_init(&all, NULL, 1024);
    for (int i = 0; i < 10; i++)
        nu_builder_printf(&all, "GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n%d", i);
    tls_send(peer, nu_builder_text(&all));
    nu_builder answers;
    nu_builder_init(&answers, NULL, 4096);
    char piece[4096];
    while (!strstr(nu_builder_text(&answers), "\r\n\r\n9")) {
        int n = tls_read(peer, piece, sizeof piece);
        CHECK(n > 0);
        nu_builder_add(&answers, piece, (size_t)n);
    }
    for (int i = 0; i < 10; i++)
        CHECK_CONTAINS(nu_builder_text(&answers), nu_fmt("\r\n\r\n%d", i));
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(the_end_of_a_connection_is_told_by_close_notify)
{
    nu_server_options options = {.timeouts.idle = 200};
    live              server = secure(&options);
    char              bytes[16];
    tls_peer         *peer = tls_connect(&server, NULL);
    tls_send(peer, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK_CONTAINS(tls_response(peer), "hello");
    CHECK_EQ(tls_read(peer, bytes, sizeof bytes), 0);
    tls_close(peer);
    /* And of an idle one. */
    peer = tls_connect(&server, NULL);
    CHECK_TEXT(tls_get(peer, "/"), "hello");
    CHECK_EQ(tls_read(peer, bytes, sizeof bytes), 0);
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_close_notify_of_the_client_ends_the_connection)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    char              bytes[16];
    tls_peer         *peer = tls_connect(&server, NULL);
    CHECK_TEXT(tls_get(peer, "/"), "hello");
    SSL_shutdown(peer->ssl);
    CHECK_EQ(tls_read(peer, bytes, sizeof bytes), 0);
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- what is negotiated ---------------------------------------------------------------------- */

TEST(old_protocols_and_weak_ciphers_are_refused)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    tls_peer         *peer = tls_connect(&server, &(tls_wish){.version = TLS1_1_VERSION});
    CHECK(!peer->connected);
    tls_close(peer);
    peer = tls_connect(&server, &(tls_wish){.version = TLS1_2_VERSION, .ciphers = "AES128-SHA"});
    CHECK(!peer->connected);
    tls_close(peer);
    peer = tls_connect(&server,
                       &(tls_wish){.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA"});
    CHECK(!peer->connected);
    tls_close(peer);
    peer = tls_connect(&server, &(tls_wish){.version = TLS1_2_VERSION});
    CHECK(peer->connected);
    CHECK_TEXT(tls_get(peer, "/"), "hello");
    tls_close(peer);
    peer = tls_connect(&server, &(tls_wish){.version = TLS1_3_VERSION});
    CHECK(peer->connected);
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(the_server_prefers_its_own_order_of_ciphers)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    tls_peer         *peer = tls_connect(
                &server,
                &(tls_wish){.version = TLS1_2_VERSION,
                            .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"});
    CHECK_TEXT(SSL_get_cipher_name(peer->ssl), "ECDHE-ECDSA-AES128-GCM-SHA256");
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

static const char *chosen_protocol(const live *server, const char *wish)
{
    tls_peer            *peer = tls_connect(server, &(tls_wish){.protocol = wish});
    const unsigned char *name = NULL;
    unsigned             length = 0;
    SSL_get0_alpn_selected(peer->ssl, &name, &length);
    const char *text =
        peer->connected ? nu_fmt("%.*s", (int)length, (const char *)name) : "refused";
    tls_close(peer);
    return text;
}

TEST(the_application_protocol_is_negotiated)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    CHECK_TEXT(chosen_protocol(&server, "http/1.1"), "http/1.1");
    CHECK_TEXT(chosen_protocol(&server, "h2"), "h2");
    CHECK_TEXT(chosen_protocol(&server, NULL), "");
    CHECK_TEXT(chosen_protocol(&server, "spdy/3"), "refused");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(renegotiation_is_refused)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    tls_peer         *peer = tls_connect(&server, &(tls_wish){.version = TLS1_2_VERSION});
    CHECK_TEXT(tls_get(peer, "/"), "hello");
    /* OpenSSL refuses it by a warning; its client then gives up. */
    CHECK_EQ(SSL_renegotiate(peer->ssl), 1);
    CHECK(SSL_do_handshake(peer->ssl) != 1 || strcmp(tls_get(peer, "/"), "hello") != 0);
    tls_close(peer);
    CHECK_TEXT(tls_ask(&server, "/"), "hello");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

static const char *subject_for(const live *server, const char *name)
{
    tls_peer   *peer = tls_connect(server, &(tls_wish){.name = name});
    const char *subject = tls_subject(peer);
    tls_close(peer);
    return subject;
}

TEST(the_certificate_is_the_one_for_the_name)
{
    const char *folder = tls_folder();
    tls_make(folder, "first", "first.test");
    tls_make(folder, "second", "second.test,www.second.test");
    tls_make(folder, "wild", "*.wild.test");
    nu_certificate pairs[] = {
        tls_pair(folder, "first"), tls_pair(folder, "second"), tls_pair(folder, "wild"), {0}};
    nu_server_options options = {.certificates = pairs};
    live              server = live_start(&options);
    CHECK_TEXT(subject_for(&server, "first.test"), "first");
    CHECK_TEXT(subject_for(&server, "second.test"), "second");
    CHECK_TEXT(subject_for(&server, "WWW.second.test"), "second");
    CHECK_TEXT(subject_for(&server, "any.wild.test"), "wild");
    CHECK_TEXT(subject_for(&server, "two.any.wild.test"), "first");
    CHECK_TEXT(subject_for(&server, "other.test"), "first");
    CHECK_TEXT(subject_for(&server, NULL), "first");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static SSL_SESSION *session_of(const live *server, int version)
{
    tls_peer *peer = tls_connect(server, &(tls_wish){.version = version, .name = "site.test"});
    CHECK_TEXT(tls_get(peer, "/"), "hello");
    SSL_SESSION *session = peer->session;
    peer->session = NULL;
    CHECK(session != NULL);
    tls_close(peer);
    return session;
}

static bool resumes(const live *server, int version, SSL_SESSION *session)
{
    tls_peer *peer = tls_connect(
        server, &(tls_wish){.version = version, .name = "site.test", .session = session});
    CHECK(peer->connected);
    bool resumed = SSL_session_reused(peer->ssl);
    tls_close(peer);
    return resumed;
}

TEST(sessions_are_resumed_by_any_worker_and_after_a_reload)
{
    nu_server_options options = {.workers = 3};
    live              server = secure(&options);
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        SSL_SESSION *session = session_of(&server, version);
        for (int i = 0; i < 12; i++)
            CHECK(resumes(&server, version, session));
        kill(server.pid, SIGHUP);
        CHECK(live_logs(&server, "new workers take over"));
        live_pause(300);
        CHECK(resumes(&server, version, session));
        SSL_SESSION_free(session);
    }
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(keys_of_tickets_turn_and_former_ones_are_forgotten)
{
    const int64_t epoch = (int64_t)NU__TICKET_HOURS * 3600 * NU_SECOND;
    nu__tickets   one, other;
    nu__tickets_init(&one, 5 * epoch);
    other = one;
    nu__tickets_turn(&one, 6 * epoch - 1);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
    nu__tickets_turn(&one, 6 * epoch);
    CHECK(memcmp(&one.before, &other.now, sizeof one.now) == 0);
    CHECK(memcmp(&one.now, &other.now, sizeof one.now) != 0);
    CHECK(memcmp(one.state, other.state, sizeof one.state) != 0);
    /* Another process that slept gets to the same keys. */
    nu__tickets_turn(&one, 9 * epoch + 7);
    nu__tickets_turn(&other, 9 * epoch + 1000);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
    nu__tickets stranger;
    nu__tickets_init(&stranger, 9 * epoch);
    CHECK(memcmp(&stranger.now, &one.now, sizeof one.now) != 0);
}

/* ---- clients that speak something else --------------------------------------------------------- */

TEST(plain_http_on_a_tls_address_gets_a_sentence)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    const char       *answer = live_ask(&server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_CONTAINS(answer, "HTTP/1.1 400 ");
    CHECK_CONTAINS(answer, "This address speaks TLS: ask for https://");
    CHECK_CONTAINS(live_ask(&server, "DELETE /x HTTP/1.1\r\n"), "speaks TLS");
    CHECK_CONTAINS(live_ask(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "speaks TLS");
    CHECK_TEXT(tls_ask(&server, "/"), "hello");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(garbage_and_halves_of_handshakes_end)
{
    nu_server_options options = {.timeouts.handshake = 300};
    live              server = secure(&options);
    /* The beginning of a real one. */
    static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    int               silent = live_connect(&server), half = live_connect(&server);
    int64_t           began = live_clock();
    live_send_n(half, hello, sizeof hello - 1);
    CHECK(strlen(live_ask(&server, "\x01\x02garbage")) < 16);
    CHECK(strlen(live_ask(&server, "\x16\x03\x01\xff\xff\xff\xff")) < 16);
    CHECK_TEXT(live_rest(silent), "");
    CHECK_TEXT(live_rest(half), "");
    CHECK(live_clock() - began >= 250 && live_clock() - began < 3000);
    close(silent);
    close(half);
    /* A byte now and then makes it no longer. */
    int slow = live_connect(&server);
    began = live_clock();
    for (size_t i = 0; i < sizeof hello - 1 && live_clock() - began < 2000; i++) {
        live_send_n(slow, hello + i, 1);
        live_pause(60);
    }
    CHECK_TEXT(live_rest(slow), "");
    CHECK(live_clock() - began < 2000);
    close(slow);
    CHECK_TEXT(tls_ask(&server, "/"), "hello");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(thousands_of_handshakes_that_are_broken_off_leave_nothing_behind)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    tls_peer         *peer;
    SSL_CTX          *ctx = SSL_CTX_new(TLS_client_method());
    long              before = 0;
    for (int i = 0; i < 3000; i++) {
        if (i == 1000)
            before = live_memory(server.pid);
        int  fd = live_connect(&server);
        SSL *ssl = SSL_new(ctx);
        BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl, in, out);
        SSL_connect(ssl);
        char hello[1024];
        int  length = BIO_read(out, hello, sizeof hello);
        /* All of a ClientHello, or a part of it. */
        live_send_n(fd, hello, (size_t)(i % 3 ? length : length / 2));
        SSL_free(ssl);
        close(fd);
    }
    SSL_CTX_free(ctx);
    CHECK_TEXT(tls_ask(&server, "/"), "hello");
    long after = live_memory(server.pid);
#if defined(__SANITIZE_ADDRESS__)
    after = before; /* what was freed stays in quarantine */
#endif
    CHECK(after - before < 2048);
    peer = tls_connect(&server, NULL);
    CHECK(peer->connected);
    tls_close(peer);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* Records cut at every byte, which a network may do. */
TEST(a_handshake_may_come_byte_by_byte)
{
    nu_server_options options = {0};
    live              server = secure(&options);
    SSL_CTX          *ctx = SSL_CTX_new(TLS_client_method());
    SSL              *ssl = SSL_new(ctx);
    BIO              *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    int               fd = live_connect(&server), n;
    char              bytes[4096];
    SSL_set_bio(ssl, in, out);
    bool asked = false, answered = false;
    while (!answered) {
        if (SSL_is_init_finished(ssl) || SSL_connect(ssl) == 1) {
            if (!asked)
                CHECK(SSL_write(ssl, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27) > 0);
            asked = true;
            n = SSL_read(ssl, bytes, sizeof bytes - 1);
            answered = n > 0;
            if (answered)
                bytes[n] = '\0';
        }
        while ((n = BIO_read(out, bytes, answered ? 0 : sizeof bytes)) > 0)
            for (int i = 0; i < n; i++) {
                live_send_n(fd, bytes + i, 1);
                live_pause(1);
            }
        if (!answered) {
            ssize_t came = recv(fd, bytes, sizeof bytes, 0);
            CHECK(came > 0);
            BIO_write(in, bytes, (int)came);
        }
    }
    CHECK_CONTAINS(bytes, "hello");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- certificates that change ------------------------------------------------------------------ */

TEST(changed_certificates_are_served_without_disturbing_anybody)
{
    const char *folder = tls_folder();
    tls_make(folder, "site", "site.test");
    nu_certificate    pairs[] = {tls_pair(folder, "site"), {0}};
    nu_server_options options = {.certificates = pairs, .certificate_check_ms = 50};
    live              server = live_start(&options);
    tls_peer         *old = tls_connect(&server, NULL);
    CHECK_TEXT(tls_subject(old), "site");
    /* A certificate without its key: the former pair stays. */
    tls_make(folder, "fresh", "site.test");
    nu_certificate fresh = tls_pair(folder, "fresh");
    CHECK_EQ(rename(fresh.certificate, pairs[0].certificate), 0);
    CHECK(live_logs(&server, "does not belong to the certificate"));
    CHECK_TEXT(subject_for(&server, "site.test"), "site");
    CHECK_EQ(rename(fresh.key, pairs[0].key), 0);
    CHECK(live_logs(&server, "certificates are reloaded"));
    CHECK_TEXT(subject_for(&server, "site.test"), "fresh");
    CHECK_TEXT(tls_get(old, "/"), "hello");
    tls_close(old);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_reload_reads_the_certificates_again)
{
    const char *folder = tls_folder();
    tls_make(folder, "site", "site.test");
    nu_certificate    pairs[] = {tls_pair(folder, "site"), {0}};
    nu_server_options options = {
        .certificates = pairs, .workers = 1, .certificate_check_ms = 1 << 30};
    live server = live_start(&options);
    tls_make(folder, "fresh", "site.test");
    nu_certificate fresh = tls_pair(folder, "fresh");
    CHECK_EQ(rename(fresh.certificate, pairs[0].certificate), 0);
    CHECK_EQ(rename(fresh.key, pairs[0].key), 0);
    CHECK_TEXT(subject_for(&server, "site.test"), "site");
    kill(server.pid, SIGHUP);
    CHECK(live_logs(&server, "certificates are reloaded"));
    /* The worker before may take a connection more while it is told to end. */
    int fresh_ones = 0;
    for (int i = 0; i < 200 && fresh_ones < 5; i++) {
        fresh_ones = strcmp(subject_for(&server, "site.test"), "fresh") == 0 ? fresh_ones + 1 : 0;
        live_pause(10);
    }
    CHECK_EQ(fresh_ones, 5);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- mistakes -------------------------------------------------------------------------------- */

static const char *mistake(const char *certificate, const char *key)
{
    nu_certificate           pairs[] = {{certificate, key}, {0}};
    static const char *const anywhere[] = {"127.0.0.1:0", NULL};
    NU_TRY {
        nu_server_open(
            nu_arena_current(),
            &(nu_server_options){.listen = anywhere, .handler = live_app, .certificates = pairs});
    }
    NU_CATCH (error) {
        CHECK(nu_error_is(error, NU_CONFIG_ERROR));
        return nu_fmt("%s", error->fact);
    }
    return "nothing was raised";
}

TEST(a_certificate_that_cannot_be_used_is_named_with_the_reason)
{
    const char *folder = tls_folder();
    tls_make(folder, "one", "one.test");
    tls_make(folder, "two", "two.test");
    nu_certificate one = tls_pair(folder, "one"), two = tls_pair(folder, "two");
    const char    *text = nu_fmt("%s/text", folder), *cut = nu_fmt("%s/cut", folder);
    nu_file_write(text, "hello", 5);
    nu_value whole = nu_file_read(one.certificate, 1 << 20);
    nu_file_write(cut, whole.bytes, whole.length / 2);
    CHECK_TEXT(mistake("/nowhere/a.pem", one.key),
               "cannot read the certificate \"/nowhere/a.pem\": No such file or directory");
    CHECK_TEXT(mistake(one.certificate, "/nowhere/a.key"),
               "cannot read the key \"/nowhere/a.key\": No such file or directory");
    CHECK_TEXT(mistake(text, one.key),
               nu_fmt("the file \"%s\" holds no certificate: no start line", text));
    CHECK_CONTAINS(mistake(cut, one.key), nu_fmt("the file \"%s\" holds no certificate: ", cut));
    CHECK_CONTAINS(mistake(one.certificate, one.certificate),
                   nu_fmt("the file \"%s\" holds no private key: ", one.certificate));
    CHECK_TEXT(mistake(one.certificate, two.key),
               nu_fmt("the key \"%s\" does not belong to the certificate \"%s\"", two.key,
                      one.certificate));
    CHECK_TEXT(mistake(one.certificate, NULL),
               nu_fmt("the certificate \"%s\" has no key", one.certificate));
}

TEST(a_key_with_a_passphrase_is_refused_without_asking)
{
    const char *folder = tls_folder();
    tls_make(folder, "one", "one.test");
    nu_certificate one = tls_pair(folder, "one");
    const char    *locked = nu_fmt("%s/locked.key", folder);
    EVP_PKEY      *key = EVP_EC_gen("P-256");
    FILE          *file = fopen(locked, "w");
    PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
    fclose(file);
    EVP_PKEY_free(key);
    CHECK_TEXT(mistake(one.certificate, locked),
               nu_fmt("the key \"%s\" is locked with a passphrase", locked));
}

/* ---- redirecting ------------------------------------------------------------------------------- */

TEST(plain_http_is_redirected_to_https)
{
    const char *folder = tls_folder();
    tls_make(folder, "site", "localhost");
    nu_certificate           pairs[] = {tls_pair(folder, "site"), {0}};
    static const char *const anywhere[] = {"127.0.0.1:0", NULL}, *const hosts[] = {"site.test",
                                                                                   NULL};
    static const nu_http_options http = {.allowed_hosts = hosts};
    nu_server_options            options = {.listen = anywhere,
                                            .redirect = anywhere,
                                            .certificates = pairs,
                                            .handler = live_app,
                                            .http = &http};
    live                         server = live_start(&options), plain = server;
    plain.port = server.second_port;
    CHECK_CONTAINS(live_ask(&plain, "GET /a%20b/?c=d HTTP/1.1\r\nHost: site.test:80\r\n\r\n"),
                   nu_fmt("Location: https://site.test:%d/a%%20b/?c=d\r\n", server.port));
    CHECK_CONTAINS(live_ask(&plain, "POST / HTTP/1.1\r\nHost: SITE.test\r\n\r\n"), "HTTP/1.1 301 ");
    CHECK_CONTAINS(live_ask(&plain, "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"), "HTTP/1.1 400 ");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(redirecting_needs_a_certificate)
{
    static const char *const anywhere[] = {"127.0.0.1:0", NULL};
    nu_server_options        options = {.redirect = anywhere, .handler = live_app};
    CHECK_RAISES(NU_CONFIG_ERROR, nu_server_open(nu_arena_current(), &options));
}
