/* Filters that count and measure. */
#include <string.h>

#include "template/filters/filters.h"
#include "template/filters/floatformat.h"

/* ---- add -------------------------------------------------------------------------------------- */

static nu_value add_texts(nu_value a, nu_value b)
{
    nu_builder out;
    nu_builder_init(&out, NULL, a.length + b.length + 1);
    nu_builder_add(&out, a.text, a.length);
    nu_builder_add(&out, b.text, b.length);
    nu_value sum = nu_builder_value(&out);
    sum.flags = a.flags & b.flags;
    return sum;
}

static nu_value add_lists(nu_value a, nu_value b)
{
    if (((a.flags ^ b.flags) & NU_TUPLE) != 0)
        return nu__empty();
    nu_list *list = nu_list_new();
    for (uint32_t i = 0; i < a.list->count; i++)
        nu_list_push(list, a.list->items[i]);
    for (uint32_t i = 0; i < b.list->count; i++)
        nu_list_push(list, b.list->items[i]);
    nu_value sum = nu_value_list(list);
    sum.flags = a.flags & b.flags;
    return sum;
}

/* A moment later, or nothing where the calendar ends. */
static nu_value add_duration(nu_value moment, nu_duration duration)
{
    const int64_t first = -62135596800 * NU_SECOND, last = 253402300799 * NU_SECOND + NU_SECOND - 1;
    if (moment.type == NU_DATE) {
        /* Python rounds the days of a duration down. */
        int64_t days = duration.us / NU_DAY - (duration.us % NU_DAY < 0);
        int64_t sum = moment.days + days;
        if (sum < first / NU_DAY || sum > last / NU_DAY)
            return nu__empty();
        moment.days = (int32_t)sum;
        return moment;
    }
    int64_t sum;
    if (__builtin_add_overflow(moment.us, duration.us, &sum) ||
        (moment.type == NU_DATETIME && (sum < first || sum > last)))
        return nu__empty();
    moment.us = sum;
    return moment;
}

/* Python's + for what is no number. */
static nu_value add_others(nu_value a, nu_value b)
{
    if (a.type == NU_TEXT && b.type == NU_TEXT)
        return add_texts(a, b);
    if (a.type == NU_LIST && b.type == NU_LIST)
        return add_lists(a, b);
    bool can_move = a.type == NU_DATE || a.type == NU_DATETIME || a.type == NU_DURATION;
    if (can_move && b.type == NU_DURATION)
        return add_duration(a, nu_value_as_duration(b));
    if (a.type == NU_DURATION && (b.type == NU_DATE || b.type == NU_DATETIME))
        return add_duration(b, nu_value_as_duration(a));
    return nu__empty();
}

static nu_value filter_add(const nu_filter_call *call)
{
    __int128 a, b, sum;
    if (nu__python_int(call->input, &a) && nu__python_int(call->arg, &b) &&
        !__builtin_add_overflow(a, b, &sum))
        return nu__python_int_value(sum);
    return add_others(call->input, call->arg);
}

/* ---- digits and sizes ------------------------------------------------------------------------- */

static bool reads_as_int(nu_value value, __int128 *out)
{
    if (nu__python_int(value, out))
        return true;
    if (value.type != NU_TEXT)
        nu_raise(NU_VALUE_ERROR, "get_digit needs whole numbers, not %s", nu__python_type(value));
    return false;
}

static nu_value filter_get_digit(const nu_filter_call *call)
{
    __int128 which, number;
    if (!reads_as_int(call->arg, &which) || !reads_as_int(call->input, &number))
        return call->input;
    if (which < 1)
        return nu__python_int_value(number);
    nu_value digits = nu_value_str(nu__python_int_value(number));
    if (which > digits.length)
        return nu_value_int(0);
    char digit = digits.text[digits.length - (size_t)which];
    if (digit == '-')
        nu_raise(NU_VALUE_ERROR, "\"-\" is no digit");
    return nu_value_int(digit - '0');
}

static nu_value filter_filesizeformat(const nu_filter_call *call)
{
    return nu_value_text(nu_filesize_format(call->input));
}

const nu_template_filter nu__filters_numbers[] = {
    {"add", filter_add, NU_FILTER_ARG},
    {"filesizeformat", filter_filesizeformat, NU_FILTER_SAFE},
    {"floatformat", nu__floatformat, NU_FILTER_SAFE | NU_FILTER_ARG_OPTIONAL},
    {"get_digit", filter_get_digit, NU_FILTER_ARG},
    {0},
};
