/* Several migrations of an app as one that does the same in fewer steps; the others stay until no
 * database needs them any more. And one migration written anew. */
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
                            const nu_migration *last, const char *name, bool optimize,
                            size_t *before)
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
    *before = draft->count;
    if (optimize)
        draft->count = nu__optimize(draft->app, draft->operations, draft->count);
    draft->operations[draft->count] = (nu_operation){.kind = NU_OPERATION_END};
    const char *begin = first != NULL ? first->name : "0001";
    draft->name = name != NULL ? nu_fmt("%.*s_%s", (int)strcspn(begin, "_"), begin, name)
                               : nu_fmt("%s_squashed_%s", begin, last->name);
    return draft;
}

/* ---- one migration anew ---------------------------------------------------------------------- */

static size_t count_dependencies(const nu_dependency *list)
{
    size_t count = 0;
    while (list != NULL && list[count].app != NULL)
        count++;
    return count;
}

/* The migration as a draft, with room for `more` operations. */
static nu__draft *draft_of(const nu_migration *migration, size_t more)
{
    nu__draft *draft = nu_alloc(sizeof *draft);
    size_t     count = 0;
    while (migration->operations != NULL && migration->operations[count].kind != NU_OPERATION_END)
        count++;
    *draft = (nu__draft){
        .app = migration->app,
        .name = migration->name,
        .initial = migration->initial,
        .operations = nu_alloc((count + more + 1) * sizeof *draft->operations),
        .count = count,
        .depend_count = count_dependencies(migration->depends),
        .replaces = (nu_dependency *)migration->replaces,
        .replace_count = count_dependencies(migration->replaces),
        .run_before = migration->run_before,
        .not_atomic = migration->not_atomic,
    };
    draft->depends = nu_alloc((draft->depend_count + 1) * sizeof *draft->depends);
    for (size_t i = 0; i < draft->depend_count; i++)
        draft->depends[i] = migration->depends[i];
    for (size_t i = 0; i < count; i++)
        draft->operations[i] = migration->operations[i];
    return draft;
}

static void end_draft(nu__draft *draft)
{
    draft->count = nu__optimize(draft->app, draft->operations, draft->count);
    draft->operations[draft->count] = (nu_operation){.kind = NU_OPERATION_END};
}

nu__draft *nu__optimize_draft(const nu_migration *migration, size_t *before)
{
    nu__draft *draft = draft_of(migration, 0);
    *before = draft->count;
    end_draft(draft);
    const nu_migration *const list[] = {migration};
    draft->copies = nu__files_with_c(list, 1);
    if (draft->copies[0] == NULL)
        return draft;
    if (draft->replace_count > 0) {
        nu_error *error =
            nu_error_new(NU_COMMAND_ERROR, "%s.%s is a squashed migration that runs C functions",
                         migration->app, migration->name);
        error->hint = "Optimize it by hand, or first delete the migrations that it replaces.";
        nu_throw(error);
    }
    draft->name = nu_fmt("%s_optimized", migration->name);
    draft->replaces = nu_alloc(2 * sizeof *draft->replaces);
    draft->replaces[0] = (nu_dependency){migration->app, migration->name};
    draft->replace_count = 1;
    return draft;
}

static void depend_too(nu__draft *draft, const nu_dependency *wanted)
{
    for (size_t i = 0; i < draft->depend_count; i++)
        if (strcmp(draft->depends[i].app, wanted->app) == 0 &&
            strcmp(draft->depends[i].name, wanted->name) == 0)
            return;
    draft->depends[draft->depend_count++] = *wanted;
}

nu__draft *nu__update_draft(const nu_migration *last, const nu__draft *change, const char *name)
{
    enum { DIGITS = 4 };
    nu__draft     *draft = draft_of(last, change->count);
    nu_dependency *depends =
        nu_alloc((draft->depend_count + change->depend_count + 1) * sizeof *depends);
    memcpy(depends, draft->depends, draft->depend_count * sizeof *depends);
    draft->depends = depends;
    for (size_t i = 0; i < change->depend_count; i++)
        if (strcmp(change->depends[i].app, last->app) != 0)
            depend_too(draft, &change->depends[i]);
    const char *slug = nu__operations_slug(draft->operations, draft->count);
    bool        named = strlen(last->name) <= DIGITS || strcmp(last->name + DIGITS + 1, slug) != 0;
    memcpy(&draft->operations[draft->count], change->operations,
           change->count * sizeof *draft->operations);
    draft->count += change->count;
    end_draft(draft);
    if (name != NULL)
        draft->name = nu_fmt("%.*s_%s", DIGITS, last->name, name);
    else if (!named)
        draft->name = nu_fmt("%.*s_%s", DIGITS, last->name,
                             nu__operations_slug(draft->operations, draft->count));
    return draft;
}
