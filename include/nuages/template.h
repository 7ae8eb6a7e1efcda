/* Templates: Django's template language.
 *
 *      nu_engine   *engine = nu_engine_new(&(nu_engine_options){.dirs = NU_STRS("templates")});
 *      nu_template *page   = nu_template_get(engine, "blog/list.html");
 *      nu_value     html   = nu_template_render(page, nu_dict_of("articles", articles));
 *
 * A template is parsed once and compiled to a short program; an engine keeps the programs. Whatever
 * belongs to higher layers (URLs, static files, the cache, the request) is plugged in through
 * nu_engine_options: this module knows none of them. Language, formats and time zone are those that
 * are active in the running fiber (nuages/i18n.h). */
#pragma once

#include "nuages/text.h"

typedef struct nu_engine            nu_engine;
typedef struct nu_template          nu_template;
typedef struct nu_rendering         nu_rendering; /* one rendering that is under way */
typedef struct nu_template_library  nu_template_library;
typedef struct nu_template_loader   nu_template_loader;
typedef struct nu_template_variable nu_template_variable;

/* ---- what is plugged in from above ---------------------------------------------------------- */

/* What a {% url %} tag asks for. */
typedef struct nu_url_request {
    const char     *name;
    const nu_value *args; /* positional */
    size_t          arg_count;
    nu_pairs        kwargs;
    void           *request; /* as given to the rendering, or NULL */
    const char     *current_app;
} nu_url_request;

/* What a {% cache %} tag keeps. Django's key is "template.cache.<name>.<MD5 of the texts of `vary`,
 * each followed by ':'>". */
typedef struct nu_cache_fragment {
    const char
        *alias; /* using="…"; NULL: "template_fragments" if there is such a cache, else "default" */
    const char     *name;
    const nu_value *vary;
    size_t          vary_count;
} nu_cache_fragment;

/* Functions of higher layers. Any may be NULL: the tag then raises ImproperlyConfigured, or does
 * what its comment says. `data` is the member of that name. */
typedef struct nu_template_hooks {
    void *data;
    /* The URL, unescaped; raises NoReverseMatch. */
    const char *(*url)(void *data, const nu_url_request *request);
    /* The URL of a static file; NULL: static_prefix + path, quoted. */
    const char *(*static_url)(void *data, const char *path);
    /* The cache behind {% cache %}; NULL: nothing is kept. A miss is null. An alias that does not
     * exist raises ImproperlyConfigured. */
    nu_value (*cache_get)(void *data, const nu_cache_fragment *fragment);
    /* `seconds` -1: for ever. */
    void (*cache_set)(void *data, const nu_cache_fragment *fragment, nu_value html,
                      int64_t seconds);
} nu_template_hooks;

/* A variable that every rendering has, computed when a template first asks for it: what Django's
 * context processors are for, without their cost where a page does not use them. */
struct nu_template_variable {
    const char *name;
    nu_value (*get)(void *request); /* `request` as given to the rendering, or NULL */
};

/* ---- engines -------------------------------------------------------------------------------- */

typedef struct nu_engine_options {
    /* Where templates come from: `loaders` in order, then `dirs` in order. */
    const nu_template_loader *const *loaders; /* NULL-ended, or NULL */
    const char *const               *dirs;    /* NULL-ended, or NULL */
    /* Look at each rendering whether a template's file has changed. Otherwise a template is read
     * once. */
    bool watch;
    bool debug; /* {% debug %} shows the context */
    bool autoescape_off;
    /* What a variable that does not exist becomes; "%s" in it becomes the variable's name. */
    const char *string_if_invalid; /* NULL: "" */
    /* {% load %}able libraries of the application, beside cache, humanize, i18n, l10n, static, tz;
     * and those that need no {% load %}. NULL-ended, or NULL. */
    const nu_template_library *const *libraries, *const *builtins;
    const nu_template_variable *const *variables; /* tables ended by {0}; NULL-ended, or NULL */
    nu_template_hooks                  hooks;
    const char *static_prefix, *media_prefix; /* NULL: "/static/", "/media/" */
    /* Codes of the languages that {% get_available_languages %} lists; NULL: the default one. */
    const char *const *languages;
    /* A rendering that writes more bytes than this, or makes a longer text, raises SystemError; so does one
     * whose filters make more than eight times as much in all. 0: 64 MiB. */
    size_t output_limit;
    /* So does one whose loops go round more often than this in all. 0: ten million. */
    uint64_t loop_limit;
} nu_engine_options;

/* An engine with a name, for the setting template_engines: Django's list TEMPLATES. */
typedef struct nu_named_engine {
    const char       *name;
    nu_engine_options options;
} nu_named_engine;

/* An engine in the current arena, with its own copy of `options` (tables stay borrowed). */
NU_PUBLIC NU_RETURNS_NONNULL nu_engine *nu_engine_new(const nu_engine_options *options);

/* ---- templates ------------------------------------------------------------------------------ */

/* The template of that name, parsed at first use; it lives as long as the engine. A name
 * "page.html#part" is the partial `part` of page.html. Raises TemplateDoesNotExist, saying what was
 * tried, and TemplateSyntaxError with template, line, column and excerpt in error->place. */
NU_PUBLIC NU_RETURNS_NONNULL nu_template *nu_template_get(nu_engine *engine, const char *name);

/* The first of `names` (NULL-ended) that exists. */
NU_PUBLIC NU_RETURNS_NONNULL nu_template *nu_template_select(nu_engine         *engine,
                                                             const char *const *names);

/* A template from text, in the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL nu_template *nu_template_from(nu_engine *engine, const char *text);

/* "blog/list.html"; NULL if it was made from text. */
NU_PUBLIC const char *nu_template_name(const nu_template *t);

/* ---- rendering ------------------------------------------------------------------------------ */

typedef struct nu_render_options {
    nu_dict    *context;     /* variables; NULL: none */
    nu_pairs    pairs;       /* more variables, which win over `context` */
    void       *request;     /* handed to variables and hooks */
    const char *current_app; /* name space of {% url %} */
} nu_render_options;

/* The template with these variables as safe text, in the current arena. Raises what variables,
 * filters and tags raise; error->place names template and line where known. May wait, because a
 * variable may be a query. */
NU_PUBLIC NU_WAITS nu_value nu_template_render(const nu_template *t, nu_dict *context);

/* The same, written at the end of `out`. */
NU_PUBLIC NU_WAITS void nu_template_write(const nu_template *t, const nu_render_options *options,
                                          nu_builder *out);

/* For tags and filters: the variable `name` as the template sees it at this place; false if there
 * is none. */
NU_PUBLIC bool  nu_render_variable(nu_rendering *render, const char *name, nu_value *out);
NU_PUBLIC void *nu_render_request(const nu_rendering *render);
NU_PUBLIC bool  nu_render_autoescape(const nu_rendering *render);

/* ---- loaders -------------------------------------------------------------------------------- */

/* A template's source. `stamp` is any number that differs after a change; 0: it never changes. */
typedef struct nu_template_source {
    const char *text;
    size_t      length;
    const char *origin; /* for messages: the file's path */
    uint64_t    stamp;
} nu_template_source;

struct nu_template_loader {
    const char *name; /* for "tried": "embedded" */
    void       *data;
    /* Fills *out, in the current arena or for ever, or returns false; then *tried, if set, says
     * where it looked. `name` has no ".." and does not begin with "/". */
    bool (*load)(void *data, const char *name, nu_template_source *out, const char **tried);
    /* The present stamp of a source once loaded; NULL: sources never change. */
    uint64_t (*stamp)(void *data, const char *origin);
};

/* A loader for files in the binary (nuages/embed.h): .load = nu_template_load_embedded, .data = the
 * table, in which "blog/list.html" is named "templates/blog/list.html". */
NU_PUBLIC bool nu_template_load_embedded(void *data, const char *name, nu_template_source *out,
                                         const char **tried);
/* A loader for a folder: .load = nu_template_load_dir, .stamp = nu_template_stamp_file,
 * .data = "its/path". */
NU_PUBLIC bool     nu_template_load_dir(void *data, const char *name, nu_template_source *out,
                                        const char **tried);
NU_PUBLIC uint64_t nu_template_stamp_file(void *data, const char *origin);

/* ---- writing filters ------------------------------------------------------------------------ */

typedef struct nu_filter_call {
    nu_value input;
    nu_value arg; /* null without one */
    bool     has_arg;
    bool     autoescape; /* output will be escaped: a filter that makes HTML escapes its input */
    nu_rendering *render;
} nu_filter_call;

enum {
    NU_FILTER_SAFE = 1,          /* safe text stays safe: the filter adds no < > & " ' (is_safe) */
    NU_FILTER_TEXT = 2,          /* the input arrives as text (stringfilter) */
    NU_FILTER_LOCALTIME = 4,     /* datetimes arrive in the current zone (expects_localtime) */
    NU_FILTER_ARG = 8,           /* an argument must be given */
    NU_FILTER_ARG_OPTIONAL = 16, /* an argument may be given */
};

/* {{ value|name:arg }}. Text in the result is escaped unless it is safe; make HTML safe with
 * nu_value_safe, or flags |= NU_SAFE. */
typedef struct nu_template_filter {
    const char *name;
    nu_value (*fn)(const nu_filter_call *call);
    unsigned flags;
} nu_template_filter;

/* ---- writing tags --------------------------------------------------------------------------- */

/* What a tag was given, matched with its parameters. */
typedef struct nu_tag_call {
    nu_rendering   *render;
    const nu_value *params; /* one for each name in .params, defaults filled in */
    const nu_value *args;   /* what *args caught */
    size_t          arg_count;
    nu_dict        *kwargs;  /* what **kwargs caught, or NULL */
    nu_value        content; /* block tags: what is between the tag and its end, rendered, safe */
} nu_tag_call;

/* {% name arg key=value [as variable] %}. Three kinds:
 *   simple      .fn gives what is written (escaped unless safe)
 *   block       the same with .end: everything up to {% end %} is rendered first, as call->content
 *   inclusion   .fn gives a dict, with which the template .include is rendered */
typedef struct nu_template_tag {
    const char *name;
    nu_value (*fn)(const nu_tag_call *call);
    /* Python's notation: "article", "user size=32", "*args", "limit=10 **kwargs". NULL: none. A
     * default is a number, 'text', None, True or False. */
    const char                 *params;
    const char                 *end;
    const char                 *include;
    const struct nu_tag_syntax *syntax; /* the framework's own tags; NULL in applications */
} nu_template_tag;

/* What {% load name %} brings; the tables end with {0}. */
struct nu_template_library {
    const char               *name;
    const nu_template_filter *filters;
    const nu_template_tag    *tags;
};
