/* Operations on URLs. The tables of routes are made from urlconfs.json beside the cases. */
#include <ctype.h>
#include <string.h>

#include "nuages/crypto.h"
#include "nuages/file.h"
#include "nuages/json.h"
#include "nuages/url.h"
#include "web.h"

/* ---- converters of the cases ------------------------------------------------------------------------------ */

static bool even_value(const char *text, size_t length, nu_value *out)
{
    int64_t number;
    if (!nu_parse_int(text, length, &number) || number % 2 != 0)
        return false;
    *out = nu_value_int(number);
    return true;
}

static const char *even_text(nu_value value)
{
    int64_t number;
    return nu_int_try(value, &number) && number % 2 == 0 ? nu_text(value) : NULL;
}

static bool int_value(const char *text, size_t length, nu_value *out)
{
    int64_t number;
    bool    read = nu_parse_int(text, length, &number);
    *out = nu_value_int(number);
    return read;
}

static const char *padded_text(nu_value value)
{
    int64_t number;
    return nu_int_try(value, &number) ? nu_fmt("%04lld", (long long)number) : NULL;
}

static bool base64_value(const char *text, size_t length, nu_value *out)
{
    uint8_t *bytes;
    size_t   size;
    if (!nu_base64_decode(text, length, NU_BASE64, &bytes, &size))
        return false;
    *out = nu_value_bytes(bytes, size);
    return true;
}

static const char *base64_text(nu_value value)
{
    bool has_bytes = value.type == NU_BYTES;
    return has_bytes ? nu_base64(value.bytes, value.length, NU_BASE64) : NULL;
}

static bool lower_value(const char *text, size_t length, nu_value *out)
{
    char *lower = nu_arena_copy(nu_arena_current(), text, length);
    for (char *c = lower; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    *out = nu_value_text(lower);
    return true;
}

static const char *upper_text(nu_value value)
{
    char *upper = nu_arena_text(nu_arena_current(), nu_text(value));
    for (char *c = upper; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return upper;
}

static const nu_converter kinds[] = {
    {"str", NULL, NULL, NULL},
    {"int", NULL, int_value, NULL},
    {"padded", NULL, int_value, padded_text},
    {"base64", NULL, base64_value, base64_text},
    {"even", NULL, even_value, even_text},
    {"upper", NULL, lower_value, upper_text},
};

static const nu_converter *converter_of(const char *name, const nu_dict *spec)
{
    const char   *kind = nu__web_text(spec, "kind", "str");
    nu_converter *converter = nu_alloc(sizeof *converter);
    for (size_t i = 0; i < NU_COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, kind) == 0)
            *converter = kinds[i];
    }
    converter->name = name;
    converter->regex = nu__web_text(spec, "regex", "");
    return converter;
}

static const nu_converter *const *converters_of(const nu_dict *conf)
{
    const nu_dict       *specs = nu__web_dict(conf, "converters");
    const nu_converter **converters =
        nu_arena_array(nu_arena_current(), nu_dict_count(specs) + 1, sizeof *converters);
    size_t count = 0;
    for (nu_entry *e = NULL; (e = nu_dict_next(specs, e)) != NULL;)
        converters[count++] = converter_of(e->key.text, e->value.dict);
    return converters;
}

/* ---- tables of routes ----------------------------------------------------------------------------------------- */

static struct {
    nu_dict *confs;  /* name: description */
    nu_dict *routes; /* name: table, before it is filled: a table may include itself */
    nu_dict *urls;   /* name: compiled */
} site;

void nu__web_urls_open(const char *folder)
{
    nu_value text = nu_file_read(nu_path_join(folder, "urlconfs.json"), (size_t)1 << 20);
    site.confs = nu_json_parse(text.text, text.length).dict;
    site.routes = nu_dict_new();
    site.urls = nu_dict_new();
}

static nu_response *no_view(nu_request *req)
{
    (void)req;
    return NULL;
}

static const nu_pair *kwargs_of(const nu_dict *kwargs)
{
    nu_pair *pairs = nu_arena_array(nu_arena_current(), nu_dict_count(kwargs) + 1, sizeof *pairs);
    size_t   count = 0;
    for (nu_entry *e = NULL; (e = nu_dict_next(kwargs, e)) != NULL;)
        pairs[count++] = (nu_pair){e->key.text, e->value};
    return pairs;
}

static nu_route *table_for(const nu_list *patterns)
{
    return nu_arena_array(nu_arena_current(), patterns->count + 1, sizeof(nu_route));
}

static void fill_table(nu_route *table, const nu_list *patterns);

static const nu_route *named_table(const char *name)
{
    const nu_value *known = nu_dict_find(site.routes, name);
    if (known != NULL)
        return known->object;
    const nu_list *patterns = nu__web_list(nu__web_dict(site.confs, name), "patterns");
    nu_route      *table = table_for(patterns);
    nu_value       value = {.type = NU_OBJECT, .object = table};
    nu_dict_put(site.routes, nu_value_text(nu_arena_text(nu_arena_current(), name)), value);
    fill_table(table, patterns);
    return table;
}

static const nu_route *include_of(nu_value include)
{
    if (nu_is_text(include))
        return named_table(include.text);
    if (include.type != NU_LIST)
        return NULL;
    nu_route *table = table_for(include.list);
    fill_table(table, include.list);
    return table;
}

static void fill_table(nu_route *table, const nu_list *patterns)
{
    for (uint32_t i = 0; i < patterns->count; i++) {
        const nu_dict *spec = patterns->items[i].dict;
        const char    *regex = nu__web_text(spec, "re_path", NULL);
        table[i] = (nu_route){
            .kind = regex != NULL ? NU_ROUTE_REGEX : NU_ROUTE_PATH,
            .pattern = regex != NULL ? regex : nu__web_text(spec, "path", ""),
            .view_function = nu__web_text(spec, "view", NULL),
            .include = include_of(nu_dict_get(spec, "include")),
            .name = nu__web_text(spec, "name", NULL),
            .app_name = nu__web_text(spec, "app_name", NULL),
            .namespace = nu__web_text(spec, "namespace", NULL),
            .kwargs = kwargs_of(nu__web_dict(spec, "kwargs")),
        };
        table[i].view = table[i].include == NULL ? no_view : NULL;
    }
}

static const nu_urls *urls_of(const nu_dict *line)
{
    const char     *name = nu__web_text(line, "urlconf", "");
    const nu_value *known = nu_dict_find(site.urls, name);
    if (known != NULL)
        return known->object;
    nu_urls *urls = nu_urls_new(nu_arena_current(), named_table(name),
                                converters_of(nu__web_dict(site.confs, name)));
    nu_value value = {.type = NU_OBJECT, .object = urls};
    nu_dict_put(site.urls, nu_value_text(nu_arena_text(nu_arena_current(), name)), value);
    return urls;
}

/* ---- operations ------------------------------------------------------------------------------------------------- */

static nu_value op_resolve(const nu_dict *line)
{
    const char     *path = nu__web_text(line, "path", "");
    const nu_match *match = nu_urls_find(urls_of(line), path, NULL, NULL);
    if (match == NULL)
        nu_raise(NU_NOT_FOUND, "no route matches \"%s\"", path);
    /* The cases leave out what a view without a name is called. */
    const char *view_name = match->url_name != NULL ? match->view_name : NULL;
    return nu_value_dict(nu_dict_of("view", match->view_function, "url_name", match->url_name,
                                    "view_name", view_name, "namespaces", match->namespaces,
                                    "app_names", match->app_names, "route", match->route, "args",
                                    match->args, "kwargs", match->kwargs));
}

static nu_value op_reverse(const nu_dict *line)
{
    nu_value           args = nu__web_decode(nu_dict_get(line, "args"));
    nu_value           kwargs = nu__web_decode(nu_dict_get(line, "kwargs"));
    nu_reverse_options options = {
        .args = args.type == NU_LIST ? args.list : NULL,
        .kwargs = kwargs.type == NU_DICT ? kwargs.dict : NULL,
        .current_app = nu__web_text(line, "current_app", NULL),
        .prefix = nu__web_text(line, "prefix", NULL),
    };
    return nu_value_text(nu_urls_reverse(urls_of(line), nu__web_text(line, "name", ""), &options));
}

const nu__web_op nu__web_url_ops[] = {
    {"resolve", op_resolve, NULL},
    {"reverse", op_reverse, NULL},
    {0},
};
