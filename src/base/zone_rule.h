/* The rule of a zone for all time to come, in POSIX's notation: "CET-1CEST,M3.5.0,M10.5.0/3". */
#pragma once

#include "base/zone.h"

typedef struct nu__zone_day {
    enum { NU__DAY_JULIAN, NU__DAY_ZERO, NU__DAY_WEEK } form;
    int day; /* Jn: 1..365, 29 February never counted; n: 0..365; Mm.w.d: weekday, 0 = Sunday */
    int month, week; /* Mm.w.d */
    int seconds;     /* of the day's wall clock; may be negative or beyond the day */
} nu__zone_day;

typedef struct nu__zone_rule {
    nu__zone_offset standard, summer;
    bool            has_summer;
    nu__zone_day    begin, end;
    char            letters[2][8];
} nu__zone_rule;

/* Reads the rule; false if it is none. */
bool nu__zone_rule_try(const char *text, size_t length, nu__zone_rule *out);

/* What holds at that moment. The abbreviation lives as long as the rule. */
nu__zone_offset nu__zone_rule_at(const nu__zone_rule *rule, int64_t unix_seconds);
