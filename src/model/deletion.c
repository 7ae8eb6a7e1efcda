/* Deleting rows together with what depends on them: what has to go is collected here as Django's
 * Collector does, deletion_run.c carries it out.
 *
 * For each model the rows that go are listed in the order in which they were found, with what must
 * go before what. Rows that nothing refers to and nobody listens for are not read but deleted by
 * condition. What forbids the deletion raises before anything is written. */
#include "model/deletion.h"

#include <string.h>

#include "nuages/signal.h"
#include "nuages/text.h"
#include "nuages/router.h"

/* How a set of rows came to be collected. */
typedef struct reason {
    const nu_model_info *source;   /* whose rows go; NULL: asked for */
    bool                 nullable; /* the reference could be emptied: the order does not matter */
    bool                 reversed; /* these rows go after the source's: a parent's */
    bool                 alone;    /* without what refers to them: found by the child */
} reason;

/* What forbids the rows' going is added to *forbidding; NULL stays when nothing does. */
static NU_WAITS void collect(nu_deletion *deletion, nu_list *rows, reason why,
                             nu_affected **forbidding);
static NU_WAITS void collect_query(nu_deletion *deletion, nu_query *query, reason why,
                                   nu_affected **forbidding);

/* ---- relations to follow -------------------------------------------------------------------- */

static bool is_left_to_database(const nu_column *column)
{
    nu_on_delete rule = column->field->on_delete;
    return rule == NU_DO_NOTHING || rule == NU_DB_CASCADE || rule == NU_DB_SET_NULL ||
           rule == NU_DB_SET_DEFAULT;
}

/* A parent's relation to its children is followed from the parent only: a child's brothers stay. */
static bool is_followed(const nu_model_info *info, const nu_model_info *from,
                        const nu_reverse *reverse)
{
    return !reverse->many && (info->concrete == from || !reverse->column->field->parent_link);
}

bool nu__can_delete_unread(const nu_model_info *info, const nu_column *by)
{
    if (nu_signal_is_heard(NU_PRE_DELETE, info->model) ||
        nu_signal_is_heard(NU_POST_DELETE, info->model))
        return false;
    if (by != NULL && by->field->on_delete != NU_CASCADE)
        return false;
    if (info->parent != NULL && info->concrete->parent_link != by)
        return false;
    for (const nu_model_info *at = info->concrete; at != NULL; at = at->parent) {
        for (size_t i = 0; i < at->reverse_count; i++) {
            if (is_followed(info, at, &at->reverses[i]) &&
                !is_left_to_database(at->reverses[i].column))
                return false;
        }
        for (size_t i = 0; i < at->generic_count; i++) {
            if (!at->generics[i].back)
                return false;
        }
    }
    return true;
}

/* ---- what goes ------------------------------------------------------------------------------ */

static nu_doomed *doomed_of(nu_deletion *deletion, const nu_model_info *info)
{
    nu_doomed **last = &deletion->rows;
    for (; *last != NULL; last = &(*last)->next) {
        if ((*last)->info == info)
            return *last;
    }
    *last = nu_alloc(sizeof **last);
    **last = (nu_doomed){NULL, info, nu_list_new(), nu_dict_new()};
    return *last;
}

static void go_before(nu_deletion *deletion, const nu_model_info *first,
                      const nu_model_info *second)
{
    nu_before *item = nu_alloc(sizeof *item);
    *item = (nu_before){deletion->order, first->concrete, second->concrete};
    deletion->order = item;
    doomed_of(deletion, first);
}

/* The rows that are new, which ends a circle of references. */
static nu_list *add_rows(nu_deletion *deletion, nu_list *rows, reason why)
{
    const nu_model_info *info = nu__info(nu_row_model(rows->items[0].object));
    nu_doomed           *item = doomed_of(deletion, info);
    nu_list             *fresh = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++) {
        nu_value key = nu_row_key(rows->items[i].object);
        if (nu_dict_find_value(item->seen, key) != NULL)
            continue;
        nu_dict_put(item->seen, key, nu_value_bool(true));
        nu_list_push(item->rows, rows->items[i]);
        nu_list_push(fresh, rows->items[i]);
    }
    if (why.source != NULL && !why.nullable) {
        if (why.reversed)
            go_before(deletion, why.source, info);
        else
            go_before(deletion, info, why.source);
    }
    return fresh;
}

static bool is_heard(const nu_model_info *info)
{
    return nu_signal_is_heard(NU_PRE_DELETE, info->model) ||
           nu_signal_is_heard(NU_POST_DELETE, info->model);
}

/* Of a row that nobody looks at, the parent is known by its key alone. Where relations are read one
 * by one, it is read as any other. */
static NU_WAITS nu_row *parent_of(const nu_deletion *deletion, nu_row *row,
                                  const nu_model_info *info)
{
    if (is_heard(info->parent) || deletion->fetch_mode == NU_FETCH_ONE)
        return nu__row_reference(row, info->parent_link);
    size_t  stride;
    nu_row *parent = nu__rows_alloc(nu_arena_current(), info->parent->model, 1, &stride);
    parent->state->database = nu__row_database(row);
    nu_row_set_key(parent, nu_row_key(row));
    return parent;
}

static NU_WAITS void collect_parents(nu_deletion *deletion, const nu_model_info *info,
                                     nu_list *rows)
{
    if (info->parent == NULL || info == deletion->keeps_parents_of)
        return;
    nu_list *parents = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push(parents, nu_value_object(parent_of(deletion, rows->items[i].object, info)));
    collect(deletion, parents, (reason){.source = info, .reversed = true, .alone = true}, NULL);
}

/* ---- what refers to it ---------------------------------------------------------------------- */

/* The values by which reference `column` leads to these rows. */
static nu_list *referred_values(const nu_column *column, nu_list *rows, uint32_t from, uint32_t to)
{
    nu_list *values = nu_list_new();
    for (uint32_t i = from; i < to && i < rows->count; i++)
        nu_list_push(values, nu_row_value(rows->items[i].object, column->target));
    return values;
}

static uint32_t batch_size(const nu_deletion *deletion, uint32_t columns)
{
    return nu__rows_named(nu_database_backend(deletion->database), columns);
}

static nu_query *rows_on(const nu_deletion *deletion, const nu_model *model)
{
    nu_query *query = nu_unordered(nu_query_everything(model));
    query->database = deletion->database;
    query->fetch_mode = deletion->fetch_mode;
    return query;
}

static nu_query *rows_with(const nu_deletion *deletion, const nu_column *column, nu_list *values)
{
    return nu_filter(rows_on(deletion, column->model), nu_fmt("%s__in", column->attname), values);
}

/* Only what later steps look at is read, unless somebody listens. */
static nu_query *only_keys(nu_query *query)
{
    const nu_model_info *info = query->info;
    if (is_heard(info))
        return query;
    const char *names[64] = {info->primary_key->name};
    size_t      count = 1;
    for (const nu_model_info *at = info->concrete; at != NULL; at = at->parent) {
        for (size_t i = 0; i < at->reverse_count; i++) {
            const nu_reverse *reverse = &at->reverses[i];
            if (reverse->many || reverse->column->target->primary_key)
                continue;
            if (count + 1 == NU_COUNT(names))
                return query;
            names[count++] = reverse->column->target->name;
        }
    }
    return nu_only_(query, names);
}

static nu_list *rows_of(nu_query *query)
{
    nu_list *list = nu_list_new();
    for (nu_row **row = nu_query_rows(query); *row != NULL; row++)
        nu_list_push(list, nu_value_object(*row));
    return list;
}

static void affect(nu_affected **list, const nu_column *column, nu_value value, nu_list *rows)
{
    for (; *list != NULL; list = &(*list)->next) {
        if ((*list)->column == column && nu_equal((*list)->value, value))
            break;
    }
    if (*list == NULL) {
        *list = nu_alloc(sizeof **list);
        **list = (nu_affected){.column = column, .value = value, .rows = nu_list_new()};
    }
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push((*list)->rows, rows->items[i]);
}

static nu_value value_to_set(const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->on_delete == NU_SET_DEFAULT)
        return nu_column_default(column);
    if (field->on_delete == NU_SET_VALUE)
        return field->on_delete_fn != NULL ? field->on_delete_fn() : field->on_delete_value;
    return nu_null();
}

static NU_WAITS void apply_rule(nu_deletion *deletion, const nu_model_info *info,
                                const nu_column *column, nu_list *rows, nu_affected **forbidding)
{
    switch (column->field->on_delete) {
    case NU_CASCADE:
        collect(deletion, rows, (reason){.source = nu__info(column->to), .nullable = column->null},
                forbidding);
        break;
    case NU_PROTECT: affect(forbidding, column, nu_null(), rows); break;
    case NU_RESTRICT:
        affect(&deletion->restricted, column, nu_null(), rows);
        go_before(deletion, nu__info(column->model), info);
        break;
    default: affect(&deletion->updates, column, value_to_set(column), rows); break;
    }
}

/* ---- what forbids it ------------------------------------------------------------------------ */

/* The error's data: "objects", a list of [label, key]. */
static nu_dict *objects_of(const nu_affected *list)
{
    nu_list *objects = nu_list_new();
    for (; list != NULL; list = list->next) {
        for (uint32_t i = 0; i < list->rows->count; i++) {
            nu_row *row = list->rows->items[i].object;
            nu_list_push(objects, nu_value_list(nu_list_of(nu_model_label(nu_row_model(row)),
                                                           nu_row_key(row))));
        }
    }
    nu_dict *data = nu_dict_new();
    nu_dict_put(data, nu_value_text("objects"), nu_value_list(objects));
    return data;
}

static void put_keys(nu_builder *out, const nu_list *rows)
{
    for (uint32_t i = 0; i < rows->count && i < 5; i++)
        nu_builder_printf(out, "%s%s", i > 0 ? ", " : "",
                          nu_text(nu_row_key(rows->items[i].object)));
    if (rows->count > 5)
        nu_builder_puts(out, ", …");
}

static NU_NORETURN void refuse(const nu_kind *kind, const nu_model_info *info,
                               const nu_affected *forbidding)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    for (const nu_affected *item = forbidding; item != NULL; item = item->next) {
        const nu_model_info *by = nu__info(item->column->model);
        uint32_t             count = item->rows->count;
        nu_builder_printf(&out, "%s%u %s refer to it by \"%s\" (", item == forbidding ? "" : "; ",
                          count, count == 1 ? by->verbose_name : by->verbose_name_plural,
                          item->column->name);
        put_keys(&out, item->rows);
        nu_builder_putc(&out, ')');
    }
    nu_error *error =
        nu_error_new(kind, "cannot delete %s: %s", info->verbose_name, nu_builder_text(&out));
    error->hint = "Delete these first, or let them refer to another.";
    error->data = nu_value_copy(error->arena, nu_value_dict(objects_of(forbidding))).dict;
    nu_throw(error);
}

static bool is_doomed(const nu_deletion *deletion, nu_row *row)
{
    for (const nu_doomed *item = deletion->rows; item != NULL; item = item->next) {
        if (item->info->concrete == nu__info(nu_row_model(row))->concrete &&
            nu_dict_find_value(item->seen, nu_row_key(row)) != NULL)
            return true;
    }
    return false;
}

/* Of `rows`, those that no query to be deleted unread selects. */
static NU_WAITS nu_list *not_unread(const nu_deletion *deletion, nu_list *rows,
                                    const nu_model *model)
{
    for (uint32_t i = 0; rows->count > 0 && i < deletion->unread->count; i++) {
        nu_query *query = deletion->unread->items[i].object;
        if (query->model != model)
            continue;
        nu_list *keys = nu_list_new(), *left = nu_list_new();
        nu_dict *gone = nu_dict_new();
        for (uint32_t j = 0; j < rows->count; j++)
            nu_list_push(keys, nu_row_key(rows->items[j].object));
        nu_list *found = nu_query_list(nu_flat(nu_filter(query, "pk__in", keys), "pk"));
        for (uint32_t j = 0; j < found->count; j++)
            nu_dict_put(gone, found->items[j], nu_value_bool(true));
        for (uint32_t j = 0; j < rows->count; j++) {
            if (nu_dict_find_value(gone, keys->items[j]) == NULL)
                nu_list_push(left, rows->items[j]);
        }
        rows = left;
    }
    return rows;
}

/* Rows that restrict are forgiven if they go themselves. */
static NU_WAITS void check_restricted(nu_deletion *deletion, const nu_model_info *info)
{
    nu_affected *left = NULL;
    for (nu_affected *item = deletion->restricted; item != NULL; item = item->next) {
        nu_list *rows = nu_list_new();
        for (uint32_t i = 0; i < item->rows->count; i++) {
            if (!is_doomed(deletion, item->rows->items[i].object))
                nu_list_push(rows, item->rows->items[i]);
        }
        rows = not_unread(deletion, rows, item->column->model);
        if (rows->count > 0)
            affect(&left, item->column, nu_null(), rows);
    }
    if (left != NULL)
        refuse(NU_RESTRICTED_ERROR, info, left);
}

/* ---- collecting ----------------------------------------------------------------------------- */

/* References of one model that can be deleted unread: one statement for all of them. */
typedef struct unread {
    struct unread   *next;
    const nu_model  *model;
    const nu_column *columns[16];
    size_t           count;
} unread;

static void note_unread(unread **list, const nu_column *column)
{
    for (; *list != NULL; list = &(*list)->next) {
        if ((*list)->model == column->model && (*list)->count < NU_COUNT((*list)->columns))
            break;
    }
    if (*list == NULL) {
        *list = nu_alloc(sizeof **list);
        (*list)->model = column->model;
    }
    (*list)->columns[(*list)->count++] = column;
}

static void add_unread(nu_deletion *deletion, const unread *item, nu_list *rows)
{
    uint32_t most = batch_size(deletion, (uint32_t)item->count);
    for (uint32_t from = 0; from < rows->count; from += most) {
        const nu_expression *any = NULL;
        for (size_t i = 0; i < item->count; i++) {
            const nu_column     *column = item->columns[i];
            const nu_expression *one = nu_q(nu_fmt("%s__in", column->attname),
                                            referred_values(column, rows, from, from + most));
            any = any == NULL ? one : nu_or(any, one);
        }
        nu_query *query = nu_where(rows_on(deletion, item->model), any);
        nu_list_push(deletion->unread, nu_value_object(query));
    }
}

static NU_WAITS void follow(nu_deletion *deletion, const nu_model_info *info,
                            const nu_column *column, nu_list *rows, nu_affected **forbidding)
{
    uint32_t most = batch_size(deletion, 1);
    for (uint32_t from = 0; from < rows->count; from += most) {
        nu_list *values = referred_values(column, rows, from, from + most);
        nu_list *found = rows_of(only_keys(rows_with(deletion, column, values)));
        if (found->count > 0)
            apply_rule(deletion, info, column, found, forbidding);
    }
}

static NU_WAITS void follow_all(nu_deletion *deletion, const nu_model_info *info, nu_list *rows,
                                nu_affected **forbidding)
{
    unread *later = NULL;
    bool    alone = info == deletion->keeps_parents_of;
    for (const nu_model_info *at = info->concrete; at != NULL; at = alone ? NULL : at->parent) {
        for (size_t i = 0; i < at->reverse_count; i++) {
            const nu_reverse *reverse = &at->reverses[i];
            if (!is_followed(info, at, reverse) || is_left_to_database(reverse->column))
                continue;
            if (nu__can_delete_unread(nu__info(reverse->model), reverse->column))
                note_unread(&later, reverse->column);
            else
                follow(deletion, info, reverse->column, rows, forbidding);
        }
    }
    for (; *forbidding == NULL && later != NULL; later = later->next)
        add_unread(deletion, later, rows);
}

static NU_WAITS void follow_generic(nu_deletion *deletion, const nu_model_info *info, nu_list *rows,
                                    nu_affected **forbidding)
{
    nu_list *keys = nu_list_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push(keys, nu_row_key(rows->items[i].object));
    for (const nu_model_info *at = info->concrete; at != NULL; at = at->parent) {
        for (size_t i = 0; *forbidding == NULL && i < at->generic_count; i++) {
            if (at->generics[i].back)
                continue;
            nu_query *query = nu__generic_rows(&at->generics[i], keys, deletion->database);
            query->fetch_mode = deletion->fetch_mode;
            collect_query(deletion, query, (reason){.source = info, .nullable = true}, forbidding);
        }
    }
}

/* All that forbids is told at once, from every branch. */
static NU_WAITS void collect_asked(nu_deletion *deletion, const nu_model_info *info, nu_list *rows)
{
    nu_affected *forbidding = NULL;
    collect(deletion, rows, (reason){.source = NULL}, &forbidding);
    if (forbidding != NULL)
        refuse(NU_PROTECTED_ERROR, info, forbidding);
    check_restricted(deletion, info);
}

static void collect(nu_deletion *deletion, nu_list *rows, reason why, nu_affected **forbidding)
{
    nu_check_stack();
    if (rows->count == 0)
        return;
    nu_list *fresh = add_rows(deletion, rows, why);
    if (fresh->count == 0)
        return;
    const nu_model_info *info = nu__info(nu_row_model(fresh->items[0].object));
    collect_parents(deletion, info, fresh);
    if (why.alone)
        return;
    nu_affected *here = NULL;
    follow_all(deletion, info, fresh, &here);
    if (here == NULL)
        follow_generic(deletion, info, fresh, &here);
    for (; here != NULL; here = here->next)
        affect(forbidding, here->column, nu_null(), here->rows);
}

static void collect_query(nu_deletion *deletion, nu_query *query, reason why,
                          nu_affected **forbidding)
{
    if (nu__can_delete_unread(query->info, NULL))
        nu_list_push(deletion->unread, nu_value_object(query));
    else
        collect(deletion, rows_of(query), why, forbidding);
}

/* ---- asking for it -------------------------------------------------------------------------- */

static int64_t total(const nu_dict *by_model)
{
    int64_t sum = 0;
    for (nu_entry *entry = NULL; (entry = nu_dict_next(by_model, entry));)
        sum += entry->value.integer;
    return sum;
}

int64_t nu_delete_counted(nu_query *query, nu_dict **by_model)
{
    nu_dict *counts = nu_dict_new();
    query = (nu_query *)nu__query_to_write(query);
    nu_deletion deletion = {.database = nu__query_database(query),
                            .fetch_mode = query->fetch_mode,
                            .unread = nu_list_new()};
    nu__refuse_combined(query, "deleted");
    if (query->result != NU_RESULT_ROWS || query->low != 0 || query->high >= 0 || query->distinct)
        nu_raise(NU_VALUE_ERROR,
                 "only a query of whole rows, neither sliced nor distinct, can be deleted");
    if (!query->none) {
        nu_query *rows = nu_unordered(query);
        rows = nu_select_unrelated(nu_prefetch_related(rows));
        rows->lock = NULL;
        if (nu__can_delete_unread(rows->info, NULL))
            nu_list_push(deletion.unread, nu_value_object(rows));
        else
            collect_asked(&deletion, rows->info, rows_of(rows));
        nu__deletion_run(&deletion, counts);
    }
    if (by_model != NULL)
        *by_model = counts;
    return total(counts);
}

int64_t nu_delete_all(nu_query *query)
{
    return nu_delete_counted(query, NULL);
}

static NU_WAITS int64_t delete_row(nu_row *row, nu_dict **by_model, bool keep_parents)
{
    const nu_model *model = nu_row_model(row);
    nu_dict        *counts = nu_dict_new();
    nu_fetched     *set = row->state != NULL ? row->state->set : NULL;
    nu_deletion     deletion = {.database = nu_database_for_write(model, row),
                                .fetch_mode =
                                set != NULL ? (nu_fetch_mode)set->fetch_mode : NU_FETCH_PEERS,
                                .unread = nu_list_new(),
                                .keeps_parents_of = keep_parents ? nu__info(model) : NULL};
    nu_list        *rows = nu_list_new();
    if (nu_is_null(nu_row_key(row)))
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" that was never saved cannot be deleted",
                 model->name);
    nu_list_push(rows, nu_value_object(row));
    collect_asked(&deletion, nu__info(model), rows);
    nu__deletion_run(&deletion, counts);
    row->state->saved = false;
    const nu_column *key = nu_model_primary_key(model);
    while (key->target != NULL && key->field->parent_link)
        key = key->target;
    if (key->db_type.type <= NU_DB_SMALL_AUTO)
        nu__member_put(row, key, nu_null());
    if (by_model != NULL)
        *by_model = counts;
    return total(counts);
}

int64_t nu_row_delete_counted(nu_row *row, nu_dict **by_model)
{
    return delete_row(row, by_model, false);
}

int64_t nu_row_delete_keeping_parents(nu_row *row, nu_dict **by_model)
{
    return delete_row(row, by_model, true);
}

int64_t nu_row_delete(nu_row *row)
{
    return nu_row_delete_counted(row, NULL);
}
