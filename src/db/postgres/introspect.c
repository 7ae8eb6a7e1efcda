#include <string.h>

#include "db/postgres/internal.h"

nu_list *nu__pg_tables(nu_database *db)
{
    nu_list *rows =
        nu_sql_rows(db, "SELECT c.relname FROM pg_catalog.pg_class c"
                        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE c.relkind IN ('r', 'p')"
                        " AND n.nspname NOT IN ('pg_catalog', 'pg_toast')"
                        " AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY c.relname");
    nu_list *names = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push(names, nu_dict_get(rows->items[i].dict, "relname"));
    return names;
}

/* A table by the name as it is kept, not as SQL would read it. */
#define VISIBLE_TABLE                                                                              \
    " JOIN pg_catalog.pg_class c ON c.relname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"      \
    " AND pg_catalog.pg_table_is_visible(c.oid)"

nu_db_column_info *nu__pg_columns(nu_database *db, const char *table)
{
    nu_list *rows =
        nu_sql_rows(db,
                    "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,"
                    " a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_sql,"
                    " EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid"
                    " AND i.indisprimary AND a.attnum = ANY(i.indkey)) AS primary_key,"
                    " a.attidentity <> '' OR COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid)"
                    " LIKE 'nextval(%', false) AS automatic, a.attgenerated <> '' AS generated"
                    " FROM pg_catalog.pg_attribute a" VISIBLE_TABLE " AND a.attrelid = c.oid"
                    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
                    " WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
                    table);
    if (rows->count == 0)
        return NULL;
    nu_db_column_info *columns =
        nu_arena_array(nu_arena_current(), rows->count + 1u, sizeof *columns);
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        nu_value       default_sql = nu_dict_get(row, "default_sql");
        columns[i] = (nu_db_column_info){
            .name = nu_text(nu_dict_get(row, "attname")),
            .type = nu_text(nu_dict_get(row, "type")),
            .null = !nu_truth(nu_dict_get(row, "attnotnull")),
            .primary_key = nu_truth(nu_dict_get(row, "primary_key")),
            .default_sql = nu_is_null(default_sql) ? NULL : nu_text(default_sql),
            .automatic = nu_truth(nu_dict_get(row, "automatic")),
            .generated = nu_truth(nu_dict_get(row, "generated")),
        };
        nu__pg_take_kind(&columns[i]);
    }
    return columns;
}

static bool are_same(const nu_list *names, const char *const *columns)
{
    uint32_t same = 0;
    while (same < names->count && columns[same] != NULL &&
           strcmp(nu_text(names->items[same]), columns[same]) == 0)
        same++;
    return same == names->count && columns[same] == NULL;
}

const char *nu__pg_unique_index(nu_database *db, const char *table, const char *const *columns)
{
    nu_list *rows = nu_sql_rows(
        db,
        "SELECT x.relname, ARRAY(SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY k(num, "
        "place)"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num"
        " ORDER BY k.place) AS columns"
        " FROM pg_catalog.pg_index i" VISIBLE_TABLE " AND i.indrelid = c.oid"
        " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
        " WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL"
        " ORDER BY x.relname",
        table);
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        if (are_same(nu_dict_get(row, "columns").list, columns))
            return nu_text(nu_dict_get(row, "relname"));
    }
    return NULL;
}

/* The constraint of one kind over exactly this column. */
static const char *constraint_of(nu_database *db, const char *table, const char *column,
                                 const char *kind)
{
    nu_value name = nu_sql_value(
        db,
        "SELECT k.conname FROM pg_catalog.pg_constraint k" VISIBLE_TABLE " AND k.conrelid = c.oid"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = ?"
        " WHERE k.contype::text = ? AND k.conkey = ARRAY[a.attnum] ORDER BY k.conname",
        table, column, kind);
    return nu_is_null(name) ? NULL : nu_text(name);
}

const char *nu__pg_reference(nu_database *db, const char *table, const char *column)
{
    return constraint_of(db, table, column, "f");
}

const char *nu__pg_check(nu_database *db, const char *table, const char *column)
{
    return constraint_of(db, table, column, "c");
}
