/* Looking things up in the graph of migrations; graph_build.c makes it. */
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

static NU_NORETURN void raise_unknown(const char *app, const char *prefix, const char *const *names)
{
    nu_error *error = nu_error_new(
        NU_COMMAND_ERROR, "app \"%s\" has no migration that begins with \"%s\"", app, prefix);
    const char *near = nu_nearest(prefix, names);
    error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near) : NULL;
    nu_throw(error);
}

const nu_migration *nu__graph_by_prefix(const nu__graph *graph, const char *app, const char *prefix)
{
    const nu_migration *found = nu__graph_find(graph, app, prefix);
    if (found != NULL)
        return found;
    const char **names = nu_alloc((graph->count + 1) * sizeof *names);
    size_t       count = 0;
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        if (strcmp(migration->app, app) == 0)
            names[count++] = migration->name;
        if (strcmp(migration->app, app) != 0 || !nu_starts_with(migration->name, prefix))
            continue;
        if (found != NULL)
            nu_raise(NU_COMMAND_ERROR, "more than one migration of app \"%s\" begins with \"%s\"",
                     app, prefix);
        found = migration;
    }
    if (found == NULL)
        raise_unknown(app, prefix, names);
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

const nu_migration **nu__graph_leaves(const nu__graph *graph, const char *app)
{
    const nu_migration **leaves = nu_alloc((graph->count + 1) * sizeof *leaves);
    size_t               used = 0;
    for (size_t i = 0; i < graph->count; i++) {
        bool leaf = strcmp(graph->order[i]->app, app) == 0;
        for (size_t j = i + 1; j < graph->count && leaf; j++)
            leaf = strcmp(graph->order[j]->app, app) != 0 || !graph->needs[j * graph->count + i];
        if (leaf)
            leaves[used++] = graph->order[i];
    }
    return leaves;
}

bool nu__graph_needs(const nu__graph *graph, const nu_migration *migration,
                     const nu_migration *other)
{
    return graph->needs[index_of(graph, migration) * graph->count + index_of(graph, other)];
}

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
