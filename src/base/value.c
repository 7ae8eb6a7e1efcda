/* Making values and asking them. compare.c and str.c have the rest. */
#include "nuages/value.h"

#include <math.h>
#include <string.h>

#include "base/internal.h"
#include "nuages/text.h"

/* ---- making ----------------------------------------------------------------------------------- */

nu_value nu_value_unsigned(uint64_t u)
{
    if (u <= INT64_MAX)
        return nu_value_int((int64_t)u);
    return nu_value_decimal((nu_decimal){.coefficient = u, .set = true});
}

static uint32_t length_check(size_t length)
{
    if (length > UINT32_MAX)
        nu_raise(NU_VALUE_ERROR, "a text of %zu bytes is too long for a value", length);
    return (uint32_t)length;
}

nu_value nu_value_text_n(const char *text, size_t length)
{
    return (nu_value){.type = NU_TEXT, .length = length_check(length), .text = text};
}

nu_value nu_value_text(const char *text)
{
    return text != NULL ? nu_value_text_n(text, strlen(text)) : nu_null();
}

nu_value nu_value_text_copy(const char *text, size_t length)
{
    return nu_value_text_n(nu_arena_copy(nu_arena_current(), text, length), length);
}

nu_value nu_value_safe(const char *html)
{
    nu_value value = nu_value_text(html);
    value.flags = NU_SAFE;
    return value;
}

nu_value nu_value_bytes(const void *bytes, size_t length)
{
    return (nu_value){.type = NU_BYTES, .length = length_check(length), .bytes = bytes};
}

nu_value nu_value_decimal(nu_decimal decimal)
{
    if (!decimal.set)
        return nu_null();
    nu_decimal *copy = nu_arena_alloc(nu_arena_current(), sizeof *copy);
    *copy = decimal;
    return (nu_value){.type = NU_DECIMAL, .decimal = copy};
}

nu_value nu_value_date(nu_date date)
{
    return date.set ? (nu_value){.type = NU_DATE, .days = date.days} : nu_null();
}

nu_value nu_value_time(nu_time time)
{
    return time.set ? (nu_value){.type = NU_TIME, .us = time.us} : nu_null();
}

nu_value nu_value_datetime(nu_datetime moment)
{
    if (!moment.set)
        return nu_null();
    return (nu_value){.type = NU_DATETIME,
                      .flags = moment.naive ? NU_NAIVE : 0,
                      .offset = moment.offset,
                      .us = moment.us};
}

nu_value nu_value_duration(nu_duration duration)
{
    return duration.set ? (nu_value){.type = NU_DURATION, .us = duration.us} : nu_null();
}

nu_value nu_value_uuid(nu_uuid uuid)
{
    if (!uuid.set)
        return nu_null();
    nu_uuid *copy = nu_arena_alloc(nu_arena_current(), sizeof *copy);
    *copy = uuid;
    return (nu_value){.type = NU_UUID, .uuid = copy};
}

nu_value nu_value_list(nu_list *list)
{
    return list != NULL ? (nu_value){.type = NU_LIST, .list = list} : nu_null();
}

nu_value nu_value_dict(nu_dict *dict)
{
    return dict != NULL ? (nu_value){.type = NU_DICT, .dict = dict} : nu_null();
}

nu_value nu_value_function(const nu_function *function)
{
    return function != NULL ? (nu_value){.type = NU_FUNCTION, .function = function} : nu_null();
}

nu_value nu_value_texts(const char *const *texts)
{
    if (texts == NULL)
        return nu_null();
    nu_list *list = nu_list_new();
    for (; *texts != NULL; texts++)
        nu_list_push(list, nu_value_text(*texts));
    return nu_value_list(list);
}

nu_value nu_value_object(const void *object)
{
    return object != NULL ? (nu_value){.type = NU_OBJECT, .object = (void *)object} : nu_null();
}

/* ---- asking ----------------------------------------------------------------------------------- */

static const nu_class *class_of(nu_value value)
{
    return ((const nu_object *)value.object)->class;
}

const char *nu_value_type_name(nu_value value)
{
    static const char *const names[] = {
        [NU_NULL] = "null",         [NU_BOOL] = "bool",         [NU_INT] = "int",
        [NU_FLOAT] = "float",       [NU_DECIMAL] = "decimal",   [NU_TEXT] = "text",
        [NU_BYTES] = "bytes",       [NU_DATE] = "date",         [NU_TIME] = "time",
        [NU_DATETIME] = "datetime", [NU_DURATION] = "duration", [NU_UUID] = "uuid",
        [NU_LIST] = "list",         [NU_DICT] = "dict",         [NU_FUNCTION] = "function",
    };
    return value.type == NU_OBJECT ? class_of(value)->name : names[value.type];
}

static bool object_truth(nu_value value)
{
    const nu_class *class = class_of(value);
    if (class->truth != NULL)
        return class->truth(value.object);
    return class->count == NULL || class->count(value.object) != 0;
}

bool nu_truth(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: return false;
    case NU_BOOL: return value.boolean;
    case NU_INT: return value.integer != 0;
    case NU_FLOAT: return value.number != 0;
    case NU_DECIMAL: return value.decimal->coefficient != 0;
    case NU_TEXT:
    case NU_BYTES: return value.length != 0;
    case NU_DURATION: return value.us != 0;
    case NU_LIST: return value.list->count != 0;
    case NU_DICT: return nu_dict_count(value.dict) != 0;
    case NU_OBJECT: return object_truth(value);
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME:
    case NU_UUID:
    case NU_FUNCTION: break;
    }
    return true;
}

/* Spaces around a number do not count, as for Python's int() and float(). */
static nu_value trimmed(nu_value text)
{
    static const char blank[] = " \t\n\v\f\r";
    while (text.length > 0 && strchr(blank, text.text[0]) != NULL && text.text[0] != '\0') {
        text.text++;
        text.length--;
    }
    while (text.length > 0 && text.text[text.length - 1] != '\0' &&
           strchr(blank, text.text[text.length - 1]) != NULL)
        text.length--;
    return text;
}

static bool decimal_whole(nu_decimal decimal, int64_t *out)
{
    if (nu_decimal_compare(decimal, nu_decimal_of(INT64_MIN)) < 0 ||
        nu_decimal_compare(decimal, nu_decimal_of(INT64_MAX)) > 0)
        return false;
    nu_decimal whole = nu_decimal_round(decimal, 0, NU_ROUND_DOWN);
    if (nu_decimal_compare(whole, decimal) != 0)
        return false;
    const char *text = nu_decimal_plain(whole);
    return nu_parse_int(text, strcspn(text, "."), out);
}

bool nu_int_try(nu_value value, int64_t *out)
{
    switch (value.type) {
    case NU_BOOL: *out = value.boolean; return true;
    case NU_INT: *out = value.integer; return true;
    case NU_FLOAT:
        /* 2^63 itself is a float but no int64. */
        if (!(value.number >= -0x1p63 && value.number < 0x1p63) ||
            value.number != trunc(value.number))
            return false;
        *out = (int64_t)value.number;
        return true;
    case NU_DECIMAL: return decimal_whole(*value.decimal, out);
    case NU_TEXT: value = trimmed(value); return nu_parse_int(value.text, value.length, out);
    default: return false;
    }
}

int64_t nu_int(nu_value value)
{
    int64_t whole;
    if (!nu_int_try(value, &whole))
        nu_raise(NU_VALUE_ERROR, "%s is not a whole number", nu_text(nu_repr(value)));
    return whole;
}

static bool float_form(const char *at, size_t length)
{
    const char *end = at + length;
    size_t      digits = 0;
    at += at < end && (*at == '-' || *at == '+');
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        digits++;
    if (at < end && *at == '.')
        at++;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        digits++;
    if (digits == 0)
        return false;
    if (at == end || (*at != 'e' && *at != 'E'))
        return at == end;
    at++;
    at += at < end && (*at == '-' || *at == '+');
    const char *exponent = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at == end && at > exponent;
}

bool nu_float_try(nu_value value, double *out)
{
    switch (value.type) {
    case NU_BOOL: *out = value.boolean; return true;
    case NU_INT: *out = (double)value.integer; return true;
    case NU_FLOAT: *out = value.number; return true;
    case NU_DECIMAL: *out = nu_decimal_double(*value.decimal); return true;
    case NU_TEXT:
        value = trimmed(value);
        if (!float_form(value.text, value.length))
            return false;
        *out = nu__float_read(value.text, value.length);
        return true;
    default: return false;
    }
}

bool nu_decimal_of_value_try(nu_value value, nu_decimal *out)
{
    switch (value.type) {
    case NU_BOOL: *out = nu_decimal_of(value.boolean); return true;
    case NU_INT: *out = nu_decimal_of(value.integer); return true;
    case NU_FLOAT:
        if (!isfinite(value.number))
            return false;
        *out = nu_decimal_from_double(value.number);
        return true;
    case NU_DECIMAL: *out = *value.decimal; return true;
    case NU_TEXT: value = trimmed(value); return nu_decimal_try(value.text, value.length, out);
    default: return false;
    }
}

nu_date nu_value_as_date(nu_value value)
{
    return value.type == NU_DATE ? (nu_date){value.days, true} : (nu_date){0};
}

nu_time nu_value_as_time(nu_value value)
{
    return value.type == NU_TIME ? (nu_time){value.us, true} : (nu_time){0};
}

nu_datetime nu_value_as_datetime(nu_value value)
{
    if (value.type != NU_DATETIME)
        return (nu_datetime){0};
    return (nu_datetime){.us = value.us,
                         .set = true,
                         .naive = (value.flags & NU_NAIVE) != 0,
                         .offset = (int16_t)value.offset};
}

nu_duration nu_value_as_duration(nu_value value)
{
    return value.type == NU_DURATION ? (nu_duration){value.us, true} : (nu_duration){0};
}

/* ---- copying ---------------------------------------------------------------------------------- */

static nu_list *list_copy(nu_arena *arena, const nu_list *list)
{
    nu_list *copy = nu_arena_alloc(arena, sizeof *copy);
    *copy = (nu_list){.arena = arena, .count = list->count, .capacity = list->count};
    copy->items = nu_arena_alloc(arena, list->count * sizeof *copy->items);
    for (uint32_t i = 0; i < list->count; i++)
        copy->items[i] = nu_value_copy(arena, list->items[i]);
    return copy;
}

static nu_dict *dict_copy(nu_arena *arena, const nu_dict *dict)
{
    /* A copy that runs out of memory leaves by a jump, which also restores the current arena. */
    nu_arena *before = nu_arena_enter(arena);
    nu_dict  *copy = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;)
        nu_dict_put(copy, nu_value_copy(arena, entry->key), nu_value_copy(arena, entry->value));
    nu_arena_enter(before);
    return copy;
}

nu_value nu_value_copy(nu_arena *arena, nu_value value)
{
    switch (value.type) {
    case NU_TEXT:
    case NU_BYTES: value.text = nu_arena_copy(arena, value.text, value.length); break;
    case NU_DECIMAL: {
        nu_decimal *copy = nu_arena_alloc(arena, sizeof *copy);
        *copy = *value.decimal;
        value.decimal = copy;
        break;
    }
    case NU_UUID: {
        nu_uuid *copy = nu_arena_alloc(arena, sizeof *copy);
        *copy = *value.uuid;
        value.uuid = copy;
        break;
    }
    case NU_LIST:
        nu_check_stack();
        value.list = list_copy(arena, value.list);
        break;
    case NU_DICT:
        nu_check_stack();
        value.dict = dict_copy(arena, value.dict);
        break;
    default: break;
    }
    return value;
}
