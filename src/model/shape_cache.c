/* Texts and plans of statements by their shapes: a table of so many entries, from which goes what
 * was not asked for since the hand came by last (the clock, or second chance). One for a process, used
 * by its loop's thread alone. */
#include <string.h>

#include "db/hash.h"
#include "model/shape.h"

/* Entries are small, since long texts are refused: a list of a thousand keys is not asked for again. */
enum { MOST_ENTRIES = 1024, BUCKETS = 1024, LEAST_ROOM = 512, MOST_ROOM = 4096 };

/* A value that is read from a column. */
typedef struct value_column {
    const nu_column *column;
    int              join;
} value_column;

/* Behind each other in its room: the columns of groups that are not all of a model's, the groups, the
 * values, the words of the shape, the text. */
typedef struct entry {
    struct entry *next; /* of its bucket */
    uint64_t      hash, text_hash;
    bool          recent; /* asked for since the hand came by */
    size_t        word_count, length;
    nu_plan       plan; /* without extras and names, which the query has */
    value_column *values;
    uint64_t     *words;
    char         *text;
    char         *room;
    size_t        room_size;
} entry;

static struct cache {
    nu_arena       *arena; /* NULL: nothing was kept yet */
    entry          *entries[MOST_ENTRIES];
    entry          *buckets[BUCKETS];
    size_t          count, hand;
    nu_shape_counts counts;
} cache;

nu_shape_counts nu__shape_counts(void)
{
    return cache.counts;
}

void nu__shapes_forget(void)
{
    nu_shape_counts counts = cache.counts;
    if (cache.arena != NULL)
        nu_arena_free(cache.arena);
    memset(&cache, 0, sizeof cache);
    cache.counts = counts;
}

/* ---- finding -------------------------------------------------------------------------------- */

static uint64_t hash_of(const nu_shape *shape)
{
    return nu__db_hash((const char *)shape->words, shape->count * sizeof *shape->words);
}

static entry *find(const nu_shape *shape, uint64_t hash)
{
    entry *at = cache.buckets[hash % BUCKETS];
    while (at != NULL && (at->hash != hash || at->word_count != shape->count ||
                          memcmp(at->words, shape->words, shape->count * sizeof *at->words) != 0))
        at = at->next;
    return at;
}

static size_t column_count(const nu_plan_group *group)
{
    size_t count = 0;
    while (group->columns[count] != NULL)
        count++;
    return count + 1; /* with the end */
}

static bool has_own_columns(const nu_plan_group *group)
{
    return group->columns != group->info->column_list;
}

static void copy_groups(const nu_plan *from, nu_plan *plan)
{
    nu_arena *arena = nu_arena_current();
    size_t    size = from->group_count * sizeof *plan->groups;
    plan->groups = memcpy(nu_arena_alloc(arena, size), from->groups, size);
    for (size_t i = 0; i < plan->group_count; i++) {
        nu_plan_group *group = &plan->groups[i];
        if (!has_own_columns(group))
            continue;
        size_t length = column_count(group) * sizeof *group->columns;
        group->columns = memcpy(nu_arena_alloc(arena, length), group->columns, length);
    }
}

static void make_extras(const entry *found, const nu_query *query, nu_plan *plan)
{
    plan->names = (const char **)nu__plan_names(query);
    plan->extras = nu_alloc(plan->extra_count * sizeof *plan->extras);
    for (size_t i = 0; i < plan->extra_count; i++)
        plan->extras[i] = nu__column_expr(found->values[i].join, found->values[i].column);
}

bool nu__shape_find(const nu_shape *shape, const nu_query *query, nu_sql *sql, nu_plan *plan)
{
    entry *found = find(shape, hash_of(shape));
    if (found == NULL)
        return false;
    nu_arena *arena = nu_arena_current();
    found->recent = true;
    cache.counts.found++;
    sql->text = (nu_builder){.data = nu_arena_copy(arena, found->text, found->length),
                             .length = found->length,
                             .capacity = found->length + 1,
                             .arena = arena};
    sql->hash = found->text_hash;
    *plan = found->plan;
    if (plan->group_count > 0)
        copy_groups(&found->plan, plan);
    if (plan->extra_count > 0)
        make_extras(found, query, plan);
    return true;
}

/* ---- keeping -------------------------------------------------------------------------------- */

static void unlink_entry(entry *gone)
{
    entry **at = &cache.buckets[gone->hash % BUCKETS];
    while (*at != NULL && *at != gone)
        at = &(*at)->next;
    if (*at == gone)
        *at = gone->next;
}

static entry *take_entry(void)
{
    if (cache.arena == NULL)
        cache.arena = nu_arena_new(NULL, "SQL by shape");
    if (cache.count < MOST_ENTRIES) {
        entry *fresh = nu_arena_zalloc(cache.arena, sizeof *fresh);
        cache.entries[cache.count++] = fresh;
        return fresh;
    }
    for (;;) {
        entry *at = cache.entries[cache.hand];
        cache.hand = (cache.hand + 1) % MOST_ENTRIES;
        if (!at->recent) {
            unlink_entry(at);
            return at;
        }
        at->recent = false;
    }
}

/* The room of an entry that went is used again. */
static void make_room(entry *into, size_t size)
{
    size_t room = LEAST_ROOM;
    while (room < size)
        room *= 2;
    if (into->room_size >= room)
        return;
    into->room = nu_arena_alloc(cache.arena, room);
    into->room_size = room;
}

static size_t size_of(const nu_shape *shape, const nu_sql *sql, const nu_plan *plan)
{
    size_t size = shape->count * sizeof *shape->words + plan->group_count * sizeof *plan->groups +
                  plan->extra_count * sizeof(value_column) + sql->text.length + 1;
    for (size_t i = 0; i < plan->group_count; i++) {
        if (has_own_columns(&plan->groups[i]))
            size += column_count(&plan->groups[i]) * sizeof *plan->groups[i].columns;
    }
    return size;
}

/* Copies to *at, which moves behind it. */
static void *put(char **at, const void *from, size_t size)
{
    void *to = *at;
    if (size > 0)
        memcpy(to, from, size);
    *at += size;
    return to;
}

static void fill_plan(entry *into, char **at, const nu_plan *plan)
{
    into->plan = *plan;
    into->plan.extras = NULL;
    into->plan.names = NULL;
    into->plan.groups = put(at, plan->groups, plan->group_count * sizeof *plan->groups);
    for (size_t i = 0; i < plan->group_count; i++) {
        nu_plan_group *group = &into->plan.groups[i];
        group->path = ""; /* was for writing only */
        if (has_own_columns(group))
            group->columns = put(at, group->columns, column_count(group) * sizeof *group->columns);
    }
    into->values = (value_column *)(void *)*at;
    for (size_t i = 0; i < plan->extra_count; i++) {
        value_column value = {plan->extras[i]->column, plan->extras[i]->join};
        put(at, &value, sizeof value);
    }
}

void nu__shape_keep(const nu_shape *shape, const nu_sql *sql, const nu_plan *plan)
{
    uint64_t hash = hash_of(shape);
    size_t   size = size_of(shape, sql, plan);
    if (size > MOST_ROOM || find(shape, hash) != NULL)
        return;
    entry *into = take_entry();
    make_room(into, size);
    char *at = into->room;
    fill_plan(into, &at, plan);
    into->words = put(&at, shape->words, shape->count * sizeof *shape->words);
    into->text = put(&at, sql->text.data, sql->text.length);
    into->hash = hash;
    into->word_count = shape->count;
    into->length = sql->text.length;
    into->text_hash = nu__db_hash(into->text, into->length);
    into->recent = false;
    entry **bucket = &cache.buckets[hash % BUCKETS];
    into->next = *bucket;
    *bucket = into;
    cache.counts.kept++;
}
