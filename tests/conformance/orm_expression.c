/* Tags that stand for expressions. */
#include <string.h>

#include "nuages/text.h"

#include "orm.h"

/* A text in the place of an expression is a field. */
static nu_value operand(nu_value json)
{
    return json.type == NU_TEXT ? NU_V(nu_f(json.text)) : orm_read(json);
}

/* The arguments of a function: one or a list; texts name fields. */
static nu_list *arguments_of(nu_value json)
{
    return json.type == NU_LIST ? orm_read(json).list : nu_list_of(orm_read(json));
}

/* ---- conditions ------------------------------------------------------------------------------ */

static const nu_expression *joined(nu_value parts, bool any)
{
    const nu_expression **list = nu_alloc((parts.list->count + 1) * sizeof *list);
    for (uint32_t i = 0; i < parts.list->count; i++)
        list[i] = orm_condition(parts.list->items[i]);
    return nu_q_join_(any, list);
}

static const nu_expression *read_q(nu_value json)
{
    const nu_value *part = nu_dict_find(json.dict, "kw");
    if (part != NULL)
        return nu_q_(orm_read_pairs(part->dict));
    if ((part = nu_dict_find(json.dict, "and")) != NULL)
        return joined(*part, false);
    if ((part = nu_dict_find(json.dict, "or")) != NULL)
        return joined(*part, true);
    if ((part = nu_dict_find(json.dict, "not")) != NULL)
        return nu_not(orm_condition(*part));
    nu_value value = orm_read(json);
    return nu_expression_of(value);
}

const nu_expression *orm_condition(nu_value json)
{
    if (json.type != NU_DICT)
        nu_raise(NU_VALUE_ERROR, "%s is no condition", nu_repr(json).text);
    const nu_value *q = nu_dict_find(json.dict, "Q");
    return q != NULL ? read_q(*q) : read_q(json);
}

/* ---- operators ------------------------------------------------------------------------------- */

static const char *const operators[] = {
    "+", "-", "*", "/", "%", "^", "bitand", "bitor", "bitxor", "bitleftshift", "bitrightshift",
};

static const nu_expression *combined(const char *op, nu_value list)
{
    nu_value left = orm_read(list.list->items[0]);
    for (uint32_t i = 1; i < list.list->count; i++)
        left = NU_V(nu_expr_combine_(op, left, orm_read(list.list->items[i])));
    return nu_expression_of(left);
}

/* ---- aggregates ------------------------------------------------------------------------------ */

static const struct {
    const char *tag, *sql;
} aggregates[] = {
    {"Count", "COUNT"}, {"Sum", "SUM"}, {"Avg", "AVG"}, {"Min", "MIN"}, {"Max", "MAX"},
};

static const nu_expression *aggregate(const char *sql, nu_dict *object, nu_value of)
{
    bool                 distinct = nu_truth(nu_dict_get(object, "distinct"));
    const nu_expression *expression = nu_expr_aggregate_(sql, arguments_of(of)->items[0], distinct);
    const nu_value      *filter = nu_dict_find(object, "filter");
    if (filter != NULL)
        expression = nu_only_if(expression, orm_condition(*filter));
    if (nu_dict_find(object, "default") != NULL)
        orm_unsupported("default of an aggregate");
    return expression;
}

/* ---- CASE ------------------------------------------------------------------------------------ */

static const nu_expression *read_case(nu_dict *object, nu_value list)
{
    nu_list *parts = nu_list_new();
    for (uint32_t i = 0; i < list.list->count; i++) {
        nu_dict *when = list.list->items[i].dict;
        nu_value then = operand(nu_dict_get(when, "then"));
        nu_list_add(parts, nu_expr_when_(orm_condition(nu_dict_get(when, "When")), then));
    }
    nu_list_push(parts, operand(nu_dict_get(object, "default")));
    return nu_expr_case_(parts->items, parts->count);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static const nu_expression *read_exists(nu_dict *object, nu_value of)
{
    const nu_expression *exists = nu_has(orm_query_of(of.dict).value.object);
    return nu_truth(nu_dict_get(object, "negated")) ? nu_not(exists) : exists;
}

static const nu_expression *ordered(nu_dict *object, nu_value of, bool descending)
{
    const nu_expression *expression = nu_expression_of(operand(of));
    if (nu_dict_find(object, "nulls_first") || nu_dict_find(object, "nulls_last"))
        orm_unsupported("nulls_first, nulls_last");
    return descending ? nu_desc(expression) : nu_asc(expression);
}

static const struct {
    const char *tag, *sql;
} functions[] = {
    {"Lower", "LOWER"},
    {"Upper", "UPPER"},
    {"Length", "LENGTH"},
    {"Coalesce", "COALESCE"},
};

static const nu_expression *function(const char *tag, nu_value of)
{
    nu_list *arguments = arguments_of(of);
    for (size_t i = 0; i < NU_COUNT(functions); i++)
        if (strcmp(functions[i].tag, tag) == 0)
            return nu_expr_func_(functions[i].sql, arguments->items, arguments->count);
    return NULL;
}

const nu_expression *orm_expression(const char *tag, nu_dict *object)
{
    nu_value of = nu_dict_get(object, tag);
    for (size_t i = 0; i < NU_COUNT(operators); i++)
        if (strcmp(operators[i], tag) == 0)
            return combined(tag, of);
    for (size_t i = 0; i < NU_COUNT(aggregates); i++)
        if (strcmp(aggregates[i].tag, tag) == 0)
            return aggregate(aggregates[i].sql, object, of);
    if (strcmp(tag, "F") == 0)
        return nu_f(of.text);
    if (strcmp(tag, "Value") == 0) {
        if (nu_dict_find(object, "output_field") != NULL)
            orm_unsupported("output_field of Value");
        return nu_expr_value_(orm_read(of));
    }
    if (strcmp(tag, "Q") == 0)
        return read_q(of);
    if (strcmp(tag, "Case") == 0)
        return read_case(object, of);
    if (strcmp(tag, "OuterRef") == 0)
        return nu_outer(of.text);
    if (strcmp(tag, "Subquery") == 0)
        return nu_subquery(orm_query_of(of.dict).value.object);
    if (strcmp(tag, "Exists") == 0)
        return read_exists(object, of);
    if (strcmp(tag, "asc") == 0 || strcmp(tag, "desc") == 0)
        return ordered(object, of, tag[0] == 'd');
    return function(tag, of);
}
