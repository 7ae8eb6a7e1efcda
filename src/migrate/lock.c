/* One deployer at a time. Where the database has no lock of this kind, the transaction of each
 * migration has the database to itself, and finds what another has done meanwhile. */
#include "migrate/internal.h"

#include "db/internal.h"

static void limit_wait(nu_database *db, nu_db_connection *connection, int64_t ms)
{
    nu__db_execute_on(
        db, connection,
        nu_fmt("SET %s = %lld", nu_database_backend(db)->lock_timeout, (long long)ms));
}

nu_db_connection *nu__schema_lock(nu_database *db, void (*waiting)(void))
{
    enum { AT_ONCE_MS = 200 };
    const nu_db_backend *backend = nu_database_backend(db);
    if (backend->schema_lock == NULL)
        return NULL;
    nu_db_connection *connection = nu__db_take(db, NULL);
    NU_TRY {
        limit_wait(db, connection, AT_ONCE_MS);
        nu__db_execute_on(db, connection, backend->schema_lock);
        return connection;
    }
    NU_CATCH (error) {
        if (error->kind != NU_OPERATIONAL_ERROR) {
            nu__db_give(db, connection, true);
            nu_reraise(error);
        }
    }
    if (waiting != NULL)
        waiting();
    limit_wait(db, connection, 0);
    nu__db_execute_on(db, connection, backend->schema_lock);
    return connection;
}

void nu__schema_unlock(nu_database *db, nu_db_connection *lock)
{
    if (lock != NULL)
        nu__db_give(db, lock, true); /* the session's end frees it, and its settings go with it */
}

const char *nu__schema_limit_session(nu_database *db, int64_t ms)
{
    const char *setting = nu_database_backend(db)->lock_timeout;
    if (setting == NULL || ms <= 0)
        return NULL;
    const char *before = nu_text(nu_sql_value(db, nu_fmt("SELECT current_setting('%s')", setting)));
    nu_sql_script(db, nu_fmt("SET %s = %lld", setting, (long long)ms));
    return before;
}

void nu__schema_unlimit_session(nu_database *db, const char *before)
{
    if (before != NULL)
        nu_sql_script(db, nu_fmt("SET %s = '%s'", nu_database_backend(db)->lock_timeout, before));
}

void nu__schema_limit_wait(nu_database *db, int64_t ms)
{
    const char *setting = nu_database_backend(db)->lock_timeout;
    if (setting != NULL && ms > 0)
        nu_sql_script(db, nu_fmt("SET LOCAL %s = %lld", setting, (long long)ms));
}
