#include "template/case.h"

#include <string.h>

#include "nuages/i18n.h"
#include "template/notation.h"

/* ---- reading options ----------------------------------------------------------------------------------- */

static nu_value option(const nu_dict *options, const char *name)
{
    return options ? nu_dict_get(options, name) : nu_null();
}

static const char *text_option(const nu_dict *options, const char *name, const char *otherwise)
{
    nu_value value = option(options, name);
    return nu_is_null(value) ? otherwise : nu_text(value);
}

static bool flag_option(const nu_dict *options, const char *name, bool otherwise)
{
    nu_value value = option(options, name);
    return nu_is_null(value) ? otherwise : nu_truth(value);
}

static const nu_dict *dict_of(nu_value value)
{
    return value.type == NU_DICT ? value.dict : NULL;
}

/* ---- languages ------------------------------------------------------------------------------------------ */

/* Formats by their names in Django's settings: as options in lower case, in `formats` in capitals. */
static const struct {
    const char *setting, *format;
    size_t      offset;
} formats[] = {
    {"date_format", "DATE_FORMAT", offsetof(nu_formats, date)},
    {"time_format", "TIME_FORMAT", offsetof(nu_formats, time)},
    {"datetime_format", "DATETIME_FORMAT", offsetof(nu_formats, datetime)},
    {"year_month_format", "YEAR_MONTH_FORMAT", offsetof(nu_formats, year_month)},
    {"month_day_format", "MONTH_DAY_FORMAT", offsetof(nu_formats, month_day)},
    {"short_date_format", "SHORT_DATE_FORMAT", offsetof(nu_formats, short_date)},
    {"short_datetime_format", "SHORT_DATETIME_FORMAT", offsetof(nu_formats, short_datetime)},
    {"decimal_separator", "DECIMAL_SEPARATOR", offsetof(nu_formats, decimal_separator)},
    {"thousand_separator", "THOUSAND_SEPARATOR", offsetof(nu_formats, thousand_separator)},
    {"number_grouping", "NUMBER_GROUPING", offsetof(nu_formats, grouping)},
};

static nu_formats read_formats(const nu_dict *from, bool settings)
{
    nu_formats out = {0};
    for (size_t i = 0; i < NU_COUNT(formats); i++) {
        nu_value value = option(from, settings ? formats[i].setting : formats[i].format);
        if (!nu_is_null(value))
            *(const char **)(void *)((char *)&out + formats[i].offset) = nu_text(value);
    }
    return out;
}

static void add_message(nu_catalogue *catalogue, const char *key, nu_value texts)
{
    const char *end = strchr(key, '\4');
    const char *context = end ? nu_fmt("%.*s", (int)(end - key), key) : NULL;
    const char *message = end ? end + 1 : key;
    if (texts.type != NU_LIST) {
        nu_catalogue_add(catalogue, context, message, (const char *const[]){nu_text(texts)}, 1);
        return;
    }
    const char **forms = nu_alloc((texts.list->count + 1) * sizeof *forms);
    for (uint32_t i = 0; i < texts.list->count; i++)
        forms[i] = nu_text(texts.list->items[i]);
    nu_catalogue_add(catalogue, context, message, forms, texts.list->count);
}

static void add_catalogue(nu_catalogue *catalogue, const nu_dict *given)
{
    const char *plural = text_option(given, "plural_forms", NULL);
    if (plural)
        nu_catalogue_plural(catalogue, plural);
    const nu_dict *messages = dict_of(option(given, "messages"));
    for (const nu_entry *e = NULL; messages && (e = nu_dict_next(messages, e));)
        add_message(catalogue, e->key.text, e->value);
}

/* A case says all that a language has; what it leaves out is American. */
static void set_formats(nu_locales *locales, const char *language, nu_formats given)
{
    static const nu_formats american = {.date = "N j, Y",
                                        .time = "P",
                                        .datetime = "N j, Y, P",
                                        .year_month = "F Y",
                                        .month_day = "F j",
                                        .short_date = "m/d/Y",
                                        .short_datetime = "m/d/Y P",
                                        .decimal_separator = ".",
                                        .thousand_separator = ",",
                                        .grouping = "0"};
    for (size_t i = 0; i < NU_COUNT(formats); i++) {
        const char **to = (const char **)(void *)((char *)&given + formats[i].offset);
        if (!*to)
            *to = *(const char *const *)(const void *)((const char *)&american + formats[i].offset);
    }
    nu_catalogue_formats(nu_locales_catalogue(locales, language), &given);
}

static const nu_locales *make_locales(const nu_dict *options, const char *language)
{
    nu_locale_options *settings = nu_alloc(sizeof *settings);
    *settings = (nu_locale_options){.language = "en",
                                    .zone = nu_zone_get(text_option(options, "timezone", "UTC")),
                                    .use_tz = flag_option(options, "use_tz", false),
                                    .thousand_separator =
                                        flag_option(options, "use_thousand_separator", false),
                                    .formats = read_formats(options, true)};
    nu_locales    *locales = nu_locales_new(nu_arena_current(), settings);
    const nu_dict *catalogues = dict_of(option(options, "catalog"));
    for (const nu_entry *e = NULL; catalogues && (e = nu_dict_next(catalogues, e));) {
        if (e->value.type == NU_DICT)
            add_catalogue(nu_locales_catalogue(locales, e->key.text), e->value.dict);
    }
    const nu_dict *by_language = dict_of(option(options, "formats"));
    for (const nu_entry *e = NULL; by_language && (e = nu_dict_next(by_language, e));)
        set_formats(locales, e->key.text, read_formats(dict_of(e->value), false));
    bool own = by_language && nu_dict_find(by_language, language);
    if (!nu_starts_with(language, "en") && !(own && flag_option(options, "use_l10n", true)))
        set_formats(locales, language, settings->formats);
    return locales;
}

/* ---- templates and cache -------------------------------------------------------------------------------- */

static bool load(void *data, const char *name, nu_template_source *out, const char **tried)
{
    const nu_dict *templates = data;
    nu_value       text = option(templates, name);
    *tried = name;
    if (text.type != NU_TEXT)
        return false;
    *out = (nu_template_source){.text = text.text, .length = text.length, .origin = name};
    return true;
}

static const char *cache_key(const nu_cache_fragment *fragment)
{
    nu_builder key;
    nu_builder_init(&key, NULL, 64);
    nu_builder_puts(&key, fragment->name);
    for (size_t i = 0; i < fragment->vary_count; i++)
        nu_builder_printf(&key, ":%s", nu_text(fragment->vary[i]));
    return nu_builder_text(&key);
}

typedef struct case_data {
    nu_dict            *cache;
    const nu_case_urls *urls;
    void               *routes;
} case_data;

static nu_value cache_get(void *data, const nu_cache_fragment *fragment)
{
    const case_data *c = data;
    if (fragment->alias && strcmp(fragment->alias, "default") != 0)
        nu_raise(NU_CONFIG_ERROR, "there is no cache \"%s\"", fragment->alias);
    return nu_dict_get(c->cache, cache_key(fragment));
}

static void cache_set(void *data, const nu_cache_fragment *fragment, nu_value html, int64_t seconds)
{
    const case_data *c = data;
    if (seconds != 0)
        nu_dict_put(c->cache, nu_value_text(cache_key(fragment)), html);
}

static const char *case_url(void *data, const nu_url_request *request)
{
    const case_data *c = data;
    return c->urls->url(c->routes, request);
}

/* ---- rendering ------------------------------------------------------------------------------------------ */

static nu_engine *make_engine(const nu_dict *options, const nu_dict *templates, case_data *data)
{
    nu_template_loader *loader = nu_alloc(sizeof *loader);
    *loader =
        (nu_template_loader){.name = "case", .data = (void *)(uintptr_t)templates, .load = load};
    const nu_template_loader **loaders = nu_alloc(2 * sizeof *loaders);
    loaders[0] = loader;
    return nu_engine_new(
        &(nu_engine_options){.loaders = loaders,
                             .debug = flag_option(options, "debug", false),
                             .autoescape_off = !flag_option(options, "autoescape", true),
                             .string_if_invalid = text_option(options, "string_if_invalid", ""),
                             .static_prefix = text_option(options, "static_url", NULL),
                             .media_prefix = text_option(options, "media_url", NULL),
                             .hooks = {.data = data,
                                       .url = data->urls ? case_url : NULL,
                                       .cache_get = cache_get,
                                       .cache_set = cache_set}});
}

static nu_value render(const nu_dict *given, const nu_dict *options, const nu_case_urls *urls)
{
    case_data *data = nu_alloc(sizeof *data);
    *data = (case_data){.cache = nu_dict_new(), .urls = urls};
    if (urls)
        data->routes = urls->open(option(options, "urls"));
    nu_engine   *engine = make_engine(options, dict_of(option(given, "templates")), data);
    nu_value     context = nu__notation_value(option(given, "context"));
    nu_template *t = nu_template_get(engine, text_option(given, "main", "main"));
    nu_builder   out;
    nu_builder_init(&out, NULL, 1024);
    nu_template_write(
        t,
        &(nu_render_options){.context = context.type == NU_DICT ? context.dict : nu_dict_new(),
                             .current_app = text_option(options, "current_app", NULL)},
        &out);
    return nu_builder_value(&out);
}

nu_value nu__case_render(nu_value json, const nu_case_urls *urls)
{
    const nu_dict    *given = dict_of(json), *options = dict_of(option(given, "options"));
    const char       *language = text_option(options, "language", "en");
    const nu_locales *locales_before = nu_locales_use(make_locales(options, language));
    const char       *language_before = nu_language_activate(language);
    NU_TRY {
        nu_value text = render(given, options, urls);
        nu_language_activate(language_before);
        nu_locales_use(locales_before);
        return text;
    }
    NU_CATCH (error) {
        nu_language_activate(language_before);
        nu_locales_use(locales_before);
        nu_reraise(error);
    }
    return nu_null();
}
