/* Lookups: what stands behind the field in "published__year__gte". */
#include <string.h>

#include "base/ambient.h"
#include "model/query_internal.h"
#include "nuages/text.h"

static const char *const lookup_names[] = {
    [NU_LOOKUP_EXACT] = "exact",
    [NU_LOOKUP_IEXACT] = "iexact",
    [NU_LOOKUP_CONTAINS] = "contains",
    [NU_LOOKUP_ICONTAINS] = "icontains",
    [NU_LOOKUP_STARTS_WITH] = "startswith",
    [NU_LOOKUP_ISTARTS_WITH] = "istartswith",
    [NU_LOOKUP_ENDS_WITH] = "endswith",
    [NU_LOOKUP_IENDS_WITH] = "iendswith",
    [NU_LOOKUP_REGEX] = "regex",
    [NU_LOOKUP_IREGEX] = "iregex",
    [NU_LOOKUP_GT] = "gt",
    [NU_LOOKUP_GTE] = "gte",
    [NU_LOOKUP_LT] = "lt",
    [NU_LOOKUP_LTE] = "lte",
    [NU_LOOKUP_IN] = "in",
    [NU_LOOKUP_RANGE] = "range",
    [NU_LOOKUP_IS_NULL] = "isnull",
};

static const char *const part_names[] = {
    [NU_DB_YEAR] = "year",         [NU_DB_ISO_YEAR] = "iso_year",
    [NU_DB_QUARTER] = "quarter",   [NU_DB_MONTH] = "month",
    [NU_DB_WEEK] = "week",         [NU_DB_DAY] = "day",
    [NU_DB_WEEK_DAY] = "week_day", [NU_DB_ISO_WEEK_DAY] = "iso_week_day",
    [NU_DB_HOUR] = "hour",         [NU_DB_MINUTE] = "minute",
    [NU_DB_SECOND] = "second",     [NU_DB_AS_DATE] = "date",
    [NU_DB_AS_TIME] = "time",
};

static int find_word(const char *const *words, size_t count, const char *text, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- errors --------------------------------------------------------------------------------- */

static NU_NORETURN NU_COLD void unknown_lookup(const nu_path *path, const nu_expression *left,
                                               const char *word, size_t length)
{
    const char  *text = nu_fmt("%.*s", (int)length, word);
    const char **words =
        nu_alloc((NU_COUNT(lookup_names) + NU_COUNT(part_names) + 1) * sizeof *words);
    memcpy(words, lookup_names, sizeof lookup_names);
    memcpy(words + NU_COUNT(lookup_names), part_names, sizeof part_names);
    if (path->relation != NULL)
        nu__unknown_field(path->last, word, length,
                          NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY);
    const char *field = path->column != NULL ? path->column->name : "annotation";
    nu_error   *error =
        nu_error_new(NU_FIELD_ERROR, "field \"%s\" of model \"%s\" has no lookup \"%s\"", field,
                     path->last->model->name, text);
    error->detail = nu_fmt("It is a %s.",
                           left->type != NULL ? left->type->field->type->name : "computed value");
    const char *near = nu_nearest(text, words);
    if (near != NULL)
        error->hint = nu_fmt("Did you mean \"%s\"?", near);
    nu_throw(error);
}

/* ---- right sides ---------------------------------------------------------------------------- */

static bool is_pattern(nu_lookup lookup)
{
    return lookup >= NU_LOOKUP_IEXACT && lookup <= NU_LOOKUP_IREGEX;
}

static nu_expression *lookup_new(const nu_expression *left, nu_lookup lookup, size_t rights)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_LOOKUP, 1 + rights);
    expression->resolved = true;
    expression->type = &nu__bool_column;
    expression->lookup = lookup;
    expression->aggregate = left->aggregate;
    expression->args[0] = left;
    return expression;
}

/* The value as the left side's column holds it. A text compared with a computed value stays as it
 * is. */
static nu_value prepare(const nu_expression *left, nu_lookup lookup, nu_value value)
{
    if (is_pattern(lookup)) {
        nu_row *row = nu_row_of(value);
        return row != NULL ? nu_row_key(row) : nu_value_str(value);
    }
    if (left->type == NULL) {
        nu_row *row = nu_row_of(value);
        return row != NULL ? nu_row_key(row) : value;
    }
    return nu__prepare(left->type, value);
}

static const nu_expression *right_side(nu_query *query, const nu_expression *left, nu_lookup lookup,
                                       nu_value value, nu_joins *reuse, nu_joins *used)
{
    if (nu_expression_of(value) != NULL || nu_query_from(value) != NULL)
        return nu__expr_resolve(query, nu__expr_of(value, false), reuse, used);
    nu_expression *constant = nu__expr_new(NU_EXPR_VALUE, 0);
    constant->resolved = true;
    constant->type = left->type;
    constant->value = prepare(left, lookup, value);
    return constant;
}

static const nu_expression *never(void)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_NOTHING, 0);
    expression->resolved = true;
    return expression;
}

static nu_list *items_of(const nu_path *path, nu_value value, const char *lookup)
{
    if (value.type == NU_LIST)
        return value.list;
    nu_raise(NU_VALUE_ERROR, "lookup \"%s\" of field \"%s\" takes a list, not a value of type %s",
             lookup, path->column != NULL ? path->column->name : "annotation",
             nu_value_type_name(value));
}

static const nu_expression *build_in(nu_query *query, const nu_path *path,
                                     const nu_expression *left, nu_value value, nu_joins *reuse,
                                     nu_joins *used)
{
    if (nu_query_from(value) != NULL || nu_expression_of(value) != NULL) {
        const nu_query *subquery = nu_query_from(value);
        if (subquery != NULL && subquery->none)
            return never();
        nu_expression *in = lookup_new(left, NU_LOOKUP_IN, 1);
        in->args[1] = nu__expr_resolve(query, nu__expr_of(value, false), reuse, used);
        return in;
    }
    nu_list       *items = items_of(path, value, "in");
    nu_expression *in = lookup_new(left, NU_LOOKUP_IN, items->count);
    in->count = 1;
    for (uint32_t i = 0; i < items->count; i++) {
        if (!nu_is_null(items->items[i])) /* nothing equals NULL */
            in->args[in->count++] =
                right_side(query, left, NU_LOOKUP_EXACT, items->items[i], reuse, used);
    }
    return in->count > 1 ? in : never();
}

static const nu_expression *build_range(nu_query *query, const nu_path *path,
                                        const nu_expression *left, nu_value value, nu_joins *reuse,
                                        nu_joins *used)
{
    nu_list *items = items_of(path, value, "range");
    if (items->count != 2)
        nu_raise(NU_VALUE_ERROR, "lookup \"range\" takes a list of two values, not of %u",
                 items->count);
    nu_expression *range = lookup_new(left, NU_LOOKUP_RANGE, 2);
    range->args[1] = right_side(query, left, NU_LOOKUP_EXACT, items->items[0], reuse, used);
    range->args[2] = right_side(query, left, NU_LOOKUP_EXACT, items->items[1], reuse, used);
    return range;
}

static const nu_expression *build_is_null(const nu_expression *left, bool yes)
{
    nu_expression *lookup = lookup_new(left, NU_LOOKUP_IS_NULL, 0);
    lookup->value = nu_value_bool(yes);
    return lookup;
}

static const nu_expression *build(nu_query *query, const nu_path *path, const nu_expression *left,
                                  nu_lookup lookup, nu_value value, nu_joins *reuse, nu_joins *used)
{
    if (lookup == NU_LOOKUP_IS_NULL) {
        if (value.type != NU_BOOL)
            nu_raise(NU_VALUE_ERROR, "lookup \"isnull\" takes true or false");
        return build_is_null(left, value.boolean);
    }
    if (nu_is_null(value)) {
        if (lookup == NU_LOOKUP_EXACT || lookup == NU_LOOKUP_IEXACT)
            return build_is_null(left, true);
        nu_raise(NU_VALUE_ERROR, "lookup \"%s\" cannot compare with null", lookup_names[lookup]);
    }
    if (lookup == NU_LOOKUP_IN)
        return build_in(query, path, left, value, reuse, used);
    if (lookup == NU_LOOKUP_RANGE)
        return build_range(query, path, left, value, reuse, used);
    nu_expression *expression = lookup_new(left, lookup, 1);
    expression->args[1] = right_side(query, left, lookup, value, reuse, used);
    return expression;
}

/* ---- parts of dates ------------------------------------------------------------------------- */

static const nu_column *part_type(nu_db_part part)
{
    if (part == NU_DB_AS_DATE)
        return &nu__date_column;
    return part == NU_DB_AS_TIME ? &nu__time_column : &nu__int_column;
}

static const nu_expression *part_of(const nu_expression *left, nu_db_part part)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_PART, 1);
    expression->resolved = true;
    expression->part = part;
    expression->type = part_type(part);
    expression->aggregate = left->aggregate;
    expression->args[0] = left;
    return expression;
}

static bool has_part(const nu_expression *left, nu_db_part part)
{
    nu_db_type type = left->type != NULL ? left->type->db_type.type : NU_DB_DATETIME;
    bool       clock = part >= NU_DB_HOUR && part <= NU_DB_SECOND;
    if (type == NU_DB_DATETIME)
        return true;
    if (type == NU_DB_DATE)
        return !clock && part < NU_DB_AS_DATE;
    return type == NU_DB_TIME && clock;
}

static nu_value moment_of(nu_db_type type, int year, bool last)
{
    nu_date date = last ? nu_date_of(year, 12, 31) : nu_date_of(year, 1, 1);
    if (type == NU_DB_DATE)
        return nu_value_date(date);
    nu_civil    civil = nu_date_civil(date);
    const void *zone = nu__ambient()->zone;
    if (last)
        civil.hour = 23, civil.minute = 59, civil.second = 59, civil.us = 999999;
    return nu_value_datetime(nu_datetime_in(&civil, zone));
}

/* A year is a range of the column itself, so that an index serves. NULL if the lookup is no
 * such. */
static const nu_expression *build_year(const nu_expression *left, nu_lookup lookup, nu_value value)
{
    int64_t    year;
    nu_db_type type = left->type != NULL ? left->type->db_type.type : NU_DB_TEXT;
    if ((type != NU_DB_DATE && type != NU_DB_DATETIME) || value.type == NU_OBJECT ||
        !nu_int_try(value, &year) || year < 1 || year > 9999)
        return NULL;
    nu_joins             none = 0;
    const nu_expression *first =
        right_side(NULL, left, NU_LOOKUP_EXACT, moment_of(type, (int)year, false), &none, &none);
    const nu_expression *last =
        right_side(NULL, left, NU_LOOKUP_EXACT, moment_of(type, (int)year, true), &none, &none);
    nu_expression *expression;
    switch (lookup) {
    case NU_LOOKUP_EXACT:
        expression = lookup_new(left, NU_LOOKUP_RANGE, 2);
        expression->args[1] = first;
        expression->args[2] = last;
        return expression;
    case NU_LOOKUP_GT:
    case NU_LOOKUP_LTE:
        expression = lookup_new(left, lookup, 1);
        expression->args[1] = last;
        return expression;
    case NU_LOOKUP_GTE:
    case NU_LOOKUP_LT:
        expression = lookup_new(left, lookup, 1);
        expression->args[1] = first;
        return expression;
    default: return NULL;
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static size_t word_length(const char *text)
{
    const char *end = strstr(text, "__");
    return end != NULL ? (size_t)(end - text) : strlen(text);
}

const nu_expression *nu__lookup_build(nu_query *query, const nu_path *path,
                                      const nu_expression *left, nu_value value, nu_joins *reuse,
                                      nu_joins *used)
{
    const char          *rest = path->rest;
    int                  year = -1;
    const nu_expression *dated = left;
    while (rest != NULL) {
        size_t length = word_length(rest);
        int    lookup = find_word(lookup_names, NU_COUNT(lookup_names), rest, length);
        if (lookup >= 0 && rest[length] == '\0') {
            const nu_expression *range =
                year >= 0 ? build_year(dated, (nu_lookup)lookup, value) : NULL;
            return range != NULL ? range
                                 : build(query, path, left, (nu_lookup)lookup, value, reuse, used);
        }
        int part = find_word(part_names, NU_COUNT(part_names), rest, length);
        if (part < 0 || path->relation != NULL || !has_part(left, (nu_db_part)part))
            unknown_lookup(path, left, rest, length);
        year = part == NU_DB_YEAR ? part : -1;
        dated = left;
        left = part_of(left, (nu_db_part)part);
        rest = rest[length] == '\0' ? NULL : rest + length + 2;
    }
    const nu_expression *range = year >= 0 ? build_year(dated, NU_LOOKUP_EXACT, value) : NULL;
    return range != NULL ? range : build(query, path, left, NU_LOOKUP_EXACT, value, reuse, used);
}
