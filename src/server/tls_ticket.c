/* Session tickets (RFC 5077, RFC 8446 4.6.1) with keys that turn. */
#include "server/tls.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "nuages/crypto.h"
#include "nuages/random.h"
#include "nuages/time.h"

#define EPOCH_US ((int64_t)NU__TICKET_HOURS * 3600 * NU_SECOND)

/* ---- keys ------------------------------------------------------------------------------------ */

static void derive(const nu__tickets *tickets, const char *purpose, uint8_t out[NU_DIGEST_MAX])
{
    nu_hmac(NU_SHA256, tickets->state, sizeof tickets->state, purpose, strlen(purpose), out);
}

static void derive_now(nu__tickets *tickets)
{
    uint8_t bytes[NU_DIGEST_MAX];
    derive(tickets, "name", bytes);
    memcpy(tickets->now.name, bytes, sizeof tickets->now.name);
    derive(tickets, "cipher", bytes);
    memcpy(tickets->now.cipher, bytes, sizeof tickets->now.cipher);
    derive(tickets, "mac", bytes);
    memcpy(tickets->now.mac, bytes, sizeof tickets->now.mac);
    OPENSSL_cleanse(bytes, sizeof bytes);
}

void nu__tickets_init(nu__tickets *tickets, int64_t now_us)
{
    nu_random_bytes(tickets->state, sizeof tickets->state);
    nu_random_bytes(&tickets->before, sizeof tickets->before);
    tickets->epoch = now_us / EPOCH_US;
    derive_now(tickets);
}

void nu__tickets_turn(nu__tickets *tickets, int64_t now_us)
{
    while (tickets->epoch < now_us / EPOCH_US) {
        uint8_t next[NU_DIGEST_MAX];
        tickets->before = tickets->now;
        derive(tickets, "next", next);
        memcpy(tickets->state, next, sizeof tickets->state);
        OPENSSL_cleanse(next, sizeof next);
        tickets->epoch++;
        derive_now(tickets);
    }
}

/* ---- sealing and opening --------------------------------------------------------------------- */

static bool start_mac(EVP_MAC_CTX *mac, nu__ticket_key *key)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal(nu__ticket_key *key, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                EVP_MAC_CTX *mac)
{
    nu_random_bytes(iv, EVP_MAX_IV_LENGTH);
    memcpy(name, key->name, sizeof key->name);
    bool fine = EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) == 1 &&
                start_mac(mac, key);
    return fine ? 1 : -1;
}

/* 2: opened, and the client gets a new ticket, since the key of this one will be forgotten. */
static int open_with(nu__ticket_key *key, bool renew, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac)
{
    bool fine = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) == 1 &&
                start_mac(mac, key);
    return !fine ? -1 : renew ? 2 : 1;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int sealing)
{
    nu__tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    nu__tickets_turn(tickets, nu_monotonic_us());
    if (sealing)
        return seal(&tickets->now, name, iv, cipher, mac);
    if (CRYPTO_memcmp(name, tickets->now.name, sizeof tickets->now.name) == 0)
        return open_with(&tickets->now, SSL_version(ssl) == TLS1_3_VERSION, iv, cipher, mac);
    if (CRYPTO_memcmp(name, tickets->before.name, sizeof tickets->before.name) == 0)
        return open_with(&tickets->before, true, iv, cipher, mac);
    return 0;
}

void nu__tickets_use(nu__tickets *tickets, SSL_CTX *ctx)
{
    SSL_CTX_set_app_data(ctx, tickets);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(ctx, NU__TICKET_HOURS * 3600);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}
