/* From certificate files to contexts of OpenSSL. */
#include "server/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "nuages/error.h"
#include "nuages/file.h"
#include "nuages/log.h"
#include "nuages/text.h"

enum { FILE_MAX = 1 << 20 };

/* Forward secrecy and authenticated encryption only. TLS 1.3 has no others. */
#define CIPHERS                                                                                    \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"     \
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

/* ---- what can be wrong ----------------------------------------------------------------------- */

/* Why OpenSSL refused, in its words. */
static const char *reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char   *text = ERR_reason_error_string(code);
    ERR_clear_error();
    return text ? nu_fmt("%s", text) : "unknown reason";
}

static NU_NORETURN void fail(const char *fact, const char *hint)
{
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "%s", fact);
    error->hint = hint;
    nu_throw(error);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Nobody is there to type a passphrase. */
static int no_passphrase(char *out, int size, int writing, void *asked)
{
    (void)out;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static BIO *bio_of(const char *role, const char *path)
{
    nu_value bytes;
    if (!nu_file_try(path, FILE_MAX, &bytes))
        fail(nu_fmt("cannot read the %s \"%s\": %s", role, path, strerror(errno)),
             errno == EACCES ? "The user that the site runs as must be allowed to read it." : NULL);
    BIO *bio = BIO_new_mem_buf(bytes.bytes, (int)bytes.length);
    if (!bio)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for the %s \"%s\"", role, path);
    return bio;
}

/* The server's certificate first, then those that lead from it to a root. */
static bool use_chain(SSL_CTX *ctx, BIO *bio, bool *found)
{
    X509 *leaf = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL), *next;
    bool  fine = leaf && SSL_CTX_use_certificate(ctx, leaf) == 1;
    *found = leaf != NULL;
    X509_free(leaf);
    if (!fine)
        return false;
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        if (SSL_CTX_add0_chain_cert(ctx, next) != 1) {
            X509_free(next);
            return false;
        }
    /* The end of the file is an error to the reader; anything else is one to us. */
    fine = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (fine)
        ERR_clear_error();
    return fine;
}

static void read_certificate(SSL_CTX *ctx, const char *path)
{
    BIO *bio = bio_of("certificate", path);
    bool found, fine = use_chain(ctx, bio, &found);
    BIO_free(bio);
    if (!found)
        fail(nu_fmt("the file \"%s\" holds no certificate: %s", path, reason()),
             "It must be in PEM form: \"-----BEGIN CERTIFICATE-----\", the server's own first.");
    if (!fine)
        fail(nu_fmt("the certificate \"%s\" cannot be used: %s", path, reason()), NULL);
}

static void read_key(SSL_CTX *ctx, const nu_certificate *pair)
{
    bool      asked = false;
    BIO      *bio = bio_of("key", pair->key);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
    BIO_free(bio);
    if (!key && asked)
        fail(nu_fmt("the key \"%s\" is locked with a passphrase", pair->key),
             "Remove it with \"openssl pkey -in KEY -out NEWKEY\".");
    if (!key)
        fail(nu_fmt("the file \"%s\" holds no private key: %s", pair->key, reason()),
             "It must be in PEM form: \"-----BEGIN PRIVATE KEY-----\".");
    bool matches = X509_check_private_key(SSL_CTX_get0_certificate(ctx), key) == 1;
    bool fine = matches && SSL_CTX_use_PrivateKey(ctx, key) == 1;
    EVP_PKEY_free(key);
    if (!matches)
        fail(nu_fmt("the key \"%s\" does not belong to the certificate \"%s\"", pair->key,
                    pair->certificate),
             "Name the pairs in the same order, each certificate with its own key.");
    if (!fine)
        fail(nu_fmt("the key \"%s\" cannot be used: %s", pair->key, reason()), NULL);
}

/* Not an error: a site whose certificate ran out is better served than not. */
static void warn_of_age(SSL_CTX *ctx, const char *path)
{
    const X509 *leaf = SSL_CTX_get0_certificate(ctx);
    if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
        nu_warning("server", "the certificate \"%s\" has expired", path);
    else if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0)
        nu_warning("server", "the certificate \"%s\" is not valid yet", path);
}

uint64_t nu__tls_files(const nu_certificate *certificates)
{
    uint64_t mix = 1469598103934665603u;
    for (const nu_certificate *pair = certificates; pair->certificate; pair++) {
        const char *paths[] = {pair->certificate, pair->key};
        for (size_t i = 0; i < NU_COUNT(paths); i++) {
            struct stat status = {0};
            bool        there = stat(paths[i], &status) == 0;
            uint64_t    facts[] = {there, status.st_ino, (uint64_t)status.st_size,
                                   (uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec};
            for (size_t k = 0; k < NU_COUNT(facts); k++)
                mix = (mix ^ facts[k]) * 1099511628211u;
        }
    }
    return mix;
}

/* ---- which certificate, which protocol ------------------------------------------------------- */

/* Server Name Indication: the first certificate that is for this name. */
static int on_name(SSL *ssl, int *alert, void *arg)
{
    const nu__tls_context *context = arg;
    const char            *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)alert;
    for (size_t i = 0; name && i < context->count; i++) {
        X509 *leaf = SSL_CTX_get0_certificate(context->contexts[i]);
        if (X509_check_host(leaf, name, strlen(name), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) ==
            1) {
            SSL_set_SSL_CTX(ssl, context->contexts[i]);
            break;
        }
    }
    return SSL_TLSEXT_ERR_OK;
}

/* Of what the client can speak, what we like best. A client that knows neither of ours is told so. */
static int on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_length,
                        const unsigned char *offered, unsigned length, void *arg)
{
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char             *chosen;
    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_length, ours, sizeof ours - 1, offered, length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* ---- contexts -------------------------------------------------------------------------------- */

static void configure(SSL_CTX *ctx, nu__tls_context *context, nu__tickets *tickets)
{
    static const unsigned char session_id[] = "nuages";
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_security_level(ctx, 2);
    SSL_CTX_set_cipher_list(ctx, CIPHERS);
    SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384");
    SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                 SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* An idle connection gives its buffers back. */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_session_id_context(ctx, session_id, sizeof session_id - 1);
    SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
    SSL_CTX_set_tlsext_servername_arg(ctx, context);
    SSL_CTX_set_alpn_select_cb(ctx, on_protocols, NULL);
    nu__tickets_use(tickets, ctx);
}

static void free_context(void *ctx)
{
    SSL_CTX_free(ctx);
}

static void load_pair(nu__tls_context *context, const nu_certificate *pair, nu__tickets *tickets)
{
    nu_defer *slot = nu_arena_defer(context->arena, free_context, NULL);
    SSL_CTX  *ctx = slot->arg = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for the certificate \"%s\"", pair->certificate);
    ERR_clear_error();
    configure(ctx, context, tickets);
    read_certificate(ctx, pair->certificate);
    read_key(ctx, pair);
    warn_of_age(ctx, pair->certificate);
    context->contexts[context->count++] = ctx;
}

static void load_all(nu__tls_context *context, const nu_certificate *certificates, size_t count,
                     nu__tickets *tickets)
{
    context->contexts = nu_arena_array(context->arena, count, sizeof *context->contexts);
    for (size_t i = 0; i < count; i++)
        load_pair(context, &certificates[i], tickets);
}

static size_t count_pairs(const nu_certificate *certificates)
{
    size_t count = 0;
    for (const nu_certificate *pair = certificates; pair->certificate; pair++, count++)
        if (!pair->key || !*pair->key)
            fail(nu_fmt("the certificate \"%s\" has no key", pair->certificate), NULL);
    return count;
}

nu__tls_context *nu__tls_load(const nu_certificate *certificates, nu__tickets *tickets)
{
    size_t           count = count_pairs(certificates);
    nu_arena        *arena = nu_arena_new(NULL, "certificates");
    nu__tls_context *context = nu_arena_zalloc(arena, sizeof *context);
    context->arena = arena;
    context->uses = 1;
    /* Before they are read: a file that changes meanwhile is read again later. */
    context->files = nu__tls_files(certificates);
    NU_TRY {
        load_all(context, certificates, count, tickets);
    }
    NU_CATCH (error) {
        nu_arena_free(arena);
        nu_reraise(error);
    }
    return context;
}

nu__tls_context *nu__tls_hold(nu__tls_context *context)
{
    context->uses++;
    return context;
}

void nu__tls_release(nu__tls_context *context)
{
    if (context && --context->uses == 0)
        nu_arena_free(context->arena);
}

static nu__tls_context *load_caught(const nu_certificate *certificates, nu__tickets *tickets)
{
    NU_TRY {
        return nu__tls_load(certificates, tickets);
    }
    NU_CATCH (error) {
        nu_log_error("server", "certificates are not reloaded, the former ones stay: %s",
                     error->fact);
    }
    return NULL;
}

void nu__tls_refresh(nu__tls_context **context, uint64_t *seen, const nu_certificate *certificates,
                     nu__tickets *tickets)
{
    uint64_t files = nu__tls_files(certificates);
    if (files == (*context)->files || files == *seen)
        return;
    *seen = files;
    nu__tls_context *fresh = load_caught(certificates, tickets);
    if (!fresh)
        return;
    nu_info("server", "certificates are reloaded");
    nu__tls_release(*context);
    *context = fresh;
}
