/* Rows that rows refer to: read for the whole set they were fetched with, so that a loop over
 * articles that shows each author costs two statements, not one for each article. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/router.h"
#include "nuages/text.h"

/* ---- forwards ------------------------------------------------------------------------------- */

/* True if the reference holds a key whose row is not there. */
static bool is_open(const nu_row *row, const nu_column *column)
{
    if (nu__is_deferred(row, column))
        return false;
    nu_value key = nu__member_get(row, column);
    if (nu_is_null(key))
        return false;
    const nu_row *held = nu__ref_row(row, column);
    return held == NULL || !nu_equal(key, nu__member_get(held, column->target));
}

static nu_list *open_keys(nu_row *const *rows, size_t count, const nu_column *column)
{
    nu_list *keys = nu_list_new();
    nu_dict *seen = nu_dict_new();
    for (size_t i = 0; i < count; i++) {
        if (!is_open(rows[i], column))
            continue;
        nu_value key = nu__member_get(rows[i], column);
        if (nu_dict_find_value(seen, key) != NULL)
            continue;
        nu_dict_put(seen, key, nu_value_bool(true));
        nu_list_push(keys, key);
    }
    return keys;
}

static nu_query *rows_with_keys(const nu_column *column, nu_list *keys, nu_database *db)
{
    const char *lookup = nu_fmt("%s__in", column->target->name);
    nu_query   *query = nu_filter(nu_unordered(nu_query_everything(column->to)), lookup, keys);
    query->database = db;
    return query;
}

static NU_WAITS nu_dict *read_targets(const nu_column *column, nu_list *keys, nu_database *db)
{
    nu_dict *by_key = nu_dict_new();
    uint32_t most = (uint32_t)nu_database_backend(db)->max_params;
    for (uint32_t from = 0; from < keys->count; from += most) {
        uint32_t left = keys->count - from;
        nu_list  chunk = {.items = keys->items + from, .count = left < most ? left : most};
        nu_row **rows = nu_query_rows(rows_with_keys(column, &chunk, db));
        for (; *rows != NULL; rows++)
            nu_dict_put(by_key, nu__member_get(*rows, column->target), nu_value_object(*rows));
    }
    return by_key;
}

/* Loads the rows that reference `column` of `rows` points to, in one statement. */
void nu__load_related(nu_row *const *rows, size_t count, const nu_column *column, nu_database *db)
{
    nu_list *keys = open_keys(rows, count, column);
    if (keys->count == 0)
        return;
    nu_dict *by_key = read_targets(column, keys, db);
    for (size_t i = 0; i < count; i++) {
        if (!is_open(rows[i], column))
            continue;
        nu_value *found = nu_dict_find_value(by_key, nu__member_get(rows[i], column));
        nu__ref_set_row(rows[i], column, found != NULL ? found->object : NULL);
    }
}

static const nu_column *reference_at(const nu_model_info *info, uint32_t offset)
{
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (column->offset == offset && column->to != NULL && !column->field->parent_link)
            return column;
    }
    nu_raise(NU_FIELD_ERROR, "model \"%s\" has no reference in that member", info->model->name);
}

static NU_NORETURN void refuse_reading(const nu_row *row, const nu_column *column)
{
    nu_error *error =
        nu_error_new(NU_FIELD_ERROR, "reading \"%s\" of model \"%s\" would cost a statement",
                     column->name, nu_row_model(row)->name);
    error->hint =
        nu_fmt("The query has NU_FETCH_RAISE; add nu_select_related(query, \"%s\").", column->name);
    nu_throw(error);
}

/* Those of the set whose related rows are read there, too. */
static nu_row **peers_at(const nu_fetched *set, const nu_model *model, const nu_database *db,
                         size_t *count)
{
    *count = set->count;
    if (!nu__has_routers())
        return set->rows;
    nu_row **peers = nu_arena_array(nu_arena_current(), set->count + 1, sizeof *peers);
    *count = 0;
    for (size_t i = 0; i < set->count; i++)
        if (nu_database_for_read(model, set->rows[i]) == db)
            peers[(*count)++] = set->rows[i];
    return peers;
}

/* The rows live where those that refer to them do, unless a router knows better. */
static NU_WAITS void load_missing(nu_row *row, const nu_column *column)
{
    nu_fetched  *set = row->state != NULL ? row->state->set : NULL;
    nu_database *db = nu_database_for_read(column->to, row);
    if (set == NULL) {
        nu__load_related(&row, 1, column, db);
        return;
    }
    if (set->fetch_mode == NU_FETCH_RAISE)
        refuse_reading(row, column);
    nu_arena *before = nu_arena_enter(set->arena);
    size_t    count = 1;
    nu_row  **rows = &row;
    if (set->fetch_mode != NU_FETCH_ONE)
        rows = peers_at(set, column->to, db, &count);
    nu__load_related(rows, count, column, db);
    nu_arena_enter(before);
}

/* The parent of a row that holds all of its fields is made without asking the database. */
static nu_row *copy_parent(nu_row *row, const nu_column *link)
{
    nu_arena *arena = row->state->set != NULL ? row->state->set->arena : nu_arena_current();
    size_t    stride;
    nu_row   *parent = nu__rows_alloc(arena, link->to, 1, &stride);
    nu_row    head = *parent;
    memcpy(parent, row, link->to->size);
    *parent = (nu_row){.class = head.class, .id = row->id, .state = head.state};
    parent->state->database = row->state->database;
    parent->state->saved = row->state->saved;
    parent->state->order = row->state->order;
    nu__ref_set_row(row, link, parent);
    return parent;
}

static bool has_deferred(const nu_row *row, const nu_model *model)
{
    for (const nu_column *const *column = nu_model_columns(model); *column != NULL; column++) {
        if (nu__is_deferred(row, *column))
            return true;
    }
    return false;
}

nu_row *nu__row_reference(nu_row *row, const nu_column *column)
{
    nu_value key = nu_row_value(row, column);
    if (nu_is_null(key)) /* a row that was set before it was saved has no key yet */
        return nu__ref_row(row, column);
    if (is_open(row, column)) {
        if (column->field->parent_link && !has_deferred(row, column->to))
            return copy_parent(row, column);
        load_missing(row, column);
    }
    nu_row *to = nu__ref_row(row, column);
    if (to == NULL)
        nu_raise(NU_OBJECT_NOT_FOUND, "\"%s\" of model \"%s\" refers to a row that is gone",
                 column->name, column->model->name);
    return to;
}

nu_row *nu_row_related(nu_row *row, uint32_t offset)
{
    return nu__row_reference(row, reference_at(nu__info(nu_row_model(row)), offset));
}

/* ---- deferred columns ----------------------------------------------------------------------- */

void nu__load_deferred(nu_row *row)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    nu_query            *query = nu_filter(nu_query_everything(info->model), "pk", nu_row_key(row));
    query->database = row->state->database;
    nu_row *whole = nu_get_(query, NU_PAIRS());
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (nu__is_deferred(row, column))
            nu__member_put(row, column, nu__member_get(whole, column));
    }
    row->state->deferred = 0;
}

/* ---- sets ----------------------------------------------------------------------------------- */

static void require_saved(const nu_row *row, const char *name)
{
    if (nu_is_null(nu_row_key(row)))
        nu_raise(NU_VALUE_ERROR, "a row of \"%s\" must be saved before \"%s\" can be used",
                 nu_row_model(row)->name, name);
}

/* How lookups on the other model call a many-to-many field that is declared here. */
const char *nu__way_back(const nu_column *many)
{
    for (const nu_reverse *reverse = nu_model_reverses(many->to); reverse->name != NULL;
         reverse++) {
        if (reverse->column == many)
            return reverse->query_name;
    }
    return many->name; /* symmetrical */
}

static NU_WAITS nu_query *generic_set(nu_row *row, const nu_reverse *relation)
{
    nu_list *keys = nu_list_new();
    nu_list_push(keys, nu_row_key(row));
    return nu__generic_rows(relation, keys, nu__row_database(row));
}

nu_query *nu__related_set(nu_row *row, const nu_name *name)
{
    nu_value key = nu_value_object(row);
    if (name->meaning == NU_MEANS_MANY) {
        const nu_column *many = name->what;
        return nu_filter(nu_query_all(many->to), nu__way_back(many), key);
    }
    const nu_reverse *reverse = name->what;
    if (reverse->content_type != NULL)
        return generic_set(row, reverse);
    nu_query *query = nu_filter(nu_query_all(reverse->model), reverse->column->name, key);
    if (!reverse->many) {
        query->many_back = reverse->column;
        query->owner = row;
    }
    return query;
}

nu_query *nu_row_related_set(nu_row *row, const char *name)
{
    const unsigned       meanings = NU_MEANS_MANY | NU_MEANS_ACCESSOR;
    const nu_model_info *info = nu__info(nu_row_model(row));
    const nu_name       *found = nu__name_find(info, name, strlen(name), meanings);
    if (found == NULL)
        nu__unknown_field(info, name, strlen(name), meanings);
    require_saved(row, name);
    nu_value *kept = row->state != NULL && row->state->cache != NULL
                         ? nu_dict_find(row->state->cache, name)
                         : NULL;
    if (kept != NULL && nu_query_from(*kept) != NULL)
        return kept->object;
    nu_query *query = nu__related_set(row, found);
    query->owner = row;
    query->relation = found->text;
    return query;
}
