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

nu_db_column_info *nu__sqlite_columns(nu_database *db, const char *table)
{
    nu_list *rows = nu_sql_rows(db,
                                "SELECT name, type, \"notnull\", dflt_value, pk "
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
        };
    }
    return columns;
}
