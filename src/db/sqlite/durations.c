/* nu_duration(operator, a, b) and nu_moment_difference(a, b): arithmetic with durations, which are
 * whole microseconds in SQLite, and with the texts that dates and times are. Callbacks run on
 * SQLite's frames: nothing is called here that raises. */
#include <math.h>
#include <string.h>

#include "db/sqlite/internal.h"

/* Microseconds since 1970, or since midnight. */
typedef struct reading {
    int64_t us;
    bool    is_date, is_time;
} reading;

static bool read_text(sqlite3_value *value, reading *out)
{
    nu_datetime moment;
    nu_date     date;
    nu_time     time;
    const char *text = (const char *)sqlite3_value_text(value);
    size_t      length = (size_t)sqlite3_value_bytes(value);
    *out = (reading){.us = 0};
    if (text == NULL)
        return false;
    if (nu_datetime_try(text, length, &moment)) {
        out->us = moment.us;
        return true;
    }
    if (nu_date_try(text, length, &date)) {
        *out = (reading){.us = date.days * NU_DAY, .is_date = true};
        return true;
    }
    if (nu_time_try(text, length, &time)) {
        *out = (reading){.us = time.us, .is_time = true};
        return true;
    }
    return false;
}

static bool is_text(sqlite3_value *value)
{
    return sqlite3_value_type(value) == SQLITE_TEXT;
}

/* Years run from 1 to 9999. */
static bool is_in_range(int64_t us)
{
    return us >= -719162 * NU_DAY && us < 2932897 * NU_DAY;
}

static void give_moment(sqlite3_context *context, reading when)
{
    char   text[SQLITE_DATETIME_SIZE];
    size_t length;
    if (when.is_time || !is_in_range(when.us))
        return; /* as in Django, a time and a duration give nothing */
    if (when.is_date && when.us % NU_DAY == 0) {
        nu_date date = {.days = (int32_t)(when.us / NU_DAY), .set = true};
        length = nu__sqlite_write_date(text, date);
    } else {
        length = nu__sqlite_write_datetime(text, when.us);
    }
    sqlite3_result_text(context, text, (int)length, SQLITE_TRANSIENT);
}

static void shift(sqlite3_context *context, sqlite3_value *moment, int64_t by)
{
    reading when;
    if (read_text(moment, &when) && !__builtin_add_overflow(when.us, by, &when.us))
        give_moment(context, when);
}

static void scale(sqlite3_context *context, double by)
{
    if (isfinite(by) && fabs(by) < 9.2e18)
        sqlite3_result_int64(context, llrint(by));
}

static void add(sqlite3_context *context, int64_t a, int64_t b, bool minus)
{
    int64_t sum;
    bool    over = minus ? __builtin_sub_overflow(a, b, &sum) : __builtin_add_overflow(a, b, &sum);
    if (!over)
        sqlite3_result_int64(context, sum);
}

static void duration(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    const char *op = (const char *)sqlite3_value_text(args[0]);
    if (op == NULL || sqlite3_value_type(args[1]) == SQLITE_NULL ||
        sqlite3_value_type(args[2]) == SQLITE_NULL)
        return;
    bool minus = *op == '-';
    if (*op == '*')
        scale(context, sqlite3_value_double(args[1]) * sqlite3_value_double(args[2]));
    else if (*op == '/')
        scale(context, sqlite3_value_double(args[1]) / sqlite3_value_double(args[2]));
    else if (is_text(args[1]))
        shift(context, args[1],
              minus ? -sqlite3_value_int64(args[2]) : sqlite3_value_int64(args[2]));
    else if (is_text(args[2]) && !minus)
        shift(context, args[2], sqlite3_value_int64(args[1]));
    else
        add(context, sqlite3_value_int64(args[1]), sqlite3_value_int64(args[2]), minus);
}

static void difference(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    reading a, b;
    if (read_text(args[0], &a) && read_text(args[1], &b))
        sqlite3_result_int64(context, a.us - b.us);
}

int nu__sqlite_add_duration_functions(sqlite3 *handle)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int code = sqlite3_create_function_v2(handle, "nu_duration", 3, flags, NULL, duration, NULL,
                                          NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(handle, "nu_moment_difference", 2, flags, NULL,
                                          difference, NULL, NULL, NULL);
    return code;
}
