#include <string.h>

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"plan", .help = "in the order in which they are applied"},
    {0},
};

static void show(const nu_migration *migration, bool applied, bool with_app)
{
    const char *name =
        with_app ? nu_fmt("%s.%s", migration->app, migration->name) : migration->name;
    nu_say(" [%s] %s", applied ? nu_styled(NU_STYLE_OK, "X") : " ", name);
}

static void show_app(const nu__graph *graph, const bool *applied, const char *label)
{
    bool any = false;
    nu_say("%s", nu_styled(NU_STYLE_STRONG, label));
    for (size_t i = 0; i < graph->count; i++)
        if (strcmp(graph->order[i]->app, label) == 0) {
            show(graph->order[i], applied[i], false);
            any = true;
        }
    if (!any)
        nu_say(" (no migrations)");
}

static void run(const nu_command_call *call)
{
    nu__graph  *graph = nu__migrate_graph();
    const bool *applied = nu__recorder_applied(nu__migrate_database(call), graph);
    if (nu_option_flag(call, "plan")) {
        for (size_t i = 0; i < graph->count; i++)
            show(graph->order[i], applied[i], true);
        return;
    }
    if (call->count > 0) {
        for (int i = 0; i < call->count; i++)
            show_app(graph, applied, nu__migrate_app_get(call->arguments[i])->label);
        return;
    }
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        show_app(graph, applied, (*app)->label);
}

const nu_command nu__command_showmigrations = {
    .name = "showmigrations",
    .help = "Lists the migrations and which of them are applied.",
    .arguments = "[APP…]",
    .max_arguments = -1,
    .options = options,
    .run = run,
};
