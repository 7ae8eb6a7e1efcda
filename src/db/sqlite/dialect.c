/* How SQLite spells what databases spell differently; and the table of the whole back end. */
#include <string.h>

#include "db/part.h"
#include "db/quote.h"
#include "db/sqlite/internal.h"

/* Django's types, which give the right affinity too. */
static const char *const type_names[] = {
    [NU_DB_AUTO] = "integer",
    [NU_DB_BIG_AUTO] = "integer",
    [NU_DB_SMALL_AUTO] = "integer",
    [NU_DB_BOOL] = "bool",
    [NU_DB_SMALL_INT] = "smallint",
    [NU_DB_INT] = "integer",
    [NU_DB_BIG_INT] = "bigint",
    [NU_DB_POSITIVE_SMALL_INT] = "smallint unsigned",
    [NU_DB_POSITIVE_INT] = "integer unsigned",
    [NU_DB_POSITIVE_BIG_INT] = "bigint unsigned",
    [NU_DB_FLOAT] = "real",
    [NU_DB_DECIMAL] = "decimal",
    [NU_DB_CHAR] = "varchar",
    [NU_DB_TEXT] = "text",
    [NU_DB_SLUG] = "varchar",
    [NU_DB_IP] = "char(39)",
    [NU_DB_DATE] = "date",
    [NU_DB_TIME] = "time",
    [NU_DB_DATETIME] = "datetime",
    [NU_DB_DURATION] = "bigint",
    [NU_DB_UUID] = "char(32)",
    [NU_DB_JSON] = "text",
    [NU_DB_BINARY] = "BLOB",
};

static void column_type(nu_builder *sql, nu_db_column_type type)
{
    nu_builder_puts(sql, type_names[type.type]);
    if ((type.type == NU_DB_CHAR || type.type == NU_DB_SLUG) && type.length > 0)
        nu_builder_printf(sql, "(%d)", type.length);
}

static const char *column_suffix(nu_db_column_type type)
{
    return type.type <= NU_DB_SMALL_AUTO ? "AUTOINCREMENT" : NULL;
}

static bool column_check(nu_builder *sql, nu_db_column_type type, const char *column)
{
    if (type.type == NU_DB_JSON) {
        nu_builder_puts(sql, "(JSON_VALID(");
        nu__db_quote(sql, column);
        nu_builder_puts(sql, ") OR ");
        nu__db_quote(sql, column);
        nu_builder_puts(sql, " IS NULL)");
        return true;
    }
    if (type.type < NU_DB_POSITIVE_SMALL_INT || type.type > NU_DB_POSITIVE_BIG_INT)
        return false;
    nu__db_quote(sql, column);
    nu_builder_puts(sql, " >= 0");
    return true;
}

/* ---- dates ---------------------------------------------------------------------------------- */

/* A zone's name comes from tzdata and holds no quote; only a datetime is moved to it. */
static void put_zone(nu_builder *sql, nu_db_type of, const char *zone)
{
    if (of == NU_DB_DATETIME && zone != NULL)
        nu_builder_printf(sql, "'%s'", zone);
    else
        nu_builder_puts(sql, "NULL");
}

static void extract(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                    const char *zone)
{
    nu_builder_printf(sql, "nu_extract('%s', %s, ", nu__db_part_names[part], inner);
    put_zone(sql, of, zone);
    nu_builder_putc(sql, ')');
}

static void truncate(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                     const char *zone)
{
    nu_builder_printf(sql, "nu_truncate('%s', %s, ", nu__db_part_names[part], inner);
    put_zone(sql, of, zone);
    nu_builder_puts(sql, of == NU_DB_DATE   ? ", 'date')"
                         : of == NU_DB_TIME ? ", 'time')"
                                            : ", 'datetime')");
}

const nu_db_backend nu_db_sqlite = {
    .name = "sqlite",
    .schemes = "sqlite sqlite3",
    .accepts = nu__sqlite_accepts,
    .single = nu__sqlite_single,
    .file = nu__sqlite_file,
    .open = nu__sqlite_open,
    .close = nu__sqlite_close,
    .run = nu__sqlite_run,
    .next = nu__sqlite_next,
    .finish = nu__sqlite_finish,
    .script = nu__sqlite_script,
    .in_transaction = nu__sqlite_in_transaction,
    .tidy = nu__sqlite_tidy,
    .snapshot = nu__sqlite_snapshot,
    .is_null = nu__sqlite_is_null,
    .get_int = nu__sqlite_get_int,
    .get_float = nu__sqlite_get_float,
    .get_text = nu__sqlite_get_text,
    .get_bytes = nu__sqlite_get_bytes,
    .get_value = nu__sqlite_get_value,
    .column_name = nu__sqlite_column_name,
    .begin = "BEGIN IMMEDIATE",
    .begin_snapshot = "BEGIN",
    .max_params = 32766,
    .max_named = 500,
    .placeholder = '?',
    .one_writer = true,
    .deferred_checks = true,
    .schema_in_transaction = true,
    .nulls_first = true,
    .virtual_columns = true,
    .no_limit = "-1",
    .explain = "EXPLAIN QUERY PLAN",
    .random = "RANDOM()",
    .row_list = "VALUES ",
    .checks_off = "PRAGMA foreign_keys = OFF",
    .checks_on = "PRAGMA foreign_keys = ON",
    .broken_references = "PRAGMA foreign_key_check",
    .quote = nu__db_quote,
    .literal = nu__sqlite_literal,
    .column_type = column_type,
    .column_suffix = column_suffix,
    .column_check = column_check,
    .pattern = nu__db_like_pattern,
    .extract = extract,
    .truncate = truncate,
    .functions = &nu__sqlite_functions,
    .decimal = "NUMERIC",
    .tables = nu__sqlite_tables,
    .columns = nu__sqlite_columns,
    .inspect = nu__sqlite_inspect,
    .keys = nu__sqlite_keys,
    .unique_index = nu__sqlite_unique_index,
};
