/* What databases send. The first byte says how it is read, the second which type it is of.
 *
 * PostgreSQL's binary form: no bytes may upset the decoder, and what has a value has a text as well.
 * PostgreSQL's text form, and texts in SQLite's columns of dates: any text gives some value. SQLite's
 * functions over dates: any text gives a value or one of the database's errors. */
#include <stdlib.h>
#include <string.h>

#include "db/postgres/internal.h"

static const Oid types[] = {
    PG_BOOL,
    PG_BYTEA,
    PG_CHAR,
    PG_NAME,
    PG_INT8,
    PG_INT2,
    PG_INT4,
    PG_TEXT,
    PG_OID,
    PG_XID,
    PG_CID,
    PG_JSON,
    PG_XML,
    PG_CIDR,
    PG_FLOAT4,
    PG_FLOAT8,
    PG_MACADDR8,
    PG_MACADDR,
    PG_INET,
    PG_BPCHAR,
    PG_VARCHAR,
    PG_DATE,
    PG_TIME,
    PG_TIMESTAMP,
    PG_TIMESTAMPTZ,
    PG_INTERVAL,
    PG_TIMETZ,
    PG_NUMERIC,
    PG_VOID,
    PG_UUID,
    PG_JSONB,
    /* arrays */
    1000,
    1001,
    1005,
    1007,
    1009,
    1016,
    1021,
    1022,
    1115,
    1182,
    1183,
    1185,
    1187,
    1231,
    1270,
    2951,
    3807,
};

static void read_binary(Oid type, const uint8_t *bytes, size_t size)
{
    nu_value   value;
    nu_builder text;
    int64_t    us;
    nu_builder_init(&text, NULL, 64);
    bool printed = nu__pg_print(&text, type, bytes, size);
    if (nu__pg_decode(type, bytes, size, &value)) {
        nu_repr(value);
        if (nu__pg_is_known(type) && nu__pg_element_of(type) == 0 && !printed)
            abort();
    }
    nu__pg_interval_us(bytes, size, &us);
}

static void read_text(Oid type, const char *text, size_t length)
{
    nu_repr(nu__pg_decode_text(type, text, length));
}

/* ---- SQLite ----------------------------------------------------------------------------------- */

static nu_database *open_columns(void)
{
    static nu_database *db;
    if (db != NULL)
        return db;
    db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql_script(db,
                  "CREATE TABLE moment (a datetime, b date, c time, d decimal, e bool, f bigint);"
                  "INSERT INTO moment (a) VALUES (NULL)");
    return db;
}

static void read_columns(nu_value text)
{
    nu_database *db = open_columns();
    nu_sql(db, "UPDATE moment SET a = ?, b = ?, c = ?, d = ?, e = ?, f = ?", text, text, text, text,
           text, text);
    nu_list *rows = nu_sql_rows(db, "SELECT a, b, c, d, e, f FROM moment");
    nu_repr(nu_value_dict(rows->items[0].dict));
}

static void call_functions(nu_value text)
{
    static const char *const calls[] = {
        "SELECT nu_extract('year', ?, NULL)",
        "SELECT nu_extract('week', ?, 'Europe/Zurich')",
        "SELECT nu_extract('second', ?, 'America/St_Johns')",
        "SELECT nu_truncate('month', ?, 'Europe/Zurich', 'datetime')",
        "SELECT nu_truncate('week', ?, NULL, 'date')",
        "SELECT nu_truncate('minute', ?, NULL, 'time')",
    };
    nu_database *db = open_columns();
    for (size_t i = 0; i < NU_COUNT(calls); i++) {
        NU_TRY {
            nu_repr(nu_sql_value(db, calls[i], text));
        }
        NU_CATCH (error) {
            if (!nu_error_is(error, NU_DATABASE_ERROR))
                abort();
        }
    }
}

/* ---- the choice --------------------------------------------------------------------------------- */

static void read_as(const uint8_t *bytes, size_t size)
{
    Oid      type = types[bytes[1] % NU_COUNT(types)];
    nu_value text = nu_value_text_copy((const char *)bytes + 2, size - 2);
    switch (bytes[0] % 4) {
    case 0: read_binary(type, bytes + 2, size - 2); break;
    case 1: read_text(type, text.text, text.length); break;
    case 2: read_columns(text); break;
    case 3: call_functions(text); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    if (size >= 2)
        read_as(bytes, size);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
