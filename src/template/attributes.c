#include "template/attributes.h"

#include <string.h>

#include "nuages/text.h"
#include "nuages/unicode.h"

/* An attribute, or a method without arguments. */
typedef struct attribute {
    const char *name;
    nu_value (*get)(nu_value value);
} attribute;

static const attribute *find(const attribute *table, const char *name, size_t length)
{
    for (; table->name; table++) {
        if (strncmp(table->name, name, length) == 0 && table->name[length] == '\0')
            return table;
    }
    return NULL;
}

/* ---- str ----------------------------------------------------------------------------------------- */

static nu_value text_upper(nu_value v)
{
    return nu_value_text(nu_upper(v.text));
}
static nu_value text_lower(nu_value v)
{
    return nu_value_text(nu_lower(v.text));
}
static nu_value text_title(nu_value v)
{
    return nu_value_text(nu_title(v.text));
}

static nu_value text_capitalize(nu_value v)
{
    return nu_value_text(nu_capfirst(nu_lower(v.text)));
}

static bool is_space(char c)
{
    return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
}

static nu_value strip(nu_value v, bool left, bool right)
{
    size_t start = 0, end = v.length;
    while (left && start < end && is_space(v.text[start]))
        start++;
    while (right && end > start && is_space(v.text[end - 1]))
        end--;
    return nu_value_text_copy(v.text + start, end - start);
}
static nu_value text_strip(nu_value v)
{
    return strip(v, true, true);
}
static nu_value text_lstrip(nu_value v)
{
    return strip(v, true, false);
}
static nu_value text_rstrip(nu_value v)
{
    return strip(v, false, true);
}

static nu_value text_isdigit(nu_value v)
{
    const char *p = v.text, *end = p + v.length;
    while (p < end) {
        if (!nu_char_is_digit(nu_utf8_next(&p, end)))
            return nu_value_bool(false);
    }
    return nu_value_bool(v.length > 0);
}

static nu_value text_split(nu_value v)
{
    nu_list    *list = nu_list_new();
    const char *p = v.text, *end = p + v.length;
    for (;;) {
        while (p < end && is_space(*p))
            p++;
        const char *start = p;
        while (p < end && !is_space(*p))
            p++;
        if (p == start)
            return nu_value_list(list);
        nu_list_push(list, nu_value_text_copy(start, (size_t)(p - start)));
    }
}

static nu_value text_splitlines(nu_value v)
{
    nu_list    *list = nu_list_new();
    const char *p = v.text, *end = p + v.length;
    while (p < end) {
        size_t length = 0;
        while (p + length < end && p[length] != '\n' && p[length] != '\r')
            length++;
        nu_list_push(list, nu_value_text_copy(p, length));
        p += length;
        p += p + 1 < end && p[0] == '\r' && p[1] == '\n';
        p++;
    }
    return nu_value_list(list);
}

static const attribute text_attributes[] = {
    {"upper", text_upper},
    {"lower", text_lower},
    {"title", text_title},
    {"capitalize", text_capitalize},
    {"strip", text_strip},
    {"lstrip", text_lstrip},
    {"rstrip", text_rstrip},
    {"split", text_split},
    {"splitlines", text_splitlines},
    {"isdigit", text_isdigit},
    {0},
};

/* ---- dict ---------------------------------------------------------------------------------- */

/* Python's dict_items and its like: they can be walked, counted and shown. */
typedef struct view {
    const nu_class *class;
    const char *name;
    nu_list    *list;
} view;

static bool view_at(void *self, int64_t index, nu_value *out)
{
    return index >= 0 && nu_list_at(((const view *)self)->list, index, out);
}

static int64_t view_count(void *self)
{
    return ((const view *)self)->list->count;
}

static nu_value view_text(void *self)
{
    const view *v = self;
    return nu_value_text(nu_fmt("%s(%s)", v->name, nu_text(nu_repr(nu_value_list(v->list)))));
}

static nu_value view_plain(void *self)
{
    return nu_value_list(((const view *)self)->list);
}

static const nu_class view_class = {.name = "dict_view",
                                    .at = view_at,
                                    .count = view_count,
                                    .text = view_text,
                                    .plain = view_plain};

static nu_value pair(const nu_entry *entry)
{
    nu_value value = nu_value_list(nu_list_of(entry->key, entry->value));
    value.flags |= NU_TUPLE;
    return value;
}
static nu_value key_of(const nu_entry *entry)
{
    return entry->key;
}
static nu_value value_of(const nu_entry *entry)
{
    return entry->value;
}

static nu_value view_of(nu_value dict, const char *name, nu_value (*part)(const nu_entry *entry))
{
    view *v = nu_alloc(sizeof *v);
    *v = (view){.class = &view_class, .name = name, .list = nu_list_new()};
    for (const nu_entry *entry = NULL; (entry = nu_dict_next(dict.dict, entry));)
        nu_list_push(v->list, part(entry));
    return nu_value_object(v);
}

static nu_value dict_items(nu_value v)
{
    return view_of(v, "dict_items", pair);
}
static nu_value dict_keys(nu_value v)
{
    return view_of(v, "dict_keys", key_of);
}
static nu_value dict_values(nu_value v)
{
    return view_of(v, "dict_values", value_of);
}

static const attribute dict_attributes[] = {
    {"items", dict_items}, {"keys", dict_keys}, {"values", dict_values}, {0}};

/* ---- the date family -------------------------------------------------------------------------------- */

/* A moment by its own clock. */
static nu_civil civil_of(nu_value v)
{
    if (v.type == NU_DATE)
        return nu_date_civil(nu_value_as_date(v));
    if (v.type == NU_TIME)
        return nu_time_civil(nu_value_as_time(v));
    nu_datetime moment = nu_value_as_datetime(v);
    moment.us += moment.naive ? 0 : moment.offset * NU_MINUTE;
    return nu_datetime_civil(moment, NULL);
}

static nu_value civil_year(nu_value v)
{
    return nu_value_int(civil_of(v).year);
}
static nu_value civil_month(nu_value v)
{
    return nu_value_int(civil_of(v).month);
}
static nu_value civil_day(nu_value v)
{
    return nu_value_int(civil_of(v).day);
}
static nu_value civil_hour(nu_value v)
{
    return nu_value_int(civil_of(v).hour);
}
static nu_value civil_minute(nu_value v)
{
    return nu_value_int(civil_of(v).minute);
}
static nu_value civil_second(nu_value v)
{
    return nu_value_int(civil_of(v).second);
}
static nu_value civil_us(nu_value v)
{
    return nu_value_int(civil_of(v).us);
}
static nu_value civil_weekday(nu_value v)
{
    return nu_value_int(civil_of(v).weekday);
}
static nu_value civil_isoweekday(nu_value v)
{
    return nu_value_int(civil_of(v).weekday + 1);
}

static nu_value moment_date(nu_value v)
{
    nu_civil civil = civil_of(v);
    return nu_value_date(nu_date_of(civil.year, civil.month, civil.day));
}

static nu_value moment_time(nu_value v)
{
    nu_civil civil = civil_of(v);
    return nu_value_time(nu_time_of(civil.hour, civil.minute, civil.second, civil.us));
}

static nu_value moment_timestamp(nu_value v)
{
    return nu_value_float((double)v.us / 1e6);
}

static nu_value isoformat(nu_value v)
{
    switch (v.type) {
    case NU_DATE: return nu_value_text(nu_date_text(nu_value_as_date(v)));
    case NU_TIME: return nu_value_text(nu_time_text(nu_value_as_time(v)));
    default: return nu_value_text(nu_datetime_text(nu_value_as_datetime(v)));
    }
}

static const attribute date_attributes[] = {
    {"year", civil_year},
    {"month", civil_month},
    {"day", civil_day},
    {"weekday", civil_weekday},
    {"isoweekday", civil_isoweekday},
    {"isoformat", isoformat},
    {0},
};
static const attribute time_attributes[] = {
    {"hour", civil_hour},      {"minute", civil_minute}, {"second", civil_second},
    {"microsecond", civil_us}, {"isoformat", isoformat}, {0},
};
static const attribute moment_attributes[] = {
    {"date", moment_date}, {"time", moment_time}, {"timestamp", moment_timestamp}, {0}};

static int64_t days_of(int64_t us)
{
    return us / NU_DAY - (us % NU_DAY < 0);
}

static nu_value duration_days(nu_value v)
{
    return nu_value_int(days_of(v.us));
}
static nu_value duration_seconds(nu_value v)
{
    return nu_value_int((v.us - days_of(v.us) * NU_DAY) / NU_SECOND);
}
static nu_value duration_us(nu_value v)
{
    return nu_value_int((v.us - days_of(v.us) * NU_DAY) % NU_SECOND);
}
static nu_value duration_total(nu_value v)
{
    return nu_value_float((double)v.us / 1e6);
}

static const attribute duration_attributes[] = {
    {"days", duration_days},
    {"seconds", duration_seconds},
    {"microseconds", duration_us},
    {"total_seconds", duration_total},
    {0},
};

/* ---- numbers ------------------------------------------------------------------------------------------ */

static nu_value itself(nu_value v)
{
    return v.type == NU_BOOL ? nu_value_int(v.boolean) : v;
}
static nu_value zero(nu_value v)
{
    return v.type == NU_FLOAT ? nu_value_float(0) : nu_value_int(0);
}
static nu_value one(nu_value v)
{
    (void)v;
    return nu_value_int(1);
}

static const attribute integer_attributes[] = {
    {"real", itself}, {"imag", zero}, {"numerator", itself}, {"denominator", one}, {0}};
static const attribute float_attributes[] = {{"real", itself}, {"imag", zero}, {0}};

static const attribute        none[] = {{0}};
static const attribute *const tables[][2] = {
    [NU_BOOL] = {integer_attributes, none},
    [NU_INT] = {integer_attributes, none},
    [NU_FLOAT] = {float_attributes, none},
    [NU_TEXT] = {text_attributes, none},
    [NU_DATE] = {date_attributes, none},
    [NU_TIME] = {time_attributes, none},
    [NU_DATETIME] = {date_attributes, time_attributes},
    [NU_DURATION] = {duration_attributes, none},
    [NU_DICT] = {dict_attributes, none},
    [NU_FUNCTION] = {none, none},
};

bool nu__plain_attribute(nu_value value, const char *name, size_t length, nu_value *out)
{
    const attribute *found = NULL;
    if (value.type == NU_DATETIME)
        found = find(moment_attributes, name, length);
    for (size_t i = 0; !found && i < 2 && value.type < NU_COUNT(tables); i++)
        found = tables[value.type][i] ? find(tables[value.type][i], name, length) : NULL;
    if (found)
        *out = found->get(value);
    return found != NULL;
}
