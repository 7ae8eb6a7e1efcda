#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/postgres/internal.h"
#include "nuages/fiber.h"
#include "nuages/log.h"

/* ---- the loop that watches ------------------------------------------------------------------ */

static void watch_ready(nu_watch *watch, uint32_t events)
{
    pg_connection *connection = NU_CONTAINER(watch, pg_connection, watch);
    (void)events;
    nu__pg_receive(connection);
}

static void unwatch(pg_connection *connection)
{
    nu__watch_stop(&connection->watch);
    nu__tick_forget(&connection->tick_end);
    nu__timer_stop(&connection->given_up);
    nu__loop_end_forget(&connection->loop_end);
}

/* The loop goes, the connection stays: commands and tests have several loops in turn. */
static void loop_ends(nu_hook *hook)
{
    pg_connection *connection = NU_CONTAINER(hook, pg_connection, loop_end);
    nu__watch_stop(&connection->watch);
    nu__tick_forget(&connection->tick_end);
    nu__timer_stop(&connection->given_up);
}

static void watch(pg_connection *connection)
{
    nu_loop *loop = nu__loop_current();
    if (loop == connection->watch.loop)
        return;
    unwatch(connection);
    nu__watch_start(loop, &connection->watch, nu__pq.socket(connection->handle), EPOLLIN,
                    watch_ready);
    connection->loop_end.run = loop_ends;
    nu__loop_end(loop, &connection->loop_end);
}

/* ---- opening -------------------------------------------------------------------------------- */

/* What every session of ours has. Time is UTC inside; a lock is waited for as long as elsewhere. */
static void set_up_session(pg_connection *connection)
{
    const nu_database_options *options = &connection->base.database->options;
    char                       sql[320];
    snprintf(
        sql, sizeof sql,
        "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false), "
        "set_config('IntervalStyle', 'postgres', false), set_config('lock_timeout', '%d', false)"
        ", set_config('statement_timeout', '%d', false)%s",
        options->timeout_ms, options->statement_timeout_ms,
        options->read_only ? ", set_config('default_transaction_read_only', 'on', false)" : "");
    nu__pg_push_control(connection, sql);
    nu__pg_sync(connection);
}

static NU_WAITS bool open_handle(pg_connection *connection, nu_db_error *error)
{
    nu_database *db = connection->base.database;
    if (nu__pg_is_away(db, error))
        return false;
    PGconn *handle = nu__pg_connect(&db->options, error);
    if (handle == NULL) {
        nu__pg_note_away(db, error);
        return false;
    }
    nu__pg_note_back(db);
    connection->handle = handle;
    connection->dying = connection->failed = false;
    nu__pq.setNoticeReceiver(handle, nu__pg_notice, connection);
    if (nu__loop_current() != NULL)
        watch(connection);
    set_up_session(connection);
    return true;
}

/* Fibers that share the connection wait for the first of them to open it. */
static NU_WAITS bool open_once(pg_connection *connection, nu_db_error *error)
{
    bool volatile ok = true;
    nu__mutex_lock(&connection->opening);
    NU_TRY {
        if (connection->handle == NULL)
            ok = open_handle(connection, error);
    }
    NU_CATCH (raised) {
        nu__mutex_unlock(&connection->opening);
        nu_reraise(raised);
    }
    nu__mutex_unlock(&connection->opening);
    return ok;
}

/* Nobody watches the socket outside of loops, so the end of an idle connection shows only when one
 * looks. */
static void look_at_socket(pg_connection *connection)
{
    char byte;
    while (connection->handle != NULL && connection->first == NULL &&
           connection->watch.loop == NULL) {
        ssize_t count = recv(nu__pq.socket(connection->handle), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN)
            return;
        nu__pg_receive(connection); /* last words, then the end */
    }
}

static bool refuse_copying(nu_db_error *error)
{
    *error = (nu_db_error){
        .kind = NU_PROGRAMMING_ERROR,
        .fact = "a statement came in the middle of nu_copy_in",
        .hint = "Read what its rows need before, or on another database alias.",
    };
    return false;
}

bool nu__pg_ensure(pg_connection *connection, bool look, nu_db_error *error)
{
    if (connection->copying)
        return refuse_copying(error);
    if (look)
        look_at_socket(connection);
    if (connection->doomed) {
        nu__pg_error_lost(error, true);
        return false;
    }
    if (connection->handle == NULL && !open_once(connection, error))
        return false;
    if (connection->handle == NULL) {
        nu__pg_error_lost(error, false);
        return false;
    }
    if (nu__loop_current() != NULL)
        watch(connection);
    return true;
}

nu_db_connection *nu__pg_open(nu_database *db, const nu_database_options *options,
                              nu_db_error *error)
{
    (void)options;
    nu_arena      *arena = nu_arena_new(NULL, "postgres connection");
    pg_connection *connection = nu_arena_zalloc(arena, sizeof *connection);
    connection->arena = arena;
    connection->base.database = db;
    connection->last = &connection->first;
    connection->answered_last = &connection->answered;
    nu_defer *slot = nu_arena_defer(nu_arena_current(), (void (*)(void *))nu_arena_free, arena);
    bool      ok = open_handle(connection, error);
    nu_arena_undefer(nu_arena_current(), slot);
    if (ok)
        return &connection->base;
    nu_arena_free(arena);
    return NULL;
}

/* ---- losing and closing --------------------------------------------------------------------- */

void nu__pg_lose(pg_connection *connection)
{
    PGconn *handle = connection->handle;
    if (handle == NULL)
        return;
    unwatch(connection);
    connection->handle = NULL;
    connection->open_batch = connection->ended_result = connection->sync_failed = false;
    connection->base.in_flight = connection->base.queued = 0;
    connection->base.cancelling = false;
    connection->dropped_count = 0;
    /* A BEGIN that was not sent yet can go out on the next connection. */
    if (!nu__pg_begin_is_pending(connection)) {
        connection->doomed = connection->begun;
        connection->begun = false;
        connection->pending_count = 0;
    }
    nu__pq.clear(connection->failure);
    connection->failure = NULL;
    nu__pg_forget_all(connection);
    nu__pg_abandon(connection);
    nu__pq.finish(handle);
    if (connection->base.notified != NULL)
        connection->base.notified(&connection->base, NULL, NULL);
}

/* In a forked child the socket is the parent's too, and so is the loop: libpq says goodbye to a file
 * that swallows it, and nobody is taken off the parent's list of watches. */
static void close_forked(pg_connection *connection)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    connection->watch.loop = NULL;
    connection->tick_end.link = NULL;
    connection->loop_end.link = NULL;
    if (connection->handle == NULL || nothing < 0)
        return;
    dup2(nothing, nu__pq.socket(connection->handle));
    close(nothing);
    nu__pq.finish(connection->handle);
    connection->handle = NULL;
}

void nu__pg_close(nu_db_connection *base, bool forked)
{
    pg_connection *connection = (pg_connection *)base;
    if (forked)
        close_forked(connection);
    else
        nu__pg_lose(connection);
    for (pg_request *at = connection->first; at != NULL; at = at->next)
        nu__pq.clear(at->result);
    for (pg_request *at = connection->answered; at != NULL; at = at->next)
        nu__pq.clear(at->result);
    nu__pq.clear(connection->failure);
    nu__pq.clear(connection->current);
    nu_arena_free(connection->arena);
}

/* ---- use ------------------------------------------------------------------------------------ */

bool nu__pg_in_transaction(nu_db_connection *base)
{
    const pg_connection *connection = (const pg_connection *)base;
    return connection->begun || connection->doomed;
}

void nu__pg_tidy(nu_db_connection *base, bool snapshot)
{
    pg_connection *connection = (pg_connection *)base;
    (void)snapshot;
    nu__pq.clear(connection->current);
    connection->current = NULL;
}

/* ---- giving up ------------------------------------------------------------------------------ */

static void cancel_now(void *arg)
{
    char why[256];
    if (nu__pq.cancel(arg, why, sizeof why) == 0)
        nu_warning("db", "a statement could not be cancelled: %s", why);
}

typedef struct cancelling {
    nu_arena *arena; /* holds it, and lets go of the next */
    PGcancel *cancel;
} cancelling;

static void free_cancel(void *cancel)
{
    nu__pq.freeCancel(cancel);
}

/* A fiber of its own, since it takes a connection and nobody shall wait for that. */
static void cancel_fiber(void *arg)
{
    cancelling *job = arg;
    nu_arena   *before = nu_arena_enter(job->arena);
    nu_offload(cancel_now, job->cancel);
    nu_arena_enter(before);
    nu_arena_free(job->arena);
}

void nu__pg_cancel_now(pg_connection *connection)
{
    PGcancel *cancel = connection->handle != NULL ? nu__pq.getCancel(connection->handle) : NULL;
    if (cancel == NULL)
        return;
    if (nu__loop_current() != NULL)
        nu_offload(cancel_now, cancel);
    else
        cancel_now(cancel);
    nu__pq.freeCancel(cancel);
}

void nu__pg_cancel(pg_connection *connection)
{
    static nu_arena *arena; /* of all such fibers: one that the loop does not live to end stays there */
    PGcancel *cancel = connection->handle != NULL ? nu__pq.getCancel(connection->handle) : NULL;
    nu_loop  *loop = nu__loop_current();
    if (cancel == NULL)
        return;
    if (loop == NULL) {
        cancel_now(cancel);
        nu__pq.freeCancel(cancel);
        return;
    }
    if (arena == NULL)
        arena = nu_arena_new(NULL, "postgres cancels");
    nu_arena   *own = nu_arena_new(arena, "postgres cancel");
    cancelling *job = nu_arena_alloc(own, sizeof *job);
    *job = (cancelling){own, cancel};
    nu_arena_defer(own, free_cancel, cancel);
    nu__fiber_start(loop, "cancel a statement", arena, cancel_fiber, job);
}
