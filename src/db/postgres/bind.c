/* Parameters. Numbers, dates and the like are declared with their type, so that the server has
 * nothing to guess; texts, lists and NULL take the type of what they are compared with or stored in,
 * as literals do. */
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/json.h"

/* PostgreSQL counts from 2000-01-01. */
#define EPOCH_DAYS 10957
#define EPOCH_US   (EPOCH_DAYS * NU_DAY)

Oid nu__pg_type_of(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_BOOL: return PG_BOOL;
    case NU_INT:
        /* Small ones as int4, which becomes all other numbers by itself: substr() and date + n
         * know no int8. */
        return value.integer >= INT32_MIN && value.integer <= INT32_MAX ? PG_INT4 : PG_INT8;
    case NU_FLOAT: return PG_FLOAT8;
    case NU_DECIMAL: return PG_NUMERIC;
    case NU_BYTES: return PG_BYTEA;
    case NU_DATE: return PG_DATE;
    case NU_TIME: return PG_TIME;
    case NU_DATETIME: return value.flags & NU_NAIVE ? PG_TIMESTAMP : PG_TIMESTAMPTZ;
    case NU_DURATION: return PG_INTERVAL;
    case NU_UUID: return PG_UUID;
    case NU_NULL:
    case NU_TEXT:
    case NU_LIST:
    case NU_DICT:
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    return 0;
}

typedef struct binder {
    pg_params   *params;
    size_t       at;
    uint8_t     *room; /* 16 bytes of this parameter */
    nu_db_error *error;
} binder;

static bool put_binary(binder *bind, const void *bytes, size_t length)
{
    bind->params->values[bind->at] = bytes;
    bind->params->lengths[bind->at] = (int)length;
    bind->params->formats[bind->at] = 1;
    return true;
}

static bool refuse(binder *bind, const nu_kind *kind, const char *fact)
{
    *bind->error = (nu_db_error){
        .kind = kind,
        .fact = fact,
        .detail = nu_fmt("It is parameter %zu of the statement.", bind->at + 1),
    };
    return false;
}

static bool put_text(binder *bind, const char *text, size_t length)
{
    if (memchr(text, '\0', length) != NULL)
        return refuse(bind, NU_DATA_ERROR, "a text for PostgreSQL cannot hold a NUL character");
    bind->params->values[bind->at] = text;
    return true;
}

static bool put_number(binder *bind, Oid type, int64_t value)
{
    if (type == PG_INT4) {
        pg_write32(bind->room, (uint32_t)value);
        return put_binary(bind, bind->room, 4);
    }
    pg_write64(bind->room, (uint64_t)value);
    return put_binary(bind, bind->room, 8);
}

static bool put_float(binder *bind, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    pg_write64(bind->room, bits);
    return put_binary(bind, bind->room, 8);
}

static bool put_interval(binder *bind, int64_t us)
{
    /* Days rounded down, as Python's timedelta has them: parts of the interval show it. */
    int64_t days = us / NU_DAY - (us % NU_DAY < 0);
    pg_write64(bind->room, (uint64_t)(us - days * NU_DAY));
    pg_write32(bind->room + 8, (uint32_t)(int32_t)days);
    pg_write32(bind->room + 12, 0);
    return put_binary(bind, bind->room, 16);
}

static bool put_builder(binder *bind, nu_builder *text)
{
    return put_text(bind, nu_builder_text(text), text->length);
}

/* A list is an array where one is wanted, else JSON. */
static bool put_structure(binder *bind, Oid type, nu_value value)
{
    nu_builder text;
    if (value.type == NU_LIST && nu__pg_element_of(type) != 0) {
        nu_builder_init(&text, NULL, 64);
        nu__pg_print_array(&text, value.list);
        return put_builder(bind, &text);
    }
    const char *json = nu_json_text(value);
    return put_text(bind, json, strlen(json));
}

static bool put(binder *bind, Oid type, nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: return true;
    case NU_BOOL: bind->room[0] = value.boolean; return put_binary(bind, bind->room, 1);
    case NU_INT: return put_number(bind, type, value.integer);
    case NU_FLOAT: return put_float(bind, value.number);
    case NU_DECIMAL: bind->params->values[bind->at] = nu_decimal_plain(*value.decimal); return true;
    case NU_TEXT: return put_text(bind, value.text, value.length);
    case NU_BYTES:
        return put_binary(bind, value.length > 0 ? (const void *)value.bytes : "", value.length);
    case NU_DATE: return put_number(bind, PG_INT4, value.days - EPOCH_DAYS);
    case NU_TIME: return put_number(bind, PG_INT8, value.us);
    case NU_DATETIME: return put_number(bind, PG_INT8, value.us - EPOCH_US);
    case NU_DURATION: return put_interval(bind, value.us);
    case NU_UUID: return put_binary(bind, value.uuid->bytes, 16);
    case NU_LIST:
    case NU_DICT: return put_structure(bind, type, value);
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    return refuse(bind, NU_PROGRAMMING_ERROR, "a parameter is of a kind that no column can hold");
}

bool nu__pg_bind(const pg_entry *entry, const nu_db_statement *statement, pg_params *out,
                 nu_db_error *error)
{
    size_t    count = statement->count;
    nu_arena *arena = nu_arena_current();
    uint8_t  *room = nu_arena_alloc(arena, count * 16);
    out->values = nu_arena_array(arena, count, sizeof *out->values);
    out->lengths = nu_arena_array(arena, count, sizeof *out->lengths);
    out->formats = nu_arena_array(arena, count, sizeof *out->formats);
    for (size_t i = 0; i < count; i++) {
        binder bind = {.params = out, .at = i, .room = room + i * 16, .error = error};
        if (!put(&bind, entry->settled[i], statement->params[i]))
            return false;
    }
    return true;
}
