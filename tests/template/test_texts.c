/* Calls of Django's text functions with what they answered, one a line, in data/template/texts.jsonl:
 *
 *      {"id": …, "function": "date_format", "args": […], "kwargs": {…}, "settings": {…}, "now": …,
 *       "expect": …} or "error": true
 *
 * Values that JSON lacks are objects with one key, such as {"$date": "2012-03-09"}. */
#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/i18n.h"
#include "nuages/json.h"
#include "nuages/test.h"
#include "nuages/unicode.h"
#include "template/internal.h"

/* ---- values ------------------------------------------------------------------------------------ */

static nu_value tagged(const char *tag, nu_value text)
{
    nu_date     date;
    nu_time     time;
    nu_datetime moment;
    nu_decimal  decimal;
    if (strcmp(tag, "$safe") == 0)
        text.flags |= NU_SAFE;
    else if (strcmp(tag, "$date") == 0 && nu_date_try(text.text, text.length, &date))
        return NU_V(date);
    else if (strcmp(tag, "$time") == 0 && nu_time_try(text.text, text.length, &time))
        return NU_V(time);
    else if (strcmp(tag, "$datetime") == 0 && nu_datetime_try(text.text, text.length, &moment))
        return NU_V(moment);
    else if (strcmp(tag, "$float") == 0)
        return NU_V(strtod(text.text, NULL));
    else if (nu_decimal_try(text.text, text.length, &decimal)) /* $decimal, $int */
        return NU_V(decimal);
    return text; /* an integer of more than 28 digits */
}

static nu_value decode(nu_value json)
{
    if (json.type != NU_DICT)
        return json;
    nu_entry *entry = nu_dict_next(json.dict, NULL);
    if (entry == NULL || entry->key.text[0] != '$')
        return json;
    return tagged(entry->key.text, entry->value);
}

typedef struct call {
    const nu_dict *line;
    nu_value       args[3];
    uint32_t       count;
} call;

static nu_value keyword(const call *c, const char *name)
{
    nu_value kwargs = nu_dict_get(c->line, "kwargs");
    return kwargs.type == NU_DICT ? decode(nu_dict_get(kwargs.dict, name)) : nu_null();
}

static int number(nu_value value, int fallback)
{
    return nu_is_null(value) ? fallback : (int)nu_int(value);
}

/* ---- functions of i18n ------------------------------------------------------------------------- */

static nu_value call_timesince(const call *c)
{
    return NU_V(nu_timesince(c->args[0], c->args[1], number(keyword(c, "depth"), 2)));
}

static nu_value call_timeuntil(const call *c)
{
    return NU_V(nu_timeuntil(c->args[0], c->args[1], number(keyword(c, "depth"), 2)));
}

static nu_value call_date_format(const call *c)
{
    nu_value zone = keyword(c, "tz");
    nu_value moment = c->args[0];
    if (zone.type == NU_TEXT)
        moment = nu_moment_in(moment, nu_zone_get(zone.text));
    return NU_V(nu_date_format(moment, c->count > 1 ? c->args[1].text : "DATE_FORMAT"));
}

static nu_value call_time_format(const call *c)
{
    return NU_V(nu_time_format(c->args[0], c->count > 1 ? c->args[1].text : "TIME_FORMAT"));
}

static nu_value call_number_format(const call *c)
{
    nu_value        grouping = keyword(c, "grouping"), separator = keyword(c, "thousand_sep");
    bool            grouped = nu_truth(keyword(c, "force_grouping"));
    nu_value        sizes = grouping.type == NU_LIST ? nu_null() : nu_value_str(grouping);
    nu_number_style style = {
        .decimal_separator = c->args[1].text,
        .thousand_separator = separator.type == NU_TEXT ? separator.text : "",
        .grouping = grouped && sizes.type == NU_TEXT ? sizes.text : NULL,
        .places = number(keyword(c, "decimal_pos"), -1),
    };
    if (grouped && grouping.type == NU_LIST) {
        nu_builder list;
        nu_builder_init(&list, NULL, 32);
        for (uint32_t i = 0; i < grouping.list->count; i++)
            nu_builder_printf(&list, "%s%s", i > 0 ? "," : "", nu_text(grouping.list->items[i]));
        style.grouping = nu_builder_text(&list);
    }
    return NU_V(nu_number_format(c->args[0], &style));
}

static nu_value call_localized_number(const call *c)
{
    bool            grouped = nu_truth(keyword(c, "force_grouping"));
    nu_number_style style =
        nu_number_style_active(number(c->count > 1 ? c->args[1] : nu_null(), -1), grouped);
    return NU_V(nu_number_format(c->args[0], &style));
}

static nu_value call_localize(const call *c)
{
    return nu_localize(c->args[0], true);
}

static nu_value call_localize_input(const call *c)
{
    return nu_localize_input(c->args[0], c->count > 1 ? c->args[1].text : NULL);
}

static nu_value call_sanitize(const call *c)
{
    return c->args[0].type == NU_TEXT ? NU_V(nu_number_clean(c->args[0].text)) : c->args[0];
}

static nu_value call_slugify(const call *c)
{
    return NU_V(nu_slugify(nu_text(c->args[0]), nu_truth(keyword(c, "allow_unicode"))));
}

/* ---- functions that are filters ---------------------------------------------------------------- */

static const nu_template_filter *find_filter(const char *name)
{
    for (size_t t = 0; nu__filters_builtin[t] != NULL; t++)
        for (const nu_template_filter *f = nu__filters_builtin[t]; f->name != NULL; f++)
            if (strcmp(f->name, name) == 0)
                return f;
    for (const nu_template_filter *f = nu__filters_humanize; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    FAIL("there is no filter \"%s\"", name);
    return NULL;
}

static nu_value filter(const call *c, const char *name, bool autoescape)
{
    const nu_template_filter *f = find_filter(name);
    nu_filter_call            made = {
                   .input = (f->flags & NU_FILTER_TEXT) ? nu_value_str(c->args[0]) : c->args[0],
                   .arg = c->args[1],
                   .has_arg = c->count > 1,
                   .autoescape = autoescape,
    };
    return f->fn(&made);
}

static nu_value call_linebreaks(const call *c)
{
    return filter(c, "linebreaks", nu_truth(keyword(c, "autoescape")));
}

/* The function makes no rel="nofollow" unless asked; the filter always does. */
static nu_value call_urlize(const call *c)
{
    call     made = *c;
    nu_value limit = keyword(c, "trim_url_limit");
    bool     truncated = !nu_is_null(limit);
    if (truncated) {
        made.args[1] = limit;
        made.count = 2;
    }
    nu_value html =
        filter(&made, truncated ? "urlizetrunc" : "urlize", nu_truth(keyword(c, "autoescape")));
    if (nu_truth(keyword(c, "nofollow")))
        return html;
    call cut = {.line = c->line, .args = {html, NU_V(" rel=\"nofollow\"")}, .count = 2};
    return filter(&cut, "cut", false);
}

static nu_value call_truncate_chars(const call *c)
{
    return filter(c, nu_truth(keyword(c, "html")) ? "truncatechars_html" : "truncatechars", true);
}

/* The function ends with "…", the filter with " …". */
static nu_value call_truncate_words(const call *c)
{
    bool     html = nu_truth(keyword(c, "html"));
    nu_value text = filter(c, html ? "truncatewords_html" : "truncatewords", true);
    call     cut = {.line = c->line, .args = {text, NU_V(" …")}, .count = 2};
    nu_value bare = filter(&cut, "cut", true);
    if (bare.length == text.length)
        return text;
    const char *place = strstr(text.text, " …");
    return NU_V(nu_fmt("%.*s%s", (int)(place - text.text), text.text, place + 1));
}

static const struct {
    const char *name;
    nu_value (*run)(const call *c);
    const char *filter; /* where the function is just the filter of that name */
} functions[] = {
    {"timesince", call_timesince, NULL},
    {"timeuntil", call_timeuntil, NULL},
    {"date_format", call_date_format, NULL},
    {"localized_date", call_date_format, NULL},
    {"time_format", call_time_format, NULL},
    {"localized_time", call_time_format, NULL},
    {"number_format", call_number_format, NULL},
    {"localized_number", call_localized_number, NULL},
    {"localize", call_localize, NULL},
    {"localize_input", call_localize_input, NULL},
    {"sanitize_separators", call_sanitize, NULL},
    {"slugify", call_slugify, NULL},
    {"linebreaks", call_linebreaks, NULL},
    {"urlize", call_urlize, NULL},
    {"truncate_chars", call_truncate_chars, NULL},
    {"truncate_words", call_truncate_words, NULL},
    {"escape", NULL, "force_escape"},
    {"conditional_escape", NULL, "escape"},
    {"strip_tags", NULL, "striptags"},
    {"wrap", NULL, "wordwrap"},
};

static nu_value run_function(const call *c)
{
    const char *name = nu_dict_get(c->line, "function").text;
    for (size_t i = 0; i < NU_COUNT(functions); i++)
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].run != NULL ? functions[i].run(c)
                                            : filter(c, functions[i].filter, true);
    return filter(c, name, true);
}

/* ---- the test ---------------------------------------------------------------------------------- */

static void use_settings(const nu_dict *line)
{
    nu_value          settings = nu_dict_get(line, "settings"), now = nu_dict_get(line, "now");
    nu_locale_options options = {.use_tz = true};
    if (settings.type == NU_DICT)
        options.thousand_separator = nu_truth(nu_dict_get(settings.dict, "USE_THOUSAND_SEPARATOR"));
    nu_datetime present = {0};
    if (now.type == NU_TEXT)
        CHECK(nu_datetime_try(now.text, now.length, &present));
    nu_clock_freeze(present);
    nu_locales_use(nu_locales_new(nu_arena_current(), &options));
}

static void check_line(const nu_dict *line)
{
    call     c = {.line = line};
    nu_list *args = nu_dict_get(line, "args").list;
    for (c.count = 0; c.count < args->count; c.count++)
        c.args[c.count] = decode(args->items[c.count]);
    use_settings(line);

    nu_value volatile got = nu_null();
    volatile bool raised = false;
    NU_TRY {
        got = run_function(&c);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALUE_ERROR))
            nu_reraise(error);
        raised = true;
    }
    nu_value result = got, expected = decode(nu_dict_get(line, "expect"));
    bool     wants_error = nu_truth(nu_dict_get(line, "error"));
    if (raised != wants_error || (!raised && !nu_equal(result, expected)))
        FAIL("%s(%s) gives %s, expected %s [%s]", nu_dict_get(line, "function").text,
             nu_json_text(nu_dict_get(line, "args")),
             raised ? "an error" : nu_text(nu_repr(result)),
             wants_error ? "an error" : nu_text(nu_repr(expected)), nu_dict_get(line, "id").text);
}

TEST(texts_are_those_of_django, .timeout = 120)
{
    nu_value    file = nu_file_read(NU_TEST_DATA "/template/texts.jsonl", 1 << 24);
    const char *at = (const char *)file.bytes, *end = at + file.length;
    nu_arena   *outer = nu_arena_current(), *scratch = nu_arena_new(outer, "line");
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        nu_arena_enter(scratch);
        check_line(nu_json_parse(at, (size_t)(stop - at)).dict);
        nu_locales_use(NULL);
        nu_arena_enter(outer);
        nu_arena_reset(scratch);
        at = stop + 1;
    }
    nu_clock_freeze((nu_datetime){0});
}
