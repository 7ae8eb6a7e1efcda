/* Dates, times and durations from text, in the forms that django.utils.dateparse takes: its regular
 * expressions and, of Python's fromisoformat(), the forms without separators. */
#include "nuages/time.h"

#include <string.h>

#include "base/internal.h"
#include "base/zone.h"

struct scan {
    const char *at, *end;
};

static bool at_end(const struct scan *scan)
{
    return scan->at == scan->end;
}

static bool take(struct scan *scan, char c)
{
    if (at_end(scan) || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static bool take_any(struct scan *scan, const char *set)
{
    if (at_end(scan) || *scan->at == '\0' || strchr(set, *scan->at) == NULL)
        return false;
    scan->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_ahead(const struct scan *scan)
{
    size_t count = 0;
    while (scan->at + count < scan->end && is_digit(scan->at[count]))
        count++;
    return count;
}

/* Between `least` and `most` digits; stops after `most`. */
static bool take_number(struct scan *scan, size_t least, size_t most, int *out)
{
    size_t count = digits_ahead(scan);
    if (count < least)
        return false;
    count = count < most ? count : most;
    *out = 0;
    for (size_t i = 0; i < count; i++)
        *out = *out * 10 + (*scan->at++ - '0');
    return true;
}

/* The digits after the point as microseconds; those beyond the sixth are cut off, as Django does. */
static bool take_fraction(struct scan *scan, size_t most, int *us)
{
    size_t count = digits_ahead(scan);
    if (count < 1 || count > most)
        return false;
    *us = 0;
    for (size_t i = 0; i < 6; i++)
        *us = *us * 10 + (i < count ? scan->at[i] - '0' : 0);
    scan->at += count;
    return true;
}

/* ---- date, time, datetime --------------------------------------------------------------------- */

static bool take_date(struct scan *scan, int32_t *days)
{
    int year, month, day;
    if (digits_ahead(scan) == 8) {
        if (!take_number(scan, 4, 4, &year) || !take_number(scan, 2, 2, &month) ||
            !take_number(scan, 2, 2, &day))
            return false;
    } else if (digits_ahead(scan) != 4 || !take_number(scan, 4, 4, &year) || !take(scan, '-') ||
               !take_number(scan, 1, 2, &month) || !take(scan, '-') ||
               !take_number(scan, 1, 2, &day)) {
        return false;
    }
    return nu__date_try_parts(year, month, day, days);
}

static bool take_time(struct scan *scan, int64_t *out)
{
    int    hour, minute, second = 0, us = 0;
    size_t compact = digits_ahead(scan);
    if (compact == 4 || compact == 6) {
        if (!take_number(scan, 2, 2, &hour) || !take_number(scan, 2, 2, &minute) ||
            (compact == 6 && !take_number(scan, 2, 2, &second)))
            return false;
    } else {
        if (!take_number(scan, 1, 2, &hour) || !take(scan, ':') ||
            !take_number(scan, 1, 2, &minute))
            return false;
        compact = 0;
        if (take(scan, ':')) {
            if (!take_number(scan, 1, 2, &second))
                return false;
            compact = 6;
        }
    }
    if (compact == 6 && take_any(scan, ".,") && !take_fraction(scan, 12, &us))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *out = hour * NU_HOUR + minute * NU_MINUTE + second * NU_SECOND + us;
    return true;
}

/* "Z" or ±HH[[:]MM] */
static bool take_offset(struct scan *scan, int *minutes)
{
    *minutes = 0;
    if (take(scan, 'Z'))
        return true;
    bool negative = take(scan, '-');
    if (!negative && !take(scan, '+'))
        return false;
    int hour, minute = 0;
    if (!take_number(scan, 2, 2, &hour))
        return false;
    if (!at_end(scan)) {
        take(scan, ':');
        if (!take_number(scan, 2, 2, &minute))
            return false;
    }
    *minutes = hour * 60 + minute;
    if (*minutes >= 24 * 60)
        return false;
    *minutes = negative ? -*minutes : *minutes;
    return true;
}

bool nu_date_try(const char *text, size_t length, nu_date *out)
{
    struct scan scan = {text, text + length};
    int32_t     days;
    if (!take_date(&scan, &days) || !at_end(&scan))
        return false;
    *out = (nu_date){days, true};
    return true;
}

bool nu_time_try(const char *text, size_t length, nu_time *out)
{
    struct scan scan = {text, text + length};
    int64_t     us;
    int         ignored; /* a time of day in a zone makes no sense, so Django drops the zone */
    if (!take_time(&scan, &us) || (!at_end(&scan) && !take_offset(&scan, &ignored)) ||
        !at_end(&scan))
        return false;
    *out = (nu_time){us, true};
    return true;
}

/* The number in `count` digits; negative if one of them is none. */
static inline int fixed_number(const char *at, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(at[i]))
            return -1;
        number = number * 10 + (at[i] - '0');
    }
    return number;
}

/* "2024-05-06 07:08:09", perhaps with ".123456": the form in which databases keep moments. False for
 * every other one, right or wrong. */
static bool try_usual_form(const char *at, size_t length, nu_datetime *out)
{
    if (length != 19 && length != 26)
        return false;
    int year = fixed_number(at, 4), month = fixed_number(at + 5, 2), day = fixed_number(at + 8, 2);
    int hour = fixed_number(at + 11, 2), minute = fixed_number(at + 14, 2),
        second = fixed_number(at + 17, 2), us = length == 26 ? fixed_number(at + 20, 6) : 0;
    bool formed = at[4] == '-' && at[7] == '-' && (at[10] == ' ' || at[10] == 'T') &&
                  at[13] == ':' && at[16] == ':' && (length == 19 || at[19] == '.');
    int32_t days;
    if (!formed || (year | month | day | hour | minute | second | us) < 0 || hour > 23 ||
        minute > 59 || second > 59 || !nu__date_try_parts(year, month, day, &days))
        return false;
    int64_t time = hour * NU_HOUR + minute * NU_MINUTE + second * NU_SECOND + us;
    *out = (nu_datetime){.us = days * NU_DAY + time, .set = true, .naive = true};
    return true;
}

bool nu_datetime_try(const char *text, size_t length, nu_datetime *out)
{
    if (try_usual_form(text, length, out))
        return true;
    /* From the first day of the year 1 to the last of 9999, in days since 1970. */
    enum { FIRST_DAY = -719162, LAST_DAY = 2932896 };
    struct scan scan = {text, text + length};
    int32_t     days;
    int64_t     us = 0;
    int         offset = 0;
    bool        naive = true;
    if (!take_date(&scan, &days))
        return false;
    if (!at_end(&scan)) {
        if (!take_any(&scan, "T ") || !take_time(&scan, &us))
            return false;
        while (take_any(&scan, " \t\n\v\f\r"))
            continue;
        naive = at_end(&scan);
        if (!naive && (!take_offset(&scan, &offset) || !at_end(&scan)))
            return false;
    }
    us += days * NU_DAY - offset * NU_MINUTE;
    if (us < FIRST_DAY * NU_DAY || us >= (LAST_DAY + 1) * NU_DAY)
        return false;
    *out = (nu_datetime){.us = us, .set = true, .naive = naive, .offset = (int16_t)offset};
    return true;
}

/* ---- duration --------------------------------------------------------------------------------- */

/* Python's timedelta holds less than a thousand million days. */
static const int64_t days_limit = 999999999;

/* Adds count × unit. */
static bool add_units(int64_t *total, int64_t count, int64_t unit)
{
    int64_t us;
    return !__builtin_mul_overflow(count, unit, &us) && !__builtin_add_overflow(*total, us, total);
}

static bool take_long(struct scan *scan, int64_t *out)
{
    size_t count = digits_ahead(scan);
    bool   fits = count > 0 && count <= 18 && nu_parse_int(scan->at, count, out);
    scan->at += count;
    return fits;
}

/* "[-]N day[s][,] " in front; leaves the scan where it was if that is not what stands there. */
static bool take_days(struct scan *scan, bool comma, int64_t *days)
{
    struct scan ahead = *scan;
    int64_t     count;
    bool        negative = take(&ahead, '-');
    if (!take_long(&ahead, &count) || !take(&ahead, ' '))
        return false;
    if ((size_t)(ahead.end - ahead.at) >= 3 && memcmp(ahead.at, "day", 3) == 0) {
        ahead.at += 3;
        take(&ahead, 's');
        if (comma && (!take(&ahead, ',') || !take(&ahead, ' ')))
            return false;
        if (!comma)
            take(&ahead, ' ');
    } else if (!comma) {
        return false;
    }
    *days = negative ? -count : count;
    *scan = ahead;
    return true;
}

/* "[D ]HH:MM:SS[.ffffff]", "MM:SS", "SS": Django's own form and Python's str(timedelta). */
static bool standard_duration(struct scan scan, int64_t *out)
{
    int64_t days = 0, parts[3], us = 0;
    int     count = 0, fraction = 0;
    take_days(&scan, true, &days);
    bool negative = take(&scan, '-');
    do {
        if (count == 3 || !take_long(&scan, &parts[count]))
            return false;
        count++;
    } while (take(&scan, ':'));
    if (take_any(&scan, ".,") && !take_fraction(&scan, 12, &fraction))
        return false;
    static const int64_t units[] = {NU_HOUR, NU_MINUTE, NU_SECOND};
    for (int i = 0; i < count; i++)
        if (!add_units(&us, parts[i], units[3 - count + i]))
            return false;
    if (!at_end(&scan) || !add_units(&us, fraction, 1) || (negative && !add_units(&us, us, -2)))
        return false;
    *out = us;
    return days <= days_limit && days >= -days_limit && add_units(out, days, NU_DAY);
}

/* A number of units, perhaps with a fraction: "1.5H". The fraction is rounded to a microsecond. */
static bool take_amount(struct scan *scan, char letter, int64_t unit, int64_t *total)
{
    struct scan ahead = *scan;
    int64_t     whole;
    double      part = 0, weight = 1;
    if (digits_ahead(&ahead) == 0)
        return true;
    if (!take_long(&ahead, &whole))
        return false;
    if (take_any(&ahead, ".,")) {
        if (digits_ahead(&ahead) == 0)
            return false;
        while (!at_end(&ahead) && is_digit(*ahead.at))
            part += (weight /= 10) * (*ahead.at++ - '0');
    }
    if (!take(&ahead, letter))
        return true;
    *scan = ahead;
    return add_units(total, whole, unit) &&
           add_units(total, (int64_t)(part * (double)unit + 0.5), 1);
}

/* "P4DT12H30M5.5S" */
static bool iso_duration(struct scan scan, int64_t *out)
{
    int64_t us = 0;
    bool    negative = take(&scan, '-');
    if (!negative)
        take(&scan, '+');
    if (!take(&scan, 'P') || !take_amount(&scan, 'D', NU_DAY, &us))
        return false;
    if (take(&scan, 'T') &&
        (!take_amount(&scan, 'H', NU_HOUR, &us) || !take_amount(&scan, 'M', NU_MINUTE, &us) ||
         !take_amount(&scan, 'S', NU_SECOND, &us)))
        return false;
    *out = negative ? -us : us;
    return at_end(&scan);
}

/* PostgreSQL's day-time interval: "4 days -00:15:30.1" */
static bool postgres_duration(struct scan scan, int64_t *out)
{
    int64_t days = 0, us = 0, hours;
    int     minutes, seconds, fraction = 0;
    bool    any = take_days(&scan, false, &days);
    if (!at_end(&scan)) {
        bool negative = take(&scan, '-');
        if (!negative)
            take(&scan, '+');
        if (!take_long(&scan, &hours) || !take(&scan, ':') || digits_ahead(&scan) != 2 ||
            !take_number(&scan, 2, 2, &minutes) || !take(&scan, ':') ||
            !take_number(&scan, 2, 2, &seconds))
            return false;
        if (take(&scan, '.') && !take_fraction(&scan, 6, &fraction))
            return false;
        if (!add_units(&us, hours, NU_HOUR))
            return false;
        us += minutes * NU_MINUTE + seconds * NU_SECOND + fraction;
        us = negative ? -us : us;
        any = true;
    }
    *out = us;
    return any && at_end(&scan) && days <= days_limit && days >= -days_limit &&
           add_units(out, days, NU_DAY);
}

bool nu_duration_try(const char *text, size_t length, nu_duration *out)
{
    struct scan scan = {text, text + length};
    int64_t     us = 0;
    if (!standard_duration(scan, &us) && !iso_duration(scan, &us) && !postgres_duration(scan, &us))
        return false;
    *out = (nu_duration){us, true};
    return true;
}
