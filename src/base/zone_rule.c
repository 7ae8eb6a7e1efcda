#include "base/zone_rule.h"

#include <string.h>

enum { DAY = 86400 };

/* ---- reading ---------------------------------------------------------------------------------- */

struct scan {
    const char *at, *end;
};

static bool take(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static bool take_number(struct scan *scan, int most, int *out)
{
    const char *start = scan->at;
    *out = 0;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && *out <= most)
        *out = *out * 10 + (*scan->at++ - '0');
    return scan->at > start && *out <= most;
}

/* Letters, or any sign between < and >. */
static bool take_name(struct scan *scan, char out[8])
{
    bool   quoted = take(scan, '<');
    size_t length = 0;
    for (; scan->at < scan->end; scan->at++) {
        char c = *scan->at;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (quoted ? c == '>' : !letter)
            break;
        if (length == 7)
            return false;
        out[length++] = c;
    }
    out[length] = '\0';
    return length >= 3 && (!quoted || take(scan, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_clock(struct scan *scan, int *seconds)
{
    int  hours, minutes = 0, rest = 0;
    bool negative = take(scan, '-');
    if (!negative)
        take(scan, '+');
    if (!take_number(scan, 167, &hours) || (take(scan, ':') && !take_number(scan, 59, &minutes)) ||
        (take(scan, ':') && !take_number(scan, 59, &rest)))
        return false;
    *seconds = hours * 3600 + minutes * 60 + rest;
    *seconds = negative ? -*seconds : *seconds;
    return true;
}

static bool take_day(struct scan *scan, nu__zone_day *day)
{
    *day = (nu__zone_day){.form = NU__DAY_ZERO, .seconds = 2 * 3600};
    bool fits;
    if (take(scan, 'M')) {
        day->form = NU__DAY_WEEK;
        fits = take_number(scan, 12, &day->month) && day->month >= 1 && take(scan, '.') &&
               take_number(scan, 5, &day->week) && day->week >= 1 && take(scan, '.') &&
               take_number(scan, 6, &day->day);
    } else if (take(scan, 'J')) {
        day->form = NU__DAY_JULIAN;
        fits = take_number(scan, 365, &day->day) && day->day >= 1;
    } else {
        fits = take_number(scan, 365, &day->day);
    }
    return fits && (!take(scan, '/') || take_clock(scan, &day->seconds));
}

bool nu__zone_rule_try(const char *text, size_t length, nu__zone_rule *out)
{
    struct scan   scan = {text, text + length};
    nu__zone_rule rule = {0};
    int           west;
    if (!take_name(&scan, rule.letters[0]) || !take_clock(&scan, &west))
        return false;
    /* POSIX counts hours west of Greenwich. */
    rule.standard.seconds = -west;
    if (scan.at < scan.end) {
        rule.has_summer = true;
        rule.summer = (nu__zone_offset){.seconds = 3600 - west, .dst = true};
        if (!take_name(&scan, rule.letters[1]))
            return false;
        if (scan.at < scan.end && *scan.at != ',') {
            if (!take_clock(&scan, &west))
                return false;
            rule.summer.seconds = -west;
        }
        if (!take(&scan, ',') || !take_day(&scan, &rule.begin) || !take(&scan, ',') ||
            !take_day(&scan, &rule.end))
            return false;
    }
    *out = rule;
    return scan.at == scan.end;
}

/* ---- look-up ---------------------------------------------------------------------------------- */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970 of the week-th such weekday of the month; the fifth is the last. */
static int64_t weekday_in_month(int year, const nu__zone_day *day)
{
    int64_t first = nu__days_from_civil(year, day->month, 1);
    int64_t next = day->month == 12 ? nu__days_from_civil(year + 1, 1, 1)
                                    : nu__days_from_civil(year, day->month + 1, 1);
    int     weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    int64_t found = first + (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
    return found < next ? found : found - 7;
}

/* The wall clock of the day on which the rule changes, as if it were UTC. */
static int64_t change_in(int year, const nu__zone_day *day)
{
    int64_t days = nu__days_from_civil(year, 1, 1);
    switch (day->form) {
    case NU__DAY_JULIAN: days += day->day - 1 + (is_leap(year) && day->day >= 60); break;
    case NU__DAY_ZERO: days += day->day; break;
    case NU__DAY_WEEK: days = weekday_in_month(year, day); break;
    }
    return days * DAY + day->seconds;
}

static bool is_summer(const nu__zone_rule *rule, int64_t unix_seconds)
{
    nu_civil local = nu_datetime_civil(nu_datetime_at(unix_seconds + rule->standard.seconds), NULL);
    int64_t  begin = change_in(local.year, &rule->begin) - rule->standard.seconds;
    int64_t  end = change_in(local.year, &rule->end) - rule->summer.seconds;
    /* South of the equator summer spans the turn of the year. */
    if (begin < end)
        return unix_seconds >= begin && unix_seconds < end;
    return unix_seconds >= begin || unix_seconds < end;
}

nu__zone_offset nu__zone_rule_at(const nu__zone_rule *rule, int64_t unix_seconds)
{
    bool            summer = rule->has_summer && is_summer(rule, unix_seconds);
    nu__zone_offset at = summer ? rule->summer : rule->standard;
    at.abbreviation = rule->letters[summer];
    return at;
}
