/* Bytes and whole numbers as text: hexadecimal, base64, base62, base36. */
#include "nuages/crypto.h"

#include <string.h>

#include "base/ascii.h"

/* ---- hexadecimal ------------------------------------------------------------------------------- */

const char *nu_hex(const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t    *from = bytes;
    char             *text = nu_arena_alloc(nu_arena_current(), length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        text[i * 2] = digits[from[i] >> 4];
        text[i * 2 + 1] = digits[from[i] & 15];
    }
    text[length * 2] = '\0';
    return text;
}

bool nu_hex_decode(const char *text, size_t length, uint8_t **out, size_t *out_length)
{
    if (length % 2 != 0)
        return false;
    uint8_t *bytes = nu_arena_alloc(nu_arena_current(), length / 2 + 1);
    for (size_t i = 0; i < length; i += 2) {
        int high = nu__hex_digit(text[i]), low = nu__hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    bytes[length / 2] = 0;
    *out = bytes;
    *out_length = length / 2;
    return true;
}

/* ---- base64 ------------------------------------------------------------------------------------ */

static const char base64_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const char *nu_base64(const void *bytes, size_t length, nu_base64_form form)
{
    const char    *digits = form == NU_BASE64 ? base64_plain : base64_url;
    const uint8_t *from = bytes;
    char          *text = nu_arena_alloc(nu_arena_current(), (length + 2) / 3 * 4 + 1), *to = text;
    for (size_t i = 0; i < length; i += 3) {
        size_t   rest = length - i;
        uint32_t group = (uint32_t)from[i] << 16;
        group |= rest > 1 ? (uint32_t)from[i + 1] << 8 : 0;
        group |= rest > 2 ? (uint32_t)from[i + 2] : 0;
        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        if (rest > 1)
            *to++ = digits[group >> 6 & 63];
        if (rest > 2)
            *to++ = digits[group & 63];
    }
    while (form == NU_BASE64 && (to - text) % 4 != 0)
        *to++ = '=';
    *to = '\0';
    return text;
}

static int base64_digit(char c, nu_base64_form form)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (form == NU_BASE64 ? '+' : '-'))
        return 62;
    return c == (form == NU_BASE64 ? '/' : '_') ? 63 : -1;
}

/* Length without the padding, or SIZE_MAX if the padding is wrong. */
static size_t base64_unpadded(const char *text, size_t length, nu_base64_form form)
{
    size_t digits = length;
    while (digits > 0 && length - digits < 2 && text[digits - 1] == '=')
        digits--;
    bool padded = digits != length || form == NU_BASE64;
    if ((padded && length % 4 != 0) || digits % 4 == 1)
        return SIZE_MAX;
    return digits;
}

bool nu_base64_decode(const char *text, size_t length, nu_base64_form form, uint8_t **out,
                      size_t *out_length)
{
    size_t digits = base64_unpadded(text, length, form);
    if (digits == SIZE_MAX)
        return false;
    uint8_t *bytes = nu_arena_alloc(nu_arena_current(), digits / 4 * 3 + 3), *to = bytes;
    uint32_t group = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = base64_digit(text[i], form);
        if (digit < 0)
            return false;
        group = group << 6 | (uint32_t)digit;
        if (i % 4 == 3) {
            *to++ = (uint8_t)(group >> 16);
            *to++ = (uint8_t)(group >> 8);
            *to++ = (uint8_t)group;
            group = 0;
        }
    }
    if (digits % 4 == 2) {
        *to++ = (uint8_t)(group >> 4);
    } else if (digits % 4 == 3) {
        *to++ = (uint8_t)(group >> 10);
        *to++ = (uint8_t)(group >> 2);
    }
    *to = 0;
    *out = bytes;
    *out_length = (size_t)(to - bytes);
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------------ */

static const char base62_digits[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char base36_digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static const char *number_text(uint64_t number, bool negative, const char *digits, unsigned base)
{
    char   reversed[66];
    size_t count = 0;
    do {
        reversed[count++] = digits[number % base];
        number /= base;
    } while (number > 0);
    if (negative)
        reversed[count++] = '-';
    char *text = nu_arena_alloc(nu_arena_current(), count + 1);
    for (size_t i = 0; i < count; i++)
        text[i] = reversed[count - 1 - i];
    text[count] = '\0';
    return text;
}

static bool number_decode(const char *text, size_t length, const char *digits, unsigned base,
                          uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;
        if (digit == NULL || __builtin_mul_overflow(number, (uint64_t)base, &number) ||
            __builtin_add_overflow(number, (uint64_t)(digit - digits), &number))
            return false;
    }
    *out = number;
    return true;
}

const char *nu_base62(int64_t number)
{
    uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
    return number_text(size, number < 0, base62_digits, 62);
}

bool nu_base62_decode(const char *text, size_t length, int64_t *out)
{
    bool     negative = length > 0 && text[0] == '-';
    uint64_t size;
    if (length == 0 ||
        !number_decode(text + negative, length - negative, base62_digits, 62, &size) ||
        size > INT64_MAX)
        return false;
    *out = negative ? -(int64_t)size : (int64_t)size;
    return true;
}

const char *nu_base36(uint64_t number)
{
    return number_text(number, false, base36_digits, 36);
}

bool nu_base36_decode(const char *text, size_t length, uint64_t *out)
{
    char lower[13]; /* Django refuses more: 13 digits hold 64 bits */
    if (length == 0 || length > sizeof lower)
        return false;
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
    return number_decode(lower, length, base36_digits, 36, out);
}
