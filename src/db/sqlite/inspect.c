/* For inspectdb: what there is in a SQLite database, and what it stands for in models. */
#include <string.h>

#include "db/inspect.h"
#include "db/sqlite/internal.h"

/* ---- types ----------------------------------------------------------------------------------- */

/* Names as they are declared, without measures and in small letters. SQLite takes any name; these are Django's
 * and those of other databases. */
static const nu__db_type_name types[] = {
    {"bigint", NU_DB_BIG_INT},
    {"bigint unsigned", NU_DB_POSITIVE_BIG_INT},
    {"binary", NU_DB_BINARY},
    {"blob", NU_DB_BINARY},
    {"bool", NU_DB_BOOL},
    {"boolean", NU_DB_BOOL},
    {"char", NU_DB_CHAR},
    {"character", NU_DB_CHAR},
    {"character varying", NU_DB_CHAR},
    {"clob", NU_DB_TEXT},
    {"date", NU_DB_DATE},
    {"datetime", NU_DB_DATETIME},
    {"decimal", NU_DB_DECIMAL},
    {"double", NU_DB_FLOAT},
    {"double precision", NU_DB_FLOAT},
    {"float", NU_DB_FLOAT},
    {"int", NU_DB_INT},
    {"integer", NU_DB_INT},
    {"integer unsigned", NU_DB_POSITIVE_INT},
    {"json", NU_DB_JSON},
    {"mediumint", NU_DB_INT},
    {"nchar", NU_DB_CHAR},
    {"numeric", NU_DB_DECIMAL},
    {"nvarchar", NU_DB_CHAR},
    {"real", NU_DB_FLOAT},
    {"smallint", NU_DB_SMALL_INT},
    {"smallint unsigned", NU_DB_POSITIVE_SMALL_INT},
    {"smallinteger", NU_DB_SMALL_INT},
    {"text", NU_DB_TEXT},
    {"time", NU_DB_TIME},
    {"timestamp", NU_DB_DATETIME},
    {"tinyint", NU_DB_SMALL_INT},
    {"varchar", NU_DB_CHAR},
};

/* The type without "(…)", in small letters and without spaces at its ends. */
static const char *bare_type(const char *type)
{
    nu_builder name;
    nu_builder_init(&name, NULL, 32);
    int depth = 0;
    for (; *type != '\0'; type++) {
        depth += *type == '(';
        if (depth == 0 && (*type != ' ' || (name.length > 0 && name.data[name.length - 1] != ' ')))
            nu_builder_putc(&name, *type >= 'A' && *type <= 'Z' ? (char)(*type + 32) : *type);
        depth -= *type == ')' && depth > 0;
    }
    while (name.length > 0 && name.data[name.length - 1] == ' ')
        name.length--;
    return nu_builder_text(&name);
}

void nu__sqlite_take_kind(nu_db_column_info *column)
{
    nu__db_take_kind(column, bare_type(column->type), types, NU_COUNT(types));
}

/* ---- tables ---------------------------------------------------------------------------------- */

nu_db_table_info *nu__sqlite_inspect(nu_database *db)
{
    nu_list *rows =
        nu_sql_rows(db, "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'"
                        " AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                        " ORDER BY name");
    nu_db_table_info *tables = nu_arena_array(nu_arena_current(), rows->count + 1u, sizeof *tables);
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        const char    *type = nu_text(nu_dict_get(row, "type"));
        tables[i] = (nu_db_table_info){
            .name = nu_text(nu_dict_get(row, "name")),
            .kind = strcmp(type, "view") == 0 ? NU_DB_VIEW : NU_DB_TABLE,
            .rowid = strcmp(type, "table") == 0 && nu_int(nu_dict_get(row, "wr")) == 0,
        };
    }
    return tables;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* One key on its way: its columns, and whether each is a plain one. */
struct key {
    nu_list *columns, *to_columns;
    bool     plain;
};

static nu_list *primary_key(nu_database *db, const char *table)
{
    nu_list *rows =
        nu_sql_rows(db, "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", table);
    nu_list *names = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push(names, nu_dict_get(rows->items[i].dict, "name"));
    return names;
}

static nu_db_key_info *add(nu_db_key_info *at, nu_db_key_kind kind, const nu_list *columns)
{
    *at = (nu_db_key_info){.kind = kind, .columns = nu__db_names_of(columns)};
    return at + 1;
}

static struct key index_key(nu_database *db, const char *index)
{
    struct key key = {.columns = nu_list_new(), .plain = true};
    nu_list *rows = nu_sql_rows(db, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", index);
    for (uint32_t i = 0; i < rows->count; i++) {
        nu_value name = nu_dict_get(rows->items[i].dict, "name");
        key.plain = key.plain && nu_is_text(name); /* an expression has none */
        nu_list_push(key.columns, name);
    }
    return key;
}

/* Rows `from` up to the next key of pragma_foreign_key_list. "to" is NULL for the other table's primary key. */
static struct key foreign_key(nu_database *db, const nu_list *rows, uint32_t *from)
{
    struct key     key = {.columns = nu_list_new(), .to_columns = nu_list_new(), .plain = true};
    const nu_dict *first = rows->items[*from].dict;
    nu_list       *target = primary_key(db, nu_text(nu_dict_get(first, "table")));
    int64_t        id = nu_int(nu_dict_get(first, "id"));
    for (; *from < rows->count && nu_int(nu_dict_get(rows->items[*from].dict, "id")) == id;
         (*from)++) {
        const nu_dict *row = rows->items[*from].dict;
        nu_value       to = nu_dict_get(row, "to");
        if (nu_is_null(to) && key.columns->count < target->count)
            to = target->items[key.columns->count];
        key.plain = key.plain && nu_is_text(to);
        nu_list_push(key.columns, nu_dict_get(row, "from"));
        nu_list_push(key.to_columns, to);
    }
    return key;
}

nu_db_key_info *nu__sqlite_keys(nu_database *db, const char *table)
{
    nu_list *primary = primary_key(db, table);
    nu_list *indexes =
        nu_sql_rows(db,
                    "SELECT name FROM pragma_index_list(?) WHERE \"unique\" AND NOT partial"
                    " AND origin <> 'pk' ORDER BY name",
                    table);
    nu_list *foreign = nu_sql_rows(
        db,
        "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq",
        table);
    nu_db_key_info *keys =
        nu_arena_array(nu_arena_current(), indexes->count + foreign->count + 2u, sizeof *keys);
    nu_db_key_info *at = keys;
    if (primary->count > 0)
        at = add(at, NU_DB_PRIMARY_KEY, primary);
    for (uint32_t i = 0; i < indexes->count; i++) {
        struct key key = index_key(db, nu_text(nu_dict_get(indexes->items[i].dict, "name")));
        if (key.plain)
            at = add(at, NU_DB_UNIQUE_KEY, key.columns);
    }
    for (uint32_t i = 0; i < foreign->count;) {
        const char *to_table = nu_text(nu_dict_get(foreign->items[i].dict, "table"));
        struct key  key = foreign_key(db, foreign, &i);
        if (!key.plain)
            continue;
        at = add(at, NU_DB_FOREIGN_KEY, key.columns);
        at[-1].to_table = to_table;
        at[-1].to_columns = nu__db_names_of(key.to_columns);
    }
    return keys;
}
