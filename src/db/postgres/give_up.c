/* Statements whose fibers have given up, on connections that many share. What ends soon is left alone; what
 * does not would hold up the others, and the server. It is cancelled when it is the one that runs.
 *
 * The server cancels whatever runs when the wish arrives. So the connection takes no new statements until
 * the cancelled one was answered; if it ended by itself meanwhile, the wish is still on its way, and the
 * connection is opened anew. */
#include "db/postgres/internal.h"

enum { PATIENCE_US = 100000 };

static bool runs_for_nobody(const pg_connection *connection)
{
    const pg_request *first = connection->first;
    while (first != NULL && first->kind != PG_EXECUTE)
        first = first->next;
    return first != NULL && first->left && connection->answered == NULL;
}

static void due(nu_timer *timer)
{
    pg_connection *connection = NU_CONTAINER(timer, pg_connection, given_up);
    if (connection->base.cancelling || connection->begun || !runs_for_nobody(connection))
        return;
    connection->base.cancelling = true;
    nu__pg_cancel(connection);
}

void nu__pg_give_up_later(pg_connection *connection)
{
    if (connection->watch.loop != NULL && !connection->begun)
        nu__timer_start(connection->watch.loop, &connection->given_up,
                        nu__loop_now(connection->watch.loop) + PATIENCE_US, due);
}

void nu__pg_given_up(pg_connection *connection, const PGresult *result)
{
    if (!connection->base.cancelling)
        return;
    const char *state = nu__pq.resultErrorField(result, PG_DIAG_SQLSTATE);
    connection->base.cancelling = false;
    if (state == NULL || strcmp(state, "57014") != 0)
        connection->dying = true;
    nu__db_lane_free(connection->base.database);
}
