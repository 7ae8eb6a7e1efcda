/* Several migrations of an app as one that does the same in fewer steps. The others stay until no
 * database needs them any more. */
#include <string.h>

#include "migrate/internal.h"

struct parts {
    const nu_migration **items;
    size_t               count;
};

/* The app's own migrations that `last` needs, from `first` on. */
static struct parts parts_of(const nu__graph *graph, const nu_migration *first,
                             const nu_migration *last)
{
    struct parts parts = {.items = nu_alloc((graph->count + 1) * sizeof *parts.items)};
    bool         begun = first == NULL;
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        begun |= migration == first;
        bool wanted = migration == last || nu__graph_needs(graph, last, migration);
        if (!begun || strcmp(migration->app, last->app) != 0 || !wanted)
            continue;
        if (migration->replaces != NULL && migration->replaces->app != NULL) {
            nu_error *error = nu_error_new(
                NU_COMMAND_ERROR, "%s is a squashed migration and cannot be squashed again",
                migration->name);
            error->hint = "Remove the migrations that it replaces and its .replaces first.";
            nu_throw(error);
        }
        parts.items[parts.count++] = migration;
    }
    return parts;
}

static bool is_part(const struct parts *parts, const nu_dependency *dependency)
{
    for (size_t i = 0; i < parts->count; i++)
        if (strcmp(parts->items[i]->app, dependency->app) == 0 &&
            strcmp(parts->items[i]->name, dependency->name) == 0)
            return true;
    return false;
}

static void add_dependencies(nu__draft *draft, const struct parts *parts, const nu_migration *part)
{
    for (const nu_dependency *d = part->depends; d != NULL && d->app != NULL; d++) {
        bool   known = is_part(parts, d);
        size_t size = sizeof *draft->depends;
        for (size_t i = 0; i < draft->depend_count && !known; i++)
            known = strcmp(draft->depends[i].app, d->app) == 0 &&
                    strcmp(draft->depends[i].name, d->name) == 0;
        if (known)
            continue;
        draft->depends =
            nu_arena_grow(nu_arena_current(), draft->depends, draft->depend_count * size,
                          (draft->depend_count + 1) * size);
        draft->depends[draft->depend_count++] = *d;
    }
}

static size_t count_operations(const struct parts *parts)
{
    size_t count = 0;
    for (size_t i = 0; i < parts->count; i++)
        for (const nu_operation *o = parts->items[i]->operations;
             o != NULL && o->kind != NU_OPERATION_END; o++)
            count++;
    return count;
}

/* C functions stay in their files: a person has to copy them. */
static bool runs_c(const nu_operation *operations)
{
    nu_check_stack();
    for (const nu_operation *o = operations; o != NULL && o->kind != NU_OPERATION_END; o++)
        if ((o->kind == NU_OPERATION_RUN_C && !o->elidable) || runs_c(o->database))
            return true;
    return false;
}

const char *const *nu__files_with_c(const nu_migration *const *migrations, size_t count)
{
    const char **names = nu_alloc((count + 1) * sizeof *names);
    size_t       used = 0;
    for (size_t i = 0; i < count; i++)
        if (runs_c(migrations[i]->operations))
            names[used++] = migrations[i]->name;
    return names;
}

nu__draft *nu__squash_draft(const nu__graph *graph, const nu_migration *first,
                            const nu_migration *last, const char *name)
{
    struct parts parts = parts_of(graph, first, last);
    nu__draft   *draft = nu_alloc(sizeof *draft);
    if (parts.count < 2)
        nu_raise(NU_COMMAND_ERROR, "there is nothing to squash up to %s.%s", last->app, last->name);
    draft->app = last->app;
    draft->initial = parts.items[0]->initial;
    draft->operations = nu_alloc((count_operations(&parts) + 2) * sizeof *draft->operations);
    draft->replaces = nu_alloc((parts.count + 1) * sizeof *draft->replaces);
    draft->copies = nu__files_with_c(parts.items, parts.count);
    for (size_t i = 0; i < parts.count; i++) {
        draft->not_atomic |= parts.items[i]->not_atomic;
        draft->replaces[draft->replace_count++] =
            (nu_dependency){parts.items[i]->app, parts.items[i]->name};
        add_dependencies(draft, &parts, parts.items[i]);
        for (const nu_operation *o = parts.items[i]->operations;
             o != NULL && o->kind != NU_OPERATION_END; o++)
            draft->operations[draft->count++] = *o;
    }
    draft->count = nu__optimize(draft->app, draft->operations, draft->count);
    const char *begin = first != NULL ? first->name : "0001";
    draft->name =
        name != NULL ? nu_fmt("%s_%s", begin, name) : nu_fmt("%s_squashed_%s", begin, last->name);
    return draft;
}
