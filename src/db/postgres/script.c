/* Texts of several statements. libpq sends them outside of the pipeline only, so the connection
 * leaves it for that time; it must be the caller's own. */
#include "db/postgres/internal.h"

static NU_WAITS bool run(pg_connection *connection, const char *sql, nu_db_error *error)
{
    PGconn     *handle = connection->handle;
    bool        sent = nu__pq.exitPipelineMode(handle) == 1 && nu__pq.sendQuery(handle, sql) == 1;
    pg_request *request = nu__pg_push(connection, PG_SIMPLE, sent);
    nu__pg_flush(connection);
    nu_wake wake = nu__pg_await(connection, request, false);
    if (!request->done) { /* nothing else can be done with it */
        nu__pg_cancel(connection);
        nu__pg_lose(connection);
        nu__wake_check(wake, "running a script");
    }
    bool ok = !request->lost && nu__pq.resultStatus(request->result) != PGRES_FATAL_ERROR;
    if (request->lost)
        nu__pg_error_lost(error, connection->doomed);
    else if (!ok)
        nu__pg_error(request->result, error);
    nu__pg_release(connection, request);
    if (connection->handle != NULL && nu__pq.enterPipelineMode(connection->handle) != 1)
        nu__pg_lose(connection);
    return ok;
}

/* A script that opened a transaction and did not end it would hold its locks for ever. */
static bool check_ended(pg_connection *connection, nu_db_error *error)
{
    if (connection->begun || connection->handle == NULL ||
        nu__pq.transactionStatus(connection->handle) == PQTRANS_IDLE)
        return true;
    nu__pg_lose(connection);
    *error = (nu_db_error){
        .kind = NU_TRANSACTION_ERROR,
        .fact = "the script opened a transaction and did not end it",
        .hint = "Add a COMMIT, or leave BEGIN away and run it inside NU_ATOMIC.",
    };
    return false;
}

bool nu__pg_script(nu_db_connection *base, const char *sql, nu_db_error *error)
{
    pg_connection *connection = (pg_connection *)base;
    nu__pg_tidy(base, false);
    if (!nu__pg_ensure(connection, true, error))
        return false;
    nu__pg_push_pending(connection);
    bool guarded = connection->begun;
    if (guarded)
        nu__pg_push_control(connection, "SAVEPOINT nu_guard");
    if (!nu__pg_drain(connection)) {
        nu__pg_error_lost(error, connection->doomed);
        return false;
    }
    bool ok = run(connection, sql, error) && check_ended(connection, error);
    if (guarded && ok) {
        nu__pg_push_control(connection, "RELEASE nu_guard");
        nu__pg_sync(connection);
    } else if (guarded) {
        nu__pg_undo_guarded(connection);
    }
    return ok;
}
