/* A connection of HTTP/2: its session, what it reads and writes, its time, its end. */
#include "server/http2.h"

#include <errno.h>
#include <string.h>

#include "base/internal.h"
#include "nuages/log.h"
#include "nuages/time.h"

enum {
    FAREWELL_MS = 1000,    /* for requests that were sent before the client could know */
    READS = 8,             /* in one go, before others have their turn */
    CALM_BURST = 1000,     /* frames in vain at once */
    CALM_RATE = 200,       /* and for each second */
    LARGEST_HEAD = 1 << 20 /* of a response */
};

/* ---- patience with the client ---------------------------------------------------------------- */

bool nu__http2_spend(nu__http2 *self, int cost)
{
    int64_t now = nu__loop_now(self->conn->worker->loop);
    int64_t gain = (now - self->calm_since) * CALM_RATE / NU_SECOND;
    if (gain > 0) {
        nu__http2_earn(self, gain < CALM_BURST ? (int)gain : CALM_BURST);
        self->calm_since = now;
    }
    self->calm -= cost;
    if (self->calm >= 0)
        return false;
    nu__http2_fail(self, NGHTTP2_ENHANCE_YOUR_CALM);
    return true;
}

void nu__http2_earn(nu__http2 *self, int gain)
{
    self->calm += gain;
    if (self->calm > CALM_BURST)
        self->calm = CALM_BURST;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Every stream is closed by nghttp2 here or was before. Fibers end by themselves; the last one settles. */
static void close_streams(nu__http2 *self)
{
    for (nu__http2_stream *stream = self->streams, *next; stream; stream = next) {
        next = stream->next;
        if (!stream->closed) {
            nghttp2_session_set_stream_user_data(self->session, stream->id, NULL);
            nu__http2_closed(stream);
        }
    }
}

/* May be called from within nghttp2, which goes on to ignore all input. */
void nu__http2_fail(nu__http2 *self, uint32_t code)
{
    if (self->failed)
        return;
    self->failed = true;
    if (code != NGHTTP2_NO_ERROR)
        nu_info("server", "%s: HTTP/2: %s", self->conn->address, nghttp2_http2_strerror(code));
    nghttp2_session_terminate_session(self->session, code);
}

/* A GOAWAY of our own making: nghttp2 has given up in a state from which it cannot make one. */
static void say_goaway(nu__http2 *self, uint32_t code)
{
    uint32_t last = (uint32_t)nghttp2_session_get_last_proc_stream_id(self->session);
    uint8_t  frame[17] = {0, 0, 8, NGHTTP2_GOAWAY};
    if (!self->out || self->out->size - self->out_end < sizeof frame || self->rest_length > 0)
        return;
    for (int i = 0; i < 4; i++) {
        frame[9 + i] = (uint8_t)(last >> (24 - 8 * i));
        frame[13 + i] = (uint8_t)(code >> (24 - 8 * i));
    }
    memcpy(self->out->data + self->out_end, frame, sizeof frame);
    self->out_end += sizeof frame;
}

static void say_last_stream(nu__http2 *self)
{
    self->farewell = true;
    nghttp2_submit_goaway(self->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(self->session), NGHTTP2_NO_ERROR,
                          NULL, 0);
    nu__http2_send_later(self);
}

/* The first GOAWAY names no last stream, so that requests under way are answered (RFC 9113 6.8). */
void nu__http2_retire(nu__http2 *self)
{
    if (self->noticed || self->broken)
        return;
    self->noticed = true;
    nghttp2_submit_shutdown_notice(self->session);
    nu__http2_send_later(self);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void die(nu__http2 *self)
{
    self->conn->dead = true;
    close_streams(self);
}

static void give_out(nu__http2 *self)
{
    if (self->out)
        nu__buffer_give(self->conn->worker, self->out);
    self->out = NULL;
    self->out_begin = self->out_end = 0;
}

/* Writes what the client takes of `out`. False if something is left. */
static bool write_out(nu__http2 *self)
{
    nu__conn *conn = self->conn;
    while (self->out_begin < self->out_end && !conn->dead && !self->blocked) {
        struct iovec part = {self->out->data + self->out_begin, self->out_end - self->out_begin};
        ssize_t      n = conn->transport->write(conn, &part, 1);
        if (n >= 0) {
            self->out_begin += (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            self->blocked = true;
            nu__conn_timer(conn, conn->worker->server->options.timeouts.write);
        } else {
            die(self);
        }
    }
    if (self->out_begin == self->out_end)
        self->out_begin = self->out_end = 0;
    return self->out_end == 0;
}

/* What did not fit goes first. */
static bool take_rest(nu__http2 *self)
{
    if (self->rest_length == 0)
        return true; /* nghttp2 may have given NULL with it */
    size_t room = self->out->size - self->out_end;
    size_t some = self->rest_length < room ? self->rest_length : room;
    memcpy(self->out->data + self->out_end, self->rest, some);
    self->out_end += some;
    self->rest += some;
    self->rest_length -= some;
    return self->rest_length == 0;
}

/* True when a whole frame of data fits, so that nghttp2 need not be asked in vain. */
static bool has_room(const nu__http2 *self)
{
    return self->out->size - self->out_end >= NU__HTTP2_FRAME + 16;
}

static bool take_out(nu__http2 *self)
{
    if (!self->out)
        self->out = nu__buffer_take(self->conn->worker, NU__OUT);
    if (!self->out)
        die(self);
    return self->out != NULL;
}

void nu__http2_gather(nu__http2 *self)
{
    if (self->conn->dead || self->broken || !take_out(self))
        return;
    for (;;) {
        if (!take_rest(self) || !has_room(self)) {
            if (!write_out(self))
                return;
            continue;
        }
        ssize_t n = nghttp2_session_mem_send(self->session, &self->rest);
        if (n < 0) {
            die(self);
            return;
        }
        self->rest_length = (size_t)n;
        /* Nothing more, or a frame of data for which there is no room. */
        if (n == 0 && (has_room(self) || !nghttp2_session_want_write(self->session)))
            return;
    }
}

static void send_all(nu__http2 *self)
{
    nu__http2_gather(self);
    if (self->out && write_out(self))
        give_out(self);
}

static void on_tick_end(nu_hook *hook)
{
    nu__http2 *self = NU_CONTAINER(hook, nu__http2, flush);
    if (!self->blocked)
        send_all(self);
    nu__http2_settle(self);
}

void nu__http2_send_later(nu__http2 *self)
{
    self->flush.run = on_tick_end;
    nu__tick_end(self->conn->worker->loop, &self->flush);
}

/* ---- reading --------------------------------------------------------------------------------- */

static uint32_t code_of(ssize_t error)
{
    switch (error) {
    case NGHTTP2_ERR_FLOODED:
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: return NGHTTP2_ENHANCE_YOUR_CALM;
    case NGHTTP2_ERR_NOMEM: return NGHTTP2_INTERNAL_ERROR;
    default: return NGHTTP2_PROTOCOL_ERROR;
    }
}

/* Gives the session what came. */
static void feed(nu__http2 *self, const void *bytes, size_t length)
{
    ssize_t n = nghttp2_session_mem_recv(self->session, bytes, length);
    if (n >= 0)
        return;
    nu_info("server", "%s: HTTP/2: %s", self->conn->address, nghttp2_strerror((int)n));
    nu__http2_gather(self);
    say_goaway(self, code_of(n));
    self->broken = true;
    close_streams(self);
}

static void read_all(nu__http2 *self)
{
    nu__conn   *conn = self->conn;
    nu__worker *worker = conn->worker;
    for (int i = 0; i < READS && conn->readable && !conn->dead && !self->broken; i++) {
        ssize_t n = conn->transport->read(conn, worker->input, NU__INPUT);
        if (n > 0)
            feed(self, worker->input, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
            die(self);
    }
    /* There is more: the kernel reports it anew after the others had their turn. */
    if (conn->readable && !conn->dead && !self->broken)
        nu__watch_change(&conn->watch, conn->watch.events);
}

/* ---- time ------------------------------------------------------------------------------------ */

static uint8_t phase_of(const nu__http2 *self)
{
    if (self->blocked)
        return NU__HTTP2_WRITE;
    if (self->noticed && !self->farewell)
        return NU__HTTP2_FAREWELL;
    if (self->in_head)
        return NU__HTTP2_HEAD;
    if (self->live > 0)
        return NU__HTTP2_SERVING;
    return self->conn->served == 0 ? NU__HTTP2_FIRST : NU__HTTP2_IDLE;
}

static int time_of(const nu__http2 *self, uint8_t phase)
{
    const nu_server_timeouts *timeouts = &self->conn->worker->server->options.timeouts;
    switch (phase) {
    case NU__HTTP2_WRITE: return timeouts->write;
    case NU__HTTP2_IDLE: return timeouts->idle;
    case NU__HTTP2_FAREWELL: return FAREWELL_MS;
    default: return timeouts->head;
    }
}

static void set_phase(nu__http2 *self)
{
    uint8_t phase = phase_of(self);
    if (phase == self->phase)
        return;
    self->phase = phase;
    if (phase == NU__HTTP2_SERVING)
        nu__timer_stop(&self->conn->timer);
    else
        nu__conn_timer(self->conn, time_of(self, phase));
}

static bool is_over(const nu__http2 *self)
{
    if (self->live > 0)
        return false;
    return self->broken || (!nghttp2_session_want_read(self->session) &&
                            !nghttp2_session_want_write(self->session) && self->rest_length == 0);
}

void nu__http2_settle(nu__http2 *self)
{
    nu__conn         *conn = self->conn;
    const nu__worker *worker = conn->worker;
    uint64_t          most = worker->server->options.limits.requests;
    if (conn->dead) {
        if (self->live == 0)
            nu__conn_close(conn);
        return;
    }
    if ((most && conn->served >= most) || worker->draining)
        nu__http2_retire(self);
    /* nghttp2 has said why it ends; nobody waits for what is still being worked on. */
    if (!self->broken && !nghttp2_session_want_read(self->session) && self->live > 0)
        close_streams(self);
    if (is_over(self) && !self->flush.link && (!self->out || self->broken)) {
        if (self->out)
            write_out(self);
        nu__conn_linger(conn);
        return;
    }
    set_phase(self);
}

/* ---- the protocol ---------------------------------------------------------------------------- */

static void http2_ready(nu__conn *conn, uint32_t events)
{
    nu__http2 *self = conn->http2;
    if (conn->dead)
        die(self);
    if (events & EPOLLOUT)
        self->blocked = false;
    read_all(self);
    if (!conn->dead && !self->blocked && (self->out || nghttp2_session_want_write(self->session)))
        nu__http2_send_later(self);
    nu__http2_settle(self);
}

static void http2_due(nu__conn *conn)
{
    nu__http2 *self = conn->http2;
    switch (self->phase) {
    case NU__HTTP2_WRITE: die(self); break;
    case NU__HTTP2_FAREWELL: say_last_stream(self); break;
    case NU__HTTP2_HEAD: nu__http2_fail(self, NGHTTP2_ENHANCE_YOUR_CALM); break;
    case NU__HTTP2_SERVING: break;
    default: nu__http2_fail(self, NGHTTP2_NO_ERROR);
    }
    if (!conn->dead)
        nu__http2_send_later(self);
    nu__http2_settle(self);
}

static void http2_drain(nu__conn *conn)
{
    nu__http2_retire(conn->http2);
    nu__http2_settle(conn->http2);
}

static void http2_cut(nu__conn *conn)
{
    die(conn->http2);
    nu__http2_settle(conn->http2);
}

static bool http2_is_idle(const nu__conn *conn)
{
    return conn->http2->live == 0 && conn->served > 0 && !conn->http2->in_head;
}

/* Only without fibers; streams whose head is not complete may be left. */
static void http2_drop(nu__conn *conn)
{
    nu__http2  *self = conn->http2;
    nu__worker *worker = conn->worker;
    close_streams(self);
    nu__tick_forget(&self->flush);
    give_out(self);
    nghttp2_session_del(self->session);
    self->next = worker->spare_http2;
    worker->spare_http2 = self;
    conn->http2 = NULL;
}

const nu__protocol nu__http2_protocol = {
    .name = "HTTP/2",
    .ready = http2_ready,
    .due = http2_due,
    .drain = http2_drain,
    .cut = http2_cut,
    .is_idle = http2_is_idle,
    .drop = http2_drop,
};

/* ---- beginning ------------------------------------------------------------------------------- */

/* The same for all sessions of the process. */
static const nghttp2_session_callbacks *callbacks(void)
{
    static nghttp2_session_callbacks *made;
    if (made || nghttp2_session_callbacks_new(&made) != 0)
        return made;
    nu__http2_stream_callbacks(made);
    nu__http2_head_callbacks(made);
    nu__http2_data_callbacks(made);
    return made;
}

static const nghttp2_option *options(void)
{
    static nghttp2_option *made;
    if (made || nghttp2_option_new(&made) != 0)
        return made;
    /* Windows open as views read. */
    nghttp2_option_set_no_auto_window_update(made, 1);
    /* Nobody asks about closed streams, since priorities are not used. */
    nghttp2_option_set_no_closed_streams(made, 1);
    for (int kind = NGHTTP2_CONTINUATION + 1; kind <= UINT8_MAX; kind++)
        nghttp2_option_set_user_recv_extension_type(made, (uint8_t)kind);
    nghttp2_option_set_max_send_header_block_length(made, LARGEST_HEAD);
    return made;
}

static bool open_session(nu__http2 *self)
{
    const nu__worker            *worker = self->conn->worker;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, NU__HTTP2_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, NU__HTTP2_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)worker->limits.head},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
    };
    return callbacks() && options() &&
           nghttp2_session_server_new2(&self->session, callbacks(), self, options()) == 0 &&
           nghttp2_submit_settings(self->session, NGHTTP2_FLAG_NONE, settings,
                                   NU_COUNT(settings)) == 0 &&
           nghttp2_session_set_local_window_size(self->session, NGHTTP2_FLAG_NONE, 0,
                                                 NU__HTTP2_WINDOW) == 0;
}

static nu__http2 *http2_take(nu__worker *worker)
{
    nu__http2 *self = worker->spare_http2;
    if (self)
        worker->spare_http2 = self->next;
    else
        self = nu__arena_alloc_try(worker->arena, sizeof *self);
    if (!worker->input)
        worker->input = nu__arena_alloc_try(worker->arena, NU__INPUT);
    if (self)
        memset(self, 0, sizeof *self);
    return worker->input ? self : NULL;
}

static bool begin(nu__conn *conn)
{
    nu__http2 *self = http2_take(conn->worker);
    if (!self)
        return false;
    self->conn = conn;
    self->calm = CALM_BURST;
    self->calm_since = nu__loop_now(conn->worker->loop);
    bool fine = open_session(self);
    conn->http2 = self;
    nu__conn_speak(conn, &nu__http2_protocol);
    return fine;
}

void nu__http2_begin(nu__conn *conn, const char *bytes, size_t length)
{
    if (!begin(conn)) {
        nu_warning("server", "%s: cut off, for there is no memory left", conn->address);
        conn->dead = true;
        nu__conn_close(conn);
        return;
    }
    nu__conn_timer(conn, conn->worker->server->options.timeouts.head);
    if (length > 0)
        feed(conn->http2, bytes, length);
    nu__http2_send_later(conn->http2);
    http2_ready(conn, 0);
}
