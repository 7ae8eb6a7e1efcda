/* Digests, encodings of bytes as text, and comparing in constant time. */
#pragma once

#include "nuages/text.h"

typedef enum nu_digest { NU_MD5, NU_SHA1, NU_SHA224, NU_SHA256, NU_SHA384, NU_SHA512 } nu_digest;
#define NU_DIGEST_MAX 64

/* Bytes of a digest. */
NU_PUBLIC size_t nu_digest_size(nu_digest digest);
/* "sha256"; false if the name is unknown. */
NU_PUBLIC NU_MUST_USE bool nu_digest_try(const char *name, nu_digest *out);
/* Writes nu_digest_size bytes. MD5 serves ETags and cache keys, not security. */
NU_PUBLIC void nu_hash(nu_digest digest, const void *bytes, size_t length,
                       uint8_t out[NU_DIGEST_MAX]);
NU_PUBLIC void nu_hmac(nu_digest digest, const void *key, size_t key_length, const void *bytes,
                       size_t length, uint8_t out[NU_DIGEST_MAX]);
/* PBKDF2 (RFC 8018) with HMAC. Takes long: call it in the pool (nu_offload). Raises nothing; false if
 * an argument is out of range. */
NU_PUBLIC NU_MUST_USE bool nu_pbkdf2(nu_digest digest, const void *password, size_t password_length,
                                     const void *salt, size_t salt_length, uint32_t iterations,
                                     void *out, size_t out_length);

/* scrypt (RFC 7914), `cost` being its N, a power of two; needs 128 * cost * block bytes of memory. Takes
 * long, as nu_pbkdf2; false if an argument is out of range. */
NU_PUBLIC NU_MUST_USE bool nu_scrypt(const void *password, size_t password_length, const void *salt,
                                     size_t salt_length, uint64_t cost, uint32_t block,
                                     uint32_t parallel, void *out, size_t out_length);

/* True if both are equal, in a time that depends on the lengths only. */
NU_PUBLIC bool nu_equal_secret(const void *a, size_t a_length, const void *b, size_t b_length);

/* ---- text forms of bytes; all in the current arena ---------------------------------------------- */

NU_PUBLIC NU_RETURNS_NONNULL const char *nu_hex(const void *bytes, size_t length);
NU_PUBLIC NU_MUST_USE bool nu_hex_decode(const char *text, size_t length, uint8_t **out,
                                         size_t *out_length);
typedef enum nu_base64_form {
    NU_BASE64,     /* with + and /, padded (RFC 4648 4) */
    NU_BASE64_URL, /* with - and _, not padded, as Django's signing writes it (RFC 4648 5) */
} nu_base64_form;
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_base64(const void *bytes, size_t length,
                                                   nu_base64_form form);
/* Padding may be left out in NU_BASE64_URL; any other character than the form's is refused. */
NU_PUBLIC NU_MUST_USE bool nu_base64_decode(const char *text, size_t length, nu_base64_form form,
                                            uint8_t **out, size_t *out_length);
/* Whole numbers in digits 0-9 A-Z a-z, as Django's baseconv.base62; used in time stamps. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_base62(int64_t number);
NU_PUBLIC NU_MUST_USE bool nu_base62_decode(const char *text, size_t length, int64_t *out);
/* Whole numbers in digits 0-9 a-z, as Django's int_to_base36; used in reset tokens. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_base36(uint64_t number);
NU_PUBLIC NU_MUST_USE bool nu_base36_decode(const char *text, size_t length, uint64_t *out);

/* zlib streams (RFC 1950). Inflating stops with false beyond `limit` bytes or at malformed input. */
NU_PUBLIC NU_RETURNS_NONNULL uint8_t *nu_deflate(const void *bytes, size_t length,
                                                 size_t *out_length);
NU_PUBLIC NU_MUST_USE bool nu_inflate(const void *bytes, size_t length, size_t limit, uint8_t **out,
                                      size_t *out_length);
