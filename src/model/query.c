/* Query objects and the calls that chain them. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/router.h"
#include "nuages/text.h"

nu_query *nu_query_all(const nu_model *model)
{
    nu_query *query = nu_query_everything(model);
    return query->info->objects != NULL ? query->info->objects(query) : query;
}

nu_query *nu_query_everything(const nu_model *model)
{
    nu_query *query = nu_alloc(sizeof *query);
    query->class = &nu__query_class;
    query->model = model;
    query->info = nu__info(model);
    query->arena = nu_arena_current();
    query->high = -1;
    query->join_count = 1;
    query->joins = nu_arena_alloc(query->arena, sizeof *query->joins);
    query->joins[0] = (nu_join){.info = query->info, .alias = query->info->table, .parent = -1};
    return query;
}

nu_query *nu__query_clone(const nu_query *query)
{
    nu_arena *arena = nu_arena_current();
    size_t    size = (size_t)query->join_count * sizeof *query->joins;
    nu_query *copy = nu_arena_alloc(arena, sizeof *copy);
    *copy = *query;
    copy->arena = arena;
    copy->joins = nu_arena_alloc(arena, size);
    memcpy(copy->joins, query->joins, size);
    copy->fetched = NULL;
    copy->list = NULL;
    return copy;
}

nu_database *nu__query_database(const nu_query *query)
{
    return query->database != NULL ? query->database
                                   : nu_database_for_read(query->model, query->owner);
}

const nu_query *nu__query_to_write(const nu_query *query)
{
    nu_database *db = nu_database_for_write(query->model, query->owner);
    if (query->database != NULL || db == nu__query_database(query))
        return query;
    nu_query *copy = nu__query_clone(query);
    copy->database = db;
    return copy;
}

const nu_model *nu_query_model(const nu_query *query)
{
    return query->model;
}

nu_query *nu_query_from(nu_value value)
{
    if (value.type != NU_OBJECT)
        return NULL;
    return ((nu_object *)value.object)->class == &nu__query_class ? value.object : NULL;
}

nu_query *nu_query_of_(const nu_model *model, nu_query *query)
{
    if (nu_model_is_a(query->model, model))
        return query;
    nu_raise(NU_VALUE_ERROR, "the query gives rows of \"%s\", not of \"%s\"", query->model->name,
             model->name);
}

const nu_expression *nu__annotation(const nu_query *query, const char *name, size_t length)
{
    for (size_t i = 0; i < query->annotation_count; i++) {
        const nu_annotation *annotation = &query->annotations[i];
        if (strncmp(annotation->name, name, length) == 0 && annotation->name[length] == '\0') {
            nu_expression *reference = nu__expr_new(NU_EXPR_REF, 1);
            reference->resolved = true;
            reference->name = annotation->name;
            reference->type = annotation->expression->type;
            reference->mixed = annotation->expression->mixed;
            reference->aggregate = annotation->expression->aggregate;
            reference->over = annotation->expression->over;
            reference->args[0] = annotation->expression;
            return reference;
        }
    }
    return NULL;
}

/* ---- conditions ----------------------------------------------------------------------------- */

void nu__refuse_hand(const nu_query *query, const char *what)
{
    if (query->hand == NULL)
        return;
    nu_error *error = nu_error_new(NU_VALUE_ERROR, "a query by hand cannot be %s", what);
    error->hint = "Write it into the SQL of nu_raw.";
    nu_throw(error);
}

void nu__refuse_slice(const nu_query *query, const char *what)
{
    nu__refuse_hand(query, what);
    if (query->low != 0 || query->high >= 0)
        nu_raise(NU_VALUE_ERROR, "a query cannot be %s once a slice of it was taken", what);
}

void nu__refuse_combined(const nu_query *query, const char *what)
{
    nu__refuse_hand(query, what);
    if (query->combination == 0)
        return;
    nu_error *error = nu_error_new(NU_VALUE_ERROR, "combined queries cannot be %s", what);
    error->hint = "Do it to each of them before nu_union and the like.";
    nu_throw(error);
}

static nu_query *unsliced(const nu_query *query, const char *what)
{
    nu__refuse_slice(query, what);
    return nu__query_clone(query);
}

static nu_query *to_filter(const nu_query *query)
{
    nu__refuse_combined(query, "filtered");
    return unsliced(query, "filtered");
}

nu_query *nu_none(const nu_query *query)
{
    nu_query *copy = nu__query_clone(query);
    copy->none = true;
    return copy;
}

nu_query *nu_filter_(const nu_query *query, nu_pairs pairs)
{
    nu_query *copy = to_filter(query);
    if (pairs.count > 0)
        nu__query_add(copy, nu_q_(pairs));
    return copy;
}

nu_query *nu_exclude_(const nu_query *query, nu_pairs pairs)
{
    nu_query *copy = to_filter(query);
    if (pairs.count > 0)
        nu__query_add(copy, nu_not(nu_q_(pairs)));
    return copy;
}

nu_query *nu_where(const nu_query *query, const nu_expression *condition)
{
    nu_query *copy = to_filter(query);
    nu__query_add(copy, condition);
    return copy;
}

/* ---- order ---------------------------------------------------------------------------------- */

/* Looks the names up now, on a scratch copy, so that a wrong one is reported where it stands. */
static void check_order(const nu_query *query, const char *name)
{
    nu_joins reuse = NU_EVERY_JOIN, used = 0;
    if (*name == '-' || *name == '+')
        name++;
    if (strcmp(name, "?") != 0)
        nu__expr_path(nu__query_clone(query), name, &reuse, &used);
}

nu_query *nu_order_by_values_(const nu_query *query, const nu_value *values, size_t count)
{
    nu_query *copy = unsliced(query, "ordered");
    nu_value *order = nu_alloc((count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        order[i] = values[i];
        if (values[i].type == NU_TEXT)
            check_order(query, values[i].text);
        else if (nu_expression_of(values[i]) == NULL)
            nu_raise(NU_FIELD_ERROR,
                     "a query is ordered by names and expressions, not by a value of "
                     "type %s",
                     nu_value_type_name(values[i]));
    }
    copy->order = order;
    copy->order_count = count;
    copy->ordered = true;
    copy->reversed = false;
    return copy;
}

nu_query *nu_order_by_(const nu_query *query, const char *const *names)
{
    nu_value values[32];
    size_t   count = 0;
    for (; names[count] != NULL; count++) {
        if (count == NU_COUNT(values))
            nu_raise(NU_FIELD_ERROR, "a query is ordered by %zu names at most", NU_COUNT(values));
        values[count] = nu_value_text(names[count]);
    }
    return nu_order_by_values_(query, values, count);
}

nu_query *nu_unordered(const nu_query *query)
{
    nu_query *copy = nu__query_clone(query);
    copy->order_count = 0;
    copy->ordered = true;
    return copy;
}

nu_query *nu_reversed(const nu_query *query)
{
    nu_query *copy = unsliced(query, "reversed");
    copy->reversed = !query->reversed;
    return copy;
}

bool nu_query_is_ordered(const nu_query *query)
{
    if (query->ordered)
        return query->order_count > 0;
    return query->info->ordering != NULL && query->grouping == NU_GROUP_NONE;
}

/* ---- slices --------------------------------------------------------------------------------- */

/* The number of a page may come from anybody. */
static int64_t add_up_to_all(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

nu_query *nu_slice(const nu_query *query, int64_t from, int64_t to)
{
    if (from < 0 || to < -1)
        nu_raise(NU_VALUE_ERROR,
                 "a slice counts from the beginning; negative numbers mean nothing");
    nu__refuse_hand(query, "sliced");
    nu_query *copy = nu__query_clone(query);
    if (to >= 0) {
        int64_t high = add_up_to_all(query->low, to);
        copy->high = query->high < 0 || high < query->high ? high : query->high;
    }
    copy->low = add_up_to_all(query->low, from);
    if (copy->high >= 0 && copy->low >= copy->high) {
        copy->low = copy->high;
        copy->none = true;
    }
    return copy;
}

/* A copy of the array; NULL for an empty one. */
const char *const *nu__names_keep(const char *const *names)
{
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    if (count == 0)
        return NULL;
    const char **copy = nu_alloc((count + 1) * sizeof *copy);
    memcpy(copy, names, count * sizeof *copy);
    return copy;
}

/* ---- what comes out ------------------------------------------------------------------------- */

nu_query *nu_distinct(const nu_query *query)
{
    nu__refuse_combined(query, "made distinct");
    nu_query *copy = unsliced(query, "made distinct");
    copy->distinct = true;
    copy->distinct_on = NULL;
    return copy;
}

nu_query *nu_distinct_on_(const nu_query *query, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        check_order(query, names[i]);
    nu_query *copy = nu_distinct(query);
    copy->distinct_on = nu__names_keep(names);
    return copy;
}

nu_query *nu_using(const nu_query *query, const char *alias)
{
    nu_query *copy = nu__query_clone(query);
    copy->database = nu_database_get(alias);
    return copy;
}

nu_query *nu_select_for_update(const nu_query *query)
{
    return nu_select_for_update_with(query, &(nu_lock_options){.nowait = false});
}

nu_query *nu_select_for_update_with(const nu_query *query, const nu_lock_options *options)
{
    if (options->nowait && options->skip_locked)
        nu_raise(NU_VALUE_ERROR, "a lock either waits for nobody or skips what others hold: "
                                 ".nowait and .skip_locked exclude each other");
    nu__refuse_combined(query, "locked");
    nu_query        *copy = nu__query_clone(query);
    nu_lock_options *lock = nu_alloc(sizeof *lock);
    *lock = *options;
    lock->of = options->of != NULL ? nu__names_keep(options->of) : NULL;
    copy->lock = lock;
    return copy;
}

nu_query *nu_fetch_with(const nu_query *query, nu_fetch_mode mode)
{
    nu_query *copy = nu__query_clone(query);
    copy->fetch_mode = mode;
    return copy;
}

static nu_query *with_result(const nu_query *query, nu_result result, const char *const *names)
{
    nu__refuse_hand(query, "read as values");
    nu_query *copy = nu__query_clone(query);
    for (size_t i = 0; names[i] != NULL; i++) {
        nu_joins reuse = NU_EVERY_JOIN, used = 0;
        nu__expr_path(nu__query_clone(query), names[i], &reuse, &used);
    }
    copy->result = result;
    copy->names = nu__names_keep(names);
    copy->related = NULL;
    copy->related_all = false;
    return copy;
}

nu_query *nu_values_(const nu_query *query, const char *const *names)
{
    return with_result(query, NU_RESULT_DICTS, names);
}

nu_query *nu_values_list_(const nu_query *query, const char *const *names)
{
    return with_result(query, NU_RESULT_LISTS, names);
}

nu_query *nu_values_named_(const nu_query *query, const char *const *names)
{
    return with_result(query, NU_RESULT_NAMED, names);
}

nu_query *nu_flat(const nu_query *query, const char *name)
{
    return with_result(query, NU_RESULT_FLAT, NU_STRS(name));
}
