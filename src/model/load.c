/* Rows by a plan: each result column goes straight into its member. */
#include <string.h>

#include "model/query_internal.h"

enum { ROW_ALIGN = 16 };

static size_t rounded(size_t size)
{
    return (size + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
}

void *nu__rows_alloc(nu_arena *arena, const nu_model *model, size_t count, size_t *stride)
{
    size_t body = rounded(model->size);
    *stride = body + rounded(sizeof(nu_row_state));
    char *block = nu_arena_array(arena, count, *stride);
    for (size_t i = 0; i < count; i++) {
        nu_row *row = (nu_row *)(void *)(block + i * *stride);
        row->class = &model->class;
        row->state = (nu_row_state *)(void *)((char *)row + body);
    }
    return block;
}

/* Rows of one model, handed out from blocks that grow. */
typedef struct row_pool {
    const nu_model *model;
    char           *next;
    size_t          left, stride, size;
} row_pool;

static nu_row *pool_take(row_pool *pool)
{
    if (pool->left == 0) {
        pool->next = nu__rows_alloc(nu_arena_current(), pool->model, pool->size, &pool->stride);
        pool->left = pool->size;
        pool->size = pool->size < 256 ? pool->size * 2 : pool->size;
    }
    nu_row *row = (nu_row *)(void *)pool->next;
    pool->next += pool->stride;
    pool->left--;
    return row;
}

typedef struct row_loading {
    nu_db_run     *run;
    const nu_plan *plan;
    nu_fetched
             *sets; /* of each group: rows that came along load their own references together too */
    row_pool *pools;
    nu_row  **rows; /* of the result row at hand */
    size_t   *capacities;
} row_loading;

static void remember(nu_row *row, nu_fetched *set, uint64_t deferred)
{
    row->state->set = set;
    row->state->database = set->database;
    row->state->saved = true;
    row->state->deferred = deferred;
}

/* Position of the group's primary key among its result columns. */
static int key_position(const nu_plan_group *group)
{
    int at = group->first;
    for (const nu_column *const *column = group->columns; *column != nu__key_column(group->info);
         column++)
        at++;
    return at;
}

static nu_row *read_group(row_loading *loading, size_t index)
{
    const nu_plan_group *group = &loading->plan->groups[index];
    bool                 missing =
        index > 0 && loading->run->backend->is_null(&loading->run->cursor, key_position(group));
    if (missing)
        return NULL;
    nu_row *row = pool_take(&loading->pools[index]);
    remember(row, &loading->sets[index], group->deferred);
    int at = group->first;
    nu__tell_init(NU_PRE_INIT, row);
    for (const nu_column *const *column = group->columns; *column != NULL; column++)
        nu__read_member(loading->run, at++, *column, row);
    nu__tell_init(NU_POST_INIT, row);
    return row;
}

static void keep(nu_row *row, const char *name, nu_value value)
{
    if (row->state->cache == NULL)
        row->state->cache = nu_dict_new();
    nu_dict_put(row->state->cache, nu_value_text(name), value);
}

static const char *accessor_of(const nu_column *relation)
{
    const nu_reverse *reverse = nu_model_reverses(relation->to);
    while (reverse->name != NULL && reverse->column != relation)
        reverse++;
    return reverse->name != NULL ? reverse->name : "";
}

/* Ties a row that came along to the one it belongs to. */
static void tie(row_loading *loading, size_t index)
{
    const nu_plan_group *group = &loading->plan->groups[index];
    nu_row              *parent = loading->rows[group->parent], *row = loading->rows[index];
    if (parent == NULL)
        return;
    if (group->filtered != NULL) {
        keep(parent, group->filtered, nu_value_object(row));
        return;
    }
    if (!group->back) {
        if (row != NULL)
            nu__ref_set_row(parent, group->relation, row);
        return;
    }
    keep(parent, accessor_of(group->relation), nu_value_object(row));
    if (row != NULL)
        nu__ref_set_row(row, group->relation, parent);
}

static void read_extras(row_loading *loading, nu_row *row)
{
    const nu_plan *plan = loading->plan;
    if (plan->extra_count == 0)
        return;
    row->state->annotations = nu_alloc(plan->extra_count * sizeof(nu_value));
    for (size_t i = 0; i < plan->extra_count; i++)
        row->state->annotations[i] =
            nu__read_value(loading->run, plan->first_extra + (int)i, plan->extras[i]->type);
}

static void add_row(row_loading *loading, size_t index, nu_row *row)
{
    nu_fetched *set = &loading->sets[index];
    size_t      capacity = loading->capacities[index];
    if (set->count + 1 >= capacity) {
        set->rows = nu_arena_grow(nu_arena_current(), set->rows, capacity * sizeof *set->rows,
                                  capacity * 2 * sizeof *set->rows);
        loading->capacities[index] = capacity * 2;
    }
    set->rows[set->count++] = row;
    set->rows[set->count] = NULL;
}

static void read_row(row_loading *loading, const nu_query *query)
{
    for (size_t i = 0; i < loading->plan->group_count; i++) {
        loading->rows[i] = read_group(loading, i);
        if (i > 0)
            tie(loading, i);
        if (loading->rows[i] != NULL)
            add_row(loading, i, loading->rows[i]);
    }
    nu_row *row = loading->rows[0];
    if (query->many_back != NULL)
        nu__ref_set_row(row, query->many_back, query->owner);
    read_extras(loading, row);
}

/* How many rows to make room for at first. */
static size_t expected(const nu_query *query)
{
    int64_t most = query->high - query->low;
    if (query->one)
        return 1;
    return query->high >= 0 && most < 64 ? (size_t)most : 16;
}

static void prepare(row_loading *loading, const nu_query *query, nu_database *db)
{
    const nu_plan *plan = loading->plan;
    size_t         groups = plan->group_count, count = expected(query);
    loading->sets = nu_alloc(groups * sizeof *loading->sets);
    loading->pools = nu_alloc(groups * sizeof *loading->pools);
    loading->rows = nu_alloc(groups * sizeof *loading->rows);
    loading->capacities = nu_alloc(groups * sizeof *loading->capacities);
    for (size_t i = 0; i < groups; i++) {
        loading->pools[i] =
            (row_pool){.model = plan->groups[i].info->model, .size = count > 0 ? count : 1};
        loading->capacities[i] = count + 2;
        loading->sets[i] = (nu_fetched){
            .rows = nu_alloc((count + 2) * sizeof(nu_row *)),
            .database = db,
            .fetch_mode = query->fetch_mode,
            .arena = nu_arena_current(),
        };
    }
    loading->sets[0].annotations = plan->names;
    loading->sets[0].annotation_count = plan->extra_count;
}

nu_fetched *nu__load_piece(nu_db_run *run, const nu_plan *plan, const nu_query *query,
                           nu_database *db)
{
    row_loading loading = {.run = run, .plan = plan};
    prepare(&loading, query, db);
    while (run->cursor.row) {
        read_row(&loading, query);
        nu__db_next(run);
    }
    return &loading.sets[0];
}

nu_fetched *nu__load_rows(const nu_query *query)
{
    nu_database *db = nu__query_database(query);
    nu_sql       sql;
    nu_plan      plan;
    nu_db_run    run;
    nu__sql_query(&sql, db, nu__sql_select, query, &plan);
    nu_db_statement statement = nu__sql_statement(&sql, false);
    nu__db_start(&run, db, &statement);
    nu_fetched *set = nu__load_piece(&run, &plan, query, db);
    nu__db_finish(&run);
    return set;
}
