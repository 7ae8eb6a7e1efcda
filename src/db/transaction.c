/* NU_ATOMIC: transactions, savepoints, and what happens after a commit.
 *
 * The blocks that the running fiber is in form a list through `outer`, innermost first, which hangs
 * on the ambient state: each fiber has its own. The outermost block of a database holds an
 * exclusive connection from BEGIN to COMMIT; inner ones are savepoints on it. In an isolated
 * database (tests) even the outermost block is a savepoint. */
#include <stdio.h>
#include <string.h>

#include "base/ambient.h"
#include "db/internal.h"
#include "nuages/log.h"

typedef struct nu_commit_hook_ {
    void (*fn)(void *arg);
    void                   *arg;
    struct nu_commit_hook_ *next;
} commit_hook;

enum { FRESH, OPEN };

nu_atomic_ *nu__db_atomic(const nu_database *db)
{
    nu_atomic_ *atomic = nu__ambient()->database;
    while (atomic != NULL && atomic->database != db)
        atomic = atomic->outer;
    return atomic;
}

/* ---- control statements --------------------------------------------------------------------- */

/* Runs it once; false and *error on failure. */
static NU_WAITS bool execute_try(nu_db_connection *connection, const char *sql, nu_db_error *error)
{
    nu_db_statement statement = {.sql = sql, .length = strlen(sql), .writes = true};
    nu_db_cursor    cursor = {.connection = connection};
    bool            ok = connection->backend->run(connection, &statement, &cursor);
    if (ok)
        connection->backend->finish(&cursor);
    else
        *error = cursor.error;
    return ok;
}

static NU_WAITS bool control_try(nu_db_connection *connection, nu_db_control what, const char *sql,
                                 nu_db_error *error)
{
    return connection->backend->control != NULL
               ? connection->backend->control(connection, what, sql, error)
               : execute_try(connection, sql, error);
}

void nu__db_control(nu_database *db, nu_db_connection *connection, nu_db_control what,
                    const char *sql)
{
    nu_db_patience patience = {0};
    nu_db_error    error = {0};
    while (!control_try(connection, what, sql, &error)) {
        if (!nu__db_patience(&patience, db, &error))
            nu__db_raise(db, &error, sql);
    }
}

void nu__db_execute_on(nu_database *db, nu_db_connection *connection, const char *sql)
{
    nu_db_patience patience = {0};
    nu_db_error    error = {0};
    while (!execute_try(connection, sql, &error)) {
        if (!nu__db_patience(&patience, db, &error))
            nu__db_raise(db, &error, sql);
    }
}

/* For the ways out of a block that failed already: its error matters, not this one. False if the
 * connection cannot be trusted any more. */
static NU_WAITS bool undo(nu_db_connection *connection, nu_db_control what, const char *sql)
{
    nu_db_error error = {0};
    connection->backend->tidy(connection, false);
    if (!connection->backend->in_transaction(connection)) /* a full disk, for one, ended it */
        return true;
    if (control_try(connection, what, sql, &error))
        return true;
    nu_warning("db", "%s failed: %s", sql, error.fact);
    return false;
}

static const char *savepoint(char out[48], const char *verb, const nu_atomic_ *atomic)
{
    snprintf(out, 48, "%s nu_%d", verb, atomic->depth);
    return out;
}

/* ---- begin ---------------------------------------------------------------------------------- */

static NU_WAITS void begin_whole(nu_atomic_ *atomic)
{
    nu_database *db = atomic->database;
    if (!atomic->snapshot)
        nu__db_writer_take(db);
    nu_db_connection *volatile connection = NULL;
    NU_TRY {
        connection = nu__db_take(db, atomic);
        nu__db_control(db, connection, NU_DB_BEGIN,
                       atomic->snapshot ? db->backend->begin_snapshot : db->backend->begin);
    }
    NU_CATCH (error) {
        if (connection != NULL)
            nu__db_give(db, connection, false);
        if (!atomic->snapshot)
            nu__db_writer_give(db);
        nu_reraise(error);
    }
    atomic->connection = connection;
    atomic->whole = atomic;
}

static NU_WAITS void begin_savepoint(nu_atomic_ *atomic, nu_atomic_ *around)
{
    char sql[48];
    if (around != NULL) {
        atomic->connection = around->connection;
        atomic->whole = around->whole;
        atomic->depth = around->depth + 1;
        atomic->earlier = atomic->whole->hooks;
    } else {
        atomic->connection = atomic->database->isolated;
        atomic->whole = atomic;
        atomic->depth = ++atomic->database->isolated_depth;
    }
    atomic->connection->backend->tidy(atomic->connection, false);
    nu__db_control(atomic->database, atomic->connection, NU_DB_SAVEPOINT,
                   savepoint(sql, "SAVEPOINT", atomic));
}

static NU_WAITS void begin(nu_atomic_ *atomic, const char *alias)
{
    struct nu_ambient *ambient = nu__ambient();
    atomic->database = nu_database_get(alias);
    nu_atomic_ *around = nu__db_atomic(atomic->database);
    if (around == NULL && atomic->database->isolated == NULL)
        begin_whole(atomic);
    else
        begin_savepoint(atomic, around);
    atomic->outer = ambient->database;
    atomic->state = OPEN;
    ambient->database = atomic;
    nu_frame_begin_(&atomic->frame);
}

/* ---- end ------------------------------------------------------------------------------------ */

static bool is_whole(const nu_atomic_ *atomic)
{
    return atomic->whole == atomic;
}

/* Takes the block off the list; from here on it is not the fiber's any more. */
static void leave(nu_atomic_ *atomic)
{
    atomic->state = FRESH;
    nu__ambient()->database = atomic->outer;
    nu_frame_leave_(&atomic->frame);
}

static void release(nu_atomic_ *atomic, bool broken)
{
    nu_database *db = atomic->database;
    if (atomic->connection == db->isolated) {
        db->isolated_depth--;
        return;
    }
    nu__db_give(db, atomic->connection, broken);
    nu__db_slice_end(db);
    if (!atomic->snapshot)
        nu__db_writer_give(db);
}

static void roll_back(nu_atomic_ *atomic)
{
    char sql[48];
    if (atomic->depth == 0) {
        bool ok = undo(atomic->connection, NU_DB_ROLLBACK, "ROLLBACK");
        release(atomic, !ok);
        return;
    }
    bool ok = undo(atomic->connection, NU_DB_ROLLBACK_TO, savepoint(sql, "ROLLBACK TO", atomic)) &&
              undo(atomic->connection, NU_DB_RELEASE, savepoint(sql, "RELEASE", atomic));
    if (is_whole(atomic)) {
        release(atomic, false);
        return;
    }
    atomic->whole->hooks = atomic->earlier;
    if (!ok)
        atomic->whole->rollback = true;
}

/* Oldest first. One that raises is logged: the data is committed, the others are still due. */
static NU_WAITS void run_hooks(commit_hook *newest)
{
    commit_hook *oldest = NULL;
    while (newest != NULL) {
        commit_hook *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    for (commit_hook *volatile hook = oldest; hook != NULL; hook = hook->next) {
        NU_TRY {
            hook->fn(hook->arg);
        }
        NU_CATCH (error) {
            nu_log_raised("db", error);
        }
    }
}

/* A commit that fails (a deferred constraint, a deadline while it is busy) leaves the transaction
 * open. */
static NU_WAITS void commit(nu_atomic_ *atomic)
{
    char          sql[48];
    const char   *text = atomic->depth == 0 ? "COMMIT" : savepoint(sql, "RELEASE", atomic);
    nu_db_control what = atomic->depth == 0 ? NU_DB_COMMIT : NU_DB_RELEASE;
    atomic->connection->backend->tidy(atomic->connection, false);
    NU_TRY {
        nu__db_control(atomic->database, atomic->connection, what, text);
    }
    NU_CATCH (error) {
        roll_back(atomic);
        nu_reraise(error);
    }
    if (!is_whole(atomic))
        return;
    release(atomic, false);
    run_hooks(atomic->hooks);
}

/* The block's end, by falling out of it or by return, break, continue. */
static NU_WAITS void end(nu_atomic_ *atomic)
{
    leave(atomic);
    if (atomic->rollback)
        roll_back(atomic);
    else
        commit(atomic);
}

/* ---- behind the macro ----------------------------------------------------------------------- */

bool nu_atomic_step_(nu_atomic_ *atomic, const char *alias)
{
    if (atomic->state == OPEN) {
        end(atomic);
        return false;
    }
    begin(atomic, alias);
    return true;
}

void nu_atomic_leave_(nu_atomic_ *atomic)
{
    if (atomic->state == OPEN)
        end(atomic);
}

void nu_atomic_raised_(nu_atomic_ *atomic)
{
    const nu_error *error = nu_caught_();
    leave(atomic);
    roll_back(atomic);
    nu_reraise(error);
}

/* ---- public --------------------------------------------------------------------------------- */

void nu_on_commit(nu_database *db, void (*fn)(void *arg), void *arg)
{
    nu_atomic_ *atomic = nu__db_atomic(db != NULL ? db : nu_database_get(NULL));
    if (atomic == NULL) {
        fn(arg);
        return;
    }
    commit_hook *hook = nu_arena_alloc(atomic->whole->frame.arena, sizeof *hook);
    *hook = (commit_hook){fn, arg, atomic->whole->hooks};
    atomic->whole->hooks = hook;
}

bool nu_in_atomic(nu_database *db)
{
    return nu__db_atomic(db != NULL ? db : nu_database_get(NULL)) != NULL;
}

void nu_set_rollback(nu_database *db)
{
    nu_atomic_ *atomic = nu__db_atomic(db != NULL ? db : nu_database_get(NULL));
    if (atomic == NULL)
        nu_raise(NU_TRANSACTION_ERROR, "nu_set_rollback outside of NU_ATOMIC");
    atomic->rollback = true;
}

void nu_database_isolate(nu_database *db)
{
    db = db != NULL ? db : nu_database_get(NULL);
    if (db->isolated != NULL || nu__db_atomic(db) != NULL)
        nu_raise(NU_TRANSACTION_ERROR, "database \"%s\" is in a transaction already", db->alias);
    nu_db_connection *connection = nu__db_shared(db);
    nu__db_slice_end(db);
    db->backend->tidy(connection, true);
    nu__db_control(db, connection, NU_DB_BEGIN, db->backend->begin);
    db->isolated = connection;
    db->isolated_depth = 0;
}

void nu_database_isolate_end(nu_database *db)
{
    db = db != NULL ? db : nu_database_get(NULL);
    if (db->isolated == NULL)
        return;
    nu_db_connection *connection = db->isolated;
    db->isolated = NULL;
    if (!undo(connection, NU_DB_ROLLBACK, "ROLLBACK"))
        nu_raise(NU_TRANSACTION_ERROR, "the transaction of the test could not be undone");
}
