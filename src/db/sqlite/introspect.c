#include <string.h>
#include <strings.h>

#include "db/sqlite/internal.h"

nu_list *nu__sqlite_tables(nu_database *db)
{
    nu_list *rows = nu_sql_rows(db, "SELECT name FROM sqlite_master WHERE type = 'table' "
                                    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
    nu_list *names = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push(names, nu_dict_get(rows->items[i].dict, "name"));
    return names;
}

/* A whole number that is the primary key alone is another name of the row's own number. */
static void mark_automatic(nu_db_column_info *columns)
{
    nu_db_column_info *key = NULL;
    size_t             keys = 0;
    for (nu_db_column_info *column = columns; column->name != NULL; column++)
        if (column->primary_key) {
            key = column;
            keys++;
        }
    if (keys == 1 && strcasecmp(key->type, "integer") == 0)
        key->automatic = true;
}

/* JSON is text with a check, as the schema editor writes it. */
static void mark_json(nu_database *db, const char *table, nu_db_column_info *columns)
{
    nu_value sql = nu_sql_value(db, "SELECT sql FROM sqlite_master WHERE name = ?", table);
    if (!nu_is_text(sql) || strcasestr(sql.text, "json_valid") == NULL)
        return;
    for (nu_db_column_info *column = columns; column->name != NULL; column++) {
        if (column->kind.type == NU_DB_TEXT &&
            (strcasestr(sql.text, nu_fmt("json_valid(\"%s\")", column->name)) != NULL ||
             strcasestr(sql.text, nu_fmt("json_valid(%s)", column->name)) != NULL))
            column->kind.type = NU_DB_JSON;
    }
}

nu_db_column_info *nu__sqlite_columns(nu_database *db, const char *table)
{
    nu_list *rows = nu_sql_rows(db,
                                "SELECT name, type, \"notnull\", dflt_value, pk, hidden "
                                "FROM pragma_table_xinfo(?) ORDER BY cid",
                                table);
    if (rows->count == 0)
        return NULL;
    nu_db_column_info *columns =
        nu_arena_array(nu_arena_current(), rows->count + 1u, sizeof *columns);
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        nu_value       default_sql = nu_dict_get(row, "dflt_value");
        columns[i] = (nu_db_column_info){
            .name = nu_text(nu_dict_get(row, "name")),
            .type = nu_text(nu_dict_get(row, "type")),
            .null = nu_int(nu_dict_get(row, "notnull")) == 0,
            .primary_key = nu_int(nu_dict_get(row, "pk")) != 0,
            .default_sql = nu_is_null(default_sql) ? NULL : nu_text(default_sql),
            .generated = nu_int(nu_dict_get(row, "hidden")) >= 2,
        };
        nu__sqlite_take_kind(&columns[i]);
    }
    mark_automatic(columns);
    mark_json(db, table, columns);
    return columns;
}

const char *nu__sqlite_unique_index(nu_database *db, const char *table, const char *const *columns)
{
    nu_list *indexes = nu_sql_rows(db, "SELECT name FROM pragma_index_list(?) WHERE \"unique\" AND origin = 'c'", table);
    for (uint32_t i = 0; i < indexes->count; i++) {
        const char *name = nu_text(nu_dict_get(indexes->items[i].dict, "name"));
        nu_list    *found = nu_sql_rows(db, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", name);
        uint32_t    same = 0;
        while (same < found->count && columns[same] != NULL &&
               strcmp(nu_text(nu_dict_get(found->items[same].dict, "name")), columns[same]) == 0)
            same++;
        if (same == found->count && columns[same] == NULL)
            return name;
    }
    return NULL;
}
