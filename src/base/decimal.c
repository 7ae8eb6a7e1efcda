/* Decimal arithmetic to 28 digits. A sum or product is first made exactly, as a pair of numbers in
 * base 10^28, and then rounded once. */
#include "nuages/decimal.h"

#include <stdio.h>
#include <string.h>

#include "base/internal.h"

typedef unsigned __int128 digits;

enum {
    PRECISION = 28,
    /* Of a number's first digit. Python goes to a million, but a text of that length is of no use
     * and a client could ask for it with nine letters. */
    EXPONENT_LIMIT = 6144,
};

/* high × 10^28 + low, low < 10^28. High may have up to 38 digits. */
struct wide {
    digits high, low;
};

static digits power(int exponent)
{
    static const uint64_t small[] = {
        1,
        10,
        100,
        1000,
        10000,
        100000,
        1000000,
        10000000,
        100000000,
        1000000000,
        10000000000,
        100000000000,
        1000000000000,
        10000000000000,
        100000000000000,
        1000000000000000,
        10000000000000000,
        100000000000000000,
        1000000000000000000,
        10000000000000000000u,
    };
    return exponent < 20 ? small[exponent] : (digits)small[exponent - 19] * small[19];
}

static int digit_count(digits number)
{
    int count = 0;
    while (count < 38 && number >= power(count))
        count++;
    return count;
}

/* ---- rounding --------------------------------------------------------------------------------- */

/* Whether a number whose dropped part compares to a half as `half` says (-1, 0, 1) and is not zero
 * if `rest` moves away from zero. */
static bool rounds_up(nu_rounding rounding, bool odd, int half, bool rest)
{
    switch (rounding) {
    case NU_ROUND_HALF_EVEN: return half > 0 || (half == 0 && odd);
    case NU_ROUND_HALF_UP: return half >= 0;
    case NU_ROUND_DOWN: return false;
    case NU_ROUND_UP: return rest;
    }
    return false;
}

static int order(digits a, digits b)
{
    return (a > b) - (a < b);
}

/* number / 10^drop, rounded; drop is 1 … 38. */
static digits drop_digits(digits number, int drop, nu_rounding rounding)
{
    digits unit = power(drop), whole = number / unit, rest = number % unit;
    return whole + rounds_up(rounding, whole & 1, order(rest, unit / 2), rest != 0);
}

/* The same for a wide number, half to even. The result has PRECISION digits or, rounded up to a
 * power of ten, one more. */
static digits drop_wide(struct wide number, int drop)
{
    digits whole, rest_high = 0, rest_low, half_high = 0, half_low = 0;
    if (drop <= PRECISION) {
        whole = number.high * power(PRECISION - drop) + number.low / power(drop);
        rest_low = number.low % power(drop);
        half_low = power(drop) / 2;
    } else {
        digits unit = power(drop - PRECISION);
        whole = number.high / unit;
        rest_high = number.high % unit;
        rest_low = number.low;
        half_high = unit / 2;
    }
    int half = order(rest_high, half_high);
    half = half != 0 ? half : order(rest_low, half_low);
    return whole + rounds_up(NU_ROUND_HALF_EVEN, whole & 1, half, true);
}

static nu_decimal make(digits coefficient, int64_t exponent, bool negative)
{
    if (coefficient == power(PRECISION)) {
        coefficient /= 10;
        exponent++;
    }
    if (coefficient != 0 && exponent + digit_count(coefficient) - 1 > EXPONENT_LIMIT)
        nu_raise(NU_VALUE_ERROR, "decimal is too large");
    if (exponent < -EXPONENT_LIMIT) {
        int64_t drop = -EXPONENT_LIMIT - exponent;
        coefficient =
            drop > PRECISION ? 0 : drop_digits(coefficient, (int)drop, NU_ROUND_HALF_EVEN);
        exponent = -EXPONENT_LIMIT;
    }
    if (exponent > EXPONENT_LIMIT)
        exponent = EXPONENT_LIMIT;
    return (nu_decimal){coefficient, (int32_t)exponent, negative, true};
}

static nu_decimal make_wide(struct wide number, int64_t exponent, bool negative)
{
    int count = number.high != 0 ? PRECISION + digit_count(number.high) : digit_count(number.low);
    int drop = count - PRECISION;
    if (drop <= 0)
        return make(number.low, exponent, negative);
    return make(drop_wide(number, drop), exponent + drop, negative);
}

nu_decimal nu_decimal_round(nu_decimal value, int places, nu_rounding rounding)
{
    int64_t drop = -(int64_t)places - value.exponent;
    if (drop <= 0) {
        if (value.coefficient != 0 && digit_count(value.coefficient) - drop > PRECISION)
            nu_raise(NU_VALUE_ERROR, "decimal %s has too many digits for %d places",
                     nu_decimal_text(value), places);
        return make(value.coefficient == 0 ? 0 : value.coefficient * power((int)-drop), -places,
                    value.negative);
    }
    /* Beyond all digits only the question remains whether there is any. */
    if (drop > PRECISION + 1)
        drop = PRECISION + 1;
    return make(drop_digits(value.coefficient, (int)drop, rounding), -places, value.negative);
}

/* ---- from and to other numbers ---------------------------------------------------------------- */

nu_decimal nu_decimal_of(int64_t value)
{
    digits coefficient = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return (nu_decimal){coefficient, 0, value < 0, true};
}

nu_decimal nu_decimal_from_double(double value)
{
    char       text[NU__FLOAT_SIZE];
    size_t     length = nu__float_write(text, value);
    nu_decimal decimal;
    if (!nu_decimal_try(text, length, &decimal))
        nu_raise(NU_VALUE_ERROR, "%s is no decimal", text);
    return decimal;
}

/* The part after "e": sign and digits. Values beyond any limit stay beyond it. */
static bool read_exponent(const char *at, const char *end, int64_t *out)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int64_t value = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (value < 1000000)
            value = value * 10 + (*at - '0');
    }
    *out = negative ? -value : value;
    return true;
}

bool nu_decimal_try(const char *text, size_t length, nu_decimal *out)
{
    const char *at = text, *end = text + length;
    bool        negative = at < end && *at == '-', point = false, any = false;
    digits      coefficient = 0;
    int64_t     exponent = 0, shift = 0;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end && (*at == '.' || (*at >= '0' && *at <= '9')); at++) {
        if (*at == '.') {
            if (point)
                return false;
            point = true;
            continue;
        }
        coefficient = coefficient * 10 + (unsigned)(*at - '0');
        if (coefficient >= power(PRECISION))
            return false;
        any = true;
        shift -= point;
    }
    if (!any)
        return false;
    if (at < end && ((*at | 0x20) != 'e' || !read_exponent(at + 1, end, &exponent)))
        return false;
    exponent += shift;
    int64_t first = exponent + (coefficient != 0 ? digit_count(coefficient) - 1 : 0);
    if (first > EXPONENT_LIMIT || exponent < -EXPONENT_LIMIT)
        return false;
    *out = (nu_decimal){coefficient, (int32_t)exponent, negative, true};
    return true;
}

nu_decimal nu_decimal_get(const char *text)
{
    nu_decimal decimal;
    if (!nu_decimal_try(text, strlen(text), &decimal))
        nu_raise(NU_VALUE_ERROR, "\"%s\" is no decimal", text);
    return decimal;
}

/* Writes the coefficient's digits ("0" for zero); returns how many. */
static int write_digits(char out[40], digits number)
{
    char *at = out + 40;
    do {
        *--at = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number != 0);
    int count = (int)(out + 40 - at);
    memmove(out, at, (size_t)count);
    return count;
}

/* Digits with the point after the first `point` of them, filled up with zeros on either side. */
static void add_pointed(nu_builder *out, const char *text, int count, int point)
{
    if (point <= 0)
        nu_builder_putc(out, '0');
    for (int i = 0; i < point; i++)
        nu_builder_putc(out, i < count ? text[i] : '0');
    if (point >= count)
        return;
    nu_builder_putc(out, '.');
    for (int i = point; i < count; i++)
        nu_builder_putc(out, i < 0 ? '0' : text[i]);
}

const char *nu_decimal_plain(nu_decimal value)
{
    char       text[40];
    int        count = write_digits(text, value.coefficient);
    nu_builder out;
    nu_builder_init(&out, NULL, 48);
    if (value.negative)
        nu_builder_putc(&out, '-');
    int exponent = value.coefficient == 0 && value.exponent > 0 ? 0 : value.exponent;
    add_pointed(&out, text, count, count + exponent);
    return nu_builder_text(&out);
}

const char *nu_decimal_text(nu_decimal value)
{
    char text[40];
    int  count = write_digits(text, value.coefficient);
    int  first = value.exponent + count - 1;
    if (value.exponent <= 0 && first >= -6)
        return nu_decimal_plain(value);
    nu_builder out;
    nu_builder_init(&out, NULL, 48);
    if (value.negative)
        nu_builder_putc(&out, '-');
    add_pointed(&out, text, count, 1);
    nu_builder_printf(&out, "E%+d", first);
    return nu_builder_text(&out);
}

double nu_decimal_double(nu_decimal value)
{
    char digit_text[40], text[64];
    int  count = write_digits(digit_text, value.coefficient);
    int  length = snprintf(text, sizeof text, "%s%.*se%d", value.negative ? "-" : "", count,
                           digit_text, (int)value.exponent);
    return nu__float_read(text, (size_t)length);
}

/* ---- arithmetic ------------------------------------------------------------------------------- */

/* number × 10^shift, shift at most 31 and number below 10^28 */
static struct wide shifted(digits number, int shift)
{
    if (shift > PRECISION) {
        struct wide part = shifted(number, PRECISION);
        return (struct wide){part.high * power(shift - PRECISION), 0};
    }
    digits unit = power(PRECISION - shift);
    return (struct wide){number / unit, number % unit * power(shift)};
}

static struct wide wide_add(struct wide a, struct wide b)
{
    digits low = a.low + b.low, carry = low >= power(PRECISION);
    return (struct wide){a.high + b.high + carry, carry ? low - power(PRECISION) : low};
}

/* a - b, where a >= b */
static struct wide wide_subtract(struct wide a, struct wide b)
{
    bool borrow = a.low < b.low;
    return (struct wide){a.high - b.high - borrow, a.low + (borrow ? power(PRECISION) : 0) - b.low};
}

static int wide_order(struct wide a, struct wide b)
{
    return a.high != b.high ? order(a.high, b.high) : order(a.low, b.low);
}

/* Brings two numbers, `a` with the larger exponent, to one exponent, at most 31 apart. If they are
 * further apart, `b` lies wholly below a ten-thousandth of a's 28th digit, where all that counts is
 * that it is not zero. */
static void approach(nu_decimal *a, nu_decimal *b)
{
    enum { APART = 31 };
    if (a->coefficient == 0) {
        a->exponent = b->exponent;
        return;
    }
    if (a->exponent - b->exponent <= PRECISION)
        return;
    int room = PRECISION - digit_count(a->coefficient);
    if (room > a->exponent - b->exponent)
        room = a->exponent - b->exponent;
    a->coefficient *= power(room);
    a->exponent -= room;
    if (a->exponent - b->exponent > APART) {
        b->coefficient = b->coefficient != 0;
        b->exponent = a->exponent - APART;
    }
}

nu_decimal nu_decimal_add(nu_decimal a, nu_decimal b)
{
    if (a.exponent < b.exponent) {
        nu_decimal swap = a;
        a = b;
        b = swap;
    }
    approach(&a, &b);
    struct wide x = shifted(a.coefficient, a.exponent - b.exponent), y = {0, b.coefficient};
    if (a.negative == b.negative)
        return make_wide(wide_add(x, y), b.exponent, a.negative);
    int larger = wide_order(x, y);
    if (larger == 0)
        return make(0, b.exponent, false);
    return larger > 0 ? make_wide(wide_subtract(x, y), b.exponent, a.negative)
                      : make_wide(wide_subtract(y, x), b.exponent, b.negative);
}

nu_decimal nu_decimal_subtract(nu_decimal a, nu_decimal b)
{
    b.negative = !b.negative;
    return nu_decimal_add(a, b);
}

nu_decimal nu_decimal_multiply(nu_decimal a, nu_decimal b)
{
    /* By halves of fourteen digits: each partial product has at most 28. */
    enum { HALF = PRECISION / 2 };
    digits      unit = power(HALF);
    digits      a1 = a.coefficient / unit, a0 = a.coefficient % unit;
    digits      b1 = b.coefficient / unit, b0 = b.coefficient % unit;
    digits      middle = a1 * b0 + a0 * b1;
    struct wide low = {0, a0 * b0}, high = {a1 * b1 + middle / unit, middle % unit * unit};
    return make_wide(wide_add(high, low), (int64_t)a.exponent + b.exponent,
                     a.negative != b.negative);
}

nu_decimal nu_decimal_divide(nu_decimal a, nu_decimal b)
{
    if (b.coefficient == 0)
        nu_raise(NU_VALUE_ERROR, "division of a decimal by zero");
    bool    negative = a.negative != b.negative;
    int64_t exponent = (int64_t)a.exponent - b.exponent, ideal = exponent;
    if (a.coefficient == 0)
        return make(0, exponent, negative);
    /* As by hand, until there are two digits more than we keep or nothing is left. */
    digits quotient = a.coefficient / b.coefficient, rest = a.coefficient % b.coefficient;
    while (rest != 0 && quotient < power(PRECISION + 1)) {
        quotient = quotient * 10 + rest * 10 / b.coefficient;
        rest = rest * 10 % b.coefficient;
        exponent--;
    }
    /* A rest makes a last 0 or 5 a little more than that, so that no false half is seen. */
    if (rest != 0 && quotient % 5 == 0)
        quotient++;
    while (rest == 0 && exponent < ideal && quotient % 10 == 0) {
        quotient /= 10;
        exponent++;
    }
    return make_wide((struct wide){quotient / power(PRECISION), quotient % power(PRECISION)},
                     exponent, negative);
}

static int compare_sizes(nu_decimal a, nu_decimal b)
{
    if (a.coefficient == 0 || b.coefficient == 0)
        return order(a.coefficient, b.coefficient);
    int     a_count = digit_count(a.coefficient), b_count = digit_count(b.coefficient);
    int64_t a_first = (int64_t)a.exponent + a_count, b_first = (int64_t)b.exponent + b_count;
    if (a_first != b_first)
        return a_first < b_first ? -1 : 1;
    int count = a_count > b_count ? a_count : b_count;
    return order(a.coefficient * power(count - a_count), b.coefficient * power(count - b_count));
}

int nu_decimal_compare(nu_decimal a, nu_decimal b)
{
    bool a_negative = a.negative && a.coefficient != 0,
         b_negative = b.negative && b.coefficient != 0;
    if (a_negative != b_negative)
        return a_negative ? -1 : 1;
    return a_negative ? compare_sizes(b, a) : compare_sizes(a, b);
}
