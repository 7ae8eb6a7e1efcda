/* Floats to text and back, independent of the locale. */
#include "base/internal.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t       c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double read_in_c_locale(const char *text)
{
    pthread_once(&once, make_locale);
    return strtod_l(text, NULL, c_locale);
}

double nu__float_read(const char *text, size_t length)
{
    char brief[64];
    if (length < sizeof brief) {
        memcpy(brief, text, length);
        brief[length] = '\0';
        return read_in_c_locale(brief);
    }
    return read_in_c_locale(nu_arena_copy(nu_arena_current(), text, length));
}

/* The shortest significant digits of a finite number above zero and the place of the point:
 * 0.digits × 10^point. */
struct digits {
    char text[18];
    int  count, point;
};

static void digits_set(struct digits *digits, uint64_t whole, int places)
{
    while (whole % 10 == 0) {
        whole /= 10;
        places--;
    }
    digits->count = (int)nu__int_write(digits->text, (int64_t)whole);
    digits->point = digits->count - places;
}

/* Numbers with few decimals, which is most of those that people write. A decimal of at most fifteen
 * digits that reads back as the number is the only such one, and dividing two exact doubles rounds
 * just as reading the text would. */
static bool digits_few(struct digits *digits, double number)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    for (int places = 0; places < (int)NU_COUNT(powers); places++) {
        double scaled = number * powers[places];
        if (scaled >= 1e15)
            return false;
        double whole = nearbyint(scaled);
        if (whole >= 1 && whole / powers[places] == number) {
            digits_set(digits, (uint64_t)whole, places);
            return true;
        }
    }
    return false;
}

/* Steele and White's way: the digits of the fraction one by one, until what is left is less than half the
 * distance to the next double. The number is mantissa / 2^bits; twice that, so that the half is whole too. In
 * this range all fits into 128 bits, and no digit before the point can be the last one. */
static bool digits_exact(struct digits *digits, double number)
{
    int      exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(number, &exponent), 53);
    int      bits = 53 - exponent;
    bool     even_gaps = mantissa != UINT64_C(1) << 52; /* below a power of two they are narrower */
    if (number >= 1e15 || bits > 120 || !even_gaps)
        return false;
    unsigned __int128 unit = (unsigned __int128)1 << (bits + 1);
    unsigned __int128 rest = ((unsigned __int128)mantissa << 1) & (unit - 1), half = 1;
    uint64_t          whole = bits < 64 ? mantissa >> bits : 0;
    bool              closed = mantissa % 2 == 0; /* what lies half-way is read as the even one */
    digits->count = digits->point = whole ? (int)nu__int_write(digits->text, (int64_t)whole) : 0;
    for (;;) {
        rest *= 10;
        half *= 10;
        int digit = (int)(rest >> (bits + 1));
        rest &= unit - 1;
        bool down = closed ? rest <= half : rest < half,
             up = closed ? rest + half >= unit : rest + half > unit;
        if (down && up)
            up = rest * 2 > unit || (rest * 2 == unit && digit % 2 == 1);
        digit += up; /* never 10: the digit before would have been the last */
        if (digit == 0 && digits->count == 0)
            digits->point--;
        else
            digits->text[digits->count++] = (char)('0' + digit);
        if (down || up)
            return true;
    }
}

static void digits_any(struct digits *digits, double number)
{
    /* Fifteen digits always survive, so fewer need not be tried, but for the subnormal numbers. */
    int  precision = number < 2.3e-308 ? 1 : 15;
    char text[40];
    for (;; precision++) {
        snprintf(text, sizeof text, "%.*e", precision - 1, number);
        if (precision > 1)
            text[1] = '.'; /* whatever the locale's sign is */
        if (precision >= 17 || read_in_c_locale(text) == number)
            break;
    }
    digits->point = atoi(strchr(text, 'e') + 1) + 1;
    digits->text[0] = text[0];
    memcpy(digits->text + 1, text + 2, (size_t)precision - 1);
    digits->count = precision;
    while (digits->count > 1 && digits->text[digits->count - 1] == '0')
        digits->count--;
}

static char *put(char *out, const char *bytes, int count)
{
    memcpy(out, bytes, (size_t)count);
    return out + count;
}

static char *put_zeros(char *out, int count)
{
    memset(out, '0', (size_t)count);
    return out + count;
}

static char *put_exponent_form(char *out, const struct digits *digits)
{
    *out++ = digits->text[0];
    if (digits->count > 1) {
        *out++ = '.';
        out = put(out, digits->text + 1, digits->count - 1);
    }
    return out + sprintf(out, "e%+03d", digits->point - 1);
}

static char *put_plain_form(char *out, const struct digits *digits)
{
    if (digits->point <= 0) {
        out = put(out, "0.", 2);
        out = put_zeros(out, -digits->point);
        return put(out, digits->text, digits->count);
    }
    if (digits->point >= digits->count) {
        out = put(out, digits->text, digits->count);
        out = put_zeros(out, digits->point - digits->count);
        return put(out, ".0", 2);
    }
    out = put(out, digits->text, digits->point);
    *out++ = '.';
    return put(out, digits->text + digits->point, digits->count - digits->point);
}

static char *put_positive(char *out, double number)
{
    if (isinf(number))
        return put(out, "inf", 3);
    if (number == 0)
        return put(out, "0.0", 3);
    struct digits digits;
    if (!digits_few(&digits, number) && !digits_exact(&digits, number))
        digits_any(&digits, number);
    bool plain = digits.point > -4 && digits.point <= 16;
    return plain ? put_plain_form(out, &digits) : put_exponent_form(out, &digits);
}

size_t nu__float_write(char *out, double number)
{
    char *at = out;
    if (isnan(number)) {
        at = put(at, "nan", 3);
    } else {
        if (signbit(number))
            *at++ = '-';
        at = put_positive(at, fabs(number));
    }
    *at = '\0';
    return (size_t)(at - out);
}
