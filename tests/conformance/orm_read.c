/* The notation of arguments as values. */
#include <stdio.h>
#include <string.h>

#include "nuages/text.h"

#include "orm.h"

/* Options that stand beside a tag. */
static const char *const option_names[] = {
    "pk",          "set",          "kw",         "model",    "manager",      "calls",
    "negated",     "output_field", "then",       "default",  "partition_by", "order_by",
    "frame",       "nulls_first",  "nulls_last", "queryset", "to_attr",      "condition",
    "distinct",    "filter",       "sample",     "tzinfo",   "is_dst",       "lookup_name",
    "num_buckets", "function",     "template",   NULL,
};

static bool is_option(const char *key)
{
    for (size_t i = 0; option_names[i] != NULL; i++)
        if (strcmp(option_names[i], key) == 0)
            return true;
    return false;
}

const char *orm_tag(nu_value json)
{
    if (json.type != NU_DICT)
        return NULL;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(json.dict, entry)) != NULL;)
        if (!is_option(entry->key.text))
            return entry->key.text;
    return NULL;
}

/* ---- plain values ---------------------------------------------------------------------------- */

static nu_value bad_value(const char *tag, nu_value text)
{
    nu_raise(NU_VALUE_ERROR, "the case's {\"%s\": %s} cannot be read", tag, nu_repr(text).text);
}

static nu_value read_date(nu_value text)
{
    nu_date date;
    return nu_date_try(text.text, text.length, &date) ? NU_V(date) : bad_value("date", text);
}

static nu_value read_datetime(nu_value text)
{
    nu_datetime moment;
    return nu_datetime_try(text.text, text.length, &moment) ? NU_V(moment)
                                                            : bad_value("datetime", text);
}

static nu_value read_time(nu_value text)
{
    nu_time time;
    return nu_time_try(text.text, text.length, &time) ? NU_V(time) : bad_value("time", text);
}

static nu_value read_duration(nu_value text)
{
    nu_duration duration;
    return nu_duration_try(text.text, text.length, &duration) ? NU_V(duration)
                                                              : bad_value("duration", text);
}

static nu_value read_decimal(nu_value text)
{
    nu_decimal decimal;
    if (nu_decimal_try(text.text, text.length, &decimal))
        return NU_V(decimal);
    nu_raise(NU_VALUE_ERROR, "%s is no decimal", nu_repr(text).text);
}

static nu_value read_uuid(nu_value text)
{
    nu_uuid uuid = {.set = true};
    size_t  at = 0;
    for (const char *c = text.text; *c != '\0' && at < 32; c++) {
        if (*c == '-')
            continue;
        const char *digits = "0123456789abcdef", *digit = strchr(digits, *c | 0x20);
        if (digit == NULL)
            return bad_value("uuid", text);
        uuid.bytes[at / 2] = (uint8_t)(uuid.bytes[at / 2] << 4 | (digit - digits));
        at++;
    }
    return at == 32 ? NU_V(uuid) : bad_value("uuid", text);
}

static nu_value read_bytes(nu_value text)
{
    size_t   length = text.length / 2;
    uint8_t *bytes = nu_alloc(length + 1);
    for (size_t i = 0; i < length; i++) {
        unsigned byte;
        if (sscanf(text.text + 2 * i, "%2x", &byte) != 1)
            return bad_value("bytes", text);
        bytes[i] = (uint8_t)byte;
    }
    return nu_value_bytes(bytes, length);
}

static nu_value read_float(nu_value text)
{
    double number;
    if (text.type == NU_TEXT && strcmp(text.text, "nan") == 0)
        return NU_V(__builtin_nan(""));
    if (text.type == NU_TEXT && strcmp(text.text, "inf") == 0)
        return NU_V(__builtin_inf());
    if (text.type == NU_TEXT && strcmp(text.text, "-inf") == 0)
        return NU_V(-__builtin_inf());
    return nu_float_try(text, &number) ? NU_V(number) : bad_value("float", text);
}

static nu_value read_json(nu_value json)
{
    return json;
}

static nu_value read_zone(nu_value name)
{
    nu_zone_get(nu_text(name)); /* one that does not exist is refused */
    return name;
}

static const struct {
    const char *tag;
    nu_value (*read)(nu_value value);
} plain_tags[] = {
    {"date", read_date},       {"datetime", read_datetime}, {"time", read_time},
    {"decimal", read_decimal}, {"uuid", read_uuid},         {"duration", read_duration},
    {"bytes", read_bytes},     {"float", read_float},       {"json", read_json},
    {"tz", read_zone},
};

/* ---- rows, queries and classes --------------------------------------------------------------- */

/* That row, read beforehand: the case's own statements do not count it. */
static nu_value read_row(nu_dict *object)
{
    const nu_model *model = nu_model_get(nu_text(nu_dict_get(object, "Obj")));
    nu_query       *query = orm_manager(model, NULL).value.object;
    nu_row         *row = nu_get_(query, NU_PAIRS("pk", orm_read(nu_dict_get(object, "pk"))));
    nu_value        set = nu_dict_get(object, "set");
    if (set.type == NU_DICT) {
        nu_dict *refused = NULL;
        orm_assign(row, orm_read_arguments(NU_V(nu_dict_of("kw", set))).keywords, &refused);
        if (refused != NULL)
            nu_raise(NU_VALUE_ERROR, "the row cannot hold what the case assigns");
    }
    return NU_V(row);
}

static nu_value read_new_row(nu_dict *object)
{
    const nu_model *model = nu_model_get(nu_text(nu_dict_get(object, "New")));
    nu_dict        *refused = NULL;
    nu_dict        *attributes =
        orm_read_arguments(NU_V(nu_dict_of("kw", nu_dict_get(object, "kw")))).keywords;
    nu_row *row = orm_new_row(model, attributes, &refused);
    if (refused != NULL)
        nu_raise(NU_VALUE_ERROR, "the row cannot hold what the case assigns");
    return NU_V(row);
}

/* A dict of path, query and to_attr, for prefetch_related only. */
static nu_value read_prefetch(nu_dict *object)
{
    nu_value query = nu_dict_get(object, "queryset");
    if (query.type == NU_DICT && nu_dict_find(query.dict, "Query") != NULL)
        query = nu_dict_get(query.dict, "Query");
    return NU_V(nu_dict_of("path", nu_dict_get(object, "Prefetch"), "query",
                           query.type == NU_DICT ? orm_query_of(query.dict).value : query,
                           "to_attr", nu_dict_get(object, "to_attr")));
}

nu_value orm_read(nu_value json)
{
    if (json.type == NU_LIST) {
        nu_list *list = nu_list_new();
        for (uint32_t i = 0; i < json.list->count; i++)
            nu_list_push(list, orm_read(json.list->items[i]));
        return NU_V(list);
    }
    const char *tag = orm_tag(json);
    if (tag == NULL)
        return json;
    nu_value value = nu_dict_get(json.dict, tag);
    for (size_t i = 0; i < NU_COUNT(plain_tags); i++)
        if (strcmp(plain_tags[i].tag, tag) == 0)
            return plain_tags[i].read(value);
    if (strcmp(tag, "Obj") == 0)
        return read_row(json.dict);
    if (strcmp(tag, "New") == 0)
        return read_new_row(json.dict);
    if (strcmp(tag, "Query") == 0)
        return orm_query_of(value.dict).value;
    if (strcmp(tag, "Class") == 0)
        return value; /* methods that take one look it up by label */
    if (strcmp(tag, "Prefetch") == 0)
        return read_prefetch(json.dict);
    const nu_expression *expression = orm_expression(tag, json.dict);
    if (expression == NULL)
        orm_unsupported("%s", tag);
    return NU_V(expression);
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* Keyword dictionaries of a method whose values are arguments in turn. */
static bool holds_arguments(const char *keyword)
{
    return strcmp(keyword, "defaults") == 0 || strcmp(keyword, "create_defaults") == 0 ||
           strcmp(keyword, "through_defaults") == 0;
}

static nu_dict *read_dict(nu_dict *json)
{
    nu_dict *dict = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(json, entry)) != NULL;) {
        nu_value value = entry->value, inner = nu_null();
        if (value.type == NU_DICT && holds_arguments(entry->key.text))
            inner = nu_dict_find(value.dict, "json") ? nu_dict_get(value.dict, "json") : value;
        nu_dict_put(dict, entry->key,
                    inner.type == NU_DICT ? NU_V(read_dict(inner.dict)) : orm_read(value));
    }
    return dict;
}

orm_arguments orm_read_arguments(nu_value json)
{
    orm_arguments arguments = {
        .list = nu_list_new(), .keywords = nu_dict_new(), .json = nu_list_new()};
    nu_value list = json, keywords = nu_null();
    if (json.type == NU_DICT) {
        list = nu_dict_get(json.dict, "args");
        keywords = nu_dict_get(json.dict, "kw");
    }
    if (list.type == NU_LIST) {
        arguments.list = orm_read(list).list;
        arguments.json = list.list;
    }
    if (keywords.type == NU_DICT)
        arguments.keywords = read_dict(keywords.dict);
    return arguments;
}

nu_pairs orm_pairs(nu_dict *keywords)
{
    nu_pair *items = nu_alloc((nu_dict_count(keywords) + 1) * sizeof *items);
    size_t   count = 0;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(keywords, entry)) != NULL;)
        items[count++] = (nu_pair){entry->key.text, entry->value};
    return (nu_pairs){items, count};
}

nu_pairs orm_read_pairs(nu_dict *keywords)
{
    return orm_pairs(read_dict(keywords));
}

/* ---- fields ---------------------------------------------------------------------------------- */

static const nu_field_type *const field_types[] = {
    &nu_field_auto,
    &nu_field_big_auto,
    &nu_field_small_auto,
    &nu_field_char,
    &nu_field_text,
    &nu_field_slug,
    &nu_field_email,
    &nu_field_url,
    &nu_field_int,
    &nu_field_small_int,
    &nu_field_big_int,
    &nu_field_positive_int,
    &nu_field_positive_small_int,
    &nu_field_positive_big_int,
    &nu_field_float,
    &nu_field_decimal,
    &nu_field_bool,
    &nu_field_date,
    &nu_field_datetime,
    &nu_field_time,
    &nu_field_duration,
    &nu_field_uuid,
    &nu_field_json,
    &nu_field_binary,
    &nu_field_ip,
    &nu_field_file,
    &nu_field_image,
    &nu_field_file_path,
};

nu_field *orm_read_field(nu_value json)
{
    nu_value    options = nu_null();
    const char *name = json.type == NU_TEXT ? json.text : NULL;
    if (json.type == NU_DICT) {
        nu_entry *entry = nu_dict_next(json.dict, NULL);
        name = entry->key.text;
        options = entry->value;
    }
    for (size_t i = 0; i < NU_COUNT(field_types); i++) {
        if (name == NULL || strcmp(field_types[i]->name, name) != 0)
            continue;
        nu_field *field = nu_alloc(sizeof *field);
        field->type = field_types[i];
        if (options.type == NU_DICT) {
            nu_value number = nu_dict_get(options.dict, "max_length");
            field->max_length = number.type == NU_INT ? (int)number.integer : 0;
            number = nu_dict_get(options.dict, "max_digits");
            field->max_digits = number.type == NU_INT ? (int)number.integer : 0;
            number = nu_dict_get(options.dict, "decimal_places");
            field->decimal_places = number.type == NU_INT ? (int)number.integer : 0;
        }
        return field;
    }
    orm_unsupported("field class %s", name ? name : "");
}
