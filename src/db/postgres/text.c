/* The binary forms of types as the server would write them as text. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres/internal.h"

/* ---- dates and times: days and microseconds since 2000-01-01 -------------------------------- */

/* Year (0 is 1 BC), month and day of a day since 2000-01-01 (Howard Hinnant's civil_from_days). */
static void civil_of(int64_t days, int64_t *year, int *month, int *day)
{
    days += 730425; /* since 0000-03-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t in_era = days - era * 146097;
    int64_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * years + years / 4 - years / 100);
    int64_t shifted = (5 * in_year + 2) / 153;
    *day = (int)(in_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = years + era * 400 + (*month <= 2);
}

/* True if the year is before Christ, which the caller says at the end. */
static bool put_date(nu_builder *out, int64_t days)
{
    int64_t year;
    int     month, day;
    civil_of(days, &year, &month, &day);
    nu_builder_printf(out, "%04lld-%02d-%02d", (long long)(year > 0 ? year : 1 - year), month, day);
    return year <= 0;
}

static void put_clock(nu_builder *out, int64_t us)
{
    nu_builder_printf(out, "%02d:%02d:%02d", (int)(us / NU_HOUR), (int)(us / NU_MINUTE % 60),
                      (int)(us / NU_SECOND % 60));
    if (us % NU_SECOND != 0) {
        nu_builder_printf(out, ".%06d", (int)(us % NU_SECOND));
        while (out->data[out->length - 1] == '0')
            out->length--;
    }
}

static bool print_date(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length != 4)
        return false;
    int32_t days = (int32_t)pg_read32(bytes);
    if (days == INT32_MAX || days == INT32_MIN)
        nu_builder_puts(out, days > 0 ? "infinity" : "-infinity");
    else if (put_date(out, days))
        nu_builder_puts(out, " BC");
    return true;
}

static bool print_time(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length != 8)
        return false;
    int64_t us = (int64_t)pg_read64(bytes);
    if (us < 0 || us > NU_DAY)
        return false;
    put_clock(out, us);
    return true;
}

static void put_offset(nu_builder *out, int seconds)
{
    nu_builder_putc(out, seconds < 0 ? '-' : '+');
    if (seconds < 0)
        seconds = -seconds;
    nu_builder_printf(out, "%02d", seconds / 3600);
    if (seconds % 3600 != 0)
        nu_builder_printf(out, ":%02d", seconds / 60 % 60);
    if (seconds % 60 != 0)
        nu_builder_printf(out, ":%02d", seconds % 60);
}

/* The zone is kept as seconds west of UTC. */
static bool print_timetz(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length != 12 || !print_time(out, bytes, 8))
        return false;
    int32_t west = (int32_t)pg_read32(bytes + 8);
    if (west <= -86400 || west >= 86400)
        return false;
    put_offset(out, -west);
    return true;
}

/* The first moment that PostgreSQL knows, 4714-11-24 BC. */
#define FIRST_US INT64_C(-211813488000000000)

static bool print_timestamp(nu_builder *out, const uint8_t *bytes, size_t length, const char *zone)
{
    if (length != 8)
        return false;
    int64_t us = (int64_t)pg_read64(bytes);
    if (us == INT64_MAX || us == INT64_MIN) {
        nu_builder_puts(out, us > 0 ? "infinity" : "-infinity");
        return true;
    }
    if (us < FIRST_US)
        return false;
    int64_t days = us / NU_DAY - (us % NU_DAY < 0);
    bool    before_christ = put_date(out, days);
    nu_builder_putc(out, ' ');
    put_clock(out, us - days * NU_DAY);
    nu_builder_puts(out, zone);
    if (before_christ)
        nu_builder_puts(out, " BC");
    return true;
}

static void put_unit(nu_builder *out, size_t start, int64_t count, const char *unit)
{
    if (count != 0)
        nu_builder_printf(out, "%s%lld %s%s", out->length > start ? " " : "", (long long)count,
                          unit, count == 1 || count == -1 ? "" : "s");
}

static bool print_interval(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length != 16)
        return false;
    int64_t us = (int64_t)pg_read64(bytes);
    int32_t days = (int32_t)pg_read32(bytes + 8), months = (int32_t)pg_read32(bytes + 12);
    size_t  start = out->length;
    put_unit(out, start, months / 12, "year");
    put_unit(out, start, months % 12, "mon");
    put_unit(out, start, days, "day");
    if (us == 0 && out->length > start)
        return true;
    if (out->length > start)
        nu_builder_putc(out, ' ');
    if (us < 0)
        nu_builder_putc(out, '-');
    uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;
    nu_builder_printf(out, "%02llu", (unsigned long long)(size / NU_HOUR));
    size_t hours = out->length;
    put_clock(out, (int64_t)(size % NU_HOUR));
    /* The clock's own "00" gives way to the hours, which may have more digits. */
    memmove(out->data + hours, out->data + hours + 2, out->length - hours - 2);
    out->length -= 2;
    return true;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static bool print_float(nu_builder *out, double value)
{
    if (value != value)
        nu_builder_puts(out, "NaN");
    else if (value > 1.7976931348623157e308 || value < -1.7976931348623157e308)
        nu_builder_puts(out, value > 0 ? "Infinity" : "-Infinity");
    else
        nu_builder_puts(out, nu_text(nu_value_float(value)));
    return true;
}

static bool print_floats(nu_builder *out, const uint8_t *bytes, size_t length)
{
    double   wide;
    float    narrow;
    uint64_t bits64;
    uint32_t bits32;
    if (length == 8) {
        bits64 = pg_read64(bytes);
        memcpy(&wide, &bits64, 8);
        return print_float(out, wide);
    }
    if (length != 4)
        return false;
    bits32 = pg_read32(bytes);
    memcpy(&narrow, &bits32, 4);
    /* The fewest digits that tell it from other floats. */
    for (int digits = 6; digits <= 9; digits++) {
        char text[32];
        snprintf(text, sizeof text, "%.*g", digits, (double)narrow);
        if (digits == 9 || strtof(text, NULL) == narrow) {
            nu_builder_puts(out, text);
            break;
        }
    }
    return true;
}

static bool print_int(nu_builder *out, Oid type, const uint8_t *bytes, size_t length)
{
    int64_t value;
    if (length == 2)
        value = (int16_t)pg_read16(bytes);
    else if (length == 4)
        value = type == PG_INT4 ? (int64_t)(int32_t)pg_read32(bytes) : (int64_t)pg_read32(bytes);
    else if (length == 8)
        value = (int64_t)pg_read64(bytes);
    else
        return false;
    nu_builder_int(out, value);
    return true;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static void put_hex(nu_builder *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char             *at = nu_builder_room(out, 2 * length);
    for (size_t i = 0; i < length; i++) {
        at[2 * i] = digits[bytes[i] >> 4];
        at[2 * i + 1] = digits[bytes[i] & 15];
    }
    out->length += 2 * length;
}

static bool print_uuid(nu_builder *out, const uint8_t *bytes, size_t length)
{
    static const int groups[] = {4, 2, 2, 2, 6};
    if (length != 16)
        return false;
    for (int i = 0; i < 5; i++) {
        if (i > 0)
            nu_builder_putc(out, '-');
        put_hex(out, bytes, (size_t)groups[i]);
        bytes += groups[i];
    }
    return true;
}

/* Family, bits of the net, whether it is a cidr, length, address. */
static bool print_inet(nu_builder *out, Oid type, const uint8_t *bytes, size_t length)
{
    char   text[INET6_ADDRSTRLEN];
    size_t size = length > 0 && bytes[0] == 2 ? 4 : 16;
    if (length < 4 || (bytes[0] != 2 && bytes[0] != 3) || bytes[3] != size || length != 4 + size ||
        bytes[1] > 8 * size)
        return false;
    inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes + 4, text, sizeof text);
    nu_builder_puts(out, text);
    if (type == PG_CIDR || bytes[1] != 8 * size)
        nu_builder_printf(out, "/%d", bytes[1]);
    return true;
}

static bool print_mac(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length != 6 && length != 8)
        return false;
    for (size_t i = 0; i < length; i++)
        nu_builder_printf(out, "%s%02x", i > 0 ? ":" : "", bytes[i]);
    return true;
}

static bool print_list(nu_builder *out, Oid element, const uint8_t *bytes, size_t length)
{
    nu_value list;
    if (!nu__pg_decode_array(element, bytes, length, &list))
        return false;
    nu__pg_print_array(out, list.list);
    return true;
}

static bool print_jsonb(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length < 1 || bytes[0] != 1)
        return false;
    nu_builder_add(out, bytes + 1, length - 1);
    return true;
}

static bool print_bool(nu_builder *out, const uint8_t *bytes, size_t length)
{
    if (length != 1 || bytes[0] > 1)
        return false;
    nu_builder_putc(out, bytes[0] ? 't' : 'f');
    return true;
}

bool nu__pg_print(nu_builder *out, Oid type, const uint8_t *bytes, size_t length)
{
    Oid element = nu__pg_element_of(type);
    if (element != 0)
        return print_list(out, element, bytes, length);
    switch (type) {
    case PG_BOOL: return print_bool(out, bytes, length);
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID:
    case PG_XID:
    case PG_CID: return print_int(out, type, bytes, length);
    case PG_FLOAT4:
    case PG_FLOAT8: return print_floats(out, bytes, length);
    case PG_NUMERIC: return nu__pg_print_numeric(out, bytes, length);
    case PG_DATE: return print_date(out, bytes, length);
    case PG_TIME: return print_time(out, bytes, length);
    case PG_TIMETZ: return print_timetz(out, bytes, length);
    case PG_TIMESTAMP: return print_timestamp(out, bytes, length, "");
    case PG_TIMESTAMPTZ: return print_timestamp(out, bytes, length, "+00");
    case PG_INTERVAL: return print_interval(out, bytes, length);
    case PG_UUID: return print_uuid(out, bytes, length);
    case PG_INET:
    case PG_CIDR: return print_inet(out, type, bytes, length);
    case PG_MACADDR:
    case PG_MACADDR8: return print_mac(out, bytes, length);
    case PG_JSONB: return print_jsonb(out, bytes, length);
    case PG_BYTEA:
        nu_builder_puts(out, "\\x");
        put_hex(out, bytes, length);
        return true;
    default: nu_builder_add(out, bytes, length); return true;
    }
}
