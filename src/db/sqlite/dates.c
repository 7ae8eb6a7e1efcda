/* nu_extract(part, text, zone) and nu_truncate(part, text, zone, as): parts of the dates and times
 * that SQLite keeps as text. A datetime is UTC in the column; `zone` NULL leaves it so. `as` is
 * what comes out: 'date', 'time' or 'datetime'. Callbacks run on SQLite's frames: nothing is called
 * here that raises, which is why dates are put together by hand. */
#include <string.h>

#include "db/sqlite/internal.h"

/* Text from a column, read as what it looks like. */
typedef struct moment {
    nu_civil civil;
    bool     is_date, is_time;
} moment;

static bool read_moment(const char *text, size_t length, const nu_zone *zone, moment *out)
{
    nu_datetime datetime;
    nu_date     date;
    nu_time     time;
    *out = (moment){.is_date = false};
    if (nu_datetime_try(text, length, &datetime)) {
        datetime.naive = false;
        out->civil = nu_datetime_civil(datetime, zone);
    } else if (nu_date_try(text, length, &date)) {
        out->civil = nu_date_civil(date);
        out->is_date = true;
    } else if (nu_time_try(text, length, &time)) {
        out->civil = nu_time_civil(time);
        out->is_time = true;
    } else {
        return false;
    }
    return true;
}

/* The three leading arguments; false after a result was set. */
static bool read_arguments(sqlite3_context *context, sqlite3_value **args, const char **part,
                           moment *out)
{
    const nu_zone *zone = NULL;
    if (sqlite3_value_type(args[1]) == SQLITE_NULL)
        return false;
    if (sqlite3_value_type(args[2]) != SQLITE_NULL) {
        zone = nu_zone_find((const char *)sqlite3_value_text(args[2]));
        if (zone == NULL) {
            sqlite3_result_error(context, "unknown time zone", -1);
            return false;
        }
    }
    const char *text = (const char *)sqlite3_value_text(args[1]);
    *part = (const char *)sqlite3_value_text(args[0]);
    return text != NULL && *part != NULL &&
           read_moment(text, (size_t)sqlite3_value_bytes(args[1]), zone, out);
}

/* ---- extract -------------------------------------------------------------------------------- */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Weeks of an ISO year: 53 if it begins on a Thursday, or on a Wednesday and is a leap year. */
static int weeks_in(int year)
{
    int before = year - 1;
    int first = (year + before / 4 - before / 100 + before / 400) % 7; /* 1 January, 1 = Monday */
    return first == 4 || (first == 3 && is_leap(year)) ? 53 : 52;
}

/* ISO 8601 week and the year it belongs to. */
static void iso_week(const nu_civil *civil, int *year, int *week)
{
    *year = civil->year;
    *week = (civil->yearday - (civil->weekday + 1) + 10) / 7;
    if (*week < 1)
        *week = weeks_in(--*year);
    else if (*week > weeks_in(*year)) {
        *week = 1;
        ++*year;
    }
}

static void result_text(sqlite3_context *context, const char *text, size_t length)
{
    sqlite3_result_text(context, text, (int)length, SQLITE_TRANSIENT);
}

static int64_t clock_us(const nu_civil *civil)
{
    return civil->hour * NU_HOUR + civil->minute * NU_MINUTE + civil->second * NU_SECOND +
           civil->us;
}

/* Days since 1970-01-01 (Howard Hinnant's days_from_civil). */
static int32_t days_of(int year, int month, int day)
{
    year -= month <= 2;
    int era = year / 400; /* years are positive here */
    int in_era = year - era * 400;
    int in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static int32_t civil_days(const nu_civil *civil)
{
    return days_of(civil->year, civil->month, civil->day);
}

static void result_date(sqlite3_context *context, const nu_civil *civil)
{
    char    text[SQLITE_DATE_SIZE];
    nu_date date = {.days = civil_days(civil), .set = true};
    result_text(context, text, nu__sqlite_write_date(text, date));
}

static void result_time(sqlite3_context *context, const nu_civil *civil)
{
    char text[SQLITE_TIME_SIZE];
    result_text(context, text, nu__sqlite_write_time(text, clock_us(civil)));
}

static void result_datetime(sqlite3_context *context, const nu_civil *civil)
{
    char    text[SQLITE_DATETIME_SIZE];
    int64_t us = civil_days(civil) * NU_DAY + clock_us(civil);
    result_text(context, text, nu__sqlite_write_datetime(text, us));
}

/* The number of a part; -1 for one there is not. */
static int number_of(const char *part, const nu_civil *civil)
{
    int iso_year, week;
    iso_week(civil, &iso_year, &week);
    const struct {
        const char *name;
        int         value;
    } numbers[] = {
        {"year", civil->year},
        {"iso_year", iso_year},
        {"quarter", (civil->month + 2) / 3},
        {"month", civil->month},
        {"week", week},
        {"day", civil->day},
        {"week_day", (civil->weekday + 1) % 7 + 1},
        {"iso_week_day", civil->weekday + 1},
        {"hour", civil->hour},
        {"minute", civil->minute},
        {"second", civil->second},
    };
    for (size_t i = 0; i < NU_COUNT(numbers); i++) {
        if (strcmp(numbers[i].name, part) == 0)
            return numbers[i].value;
    }
    return -1;
}

static void extract(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    const char *part;
    moment      when;
    if (!read_arguments(context, args, &part, &when))
        return;
    if (strcmp(part, "date") == 0)
        result_date(context, &when.civil);
    else if (strcmp(part, "time") == 0)
        result_time(context, &when.civil);
    else
        sqlite3_result_int(context, number_of(part, &when.civil));
}

/* ---- truncate ------------------------------------------------------------------------------- */

static void cut_clock(const char *part, nu_civil *civil)
{
    civil->us = 0;
    if (strcmp(part, "second") == 0)
        return;
    civil->second = 0;
    if (strcmp(part, "minute") == 0)
        return;
    civil->minute = 0;
    if (strcmp(part, "hour") != 0)
        civil->hour = 0;
}

static void cut_date(const char *part, nu_civil *civil)
{
    if (strcmp(part, "week") == 0) {
        nu_date  monday = {.days = civil_days(civil) - civil->weekday, .set = true};
        nu_civil start = nu_date_civil(monday);
        civil->year = start.year;
        civil->month = start.month;
        civil->day = start.day;
        return;
    }
    bool year = strcmp(part, "year") == 0, quarter = strcmp(part, "quarter") == 0;
    if (year || quarter || strcmp(part, "month") == 0)
        civil->day = 1;
    if (year)
        civil->month = 1;
    else if (quarter)
        civil->month = (civil->month - 1) / 3 * 3 + 1;
}

static void truncate(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    const char *part;
    moment      when;
    if (!read_arguments(context, args, &part, &when))
        return;
    const char *as = (const char *)sqlite3_value_text(args[3]);
    cut_clock(part, &when.civil);
    if (!when.is_time)
        cut_date(part, &when.civil);
    if (as == NULL || strcmp(as, "datetime") == 0)
        result_datetime(context, &when.civil);
    else if (strcmp(as, "date") == 0)
        result_date(context, &when.civil);
    else
        result_time(context, &when.civil);
}

int nu__sqlite_add_date_functions(sqlite3 *handle)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int       code =
        sqlite3_create_function_v2(handle, "nu_extract", 3, flags, NULL, extract, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(handle, "nu_truncate", 4, flags, NULL, truncate, NULL,
                                          NULL, NULL);
    return code;
}
