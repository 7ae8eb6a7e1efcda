/* Prepared statements, by text and types of parameters, each prepared once for a connection.
 *
 * Preparing waits for the server's description: only then is it known whether all result columns
 * have a binary form that is understood here, and what type the server took a text or list for. */
#include <stdio.h>
#include <string.h>

#include "base/internal.h"
#include "db/hash.h"
#include "db/postgres/internal.h"

void nu__pg_write_name(char out[PG_NAME_SIZE], uint32_t number)
{
    memcpy(out, "nu_", 3);
    out[3 + nu__int_write(out + 3, number)] = '\0';
}

/* ---- the cache ------------------------------------------------------------------------------ */

/* A NULL fits any type, a text one that the server chose, a small number a larger type. */
static bool fits(Oid given, nu_value value)
{
    Oid type = nu__pg_type_of(value);
    if (given == type || nu_is_null(value))
        return true;
    return (type == 0 && given == PG_TEXT) || (type == PG_INT4 && given == PG_INT8);
}

static bool is_same(const pg_entry *entry, const nu_db_statement *statement, uint64_t hash)
{
    if (entry->hash != hash || entry->length != statement->length ||
        entry->count != statement->count ||
        memcmp(entry->sql, statement->sql, statement->length) != 0)
        return false;
    for (size_t i = 0; i < statement->count; i++) {
        if (!fits(entry->given[i], statement->params[i]))
            return false;
    }
    return true;
}

static pg_entry *find(pg_connection *connection, const nu_db_statement *statement, uint64_t hash)
{
    pg_entry *entry = connection->buckets[hash % PG_CACHE_BUCKETS];
    while (entry != NULL && !is_same(entry, statement, hash))
        entry = entry->next;
    return entry;
}

/* Takes the entry out of its bucket and lets those go on who wait for it. */
static void remove_entry(pg_connection *connection, pg_entry *entry)
{
    pg_entry **at = &connection->buckets[entry->hash % PG_CACHE_BUCKETS];
    while (*at != NULL && *at != entry)
        at = &(*at)->next;
    if (*at == entry)
        *at = entry->next;
    entry->state = PG_FREE;
    nu__queue_wake_all(&entry->waiting);
}

static void remember_dropped(pg_connection *connection, uint32_t number)
{
    if (connection->dropped_count == connection->dropped_capacity) {
        size_t capacity = connection->dropped_capacity > 0 ? connection->dropped_capacity * 2 : 16;
        connection->dropped = nu_arena_grow(connection->arena, connection->dropped,
                                            connection->dropped_capacity * sizeof(uint32_t),
                                            capacity * sizeof(uint32_t));
        connection->dropped_capacity = capacity;
    }
    connection->dropped[connection->dropped_count++] = number;
}

void nu__pg_forget(pg_connection *connection, pg_entry *entry)
{
    if (entry->state != PG_READY)
        return;
    remember_dropped(connection, entry->number);
    remove_entry(connection, entry);
}

void nu__pg_forget_all(pg_connection *connection)
{
    for (size_t i = 0; i < PG_CACHE_SIZE; i++) {
        if (connection->entries[i].state != PG_FREE)
            remove_entry(connection, &connection->entries[i]);
    }
}

/* A free entry; the one that was not used for longest makes room. NULL while all of them are being
 * prepared. */
static pg_entry *make_room(pg_connection *connection)
{
    pg_entry *oldest = NULL;
    for (size_t i = 0; i < PG_CACHE_SIZE; i++) {
        pg_entry *entry = &connection->entries[i];
        if (entry->state == PG_FREE)
            return entry;
        if (entry->state == PG_READY && (oldest == NULL || entry->used < oldest->used))
            oldest = entry;
    }
    if (oldest != NULL)
        nu__pg_forget(connection, oldest);
    return oldest;
}

/* Memory for an entry's text and types, kept by the slot: it grows by doubling and is used again. */
static void reserve(pg_connection *connection, pg_entry *entry, size_t size)
{
    if (entry->room_size >= size)
        return;
    size_t room = 256;
    while (room < size)
        room *= 2;
    entry->room = nu_arena_alloc(connection->arena, room);
    entry->room_size = room;
}

static void fill(pg_connection *connection, pg_entry *entry, const nu_db_statement *statement,
                 uint64_t hash)
{
    size_t types = statement->count * sizeof(Oid);
    reserve(connection, entry, 2 * types + statement->length + 1);
    entry->given = (Oid *)(void *)entry->room;
    entry->settled = entry->given + statement->count;
    entry->sql = entry->room + 2 * types;
    memcpy(entry->sql, statement->sql, statement->length);
    entry->sql[statement->length] = '\0';
    entry->length = statement->length;
    entry->count = (uint16_t)statement->count;
    entry->number = ++connection->numbers;
    entry->hash = hash;
    entry->used = ++connection->clock;
    entry->state = PG_PREPARING;
    entry->waiting = (nu_queue){NULL, NULL};
    for (size_t i = 0; i < statement->count; i++)
        entry->given[i] = nu__pg_type_of(statement->params[i]);
    pg_entry **bucket = &connection->buckets[hash % PG_CACHE_BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
}

/* ---- preparing ------------------------------------------------------------------------------ */

void nu__pg_described(pg_connection *connection, pg_entry *entry, const PGresult *result)
{
    if (result == NULL || nu__pq.resultStatus(result) != PGRES_COMMAND_OK) {
        remove_entry(connection, entry);
        return;
    }
    int params = nu__pq.nparams(result), columns = nu__pq.nfields(result);
    for (int i = 0; i < params && i < entry->count; i++)
        entry->settled[i] = nu__pq.paramtype(result, i);
    entry->binary = true;
    for (int i = 0; i < columns; i++)
        entry->binary = entry->binary && nu__pg_is_known(nu__pq.ftype(result, i));
    entry->state = PG_READY;
    nu__queue_wake_all(&entry->waiting);
}

/* Outside of transactions only: inside one that failed the server would refuse. */
static void deallocate_dropped(pg_connection *connection)
{
    char sql[PG_CONTROL_SIZE];
    if (connection->begun && !nu__pg_begin_is_pending(connection))
        return;
    for (size_t i = 0; i < connection->dropped_count; i++) {
        snprintf(sql, sizeof sql, "DEALLOCATE nu_%u", connection->dropped[i]);
        nu__pg_push_control(connection, sql);
    }
    connection->dropped_count = 0;
}

static void release_if_lost(pg_connection *connection, pg_request *request)
{
    if (request->lost)
        nu__pg_release(connection, request);
}

/* Sends PREPARE and DESCRIBE as a batch of their own. `guarded`: a failure must not end the
 * transaction that is open. */
static pg_request *send(pg_connection *connection, pg_entry *entry, bool guarded)
{
    char name[PG_NAME_SIZE];
    nu__pg_write_name(name, entry->number);
    nu__pg_sync(connection);
    deallocate_dropped(connection);
    nu__pg_push_pending(connection);
    if (guarded)
        nu__pg_push_control(connection, "SAVEPOINT nu_guard");
    PGconn *handle = connection->handle;
    bool    sent = handle != NULL &&
                nu__pq.sendPrepare(handle, name, entry->sql, entry->count, entry->given) == 1;
    release_if_lost(connection, nu__pg_push(connection, PG_CONTROL, sent));
    handle = connection->handle;
    sent = handle != NULL && nu__pq.sendDescribePrepared(handle, name) == 1;
    pg_request *request = nu__pg_push(connection, PG_DESCRIBE, sent);
    request->entry = entry;
    if (guarded)
        nu__pg_push_control(connection, "RELEASE nu_guard");
    nu__pg_sync(connection);
    return request;
}

static bool has_unknown(const pg_entry *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        if (entry->given[i] == 0)
            return true;
    }
    return false;
}

/* One try. False with *error filled. */
static NU_WAITS bool prepare_entry(pg_connection *connection, pg_entry *entry, bool guarded,
                                   nu_db_error *error)
{
    pg_request *request = send(connection, entry, guarded);
    nu__wake_check(nu__pg_await(connection, request, false), "preparing a statement");
    bool ok = false;
    if (request->lost)
        nu__pg_error_lost(error, connection->doomed);
    else if (nu__pq.resultStatus(request->result) == PGRES_COMMAND_OK)
        ok = true;
    else
        nu__pg_error(request->result, error);
    if (!ok && guarded)
        nu__pg_undo_guarded(connection);
    nu__pg_release(connection, request);
    return ok;
}

/* The server cannot always tell what a text is: concat($1, …) takes anything. */
static bool wants_types(const nu_db_error *error)
{
    return error->state != NULL && strcmp(error->state, "42P18") == 0;
}

static void declare_texts(pg_entry *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        if (entry->given[i] == 0)
            entry->given[i] = PG_TEXT;
    }
}

static NU_WAITS pg_entry *prepare_new(pg_connection *connection, pg_entry *entry,
                                      const nu_db_statement *statement, uint64_t hash,
                                      nu_db_error *error)
{
    fill(connection, entry, statement, hash);
    bool guarded = connection->begun && (statement->guarded || has_unknown(entry));
    if (prepare_entry(connection, entry, guarded, error))
        return entry;
    if (connection->handle == NULL || !wants_types(error))
        return NULL;
    entry = make_room(connection);
    if (entry == NULL)
        return NULL;
    fill(connection, entry, statement, hash);
    declare_texts(entry);
    return prepare_entry(connection, entry, guarded, error) ? entry : NULL;
}

pg_entry *nu__pg_prepare(pg_connection *connection, const nu_db_statement *statement,
                         nu_db_error *error)
{
    uint64_t hash = nu__db_hash_of(statement);
    while (connection->handle != NULL) {
        pg_entry *entry = find(connection, statement, hash);
        if (entry != NULL && entry->state == PG_READY) {
            entry->used = ++connection->clock;
            return entry;
        }
        if (entry == NULL) {
            pg_entry *place = make_room(connection);
            if (place != NULL)
                return prepare_new(connection, place, statement, hash, error);
            entry = &connection->entries[hash % PG_CACHE_SIZE];
        }
        nu__wake_check(nu__queue_wait(&entry->waiting, NU__FOREVER), "preparing a statement");
    }
    nu__pg_error_lost(error, connection->doomed);
    return NULL;
}
