/* Columns of the present row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres/internal.h"

typedef struct cell {
    Oid            type;
    bool           binary;
    const uint8_t *bytes;
    size_t         length;
} cell;

static cell cell_at(const nu_db_cursor *cursor, int column)
{
    const PGresult *result = cursor->handle;
    return (cell){
        .type = nu__pq.ftype(result, column),
        .binary = nu__pq.fformat(result, column) == 1,
        .bytes = (const uint8_t *)nu__pq.getvalue(result, cursor->at, column),
        .length = (size_t)nu__pq.getlength(result, cursor->at, column),
    };
}

static NU_NORETURN NU_COLD void refuse(const nu_db_cursor *cursor, int column, const char *wanted)
{
    nu_error *error = nu_error_new(NU_DATA_ERROR, "column \"%s\" of the result is no %s",
                                   nu__pq.fname(cursor->handle, column), wanted);
    error->detail =
        nu_fmt("Its type has the number %u in pg_type.", nu__pq.ftype(cursor->handle, column));
    nu_throw(error);
}

bool nu__pg_is_null(nu_db_cursor *cursor, int column)
{
    return nu__pq.getisnull(cursor->handle, cursor->at, column);
}

/* Any value as text; in the current arena unless the server's bytes are text already. */
static const char *text_at(nu_db_cursor *cursor, int column, size_t *length)
{
    cell at = cell_at(cursor, column);
    if (!at.binary || at.type == PG_TEXT || at.type == PG_VARCHAR || at.type == PG_BPCHAR) {
        *length = at.length;
        return (const char *)at.bytes;
    }
    nu_builder text;
    nu_builder_init(&text, NULL, 40);
    if (!nu__pg_print(&text, at.type, at.bytes, at.length))
        refuse(cursor, column, "value in the form of its type");
    *length = text.length;
    return nu_builder_text(&text);
}

/* Whole part of a numeric, such as a sum, or of anything that reads like a number; of a result that came
 * as text also booleans and intervals. */
static int64_t int_of_text(nu_db_cursor *cursor, int column)
{
    size_t      length;
    const char *text = text_at(cursor, column, &length);
    int64_t     value;
    Oid         type = nu__pq.ftype(cursor->handle, column);
    if (type == PG_BOOL)
        return length > 0 && *text == 't';
    if (type == PG_INTERVAL) {
        if (!nu__pg_interval_of_text(text, length, &value))
            refuse(cursor, column, "interval whose microseconds 64 bits can hold");
        return value;
    }
    const char *point = memchr(text, '.', length);
    if (!nu_parse_int(text, point != NULL ? (size_t)(point - text) : length, &value))
        refuse(cursor, column, "whole number that 64 bits can hold");
    return value;
}

int64_t nu__pg_get_int(nu_db_cursor *cursor, int column)
{
    cell    at = cell_at(cursor, column);
    int64_t value;
    if (!at.binary || nu__pq.getisnull(cursor->handle, cursor->at, column))
        return at.length > 0 ? int_of_text(cursor, column) : 0;
    switch (at.type) {
    case PG_BOOL: return at.length == 1 && at.bytes[0] != 0;
    case PG_INT2: return at.length == 2 ? (int16_t)pg_read16(at.bytes) : 0;
    case PG_INT4: return at.length == 4 ? (int32_t)pg_read32(at.bytes) : 0;
    case PG_INT8: return at.length == 8 ? (int64_t)pg_read64(at.bytes) : 0;
    case PG_FLOAT4:
    case PG_FLOAT8:
        if (!nu_int_try(nu_value_float(trunc(nu__pg_get_float(cursor, column))), &value))
            refuse(cursor, column, "whole number that 64 bits can hold");
        return value;
    case PG_INTERVAL:
        if (!nu__pg_interval_us(at.bytes, at.length, &value))
            refuse(cursor, column, "interval whose microseconds 64 bits can hold");
        return value;
    default: return int_of_text(cursor, column);
    }
}

double nu__pg_get_float(nu_db_cursor *cursor, int column)
{
    cell     at = cell_at(cursor, column);
    nu_value value;
    size_t   length;
    if (at.binary && (at.type == PG_FLOAT4 || at.type == PG_FLOAT8)) {
        if (!nu__pg_decode(at.type, at.bytes, at.length, &value))
            return 0;
        return value.number;
    }
    if (at.binary && (at.type == PG_BOOL || at.type == PG_INT2 || at.type == PG_INT4 ||
                      at.type == PG_INT8 || at.type == PG_INTERVAL))
        return (double)nu__pg_get_int(cursor, column);
    return strtod(text_at(cursor, column, &length), NULL);
}

const char *nu__pg_get_text(nu_db_cursor *cursor, int column, size_t *length)
{
    return text_at(cursor, column, length);
}

bool nu__pg_get_moment(nu_db_cursor *cursor, int column, nu_datetime *moment)
{
    nu_value value;
    cell     at = cell_at(cursor, column);
    if (!at.binary || (at.type != PG_TIMESTAMPTZ && at.type != PG_TIMESTAMP) ||
        !nu__pg_decode(at.type, at.bytes, at.length, &value) || value.type != NU_DATETIME)
        return false;
    *moment = nu_value_as_datetime(value);
    return true;
}

const void *nu__pg_get_bytes(nu_db_cursor *cursor, int column, size_t *length)
{
    cell at = cell_at(cursor, column);
    if (at.type == PG_BYTEA && !at.binary) {
        nu_value value = nu__pg_decode_text(at.type, (const char *)at.bytes, at.length);
        *length = value.length;
        return value.bytes;
    }
    if (at.type == PG_BYTEA) {
        *length = at.length;
        return at.bytes;
    }
    return text_at(cursor, column, length);
}

nu_value nu__pg_get_value(nu_db_cursor *cursor, int column)
{
    nu_value value;
    cell     at = cell_at(cursor, column);
    if (nu__pq.getisnull(cursor->handle, cursor->at, column))
        return nu_null();
    if (!at.binary)
        return nu__pg_decode_text(at.type, (const char *)at.bytes, at.length);
    if (!nu__pg_decode(at.type, at.bytes, at.length, &value))
        refuse(cursor, column, "value in the form of its type");
    return value;
}

const char *nu__pg_column_name(nu_db_cursor *cursor, int column)
{
    const char *name = nu__pq.fname(cursor->handle, column);
    return name != NULL ? name : "";
}
