/* Queries: lazy, immutable, chainable. Each call gives a new query; rows are read when they are
 * asked for, and once only. A query is a value: templates iterate and count it.
 *
 *      nu_query *live = nu_order_by(nu_filter(nu_all(article), "live", true), "-published");
 *      NU_EACH (article, a, nu_slice(live, 0, 10)) {
 *          printf("%s by %s\n", a->title, nu_related(a, author)->name);
 *      }
 *
 * Keyword pairs are lookups as in Django: "title", "title__icontains", "author__name__startswith",
 * "published__year__gte". Several pairs in one call mean the same related row; two calls may match
 * two different ones. An unknown name raises FieldError with near names and the choices. */
#pragma once

#include "nuages/expression.h"
#include "nuages/model.h"

/* A list of names that may be empty, ended by NULL. */
#define NU_NAMES_(...) ((const char *const[]){"", ##__VA_ARGS__, NULL} + 1)

/* ---- building ------------------------------------------------------------------------------- */

/* All rows that the model's .objects leaves in; as good as all without one. */
#define nu_all(model) nu_query_all(&model##_model)
NU_PUBLIC NU_RETURNS_NONNULL nu_query *nu_query_all(const nu_model *model);
/* All rows of the table, whatever .objects says: Django's base manager, which references to one row
 * use too. */
#define nu_everything(model) nu_query_everything(&model##_model)
NU_PUBLIC NU_RETURNS_NONNULL nu_query *nu_query_everything(const nu_model *model);
/* A query without rows that asks no database. */
NU_PUBLIC nu_query *nu_none(const nu_query *query);

#define nu_filter(query, ...)  nu_filter_((query), NU_PAIRS(__VA_ARGS__))
#define nu_exclude(query, ...) nu_exclude_((query), NU_PAIRS(__VA_ARGS__))
/* With a condition built by nu_q, nu_or, nu_and, nu_not … */
NU_PUBLIC nu_query *nu_where(const nu_query *query, const nu_expression *condition);

/* "-published", "author__name", "?" for random; no names: no order. Replaces the order before. */
#define nu_order_by(query, ...) nu_order_by_((query), NU_NAMES_(__VA_ARGS__))
/* Expressions and "names" mixed: nu_order_by_expr(q, nu_desc(nu_length("title")), "id"). */
#define nu_order_by_expr(query, ...)                                                               \
    nu_order_by_values_((query), (const nu_value[]){NU_VALUES_(__VA_ARGS__)},                      \
                        NU_NARGS_(__VA_ARGS__))
NU_PUBLIC nu_query *nu_unordered(const nu_query *query);
NU_PUBLIC nu_query *nu_reversed(const nu_query *query);
/* Rows `from` up to but not including `to` (-1: all that follow), counted from 0. */
NU_PUBLIC nu_query *nu_slice(const nu_query *query, int64_t from, int64_t to);
NU_PUBLIC nu_query *nu_distinct(const nu_query *query);
/* The first row by the query's order for each combination of these (PostgreSQL only). */
#define nu_distinct_on(query, ...) nu_distinct_on_((query), NU_NAMES_(__VA_ARGS__))
/* Joins these references, and one-to-one relations from elsewhere, and loads their rows with the
 * query. Further calls add to it. Without names: every reference that is never NULL, five deep. */
#define nu_select_related(query, ...) nu_select_related_((query), NU_NAMES_(__VA_ARGS__))
/* None of them. */
NU_PUBLIC nu_query *nu_select_unrelated(const nu_query *query);
/* Loads these relations (also reverse and many-to-many) for all rows, one statement each. Further
 * calls add to it; without names: none of them. */
#define nu_prefetch_related(query, ...) nu_prefetch_related_((query), NU_NAMES_(__VA_ARGS__))
/* The same of one relation with a query of its own (NULL: the usual one), kept under the name
 * `to_attr` (NULL: as the relation itself):
 *      nu_prefetch_with(q, "comments", nu_filter(nu_all(comment), "spam", false), "good") */
NU_PUBLIC nu_query *nu_prefetch_with(const nu_query *query, const char *path, const nu_query *inner,
                                     const char *to_attr);
/* Reads these fields only; the others are read when nu_row_get asks for them. */
#define nu_only(query, ...)  nu_only_((query), NU_NAMES_(__VA_ARGS__))
#define nu_defer(query, ...) nu_defer_((query), NU_NAMES_(__VA_ARGS__))
/* Adds computed attributes: nu_annotate(q, "n", nu_count_of("comments")). With values before it, it
 * groups by them. */
#define nu_annotate(query, ...) nu_annotate_((query), NU_PAIRS(__VA_ARGS__))
/* The same for use in further calls only: the rows do not get it. */
#define nu_alias(query, ...) nu_alias_((query), NU_PAIRS(__VA_ARGS__))
/* On another database. */
NU_PUBLIC nu_query *nu_using(const nu_query *query, const char *alias);
/* Locks the rows until the transaction ends, where the database can. Read outside of NU_ATOMIC it
 * raises TransactionManagementError there. */
NU_PUBLIC nu_query *nu_select_for_update(const nu_query *query);
typedef struct nu_lock_options {
    bool               nowait;      /* raise at once where another holds a lock */
    bool               skip_locked; /* leave such rows out */
    bool               no_key;      /* FOR NO KEY UPDATE: rows that refer to these may be added */
    const char *const *of;          /* "self" and paths of nu_select_related; NULL: all tables */
} nu_lock_options;
NU_PUBLIC nu_query *nu_select_for_update_with(const nu_query        *query,
                                              const nu_lock_options *options);

/* Rows by a statement of one's own, `?` for each parameter:
 *      nu_raw(article, "SELECT a.*, count(*) AS n FROM blog_article a … WHERE hits > ?", 100)
 * Columns are known by their names; one that the model lacks is an annotation, and a field that is
 * missing is read when it is asked for. The primary key must be there. Such a query is read, also with
 * nu_prefetch_related, nu_using and nu_fetch_with, and nothing else. Raises FieldError. */
#define nu_raw(model, sql, ...)                                                                    \
    nu_raw_(&model##_model, (sql), (const nu_value[]){NU_VALUES_(__VA_ARGS__)},                    \
            NU_NARGS_(__VA_ARGS__))
/* Says which field a column of such a statement is: nu_raw_as(raw, "who", "author_id"). */
#define nu_raw_as(query, ...) nu_raw_as_((query), NU_PAIRS(__VA_ARGS__))

/* ---- combining ------------------------------------------------------------------------------ */

/* Rows of one or the other, of both, of the first and not of the others. The queries have the same
 * columns; what comes out is as the first says. The result can be ordered, sliced, counted and read
 * as other values, not filtered. */
#define nu_union(query, ...)        nu_combine_((query), NU_UNION, NU_QUERIES_(__VA_ARGS__))
#define nu_union_all(query, ...)    nu_combine_((query), NU_UNION_ALL, NU_QUERIES_(__VA_ARGS__))
#define nu_intersection(query, ...) nu_combine_((query), NU_INTERSECTION, NU_QUERIES_(__VA_ARGS__))
#define nu_difference(query, ...)   nu_combine_((query), NU_DIFFERENCE, NU_QUERIES_(__VA_ARGS__))
typedef enum nu_combination {
    NU_UNION = 1,
    NU_UNION_ALL,
    NU_INTERSECTION,
    NU_DIFFERENCE
} nu_combination;
/* The rows that fulfil the conditions of both, or of either, in one WHERE: Django's & and |. Both
 * read one model, have no slice, and agree on being distinct. */
NU_PUBLIC nu_query *nu_query_and(const nu_query *a, const nu_query *b);
NU_PUBLIC nu_query *nu_query_or(const nu_query *a, const nu_query *b);

/* ---- dates ---------------------------------------------------------------------------------- */

/* The different years, months, weeks or days ("year" …) of a date field as dates, in order. */
NU_PUBLIC nu_query *nu_dates(const nu_query *query, const char *field, const char *kind,
                             bool descending);
/* The same of a datetime field, also by "hour", "minute" and "second", as datetimes; they begin where
 * they do in `zone` (NULL: the active one). */
NU_PUBLIC nu_query *nu_datetimes(const nu_query *query, const char *field, const char *kind,
                                 bool descending, const nu_zone *zone);

/* How a relation that is not loaded yet is read: for all rows of the set (the default), for the one
 * row, or not at all: FieldError. With NU_FETCH_ONE statements are those of Django, one for one: a
 * deletion then reads the parents of each child row, too. */
typedef enum nu_fetch_mode { NU_FETCH_PEERS, NU_FETCH_ONE, NU_FETCH_RAISE } nu_fetch_mode;
NU_PUBLIC nu_query *nu_fetch_with(const nu_query *query, nu_fetch_mode mode);

/* The rows as dicts, as lists, or as single values; no names: all fields.
 * The query stays lazy; nu_query_list reads. */
#define nu_values(query, ...)      nu_values_((query), NU_NAMES_(__VA_ARGS__))
#define nu_values_list(query, ...) nu_values_list_((query), NU_NAMES_(__VA_ARGS__))
NU_PUBLIC nu_query *nu_flat(const nu_query *query, const char *name);
/* Lists whose items have names too: templates may write row.title and row.0. */
#define nu_values_named(query, ...) nu_values_named_((query), NU_NAMES_(__VA_ARGS__))

/* ---- reading rows --------------------------------------------------------------------------- */

/* The one row that fits. None raises ObjectDoesNotExist, several raise MultipleObjectsReturned; the
 * error's data is the nu_model. */
#define nu_get(model, ...) NU_AS_(model, nu_get_(nu_all(model), NU_PAIRS(__VA_ARGS__)))
/* The same for a view: none becomes a 404. */
#define nu_get_or_404(model, ...)                                                                  \
    NU_AS_(model, nu_get_or_404_(nu_all(model), NU_PAIRS(__VA_ARGS__)))
/* The same; NULL if there is none. */
#define nu_find(model, ...) NU_AS_(model, nu_find_(nu_all(model), NU_PAIRS(__VA_ARGS__)))
/* The one row of a query, as nu_get. */
#define nu_one(model, query)                                                                       \
    NU_AS_(model, nu_get_(nu_query_of_(&model##_model, (query)), NU_PAIRS()))
#define nu_one_or_404(model, query)                                                                \
    NU_AS_(model, nu_get_or_404_(nu_query_of_(&model##_model, (query)), NU_PAIRS()))
/* First or last by the query's order, else by key; NULL if there is none. */
#define nu_first(model, query) NU_AS_(model, nu_query_first(nu_query_of_(&model##_model, (query))))
#define nu_last(model, query)  NU_AS_(model, nu_query_last(nu_query_of_(&model##_model, (query))))
/* First or last by these names ("-likes" turns one round), by Meta.get_latest_by without any.
 * None raises ObjectDoesNotExist. */
#define nu_earliest(model, query, ...)                                                             \
    NU_AS_(model, nu_query_earliest(nu_query_of_(&model##_model, (query)), NU_NAMES_(__VA_ARGS__)))
#define nu_latest(model, query, ...)                                                               \
    NU_AS_(model, nu_query_latest(nu_query_of_(&model##_model, (query)), NU_NAMES_(__VA_ARGS__)))
/* The row after or before this one by a date, then by key, among those that fit: nu_next_by(article, a,
 * "published", "live", true). None raises ObjectDoesNotExist. */
#define nu_next_by(model, r, field, ...)                                                           \
    NU_AS_(model, nu_row_next_by_(&(r)->row, (field), NU_PAIRS(__VA_ARGS__)))
#define nu_previous_by(model, r, field, ...)                                                       \
    NU_AS_(model, nu_row_previous_by_(&(r)->row, (field), NU_PAIRS(__VA_ARGS__)))
/* The row at `index` from 0; NULL if there are not that many. */
#define nu_at(model, query, index)                                                                 \
    NU_AS_(model, nu_query_at(nu_query_of_(&model##_model, (query)), (index)))

/* Runs the statement or block that follows for each row: NU_EACH (article, a, query) { … }
 * `break` and `continue` work as in any loop. */
#define NU_EACH(model, name, query) NU_EACH_(model, name, query, NU_UNIQUE(nu_each_))
#define NU_EACH_(model, name, query, at)                                                           \
    for (struct model **at =                                                                       \
             (struct model **)(void *)nu_query_rows(nu_query_of_(&model##_model, (query))),        \
                      *name = *at;                                                                 \
         name != NULL; name = *++at)

/* The same in constant memory, `rows` (0: 2000) at a time from the database:
 *      NU_STREAM (article, a, nu_all(article), 0) { write_line(a); }
 * Each piece is freed when the next one is read, with all that its rows loaded; nu_prefetch_related
 * loads for a piece. All rows are of one moment, for which a connection is held, on PostgreSQL a
 * transaction. The query keeps nothing. `break`, `return` and raising end it. TRAP: a local changed in
 * the loop and read after a raise must be volatile, as with NU_TRY. */
#define NU_STREAM(model, name, query, rows)                                                        \
    NU_STREAM_(model, name, query, rows, NU_UNIQUE(nu_stream_), NU_UNIQUE(nu_env_),                \
               NU_UNIQUE(nu_once_))
/* The same of what a query gives, as nu_query_list does: dicts, lists, single values, or rows.
 *      NU_STREAM_VALUES (title, nu_flat(nu_all(article), "title"), 0) { write_line(title.text); } */
#define NU_STREAM_VALUES(name, query, rows)                                                        \
    NU_STREAM_VALUES_(name, query, rows, NU_UNIQUE(nu_stream_), NU_UNIQUE(nu_env_),                \
                      NU_UNIQUE(nu_once_))

/* All rows, ended by NULL; read once and kept by the query. */
NU_PUBLIC NU_WAITS nu_row **nu_query_rows(nu_query *query);
/* Rows, dicts, lists or values, by what the query gives. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_list *nu_query_list(nu_query *query);
NU_PUBLIC NU_WAITS int64_t                     nu_count(nu_query *query);
NU_PUBLIC NU_WAITS bool                        nu_exists(nu_query *query);
/* Whether the saved row is one of the query's. */
NU_PUBLIC NU_WAITS bool nu_query_contains(nu_query *query, const nu_row *row);
/* The rows by key: those of `keys`, or all with NULL. `field` (NULL: the primary key) is unique. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_dict *nu_in_bulk(nu_query *query, nu_list *keys,
                                                          const char *field);
/* nu_aggregate(q, "n", nu_count_of("*"), "mean", nu_avg("rating")) → dict */
#define nu_aggregate(query, ...) nu_aggregate_((query), NU_PAIRS(__VA_ARGS__))

/* The model a query reads; its SQL with parameters in place, for people only. */
NU_PUBLIC const nu_model *nu_query_model(const nu_query *query);
NU_PUBLIC const char     *nu_query_sql(const nu_query *query);
NU_PUBLIC bool            nu_query_is_ordered(const nu_query *query);
/* How the database would go about the query: EXPLAIN in its own words. */
typedef struct nu_explain_options {
    bool        analyze, verbose, buffers, settings, wal; /* of PostgreSQL only */
    const char *format; /* "text", "json", "xml", "yaml"; NULL: text. SQLite has text alone */
} nu_explain_options;
/* `options` may be NULL. Raises ValueError for what the database does not know. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL const char *nu_explain(const nu_query           *query,
                                                             const nu_explain_options *options);
/* The query behind a value; NULL if it is none. */
NU_PUBLIC nu_query *nu_query_from(nu_value value);

/* ---- writing -------------------------------------------------------------------------------- */

/* UPDATE of all rows of the query in one statement; returns how many. Values may be expressions. */
#define nu_update(query, ...) nu_update_((query), NU_PAIRS(__VA_ARGS__))
/* Deletes all rows of the query and what depends on them; returns how many rows went. */
NU_PUBLIC NU_WAITS int64_t nu_delete_all(nu_query *query);
/* The same, telling how many of each model: dict of label to number. */
NU_PUBLIC NU_WAITS int64_t nu_delete_counted(nu_query *query, nu_dict **by_model);
/* Saves the rows (NULL-ended) in few statements; their keys are filled in. */
NU_PUBLIC NU_WAITS void nu_bulk_create(nu_row *const *rows);
/* What to do with rows that are there already, by a unique column. */
typedef struct nu_bulk_options {
    bool               ignore_conflicts; /* leave them; no keys are filled in then */
    bool               update_conflicts; /* set `update_fields` of them, found by `unique_fields` */
    const char *const *update_fields, *const *unique_fields;
    int batch_size; /* rows of a statement; 0: as many as one can hold */
} nu_bulk_options;
/* `options` may be NULL. All rows are of `model`. */
NU_PUBLIC NU_WAITS void nu_bulk_create_with(const nu_model *model, nu_row *const *rows,
                                            size_t count, const nu_bulk_options *options);
/* UPDATE of these fields of all rows, `batch_size` (0: as many as fit) with a statement; returns how
 * many rows matched: nu_bulk_update(rows, count, 0, "price", "stock") */
#define nu_bulk_update(rows, count, batch_size, ...)                                               \
    nu_bulk_update_((rows), (count), (batch_size), NU_NAMES_(__VA_ARGS__))
/* The row that fits, or a new one with these and `defaults` (nu_defaults(…) or NU_PAIRS());
 * safe when two do it at once. */
#define nu_get_or_create(model, defaults, created, ...)                                            \
    NU_AS_(model, nu_get_or_create_(nu_all(model), (defaults), (created), NU_PAIRS(__VA_ARGS__)))
#define nu_update_or_create(model, defaults, created, ...)                                         \
    NU_AS_(model, nu_update_or_create_(nu_all(model), (defaults), (created), NU_PAIRS(__VA_ARGS__)))
#define nu_defaults(...) NU_PAIRS(__VA_ARGS__)
/* The same through any query; a related set gives the new row its relation:
 *      nu_query_create(nu_related_set(article, "comments"), "text", "good") */
#define nu_query_create(query, ...) nu_query_create_((query), NU_PAIRS(__VA_ARGS__))
#define nu_query_get_or_create(query, defaults, created, ...)                                      \
    nu_get_or_create_((query), (defaults), (created), NU_PAIRS(__VA_ARGS__))
#define nu_query_update_or_create(query, defaults, created, ...)                                   \
    nu_update_or_create_((query), (defaults), (created), NU_PAIRS(__VA_ARGS__))

/* ---- related rows --------------------------------------------------------------------------- */

/* The rows of a reverse or many-to-many relation: nu_related_set(article, "comments"). */
#define nu_related_set(r, name) nu_row_related_set(&(r)->row, (name))
NU_PUBLIC nu_query *nu_row_related_set(nu_row *row, const char *name);
/* Changes the relation, many-to-many or reverse foreign key:
 *      nu_many_add(article, "tags", tag1, tag2);       rows, keys, queries or lists of them
 *      nu_many_remove(author, "edited", article);      a reverse key that may be NULL only        */
#define nu_many_add(r, name, ...)                                                                  \
    nu_row_many_change(&(r)->row, (name), NU_MANY_ADD, nu_list_of(__VA_ARGS__))
#define nu_many_remove(r, name, ...)                                                               \
    nu_row_many_change(&(r)->row, (name), NU_MANY_REMOVE, nu_list_of(__VA_ARGS__))
/* Exactly these: adds what is missing, removes the rest. */
#define nu_many_set(r, name, ...)                                                                  \
    nu_row_many_change(&(r)->row, (name), NU_MANY_SET, nu_list_of(__VA_ARGS__))
#define nu_many_clear(r, name) nu_row_many_change(&(r)->row, (name), NU_MANY_CLEAR, nu_list_new())
typedef enum nu_many_action {
    NU_MANY_ADD,
    NU_MANY_REMOVE,
    NU_MANY_SET,
    NU_MANY_CLEAR
} nu_many_action;
NU_PUBLIC NU_WAITS void nu_row_many_change(nu_row *row, const char *name, nu_many_action action,
                                           nu_list *values);
/* The same with values for other fields of the model between (Django's through_defaults). */
NU_PUBLIC NU_WAITS void nu_row_many_change_with(nu_row *row, const char *name,
                                                nu_many_action action, nu_list *values,
                                                nu_pairs through_defaults);
/* A new row of the relation, saved and related to this one. */
#define nu_related_create(r, name, ...)                                                            \
    nu_row_related_create(&(r)->row, (name), NU_PAIRS(__VA_ARGS__))
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_row_related_create(nu_row *row, const char *name,
                                                                    nu_pairs pairs);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *
nu_row_related_get_or_create(nu_row *row, const char *name, nu_pairs defaults, bool *created,
                             nu_pairs pairs);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *
nu_row_related_update_or_create(nu_row *row, const char *name, nu_pairs defaults, bool *created,
                                nu_pairs pairs);

/* ---- behind the macros ---------------------------------------------------------------------- */

typedef struct nu_stream_ {
    nu_frame_                frame;
    struct nu_stream_state_ *state;
} nu_stream_;
NU_PUBLIC NU_WAITS bool             nu_stream_step_(nu_stream_ *stream, const nu_query *query, int rows);
NU_PUBLIC NU_WAITS bool nu_stream_step_values_(nu_stream_ *stream, const nu_query *query, int rows);
NU_PUBLIC NU_WAITS nu_row          *nu_stream_next_(nu_stream_ *stream);
NU_PUBLIC NU_WAITS bool             nu_stream_value_(nu_stream_ *stream, nu_value *value);
NU_PUBLIC NU_WAITS void             nu_stream_leave_(nu_stream_ *stream);
NU_PUBLIC NU_WAITS NU_NORETURN void nu_stream_raised_(nu_stream_ *stream);

#define NU_STREAM_(model, name, query, rows, stream, buffer, once)                                 \
    for (sigjmp_buf buffer, *once = &buffer; once != NULL; once = NULL)                            \
        for (nu_stream_ stream                                                                     \
             __attribute__((cleanup(nu_stream_leave_))) = {.frame.env = once};                     \
             nu_stream_step_(&stream, nu_query_of_(&model##_model, (query)), (rows));)             \
            if (sigsetjmp(buffer, 0) != 0)                                                         \
                nu_stream_raised_(&stream);                                                        \
            else                                                                                   \
                for (struct model *name;                                                           \
                     (name = (struct model *)(void *)nu_stream_next_(&stream)) != NULL;)
#define NU_STREAM_VALUES_(name, query, rows, stream, buffer, once)                                 \
    for (sigjmp_buf buffer, *once = &buffer; once != NULL; once = NULL)                            \
        for (nu_stream_ stream                                                                     \
             __attribute__((cleanup(nu_stream_leave_))) = {.frame.env = once};                     \
             nu_stream_step_values_(&stream, (query), (rows));)                                    \
            if (sigsetjmp(buffer, 0) != 0)                                                         \
                nu_stream_raised_(&stream);                                                        \
            else                                                                                   \
                for (nu_value name; nu_stream_value_(&stream, &name);)

NU_PUBLIC nu_query *nu_filter_(const nu_query *query, nu_pairs pairs);
NU_PUBLIC nu_query *nu_exclude_(const nu_query *query, nu_pairs pairs);
NU_PUBLIC nu_query *nu_order_by_(const nu_query *query, const char *const *names);
NU_PUBLIC nu_query *nu_order_by_values_(const nu_query *query, const nu_value *values,
                                        size_t count);
NU_PUBLIC nu_query *nu_select_related_(const nu_query *query, const char *const *paths);
NU_PUBLIC nu_query *nu_prefetch_related_(const nu_query *query, const char *const *paths);
NU_PUBLIC nu_query *nu_only_(const nu_query *query, const char *const *names);
NU_PUBLIC nu_query *nu_defer_(const nu_query *query, const char *const *names);
NU_PUBLIC nu_query *nu_annotate_(const nu_query *query, nu_pairs pairs);
NU_PUBLIC nu_query *nu_alias_(const nu_query *query, nu_pairs pairs);
NU_PUBLIC nu_query *nu_distinct_on_(const nu_query *query, const char *const *names);
#define NU_QUERIES_(...) ((const nu_query *const[]){NULL, ##__VA_ARGS__, NULL} + 1)
NU_PUBLIC nu_query *nu_combine_(const nu_query *query, nu_combination how,
                                const nu_query *const *others);
NU_PUBLIC nu_query *nu_raw_as_(const nu_query *query, nu_pairs names);
NU_PUBLIC nu_query *nu_raw_(const nu_model *model, const char *sql, const nu_value *params,
                            size_t count);
NU_PUBLIC nu_query *nu_values_named_(const nu_query *query, const char *const *names);
NU_PUBLIC nu_query *nu_values_(const nu_query *query, const char *const *names);
NU_PUBLIC nu_query *nu_values_list_(const nu_query *query, const char *const *names);
NU_PUBLIC nu_query *nu_query_of_(const nu_model *model, nu_query *query);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_get_(nu_query *query, nu_pairs pairs);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_get_or_404_(nu_query *query, nu_pairs pairs);
NU_PUBLIC NU_WAITS nu_row                    *nu_find_(nu_query *query, nu_pairs pairs);
NU_PUBLIC NU_WAITS nu_row                    *nu_query_first(nu_query *query);
NU_PUBLIC NU_WAITS nu_row                    *nu_query_last(nu_query *query);
NU_PUBLIC NU_WAITS nu_row                    *nu_query_at(nu_query *query, int64_t index);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_query_earliest(nu_query          *query,
                                                                const char *const *names);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_query_latest(nu_query          *query,
                                                              const char *const *names);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_row_next_by_(nu_row *row, const char *field,
                                                              nu_pairs more);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_row_previous_by_(nu_row *row, const char *field,
                                                                  nu_pairs more);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_row *nu_query_create_(nu_query *query, nu_pairs pairs);
NU_PUBLIC NU_WAITS int64_t  nu_bulk_update_(nu_row *const *rows, size_t count, size_t batch_size,
                                            const char *const *names);
NU_PUBLIC NU_WAITS nu_dict *nu_aggregate_(nu_query *query, nu_pairs pairs);
NU_PUBLIC NU_WAITS int64_t  nu_update_(nu_query *query, nu_pairs pairs);
NU_PUBLIC NU_WAITS nu_row  *nu_get_or_create_(nu_query *query, nu_pairs defaults, bool *created,
                                              nu_pairs pairs);
NU_PUBLIC NU_WAITS nu_row  *nu_update_or_create_(nu_query *query, nu_pairs defaults, bool *created,
                                                 nu_pairs pairs);
