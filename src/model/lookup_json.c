/* What lookups on JSON do otherwise: null is JSON's null, keys are asked for, and what stands at a
 * key is compared as text where text is compared. */
#include <string.h>

#include "model/query_internal.h"

bool nu__is_json_key(const nu_expression *expression)
{
    while (expression->kind == NU_EXPR_REF)
        expression = expression->args[0];
    return expression->kind == NU_EXPR_FUNC && expression->shape != NULL &&
           strcmp(expression->shape->name, "KeyTransform") == 0;
}

static const nu_expression *resolved(nu_query *query, nu_expression *function)
{
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    return nu__expr_resolve(query, function, &reuse, &used);
}

/* A function of the path that `left` is, with more keys behind it. */
static nu_expression *on_path(const char *name, const nu_expression *left, nu_list *keys)
{
    nu_expression *function = nu__expr_new(NU_EXPR_FUNC, 1);
    function->shape = nu__fn_find(name);
    function->name = function->shape->name;
    function->args[0] = left;
    function->value = nu_value_list(keys);
    return function;
}

const nu_expression *nu__json_key_as_text(nu_query *query, const nu_expression *left)
{
    return resolved(query, on_path("KeyTextTransform", left, nu_list_new()));
}

static const nu_expression *has_key(nu_query *query, const nu_expression *left, nu_value key)
{
    return resolved(query, on_path("HasKey", left, nu_list_of(nu_value_str(key))));
}

static const nu_expression *has_keys(nu_query *query, const nu_expression *left, bool any,
                                     nu_value keys)
{
    const nu_expression *all = NULL;
    if (keys.type != NU_LIST)
        nu_raise(NU_VALUE_ERROR, "lookup \"%s\" takes a list of keys, not a value of type %s",
                 any ? "has_any_keys" : "has_keys", nu_value_type_name(keys));
    for (uint32_t i = 0; i < keys.list->count; i++)
        all = nu__expr_join(any, all, has_key(query, left, keys.list->items[i]));
    if (all != NULL)
        return all;
    /* Whatever there is has all of no keys. */
    nu_expression *empty = nu__expr_new(any ? NU_EXPR_NOTHING : NU_EXPR_LOOKUP, any ? 0 : 1);
    empty->resolved = true;
    empty->type = &nu__bool_column;
    if (!any) {
        empty->lookup = NU_LOOKUP_IS_NULL;
        empty->value = nu_value_bool(false);
        empty->args[0] = left;
    }
    return empty;
}

static bool is_json_null(nu_value value)
{
    const nu_expression *expression = nu_expression_of(value);
    return nu_is_null(value) ||
           (expression != NULL && expression->kind == NU_EXPR_VALUE &&
            nu_is_null(expression->value) && expression->output == &nu__json_column);
}

const nu_expression *nu__lookup_build_json(nu_query *query, const nu_expression *left,
                                           nu_lookup lookup, nu_value value)
{
    switch (lookup) {
    case NU_LOOKUP_HAS_KEY: return has_key(query, left, value);
    case NU_LOOKUP_HAS_KEYS: return has_keys(query, left, false, value);
    case NU_LOOKUP_HAS_ANY_KEYS: return has_keys(query, left, true, value);
    case NU_LOOKUP_EXACT:
        if (is_json_null(value))
            return resolved(query, on_path("KeyNull", left, nu_list_new()));
        return NULL;
    default: return NULL;
    }
}
