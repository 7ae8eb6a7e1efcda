#include "db/internal.h"

#include <pthread.h>

#include "base/ambient.h"

/* ---- processes ------------------------------------------------------------------------------ */

/* Counts the forks between the first process and this one: a connection may not be used by a
 * child. */
static unsigned generation = 1;

static void count_fork(void)
{
    generation++;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

static void drop(nu_database *db, bool forked)
{
    while (db->idle != NULL) {
        nu_db_connection *next = db->idle->next;
        db->backend->close(db->idle, forked);
        db->idle = next;
    }
    if (db->shared != NULL)
        db->backend->close(db->shared, forked);
    db->shared = NULL;
    while (db->lane_count > 0)
        db->backend->close(db->lanes[--db->lane_count], forked);
    nu__db_hub_close(db, forked);
    db->isolated = NULL;
    db->snapshot = false;
    db->slice_owner = NULL;
}

/* In a child of the process that opened them, the connections are forgotten, not closed: closing
 * would drop the parent's file locks. */
static void check_process(nu_database *db)
{
    if (NU_LIKELY(db->generation == generation))
        return;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    drop(db, db->generation != 0);
    db->open = 0;
    db->isolated_depth = 0;
    db->holder = NULL;
    db->writer = (nu_semaphore){.permits = 1};
    db->line = (nu_queue){NULL, NULL};
    db->lane_line = (nu_queue){NULL, NULL};
    db->lane_opening = false;
    db->slice_end = (nu_hook){NULL, NULL, NULL};
    db->generation = generation;
}

void nu__db_close(nu_database *db)
{
    nu__tick_forget(&db->slice_end);
    drop(db, db->generation != generation);
}

/* ---- opening -------------------------------------------------------------------------------- */

nu_db_connection *nu__db_open(nu_database *db)
{
    nu_db_patience patience = {0};
    for (;;) {
        nu_db_error       error = {0};
        nu_db_connection *connection = db->backend->open(db, &db->options, &error);
        if (connection != NULL) {
            connection->backend = db->backend;
            connection->database = db;
            return connection;
        }
        if (!nu__db_patience(&patience, db, &error))
            nu__db_raise(db, &error, NULL);
    }
}

static NU_NORETURN void raise_exhausted(const nu_database *db)
{
    nu_error *error =
        nu_error_new(NU_OPERATIONAL_ERROR, "no connection to database \"%s\" was free", db->alias);
    error->detail = nu_fmt("All of its %d connections were in use for %d ms.",
                           db->single ? 1 : db->options.max_open, db->options.timeout_ms);
    error->hint =
        "Keep NU_ATOMIC blocks short, with no waits for other services inside, or raise the "
        "option max_open.";
    nu_throw(error);
}

static NU_WAITS void stand_in_line(nu_database *db)
{
    nu_wake wake = nu__queue_wait(&db->line, nu__in_ms(db->options.timeout_ms));
    if (wake == NU_WAKE_TIMEOUT)
        raise_exhausted(db);
    nu__wake_check(wake, "waiting for a database connection");
}

/* Opening may wait, and another fiber may open it meanwhile. */
static NU_WAITS void open_shared(nu_database *db)
{
    nu_db_connection *connection = nu__db_open(db);
    if (db->shared == NULL)
        db->shared = connection;
    else
        db->backend->close(connection, false);
}

/* ---- lanes: connections that hold statements of many fibers -------------------------------------
 *
 * All go to the first one, which sends what a tick brought with one write, as long as answers keep coming:
 * spread over several connections the same statements cost a write, a read and a wake-up each. While a slow
 * statement holds it up they go to the next; that is opened when all there are stand still for long. */

enum { STILL_US = 1000, SLOW_US = 10000 };

/* True if the server owes an answer and has sent none for so long. */
static bool stands_still(const nu_db_connection *lane, int64_t us)
{
    return lane->in_flight > 0 && lane->queued < lane->in_flight &&
           nu_monotonic_us() - lane->busy_since > us;
}

/* The lane whose answer will come soonest; NULL if there is none yet. */
static nu_db_connection *best_lane(const nu_database *db)
{
    nu_db_connection *best = NULL;
    for (int i = 0; i < db->lane_count; i++) {
        nu_db_connection *lane = db->lanes[i];
        if (lane->cancelling)
            continue;
        if (!stands_still(lane, STILL_US))
            return lane;
        if (best == NULL || lane->busy_since > best->busy_since)
            best = lane;
    }
    return best;
}

static NU_WAITS void open_lane(nu_database *db)
{
    nu_db_connection *volatile lane = NULL;
    db->lane_opening = true;
    NU_TRY {
        lane = nu__db_open(db);
    }
    NU_CATCH (error) {
        db->lane_opening = false;
        nu__queue_wake_all(&db->lane_line);
        nu_reraise(error);
    }
    db->lane_opening = false;
    db->lanes[db->lane_count++] = lane;
    nu__queue_wake_all(&db->lane_line);
}

void nu__db_lane_free(nu_database *db)
{
    nu__queue_wake_all(&db->lane_line);
}

static NU_WAITS nu_db_connection *choose_lane(nu_database *db)
{
    for (;;) {
        nu_db_connection *lane = best_lane(db);
        bool              more = !db->lane_opening && db->lane_count < db->options.max_shared;
        if (lane != NULL && !(more && stands_still(lane, SLOW_US)))
            return lane;
        if (more)
            open_lane(db);
        else
            nu__wake_check(nu__queue_wait(&db->lane_line, NU__FOREVER),
                           "waiting for a database connection");
    }
}

nu_db_connection *nu__db_shared(nu_database *db)
{
    check_process(db);
    if (db->isolated != NULL)
        return db->isolated;
    if (db->backend->pipelined)
        return choose_lane(db);
    while (db->holder != NULL)
        stand_in_line(db);
    if (NU_UNLIKELY(db->shared == NULL))
        open_shared(db);
    return db->shared;
}

struct shared_write {
    nu_database *db;
    bool (*write)(void *arg, nu_db_connection *connection);
    void *arg;
};

static NU_WAITS bool write_on_shared(const struct shared_write *job)
{
    nu_db_connection *connection = nu__db_shared(job->db);
    nu__db_slice_end(job->db);
    connection->backend->tidy(connection, true);
    return job->write(job->arg, connection);
}

bool nu__db_write_shared(nu_database *db, bool (*write)(void *arg, nu_db_connection *connection),
                         void        *arg)
{
    const struct shared_write job = {db, write, arg};
    bool volatile ok = false;
    nu__db_writer_take(db);
    /* Opening the connection may fail, a parameter may be none: the place of the writer goes back. */
    NU_TRY {
        ok = write_on_shared(&job);
    }
    NU_CATCH (error) {
        nu__db_writer_give(db);
        nu_reraise(error);
    }
    nu__db_writer_give(db);
    return ok;
}

/* ---- exclusive ones ------------------------------------------------------------------------- */

static NU_WAITS nu_db_connection *take_single(nu_database *db, nu_atomic_ *holder)
{
    while (db->holder != NULL || db->shared == NULL) {
        if (db->holder != NULL)
            stand_in_line(db);
        else
            open_shared(db);
    }
    db->holder = holder;
    nu__db_slice_end(db);
    db->backend->tidy(db->shared, true);
    return db->shared;
}

/* Opens one more, counted before the wait so that the limit holds, uncounted if it fails. */
static NU_WAITS nu_db_connection *open_counted(nu_database *db)
{
    nu_db_connection *volatile connection = NULL;
    db->open++;
    NU_TRY {
        connection = nu__db_open(db);
    }
    NU_CATCH (error) {
        db->open--;
        nu__queue_wake(&db->line);
        nu_reraise(error);
    }
    return connection;
}

nu_db_connection *nu__db_take(nu_database *db, nu_atomic_ *holder)
{
    check_process(db);
    if (db->single)
        return take_single(db, holder);
    while (db->idle == NULL && db->open >= db->options.max_open)
        stand_in_line(db);
    nu_db_connection *connection = db->idle;
    if (connection == NULL)
        return open_counted(db);
    db->idle = connection->next;
    db->backend->tidy(connection, true);
    return connection;
}

void nu__db_give(nu_database *db, nu_db_connection *connection, bool broken)
{
    if (db->single) {
        /* Readers stand in the same line and do not take the connection away: all may go on. */
        db->holder = NULL;
        nu__queue_wake_all(&db->line);
        return;
    }
    if (broken) {
        db->backend->close(connection, false);
        db->open--;
    } else {
        connection->next = db->idle;
        db->idle = connection;
    }
    nu__queue_wake(&db->line);
}

bool nu__db_with_own(nu_database *db, bool (*use)(void *arg, nu_db_connection *connection),
                     void        *arg)
{
    nu_db_connection *volatile connection = nu__db_take(db, NULL);
    bool volatile ok = false;
    NU_TRY {
        ok = use(arg, connection);
    }
    NU_CATCH (error) {
        nu__db_give(db, connection, true);
        nu_reraise(error);
    }
    nu__db_give(db, connection, false);
    return ok;
}

/* ---- the snapshot of a slice -------------------------------------------------------------------
 *
 * SQLite takes and drops a lock for every read outside a transaction, which costs three times the
 * read. A fiber's reads between two waits therefore share one snapshot. It ends with the tick of the
 * loop, when another fiber or another request reads, and when this process writes, so that nobody
 * ever sees less than what was committed before its own request came in. */

void nu__db_slice_end(nu_database *db)
{
    db->slice_reads = 0;
    db->slice_owner = NULL;
    if (!db->snapshot)
        return;
    db->snapshot = false;
    db->backend->tidy(db->shared, true);
}

static void slice_hook(nu_hook *hook)
{
    nu__db_slice_end(NU_CONTAINER(hook, nu_database, slice_end));
}

void nu__db_slice_read(nu_database *db, nu_db_connection *connection)
{
    nu_loop *loop = nu__loop_current();
    if (loop == NULL || db->backend->snapshot == NULL || db->isolated != NULL)
        return;
    struct nu_ambient *ambient = nu__ambient();
    const void        *owner = ambient->request != NULL ? ambient->request : ambient->fiber;
    if (db->slice_owner != owner) {
        nu__db_slice_end(db);
        db->slice_owner = owner;
        db->slice_end.run = slice_hook;
        nu__tick_end(loop, &db->slice_end);
    }
    if (++db->slice_reads != 2)
        return;
    nu_db_error error = {0};
    /* Without the snapshot the reads are slower, not wrong. */
    db->snapshot = db->backend->snapshot(connection, &error);
}
