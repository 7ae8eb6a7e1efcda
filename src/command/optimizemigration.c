#include "command/migrations.h"

static const nu_option_def options[] = {
    {"check", .help = "write nothing; exit with 1 if it can be optimized"},
    {0},
};

static void write_draft(const nu_command_call *call, const nu__migrate_app *app, nu__draft *draft,
                        bool in_place)
{
    nu__migration_write(draft, in_place);
    if (!in_place)
        nu__migration_list(app, &draft, 1, NULL);
    if (call->verbosity == 0)
        return;
    nu__migration_show(draft, true);
    if (!in_place)
        nu_say("%s", nu_styled(NU_STYLE_WARN, "Copy the C functions that it names into the file."));
}

static void run(const nu_command_call *call)
{
    const nu__migrate_app *app = nu__migrate_app_get(nu_argument(call, 0));
    nu__graph             *graph = nu__migrate_graph(NULL);
    const nu_migration    *migration = nu__graph_by_prefix(graph, app->label, nu_argument(call, 1));
    size_t                 before;
    nu__draft             *draft = nu__optimize_draft(migration, &before);
    if (draft->count == before) {
        if (call->verbosity > 0)
            nu_say("Nothing can be optimized.");
        return;
    }
    if (call->verbosity > 0)
        nu_say("Optimizing from %zu operations to %zu.", before, draft->count);
    if (nu_option_flag(call, "check")) {
        nu_command_exit(call, 1);
        return;
    }
    nu__migration_check_rewritable(migration);
    write_draft(call, app, draft, draft->replace_count == 0 || migration->replaces != NULL);
}

const nu_command nu__command_optimizemigration = {
    .name = "optimizemigration",
    .help = "Writes a migration anew with the fewest operations that do the same.",
    .arguments = "APP MIGRATION",
    .min_arguments = 2,
    .max_arguments = 2,
    .options = options,
    .run = run,
};
