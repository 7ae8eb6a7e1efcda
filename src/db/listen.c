/* nu_listener_open and nu_notify. A process has one connection that listens, whatever the number of listeners:
 *
 *      server ──▶ connection ──▶ hub ──▶ listener ▶ notifications ──▶ the fiber in nu_listener_next
 *                                   └──▶ listener …
 *
 * The connection is the listeners' own affair: whoever waits opens it anew when it was lost, and says LISTEN
 * again. What was sent in between nobody heard; each listener is told that it missed something. */
#include <string.h>

#include "db/internal.h"
#include "nuages/fiber.h"

enum { MOST_PENDING = 10000, RETRY_US = 200000 };

typedef struct pending {
    struct pending *next;
    nu_notification notification;
} pending;

struct nu_listener {
    nu_listener *next; /* of the hub */
    nu_arena    *arena;
    nu_db_hub   *hub;
    const char  *channel;
    nu_arena    *memory; /* of what is pending */
    pending     *first, **last;
    int          count;
    bool         missed;
    bool         told; /* the server knows of it */
    nu_queue     waiting;
    nu_arena    *owner;
    nu_defer    *slot;
};

/* Of one database. Its memory is the database's. */
struct nu_db_hub {
    nu_database      *database;
    nu_db_connection *connection;
    nu_listener      *listeners;
    nu_mutex          opening;
    bool              up;    /* the connection is open */
    bool              stale; /* the server tells of a channel that nobody wants any more */
};

/* ---- what comes in -------------------------------------------------------------------------- */

static void put(nu_listener *listener, const char *channel, const char *payload)
{
    if (listener->count == MOST_PENDING) {
        listener->missed = true;
    } else {
        pending *item = nu_arena_alloc(listener->memory, sizeof *item);
        *item = (pending){.notification = {.channel = nu_arena_text(listener->memory, channel),
                                           .payload = nu_arena_text(listener->memory, payload)}};
        *listener->last = item;
        listener->last = &item->next;
        listener->count++;
    }
    nu__queue_wake_all(&listener->waiting);
}

/* The connection was lost. */
static void go_down(nu_db_hub *hub)
{
    hub->up = false;
    for (nu_listener *at = hub->listeners; at != NULL; at = at->next) {
        at->missed = at->missed || at->told;
        at->told = false;
        nu__queue_wake_all(&at->waiting);
    }
}

static void notified(nu_db_connection *connection, const char *channel, const char *payload)
{
    nu_db_hub *hub = connection->database->hub;
    if (channel == NULL) {
        go_down(hub);
        return;
    }
    bool wanted = false;
    for (nu_listener *at = hub->listeners; at != NULL; at = at->next) {
        if (strcmp(at->channel, channel) != 0)
            continue;
        wanted = true;
        put(at, channel, payload);
    }
    hub->stale = hub->stale || !wanted;
}

/* ---- the connection ------------------------------------------------------------------------- */

static bool is_settled(const nu_db_hub *hub)
{
    for (const nu_listener *at = hub->listeners; at != NULL; at = at->next) {
        if (!at->told)
            return false;
    }
    return hub->up && !hub->stale;
}

/* Any name at all, whereas names in SQL that are in quotes already are left alone. */
static void put_quoted(nu_builder *sql, const char *name)
{
    nu_builder_putc(sql, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            nu_builder_putc(sql, '"');
        nu_builder_putc(sql, *name);
    }
    nu_builder_putc(sql, '"');
}

/* All channels in one transaction: nothing that is sent meanwhile gets lost. */
static const char *channels_sql(const nu_db_hub *hub)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 256);
    nu_builder_puts(&sql, "BEGIN; UNLISTEN *; ");
    for (nu_listener *at = hub->listeners; at != NULL; at = at->next) {
        nu_builder_puts(&sql, "LISTEN ");
        put_quoted(&sql, at->channel);
        nu_builder_puts(&sql, "; ");
        at->told = true;
    }
    nu_builder_puts(&sql, "COMMIT");
    return nu_builder_text(&sql);
}

static NU_WAITS void tell_server(nu_db_hub *hub)
{
    nu_db_error  error = {0};
    nu_database *db = hub->database;
    if (hub->connection == NULL)
        hub->connection = nu__db_open(db);
    hub->connection->notified = notified;
    hub->up = true; /* unless it is lost meanwhile */
    hub->stale = false;
    const char *sql = channels_sql(hub);
    if (!db->backend->script(hub->connection, sql, &error))
        nu__db_raise(db, &error, NULL);
}

static NU_WAITS void ensure_hub(nu_db_hub *hub)
{
    nu__mutex_lock(&hub->opening);
    NU_TRY {
        if (!is_settled(hub))
            tell_server(hub);
    }
    NU_CATCH (error) {
        go_down(hub);
        nu__mutex_unlock(&hub->opening);
        nu_reraise(error);
    }
    nu__mutex_unlock(&hub->opening);
}

void nu__db_hub_close(nu_database *db, bool forked)
{
    nu_db_hub *hub = db->hub;
    if (hub == NULL || hub->connection == NULL)
        return;
    hub->connection->notified = NULL;
    db->backend->close(hub->connection, forked);
    hub->connection = NULL;
    hub->up = false;
    for (nu_listener *at = hub->listeners; at != NULL; at = at->next) {
        at->hub = NULL;
        if (!forked) /* else they are the parent's */
            nu__queue_wake_all(&at->waiting);
    }
    hub->listeners = NULL;
    hub->opening = (nu_mutex){.locked = false};
}

/* ---- listeners ------------------------------------------------------------------------------ */

static NU_NORETURN void refuse(const nu_database *db)
{
    nu_error *error =
        nu_error_new(NU_DATABASE_ERROR, "database \"%s\" knows no notifications", db->alias);
    error->hint = "PostgreSQL does.";
    nu_throw(error);
}

static nu_database *checked(nu_database *db)
{
    if (db == NULL)
        db = nu_database_get(NULL);
    if (!db->backend->notifies)
        refuse(db);
    return db;
}

static nu_db_hub *hub_of(nu_database *db)
{
    if (db->hub == NULL) {
        db->hub = nu_arena_zalloc(db->arena, sizeof *db->hub);
        db->hub->database = db;
    }
    return db->hub;
}

static void forget(nu_listener *listener)
{
    nu_db_hub    *hub = listener->hub;
    nu_listener **at = hub != NULL ? &hub->listeners : NULL;
    while (at != NULL && *at != NULL && *at != listener)
        at = &(*at)->next;
    if (at != NULL && *at == listener)
        *at = listener->next;
    nu_arena_free(listener->arena);
}

static void forget_deferred(void *arg)
{
    forget(arg);
}

void nu_listener_close(nu_listener *listener)
{
    nu_arena_undefer(listener->owner, listener->slot);
    forget(listener);
}

nu_listener *nu_listener_open(nu_database *db, const char *channel)
{
    db = checked(db);
    if (*channel == '\0' || strlen(channel) > 63)
        nu_raise(NU_VALUE_ERROR, "the name of a channel has 1 to 63 bytes");
    if (nu__fiber_self() == NULL)
        nu_raise(NU_ASSERTION, "nu_listener_open needs a fiber");
    nu_db_hub   *hub = hub_of(db);
    nu_arena    *arena = nu_arena_new(NULL, "listener");
    nu_listener *listener = nu_arena_zalloc(arena, sizeof *listener);
    *listener = (nu_listener){.next = hub->listeners,
                              .arena = arena,
                              .hub = hub,
                              .channel = nu_arena_text(arena, channel),
                              .memory = nu_arena_new(arena, "notifications"),
                              .owner = nu_arena_current()};
    listener->last = &listener->first;
    listener->slot = nu_arena_defer(listener->owner, forget_deferred, listener);
    hub->listeners = listener;
    NU_TRY {
        ensure_hub(hub);
    }
    NU_CATCH (error) {
        nu_listener_close(listener);
        nu_reraise(error);
    }
    return listener;
}

/* What is taken out is copied for the caller; the memory is used again once nothing is left. */
static nu_notification *take(nu_listener *listener)
{
    nu_notification *taken = nu_arena_zalloc(nu_arena_current(), sizeof *taken);
    if (listener->first == NULL) {
        *taken = (nu_notification){.channel = nu_arena_text(nu_arena_current(), listener->channel),
                                   .payload = "",
                                   .missed = true};
        listener->missed = false;
        return taken;
    }
    pending *item = listener->first;
    taken->channel = nu_arena_text(nu_arena_current(), item->notification.channel);
    taken->payload = nu_arena_text(nu_arena_current(), item->notification.payload);
    listener->first = item->next;
    if (--listener->count == 0) {
        listener->last = &listener->first;
        nu_arena_reset(listener->memory);
    }
    return taken;
}

/* False if the server cannot be reached now. */
static NU_WAITS bool is_up(nu_db_hub *hub)
{
    bool volatile ok = is_settled(hub);
    NU_TRY {
        if (!ok)
            ensure_hub(hub);
        ok = hub->up;
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_OPERATIONAL_ERROR))
            nu_reraise(error);
    }
    return ok;
}

const nu_notification *nu_listener_next(nu_listener *listener, int64_t timeout_ms)
{
    int64_t until = nu__in_ms(timeout_ms);
    for (;;) {
        if (listener->hub == NULL)
            nu_raise(NU_OPERATIONAL_ERROR, "the database whose channel is listened to was closed");
        bool    up = is_up(listener->hub);
        int64_t again = nu_monotonic_us() + RETRY_US;
        if (listener->first != NULL || (up && listener->missed))
            return take(listener);
        bool    retries = !up && (until == NU__FOREVER || again < until);
        nu_wake wake = nu__queue_wait(&listener->waiting, retries ? again : until);
        int64_t now = nu_monotonic_us();
        if (wake == NU_WAKE_TIMEOUT && until != NU__FOREVER && now >= until)
            return NULL;
        if (wake != NU_WAKE_TIMEOUT || !retries || now < again) /* else it is time to try again */
            nu__wake_check(wake, "waiting for a notification");
    }
}

void nu_notify(nu_database *db, const char *channel, const char *payload)
{
    db = checked(db);
    nu_sql(db, "SELECT pg_notify(?, ?)", channel, payload != NULL ? payload : "");
}
