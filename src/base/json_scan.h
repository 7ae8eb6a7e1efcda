/* How far a JSON string goes without anything special, for the writer and the parser. */
#pragma once

#include <string.h>

#include "nuages/defs.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What must not stand in a string as it is: control characters, the quote and the backslash. */
static inline bool nu__json_special(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* True if any of eight bytes is special. A byte without its top bit loses it below zero when 0x20
 * is taken away, or 1 where the pattern made it zero; a borrow from below reaches only bytes above
 * one that is special already. */
static inline bool nu__json_special8(uint64_t bytes)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t       quote = bytes ^ ones * '"', slash = bytes ^ ones * '\\';
    uint64_t       control = (bytes - ones * 0x20) & ~bytes;
    return ((control | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops) != 0;
}

static inline uint64_t nu__load8(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* The number of bytes at `text`, `length` at most, before the first special one. */
static inline size_t nu__json_plain(const char *text, size_t length)
{
    size_t at = 0;
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1f);
    for (; length - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        /* A byte is at most 0x1f if the smaller of the two is the byte itself. */
        __m128i  low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes);
        __m128i  signs = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_or_si128(low, signs));
        if (found != 0)
            return at + (size_t)__builtin_ctz(found);
    }
#endif
    while (length - at >= 8 && !nu__json_special8(nu__load8(text + at)))
        at += 8;
    while (at < length && !nu__json_special((unsigned char)text[at]))
        at++;
    return at;
}

/* Deepest nesting of lists and dicts, written or read. */
enum { NU__JSON_DEPTH = 200 };
