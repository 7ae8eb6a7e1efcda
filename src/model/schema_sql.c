/* Conditions and expressions as a table's definition holds them: columns without their table, constants
 * written out. The table may be one that no model of the program describes, as in a migration. */
#include "model/schema_sql.h"

#include "model/query_internal.h"
#include "nuages/text.h"

/* A query of nothing but this table, to resolve names against. */
static nu_query *query_of(const nu_model *model)
{
    return nu_query_all(model);
}

static const char *written(nu_database *db, nu_query *query, const nu_expression *expression)
{
    nu_scope scope = {.query = query, .bare = true};
    nu_sql   sql;
    nu__sql_init(&sql, db);
    sql.zone = NULL;
    sql.literal = true;
    sql.scope = &scope;
    nu__sql_expr(&sql, expression);
    return nu_builder_text(&sql.text);
}

static void refuse_joins(const nu_query *query, const char *what)
{
    if (query->join_count > 1)
        nu_raise(NU_FIELD_ERROR, "%s may name fields of the model \"%s\" itself only", what,
                 query->model->name);
}

const char *nu__condition_sql(nu_database *db, const nu_model *model,
                              const nu_expression *condition)
{
    nu_query *query = nu__query_clone(query_of(model));
    nu__query_add(query, condition);
    refuse_joins(query, "a condition of a table");
    if (query->where == NULL)
        return "1 = 1";
    return written(db, query, query->where);
}

const char *nu__expression_sql(nu_database *db, const nu_model *model,
                               const nu_expression *expression)
{
    nu_query            *query = nu__query_clone(query_of(model));
    nu_joins             reuse = NU_EVERY_JOIN, used = 0;
    const nu_expression *resolved = nu__expr_resolve(query, expression, &reuse, &used);
    refuse_joins(query, "an expression of a table");
    return written(db, query, resolved);
}

const nu_expression *nu__expression_unordered(const nu_expression *expression, bool *descending)
{
    *descending = expression->kind == NU_EXPR_ORDER && expression->descending;
    return expression->kind == NU_EXPR_ORDER ? expression->args[0] : expression;
}

bool nu__expression_is_field(const nu_expression *expression)
{
    return expression->kind == NU_EXPR_F;
}
