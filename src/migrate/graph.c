#include <string.h>

#include "migrate/internal.h"

static size_t index_of(const nu__graph *graph, const nu_migration *migration)
{
    for (size_t i = 0; i < graph->count; i++)
        if (graph->order[i] == migration)
            return i;
    return graph->count;
}

const nu_migration *nu__graph_find(const nu__graph *graph, const char *app, const char *name)
{
    for (size_t i = 0; i < graph->count; i++)
        if (strcmp(graph->order[i]->app, app) == 0 && strcmp(graph->order[i]->name, name) == 0)
            return graph->order[i];
    return NULL;
}

const nu_migration *nu__graph_by_prefix(const nu__graph *graph, const char *app, const char *prefix)
{
    const nu_migration *found = nu__graph_find(graph, app, prefix);
    if (found != NULL)
        return found;
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        if (strcmp(migration->app, app) != 0 || !nu_starts_with(migration->name, prefix))
            continue;
        if (found != NULL)
            nu_raise(NU_COMMAND_ERROR, "more than one migration of app \"%s\" begins with \"%s\"",
                     app, prefix);
        found = migration;
    }
    if (found == NULL)
        nu_raise(NU_COMMAND_ERROR, "app \"%s\" has no migration that begins with \"%s\"", app,
                 prefix);
    return found;
}

const nu_migration *nu__graph_leaf(const nu__graph *graph, const char *app)
{
    const nu_migration *leaf = NULL;
    for (size_t i = 0; i < graph->count; i++)
        if (strcmp(graph->order[i]->app, app) == 0)
            leaf = graph->order[i];
    return leaf;
}

/* ---- building -------------------------------------------------------------------------------- */

/* A depth-first walk: everything that a migration needs comes before it. */
struct walk {
    nu__graph           *graph; /* all migrations, in order of apps */
    uint8_t             *mark;  /* 0 not seen, 1 under way, 2 done */
    const nu_migration **done;
    size_t               done_count;
};

static const nu_migration *dependency_of(const nu__graph *graph, const nu_migration *migration,
                                         const nu_dependency *wanted)
{
    if (strcmp(wanted->name, "__first__") == 0 || strcmp(wanted->name, "__latest__") == 0) {
        const nu_migration *found = NULL;
        for (size_t i = 0; i < graph->count; i++)
            if (strcmp(graph->order[i]->app, wanted->app) == 0) {
                found = graph->order[i];
                if (wanted->name[2] == 'f')
                    break;
            }
        if (found != NULL)
            return found;
    }
    const nu_migration *found = nu__graph_find(graph, wanted->app, wanted->name);
    if (found == NULL) {
        nu_error *error =
            nu_error_new(NU_VALUE_ERROR, "migration %s.%s depends on %s.%s, which does not exist",
                         migration->app, migration->name, wanted->app, wanted->name);
        error->hint =
            nu_fmt("Is \"%s\" among the apps of the settings, and is the file in its migrations.c?",
                   wanted->app);
        nu_throw(error);
    }
    return found;
}

static void visit(struct walk *walk, size_t index)
{
    nu_check_stack();
    const nu_migration *migration = walk->graph->order[index];
    if (walk->mark[index] == 2)
        return;
    if (walk->mark[index] == 1)
        nu_raise(NU_VALUE_ERROR, "the migrations depend on one another in a circle through %s.%s",
                 migration->app, migration->name);
    walk->mark[index] = 1;
    for (const nu_dependency *d = migration->depends; d != NULL && d->app != NULL; d++)
        visit(walk, index_of(walk->graph, dependency_of(walk->graph, migration, d)));
    walk->mark[index] = 2;
    walk->done[walk->done_count++] = migration;
}

/* What a migration needs comes before it, and its own needs are known by then. */
static void find_needs(nu__graph *graph)
{
    size_t count = graph->count;
    graph->needs = nu_arena_array(nu_arena_current(), count * count + 1, sizeof *graph->needs);
    for (size_t i = 0; i < count; i++) {
        const nu_migration *migration = graph->order[i];
        bool               *row = &graph->needs[i * count];
        for (const nu_dependency *d = migration->depends; d != NULL && d->app != NULL; d++) {
            size_t next = index_of(graph, dependency_of(graph, migration, d));
            row[next] = true;
            for (size_t j = 0; j < next; j++)
                row[j] |= graph->needs[next * count + j];
        }
    }
}

bool nu__graph_needs(const nu__graph *graph, const nu_migration *migration,
                     const nu_migration *other)
{
    return graph->needs[index_of(graph, migration) * graph->count + index_of(graph, other)];
}

/* Two ends of one app: two people added a migration to the same one. */
static void check_linear(const nu__graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *a = graph->order[i];
        for (size_t j = i + 1; j < graph->count; j++) {
            const nu_migration *b = graph->order[j];
            if (strcmp(a->app, b->app) == 0 && !nu__graph_needs(graph, b, a)) {
                nu_error *error = nu_error_new(
                    NU_VALUE_ERROR, "the migrations %s and %s of app \"%s\" are in conflict",
                    a->name, b->name, a->app);
                error->hint = nu_fmt("Make %s depend on %s.", b->name, a->name);
                nu_throw(error);
            }
        }
    }
}

nu__graph *nu__graph_new(const nu__migrate_app *apps, size_t count)
{
    nu__graph *graph = nu_alloc(sizeof *graph);
    size_t     total = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; apps[i].migrations != NULL && apps[i].migrations[m] != NULL; m++)
            total++;
    graph->order = nu_alloc((total + 1) * sizeof *graph->order);
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; apps[i].migrations != NULL && apps[i].migrations[m] != NULL; m++)
            graph->order[graph->count++] = apps[i].migrations[m];
    struct walk walk = {
        .graph = graph,
        .mark = nu_alloc(total + 1),
        .done = nu_alloc((total + 1) * sizeof *walk.done),
    };
    for (size_t i = 0; i < total; i++)
        visit(&walk, i);
    graph->order = walk.done;
    find_needs(graph);
    check_linear(graph);
    return graph;
}

/* ---- asking ---------------------------------------------------------------------------------- */

nu__state *nu__graph_state(const nu__graph *graph, const bool *wanted)
{
    nu__state *state = nu__state_new();
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        if (wanted != NULL && !wanted[i])
            continue;
        for (const nu_operation *o = migration->operations;
             o != NULL && o->kind != NU_OPERATION_END; o++)
            nu__operation_apply(state, migration->app, o);
    }
    return state;
}
