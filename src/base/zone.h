/* What time.c asks of zones and of the calendar. */
#pragma once

#include "nuages/time.h"

typedef struct nu__zone_offset {
    int         seconds; /* east of UTC */
    bool        dst;
    const char *abbreviation;
} nu__zone_offset;

/* What holds in `zone` at that moment. */
nu__zone_offset nu__zone_at(const nu_zone *zone, int64_t unix_seconds);

/* Days from 1970-01-01; any year of the proleptic calendar. The parts are not checked. */
int32_t nu__days_from_civil(int64_t year, int month, int day);

/* The same for parts that may be no date: then false. */
bool nu__date_try_parts(int year, int month, int day, int32_t *days);
