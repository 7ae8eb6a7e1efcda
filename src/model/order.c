/* Rows in an order of their own: .order_with_respect_to keeps each row's number among those with the
 * same reference in the column "_order". */
#include <string.h>

#include "model/query_internal.h"

static nu_query *siblings(nu_row *row, const nu_model_info *info, nu_database *db)
{
    nu_value  owner = nu_row_value(row, info->ordered_by);
    nu_query *query = nu_filter(nu_query_everything(info->model), info->ordered_by->attname, owner);
    query->database = db;
    return query;
}

void nu__row_number(nu_row *row, const nu_model_info *info, nu_database *db)
{
    nu_dict *most = nu_aggregate(siblings(row, info, db), "most", nu_max("_order"));
    nu_value last = nu_dict_get(most, "most");
    row->state->order = nu_is_null(last) ? 0 : last.integer + 1;
}

static const nu_model_info *require_order(const nu_model *model)
{
    const nu_model_info *info = nu__info(model);
    if (info->order == NULL)
        nu_raise(NU_FIELD_ERROR, "model \"%s\" has no .order_with_respect_to", model->name);
    return info;
}

nu_row *nu_row_in_order(nu_row *row, bool next)
{
    const nu_model_info *info = require_order(nu_row_model(row));
    nu_value             number = nu_row_value(row, info->order);
    nu_query            *query = siblings(row, info, nu__row_database(row));
    query = nu_filter(query, next ? "_order__gt" : "_order__lt", number);
    return nu_query_first(nu_order_by(query, next ? "_order" : "-_order"));
}

/* The model of that key whose order_with_respect_to points here. */
static const nu_model_info *ordered_model(const nu_row *row, const char *key)
{
    const nu_model_info *owner = nu__info(nu_row_model(row));
    for (const nu_model_info *at = owner->concrete; at != NULL; at = at->parent) {
        for (size_t i = 0; i < at->reverse_count; i++) {
            const nu_model_info *info = nu__info(at->reverses[i].model);
            if (at->reverses[i].column == info->ordered_by && strcmp(info->key, key) == 0)
                return info;
        }
    }
    nu_raise(NU_FIELD_ERROR, "no model \"%s\" is ordered with respect to \"%s\"", key,
             owner->model->name);
}

static nu_query *ordered_rows(nu_row *row, const nu_model_info *info)
{
    nu_value  owner = nu_row_value(row, info->ordered_by->target);
    nu_query *query = nu_filter(nu_query_everything(info->model), info->ordered_by->attname, owner);
    query->database = nu__row_database(row);
    return query;
}

nu_list *nu_row_order(nu_row *row, const char *model_key)
{
    const nu_model_info *info = ordered_model(row, model_key);
    return nu_query_list(nu_flat(nu_order_by(ordered_rows(row, info), "_order"), "pk"));
}

void nu_row_set_order(nu_row *row, const char *model_key, nu_list *keys)
{
    const nu_model_info *info = ordered_model(row, model_key);
    NU_ATOMIC_ON(nu_database_alias(nu__row_database(row)))
    {
        for (uint32_t i = 0; i < keys->count; i++)
            nu_update(nu_filter(ordered_rows(row, info), "pk", keys->items[i]), "_order",
                      (int64_t)i);
    }
}
