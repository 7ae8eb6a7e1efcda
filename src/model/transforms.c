/* Transforms: "published__year", "title__lower", "extra__a__0"; and the words of an application. */
#include <string.h>

#include "model/native.h"
#include "nuages/text.h"

/* ---- words of an application ---------------------------------------------------------------- */

enum { MOST_REGISTERED = 256 };

static struct registered {
    const nu_field_type  *kind;
    const nu_lookup_type *lookup;
} registered[MOST_REGISTERED];
static size_t registered_count;

void nu_register_lookup(const nu_field_type *kind, const nu_lookup_type *lookup)
{
    bool result = lookup->sql != NULL || lookup->build != NULL || lookup->function != NULL;
    if (!result || lookup->name == NULL || strstr(lookup->name, "__") != NULL)
        nu_raise(NU_CONFIG_ERROR, "a lookup needs a name without \"__\" and its SQL");
    if (registered_count == MOST_REGISTERED)
        nu_raise(NU_CONFIG_ERROR, "more than %d lookups are registered", MOST_REGISTERED);
    registered[registered_count++] = (struct registered){kind, lookup};
}

void nu_unregister_lookup(const nu_field_type *kind, const nu_lookup_type *lookup)
{
    for (size_t i = registered_count; i-- > 0;) {
        if (registered[i].kind != kind || registered[i].lookup != lookup)
            continue;
        memmove(&registered[i], &registered[i + 1],
                (registered_count - i - 1) * sizeof *registered);
        registered_count--;
        return;
    }
}

static bool is_word(const char *name, const char *word, size_t length)
{
    return strlen(name) == length && memcmp(name, word, length) == 0;
}

const nu_lookup_type *nu__lookup_registered(const nu_column *type, const char *word, size_t length,
                                            bool transform)
{
    for (size_t i = registered_count; i-- > 0;) {
        const nu_lookup_type *lookup = registered[i].lookup;
        bool                  turns = lookup->transform || lookup->function != NULL;
        if (turns == transform && is_word(lookup->name, word, length) &&
            (registered[i].kind == NULL || nu__is_kind(type, registered[i].kind)))
            return lookup;
    }
    return NULL;
}

/* ---- one transform -------------------------------------------------------------------------- */

enum { ON_DATES = 1, ON_DATETIMES = 2, ON_TIMES = 4 };
static const struct part_word {
    const char *word, *function;
    int         on;
} part_words[] = {
    {"year", "ExtractYear", ON_DATES | ON_DATETIMES},
    {"iso_year", "ExtractIsoYear", ON_DATES | ON_DATETIMES},
    {"quarter", "ExtractQuarter", ON_DATES | ON_DATETIMES},
    {"month", "ExtractMonth", ON_DATES | ON_DATETIMES},
    {"week", "ExtractWeek", ON_DATES | ON_DATETIMES},
    {"day", "ExtractDay", ON_DATES | ON_DATETIMES},
    {"week_day", "ExtractWeekDay", ON_DATES | ON_DATETIMES},
    {"iso_week_day", "ExtractIsoWeekDay", ON_DATES | ON_DATETIMES},
    {"hour", "ExtractHour", ON_DATETIMES | ON_TIMES},
    {"minute", "ExtractMinute", ON_DATETIMES | ON_TIMES},
    {"second", "ExtractSecond", ON_DATETIMES | ON_TIMES},
    {"date", "TruncDate", ON_DATETIMES},
    {"time", "TruncTime", ON_DATETIMES},
};

static int dated_kind(const nu_column *type)
{
    if (nu__is_kind(type, &nu_field_datetime))
        return ON_DATETIMES;
    if (nu__is_kind(type, &nu_field_date))
        return ON_DATES;
    return nu__is_kind(type, &nu_field_time) ? ON_TIMES : 0;
}

static const nu_expression *resolved(nu_query *query, const nu_expression *expression)
{
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    return nu__expr_resolve(query, expression, &reuse, &used);
}

static const nu_expression *call(nu_query *query, const char *function, const nu_expression *left)
{
    nu_value arg = nu_value_object(left);
    return resolved(query, nu_expr_fn_(function, NULL, &arg, 1));
}

/* A key of JSON; one that is a number finds the place in a list too. */
static const nu_expression *key_of(nu_query *query, const nu_expression *left, const char *word,
                                   size_t length)
{
    nu_value args[2] = {NU_V(nu_expr_value_(nu_value_text_copy(word, length))),
                        nu_value_object(left)};
    return resolved(query, nu_expr_fn_("KeyTransform", NULL, args, 2));
}

const nu_expression *nu__transform_apply(nu_query *query, const nu_lookup_type *transform,
                                         const nu_expression *left)
{
    nu_value arg = nu_value_object(left);
    if (transform->build != NULL)
        return resolved(query, transform->build(left, nu_null()));
    nu_field      output = {.name = "value", .type = transform->output, .null = true};
    nu_fn_options options = {.template = transform->sql,
                             .output = transform->output != NULL ? &output : NULL};
    if (transform->function != NULL)
        return resolved(query, nu_expr_fn_(transform->function, &options, &arg, 1));
    return resolved(query, nu_expr_func_(NULL, &options, &arg, 1));
}

const nu_expression *nu__transform_find(nu_query *query, const nu_expression *left,
                                        const char *word, size_t length,
                                        const nu_lookup_type **custom)
{
    const nu_column *type = nu__expr_type(left);
    *custom = nu__lookup_registered(type, word, length, true);
    if (*custom != NULL)
        return nu__transform_apply(query, *custom, left);
    const nu_expression *native = nu__native_transform(query, left, word, length, custom);
    if (native != NULL)
        return native;
    int dated = dated_kind(type);
    for (size_t i = 0; dated != 0 && i < NU_COUNT(part_words); i++) {
        if ((part_words[i].on & dated) != 0 && is_word(part_words[i].word, word, length))
            return call(query, part_words[i].function, left);
    }
    if (nu__is_kind(type, &nu_field_json))
        return key_of(query, left, word, length);
    return NULL;
}

size_t nu__word_length(const char *text)
{
    const char *end = strstr(text, "__");
    return end != NULL && end > text ? (size_t)(end - text) : strlen(text);
}

const char *nu__word_after(const char *text, size_t length)
{
    return text[length] == '\0' ? NULL : text + length + 2;
}

const nu_expression *nu__transforms_build(nu_query *query, const nu_path *path,
                                          const nu_expression *left)
{
    for (const char *rest = path->rest; rest != NULL;) {
        const nu_lookup_type *custom;
        size_t                length = nu__word_length(rest);
        const nu_expression  *next =
            path->relation == NULL ? nu__transform_find(query, left, rest, length, &custom) : NULL;
        if (next == NULL)
            nu__unknown_field(path->last, rest, length,
                              NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY);
        left = next;
        rest = nu__word_after(rest, length);
    }
    return left;
}
