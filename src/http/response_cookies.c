#include "http/internal.h"

#include <string.h>
#include <strings.h>

static nu__cookie *cookie_find(const nu_response *res, const char *name)
{
    for (uint32_t i = 0; i < res->cookie_count; i++) {
        if (strcmp(res->cookies[i].name, name) == 0)
            return &res->cookies[i];
    }
    return NULL;
}

static nu__cookie *set(nu_response *res, const char *name, const char *value,
                       const nu_cookie_options *options)
{
    nu__cookie *found = cookie_find(res, name);
    nu__cookie  changed = found != NULL ? *found : (nu__cookie){0};
    nu_arena   *before = nu_arena_enter(res->arena);
    nu__cookie_set(&changed, name, value, options);
    if (found == NULL && res->cookie_count == res->cookie_capacity) {
        uint32_t capacity = res->cookie_capacity > 0 ? res->cookie_capacity * 2 : 4;
        res->cookies =
            nu_arena_grow(res->arena, res->cookies, res->cookie_capacity * sizeof(nu__cookie),
                          capacity * sizeof(nu__cookie));
        res->cookie_capacity = capacity;
    }
    nu_arena_enter(before);
    if (found == NULL)
        found = &res->cookies[res->cookie_count++];
    *found = changed;
    return found;
}

void nu_set_cookie_(nu_response *res, const char *name, const char *value,
                    const nu_cookie_options *options)
{
    set(res, name, value, options);
}

/* Cookies are signed with keys of their own, made from the site's. */
nu_signer nu__cookie_signer(const char *name, const char *salt)
{
    const char *const *older = nu_secret_key_fallbacks();
    size_t             count = 0;
    while (older[count] != NULL)
        count++;
    const char **fallbacks = nu_arena_array(nu_arena_current(), count + 1, sizeof *fallbacks);
    for (size_t i = 0; i < count; i++)
        fallbacks[i] = nu_fmt("django.http.cookies%s", older[i]);
    return (nu_signer){
        .key = nu_fmt("django.http.cookies%s", nu_secret_key()),
        .fallbacks = fallbacks,
        .salt = nu_fmt("%s%s", name, salt != NULL ? salt : ""),
    };
}

void nu_set_signed_cookie_(nu_response *res, const char *name, const char *value, const char *salt,
                           const nu_cookie_options *options)
{
    nu_signer signer = nu__cookie_signer(name, salt);
    set(res, name, nu_sign_timed(&signer, value), options);
}

void nu_delete_cookie_(nu_response *res, const char *name, const nu_cookie_options *options)
{
    nu_cookie_options gone = {
        .max_age = -1,
        .path = options->path,
        .domain = options->domain,
        .samesite = options->samesite,
        /* Browsers ignore these without Secure, even to delete them. */
        .secure = nu_starts_with(name, "__Secure-") || nu_starts_with(name, "__Host-") ||
                  (options->samesite != NULL && strcasecmp(options->samesite, "none") == 0),
    };
    set(res, name, "", &gone)->expires = "Thu, 01 Jan 1970 00:00:00 GMT";
}

const char *const *nu_response_cookies(const nu_response *res)
{
    const char **lines =
        nu_arena_array(nu_arena_current(), res->cookie_count + 1, sizeof(const char *));
    for (uint32_t i = 0; i < res->cookie_count; i++)
        lines[i] = nu__cookie_line(&res->cookies[i]);
    return lines;
}

const char *nu_response_cookie(const nu_response *res, const char *name)
{
    const nu__cookie *cookie = cookie_find(res, name);
    return cookie != NULL ? cookie->value : NULL;
}
