/* Queries as SELECT statements. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static void put(nu_sql *sql, const char *text)
{
    nu_builder_puts(&sql->text, text);
}

/* ---- FROM, WHERE ---------------------------------------------------------------------------- */

static void put_table(nu_sql *sql, const nu_query *query, int join)
{
    const nu_join *table = &query->joins[join];
    sql->backend->quote(&sql->text, table->info->table);
    bool renamed = sql->scope->depth > 0 || strcmp(table->alias, table->info->table) != 0;
    if (renamed && !sql->scope->bare) {
        nu_builder_putc(&sql->text, ' ');
        nu__sql_alias(sql, sql->scope, join);
    }
}

static void put_content_type(nu_sql *sql, const nu_join *join, int at)
{
    if (join->type_column == NULL)
        return;
    sql->shapeless = true; /* the number of a content type is the database's */
    put(sql, " AND ");
    nu__sql_alias(sql, sql->scope, join->type_of_parent ? join->parent : at);
    nu_builder_putc(&sql->text, '.');
    sql->backend->quote(&sql->text, join->type_column);
    nu_builder_printf(&sql->text, " = %lld", (long long)join->type);
}

static void put_joins(nu_sql *sql, const nu_query *query)
{
    for (int i = 1; i < query->join_count; i++) {
        const nu_join *join = &query->joins[i];
        put(sql, join->outer ? " LEFT OUTER JOIN " : " INNER JOIN ");
        put_table(sql, query, i);
        put(sql, " ON (");
        nu__sql_alias(sql, sql->scope, join->parent);
        nu_builder_putc(&sql->text, '.');
        sql->backend->quote(&sql->text, join->parent_column);
        put(sql, " = ");
        nu__sql_alias(sql, sql->scope, i);
        nu_builder_putc(&sql->text, '.');
        sql->backend->quote(&sql->text, join->column);
        put_content_type(sql, join, i);
        if (join->condition != NULL) {
            put(sql, " AND (");
            nu__sql_expr(sql, join->condition);
            nu_builder_putc(&sql->text, ')');
        }
        nu_builder_putc(&sql->text, ')');
    }
}

/* The outermost AND needs no parentheses. */
static void put_condition(nu_sql *sql, const char *word, const nu_expression *condition)
{
    if (condition == NULL)
        return;
    nu_check_stack();
    put(sql, word);
    if (condition->kind != NU_EXPR_AND) {
        nu__sql_expr(sql, condition);
        return;
    }
    for (size_t i = 0; i < condition->count; i++)
        put_condition(sql, i > 0 ? " AND " : "", condition->args[i]);
}

void nu__sql_from_where(nu_sql *sql, const nu_query *query)
{
    put(sql, " FROM ");
    put_table(sql, query, 0);
    put_joins(sql, query);
    put_condition(sql, " WHERE ", query->where);
}

/* ---- LIMIT, locks ------------------------------------------------------------------------ */

/* Bounds are parameters, so that each page of a list is the same statement. */
void nu__sql_limit(nu_sql *sql, const nu_query *query)
{
    if (query->high >= 0) {
        put(sql, " LIMIT ");
        nu__sql_param(sql, nu_value_int(query->high - query->low));
    } else if (query->low > 0 && sql->backend->no_limit != NULL) {
        put(sql, " LIMIT ");
        put(sql, sql->backend->no_limit);
    }
    if (query->low > 0) {
        put(sql, " OFFSET ");
        nu__sql_param(sql, nu_value_int(query->low));
    }
}

void nu__sql_keep_limit(nu_sql *sql, const nu_query *query)
{
    if (query->high >= 0)
        nu__sql_keep_param(sql, nu_value_int(query->high - query->low), NULL);
    if (query->low > 0)
        nu__sql_keep_param(sql, nu_value_int(query->low), NULL);
}

static bool is_of(const char *const *of, const char *path)
{
    for (; *of != NULL; of++) {
        if (strcmp(*of, path) == 0)
            return true;
    }
    return false;
}

/* FOR UPDATE OF the tables whose rows "self" and the paths mean. */
static void put_lock_tables(nu_sql *sql, const nu_query *query, const nu_plan *plan)
{
    const char *const *of = query->lock->of;
    size_t             wanted = 0, found = 0;
    while (of[wanted] != NULL)
        wanted++;
    for (size_t i = 0; i < plan->group_count || i == 0; i++) {
        if (!is_of(of, i == 0 ? "self" : plan->groups[i].path))
            continue;
        put(sql, found++ == 0 ? " OF " : ", ");
        nu__sql_alias(sql, sql->scope, i == 0 ? 0 : plan->groups[i].join);
    }
    if (found < wanted)
        nu_raise(NU_FIELD_ERROR,
                 "rows of model \"%s\": .of takes \"self\" and paths that "
                 "nu_select_related follows",
                 query->model->name);
}

/* FOR UPDATE, where the database knows it. */
void nu__sql_lock(nu_sql *sql, const nu_query *query, const nu_plan *plan)
{
    if (query->lock == NULL || !sql->backend->for_update)
        return;
    if (!nu_in_atomic(nu__query_database(query)))
        nu_raise(NU_TRANSACTION_ERROR, "rows can be locked inside of NU_ATOMIC only");
    put(sql, query->lock->no_key ? " FOR NO KEY UPDATE" : " FOR UPDATE");
    if (query->lock->of != NULL)
        put_lock_tables(sql, query, plan);
    if (query->lock->nowait)
        put(sql, " NOWAIT");
    if (query->lock->skip_locked)
        put(sql, " SKIP LOCKED");
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* SELECT, SELECT DISTINCT or SELECT DISTINCT ON (…). */
static void put_select(nu_sql *sql, nu_query *query)
{
    put(sql, query->distinct ? "SELECT DISTINCT " : "SELECT ");
    for (size_t i = 0; query->distinct_on != NULL && query->distinct_on[i] != NULL; i++) {
        if (!sql->backend->distinct_on)
            nu_raise(NU_DATABASE_ERROR, "this database has no SELECT DISTINCT ON (…)");
        put(sql, i == 0 ? "ON (" : ", ");
        nu__sql_expr(sql, nu__value_expr(query, query->distinct_on[i]));
        if (query->distinct_on[i + 1] == NULL)
            put(sql, ") ");
    }
}

void nu__sql_select(nu_sql *sql, const nu_query *original, nu_plan *plan)
{
    nu__refuse_hand(original, "part of another statement");
    if (original->combination != 0) {
        nu__sql_combined(sql, original, plan);
        return;
    }
    nu_query *query = nu__query_clone(original);
    nu_scope  scope = {.query = query, .outside = sql->scope};
    nu_order  order;
    if (sql->scope != NULL) /* a subquery of COUNT(*) */
        scope.depth = sql->scope->depth + 1;
    sql->scope = &scope;
    *plan = (nu_plan){.groups = NULL};
    put_select(sql, query);
    if (query->result == NU_RESULT_ROWS)
        nu__plan_rows(sql, query, plan);
    else
        nu__plan_values(sql, query, plan);
    nu__order_resolve(query, plan, &order);
    nu__order_put_selected(sql, query, plan, &order);
    nu__sql_from_where(sql, query);
    nu__sql_group_by(sql, query, plan, &order);
    put_condition(sql, " HAVING ", query->having);
    nu__order_put(sql, query, &order);
    nu__sql_limit(sql, query);
    nu__sql_lock(sql, query, plan);
    sql->scope = scope.outside;
}

/* What a subquery gives: the key, or the one value asked for. */
static void put_subselect_columns(nu_sql *sql, nu_query *query, nu_plan *plan, bool exists)
{
    if (exists) {
        put(sql, "1");
        return;
    }
    if (query->result == NU_RESULT_ROWS || query->names == NULL) {
        nu__sql_column(sql, 0, query->info->primary_key);
        return;
    }
    if (query->names[1] != NULL && query->grouping != NU_GROUP_VALUES)
        nu_raise(NU_VALUE_ERROR, "a subquery of \"%s\" gives one column, not several",
                 query->model->name);
    nu_query only_first = *query;
    only_first.names = (const char *const[]){query->names[0], NULL};
    nu__plan_values(sql, &only_first, plan);
    query->joins = only_first.joins;
    query->join_count = only_first.join_count;
}

void nu__sql_subselect(nu_sql *sql, const nu_query *original, const nu_expression **outers,
                       bool exists)
{
    nu__refuse_hand(original, "part of another statement");
    if (original->combination != 0) {
        nu_plan whole;
        nu_builder_puts(&sql->text, "(");
        nu__sql_combined(sql, original, &whole);
        nu_builder_puts(&sql->text, ")");
        return;
    }
    nu_query *query = nu__query_clone(original);
    nu_scope  scope = {.query = query, .outside = sql->scope, .outers = outers};
    scope.depth = sql->scope != NULL ? sql->scope->depth + 1 : 0;
    bool     ordered = (query->high >= 0 || query->low > 0) && !exists;
    nu_plan  plan = {.groups = NULL};
    nu_order order = {.count = 0};
    sql->scope = &scope;
    put(sql, query->distinct && !exists ? "(SELECT DISTINCT " : "(SELECT ");
    put_subselect_columns(sql, query, &plan, exists);
    if (ordered)
        nu__order_resolve(query, &plan, &order);
    nu__sql_from_where(sql, query);
    if (!exists || query->having != NULL)
        nu__sql_group_by(sql, query, &plan, &order);
    put_condition(sql, " HAVING ", query->having);
    nu__order_put(sql, query, &order);
    nu__sql_limit(sql, query);
    nu_builder_putc(&sql->text, ')');
    sql->scope = scope.outside;
}
