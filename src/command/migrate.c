#include <stdio.h>
#include <string.h>

#include "nuages/text.h"

#include "command/migrations.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"plan", .help = "show what would be done"},
    {"risk", .help = "show what the statements would lock and rewrite"},
    {"fake", .help = "record migrations without running them"},
    {"fake-initial", .help = "record first migrations whose tables are there already"},
    {"prune", .help = "forget records of the app's migrations that have no file any more"},
    {"check", .help = "exit with 1 if there are migrations to apply"},
    {"lock-timeout", .value = "MS", .fallback = "0",
     .help = "give up after so long a wait for a table; 0: the database's own limit"},
    {0},
};

static const char *step_name(const nu__step *step)
{
    return nu_fmt("%s.%s", step->migration->app, step->migration->name);
}

static void report(const nu__step *step, nu__step_report what)
{
    if (what == NU_STEP_BEGINS)
        printf("  %s %s... ", step->backwards ? "Unapplying" : "Applying", step_name(step));
    else
        printf("%s\n", nu_styled(NU_STYLE_OK, what == NU_STEP_FAKED ? "FAKED" : "OK"));
    fflush(stdout);
}

static void report_wait(void)
{
    nu_say("Waiting for another process that is changing the schema…");
}

static void show_plan(const nu__step *steps, size_t count)
{
    nu_say("%s", nu_styled(NU_STYLE_STRONG, "Planned operations:"));
    for (size_t i = 0; i < count; i++) {
        nu_say("%s%s", step_name(&steps[i]), steps[i].backwards ? " (undone)" : "");
        for (const nu_operation *o = steps[i].migration->operations;
             o != NULL && o->kind != NU_OPERATION_END; o++)
            nu_say("    %s%s", steps[i].backwards ? "Undo " : "", nu__operation_text(o));
    }
    if (count == 0)
        nu_say("  No planned migration operations.");
}

/* ---- what was forgotten ---------------------------------------------------------------------- */

static nu_value leave_open(const nu__model *model, const nu_field *field, bool added)
{
    (void)model, (void)added;
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

/* ---- records without files ------------------------------------------------------------------- */

static bool has_file(const nu__migrate_app *app, const char *name)
{
    for (size_t i = 0; app->migrations != NULL && app->migrations[i] != NULL; i++)
        if (strcmp(app->migrations[i]->name, name) == 0)
            return true;
    return false;
}

/* A squashed migration counts as applied by those that it replaces, until it is recorded itself. */
static void check_squashed(const nu__migrate_app *app, const nu_dict *recorded)
{
    for (size_t i = 0; app->migrations != NULL && app->migrations[i] != NULL; i++) {
        const nu_migration *migration = app->migrations[i];
        if (migration->replaces == NULL || migration->replaces->app == NULL ||
            nu_dict_find(recorded, nu_fmt("%s.%s", app->label, migration->name)) != NULL)
            continue;
        nu_error *error = nu_error_new(
            NU_COMMAND_ERROR, "nothing can be pruned: the squashed migration %s.%s is not recorded",
            app->label, migration->name);
        error->hint = "Run migrate first, and remove its .replaces once all databases have it.";
        nu_throw(error);
    }
}

static void prune(nu_database *db, const nu__migrate_app *app)
{
    const nu_dict *recorded = nu__recorder_all(db);
    const char    *prefix = nu_fmt("%s.", app->label);
    bool           any = false;
    check_squashed(app, recorded);
    nu_say("%s", nu_styled(NU_STYLE_STRONG, "Pruning migrations:"));
    for (nu_entry *e = nu_dict_next(recorded, NULL); e != NULL; e = nu_dict_next(recorded, e)) {
        const char *key = nu_text(e->key), *name = key + strlen(prefix);
        if (!nu_starts_with(key, prefix) || has_file(app, name))
            continue;
        nu__recorder_forget(db, app->label, name);
        nu_say("  Pruning %s... %s", key, nu_styled(NU_STYLE_OK, "OK"));
        any = true;
    }
    if (!any)
        nu_say("  No migrations to prune.");
}

/* ---- the command ----------------------------------------------------------------------------- */

struct job {
    const nu_command_call *call;
    nu_database           *db;
    const nu__migrate_app *app;
    nu__graph             *graph;
    bool                  *applied;
    nu__step              *steps;
    size_t                 count;
};

static void plan(struct job *job)
{
    job->graph = nu__migrate_graph(nu__recorder_all(job->db));
    job->applied = nu__recorder_applied(job->db, job->graph);
    job->steps = nu__plan(job->graph, job->applied, job->app != NULL ? job->app->label : NULL,
                          nu_argument(job->call, 1), &job->count);
}

static void run_steps(struct job *job)
{
    const nu_command_call *call = job->call;
    if (call->verbosity > 0) {
        nu_say("%s", nu_styled(NU_STYLE_STRONG, "Running migrations:"));
        if (job->count == 0)
            nu_say("  No migrations to apply.");
    }
    nu__execute(job->db, job->graph, job->applied, job->steps, job->count,
                &(nu__run_options){.fake = nu_option_flag(call, "fake"),
                                   .fake_initial = nu_option_flag(call, "fake-initial"),
                                   .lock_timeout_ms = nu_option_int(call, "lock-timeout"),
                                   .report = call->verbosity > 0 ? report : NULL});
    nu__recorder_add_squashed(job->db, nu__migrate_graph(nu__recorder_all(job->db)));
    if (call->verbosity > 0 && job->app == NULL)
        mention_changes(job->graph);
}

/* What was planned before others were kept out may be done by now. */
static void run_locked(struct job *job)
{
    struct nu_db_connection *lock =
        nu__schema_lock(job->db, job->call->verbosity > 0 ? report_wait : NULL);
    NU_TRY {
        if (nu_option_flag(job->call, "prune")) {
            prune(job->db, job->app);
        } else {
            plan(job);
            run_steps(job);
        }
    }
    NU_CATCH (error) {
        nu__schema_unlock(job->db, lock);
        nu_reraise(error);
    }
    nu__schema_unlock(job->db, lock);
}

static void run(const nu_command_call *call)
{
    struct job  job = {.call = call, .db = nu__migrate_database(call)};
    const char *label = nu_argument(call, 0);
    job.app = label != NULL ? nu__migrate_app_get(label) : NULL;
    if (nu_option_int(call, "lock-timeout") < 0)
        nu_raise(NU__USAGE, "--lock-timeout takes a number of milliseconds");
    if (nu_option_flag(call, "prune") && (job.app == NULL || call->count > 1))
        nu_raise(NU__USAGE, "--prune needs the label of an app, and nothing more");
    if (nu_option_flag(call, "check") || nu_option_flag(call, "plan") ||
        nu_option_flag(call, "risk")) {
        plan(&job);
        if (nu_option_flag(call, "risk"))
            nu__migration_show_risks(job.db, job.graph, job.applied, job.steps, job.count);
        else if (nu_option_flag(call, "plan") || call->verbosity > 1)
            show_plan(job.steps, job.count);
        if (nu_option_flag(call, "check"))
            nu_command_exit(call, job.count > 0);
        return;
    }
    run_locked(&job);
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
