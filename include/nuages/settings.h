/* Settings: one C struct, filled by the site's configure function before anything else runs.
 *
 * A member left zero has the default written beside it. What differs between machines comes from
 * the environment: nu_env and friends, which also read the file `.env` in the project's folder
 * (KEY=value lines; a variable that is set already wins). A missing or wrong setting stops the
 * start with one line that names it. */
#pragma once

#include "nuages/app.h"
#include "nuages/request.h"

struct nu_route;
struct nu_middleware;

/* A list of texts for a setting: s->template_dirs = NU_TEXTS("templates"). It lives for ever, while
 * the list of an NU_STRS inside a function ends with the function. */
#define NU_TEXTS(...)                                                                         \
    (__extension__({                                                                          \
        static const char *const nu_texts_[] = {__VA_ARGS__, NULL};                           \
        nu_texts_;                                                                            \
    }))

/* Adds to the context of every page that is rendered for a request. */
typedef void (*nu_context_processor)(nu_request *request, nu_dict *context);

typedef struct nu_settings {
    /* ---- the site ------------------------------------------------------------------------ */
    const nu_app *const   *apps;                 /* NU_APPS(…) */
    const struct nu_route *urls;                 /* required: the root of the URL tree */
    const char            *secret_key;           /* required: signs cookies, sessions and tokens */
    const char *const     *secret_key_fallbacks; /* older keys that still verify */
    bool                   debug;                /* error pages show source and settings */
    const char *const     *allowed_hosts;        /* NU_TEXTS("example.com", ".example.org"); with debug:
                                                    localhost, 127.0.0.1 and [::1] */
    const char            *base_dir;             /* the folder of the program */
    const char            *time_zone;            /* "UTC" */
    const char            *language_code;        /* "en-us" */
    const char *const     *locale_paths;         /* NU_TEXTS("locale"): folders with translations, which win
                                                    over those of the apps' folders locale/ */
    const char *const     *languages;            /* codes that {% get_available_languages %} lists;
                                                    language_code alone */

    /* ---- database ------------------------------------------------------------------------ */
    const char *database;       /* URL: "sqlite:site.db", a relative path counts from base_dir */
    const struct nu_named_database *databases; /* beside "default", ended by {0}: NU_DATABASES({"shop", {.url =
                                                  …}}, …) */
    const struct nu_router *const *routers; /* NU_ROUTERS(…): which database is for which model */
    int         database_timeout_ms; /* 5000: how long a writer waits for another */
    bool        linear_migrations;   /* makemigrations keeps the name of each app's last migration in
                                        migrations/max_migration.txt, and `check` compares it */

    /* ---- request and response ------------------------------------------------------------ */
    const struct nu_middleware *const *middleware; /* NU_MIDDLEWARE(…); NULL: nu_default_middleware */
    const char *fallback;                          /* another site that answers what no route matches:
                                                      "http://127.0.0.1:8001"; see proxy.h */
    bool        no_append_slash;                   /* do not redirect /about to /about/ */
    size_t      max_body;                          /* 2.5 MiB, files not counted; Django's
                                                      DATA_UPLOAD_MAX_MEMORY_SIZE */
    size_t      max_upload;                        /* 100 MiB for a whole request with files */
    size_t      max_fields;                        /* 1000 */
    size_t      max_files;                         /* 100 */
    const char *secure_proxy_header;               /* "X-Forwarded-Proto" behind a trusted proxy that
                                                      always sets it; its value must be "https" */
    bool        use_x_forwarded_host;
    /* Proxies in front of the server: NU_TEXTS("127.0.0.1", "10.0.0.0/8", "::1", "unix"). From these the
       client's address is taken out of X-Forwarded-For, and only from these the two settings above hold.
       NULL: no address is taken from a field, and the two above hold for whoever connects */
    const char *const *trusted_proxies;
    bool               use_forwarded;  /* they send Forwarded (RFC 7239) instead: address, scheme and host */
    const char *const *proxy_protocol; /* load balancers that speak the PROXY protocol, likewise */
    nu_view     bad_request, forbidden, not_found, server_error; /* own pages for 400 403 404 500 */

    /* ---- templates ----------------------------------------------------------------------- */
    const char *const           *template_dirs;       /* before those of the apps */
    /* Where else templates come from; asked first. NULL-ended (nuages/template.h). */
    const struct nu_template_loader *const *template_loaders;
    /* Engines beside the site's own, found by nu_template_engine; ended by {0} (nuages/template.h). */
    const struct nu_named_engine *template_engines;
    const nu_context_processor  *context_processors;  /* NULL-ended; added to those every page has */
    const char                  *string_if_invalid;   /* "" */
    const struct nu_embedded    *files; /* the project's own templates/ and static/ in the binary, made by
                                           `nuages embed`; looked at after template_dirs and static_dirs */

    /* ---- static files -------------------------------------------------------------------- */
    const char        *static_url;  /* "/static/" */
    const char *const *static_dirs; /* before those of the apps */
    const char        *media_url;   /* "/media/" */

    /* ---- sessions and CSRF, names and defaults of Django --------------------------------- */
    const char *session_cookie_name;        /* "sessionid" */
    int         session_cookie_age;         /* 1209600 seconds, two weeks */
    const char *session_cookie_domain;
    const char *session_cookie_path;        /* "/" */
    bool        session_cookie_secure;
    bool        session_save_every_request;
    bool        session_expire_at_browser_close;
    const char *csrf_cookie_name;           /* "csrftoken" */
    const char *csrf_header_name;           /* "X-CSRFToken" */
    int         csrf_cookie_age;            /* 31449600 seconds, one year */
    bool        csrf_cookie_secure;
    const char *const *csrf_trusted_origins;
    nu_view     csrf_failure;               /* own page for a refused form */

    /* ---- security headers ---------------------------------------------------------------- */
    bool        ssl_redirect;
    int         hsts_seconds;               /* 0: no Strict-Transport-Security */
    const char *referrer_policy;            /* "same-origin"; "" for none */
    const char *opener_policy;              /* Cross-Origin-Opener-Policy: "same-origin"; "" for none */
    const char *frame_options;              /* "DENY"; "" for none */

    /* ---- containment: what `serve`'s workers may do beside answering ---------------------- */
    bool               no_sandbox;
    const char        *user;                /* whom workers become when root starts the server; NULL:
                                               the owner of base_dir */
    const char *const *writable_dirs;       /* beside base_dir, the database's folder, /tmp */
    bool               allow_exec;          /* workers may start programs */

    /* ---- server and log ------------------------------------------------------------------ */
    int         workers;      /* of `serve`; 0: one a processor */
    const char *const *tls_certificates; /* PEM files, each with its chain; `serve` then speaks TLS. Paths
                                            count from base_dir */
    const char *const *tls_keys;         /* the key of each, in the same order */
    const char *const *redirect_http;    /* addresses of `serve` where plain HTTP is sent to https: NU_TEXTS(":80") */
    size_t      max_in_flight;     /* 1000 requests in work in a worker; beyond: 503 */
    size_t      max_per_client;    /* connections of one address to a worker; 0: no limit. Behind a
                                      proxy all come from one address */
    size_t      max_worker_memory; /* bytes; a worker that grows beyond is replaced. 0: no limit */
    bool        metrics;           /* answer /-/metrics, for Prometheus */
    const char *metrics_token;     /* that it must send: Authorization: Bearer … */
    bool        access_log;   /* a line a request; runserver always writes it */
    unsigned    access_log_every; /* only one of so many requests has its line, and each that ends
                                     with 5xx (1) */
    bool        log_json;
    const char *log_level;    /* "info"; debug info warning error */
} nu_settings;

/* The settings in force, defaults filled in. Raises ImproperlyConfigured before they are. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_settings *nu_settings_current(void);

/* A required variable of the environment; ImproperlyConfigured if it is missing or empty. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_env(const char *name);
/* The variable, or `fallback`, which may be NULL. */
NU_PUBLIC const char *nu_env_or(const char *name, const char *fallback);
/* 1 true yes on / 0 false no off, any case; anything else raises ImproperlyConfigured. */
NU_PUBLIC bool nu_env_bool(const char *name, bool fallback);
NU_PUBLIC int64_t nu_env_int(const char *name, int64_t fallback);
/* Comma-separated texts, NULL-ended; an unset or empty variable gives NULL. */
NU_PUBLIC const char *const *nu_env_list(const char *name);
