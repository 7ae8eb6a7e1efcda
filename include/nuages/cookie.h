/* Cookies (RFC 6265), read and written as Django does. */
#pragma once

#include "nuages/text.h"

typedef struct nu_cookie_options {
    int64_t     max_age;  /* seconds; 0: until the browser closes; below 0: gone at once */
    nu_datetime expires;  /* instead of max_age */
    const char *path;     /* NULL: "/" */
    const char *domain;   /* NULL: this host only */
    bool        secure;   /* https only */
    bool        httponly; /* hidden from scripts */
    const char *samesite; /* "Lax", "Strict", "None"; NULL: not said */
} nu_cookie_options;

/* The value of a Cookie field as a dict of name: text, in the current arena. What is malformed is
 * kept as Django keeps it; of equal names the last one wins. */
NU_PUBLIC NU_RETURNS_NONNULL nu_dict *nu_cookie_parse(const char *header, size_t length);

/* The value of a Set-Cookie field, in the current arena. A name that is no cookie name or a samesite
 * that does not exist raises ValueError; a value outside the allowed characters is quoted. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_cookie_text(const char *name, const char *value,
                                                        const nu_cookie_options *options);
