/* Calendar and clock; parsing is in time_parse.c, zones are in zone.c. */
#include "nuages/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/internal.h"
#include "base/zone.h"

/* ---- calendar --------------------------------------------------------------------------------- */

/* Years are counted from March, so that the leap day is the last of its year, in eras of 400 years,
 * after which the calendar repeats. */
enum { ERA_DAYS = 146097, MARCH_0000 = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

int32_t nu__days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int     year_of_era = (int)(year - era * 400);
    int     month_from_march = (month + 9) % 12;
    int     day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int     day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * ERA_DAYS + day_of_era - MARCH_0000);
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static void civil_from_days(nu_civil *civil, int64_t days)
{
    int64_t shifted = days + MARCH_0000;
    int64_t era = (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
    int     day_of_era = (int)(shifted - era * ERA_DAYS);
    int     year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    civil->day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    civil->month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    civil->year = (int)(era * 400 + year_of_era + (civil->month <= 2));
    civil->weekday = (int)(((days + 3) % 7 + 7) % 7);
    civil->yearday = (int)(days - nu__days_from_civil(civil->year, 1, 1)) + 1;
}

static void civil_from_clock(nu_civil *civil, int64_t us)
{
    civil->hour = (int)(us / NU_HOUR);
    civil->minute = (int)(us / NU_MINUTE % 60);
    civil->second = (int)(us / NU_SECOND % 60);
    civil->us = (int)(us % NU_SECOND);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

nu_civil nu_datetime_civil(nu_datetime moment, const nu_zone *zone)
{
    nu_civil civil = {.abbreviation = "UTC"};
    if (zone != NULL && !moment.naive) {
        nu__zone_offset at = nu__zone_at(zone, floor_divide(moment.us, NU_SECOND));
        civil.offset = at.seconds;
        civil.dst = at.dst;
        civil.abbreviation = at.abbreviation;
    }
    int64_t local = moment.us + civil.offset * NU_SECOND;
    int64_t days = floor_divide(local, NU_DAY);
    civil_from_days(&civil, days);
    civil_from_clock(&civil, local - days * NU_DAY);
    return civil;
}

nu_civil nu_date_civil(nu_date date)
{
    nu_civil civil = {.abbreviation = "UTC"};
    civil_from_days(&civil, date.days);
    return civil;
}

nu_civil nu_time_civil(nu_time time)
{
    nu_civil civil = {
        .year = 1970, .month = 1, .day = 1, .weekday = 3, .yearday = 1, .abbreviation = "UTC"};
    civil_from_clock(&civil, time.us);
    return civil;
}

/* ---- from parts ------------------------------------------------------------------------------- */

static void check_part(const char *part, int value, int low, int high)
{
    if (value < low || value > high)
        nu_raise(NU_VALUE_ERROR, "%s %d is not within %d..%d", part, value, low, high);
}

nu_date nu_date_of(int year, int month, int day)
{
    check_part("year", year, 1, 9999);
    check_part("month", month, 1, 12);
    check_part("day", day, 1, days_in_month(year, month));
    return (nu_date){nu__days_from_civil(year, month, day), true};
}

nu_time nu_time_of(int hour, int minute, int second, int us)
{
    check_part("hour", hour, 0, 23);
    check_part("minute", minute, 0, 59);
    check_part("second", second, 0, 59);
    check_part("microsecond", us, 0, 999999);
    return (nu_time){hour * NU_HOUR + minute * NU_MINUTE + second * NU_SECOND + us, true};
}

nu_datetime nu_datetime_of(int year, int month, int day, int hour, int minute, int second)
{
    nu_date date = nu_date_of(year, month, day);
    nu_time time = nu_time_of(hour, minute, second, 0);
    return (nu_datetime){.us = date.days * NU_DAY + time.us, .set = true};
}

nu_datetime nu_datetime_at(int64_t unix_seconds)
{
    return (nu_datetime){.us = unix_seconds * NU_SECOND, .set = true};
}

nu_duration nu_duration_of(int64_t us)
{
    return (nu_duration){us, true};
}

bool nu__date_try_parts(int year, int month, int day, int32_t *days)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return false;
    *days = nu__days_from_civil(year, month, day);
    return true;
}

/* ---- the present ------------------------------------------------------------------------------ */

static nu_datetime frozen;

nu_datetime nu_now(void)
{
    if (frozen.set)
        return frozen;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (nu_datetime){.us = now.tv_sec * NU_SECOND + now.tv_nsec / 1000, .set = true};
}

void nu_clock_freeze(nu_datetime moment)
{
    frozen = moment;
}

int64_t nu_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NU_SECOND + now.tv_nsec / 1000;
}

nu_date nu_today(const nu_zone *zone)
{
    nu_civil civil = nu_datetime_civil(nu_now(), zone);
    return (nu_date){nu__days_from_civil(civil.year, civil.month, civil.day), true};
}

/* ---- text ------------------------------------------------------------------------------------- */

static char *put_number(char *out, int value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + width;
}

static char *put_clock(char *out, int64_t us)
{
    out = put_number(out, (int)(us / NU_HOUR), 2);
    *out++ = ':';
    out = put_number(out, (int)(us / NU_MINUTE % 60), 2);
    *out++ = ':';
    out = put_number(out, (int)(us / NU_SECOND % 60), 2);
    if (us % NU_SECOND != 0) {
        *out++ = '.';
        out = put_number(out, (int)(us % NU_SECOND), 6);
    }
    return out;
}

static char *put_date(char *out, int64_t days)
{
    nu_civil civil;
    civil_from_days(&civil, days);
    out = put_number(out, civil.year, 4);
    *out++ = '-';
    out = put_number(out, civil.month, 2);
    *out++ = '-';
    return put_number(out, civil.day, 2);
}

static size_t finish(char *out, char *end)
{
    *end = '\0';
    return (size_t)(end - out);
}

size_t nu__date_write(char *out, int32_t days)
{
    return finish(out, put_date(out, days));
}

size_t nu__time_write(char *out, int64_t us)
{
    return finish(out, put_clock(out, us));
}

static char *put_offset(char *out, int minutes)
{
    *out++ = minutes < 0 ? '-' : '+';
    int size = minutes < 0 ? -minutes : minutes;
    out = put_number(out, size / 60, 2);
    *out++ = ':';
    return put_number(out, size % 60, 2);
}

size_t nu__datetime_write(char *out, nu_datetime moment, char separator, bool zulu)
{
    int     offset = moment.naive ? 0 : moment.offset;
    int64_t local = moment.us + offset * NU_MINUTE, days = floor_divide(local, NU_DAY);
    char   *at = put_date(out, days);
    *at++ = separator;
    at = put_clock(at, local - days * NU_DAY);
    if (!moment.naive && zulu && offset == 0)
        *at++ = 'Z';
    else if (!moment.naive)
        at = put_offset(at, offset);
    return finish(out, at);
}

/* Days rounded down, so that what is left is a clock reading, as in Python's timedelta. */
static int64_t split_days(int64_t us, int64_t *rest)
{
    int64_t days = floor_divide(us, NU_DAY);
    *rest = us - days * NU_DAY;
    return days;
}

size_t nu__duration_python(char *out, int64_t us)
{
    int64_t rest, days = split_days(us, &rest);
    char   *at = out;
    if (days != 0)
        at += sprintf(at, "%lld day%s, ", (long long)days, days == 1 || days == -1 ? "" : "s");
    char clock[24];
    *put_clock(clock, rest) = '\0';
    const char *text = clock[0] == '0' ? clock + 1 : clock;
    size_t      length = strlen(text);
    memcpy(at, text, length);
    return finish(out, at + length);
}

static const char *keep(const char *text, size_t length)
{
    return nu_arena_copy(nu_arena_current(), text, length);
}

const char *nu_date_text(nu_date date)
{
    char text[NU__TIME_SIZE];
    return keep(text, nu__date_write(text, date.days));
}

const char *nu_time_text(nu_time time)
{
    char text[NU__TIME_SIZE];
    return keep(text, nu__time_write(text, time.us));
}

const char *nu_datetime_text(nu_datetime moment)
{
    char text[NU__TIME_SIZE];
    return keep(text, nu__datetime_write(text, moment, 'T', false));
}

const char *nu_duration_text(nu_duration duration)
{
    char    text[NU__TIME_SIZE];
    int64_t rest, days = split_days(duration.us, &rest);
    char   *at = text;
    if (days != 0)
        at += sprintf(at, "%lld ", (long long)days);
    return keep(text, finish(text, put_clock(at, rest)));
}
