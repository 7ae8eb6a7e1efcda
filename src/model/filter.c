/* Conditions: keyword pairs, AND, OR and NOT become resolved conditions on the query's joins. */
#include <string.h>

#include "model/query_internal.h"

/* One call of nu_filter or nu_exclude on its way through the tree. */
typedef struct addition {
    nu_query *query;
    nu_joins  reuse; /* joins to many that this call has made: its pairs share them */
    bool      whole; /* inside an expression: NOT asks of the rows that are joined, not of others */
} addition;

static const nu_expression *add(addition *adding, const nu_expression *condition, bool negated,
                                bool below_not, nu_joins *needed);

/* ---- joining conditions --------------------------------------------------------------------- */

static const nu_expression *constant(nu_expr_kind kind)
{
    nu_expression *expression = nu__expr_new(kind, 0);
    expression->resolved = true;
    expression->type = &nu__bool_column;
    return expression;
}

static bool is_kind(const nu_expression *expression, nu_expr_kind kind)
{
    return expression->kind == kind;
}

/* NULL stands for "no condition yet". What never or always holds is folded away. */
const nu_expression *nu__expr_join(bool any, const nu_expression *a, const nu_expression *b)
{
    nu_expr_kind neutral = any ? NU_EXPR_NOTHING : NU_EXPR_ALL;
    nu_expr_kind final = any ? NU_EXPR_ALL : NU_EXPR_NOTHING;
    if (a == NULL || b == NULL)
        return a != NULL ? a : b;
    if (is_kind(a, neutral) || is_kind(b, final))
        return b;
    if (is_kind(b, neutral) || is_kind(a, final))
        return a;
    nu_expression *joined = nu__expr_new(any ? NU_EXPR_OR : NU_EXPR_AND, 2);
    joined->resolved = true;
    joined->type = &nu__bool_column;
    joined->aggregate = a->aggregate || b->aggregate;
    joined->args[0] = a;
    joined->args[1] = b;
    return joined;
}

static const nu_expression *opposite(const nu_expression *condition)
{
    if (is_kind(condition, NU_EXPR_NOTHING))
        return constant(NU_EXPR_ALL);
    if (is_kind(condition, NU_EXPR_ALL))
        return constant(NU_EXPR_NOTHING);
    nu_expression *expression = nu__expr_new(NU_EXPR_NOT, 1);
    expression->resolved = true;
    expression->type = &nu__bool_column;
    expression->aggregate = condition->aggregate;
    expression->args[0] = condition;
    return expression;
}

/* ---- leaves --------------------------------------------------------------------------------- */

static const nu_expression *is_null(const nu_expression *left, bool yes)
{
    nu_expression *lookup = nu__expr_new(NU_EXPR_LOOKUP, 1);
    lookup->resolved = true;
    lookup->type = &nu__bool_column;
    lookup->lookup = NU_LOOKUP_IS_NULL;
    lookup->value = nu_value_bool(yes);
    lookup->args[0] = left;
    lookup->aggregate = left->aggregate;
    return lookup;
}

/* exclude() across a relation to many means "has none such": NOT EXISTS of the same model by key.
 * `leaf` keeps its own names; expressions in its value mean the query outside. */
static const nu_expression *split(addition *adding, const nu_expression *leaf)
{
    nu_query *query = adding->query;
    nu_query *inner = nu_query_everything(query->model);
    inner->filtered = query->filtered;
    inner->filtered_count = query->filtered_count;
    nu_pair              pairs[2] = {{"pk", NU_V(nu_outer("pk"))}, {leaf->name, leaf->value}};
    const nu_expression *value = nu_expression_of(leaf->value);
    if (value != NULL && value->kind == NU_EXPR_F)
        pairs[1].value = NU_V(nu_outer(value->name));
    inner = nu_unordered(nu_filter_(inner, (nu_pairs){pairs, 2}));
    nu_joins used = 0;
    return nu__expr_resolve(query, nu_has(inner), &adding->reuse, &used);
}

/* True if the comparison is one with NULL, which NOT turns round as it stands. */
static bool about_null(const nu_expression *condition, bool *is_true)
{
    if (condition->kind != NU_EXPR_LOOKUP || condition->lookup != NU_LOOKUP_IS_NULL)
        return false;
    *is_true = condition->value.boolean;
    return true;
}

/* True if the table's row can be missing; whether its join will be an outer one may not be known yet. */
static bool may_be_missing(const nu_query *query, int join)
{
    for (; join > 0; join = query->joins[join].parent) {
        if (query->joins[join].nullable || query->joins[join].outer)
            return true;
    }
    return false;
}

/* In SQL, NOT (x = 1) leaves out rows where x is NULL; people expect them in. So the comparison
 * below a NOT says that x is there: NOT (x = 1 AND x IS NOT NULL). */
static const nu_expression *guard_null(nu_query *query, const nu_path *path,
                                       const nu_expression *left, const nu_expression *condition)
{
    bool nullable =
        path->column != NULL && (path->column->null || may_be_missing(query, path->join));
    if (condition->kind == NU_EXPR_NOTHING || condition->kind == NU_EXPR_ALL)
        return condition;
    bool                 lookup = condition->kind == NU_EXPR_LOOKUP;
    const nu_expression *right = lookup && condition->count == 2 ? condition->args[1] : NULL;
    const nu_expression *guarded = condition;
    if (nullable)
        guarded = nu__expr_join(false, guarded, is_null(left, false));
    if (right != NULL && right->kind == NU_EXPR_COLUMN && right->column->null)
        guarded = nu__expr_join(false, guarded, is_null(right, false));
    return guarded;
}

static const nu_expression *add_leaf(addition *adding, const nu_expression *leaf, bool negated,
                                     bool below_not, nu_joins *needed)
{
    nu_query *query = adding->query;
    if (below_not && !adding->whole && nu__path_is_many(query, leaf->name))
        return split(adding, leaf);
    nu_path path;
    nu__path_follow(query, leaf->name, adding->reuse, &path);
    nu_joins used = path.joins;
    adding->reuse |= path.joins;
    const nu_expression *left;
    if (path.annotation != NULL) {
        left = path.annotation;
    } else {
        left = nu__column_expr(path.join, path.column);
    }
    const nu_expression *condition =
        nu__lookup_build(query, &path, left, leaf->value, &adding->reuse, &used);
    bool null_wanted = false, null_test = about_null(condition, &null_wanted);
    bool needs_outer = null_test && null_wanted && !negated;
    if (negated && !(null_test && null_wanted)) {
        needs_outer = true;
        if (!null_test && path.annotation == NULL)
            condition = guard_null(query, &path, left, condition);
    }
    *needed = needs_outer || path.annotation != NULL ? 0 : used;
    return condition;
}

/* ---- branches ------------------------------------------------------------------------------- */

static const nu_expression *add_branch(addition *adding, const nu_expression *branch, bool negated,
                                       bool below_not, nu_joins *needed)
{
    bool                 any = branch->kind == NU_EXPR_OR;
    nu_votes             votes = {.children = branch->count, .any = any != negated};
    const nu_expression *whole = NULL;
    for (size_t i = 0; i < branch->count; i++) {
        nu_joins             inner = 0;
        const nu_expression *part = add(adding, branch->args[i], negated, below_not, &inner);
        nu__votes_add(&votes, inner);
        whole = nu__expr_join(any, whole, part);
    }
    *needed = nu__votes_decide(&votes, adding->query);
    return whole != NULL ? whole : constant(NU_EXPR_ALL);
}

static const nu_expression *add(addition *adding, const nu_expression *condition, bool negated,
                                bool below_not, nu_joins *needed)
{
    nu_check_stack();
    *needed = 0;
    if (condition->resolved)
        return condition;
    switch (condition->kind) {
    case NU_EXPR_LEAF: return add_leaf(adding, condition, negated, below_not, needed);
    case NU_EXPR_AND:
    case NU_EXPR_OR: return add_branch(adding, condition, negated, below_not, needed);
    case NU_EXPR_NOT: return opposite(add(adding, condition->args[0], !negated, true, needed));
    default: {
        nu_joins used = 0;
        return nu__expr_resolve(adding->query, condition, &adding->reuse, &used);
    }
    }
}

/* What holds an aggregate is asked of the groups, the rest of the rows. */
static void place(nu_query *query, const nu_expression *condition)
{
    nu_check_stack();
    if (condition->kind == NU_EXPR_AND && condition->aggregate) {
        for (size_t i = 0; i < condition->count; i++)
            place(query, condition->args[i]);
    } else if (condition->aggregate) {
        query->having = nu__expr_join(false, query->having, condition);
    } else {
        query->where = nu__expr_join(false, query->where, condition);
    }
}

const nu_expression *nu__condition_resolve(nu_query *query, const nu_expression *condition)
{
    addition adding = {.query = query, .reuse = NU_EVERY_JOIN, .whole = true};
    nu_joins needed;
    return add(&adding, condition, false, false, &needed);
}

void nu__query_add_sharing(nu_query *query, const nu_expression *condition, nu_joins shared)
{
    nu_joins inner = nu__joins_inner(query);
    addition adding = {.query = query, .reuse = shared};
    nu_joins needed;
    place(query, add(&adding, condition, false, false, &needed));
    query->filter_joins = adding.reuse;
    nu__joins_demote(query, inner);
    if (query->where != NULL && query->where->kind == NU_EXPR_NOTHING)
        query->none = true;
    if (query->where != NULL && query->where->kind == NU_EXPR_ALL)
        query->where = NULL;
}

void nu__query_add(nu_query *query, const nu_expression *condition)
{
    nu__query_add_sharing(query, condition, 0);
}
