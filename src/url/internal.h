/* The inside of compiled routes.
 *
 * A table of routes becomes a nu__table of entries, compiled once for each place where its converters
 * differ; a table that includes itself therefore ends in a circle, not in an endless tree. An entry
 * matches in one of two ways:
 *
 *   by segments   a path route with built-in converters: "post/" <int:id> "/". No regular expression.
 *   by regex      NU_REGEX, and path routes that use a site's own converters: PCRE2.
 *
 * Reversing walks the same entries. A chain is the way from the root down to one route. */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "nuages/url.h"

/* ---- converters ----------------------------------------------------------------------------------- */

/* A built-in converter matches the longest run of its characters, at least one; or, with `exact`,
 * that many bytes which `fits` accepts. */
typedef struct nu__builtin {
    nu_converter converter;
    bool (*is_part)(uint8_t byte);
    size_t exact;
    bool (*fits)(const char *text);
} nu__builtin;

/* The converters in reach of a route: an own list, then those of the routes around it. */
typedef struct nu__scope nu__scope;
struct nu__scope {
    const nu_converter *const *converters;
    const nu__scope           *outer;
};

/* NULL if the name is unknown. *builtin is set for a built-in one, else NULL. */
const nu_converter *nu__converter_find(const nu__scope *scope, const char *name,
                                       const nu__builtin **builtin);
/* All names in reach, NULL-ended. */
const char *const *nu__converter_names(const nu__scope *scope);

/* ---- patterns --------------------------------------------------------------------------------------- */

typedef struct nu__segment {
    const char         *text; /* of a literal, else NULL */
    size_t              length;
    const char         *name;      /* of a parameter */
    const nu_converter *converter; /* of a parameter */
    const nu__builtin  *builtin;   /* NULL: the site's own converter */
} nu__segment;

/* Of one route, parameters and the texts between them. */
#define NU__SEGMENTS_MAX 64

typedef struct nu__pattern {
    const nu_route *route;
    nu__segment    *segments; /* of a path route */
    size_t          count;
    bool            plain; /* by segments; else by regex */
    bool            whole; /* must match to the end of the path: a view, not an include */
    const char     *regex; /* as Django writes it; for an include without its end */
    pcre2_code     *code;
    const char    **groups; /* names by group number from 1; NULL: unnamed */
    uint32_t        group_count;
    bool            has_names;
} nu__pattern;

/* Takes a route apart. Raises ImproperlyConfigured. */
void nu__pattern_init(nu__pattern *pattern, nu_arena *arena, const nu_route *route,
                      const nu__scope *scope);

/* The segment of that parameter; NULL if there is none. */
const nu__segment *nu__pattern_parameter(const nu__pattern *pattern, const char *name);

/* What a pattern found; NULL for none. Where names were captured, positions do not count. */
typedef struct nu__found {
    size_t   used; /* bytes of the path */
    nu_list *args;
    nu_dict *kwargs;
} nu__found;

/* Matches the start of `path` (or all of it, see `whole`). False if it does not match or a converter
 * refuses its text. The values are in the current arena. */
bool nu__pattern_match(const nu__pattern *pattern, const char *path, size_t length,
                       nu__found *found);

/* True if the segments match all of `text`. Parameters match as if in one pattern. */
bool nu__segments_match_all(const nu__segment *segments, size_t count, const char *text,
                            size_t length);

/* Compiles Python's syntax with PCRE2 (UTF, Unicode classes). The code is freed with the arena. Raises
 * ImproperlyConfigured naming `where`. */
pcre2_code *nu__regex_compile(nu_arena *arena, const char *regex, const char *where);

/* ---- the tree ------------------------------------------------------------------------------------------ */

typedef struct nu__table nu__table;

typedef struct nu__entry {
    const nu_route *route;
    nu__pattern     pattern;
    nu__table      *child; /* of an include */
    const char *namespace; /* of an include that has one, else NULL */
} nu__entry;

struct nu__table {
    const nu_route  *routes;
    const nu__scope *scope;
    nu__entry       *entries;
    size_t           count;
    nu__table       *next; /* list of all tables, for finding one again */
};

struct nu_urls {
    nu_arena  *arena;
    nu__table *root;
    nu__table *tables;
    nu_dict   *regexes; /* of chains, compiled when they are first reversed */
};

/* ---- reversing ------------------------------------------------------------------------------------------- */

/* A piece of a path to be: text, or the value of a parameter. */
typedef struct nu__piece {
    const char *text; /* NULL: a parameter */
    size_t      length;
    const char *name;
    bool        repeated; /* a parameter that was named before and takes no argument of its own */
} nu__piece;

/* One way to write a path that a regex matches. */
typedef struct nu__template {
    nu__piece *pieces;
    size_t     count, capacity;
} nu__template;

/* The ways to write a path that `regex` matches, fewest optional parts first; *count of them. A regex that
 * cannot be reversed has one, which is empty. */
nu__template *nu__templates_of(const char *regex, size_t *count);
