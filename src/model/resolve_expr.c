/* Expressions as the application wrote them become expressions on the joins of a query. */
#include <string.h>
#include <strings.h>

#include "model/query_internal.h"

static const nu_expression *resolve_path(nu_query *query, const char *name, nu_joins *reuse,
                                         nu_joins *used)
{
    nu_path path;
    nu__path_follow(query, name, *reuse, &path);
    *used |= path.joins;
    *reuse |= path.joins;
    const nu_expression *left =
        path.annotation != NULL ? path.annotation : nu__column_expr(path.join, path.column);
    if (path.rest == NULL)
        return left;
    /* "published__year": a part of the field, which the lookup rules know how to build. */
    nu_joins             ignored = 0;
    const nu_expression *lookup =
        nu__lookup_build(query, &path, left, nu_value_int(0), reuse, &ignored);
    if (lookup->kind != NU_EXPR_LOOKUP || lookup->args[0]->kind != NU_EXPR_PART)
        nu__unknown_field(path.last, path.rest, strlen(path.rest),
                          NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY);
    return lookup->args[0];
}

/* ---- kinds of results ----------------------------------------------------------------------- */

static bool is_decimal(const nu_column *type)
{
    return type != NULL && type->db_type.type == NU_DB_DECIMAL;
}

/* A column's kind without its measures: a sum of decimals has more digits than they have. */
static const nu_column *unmeasured(const nu_column *type)
{
    if (!is_decimal(type))
        return type;
    nu_column *copy = nu_alloc(sizeof *copy);
    *copy = *type;
    copy->db_type.digits = copy->db_type.places = 0;
    return copy;
}

static const nu_column *aggregate_type(const nu_expression *aggregate)
{
    const nu_column *type = aggregate->count > 0 ? aggregate->args[0]->type : NULL;
    if (strcmp(aggregate->name, "COUNT") == 0)
        return &nu__int_column;
    if (strcmp(aggregate->name, "AVG") == 0 && !is_decimal(type) &&
        (type == NULL || type->db_type.type != NU_DB_DURATION))
        return &nu__float_column;
    return unmeasured(type);
}

static const nu_column *combined_type(const nu_expression *a, const nu_expression *b)
{
    const nu_column *type = a->type != NULL ? a->type : b->type;
    if (b->type != NULL && (is_decimal(b->type) || b->type->db_type.type == NU_DB_FLOAT))
        type = b->type;
    if (a->type != NULL && is_decimal(a->type))
        type = a->type;
    if (type != NULL && type->target != NULL)
        return &nu__int_column;
    return unmeasured(type);
}

static const nu_column *function_type(const nu_expression *function)
{
    static const char *const whole[] = {"LENGTH", "INSTR", "CHAR_LENGTH",
                                        "SIGN",   "ASCII", "UNICODE"};
    for (size_t i = 0; i < NU_COUNT(whole); i++) {
        if (strcasecmp(function->name, whole[i]) == 0)
            return &nu__int_column;
    }
    return function->count > 0 ? unmeasured(function->args[0]->type) : NULL;
}

static const nu_column *value_type(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_BOOL: return &nu__bool_column;
    case NU_INT: return &nu__int_column;
    case NU_FLOAT: return &nu__float_column;
    case NU_TEXT: return &nu__text_column;
    default: return NULL;
    }
}

static const nu_column *type_of(const nu_expression *expression)
{
    switch (expression->kind) {
    case NU_EXPR_VALUE: return value_type(expression->value);
    case NU_EXPR_AGGREGATE: return aggregate_type(expression);
    case NU_EXPR_COMBINE: return combined_type(expression->args[0], expression->args[1]);
    case NU_EXPR_FUNC: return function_type(expression);
    case NU_EXPR_WHEN: return expression->args[1]->type;
    case NU_EXPR_CASE:
    case NU_EXPR_ORDER: return expression->count > 0 ? expression->args[0]->type : NULL;
    default: return &nu__bool_column;
    }
}

/* ---- subqueries ----------------------------------------------------------------------------- */

static const nu_column *subquery_type(const nu_query *query)
{
    if (query->names == NULL || query->names[0] == NULL)
        return query->info->primary_key;
    const nu_expression *annotation =
        nu__annotation(query, query->names[0], strlen(query->names[0]));
    if (annotation != NULL)
        return annotation->type;
    nu_path path;
    nu__path_get(nu__query_clone(query), query->names[0], NU_EVERY_JOIN, &path);
    return path.column;
}

/* What the inside calls nu_outer("x") is the outside's "x", or its own outer again. */
static const nu_expression *resolve_subquery(nu_query *query, const nu_expression *expression,
                                             nu_joins *reuse, nu_joins *used)
{
    const nu_query *inner = expression->query;
    nu_expression  *resolved = nu_alloc(sizeof *resolved);
    *resolved = *expression;
    resolved->resolved = true;
    resolved->type = expression->kind == NU_EXPR_EXISTS ? &nu__bool_column : subquery_type(inner);
    resolved->outers = nu_alloc((inner->outer_count + 1) * sizeof *resolved->outers);
    for (size_t i = 0; i < inner->outer_count; i++)
        resolved->outers[i] = resolve_path(query, inner->outers[i], reuse, used);
    return resolved;
}

/* Notes the path, so that the query outside knows what to resolve. */
static const nu_expression *resolve_outer(nu_query *query, const nu_expression *expression)
{
    nu_expression *resolved = nu_alloc(sizeof *resolved);
    *resolved = *expression;
    resolved->resolved = true;
    size_t at = 0;
    while (at < query->outer_count && strcmp(query->outers[at], expression->name) != 0)
        at++;
    resolved->join = (int)at;
    if (at < query->outer_count)
        return resolved;
    const char **outers = nu_arena_array(query->arena, query->outer_count + 1, sizeof *outers);
    if (query->outer_count > 0)
        memcpy(outers, query->outers, query->outer_count * sizeof *outers);
    outers[query->outer_count++] = expression->name;
    query->outers = outers;
    return resolved;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* A condition inside an expression (WHEN, FILTER): its joins stay as they are. */
static const nu_expression *resolve_condition(nu_query *query, const nu_expression *condition)
{
    nu_query *scratch = nu__query_clone(query);
    scratch->where = scratch->having = NULL;
    scratch->none = false;
    nu__query_add(scratch, condition);
    for (int i = 1; i < scratch->join_count; i++) {
        nu_join *join = &scratch->joins[i];
        join->outer = i < query->join_count ? query->joins[i].outer
                                            : join->nullable || scratch->joins[join->parent].outer;
    }
    query->joins = scratch->joins;
    query->join_count = scratch->join_count;
    query->outers = scratch->outers;
    query->outer_count = scratch->outer_count;
    const nu_expression *resolved = nu__expr_join(false, scratch->where, scratch->having);
    if (resolved != NULL)
        return resolved;
    nu_expression *all = nu__expr_new(scratch->none ? NU_EXPR_NOTHING : NU_EXPR_ALL, 0);
    all->resolved = true;
    return all;
}

static bool is_condition(const nu_expression *expression)
{
    return expression->kind == NU_EXPR_AND || expression->kind == NU_EXPR_OR ||
           expression->kind == NU_EXPR_NOT || expression->kind == NU_EXPR_LEAF;
}

static const nu_expression *resolve_args(nu_query *query, const nu_expression *expression,
                                         nu_joins *reuse, nu_joins *used)
{
    nu_expression *resolved = nu_alloc(sizeof *resolved);
    *resolved = *expression;
    resolved->resolved = true;
    if (expression->count > 0)
        resolved->args = nu_alloc(expression->count * sizeof *resolved->args);
    for (size_t i = 0; i < expression->count; i++) {
        resolved->args[i] = nu__expr_resolve(query, expression->args[i], reuse, used);
        resolved->aggregate |= resolved->args[i]->aggregate;
    }
    if (expression->filter != NULL)
        resolved->filter = resolve_condition(query, expression->filter);
    resolved->type = type_of(resolved);
    return resolved;
}

const nu_expression *nu__expr_resolve(nu_query *query, const nu_expression *expression,
                                      nu_joins *reuse, nu_joins *used)
{
    nu_check_stack();
    if (expression->resolved)
        return expression;
    if (is_condition(expression))
        return resolve_condition(query, expression);
    switch (expression->kind) {
    case NU_EXPR_F: return resolve_path(query, expression->name, reuse, used);
    case NU_EXPR_OUTER: return resolve_outer(query, expression);
    case NU_EXPR_EXISTS:
    case NU_EXPR_SUBQUERY: return resolve_subquery(query, expression, reuse, used);
    default: return resolve_args(query, expression, reuse, used);
    }
}
