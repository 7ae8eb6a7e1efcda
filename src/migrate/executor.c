/* Running migrations. Each runs in a transaction of its own, together with its record, so that one
 * that fails, or whose process dies, leaves the database as it was. One that says .not_atomic is made
 * of a transaction for each operation, but for those that must run outside of one. */
#include "migrate/internal.h"

#include <string.h>

#include "db/internal.h"
#include "nuages/signal.h"
#include "nuages/router.h"

static size_t index_of(const nu__graph *graph, const nu_migration *migration)
{
    size_t i = 0;
    while (graph->order[i] != migration)
        i++;
    return i;
}

static size_t count_operations(const nu_migration *migration)
{
    size_t count = 0;
    while (migration->operations != NULL && migration->operations[count].kind != NU_OPERATION_END)
        count++;
    return count;
}

/* The states before, between and after the operations of a migration: one more than it has. */
static nu__state **states_of(const nu_migration *migration, nu__state *before)
{
    size_t      count = count_operations(migration);
    nu__state **states = nu_alloc((count + 1) * sizeof *states);
    states[0] = before;
    for (size_t i = 0; i < count; i++) {
        states[i + 1] = nu__state_copy(states[i]);
        nu__operation_apply(states[i + 1], migration->app, &migration->operations[i]);
    }
    return states;
}

/* ---- one migration --------------------------------------------------------------------------- */

struct run {
    nu_database    *db;
    const nu__step *step;
    nu__state     **states;
    nu__schema      schema;
    bool            fake;
    int64_t         lock_timeout_ms;
    size_t          at; /* the operation that runs, from 1; 0: none does */
};

static bool is_allowed(const struct run *run, const nu_operation *operation)
{
    const char *alias = nu_database_alias(run->db), *app = run->step->migration->app;
    if (operation->kind != NU_OPERATION_SEPARATE)
        return nu_allows_migrate(alias, app, operation->model);
    for (const nu_operation *at = operation->database; at != NULL && at->kind != 0; at++) {
        if (!nu_allows_migrate(alias, app, at->model))
            return false;
    }
    return true;
}

/* What a router keeps out of this database is done to the models alone. */
static void run_operation(struct run *run)
{
    const nu_migration *migration = run->step->migration;
    const nu_operation *operation = &migration->operations[run->at - 1];
    if (!is_allowed(run, operation))
        return;
    const nu__state    *before = run->states[run->at - 1], *after = run->states[run->at];
    if (run->step->backwards)
        nu__schema_undo(&run->schema, migration->app, operation, before, after);
    else
        nu__schema_apply(&run->schema, migration->app, operation, before, after);
}

static void run_alone(struct run *run)
{
    NU_ATOMIC_ON(nu_database_alias(run->db))
    {
        nu__schema_limit_wait(run->db, run->lock_timeout_ms);
        run_operation(run);
        nu__schema_end(&run->schema);
    }
}

/* What cannot run in a transaction, or was written by hand so as not to. */
static bool runs_outside(const nu_operation *operation)
{
    return operation->concurrently || operation->kind == NU_OPERATION_RUN_SQL ||
           operation->kind == NU_OPERATION_RUN_C || operation->kind == NU_OPERATION_SEPARATE;
}

static void run_operations(struct run *run)
{
    const nu_migration *migration = run->step->migration;
    size_t              count = count_operations(migration);
    for (size_t n = 0; n < count; n++) {
        run->at = run->step->backwards ? count - n : n + 1;
        if (migration->not_atomic && !runs_outside(&migration->operations[run->at - 1]))
            run_alone(run);
        else
            run_operation(run);
    }
    run->at = 0;
    nu__schema_end(&run->schema);
}

const nu_dict *nu__broken_reference(nu_database *db)
{
    const char *query = nu_database_backend(db)->broken_references;
    nu_list    *broken = query != NULL ? nu_sql_rows(db, query) : NULL;
    return broken != NULL && broken->count > 0 ? broken->items[0].dict : NULL;
}

/* References are checked once at the end: a table that is remade is missing for a moment. */
static void check_references(nu_database *db)
{
    const nu_dict *row = nu__broken_reference(db);
    if (row == NULL)
        return;
    nu_raise(NU_INTEGRITY_ERROR, "row %s of \"%s\" refers to a row of \"%s\" that does not exist",
             nu_text(nu_dict_get(row, "rowid")), nu_text(nu_dict_get(row, "table")),
             nu_text(nu_dict_get(row, "parent")));
}

/* True if another process has done the same meanwhile. The transaction that this is asked in has
 * the database to itself. */
static bool is_done(const struct run *run)
{
    const nu_migration *migration = run->step->migration;
    return nu__recorder_has(run->db, migration) != run->step->backwards;
}

static void run_step(struct run *run)
{
    const nu_migration *migration = run->step->migration;
    if (is_done(run))
        return;
    if (!run->fake) {
        if (!migration->not_atomic)
            nu__schema_limit_wait(run->db, run->lock_timeout_ms);
        run_operations(run);
        check_references(run->db);
    }
    if (run->step->backwards)
        nu__recorder_remove(run->db, migration);
    else
        nu__recorder_add(run->db, migration);
}

/* What waits for a table waits no longer than in a transaction; the session is as before afterwards. */
static void run_without_transaction(struct run *run)
{
    const char *before = nu__schema_limit_session(run->db, run->lock_timeout_ms);
    NU_TRY {
        run_step(run);
    }
    NU_CATCH (error) {
        nu__schema_unlimit_session(run->db, before);
        nu_reraise(error);
    }
    nu__schema_unlimit_session(run->db, before);
}

static void run_in_transaction(struct run *run)
{
    if (run->step->migration->not_atomic) {
        run_without_transaction(run);
        return;
    }
    NU_ATOMIC_ON(nu_database_alias(run->db))
    {
        run_step(run);
    }
}

/* ---- failures -------------------------------------------------------------------------------- */

/* Which operation failed, and in which statement. */
static const char *failed_at(const struct run *run)
{
    const nu_migration *migration = run->step->migration;
    nu_builder          text;
    nu_builder_init(&text, NULL, 128);
    if (run->at > 0)
        nu_builder_printf(&text, "Operation %zu of %zu, \"%s\", failed%s. ", run->at,
                          count_operations(migration),
                          nu__operation_text(&migration->operations[run->at - 1]),
                          run->step->backwards ? " while it was undone" : "");
    if (run->schema.statement != NULL)
        nu_builder_printf(&text, "The last statement was: %s\n", run->schema.statement);
    return nu_builder_text(&text);
}

static NU_NORETURN void raise_failed(const struct run *run, const nu_error *cause)
{
    const nu_migration *migration = run->step->migration;
    nu_error           *error = nu_error_new(NU_COMMAND_ERROR, "the migration %s.%s failed: %s",
                                             migration->app, migration->name, cause->fact);
    const char         *state =
        migration->not_atomic
                    ? "The migration does not run in one transaction: what it did before stays."
                    : "The migration was rolled back; the database is as it was before.";
    error->cause = cause->cause;
    error->detail = nu_fmt("%s%s%s%s", failed_at(run), cause->detail != NULL ? cause->detail : "",
                           cause->detail != NULL ? "\n" : "", state);
    error->hint = cause->hint;
    nu_throw(error);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Switches the checks of references on the connection that the next transaction takes. Where tables
 * are remade they must be off, and cannot be switched inside a transaction. */
static void switch_references(nu_database *db, bool on)
{
    const nu_db_backend *backend = nu_database_backend(db);
    if (backend->checks_off == NULL)
        return;
    nu_db_connection *connection = nu__db_take(db, NULL);
    nu__db_execute_on(db, connection, on ? backend->checks_on : backend->checks_off);
    nu__db_give(db, connection, false);
}

/* The order of the graph, as far as applied, has led to the present state. */
nu__state *nu__state_before(const nu__graph *graph, const bool *applied, const nu__step *step)
{
    bool *wanted = nu_alloc((graph->count + 1) * sizeof *wanted);
    memcpy(wanted, applied, graph->count * sizeof *wanted);
    wanted[index_of(graph, step->migration)] = false;
    return nu__graph_state(graph, wanted);
}

/* True for a first migration whose tables are there already. */
static bool is_there(const struct run *run, const nu__run_options *options)
{
    return options->fake_initial && !run->step->backwards &&
           nu__is_there_already(run->db, run->step->migration, run->states[0]);
}

static void run_one(const nu__graph *graph, bool *applied, struct run *run,
                    const nu__run_options *options)
{
    const nu__step *step = run->step;
    run->states = states_of(step->migration, nu__state_before(graph, applied, step));
    run->fake = options->fake || is_there(run, options);
    nu__schema_begin(&run->schema, run->db, false);
    if (options->report != NULL)
        options->report(step, NU_STEP_BEGINS);
    switch_references(run->db, false);
    NU_TRY {
        run_in_transaction(run);
    }
    NU_CATCH (error) {
        switch_references(run->db, true);
        raise_failed(run, error);
    }
    switch_references(run->db, true);
    applied[index_of(graph, step->migration)] = !step->backwards;
    if (options->report != NULL)
        options->report(step, run->fake ? NU_STEP_FAKED : NU_STEP_DONE);
}

void nu__execute(nu_database *db, const nu__graph *graph, bool *applied, const nu__step *steps,
                 size_t count, const nu__run_options *options)
{
    nu__recorder_ensure(db);
    nu_signal_send(&(nu_event){.signal = NU_PRE_MIGRATE, .database = db});
    for (size_t i = 0; i < count; i++) {
        struct run *run = nu_alloc(sizeof *run);
        *run =
            (struct run){.db = db, .step = &steps[i], .lock_timeout_ms = options->lock_timeout_ms};
        run_one(graph, applied, run, options);
    }
    nu_signal_send(&(nu_event){.signal = NU_POST_MIGRATE, .database = db});
}

/* ---- only to look at ------------------------------------------------------------------------- */

void nu__mark_applied(const nu__graph *graph, bool *applied, const nu_migration *migration)
{
    applied[index_of(graph, migration)] = true;
}

nu_list *nu__operation_sql(nu_database *db, const char *app, const nu_operation *operation,
                           const nu__state *before, const nu__state *after)
{
    nu__schema schema;
    nu__schema_begin(&schema, db, true);
    nu__schema_apply(&schema, app, operation, before, after);
    nu__schema_end(&schema);
    return schema.collect;
}

nu_list *nu__collect_sql(nu_database *db, const nu__graph *graph, const nu_migration *migration,
                         bool backwards)
{
    bool *wanted = nu_alloc((graph->count + 1) * sizeof *wanted);
    for (size_t i = 0; graph->order[i] != migration; i++)
        wanted[i] = true;
    struct run run = {
        .db = db,
        .step = &(nu__step){.migration = migration, .backwards = backwards},
        .states = states_of(migration, nu__graph_state(graph, wanted)),
    };
    size_t count = count_operations(migration);
    nu__schema_begin(&run.schema, db, true);
    for (size_t n = 0; n < count; n++) {
        run.at = backwards ? count - n : n + 1;
        nu_list_add(
            run.schema.collect,
            nu_fmt("--\n-- %s\n--", nu__operation_text(&migration->operations[run.at - 1])));
        run_operation(&run);
    }
    nu__schema_end(&run.schema);
    return run.schema.collect;
}
