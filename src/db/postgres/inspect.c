/* For inspectdb: what there is in a PostgreSQL database, and what it stands for in models. */
#include <string.h>

#include "db/inspect.h"
#include "db/postgres/internal.h"

/* ---- types ----------------------------------------------------------------------------------- */

/* As format_type() writes them, without measures. */
static const nu__db_type_name types[] = {
    {"bigint", NU_DB_BIG_INT},
    {"boolean", NU_DB_BOOL},
    {"bytea", NU_DB_BINARY},
    {"character", NU_DB_CHAR},
    {"character varying", NU_DB_CHAR},
    {"date", NU_DB_DATE},
    {"double precision", NU_DB_FLOAT},
    {"inet", NU_DB_IP},
    {"integer", NU_DB_INT},
    {"interval", NU_DB_DURATION},
    {"json", NU_DB_JSON},
    {"jsonb", NU_DB_JSON},
    {"numeric", NU_DB_DECIMAL},
    {"real", NU_DB_FLOAT},
    {"smallint", NU_DB_SMALL_INT},
    {"text", NU_DB_TEXT},
    {"time without time zone", NU_DB_TIME},
    {"timestamp with time zone", NU_DB_DATETIME},
    {"timestamp without time zone", NU_DB_DATETIME},
    {"uuid", NU_DB_UUID},
};

/* "numeric(8,2)", "timestamp(3) with time zone": the name without its measures. */
static const char *bare_type(const char *type)
{
    const char *open = strchr(type, '('), *close = open != NULL ? strchr(open, ')') : NULL;
    return close != NULL ? nu_fmt("%.*s%s", (int)(open - type), type, close + 1) : type;
}

/* "integer[]" is a list of integers; format_type() tells neither dimensions nor sizes. */
void nu__pg_take_kind(nu_db_column_info *column)
{
    const char *bare = bare_type(column->type), *item = bare;
    size_t      length = strlen(bare);
    column->array = length > 2 && strcmp(bare + length - 2, "[]") == 0;
    if (column->array)
        item = nu_fmt("%.*s", (int)length - 2, bare);
    nu__db_take_kind(column, item, types, NU_COUNT(types));
    column->array = column->array && !column->guessed;
}

/* ---- tables ---------------------------------------------------------------------------------- */

nu_db_table_info *nu__pg_inspect(nu_database *db)
{
    nu_list *rows =
        nu_sql_rows(db, "SELECT c.relname, c.relkind::text AS kind, c.relispartition"
                        " FROM pg_catalog.pg_class c"
                        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')"
                        " AND n.nspname NOT IN ('pg_catalog', 'pg_toast')"
                        " AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY c.relname");
    nu_db_table_info *tables = nu_arena_array(nu_arena_current(), rows->count + 1u, sizeof *tables);
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        char           kind = nu_text(nu_dict_get(row, "kind"))[0];
        bool           partition = nu_truth(nu_dict_get(row, "relispartition"));
        tables[i] = (nu_db_table_info){
            .name = nu_text(nu_dict_get(row, "relname")),
            .kind = kind == 'v' || kind == 'm' ? NU_DB_VIEW
                    : partition                ? NU_DB_PARTITION
                                               : NU_DB_TABLE,
        };
    }
    return tables;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Names of columns by their numbers, in order. */
#define NAMES(numbers, table)                                                                      \
    "ARRAY(SELECT a.attname::text FROM unnest(" numbers ") WITH ORDINALITY k(num, place)"          \
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = " table " AND a.attnum = k.num"               \
    " ORDER BY k.place)"

nu_db_key_info *nu__pg_keys(nu_database *db, const char *table)
{
    nu_list *indexes = nu_sql_rows(
        db,
        "SELECT i.indisprimary, " NAMES(
            "(i.indkey::int2[])[0:i.indnkeyatts - 1]",
            "c.oid") " AS columns"
                     " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid"
                     " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
                     " WHERE c.relname = ? AND pg_catalog.pg_table_is_visible(c.oid)"
                     " AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL"
                     " ORDER BY i.indisprimary DESC, x.relname",
        table);
    nu_list *foreign = nu_sql_rows(
        db,
        "SELECT t.relname, " NAMES("f.conkey", "f.conrelid") " AS columns, " NAMES(
            "f.confkey",
            "f.confrelid") " AS to_columns"
                           " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_constraint f ON "
                           "f.conrelid = c.oid"
                           " JOIN pg_catalog.pg_class t ON t.oid = f.confrelid"
                           " WHERE c.relname = ? AND pg_catalog.pg_table_is_visible(c.oid) AND "
                           "f.contype::text = 'f'"
                           " AND pg_catalog.pg_table_is_visible(t.oid) ORDER BY f.conname",
        table);
    nu_db_key_info *keys =
        nu_arena_array(nu_arena_current(), indexes->count + foreign->count + 1u, sizeof *keys);
    for (uint32_t i = 0; i < indexes->count; i++) {
        const nu_dict *row = indexes->items[i].dict;
        keys[i] = (nu_db_key_info){
            .kind =
                nu_truth(nu_dict_get(row, "indisprimary")) ? NU_DB_PRIMARY_KEY : NU_DB_UNIQUE_KEY,
            .columns = nu__db_names_of(nu_dict_get(row, "columns").list),
        };
    }
    for (uint32_t i = 0; i < foreign->count; i++) {
        const nu_dict *row = foreign->items[i].dict;
        keys[indexes->count + i] = (nu_db_key_info){
            .kind = NU_DB_FOREIGN_KEY,
            .columns = nu__db_names_of(nu_dict_get(row, "columns").list),
            .to_table = nu_text(nu_dict_get(row, "relname")),
            .to_columns = nu__db_names_of(nu_dict_get(row, "to_columns").list),
        };
    }
    return keys;
}
