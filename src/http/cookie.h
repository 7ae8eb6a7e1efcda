/* The cookies that a response sets, each with the attributes it has so far. As in Django, setting a
 * cookie again keeps the attributes that the second call does not name. */
#pragma once

#include "nuages/cookie.h"

typedef struct nu__cookie {
    const char *name, *value;
    const char *expires; /* "" or NULL: none */
    const char *path, *domain, *samesite;
    int64_t     max_age;
    bool        has_max_age, secure, httponly;
} nu__cookie;

/* Changes `cookie` as Django's set_cookie does. Texts are copied into the current arena. */
void nu__cookie_set(nu__cookie *cookie, const char *name, const char *value,
                    const nu_cookie_options *options);

/* The Set-Cookie value. */
const char *nu__cookie_line(const nu__cookie *cookie);
