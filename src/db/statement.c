#include "db/statement.h"

#include <string.h>

#include "db/internal.h"

static uint64_t statements;
static void (*watcher)(void *arg, const nu_query_event *event);
static void *watcher_arg;

uint64_t nu_query_count(void)
{
    return statements;
}

void nu_query_watch(void (*fn)(void *arg, const nu_query_event *event), void *arg)
{
    watcher = fn;
    watcher_arg = arg;
}

static void tell(const nu_db_run *run, bool failed)
{
    if (watcher == NULL || run->began_us == 0)
        return;
    nu_query_event event = {
        .database = run->database,
        .sql = run->statement.sql,
        .params = run->statement.params,
        .count = run->statement.count,
        .rows = run->cursor.columns > 0 ? run->cursor.read : run->cursor.changed,
        .took_us = nu_monotonic_us() - run->began_us,
        .failed = failed,
    };
    watcher(watcher_arg, &event);
}

/* ---- errors --------------------------------------------------------------------------------- */

/* The failure lives as long as the error that carries it. */
static const nu_database_failure *failure_of(nu_arena *arena, nu_database *db,
                                             const nu_db_error *error, const char *sql)
{
    nu_database_failure *failure = nu_arena_zalloc(arena, sizeof *failure);
    failure->database = db;
    failure->code = error->code;
    failure->state = nu_arena_text(arena, error->state);
    failure->constraint = nu_arena_text(arena, error->constraint);
    failure->sql = nu_arena_text(arena, sql);
    failure->retry = error->retry;
    return failure;
}

void nu__db_raise(nu_database *db, const nu_db_error *error, const char *sql)
{
    nu__db_count_error();
    nu_error *raised = nu_error_new(error->kind, "%s", error->fact);
    raised->detail = error->detail;
    if (raised->detail == NULL && sql != NULL)
        raised->detail = nu_fmt("The statement was: %s", sql);
    raised->hint = error->hint;
    raised->data = failure_of(raised->arena, db, error, sql);
    nu_throw(raised);
}

/* ---- running -------------------------------------------------------------------------------- */

static NU_WAITS bool write_statement(void *arg, nu_db_connection *connection)
{
    nu_db_run *run = arg;
    return run->backend->run(connection, &run->statement, &run->cursor);
}

/* A write outside NU_ATOMIC stands in line behind the open blocks of this process: polling for the
 * lock would starve it. It is done when the first step returns. */
static NU_WAITS bool run_shared_write(nu_db_run *run)
{
    return nu__db_write_shared(run->database, write_statement, run);
}

static NU_WAITS bool run_shared_read(nu_db_run *run)
{
    nu_db_connection *connection = nu__db_shared(run->database);
    run->backend->tidy(connection, false);
    nu__db_slice_read(run->database, connection);
    return run->backend->run(connection, &run->statement, &run->cursor);
}

static NU_WAITS bool run_once(nu_db_run *run)
{
    nu_database *db = run->database;
    nu_atomic_  *atomic = nu__db_atomic(db);
    if (atomic == NULL && db->isolated == NULL)
        return run->statement.writes ? run_shared_write(run) : run_shared_read(run);
    nu_db_connection *connection = atomic != NULL ? atomic->connection : nu__db_shared(db);
    run->backend->tidy(connection, false);
    run->statement.guarded = atomic == NULL;
    return run->backend->run(connection, &run->statement, &run->cursor);
}

void nu__db_run_init(nu_db_run *run, nu_database *db, const nu_db_statement *statement)
{
    *run = (nu_db_run){
        .database = db,
        .backend = db->backend,
        .statement = *statement,
        .began_us = watcher != NULL ? nu_monotonic_us() : 0,
    };
    statements++;
}

/* False if the replica does not answer: then its original does, since it is a plain read. */
static NU_WAITS bool run_on_replica(nu_db_run *run)
{
    bool volatile ok = false;
    NU_TRY {
        ok = run_once(run);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_OPERATIONAL_ERROR))
            nu_reraise(error);
    }
    if (ok)
        run->cursor.read = run->cursor.row;
    return ok;
}

void nu__db_start(nu_db_run *run, nu_database *db, const nu_db_statement *statement)
{
    nu__db_run_init(run, nu__db_answering(db, statement), statement);
    nu_db_patience patience = {0};
    if (run->database != db && run_on_replica(run))
        return;
    run->database = db;
    while (!run_once(run)) {
        if (nu__db_patience(&patience, db, &run->cursor.error))
            continue;
        tell(run, true);
        nu__db_raise(run->database, &run->cursor.error, run->statement.sql);
    }
    run->cursor.read = run->cursor.row;
}

void nu__db_next(nu_db_run *run)
{
    if (run->limit > 0 && run->cursor.read >= run->limit) {
        run->cursor.row = false;
        return;
    }
    if (run->backend->next(&run->cursor)) {
        run->cursor.read += run->cursor.row;
        return;
    }
    tell(run, true);
    nu__db_raise(run->database, &run->cursor.error, run->statement.sql);
}

void nu__db_finish(nu_db_run *run)
{
    run->backend->finish(&run->cursor);
    tell(run, false);
}

int64_t nu__db_run_all(nu_database *db, const nu_db_statement *statement)
{
    nu_db_run run;
    nu__db_start(&run, db, statement);
    while (run.cursor.row)
        nu__db_next(&run);
    nu__db_finish(&run);
    return run.cursor.changed;
}

int64_t nu__db_execute(nu_database *db, const char *sql, size_t length, const nu_value *params,
                       size_t count, int64_t *last_id)
{
    nu_db_statement statement = {
        .sql = sql, .length = length, .params = params, .count = count, .writes = true};
    nu_db_run run;
    nu__db_start(&run, db, &statement);
    while (run.cursor.row)
        nu__db_next(&run);
    nu__db_finish(&run);
    if (last_id != NULL)
        *last_id = run.cursor.last_id;
    return run.cursor.changed;
}
