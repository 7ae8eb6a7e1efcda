/* From a path to its view: tables are tried from top to bottom, an include with what its pattern left
 * of the path. */
#include "url/internal.h"

#include <string.h>

#define DEPTH_MAX 64 /* of includes in one another */

struct search {
    const char *method;  /* NULL: any */
    nu_list    *allowed; /* methods of routes that fit but for theirs; NULL: none so far */
    nu_list    *tried;   /* NULL: nobody asks */
    /* The way down. What is beyond `depth` is not set. */
    size_t           depth;
    const nu__entry *chain[DEPTH_MAX];
    nu__found        found[DEPTH_MAX];
};

/* True if `method` is a word of `methods`. A route that takes GET takes HEAD. */
static bool takes(const char *methods, const char *method)
{
    if (methods == NULL || method == NULL)
        return true;
    size_t length = strlen(method);
    while (*methods != '\0') {
        methods += strspn(methods, " ,");
        size_t word = strcspn(methods, " ,");
        bool   same = word == length && memcmp(methods, method, word) == 0;
        if (same || (word == 3 && memcmp(methods, "GET", 3) == 0 && strcmp(method, "HEAD") == 0))
            return true;
        methods += word;
    }
    return false;
}

static void add_allowed(nu_list *allowed, const char *methods)
{
    while (*methods != '\0') {
        methods += strspn(methods, " ,");
        size_t   word = strcspn(methods, " ,");
        nu_value name = nu_value_text_copy(methods, word);
        bool     known = word == 0;
        for (uint32_t i = 0; i < allowed->count; i++)
            known |= nu_equal(allowed->items[i], name);
        if (!known)
            nu_list_push(allowed, name);
        methods += word;
    }
}

static void put_pattern(nu_builder *text, const char *pattern)
{
    if (text->length > 0 && *pattern != '\0')
        nu_builder_putc(text, ' ');
    nu_builder_puts(text, pattern);
}

static void note_tried(struct search *search, const nu__entry *entry)
{
    nu_builder text;
    if (search->tried == NULL)
        return;
    nu_builder_init(&text, NULL, 64);
    for (size_t i = 0; i < search->depth; i++)
        put_pattern(&text, search->chain[i]->route->pattern);
    put_pattern(&text, entry->route->pattern);
    nu_list_push(search->tried, nu_builder_value(&text));
}

static bool is_answer(struct search *search, const nu__entry *entry)
{
    if (takes(entry->route->methods, search->method))
        return true;
    if (search->allowed == NULL)
        search->allowed = nu_list_new();
    add_allowed(search->allowed, entry->route->methods);
    return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than DEPTH_MAX */
static bool search_table(struct search *search, const nu__table *table, const char *path,
                         size_t length)
{
    if (search->depth == DEPTH_MAX)
        return false;
    for (size_t i = 0; i < table->count; i++) {
        const nu__entry *entry = &table->entries[i];
        size_t           depth = search->depth;
        nu__found        found;
        bool             matches = nu__pattern_match(&entry->pattern, path, length, &found);
        if (entry->child == NULL || !matches)
            note_tried(search, entry);
        if (!matches)
            continue;
        search->chain[depth] = entry;
        search->found[depth] = found;
        search->depth = depth + 1;
        if (entry->child == NULL
                ? is_answer(search, entry)
                : search_table(search, entry->child, path + found.used, length - found.used))
            return true;
        search->depth = depth;
    }
    return false;
}

static bool run(struct search *search, const nu_urls *urls, const char *path)
{
    if (path[0] != '/')
        return false;
    nu_check_stack();
    return search_table(search, urls->root, path + 1, strlen(path + 1));
}

/* ---- what was found ------------------------------------------------------------------------------------- */

static void add_kwargs(nu_dict *kwargs, const nu_pair *more)
{
    for (; more != NULL && more->key != NULL; more++)
        nu_dict_put(kwargs, nu_value_text(more->key), more->value);
}

static void add_captured(nu_match *match, nu_dict *captured)
{
    if (captured == NULL)
        return;
    if (match->kwargs == NULL) {
        match->kwargs = captured;
        return;
    }
    for (nu_entry *e = NULL; (e = nu_dict_next(captured, e)) != NULL;)
        nu_dict_put(match->kwargs, e->key, e->value);
}

/* Inner arguments win over outer ones, and a route's .kwargs over what was captured with it. */
static void collect_named(const struct search *search, nu_match *match)
{
    for (size_t i = 0; i < search->depth; i++) {
        const nu_pair *more = search->chain[i]->route->kwargs;
        add_captured(match, search->found[i].kwargs);
        if (match->kwargs == NULL && more != NULL && more->key != NULL)
            match->kwargs = nu_dict_new();
        add_kwargs(match->kwargs, more);
    }
    if (match->kwargs == NULL)
        match->kwargs = nu_dict_new();
}

/* Positions count only as long as nothing in or below their include has a name. */
static void collect_positions(const struct search *search, nu_match *match)
{
    size_t first = search->depth;
    while (first > 0) {
        const nu_pair *more = search->chain[first - 1]->route->kwargs;
        bool named = search->found[first - 1].kwargs != NULL || (more != NULL && more->key != NULL);
        if (named && first < search->depth)
            break;
        first--;
        if (named)
            break;
    }
    match->args = nu_list_new();
    for (size_t i = first; i < search->depth; i++) {
        const nu_list *args = search->found[i].args;
        for (uint32_t a = 0; args != NULL && a < args->count; a++)
            nu_list_push(match->args, args->items[a]);
    }
}

/* The route as a whole; of a regex below another the "^" is left out. */
static const char *joined_route(const struct search *search)
{
    nu_builder route;
    if (search->depth == 1)
        return search->chain[0]->route->pattern;
    nu_builder_init(&route, NULL, 64);
    for (size_t i = 0; i < search->depth; i++) {
        const char *pattern = search->chain[i]->route->pattern;
        nu_builder_puts(&route, pattern + (route.length > 0 && pattern[0] == '^'));
    }
    return nu_builder_text(&route);
}

static void collect_names(const struct search *search, nu_match *match)
{
    const char **apps = nu_arena_array(nu_arena_current(), search->depth + 1, sizeof *apps);
    const char **spaces = nu_arena_array(nu_arena_current(), search->depth + 1, sizeof *spaces);
    size_t       count = 0;
    nu_builder   whole;
    for (size_t i = 0; i < search->depth; i++) {
        const nu__entry *entry = search->chain[i];
        if (entry->namespace == NULL)
            continue;
        if (count == 0)
            nu_builder_init(&whole, NULL, 32);
        apps[count] = entry->route->app_name;
        spaces[count] = entry->namespace;
        nu_builder_printf(&whole, "%s%s", count > 0 ? ":" : "", entry->namespace);
        count++;
    }
    match->app_names = apps;
    match->namespaces = spaces;
    match->namespace = count > 0 ? nu_builder_text(&whole) : "";
    const char *own = match->url_name != NULL ? match->url_name : match->view_function;
    match->view_name = count > 0 ? nu_fmt("%s:%s", match->namespace, own) : own;
}

static const nu_match *match_of(const struct search *search)
{
    const nu_route *route = search->chain[search->depth - 1]->route;
    nu_match       *match = nu_alloc(sizeof *match);
    match->view = route->view;
    match->view_function = route->view_function != NULL ? route->view_function : "";
    match->url_name = route->name;
    match->route = joined_route(search);
    match->methods = route->methods;
    match->data = route->data;
    match->csrf_exempt = route->csrf_exempt;
    collect_names(search, match);
    collect_named(search, match);
    collect_positions(search, match);
    return match;
}

/* `search` is too large to be cleared for every request. */
static void search_init(struct search *search, const char *method)
{
    search->method = method;
    search->allowed = search->tried = NULL;
    search->depth = 0;
}

const nu_match *nu_urls_find(const nu_urls *urls, const char *path, const char *method,
                             const char **allowed)
{
    struct search search;
    search_init(&search, method);
    if (allowed != NULL)
        *allowed = NULL;
    if (run(&search, urls, path))
        return match_of(&search);
    if (allowed == NULL || search.allowed == NULL)
        return NULL;
    nu_builder methods;
    nu_builder_init(&methods, NULL, 32);
    for (uint32_t i = 0; i < search.allowed->count; i++)
        nu_builder_printf(&methods, "%s%s", i > 0 ? ", " : "", search.allowed->items[i].text);
    *allowed = nu_builder_text(&methods);
    return NULL;
}

nu_list *nu_urls_tried(const nu_urls *urls, const char *path)
{
    struct search search;
    search_init(&search, NULL);
    search.tried = nu_list_new();
    run(&search, urls, path);
    return search.tried;
}
