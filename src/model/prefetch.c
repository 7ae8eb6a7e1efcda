/* nu_prefetch_related: the rows of a relation for all rows of a query at once, one statement a step of
 * the path.
 *
 * A step reads the rows on the other side by the keys of this side and deals them out. What a row
 * got lies in its cache: a query that was read already, a list under a name of its own, or in the
 * member of a reference. */
#include <stdlib.h>
#include <string.h>

#include "model/query_internal.h"
#include "nuages/router.h"
#include "nuages/text.h"

/* One step for some rows. */
typedef struct prefetch_step {
    nu_row *const     *rows;
    size_t             count;
    const nu_name     *name;
    const nu_prefetch *wish; /* of the last step; NULL: the usual */
    nu_database       *db;
} prefetch_step;

/* Not a name that C or a model could have. */
static const char key_name[] = "prefetch key";

static const char *to_attr(const prefetch_step *step)
{
    return step->wish != NULL ? step->wish->to_attr : NULL;
}

/* What the step reads from, before it is narrowed. */
static nu_query *source(const prefetch_step *step, const nu_model *model, bool everything)
{
    const nu_query   *own = step->wish != NULL ? step->wish->query : NULL;
    const nu_fetched *set = step->rows[0]->state->set;
    nu_query         *query = own != NULL  ? nu__query_clone(own)
                              : everything ? nu_query_everything(model)
                                           : nu_query_all(model);
    if (own == NULL && set != NULL)
        query->fetch_mode = (nu_fetch_mode)set->fetch_mode;
    if (query->database == NULL)
        query->database = nu_database_for_read(model, step->rows[0]);
    return query;
}

/* ---- keys ----------------------------------------------------------------------------------- */

static nu_list *keys_of(const prefetch_step *step, const nu_column *column)
{
    nu_list *keys = nu_list_new();
    nu_dict *seen = nu_dict_new();
    for (size_t i = 0; i < step->count; i++) {
        nu_value key = nu_row_value(step->rows[i], column);
        if (nu_is_null(key) || nu_dict_find_value(seen, key) != NULL)
            continue;
        nu_dict_put(seen, key, nu_value_bool(true));
        nu_list_push(keys, key);
    }
    return keys;
}

/* Key → number of the first row that has it. */
static nu_dict *numbers_by_key(const prefetch_step *step, const nu_column *column)
{
    nu_dict *numbers = nu_dict_new();
    for (size_t i = 0; i < step->count; i++) {
        nu_value key = nu_row_value(step->rows[i], column);
        if (!nu_is_null(key) && nu_dict_find_value(numbers, key) == NULL)
            nu_dict_put(numbers, key, nu_value_int((int64_t)i));
    }
    return numbers;
}

/* ---- dealing out ---------------------------------------------------------------------------- */

static void keep(nu_row *row, const char *name, nu_value value)
{
    if (row->state->cache == NULL)
        row->state->cache = nu_dict_new();
    nu_dict_put(row->state->cache, nu_value_text(name), value);
}

/* The set of `row` as a query that was read already, with room for `most` rows. */
static nu_query *read_set(const prefetch_step *step, nu_row *row, size_t most)
{
    nu_query   *query = nu__related_set(row, step->name);
    nu_fetched *set = nu_alloc(sizeof *set);
    set->rows = nu_alloc((most + 1) * sizeof *set->rows);
    set->database = step->db;
    set->arena = nu_arena_current();
    query->fetched = set;
    query->owner = row;
    query->relation = step->name->text;
    return query;
}

static nu_value list_of(const nu_fetched *set)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < set->count; i++)
        nu_list_push(list, nu_value_object(set->rows[i]));
    return nu_value_list(list);
}

static void keep_result(const prefetch_step *step, nu_row *row, nu_query *set, bool to_one)
{
    const char *name = to_attr(step) != NULL ? to_attr(step) : step->name->text;
    if (to_one)
        keep(row, name, nu_value_object(set->fetched->rows[0]));
    else if (to_attr(step) != NULL)
        keep(row, name, list_of(set->fetched));
    else
        keep(row, name, nu_value_object(set));
}

/* Which row each of those found belongs to. */
typedef struct found_owners {
    nu_dict *numbers; /* of the step's rows, by key */
    int64_t *of;      /* the number for found[i]; -1: none */
    size_t   count;
} found_owners;

/* keys[i] is what found[i] belongs to: the `target` of a row. */
static found_owners find_owners(const prefetch_step *step, const nu_column *target,
                                const nu_value *keys, size_t count)
{
    found_owners found = {.numbers = numbers_by_key(step, target), .count = count};
    found.of = nu_alloc((count + 1) * sizeof *found.of);
    for (size_t i = 0; i < count; i++) {
        const nu_value *number = nu_dict_find_value(found.numbers, keys[i]);
        found.of[i] = number != NULL ? number->integer : -1;
    }
    return found;
}

/* Rows that stand twice share their set. */
static void deal(const prefetch_step *step, nu_row *const *found, const found_owners *owners,
                 const nu_column *target, bool to_one)
{
    size_t    *sizes = nu_alloc(step->count * sizeof *sizes);
    nu_query **sets = nu_alloc(step->count * sizeof *sets);
    for (size_t i = 0; i < owners->count; i++) {
        if (owners->of[i] >= 0)
            sizes[owners->of[i]]++;
    }
    for (size_t i = 0; i < step->count; i++) {
        const nu_value *number =
            nu_dict_find_value(owners->numbers, nu_row_value(step->rows[i], target));
        size_t first = number != NULL ? (size_t)number->integer : i;
        sets[i] = first == i ? read_set(step, step->rows[i], sizes[i]) : sets[first];
    }
    for (size_t i = 0; i < owners->count; i++) {
        if (owners->of[i] < 0)
            continue;
        nu_fetched *set = sets[owners->of[i]]->fetched;
        set->rows[set->count++] = found[i];
    }
    for (size_t i = 0; i < step->count; i++)
        keep_result(step, step->rows[i], sets[i], to_one);
}

/* ---- reverse references --------------------------------------------------------------------- */

static NU_WAITS void prefetch_back(const prefetch_step *step, const nu_reverse *reverse)
{
    const nu_column *column = reverse->column;
    nu_query        *query = source(step, column->model, reverse->to_one);
    query = nu_filter(query, nu_fmt("%s__in", column->name), keys_of(step, column->target));
    nu_row  **found = nu_query_rows(query);
    size_t    count = query->fetched->count;
    nu_value *keys = nu_alloc((count + 1) * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = nu_row_value(found[i], column);
    found_owners owners = find_owners(step, column->target, keys, count);
    for (size_t i = 0; i < count; i++) {
        if (owners.of[i] >= 0)
            nu__ref_set_row(found[i], column, step->rows[owners.of[i]]);
    }
    deal(step, found, &owners, column->target, reverse->to_one);
}

/* ---- many-to-many --------------------------------------------------------------------------- */

/* The table between, as it was joined first. */
static int first_join(const nu_query *query, int join)
{
    for (int i = 1; i < join; i++) {
        if (query->joins[i].info == query->joins[join].info)
            return i;
    }
    return join;
}

/* Each row comes with the key of the row it was found for. Where the query of the prefetch joins the
 * table between itself, that join gives the key and what it groups, as with Django. */
static nu_query *with_key(nu_query *query, const char *back)
{
    nu_path path;
    nu__path_get(query, back, NU_EVERY_JOIN, &path);
    path.join = first_join(query, path.join);
    size_t         count = query->annotation_count;
    nu_annotation *annotations = nu_alloc((count + 1) * sizeof *annotations);
    if (count > 0)
        memcpy(annotations, query->annotations, count * sizeof *annotations);
    annotations[count] =
        (nu_annotation){.name = key_name, .expression = nu__column_expr(path.join, path.column)};
    query->annotations = annotations;
    query->annotation_count++;
    return query;
}

static NU_WAITS void prefetch_many(const prefetch_step *step, const nu_column *many, bool backwards)
{
    const nu_column *owner = backwards ? nu__through_to(many) : nu__through_from(many);
    const char      *back = backwards ? many->name : nu__way_back(many);
    nu_query        *query = source(step, backwards ? many->model : many->to, false);
    nu_pair          pair = {nu_fmt("%s__in", back), NU_V(keys_of(step, owner->target))};
    nu__query_add_sharing(query, nu_q_((nu_pairs){&pair, 1}), query->filter_joins);
    if (query->none) {
        found_owners nobody = find_owners(step, owner->target, NULL, 0);
        deal(step, NULL, &nobody, owner->target, false);
        return;
    }
    query = with_key(query, back);
    nu_row    **found = nu_query_rows(query);
    nu_fetched *set = query->fetched;
    nu_value   *keys = nu_alloc((set->count + 1) * sizeof *keys);
    if (set->count > 0)
        set->annotation_count--; /* the key is nobody's business */
    for (size_t i = 0; found[i] != NULL; i++)
        keys[i] = found[i]->state->annotations[set->annotation_count];
    found_owners owners = find_owners(step, owner->target, keys, set->count);
    deal(step, found, &owners, owner->target, false);
}

/* ---- generic relations ---------------------------------------------------------------------- */

/* The key may be held in another form: a text for any model's key. */
static NU_WAITS void prefetch_generic(const prefetch_step *step, const nu_reverse *relation)
{
    const nu_column *key = nu_model_primary_key(nu_row_model(step->rows[0]));
    nu_query        *query = source(step, relation->model, false);
    query = nu__generic_narrow(query, relation, keys_of(step, key), step->db);
    nu_row  **found = nu_query_rows(query);
    nu_value *keys = nu_alloc((query->fetched->count + 1) * sizeof *keys);
    for (size_t i = 0; found[i] != NULL; i++)
        keys[i] = nu_column_clean(key, nu_row_value(found[i], relation->column));
    found_owners owners = find_owners(step, key, keys, query->fetched->count);
    deal(step, found, &owners, key, false);
}

/* ---- references ----------------------------------------------------------------------------- */

/* With a query of its own, rows that it leaves out are as good as none. */
static NU_WAITS void prefetch_reference(const prefetch_step *step, const nu_column *column)
{
    if (step->wish == NULL || (step->wish->query == NULL && step->wish->to_attr == NULL)) {
        nu__load_related(step->rows, step->count, column,
                         nu_database_for_read(column->to, step->rows[0]));
        return;
    }
    nu_query *query = source(step, column->to, true);
    query = nu_filter(query, nu_fmt("%s__in", column->target->name), keys_of(step, column));
    nu_dict *by_key = nu_dict_new();
    for (nu_row **found = nu_query_rows(query); *found != NULL; found++)
        nu_dict_put(by_key, nu_row_value(*found, column->target), nu_value_object(*found));
    for (size_t i = 0; i < step->count; i++) {
        nu_value *found = nu_dict_find_value(by_key, nu_row_value(step->rows[i], column));
        if (to_attr(step) != NULL)
            keep(step->rows[i], to_attr(step), found != NULL ? *found : nu_null());
        else
            nu__ref_set_row(step->rows[i], column, found != NULL ? found->object : NULL);
    }
}

/* ---- a step --------------------------------------------------------------------------------- */

static bool is_loaded(const prefetch_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        nu_dict *cache = step->rows[i]->state->cache;
        if (cache == NULL || nu_dict_find(cache, step->name->text) == NULL)
            return false;
    }
    return true;
}

static NU_WAITS void load_part(const prefetch_step *step)
{
    const nu_reverse *reverse = step->name->what;
    if (step->name->meaning == NU_MEANS_COLUMN)
        prefetch_reference(step, step->name->what);
    else if (step->name->meaning == NU_MEANS_MANY)
        prefetch_many(step, step->name->what, false);
    else if (step->name->meaning == NU_MEANS_GENERIC)
        nu__generic_load(step->rows, step->count, step->name->what, step->db);
    else if (reverse->content_type != NULL)
        prefetch_generic(step, reverse);
    else if (reverse->many)
        prefetch_many(step, reverse->column, true);
    else
        prefetch_back(step, reverse);
}

/* As many rows at a time as one statement can name. */
static NU_WAITS void load_step(prefetch_step step)
{
    bool plain = step.wish == NULL || (step.wish->query == NULL && step.wish->to_attr == NULL);
    if (plain && step.name->meaning != NU_MEANS_COLUMN && is_loaded(&step))
        return;
    size_t most = (size_t)nu_database_backend(step.db)->max_params - 100, left = step.count;
    for (; left > 0; left -= step.count) {
        step.count = left < most ? left : most;
        load_part(&step);
        step.rows += step.count;
    }
}

/* ---- the way through a path ----------------------------------------------------------------- */

typedef struct row_list {
    nu_row **rows;
    size_t   count, capacity;
} row_list;

static void push(row_list *list, nu_row *row)
{
    if (list->count + 1 >= list->capacity) {
        size_t size = list->capacity * sizeof *list->rows;
        list->capacity = list->capacity > 0 ? list->capacity * 2 : 16;
        list->rows = nu_arena_grow(nu_arena_current(), list->rows, size,
                                   list->capacity * sizeof *list->rows);
    }
    list->rows[list->count++] = row;
}

static void push_value(row_list *list, nu_value value)
{
    nu_query *query = nu_query_from(value);
    if (query != NULL) {
        for (nu_row **each = nu_query_rows(query); *each != NULL; each++)
            push(list, *each);
    } else if (value.type == NU_LIST) {
        for (uint32_t i = 0; i < value.list->count; i++)
            push_value(list, value.list->items[i]);
    } else if (nu_row_of(value) != NULL) {
        push(list, nu_row_of(value));
    }
}

static int by_address(const void *a, const void *b)
{
    const nu_row *const *left = a, *const *right = b;
    return (*left > *right) - (*left < *right);
}

/* Rows that several share are there once. */
static void drop_doubles(row_list *list)
{
    size_t kept = 0;
    if (list->count > 1)
        qsort(list->rows, list->count, sizeof *list->rows, by_address);
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->rows[i] != list->rows[kept - 1])
            list->rows[kept++] = list->rows[i];
    }
    list->count = kept;
}

/* The rows that the step has reached from all of `rows`. */
static row_list reached(nu_row *const *rows, size_t count, const nu_name *name, const char *key)
{
    row_list list = {.rows = NULL};
    for (size_t i = 0; i < count; i++) {
        nu_row   *to = name != NULL && name->meaning == NU_MEANS_COLUMN
                           ? nu__ref_row(rows[i], name->what)
                           : NULL;
        nu_dict  *cache = rows[i]->state->cache;
        nu_value *kept = cache != NULL ? nu_dict_find(cache, key) : NULL;
        if (to != NULL)
            push(&list, to);
        else if (kept != NULL)
            push_value(&list, *kept);
    }
    drop_doubles(&list);
    return list;
}

static const nu_name *find_step(const nu_row *row, const char *key)
{
    const unsigned meanings =
        NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_ACCESSOR | NU_MEANS_GENERIC;
    const nu_model_info *info = nu__info(nu_row_model(row));
    const nu_name       *name = nu__name_find(info, key, strlen(key), meanings);
    bool                 plain = name != NULL && name->meaning == NU_MEANS_COLUMN &&
                 ((const nu_column *)name->what)->to == NULL;
    nu_dict *cache = row->state->cache;
    if (name == NULL && cache != NULL && nu_dict_find(cache, key) != NULL)
        return NULL; /* a list that an earlier path has left */
    if (name == NULL || plain)
        nu__unknown_field(info, key, strlen(key), NU_MEANS_MANY | NU_MEANS_ACCESSOR);
    return name;
}

static NU_WAITS void follow(nu_row *const *rows, size_t count, const nu_prefetch *wish,
                            const char *path, nu_database *db);

/* Behind a generic key lie rows of several models: those of each model go on by themselves. */
static NU_WAITS void follow_each(row_list list, const nu_prefetch *wish, const char *path,
                                 nu_database *db)
{
    while (list.count > 0) {
        row_list same = {.rows = NULL}, others = {.rows = NULL};
        for (size_t i = 0; i < list.count; i++)
            push(list.rows[i]->class == list.rows[0]->class ? &same : &others, list.rows[i]);
        follow(same.rows, same.count, wish, path, db);
        list = others;
    }
}

static NU_WAITS void follow(nu_row *const *rows, size_t count, const nu_prefetch *wish,
                            const char *path, nu_database *db)
{
    nu_check_stack();
    if (count == 0)
        return;
    const char    *end = strstr(path, "__");
    const char    *key = end != NULL ? nu_fmt("%.*s", (int)(end - path), path) : path;
    const nu_name *name = find_step(rows[0], key);
    if (name != NULL)
        load_step((prefetch_step){rows, count, name, end == NULL ? wish : NULL, db});
    if (end != NULL)
        follow_each(reached(rows, count, name, key), wish, end + 2, db);
}

/* A relation that was loaded by an earlier path cannot be loaded again in another way. */
static void check_again(const nu_prefetch *list, const nu_prefetch *wish)
{
    for (const nu_prefetch *other = list; wish->query != NULL && other < wish; other++) {
        size_t length = strlen(wish->path);
        bool   along = strncmp(other->path, wish->path, length) == 0 &&
                     (other->path[length] == '\0' || strncmp(other->path + length, "__", 2) == 0);
        bool same_place =
            wish->to_attr == NULL && (other->to_attr == NULL || other->path[length] != '\0');
        if (along && same_place)
            nu_raise(NU_VALUE_ERROR,
                     "\"%s\" is loaded by another path already; load it by its own "
                     "query first",
                     wish->path);
    }
}

void nu__prefetch(nu_row *const *rows, size_t count, const nu_prefetch *list, nu_database *db)
{
    for (const nu_prefetch *wish = list; wish->path != NULL; wish++) {
        check_again(list, wish);
        follow(rows, count, wish, wish->path, db);
    }
}
