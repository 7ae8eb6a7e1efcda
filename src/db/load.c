/* What the databases of this process have to do. */
#include "db/internal.h"

static uint64_t errors;

void nu__db_count_error(void)
{
    errors++;
}

static int64_t count_idle(const nu_database *db)
{
    int64_t count = 0;
    for (const nu_db_connection *at = db->idle; at != NULL; at = at->next)
        count++;
    return count;
}

static void add_lanes(const nu_database *db, nu_database_load *out)
{
    for (int i = 0; i < db->lane_count; i++) {
        out->open++;
        out->busy += db->lanes[i]->in_flight > 0;
    }
}

static void add(const nu_database *db, nu_database_load *out)
{
    add_lanes(db, out);
    out->open += db->open + (db->shared != NULL);
    out->busy += db->open - count_idle(db) + (db->holder != NULL);
    out->waiting += (int64_t)(nu__queue_length(&db->line) + nu__queue_length(&db->lane_line) +
                              nu__queue_length(&db->writer.queue));
}

void nu_database_measure(nu_database_load *out)
{
    *out = (nu_database_load){.statements = nu_query_count(), .errors = errors};
    for (const nu_database *db = NULL; (db = nu_database_next(db)) != NULL;)
        add(db, out);
}
