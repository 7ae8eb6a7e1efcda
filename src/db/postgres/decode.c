/* From the server's forms of values to ours. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/json.h"
#include "nuages/random.h"

#define EPOCH_DAYS 10957
#define EPOCH_US   (EPOCH_DAYS * NU_DAY)

/* 0001-01-01 and 9999-12-31, the span of our dates. */
#define FIRST_DAY (-719162)
#define LAST_DAY  2932896

bool nu__pg_is_known(Oid type)
{
    switch (type) {
    case PG_BOOL:
    case PG_BYTEA:
    case PG_CHAR:
    case PG_NAME:
    case PG_INT8:
    case PG_INT2:
    case PG_INT4:
    case PG_TEXT:
    case PG_OID:
    case PG_XID:
    case PG_CID:
    case PG_JSON:
    case PG_XML:
    case PG_CIDR:
    case PG_FLOAT4:
    case PG_FLOAT8:
    case PG_UNKNOWN:
    case PG_MACADDR8:
    case PG_MACADDR:
    case PG_INET:
    case PG_BPCHAR:
    case PG_VARCHAR:
    case PG_DATE:
    case PG_TIME:
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
    case PG_INTERVAL:
    case PG_TIMETZ:
    case PG_NUMERIC:
    case PG_VOID:
    case PG_UUID:
    case PG_JSONB: return true;
    default: return nu__pg_element_of(type) != 0;
    }
}

/* ---- text ----------------------------------------------------------------------------------- */

static nu_value text_of(const void *bytes, size_t length)
{
    return nu_value_text_copy(bytes, length);
}

/* What none of our types can hold: infinity, a year before Christ, 24:00:00. */
static bool as_text(Oid type, const uint8_t *bytes, size_t length, nu_value *out)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 32);
    if (!nu__pg_print(&text, type, bytes, length))
        return false;
    *out = nu_builder_value(&text);
    return true;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static bool decode_int(Oid type, const uint8_t *bytes, size_t length, nu_value *out)
{
    switch (type) {
    case PG_INT2:
        if (length == 2)
            *out = nu_value_int((int16_t)pg_read16(bytes));
        return length == 2;
    case PG_INT8:
        if (length == 8)
            *out = nu_value_int((int64_t)pg_read64(bytes));
        return length == 8;
    case PG_INT4:
        if (length == 4)
            *out = nu_value_int((int32_t)pg_read32(bytes));
        return length == 4;
    default:
        if (length == 4)
            *out = nu_value_int(pg_read32(bytes));
        return length == 4;
    }
}

static bool decode_float(Oid type, const uint8_t *bytes, size_t length, nu_value *out)
{
    double   wide;
    float    narrow;
    uint64_t bits64;
    uint32_t bits32;
    if (length != (type == PG_FLOAT8 ? 8 : 4))
        return false;
    if (type == PG_FLOAT8) {
        bits64 = pg_read64(bytes);
        memcpy(&wide, &bits64, sizeof wide);
    } else {
        bits32 = pg_read32(bytes);
        memcpy(&narrow, &bits32, sizeof narrow);
        wide = narrow;
    }
    *out = nu_value_float(wide);
    return true;
}

/* A number with more digits than our decimals have stays text: nothing of it is lost. */
static nu_value decimal_of(const char *text, size_t length)
{
    nu_decimal decimal;
    if (strcmp(text, "NaN") == 0)
        return nu_value_float(NAN);
    if (strcmp(text, "Infinity") == 0)
        return nu_value_float(INFINITY);
    if (strcmp(text, "-Infinity") == 0)
        return nu_value_float(-INFINITY);
    if (!nu_decimal_try(text, length, &decimal))
        return text_of(text, length);
    decimal.set = true;
    return nu_value_decimal(decimal);
}

static bool decode_numeric(const uint8_t *bytes, size_t length, nu_value *out)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 32);
    if (!nu__pg_print_numeric(&text, bytes, length))
        return false;
    *out = decimal_of(nu_builder_text(&text), text.length);
    return true;
}

/* ---- dates and times ------------------------------------------------------------------------ */

static bool decode_date(const uint8_t *bytes, size_t length, nu_value *out)
{
    if (length != 4)
        return false;
    int64_t days = (int64_t)(int32_t)pg_read32(bytes) + EPOCH_DAYS;
    if (days < FIRST_DAY || days > LAST_DAY)
        return as_text(PG_DATE, bytes, length, out);
    *out = nu_value_date((nu_date){.days = (int32_t)days, .set = true});
    return true;
}

static bool decode_time(const uint8_t *bytes, size_t length, nu_value *out)
{
    if (length != 8)
        return false;
    int64_t us = (int64_t)pg_read64(bytes);
    if (us < 0 || us >= NU_DAY)
        return as_text(PG_TIME, bytes, length, out);
    *out = nu_value_time((nu_time){.us = us, .set = true});
    return true;
}

static bool decode_timestamp(Oid type, const uint8_t *bytes, size_t length, nu_value *out)
{
    if (length != 8)
        return false;
    int64_t us = (int64_t)pg_read64(bytes);
    if (us < FIRST_DAY * NU_DAY - EPOCH_US || us >= (LAST_DAY + 1) * NU_DAY - EPOCH_US)
        return as_text(type, bytes, length, out);
    *out = nu_value_datetime(
        (nu_datetime){.us = us + EPOCH_US, .set = true, .naive = type == PG_TIMESTAMP});
    return true;
}

bool nu__pg_interval_us(const uint8_t *bytes, size_t length, int64_t *us)
{
    if (length != 16)
        return false;
    int32_t days = (int32_t)pg_read32(bytes + 8), months = (int32_t)pg_read32(bytes + 12);
    int64_t whole = (int64_t)days + (int64_t)(months / 12) * 365 + (int64_t)(months % 12) * 30;
    return !__builtin_mul_overflow(whole, NU_DAY, &whole) &&
           !__builtin_add_overflow(whole, (int64_t)pg_read64(bytes), us);
}

static bool decode_interval(const uint8_t *bytes, size_t length, nu_value *out)
{
    int64_t us;
    if (length != 16)
        return false;
    if (!nu__pg_interval_us(bytes, length, &us))
        return as_text(PG_INTERVAL, bytes, length, out);
    *out = nu_value_duration((nu_duration){.us = us, .set = true});
    return true;
}

/* ---- the rest ------------------------------------------------------------------------------- */

/* JSON that PostgreSQL takes and our parser does not (too deep, say) stays text. */
static nu_value json_of(const char *text, size_t length)
{
    nu_value value;
    char    *copy = nu_arena_copy(nu_arena_current(), text, length);
    return nu_json_try(copy, length, &value) ? value : nu_value_text_n(copy, length);
}

static bool decode_jsonb(const uint8_t *bytes, size_t length, nu_value *out)
{
    if (length < 1 || bytes[0] != 1)
        return false;
    *out = json_of((const char *)bytes + 1, length - 1);
    return true;
}

static bool decode_uuid(const uint8_t *bytes, size_t length, nu_value *out)
{
    nu_uuid uuid = {.set = true};
    if (length != 16)
        return false;
    memcpy(uuid.bytes, bytes, 16);
    *out = nu_value_uuid(uuid);
    return true;
}

static bool decode_bool(const uint8_t *bytes, size_t length, nu_value *out)
{
    if (length != 1 || bytes[0] > 1)
        return false;
    *out = nu_value_bool(bytes[0] != 0);
    return true;
}

bool nu__pg_decode(Oid type, const uint8_t *bytes, size_t length, nu_value *out)
{
    Oid element;
    switch (type) {
    case PG_BOOL: return decode_bool(bytes, length, out);
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID:
    case PG_XID:
    case PG_CID: return decode_int(type, bytes, length, out);
    case PG_FLOAT4:
    case PG_FLOAT8: return decode_float(type, bytes, length, out);
    case PG_NUMERIC: return decode_numeric(bytes, length, out);
    case PG_DATE: return decode_date(bytes, length, out);
    case PG_TIME: return decode_time(bytes, length, out);
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ: return decode_timestamp(type, bytes, length, out);
    case PG_INTERVAL: return decode_interval(bytes, length, out);
    case PG_UUID: return decode_uuid(bytes, length, out);
    case PG_JSON: *out = json_of((const char *)bytes, length); return true;
    case PG_JSONB: return decode_jsonb(bytes, length, out);
    case PG_VOID: *out = nu_null(); return true;
    case PG_BYTEA:
        *out = nu_value_bytes(nu_arena_copy(nu_arena_current(), bytes, length), length);
        return true;
    case PG_TIMETZ:
    case PG_INET:
    case PG_CIDR:
    case PG_MACADDR:
    case PG_MACADDR8: return as_text(type, bytes, length, out);
    default:
        element = nu__pg_element_of(type);
        if (element != 0)
            return nu__pg_decode_array(element, bytes, length, out);
        *out = text_of(bytes, length);
        return true;
    }
}

/* ---- the text form -------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static nu_value bytes_of_hex(const char *text, size_t length)
{
    if (length < 2 || length % 2 != 0 || text[0] != '\\' || text[1] != 'x')
        return text_of(text, length);
    char *bytes = nu_arena_alloc(nu_arena_current(), length / 2);
    for (size_t i = 2; i < length; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return text_of(text, length);
        bytes[i / 2 - 1] = (char)(high << 4 | low);
    }
    return nu_value_bytes(bytes, length / 2 - 1);
}

static nu_value moment_of(Oid type, const char *text, size_t length)
{
    nu_datetime datetime;
    nu_date     date;
    nu_time     time;
    if (type == PG_DATE && nu_date_try(text, length, &date))
        return nu_value_date(date);
    if (type == PG_TIME && nu_time_try(text, length, &time))
        return nu_value_time(time);
    if ((type == PG_TIMESTAMP || type == PG_TIMESTAMPTZ) &&
        nu_datetime_try(text, length, &datetime))
        return nu_value_datetime(datetime);
    return text_of(text, length);
}

nu_value nu__pg_decode_text(Oid type, const char *text, size_t length)
{
    int64_t whole;
    nu_uuid uuid;
    switch (type) {
    case PG_BOOL: return nu_value_bool(length > 0 && *text == 't');
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID:
    case PG_XID:
    case PG_CID:
        return nu_parse_int(text, length, &whole) ? nu_value_int(whole) : text_of(text, length);
    case PG_FLOAT4:
    case PG_FLOAT8: return nu_value_float(strtod(text, NULL));
    case PG_NUMERIC: return decimal_of(text, length);
    case PG_DATE:
    case PG_TIME:
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ: return moment_of(type, text, length);
    case PG_UUID:
        if (!nu_uuid_try(text, length, &uuid))
            return text_of(text, length);
        uuid.set = true;
        return nu_value_uuid(uuid);
    case PG_JSON:
    case PG_JSONB: return json_of(text, length);
    case PG_BYTEA: return bytes_of_hex(text, length);
    case PG_INTERVAL:
        return nu__pg_interval_of_text(text, length, &whole)
                   ? nu_value_duration((nu_duration){.us = whole, .set = true})
                   : text_of(text, length);
    case PG_VOID: return nu_null();
    default: break;
    }
    nu_value list;
    Oid      element = nu__pg_element_of(type);
    bool     array = element != 0 && nu__pg_decode_array_text(element, text, length, &list);
    return array ? list : text_of(text, length);
}
