#include "nuages/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/internal.h"

/* ---- builder ---------------------------------------------------------------------------------- */

void nu_builder_init(nu_builder *builder, nu_arena *arena, size_t capacity)
{
    *builder = (nu_builder){.arena = arena != NULL ? arena : nu_arena_current()};
    if (capacity > 0) {
        builder->data = nu_arena_alloc(builder->arena, capacity);
        builder->capacity = capacity;
    }
}

static NU_COLD void grow(nu_builder *builder, size_t needed)
{
    size_t capacity = builder->capacity < 32 ? 64 : builder->capacity;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
    builder->data = nu_arena_grow(builder->arena, builder->data, builder->length, capacity);
    builder->capacity = capacity;
}

char *nu_builder_room(nu_builder *builder, size_t extra)
{
    /* One byte more than asked for: nu_builder_text must always find room for its NUL. */
    size_t needed;
    if (__builtin_add_overflow(builder->length + 1, extra, &needed))
        nu__raise_out_of_memory();
    if (NU_UNLIKELY(needed > builder->capacity))
        grow(builder, needed);
    return builder->data + builder->length;
}

void nu_builder_add(nu_builder *builder, const void *bytes, size_t length)
{
    char *at = nu_builder_room(builder, length);
    if (length > 0)
        memcpy(at, bytes, length);
    builder->length += length;
}

void nu_builder_puts(nu_builder *builder, const char *text)
{
    nu_builder_add(builder, text, strlen(text));
}

void nu_builder_putc(nu_builder *builder, char c)
{
    *nu_builder_room(builder, 1) = c;
    builder->length++;
}

void nu_builder_int(nu_builder *builder, int64_t value)
{
    builder->length += nu__int_write(nu_builder_room(builder, 20), value);
}

void nu_builder_printf(nu_builder *builder, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t guess = 64;
    int    length = vsnprintf(nu_builder_room(builder, guess), guess + 1, format, args);
    if (length > (int)guess)
        vsnprintf(nu_builder_room(builder, (size_t)length), (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    builder->length += length > 0 ? (size_t)length : 0;
}

static const char *escape_of(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#x27;";
    default: return NULL;
    }
}

void nu_builder_escape(nu_builder *builder, const char *text, size_t length)
{
    const char *end = text + length, *from = text;
    for (const char *at = text; at < end; at++) {
        const char *escape = escape_of(*at);
        if (escape == NULL)
            continue;
        nu_builder_add(builder, from, (size_t)(at - from));
        nu_builder_puts(builder, escape);
        from = at + 1;
    }
    nu_builder_add(builder, from, (size_t)(end - from));
}

const char *nu_builder_text(nu_builder *builder)
{
    *nu_builder_room(builder, 0) = '\0';
    return builder->data;
}

nu_value nu_builder_value(nu_builder *builder)
{
    return nu_value_text_n(nu_builder_text(builder), builder->length);
}

nu_value nu_escape(const char *text)
{
    nu_builder out;
    size_t     length = strlen(text);
    nu_builder_init(&out, NULL, length + length / 8 + 16);
    nu_builder_escape(&out, text, length);
    nu_value value = nu_builder_value(&out);
    value.flags |= NU_SAFE;
    return value;
}

/* ---- plain helpers ---------------------------------------------------------------------------- */

bool nu_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool nu_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);
    return length >= end && memcmp(text + length - end, suffix, end) == 0;
}

bool nu_equal_ascii_nocase(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length != b_length)
        return false;
    for (size_t i = 0; i < a_length; i++)
        if (nu__ascii_lower(a[i]) != nu__ascii_lower(b[i]))
            return false;
    return true;
}

nu_list *nu_split(const char *text, char separator)
{
    nu_list *parts = nu_list_new();
    if (*text == '\0')
        return parts;
    for (const char *end; (end = strchr(text, separator)) != NULL; text = end + 1)
        nu_list_push(parts, nu_value_text_copy(text, (size_t)(end - text)));
    nu_list_push(parts, nu_value_text_copy(text, strlen(text)));
    return parts;
}

bool nu_parse_int(const char *text, size_t length, int64_t *out)
{
    size_t i = 0;
    bool   negative = length > 0 && text[0] == '-';
    if (length > 0 && (text[0] == '-' || text[0] == '+'))
        i++;
    if (i == length)
        return false;
    int64_t value = 0;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        int digit = text[i] - '0';
        /* Summed up with its sign, as INT64_MIN has no positive twin. */
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}

size_t nu__int_write(char *out, int64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930"
                                "31323334353637383940414243444546474849505152535455565758596061"
                                "62636465666768697071727374757677787980818283848586878889909192"
                                "93949596979899";
    char              digits[20], *at = digits + sizeof digits;
    uint64_t          rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    while (rest >= 100) {
        at -= 2;
        memcpy(at, pairs + rest % 100 * 2, 2);
        rest /= 100;
    }
    if (rest >= 10) {
        at -= 2;
        memcpy(at, pairs + rest * 2, 2);
    } else {
        *--at = (char)('0' + rest);
    }
    if (value < 0)
        *--at = '-';
    size_t length = (size_t)(digits + sizeof digits - at);
    memcpy(out, at, length);
    return length;
}

/* ---- near words ------------------------------------------------------------------------------- */

enum { WORD = 64 };

/* Changes that turn `a` into `b`: letters added, dropped, replaced, or two neighbours swapped. Only
 * the first WORD-1 letters are looked at. Case does not count. */
static int distance(const char *a, const char *b)
{
    int    before[WORD], above[WORD], row[WORD];
    size_t a_length = strnlen(a, WORD - 1), b_length = strnlen(b, WORD - 1);
    for (size_t j = 0; j <= b_length; j++)
        above[j] = (int)j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            char x = nu__ascii_lower(a[i - 1]), y = nu__ascii_lower(b[j - 1]);
            int  best = above[j - 1] + (x != y);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && x == nu__ascii_lower(b[j - 2]) && y == nu__ascii_lower(a[i - 2]))
                best = before[j - 2] + 1 < best ? before[j - 2] + 1 : best;
            row[j] = best;
        }
        memcpy(before, above, sizeof above);
        memcpy(above, row, sizeof row);
    }
    return above[b_length];
}

const char *nu_nearest(const char *word, const char *const *choices)
{
    const char *nearest = NULL;
    int         fewest = (int)strnlen(word, WORD) / 3 + 1;
    for (; *choices != NULL; choices++) {
        size_t length = strlen(word);
        int    changes = distance(word, *choices);
        /* A word cut short is meant more often than one with as many wrong letters. */
        if (length >= 3 && strncasecmp(word, *choices, length) == 0 && changes > 1)
            changes = 1;
        if (changes < fewest || (changes == fewest && nearest == NULL)) {
            fewest = changes;
            nearest = *choices;
        }
    }
    return nearest;
}
