#include <string.h>

#include "model/query_internal.h"

static const nu_class expression_class = {.name = "expression"};

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

nu_expression *nu__expr_copy(const nu_expression *expression)
{
    nu_expression *copy = nu_alloc(sizeof *copy);
    *copy = *expression;
    return copy;
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
    nu_expression *expression = nu__expr_new(NU_EXPR_PARAM, 0);
    expression->resolved = true;
    expression->value = value;
    expression->type = column;
    return expression;
}

const nu_expression *nu_expr_value_as_(nu_value value, const nu_field *output)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_VALUE, 0);
    expression->value = value;
    expression->output = nu__output_column(output);
    return expression;
}

const nu_expression *nu_expr_sql_(const char *sql, const nu_value *params, size_t count)
{
    nu_expression *expression = named(NU_EXPR_SQL, sql, count);
    for (size_t i = 0; i < count; i++)
        expression->args[i] = nu__expr_of(params[i], false);
    return expression;
}

const nu_expression *nu_json_null(void)
{
    nu_expression *expression = nu__expr_new(NU_EXPR_VALUE, 0);
    expression->output = &nu__json_column;
    return expression;
}

const nu_expression *nu_outer_of(const nu_expression *outer)
{
    if (outer->kind != NU_EXPR_OUTER)
        nu_raise(NU_FIELD_ERROR, "nu_outer_of takes what nu_outer gives");
    nu_expression *expression = nu__expr_new(NU_EXPR_OUTER, 1);
    expression->name = outer->name;
    expression->args[0] = outer;
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

/* Around one expression. */
static nu_expression *around(nu_expr_kind kind, const nu_expression *inner)
{
    nu_expression *expression = nu__expr_new(kind, 1);
    expression->args[0] = inner;
    return expression;
}

const nu_expression *nu_expr_wrap_(nu_value value, const nu_field *output)
{
    nu_expression *wrapped = around(NU_EXPR_WRAP, nu__expr_of(value, true));
    wrapped->output = nu__output_column(output);
    return wrapped;
}

const nu_expression *nu_expr_cast_(nu_value value, const nu_field *output)
{
    return nu_expr_fn_("Cast", &(nu_fn_options){.output = output}, &value, 1);
}

const nu_expression *nu_expr_collate_(nu_value value, const char *collation)
{
    for (const char *at = collation; *at != '\0'; at++) {
        bool fits = (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
                    (*at >= '0' && *at <= '9') || *at == '_' || *at == '-' || *at == '.';
        if (!fits)
            nu_raise(NU_VALUE_ERROR, "\"%s\" is no name of a collation", collation);
    }
    nu_expression *collated = around(NU_EXPR_COLLATE, nu__expr_of(value, true));
    collated->name = collation;
    return collated;
}

const nu_expression *nu_expr_compare_(nu_value left, const char *lookup, nu_value right)
{
    nu_expression *comparison = around(NU_EXPR_COMPARE, nu__expr_of(left, true));
    comparison->name = lookup;
    comparison->value = right;
    return comparison;
}

/* ---- order ---------------------------------------------------------------------------------- */

static nu_expression *order(const nu_expression *by, bool descending)
{
    nu_expression *expression = around(NU_EXPR_ORDER, by);
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

static const nu_expression *with_nulls(const nu_expression *by, signed char where)
{
    nu_expression *expression = by->kind == NU_EXPR_ORDER ? nu__expr_copy(by) : order(by, false);
    expression->nulls = where;
    return expression;
}

const nu_expression *nu_nulls_first(const nu_expression *by)
{
    return with_nulls(by, -1);
}

const nu_expression *nu_nulls_last(const nu_expression *by)
{
    return with_nulls(by, 1);
}

const nu_expression *nu__order_of(nu_value value)
{
    const nu_expression *expression = nu_expression_of(value);
    if (expression != NULL)
        return expression->kind == NU_EXPR_ORDER ? expression : order(expression, false);
    if (value.type != NU_TEXT)
        nu_raise(NU_FIELD_ERROR, "an order is a name or an expression, not a value of type %s",
                 nu_value_type_name(value));
    bool down = value.text[0] == '-';
    return order(nu_f(value.text + down), down);
}
