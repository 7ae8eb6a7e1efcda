/* The escape that most bytes of a page pass through. */
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "template/internal.h"

/* What a byte becomes, in a fixed width so that it is written with one store. Length 0: itself. */
static const struct entity {
    char   text[8];
    size_t length;
} entities[256] = {
    ['&'] = {"&amp;", 5},  ['<'] = {"&lt;", 4},    ['>'] = {"&gt;", 4},
    ['"'] = {"&quot;", 6}, ['\''] = {"&#x27;", 6},
};

/* Bytes that may be written beyond the end of what is wanted: a block, or an entity's padding. */
#define SLACK 32

/* copy_plain() copies bytes up to the first that must be escaped and returns how many there were. It may
 * write up to SLACK bytes beyond them, and never reads beyond `length`. */
#ifdef __SSE2__

/* A bit for each byte that must be escaped. */
static inline unsigned special(__m128i bytes)
{
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('&')),
                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\'')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('<')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('>')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    return (unsigned)_mm_movemask_epi8(found);
}

/* Both halves at once; they overlap in the middle, where both say the same. */
static inline size_t copy_8_to_15(char *to, const char *text, size_t length)
{
    int64_t first, last;
    memcpy(&first, text, 8);
    memcpy(&last, text + length - 8, 8);
    memcpy(to, &first, 8);
    memcpy(to + length - 8, &last, 8);
    unsigned found = special(_mm_set_epi64x(last, first));
    if (!found)
        return length;
    unsigned at = (unsigned)__builtin_ctz(found);
    return at < 8 ? at : length - 16 + at;
}

static inline size_t copy_4_to_7(char *to, const char *text, size_t length)
{
    int32_t first, last;
    memcpy(&first, text, 4);
    memcpy(&last, text + length - 4, 4);
    memcpy(to, &first, 4);
    memcpy(to + length - 4, &last, 4);
    unsigned found = special(_mm_set_epi32(0, 0, last, first));
    if (!found)
        return length;
    unsigned at = (unsigned)__builtin_ctz(found);
    return at < 4 ? at : length - 8 + at;
}

static inline size_t copy_plain(char *to, const char *text, size_t length)
{
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), block);
        unsigned found = special(block);
        if (found)
            return i + (size_t)__builtin_ctz(found);
    }
    if (length - i >= 8)
        return i + copy_8_to_15(to + i, text + i, length - i);
    if (length - i >= 4)
        return i + copy_4_to_7(to + i, text + i, length - i);
    for (; i < length && !entities[(unsigned char)text[i]].length; i++)
        to[i] = text[i];
    return i;
}

#else

static inline size_t copy_plain(char *to, const char *text, size_t length)
{
    size_t i = 0;
    for (; i < length && !entities[(unsigned char)text[i]].length; i++)
        to[i] = text[i];
    return i;
}

#endif

void nu__write_escaped(nu_builder *out, const char *text, size_t length)
{
    const char *end = text + length;
    char       *to = nu_builder_room(out, length + SLACK);
    for (;;) {
        size_t plain = copy_plain(to, text, (size_t)(end - text));
        text += plain;
        to += plain;
        if (text == end)
            break;
        const struct entity *entity = &entities[(unsigned char)*text++];
        memcpy(to, entity->text, 8);
        to += entity->length;
        size_t needed = (size_t)(end - text) + SLACK;
        if (NU_UNLIKELY((size_t)(out->data + out->capacity - to) <= needed)) {
            out->length = (size_t)(to - out->data);
            to = nu_builder_room(out, needed);
        }
    }
    out->length = (size_t)(to - out->data);
}

nu_value nu__escaped(nu_value value)
{
    if (value.type != NU_TEXT)
        value = nu_value_str(value);
    if (value.flags & NU_SAFE)
        return value;
    nu_builder out;
    nu_builder_init(&out, NULL, value.length + SLACK);
    nu__write_escaped(&out, value.text, value.length);
    value = nu_builder_value(&out);
    value.flags |= NU_SAFE;
    return value;
}
