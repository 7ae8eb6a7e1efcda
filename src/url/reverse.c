/* From a name to its path. "shop:cart:show" walks down the namespaces "shop" and "cart", then looks for
 * the route "show" among the routes there and in includes without a namespace. Routes of one name are
 * tried from the last to the first, as Django does, until one takes the arguments. */
#include "url/internal.h"

#include "nuages/uri.h"

#include <string.h>

#define DEPTH_MAX 64
/* What may stand unescaped in a path: the sub-delimiters of RFC 3986 and "/~:@". */
#define PATH_SAFE "!$&'()*+,;=/~:@"

/* The way from the root to a route. */
struct chain {
    const nu__entry *entries[DEPTH_MAX];
    size_t           depth;
    size_t           counted; /* arguments in .kwargs of entries before this one do not count */
};

struct call {
    const nu_urls   *urls;
    const char      *name; /* the last part, without namespaces */
    const char      *prefix;
    const nu_list   *args; /* NULL: none */
    const nu_dict   *kwargs;
    nu_list         *tried; /* regexes of the routes that have the name */
    const char      *found;
    const nu__table *table; /* where it was looked for: the one that the namespaces lead to */
};

/* ---- namespaces --------------------------------------------------------------------------------------- */

/* Instances of the app in and below `table`, the last first. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than DEPTH_MAX */
static void collect_instances(const nu__table *table, const char *app, nu_list *names, size_t depth)
{
    if (depth == DEPTH_MAX)
        return;
    for (size_t i = table->count; i-- > 0;) {
        const nu__entry *entry = &table->entries[i];
        if (entry->child == NULL)
            continue;
        if (entry->namespace == NULL)
            collect_instances(entry->child, app, names, depth + 1);
        else if (strcmp(entry->route->app_name, app) == 0)
            nu_list_push(names, nu_value_text(entry->namespace));
    }
}

/* Adds the way to the include with that namespace; false if there is none. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than DEPTH_MAX */
static bool find_namespace(struct chain *chain, const nu__table *table, const char *name)
{
    if (chain->depth == DEPTH_MAX)
        return false;
    for (size_t i = 0; i < table->count; i++) {
        const nu__entry *entry = &table->entries[i];
        if (entry->child == NULL)
            continue;
        chain->entries[chain->depth++] = entry;
        if (entry->namespace != NULL ? strcmp(entry->namespace, name) == 0
                                     : find_namespace(chain, entry->child, name))
            return true;
        chain->depth--;
    }
    return false;
}

static bool is_among(const nu_list *names, const char *name)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].text, name) == 0)
            return true;
    }
    return false;
}

/* The instance meant by `name`: it may be an app, and then the current instance of it, the one named like
 * the app, or any. */
static const char *instance_of(const nu__table *table, const char *name, const char *current)
{
    nu_list *instances = nu_list_new();
    collect_instances(table, name, instances, 0);
    if (instances->count == 0)
        return name;
    if (current != NULL && is_among(instances, current))
        return current;
    return is_among(instances, name) ? name : instances->items[0].text;
}

static const nu__table *table_below(const struct call *call, const struct chain *chain)
{
    return chain->depth > 0 ? chain->entries[chain->depth - 1]->child : call->urls->root;
}

static NU_NORETURN void unknown_namespace(const nu_list *path, uint32_t at, const char *name)
{
    if (at == 0)
        nu_raise(NU_NO_REVERSE_MATCH, "'%s' is not a registered namespace", name);
    nu_builder inside;
    nu_builder_init(&inside, NULL, 32);
    for (uint32_t i = 0; i < at; i++)
        nu_builder_printf(&inside, "%s%s", i > 0 ? ":" : "", path->items[i].text);
    nu_raise(NU_NO_REVERSE_MATCH, "'%s' is not a registered namespace inside '%s'", name,
             nu_builder_text(&inside));
}

/* Parts between colons, empty ones too. */
static nu_list *colon_parts(const char *text)
{
    nu_list *parts = nu_list_new();
    for (;;) {
        size_t length = strcspn(text, ":");
        nu_list_push(parts, nu_value_text_copy(text, length));
        if (text[length] == '\0')
            return parts;
        text += length + 1;
    }
}

static void enter_namespaces(struct call *call, struct chain *chain, nu_list *path,
                             const char *current_app)
{
    nu_list *current =
        current_app != NULL && current_app[0] != '\0' ? colon_parts(current_app) : NULL;
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        const nu__table *table = table_below(call, chain);
        bool             has_current = current != NULL && i < current->count;
        const char      *here = has_current ? current->items[i].text : NULL;
        const char      *name = instance_of(table, path->items[i].text, here);
        if (here == NULL || strcmp(name, here) != 0)
            current = NULL;
        if (!find_namespace(chain, table, name))
            unknown_namespace(path, i, name);
        path->items[i] = nu_value_text(name);
    }
    chain->counted = chain->depth;
}

/* ---- one route ------------------------------------------------------------------------------------------ */

static bool chain_is_plain(const struct chain *chain)
{
    bool plain = true;
    for (size_t i = 0; i < chain->depth; i++)
        plain &= chain->entries[i]->pattern.plain;
    return plain;
}

static const char *chain_regex(const struct chain *chain)
{
    nu_builder regex;
    nu_builder_init(&regex, NULL, 128);
    for (size_t i = 0; i < chain->depth; i++)
        nu_builder_puts(&regex, chain->entries[i]->pattern.regex);
    return nu_builder_text(&regex);
}

static const nu_converter *chain_converter(const struct chain *chain, const char *name)
{
    for (size_t i = chain->depth; i-- > 0;) {
        const nu__segment *segment = nu__pattern_parameter(&chain->entries[i]->pattern, name);
        if (segment != NULL)
            return segment->converter;
    }
    return NULL;
}

/* Arguments that routes fix by .kwargs: an include's over those of the routes in it. */
static nu_dict *chain_defaults(const struct chain *chain)
{
    nu_dict *defaults = nu_dict_new();
    for (size_t i = chain->depth; i-- > chain->counted;) {
        for (const nu_pair *pair = chain->entries[i]->route->kwargs;
             pair != NULL && pair->key != NULL; pair++)
            nu_dict_put(defaults, nu_value_text(pair->key), pair->value);
    }
    return defaults;
}

/* All segments of a chain of path routes as one template; one way, no options. */
static nu__template *plain_template(const struct chain *chain)
{
    nu__template *template = nu_alloc(sizeof *template);
    size_t count = 0;
    for (size_t i = 0; i < chain->depth; i++)
        count += chain->entries[i]->pattern.count;
    template->pieces = nu_arena_array(nu_arena_current(), count, sizeof(nu__piece));
    for (size_t i = 0; i < chain->depth; i++) {
        const nu__pattern *pattern = &chain->entries[i]->pattern;
        for (size_t s = 0; s < pattern->count; s++)
            template->pieces[template->count++] = (nu__piece){.text = pattern->segments[s].text,
                                                              .length = pattern->segments[s].length,
                                                              .name = pattern->segments[s].name};
    }
    return template;
}

/* The arguments by name for this template; NULL if they do not fit it. */
static nu_dict *arguments_for(const struct call *call, const nu__template *template,
                              const nu_dict     *defaults)
{
    nu_dict *arguments = nu_dict_new();
    uint32_t at = 0;
    for (size_t i = 0; i < template->count; i++) {
        const nu__piece *piece = &template->pieces[i];
        if (piece->text != NULL || piece->repeated)
            continue;
        const nu_value *named = nu_dict_find(call->kwargs, piece->name);
        bool            missing = call->args != NULL ? at == call->args->count
                                                     : named == NULL && !nu_dict_find(defaults, piece->name);
        if (missing)
            return NULL;
        if (call->args != NULL)
            nu_dict_put(arguments, nu_value_text(piece->name), call->args->items[at++]);
        else if (named != NULL)
            nu_dict_put(arguments, nu_value_text(piece->name), *named);
        else
            return NULL; /* fixed by the route, but the path has to show it */
    }
    return call->args == NULL || at == call->args->count ? arguments : NULL;
}

/* True if each named argument is in the path or equals what the route fixes. */
static bool kwargs_fit(const struct call *call, const nu_dict *arguments, const nu_dict *defaults)
{
    for (nu_entry *e = NULL; (e = nu_dict_next(call->kwargs, e)) != NULL;) {
        const nu_value *fixed = nu_dict_find(defaults, e->key.text);
        bool            shown = nu_dict_find(arguments, e->key.text) != NULL;
        if (!shown && (fixed == NULL || !nu_equal(*fixed, e->value)))
            return false;
    }
    return true;
}

/* Replaces the values by their text; false if a converter refuses one. */
static bool values_to_text(const struct chain *chain, nu_dict *arguments)
{
    for (nu_entry *e = NULL; (e = nu_dict_next(arguments, e)) != NULL;) {
        const nu_converter *converter = chain_converter(chain, e->key.text);
        bool                custom = converter != NULL && converter->to_text != NULL;
        const char         *text = custom ? converter->to_text(e->value) : nu_text(e->value);
        if (text == NULL)
            return false;
        e->value = nu_value_text(text);
    }
    return true;
}

static nu_value filled(const nu__template *template, const nu_dict *arguments)
{
    nu_builder path;
    nu_builder_init(&path, NULL, 64);
    for (size_t i = 0; i < template->count; i++) {
        const nu__piece *piece = &template->pieces[i];
        const nu_value  *value = piece->text == NULL ? nu_dict_find(arguments, piece->name) : NULL;
        if (piece->text != NULL)
            nu_builder_add(&path, piece->text, piece->length);
        else if (value != NULL)
            nu_builder_add(&path, value->text, value->length);
    }
    return nu_builder_value(&path);
}

/* The path must lead back to the route: an argument may hold what its place does not allow. */
static bool leads_back_plain(const struct chain *chain, nu_value path)
{
    size_t count = 0;
    for (size_t i = 0; i < chain->depth; i++)
        count += chain->entries[i]->pattern.count;
    nu__segment *segments = nu_arena_array(nu_arena_current(), count, sizeof *segments);
    size_t       at = 0;
    for (size_t i = 0; i < chain->depth; i++) {
        const nu__pattern *pattern = &chain->entries[i]->pattern;
        memcpy(segments + at, pattern->segments, pattern->count * sizeof *segments);
        at += pattern->count;
    }
    return nu__segments_match_all(segments, count, path.text, path.length);
}

static pcre2_code *chain_code(const nu_urls *urls, const char *regex)
{
    const nu_value *known = nu_dict_find(urls->regexes, regex);
    if (known != NULL)
        return known->object;
    nu_arena   *before = nu_arena_enter(urls->arena);
    const char *kept = nu_arena_text(urls->arena, regex);
    pcre2_code *code = nu__regex_compile(urls->arena, nu_fmt("^%s", kept), kept);
    nu_value    value = {.type = NU_OBJECT, .object = code};
    nu_dict_put(urls->regexes, nu_value_text(kept), value);
    nu_arena_enter(before);
    return code;
}

static bool leads_back_regex(const nu_urls *urls, const char *regex, nu_value path)
{
    pcre2_code       *code = chain_code(urls, regex);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (data == NULL)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for a regular expression");
    int count = pcre2_match(code, (PCRE2_SPTR)path.text, path.length, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return count >= 0;
}

static const char *encoded(const struct call *call, nu_value path)
{
    const char *prefix = call->prefix;
    if (!nu_ends_with(prefix, "/"))
        prefix = nu_fmt("%s/", prefix);
    const char *whole = nu_uri_quote(path.text, path.length, PATH_SAFE);
    const char *start = nu_uri_quote(prefix, strlen(prefix), PATH_SAFE);
    return nu_uri_escape_slashes(nu_fmt("%s%s", start, whole));
}

static bool try_template(struct call *call, const struct chain *chain, const nu__template *template,
                         const char *regex)
{
    const nu_dict *defaults = chain_defaults(chain);
    nu_dict       *arguments = arguments_for(call, template, defaults);
    if (arguments == NULL || !kwargs_fit(call, arguments, defaults) ||
        !values_to_text(chain, arguments))
        return false;
    nu_value path = filled(template, arguments);
    if (regex == NULL ? !leads_back_plain(chain, path) : !leads_back_regex(call->urls, regex, path))
        return false;
    call->found = encoded(call, path);
    return true;
}

static bool try_chain(struct call *call, const struct chain *chain)
{
    const char *regex = chain_regex(chain);
    nu_list_push(call->tried, nu_value_text(regex));
    if (chain_is_plain(chain))
        return try_template(call, chain, plain_template(chain), NULL);
    size_t              count;
    const nu__template *templates = nu__templates_of(regex, &count);
    for (size_t i = 0; i < count; i++) {
        if (try_template(call, chain, &templates[i], regex))
            return true;
    }
    return false;
}

/* ---- all routes of a name -------------------------------------------------------------------------------- */

static bool is_in_chain(const struct chain *chain, const nu__table *table)
{
    for (size_t i = chain->counted; i < chain->depth; i++) {
        if (chain->entries[i]->child == table)
            return true;
    }
    return false;
}

/* An include whose names are used as if they stood here; a table below itself has nothing new. */
static bool is_open(const struct chain *chain, const nu__entry *entry, const nu__table *table)
{
    return entry->child != NULL && entry->namespace == NULL && entry->child != table &&
           !is_in_chain(chain, entry->child);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than DEPTH_MAX */
static bool try_table(struct call *call, struct chain *chain, const nu__table *table)
{
    if (chain->depth == DEPTH_MAX)
        return false;
    for (size_t i = table->count; i-- > 0;) {
        const nu__entry *entry = &table->entries[i];
        const char      *name = entry->route->name;
        bool named = entry->child == NULL && name != NULL && strcmp(name, call->name) == 0;
        if (!named && !is_open(chain, entry, table))
            continue;
        chain->entries[chain->depth++] = entry;
        if (named ? try_chain(call, chain) : try_table(call, chain, entry->child))
            return true;
        chain->depth--;
    }
    return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than DEPTH_MAX */
static void collect_names(const nu__table *table, nu_list *names, size_t depth)
{
    if (depth == DEPTH_MAX || names->count > 1000)
        return;
    for (size_t i = 0; i < table->count; i++) {
        const nu__entry *entry = &table->entries[i];
        if (entry->child != NULL && entry->namespace == NULL && entry->child != table)
            collect_names(entry->child, names, depth + 1);
        else if (entry->child == NULL && entry->route->name != NULL)
            nu_list_push(names, nu_value_text(entry->route->name));
    }
}

static const char *near_name(const nu__table *table, const char *name)
{
    nu_list *names = nu_list_new();
    collect_names(table, names, 0);
    const char **choices = nu_arena_array(nu_arena_current(), names->count + 1, sizeof *choices);
    for (uint32_t i = 0; i < names->count; i++)
        choices[i] = names->items[i].text;
    return nu_nearest(name, choices);
}

/* ---- the answer ------------------------------------------------------------------------------------------ */

static NU_NORETURN void no_match(const struct call *call, const nu__table *table)
{
    if (call->tried->count == 0) {
        nu_error   *error = nu_error_new(NU_NO_REVERSE_MATCH,
                                         "Reverse for '%s' not found. '%s' is not a valid view "
                                           "function or pattern name.",
                                         call->name, call->name);
        const char *near = near_name(table, call->name);
        if (near != NULL)
            error->hint = nu_fmt("Did you mean \"%s\"?", near);
        nu_throw(error);
    }
    const char *with = "no arguments";
    if (call->args != NULL) {
        nu_value tuple = nu_value_list((nu_list *)(uintptr_t)call->args);
        tuple.flags |= NU_TUPLE;
        with = nu_fmt("arguments '%s'", nu_text(tuple));
    } else if (nu_dict_count(call->kwargs) > 0) {
        nu_value dict = nu_value_dict((nu_dict *)(uintptr_t)call->kwargs);
        with = nu_fmt("keyword arguments '%s'", nu_text(dict));
    }
    nu_raise(NU_NO_REVERSE_MATCH, "Reverse for '%s' with %s not found. %u pattern(s) tried: %s",
             call->name, with, call->tried->count, nu_text(nu_value_list(call->tried)));
}

/* True if a route of that name takes the arguments of `call`; call->tried then or else holds all of that
 * name, and call->table is where they were looked for. */
static bool search(struct call *call, const char *name, const char *current_app)
{
    nu_list      *path = colon_parts(name);
    struct chain *chain = nu_alloc(sizeof *chain);
    call->name = path->items[path->count - 1].text;
    call->tried = nu_list_new();
    enter_namespaces(call, chain, path, current_app);
    nu_check_stack();
    call->table = table_below(call, chain);
    return try_table(call, chain, call->table);
}

static const char *reverse(const nu_urls *urls, const char *name, const nu_reverse_options *options)
{
    static const nu_reverse_options none;
    if (options == NULL)
        options = &none;
    bool has_args = options->args != NULL && options->args->count > 0;
    bool has_kwargs = options->kwargs != NULL && nu_dict_count(options->kwargs) > 0;
    if (has_args && has_kwargs)
        nu_raise(NU_VALUE_ERROR, "a URL takes positional or named arguments, not both");
    struct call call = {
        .urls = urls,
        .prefix = options->prefix != NULL ? options->prefix : "/",
        .args = has_args ? options->args : NULL,
        .kwargs = has_kwargs ? options->kwargs : nu_dict_new(),
    };
    if (!search(&call, name, options->current_app))
        no_match(&call, call.table);
    return call.found;
}

const char *nu_urls_reverse(const nu_urls *urls, const char *name,
                            const nu_reverse_options *options)
{
    return reverse(urls, name, options);
}

const char *nu_urls_reverse_find(const nu_urls *urls, const char *name,
                                 const nu_reverse_options *options)
{
    NU_TRY {
        return reverse(urls, name, options);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_NO_REVERSE_MATCH))
            nu_reraise(error);
    }
    return NULL;
}

void nu_urls_require_name(const nu_urls *urls, const char *name)
{
    struct call call = {.urls = urls, .prefix = "/", .kwargs = nu_dict_new()};
    if (!search(&call, name, NULL) && call.tried->count == 0)
        no_match(&call, call.table);
}
