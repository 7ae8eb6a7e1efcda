#include "tls_peer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/test.h"

/* ---- certificates ---------------------------------------------------------------------------- */

const char *tls_folder(void)
{
    char *path = nu_fmt("/tmp/nuages-tls-XXXXXX");
    CHECK(mkdtemp(path) != NULL);
    return path;
}

nu_certificate tls_pair(const char *folder, const char *name)
{
    return (nu_certificate){nu_fmt("%s/%s.pem", folder, name), nu_fmt("%s/%s.key", folder, name)};
}

static const char *alternatives(const char *hosts)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 256);
    for (const char *at = hosts; *at; at += strcspn(at, ","), at += *at == ',')
        nu_builder_printf(&text, "%sDNS:%.*s", at > hosts ? "," : "", (int)strcspn(at, ","), at);
    return nu_builder_text(&text);
}

void tls_make(const char *folder, const char *name, const char *hosts)
{
    static long    serial = 0;
    nu_certificate pair = tls_pair(folder, name);
    EVP_PKEY      *key = EVP_EC_gen("P-256");
    X509          *cert = X509_new();
    X509_NAME     *subject = X509_get_subject_name(cert);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_set_version(cert, 2);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, subject);
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternatives(hosts));
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *file = fopen(pair.certificate, "w");
    PEM_write_X509(file, cert);
    fclose(file);
    file = fopen(pair.key, "w");
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* ---- the client ------------------------------------------------------------------------------ */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    tls_peer *peer = SSL_get_app_data(ssl);
    SSL_SESSION_free(peer->session);
    peer->session = session;
    return 1;
}

static void wish_for(tls_peer *peer, const tls_wish *wish)
{
    SSL_CTX *ctx = peer->ctx;
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep_session);
    /* So that it may speak what the server must refuse. */
    SSL_CTX_set_security_level(ctx, 0);
    if (wish->version)
        SSL_CTX_set_min_proto_version(ctx, wish->version),
            SSL_CTX_set_max_proto_version(ctx, wish->version);
    if (wish->ciphers)
        CHECK_EQ(SSL_CTX_set_cipher_list(ctx, wish->ciphers), 1);
    peer->ssl = SSL_new(ctx);
    SSL_set_app_data(peer->ssl, peer);
    if (wish->name)
        SSL_set_tlsext_host_name(peer->ssl, wish->name);
    if (wish->protocol) {
        unsigned char list[32] = {(unsigned char)strlen(wish->protocol)};
        memcpy(list + 1, wish->protocol, list[0]);
        SSL_set_alpn_protos(peer->ssl, list, list[0] + 1u);
    }
    if (wish->session) {
        /* A connection changes its session. */
        SSL_SESSION *own = SSL_SESSION_dup(wish->session);
        SSL_set_session(peer->ssl, own);
        SSL_SESSION_free(own);
    }
}

tls_peer *tls_connect(const live *server, const tls_wish *wish)
{
    tls_peer *peer = nu_alloc(sizeof *peer);
    *peer = (tls_peer){.fd = live_connect(server), .ctx = SSL_CTX_new(TLS_client_method())};
    wish_for(peer, wish ? wish : &(tls_wish){0});
    SSL_set_fd(peer->ssl, peer->fd);
    if (wish && wish->ahead)
        live_send_n(peer->fd, wish->ahead, wish->ahead_length);
    ERR_clear_error();
    peer->connected = SSL_connect(peer->ssl) == 1;
    return peer;
}

const char *tls_subject(const tls_peer *peer)
{
    char  name[256] = "";
    X509 *cert = SSL_get1_peer_certificate(peer->ssl);
    if (cert)
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof name);
    X509_free(cert);
    return nu_fmt("%s", name);
}

void tls_send(tls_peer *peer, const char *bytes)
{
    CHECK(SSL_write(peer->ssl, bytes, (int)strlen(bytes)) > 0);
}

int tls_read(tls_peer *peer, char *into, int room)
{
    ERR_clear_error();
    int n = SSL_read(peer->ssl, into, room);
    if (n > 0)
        return n;
    return SSL_get_error(peer->ssl, n) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static bool more(tls_peer *peer, nu_builder *text)
{
    char bytes[4096];
    int  n = tls_read(peer, bytes, sizeof bytes);
    if (n > 0)
        nu_builder_add(text, bytes, (size_t)n);
    return n > 0;
}

const char *tls_response(tls_peer *peer)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 4096);
    const char *end = NULL;
    while (!(end = strstr(nu_builder_text(&text), "\r\n\r\n")))
        if (!more(peer, &text))
            return "";
    size_t      head = (size_t)(end + 4 - text.data);
    const char *length = strstr(text.data, "Content-Length: ");
    size_t      body = length ? strtoul(length + 16, NULL, 10) : 0;
    while (text.length < head + body)
        if (!more(peer, &text))
            return "";
    return nu_builder_text(&text);
}

const char *tls_get(tls_peer *peer, const char *path)
{
    tls_send(peer, nu_fmt("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path));
    const char *body = strstr(tls_response(peer), "\r\n\r\n");
    return body ? body + 4 : "";
}

const char *tls_ask(const live *server, const char *path)
{
    tls_peer   *peer = tls_connect(server, NULL);
    const char *body = peer->connected ? tls_get(peer, path) : "";
    tls_close(peer);
    return body;
}

void tls_close(tls_peer *peer)
{
    SSL_SESSION_free(peer->session);
    /* Otherwise OpenSSL takes the connection for broken, and its session for useless. */
    SSL_set_shutdown(peer->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->ctx);
    close(peer->fd);
}
