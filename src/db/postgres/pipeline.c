/* The line of requests of a connection: sending in batches, reading answers, waiting for them. */
#include <errno.h>
#include <poll.h>

#include "db/postgres/internal.h"

/* ---- requests ------------------------------------------------------------------------------- */

static pg_request *take_spare(pg_connection *connection)
{
    pg_request *request = connection->spare;
    if (request == NULL)
        return nu_arena_zalloc(connection->arena, sizeof *request);
    connection->spare = request->next;
    *request = (pg_request){.next = NULL};
    return request;
}

static bool is_statement(const pg_request *request)
{
    return request->kind == PG_EXECUTE || request->kind == PG_DESCRIBE;
}

/* True for what is not sent in the pipeline: no sync follows. */
static bool is_outside(const pg_request *request)
{
    return request->kind == PG_SIMPLE || request->kind == PG_COPY;
}

pg_request *nu__pg_push(pg_connection *connection, pg_kind kind, bool sent)
{
    pg_request *request = take_spare(connection);
    request->kind = kind;
    request->awaited = is_statement(request) || is_outside(request);
    if (!sent || connection->handle == NULL) {
        nu__pg_lose(connection);
        request->done = request->lost = true;
        return request;
    }
    *connection->last = request;
    connection->last = &request->next;
    connection->open_batch = kind != PG_SYNC && !is_outside(request);
    if (is_statement(request)) {
        if (connection->base.in_flight++ == 0)
            connection->base.busy_since = nu_monotonic_us();
        connection->base.queued++;
    }
    return request;
}

void nu__pg_release(pg_connection *connection, pg_request *request)
{
    nu__pq.clear(request->result);
    request->result = NULL;
    request->next = connection->spare;
    connection->spare = request;
}

void nu__pg_push_control(pg_connection *connection, const char *sql)
{
    bool sent = connection->handle != NULL &&
                nu__pq.sendQueryParams(connection->handle, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
    pg_request *request = nu__pg_push(connection, PG_CONTROL, sent);
    if (request->lost)
        nu__pg_release(connection, request);
}

/* ---- sending -------------------------------------------------------------------------------- */

/* What cannot be sent yet the loop sends when there is room for more. */
void nu__pg_flush(pg_connection *connection)
{
    if (connection->handle == NULL)
        return;
    int left = nu__pq.flush(connection->handle);
    if (left < 0) {
        nu__pg_receive(connection); /* what the server said before it went */
        nu__pg_lose(connection);
        return;
    }
    if (left == 0 && connection->sender != NULL)
        nu__wake(connection->sender);
    uint32_t events = left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;
    if (connection->watch.loop != NULL && connection->watch.events != events)
        nu__watch_change(&connection->watch, events);
}

void nu__pg_sync(pg_connection *connection)
{
    if (connection->handle == NULL || !connection->open_batch)
        return;
    bool        sent = nu__pq.pipelineSync(connection->handle) == 1;
    pg_request *request = nu__pg_push(connection, PG_SYNC, sent);
    if (request->lost) {
        nu__pg_release(connection, request);
        return;
    }
    connection->base.queued = 0;
    nu__pg_flush(connection);
}

static void tick_ends(nu_hook *hook)
{
    nu__pg_sync(NU_CONTAINER(hook, pg_connection, tick_end));
}

void nu__pg_sync_later(pg_connection *connection)
{
    if (connection->watch.loop == NULL) {
        nu__pg_sync(connection);
        return;
    }
    connection->tick_end.run = tick_ends;
    nu__tick_end(connection->watch.loop, &connection->tick_end);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* A copy that somebody began by a statement of his own would wait for data for ever. */
static bool begins_copy(const PGresult *result)
{
    ExecStatusType status = nu__pq.resultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

static void keep_result(pg_connection *connection, pg_request *request, PGresult *result)
{
    ExecStatusType status = nu__pq.resultStatus(result);
    PGresult     **place = &request->result;
    connection->failed = connection->failed || (status == PGRES_FATAL_ERROR && connection->begun);
    if (status == PGRES_PIPELINE_ABORTED) {
        /* Aborted by a control statement: that one's failure is this one's. */
        if (is_statement(request) && connection->failure != NULL) {
            request->result = connection->failure;
            connection->failure = NULL;
        } else {
            request->aborted = true;
        }
        nu__pq.clear(result);
        return;
    }
    if (request->kind == PG_CONTROL || request->kind == PG_SYNC) {
        if (status != PGRES_FATAL_ERROR) {
            nu__pq.clear(result);
            return;
        }
        place = &connection->failure;
        connection->sync_failed = request->kind == PG_SYNC;
    }
    nu__pq.clear(*place);
    *place = result;
}

/* Tells whoever waits for the request. */
static void complete(pg_connection *connection, pg_request *request)
{
    if (is_statement(request) && connection->base.in_flight > 0)
        connection->base.in_flight--;
    request->done = true;
    if (request->left)
        nu__pg_given_up(connection, request->result);
    if (request->fiber != NULL)
        nu__wake(request->fiber);
    if (request->left || !request->awaited)
        nu__pg_release(connection, request);
}

/* The server could not commit: no statement of the batch has happened. */
static void take_back(pg_connection *connection, pg_request *request)
{
    if (request->kind != PG_EXECUTE || request->aborted ||
        nu__pq.resultStatus(request->result) == PGRES_FATAL_ERROR)
        return;
    nu__pq.clear(request->result);
    request->result = connection->failure;
    request->aborted = connection->failure == NULL;
    connection->failure = NULL;
}

static void complete_answered(pg_connection *connection)
{
    pg_request *request = connection->answered;
    connection->answered = NULL;
    connection->answered_last = &connection->answered;
    while (request != NULL) {
        pg_request *next = request->next;
        if (connection->sync_failed)
            take_back(connection, request);
        if (request->kind == PG_DESCRIBE)
            nu__pg_described(connection, request->entry, request->result);
        complete(connection, request);
        request = next;
    }
}

/* The first request's answer is whole: it moves on to those that wait for the sync. */
static void answer(pg_connection *connection)
{
    pg_request *request = connection->first;
    connection->first = request->next;
    if (connection->first == NULL)
        connection->last = &connection->first;
    connection->base.busy_since = nu_monotonic_us();
    if (is_outside(request)) {
        complete(connection, request);
        return;
    }
    request->next = NULL;
    *connection->answered_last = request;
    connection->answered_last = &request->next;
    if (request->kind == PG_SYNC)
        complete_answered(connection);
}

/* A success without its sync may have been none; a failure stays one. */
static bool is_last_word(const PGresult *result)
{
    ExecStatusType status = nu__pq.resultStatus(result);
    return result != NULL && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

void nu__pg_abandon(pg_connection *connection)
{
    if (connection->sender != NULL)
        nu__wake(connection->sender);
    *connection->answered_last = connection->first; /* answered itself, if it is empty */
    pg_request *request = connection->answered;
    connection->answered = connection->first = NULL;
    connection->answered_last = &connection->answered;
    connection->last = &connection->first;
    while (request != NULL) {
        pg_request *next = request->next;
        request->lost = !is_last_word(request->result);
        complete(connection, request);
        request = next;
    }
}

static void take_result(pg_connection *connection, PGresult *result)
{
    if (nu__pq.resultStatus(result) != PGRES_PIPELINE_SYNC) {
        keep_result(connection, connection->first, result);
        connection->ended_result = connection->first->kind != PG_SYNC;
        return;
    }
    nu__pq.clear(result);
    PGTransactionStatusType status = nu__pq.transactionStatus(connection->handle);
    if (status != PQTRANS_ACTIVE) /* no other batch is under way */
        connection->failed = status == PQTRANS_INERROR;
    answer(connection);
    nu__pq.clear(connection->failure);
    connection->failure = NULL;
    connection->sync_failed = false;
}

/* False once nothing more can be said about the requests in line. */
static bool take_answers(pg_connection *connection)
{
    int nothing = 0;
    while (connection->first != NULL && nothing < 2 && !nu__pq.isBusy(connection->handle)) {
        PGresult *result = nu__pq.getResult(connection->handle);
        if (result != NULL) {
            bool copy = begins_copy(result), wanted = connection->first->kind == PG_COPY;
            nothing = 0;
            take_result(connection, result);
            if (copy && wanted) { /* libpq gives the same result for as long as one asks */
                connection->ended_result = false;
                answer(connection);
            }
            if (copy)
                return wanted;
        } else if (connection->ended_result) {
            connection->ended_result = false;
            answer(connection);
        } else {
            nothing++;
        }
    }
    return true;
}

static void take_notifications(pg_connection *connection)
{
    PGnotify *news;
    while ((news = nu__pq.notifies(connection->handle)) != NULL) {
        if (connection->base.notified != NULL)
            connection->base.notified(&connection->base, news->relname, news->extra);
        nu__pq.freemem(news);
    }
}

void nu__pg_receive(pg_connection *connection)
{
    PGconn *handle = connection->handle;
    if (handle == NULL)
        return;
    bool alive = nu__pq.consumeInput(handle) == 1;
    /* OpenSSL may hold the rest of a record, of which the socket knows nothing. */
    if (alive && nu__pq.sslInUse(handle))
        alive = nu__pq.consumeInput(handle) == 1;
    if (connection->first == NULL)
        nu__pq.isBusy(handle); /* takes notices in */
    take_notifications(connection);
    if (!take_answers(connection) || !alive || nu__pq.status(handle) == CONNECTION_BAD ||
        connection->dying) {
        if (connection->ended_result) /* its last words */
            answer(connection);
        nu__pg_lose(connection);
        return;
    }
    if (connection->watch.events & EPOLLOUT)
        nu__pg_flush(connection);
}

/* ---- waiting -------------------------------------------------------------------------------- */

nu_wake nu__pg_wait_socket(pg_connection *connection, bool writing, int64_t until)
{
    for (;;) {
        struct pollfd   poll = {.fd = nu__pq.socket(connection->handle),
                                .events = (short)(writing ? POLLIN | POLLOUT : POLLIN)};
        int64_t         left = until == NU__FOREVER ? 0 : until - nu_monotonic_us();
        struct timespec time = {left > 0 ? left / NU_SECOND : 0,
                                left > 0 ? left % NU_SECOND * 1000 : 0};
        int count = ppoll(&poll, 1, until == NU__FOREVER ? NULL : &time, NULL);
        if (count > 0 || (count < 0 && errno != EINTR))
            return NU_WAKE_READY;
        if (until != NU__FOREVER && nu_monotonic_us() >= until)
            return NU_WAKE_TIMEOUT;
    }
}

/* Outside of loops this is the only one who waits. */
static NU_WAITS nu_wake block(pg_connection *connection, const pg_request *request, bool patient)
{
    int64_t until = patient ? NU__FOREVER : nu__until(NU__FOREVER);
    while (!request->done) {
        int left = nu__pq.flush(connection->handle);
        if (left >= 0 && nu__pg_wait_socket(connection, left > 0, until) == NU_WAKE_TIMEOUT)
            return NU_WAKE_TIMEOUT;
        nu__pg_receive(connection);
    }
    return NU_WAKE_READY;
}

static NU_WAITS nu_wake park(pg_request *request, bool patient)
{
    nu_wake wake = NU_WAKE_READY;
    request->fiber = nu__fiber_self();
    nu__crowd_join();
    while (!request->done && wake == NU_WAKE_READY) {
        if (patient)
            nu__park();
        else
            wake = nu__park_until(NU__FOREVER);
    }
    nu__crowd_leave();
    request->fiber = NULL;
    return wake;
}

nu_wake nu__pg_await(pg_connection *connection, pg_request *request, bool patient)
{
    if (request->done)
        return NU_WAKE_READY;
    nu_wake wake = connection->watch.loop != NULL && nu__fiber_self() != NULL
                       ? park(request, patient)
                       : block(connection, request, patient);
    if (request->done)
        return NU_WAKE_READY;
    request->left = true;
    nu__pg_give_up_later(connection);
    return wake;
}

static nu_wake await_sent_in_loop(pg_connection *connection)
{
    nu_wake wake = NU_WAKE_READY;
    connection->sender = nu__fiber_self();
    while (wake == NU_WAKE_READY && connection->handle != NULL &&
           (connection->watch.events & EPOLLOUT))
        wake = nu__park_until(NU__FOREVER);
    connection->sender = NULL;
    return wake;
}

nu_wake nu__pg_await_sent(pg_connection *connection)
{
    nu__pg_flush(connection);
    if (connection->watch.loop != NULL && nu__fiber_self() != NULL)
        return await_sent_in_loop(connection);
    int64_t until = nu__until(NU__FOREVER);
    while (connection->handle != NULL && nu__pq.flush(connection->handle) > 0) {
        if (nu__pg_wait_socket(connection, true, until) == NU_WAKE_TIMEOUT)
            return NU_WAKE_TIMEOUT;
        nu__pg_receive(connection);
    }
    return NU_WAKE_READY;
}

bool nu__pg_drain(pg_connection *connection)
{
    nu__pg_sync(connection);
    if (connection->handle == NULL)
        return false;
    if (connection->first == NULL)
        return true;
    bool        sent = nu__pq.pipelineSync(connection->handle) == 1;
    pg_request *request = nu__pg_push(connection, PG_SYNC, sent);
    request->awaited = true;
    nu_wake wake = nu__pg_await(connection, request, false);
    if (!request->done)
        nu__wake_check(wake, "waiting for the database");
    bool ok = !request->lost;
    nu__pg_release(connection, request);
    return ok;
}
