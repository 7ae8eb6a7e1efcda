/* Signed values, exactly as django.core.signing makes and reads them, so that a Django site with the
 * same SECRET_KEY accepts ours and we accept its. */
#pragma once

#include "nuages/crypto.h"

/* Raised below BadRequest: the value was changed, or is older than allowed. */
extern NU_PUBLIC const nu_kind nu_kind_bad_signature;
extern NU_PUBLIC const nu_kind nu_kind_signature_expired;
#define NU_BAD_SIGNATURE     (&nu_kind_bad_signature)
#define NU_SIGNATURE_EXPIRED (&nu_kind_signature_expired)

/* The site's key, and older ones (NULL-ended or NULL) that still verify. Called at start, before
 * requests are served; the texts are copied. */
NU_PUBLIC void nu_signing_setup(const char *key, const char *const *fallbacks);
/* The key; ImproperlyConfigured before nu_signing_setup. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_secret_key(void);
/* The older keys, NULL-ended. */
NU_PUBLIC NU_RETURNS_NONNULL const char *const *nu_secret_key_fallbacks(void);

/* Django's Signer. Zero-filled members take the default. */
typedef struct nu_signer {
    const char        *key;       /* NULL: the site's */
    const char *const *fallbacks; /* with a key of its own: older ones */
    const char        *salt;      /* NULL: Django's default for the function */
    const char        *sep;       /* ":" */
    nu_digest          digest;    /* with digest_set; else SHA-256 */
    bool               digest_set;
} nu_signer;

/* HMAC-SHA-1 of `value` under a key made of `key_salt` and `secret` (NULL: the site's key); Django's
 * salted_hmac. With another digest likewise. Returns hexadecimal text. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_salted_hmac(nu_digest digest, const char *key_salt,
                                                        const void *value, size_t length,
                                                        const char *secret);

/* Signer.sign: "value:signature". `signer` NULL: all defaults. A separator that could be part of a
 * signature raises ValueError. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_sign(const nu_signer *signer, const char *value);
/* Signer.unsign; raises BadSignature. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_unsign(const nu_signer *signer, const char *text);
/* The same; NULL instead of a raise. */
NU_PUBLIC const char *nu_unsign_find(const nu_signer *signer, const char *text);

/* TimestampSigner: "value:time:signature". `max_age` in seconds, negative: any age. An older one raises
 * SignatureExpired. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_sign_timed(const nu_signer *signer, const char *value);
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_unsign_timed(const nu_signer *signer, const char *text,
                                                         double max_age);

/* Signer.sign_object and unsign_object: JSON in base64url, compressed with a leading "." when that is
 * shorter. Without a time stamp. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_sign_object(const nu_signer *signer, nu_value value,
                                                        bool compress);
NU_PUBLIC nu_value nu_unsign_object(const nu_signer *signer, const char *text);
/* The same with a time stamp. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_sign_object_timed(const nu_signer *signer,
                                                              nu_value value, bool compress);
NU_PUBLIC nu_value nu_unsign_object_timed(const nu_signer *signer, const char *text,
                                          double max_age);

/* signing.dumps and loads: nu_sign_object_timed under "django.core.signing" or another salt. What cannot
 * be read once its signature is right raises BadSignature too. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_signing_dumps(nu_value value, const char *salt,
                                                          bool compress);
NU_PUBLIC nu_value nu_signing_loads(const char *text, const char *salt, double max_age);

/* ---- CSRF tokens ----------------------------------------------------------------------------------- */

#define NU_CSRF_SECRET_LENGTH 32
#define NU_CSRF_TOKEN_LENGTH  64

/* A new secret: 32 letters and digits. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_csrf_secret_new(void);
/* The secret hidden by a fresh mask, 64 characters: what a form carries, different on each page. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_csrf_mask(const char *secret);
/* The same with the mask given (32 characters). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_csrf_mask_with(const char *secret, const char *mask);
/* The secret of a masked token (64 characters); a secret (32) is given back as it is. NULL if it is
 * neither. */
NU_PUBLIC const char *nu_csrf_unmask(const char *token);
/* True if two tokens, masked or not, hold the same secret; in constant time. */
NU_PUBLIC bool nu_csrf_equal(const char *a, const char *b);
/* True for 32 or 64 letters and digits. */
NU_PUBLIC bool nu_csrf_is_token(const char *token);
