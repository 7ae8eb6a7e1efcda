/* Expressions: what filters, updates, annotations and orderings are built from.
 *
 * An expression is an immutable object in the current arena and a value like any other, so it goes
 * wherever a value goes:
 *      nu_update(q, "likes", nu_add(nu_f("likes"), 1));
 *      nu_filter(q, "likes__gt", nu_f("views"));
 *      nu_where(q, nu_or(nu_q("live", true), nu_not(nu_q("author__name", "Ada"))))
 *
 * Each expression has a kind of field as its result, by which its value is read and compared. Most
 * find it from what they are made of; where several kinds meet that Django does not mix, using the
 * result raises FieldError until nu_wrap says which it is. */
#pragma once

#include "nuages/field.h"

/* A field of the row, spanning relations: nu_f("author__name"). */
NU_PUBLIC const nu_expression *nu_f(const char *path);
/* A constant; needed only where a plain C value is not accepted. */
#define nu_const(x) nu_expr_value_(NU_V(x))

/* ---- kinds of results ----------------------------------------------------------------------- */

/* A kind of result: NU_OUTPUT(nu_field_decimal, .max_digits = 8, .decimal_places = 2). */
#define NU_OUTPUT(kind, ...)                                                                       \
    (&(const nu_field){.name = "value", .type = &(kind), .null = true, __VA_ARGS__})
/* A constant of that kind of field, which may be NULL: nu_value_as(nu_null(), nu_field_int). */
#define nu_value_as(x, kind, ...) nu_expr_value_as_(NU_V(x), NU_OUTPUT(kind, __VA_ARGS__))
/* The same expression with that kind of result; nothing is converted in the database. */
#define nu_wrap(x, kind, ...) nu_expr_wrap_(NU_V(x), NU_OUTPUT(kind, __VA_ARGS__))
/* Converted by the database, CAST(… AS …): nu_cast("likes", nu_field_char, .max_length = 2). */
#define nu_cast(x, kind, ...) nu_expr_cast_(NU_V(x), NU_OUTPUT(kind, __VA_ARGS__))
/* JSON's null, which is not SQL's NULL, as a value to compare with or to store. */
NU_PUBLIC const nu_expression *nu_json_null(void);

/* ---- conditions ----------------------------------------------------------------------------- */

/* nu_q takes keyword pairs joined by AND, as nu_filter does. */
#define nu_q(...)   nu_q_(NU_PAIRS(__VA_ARGS__))
#define nu_and(...) nu_q_join_(false, (const nu_expression *const[]){NULL, ##__VA_ARGS__, NULL} + 1)
#define nu_or(...)  nu_q_join_(true, (const nu_expression *const[]){NULL, ##__VA_ARGS__, NULL} + 1)
NU_PUBLIC const nu_expression *nu_not(const nu_expression *condition);
/* Any two expressions by a lookup: nu_compare(nu_lower_of("title"), "startswith", nu_f("slug")). A text
 * on the left names a field, on the right it is a text. */
#define nu_compare(left, lookup, right) nu_expr_compare_(NU_V(left), (lookup), NU_V(right))
/* True if the query has a row: nu_has(nu_filter(nu_all(comment), "article", nu_outer("pk"))). */
struct nu_query;
NU_PUBLIC const nu_expression *nu_has(const struct nu_query *query);
/* The first column of the query's first row. */
NU_PUBLIC const nu_expression *nu_subquery(const struct nu_query *query);
/* Inside a subquery: a field of the query around it; nu_outer("pk") inside two subqueries may stand
 * for the outermost when written as nu_outer_of(nu_outer("pk")). */
NU_PUBLIC const nu_expression *nu_outer(const char *path);
NU_PUBLIC const nu_expression *nu_outer_of(const nu_expression *outer);

/* ---- arithmetic ----------------------------------------------------------------------------- */

/* Each side is an expression or any C value; a text is a text. Dates and times take durations, and
 * their differences are durations. */
#define nu_add(a, b)         nu_expr_combine_("+", NU_V(a), NU_V(b))
#define nu_sub(a, b)         nu_expr_combine_("-", NU_V(a), NU_V(b))
#define nu_mul(a, b)         nu_expr_combine_("*", NU_V(a), NU_V(b))
#define nu_div(a, b)         nu_expr_combine_("/", NU_V(a), NU_V(b))
#define nu_mod(a, b)         nu_expr_combine_("%", NU_V(a), NU_V(b))
#define nu_power(a, b)       nu_expr_combine_("^", NU_V(a), NU_V(b))
#define nu_bit_and(a, b)     nu_expr_combine_("&", NU_V(a), NU_V(b))
#define nu_bit_or(a, b)      nu_expr_combine_("|", NU_V(a), NU_V(b))
#define nu_bit_xor(a, b)     nu_expr_combine_("#", NU_V(a), NU_V(b))
#define nu_shift_left(a, b)  nu_expr_combine_("<<", NU_V(a), NU_V(b))
#define nu_shift_right(a, b) nu_expr_combine_(">>", NU_V(a), NU_V(b))
#define nu_neg(x)            nu_expr_combine_("*", NU_V(x), nu_value_int(-1))

/* CASE: pairs of condition and result, then the default:
 *      nu_case(nu_when(nu_q("live", true), "yes"), nu_when(nu_q("draft", true), "soon"), "no")   */
#define nu_when(condition, result) nu_expr_when_((condition), NU_V(result))
#define nu_case(...)                                                                               \
    nu_expr_case_((const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))

/* ---- order ---------------------------------------------------------------------------------- */

/* Order by an expression, for nu_order_by_expr, windows and aggregates. */
NU_PUBLIC const nu_expression *nu_asc(const nu_expression *expression);
NU_PUBLIC const nu_expression *nu_desc(const nu_expression *expression);
/* Where NULL stands in that order: nu_nulls_last(nu_desc(nu_f("rank"))). */
NU_PUBLIC const nu_expression *nu_nulls_first(const nu_expression *order);
NU_PUBLIC const nu_expression *nu_nulls_last(const nu_expression *order);
/* Compared and ordered by a collation of the database: nu_collate("title", "NOCASE"). */
#define nu_collate(x, collation) nu_expr_collate_(NU_V(x), (collation))

/* Of a relation the rows that fulfil the condition, under the name that nu_annotate or nu_alias gives
 * it; paths may begin with that name:
 *      nu_annotate(q, "good", nu_filtered_relation("comments", nu_q("comments__spam", false)))
 *      … nu_annotate(q, "n", nu_count_of("good"))
 * The condition asks for fields of that relation's rows and of the query's own. With nu_select_related
 * of the name each result brings its row along: nu_row_get(row, "good"), null if there is none. */
NU_PUBLIC const nu_expression *nu_filtered_relation(const char          *relation,
                                                    const nu_expression *condition);

/* ---- SQL by hand ----------------------------------------------------------------------------- */

/* SQL as an expression, with `?` for each parameter: nu_where(q, nu_sql_expr("hits % ? = 0", 7)). It
 * goes into the statement as it stands, in parentheses; never build it from what a user sent. Its
 * value is read as the database gives it unless nu_wrap says which kind it is. */
#define nu_sql_expr(sql, ...)                                                                      \
    nu_expr_sql_((sql), (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))

/* ---- the rest ------------------------------------------------------------------------------- */

/* The expression behind a value; NULL if it is none. */
NU_PUBLIC const nu_expression *nu_expression_of(nu_value value);

/* ---- lookups and transforms of an application ------------------------------------------------ */

/* A word that may stand behind a field: "title__ne". In `sql`, {1} is the left side and {2} the
 * right one; each may be used several times. A transform gives a value that more words may follow
 * ("title__lower__contains") and that can be selected and ordered by. */
typedef struct nu_lookup_type {
    const char *name;
    const char *sql;      /* "{1} <> {2}" */
    const char *function; /* of a transform: the database function of that name, "Lower" */
    /* Instead of both: the condition or value as an expression. `left` is ready to be used in it;
     * `right` is null for a transform. */
    const nu_expression *(*build)(const nu_expression *left, nu_value right);
    bool                 transform;
    bool                 bilateral; /* the transform is applied to the right side too */
    bool                 text;      /* the right side is taken as a text, not as the field's kind */
    const nu_field_type *output;    /* of a transform; NULL: the left side's, or the function's */
} nu_lookup_type;
/* For fields of that kind and those whose kind is based on it; NULL: of any kind. Before the first
 * request; `lookup` must live as long as the process. The last one of a name wins. */
NU_PUBLIC void nu_register_lookup(const nu_field_type *kind, const nu_lookup_type *lookup);
/* Takes it back; for tests. */
NU_PUBLIC void nu_unregister_lookup(const nu_field_type *kind, const nu_lookup_type *lookup);

/* ---- behind the macros ---------------------------------------------------------------------- */

NU_PUBLIC const nu_expression *nu_expr_value_(nu_value value);
NU_PUBLIC const nu_expression *nu_expr_value_as_(nu_value value, const nu_field *output);
NU_PUBLIC const nu_expression *nu_expr_wrap_(nu_value value, const nu_field *output);
NU_PUBLIC const nu_expression *nu_expr_cast_(nu_value value, const nu_field *output);
NU_PUBLIC const nu_expression *nu_expr_collate_(nu_value value, const char *collation);
NU_PUBLIC const nu_expression *nu_expr_sql_(const char *sql, const nu_value *params, size_t count);
NU_PUBLIC const nu_expression *nu_expr_compare_(nu_value left, const char *lookup, nu_value right);
NU_PUBLIC const nu_expression *nu_q_(nu_pairs pairs);
NU_PUBLIC const nu_expression *nu_q_join_(bool any, const nu_expression *const *parts);
NU_PUBLIC const nu_expression *nu_expr_combine_(const char *op, nu_value a, nu_value b);
NU_PUBLIC const nu_expression *nu_expr_when_(const nu_expression *condition, nu_value result);
NU_PUBLIC const nu_expression *nu_expr_case_(const nu_value *args, size_t count);

#include "nuages/function.h"
