/* Writing many rows, and rows that may be there already. */
#include <string.h>

#include "model/query_internal.h"
#include "model/shape.h"
#include "nuages/text.h"
#include "nuages/router.h"

/* ---- UPDATE --------------------------------------------------------------------------------- */

static bool needs_keys(const nu_query *query)
{
    return query->join_count > 1 || query->distinct || query->grouping != NU_GROUP_NONE;
}

/* Rows that other tables help to choose are named by their keys. */
static void put_where(nu_sql *sql, nu_query *query)
{
    if (query->where == NULL && !needs_keys(query))
        return;
    nu_builder_puts(&sql->text, " WHERE ");
    if (!needs_keys(query)) {
        nu__sql_expr(sql, query->where);
        return;
    }
    nu_query *keys = nu__query_clone(query);
    keys->result = NU_RESULT_ROWS;
    keys->names = NULL;
    nu__sql_key(sql, query->info);
    nu_builder_puts(&sql->text, " IN ");
    nu__sql_subselect(sql, keys, NULL, false);
}

static const nu_column *column_to_set(const nu_query *query, const char *name)
{
    if (strcmp(name, "pk") == 0)
        nu_raise(NU_FIELD_NOT_FOUND, "nu_update sets fields by their names: \"pk\" is none");
    const nu_column *column = nu_column_get(query->model, name);
    if (column->field->generated != NULL)
        nu_raise(NU_FIELD_ERROR, "field \"%s\" of model \"%s\" is computed by the database", name,
                 query->model->name);
    if (column->field->type->many)
        nu_raise(NU_FIELD_ERROR, "field \"%s\" of model \"%s\" holds many rows; use nu_many_set",
                 name, query->model->name);
    return column;
}

static void put_assignment(nu_sql *sql, nu_query *query, const char *name, nu_value value)
{
    const nu_column     *column = column_to_set(query, name);
    const nu_expression *expression = nu_expression_of(value);
    if (expression == NULL && nu_query_from(value) != NULL)
        expression = nu_subquery(nu_query_from(value));
    sql->backend->quote(&sql->text, column->column);
    nu_builder_puts(&sql->text, " = ");
    if (expression == NULL) {
        nu__sql_param(sql, nu__prepare_stored(column, value, sql->backend));
        return;
    }
    int      joins = query->join_count;
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    expression = nu__expr_resolve(query, expression, &reuse, &used);
    if (query->join_count > joins)
        nu_raise(NU_FIELD_ERROR, "nu_update cannot take \"%s\" from another table", name);
    nu__sql_expr(sql, expression);
}

typedef struct updating {
    const nu_query *query;
    nu_pairs        pairs;
} updating;

static void write_update(nu_sql *sql, const void *what, nu_plan *plan)
{
    const updating *update = what;
    nu_query       *rows = nu__query_clone(update->query);
    nu_scope        scope = {.query = rows};
    (void)plan; /* there are no rows to read */
    sql->scope = &scope;
    nu_builder_puts(&sql->text, "UPDATE ");
    sql->backend->quote(&sql->text, rows->info->table);
    nu_builder_puts(&sql->text, " SET ");
    for (size_t i = 0; i < update->pairs.count; i++) {
        if (i > 0)
            nu_builder_puts(&sql->text, ", ");
        put_assignment(sql, rows, update->pairs.items[i].key, update->pairs.items[i].value);
    }
    put_where(sql, rows);
    sql->scope = NULL;
}

/* Fields that are set to values; those that are set to expressions have no shape. */
static bool read_update(nu_shape *shape, nu_sql *sql, const void *what)
{
    const updating *update = what;
    nu__shape_init(shape, sql, (const void *)(uintptr_t)write_update);
    nu__shape_add(shape, update->pairs.count);
    for (size_t i = 0; i < update->pairs.count; i++) {
        nu_value         value = update->pairs.items[i].value;
        const nu_column *column = column_to_set(update->query, update->pairs.items[i].key);
        if (nu_expression_of(value) != NULL || nu_query_from(value) != NULL ||
            !nu__shape_add_column(shape, column))
            return false;
        nu__sql_keep_param(sql, nu__prepare_stored(column, value, sql->backend), NULL);
    }
    return nu__shape_add_query(shape, sql, update->query);
}

static NU_WAITS int64_t update_table(nu_query *query, nu_pairs pairs)
{
    nu_database *db = nu__query_database(query);
    updating     update = {query, pairs};
    nu_sql       sql;
    nu_plan      plan;
    nu__sql_shaped(&sql, db, &(nu_shaped){read_update, write_update, &update, NULL}, &plan);
    nu_db_statement statement = nu__sql_statement(&sql, true);
    return nu__db_run_all(db, &statement);
}

/* Of `pairs`, those whose column lies in the table of `info`. */
static nu_pairs pairs_of_table(const nu_query *query, nu_pairs pairs, const nu_model_info *info)
{
    nu_pair *items = nu_alloc((pairs.count + 1) * sizeof *items);
    size_t   count = 0;
    for (size_t i = 0; i < pairs.count; i++) {
        if (nu__info(column_to_set(query, pairs.items[i].key)->model)->concrete == info)
            items[count++] = pairs.items[i];
    }
    return (nu_pairs){items, count};
}

/* Fields of parents lie in tables of their own: the keys are read first, then each table is written. */
static NU_WAITS int64_t update_tables(nu_query *query, nu_pairs pairs)
{
    nu_list *keys = nu_query_list(nu_flat(nu_unordered(query), "pk"));
    int64_t  count = 0;
    for (const nu_model_info *info = query->info->concrete; info != NULL; info = info->parent) {
        nu_pairs own = pairs_of_table(query, pairs, info);
        if (own.count == 0 || keys->count == 0)
            continue;
        nu_query *rows = nu_filter(nu_query_everything(info->model), "pk__in", keys);
        rows->database = query->database;
        int64_t written = update_table(nu_unordered(rows), own);
        count = count > 0 ? count : written;
    }
    return count;
}

int64_t nu_update_(nu_query *query, nu_pairs pairs)
{
    query = (nu_query *)nu__query_to_write(query);
    nu__refuse_combined(query, "updated");
    nu__refuse_slice(query, "updated");
    if (query->none || pairs.count == 0)
        return 0;
    nu_pairs own = pairs_of_table(query, pairs, query->info->concrete);
    if (own.count == pairs.count)
        return update_table(query, pairs);
    int64_t count = 0;
    NU_ATOMIC_ON(nu_database_alias(nu__query_database(query)))
    count = update_tables(query, pairs);
    return count;
}

/* ---- get_or_create -------------------------------------------------------------------------- */

/* Lookups such as "title__iexact" choose rows; they are no values for a new one. */
static void set_pairs(nu_row *row, nu_pairs pairs, bool lookups)
{
    for (size_t i = 0; i < pairs.count; i++) {
        if (!lookups || strstr(pairs.items[i].key, "__") == NULL)
            nu_row_set(row, pairs.items[i].key, pairs.items[i].value);
    }
}

static NU_WAITS nu_row *insert(nu_query *query, nu_row *row)
{
    nu__set_prepare(query, row);
    nu_row_insert(row);
    nu__set_add(query, row);
    return row;
}

nu_row *nu_query_create_(nu_query *query, nu_pairs pairs)
{
    nu_row *row = nu_row_new(query->model);
    row->state->database = query->database;
    set_pairs(row, pairs, false);
    return insert(query, row);
}

static NU_WAITS nu_row *create(nu_query *query, nu_pairs pairs, nu_pairs defaults)
{
    nu_row *row = nu_row_new(query->model);
    row->state->database = query->database;
    set_pairs(row, pairs, true);
    set_pairs(row, defaults, false);
    NU_ATOMIC_ON(nu_database_alias(nu__query_database(query)))
    insert(query, row);
    return row;
}

/* Another process may create the row between our look and our insert; then theirs is the one. */
nu_row *nu_get_or_create_(nu_query *query, nu_pairs defaults, bool *created, nu_pairs pairs)
{
    query = (nu_query *)nu__query_to_write(query);
    nu_row *volatile row = nu_find_(query, pairs);
    if (created != NULL)
        *created = row == NULL;
    if (row != NULL)
        return row;
    NU_TRY {
        row = create(query, pairs, defaults);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_INTEGRITY_ERROR))
            nu_reraise(error);
        row = nu_find_(query, pairs);
        if (row == NULL)
            nu_reraise(error);
        if (created != NULL)
            *created = false;
    }
    return row;
}

nu_row *nu_update_or_create_(nu_query *query, nu_pairs defaults, bool *created, nu_pairs pairs)
{
    bool    fresh = false;
    nu_row *row = NULL;
    query = (nu_query *)nu__query_to_write(query);
    NU_ATOMIC_ON(nu_database_alias(nu__query_database(query)))
    {
        row = nu_get_or_create_(nu_select_for_update(query), defaults, &fresh, pairs);
        if (!fresh) {
            set_pairs(row, defaults, false);
            nu_row_save(row);
        }
    }
    if (created != NULL)
        *created = fresh;
    return row;
}
