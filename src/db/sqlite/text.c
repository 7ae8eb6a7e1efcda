#include "db/sqlite/internal.h"

static char *put_digits(char *out, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

size_t nu__sqlite_write_date(char *out, nu_date date)
{
    nu_civil civil = nu_date_civil(date);
    char    *at = put_digits(out, civil.year, 4);
    *at++ = '-';
    at = put_digits(at, civil.month, 2);
    *at++ = '-';
    at = put_digits(at, civil.day, 2);
    *at = '\0';
    return (size_t)(at - out);
}

size_t nu__sqlite_write_time(char *out, int64_t us)
{
    char *at = put_digits(out, us / NU_HOUR, 2);
    *at++ = ':';
    at = put_digits(at, us / NU_MINUTE % 60, 2);
    *at++ = ':';
    at = put_digits(at, us / NU_SECOND % 60, 2);
    if (us % NU_SECOND != 0) {
        *at++ = '.';
        at = put_digits(at, us % NU_SECOND, 6);
    }
    *at = '\0';
    return (size_t)(at - out);
}

size_t nu__sqlite_write_datetime(char *out, int64_t us)
{
    int64_t days = us / NU_DAY - (us % NU_DAY < 0);
    size_t  length = nu__sqlite_write_date(out, (nu_date){.days = (int32_t)days, .set = true});
    out[length++] = ' ';
    return length + nu__sqlite_write_time(out + length, us - days * NU_DAY);
}

size_t nu__sqlite_write_moment(char *out, nu_value value)
{
    if (value.type == NU_DATE)
        return nu__sqlite_write_date(out, (nu_date){.days = value.days, .set = true});
    return value.type == NU_TIME ? nu__sqlite_write_time(out, value.us)
                                 : nu__sqlite_write_datetime(out, value.us);
}
