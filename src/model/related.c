/* Rows that rows refer to: read for the whole set they were fetched with, so that a loop over
 * articles that shows each author costs two statements, not one for each article. */
#include <string.h>

#include "model/query_internal.h"
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
NU_WAITS static void load_related(nu_row *const *rows, size_t count, const nu_column *column,
                                  nu_database *db)
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

static nu_database *database_of(const nu_row *row, const nu_model *model)
{
    return row->state != NULL && row->state->database != NULL ? row->state->database
                                                              : nu_model_database(model);
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

/* The rows live where those that refer to them do. */
static NU_WAITS void load_missing(nu_row *row, const nu_column *column)
{
    nu_fetched  *set = row->state != NULL ? row->state->set : NULL;
    nu_database *db = database_of(row, column->to);
    if (set == NULL) {
        load_related(&row, 1, column, db);
        return;
    }
    if (set->fetch_mode == NU_FETCH_RAISE)
        refuse_reading(row, column);
    nu_arena *before = nu_arena_enter(set->arena);
    if (set->fetch_mode == NU_FETCH_ONE)
        load_related(&row, 1, column, db);
    else
        load_related(set->rows, set->count, column, db);
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
static const char *way_back(const nu_column *many)
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

static nu_query *build_set(nu_row *row, const nu_name *name)
{
    nu_value key = nu_value_object(row);
    if (name->meaning == NU_MEANS_MANY) {
        const nu_column *many = name->what;
        return nu_filter(nu_query_all(many->to), way_back(many), key);
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
    nu_query *query = build_set(row, found);
    if (row->state != NULL)
        query->database = row->state->database;
    query->owner = row;
    query->relation = found->text;
    return query;
}

/* ---- prefetch ------------------------------------------------------------------------------- */

static nu_list *list_of(nu_row *const *rows, size_t count)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_push(list, nu_value_object(rows[i]));
    return list;
}

/* Key of each row → number of the first row that has it. */
static nu_dict *numbers_by_key(nu_row *const *rows, size_t count)
{
    nu_dict *numbers = nu_dict_new();
    for (size_t i = 0; i < count; i++) {
        nu_value key = nu_row_key(rows[i]);
        if (nu_dict_find_value(numbers, key) == NULL)
            nu_dict_put(numbers, key, nu_value_int((int64_t)i));
    }
    return numbers;
}

/* The set of `row` as a query that was read already, with room for `most` rows. */
static nu_query *read_set(nu_row *row, const nu_name *name, size_t most, nu_database *db)
{
    nu_query   *query = build_set(row, name);
    nu_fetched *set = nu_alloc(sizeof *set);
    set->rows = nu_alloc((most + 1) * sizeof *set->rows);
    set->database = db;
    set->arena = nu_arena_current();
    query->database = db;
    query->fetched = set;
    return query;
}

static void keep_set(nu_row *row, const nu_name *name, nu_query *query)
{
    if (row->state->cache == NULL)
        row->state->cache = nu_dict_new();
    nu_dict_put(row->state->cache, nu_value_text(name->text), nu_value_object(query));
}

/* The key that leads to the owner; a generic one may hold it in another form. */
static nu_value held_key(const nu_row *row, const nu_column *owner, const nu_column *key)
{
    nu_value held = nu__member_get(row, owner);
    return owner->to != NULL ? held : nu_column_clean(key, held);
}

/* Deals `found` out to the rows that `owner` of each points to; with `wanted` it is the row behind
 * that reference which is dealt out. Rows that stand twice in `rows` share their set. */
static void deal(nu_row *const *rows, size_t count, const nu_name *name, nu_row *const *found,
                 const nu_column *owner, const nu_column *wanted, nu_database *db)
{
    const nu_column *key = nu_model_primary_key(nu_row_model(rows[0]));
    nu_dict         *numbers = numbers_by_key(rows, count);
    size_t          *sizes = nu_alloc(count * sizeof *sizes);
    nu_query       **sets = nu_alloc(count * sizeof *sets);
    for (size_t i = 0; found[i] != NULL; i++) {
        nu_value *number = nu_dict_find_value(numbers, held_key(found[i], owner, key));
        if (number != NULL)
            sizes[number->integer]++;
    }
    for (size_t i = 0; i < count; i++) {
        size_t first = (size_t)nu_dict_find_value(numbers, nu_row_key(rows[i]))->integer;
        sets[i] = first == i ? read_set(rows[i], name, sizes[i], db) : sets[first];
        keep_set(rows[i], name, sets[i]);
    }
    for (size_t i = 0; found[i] != NULL; i++) {
        nu_value *number = nu_dict_find_value(numbers, held_key(found[i], owner, key));
        if (number == NULL)
            continue;
        nu_fetched *set = sets[number->integer]->fetched;
        if (wanted == NULL && owner->to != NULL)
            nu__ref_set_row(found[i], owner, rows[number->integer]);
        set->rows[set->count++] = wanted != NULL ? nu__ref_row(found[i], wanted) : found[i];
    }
}

static NU_WAITS void prefetch_back(nu_row *const *rows, size_t count, const nu_name *name,
                                   const nu_column *column, nu_database *db)
{
    nu_query *query = nu_filter(nu_query_all(column->model), nu_fmt("%s__in", column->name),
                                list_of(rows, count));
    query->database = db;
    deal(rows, count, name, nu_query_rows(query), column, NULL, db);
}

static NU_WAITS void prefetch_generic(nu_row *const *rows, size_t count, const nu_name *name,
                                      const nu_reverse *relation, nu_database *db)
{
    nu_list *keys = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_push(keys, nu_row_key(rows[i]));
    nu_query *query = nu__generic_rows(relation, keys, db);
    deal(rows, count, name, nu_query_rows(query), relation->column, NULL, db);
}

static NU_WAITS void prefetch_many(nu_row *const *rows, size_t count, const nu_name *name,
                                   const nu_column *many, bool backwards, nu_database *db)
{
    const nu_column *from = nu__through_from(many), *to = nu__through_to(many);
    const nu_column *owner = backwards ? to : from, *wanted = backwards ? from : to;
    nu_query        *query =
        nu_filter(nu_query_all(many->through), nu_fmt("%s__in", owner->name), list_of(rows, count));
    query = nu_select_related(query, wanted->name);
    if (nu_model_ordering(wanted->to) != NULL)
        query = nu_order_by(query, wanted->name);
    query->database = db;
    deal(rows, count, name, nu_query_rows(query), owner, wanted, db);
}

/* An earlier path may have been this way. */
static bool is_prefetched(nu_row *const *rows, size_t count, const nu_name *name)
{
    for (size_t i = 0; i < count; i++) {
        nu_dict *cache = rows[i]->state->cache;
        if (cache == NULL || nu_dict_find(cache, name->text) == NULL)
            return false;
    }
    return true;
}

static NU_WAITS void prefetch_sets(nu_row *const *rows, size_t count, const nu_name *name,
                                   nu_database *db)
{
    const nu_reverse *reverse = name->what;
    if (name->meaning == NU_MEANS_MANY)
        prefetch_many(rows, count, name, name->what, false, db);
    else if (reverse->content_type != NULL)
        prefetch_generic(rows, count, name, reverse, db);
    else if (reverse->many)
        prefetch_many(rows, count, name, reverse->column, true, db);
    else
        prefetch_back(rows, count, name, reverse->column, db);
}

/* As many rows at a time as one statement can name. */
static NU_WAITS void prefetch_step(nu_row *const *rows, size_t count, const nu_name *name,
                                   nu_database *db)
{
    if (name->meaning == NU_MEANS_COLUMN) {
        load_related(rows, count, name->what, db);
        return;
    }
    if (name->meaning == NU_MEANS_GENERIC) {
        nu__generic_load(rows, count, name->what, db);
        return;
    }
    if (is_prefetched(rows, count, name))
        return;
    size_t most = (size_t)nu_database_backend(db)->max_params;
    for (size_t from = 0; from < count; from += most)
        prefetch_sets(rows + from, count - from < most ? count - from : most, name, db);
}

static nu_value kept_value(const nu_row *row, const char *name)
{
    nu_dict  *cache = row->state->cache;
    nu_value *kept = cache != NULL ? nu_dict_find(cache, name) : NULL;
    return kept != NULL ? *kept : nu_null();
}

/* The rows that the step has reached from all of `rows`, each once; ended by NULL. */
static nu_row **reached(nu_row *const *rows, size_t count, const nu_name *name, size_t *out)
{
    nu_list *all = nu_list_new();
    nu_dict *seen = nu_dict_new();
    for (size_t i = 0; i < count; i++) {
        nu_row *one[2] = {NULL, NULL}, **each = one;
        if (name->meaning == NU_MEANS_COLUMN)
            one[0] = nu__ref_row(rows[i], name->what);
        else
            each = nu_query_rows(nu_dict_get(rows[i]->state->cache, name->text).object);
        for (; *each != NULL; each++) {
            nu_value key = nu_row_key(*each);
            if (nu_dict_find_value(seen, key) == NULL)
                nu_list_push(all, nu_value_object(*each));
            nu_dict_put(seen, key, nu_value_bool(true));
        }
    }
    nu_row **list = nu_alloc((all->count + 1) * sizeof *list);
    for (uint32_t i = 0; i < all->count; i++)
        list[i] = all->items[i].object;
    *out = all->count;
    return list;
}

/* Behind a generic key lie rows of several models: each goes on by itself. */
static NU_WAITS void prefetch_behind(nu_row *const *rows, size_t count, const nu_name *name,
                                     const char *path, nu_database *db)
{
    const nu_generic_key *key = name->what;
    nu_row              **same = nu_alloc((count + 1) * sizeof *same);
    bool                 *done = nu_alloc((count + 1) * sizeof *done);
    for (size_t i = 0; i < count; i++) {
        nu_row *first = done[i] ? NULL : nu_row_of(kept_value(rows[i], key->field->name));
        size_t  found = 0;
        for (size_t j = i; first != NULL && j < count; j++) {
            nu_row *to = nu_row_of(kept_value(rows[j], key->field->name));
            if (to == NULL || to->class != first->class)
                continue;
            same[found++] = to;
            done[j] = true;
        }
        nu__prefetch(same, found, path, db);
    }
}

void nu__prefetch(nu_row *const *rows, size_t count, const char *path, nu_database *db)
{
    while (path != NULL && count > 0) {
        const char    *end = strstr(path, "__");
        size_t         length = end != NULL ? (size_t)(end - path) : strlen(path);
        const unsigned meanings =
            NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_ACCESSOR | NU_MEANS_GENERIC;
        const nu_model_info *info = nu__info(nu_row_model(rows[0]));
        const nu_name       *name = nu__name_find(info, path, length, meanings);
        bool                 plain = name != NULL && name->meaning == NU_MEANS_COLUMN &&
                     ((const nu_column *)name->what)->to == NULL;
        if (name == NULL || plain)
            nu__unknown_field(info, path, length, NU_MEANS_MANY | NU_MEANS_ACCESSOR);
        prefetch_step(rows, count, name, db);
        path = end != NULL ? end + 2 : NULL;
        if (path != NULL && name->meaning == NU_MEANS_GENERIC) {
            prefetch_behind(rows, count, name, path, db);
            return;
        }
        if (path != NULL)
            rows = reached(rows, count, name, &count);
    }
}
