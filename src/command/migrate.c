#include <stdio.h>
#include <string.h>

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"plan", .help = "show what would be done"},
    {"fake", .help = "record migrations without running them"},
    {"check", .help = "exit with 1 if there are migrations to apply"},
    {0},
};

static const char *step_name(const nu__step *step)
{
    return nu_fmt("%s.%s", step->migration->app, step->migration->name);
}

static void report(const nu__step *step, nu__step_report what)
{
    if (what == NU_STEP_BEGINS)
        printf("  %s %s… ", step->backwards ? "Unapplying" : "Applying", step_name(step));
    else
        printf("%s\n", nu_styled(NU_STYLE_OK, what == NU_STEP_FAKED ? "FAKED" : "OK"));
    fflush(stdout);
}

static void show_plan(const nu__step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nu_say("%s%s", steps[i].backwards ? "undo " : "",
               nu_styled(NU_STYLE_STRONG, step_name(&steps[i])));
        for (const nu_operation *o = steps[i].migration->operations;
             o != NULL && o->kind != NU_OPERATION_END; o++)
            nu_say("    %s", nu__operation_text(o));
    }
}

static nu_value leave_open(const nu__model *model, const nu_field *field)
{
    (void)model;
    nu_raise(NU_COMMAND_ERROR, "field \"%s\" needs a value for the rows that are there",
             field->name);
}

/* Models that have changed since the last migration: the usual thing to forget. */
static void mention_changes(const nu__graph *graph)
{
    size_t           app_count, draft_count;
    nu__migrate_app *apps = nu__migrate_apps(&app_count);
    volatile bool    changed = false;
    NU_TRY {
        nu__diff(nu__graph_state(graph, NULL), nu__state_of_models(apps, app_count), graph,
                 &(nu__questions){.one_off_default = leave_open}, NULL, &draft_count);
        changed = draft_count > 0;
    }
    NU_CATCH (error) {
        (void)error; /* a question nobody is here to answer is a change too */
        changed = true;
    }
    if (changed)
        nu_say("%s",
               nu_styled(NU_STYLE_WARN,
                         "The models have changes that no migration has yet: run makemigrations."));
}

static void run(const nu_command_call *call)
{
    nu_database *db = nu__migrate_database(call);
    nu__graph   *graph = nu__migrate_graph();
    const char  *app = nu_argument(call, 0);
    if (app != NULL)
        nu__migrate_app_get(app);
    bool     *applied = nu__recorder_applied(db, graph);
    size_t    count;
    nu__step *steps = nu__plan(graph, applied, app, nu_argument(call, 1), &count);
    if (nu_option_flag(call, "check")) {
        nu_command_exit(call, count > 0);
        return;
    }
    if (nu_option_flag(call, "plan")) {
        show_plan(steps, count);
        if (count == 0)
            nu_say("Nothing to do.");
        return;
    }
    nu__execute(db, graph, applied, steps, count,
                &(nu__run_options){.fake = nu_option_flag(call, "fake"),
                                   .report = call->verbosity > 0 ? report : NULL});
    if (call->verbosity == 0)
        return;
    if (count == 0)
        nu_say("The database is up to date.");
    mention_changes(graph);
}

const nu_command nu__command_migrate = {
    .name = "migrate",
    .help =
        "Brings the database's tables up to date with the migrations.\n"
        "With an app only that one; with a migration forwards or back to it (\"zero\" undoes all).",
    .arguments = "[APP [MIGRATION]]",
    .max_arguments = 2,
    .options = options,
    .run = run,
};
