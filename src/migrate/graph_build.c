/* The graph of migrations. Of a squashed migration and those that it replaces one side is in it; what
 * depends on the other side depends on it instead. */
#include <stdint.h>
#include <string.h>

#include "migrate/internal.h"

/* All migrations, and which of them are in the graph. */
struct build {
    const nu_migration **all;
    size_t               count;
    bool                *used;
    size_t             **depends; /* of each, as places in `all`, ended by NONE */
};
#define NONE SIZE_MAX

static bool is_called(const nu_migration *migration, const nu_dependency *wanted)
{
    return strcmp(migration->app, wanted->app) == 0 && strcmp(migration->name, wanted->name) == 0;
}

static bool has_replaced(const nu_migration *migration)
{
    return migration->replaces != NULL && migration->replaces->app != NULL;
}

static size_t find(const struct build *build, const nu_dependency *wanted)
{
    for (size_t i = 0; i < build->count; i++)
        if (is_called(build->all[i], wanted))
            return i;
    return NONE;
}

/* The squashed migration that stands for it. */
static size_t find_squashed(const struct build *build, const nu_dependency *wanted)
{
    for (size_t i = 0; i < build->count; i++)
        for (const nu_dependency *r = build->all[i]->replaces; r != NULL && r->app != NULL; r++)
            if (strcmp(r->app, wanted->app) == 0 && strcmp(r->name, wanted->name) == 0)
                return i;
    return NONE;
}

/* ---- squashed migrations --------------------------------------------------------------------- */

/* True if all or none of those that it replaces is recorded. */
static bool can_stand_in(const nu_migration *squashed, const nu_dict *recorded)
{
    size_t all = 0, done = 0;
    for (const nu_dependency *r = squashed->replaces; r->app != NULL; r++, all++)
        done +=
            recorded != NULL && nu_dict_find(recorded, nu_fmt("%s.%s", r->app, r->name)) != NULL;
    return done == 0 || done == all;
}

static void choose(struct build *build, const nu_dict *recorded)
{
    for (size_t i = 0; i < build->count; i++)
        build->used[i] = !has_replaced(build->all[i]) || can_stand_in(build->all[i], recorded);
    for (size_t i = 0; i < build->count; i++) {
        const nu_dependency own = {build->all[i]->app, build->all[i]->name};
        size_t              squashed = find_squashed(build, &own);
        if (squashed != NONE && can_stand_in(build->all[squashed], recorded))
            build->used[i] = false;
    }
}

/* The last of those that a squashed migration would replace. */
static size_t last_replaced(const struct build *build, const nu_migration *squashed)
{
    size_t last = NONE;
    for (const nu_dependency *r = squashed->replaces; r != NULL && r->app != NULL; r++) {
        size_t at = find(build, r);
        if (at != NONE && build->used[at])
            last = at;
    }
    return last;
}

/* ---- dependencies ---------------------------------------------------------------------------- */

/* "__first__" and "__latest__" of an app, as Django has them. */
static size_t find_end(const struct build *build, const nu_dependency *wanted)
{
    bool   first = strcmp(wanted->name, "__first__") == 0;
    size_t found = NONE;
    if (!first && strcmp(wanted->name, "__latest__") != 0)
        return NONE;
    for (size_t i = 0; i < build->count && !(first && found != NONE); i++)
        if (build->used[i] && strcmp(build->all[i]->app, wanted->app) == 0)
            found = i;
    return found;
}

static size_t stand_in(const struct build *build, const nu_dependency *wanted)
{
    size_t at = find_end(build, wanted);
    if (at == NONE)
        at = find(build, wanted);
    if (at != NONE && build->used[at])
        return at;
    size_t squashed = find_squashed(build, wanted);
    if (squashed != NONE && build->used[squashed])
        return squashed;
    return at != NONE ? last_replaced(build, build->all[at]) : NONE;
}

static const char *hint_for(const struct build *build, const nu_dependency *wanted)
{
    const char **names = nu_alloc((build->count + 1) * sizeof *names);
    size_t       used = 0, squashed = find_squashed(build, wanted);
    if (squashed != NONE)
        return nu_fmt(
            "%s.%s replaces it, but only some of those that it replaces are applied: apply "
            "the others too before their files are removed.",
            build->all[squashed]->app, build->all[squashed]->name);
    for (size_t i = 0; i < build->count; i++)
        if (strcmp(build->all[i]->app, wanted->app) == 0)
            names[used++] = build->all[i]->name;
    const char *near = nu_nearest(wanted->name, names);
    if (near != NULL)
        return nu_fmt("Did you mean \"%s\"?", near);
    return nu_fmt("Is \"%s\" among the apps of the settings, and is the file in its migrations.c?",
                  wanted->app);
}

static size_t need(const struct build *build, const nu_migration *migration,
                   const nu_dependency *wanted, const char *verb)
{
    size_t at = stand_in(build, wanted);
    if (at != NONE)
        return at;
    nu_error *error =
        nu_error_new(NU_VALUE_ERROR, "migration %s.%s %s %s.%s, which does not exist",
                     migration->app, migration->name, verb, wanted->app, wanted->name);
    error->hint = hint_for(build, wanted);
    nu_throw(error);
}

static void push(struct build *build, size_t at, size_t other)
{
    size_t count = 0;
    while (build->depends[at] != NULL && build->depends[at][count] != NONE)
        count++;
    build->depends[at] =
        nu_arena_grow(nu_arena_current(), build->depends[at],
                      count > 0 ? (count + 1) * sizeof(size_t) : 0, (count + 2) * sizeof(size_t));
    build->depends[at][count] = other;
    build->depends[at][count + 1] = NONE;
}

static void find_dependencies(struct build *build)
{
    for (size_t i = 0; i < build->count; i++) {
        const nu_migration *migration = build->all[i];
        if (!build->used[i])
            continue;
        for (const nu_dependency *d = migration->depends; d != NULL && d->app != NULL; d++)
            push(build, i, need(build, migration, d, "depends on"));
        for (const nu_dependency *d = migration->run_before; d != NULL && d->app != NULL; d++)
            push(build, need(build, migration, d, "runs before"), i);
    }
}

/* ---- order ----------------------------------------------------------------------------------- */

/* A depth-first walk: everything that a migration needs comes before it. */
struct walk {
    const struct build *build;
    uint8_t            *mark; /* 0 not seen, 1 under way, 2 done */
    size_t             *path; /* those under way */
    size_t              depth;
    size_t             *done;
    size_t              done_count;
};

static NU_NORETURN void raise_circle(const struct walk *walk, size_t index)
{
    nu_builder circle;
    nu_builder_init(&circle, NULL, 128);
    size_t at = 0;
    while (walk->path[at] != index)
        at++;
    for (; at < walk->depth; at++)
        nu_builder_printf(&circle, "%s.%s → ", walk->build->all[walk->path[at]]->app,
                          walk->build->all[walk->path[at]]->name);
    nu_error *error = nu_error_new(
        NU_VALUE_ERROR, "the migrations depend on one another in a circle: %s%s.%s",
        nu_builder_text(&circle), walk->build->all[index]->app, walk->build->all[index]->name);
    error->hint = "Move the operation that needs the other app into a migration of its own.";
    nu_throw(error);
}

static void visit(struct walk *walk, size_t index)
{
    nu_check_stack();
    if (walk->mark[index] == 2)
        return;
    if (walk->mark[index] == 1)
        raise_circle(walk, index);
    walk->mark[index] = 1;
    walk->path[walk->depth++] = index;
    for (const size_t *d = walk->build->depends[index]; d != NULL && *d != NONE; d++)
        visit(walk, *d);
    walk->depth--;
    walk->mark[index] = 2;
    walk->done[walk->done_count++] = index;
}

/* What a migration needs comes before it, and its own needs are known by then. */
static void find_needs(nu__graph *graph, const struct build *build, const size_t *order)
{
    size_t  count = graph->count;
    size_t *place = nu_alloc((build->count + 1) * sizeof *place);
    graph->needs = nu_arena_array(nu_arena_current(), count * count + 1, sizeof *graph->needs);
    for (size_t i = 0; i < count; i++) {
        bool *row = &graph->needs[i * count];
        place[order[i]] = i;
        for (const size_t *d = build->depends[order[i]]; d != NULL && *d != NONE; d++) {
            size_t next = place[*d];
            row[next] = true;
            for (size_t j = 0; j < next; j++)
                row[j] |= graph->needs[next * count + j];
        }
    }
}

static nu__graph *ordered(const struct build *build)
{
    nu__graph  *graph = nu_alloc(sizeof *graph);
    struct walk walk = {
        .build = build,
        .mark = nu_alloc(build->count + 1),
        .path = nu_alloc((build->count + 1) * sizeof *walk.path),
        .done = nu_alloc((build->count + 1) * sizeof *walk.done),
    };
    for (size_t i = 0; i < build->count; i++)
        if (build->used[i])
            visit(&walk, i);
    graph->order = nu_alloc((walk.done_count + 1) * sizeof *graph->order);
    for (size_t i = 0; i < walk.done_count; i++)
        graph->order[graph->count++] = build->all[walk.done[i]];
    find_needs(graph, build, walk.done);
    return graph;
}

/* ---- the whole ------------------------------------------------------------------------------- */

nu__graph *nu__graph_unchecked(const nu__migrate_app *apps, size_t count, const nu_dict *recorded)
{
    struct build build = {.count = 0};
    size_t       total = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; apps[i].migrations != NULL && apps[i].migrations[m] != NULL; m++)
            total++;
    build.all = nu_alloc((total + 1) * sizeof *build.all);
    build.used = nu_alloc((total + 1) * sizeof *build.used);
    build.depends = nu_alloc((total + 1) * sizeof *build.depends);
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; apps[i].migrations != NULL && apps[i].migrations[m] != NULL; m++)
            build.all[build.count++] = apps[i].migrations[m];
    choose(&build, recorded);
    find_dependencies(&build);
    return ordered(&build);
}

/* Two ends of one app: two people added a migration to the same one. */
static void check_linear(const nu__graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        const char          *app = graph->order[i]->app;
        const nu_migration **leaves = nu__graph_leaves(graph, app);
        if (leaves[0] == NULL || leaves[1] == NULL)
            continue;
        nu_error *error =
            nu_error_new(NU_VALUE_ERROR, "the migrations %s and %s of app \"%s\" are in conflict",
                         leaves[0]->name, leaves[1]->name, app);
        error->detail = "Both were made after the same one, probably on two branches.";
        error->hint = nu_fmt("Make %s depend on %s, or run makemigrations --merge.",
                             leaves[1]->name, leaves[0]->name);
        nu_throw(error);
    }
}

nu__graph *nu__graph_of(const nu__migrate_app *apps, size_t count, const nu_dict *recorded)
{
    nu__graph *graph = nu__graph_unchecked(apps, count, recorded);
    check_linear(graph);
    return graph;
}

nu__graph *nu__graph_new(const nu__migrate_app *apps, size_t count)
{
    return nu__graph_of(apps, count, NULL);
}
