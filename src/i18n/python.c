#include "i18n/python.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/text.h"
#include "nuages/unicode.h"

static const char *trim(const char *text, size_t *length)
{
    const char *start = text, *end = text + *length;
    for (const char *at = start; at < end && nu_char_is_space(nu_utf8_next(&at, end));)
        start = at;
    while (end > start) {
        const char *last = end - 1;
        while (last > start && ((uint8_t)*last & 0xc0) == 0x80)
            last--;
        const char *at = last;
        if (!nu_char_is_space(nu_utf8_next(&at, end)))
            break;
        end = last;
    }
    *length = (size_t)(end - start);
    return start;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ASCII digits for those of all scripts. */
static const char *with_plain_digits(const char *text, size_t *length)
{
    const char *at = text, *end = text + *length;
    while (at < end && (uint8_t)*at < 0x80)
        at++;
    if (at == end)
        return text;
    nu_builder out;
    nu_builder_init(&out, NULL, *length + 1);
    for (at = text; at < end;) {
        const char *start = at;
        int         digit = nu_char_digit(nu_utf8_next(&at, end));
        if (digit >= 0)
            nu_builder_putc(&out, (char)('0' + digit));
        else
            nu_builder_add(&out, start, (size_t)(at - start));
    }
    *length = out.length;
    return nu_builder_text(&out);
}

/* The text without the underscores that Python allows between digits; NULL if one stands elsewhere. */
static const char *without_underscores(const char *text, size_t *length)
{
    if (memchr(text, '_', *length) == NULL)
        return text;
    char  *plain = nu_arena_alloc(nu_arena_current(), *length + 1);
    size_t count = 0;
    for (size_t i = 0; i < *length; i++) {
        bool between = i > 0 && i + 1 < *length && is_digit(text[i - 1]) && is_digit(text[i + 1]);
        if (text[i] != '_')
            plain[count++] = text[i];
        else if (!between)
            return NULL;
    }
    plain[count] = '\0';
    *length = count;
    return plain;
}

const char *nu__python_number_text(const char *text, size_t *length)
{
    text = trim(text, length);
    text = with_plain_digits(text, length);
    return without_underscores(text, length);
}

static bool read_int(const char *text, size_t length, __int128 *out)
{
    text = nu__python_number_text(text, &length);
    if (text == NULL || length == 0)
        return false;
    bool   negative = text[0] == '-';
    size_t i = text[0] == '-' || text[0] == '+';
    if (i == length)
        return false;
    __int128 number = 0;
    int      digits = 0;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        digits += number != 0;
        if (digits > 27)
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *out = negative ? -number : number;
    return true;
}

static bool cut_decimal(nu_decimal d, __int128 *out)
{
    d = nu_decimal_round(d, 0, NU_ROUND_DOWN);
    if (d.exponent > 28)
        return false;
    __int128 number = (__int128)d.coefficient;
    for (int32_t i = 0; i < d.exponent; i++)
        if (number > ((__int128)1 << 120) / 10)
            return false;
        else
            number *= 10;
    for (int32_t i = d.exponent; i < 0; i++)
        number /= 10;
    *out = d.negative ? -number : number;
    return true;
}

bool nu__python_int(nu_value value, __int128 *out)
{
    switch (value.type) {
    case NU_BOOL: *out = value.boolean; return true;
    case NU_INT: *out = value.integer; return true;
    case NU_FLOAT:
        if (isinf(value.number))
            nu_raise(NU_VALUE_ERROR, "cannot convert float infinity to integer");
        if (isnan(value.number) || fabs(value.number) >= 1e28)
            return false;
        *out = (__int128)value.number;
        return true;
    case NU_DECIMAL: return cut_decimal(*value.decimal, out);
    case NU_TEXT: return read_int(value.text, value.length, out);
    default: return false;
    }
}

bool nu__python_int64(nu_value value, int64_t *out)
{
    __int128 number;
    if (!nu__python_int(value, &number))
        return false;
    *out = number > INT64_MAX ? INT64_MAX : number < INT64_MIN ? INT64_MIN : (int64_t)number;
    return true;
}

static bool read_float(const char *text, size_t length, double *out)
{
    static const char *const names[] = {"inf", "infinity", "nan"};
    text = nu__python_number_text(text, &length);
    if (text == NULL || length == 0 || length > 400)
        return false;
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    size_t      rest = length - (size_t)(digits - text);
    for (size_t i = 0; i < NU_COUNT(names); i++)
        if (nu_equal_ascii_nocase(digits, rest, names[i], strlen(names[i]))) {
            *out = i == 2 ? NAN : text[0] == '-' ? -INFINITY : INFINITY;
            return true;
        }
    /* strtod() reads more than Python does: hexadecimal digits and a payload of nan. */
    if (rest == 0 || strspn(digits, "0123456789.eE+-") < rest)
        return false;
    const char *copy = nu_arena_copy(nu_arena_current(), text, length);
    char       *end;
    *out = strtod(copy, &end);
    return *end == '\0';
}

bool nu__python_float(nu_value value, double *out)
{
    switch (value.type) {
    case NU_BOOL: *out = value.boolean; return true;
    case NU_INT: *out = (double)value.integer; return true;
    case NU_FLOAT: *out = value.number; return true;
    case NU_DECIMAL: *out = nu_decimal_double(*value.decimal); return true;
    case NU_TEXT: return read_float(value.text, value.length, out);
    default: return false;
    }
}

nu_value nu__python_int_value(__int128 number)
{
    if (number >= INT64_MIN && number <= INT64_MAX)
        return nu_value_int((int64_t)number);
    nu_decimal decimal = {
        .coefficient = (unsigned __int128)(number < 0 ? -number : number),
        .negative = number < 0,
        .set = true,
    };
    return nu_value_decimal(decimal);
}
