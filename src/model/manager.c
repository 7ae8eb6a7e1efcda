/* Related managers: what can be done to a set of related rows, whatever relation it is. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static const nu_name *find_relation(const nu_row *row, const char *name)
{
    const unsigned       meanings = NU_MEANS_MANY | NU_MEANS_ACCESSOR;
    const nu_model_info *info = nu__info(nu_row_model(row));
    const nu_name       *found = nu__name_find(info, name, strlen(name), meanings);
    if (found == NULL)
        nu__unknown_field(info, name, strlen(name), meanings);
    if (found->meaning == NU_MEANS_ACCESSOR && ((const nu_reverse *)found->what)->to_one)
        nu_raise(NU_FIELD_ERROR, "\"%s\" of model \"%s\" is one row, not a set", name,
                 info->model->name);
    if (nu_is_null(nu_row_key(row)))
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" must be saved before \"%s\" can be used",
                 info->model->name, name);
    return found;
}

static bool is_many(const nu_name *name)
{
    return name->meaning == NU_MEANS_MANY || ((const nu_reverse *)name->what)->many;
}

/* What was prefetched is out of date. */
static void forget(nu_row *row, const char *name)
{
    if (row->state != NULL && row->state->cache != NULL)
        nu_dict_remove(row->state->cache, name);
}

/* ---- reverse foreign keys ------------------------------------------------------------------- */

/* The rows that are meant, each once, in `rows` as far as they were given as rows. */
static void take_rows(const nu_column *column, nu_value value, nu_dict *rows)
{
    nu_query *query = nu_query_from(value);
    if (query != NULL)
        value = nu_value_list(nu_query_list(query));
    if (value.type == NU_LIST) {
        for (uint32_t i = 0; i < value.list->count; i++)
            take_rows(column, value.list->items[i], rows);
        return;
    }
    nu_row *row = nu_row_of(value);
    if (row != NULL && nu_row_model(row) != column->model)
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" is expected, not one of \"%s\"",
                 column->model->name, nu_row_model(row)->name);
    if (row != NULL && nu_row_is_new(row))
        nu_raise(NU_VALUE_ERROR, "the row of \"%s\" must be saved before it can be added",
                 column->model->name);
    nu_value key =
        row != NULL ? nu_row_key(row) : nu__prepare(nu_model_primary_key(column->model), value);
    nu_dict_put(rows, key, row != NULL ? value : nu_null());
}

static nu_list *keys_of(const nu_dict *rows)
{
    nu_list *keys = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(rows, entry));)
        nu_list_push(keys, entry->key);
    return keys;
}

static NU_WAITS void point_to(nu_query *query, const nu_column *column, nu_list *keys, nu_row *to)
{
    uint32_t most = (uint32_t)nu_database_backend(nu__query_database(query))->max_params - 8;
    for (uint32_t from = 0; from < keys->count; from += most) {
        uint32_t left = keys->count - from;
        nu_list  part = {.items = keys->items + from, .count = left < most ? left : most};
        nu_update(nu_filter(query, "pk__in", &part), column->name, nu_value_object(to));
    }
}

static void refer_all(const nu_dict *rows, const nu_column *column, nu_row *to)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(rows, entry));) {
        nu_row *row = nu_row_of(entry->value);
        if (row == NULL)
            continue;
        nu__member_put(row, column, to != NULL ? nu_value_object(to) : nu_null());
        nu__ref_set_row(row, column, to);
    }
}

static void require_null(const nu_column *column)
{
    if (column->null)
        return;
    nu_error *error =
        nu_error_new(NU_FIELD_ERROR, "rows of \"%s\" cannot be removed: \"%s\" may not be null",
                     column->model->name, column->name);
    error->hint = "Delete them, or let them refer to another row.";
    nu_throw(error);
}

/* Rows that do not belong to `row` cannot be removed from it. */
static void require_related(const nu_row *row, const nu_column *column, const nu_dict *rows)
{
    nu_value held = nu_row_value(row, column->target);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(rows, entry));) {
        nu_row *one = nu_row_of(entry->value);
        if (one != NULL && !nu_equal(nu_row_value(one, column), held))
            nu_raise(NU_OBJECT_NOT_FOUND, "the row of \"%s\" to remove refers to another row",
                     column->model->name);
    }
}

static NU_WAITS void add_back(nu_row *row, const nu_column *column, const nu_dict *rows)
{
    nu_query *all = nu_query_everything(column->model);
    all->database = nu__row_database(row);
    point_to(all, column, keys_of(rows), row);
    refer_all(rows, column, row);
}

static NU_WAITS void remove_back(nu_row *row, const nu_column *column, const nu_dict *rows,
                                 nu_query *set)
{
    require_related(row, column, rows);
    point_to(set, column, keys_of(rows), NULL);
    refer_all(rows, column, NULL);
}

static NU_WAITS void set_back(nu_row *row, const nu_column *column, nu_dict *wanted, nu_query *set)
{
    if (!column->null) {
        add_back(row, column, wanted);
        return;
    }
    nu_dict *there = nu_dict_new(), *surplus = nu_dict_new(), *fresh = nu_dict_new();
    take_rows(column, nu_value_object(nu__query_clone(set)), there);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(there, entry));) {
        if (nu_dict_find_value(wanted, entry->key) == NULL)
            nu_dict_put(surplus, entry->key, entry->value);
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(wanted, entry));) {
        if (nu_dict_find_value(there, entry->key) == NULL)
            nu_dict_put(fresh, entry->key, entry->value);
    }
    remove_back(row, column, surplus, set);
    add_back(row, column, fresh);
}

static NU_WAITS void change_back(nu_row *row, const nu_reverse *reverse, nu_many_action action,
                                 nu_list *values)
{
    const nu_column *column = reverse->column;
    nu_dict         *rows = nu_dict_new();
    nu_query        *set = nu_row_related_set(row, reverse->name);
    if (action == NU_MANY_REMOVE || action == NU_MANY_CLEAR)
        require_null(column);
    take_rows(column, nu_value_list(values), rows);
    NU_ATOMIC_ON(nu_database_alias(nu__row_database(row)))
    {
        switch (action) {
        case NU_MANY_ADD: add_back(row, column, rows); break;
        case NU_MANY_REMOVE: remove_back(row, column, rows, set); break;
        case NU_MANY_SET: set_back(row, column, rows, set); break;
        case NU_MANY_CLEAR: nu_update(nu__query_clone(set), column->name, nu_null()); break;
        }
    }
}

/* ---- generic relations ---------------------------------------------------------------------- */

/* The rows are given the type and the key of `row`. */
static NU_WAITS void add_generic(nu_row *row, const nu_reverse *relation, const nu_dict *rows)
{
    nu_query *query = nu_query_everything(relation->model);
    nu_list  *keys = keys_of(rows);
    query->database = nu__row_database(row);
    if (keys->count == 0)
        return;
    nu_update(nu_filter(query, "pk__in", keys), relation->content_type->name,
              nu__generic_type(relation, query->database), relation->column->name,
              nu_row_key(row));
}

/* Without its owner such a row is nothing: what is removed is deleted. */
static NU_WAITS void change_generic(nu_row *row, const nu_reverse *relation, nu_many_action action,
                                    nu_list *values)
{
    nu_dict  *rows = nu_dict_new();
    nu_query *set = nu_row_related_set(row, relation->name);
    take_rows(relation->column, nu_value_list(values), rows);
    NU_ATOMIC_ON(nu_database_alias(nu__row_database(row)))
    {
        if (action == NU_MANY_REMOVE)
            nu_delete_all(nu_filter(set, "pk__in", keys_of(rows)));
        if (action == NU_MANY_CLEAR)
            nu_delete_all(nu__query_clone(set));
        if (action == NU_MANY_SET)
            nu_delete_all(nu_exclude(set, "pk__in", keys_of(rows)));
        if (action == NU_MANY_SET || action == NU_MANY_ADD)
            add_generic(row, relation, rows);
    }
}

/* ---- any relation --------------------------------------------------------------------------- */

void nu_row_many_change_with(nu_row *row, const char *name, nu_many_action action, nu_list *values,
                             nu_pairs through_defaults)
{
    const nu_name *relation = find_relation(row, name);
    forget(row, name);
    if (is_many(relation))
        nu__many_change(row, relation, action, values, through_defaults);
    else if (((const nu_reverse *)relation->what)->content_type != NULL)
        change_generic(row, relation->what, action, values);
    else
        change_back(row, relation->what, action, values);
}

void nu_row_many_change(nu_row *row, const char *name, nu_many_action action, nu_list *values)
{
    nu_row_many_change_with(row, name, action, values, NU_PAIRS());
}

/* ---- new rows ------------------------------------------------------------------------------- */

/* The generic relation that a set shows; NULL: none. */
static const nu_reverse *generic_of(const nu_query *set)
{
    if (set->relation == NULL)
        return NULL;
    const nu_name *name = nu__name_find(nu__info(nu_row_model(set->owner)), set->relation,
                                        strlen(set->relation), NU_MEANS_ACCESSOR);
    const nu_reverse *reverse = name != NULL ? name->what : NULL;
    return reverse != NULL && reverse->content_type != NULL ? reverse : NULL;
}

/* Gives a row that is not saved yet its relation to the owner of the set. */
NU_WAITS void nu__set_prepare(const nu_query *set, nu_row *row)
{
    const nu_reverse *generic = generic_of(set);
    if (generic != NULL) {
        nu_row *type = nu__generic_type(generic, nu__row_database(set->owner));
        nu__member_put(row, generic->content_type, nu_value_object(type));
        nu__ref_set_row(row, generic->content_type, type);
        nu__member_put(row, generic->column,
                       nu_column_clean(generic->column, nu_row_key(set->owner)));
    } else if (set->many_back != NULL && set->owner != NULL) {
        nu__member_put(row, set->many_back, nu_value_object(set->owner));
        nu__ref_set_row(row, set->many_back, set->owner);
    }
}

/* Relates a row that was just saved. */
NU_WAITS void nu__set_add(const nu_query *set, nu_row *row)
{
    if (set->relation == NULL)
        return;
    if (set->many_back == NULL && generic_of(set) == NULL)
        nu_row_many_change(set->owner, set->relation, NU_MANY_ADD,
                           nu_list_of(nu_value_object(row)));
    forget(set->owner, set->relation);
}

nu_row *nu_row_related_create(nu_row *row, const char *name, nu_pairs pairs)
{
    find_relation(row, name);
    return nu_query_create_(nu_row_related_set(row, name), pairs);
}

nu_row *nu_row_related_get_or_create(nu_row *row, const char *name, nu_pairs defaults,
                                     bool *created, nu_pairs pairs)
{
    find_relation(row, name);
    return nu_get_or_create_(nu_row_related_set(row, name), defaults, created, pairs);
}

nu_row *nu_row_related_update_or_create(nu_row *row, const char *name, nu_pairs defaults,
                                        bool *created, nu_pairs pairs)
{
    find_relation(row, name);
    return nu_update_or_create_(nu_row_related_set(row, name), defaults, created, pairs);
}
