/* Replicas: copies of a database that answer its plain reads. */
#include <string.h>

#include "base/ambient.h"
#include "db/internal.h"

static bool is_replica(const nu_database *of, const nu_database *db)
{
    return db->options.replica_of != NULL && strcmp(db->options.replica_of, of->alias) == 0;
}

static bool is_away(const nu_database *db)
{
    return db->away.since != 0 && nu_monotonic_us() < db->away.until;
}

/* The next one in turn that can be reached; `db` if there is none. */
static nu_database *next_replica(nu_database *db)
{
    int at = (int)(db->turn++ % (unsigned)db->replicas), passed = 0;
    for (int round = 0; round < 2; round++) {
        for (nu_database *one = NULL; (one = nu_database_next(one)) != NULL;) {
            if (is_replica(db, one) && passed++ >= at && !is_away(one))
                return one;
        }
    }
    return db;
}

nu_database *nu__db_answering(nu_database *db, const nu_db_statement *statement)
{
    if (NU_LIKELY(db->replicas == 0))
        return db;
    struct nu_ambient *ambient = nu__ambient();
    ambient->wrote = ambient->wrote || statement->writes;
    if (!statement->pure || ambient->wrote || db->isolated != NULL || nu__db_atomic(db) != NULL)
        return db;
    return next_replica(db);
}
