#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"name", .letter = 'n', .value = "NAME", .help = "name of the files, after the number"},
    {"empty", .help = "a migration without operations, to be filled by hand"},
    {"merge", .help = "one migration after those that two branches added"},
    {"update", .help = "put the changes into the last migration, which is not applied yet"},
    {"dry-run", .help = "show what would be written"},
    {"check", .help = "write nothing; exit with 1 if something is missing"},
    {"no-input", .help = "ask nothing"},
    {"database", .value = "ALIAS", .fallback = "default",
     .help = "where --update looks and risks are"},
    {0},
};

struct result {
    nu__draft **drafts;
    size_t      count;
    const char *removed; /* the name of the migration whose place the one draft takes */
};

static bool asks(const nu_command_call *call)
{
    return !nu_option_flag(call, "no-input") && !nu_option_flag(call, "check") &&
           isatty(STDIN_FILENO);
}

static bool wanted(const nu_command_call *call, const char *label)
{
    for (int i = 0; i < call->count; i++)
        if (strcmp(call->arguments[i], label) == 0)
            return true;
    return call->count == 0;
}

/* ---- changes --------------------------------------------------------------------------------- */

static struct result find_changes(const nu_command_call *call, const nu__graph *graph)
{
    size_t           app_count, kept = 0;
    nu__migrate_app *apps = nu__migrate_apps(&app_count);
    struct result    result = {.count = 0};
    result.drafts =
        nu__diff(nu__graph_state(graph, NULL), nu__state_of_models(apps, app_count), graph,
                 nu__migration_questions(asks(call)), nu_option(call, "name"), &result.count);
    for (size_t i = 0; i < result.count; i++)
        if (wanted(call, result.drafts[i]->app))
            result.drafts[kept++] = result.drafts[i];
    result.count = kept;
    return result;
}

static struct result empty_drafts(const nu_command_call *call, const nu__graph *graph)
{
    if (call->count == 0)
        nu_raise(NU__USAGE, "--empty needs the label of an app");
    struct result result = {.drafts = nu_alloc((size_t)call->count * sizeof(nu__draft *)),
                            .count = (size_t)call->count};
    for (int i = 0; i < call->count; i++)
        result.drafts[i] = nu__empty_draft(graph, nu__migrate_app_get(call->arguments[i])->label,
                                           nu_option(call, "name"));
    return result;
}

/* ---- merging --------------------------------------------------------------------------------- */

static void show_branch(const nu__graph *graph, const nu_migration *leaf,
                        const nu_migration *const *leaves)
{
    nu_say("%s", nu_styled(NU_STYLE_STRONG, nu_fmt("Branch %s", leaf->name)));
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        bool                own = strcmp(migration->app, leaf->app) == 0 &&
                   (migration == leaf || nu__graph_needs(graph, leaf, migration));
        for (size_t n = 0; leaves[n] != NULL && own; n++)
            own = leaves[n] == leaf || !nu__graph_needs(graph, leaves[n], migration);
        for (const nu_operation *o = own ? migration->operations : NULL;
             o != NULL && o->kind != NU_OPERATION_END; o++)
            nu_say("  %c %s", nu__operation_sign(o), nu__operation_text(o));
    }
}

static bool merges(const nu_command_call *call, const nu__graph *graph, const char *label)
{
    const nu_migration **leaves = nu__graph_leaves(graph, label);
    if (leaves[0] == NULL || leaves[1] == NULL || !wanted(call, label))
        return false;
    nu_say("Merging %s", label);
    for (size_t i = 0; leaves[i] != NULL; i++)
        show_branch(graph, leaves[i], leaves);
    if (!asks(call))
        return true;
    nu_say("This is right if the branches do not change the same things.");
    return nu__ask("Merge them?");
}

static struct result merge_drafts(const nu_command_call *call, const nu__graph *graph)
{
    size_t           count;
    nu__migrate_app *apps = nu__migrate_apps(&count);
    struct result    result = {.drafts = nu_alloc((count + 1) * sizeof(nu__draft *))};
    for (size_t i = 0; i < count; i++)
        if (merges(call, graph, apps[i].label))
            result.drafts[result.count++] =
                nu__merge_draft(graph, apps[i].label, nu_option(call, "name"));
    return result;
}

/* ---- into the last one ----------------------------------------------------------------------- */

static NU_NORETURN void raise_not_updated(const nu_migration *last, const char *why)
{
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "%s.%s cannot be updated: %s", last->app, last->name, why);
    error->hint = "Run makemigrations without --update.";
    nu_throw(error);
}

static void check_last(const nu_command_call *call, const nu__graph *graph,
                       const nu_migration *last)
{
    if (last->replaces != NULL && last->replaces->app != NULL)
        raise_not_updated(last, "it is a squashed migration");
    for (size_t i = 0; i < graph->count; i++)
        if (nu__graph_needs(graph, graph->order[i], last))
            raise_not_updated(
                last, nu_fmt("%s.%s depends on it", graph->order[i]->app, graph->order[i]->name));
    if (nu__recorder_has(nu__migrate_database(call), last))
        raise_not_updated(last, "it is applied already");
    nu__migration_check_rewritable(last);
    const nu_migration *const list[] = {last};
    if (nu__files_with_c(list, 1)[0] != NULL)
        raise_not_updated(last, "it runs C functions");
}

static struct result update_last(const nu_command_call *call, const nu__graph *graph)
{
    struct result found = find_changes(call, graph);
    if (found.count == 0)
        return found;
    if (found.count > 1)
        nu_raise(NU_COMMAND_ERROR, "the changes need several migrations; --update takes one");
    const nu_migration *last = nu__graph_leaf(graph, found.drafts[0]->app);
    if (last == NULL)
        nu_raise(NU_COMMAND_ERROR, "app \"%s\" has no migration to update", found.drafts[0]->app);
    check_last(call, graph, last);
    found.drafts[0] = nu__update_draft(last, found.drafts[0], nu_option(call, "name"));
    found.removed = last->name;
    return found;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_all(const struct result *result)
{
    for (size_t i = 0; i < result->count; i++)
        nu__migration_write(result->drafts[i],
                            result->removed != NULL &&
                                strcmp(result->removed, result->drafts[i]->name) == 0);
    for (size_t i = 0; i < result->count; i++)
        nu__migration_list(nu__migrate_app_get(result->drafts[i]->app), result->drafts,
                           result->count, result->removed);
    if (result->removed != NULL && strcmp(result->removed, result->drafts[0]->name) != 0)
        unlink(nu__migration_path(nu__migrate_app_get(result->drafts[0]->app), result->removed));
}

static void show_risks(const nu_command_call *call, const nu__draft *draft, nu__state *state)
{
    const nu_database *db = nu_database_find(nu_option(call, "database"));
    if (db == NULL || !nu_database_backend(db)->alter_column)
        return;
    for (size_t i = 0; i < draft->count; i++) {
        nu__state *before = nu__state_copy(state);
        nu__operation_apply(state, draft->app, &draft->operations[i]);
        const nu__risk *risk = nu__operation_risk(&draft->operations[i], draft->app, before, state);
        if (risk != NULL)
            nu_say("  %s %s: %s. Instead: %s.", nu_styled(NU_STYLE_WARN, "risk:"),
                   nu__operation_text(&draft->operations[i]), risk->effect, risk->advice);
    }
}

static void show_all(const nu_command_call *call, const nu__graph *graph,
                     const struct result *result, bool written)
{
    nu__state *state = nu__graph_state(graph, NULL);
    for (size_t i = 0; i < result->count; i++) {
        const nu__draft *draft = result->drafts[i];
        nu__migration_show(draft, written);
        if (result->removed == NULL)
            show_risks(call, draft, state);
        if (nu_option_flag(call, "dry-run"))
            nu_say("\n%s", nu__migration_source(draft));
    }
}

/* It becomes the name of a file and of a symbol. */
static void check_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (name == NULL || (*name != '\0' && strspn(name, letters) == strlen(name)))
        return;
    nu_error *error = nu_error_new(NU__USAGE, "\"%s\" cannot be the name of a migration", name);
    error->hint = "Use letters, digits and underscores.";
    nu_throw(error);
}

static struct result result_of(const nu_command_call *call, const nu__graph *graph)
{
    if (nu_option_flag(call, "merge"))
        return merge_drafts(call, graph);
    if (nu_option_flag(call, "empty"))
        return empty_drafts(call, graph);
    return nu_option_flag(call, "update") ? update_last(call, graph) : find_changes(call, graph);
}

static void run(const nu_command_call *call)
{
    check_name(nu_option(call, "name"));
    for (int i = 0; i < call->count; i++)
        nu__migrate_app_get(call->arguments[i]);
    bool       merge = nu_option_flag(call, "merge");
    bool       only_show = nu_option_flag(call, "dry-run") || nu_option_flag(call, "check");
    nu__graph *graph = merge ? nu__migrate_graph_unchecked() : nu__migrate_graph(NULL);
    if (!merge)
        nu__migration_check_linear(graph);
    struct result result = result_of(call, graph);
    if (result.count == 0) {
        if (call->verbosity > 0)
            nu_say(merge ? "There is nothing to merge." : "No changes.");
        return;
    }
    if (!only_show)
        write_all(&result);
    if (call->verbosity > 0)
        show_all(call, graph, &result, !only_show);
    if (!only_show && call->verbosity > 0)
        nu_say("Next: build the program, then %s migrate.", nu__program());
    if (nu_option_flag(call, "check"))
        nu_command_exit(call, 1);
}

const nu_command nu__command_makemigrations = {
    .name = "makemigrations",
    .help = "Writes migrations for what has changed in the models.",
    .arguments = "[APP…]",
    .max_arguments = -1,
    .options = options,
    .run = run,
};
