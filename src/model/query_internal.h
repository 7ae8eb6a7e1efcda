/* Queries from the inside.
 *
 * A query is built eagerly: each nu_filter resolves its names at once, so that a wrong one is
 * reported where it stands, and leaves resolved expressions that refer to the query's joins by
 * number. A query never changes once made; each step copies it, joins included, and joins are only
 * ever added at the end, so resolved expressions stay valid in the copy. SQL is written when rows
 * are asked for.
 *
 * Life of a query:
 *      nu_filter  → filter.c   conditions resolved; paths.c: names become joins and columns;
 *                   promote.c: which joins may be INNER
 *      NU_EACH    → compiler.c SELECT … with a plan of what each result column is for
 *                 → load.c     rows by that plan */
#pragma once

#include <stdalign.h>

#include "model/internal.h"
#include "nuages/query.h"

/* ---- expressions ---------------------------------------------------------------------------- */

typedef enum nu_expr_kind {
    /* as the application wrote them */
    NU_EXPR_F,         /* name */
    NU_EXPR_OUTER,     /* name; stays as it is inside a subquery */
    NU_EXPR_LEAF,      /* name, value: a keyword pair of nu_q */
    NU_EXPR_VALUE,     /* value; output */
    NU_EXPR_AND,       /* args */
    NU_EXPR_OR,        /* args */
    NU_EXPR_NOT,       /* args[0] */
    NU_EXPR_COMBINE,   /* name: the operator; args[0], args[1] */
    NU_EXPR_AGGREGATE, /* name, shape; args[0], none for COUNT(*); filter, orders */
    NU_EXPR_FUNC,      /* name, args; shape: one of Django's; NULL: the database's own */
    NU_EXPR_WHEN,      /* args[0] condition, args[1] result */
    NU_EXPR_CASE,      /* args: WHENs, then maybe the default */
    NU_EXPR_EXISTS,    /* query */
    NU_EXPR_SUBQUERY,  /* query */
    NU_EXPR_ORDER,     /* args[0]; descending, nulls */
    NU_EXPR_WRAP,      /* args[0]; output */
    NU_EXPR_COLLATE,   /* args[0]; name: the collation */
    NU_EXPR_WINDOW,    /* args[0], args[1 …]: the partition; orders, window */
    NU_EXPR_COMPARE,   /* args[0], name: the lookup, value */
    NU_EXPR_SQL,       /* name: the text, args: its parameters */
    NU_EXPR_RELATION,  /* name: the relation, filter: which of its rows */
    /* resolved only */
    NU_EXPR_COLUMN,  /* column of join */
    NU_EXPR_PARAM,   /* value, as the column it is compared with stores it */
    NU_EXPR_LOOKUP,  /* args[0] lookup args[1 …] */
    NU_EXPR_REF,     /* name of an annotation, args[0] its expression */
    NU_EXPR_NOTHING, /* a condition that never holds */
    NU_EXPR_ALL,     /* one that always does */
} nu_expr_kind;

typedef enum nu_lookup {
    NU_LOOKUP_EXACT,
    NU_LOOKUP_IEXACT,
    NU_LOOKUP_CONTAINS,
    NU_LOOKUP_ICONTAINS,
    NU_LOOKUP_STARTS_WITH,
    NU_LOOKUP_ISTARTS_WITH,
    NU_LOOKUP_ENDS_WITH,
    NU_LOOKUP_IENDS_WITH,
    NU_LOOKUP_REGEX,
    NU_LOOKUP_IREGEX,
    NU_LOOKUP_GT,
    NU_LOOKUP_GTE,
    NU_LOOKUP_LT,
    NU_LOOKUP_LTE,
    /* up to here the same as nu_db_operator */
    NU_LOOKUP_IN,
    NU_LOOKUP_RANGE,
    NU_LOOKUP_IS_NULL,
    NU_LOOKUP_JSON_CONTAINS,
    NU_LOOKUP_CONTAINED_BY,
    NU_LOOKUP_HAS_KEY,
    NU_LOOKUP_HAS_KEYS,
    NU_LOOKUP_HAS_ANY_KEYS,
    NU_LOOKUP_CUSTOM, /* .custom */
    NU_LOOKUP_NATIVE, /* .name: the function of the back end; see native.h */
} nu_lookup;

struct nu_fn_shape;

struct nu_expression {
    const nu_class *class;
    nu_expr_kind          kind;
    bool                  resolved;
    nu_lookup             lookup;
    int                   join;
    nu_value              value;
    const nu_expression **args;
    size_t                count;
    const nu_column      *column;
    const nu_column      *type; /* whose kind of value it gives; NULL: not known */
    /* What plain conditions on columns have none of. An expression with any of what follows is not
     * part of a shape (model/shape.h), nor is one with a member that is added here. */
    alignas(uint64_t) bool aggregate; /* holds an aggregate: belongs into HAVING */
    bool                        over; /* holds a window */
    bool                        distinct, descending;
    signed char                 nulls; /* -1: first, 1: last, 0: where the database puts them */
    const nu_lookup_type       *custom;
    const char                 *name;
    const nu_expression        *filter;
    const nu_expression       **orders; /* NU_EXPR_ORDERs of an aggregate or a window */
    size_t                      order_count;
    const nu_query             *query;
    const char                 *mixed;      /* why the type is not known: kinds that do not mix */
    const nu_column            *output;     /* the kind that the application said */
    const struct nu_fn_shape   *shape;      /* what is known of a function of Django's */
    const nu_fn_options        *options;    /* of a function */
    const nu_aggregate_options *aggregated; /* of an aggregate */
    const nu_window_options    *window;
    const nu_expression *
        *outers; /* of a subquery: what its NU_EXPR_OUTERs mean, resolved outside */
};

nu_expression *nu__expr_new(nu_expr_kind kind, size_t args);
/* A copy to change. */
nu_expression *nu__expr_copy(const nu_expression *expression);
/* A value as an expression: itself if it is one, a subquery for a query, else a constant. A text is
 * a constant unless `path`. */
const nu_expression *nu__expr_of(nu_value value, bool path);
/* A constant that is ready to be bound to a column: resolved, and not to be prepared again. */
const nu_expression *nu__typed_value(const nu_column *column, nu_value value);
/* An order as an expression: a name with or without "-", or an expression. */
const nu_expression *nu__order_of(nu_value value);

/* ---- functions.c: what is known of Django's functions ----------------------------------------- */

typedef enum nu_fn_result {
    NU_FN_SAME,    /* the kind of all arguments, which must be one */
    NU_FN_FIRST,   /* that of the first */
    NU_FN_NUMERIC, /* decimal if one is, float of whole numbers, else the same */
    NU_FN_INT,
    NU_FN_FLOAT,
    NU_FN_TEXT,
    NU_FN_BOOL,
    NU_FN_DATETIME,
    NU_FN_UUID,
    NU_FN_SEARCH_VECTOR,
    NU_FN_SEARCH_QUERY,
    NU_FN_JSON,
    NU_FN_ARRAY,  /* a list of what the first is */
    NU_FN_OUTPUT, /* what the caller says */
    NU_FN_PART,   /* ExtractX: a whole number */
    NU_FN_TRUNC,  /* TruncX: the kind of the argument, tied to a zone */
} nu_fn_result;

typedef enum nu_fn_class { NU_FN_PLAIN, NU_FN_AGGREGATE, NU_FN_WINDOW } nu_fn_class;

typedef struct nu_fn_shape {
    const char  *name;        /* Django's */
    uint8_t      least, most; /* arguments */
    nu_fn_result result;
    nu_fn_class class;
    const char *part;    /* of ExtractX and TruncX */
    bool        literal; /* arguments after the first are values, texts too */
    bool        quoted;  /* the first one is */
    bool        zero;    /* an aggregate that gives 0, not NULL, for no rows */
} nu_fn_shape;

/* NULL if there is none. */
const nu_fn_shape *nu__fn_find(const char *name);
/* "year", "date" …; -1: no part of dates */
int nu__part_find(const char *name);

/* ---- types.c: kinds of results ----------------------------------------------------------------- */

/* Columns that stand for kinds of values without a field. */
extern const nu_column nu__int_column, nu__float_column, nu__decimal_column, nu__text_column,
    nu__char_column, nu__date_column, nu__time_column, nu__datetime_column, nu__duration_column,
    nu__bool_column, nu__uuid_column, nu__binary_column, nu__json_column, nu__computed_key_column,
    nu__search_vector_column, nu__search_query_column;

/* A column of that kind, in the current arena. */
const nu_column *nu__output_column(const nu_field *output);
/* True if the column's kind is `kind` or based on it. */
bool nu__is_kind(const nu_column *column, const nu_field_type *kind);
/* Sets type, or mixed, of a resolved expression from its arguments. */
void nu__expr_set_type(nu_expression *expression);
/* The kind of the result, for reading and comparing; raises FieldError if it is mixed. NULL: none,
 * the database's own. */
const nu_column *nu__expr_type(const nu_expression *expression);
/* A column's kind without its measures: a sum of decimals has more digits than they have. */
const nu_column *nu__unmeasured(const nu_column *type);
/* The kind that a truncation gives: read in that zone. */
const nu_column *nu__zoned_column(const nu_column *type, const nu_zone *zone, nu_dst dst);
/* The zone of parts and truncations: that of the options, else the active one; NULL: UTC. */
const nu_zone *nu__expr_zone(const nu_expression *expression);

/* The expression with each part that `fn` gives another for replaced, from the outside inwards; what
 * `fn` replaces is not walked through. The parts of subqueries that belong to the query outside
 * count. */
typedef const nu_expression *(*nu_expr_mapping)(const nu_expression *part, void *arg);
const nu_expression *nu__expr_map(const nu_expression *expression, nu_expr_mapping fn, void *arg);

/* ---- queries -------------------------------------------------------------------------------- */

/* Joins are numbered; sets of them are masks. */
enum { NU_MOST_JOINS = 63 };
typedef uint64_t nu_joins;
#define NU_EVERY_JOIN UINT64_MAX

typedef struct nu_join {
    const nu_model_info *info;   /* whose table */
    const char          *alias;  /* at the top level; in subqueries it is numbered */
    int                  parent; /* -1: the table of FROM */
    const char          *parent_column, *column;
    const char          *type_column; /* of a generic relation: content type, which must be .type */
    int64_t              type;
    bool                 type_of_parent; /* that column is the parent's */
    bool                 many;           /* a row of the parent may meet several */
    bool                 nullable;       /* or none */
    bool                 outer;          /* LEFT OUTER JOIN at present */
    const char          *filtered;       /* the name of a nu_filtered; NULL: none */
    const nu_expression *condition;      /* and which rows of it count */
} nu_join;

typedef struct nu_annotation {
    const char          *name;
    const nu_expression *expression;
    bool                 hidden; /* nu_alias: not among the results */
} nu_annotation;

/* A relation to load for all rows. */
typedef struct nu_prefetch {
    const char     *path;
    const nu_query *query;   /* of the rows at its end; NULL: the usual one */
    const char     *to_attr; /* kept as a list under this name; NULL: as the relation itself */
} nu_prefetch;

/* A relation under a name of its own, of which some rows count only. */
typedef struct nu_filtered {
    const char          *name;
    const char          *path; /* of the relation */
    const nu_expression *condition;
} nu_filtered;

/* A statement by hand: nu_raw. */
typedef struct nu_hand {
    const char     *sql;
    const nu_value *params;
    size_t          count;
    nu_pairs        names; /* column of the result: the field that it is */
} nu_hand;

typedef enum nu_result {
    NU_RESULT_ROWS,
    NU_RESULT_DICTS,
    NU_RESULT_LISTS,
    NU_RESULT_NAMED,
    NU_RESULT_FLAT,
} nu_result;
typedef enum nu_grouping { NU_GROUP_NONE, NU_GROUP_KEY, NU_GROUP_VALUES } nu_grouping;

struct nu_query {
    const nu_class *class;
    const nu_model        *model;
    const nu_model_info   *info;
    nu_database           *database; /* NULL: the model's */
    nu_arena              *arena;
    nu_join               *joins;
    int                    join_count;
    const nu_expression   *where, *having; /* NULL: no condition */
    nu_joins               filter_joins;   /* those that the last call of nu_filter was about */
    nu_annotation         *annotations;
    size_t                 annotation_count;
    const nu_value        *order; /* texts and expressions */
    size_t                 order_count;
    bool                   ordered; /* .order is in force, also when empty; else Meta.ordering */
    bool                   reversed;
    int64_t                low, high; /* -1: no end */
    bool                   one;       /* a single row is wanted, more would be a mistake */
    bool                   distinct, none;
    const char *const     *distinct_on; /* NULL: all that is read */
    const nu_lock_options *lock;        /* NULL: no lock */
    const nu_hand         *hand;        /* the statement; NULL: it is written from the rest */
    const nu_filtered     *filtered;    /* relations with names of their own */
    size_t                 filtered_count;
    const char            *inside; /* while a condition of such a relation is made out: its path */
    int                    inside_join; /* and its join, which the path means then */
    nu_combination         combination; /* 0: a query of its own, else the rows of `parts` */
    const nu_query *const *parts;       /* ended by NULL */
    const char *const     *related;     /* select_related */
    bool                   related_all; /* every reference that is never NULL */
    const nu_prefetch     *prefetch;    /* ended by a NULL path */
    const char *const *only, *const *defer;
    nu_result                   result;
    const char *const          *names; /* of values; NULL: all */
    nu_grouping                 grouping;
    const nu_expression *const *group; /* of NU_GROUP_VALUES */
    size_t                      group_count;
    nu_fetch_mode               fetch_mode;
    const nu_expression       **outers; /* what the NU_EXPR_OUTERs inside mean outside */
    size_t                      outer_count;
    const nu_column *many_back; /* a related set: the reference that leads back to the row */
    nu_row          *owner;     /* and that row */
    const char      *relation;  /* what the owner calls the set; NULL: the query is none */

    /* what was read */
    nu_fetched *fetched;
    nu_list    *list;
};

extern const nu_class nu__query_class;
/* A copy to change. */
nu_query            *nu__query_clone(const nu_query *query);
nu_database         *nu__query_database(const nu_query *query);
/* The query on the database that is written to. */
const nu_query *nu__query_to_write(const nu_query *query);
const nu_expression *nu__annotation(const nu_query *query, const char *name, size_t length);
/* A copy of the array; NULL for an empty one. */
const char *const *nu__names_keep(const char *const *names);
/* Refuses what a slice, a combination such as nu_union, or a query by hand cannot be: "filtered". */
void nu__refuse_hand(const nu_query *query, const char *what);
void nu__refuse_slice(const nu_query *query, const char *what);
void nu__refuse_combined(const nu_query *query, const char *what);
/* Raises ValueError if the text may not name a computed column, as Django refuses it. */
void nu__check_alias(const char *name);
/* What `name` means among the query's values; adds the joins it needs. */
const nu_expression *nu__value_expr(nu_query *query, const char *name);

/* ---- paths.c: names become columns of joins ------------------------------------------------- */

typedef struct nu_path {
    const nu_column     *column; /* NULL: an annotation */
    const nu_expression *annotation;
    int                  join;
    nu_joins             joins;    /* those on the way, the FROM table not counted */
    bool                 many;     /* goes through a relation to many */
    const char          *rest;     /* "year__gte" left over, NULL: nothing */
    const nu_model_info *last;     /* the model that was reached, for messages */
    const nu_column     *relation; /* the path ends at this reference itself */
} nu_path;

/* Follows `path` as far as it names fields and adds the joins needed. A join to many is shared only
 * with those in `reuse`. Raises FieldError if the first name is unknown. */
void nu__path_follow(nu_query *query, const char *path, nu_joins reuse, nu_path *out);
/* The same; nothing may be left over. */
void nu__path_get(nu_query *query, const char *path, nu_joins reuse, nu_path *out);
/* True if the path crosses a relation to many; adds nothing. */
bool nu__path_is_many(const nu_query *query, const char *path);
/* Joins the table that the reference points to; returns its number. */
int nu__join_forward(nu_query *query, int join, const nu_column *column);
/* Joins the table whose one-to-one reference `column` points here. */
int nu__join_back(nu_query *query, int join, const nu_column *column);
/* The join, added if need be, of the table that has the column: that of `join` or of a parent. */
int nu__join_owner(nu_query *query, int join, const nu_column *column);
/* Takes a join of another query over, hung on `parent`; shares one of those in `reuse`. */
int nu__join_merge(nu_query *query, const nu_join *join, int parent, nu_joins reuse);
const nu_expression *nu__column_expr(int join, const nu_column *column);
/* True for a key of several fields. */
static inline bool nu__is_key(const nu_expression *expression)
{
    return expression->kind == NU_EXPR_COLUMN && expression->column->parts != NULL;
}

/* ---- filtered.c: relations under names of their own ------------------------------------------- */

/* NULL if there is none. */
const nu_filtered *nu__filtered_find(const nu_query *query, const char *name, size_t length);
/* Adds the relation of a nu_filtered_relation; `query` is a fresh copy. */
void nu__filtered_add(nu_query *query, const char *name, const nu_expression *relation);
/* Gives a join of the relation its condition. */
void nu__filtered_join(nu_query *query, const nu_filtered *relation, int join);

/* ---- promote.c: INNER or LEFT OUTER --------------------------------------------------------- */

typedef struct nu_votes {
    uint16_t count[NU_MOST_JOINS + 1];
    size_t   children;
    bool     any; /* OR, after negation */
} nu_votes;

void nu__votes_add(nu_votes *votes, nu_joins joins);
/* Decides by the votes; returns the joins that must match. */
nu_joins nu__votes_decide(const nu_votes *votes, nu_query *query);
void     nu__joins_demote(nu_query *query, nu_joins joins);
void     nu__joins_promote(nu_query *query, nu_joins joins);
nu_joins nu__joins_inner(const nu_query *query);

/* ---- filter.c, lookup.c, resolve_expr.c ----------------------------------------------------- */

/* Adds a condition as one call of nu_filter does. `query` is a fresh copy. */
void nu__query_add(nu_query *query, const nu_expression *condition);
/* The same; the joins to many among `shared` mean the same rows. */
void nu__query_add_sharing(nu_query *query, const nu_expression *condition, nu_joins shared);
/* A condition inside an expression: it shares the joins there are and decides none. */
const nu_expression *nu__condition_resolve(nu_query *query, const nu_expression *condition);
/* The same, and no join becomes INNER by it. */
const nu_expression *nu__condition_inside(nu_query *query, const nu_expression *condition);
/* Builds `left <rest> value`: "year__gte", NULL for exact. */
const nu_expression *nu__lookup_build(nu_query *query, const nu_path *path,
                                      const nu_expression *left, nu_value value, nu_joins *reuse,
                                      nu_joins *used);
/* Resolves the names of an expression; adds the joins it uses to *used. */
const nu_expression *nu__expr_resolve(nu_query *query, const nu_expression *expression,
                                      nu_joins *reuse, nu_joins *used);
const char          *nu__lookup_name(nu_lookup lookup);
const nu_expression *nu__expr_join(bool any, const nu_expression *a, const nu_expression *b);
/* A name as an expression: "author__name", an annotation, "published__year", "extra__key". Raises
 * FieldError for an unknown one. */
const nu_expression *nu__expr_path(nu_query *query, const char *name, nu_joins *reuse,
                                   nu_joins *used);
/* ---- transforms.c, lookup_json.c ---- */
/* A word that an application has registered for that kind; NULL if there is none. */
const nu_lookup_type *nu__lookup_registered(const nu_column *type, const char *word, size_t length,
                                            bool transform);
const nu_expression  *nu__transform_apply(nu_query *query, const nu_lookup_type *transform,
                                          const nu_expression *left);
/* One word as a transform of `left`; NULL if it is none. *custom: that of an application. */
const nu_expression *nu__transform_find(nu_query *query, const nu_expression *left,
                                        const char *word, size_t length,
                                        const nu_lookup_type **custom);
/* Words are separated by "__". */
size_t      nu__word_length(const char *text);
const char *nu__word_after(const char *text, size_t length);
/* True if it is what stands at a key of JSON. */
bool                 nu__is_json_key(const nu_expression *expression);
const nu_expression *nu__json_key_as_text(nu_query *query, const nu_expression *left);
/* The condition, if JSON has one of its own; else NULL. */
const nu_expression *nu__lookup_build_json(nu_query *query, const nu_expression *left,
                                           nu_lookup lookup, nu_value value);
/* What is left over of the path as transforms of `left`. */
const nu_expression *nu__transforms_build(nu_query *query, const nu_path *path,
                                          const nu_expression *left);

/* ---- compiler.c ----------------------------------------------------------------------------- */

typedef struct nu_sql {
    const nu_db_backend *backend;
    nu_builder           text;
    nu_value            *params;
    const void         **owners; /* which constant each is: one that comes twice is numbered once */
    size_t               count, capacity;
    const char          *zone; /* NULL: UTC */
    struct nu_scope     *scope;
    bool                 literal; /* constants are written out: definitions take no parameters */
    bool                 shapeless; /* something was written that shapes leave out: see shape.h */
    uint64_t             hash;      /* of a text that was found by its shape; 0: not known */
} nu_sql;



/* The query whose expressions are being written; subqueries have one inside another. */
typedef struct nu_scope {
    const nu_query       *query;
    struct nu_scope      *outside;
    const nu_expression **outers; /* meaning of query->outers, resolved in `outside` */
    int                   depth;
    bool                  bare;    /* columns without a table's name: UPDATE and DELETE */
    bool                  by_name; /* annotations by their names: around a subquery that has them */
} nu_scope;

/* What a result column is for. */
typedef struct nu_plan_group {
    const nu_model_info    *info;
    int                     first;   /* result column of its first column */
    const nu_column *const *columns; /* ended by NULL */
    int                     parent;  /* group whose reference leads here; -1: the rows themselves */
    const nu_column        *relation;
    bool                    back; /* the relation is held by this group's rows, one-to-one */
    const char             *filtered; /* the name of a nu_filtered that leads here; NULL: none */
    uint64_t                deferred;
    int                     join; /* its table */
    const char             *path; /* "author__mentor"; "": the rows themselves */
} nu_plan_group;

typedef struct nu_plan {
    nu_plan_group        *groups;
    size_t                group_count;
    const nu_expression **extras; /* annotations, or the values asked for */
    const char          **names;  /* of the extras */
    size_t                extra_count;
    int                   first_extra;
    bool                  wide; /* one of the extras is a key of several result columns */
} nu_plan;
/* Writes the statement of a query, with `plan` filled. */
typedef void (*nu_sql_writer)(nu_sql *sql, const nu_query *query, nu_plan *plan);
/* The result column at which an extra begins; `at` may be their number. */
int nu__plan_position(const nu_plan *plan, size_t at);

/* What the rows are ordered by, made out; expression NULL: by chance. */
typedef struct nu_order_item {
    const nu_expression *expression;
    const char          *name;     /* of the result that it is; NULL: written anew */
    int                  position; /* result column that was added for it, from 1 */
    bool                 descending;
    bool                 selected; /* it is among the results */
    signed char          nulls;    /* -1: first, 1: last */
} nu_order_item;
typedef struct nu_order {
    nu_order_item *items;
    size_t         count, capacity;
} nu_order;

/* plan.c: what is selected, written; and the plan. */
void nu__plan_rows(nu_sql *sql, nu_query *query, nu_plan *plan);
void nu__plan_values(nu_sql *sql, nu_query *query, nu_plan *plan);
/* The names of the values that a query gives, ended by NULL. */
const char *const *nu__plan_names(const nu_query *query);
/* order_by.c: the order, which may add joins; what DISTINCT must select for it; ORDER BY, GROUP BY. */
void nu__order_resolve(nu_query *query, const nu_plan *plan, nu_order *out);
void nu__order_put_selected(nu_sql *sql, const nu_query *query, nu_plan *plan,
                            const nu_order *order);
void nu__order_put(nu_sql *sql, const nu_query *query, const nu_order *order);
void nu__sql_group_by(nu_sql *sql, const nu_query *query, const nu_plan *plan,
                      const nu_order *order);
void nu__sql_init(nu_sql *sql, nu_database *db);
/* The statement that `writer` makes of the query, from the cache if one of its shape was written
 * before: shape.h. */
void nu__sql_query(nu_sql *sql, nu_database *db, nu_sql_writer writer, const nu_query *query,
                   nu_plan *plan);
/* A parameter without its place in the text; `owner`: which constant it is. */
void nu__sql_keep_param(nu_sql *sql, nu_value value, const void *owner);
/* Makes room at the beginning for a statement of that many parameters. */
void nu__sql_expect(nu_sql *sql, size_t params);
void nu__sql_param(nu_sql *sql, nu_value value);
/* tuples.c: "(?, ?), (?, ?)", the placeholders of so many rows; their parameters follow those there are. */
void nu__sql_tuples(nu_sql *sql, size_t rows, size_t columns);

/* ---- computed.c: fields set to expressions ---------------------------------------------------- */

/* Keeps an expression for the field; false for any other value, which replaces one. */
bool nu__computed_put(nu_row *row, const nu_column *column, nu_value value);
/* The expression that the field was set to; NULL if it was to none. */
const nu_expression *nu__computed(const nu_row *row, const nu_column *column);
/* It as SQL of an INSERT (`adding`) or an UPDATE of the model's own table. */
void nu__sql_computed(nu_sql *sql, const nu_column *column, const nu_expression *expression,
                      bool adding);
/* It was written. What the database made of it was `read`, or will be when it is asked for. */
/* As many rows as one statement names, or holds, by this many columns: on SQLite 500, or 999 values, as
 * Django has it. */
uint32_t nu__rows_named(const nu_db_backend *backend, uint32_t columns);
/* True for a text with a NUL, which is written as an expression and not read back. */
bool nu__is_beyond_member(const nu_row *row, const nu_column *column);
void nu__computed_written(nu_row *row, const nu_column *column, bool read);

void nu__sql_expr(nu_sql *sql, const nu_expression *expression);
/* An NU_EXPR_ORDER, and its direction alone; `turned`: the other way round. */
void nu__sql_order(nu_sql *sql, const nu_expression *order);
void nu__sql_direction(nu_sql *sql, bool descending, int nulls, bool turned);
/* compile_call.c: functions, operators and lookups by the back end's table. */
void                  nu__sql_param_of(nu_sql *sql, nu_value value, const void *owner);
const nu_db_function *nu__db_function(const nu_db_backend *backend, const char *name);
/* Writes the function `name` of these arguments; raises DatabaseError if the database lacks it. */
void nu__sql_call(nu_sql *sql, const char *name, const nu_expression *expression,
                  const nu_expression *const *args, size_t count);
void nu__sql_template(nu_sql *sql, const char *text, const nu_expression *expression,
                      const nu_expression *const *args, size_t count);
void nu__sql_list(nu_sql *sql, const nu_expression *const *args, size_t count);
/* compile_lookup.c */
void nu__sql_lookup(nu_sql *sql, const nu_expression *lookup);
/* True for a boolean column compared with a constant: the condition is the column itself or its
 * opposite, and there is no parameter. */
bool nu__lookup_is_boolean(const nu_expression *lookup);
/* What is bound for a constant on the right: LIKE wants a pattern. */
nu_value nu__lookup_param(const nu_db_backend *backend, nu_lookup lookup, nu_value value);
void nu__sql_column(nu_sql *sql, int join, const nu_column *column);
/* The row's value for the column in an INSERT: a parameter, or the database's default. */
void nu__sql_insert_value(nu_sql *sql, nu_row *row, const nu_column *column, nu_database *db,
                          bool raw);
/* RETURNING the columns, if there are any; nu__read_returned reads one result row of them. */
void nu__sql_returning(nu_sql *sql, const nu_column *const *columns);
void nu__read_returned(nu_db_run *run, nu_row *row, const nu_column *const *columns);
/* Runs an UPDATE that returns the columns into the row; false if there was no such row. */
NU_WAITS bool nu__run_returning(const nu_db_statement *statement, nu_database *db, nu_row *row,
                                const nu_column *const *columns);
/* The key of the query's own table, to compare with: several fields stand between parentheses. */
void nu__sql_key(nu_sql *sql, const nu_model_info *info);
void nu__sql_alias(nu_sql *sql, const nu_scope *scope, int join);
/* Writes the SELECT of the query, with `plan` filled (NULL: not wanted). */
void nu__sql_select(nu_sql *sql, const nu_query *query, nu_plan *plan);
/* The same for a combined query, which nu__sql_select hands over. */
void nu__sql_combined(nu_sql *sql, const nu_query *whole, nu_plan *plan);
void nu__sql_limit(nu_sql *sql, const nu_query *query);
/* Its parameters alone. */
void nu__sql_keep_limit(nu_sql *sql, const nu_query *query);
void nu__sql_lock(nu_sql *sql, const nu_query *query, const nu_plan *plan);
/* SELECT of one expression, for subqueries: "1", the key, or the one value asked for. */
void            nu__sql_subselect(nu_sql *sql, const nu_query *query, const nu_expression **outers,
                                  bool exists);
void            nu__sql_from_where(nu_sql *sql, const nu_query *query);
nu_db_statement nu__sql_statement(nu_sql *sql, bool writes);

/* ---- load.c --------------------------------------------------------------------------------- */

/* Reads the rows of a query that gives rows. */
NU_WAITS nu_fetched *nu__load_rows(const nu_query *query);
/* The rows that a running statement has left, in the current arena. */
nu_fetched *nu__load_piece(nu_db_run *run, const nu_plan *plan, const nu_query *query,
                           nu_database *db);
/* The value that a query of values gives for the row at which a running statement stands. */
nu_value nu__load_value(nu_db_run *run, const nu_query *query, const nu_plan *plan);
/* raw.c: the same of a query by hand. */
NU_WAITS nu_fetched *nu__load_by_hand(const nu_query *query);
nu_fetched          *nu__load_hand_piece(nu_db_run *run, const nu_query *query, nu_database *db);
nu_db_statement      nu__hand_statement(const nu_query *query, nu_database *db);
/* Reads the deferred columns of a row. */
NU_WAITS void nu__load_deferred(nu_row *row);
/* The set behind a name of the row's model, unread and unfiltered by what is kept already. */
nu_query *nu__related_set(nu_row *row, const nu_name *name);
/* How lookups on the other model call a many-to-many field that is declared here. */
const char *nu__way_back(const nu_column *many);
/* Loads the rows that reference `column` of `rows` points to, in one statement. */
NU_WAITS void nu__load_related(nu_row *const *rows, size_t count, const nu_column *column,
                               nu_database *db);
/* generic.c: the content type that the relation's rows name. */
NU_WAITS nu_row *nu__generic_type(const nu_reverse *relation, nu_database *db);
/* generic.c: of the query's rows, those of a generic relation from rows with these keys. */
NU_WAITS nu_query *nu__generic_narrow(nu_query *query, const nu_reverse *relation, nu_list *keys,
                                      nu_database *db);
/* Loads the relations for all rows. */
NU_WAITS void nu__prefetch(nu_row *const *rows, size_t count, const nu_prefetch *list,
                           nu_database *db);

/* ---- many.c, manager.c ---------------------------------------------------------------------- */

/* Changes a many-to-many relation of a saved row. */
NU_WAITS void nu__many_change(nu_row *row, const nu_name *name, nu_many_action action,
                              nu_list *values, nu_pairs defaults);
/* Relates a new row to the owner of a related set: what goes into the row before it is saved, and
 * what is left to do after. Any other query changes nothing. */
NU_WAITS void nu__set_prepare(const nu_query *set, nu_row *row);
NU_WAITS void nu__set_add(const nu_query *set, nu_row *row);
