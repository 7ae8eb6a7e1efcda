/* Letters and digits of protocols: ASCII, whatever the locale. */
#pragma once

#include "nuages/arena.h"

/* The value of a hexadecimal digit, -1 if it is none. */
static inline int nu__hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline char nu__ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* A copy of `length` bytes in small letters, followed by a NUL. */
static inline char *nu__lower_copy(nu_arena *arena, const char *text, size_t length)
{
    char *copy = nu_arena_copy(arena, text, length);
    for (size_t i = 0; i < length; i++)
        copy[i] = nu__ascii_lower(copy[i]);
    return copy;
}
