/* Asking a query for what it stands for. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

/* get() reads so many rows at most before it says that there are too many; Django's number. */
enum { MOST_FOR_GET = 21 };

/* ---- rows ----------------------------------------------------------------------------------- */

static nu_fetched *no_rows(void)
{
    nu_fetched *set = nu_alloc(sizeof *set);
    set->rows = nu_alloc(sizeof *set->rows);
    set->arena = nu_arena_current();
    return set;
}

static NU_NORETURN NU_COLD void raise_values(void)
{
    nu_error *error = nu_error_new(NU_VALUE_ERROR, "a query of values gives no rows");
    error->hint = "Read it with nu_query_list.";
    nu_throw(error);
}

/* Runs in the query's own arena, so that rows live as long as the query that keeps them. */
static NU_WAITS nu_fetched *fetch(nu_query *query)
{
    if (query->result != NU_RESULT_ROWS)
        raise_values();
    if (query->fetched != NULL)
        return query->fetched;
    nu_arena   *before = nu_arena_enter(query->arena);
    nu_fetched *set = query->none         ? no_rows()
                      : query->hand != NULL ? nu__load_by_hand(query)
                                            : nu__load_rows(query);
    if (query->prefetch != NULL)
        nu__prefetch(set->rows, set->count, query->prefetch, set->database);
    nu_arena_enter(before);
    query->fetched = set;
    return set;
}

nu_row **nu_query_rows(nu_query *query)
{
    return fetch(query)->rows;
}

/* ---- rows whose items have names ------------------------------------------------------------- */

typedef struct named_row {
    const nu_class *class;
    nu_dict *items;
} named_row;

static bool named_get(void *self, const char *key, size_t length, nu_value *out)
{
    nu_value *found = nu_dict_find_n(((named_row *)self)->items, key, length);
    if (found != NULL)
        *out = *found;
    return found != NULL;
}

static bool named_at(void *self, int64_t index, nu_value *out)
{
    nu_entry *entry = nu_dict_next(((named_row *)self)->items, NULL);
    for (; entry != NULL && index > 0; index--)
        entry = nu_dict_next(((named_row *)self)->items, entry);
    if (entry == NULL || index < 0)
        return false;
    *out = entry->value;
    return true;
}

static int64_t named_count(void *self)
{
    return nu_dict_count(((named_row *)self)->items);
}

static nu_value named_plain(void *self)
{
    return nu_value_dict(((named_row *)self)->items);
}

static nu_value named_text(void *self)
{
    return nu_value_text(nu_text(named_plain(self)));
}

static const nu_class named_class = {
    .name = "row of values",
    .get = named_get,
    .at = named_at,
    .count = named_count,
    .text = named_text,
    .plain = named_plain,
};

static nu_value named_value(nu_dict *items)
{
    named_row *row = nu_alloc(sizeof *row);
    *row = (named_row){&named_class, items};
    return nu_value_object(row);
}

/* ---- values --------------------------------------------------------------------------------- */

static nu_value read_item(nu_db_run *run, const nu_plan *plan, size_t at)
{
    return nu__read_value(run, nu__plan_position(plan, at), plan->extras[at]->type);
}

nu_value nu__load_value(nu_db_run *run, const nu_query *query, const nu_plan *plan)
{
    if (query->result == NU_RESULT_FLAT)
        return read_item(run, plan, 0);
    if (query->result == NU_RESULT_LISTS) {
        nu_list *list = nu_list_new();
        for (size_t i = 0; i < plan->extra_count; i++)
            nu_list_push(list, read_item(run, plan, i));
        nu_value value = nu_value_list(list);
        value.flags |= NU_TUPLE;
        return value;
    }
    nu_dict *dict = nu_dict_new();
    for (size_t i = 0; i < plan->extra_count; i++)
        nu_dict_put(dict, nu_value_text(plan->names[i]), read_item(run, plan, i));
    return query->result == NU_RESULT_NAMED ? named_value(dict) : nu_value_dict(dict);
}

static NU_WAITS nu_list *load_values(const nu_query *query)
{
    nu_list     *list = nu_list_new();
    nu_database *db = nu__query_database(query);
    nu_sql       sql;
    nu_plan      plan;
    nu_db_run    run;
    if (query->none)
        return list;
    nu__sql_query(&sql, db, nu__sql_select, query, &plan);
    nu_db_statement statement = nu__sql_statement(&sql, false);
    nu__db_start(&run, db, &statement);
    while (run.cursor.row) {
        nu_list_push(list, nu__load_value(&run, query, &plan));
        nu__db_next(&run);
    }
    nu__db_finish(&run);
    return list;
}

static nu_list *list_of_rows(nu_fetched *set)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < set->count; i++)
        nu_list_push(list, nu_value_object(set->rows[i]));
    return list;
}

nu_list *nu_query_list(nu_query *query)
{
    if (query->list != NULL)
        return query->list;
    nu_arena *before = nu_arena_enter(query->arena);
    query->list = query->result == NU_RESULT_ROWS ? list_of_rows(fetch(query)) : load_values(query);
    nu_arena_enter(before);
    return query->list;
}

/* ---- single rows ---------------------------------------------------------------------------- */

static const char *describe(nu_pairs pairs)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (size_t i = 0; i < pairs.count; i++) {
        nu_value value = pairs.items[i].value;
        nu_builder_printf(&out, "%s%s = ", i > 0 ? ", " : "", pairs.items[i].key);
        nu_builder_puts(&out, value.type == NU_OBJECT && nu_row_of(value) == NULL
                                  ? nu_value_type_name(value)
                                  : nu_text(value));
    }
    return nu_builder_text(&out);
}

static NU_NORETURN NU_COLD void raise_missing(const nu_query *query, nu_pairs pairs)
{
    const char *verbose = query->info->verbose_name;
    nu_error *error = pairs.count == 0 ? nu_error_new(NU_OBJECT_NOT_FOUND, "no %s matches", verbose)
                                       : nu_error_new(NU_OBJECT_NOT_FOUND, "no %s with %s", verbose,
                                                      describe(pairs));
    error->data = query->info->model;
    nu_throw(error);
}

static NU_NORETURN NU_COLD void raise_several(const nu_query *query, size_t count, nu_pairs pairs)
{
    nu_error *error = nu_error_new(
        NU_MULTIPLE_OBJECTS, "%s%zu %s match%s%s", count >= MOST_FOR_GET ? "at least " : "", count,
        query->info->verbose_name_plural, pairs.count > 0 ? " " : "", describe(pairs));
    error->data = query->info->model;
    nu_throw(error);
}

/* In no order, and with an end: changes the query, which is nobody else's. */
static void narrow(nu_query *query)
{
    nu__refuse_hand(query, "sliced");
    query->order_count = 0;
    query->ordered = true;
    if (__builtin_add_overflow(query->low, (int64_t)MOST_FOR_GET, &query->high))
        query->high = INT64_MAX;
    query->one = true;
}

static NU_WAITS nu_row *one_or_null(nu_query *query, nu_pairs pairs)
{
    nu_query *narrowed = pairs.count > 0 ? nu_filter_(query, pairs) : nu__query_clone(query);
    if (narrowed->high < 0 || narrowed->high - narrowed->low > MOST_FOR_GET)
        narrow(narrowed);
    nu_fetched *set = fetch(narrowed);
    if (set->count > 1)
        raise_several(query, set->count, pairs);
    return set->rows[0];
}

nu_row *nu_find_(nu_query *query, nu_pairs pairs)
{
    return one_or_null(query, pairs);
}

nu_row *nu_get_(nu_query *query, nu_pairs pairs)
{
    nu_row *row = one_or_null(query, pairs);
    if (row == NULL)
        raise_missing(query, pairs);
    return row;
}

nu_row *nu_get_or_404_(nu_query *query, nu_pairs pairs)
{
    nu_row *row = one_or_null(query, pairs);
    if (row == NULL)
        nu_raise(NU_NOT_FOUND, "no %s matches the address", query->info->verbose_name);
    return row;
}

static nu_query *in_some_order(nu_query *query)
{
    return nu_query_is_ordered(query) ? query : nu_order_by(query, "pk");
}

nu_row *nu_query_first(nu_query *query)
{
    if (query->fetched != NULL)
        return query->fetched->rows[0];
    return fetch(nu_slice(in_some_order(query), 0, 1))->rows[0];
}

nu_row *nu_query_last(nu_query *query)
{
    if (query->fetched != NULL || query->low != 0 || query->high >= 0) {
        nu_fetched *set = fetch(query);
        return set->count > 0 ? set->rows[set->count - 1] : NULL;
    }
    return fetch(nu_slice(nu_reversed(in_some_order(query)), 0, 1))->rows[0];
}

nu_row *nu_query_at(nu_query *query, int64_t index)
{
    if (query->fetched != NULL)
        return index >= 0 && (size_t)index < query->fetched->count ? query->fetched->rows[index]
                                                                   : NULL;
    if (index == INT64_MAX)
        return NULL;
    return fetch(nu_slice(query, index, index + 1))->rows[0];
}

/* ---- the query as a value ------------------------------------------------------------------- */

/* The first or last item, a row or whatever the query gives. */
static NU_WAITS nu_value end_value(nu_query *query, bool last)
{
    if (query->result == NU_RESULT_ROWS)
        return nu_value_object(last ? nu_query_last(query) : nu_query_first(query));
    nu_query *ordered = in_some_order(query);
    nu_list  *list = nu_query_list(nu_slice(last ? nu_reversed(ordered) : ordered, 0, 1));
    return list->count > 0 ? list->items[0] : nu_null();
}

static bool query_get(void *self, const char *key, size_t length, nu_value *out)
{
    nu_query *query = self;
    if (length == 3 && memcmp(key, "all", 3) == 0)
        *out = nu_value_object(query);
    else if (length == 5 && memcmp(key, "count", 5) == 0)
        *out = nu_value_int(nu_count(query));
    else if (length == 6 && memcmp(key, "exists", 6) == 0)
        *out = nu_value_bool(nu_exists(query));
    else if (length == 5 && memcmp(key, "first", 5) == 0)
        *out = end_value(query, false);
    else if (length == 4 && memcmp(key, "last", 4) == 0)
        *out = end_value(query, true);
    else
        return false;
    return true;
}

static bool query_at(void *self, int64_t index, nu_value *out)
{
    return nu_list_at(nu_query_list(self), index, out);
}

static int64_t query_count(void *self)
{
    return nu_query_list(self)->count;
}

static nu_value query_text(void *self)
{
    nu_list   *list = nu_query_list(self);
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    nu_builder_puts(&out, "<QuerySet [");
    for (uint32_t i = 0; i < list->count && i < 20; i++)
        nu_builder_printf(&out, "%s%s", i > 0 ? ", " : "", nu_text(list->items[i]));
    nu_builder_puts(&out, list->count > 20 ? ", …]>" : "]>");
    return nu_builder_value(&out);
}

static nu_value query_plain(void *self)
{
    return nu_value_list(nu_query_list(self));
}

const nu_class nu__query_class = {
    .name = "query",
    .get = query_get,
    .at = query_at,
    .count = query_count,
    .text = query_text,
    .plain = query_plain,
};

/* ---- for people ----------------------------------------------------------------------------- */

static void put_literal(nu_builder *out, nu_value value)
{
    bool quoted = value.type != NU_INT && value.type != NU_FLOAT && value.type != NU_NULL;
    if (!quoted) {
        nu_builder_puts(out, value.type == NU_NULL ? "NULL" : nu_text(value));
        return;
    }
    nu_builder_putc(out, '\'');
    for (const char *at = nu_text(value); *at != '\0'; at++) {
        nu_builder_putc(out, *at);
        if (*at == '\'')
            nu_builder_putc(out, '\'');
    }
    nu_builder_putc(out, '\'');
}

const char *nu_query_sql(const nu_query *query)
{
    nu_sql     sql;
    nu_plan    plan;
    nu_builder out;
    nu__sql_init(&sql, nu__query_database(query));
    nu__sql_select(&sql, query, &plan);
    nu_builder_init(&out, NULL, sql.text.length + 64);
    const char *text = nu_builder_text(&sql.text);
    size_t      next = 0;
    for (; *text != '\0'; text++) {
        if (*text == sql.backend->placeholder && next < sql.count) {
            put_literal(&out, sql.params[next++]);
            while (sql.backend->placeholder == '$' && text[1] >= '0' && text[1] <= '9')
                text++;
        } else {
            nu_builder_putc(&out, *text);
        }
    }
    return nu_builder_text(&out);
}
