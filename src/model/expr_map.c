/* Walking through resolved expressions. */
#include <string.h>

#include "model/query_internal.h"

static const nu_expression **map_all(const nu_expression *const *args, size_t count,
                                     nu_expr_mapping fn, void *arg)
{
    const nu_expression **copy = NULL;
    for (size_t i = 0; i < count; i++) {
        const nu_expression *mapped = nu__expr_map(args[i], fn, arg);
        if (mapped != args[i] && copy == NULL) {
            copy = nu_alloc(count * sizeof *copy);
            memcpy(copy, args, count * sizeof *copy);
        }
        if (copy != NULL)
            copy[i] = mapped;
    }
    return copy;
}

const nu_expression *nu__expr_map(const nu_expression *expression, nu_expr_mapping fn, void *arg)
{
    nu_check_stack();
    const nu_expression *replaced = fn(expression, arg);
    if (replaced != expression)
        return replaced;
    const nu_expression **args = map_all(expression->args, expression->count, fn, arg);
    const nu_expression  *filter =
        expression->filter != NULL ? nu__expr_map(expression->filter, fn, arg) : NULL;
    size_t                outer_count = expression->outers != NULL && expression->query != NULL
                                            ? expression->query->outer_count
                                            : 0;
    const nu_expression **outers =
        map_all((const nu_expression *const *)expression->outers, outer_count, fn, arg);
    const nu_expression **orders =
        map_all((const nu_expression *const *)expression->orders, expression->order_count, fn, arg);
    if (args == NULL && filter == expression->filter && outers == NULL && orders == NULL)
        return expression;
    nu_expression *copy = nu_alloc(sizeof *copy);
    *copy = *expression;
    if (args != NULL)
        copy->args = args;
    if (outers != NULL)
        copy->outers = outers;
    if (orders != NULL)
        copy->orders = orders;
    copy->filter = filter;
    return copy;
}
