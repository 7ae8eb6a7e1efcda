/* Operations on signatures, digests and CSRF tokens. */
#include <string.h>

#include "crypto/internal.h"
#include "http/internal.h"
#include "web.h"

/* ---- signers -------------------------------------------------------------------------------------------------- */

static nu_signer signer_of(const nu_dict *line, bool *timed)
{
    const nu_dict *spec = nu__web_dict(line, "signer");
    nu_signer      signer = {
             .key = nu__web_text(spec, "key", NULL),
             .salt = nu__web_text(spec, "salt", NULL),
             .sep = nu__web_text(spec, "sep", NULL),
    };
    const char *algorithm = nu__web_text(spec, "algorithm", NULL);
    signer.digest_set = algorithm != NULL;
    if (algorithm != NULL && !nu_digest_try(algorithm, &signer.digest))
        nu_raise(&nu__web_uncovered, "the algorithm %s", algorithm);
    *timed = nu__web_flag(spec, "timestamp");
    return signer;
}

static double max_age_of(const nu_dict *line)
{
    double   seconds;
    nu_value age = nu__web_decode(nu_dict_get(line, "max_age"));
    if (age.type == NU_DURATION)
        return (double)age.us / (double)NU_SECOND;
    return nu_float_try(age, &seconds) ? seconds : -1;
}

static nu_value op_sign(const nu_dict *line)
{
    bool      timed;
    nu_signer signer = signer_of(line, &timed);
    return nu__sign(&signer, nu_dict_get(line, "value"), timed);
}

static nu_value op_unsign(const nu_dict *line)
{
    bool      timed;
    nu_signer signer = signer_of(line, &timed);
    return nu__unsign(&signer, nu_dict_get(line, "value"), timed, max_age_of(line));
}

static nu_value signed_object(const char *text)
{
    return nu_value_dict(nu_dict_of("value", text, "compressed", text[0] == '.'));
}

static nu_value op_sign_object(const nu_dict *line)
{
    bool      timed;
    nu_signer signer = signer_of(line, &timed);
    nu_value  object = nu__web_decode(nu_dict_get(line, "object"));
    bool      compress = nu__web_flag(line, "compress");
    return signed_object(timed ? nu_sign_object_timed(&signer, object, compress)
                               : nu_sign_object(&signer, object, compress));
}

static nu_value op_unsign_object(const nu_dict *line)
{
    bool        timed;
    nu_signer   signer = signer_of(line, &timed);
    const char *text = nu__web_text(line, "value", "");
    return timed ? nu_unsign_object_timed(&signer, text, max_age_of(line))
                 : nu_unsign_object(&signer, text);
}

static nu_signer dumps_signer(const nu_dict *line)
{
    return (nu_signer){.key = nu__web_text(line, "key", NULL),
                       .salt = nu__web_text(line, "salt", "django.core.signing")};
}

static nu_value op_dumps(const nu_dict *line)
{
    nu_signer signer = dumps_signer(line);
    return signed_object(nu_sign_object_timed(&signer, nu__web_decode(nu_dict_get(line, "object")),
                                              nu__web_flag(line, "compress")));
}

static nu_value op_loads(const nu_dict *line)
{
    nu_signer signer = dumps_signer(line);
    return nu_unsign_object_timed(&signer, nu__web_text(line, "value", ""), max_age_of(line));
}

/* ---- signed cookies ----------------------------------------------------------------------------------------------- */

static nu_value op_signed_cookie(const nu_dict *line)
{
    nu_signer signer =
        nu__cookie_signer(nu__web_text(line, "cookie", ""), nu__web_text(line, "salt", ""));
    return nu__sign(&signer, nu_dict_get(line, "value"), true);
}

static nu_value op_get_signed_cookie(const nu_dict *line)
{
    const char     *name = nu__web_text(line, "cookie", ""), *salt = nu__web_text(line, "salt", "");
    const nu_dict  *cookies = nu__web_dict(line, "cookies");
    const nu_value *value = nu_dict_find(cookies, name);
    bool            has_default = nu_dict_find(line, "default") != NULL;
    if (value == NULL && !has_default)
        nu_raise(NU_VALUE_ERROR, "there is no cookie \"%s\"", name);
    nu_signer signer = nu__cookie_signer(name, salt);
    if (!has_default)
        return nu__unsign(&signer, *value, true, max_age_of(line));
    nu_request *req = nu_request_new("GET", "/", NULL);
    req->cookies = nu__web_dict(line, "cookies");
    const char *found = nu_request_signed_cookie(req, name, salt, (int64_t)max_age_of(line));
    return found != NULL ? nu_value_text(found) : nu_dict_get(line, "default");
}

/* ---- numbers and digests -------------------------------------------------------------------------------------------- */

static nu_value op_base62(const nu_dict *line)
{
    nu_value    number = nu__web_decode(nu_dict_get(line, "number"));
    const char *text = nu__web_text(line, "text", NULL);
    int64_t     decoded;
    if (text == NULL && !nu_int_try(number, &decoded))
        nu_raise(&nu__web_uncovered, "a number beyond 64 bits");
    if (text == NULL)
        return nu_value_text(nu_base62(decoded));
    if (!nu_base62_decode(text, strlen(text), &decoded))
        nu_raise(NU_VALUE_ERROR, "no number in base 62");
    return nu_value_int(decoded);
}

static nu_digest digest_of(const nu_dict *line, const char *key)
{
    nu_digest digest;
    if (!nu_digest_try(nu__web_text(line, key, "sha256"), &digest))
        nu_raise(&nu__web_uncovered, "the digest %s", nu__web_text(line, key, ""));
    return digest;
}

static nu_value op_salted_hmac(const nu_dict *line)
{
    nu_value value = nu__web_decode(nu_dict_get(line, "value"));
    if (!nu_is_text(nu_dict_get(line, "key_salt")))
        nu_raise(&nu__web_uncovered, "a salt that is no text");
    return nu_value_text(nu_salted_hmac(digest_of(line, "algorithm"),
                                        nu__web_text(line, "key_salt", ""), value.text,
                                        value.length, nu__web_text(line, "secret", NULL)));
}

static nu_value op_pbkdf2(const nu_dict *line)
{
    nu_value  password = nu__web_decode(nu_dict_get(line, "password"));
    nu_value  salt = nu__web_decode(nu_dict_get(line, "salt"));
    nu_digest digest = digest_of(line, "digest");
    int64_t   wanted = nu__web_int(line, "dklen", 0);
    size_t    length = wanted > 0 ? (size_t)wanted : nu_digest_size(digest);
    uint8_t  *key = nu_alloc(length);
    if (!nu_pbkdf2(digest, password.text, password.length, salt.text, salt.length,
                   (uint32_t)nu__web_int(line, "iterations", 1), key, length))
        nu_raise(NU_VALUE_ERROR, "PBKDF2 refuses its arguments");
    return nu_value_text(nu_hex(key, length));
}

static nu_value op_constant_time_compare(const nu_dict *line)
{
    nu_value a = nu__web_decode(nu_dict_get(line, "a")), b = nu__web_decode(nu_dict_get(line, "b"));
    return nu_value_bool(nu_equal_secret(a.text, a.length, b.text, b.length));
}

/* ---- CSRF tokens ------------------------------------------------------------------------------------------------------ */

static nu_value op_csrf_mask(const nu_dict *line)
{
    return nu_value_text(
        nu_csrf_mask_with(nu__web_text(line, "secret", ""), nu__web_text(line, "mask", "")));
}

static nu_value op_csrf_unmask(const nu_dict *line)
{
    return nu_value_text(nu_csrf_unmask(nu__web_text(line, "token", "")));
}

static nu_value op_csrf_equal(const nu_dict *line)
{
    return nu_value_bool(nu_csrf_equal(nu__web_text(line, "a", ""), nu__web_text(line, "b", "")));
}

static nu_value op_csrf_sanitize(const nu_dict *line)
{
    bool kept = nu_csrf_is_token(nu__web_text(line, "token", ""));
    return nu_value_text(kept ? "kept" : "replaced");
}

const nu__web_op nu__web_signing_ops[] = {
    {"sign", op_sign, NULL},
    {"unsign", op_unsign, NULL},
    {"sign_object", op_sign_object, NULL},
    {"unsign_object", op_unsign_object, NULL},
    {"dumps", op_dumps, NULL},
    {"loads", op_loads, NULL},
    {"signed_cookie", op_signed_cookie, NULL},
    {"get_signed_cookie", op_get_signed_cookie, NULL},
    {"base62", op_base62, NULL},
    {"salted_hmac", op_salted_hmac, NULL},
    {"pbkdf2", op_pbkdf2, NULL},
    {"constant_time_compare", op_constant_time_compare, NULL},
    {"csrf_mask", op_csrf_mask, NULL},
    {"csrf_unmask", op_csrf_unmask, NULL},
    {"csrf_equal", op_csrf_equal, NULL},
    {"csrf_sanitize", op_csrf_sanitize, NULL},
    {0},
};
