/* Combining queries: nu_union and its like put whole SELECTs side by side; nu_query_and and
 * nu_query_or make one WHERE of two. */
#include <string.h>

#include "model/query_internal.h"

/* ---- SELECTs side by side ------------------------------------------------------------------- */

static size_t count_others(const nu_query *const *others)
{
    size_t count = 0;
    while (others[count] != NULL)
        count++;
    return count;
}

/* A union with a query that has no rows is the others; an intersection with one is empty. */
static const nu_query *const *parts_of(const nu_query *query, nu_combination how,
                                       const nu_query *const *others)
{
    const nu_query **parts = nu_alloc((count_others(others) + 2) * sizeof *parts);
    size_t           count = 0;
    bool             is_union = how == NU_UNION || how == NU_UNION_ALL;
    if (!query->none || !is_union)
        parts[count++] = query;
    for (size_t i = 0; others[i] != NULL; i++) {
        if (!others[i]->none || how == NU_INTERSECTION)
            parts[count++] = others[i];
    }
    return parts;
}

/* The first query gives the shape: its columns name what can be ordered by. */
nu_query *nu_combine_(const nu_query *query, nu_combination how, const nu_query *const *others)
{
    nu__refuse_hand(query, "combined");
    for (size_t i = 0; others[i] != NULL; i++)
        nu__refuse_hand(others[i], "combined");
    nu_query *combined = nu__query_clone(query);
    combined->parts = parts_of(query, how, others);
    if (combined->parts[0] == NULL || combined->parts[1] == NULL) {
        const nu_query *only = combined->parts[0] != NULL ? combined->parts[0] : query;
        return nu__query_clone(only);
    }
    bool empty = how == NU_DIFFERENCE && query->none;
    for (size_t i = 0; how == NU_INTERSECTION && combined->parts[i] != NULL; i++)
        empty |= combined->parts[i]->none;
    combined->combination = how;
    combined->none = empty;
    combined->where = combined->having = NULL;
    combined->low = 0;
    combined->high = -1;
    combined->distinct = false;
    combined->distinct_on = NULL;
    combined->ordered = true;
    combined->order_count = 0;
    combined->reversed = false;
    combined->lock = NULL;
    return combined;
}

/* ---- one WHERE ------------------------------------------------------------------------------ */

static void require_alike(const nu_query *a, const nu_query *b)
{
    if (a->model != b->model)
        nu_raise(NU_VALUE_ERROR, "a query of \"%s\" cannot be joined with one of \"%s\"",
                 a->model->name, b->model->name);
    if (a->low != 0 || a->high >= 0 || b->low != 0 || b->high >= 0)
        nu_raise(NU_VALUE_ERROR, "queries cannot be joined once a slice of one was taken");
    if (a->distinct != b->distinct)
        nu_raise(NU_VALUE_ERROR, "a distinct query cannot be joined with one that is not");
    nu__refuse_combined(a, "joined by AND or OR");
    nu__refuse_combined(b, "joined by AND or OR");
}

static const nu_expression *renumber(const nu_expression *expression, void *arg)
{
    const int *map = arg;
    if (expression->kind != NU_EXPR_COLUMN)
        return expression;
    nu_expression *copy = nu_alloc(sizeof *copy);
    *copy = *expression;
    copy->join = map[expression->join];
    return copy;
}

/* Puts the joins of `b` into `query`; map[i] is then the number of its join i. Joins that are in
 * both are shared, but joins to many only once and only for OR: under AND the two conditions may
 * mean different rows. */
static void merge_joins(nu_query *query, const nu_query *b, bool any, int *map)
{
    nu_joins taken = 0;
    map[0] = 0;
    for (int i = 1; i < b->join_count; i++) {
        const nu_join *join = &b->joins[i];
        map[i] = nu__join_merge(query, join, map[join->parent], any ? ~taken : 0);
        taken |= (nu_joins)1 << map[i];
        if (join->condition != NULL)
            query->joins[map[i]].condition = nu__expr_map(join->condition, renumber, map);
    }
}

/* Under OR, a join that only one side needs must not lose the other side's rows. */
static void promote_joins(nu_query *query, const nu_query *a, const nu_query *b, const int *map)
{
    nu_joins in_a = 0, in_b = 0, all;
    for (int i = 1; i < a->join_count; i++)
        in_a |= a->joins[i].outer ? 0 : (nu_joins)1 << i;
    for (int i = 1; i < b->join_count; i++)
        in_b |= b->joins[i].outer ? 0 : (nu_joins)1 << map[i];
    all = in_a | in_b;
    nu__joins_promote(query, all & ~(in_a & in_b));
}

static nu_query *joined(const nu_query *a, const nu_query *b, bool any)
{
    int map[NU_MOST_JOINS + 1];
    require_alike(a, b);
    if (a->none || b->none) {
        if (any)
            return nu__query_clone(a->none ? b : a);
        return nu_none(a->none ? a : b);
    }
    nu_query *query = nu__query_clone(a);
    merge_joins(query, b, any, map);
    if (query->filtered_count == 0) {
        query->filtered = b->filtered;
        query->filtered_count = b->filtered_count;
    }
    const nu_expression *where = b->where != NULL ? nu__expr_map(b->where, renumber, map) : NULL;
    const nu_expression *having = b->having != NULL ? nu__expr_map(b->having, renumber, map) : NULL;
    if (any) {
        promote_joins(query, a, b, map);
        bool all = (a->where == NULL && a->having == NULL) || (where == NULL && having == NULL);
        query->where = all ? NULL : nu__expr_join(true, a->where, where);
        query->having = all ? NULL : nu__expr_join(true, a->having, having);
    } else {
        query->where = nu__expr_join(false, a->where, where);
        query->having = nu__expr_join(false, a->having, having);
    }
    if (b->ordered && b->order_count > 0) {
        query->order = b->order;
        query->order_count = b->order_count;
        query->ordered = true;
        query->reversed = b->reversed;
    }
    return query;
}

nu_query *nu_query_and(const nu_query *a, const nu_query *b)
{
    return joined(a, b, false);
}

nu_query *nu_query_or(const nu_query *a, const nu_query *b)
{
    return joined(a, b, true);
}
