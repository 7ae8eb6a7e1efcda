/* Adding to, removing from and setting a many-to-many relation. */
#include <string.h>

#include "model/query_internal.h"

/* A relation seen from one row. */
typedef struct link_side {
    const nu_column *many;
    const nu_column *own, *other; /* references of the model between */
    nu_row          *row;
    nu_database     *database;
    bool             symmetrical;
} link_side;

static link_side find_side(nu_row *row, const char *name)
{
    const unsigned       meanings = NU_MEANS_MANY | NU_MEANS_ACCESSOR;
    const nu_model_info *info = nu__info(nu_row_model(row));
    const nu_name       *found = nu__name_find(info, name, strlen(name), meanings);
    if (found == NULL)
        nu__unknown_field(info, name, strlen(name), meanings);
    const nu_reverse *reverse = found->meaning == NU_MEANS_ACCESSOR ? found->what : NULL;
    if (reverse != NULL && !reverse->many)
        nu_raise(NU_FIELD_ERROR,
                 "\"%s\" of model \"%s\" is not many-to-many: set \"%s\" of each %s", name,
                 info->model->name, reverse->column->name, nu__info(reverse->model)->verbose_name);
    if (nu_is_null(nu_row_key(row)))
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" must be saved before \"%s\" can be used",
                 info->model->name, name);
    const nu_column *many = reverse != NULL ? reverse->column : found->what;
    const nu_column *from = nu__through_from(many), *to = nu__through_to(many);
    return (link_side){
        .many = many,
        .own = reverse != NULL ? to : from,
        .other = reverse != NULL ? from : to,
        .row = row,
        .database = row->state != NULL && row->state->database != NULL
                        ? row->state->database
                        : nu_model_database(info->model),
        .symmetrical = many->to == many->model && !many->field->asymmetrical,
    };
}

static void add_key(const link_side *side, nu_dict *keys, nu_value value)
{
    if (value.type == NU_LIST) {
        for (uint32_t i = 0; i < value.list->count; i++)
            add_key(side, keys, value.list->items[i]);
        return;
    }
    if (nu_query_from(value) != NULL) {
        add_key(side, keys, nu_value_list(nu_query_list(nu_query_from(value))));
        return;
    }
    nu_value key = nu__prepare(side->other, value);
    if (nu_is_null(key))
        nu_raise(NU_VALUE_ERROR, "\"%s\" of model \"%s\" cannot hold null", side->many->name,
                 side->many->model->name);
    nu_dict_put(keys, key, nu_value_bool(true));
}

static nu_query *links(const link_side *side)
{
    nu_query *query = nu_filter(nu_query_everything(side->many->through), side->own->name, side->row);
    query->database = side->database;
    return nu_unordered(query);
}

static nu_list *keys_of(const nu_dict *dict)
{
    nu_list *list = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry));)
        nu_list_push(list, entry->key);
    return list;
}

/* Of `wanted`, what is not there yet. */
static NU_WAITS nu_list *missing(const link_side *side, nu_dict *wanted)
{
    nu_query *query = nu_filter(links(side), nu_fmt("%s__in", side->other->name), keys_of(wanted));
    nu_list  *there = nu_query_list(nu_flat(query, side->other->attname));
    nu_list  *list = nu_list_new();
    nu_dict  *known = nu_dict_new();
    for (uint32_t i = 0; i < there->count; i++)
        nu_dict_put(known, there->items[i], nu_value_bool(true));
    for (nu_entry *entry = NULL; (entry = nu_dict_next(wanted, entry));) {
        if (nu_dict_find_value(known, entry->key) == NULL)
            nu_list_push(list, entry->key);
    }
    return list;
}

static nu_row *link_row(const link_side *side, nu_value own, nu_value other)
{
    nu_row *row = nu_row_new(side->many->through);
    row->state->database = side->database;
    nu__member_put(row, side->own, own);
    nu__member_put(row, side->other, other);
    return row;
}

static NU_WAITS void add(const link_side *side, nu_dict *wanted)
{
    nu_list *fresh = missing(side, wanted);
    nu_value own = nu_row_value(side->row, side->own->target);
    nu_row **rows = nu_alloc((fresh->count * 2u + 1) * sizeof *rows);
    size_t   count = 0;
    for (uint32_t i = 0; i < fresh->count; i++) {
        rows[count++] = link_row(side, own, fresh->items[i]);
        if (side->symmetrical && !nu_equal(own, fresh->items[i]))
            rows[count++] = link_row(side, fresh->items[i], own);
    }
    nu_bulk_create(rows);
}

static NU_WAITS void remove_keys(const link_side *side, nu_list *keys)
{
    if (keys->count == 0)
        return;
    nu_delete_all(nu_filter(links(side), nu_fmt("%s__in", side->other->name), keys));
    if (!side->symmetrical)
        return;
    link_side back = *side;
    nu_query *query = nu_filter(nu_query_everything(side->many->through), side->other->name, side->row,
                                nu_fmt("%s__in", back.own->name), keys);
    query->database = side->database;
    nu_delete_all(query);
}

static NU_WAITS void set(const link_side *side, nu_dict *wanted)
{
    nu_list *there = nu_query_list(nu_flat(links(side), side->other->attname));
    nu_list *surplus = nu_list_new();
    for (uint32_t i = 0; i < there->count; i++) {
        if (nu_dict_find_value(wanted, there->items[i]) == NULL)
            nu_list_push(surplus, there->items[i]);
    }
    remove_keys(side, surplus);
    if (nu_dict_count(wanted) > 0)
        add(side, wanted);
}

void nu_row_many_change(nu_row *row, const char *name, nu_many_action action, nu_list *values)
{
    link_side side = find_side(row, name);
    nu_dict  *keys = nu_dict_new();
    add_key(&side, keys, nu_value_list(values));
    if (row->state != NULL && row->state->cache != NULL)
        nu_dict_remove(row->state->cache, name); /* what was prefetched is out of date */
    NU_ATOMIC_ON(nu_database_alias(side.database))
    {
        if (action == NU_MANY_REMOVE)
            remove_keys(&side, keys_of(keys));
        else if (action == NU_MANY_SET)
            set(&side, keys);
        else if (nu_dict_count(keys) > 0)
            add(&side, keys);
    }
}
