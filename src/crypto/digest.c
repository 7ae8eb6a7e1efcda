#include "nuages/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

static const struct {
    const char *name, *openssl;
    size_t      size;
} digests[] = {
    [NU_MD5] = {"md5", "MD5", 16},          [NU_SHA1] = {"sha1", "SHA1", 20},
    [NU_SHA224] = {"sha224", "SHA224", 28}, [NU_SHA256] = {"sha256", "SHA256", 32}, [NU_SHA384] = {"sha384", "SHA384", 48},
    [NU_SHA512] = {"sha512", "SHA512", 64},
};

/* OpenSSL 3 looks an algorithm up by name on every use unless it was fetched once. Two threads may
 * both fetch the first time; both results stay good. */
static const EVP_MD *algorithm(nu_digest digest)
{
    static EVP_MD *fetched[NU_COUNT(digests)];
    EVP_MD        *md = __atomic_load_n(&fetched[digest], __ATOMIC_ACQUIRE);
    if (md != NULL)
        return md;
    md = EVP_MD_fetch(NULL, digests[digest].openssl, NULL);
    if (md == NULL)
        nu_raise(NU_CONFIG_ERROR, "OpenSSL has no %s", digests[digest].openssl);
    __atomic_store_n(&fetched[digest], md, __ATOMIC_RELEASE);
    return md;
}

size_t nu_digest_size(nu_digest digest)
{
    return digests[digest].size;
}

bool nu_digest_try(const char *name, nu_digest *out)
{
    for (size_t i = 0; i < NU_COUNT(digests); i++) {
        if (strcmp(digests[i].name, name) == 0) {
            *out = (nu_digest)i;
            return true;
        }
    }
    return false;
}

void nu_hash(nu_digest digest, const void *bytes, size_t length, uint8_t out[NU_DIGEST_MAX])
{
    if (EVP_Digest(bytes, length, out, NULL, algorithm(digest), NULL) != 1)
        nu_raise(NU_SYSTEM_ERROR, "OpenSSL cannot hash with %s", digests[digest].openssl);
}

/* Feeds two pieces and closes the digest; false if OpenSSL fails. */
static bool digest_two(EVP_MD_CTX *ctx, const EVP_MD *md, const uint8_t *first, size_t first_length,
                       const void *second, size_t second_length, uint8_t out[NU_DIGEST_MAX])
{
    return EVP_DigestInit_ex2(ctx, md, NULL) == 1 &&
           EVP_DigestUpdate(ctx, first, first_length) == 1 &&
           EVP_DigestUpdate(ctx, second, second_length) == 1 &&
           EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

#define BLOCK_MAX 128 /* of SHA-384 and SHA-512; the others take 64 bytes */

/* RFC 2104 on the plain digests: OpenSSL's own HMAC looks its parts up by name at every call, which
 * costs ten times as much as the hashing of a cookie. */
void nu_hmac(nu_digest digest, const void *key, size_t key_length, const void *bytes, size_t length,
             uint8_t out[NU_DIGEST_MAX])
{
    uint8_t       inner[BLOCK_MAX] = {0}, outer[BLOCK_MAX];
    size_t        size = digests[digest].size, block = size > 32 ? BLOCK_MAX : 64;
    const EVP_MD *md = algorithm(digest);
    if (key_length > block)
        nu_hash(digest, key, key_length, inner);
    else
        memcpy(inner, key, key_length);
    for (size_t i = 0; i < block; i++) {
        outer[i] = inner[i] ^ 0x5C;
        inner[i] ^= 0x36;
    }
    uint8_t     middle[NU_DIGEST_MAX];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool        done = ctx != NULL && digest_two(ctx, md, inner, block, bytes, length, middle) &&
                digest_two(ctx, md, outer, block, middle, size, out);
    EVP_MD_CTX_free(ctx);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(outer, sizeof outer);
    if (!done)
        nu_raise(NU_SYSTEM_ERROR, "OpenSSL cannot hash with %s", digests[digest].openssl);
}

bool nu_pbkdf2(nu_digest digest, const void *password, size_t password_length, const void *salt,
               size_t salt_length, uint32_t iterations, void *out, size_t out_length)
{
    if (password_length > INT32_MAX || salt_length > INT32_MAX || out_length > INT32_MAX)
        return false;
    if (iterations == 0 || iterations > INT32_MAX || out_length == 0)
        return false;
    return PKCS5_PBKDF2_HMAC(password, (int)password_length, salt, (int)salt_length,
                             (int)iterations, algorithm(digest), (int)out_length, out) == 1;
}

bool nu_scrypt(const void *password, size_t password_length, const void *salt, size_t salt_length,
               uint64_t cost, uint32_t block, uint32_t parallel, void *out, size_t out_length)
{
    const uint64_t most = UINT64_C(1) << 30; /* bytes: a hash from elsewhere may ask for any */
    if (cost < 2 || block == 0 || parallel == 0 || cost > most / 128 / block ||
        parallel > 1024 || out_length == 0)
        return false;
    return EVP_PBE_scrypt(password, password_length, salt, salt_length, cost, block, parallel, most,
                          out, out_length) == 1;
}

bool nu_equal_secret(const void *a, size_t a_length, const void *b, size_t b_length)
{
    return a_length == b_length && CRYPTO_memcmp(a, b, a_length) == 0;
}
