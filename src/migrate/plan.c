/* Which steps lead from what is applied to what is wanted. */
#include <string.h>

#include "migrate/internal.h"

static size_t index_of(const nu__graph *graph, const nu_migration *migration)
{
    size_t i = 0;
    while (graph->order[i] != migration)
        i++;
    return i;
}

/* Forwards to `target`: what it needs and is not applied, in order. */
static size_t plan_forwards(const nu__graph *graph, const bool *applied, const nu_migration *target,
                            nu__step *steps)
{
    size_t count = 0;
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        bool                wanted =
            target == NULL || migration == target || nu__graph_needs(graph, target, migration);
        if (wanted && !applied[i])
            steps[count++] = (nu__step){.migration = migration};
    }
    return count;
}

/* Backwards: every applied migration of `app` after `target` (NULL: all of them), and whatever
 * needs one of those; the last applied first. */
static size_t plan_backwards(const nu__graph *graph, const bool *applied, const char *app,
                             const nu_migration *target, nu__step *steps)
{
    size_t count = 0;
    for (size_t i = graph->count; i-- > 0;) {
        const nu_migration *migration = graph->order[i];
        if (!applied[i] || migration == target)
            continue;
        bool wanted = strcmp(migration->app, app) == 0 &&
                      (target == NULL || nu__graph_needs(graph, migration, target));
        for (size_t j = 0; j < graph->count && !wanted; j++) {
            const nu_migration *other = graph->order[j];
            wanted = strcmp(other->app, app) == 0 && other != target &&
                     (target == NULL || nu__graph_needs(graph, other, target)) &&
                     nu__graph_needs(graph, migration, other);
        }
        if (wanted)
            steps[count++] = (nu__step){.migration = migration, .backwards = true};
    }
    return count;
}

/* An applied migration whose need is not applied: the state before a step could not be told. */
static void check_history(const nu__graph *graph, const bool *applied)
{
    for (size_t i = 0; i < graph->count; i++)
        for (size_t j = 0; j < i && applied[i]; j++)
            if (!applied[j] && nu__graph_needs(graph, graph->order[i], graph->order[j])) {
                const nu_migration *done = graph->order[i], *missing = graph->order[j];
                nu_error           *error = nu_error_new(
                              NU_COMMAND_ERROR, "%s.%s is applied, but %s.%s, which it needs, is not",
                              done->app, done->name, missing->app, missing->name);
                error->hint = "The table django_migrations says so: was it changed by hand, or is "
                              "it another site's?";
                nu_throw(error);
            }
}

nu__step *nu__plan(const nu__graph *graph, const bool *applied, const char *app, const char *target,
                   size_t *count)
{
    check_history(graph, applied);
    nu__step *steps = nu_alloc((graph->count + 1) * sizeof *steps);
    if (app == NULL) {
        *count = plan_forwards(graph, applied, NULL, steps);
        return steps;
    }
    const nu_migration *leaf = nu__graph_leaf(graph, app);
    if (leaf == NULL)
        nu_raise(NU_COMMAND_ERROR, "app \"%s\" has no migrations", app);
    if (target != NULL && strcmp(target, "zero") == 0) {
        *count = plan_backwards(graph, applied, app, NULL, steps);
        return steps;
    }
    const nu_migration *wanted = target != NULL ? nu__graph_by_prefix(graph, app, target) : leaf;
    if (applied[index_of(graph, wanted)])
        *count = plan_backwards(graph, applied, app, wanted, steps);
    else
        *count = plan_forwards(graph, applied, wanted, steps);
    return steps;
}
