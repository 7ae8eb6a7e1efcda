/* Generic keys, which lead to a row of any model, and generic relations, which lead back. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/contenttypes.h"
#include "nuages/text.h"

/* ---- resolving ------------------------------------------------------------------------------ */

static const nu_column *column_named(const nu_model_info *info, const char *name,
                                     const nu_model *model, const nu_field *field)
{
    for (size_t i = 0; i < info->all_count; i++) {
        if (strcmp(info->column_list[i]->name, name) == 0)
            return info->column_list[i];
    }
    nu__wrong_model(model, field, "contenttypes.E001", "model \"%s\" has no field \"%s\" for it", info->model->name, name);
}

static const nu_column *type_column(const nu_model_info *info, const nu_field *field,
                                    const nu_model *model)
{
    const char      *name = field->ct_field != NULL ? field->ct_field : "content_type";
    const nu_column *column = column_named(info, name, model, field);
    if (column->to != &nu_content_type_model)
        nu__wrong_model(model, field,
                      "contenttypes.E003", "field \"%s\" of model \"%s\" is no reference to nu_content_type", name,
                      info->model->name);
    return column;
}

static const nu_column *key_column(const nu_model_info *info, const nu_field *field,
                                   const nu_model *model)
{
    return column_named(info, field->fk_field != NULL ? field->fk_field : "object_id", model,
                        field);
}

static nu_model_info *target_of(const nu_model *model, const nu_field *field)
{
    const nu_model *to = field->to;
    if (to == NULL && field->to_name != NULL)
        to = nu_model_find(field->to_name);
    if (to == NULL || to->state->info == NULL)
        nu__bad_model(model, field, "it lacks .to, a model of an app that is there");
    return to->state->info->concrete;
}

static bool is_relation(const nu_column *column)
{
    return column->field->type == &nu_field_generic_relation;
}

static void resolve_keys(nu_model_info *info, size_t count)
{
    nu_generic_key *next = nu_arena_array(nu__models_arena(), count + 1, sizeof *next);
    info->generic_keys = next;
    for (const nu_column *const *column = info->generic_list; *column != NULL; column++) {
        if (is_relation(*column))
            continue;
        const nu_field *field = (*column)->field;
        *next++ = (nu_generic_key){.field = *column,
                                   .content_type = type_column(info, field, info->model),
                                   .key = key_column(info, field, info->model)};
    }
}

static void resolve_relation(nu_model_info *info, const nu_column *relation)
{
    const nu_field *field = relation->field;
    nu_model_info  *to = target_of(info->model, field);
    nu_reverse      forth = {.name = relation->name,
                             .query_name = relation->name,
                             .column = key_column(to, field, info->model),
                             .model = to->model,
                             .content_type = type_column(to, field, info->model),
                             .type_of = info->model};
    info->generics[info->generic_count++] = forth;
    if (field->related_query_name == NULL)
        return;
    nu_reverse back = forth;
    back.name = back.query_name = field->related_query_name;
    back.model = info->model;
    back.back = true;
    to->generics[to->generic_count++] = back;
}

void nu__resolve_generics(nu_model_info *const *infos, size_t count)
{
    size_t relations = 0;
    for (size_t i = 0; i < count; i++) {
        for (const nu_column *const *column = infos[i]->generic_list; *column != NULL; column++)
            relations += is_relation(*column);
    }
    for (size_t i = 0; i < count; i++) {
        size_t keys = 0;
        while (infos[i]->generic_list[keys] != NULL)
            keys++;
        resolve_keys(infos[i], keys);
        infos[i]->generics =
            nu_arena_array(nu__models_arena(), relations * 2 + 1, sizeof *infos[i]->generics);
    }
    for (size_t i = 0; i < count; i++) {
        for (const nu_column *const *column = infos[i]->generic_list; *column != NULL; column++) {
            if (!is_relation(*column))
                continue;
            resolve_relation(infos[i], *column);
            infos[i]->plain_delete = false;
        }
    }
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* The row that was loaded or set, if it still is the one that the fields mean. */
static nu_row *kept_row(const nu_row *row, const nu_generic_key *key)
{
    nu_dict  *cache = row->state->cache;
    nu_value *kept = cache != NULL ? nu_dict_find(cache, key->field->name) : NULL;
    nu_row   *to = kept != NULL ? nu_row_of(*kept) : NULL;
    nu_value  wanted = nu__member_get(row, key->key);
    if (to == NULL || nu_is_null(wanted))
        return to;
    const nu_column *target = nu_model_primary_key(nu_row_model(to));
    return nu_equal(nu_column_clean(target, wanted), nu_row_key(to)) ? to : NULL;
}

/* Rows of one content type, and the keys they want. */
static NU_WAITS void load_type(nu_list *rows, const nu_generic_key *key, const nu_model *model,
                               nu_database *db)
{
    const nu_column *target = nu_model_primary_key(model);
    nu_list         *keys = nu_list_new();
    nu_dict         *found = nu_dict_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_list_push(keys, nu_column_clean(target, nu_row_value(rows->items[i].object, key->key)));
    nu_query *query = nu_unordered(nu_filter(nu_query_everything(model), "pk__in", keys));
    query->database = db;
    for (nu_row **at = nu_query_rows(query); *at != NULL; at++)
        nu_dict_put(found, nu_row_key(*at), nu_value_object(*at));
    for (uint32_t i = 0; i < rows->count; i++) {
        nu_value *to = nu_dict_find_value(found, keys->items[i]);
        nu__row_keep(rows->items[i].object, key->field->name, to != NULL ? *to : nu_null());
    }
}

void nu__generic_load(nu_row *const *rows, size_t count, const nu_generic_key *key, nu_database *db)
{
    nu_dict *by_type = nu_dict_new();
    for (size_t i = 0; i < count; i++) {
        nu_value type = nu_row_value(rows[i], key->content_type);
        if (nu_is_null(type) || nu_is_null(nu_row_value(rows[i], key->key)) ||
            kept_row(rows[i], key) != NULL)
            continue;
        nu_value *there = nu_dict_find_value(by_type, type);
        nu_list  *list = there != NULL ? there->list : nu_list_new();
        nu_list_push(list, nu_value_object(rows[i]));
        if (there == NULL)
            nu_dict_put(by_type, type, nu_value_list(list));
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(by_type, entry));) {
        const nu_model *model =
            nu_content_type_class(nu__content_type_by_id(entry->key.integer, db));
        if (model != NULL)
            load_type(entry->value.list, key, model, db);
    }
}

nu_row *nu__generic_row(nu_row *row, const nu_generic_key *key)
{
    nu_row *kept = kept_row(row, key);
    if (kept != NULL || nu_is_null(nu_row_value(row, key->content_type)))
        return kept;
    nu_fetched  *set = row->state->set;
    nu_database *db = nu__row_database(row);
    if (set == NULL) {
        nu__generic_load(&row, 1, key, db);
        return kept_row(row, key);
    }
    if (set->fetch_mode == NU_FETCH_RAISE)
        nu_raise(NU_FIELD_ERROR, "reading \"%s\" of model \"%s\" would cost a statement",
                 key->field->name, nu_row_model(row)->name);
    nu_arena *before = nu_arena_enter(set->arena);
    if (set->fetch_mode == NU_FETCH_ONE)
        nu__generic_load(&row, 1, key, db);
    else
        nu__generic_load(set->rows, set->count, key, db);
    nu_arena_enter(before);
    return kept_row(row, key);
}

void nu__generic_set(nu_row *row, const nu_generic_key *key, nu_row *to)
{
    if (to == NULL) {
        nu_row_put(row, key->content_type, nu_null());
        nu_row_put(row, key->key, nu_null());
    } else {
        const nu_model *model = nu_row_model(to);
        if (!key->field->field->for_proxy)
            model = nu_model_concrete(model);
        struct nu_content_type *type = nu__content_type(model, nu__row_database(row));
        nu_row_put(row, key->content_type, nu_value_int(type->row.id));
        nu_row_put(row, key->key, nu_row_key(to));
    }
    nu__row_keep(row, key->field->name, nu_value_object(to));
}

/* ---- relations ------------------------------------------------------------------------------ */

nu_row *nu__generic_type(const nu_reverse *relation, nu_database *db)
{
    return &nu__content_type(nu_model_concrete(relation->type_of), db)->row;
}

nu_query *nu__generic_narrow(nu_query *query, const nu_reverse *relation, nu_list *keys,
                             nu_database *db)
{
    struct nu_content_type *type = nu__content_type(nu_model_concrete(relation->type_of), db);
    query = nu_filter(query, relation->content_type->attname, type->row.id,
                      nu_fmt("%s__in", relation->column->name), keys);
    query->database = db;
    return query;
}

nu_query *nu__generic_rows(const nu_reverse *relation, nu_list *keys, nu_database *db)
{
    return nu__generic_narrow(nu_query_all(relation->model), relation, keys, db);
}
