#include "template/notation.h"

#include <math.h>
#include <string.h>

#include "nuages/text.h"

static NU_NORETURN void malformed(const char *tag, nu_value json)
{
    nu_raise(NU_VALUE_ERROR, "%s is no value for \"%s\"", nu_text(nu_repr(json)), tag);
}

static nu_list *list_in(const char *tag, nu_value json)
{
    if (json.type != NU_LIST)
        malformed(tag, json);
    return json.list;
}

static nu_list *values_in(const char *tag, nu_value json)
{
    const nu_list *items = list_in(tag, json);
    nu_list       *list = nu_list_new();
    for (uint32_t i = 0; i < items->count; i++)
        nu_list_push(list, nu__notation_value(items->items[i]));
    return list;
}

/* ---- tags ----------------------------------------------------------------------------------------------- */

static nu_value read_safe(const char *tag, nu_value json)
{
    if (json.type != NU_TEXT)
        malformed(tag, json);
    json.flags |= NU_SAFE;
    return json;
}

static nu_value read_tuple(const char *tag, nu_value json)
{
    nu_value tuple = nu_value_list(values_in(tag, json));
    tuple.flags |= NU_TUPLE;
    return tuple;
}

/* Python's set: can be walked and counted, is no list. */
typedef struct set {
    const nu_class *class;
    const nu_list *items;
} set;

static bool set_at(void *self, int64_t index, nu_value *out)
{
    return index >= 0 && nu_list_at(((const set *)self)->items, index, out);
}

static int64_t set_count(void *self)
{
    return ((const set *)self)->items->count;
}

static nu_value set_text(void *self)
{
    const set *s = self;
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    if (s->items->count == 0)
        return nu_value_text("set()");
    for (uint32_t i = 0; i < s->items->count; i++)
        nu_builder_printf(&out, "%s%s", i ? ", " : "{", nu_text(nu_repr(s->items->items[i])));
    nu_builder_putc(&out, '}');
    return nu_builder_value(&out);
}

static const nu_class set_class = {
    .name = "set", .at = set_at, .count = set_count, .text = set_text};

static nu_value read_set(const char *tag, nu_value json)
{
    set *s = nu_alloc(sizeof *s);
    *s = (set){.class = &set_class, .items = values_in(tag, json)};
    return nu_value_object(s);
}

static nu_value read_range(const char *tag, nu_value json)
{
    const nu_list *parts = list_in(tag, json);
    int64_t        part[3];
    for (uint32_t i = 0; i < 3; i++) {
        if (parts->count != 3 || !nu_int_try(parts->items[i], &part[i]))
            malformed(tag, json);
    }
    if (part[2] == 0)
        malformed(tag, json);
    nu_list *list = nu_list_new();
    for (int64_t i = part[0]; part[2] > 0 ? i < part[1] : i > part[1]; i += part[2])
        nu_list_add(list, i);
    return nu_value_list(list);
}

static nu_value read_decimal(const char *tag, nu_value json)
{
    nu_decimal decimal;
    if (json.type != NU_TEXT || !nu_decimal_try(json.text, json.length, &decimal))
        malformed(tag, json);
    return nu_value_decimal(decimal);
}

/* An integer. Beyond the digits of a decimal it is its text, which reads and shows the same. */
static nu_value read_bigint(const char *tag, nu_value json)
{
    nu_decimal decimal;
    if (json.type != NU_TEXT || json.length == 0 || strspn(json.text, "-0123456789") != json.length)
        malformed(tag, json);
    return nu_decimal_try(json.text, json.length, &decimal) ? nu_value_decimal(decimal) : json;
}

static nu_value read_float(const char *tag, nu_value json)
{
    if (json.type == NU_TEXT && strcmp(json.text, "inf") == 0)
        return nu_value_float(INFINITY);
    if (json.type == NU_TEXT && strcmp(json.text, "-inf") == 0)
        return nu_value_float(-INFINITY);
    if (json.type == NU_TEXT && strcmp(json.text, "nan") == 0)
        return nu_value_float(NAN);
    malformed(tag, json);
}

static nu_value read_date(const char *tag, nu_value json)
{
    nu_date date;
    if (json.type != NU_TEXT || !nu_date_try(json.text, json.length, &date))
        malformed(tag, json);
    return nu_value_date(date);
}

static nu_value read_time(const char *tag, nu_value json)
{
    nu_time time;
    if (json.type != NU_TEXT || !nu_time_try(json.text, json.length, &time))
        malformed(tag, json);
    return nu_value_time(time);
}

static nu_value read_datetime(const char *tag, nu_value json)
{
    nu_datetime moment;
    if (json.type != NU_TEXT || !nu_datetime_try(json.text, json.length, &moment))
        malformed(tag, json);
    return nu_value_datetime(moment);
}

static nu_value read_duration(const char *tag, nu_value json)
{
    double seconds;
    if (!nu_float_try(json, &seconds) || fabs(seconds) > 9e12)
        malformed(tag, json);
    return nu_value_duration(nu_duration_of(llround(seconds * 1e6)));
}

static nu_value read_dict(const char *tag, nu_value json)
{
    const nu_list *pairs = list_in(tag, json);
    nu_dict       *dict = nu_dict_new();
    for (uint32_t i = 0; i < pairs->count; i++) {
        const nu_list *pair = list_in(tag, pairs->items[i]);
        if (pair->count != 2)
            malformed(tag, json);
        nu_dict_put(dict, nu__notation_value(pair->items[0]), nu__notation_value(pair->items[1]));
    }
    return nu_value_dict(dict);
}

/* ---- all -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *tag;
    nu_value (*read)(const char *tag, nu_value json);
} readers[] = {
    {"$safe", read_safe},
    {"$tuple", read_tuple},
    {"$set", read_set},
    {"$range", read_range},
    {"$decimal", read_decimal},
    {"$float", read_float},
    {"$bigint", read_bigint},
    {"$date", read_date},
    {"$time", read_time},
    {"$datetime", read_datetime},
    {"$timedelta_s", read_duration},
    {"$dict", read_dict},
};

static nu_value read_object(const nu_dict *json)
{
    const nu_entry *first = nu_dict_next(json, NULL);
    for (size_t i = 0; first && nu_dict_count(json) == 1 && i < NU_COUNT(readers); i++) {
        if (strcmp(first->key.text, readers[i].tag) == 0)
            return readers[i].read(readers[i].tag, first->value);
    }
    nu_dict *dict = nu_dict_new();
    for (const nu_entry *entry = NULL; (entry = nu_dict_next(json, entry));)
        nu_dict_put(dict, entry->key, nu__notation_value(entry->value));
    return nu_value_dict(dict);
}

nu_value nu__notation_value(nu_value json)
{
    nu_check_stack();
    if (json.type == NU_LIST)
        return nu_value_list(values_in("a list", json));
    return json.type == NU_DICT ? read_object(json.dict) : json;
}
