/* Functions of the database: aggregates, Django's database functions by Django's names, windows,
 * and functions of any other name. Included by expression.h.
 *
 *      nu_annotate(q, "year", nu_fn("ExtractYear", "published"), "n", nu_count_of("comments"))
 *
 * As in Django, a text among the arguments names a field; a text itself is nu_const("text"). */
#pragma once

#include "nuages/expression.h"

/* What a function is told beside its arguments. */
typedef enum nu_dst { NU_DST_UNKNOWN, NU_DST_SUMMER, NU_DST_STANDARD } nu_dst;
typedef struct nu_fn_options {
    const nu_zone  *zone;    /* of parts and truncations; NULL: the active one */
    const nu_field *output;  /* NU_OUTPUT(…): the kind of the result */
    const char *lookup_name; /* what "Extract" takes ("quarter"), what "Trunc" keeps ("month") */
    nu_dst      dst;         /* how a truncation reads a clock time that comes twice or never */
    const char *template;    /* of "Func": its SQL, {1} … or {*} for the arguments */
} nu_fn_options;

/* Any of Django's database functions by name: nu_fn("Coalesce", "nickname", "name"). An unknown name
 * or a wrong number of arguments raises FieldError. The list is in docs/expressions.md. */
#define nu_fn(name, ...) nu_fn_with((name), NULL, __VA_ARGS__)
#define nu_fn_with(name, options, ...)                                                             \
    nu_expr_fn_((name), (options), (const nu_value[]){NU_VALUES_(__VA_ARGS__)},                    \
                NU_NARGS_(__VA_ARGS__))

/* The usual ones. */
#define nu_lower_of(x)       nu_fn("Lower", (x))
#define nu_upper_of(x)       nu_fn("Upper", (x))
#define nu_length(x)         nu_fn("Length", (x))
#define nu_trim(x)           nu_fn("Trim", (x))
#define nu_substr(x, ...)    nu_fn("Substr", (x), __VA_ARGS__)
#define nu_concat(...)       nu_fn("Concat", __VA_ARGS__)
#define nu_coalesce(...)     nu_fn("Coalesce", __VA_ARGS__)
#define nu_greatest(...)     nu_fn("Greatest", __VA_ARGS__)
#define nu_least(...)        nu_fn("Least", __VA_ARGS__)
#define nu_null_if(a, b)     nu_fn("NullIf", (a), (b))
#define nu_db_now()          nu_fn("Now")
#define nu_extract(part, x)  nu_fn_with("Extract", &(nu_fn_options){.lookup_name = (part)}, (x))
#define nu_truncate(unit, x) nu_fn_with("Trunc", &(nu_fn_options){.lookup_name = (unit)}, (x))
/* A JSON object from keyword pairs: nu_json_object("title", nu_f("title"), "n", 3). */
#define nu_json_object(...) nu_expr_json_object_(NU_PAIRS(__VA_ARGS__))
/* What stands at a key of a JSON value, or at a place of a list (a number), as JSON; and as text. */
#define nu_json_key(key, x)      nu_fn("KeyTransform", NU_V(nu_const(key)), (x))
#define nu_json_key_text(key, x) nu_fn("KeyTextTransform", NU_V(nu_const(key)), (x))

/* SQL functions of any name, written as they are: nu_func("LOWER", "title"). */
#define nu_func(name, ...)                                                                         \
    nu_expr_func_((name), NULL, (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
/* SQL of one's own around arguments: nu_func_template("{1} || '-' || {2}", "slug", "id"). The text is
 * the program's; what a user sent belongs into an argument. */
#define nu_func_template(sql, ...)                                                                 \
    nu_expr_func_(NULL, &(nu_fn_options){.template = (sql)},                                       \
                  (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))

/* ---- aggregates, for nu_aggregate and nu_annotate -------------------------------------------- */

/* A text names a field; "*" counts rows. */
#define nu_count_of(x)          nu_expr_aggregate_("Count", NU_V(x), NULL)
#define nu_count_distinct_of(x) nu_aggregate_with("Count", (x), .distinct = true)
#define nu_sum(x)               nu_expr_aggregate_("Sum", NU_V(x), NULL)
#define nu_avg(x)               nu_expr_aggregate_("Avg", NU_V(x), NULL)
#define nu_min(x)               nu_expr_aggregate_("Min", NU_V(x), NULL)
#define nu_max(x)               nu_expr_aggregate_("Max", NU_V(x), NULL)
#define nu_std_dev(x)           nu_expr_aggregate_("StdDev", NU_V(x), NULL)
#define nu_variance(x)          nu_expr_aggregate_("Variance", NU_V(x), NULL)
#define nu_any_value(x)         nu_expr_aggregate_("AnyValue", NU_V(x), NULL)

typedef struct nu_aggregate_options {
    bool                 distinct;
    const nu_expression *filter;        /* over the rows that fulfil it only */
    bool                 sample;        /* StdDev and Variance: of a sample, not of the whole */
    nu_value             default_value; /* what no rows give; an expression too. null: NULL */
    const nu_value      *order_by; /* StringAgg, ArrayAgg …: names ("-likes") and expressions */
    size_t               order_count;
    const char          *delimiter; /* of StringAgg */
    const nu_field      *output;    /* NU_OUTPUT(…): the kind of the result */
} nu_aggregate_options;
#define NU_ORDER(...)                                                                              \
    .order_by = (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, .order_count = NU_NARGS_(__VA_ARGS__)

/* Any aggregate by Django's name: nu_aggregate_with("Sum", "likes", .filter = nu_q("live", true)),
 * nu_aggregate_with("StringAgg", "name", .delimiter = ", ", NU_ORDER("name")). Avg Count Max Min
 * StdDev StringAgg Sum Variance AnyValue; on PostgreSQL also ArrayAgg BitAnd BitOr BitXor BoolAnd
 * BoolOr JSONBAgg. */
#define nu_aggregate_with(name, x, ...)                                                            \
    nu_expr_aggregate_((name), NU_V(x), &(const nu_aggregate_options){__VA_ARGS__})
/* The aggregate over the rows that fulfil the condition only. */
NU_PUBLIC const nu_expression *nu_only_if(const nu_expression *aggregate,
                                          const nu_expression *condition);

/* ---- windows --------------------------------------------------------------------------------- */

typedef enum nu_frame { NU_FRAME_DEFAULT, NU_FRAME_ROWS, NU_FRAME_RANGE } nu_frame;
/* A frame's bounds: 0 is the current row, a negative number so many before, a positive one so many
 * after it. */
#define NU_UNBOUNDED_BEFORE INT64_MIN
#define NU_UNBOUNDED_AFTER  INT64_MAX

typedef struct nu_window_options {
    const nu_value *partition_by; /* names and expressions */
    size_t          partition_count;
    const nu_value *order_by; /* names ("-likes") and expressions */
    size_t          order_count;
    nu_frame        frame;
    int64_t         start, end;
    const nu_field *output;
} nu_window_options;
#define NU_PARTITION(...)                                                                          \
    .partition_by = (const nu_value[]){NU_VALUES_(__VA_ARGS__)},                                   \
    .partition_count = NU_NARGS_(__VA_ARGS__)

/* An aggregate or a window function over the rows around each row:
 *      nu_window(nu_fn("Rank"), NU_PARTITION("author"), NU_ORDER("-likes"))
 *      nu_window(nu_sum("likes"), NU_ORDER("id"), .frame = NU_FRAME_ROWS, .start = -2, .end = 0)
 * The functions: RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue LastValue
 * NthValue, as in nu_fn("Lag", "likes", 1, 0) with offset and default. */
#define nu_window(x, ...) nu_expr_window_((x), &(const nu_window_options){__VA_ARGS__})

/* ---- behind the macros ----------------------------------------------------------------------- */

NU_PUBLIC const nu_expression *nu_expr_fn_(const char *name, const nu_fn_options *options,
                                           const nu_value *args, size_t count);
NU_PUBLIC const nu_expression *nu_expr_func_(const char *name, const nu_fn_options *options,
                                             const nu_value *args, size_t count);
NU_PUBLIC const nu_expression *nu_expr_aggregate_(const char *name, nu_value of,
                                                  const nu_aggregate_options *options);
NU_PUBLIC const nu_expression *nu_expr_window_(const nu_expression     *function,
                                               const nu_window_options *options);
NU_PUBLIC const nu_expression *nu_expr_json_object_(nu_pairs pairs);
