#include <math.h>
#include <string.h>

#include "db/sqlite/internal.h"

bool nu__sqlite_is_null(nu_db_cursor *cursor, int column)
{
    return sqlite3_column_type(cursor->handle, column) == SQLITE_NULL;
}

/* Each sqlite3_column_… looks the column up anew; of a value that was looked up once, several things
 * can be asked. Connections belong to one thread, so it needs no protection. */
int64_t nu__sqlite_get_int(nu_db_cursor *cursor, int column)
{
    sqlite3_value *value = sqlite3_column_value(cursor->handle, column);
    if (sqlite3_value_type(value) != SQLITE_FLOAT)
        return sqlite3_value_int64(value);
    double number = sqlite3_value_double(value);
    if (!(fabs(number) < 0x1p63))
        nu_raise(NU_DATA_ERROR,
                 "column \"%s\" of the result is no whole number that 64 bits can hold",
                 nu__sqlite_column_name(cursor, column));
    return (int64_t)number;
}

double nu__sqlite_get_float(nu_db_cursor *cursor, int column)
{
    return sqlite3_column_double(cursor->handle, column);
}

const char *nu__sqlite_get_text(nu_db_cursor *cursor, int column, size_t *length)
{
    sqlite3_value *value = sqlite3_column_value(cursor->handle, column);
    const char    *text = (const char *)sqlite3_value_text(value);
    *length = (size_t)sqlite3_value_bytes(value);
    return text != NULL ? text : "";
}

const void *nu__sqlite_get_bytes(nu_db_cursor *cursor, int column, size_t *length)
{
    sqlite3_value *value = sqlite3_column_value(cursor->handle, column);
    const void    *bytes = sqlite3_value_blob(value);
    *length = (size_t)sqlite3_value_bytes(value);
    return bytes != NULL ? bytes : "";
}

const char *nu__sqlite_column_name(nu_db_cursor *cursor, int column)
{
    const char *name = sqlite3_column_name(cursor->handle, column);
    return name != NULL ? name : "";
}

/* Text of a column declared as a date or the like; left as text if it does not read as one. */
static nu_value moment(const char *declared, const char *text, size_t length)
{
    nu_datetime datetime;
    nu_date     date;
    nu_time     time;
    if (strcmp(declared, "datetime") == 0 && nu_datetime_try(text, length, &datetime)) {
        datetime.naive = false;
        return nu_value_datetime(datetime);
    }
    if (strcmp(declared, "date") == 0 && nu_date_try(text, length, &date))
        return nu_value_date(date);
    if (strcmp(declared, "time") == 0 && nu_time_try(text, length, &time))
        return nu_value_time(time);
    return nu_value_text_copy(text, length);
}

nu_value nu__sqlite_get_value(nu_db_cursor *cursor, int column)
{
    const char *declared = sqlite3_column_decltype(cursor->handle, column);
    size_t      length;
    if (declared == NULL)
        declared = "";
    switch (sqlite3_column_type(cursor->handle, column)) {
    case SQLITE_INTEGER: {
        int64_t value = nu__sqlite_get_int(cursor, column);
        return strcmp(declared, "bool") == 0 ? nu_value_bool(value != 0) : nu_value_int(value);
    }
    case SQLITE_FLOAT: return nu_value_float(nu__sqlite_get_float(cursor, column));
    case SQLITE_TEXT: {
        const char *text = nu__sqlite_get_text(cursor, column, &length);
        return moment(declared, text, length);
    }
    case SQLITE_BLOB: {
        const void *bytes = nu__sqlite_get_bytes(cursor, column, &length);
        return nu_value_bytes(nu_arena_copy(nu_arena_current(), bytes, length), length);
    }
    default: return nu_null();
    }
}
