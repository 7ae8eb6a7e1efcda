#include <string.h>

#include "model/query_internal.h"

static const nu_class expression_class = {.name = "expression"};

/* Kinds of values without a field behind them. */
static const nu_model no_model = {.name = "expression"};
#define KIND(symbol, field_type, column_type)                                                      \
    static const nu_field symbol##_field = {.name = "value", .type = &field_type};                 \
    const nu_column       nu__##symbol##_column = {                                                \
              .field = &symbol##_field,                                                            \
              .model = &no_model,                                                                  \
              .name = "value",                                                                     \
              .null = true,                                                                        \
              .db_type = {.type = column_type},                                                    \
    }
KIND(int, nu_field_int, NU_DB_BIG_INT);
KIND(float, nu_field_float, NU_DB_FLOAT);
KIND(text, nu_field_text, NU_DB_TEXT);
KIND(date, nu_field_date, NU_DB_DATE);
KIND(time, nu_field_time, NU_DB_TIME);
KIND(bool, nu_field_bool, NU_DB_BOOL);
#undef KIND

nu_expression *nu__expr_new(nu_expr_kind kind, size_t args)
{
    nu_expression *expression = nu_alloc(sizeof *expression);
    expression->class = &expression_class;
    expression->kind = kind;
    expression->count = args;
    if (args > 0)
        expression->args = nu_alloc(args * sizeof *expression->args);
    return expression;
}

const nu_expression *nu_expression_of(nu_value value)
{
    if (value.type != NU_OBJECT)
        return NULL;
    const nu_object *object = value.object;
    return object->class == &expression_class ? value.object : NULL;
}

const nu_expression *nu__expr_of(nu_value value, bool path)
{
    const nu_expression *expression = nu_expression_of(value);
    if (expression != NULL)
        return expression;
    if (nu_query_from(value) != NULL)
        return nu_subquery(nu_query_from(value));
    if (path && value.type == NU_TEXT)
        return nu_f(value.text);
    return nu_expr_value_(value);
}

/* ---- leaves --------------------------------------------------------------------------------- */

static nu_expression *named(nu_expr_kind kind, const char *name, size_t args)
{
    nu_expression *expression = nu__expr_new(kind, args);
    expression->name = name;
    return expression;
}

const nu_expression *nu_f(const char *path)
{
    return named(NU_EXPR_F, path, 0);
}

const nu_expression *nu_outer(const char *path)
{
    return named(NU_EXPR_OUTER, path, 0);
}

const nu_expression *nu_expr_value_(nu_value value)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_VALUE, 0);
    expression->value = value;
    return expression;
}

const nu_expression *nu__typed_value(const nu_column *column, nu_value value)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_VALUE, 0);
    expression->resolved = true;
    expression->value = value;
    expression->type = column;
    return expression;
}

static const nu_expression *of_query(nu_expr_kind kind, const nu_query *query)
{
    nu_expression *expression = nu__expr_new(kind, 0);
    expression->query = query;
    return expression;
}

const nu_expression *nu_has(const nu_query *query)
{
    return of_query(NU_EXPR_EXISTS, query);
}

const nu_expression *nu_subquery(const nu_query *query)
{
    return of_query(NU_EXPR_SUBQUERY, query);
}

/* ---- conditions ----------------------------------------------------------------------------- */

const nu_expression *nu_q_(nu_pairs pairs)
{
    nu_expression *all = nu__expr_new(NU_EXPR_AND, pairs.count);
    for (size_t i = 0; i < pairs.count; i++) {
        nu_expression *leaf = named(NU_EXPR_LEAF, pairs.items[i].key, 0);
        leaf->value = pairs.items[i].value;
        all->args[i] = leaf;
    }
    return all;
}

const nu_expression *nu_q_join_(bool any, const nu_expression *const *parts)
{
    size_t count = 0;
    while (parts[count] != NULL)
        count++;
    nu_expression *joined = nu__expr_new(any ? NU_EXPR_OR : NU_EXPR_AND, count);
    if (count > 0)
        memcpy(joined->args, parts, count * sizeof *parts);
    return joined;
}

const nu_expression *nu_not(const nu_expression *condition)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_NOT, 1);
    expression->args[0] = condition;
    return expression;
}

/* ---- the rest ------------------------------------------------------------------------------- */

const nu_expression *nu_expr_combine_(const char *op, nu_value a, nu_value b)
{
    nu_expression *expression = named(NU_EXPR_COMBINE, op, 2);
    expression->args[0] = nu__expr_of(a, false);
    expression->args[1] = nu__expr_of(b, false);
    return expression;
}

const nu_expression *nu_expr_aggregate_(const char *name, nu_value of, bool distinct)
{
    bool           rows = of.type == NU_TEXT && strcmp(of.text, "*") == 0;
    nu_expression *expression = named(NU_EXPR_AGGREGATE, name, rows ? 0 : 1);
    expression->aggregate = true;
    expression->distinct = distinct;
    if (!rows)
        expression->args[0] = nu__expr_of(of, true);
    return expression;
}

const nu_expression *nu_only_if(const nu_expression *aggregate, const nu_expression *condition)
{
    if (aggregate->kind != NU_EXPR_AGGREGATE)
        nu_raise(NU_FIELD_ERROR, "nu_only_if takes an aggregate such as nu_count_of");
    nu_expression *expression = nu_alloc(sizeof *expression);
    *expression = *aggregate;
    expression->filter = condition;
    return expression;
}

const nu_expression *nu_expr_func_(const char *name, const nu_value *args, size_t count)
{
    for (const char *at = name; *at != '\0'; at++) {
        bool letter = (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z');
        if (!letter && *at != '_' && !(*at >= '0' && *at <= '9'))
            nu_raise(NU_FIELD_ERROR, "\"%s\" is no name of a function", name);
    }
    nu_expression *expression = named(NU_EXPR_FUNC, name, count);
    for (size_t i = 0; i < count; i++)
        expression->args[i] = nu__expr_of(args[i], true);
    return expression;
}

const nu_expression *nu_expr_when_(const nu_expression *condition, nu_value result)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_WHEN, 2);
    expression->args[0] = condition;
    expression->args[1] = nu__expr_of(result, false);
    return expression;
}

const nu_expression *nu_expr_case_(const nu_value *args, size_t count)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_CASE, count);
    for (size_t i = 0; i < count; i++)
        expression->args[i] = nu__expr_of(args[i], false);
    return expression;
}

static const nu_expression *order(const nu_expression *by, bool descending)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_ORDER, 1);
    expression->args[0] = by;
    expression->descending = descending;
    return expression;
}

const nu_expression *nu_asc(const nu_expression *expression)
{
    return order(expression, false);
}

const nu_expression *nu_desc(const nu_expression *expression)
{
    return order(expression, true);
}
