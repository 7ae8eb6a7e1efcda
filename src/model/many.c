/* Changing a many-to-many relation: add, remove, set, clear. Statements are as few as Django's. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/router.h"

/* A relation seen from one row. */
typedef struct link_side {
    const nu_column *many;
    const nu_column *own, *other; /* references of the model between */
    nu_row          *row;
    nu_database     *database;
    bool             symmetrical;
} link_side;

static link_side find_side(nu_row *row, const nu_name *name)
{
    const nu_reverse *reverse = name->meaning == NU_MEANS_ACCESSOR ? name->what : NULL;
    const nu_column  *many = reverse != NULL ? reverse->column : name->what;
    const nu_column  *from = nu__through_from(many), *to = nu__through_to(many);
    return (link_side){
        .many = many,
        .own = reverse != NULL ? to : from,
        .other = reverse != NULL ? from : to,
        .row = row,
        .database = nu_database_for_write(nu_row_model(row), row),
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
    const nu_row *row = nu_row_of(value);
    if (row != NULL)
        nu__check_relation(side->row, row, side->many->name);
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

static nu_row *link_row(const link_side *side, nu_value own, nu_value other, nu_pairs defaults)
{
    nu_row *row = nu_row_new(side->many->through);
    row->state->database = side->database;
    for (size_t i = 0; i < defaults.count; i++)
        nu_row_set(row, defaults.items[i].key, defaults.items[i].value);
    nu__member_put(row, side->own, own);
    nu__member_put(row, side->other, other);
    return row;
}

/* The rows between, one way. */
static NU_WAITS void insert(const link_side *side, nu_list *keys, nu_value own, bool ignore,
                            nu_pairs defaults)
{
    nu_row **rows = nu_alloc((keys->count + 1) * sizeof *rows);
    for (uint32_t i = 0; i < keys->count; i++)
        rows[i] = link_row(side, own, keys->items[i], defaults);
    nu_bulk_create_with(side->many->through, rows, keys->count,
                        &(nu_bulk_options){.ignore_conflicts = ignore});
}

/* The table of an automatic model refuses doubles by itself; any other is asked first. */
static NU_WAITS void add(const link_side *side, nu_dict *wanted, nu_pairs defaults)
{
    bool     ignore = nu_model_is_automatic(side->many->through);
    nu_list *keys = ignore ? keys_of(wanted) : missing(side, wanted);
    nu_value own = nu_row_value(side->row, side->own->target);
    if (keys->count > 0)
        insert(side, keys, own, ignore, defaults);
    if (!side->symmetrical)
        return;
    link_side back = *side;
    back.own = side->other;
    back.other = side->own;
    keys = ignore ? keys_of(wanted) : missing(&back, wanted);
    if (keys->count > 0)
        insert(&back, keys, own, ignore, defaults);
}

static const nu_expression *side_condition(const link_side *side, const nu_column *own,
                                           const nu_column *other, nu_list *keys)
{
    nu_value row = nu_value_object(side->row);
    if (keys == NULL)
        return nu_q(own->name, row);
    return nu_q(own->name, row, nu_fmt("%s__in", other->name), keys);
}

/* Without `keys`, all. */
static NU_WAITS void delete_links(const link_side *side, nu_list *keys)
{
    const nu_expression *condition = side_condition(side, side->own, side->other, keys);
    if (side->symmetrical)
        condition = nu_or(condition, side_condition(side, side->other, side->own, keys));
    nu_query *query = nu_unordered(nu_where(nu_query_everything(side->many->through), condition));
    query->database = side->database;
    nu_delete_all(query);
}

static NU_WAITS void remove_keys(const link_side *side, nu_list *keys)
{
    uint32_t most = (uint32_t)nu_database_backend(side->database)->max_params / 2 - 2;
    for (uint32_t from = 0; from < keys->count; from += most) {
        uint32_t left = keys->count - from;
        nu_list  part = {.items = keys->items + from, .count = left < most ? left : most};
        delete_links(side, &part);
    }
}

static NU_WAITS void set(const link_side *side, nu_dict *wanted, nu_pairs defaults)
{
    nu_list *there = nu_query_list(nu_flat(links(side), side->other->attname));
    nu_list *surplus = nu_list_new();
    nu_dict *known = nu_dict_new(), *fresh = nu_dict_new();
    for (uint32_t i = 0; i < there->count; i++) {
        nu_dict_put(known, there->items[i], nu_value_bool(true));
        if (nu_dict_find_value(wanted, there->items[i]) == NULL)
            nu_list_push(surplus, there->items[i]);
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(wanted, entry));) {
        if (nu_dict_find_value(known, entry->key) == NULL)
            nu_dict_put(fresh, entry->key, entry->value);
    }
    remove_keys(side, surplus);
    if (nu_dict_count(fresh) > 0)
        add(side, fresh, defaults);
}

void nu__many_change(nu_row *row, const nu_name *name, nu_many_action action, nu_list *values,
                     nu_pairs defaults)
{
    link_side side = find_side(row, name);
    nu_dict  *keys = nu_dict_new();
    add_key(&side, keys, nu_value_list(values));
    if (action != NU_MANY_SET && action != NU_MANY_CLEAR && nu_dict_count(keys) == 0)
        return;
    NU_ATOMIC_ON(nu_database_alias(side.database))
    {
        switch (action) {
        case NU_MANY_ADD: add(&side, keys, defaults); break;
        case NU_MANY_REMOVE: remove_keys(&side, keys_of(keys)); break;
        case NU_MANY_SET: set(&side, keys, defaults); break;
        case NU_MANY_CLEAR: delete_links(&side, NULL); break;
        }
    }
}
