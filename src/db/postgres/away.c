/* A server that cannot be reached. Within a loop it is asked again after a while only, and whoever comes
 * before that is told at once: a site whose database is away answers 503 quickly, and the server that
 * comes back is not met by a crowd. */
#include <stdio.h>

#include "db/postgres/internal.h"
#include "nuages/log.h"
#include "nuages/random.h"

enum { FIRST_US = 100000, MOST_STEPS = 2 };

bool nu__pg_is_away(nu_database *db, nu_db_error *error)
{
    const nu_db_away *away = &db->away;
    int64_t           now = nu_monotonic_us();
    if (nu__loop_current() == NULL || away->since == 0 || now >= away->until)
        return false;
    *error = (nu_db_error){
        .kind = NU_OPERATIONAL_ERROR,
        .state = "08001",
        .fact = "cannot connect to the database",
        .detail = nu_fmt("%s It will be asked again in %d ms.", away->detail,
                         (int)((away->until - now) / 1000)),
        .hint = away->hint,
        .broken = true,
    };
    return true;
}

void nu__pg_note_away(nu_database *db, const nu_db_error *error)
{
    nu_db_away *away = &db->away;
    int64_t     now = nu_monotonic_us();
    if (error->busy || nu__loop_current() == NULL) /* it is there, or nobody will ask again */
        return;
    if (away->since == 0) {
        away->since = now;
        nu_warning("db", "database \"%s\" cannot be reached: %s", db->alias, error->detail);
    }
    int     steps = away->tries < MOST_STEPS ? away->tries : MOST_STEPS;
    int64_t pause = (int64_t)FIRST_US << steps;
    away->until = now + pause / 2 + (int64_t)nu_random_below((uint64_t)pause);
    away->tries++;
    away->hint = error->hint;
    snprintf(away->detail, sizeof away->detail, "%s", error->detail);
}

void nu__pg_note_back(nu_database *db)
{
    if (db->away.since != 0)
        nu_info("db", "database \"%s\" can be reached again, after %.1f s", db->alias,
                (double)(nu_monotonic_us() - db->away.since) / 1e6);
    db->away = (nu_db_away){.since = 0};
}
