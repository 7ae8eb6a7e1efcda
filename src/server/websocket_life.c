/* The life of a WebSocket: from the 101 to the end of its connection, its fibers and its clock. */
#include <stdio.h>

#include "base/ambient.h"
#include "base/internal.h"
#include "nuages/fiber.h"
#include "nuages/log.h"
#include "server/websocket.h"

enum {
    TURNS = 16,       /* without a wait, before others get theirs */
    RESTART_MS = 200, /* for the last words before a restart during development */
};

static nu_loop *loop_of(const nu_websocket *socket)
{
    return socket->conn->worker->loop;
}

static int64_t in_ms(const nu_websocket *socket, int ms)
{
    return nu__loop_now(loop_of(socket)) + (int64_t)ms * 1000;
}

/* ---- its clock ------------------------------------------------------------------------------- */

static bool is_quiet(const nu_websocket *socket)
{
    return socket->conn->dead || socket->close_sent || socket->close_received;
}

/* The earliest of the moments that have a meaning now; 0: none. */
static int64_t next_moment(const nu_websocket *socket)
{
    const nu_websocket_options *options = &socket->options;
    bool                        quiet = is_quiet(socket);
    const int64_t               moments[] = {
                      socket->close_by,
        socket->conn->dead ? 0 : socket->write_by,
        quiet ? 0 : socket->pong_by,
        quiet || socket->pong_by || options->ping_ms < 0
                          ? 0
                          : socket->heard + (int64_t)options->ping_ms * 1000,
        quiet || options->idle_ms <= 0 ? 0 : socket->message + (int64_t)options->idle_ms * 1000,
                      socket->trim_at,
        socket->conn->dead ? 0 : socket->answer_by,
    };
    int64_t first = 0;
    for (size_t i = 0; i < NU_COUNT(moments); i++)
        if (moments[i] && (!first || moments[i] < first))
            first = moments[i];
    return first;
}

static void schedule(nu_websocket *socket)
{
    int64_t moment = next_moment(socket), now = nu__loop_now(loop_of(socket));
    if (!moment)
        nu__timer_stop(&socket->conn->timer);
    else
        nu__conn_timer(socket->conn, moment > now ? (int)((moment - now) / 1000 + 1) : 1);
}

/* Of functions, what follows is told in another fiber, which may wait. */
static void cancel(nu_websocket *socket, nu_fiber *fiber)
{
    socket->interrupted = true;
    nu__fiber_cancel(fiber);
}

/* The client is given up; who still works for it is told to stop. */
static void give_up(nu_websocket *socket)
{
    nu__ws_die(socket);
    socket->close_by = 0;
    socket->cancelled = true;
    if (socket->fiber)
        cancel(socket, socket->fiber);
}

static void ping(nu_websocket *socket)
{
    socket->pong_by = in_ms(socket, socket->options.pong_ms);
    nu__ws_put(socket, NU__WS_PING, false, NULL, 0);
}

/* While the line is full the client is not listened to, and cannot be blamed for silence. */
static void excuse(nu_websocket *socket, int64_t now)
{
    if (socket->waiting == 0)
        return;
    socket->heard = socket->message = now;
    socket->pong_by = 0;
}

/* What the waiting handler does not need goes back to the system. */
static void make_small(nu_websocket *socket)
{
    nu__fiber_trim(socket->fiber);
    if (!socket->options.compact || !socket->receiving)
        return;
    NU_TRY {
        nu__fiber_put_aside(socket->fiber);
    }
    NU_CATCH (error) {
        (void)error; /* out of memory: it stays as it is */
    }
}

static bool is_past(int64_t moment, int64_t now)
{
    return moment && now >= moment;
}

static void look_at_clock(nu_websocket *socket)
{
    const nu_websocket_options *options = &socket->options;
    int64_t                     now = nu__loop_now(loop_of(socket));
    excuse(socket, now);
    if (is_past(socket->trim_at, now) && socket->fiber) {
        make_small(socket);
        socket->trim_at = 0;
    }
    if (is_past(socket->answer_by, now))
        nu__ws_answer_close(socket);
    if (is_past(socket->close_by, now))
        give_up(socket);
    if (socket->conn->dead)
        return;
    if (is_past(socket->write_by, now) || (!is_quiet(socket) && is_past(socket->pong_by, now)))
        nu__ws_die(socket);
    else if (is_quiet(socket))
        return;
    else if (options->idle_ms > 0 && now >= socket->message + (int64_t)options->idle_ms * 1000)
        nu__ws_close(socket, NU__WS_NORMAL, "idle", 4);
    else if (options->ping_ms >= 0 && !socket->pong_by &&
             now >= socket->heard + (int64_t)options->ping_ms * 1000)
        ping(socket);
}

/* ---- its end --------------------------------------------------------------------------------- */

bool nu__ws_is_over(const nu_websocket *socket)
{
    return socket->conn->dead || socket->close_received || socket->ours;
}

static bool handshake_is_done(const nu_websocket *socket)
{
    return socket->close_sent && (socket->close_received || socket->failed) && !socket->out;
}

void nu__ws_settle(nu_websocket *socket)
{
    nu__conn *conn = socket->conn;
    if (!conn->dead && handshake_is_done(socket) && !socket->finished) {
        socket->finished = true;
        if (!conn->transport->finish(conn))
            nu__ws_die(socket);
    }
    bool done = conn->dead || socket->finished;
    if (done && socket->ended && !socket->fiber && socket->busy == 0) {
        nu__conn_linger(conn);
        return;
    }
    if (done && !socket->ended && !socket->close_by && !socket->cancelled)
        socket->close_by = in_ms(socket, socket->options.close_ms);
    schedule(socket);
}

static void release(nu_websocket *socket)
{
    socket->conn->websocket = NULL;
    nu__ws_deflate_clear(&socket->deflate);
    nu_arena_free(socket->arena);
}

/* The worker ends. */
static void say_goodbye(nu_websocket *socket)
{
    bool      restarts = socket->conn->worker->server->options.restarts;
    nu_fiber *busy = socket->receiving ? NULL : socket->fiber; /* with something else */
    nu__ws_close(socket, restarts ? NU__WS_RESTART : NU__WS_GOING_AWAY, "", 0);
    if (!restarts)
        return;
    socket->close_by = in_ms(socket, RESTART_MS);
    if (busy)
        cancel(socket, busy);
}

/* ---- the handler ----------------------------------------------------------------------------- */

/* 1000, or what the client is told after an error. */
static int code_after(const nu_error *error)
{
    if (nu_error_is(error, NU_CANCELLED))
        return NU__WS_GOING_AWAY;
    nu_log_raised("websocket", error);
    return NU__WS_SERVER_ERROR;
}

/* The fiber's last words: it works on the connection only from here on. */
static void leave_fiber(nu_websocket *socket)
{
    nu__fiber_settle();
    nu__ambient()->request_id = NULL;
    nu__fiber_rename(nu__fiber_self(), "connection");
    nu_arena_enter(socket->conn->worker->arena);
    socket->fiber = NULL;
}

static void run_handler(void *arg)
{
    nu_websocket *socket = arg;
    volatile int  code = NU__WS_NORMAL;
    NU_TRY {
        socket->handler(socket, socket->ctx);
    }
    NU_CATCH (error) {
        code = code_after(error);
    }
    leave_fiber(socket);
    socket->ended = true;
    nu__ws_answer_close(socket);
    nu__ws_close(socket, code, "", 0);
    nu__ws_pump(socket);
    nu__ws_settle(socket);
}

void nu__ws_give_way(nu_websocket *socket)
{
    if (++socket->turns < TURNS || socket->cancelled)
        return;
    socket->turns = 0;
    nu_yield();
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Calls the function for the next thing that has happened; false when there is nothing. */
static bool tell_next(nu_websocket *socket)
{
    const nu_websocket_events *events = socket->events;
    nu_arena_reset(socket->scratch);
    if (!socket->opened) {
        socket->opened = true;
        if (events->open)
            events->open(socket, socket->ctx);
        return true;
    }
    nu__ws_message *message = socket->ours ? NULL : nu__ws_take(socket);
    if (message) {
        if (events->message)
            events->message(socket, nu__ws_value(message), socket->ctx);
        nu__ws_give_way(socket);
        return true;
    }
    if (!nu__ws_is_over(socket) || socket->ended)
        return false;
    socket->ended = true;
    nu__ws_answer_close(socket);
    if (events->closed)
        events->closed(socket, socket->ctx);
    return false;
}

static bool has_news(const nu_websocket *socket)
{
    return !socket->ended && (!socket->opened || socket->first || nu__ws_is_over(socket));
}

/* After an error or a cancel the rest is told in another fiber. */
static void run_events(void *arg)
{
    nu_websocket *socket = arg;
    NU_TRY {
        while (!socket->interrupted && tell_next(socket)) {
        }
    }
    NU_CATCH (error) {
        int code = code_after(error);
        nu__ws_close(socket, code, "", 0);
    }
    leave_fiber(socket);
    nu_arena_free(socket->scratch);
    socket->scratch = NULL;
    socket->interrupted = false;
    nu__ws_drop(socket);
    if (has_news(socket))
        nu__ws_rouse(socket);
    nu__ws_pump(socket);
    nu__ws_settle(socket);
}

/* ---- fibers ---------------------------------------------------------------------------------- */

static void start_fiber(nu_websocket *socket)
{
    bool events = socket->events != NULL;
    socket->scratch = events ? nu_arena_new(socket->conn->worker->arena, "websocket")
                             : nu__arena_new_small(socket->arena, "websocket", 256);
    socket->fiber =
        nu__fiber_start(loop_of(socket), "websocket", events ? socket->scratch : socket->arena,
                        events ? run_events : run_handler, socket);
    nu__fiber_ambient(socket->fiber)->request_id = socket->id;
}

static void start_fiber_caught(nu_websocket *socket)
{
    NU_TRY {
        start_fiber(socket);
    }
    NU_CATCH (error) {
        nu_log_raised("websocket", error);
        if (socket->events)
            nu_arena_free(socket->scratch);
        socket->ended = true;
        nu__ws_close(socket, NU__WS_SERVER_ERROR, "", 0);
    }
}

void nu__ws_rouse(nu_websocket *socket)
{
    if (socket->receiving)
        nu__wake(socket->fiber);
    else if (socket->events && !socket->fiber && has_news(socket))
        start_fiber_caught(socket);
}

/* ---- its beginning --------------------------------------------------------------------------- */

void nu__websocket_new(nu__conn *conn, const struct nu__upgrade *upgrade, const char *id)
{
    const nu_websocket_options *options = &upgrade->options;
    nu_arena *arena = nu__arena_new_small(conn->worker->arena, "websocket", sizeof(nu_websocket));
    nu_websocket *socket = nu_arena_zalloc(arena, sizeof *socket);
    *socket = (nu_websocket){
        .conn = conn,
        .arena = arena,
        .handler = upgrade->handler,
        .events = upgrade->events,
        .ctx = (void *)(uintptr_t)upgrade->ctx,
        .options = *options,
        .deflate = upgrade->deflate,
        .last = &socket->first,
        .out_last = &socket->out,
        .reader = {.arena = arena,
                   .max_message = options->max_message,
                   .deflate = &socket->deflate,
                   .parser = {.max_frame = options->max_frame,
                              .compressed = upgrade->deflate.agreed}},
    };
    socket->deflate.arena = arena;
    snprintf(socket->id, sizeof socket->id, "%s", id);
    conn->websocket = socket;
    if (options->ctx_size > 0)
        socket->ctx = nu_arena_copy(arena, upgrade->ctx, options->ctx_size);
    socket->data = nu_value_copy(arena, options->data);
    socket->subprotocol = nu_arena_text(arena, upgrade->subprotocol);
}

/* What came with the request, behind it. */
static void keep_early(nu_websocket *socket)
{
    const nu__http1_conn *http = &socket->conn->http1;
    size_t                length = http->end - http->begin;
    if (length == 0)
        return;
    socket->rest_arena = nu__arena_new_small(socket->arena, "websocket input", length);
    socket->rest = (nu__slice){
        nu_arena_copy(socket->rest_arena, http->in->data + http->begin, length), length};
}

static void begin(nu_websocket *socket)
{
    nu__conn   *conn = socket->conn;
    nu__worker *worker = conn->worker;
    if (!worker->input)
        worker->input = nu_arena_alloc(worker->arena, NU__INPUT);
    keep_early(socket);
    if (socket->handler)
        start_fiber(socket);
}

void nu__websocket_begin(nu__conn *conn, bool sent)
{
    nu_websocket *socket = conn->websocket;
    bool volatile fine = sent && !conn->dead;
    NU_TRY {
        if (fine)
            begin(socket);
    }
    NU_CATCH (error) {
        nu_log_raised("websocket", error);
        fine = false;
    }
    if (!fine) {
        release(socket);
        nu__conn_linger(conn);
        return;
    }
    nu__conn_speak(conn, &nu__websocket_protocol);
    socket->heard = socket->message = nu__loop_now(loop_of(socket));
    /* It was asked for before the worker heard that it ends: the client is told in WebSocket's words. */
    if (conn->worker->draining)
        say_goodbye(socket);
    nu__ws_rouse(socket);
    nu__ws_pump(socket);
    nu__ws_settle(socket);
}

/* ---- events of the connection ---------------------------------------------------------------- */

static void ws_ready(nu__conn *conn, uint32_t events)
{
    nu_websocket *socket = conn->websocket;
    if (conn->dead)
        nu__ws_die(socket);
    if (events & EPOLLOUT)
        nu__ws_flush(socket);
    nu__ws_pump(socket);
    /* The end of input is seen only behind what fills the line; the handler gets this long to get there. */
    if (conn->gone && !conn->dead && !socket->close_by)
        socket->close_by = in_ms(socket, socket->options.close_ms);
    nu__ws_settle(socket);
}

static void ws_due(nu__conn *conn)
{
    look_at_clock(conn->websocket);
    nu__ws_settle(conn->websocket);
}

static void ws_drain(nu__conn *conn)
{
    say_goodbye(conn->websocket);
    nu__ws_settle(conn->websocket);
}

static void ws_cut(nu__conn *conn)
{
    give_up(conn->websocket);
    nu__ws_settle(conn->websocket);
}

static void ws_drop(nu__conn *conn)
{
    release(conn->websocket);
}

const nu__protocol nu__websocket_protocol = {
    .name = "WebSocket",
    .ready = ws_ready,
    .due = ws_due,
    .drain = ws_drain,
    .cut = ws_cut,
    .drop = ws_drop,
};
