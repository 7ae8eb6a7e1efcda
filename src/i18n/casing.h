/* Upper and title case where one character becomes several. */
#pragma once

#include "nuages/defs.h"

typedef struct nu__casing {
    uint32_t    code;
    const char *upper, *title; /* UTF-8 */
} nu__casing;

/* NULL for a character whose forms are single characters. */
const nu__casing *nu__casing_find(uint32_t code);
