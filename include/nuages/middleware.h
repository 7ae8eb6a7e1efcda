/* Middleware: hooks around every view, as a table of functions.
 *
 *      static nu_response *clock_out(nu_request *request, nu_response *response)
 *      {
 *          nu_response_set_header(response, "X-Served-At", nu_datetime_text(nu_now()));
 *          return response;
 *      }
 *      const nu_middleware clock_middleware = {.name = "clock", .out = clock_out};
 *
 *      s->middleware = NU_MIDDLEWARE(NU_DEFAULT_MIDDLEWARE, &clock_middleware);
 *
 *          in ↓ security  session  common  csrf  …        a response from `in` turns round here
 *                              view
 *         out ↑ security  session  common  csrf  …        each sees the response of those inside
 *
 * A raise inside becomes its error response right there, so that every `out` further out runs, as in
 * Django. */
#pragma once

#include "nuages/request.h"

struct nu_settings;

typedef struct nu_middleware {
    const char *name;
    /* Before the view is chosen. NULL goes on; a response is the answer. Django's process_request. */
    nu_response *(*in)(nu_request *request);
    /* The view is known and about to be called. Django's process_view. */
    nu_response *(*view)(nu_request *request, const nu_match *match);
    /* The view raised. NULL lets the error go on. Django's process_exception. */
    nu_response *(*exception)(nu_request *request, const nu_error *error);
    /* On the way out; gives the response to send. Django's process_response. */
    nu_response *(*out)(nu_request *request, nu_response *response);
    /* Once at start-up: raise ImproperlyConfigured if a setting is wrong. */
    void (*check)(const struct nu_settings *settings);
} nu_middleware;

/* A chain for settings; it lives for ever. */
#define NU_MIDDLEWARE(...)                                                                    \
    (__extension__({                                                                          \
        static const nu_middleware *const nu_middleware_[] = {__VA_ARGS__, NULL};             \
        nu_middleware_;                                                                       \
    }))

/* The chain of a new project, outermost first. */
#define NU_DEFAULT_MIDDLEWARE                                                                 \
    &nu_security_middleware, &nu_static_middleware, &nu_common_middleware, &nu_csrf_middleware, \
        &nu_frame_middleware

/* SSL redirect, HSTS, nosniff, referrer and opener policy (Django's SecurityMiddleware). */
extern NU_PUBLIC const nu_middleware nu_security_middleware;
/* Answers requests below static_url with the files of the apps; nothing else inside is run for them. */
extern NU_PUBLIC const nu_middleware nu_static_middleware;
/* Host check, slash appended (Django's CommonMiddleware). */
extern NU_PUBLIC const nu_middleware nu_common_middleware;
/* Cross-site request forgery protection (Django's CsrfViewMiddleware). */
extern NU_PUBLIC const nu_middleware nu_csrf_middleware;
/* X-Frame-Options (Django's XFrameOptionsMiddleware). */
extern NU_PUBLIC const nu_middleware nu_frame_middleware;
/* Compresses for those who accept gzip, by the rules of Django's GZipMiddleware: 200 bytes and more, streams
 * too, a weak ETag, Vary, and random padding against BREACH. Stands outside of what looks at bodies. */
extern NU_PUBLIC const nu_middleware nu_gzip_middleware;
/* The same with what the client likes best of zstd, br and gzip, the former two where libzstd and libbrotlienc
 * are installed. */
extern NU_PUBLIC const nu_middleware nu_compress_middleware;
/* ETag and 304 (Django's ConditionalGetMiddleware). */
extern NU_PUBLIC const nu_middleware nu_conditional_middleware;
