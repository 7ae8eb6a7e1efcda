#include <string.h>

#include "db/postgres/internal.h"

/* ---- one try -------------------------------------------------------------------------------- */

typedef enum outcome { DONE, FAILED, LOST, ABORTED, STALE_PLAN } outcome;

/* The answer to a statement whose plan is out of date and could not be made anew. */
static void explain_stale(nu_db_error *error)
{
    *error = (nu_db_error){
        .kind = NU_OPERATIONAL_ERROR,
        .state = "0A000",
        .fact = "a table was altered while this transaction used it",
        .hint = "Run the whole NU_ATOMIC block again.",
        .retry = true,
    };
}

/* A table was altered since the statement was prepared. The server plans anew by itself, but will not
 * change the columns that it described; or the types that it settled on do not fit any more, which
 * shows as an error of syntax, naming or reading a value. */
static bool may_be_stale(const char *state)
{
    return strncmp(state, "42", 2) == 0 || strcmp(state, "22P02") == 0 ||
           strcmp(state, "22007") == 0;
}

static outcome fail_by_server(const PGresult *result, nu_db_error *error)
{
    const char *source = nu__pq.resultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    nu__pg_error(result, error);
    if (error->state == NULL)
        return FAILED;
    if (strcmp(error->state, "0A000") == 0 && source != NULL &&
        strcmp(source, "RevalidateCachedQuery") == 0) {
        explain_stale(error);
        return STALE_PLAN;
    }
    return may_be_stale(error->state) ? STALE_PLAN : FAILED;
}

static outcome fail_with(nu_db_cursor *cursor, const char *fact)
{
    cursor->error = (nu_db_error){.kind = NU_PROGRAMMING_ERROR, .fact = fact};
    return FAILED;
}

/* Takes the answer over as the one that is being read. */
static outcome begin_reading(pg_connection *connection, pg_request *request, nu_db_cursor *cursor)
{
    PGresult *result = request->result;
    switch (nu__pq.resultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK: break;
    case PGRES_EMPTY_QUERY: return fail_with(cursor, "the text is not one statement but none");
    case PGRES_FATAL_ERROR: return fail_by_server(result, &cursor->error);
    default: return fail_with(cursor, "COPY to or from the program is not possible here");
    }
    int64_t     changed = 0;
    const char *count = nu__pq.cmdTuples(result);
    if (!nu_parse_int(count, strlen(count), &changed))
        changed = 0;
    request->result = NULL;
    connection->current = result;
    cursor->handle = result;
    cursor->columns = nu__pq.nfields(result);
    cursor->row = nu__pq.ntuples(result) > 0;
    cursor->changed = changed;
    return DONE;
}

static outcome conclude(pg_connection *connection, pg_request *request, nu_db_cursor *cursor)
{
    outcome how = DONE;
    if (request->lost) {
        nu__pg_error_lost(&cursor->error, connection->doomed);
        how = LOST;
    } else if (request->aborted) {
        how = ABORTED;
    } else {
        how = begin_reading(connection, request, cursor);
    }
    nu__pg_release(connection, request);
    return how;
}

static pg_request *send(pg_connection *connection, const pg_entry *entry, const pg_params *params)
{
    char name[PG_NAME_SIZE];
    nu__pg_write_name(name, entry->number);
    bool sent = connection->handle != NULL &&
                nu__pq.sendQueryPrepared(connection->handle, name, entry->count, params->values,
                                         params->lengths, params->formats, entry->binary) == 1;
    return nu__pg_push(connection, PG_EXECUTE, sent);
}

/* A query is sent again if it was lost, and a transaction that the server has begun cannot go on
 * elsewhere: only the others need to know before. */
static bool must_look(const pg_connection *connection, const nu_db_statement *statement)
{
    return !statement->pure && (!connection->begun || nu__pg_begin_is_pending(connection));
}

static NU_WAITS outcome run_once(pg_connection *connection, const nu_db_statement *statement,
                                 bool alone, nu_db_cursor *cursor)
{
    if (!nu__pg_ensure(connection, must_look(connection, statement), &cursor->error))
        return FAILED;
    pg_entry *entry = nu__pg_prepare(connection, statement, &cursor->error);
    if (entry == NULL)
        return cursor->error.broken && connection->handle == NULL ? LOST : FAILED;
    pg_params params;
    if (!nu__pg_bind(entry, statement, &params, &cursor->error))
        return FAILED;
    bool guarded = statement->guarded && connection->begun;
    if (alone)
        nu__pg_sync(connection);
    nu__pg_push_pending(connection);
    if (guarded)
        nu__pg_push_control(connection, "SAVEPOINT nu_guard");
    uint32_t    number = entry->number;
    pg_request *request = send(connection, entry, &params);
    if (guarded)
        nu__pg_push_control(connection, "RELEASE nu_guard");
    if (alone)
        nu__pg_sync(connection);
    else
        nu__pg_sync_later(connection);
    nu__wake_check(nu__pg_await(connection, request, false), "waiting for the database");
    outcome how = conclude(connection, request, cursor);
    if (how == STALE_PLAN && entry->number == number)
        nu__pg_forget(connection, entry);
    if (guarded && (how == FAILED || how == STALE_PLAN))
        nu__pg_undo_guarded(connection);
    return how;
}

/* ---- trying again --------------------------------------------------------------------------- */

/* What BEGIN and its savepoints would be if the connection breaks before the server has answered
 * any of them: then nothing has happened yet, and the transaction can begin on another one. */
typedef struct beginning {
    bool fresh;
    char pending[PG_PENDING][PG_CONTROL_SIZE];
    int  count;
} beginning;

static void note_beginning(const pg_connection *connection, beginning *noted)
{
    noted->count = 0;
    noted->fresh = connection->begun && nu__pg_begin_is_pending(connection);
    if (!noted->fresh)
        return;
    memcpy(noted->pending, connection->pending, sizeof noted->pending);
    noted->count = connection->pending_count;
}

static void begin_again(pg_connection *connection, const beginning *noted)
{
    memcpy(connection->pending, noted->pending, sizeof noted->pending);
    connection->pending_count = noted->count;
    connection->doomed = false;
    connection->begun = true;
}

bool nu__pg_run(nu_db_connection *base, const nu_db_statement *statement, nu_db_cursor *cursor)
{
    pg_connection *connection = (pg_connection *)base;
    beginning      noted;
    bool           retried = false, alone = !statement->pure || connection->begun;
    nu__pg_tidy(base, false);
    *cursor = (nu_db_cursor){.connection = base};
    for (;;) {
        note_beginning(connection, &noted);
        switch (run_once(connection, statement, alone, cursor)) {
        case DONE: return true;
        case FAILED: return false;
        case ABORTED:
            if (alone) {
                nu__pg_error_lost(&cursor->error, true);
                return false;
            }
            alone = true;
            continue;
        case LOST:
            if (retried || (!noted.fresh && (!statement->pure || connection->doomed)))
                return false;
            if (noted.fresh)
                begin_again(connection, &noted);
            break;
        case STALE_PLAN:
            if (retried || (connection->begun && !statement->guarded))
                return false;
            cursor->error = (nu_db_error){.kind = NULL};
            break;
        }
        retried = true;
    }
}

bool nu__pg_next(nu_db_cursor *cursor)
{
    cursor->row = ++cursor->at < nu__pq.ntuples(cursor->handle);
    return true;
}

void nu__pg_finish(nu_db_cursor *cursor)
{
    nu__pg_tidy(cursor->connection, false);
}
