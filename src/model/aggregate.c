/* Counting, asking whether there is any, and other aggregates of a whole query. */
#include <string.h>

#include "model/query_internal.h"

/* True if the query's rows are no plain selection, so that an aggregate must stand around them. */
static bool is_layered(const nu_query *query)
{
    return query->distinct || query->low > 0 || query->high >= 0 ||
           query->grouping != NU_GROUP_NONE || query->combination != 0;
}

/* Values of a relation to many are as many rows, also when nobody reads the values. */
static void keep_value_joins(nu_query *query)
{
    if (query->result == NU_RESULT_ROWS || query->names == NULL || is_layered(query))
        return;
    for (const char *const *name = query->names; *name != NULL; name++)
        nu__value_expr(query, *name);
}

/* The same rows in no order and with nothing attached. */
static nu_query *bare(const nu_query *query)
{
    nu__refuse_hand(query, "counted or summed up");
    nu_query *copy = nu__query_clone(query);
    copy->related = NULL;
    copy->related_all = false;
    copy->prefetch = NULL;
    copy->lock = NULL;
    if (query->low == 0 && query->high < 0) {
        copy->ordered = true;
        copy->order_count = 0;
    }
    keep_value_joins(copy);
    return copy;
}

static void put_subquery(nu_sql *sql, const nu_query *query)
{
    nu_plan plan;
    nu_builder_puts(&sql->text, " FROM (");
    nu__sql_select(sql, query, &plan);
    nu_builder_puts(&sql->text, ") subquery");
}

static NU_WAITS nu_value read_one(nu_sql *sql, nu_database *db)
{
    nu_db_run       run;
    nu_db_statement statement = nu__sql_statement(sql, false);
    nu__db_start(&run, db, &statement);
    nu_value value = run.cursor.row ? nu__read_value(&run, 0, &nu__int_column) : nu_null();
    nu__db_finish(&run);
    return value;
}

/* SELECT of `what`, which goes with FROM; the rows of a layered query stand in a subquery. */
static void write_around(nu_sql *sql, const char *what, const nu_query *rows)
{
    nu_scope scope = {.query = rows};
    sql->scope = &scope;
    nu_builder_puts(&sql->text, what);
    if (is_layered(rows))
        put_subquery(sql, rows);
    else
        nu__sql_from_where(sql, rows);
    sql->scope = NULL;
}

static void write_count(nu_sql *sql, const nu_query *rows, nu_plan *plan)
{
    *plan = (nu_plan){.groups = NULL};
    write_around(sql, "SELECT COUNT(*)", rows);
}

static void write_exists(nu_sql *sql, const nu_query *rows, nu_plan *plan)
{
    *plan = (nu_plan){.groups = NULL};
    write_around(sql, "SELECT 1", rows);
    nu_builder_puts(&sql->text, " LIMIT 1");
}

int64_t nu_count(nu_query *query)
{
    if (query->none)
        return 0;
    if (query->fetched != NULL)
        return (int64_t)query->fetched->count;
    if (query->list != NULL)
        return query->list->count;
    nu_database *db = nu__query_database(query);
    nu_sql       sql;
    nu_plan      plan;
    nu__sql_query(&sql, db, write_count, bare(query), &plan);
    nu_value count = read_one(&sql, db);
    return nu_is_null(count) ? 0 : count.integer;
}

bool nu_exists(nu_query *query)
{
    if (query->none)
        return false;
    if (query->fetched != NULL)
        return query->fetched->count > 0;
    nu_database *db = nu__query_database(query);
    nu_sql       sql;
    nu_plan      plan;
    if (query->lock == NULL) {
        nu__sql_query(&sql, db, write_exists, bare(query), &plan);
    } else {
        nu_scope scope = {.query = query};
        nu__sql_init(&sql, db);
        write_exists(&sql, bare(query), &plan);
        sql.scope = &scope;
        nu__sql_lock(&sql, query, &plan);
    }
    return !nu_is_null(read_one(&sql, db));
}

/* ---- aggregates ----------------------------------------------------------------------------- */

/* An alias is no column of the rows that are summed up. */
static void refuse_aliases(const nu_query *query, const nu_expression *expression)
{
    nu_check_stack();
    for (size_t i = 0; expression->kind == NU_EXPR_F && i < query->annotation_count; i++) {
        const nu_annotation *annotation = &query->annotations[i];
        if (!annotation->hidden || strcmp(annotation->name, expression->name) != 0)
            continue;
        nu_error *error =
            nu_error_new(NU_FIELD_ERROR, "the alias \"%s\" cannot be summed up", annotation->name);
        error->hint = "Make it an annotation with nu_annotate.";
        nu_throw(error);
    }
    for (size_t i = 0; i < expression->count; i++)
        refuse_aliases(query, expression->args[i]);
}

static const nu_expression **resolve_all(nu_query *query, nu_pairs pairs)
{
    const nu_expression **resolved = nu_alloc((pairs.count + 1) * sizeof *resolved);
    for (size_t i = 0; i < pairs.count; i++) {
        const nu_expression *expression = nu_expression_of(pairs.items[i].value);
        nu_joins             reuse = NU_EVERY_JOIN, used = 0;
        if (expression != NULL)
            refuse_aliases(query, expression);
        resolved[i] =
            expression != NULL ? nu__expr_resolve(query, expression, &reuse, &used) : NULL;
        if (resolved[i] == NULL || !resolved[i]->aggregate) {
            nu_error *error =
                nu_error_new(NU_FIELD_ERROR, "\"%s\" is no aggregate", pairs.items[i].key);
            error->hint = "Use nu_count_of, nu_sum, nu_avg, nu_min or nu_max.";
            nu_throw(error);
        }
    }
    return resolved;
}

static void put_aggregates(nu_sql *sql, nu_pairs pairs, const nu_expression *const *resolved)
{
    nu_builder_puts(&sql->text, "SELECT ");
    for (size_t i = 0; i < pairs.count; i++) {
        if (i > 0)
            nu_builder_puts(&sql->text, ", ");
        nu__sql_expr(sql, resolved[i]);
        nu_builder_puts(&sql->text, " AS ");
        sql->backend->quote(&sql->text, pairs.items[i].key);
    }
}

/* What aggregates give for no rows at all. */
static nu_value empty_result(const nu_expression *expression)
{
    bool count = expression->kind == NU_EXPR_AGGREGATE && expression->shape->zero;
    return count ? nu_value_int(0) : nu_null();
}

static NU_WAITS void read_aggregates(nu_sql *sql, nu_database *db, nu_pairs pairs,
                                     const nu_expression *const *resolved, nu_dict *out)
{
    nu_db_run       run;
    nu_db_statement statement = nu__sql_statement(sql, false);
    nu__db_start(&run, db, &statement);
    for (size_t i = 0; run.cursor.row && i < pairs.count; i++)
        nu_dict_put(out, nu_value_text(pairs.items[i].key),
                    nu__read_value(&run, (int)i, nu__expr_type(resolved[i])));
    nu__db_finish(&run);
}

nu_dict *nu_aggregate_(nu_query *query, nu_pairs pairs)
{
    nu_dict              *out = nu_dict_new();
    nu_query             *rows = bare(query);
    bool                  layered = is_layered(query);
    const nu_expression **resolved = resolve_all(rows, pairs);
    if (query->none) {
        for (size_t i = 0; i < pairs.count; i++)
            nu_dict_put(out, nu_value_text(pairs.items[i].key), empty_result(resolved[i]));
        return out;
    }
    nu_sql   sql;
    nu_scope scope = {.query = rows, .bare = layered, .by_name = layered};
    nu__sql_init(&sql, nu__query_database(query));
    sql.scope = &scope;
    put_aggregates(&sql, pairs, resolved);
    if (layered)
        put_subquery(&sql, rows);
    else
        nu__sql_from_where(&sql, rows);
    read_aggregates(&sql, nu__query_database(query), pairs, resolved, out);
    return out;
}
