/* Ranges: from one value to another. A statement has them as PostgreSQL's texts, [2026-08-01,2026-08-09);
 * fixtures have JSON. */
#include <string.h>

#include "model/array_field.h"
#include "model/native.h"
#include "nuages/json.h"
#include "nuages/postgres.h"
#include "nuages/text.h"

/* ---- objects -------------------------------------------------------------------------------- */

static bool get(void *self, const char *key, size_t length, nu_value *out)
{
    const nu_value_range *range = self;
    const struct {
        const char *name;
        nu_value    value;
    } attributes[] = {
        {"lower", range->lower},
        {"upper", range->upper},
        {"lower_inc", nu_value_bool(range->lower_inc)},
        {"upper_inc", nu_value_bool(range->upper_inc)},
        {"isempty", nu_value_bool(range->empty)},
    };
    for (size_t i = 0; i < NU_COUNT(attributes); i++) {
        if (strlen(attributes[i].name) != length || memcmp(attributes[i].name, key, length) != 0)
            continue;
        *out = attributes[i].value;
        return true;
    }
    return false;
}

static nu_value shown(void *self)
{
    const nu_value_range *range = self;
    if (range->empty)
        return nu_value_text("empty");
    return nu_value_text(nu_fmt("%c%s, %s%c", range->lower_inc ? '[' : '(', nu_text(range->lower),
                                nu_text(range->upper), range->upper_inc ? ']' : ')'));
}

static bool truth(void *self)
{
    return !((const nu_value_range *)self)->empty;
}

static bool equal(void *self, nu_value other)
{
    const nu_value_range *a = self, *b = nu_range_get(other);
    if (b == NULL || a->empty || b->empty)
        return b != NULL && a->empty == b->empty;
    return a->lower_inc == b->lower_inc && a->upper_inc == b->upper_inc &&
           nu_equal(a->lower, b->lower) && nu_equal(a->upper, b->upper);
}

static const nu_class range_class = {
    .name = "range", .get = get, .text = shown, .truth = truth, .equal = equal, .plain = shown};

const nu_value_range *nu_range_get(nu_value value)
{
    if (value.type != NU_OBJECT)
        return NULL;
    return ((const nu_object *)value.object)->class == &range_class ? value.object : NULL;
}

const nu_value_range *nu_range_empty(void)
{
    static const nu_value_range empty = {.class = &range_class, .empty = true};
    return &empty;
}

/* An open end belongs to no range, as PostgreSQL has it. */
const nu_value_range *nu_range_new_(nu_value lower, nu_value upper, const char *bounds)
{
    if (strlen(bounds) != 2 || strchr("[(", bounds[0]) == NULL || strchr("])", bounds[1]) == NULL)
        nu_raise(NU_VALUE_ERROR, "the bounds of a range are \"[)\", \"[]\", \"(]\" or \"()\"");
    nu_value_range *range = nu_alloc(sizeof *range);
    *range = (nu_value_range){
        .class = &range_class,
        .lower = lower,
        .upper = upper,
        .lower_inc = bounds[0] == '[' && !nu_is_null(lower),
        .upper_inc = bounds[1] == ']' && !nu_is_null(upper),
    };
    return range;
}

static const char *bounds_of(const nu_value_range *range)
{
    static const char *const bounds[2][2] = {{"()", "(]"}, {"[)", "[]"}};
    return bounds[range->lower_inc][range->upper_inc];
}

/* ---- kinds ---------------------------------------------------------------------------------- */

static const nu_field int_item = {.name = "value", .type = &nu_field_int, .null = true},
                      big_int_item = {.name = "value", .type = &nu_field_big_int, .null = true},
                      decimal_item = {.name = "value", .type = &nu_field_decimal, .null = true},
                      date_item = {.name = "value", .type = &nu_field_date, .null = true},
                      datetime_item = {.name = "value", .type = &nu_field_datetime, .null = true};

static const struct kind {
    const nu_field_type *type;
    const char          *sql;
    const nu_field      *item;
} kinds[] = {
    {&nu_field_int_range, "int4range", &int_item},
    {&nu_field_big_int_range, "int8range", &big_int_item},
    {&nu_field_decimal_range, "numrange", &decimal_item},
    {&nu_field_date_range, "daterange", &date_item},
    {&nu_field_datetime_range, "tstzrange", &datetime_item},
};

/* An application's own kind may be based on one of them. */
static const struct kind *kind_of(const nu_field_type *type)
{
    for (; type != NULL; type = type->base) {
        for (size_t i = 0; i < NU_COUNT(kinds); i++) {
            if (kinds[i].type == type)
                return &kinds[i];
        }
    }
    return NULL;
}

const nu_field *nu__range_item(const nu_column *type)
{
    if (type == NULL || type->db_type.type != NU_DB_NATIVE)
        return NULL;
    const struct kind *kind = kind_of(nu__value_field(type)->type);
    return kind != NULL ? kind->item : NULL;
}

const nu_field_type *nu__range_of_item(const nu_column *type)
{
    switch (type->db_type.type) {
    case NU_DB_BIG_INT:
    case NU_DB_BIG_AUTO:
    case NU_DB_POSITIVE_BIG_INT: return &nu_field_big_int_range;
    case NU_DB_FLOAT:
    case NU_DB_DECIMAL: return &nu_field_decimal_range;
    case NU_DB_DATE: return &nu_field_date_range;
    case NU_DB_DATETIME: return &nu_field_datetime_range;
    default: return &nu_field_int_range;
    }
}

static const char *column_type(const nu_field *field, const char *database)
{
    const struct kind *kind = kind_of(field->type);
    return strcmp(database, nu_db_postgres.name) == 0 && kind != NULL ? kind->sql : NULL;
}

/* ---- cleaning ------------------------------------------------------------------------------- */

static bool clean_end(const nu_field *item, nu_value value, nu_value *out)
{
    *out = value;
    return nu_is_null(value) || item->type->clean(item, value, out);
}

static bool clean_ends(const nu_field *item, nu_value lower, nu_value upper, const char *bounds,
                       nu_value *out)
{
    bool known =
        strlen(bounds) == 2 && strchr("[(", bounds[0]) != NULL && strchr("])", bounds[1]) != NULL;
    if (!known || !clean_end(item, lower, &lower) || !clean_end(item, upper, &upper))
        return false;
    *out = nu_value_object(nu_range_new_(lower, upper, bounds));
    return true;
}

/* {"bounds": "[)", "lower": "1", "upper": "5"} or {"empty": true} */
static bool clean_json(const nu_field *item, nu_value text, nu_value *out)
{
    nu_value value;
    if (!nu_json_try(text.text, text.length, &value) || value.type != NU_DICT)
        return false;
    const nu_value *empty = nu_dict_find(value.dict, "empty");
    const nu_value *bounds = nu_dict_find(value.dict, "bounds");
    const nu_value *lower = nu_dict_find(value.dict, "lower");
    const nu_value *upper = nu_dict_find(value.dict, "upper");
    *out = nu_value_object(nu_range_empty());
    if (empty != NULL && nu_truth(*empty))
        return true;
    return clean_ends(item, lower != NULL ? *lower : nu_null(), upper != NULL ? *upper : nu_null(),
                      bounds != NULL ? nu_text(*bounds) : "[)", out);
}

/* One end of PostgreSQL's text, in quotes or without; nothing at all is no end. */
static bool read_end(const char **at, char stop, nu_value *out)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 32);
    bool quoted = **at == '"', any = quoted;
    *at += quoted;
    while (**at != '\0' && (quoted || (**at != stop && **at != ')' && **at != ']'))) {
        bool twice = quoted && **at == '"' && (*at)[1] == '"';
        if (**at == '"' && !twice)
            break;
        *at += twice || (**at == '\\' && (*at)[1] != '\0');
        nu_builder_putc(&text, *(*at)++);
        any = true;
    }
    if (quoted && *(*at)++ != '"')
        return false;
    *out = any ? nu_builder_value(&text) : nu_null();
    return true;
}

/* [1,5) or ["2026-01-01 00:00:00+00",) or empty */
static bool clean_sql(const nu_field *item, nu_value text, nu_value *out)
{
    const char *at = text.text;
    nu_value    lower, upper;
    *out = nu_value_object(nu_range_empty());
    if (strcmp(at, "empty") == 0)
        return true;
    char bounds[3] = {*at, '\0', '\0'};
    if (*at != '[' && *at != '(')
        return false;
    at++;
    if (!read_end(&at, ',', &lower) || *at++ != ',' || !read_end(&at, ')', &upper))
        return false;
    bounds[1] = *at;
    return *at != '\0' && at[1] == '\0' && clean_ends(item, lower, upper, bounds, out);
}

static bool clean(const nu_field *field, nu_value value, nu_value *out)
{
    const nu_field       *item = kind_of(field->type)->item;
    const nu_value_range *range = nu_range_get(value);
    if (range != NULL && range->empty) {
        *out = value;
        return true;
    }
    if (range != NULL)
        return clean_ends(item, range->lower, range->upper, bounds_of(range), out);
    if (value.type == NU_LIST && value.list->count == 2)
        return clean_ends(item, value.list->items[0], value.list->items[1], "[)", out);
    if (value.type != NU_TEXT)
        return false;
    return value.length > 0 && *value.text == '{' ? clean_json(item, value, out)
                                                  : clean_sql(item, value, out);
}

/* ---- to and from the database --------------------------------------------------------------- */

static void put_end(nu_builder *out, nu_value value)
{
    if (nu_is_null(value))
        return;
    nu_builder_putc(out, '"');
    for (const char *at = nu_text(value); *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            nu_builder_putc(out, '\\');
        nu_builder_putc(out, *at);
    }
    nu_builder_putc(out, '"');
}

static nu_value store(const nu_field *field, nu_value value)
{
    (void)field;
    const nu_value_range *range = nu_range_get(value);
    nu_builder            out;
    if (range == NULL)
        return value;
    if (range->empty)
        return nu_value_text("empty");
    nu_builder_init(&out, NULL, 64);
    nu_builder_putc(&out, bounds_of(range)[0]);
    put_end(&out, range->lower);
    nu_builder_putc(&out, ',');
    put_end(&out, range->upper);
    nu_builder_putc(&out, bounds_of(range)[1]);
    return nu_builder_value(&out);
}

static nu_value load(const nu_field *field, nu_value value)
{
    nu_value range;
    if (clean(field, value, &range))
        return range;
    nu_error *error = nu_error_new(NU_DATA_ERROR, "field \"%s\": the database holds \"%s\"",
                                   field->name, nu_text(value));
    error->hint = "Ends before the year 1 or beyond our numbers are no range here.";
    nu_throw(error);
}

const char *nu__range_text(const nu_field *field, const nu_value_range *range)
{
    const nu_field *item = kind_of(field->type)->item;
    nu_dict        *dict = nu_dict_new();
    nu_builder      out;
    if (range->empty) {
        nu_dict_set(dict, "empty", true);
    } else {
        nu_dict_set(dict, "bounds", bounds_of(range));
        nu_dict_put(dict, nu_value_text("lower"), nu__item_text(item, range->lower));
        nu_dict_put(dict, nu_value_text("upper"), nu__item_text(item, range->upper));
    }
    nu_builder_init(&out, NULL, 64);
    nu_json_write(&out, nu_value_dict(dict), &(nu_json_options){.spaced = true, .ascii = true});
    return nu_builder_text(&out);
}

#define RANGE(class)                                                                               \
    {                                                                                              \
        .name = class, .db = NU_DB_NATIVE, .base = &nu__field_range, .clean = clean,               \
        .store = store, .load = load, .column_type = column_type,                                  \
        .expects = "a range, or a list of its two ends"                                            \
    }
const nu_field_type nu__field_range = {.name = "RangeField", .db = NU_DB_NATIVE};
const nu_field_type nu_field_int_range = RANGE("IntegerRangeField");
const nu_field_type nu_field_big_int_range = RANGE("BigIntegerRangeField");
const nu_field_type nu_field_decimal_range = RANGE("DecimalRangeField");
const nu_field_type nu_field_date_range = RANGE("DateRangeField");
const nu_field_type nu_field_datetime_range = RANGE("DateTimeRangeField");
