/* Expressions: what filters, updates, annotations and orderings are built from.
 *
 * An expression is an immutable object in the current arena and a value like any other, so it goes
 * wherever a value goes:
 *      nu_update(q, "likes", nu_add(nu_f("likes"), 1));
 *      nu_filter(q, "likes__gt", nu_f("views"));
 *      nu_where(q, nu_or(nu_q("live", true), nu_not(nu_q("author__name", "Ada")))) */
#pragma once

#include "nuages/field.h"

/* A field of the row, spanning relations: nu_f("author__name"). */
NU_PUBLIC const nu_expression *nu_f(const char *path);
/* A constant; needed only where a plain C value is not accepted. */
#define nu_const(x) nu_expr_value_(NU_V(x))

/* Conditions. nu_q takes keyword pairs joined by AND, as nu_filter does. */
#define nu_q(...)   nu_q_(NU_PAIRS(__VA_ARGS__))
#define nu_and(...) nu_q_join_(false, (const nu_expression *const[]){NULL, ##__VA_ARGS__, NULL} + 1)
#define nu_or(...)  nu_q_join_(true, (const nu_expression *const[]){NULL, ##__VA_ARGS__, NULL} + 1)
NU_PUBLIC const nu_expression *nu_not(const nu_expression *condition);
/* True if the query has a row: nu_has(nu_filter(nu_all(comment), "article", nu_outer("pk"))). */
struct nu_query;
NU_PUBLIC const nu_expression *nu_has(const struct nu_query *query);
/* The first column of the query's first row. */
NU_PUBLIC const nu_expression *nu_subquery(const struct nu_query *query);
/* Inside a subquery: a field of the query around it. */
NU_PUBLIC const nu_expression *nu_outer(const char *path);

/* Arithmetic; each side is an expression or any C value. */
#define nu_add(a, b) nu_expr_combine_("+", NU_V(a), NU_V(b))
#define nu_sub(a, b) nu_expr_combine_("-", NU_V(a), NU_V(b))
#define nu_mul(a, b) nu_expr_combine_("*", NU_V(a), NU_V(b))
#define nu_div(a, b) nu_expr_combine_("/", NU_V(a), NU_V(b))
#define nu_mod(a, b) nu_expr_combine_("%", NU_V(a), NU_V(b))

/* Aggregates, for nu_aggregate and nu_annotate. A text names a field; "*" counts rows. */
#define nu_count_of(x)          nu_expr_aggregate_("COUNT", NU_V(x), false)
#define nu_count_distinct_of(x) nu_expr_aggregate_("COUNT", NU_V(x), true)
#define nu_sum(x)               nu_expr_aggregate_("SUM", NU_V(x), false)
#define nu_avg(x)               nu_expr_aggregate_("AVG", NU_V(x), false)
#define nu_min(x)               nu_expr_aggregate_("MIN", NU_V(x), false)
#define nu_max(x)               nu_expr_aggregate_("MAX", NU_V(x), false)
/* The aggregate over the rows that fulfil the condition only. */
NU_PUBLIC const nu_expression *nu_only_if(const nu_expression *aggregate,
                                          const nu_expression *condition);

/* SQL functions of any name; a text names a field: nu_func("LOWER", "title"). */
#define nu_func(name, ...)                                                                         \
    nu_expr_func_((name), (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
#define nu_lower_of(x)   nu_func("LOWER", (x))
#define nu_upper_of(x)   nu_func("UPPER", (x))
#define nu_length(x)     nu_func("LENGTH", (x))
#define nu_coalesce(...) nu_func("COALESCE", __VA_ARGS__)
/* CASE: pairs of condition and result, then the default:
 *      nu_case(nu_when(nu_q("live", true), "yes"), nu_when(nu_q("draft", true), "soon"), "no")   */
#define nu_when(condition, result) nu_expr_when_((condition), NU_V(result))
#define nu_case(...)                                                                               \
    nu_expr_case_((const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))

/* Order by an expression, for nu_order_by_expr. */
NU_PUBLIC const nu_expression *nu_asc(const nu_expression *expression);
NU_PUBLIC const nu_expression *nu_desc(const nu_expression *expression);

/* The expression behind a value; NULL if it is none. */
NU_PUBLIC const nu_expression *nu_expression_of(nu_value value);

NU_PUBLIC const nu_expression *nu_expr_value_(nu_value value);
NU_PUBLIC const nu_expression *nu_q_(nu_pairs pairs);
NU_PUBLIC const nu_expression *nu_q_join_(bool any, const nu_expression *const *parts);
NU_PUBLIC const nu_expression *nu_expr_combine_(const char *op, nu_value a, nu_value b);
NU_PUBLIC const nu_expression *nu_expr_aggregate_(const char *name, nu_value of, bool distinct);
NU_PUBLIC const nu_expression *nu_expr_func_(const char *name, const nu_value *args, size_t count);
NU_PUBLIC const nu_expression *nu_expr_when_(const nu_expression *condition, nu_value result);
NU_PUBLIC const nu_expression *nu_expr_case_(const nu_value *args, size_t count);
