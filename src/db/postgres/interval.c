/* Intervals as the server writes them: "1 year 2 mons -3 days +04:05:06.789". Results come as text where one
 * of their columns has a type whose binary form is not known. Months are 30 days and years 365, as in
 * the binary form. */
#include <string.h>

#include "db/postgres/internal.h"

/* A number with its sign at *at; false if there is none that 60 bits can hold. */
static bool take_number(const char **at, const char *end, int64_t *number)
{
    bool        negative = *at < end && **at == '-';
    const char *digit = *at + (*at < end && (**at == '-' || **at == '+'));
    if (digit == end || *digit < '0' || *digit > '9')
        return false;
    int64_t value = 0;
    for (; digit < end && *digit >= '0' && *digit <= '9'; digit++) {
        if (value > (INT64_C(1) << 56) / 10)
            return false;
        value = value * 10 + (*digit - '0');
    }
    *number = negative ? -value : value;
    *at = digit;
    return true;
}

/* ":05:06.789" behind hours; `sign` is theirs. */
static bool take_clock(const char **at, const char *end, int sign, int64_t hours, int64_t *us)
{
    int64_t minutes, seconds, fraction = 0, unit = 100000;
    (*at)++;
    if (!take_number(at, end, &minutes) || *at == end || *(*at)++ != ':' ||
        !take_number(at, end, &seconds))
        return false;
    if (*at < end && **at == '.')
        for ((*at)++; *at < end && **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
            fraction += (**at - '0') * unit;
    int64_t whole = (hours < 0 ? -hours : hours) * 3600 + minutes * 60 + seconds;
    return !__builtin_mul_overflow(whole, INT64_C(1000000), us) &&
           !__builtin_add_overflow(*us, fraction, us) &&
           !__builtin_mul_overflow(*us, (int64_t)sign, us);
}

/* Days that a unit has; 0 for an unknown one. "s" may follow. */
static int64_t take_unit(const char **at, const char *end)
{
    static const struct {
        const char *name;
        int64_t     days;
    } units[] = {{"year", 365}, {"mon", 30}, {"day", 1}};
    while (*at < end && **at == ' ')
        (*at)++;
    for (size_t i = 0; i < NU_COUNT(units); i++) {
        size_t length = strlen(units[i].name);
        if ((size_t)(end - *at) >= length && memcmp(*at, units[i].name, length) == 0) {
            *at += length;
            *at += *at < end && **at == 's';
            return units[i].days;
        }
    }
    return 0;
}

bool nu__pg_interval_of_text(const char *text, size_t length, int64_t *us)
{
    const char *at = text, *end = text + length;
    for (*us = 0; at < end;) {
        int     sign = *at == '-' ? -1 : 1;
        int64_t number, part, days;
        if (!take_number(&at, end, &number))
            return false;
        if (at < end && *at == ':') {
            if (!take_clock(&at, end, sign, number, &part))
                return false;
        } else if ((days = take_unit(&at, end)) == 0 ||
                   __builtin_mul_overflow(number, days * NU_DAY, &part)) {
            return false;
        }
        if (__builtin_add_overflow(*us, part, us))
            return false;
        while (at < end && *at == ' ')
            at++;
    }
    return length > 0;
}
