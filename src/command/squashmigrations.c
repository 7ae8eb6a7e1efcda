#include <string.h>
#include <unistd.h>

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"name", .letter = 'n', .value = "NAME", .help = "name of the file, after the number"},
    {"no-optimize", .help = "keep all operations as they are"},
    {"no-input", .help = "ask nothing"},
    {0},
};

static void show_parts(const nu__draft *draft)
{
    nu_say("Squashing these migrations of %s into one:", draft->app);
    for (size_t i = 0; i < draft->replace_count; i++)
        nu_say("  %s", draft->replaces[i].name);
}

static void tell_rest(const nu__draft *draft, size_t before)
{
    nu_say("Optimized from %zu operations to %zu.", before, draft->count);
    nu__migration_show(draft, true);
    if (draft->copies[0] != NULL)
        nu_say("%s", nu_styled(NU_STYLE_WARN, "Copy the C functions that it names into the file."));
    nu_say("Next: build and test it, and let it run everywhere; then delete the migrations that it "
           "replaces, and the line .replaces.");
}

static void run(const nu_command_call *call)
{
    const nu__migrate_app *app = nu__migrate_app_get(nu_argument(call, 0));
    nu__graph             *graph = nu__migrate_graph(NULL);
    const nu_migration    *first = NULL;
    if (call->count > 2)
        first = nu__graph_by_prefix(graph, app->label, nu_argument(call, 1));
    const nu_migration *last =
        nu__graph_by_prefix(graph, app->label, nu_argument(call, call->count > 2 ? 2 : 1));
    if (first != NULL && first != last && !nu__graph_needs(graph, last, first))
        nu_raise(NU_COMMAND_ERROR, "%s does not come before %s", first->name, last->name);
    size_t     before;
    nu__draft *draft = nu__squash_draft(graph, first, last, nu_option(call, "name"),
                                        !nu_option_flag(call, "no-optimize"), &before);
    for (size_t i = 0; i < draft->replace_count; i++)
        nu__migration_check_rewritable(nu__graph_find(graph, app->label, draft->replaces[i].name));
    if (call->verbosity > 0)
        show_parts(draft);
    if (!nu_option_flag(call, "no-input") && isatty(STDIN_FILENO) && !nu__ask("Go on?"))
        return;
    nu__migration_write(draft, false);
    nu__migration_list(app, &draft, 1, NULL);
    if (call->verbosity > 0)
        tell_rest(draft, before);
}

const nu_command nu__command_squashmigrations = {
    .name = "squashmigrations",
    .help = "Makes one migration of several, which new databases run instead of them.\n"
            "Databases that have run them take it for run.",
    .arguments = "APP [FIRST] LAST",
    .min_arguments = 2,
    .max_arguments = 3,
    .options = options,
    .run = run,
};
