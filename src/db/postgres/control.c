/* BEGIN, SAVEPOINT, COMMIT and so on. What opens something waits for the first statement and goes
 * along with it; a block without statements costs nothing. */
#include <stdio.h>
#include <string.h>

#include "db/postgres/internal.h"

void nu__pg_push_pending(pg_connection *connection)
{
    int count = connection->pending_count;
    connection->pending_count = 0;
    for (int i = 0; i < count && connection->handle != NULL; i++)
        nu__pg_push_control(connection, connection->pending[i]);
}

void nu__pg_undo_guarded(pg_connection *connection)
{
    if (connection->handle == NULL)
        return;
    nu__pg_push_control(connection, "ROLLBACK TO nu_guard");
    nu__pg_push_control(connection, "RELEASE nu_guard");
    nu__pg_sync(connection);
    connection->failed = false;
}

static bool refuse_failed(nu_db_error *error)
{
    *error = (nu_db_error){
        .kind = NU_TRANSACTION_ERROR,
        .state = "25P02",
        .fact = "a statement of this NU_ATOMIC block failed, so it cannot be committed",
        .detail = "Its error was caught inside the block; the server has given the block up.",
        .hint = "Put a statement that may fail into a NU_ATOMIC block of its own.",
    };
    return false;
}

/* ---- answers that must be waited for -------------------------------------------------------- */

/* Sends it with all that is pending, and waits come what may: half a COMMIT helps nobody. */
static NU_WAITS bool execute(pg_connection *connection, const char *sql, nu_db_error *error)
{
    nu__pg_sync(connection);
    nu__pg_push_pending(connection);
    bool sent = connection->handle != NULL &&
                nu__pq.sendQueryParams(connection->handle, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
    pg_request *request = nu__pg_push(connection, PG_EXECUTE, sent);
    nu__pg_sync(connection);
    if (nu__pg_await(connection, request, true) != NU_WAKE_READY) {
        nu__pg_error_lost(error, true);
        return false;
    }
    bool ok = !request->lost && nu__pq.resultStatus(request->result) == PGRES_COMMAND_OK;
    if (request->lost)
        nu__pg_error_lost(error, false);
    else if (!ok)
        nu__pg_error(request->result, error);
    else if (strcmp(sql, "COMMIT") == 0 &&
             strcmp(nu__pq.cmdStatus(request->result), "ROLLBACK") == 0)
        ok = refuse_failed(error);
    nu__pg_release(connection, request);
    return ok;
}

/* True if a statement whose fiber gave up may still be running. */
static bool has_left(const pg_connection *connection)
{
    for (const pg_request *at = connection->first; at != NULL; at = at->next) {
        if (at->left)
            return true;
    }
    return false;
}

/* ---- opening, lazily ------------------------------------------------------------------------ */

static void add_pending(pg_connection *connection, const char *sql)
{
    if (connection->pending_count == PG_PENDING) {
        nu__pg_sync(connection);
        nu__pg_push_pending(connection);
        nu__pg_sync(connection);
    }
    snprintf(connection->pending[connection->pending_count++], PG_CONTROL_SIZE, "%s", sql);
}

static bool is_pending(const pg_connection *connection, int at, const char *sql)
{
    return at >= 0 && at < connection->pending_count && strcmp(connection->pending[at], sql) == 0;
}

/* Where "SAVEPOINT x" waits, x being what "RELEASE x" or "ROLLBACK TO x" names; -1 if it was sent. */
static int find_savepoint(const pg_connection *connection, const char *sql)
{
    char opening[PG_CONTROL_SIZE];
    snprintf(opening, sizeof opening, "SAVEPOINT %s", strrchr(sql, ' ') + 1);
    for (int i = connection->pending_count - 1; i >= 0; i--) {
        if (is_pending(connection, i, opening))
            return i;
    }
    return -1;
}

static bool begin(pg_connection *connection, const char *sql)
{
    connection->doomed = connection->failed = false;
    connection->begun = true;
    connection->pending_count = 0;
    add_pending(connection, sql);
    return true;
}

static bool release(pg_connection *connection, const char *sql, nu_db_error *error)
{
    int opened = find_savepoint(connection, sql);
    if (opened >= 0) {
        connection->pending_count = opened;
        return true;
    }
    if (connection->failed)
        return refuse_failed(error);
    add_pending(connection, sql);
    return true;
}

/* ---- ending --------------------------------------------------------------------------------- */

static void end(pg_connection *connection)
{
    connection->pending_count = 0;
    connection->begun = connection->doomed = connection->failed = false;
}

static NU_WAITS bool commit(pg_connection *connection, nu_db_error *error)
{
    if (nu__pg_begin_is_pending(connection)) { /* nothing has been done */
        end(connection);
        return true;
    }
    if (connection->failed)
        return refuse_failed(error);
    bool ok = execute(connection, "COMMIT", error);
    end(connection); /* also if it failed: the server has rolled back */
    return ok;
}

static NU_WAITS bool roll_back(pg_connection *connection, nu_db_error *error)
{
    if (connection->doomed || connection->handle == NULL || nu__pg_begin_is_pending(connection)) {
        end(connection);
        return true;
    }
    connection->pending_count = 0;
    bool ok = !has_left(connection) && execute(connection, "ROLLBACK", error);
    if (!ok) {
        /* The end of the connection undoes it as well. */
        nu__pg_cancel(connection);
        nu__pg_lose(connection);
    }
    end(connection);
    return true;
}

static NU_WAITS bool roll_back_to(pg_connection *connection, const char *sql, nu_db_error *error)
{
    int opened = find_savepoint(connection, sql);
    if (opened >= 0 && !connection->failed) {
        connection->pending_count = opened + 1;
        return true;
    }
    if (has_left(connection))
        nu__pg_cancel_now(connection);
    connection->pending_count = 0;
    connection->failed = false;
    return execute(connection, sql, error);
}

bool nu__pg_control(nu_db_connection *base, nu_db_control what, const char *sql, nu_db_error *error)
{
    pg_connection *connection = (pg_connection *)base;
    nu__pg_tidy(base, false);
    if (connection->doomed && what != NU_DB_BEGIN && what != NU_DB_ROLLBACK) {
        nu__pg_error_lost(error, true);
        return false;
    }
    switch (what) {
    case NU_DB_BEGIN: return begin(connection, sql);
    case NU_DB_SAVEPOINT: add_pending(connection, sql); return true;
    case NU_DB_RELEASE: return release(connection, sql, error);
    case NU_DB_ROLLBACK_TO: return roll_back_to(connection, sql, error);
    case NU_DB_COMMIT: return commit(connection, error);
    case NU_DB_CLOSE:
        if (!connection->failed) /* else the end of the transaction closes it */
            add_pending(connection, sql);
        return true;
    case NU_DB_ROLLBACK: break;
    }
    return roll_back(connection, error);
}
