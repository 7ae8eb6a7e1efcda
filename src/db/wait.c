/* Waiting for locks. Nothing here runs inside a callback of a database library: a busy statement is
 * reset first and tried again after a wait, so a fiber parks with its own frames only. */
#include "db/internal.h"

#include "nuages/fiber.h"
#include "nuages/random.h"

/* Short, uneven naps: with even ones two writers stay in step and one of them starves. They grow to
 * 5 ms, so that a long lock does not cost much. */
static int64_t nap_us(int turn)
{
    int     steps = turn < 5 ? turn : 5;
    int64_t most = (int64_t)150 << steps;
    return 50 + (int64_t)nu_random_below((uint64_t)most);
}

/* A server that has no room, or is starting, is not asked as often as a file for its lock. */
static int64_t long_nap_us(int turn)
{
    int steps = turn < 4 ? turn : 4;
    return 10000 + (int64_t)nu_random_below((uint64_t)20000 << steps);
}

bool nu__db_patience(nu_db_patience *patience, const nu_database *db, const nu_db_error *error)
{
    if (!error->busy)
        return false;
    int64_t now = nu_monotonic_us();
    if (patience->until == 0)
        patience->until = now + (int64_t)db->options.timeout_ms * 1000;
    if (now >= patience->until)
        return false;
    int64_t left = patience->until - now;
    int64_t nap = error->broken ? long_nap_us(patience->turn) : nap_us(patience->turn);
    patience->turn++;
    nu_sleep_us(nap < left ? nap : left);
    return true;
}

static NU_NORETURN void raise_locked(const nu_database *db)
{
    nu_error *error = nu_error_new(NU_OPERATIONAL_ERROR, "database \"%s\" is locked", db->alias);
    error->detail = nu_fmt("Another request of this process kept its NU_ATOMIC block open for more "
                           "than %d ms.",
                           db->options.timeout_ms);
    error->hint = "Keep NU_ATOMIC blocks short, with no waits for other services inside.";
    nu_throw(error);
}

void nu__db_writer_take(nu_database *db)
{
    if (!db->backend->one_writer || nu__semaphore_try(&db->writer))
        return;
    if (nu__fiber_self() == NULL)
        raise_locked(db);
    nu_wake wake = nu__semaphore_take_until(&db->writer, nu__in_ms(db->options.timeout_ms));
    if (wake == NU_WAKE_TIMEOUT)
        raise_locked(db);
    nu__wake_check(wake, "waiting to write to the database");
}

void nu__db_writer_give(nu_database *db)
{
    if (db->backend->one_writer)
        nu__semaphore_give(&db->writer);
}
