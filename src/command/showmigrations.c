#include <string.h>

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"list", .letter = 'l', .help = "app by app; so it is anyway"},
    {"plan", .letter = 'p', .help = "in the order in which they are applied"},
    {0},
};

struct look {
    const nu__graph *graph;
    const bool      *applied;
    const nu_dict   *recorded;
};

static size_t count_replaced(const nu_migration *migration)
{
    size_t count = 0;
    while (migration->replaces != NULL && migration->replaces[count].app != NULL)
        count++;
    return count;
}

/* [X]: recorded; [-]: only those that it replaces are. */
static void show(const struct look *look, size_t at, bool with_app)
{
    const nu_migration *migration = look->graph->order[at];
    const char         *whole = nu_fmt("%s.%s", migration->app, migration->name);
    size_t              replaced = count_replaced(migration);
    bool                recorded = nu_dict_find(look->recorded, whole) != NULL;
    const char *mark = !look->applied[at] ? " " : nu_styled(NU_STYLE_OK, recorded ? "X" : "-");
    const char *name = with_app ? whole : migration->name;
    if (replaced > 0)
        name = nu_fmt("%s (%zu squashed migrations)", name, replaced);
    nu_say(" [%s] %s%s", mark, name,
           look->applied[at] && !recorded ? " run migrate to finish recording" : "");
}

static void show_app(const struct look *look, const char *label)
{
    bool any = false;
    nu_say("%s", nu_styled(NU_STYLE_STRONG, label));
    for (size_t i = 0; i < look->graph->count; i++)
        if (strcmp(look->graph->order[i]->app, label) == 0) {
            show(look, i, false);
            any = true;
        }
    if (!any)
        nu_say(" (no migrations)");
}

static bool is_wanted(const nu_command_call *call, const char *label)
{
    for (int i = 0; i < call->count; i++)
        if (strcmp(nu__migrate_app_get(call->arguments[i])->label, label) == 0)
            return true;
    return call->count == 0;
}

/* Those of the apps, and what they need. */
static void show_plan(const nu_command_call *call, const struct look *look)
{
    const nu__graph *graph = look->graph;
    for (size_t i = 0; i < graph->count; i++) {
        bool wanted = is_wanted(call, graph->order[i]->app);
        for (size_t j = i + 1; j < graph->count && !wanted; j++)
            wanted = is_wanted(call, graph->order[j]->app) &&
                     nu__graph_needs(graph, graph->order[j], graph->order[i]);
        if (wanted)
            show(look, i, true);
    }
}

static void run(const nu_command_call *call)
{
    nu_database   *db = nu__migrate_database(call);
    const nu_dict *recorded = nu__recorder_all(db);
    nu__graph     *graph = nu__migrate_graph(recorded);
    struct look    look = {
           .graph = graph, .applied = nu__recorder_applied(db, graph), .recorded = recorded};
    if (nu_option_flag(call, "plan")) {
        show_plan(call, &look);
        return;
    }
    for (int i = 0; i < call->count; i++)
        show_app(&look, nu__migrate_app_get(call->arguments[i])->label);
    for (const nu_app *const *app = nu_apps(); *app != NULL && call->count == 0; app++)
        show_app(&look, (*app)->label);
}

const nu_command nu__command_showmigrations = {
    .name = "showmigrations",
    .help = "Lists the migrations and which of them are applied.",
    .arguments = "[APP…]",
    .max_arguments = -1,
    .options = options,
    .run = run,
};
