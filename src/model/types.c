/* Kinds of results: which field an expression's value is like. The rules are Django's: the sources of
 * an expression must be of one kind, arithmetic between numbers finds the wider one, and everything
 * else asks for nu_wrap. A kind that cannot be told is an error when the result is used, not before. */
#include <string.h>

#include "base/ambient.h"
#include "model/native.h"

static const nu_model no_model = {.name = "expression"};
#define KIND(symbol, field_type, column_type)                                                      \
    static const nu_field symbol##_field = {.name = "value", .type = &(field_type), .null = true}; \
    const nu_column       nu__##symbol##_column = {                                                \
              .field = &symbol##_field,                                                            \
              .model = &no_model,                                                                  \
              .name = "value",                                                                     \
              .attname = "value",                                                                  \
              .null = true,                                                                        \
              .db_type = {.type = (column_type)},                                                  \
    }
KIND(int, nu_field_int, NU_DB_BIG_INT);
KIND(float, nu_field_float, NU_DB_FLOAT);
KIND(decimal, nu_field_decimal, NU_DB_DECIMAL);
KIND(text, nu_field_text, NU_DB_TEXT);
KIND(char, nu_field_char, NU_DB_CHAR);
KIND(date, nu_field_date, NU_DB_DATE);
KIND(time, nu_field_time, NU_DB_TIME);
KIND(datetime, nu_field_datetime, NU_DB_DATETIME);
KIND(duration, nu_field_duration, NU_DB_DURATION);
KIND(bool, nu_field_bool, NU_DB_BOOL);
KIND(uuid, nu_field_uuid, NU_DB_UUID);
KIND(binary, nu_field_binary, NU_DB_BINARY);
KIND(json, nu_field_json, NU_DB_JSON);
KIND(search_vector, nu_field_search_vector, NU_DB_NATIVE);
KIND(search_query, nu__field_search_query, NU_DB_NATIVE);
/* What is computed of automatic keys is no whole number by itself: it is read as the database has it
 * (PostgreSQL sums up to a decimal), as Django does. */
static const nu_field_type computed_key = {
    .name = "AutoField",
    .db = NU_DB_AUTO,
    .base = &nu_field_auto,
    .clean = nu__clean_int,
    .expects = "a whole number",
    .least = INT64_MIN,
    .most = INT64_MAX,
};
KIND(computed_key, computed_key, NU_DB_AUTO);
#undef KIND

const nu_column *nu__output_column(const nu_field *output)
{
    nu_field  *field = nu_alloc(sizeof *field);
    nu_column *column = nu_alloc(sizeof *column);
    *field = *output;
    *column = nu__char_column;
    column->field = field;
    column->db_type = nu__db_type(field);
    return column;
}

const nu_column *nu__unmeasured(const nu_column *type)
{
    if (type == NULL || type->db_type.type != NU_DB_DECIMAL || type->db_type.digits == 0)
        return type;
    nu_column *copy = nu_alloc(sizeof *copy);
    *copy = *type;
    copy->db_type.digits = copy->db_type.places = 0;
    return copy;
}

/* ---- which kinds are one -------------------------------------------------------------------- */

static const nu_field_type *kind_of(const nu_column *column)
{
    return nu__value_field(column)->type;
}

static bool is_based_on(const nu_field_type *type, const nu_field_type *wanted)
{
    /* Django: any automatic key is an AutoField. */
    if (wanted == &nu_field_auto && (type == &nu_field_big_auto || type == &nu_field_small_auto))
        return true;
    for (; type != NULL; type = type->base) {
        if (type == wanted)
            return true;
    }
    return false;
}

bool nu__is_kind(const nu_column *column, const nu_field_type *kind)
{
    return column != NULL && is_based_on(kind_of(column), kind);
}

static const char *mixed_kinds(const nu_column *a, const nu_column *b)
{
    return nu_fmt("%s and %s", kind_of(a)->name, kind_of(b)->name);
}

const nu_column *nu__expr_type(const nu_expression *expression)
{
    if (expression->mixed == NULL)
        return expression->type;
    nu_error *error =
        nu_error_new(NU_FIELD_ERROR, "an expression mixes the kinds %s", expression->mixed);
    error->hint = "Say with nu_wrap which kind of field the result is.";
    nu_throw(error);
}

/* ---- sources -------------------------------------------------------------------------------- */

/* A type or the reason that there is none. */
typedef struct found_type {
    const nu_column *type;
    const char      *mixed;
} found_type;

static found_type known(const nu_column *type)
{
    return (found_type){.type = type};
}

/* The first kind, if all others are kinds that it is based on. */
static found_type same_type(const nu_expression *const *args, size_t count)
{
    const nu_column *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (args[i]->mixed != NULL)
            return (found_type){.mixed = args[i]->mixed};
        const nu_column *type = args[i]->type;
        if (type == NULL)
            continue;
        if (first == NULL)
            first = type;
        else if (!is_based_on(kind_of(first), kind_of(type)))
            return (found_type){.mixed = mixed_kinds(first, type)};
    }
    return known(first);
}

static bool any_is(const nu_expression *const *args, size_t count, const nu_field_type *kind)
{
    for (size_t i = 0; i < count; i++) {
        if (nu__is_kind(args[i]->type, kind))
            return true;
    }
    return false;
}

static found_type numeric_type(const nu_expression *const *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (args[i]->mixed != NULL)
            return (found_type){.mixed = args[i]->mixed};
    }
    if (any_is(args, count, &nu_field_decimal))
        return known(&nu__decimal_column);
    if (count == 0 || any_is(args, count, &nu_field_int))
        return known(&nu__float_column);
    return same_type(args, count);
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

static bool is_number(const nu_column *type)
{
    return nu__is_kind(type, &nu_field_int) || nu__is_kind(type, &nu_field_decimal) ||
           nu__is_kind(type, &nu_field_float);
}

/* The wider of two numbers; NULL if there is none. */
static const nu_column *wider(const char *op, const nu_column *a, const nu_column *b)
{
    bool whole_a = nu__is_kind(a, &nu_field_int), whole_b = nu__is_kind(b, &nu_field_int);
    if (strlen(op) != 1 || strchr("+-*/", *op) == NULL || !is_number(a) || !is_number(b))
        return NULL;
    if (whole_a && whole_b)
        return &nu__int_column;
    if (!whole_a && !whole_b)
        return NULL;
    return whole_a ? b : a;
}

static bool is_moment(const nu_column *type)
{
    return nu__is_kind(type, &nu_field_date) || nu__is_kind(type, &nu_field_time);
}

/* A moment and a duration: a time stays a time, a date becomes a moment. NULL: no such pair. */
static const nu_column *moved(const char *op, const nu_column *a, const nu_column *b)
{
    bool plus = strcmp(op, "+") == 0;
    if (plus && nu__is_kind(a, &nu_field_duration)) {
        const nu_column *first = a;
        a = b;
        b = first;
    }
    if ((!plus && strcmp(op, "-") != 0) || !is_moment(a) || !nu__is_kind(b, &nu_field_duration))
        return NULL;
    return nu__is_kind(a, &nu_field_time) ? &nu__time_column : &nu__datetime_column;
}

static found_type combined_type(const nu_expression *combined)
{
    const nu_expression *a = combined->args[0], *b = combined->args[1];
    if (strcmp(combined->name, "-") == 0 && is_moment(a->type) && is_moment(b->type) &&
        nu__is_kind(a->type, &nu_field_time) == nu__is_kind(b->type, &nu_field_time))
        return known(&nu__duration_column);
    found_type same = same_type(combined->args, 2);
    if (same.mixed == NULL || a->mixed != NULL || b->mixed != NULL)
        return same;
    const nu_column *type = wider(combined->name, a->type, b->type);
    if (type == NULL)
        type = moved(combined->name, a->type, b->type);
    return type != NULL ? known(type) : same;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static const nu_column *value_type(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_BOOL: return &nu__bool_column;
    case NU_INT: return &nu__int_column;
    case NU_FLOAT: return &nu__float_column;
    case NU_DECIMAL: return &nu__decimal_column;
    case NU_TEXT: return &nu__char_column;
    case NU_BYTES: return &nu__binary_column;
    case NU_DATE: return &nu__date_column;
    case NU_TIME: return &nu__time_column;
    case NU_DATETIME: return &nu__datetime_column;
    case NU_DURATION: return &nu__duration_column;
    case NU_UUID: return &nu__uuid_column;
    default: return NULL;
    }
}

/* Times of day are summed up to a duration. */
static bool is_sum_of_times(const nu_expression *function)
{
    return function->count > 0 && function->args[0]->type != NULL &&
           function->args[0]->type->db_type.type == NU_DB_TIME &&
           (strcmp(function->shape->name, "Sum") == 0 || strcmp(function->shape->name, "Avg") == 0);
}

/* A list of what the argument is; of what is not known, as the database gives it. */
static found_type array_of(const nu_expression *function)
{
    found_type item = same_type(function->args, function->count > 0 ? 1 : 0);
    if (item.type == NULL)
        return item;
    nu_field *base = nu_alloc(sizeof *base);
    *base = *nu__value_field(item.type);
    base->null = true;
    return known(nu__output_column(NU_OUTPUT(nu_field_array, .base_field = base)));
}

static found_type shaped_type(const nu_expression *function)
{
    if (is_sum_of_times(function))
        return known(&nu__duration_column);
    switch (function->shape->result) {
    case NU_FN_SAME: return same_type(function->args, function->count);
    case NU_FN_FIRST: return same_type(function->args, function->count > 0 ? 1 : 0);
    case NU_FN_NUMERIC: return numeric_type(function->args, function->count);
    case NU_FN_PART:
    case NU_FN_INT: return known(&nu__int_column);
    case NU_FN_FLOAT: return known(&nu__float_column);
    case NU_FN_TEXT: return known(&nu__char_column);
    case NU_FN_BOOL: return known(&nu__bool_column);
    case NU_FN_DATETIME: return known(&nu__datetime_column);
    case NU_FN_JSON: return known(&nu__json_column);
    case NU_FN_UUID: return known(&nu__uuid_column);
    case NU_FN_SEARCH_VECTOR: return known(&nu__search_vector_column);
    case NU_FN_SEARCH_QUERY: return known(&nu__search_query_column);
    case NU_FN_ARRAY: return array_of(function);
    case NU_FN_OUTPUT:
    case NU_FN_TRUNC: break;
    }
    return known(NULL);
}

/* Results of CASE without the conditions. */
static found_type case_type(const nu_expression *whole)
{
    const nu_expression **results = nu_alloc((whole->count + 1) * sizeof *results);
    for (size_t i = 0; i < whole->count; i++)
        results[i] =
            whole->args[i]->kind == NU_EXPR_WHEN ? whole->args[i]->args[1] : whole->args[i];
    return same_type(results, whole->count);
}

static found_type find_type(const nu_expression *expression)
{
    switch (expression->kind) {
    case NU_EXPR_VALUE: return known(value_type(expression->value));
    case NU_EXPR_SQL: return known(NULL);
    case NU_EXPR_COMBINE: return combined_type(expression);
    case NU_EXPR_AGGREGATE: return shaped_type(expression);
    case NU_EXPR_FUNC:
        return expression->shape != NULL ? shaped_type(expression)
                                         : same_type(expression->args, expression->count);
    case NU_EXPR_CASE: return case_type(expression);
    case NU_EXPR_WHEN: return same_type(expression->args + 1, 1);
    case NU_EXPR_ORDER:
    case NU_EXPR_WRAP:
    case NU_EXPR_COLLATE:
    case NU_EXPR_WINDOW: return same_type(expression->args, 1);
    default: return known(&nu__bool_column);
    }
}

/* Raises FieldError if an argument is a key of several fields, which is no single value. */
static void refuse_keys(const nu_expression *expression)
{
    for (size_t i = 0; i < expression->count; i++) {
        if (nu__is_key(expression->args[i]))
            nu_raise(NU_FIELD_ERROR,
                     "the key of model \"%s\" is of several fields, which no expression can hold",
                     expression->args[i]->column->model->name);
    }
}

/* What a function makes of texts may be something else: it is read as the database has it. */
static const nu_column *computed(const nu_expression *expression, const nu_column *type)
{
    bool own = expression->kind == NU_EXPR_AGGREGATE ||
               (expression->kind == NU_EXPR_FUNC && expression->shape == NULL);
    if (!own || type == NULL || type->column == NULL ||
        nu__value_field(type)->type->db != NU_DB_CHAR)
        return type;
    nu_column *copy = nu_alloc(sizeof *copy);
    *copy = *type;
    copy->column = NULL;
    return copy;
}

void nu__expr_set_type(nu_expression *expression)
{
    refuse_keys(expression);
    if (expression->output != NULL) {
        expression->type = nu__unmeasured(expression->output);
        expression->mixed = NULL;
        return;
    }
    found_type found = find_type(expression);
    if (found.type != NULL && is_based_on(kind_of(found.type), &nu_field_auto) &&
        (expression->kind == NU_EXPR_AGGREGATE || expression->kind == NU_EXPR_FUNC))
        found.type = &nu__computed_key_column;
    expression->type = computed(expression, nu__unmeasured(found.type));
    expression->mixed = found.mixed;
}

/* ---- truncations ---------------------------------------------------------------------------- */

/* A field that knows the zone in which the database cut its value. */
typedef struct zoned_field {
    nu_field       field;
    const nu_zone *zone;
    nu_dst         dst;
} zoned_field;

const nu_zone *nu__expr_zone(const nu_expression *expression)
{
    const nu_zone *zone = expression->options != NULL ? expression->options->zone : NULL;
    return zone != NULL ? zone : nu__ambient()->zone;
}

static NU_NORETURN NU_COLD void no_such_moment(const nu_civil *civil, const nu_zone *zone,
                                               bool twice)
{
    nu_error *error =
        nu_error_new(NU_VALUE_ERROR, "%04d-%02d-%02d %02d:%02d:%02d comes %s in \"%s\"",
                     civil->year, civil->month, civil->day, civil->hour, civil->minute,
                     civil->second, twice ? "twice" : "never", nu_zone_name(zone));
    error->detail = "A truncated moment falls on the hour in which summer time begins or ends.";
    error->hint = "Say with .dst = NU_DST_SUMMER or NU_DST_STANDARD how it is read.";
    nu_throw(error);
}

/* The offsets in force a day before and a day after tell both readings of the clock. */
static nu_datetime moment_in(const nu_civil *civil, const nu_zone *zone, nu_dst dst,
                             int64_t reading)
{
    nu_datetime early = {.us = reading - NU_DAY, .set = true},
                late = {.us = reading + NU_DAY, .set = true};
    int         before = nu_datetime_civil(early, zone).offset;
    int         after = nu_datetime_civil(late, zone).offset;
    nu_datetime first = {.us = reading - before * NU_SECOND, .set = true};
    nu_datetime second = {.us = reading - after * NU_SECOND, .set = true};
    if (before == after)
        return nu_datetime_in(civil, zone);
    nu_civil a = nu_datetime_civil(first, zone), b = nu_datetime_civil(second, zone);
    bool     first_fits = a.offset == before, second_fits = b.offset == after;
    if (first_fits != second_fits)
        return first_fits ? first : second;
    if (dst == NU_DST_UNKNOWN)
        no_such_moment(civil, zone, first_fits);
    /* Summer time is the greater offset. */
    bool want_first = (before > after) == (dst == NU_DST_SUMMER);
    return want_first ? first : second;
}

/* The database gives a reading of the clock in the zone. */
static nu_value load_zoned(const nu_field *field, nu_value value)
{
    const zoned_field *zoned = (const zoned_field *)(const void *)field;
    if (value.type != NU_DATETIME || zoned->zone == NULL)
        return value;
    nu_datetime reading = {.us = value.us, .set = true};
    nu_civil    civil = nu_datetime_civil(reading, NULL);
    nu_datetime moment = moment_in(&civil, zoned->zone, zoned->dst, value.us);
    moment.offset = (int16_t)(nu_datetime_civil(moment, zoned->zone).offset / 60);
    return nu_value_datetime(moment);
}

const nu_column *nu__zoned_column(const nu_column *type, const nu_zone *zone, nu_dst dst)
{
    static const nu_field_type zoned_datetime = {
        .name = "DateTimeField",
        .db = NU_DB_DATETIME,
        .base = &nu_field_datetime,
        .clean = nu__clean_datetime,
        .expects = "a date and time such as 2026-11-21 09:05",
        .load = load_zoned,
    };
    if (zone == NULL || type->db_type.type != NU_DB_DATETIME)
        return type;
    zoned_field *field = nu_alloc(sizeof *field);
    *field = (zoned_field){.field = *type->field, .zone = zone, .dst = dst};
    field->field.type = &zoned_datetime;
    nu_column *column = nu_alloc(sizeof *column);
    *column = *type;
    column->field = &field->field;
    column->target = NULL;
    return column;
}
