/* Equality and order of values, as in Python. Numbers are compared exactly, whatever their types. */
#include "nuages/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/internal.h"

static int sign_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static bool is_number(nu_value value)
{
    return value.type == NU_BOOL || value.type == NU_INT || value.type == NU_FLOAT ||
           value.type == NU_DECIMAL;
}

static int64_t whole_of(nu_value value)
{
    return value.type == NU_BOOL ? value.boolean : value.integer;
}

/* An int against a float without losing a digit of either. */
static int compare_int_float(int64_t whole, double number)
{
    if (number >= 0x1p63)
        return -1;
    if (number < -0x1p63)
        return 1;
    int64_t truncated = (int64_t)number;
    if (whole != truncated)
        return sign_of(whole, truncated);
    double rest = number - trunc(number);
    return (rest < 0) - (rest > 0);
}

/* A decimal against a finite float: both as digits and the place of the point. Every double is an
 * exact decimal of at most 767 digits, and printf writes them all. */
static int compare_decimal_float(nu_decimal decimal, double number)
{
    bool negative = decimal.negative && decimal.coefficient != 0;
    if (decimal.coefficient == 0 || number == 0 || negative != (number < 0)) {
        int a = decimal.coefficient == 0 ? 0 : negative ? -1 : 1;
        int b = (number > 0) - (number < 0);
        return sign_of(a, b);
    }
    char digits[800], own[40];
    snprintf(digits, sizeof digits, "%.770e", fabs(number));
    int point = (int)strtol(strchr(digits, 'e') + 1, NULL, 10) + 1;
    memmove(digits + 1, digits + 2, 770);
    digits[771] = '\0';

    decimal.negative = false;
    int exponent = decimal.exponent;
    decimal.exponent = 0;
    snprintf(own, sizeof own, "%s", nu_decimal_plain(decimal));
    int own_point = (int)strlen(own) + exponent;

    int order = sign_of(own_point, point);
    if (order == 0) {
        size_t length = strlen(own);
        order = memcmp(own, digits, length);
        if (order == 0 && strspn(digits + length, "0") < 771 - length)
            order = -1;
        order = sign_of(order, 0);
    }
    return negative ? -order : order;
}

static bool compare_with_float(nu_value a, double number, int *out)
{
    if (isnan(number) || (a.type == NU_FLOAT && isnan(a.number)))
        return false;
    if (a.type == NU_FLOAT)
        *out = (a.number > number) - (a.number < number);
    else if (isinf(number))
        *out = number > 0 ? -1 : 1;
    else if (a.type == NU_DECIMAL)
        *out = compare_decimal_float(*a.decimal, number);
    else
        *out = compare_int_float(whole_of(a), number);
    return true;
}

static nu_decimal decimal_of(nu_value value)
{
    return value.type == NU_DECIMAL ? *value.decimal : nu_decimal_of(whole_of(value));
}

static bool compare_numbers(nu_value a, nu_value b, int *out)
{
    if (b.type == NU_FLOAT)
        return compare_with_float(a, b.number, out);
    if (a.type == NU_FLOAT) {
        bool ordered = compare_with_float(b, a.number, out);
        *out = -*out;
        return ordered;
    }
    if (a.type == NU_DECIMAL || b.type == NU_DECIMAL)
        *out = nu_decimal_compare(decimal_of(a), decimal_of(b));
    else
        *out = sign_of(whole_of(a), whole_of(b));
    return true;
}

static int compare_bytes(nu_value a, nu_value b)
{
    size_t both = a.length < b.length ? a.length : b.length;
    /* Bytewise order of UTF-8 is the order of code points. */
    int order = both > 0 ? memcmp(a.text, b.text, both) : 0;
    return order != 0 ? sign_of(order, 0) : sign_of(a.length, b.length);
}

static bool same_sort_of_list(nu_value a, nu_value b)
{
    return ((a.flags ^ b.flags) & NU_TUPLE) == 0;
}

/* The first pair of items that differ decides. */
static bool compare_lists(const nu_list *a, const nu_list *b, int *out)
{
    nu_check_stack();
    for (uint32_t i = 0; i < a->count && i < b->count; i++)
        if (!nu_equal(a->items[i], b->items[i]))
            return nu_compare_try(a->items[i], b->items[i], out);
    *out = sign_of(a->count, b->count);
    return true;
}

bool nu_compare_try(nu_value a, nu_value b, int *out)
{
    if (is_number(a) && is_number(b)) {
        int order = 0;
        if (!compare_numbers(a, b, &order))
            return false;
        *out = order;
        return true;
    }
    if (a.type != b.type)
        return false;
    switch (a.type) {
    case NU_TEXT:
    case NU_BYTES: *out = compare_bytes(a, b); return true;
    case NU_DATE: *out = sign_of(a.days, b.days); return true;
    case NU_DATETIME:
        if ((a.flags ^ b.flags) & NU_NAIVE)
            return false;
        *out = sign_of(a.us, b.us);
        return true;
    case NU_TIME:
    case NU_DURATION: *out = sign_of(a.us, b.us); return true;
    case NU_UUID:
        *out = sign_of(memcmp(a.uuid->bytes, b.uuid->bytes, sizeof a.uuid->bytes), 0);
        return true;
    case NU_LIST: return same_sort_of_list(a, b) && compare_lists(a.list, b.list, out);
    default: return false;
    }
}

static bool equal_lists(const nu_list *a, const nu_list *b)
{
    nu_check_stack();
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!nu_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool equal_dicts(const nu_dict *a, const nu_dict *b)
{
    nu_check_stack();
    if (nu_dict_count(a) != nu_dict_count(b))
        return false;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(a, entry)) != NULL;) {
        const nu_value *other = nu_dict_find_value(b, entry->key);
        if (other == NULL || !nu_equal(entry->value, *other))
            return false;
    }
    return true;
}

static bool equal_by_class(nu_value a, nu_value b)
{
    const nu_class *class = ((const nu_object *)a.object)->class;
    return class->equal != NULL && class->equal(a.object, b);
}

static bool equal_objects(nu_value a, nu_value b)
{
    if (a.type == NU_OBJECT && b.type == NU_OBJECT && a.object == b.object)
        return true;
    return (a.type == NU_OBJECT && equal_by_class(a, b)) ||
           (b.type == NU_OBJECT && equal_by_class(b, a));
}

bool nu_equal(nu_value a, nu_value b)
{
    if (a.type == NU_OBJECT || b.type == NU_OBJECT)
        return equal_objects(a, b);
    if (a.type == b.type) {
        switch (a.type) {
        case NU_NULL: return true;
        case NU_LIST: return same_sort_of_list(a, b) && equal_lists(a.list, b.list);
        case NU_DICT: return equal_dicts(a.dict, b.dict);
        case NU_FUNCTION: return a.function == b.function;
        default: break;
        }
    }
    int order;
    return nu_compare_try(a, b, &order) && order == 0;
}
