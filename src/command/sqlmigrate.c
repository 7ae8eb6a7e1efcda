#include <stdio.h>

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "for which database"},
    {"backwards", .help = "the statements that undo it"},
    {0},
};

static void run(const nu_command_call *call)
{
    nu_database        *db = nu__migrate_database(call);
    nu__graph          *graph = nu__migrate_graph(NULL);
    const char         *label = nu__migrate_app_get(nu_argument(call, 0))->label;
    const nu_migration *migration = nu__graph_by_prefix(graph, label, nu_argument(call, 1));
    nu_list *sql = nu__collect_sql(db, graph, migration, nu_option_flag(call, "backwards"));
    if (!migration->not_atomic)
        nu_say("BEGIN;");
    for (uint32_t i = 0; i < sql->count; i++) {
        const char *text = sql->items[i].text;
        nu_say("%s%s", text, text[0] == '-' && text[1] == '-' ? "" : ";");
    }
    if (!migration->not_atomic)
        nu_say("COMMIT;");
}

const nu_command nu__command_sqlmigrate = {
    .name = "sqlmigrate",
    .help = "Prints the SQL of a migration.",
    .arguments = "APP MIGRATION",
    .min_arguments = 2,
    .max_arguments = 2,
    .options = options,
    .run = run,
};
