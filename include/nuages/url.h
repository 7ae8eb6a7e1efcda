/* URLs: tables of routes, finding the view of a path, and the path of a name.
 *
 *      const nu_route blog_urls[] = {
 *          NU_PATH("",             article_list,   .name = "list"),
 *          NU_PATH("<slug:slug>/", article_detail, .name = "detail"),
 *          NU_PATH("feed/",        feed,           .name = "feed", .methods = "GET"),
 *          NU_REGEX("^(?P<year>[0-9]{4})/$", year, .name = "year"),
 *          {0},
 *      };
 *      const nu_route site_urls[] = {
 *          NU_INCLUDE("blog/", blog_urls, .app_name = "blog"),
 *          {0},
 *      };
 *
 * A route is matched against the path without its first "/", as in Django, and the first that fits
 * wins. Built-in converters: str (all but "/", the default), int, slug, uuid, path. Arguments reach
 * the view through nu_arg. */
#pragma once

#include "nuages/request.h"

/* How a part of a path becomes a value and back: <hex:colour>. Those a site adds are named in
 * `.converters` of a route (for it and what it includes) or given to nu_urls_new. */
typedef struct nu_converter {
    const char *name;  /* "hex" */
    const char *regex; /* what it matches: "[0-9a-f]{6}" */
    /* From matched text, NUL-terminated; false: the route does not match. NULL: text as it is. */
    bool (*to_value)(const char *text, size_t length, nu_value *out);
    /* For a URL; NULL as result: the value does not fit. NULL here: nu_text. */
    const char *(*to_text)(nu_value value);
} nu_converter;
#define NU_CONVERTERS(...) ((const nu_converter *const[]){__VA_ARGS__, NULL})

typedef enum nu_route_kind {
    NU_ROUTE_END,   /* the last entry of a table */
    NU_ROUTE_PATH,  /* pattern with <converter:name> */
    NU_ROUTE_REGEX, /* pattern is a regular expression (PCRE2; Python's syntax for named groups) */
} nu_route_kind;

typedef struct nu_route nu_route;
struct nu_route {
    nu_route_kind              kind;
    const char                *pattern;
    nu_view                    view;          /* NULL for an include */
    const char                *view_function; /* its C name */
    const nu_route            *include;       /* the table below, NULL for a view */
    const char                *name;          /* for nu_reverse */
    const char                *methods;       /* "GET POST": other methods get 405; NULL: any */
    const char                *app_name;      /* of an include: the app it belongs to */
    const char                *namespace;     /* of an include: this instance of it; NULL: app_name */
    const nu_pair             *kwargs;        /* more arguments, ended by {0} */
    const nu_converter *const *converters;    /* NU_CONVERTERS(…) */
    const void                *data;          /* for the view: nu_request_match(req)->data */
    bool                       csrf_exempt;   /* takes forms without a token: for APIs that know
                                                 their callers in another way */
};

/* clang-format off */
#define NU_PATH(route, fn, ...)                                                               \
    { .kind = NU_ROUTE_PATH, .pattern = (route), .view = (fn), .view_function = #fn, ##__VA_ARGS__ }
#define NU_REGEX(regex, fn, ...)                                                              \
    { .kind = NU_ROUTE_REGEX, .pattern = (regex), .view = (fn), .view_function = #fn, ##__VA_ARGS__ }
#define NU_INCLUDE(route, table, ...)                                                         \
    { .kind = NU_ROUTE_PATH, .pattern = (route), .include = (table), ##__VA_ARGS__ }
#define NU_REGEX_INCLUDE(regex, table, ...)                                                   \
    { .kind = NU_ROUTE_REGEX, .pattern = (regex), .include = (table), ##__VA_ARGS__ }
/* .kwargs = NU_KWARGS({"page", NU_CONST_INT(1)}, {"draft", NU_CONST_BOOL(true)}) */
#define NU_KWARGS(...) ((const nu_pair[]){__VA_ARGS__, {0}})
/* clang-format on */

/* Routes made ready: compiled once at start, never changed. */
typedef struct nu_urls nu_urls;

/* Compiles the tree below `routes` into `arena`. `converters`: more of them, for all routes; NULL: none.
 * A malformed route, an unknown converter (with near names) or a view that is missing raises
 * ImproperlyConfigured naming the route. */
NU_PUBLIC NU_RETURNS_NONNULL nu_urls *nu_urls_new(nu_arena *arena, const nu_route *routes,
                                                  const nu_converter *const *converters);

/* The route for `path` ("/blog/hello/"), in the current arena; NULL if none fits. With `method` a route
 * that does not take it is passed over, and when that leaves none, *allowed (NULL: not asked)
 * becomes "GET, POST": answer 405. HEAD goes where GET goes; OPTIONS is not treated apart. */
NU_PUBLIC const nu_match *nu_urls_find(const nu_urls *urls, const char *path, const char *method,
                                       const char **allowed);

/* The patterns that were tried for `path`, in order, each a text such as "blog/ <slug:slug>/": for the
 * 404 page of development. */
NU_PUBLIC nu_list *nu_urls_tried(const nu_urls *urls, const char *path);

typedef struct nu_reverse_options {
    nu_list    *args;        /* positional arguments, or NULL */
    nu_dict    *kwargs;      /* named arguments, or NULL; not both */
    const char *current_app; /* which instance of an app a bare app name means; NULL: the default one */
    const char *prefix;      /* what the site is mounted under; NULL: "/" */
} nu_reverse_options;

/* The path of a named route: "blog:detail". Arguments are percent-encoded. Raises NoReverseMatch in
 * Django's words, with near names as a hint. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_urls_reverse(const nu_urls *urls, const char *name,
                                                         const nu_reverse_options *options);
/* The same; NULL instead of a raise. */
NU_PUBLIC const char *nu_urls_reverse_find(const nu_urls *urls, const char *name,
                                           const nu_reverse_options *options);
/* Raises what nu_urls_reverse raises if no route is called `name`, whatever its arguments. */
NU_PUBLIC void nu_urls_require_name(const nu_urls *urls, const char *name);
