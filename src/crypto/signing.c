#include "crypto/internal.h"

#include "nuages/json.h"

#include <string.h>

const nu_kind nu_kind_bad_signature = {"BadSignature", NU_BAD_REQUEST, 400};
const nu_kind nu_kind_signature_expired = {"SignatureExpired", NU_BAD_SIGNATURE, 400};

#define SIGNER_SALT   "django.core.signing.Signer"
#define TIMED_SALT    "django.core.signing.TimestampSigner"
#define DUMPS_SALT    "django.core.signing"
#define INFLATE_LIMIT ((size_t)16 << 20) /* a small cookie must not fill the memory */

static const char *const no_keys[] = {NULL};

/* ---- the site's keys ----------------------------------------------------------------------------- */

static struct {
    const char        *key;
    const char *const *fallbacks;
    nu_arena          *arena;
} site;

void nu_signing_setup(const char *key, const char *const *fallbacks)
{
    nu_arena *arena = nu_arena_new(NULL, "signing keys");
    size_t    count = 0;
    while (fallbacks != NULL && fallbacks[count] != NULL)
        count++;
    const char **copies = nu_arena_array(arena, count + 1, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = nu_arena_text(arena, fallbacks[i]);
    nu_arena *before = site.arena;
    site.key = nu_arena_text(arena, key);
    site.fallbacks = copies;
    site.arena = arena;
    nu_arena_free(before);
}

const char *nu_secret_key(void)
{
    if (site.key == NULL || site.key[0] == '\0')
        nu_raise(NU_CONFIG_ERROR, "the setting secret_key must not be empty");
    return site.key;
}

const char *const *nu_secret_key_fallbacks(void)
{
    return site.fallbacks != NULL ? site.fallbacks : no_keys;
}

/* ---- signatures ----------------------------------------------------------------------------------- */

static size_t salted_digest(nu_digest digest, nu_value key_salt, const char *secret, nu_value value,
                            uint8_t out[NU_DIGEST_MAX])
{
    nu_builder material;
    nu_builder_init(&material, NULL, key_salt.length + strlen(secret) + 1);
    nu_builder_add(&material, key_salt.text, key_salt.length);
    nu_builder_puts(&material, secret);
    uint8_t key[NU_DIGEST_MAX];
    nu_hash(digest, material.data, material.length, key);
    nu_hmac(digest, key, nu_digest_size(digest), value.text, value.length, out);
    return nu_digest_size(digest);
}

const char *nu_salted_hmac(nu_digest digest, const char *key_salt, const void *value, size_t length,
                           const char *secret)
{
    uint8_t out[NU_DIGEST_MAX];
    size_t  size =
        salted_digest(digest, nu_value_text(key_salt), secret != NULL ? secret : nu_secret_key(),
                      nu_value_text_n(value, length), out);
    return nu_hex(out, size);
}

/* A signer with its defaults in place. */
struct signing {
    const char        *key, *salt, *sep;
    const char *const *fallbacks;
    nu_digest          digest;
};

/* Django's check: the separator must hold a character that no signature has. */
static bool separator_is_safe(const char *sep)
{
    for (const char *c = sep; *c != '\0'; c++) {
        bool letter = *c >= 'A' && *c <= 'z';
        bool digit = *c >= '0' && *c <= '9';
        if (!letter && !digit && *c != '-' && *c != '=')
            return true;
    }
    return false;
}

static struct signing signing_of(const nu_signer *signer, bool timed)
{
    static const nu_signer plain;
    const nu_signer       *from = signer != NULL ? signer : &plain;
    struct signing         full = {
                .key = from->key != NULL ? from->key : nu_secret_key(),
                .fallbacks = from->key != NULL ? from->fallbacks : nu_secret_key_fallbacks(),
                .salt = from->salt != NULL ? from->salt
                        : timed            ? TIMED_SALT
                                           : SIGNER_SALT,
                .sep = from->sep != NULL ? from->sep : ":",
                .digest = from->digest_set ? from->digest : NU_SHA256,
    };
    if (full.fallbacks == NULL)
        full.fallbacks = no_keys;
    if (!separator_is_safe(full.sep))
        nu_raise(NU_VALUE_ERROR, "unsafe signer separator \"%s\": it could be part of a signature",
                 full.sep);
    return full;
}

static const char *signature(const struct signing *signing, const char *key, nu_value value)
{
    uint8_t     out[NU_DIGEST_MAX];
    const char *key_salt = nu_fmt("%ssigner", signing->salt);
    size_t      size = salted_digest(signing->digest, nu_value_text(key_salt), key, value, out);
    return nu_base64(out, size, NU_BASE64_URL);
}

static nu_value joined(nu_value value, const char *sep, const char *tail)
{
    nu_builder text;
    nu_builder_init(&text, NULL, value.length + strlen(sep) + strlen(tail) + 1);
    nu_builder_add(&text, value.text, value.length);
    nu_builder_puts(&text, sep);
    nu_builder_puts(&text, tail);
    return nu_builder_value(&text);
}

/* Cuts `text` at the last separator; false if there is none. */
static bool split_last(nu_value text, const char *sep, nu_value *head, nu_value *tail)
{
    size_t size = strlen(sep);
    for (size_t at = text.length; at-- > 0;) {
        if (text.length - at < size || memcmp(text.text + at, sep, size) != 0)
            continue;
        *head = nu_value_text_copy(text.text, at);
        *tail = nu_value_text_n(text.text + at + size, text.length - at - size);
        return true;
    }
    return false;
}

static nu_value sign_plain(const struct signing *signing, nu_value value)
{
    return joined(value, signing->sep, signature(signing, signing->key, value));
}

/* All keys are tried whichever fits, so that the time does not tell which one did. */
static bool verified(const struct signing *signing, nu_value value, nu_value found)
{
    bool        good = false;
    const char *key = signing->key;
    for (const char *const *next = signing->fallbacks; key != NULL; key = *next++) {
        const char *expected = signature(signing, key, value);
        good |= nu_equal_secret(expected, strlen(expected), found.text, found.length);
    }
    return good;
}

static nu_value unsign_plain(const struct signing *signing, nu_value text)
{
    nu_value value, found;
    if (!split_last(text, signing->sep, &value, &found))
        nu_raise(NU_BAD_SIGNATURE, "no \"%s\" found in the signed value", signing->sep);
    if (!verified(signing, value, found))
        nu_raise(NU_BAD_SIGNATURE, "signature \"%s\" does not match", found.text);
    return value;
}

static const char *time_stamp(void)
{
    int64_t us = nu_now().us;
    return nu_base62(us / NU_SECOND - (us % NU_SECOND < 0));
}

static nu_value without_time(const struct signing *signing, nu_value text, double max_age)
{
    nu_value value, stamp;
    int64_t  seconds;
    if (!split_last(text, signing->sep, &value, &stamp) ||
        !nu_base62_decode(stamp.text, stamp.length, &seconds))
        nu_raise(NU_BAD_SIGNATURE, "the signed value has no time stamp");
    double age = (double)nu_now().us / (double)NU_SECOND - (double)seconds;
    if (max_age >= 0 && age > max_age)
        nu_raise(NU_SIGNATURE_EXPIRED, "signature age %.3f > %.3f seconds", age, max_age);
    return value;
}

nu_value nu__sign(const nu_signer *signer, nu_value text, bool timed)
{
    struct signing signing = signing_of(signer, timed);
    return sign_plain(&signing, timed ? joined(text, signing.sep, time_stamp()) : text);
}

nu_value nu__unsign(const nu_signer *signer, nu_value text, bool timed, double max_age)
{
    struct signing signing = signing_of(signer, timed);
    nu_value       value = unsign_plain(&signing, text);
    return timed ? without_time(&signing, value, max_age) : value;
}

const char *nu_sign(const nu_signer *signer, const char *value)
{
    return nu__sign(signer, nu_value_text(value), false).text;
}

const char *nu_unsign(const nu_signer *signer, const char *text)
{
    return nu__unsign(signer, nu_value_text(text), false, -1).text;
}

const char *nu_unsign_find(const nu_signer *signer, const char *text)
{
    struct signing signing = signing_of(signer, false);
    nu_value       value, found;
    if (!split_last(nu_value_text(text), signing.sep, &value, &found))
        return NULL;
    return verified(&signing, value, found) ? value.text : NULL;
}

const char *nu_sign_timed(const nu_signer *signer, const char *value)
{
    return nu__sign(signer, nu_value_text(value), true).text;
}

const char *nu_unsign_timed(const nu_signer *signer, const char *text, double max_age)
{
    return nu__unsign(signer, nu_value_text(text), true, max_age).text;
}

/* ---- objects ---------------------------------------------------------------------------------------- */

/* JSON in ASCII without spaces, then base64; compressed only where that saves more than the dot costs. */
static const char *object_text(nu_value value, bool compress)
{
    nu_builder json;
    nu_builder_init(&json, NULL, 256);
    nu_json_write(&json, value, &(nu_json_options){.ascii = true});
    if (compress) {
        size_t         size;
        const uint8_t *small = nu_deflate(json.data, json.length, &size);
        if (size + 1 < json.length)
            return nu_fmt(".%s", nu_base64(small, size, NU_BASE64_URL));
    }
    return nu_base64(json.data, json.length, NU_BASE64_URL);
}

static nu_value object_of(const char *text)
{
    bool     compressed = text[0] == '.';
    uint8_t *bytes;
    size_t   length;
    text += compressed;
    if (!nu_base64_decode(text, strlen(text), NU_BASE64_URL, &bytes, &length))
        nu_raise(NU_BAD_SIGNATURE, "the signed value is no base64");
    if (compressed && !nu_inflate(bytes, length, INFLATE_LIMIT, &bytes, &length))
        nu_raise(NU_BAD_SIGNATURE, "the signed value cannot be decompressed");
    NU_TRY {
        return nu_json_parse((const char *)bytes, length);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_SYNTAX_ERROR))
            nu_reraise(error);
        nu_raise(NU_BAD_SIGNATURE, "the signed value is no JSON: %s", error->fact);
    }
    return nu_null();
}

const char *nu_sign_object(const nu_signer *signer, nu_value value, bool compress)
{
    return nu_sign(signer, object_text(value, compress));
}

nu_value nu_unsign_object(const nu_signer *signer, const char *text)
{
    return object_of(nu_unsign(signer, text));
}

const char *nu_sign_object_timed(const nu_signer *signer, nu_value value, bool compress)
{
    return nu_sign_timed(signer, object_text(value, compress));
}

nu_value nu_unsign_object_timed(const nu_signer *signer, const char *text, double max_age)
{
    return object_of(nu_unsign_timed(signer, text, max_age));
}

const char *nu_signing_dumps(nu_value value, const char *salt, bool compress)
{
    nu_signer signer = {.salt = salt != NULL ? salt : DUMPS_SALT};
    return nu_sign_object_timed(&signer, value, compress);
}

nu_value nu_signing_loads(const char *text, const char *salt, double max_age)
{
    nu_signer signer = {.salt = salt != NULL ? salt : DUMPS_SALT};
    return nu_unsign_object_timed(&signer, text, max_age);
}
