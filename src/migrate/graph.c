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

static bool replaces(const nu_migration *migration, const char *app, const char *name)
{
    for (const nu_dependency *r = migration->replaces; r != NULL && r->app != NULL; r++)
        if (strcmp(r->app, app) == 0 && strcmp(r->name, name) == 0)
            return true;
    return false;
}

/* The squashed migration that stands for another; NULL if there is none. */
static const nu_migration *replacement_of(const nu__graph *graph, const char *app, const char *name)
{
    for (size_t i = 0; i < graph->count; i++)
        if (replaces(graph->order[i], app, name))
            return graph->order[i];
    return NULL;
}

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
    if (found == NULL)
        found = replacement_of(graph, wanted->app, wanted->name);
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

/* ---- squashed migrations --------------------------------------------------------------------- */

/* True if the squashed migration is used: all or none of those it replaces is recorded. */
static bool is_used(const nu_migration *squashed, const nu_dict *recorded)
{
    size_t all = 0, done = 0;
    for (const nu_dependency *r = squashed->replaces; r->app != NULL; r++, all++)
        done += recorded != NULL && nu_dict_find(recorded, nu_fmt("%s.%s", r->app, r->name)) != NULL;
    return done == 0 || done == all;
}

static bool is_left_out(const nu__graph *all, const nu_migration *migration,
                        const nu_dict *recorded)
{
    if (migration->replaces != NULL && migration->replaces->app != NULL &&
        !is_used(migration, recorded))
        return true;
    const nu_migration *squashed = replacement_of(all, migration->app, migration->name);
    return squashed != NULL && is_used(squashed, recorded);
}

static void leave_out(nu__graph *graph, const nu_dict *recorded)
{
    nu__graph all = *graph;
    all.order = nu_alloc((graph->count + 1) * sizeof *all.order);
    memcpy(all.order, graph->order, graph->count * sizeof *all.order);
    graph->count = 0;
    for (size_t i = 0; i < all.count; i++)
        if (!is_left_out(&all, all.order[i], recorded))
            graph->order[graph->count++] = all.order[i];
}

/* ---- the whole ------------------------------------------------------------------------------- */

nu__graph *nu__graph_unchecked(const nu__migrate_app *apps, size_t count, const nu_dict *recorded)
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
    leave_out(graph, recorded);
    struct walk walk = {
        .graph = graph,
        .mark = nu_alloc(total + 1),
        .done = nu_alloc((total + 1) * sizeof *walk.done),
    };
    for (size_t i = 0; i < graph->count; i++)
        visit(&walk, i);
    graph->order = walk.done;
    find_needs(graph);
    return graph;
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
