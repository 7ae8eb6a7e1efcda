/* Writing text while rendering: what every other instruction of a program does, so it is inline. */
#pragma once

#include <string.h>

#include "template/program.h"

/* Copies short text without a call: two overlapping words of the largest size that fits. */
static inline void nu__copy(char *to, const char *from, size_t length)
{
    if (length > 16) {
        memcpy(to, from, length);
    } else if (length >= 8) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + length - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + length - 8, &last, 8);
    } else if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + length - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + length - 4, &last, 4);
    } else {
        for (size_t i = 0; i < length; i++)
            to[i] = from[i];
    }
}

/* nu__write, inline where the buffer has room. */
static inline void nu__put(nu_rendering *render, const char *text, size_t length)
{
    nu_builder *out = render->out;
    size_t      end = out->length + length;
    if (NU_UNLIKELY(end >= out->capacity || end > render->limit)) {
        nu__write(render, text, length);
        return;
    }
    nu__copy(out->data + out->length, text, length);
    out->length = end;
}

/* nu__write_value, inline for text. */
static inline void nu__put_value(nu_rendering *render, nu_value value)
{
    if (NU_UNLIKELY(value.type != NU_TEXT))
        nu__write_value(render, value);
    else if (value.flags & NU_SAFE || !render->autoescape)
        nu__put(render, value.text, value.length);
    else if (NU_UNLIKELY(render->out->length + value.length > render->limit))
        nu__write_value(render, value);
    else
        nu__write_escaped(render->out, value.text, value.length);
}
