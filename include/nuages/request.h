/* The request: what a client asks for. A view gets it, reads it and answers with a nu_response.
 *
 * A request and all it hands out live in its arena and end with it. Its body is read when someone
 * asks for it (`nu_request_body`, `nu_request_form`, `nu_request_json`, `nu_request_read`). */
#pragma once

#include "nuages/header.h"

typedef struct nu_request  nu_request;
typedef struct nu_response nu_response;
typedef struct nu_params   nu_params;
typedef struct nu_upload   nu_upload;

/* A view, or anything that answers a request. */
typedef nu_response *(*nu_view)(nu_request *req);

/* What the HTTP layer needs to know of the settings. Zero-filled members take the default. */
typedef struct nu_http_options {
    const char *const *allowed_hosts; /* NULL-ended; "*" allows all, ".example.org" subdomains too */
    bool        debug;                /* with no allowed hosts: localhost and its addresses are */
    bool        use_forwarded_host;   /* trust X-Forwarded-Host */
    bool        use_forwarded_port;   /* trust X-Forwarded-Port */
    const char *secure_header;        /* a trusted proxy's field: "X-Forwarded-Proto"; NULL: none */
    const char *secure_value;         /* its value for a secure request: "https" */
    const char *const *trusted_proxies; /* whose X-Forwarded-… count: addresses and networks, NULL-ended;
                                           NULL: whoever asks is believed what the members above name */
    bool        use_forwarded;        /* they send Forwarded (RFC 7239) */
    int64_t     max_body;             /* bytes of a body, files not counted; 2.5 MiB; -1: no limit */
    int         max_fields;           /* of a form or query string; 1000; -1: no limit */
    int         max_files;            /* of a form; 100; -1: no limit */
    int64_t     max_file_memory;      /* larger uploads go to a temporary file; 2.5 MiB */
    const char *upload_folder;        /* for those; NULL: the system's */
} nu_http_options;

/* ---- the first line ---------------------------------------------------------------------------- */

/* "GET", "POST" … as sent; methods are in capitals. */
NU_PUBLIC const char *nu_request_method(const nu_request *req);
/* True if the method is `method`. */
NU_PUBLIC bool nu_request_is(const nu_request *req, const char *method);
/* The path, percent-decoded, valid UTF-8 without NUL: "/café/". */
NU_PUBLIC const char *nu_request_path(const nu_request *req);
/* The path below the script prefix: what routes are matched with. Starts with "/". */
NU_PUBLIC const char *nu_request_path_info(const nu_request *req);
/* The path as it was sent: "/caf%C3%A9/". */
NU_PUBLIC const char *nu_request_raw_path(const nu_request *req);
/* Path and query string, encoded for a URL, as Django's get_full_path(). With `append_slash` the
 * path ends in "/". */
NU_PUBLIC const char *nu_request_full_path(const nu_request *req, bool append_slash);
/* The bytes after "?", "" if there are none. */
NU_PUBLIC const char *nu_request_query_string(const nu_request *req);

/* ---- who and where ------------------------------------------------------------------------------ */

/* "http" or "https", by the connection or by the trusted proxy's header. */
NU_PUBLIC const char *nu_request_scheme(const nu_request *req);
NU_PUBLIC bool nu_request_is_secure(const nu_request *req);
/* Host and port as the client wrote them. A host that is not allowed or not well-formed raises
 * SuspiciousOperation (400). */
NU_PUBLIC const char *nu_request_host(const nu_request *req);
/* The port, "80" or "443" by default. */
NU_PUBLIC const char *nu_request_port(const nu_request *req);
/* The address of the client, as trusted proxies tell it, or of the peer: "203.0.113.7", "::1", "" on a Unix socket. */
NU_PUBLIC const char *nu_request_remote_address(const nu_request *req);
/* "https://example.org/a/?b=c". `location` NULL: this request's full path; a relative one is
 * resolved against this request. Raises as nu_request_host. */
NU_PUBLIC const char *nu_request_absolute(const nu_request *req, const char *location);
/* Short id of this request for log lines. */
NU_PUBLIC const char *nu_request_id(const nu_request *req);

/* ---- fields and cookies ------------------------------------------------------------------------- */

/* The value of a field, NULL if it was not sent. Of repeated fields the values joined by ",". */
NU_PUBLIC const char *nu_request_header(const nu_request *req, const char *name);
NU_PUBLIC const nu_headers *nu_request_headers(const nu_request *req);
/* NULL if there is no such cookie. */
NU_PUBLIC const char *nu_request_cookie(nu_request *req, const char *name);
/* name: text */
NU_PUBLIC nu_dict *nu_request_cookies(nu_request *req);
/* The value of a cookie set by nu_set_signed_cookie. NULL if it is missing, forged or older than
 * `max_age` seconds (0: any age). */
NU_PUBLIC const char *nu_request_signed_cookie(nu_request *req, const char *name, const char *salt,
                                               int64_t max_age);
/* "text/html", "" if none was sent. */
NU_PUBLIC const char *nu_request_content_type(const nu_request *req);
/* True if the Accept field allows `type`, such as "application/json". Without the field all do. */
NU_PUBLIC bool nu_request_accepts(const nu_request *req, const char *type);
/* The one of `types` (NULL-ended) that the client likes best; NULL if it accepts none. */
NU_PUBLIC const char *nu_request_preferred(const nu_request *req, const char *const *types);

/* ---- parameters ---------------------------------------------------------------------------------- */

/* Parameters by name, each with one or more values, in order: Django's QueryDict. In templates
 * `request.GET.page` is the last value of "page". */

/* A parameter of the query string: its last value, NULL if there is none. */
NU_PUBLIC const char *nu_request_get(nu_request *req, const char *name);
/* A field of the posted form: its last value, NULL if there is none. Reads the body. */
NU_PUBLIC NU_WAITS const char *nu_request_post(nu_request *req, const char *name);
/* An uploaded file, NULL if there is none. Reads the body. */
NU_PUBLIC NU_WAITS nu_upload *nu_request_file(nu_request *req, const char *name);

NU_PUBLIC nu_params *nu_request_query(nu_request *req);
/* Empty unless the request is a POST of form data, as in Django. */
NU_PUBLIC NU_WAITS nu_params *nu_request_form(nu_request *req);
/* As nu_request_form for any method and form content type: what a PUT or PATCH sends. */
NU_PUBLIC NU_WAITS nu_params *nu_request_form_data(nu_request *req);
/* name: values are uploads (nu_upload objects). */
NU_PUBLIC NU_WAITS nu_params *nu_request_files(nu_request *req);

/* An empty one, in the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL nu_params *nu_params_new(void);
/* From "a=1&b=2". At most `max_fields` (-1: any number) or it raises SuspiciousOperation. */
NU_PUBLIC NU_RETURNS_NONNULL nu_params *nu_params_parse(const char *query, size_t length,
                                                        int max_fields);
/* The last value as text; NULL if there is none. */
NU_PUBLIC const char *nu_params_get(const nu_params *params, const char *name);
/* The last value; null if there is none. */
NU_PUBLIC nu_value nu_params_value(const nu_params *params, const char *name);
/* All values; an empty list if there are none. */
NU_PUBLIC nu_list *nu_params_list(const nu_params *params, const char *name);
NU_PUBLIC bool nu_params_has(const nu_params *params, const char *name);
/* One value instead of all there were. */
NU_PUBLIC void nu_params_set(nu_params *params, const char *name, nu_value value);
NU_PUBLIC void nu_params_set_list(nu_params *params, const char *name, nu_list *values);
/* One more value. */
NU_PUBLIC void nu_params_add(nu_params *params, const char *name, nu_value value);
NU_PUBLIC bool nu_params_remove(nu_params *params, const char *name);
/* Number of names. */
NU_PUBLIC uint32_t nu_params_count(const nu_params *params);
/* name: list of values. The dict itself, to walk. */
NU_PUBLIC nu_dict *nu_params_dict(const nu_params *params);
/* A copy whose changes leave the original alone. */
NU_PUBLIC NU_RETURNS_NONNULL nu_params *nu_params_copy(const nu_params *params);
/* "a=1&b=2", percent-encoded. Characters in `safe` (NULL: none) stay as they are. */
NU_PUBLIC const char *nu_params_encode(const nu_params *params, const char *safe);

/* ---- the body ------------------------------------------------------------------------------------- */

/* The whole body, followed by a NUL; reads it once and keeps it. Beyond the limit it raises TooLarge;
 * after nu_request_read or a multipart form has taken it, an error. Like nu_request_read it gives the bytes as
 * they were sent: what Content-Encoding names (gzip) is for the view to undo, which must then bound what comes
 * out. Forms and JSON refuse such a body (415). */
NU_PUBLIC NU_WAITS const char *nu_request_body(nu_request *req, size_t *length);
/* The body as JSON. Malformed JSON, or another content type, raises BadRequest with the place. */
NU_PUBLIC NU_WAITS nu_value nu_request_json(nu_request *req);
/* The next bytes of a body that is read piece by piece, without limit; 0 at its end. */
NU_PUBLIC NU_WAITS size_t nu_request_read(nu_request *req, void *into, size_t room);
/* Length of the body as announced, -1 if it was not. */
NU_PUBLIC int64_t nu_request_content_length(const nu_request *req);

/* ---- URL arguments and the route -------------------------------------------------------------------- */

/* The route that matched, filled by the resolver. */
typedef struct nu_match {
    nu_view            view;
    const char        *view_function; /* the C name: "article_detail" */
    const char        *url_name;      /* "detail"; NULL: unnamed */
    const char        *view_name;     /* "blog:detail"; without a name the C name */
    const char *const *app_names;     /* outermost first, NULL-ended */
    const char *const *namespaces;    /* outermost first, NULL-ended */
    const char        *namespace;     /* "shop:blog"; "" outside any */
    const char        *route;         /* "blog/<slug:slug>/" */
    const char        *methods;       /* "GET POST"; NULL: any */
    const void        *data;          /* the route's own .data, for generic views */
    bool               csrf_exempt;   /* the route says so */
    nu_list           *args;          /* positional arguments, of unnamed regex groups */
    nu_dict           *kwargs;        /* named arguments */
} nu_match;

/* NULL before the route is resolved. */
NU_PUBLIC const nu_match *nu_request_match(const nu_request *req);
NU_PUBLIC void nu_request_set_match(nu_request *req, const nu_match *match);

/* An argument from the URL. A name that the route does not have raises ValueError. */
NU_PUBLIC const char *nu_arg(const nu_request *req, const char *name);
NU_PUBLIC int64_t nu_arg_int(const nu_request *req, const char *name);
NU_PUBLIC nu_value nu_arg_value(const nu_request *req, const char *name);
/* null if the route has no such argument */
NU_PUBLIC nu_value nu_arg_find(const nu_request *req, const char *name);

/* ---- what travels with the request -------------------------------------------------------------------- */

/* Middleware and apps hang their objects on the request by name: "user", "session", "messages".
 * Templates see them as attributes: {{ request.user }}. */
NU_PUBLIC void nu_request_set_data(nu_request *req, const char *name, nu_value value);
/* The value is made by `load` when it is first asked for. */
NU_PUBLIC void nu_request_set_lazy(nu_request *req, const char *name,
                                   nu_value (*load)(nu_request *req));
/* null if there is none. May wait when it was lazy. */
NU_PUBLIC NU_WAITS nu_value nu_request_data(nu_request *req, const char *name);
/* The object inside such a value; NULL if there is none. */
NU_PUBLIC NU_WAITS void *nu_request_object(nu_request *req, const char *name);
/* True once it is set, and for a lazy one only once it was loaded: has the session been touched? */
NU_PUBLIC bool nu_request_has_data(const nu_request *req, const char *name);

/* The request's arena. */
NU_PUBLIC nu_arena *nu_request_arena(const nu_request *req);
/* The request that the running code serves; NULL outside one. */
NU_PUBLIC nu_request *nu_request_current(void);

/* A request made by hand, for tests and tools, in the current arena: method, target ("/a/?b=c") and
 * options (NULL: defaults that allow any host). */
NU_PUBLIC NU_RETURNS_NONNULL nu_request *nu_request_new(const char *method, const char *target,
                                                        const nu_http_options *options);
/* Its fields and body; for requests made by hand. The body is borrowed. */
NU_PUBLIC void nu_request_set_header(nu_request *req, const char *name, const char *value);
NU_PUBLIC void nu_request_set_body(nu_request *req, const char *content_type, const void *bytes,
                                   size_t length);
