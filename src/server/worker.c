/* A worker: one loop that accepts connections and serves them. All workers accept from the same
 * sockets, and EPOLLEXCLUSIVE has the kernel wake one of them for each connection: the first in its
 * line that sleeps, so a worker that was served goes to the end of the line. A socket for each worker
 * (SO_REUSEPORT) would spread bursts more evenly, but what waits in its queue is lost when the worker
 * dies or is replaced; here another worker takes it. */
#include "server/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/internal.h"
#include "nuages/log.h"
#include "nuages/random.h"
#include "nuages/time.h"
#include "server/crash.h"
#include "server/event_stream.h"
#include "server/sandbox.h"

enum {
    ACCEPTS = 8,    /* taken in one go by a worker that is alone */
    PAUSE_MS = 100, /* without descriptors */
    CUT_MS = 500,   /* from cancelling the fibers that are left to ending without them */
};

/* ---- buffers --------------------------------------------------------------------------------- */

static size_t buffer_size(const nu__worker *worker, enum nu__buffer_kind kind)
{
    switch (kind) {
    case NU__SMALL: return NU__BUFFER_SMALL;
    case NU__LARGE: return worker->limits.head + NU__BUFFER_SMALL;
    case NU__OUT: return NU__BUFFER_OUT;
    }
    __builtin_unreachable();
}

nu__buffer *nu__buffer_take(nu__worker *worker, enum nu__buffer_kind kind)
{
    nu__buffer **spare = &worker->buffers[kind];
    nu__buffer  *buffer = *spare;
    if (buffer) {
        *spare = buffer->next;
    } else {
        size_t size = buffer_size(worker, kind);
        buffer = nu__arena_alloc_try(worker->arena, sizeof *buffer + size);
        if (!buffer)
            return NULL;
        buffer->size = size;
        buffer->kind = (uint8_t)kind;
    }
    worker->large_in_use += kind == NU__LARGE;
    return buffer;
}

void nu__buffer_give(nu__worker *worker, nu__buffer *buffer)
{
    nu__buffer **spare = &worker->buffers[buffer->kind];
    worker->large_in_use -= buffer->kind == NU__LARGE;
    buffer->next = *spare;
    *spare = buffer;
}

/* ---- the Date line --------------------------------------------------------------------------- */

nu__slice nu__date_line(nu__worker *worker)
{
    int64_t second = nu__loop_now(worker->loop) / NU_SECOND;
    if (second != worker->date_second || worker->date_length == 0) {
        memcpy(worker->date, "Date: ", 6);
        nu_http_date_write(worker->date + 6, time(NULL));
        memcpy(worker->date + 35, "\r\n", 2);
        worker->date_length = 37;
        worker->date_second = second;
    }
    return (nu__slice){worker->date, worker->date_length};
}

/* ---- accepting ------------------------------------------------------------------------------- */

static nu_ready on_connection;

static void accept_stop(nu__worker *worker)
{
    for (size_t i = 0; i < worker->server->listener_count; i++)
        nu__watch_stop(&worker->acceptors[i].watch);
    worker->accepting = false;
}

static void accept_start(nu__worker *worker)
{
    nu_server *server = worker->server;
    /* Alone on the socket there is nobody to exclude. */
    uint32_t exclusive = server->options.workers ? (uint32_t)EPOLLEXCLUSIVE : 0;
    for (size_t i = 0; i < server->listener_count; i++) {
        nu__acceptor *acceptor = &worker->acceptors[i];
        acceptor->worker = worker;
        acceptor->listener = &server->listeners[i];
        nu__watch_start(worker->loop, &acceptor->watch, acceptor->listener->fd, EPOLLIN | exclusive,
                        on_connection);
    }
    worker->accepting = true;
}

static void on_pause_over(nu_timer *timer)
{
    nu__worker *worker = NU_CONTAINER(timer, nu__worker, pause);
    if (!worker->accepting && !worker->draining)
        accept_start(worker);
}

static void address_text(char out[46], const struct sockaddr_storage *name)
{
    if (name->ss_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)name)->sin_addr, out, 46);
    else if (name->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)name)->sin6_addr, out, 46);
    /* An IPv4 client of a socket for both. */
    if (memcmp(out, "::ffff:", 7) == 0 && strchr(out, '.'))
        memmove(out, out + 7, strlen(out + 7) + 1);
}

static void open_caught(nu__acceptor *acceptor, int fd, const char *address)
{
    NU_TRY {
        nu__conn_open(acceptor->worker, acceptor->listener, fd, address);
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        if (acceptor->worker->clients)
            nu__clients_leave(acceptor->worker->clients, address);
        close(fd);
    }
}

/* Accepts one; false when there is none, or none can be had. */
static bool accept_one(nu__acceptor *acceptor)
{
    nu__worker             *worker = acceptor->worker;
    struct sockaddr_storage name = {0};
    socklen_t               length = sizeof name;
    char                    address[46] = "";
    int                     fd = accept4(acceptor->watch.fd, (struct sockaddr *)&name, &length,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        address_text(address, &name);
        if (worker->clients && !nu__clients_enter(worker->clients, address,
                                                  worker->server->options.limits.per_client))
            close(fd);
        else
            open_caught(acceptor, fd, address);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        nu_warning("server", "cannot accept connections for the moment: %s", strerror(errno));
        accept_stop(worker);
        nu__timer_start(worker->loop, &worker->pause, nu__in_ms(PAUSE_MS), on_pause_over);
    }
    return errno == EINTR || errno == ECONNABORTED;
}

/* Makes way for new connections by closing idle ones among the older half, some at a time because
 * finding them is a walk over all. False if there are none. */
static bool close_idle(nu__worker *worker)
{
    enum { SOME = 64 };
    size_t    newer = worker->open_count / 2, closed = 0;
    nu__conn *conn = worker->open;
    while (conn && closed < SOME) {
        nu__conn *next = conn->next;
        if (newer > 0) {
            newer--;
        } else if (conn->protocol->is_idle && conn->protocol->is_idle(conn)) {
            nu__conn_close(conn);
            closed++;
        }
        conn = next;
    }
    return closed > 0;
}

/* To the end of the kernel's line, or the first worker would get all connections of a quiet server. */
static void queue_anew(nu_watch *watch)
{
    nu_loop *loop = watch->loop;
    nu__watch_stop(watch);
    nu__watch_start(loop, watch, watch->fd, watch->events, on_connection);
}

static void on_connection(nu_watch *watch, uint32_t events)
{
    nu__acceptor            *acceptor = NU_CONTAINER(watch, nu__acceptor, watch);
    nu__worker              *worker = acceptor->worker;
    const nu_server_options *options = &worker->server->options;
    /* With others beside us one is enough: who is free takes the next. */
    int rest = options->workers > 1 ? 1 : ACCEPTS;
    (void)events;
    while (rest-- > 0 && accept_one(acceptor)) {
        if (worker->open_count >= options->limits.connections && !close_idle(worker)) {
            nu_warning("server", "%zu connections are open: new ones wait", worker->open_count);
            accept_stop(worker);
            return;
        }
    }
    if (options->workers > 1 && worker->accepting)
        queue_anew(watch);
}

void nu__worker_closed(nu__worker *worker)
{
    if (worker->draining && worker->open_count == 0)
        nu__loop_stop(worker->loop);
    else if (!worker->accepting && !worker->draining && worker->pause.place == 0)
        accept_start(worker);
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void on_cut_over(nu_timer *timer)
{
    nu__worker *worker = NU_CONTAINER(timer, nu__worker, drain);
    nu_warning("server", "%zu requests did not end", nu__loop_fibers(worker->loop));
    nu__loop_stop(worker->loop);
}

/* Time is up for whoever is still there. */
static void cut(nu__worker *worker)
{
    nu__timer_start(worker->loop, &worker->drain, nu__in_ms(CUT_MS), on_cut_over);
    for (nu__conn *conn = worker->open, *next; conn; conn = next) {
        next = conn->next;
        conn->dead = true;
        conn->protocol->cut(conn);
    }
}

static void on_drain_over(nu_timer *timer)
{
    cut(NU_CONTAINER(timer, nu__worker, drain));
}

void nu__worker_drain(nu__worker *worker)
{
    if (worker->draining)
        return;
    worker->draining = true;
    accept_stop(worker);
    int ms = worker->server->options.timeouts.drain;
    nu__timer_start(worker->loop, &worker->drain, nu__in_ms(ms), on_drain_over);
    nu__event_streams_drain(worker->loop);
    for (nu__conn *conn = worker->open, *next; conn; conn = next) {
        next = conn->next;
        if (conn->protocol->drain)
            conn->protocol->drain(conn);
    }
    if (worker->open_count == 0)
        nu__loop_stop(worker->loop);
}

static void on_terminate(nu_signal *signal)
{
    nu__worker_drain(NU_CONTAINER(signal, nu__worker, terminate));
}

static void on_interrupt(nu_signal *signal)
{
    nu__worker *worker = NU_CONTAINER(signal, nu__worker, interrupt);
    if (!worker->draining)
        accept_stop(worker);
    worker->draining = true;
    cut(worker);
    if (worker->open_count == 0)
        nu__loop_stop(worker->loop);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static void on_tls_check(nu_timer *timer)
{
    nu__worker              *worker = NU_CONTAINER(timer, nu__worker, tls_check);
    const nu_server_options *options = &worker->server->options;
    nu__tls_refresh(&worker->tls, &worker->tls_seen, options->certificates,
                    &worker->server->tickets);
    nu__timer_start(worker->loop, timer, nu__in_ms(options->certificate_check_ms), on_tls_check);
}

/* The files may have changed since the supervisor has read them. */
static void start_tls(nu__worker *worker)
{
    nu_server *server = worker->server;
    if (!server->tls)
        return;
    worker->tls = nu__tls_hold(server->tls);
    worker->tls_seen = server->tls_seen;
    on_tls_check(&worker->tls_check);
}

/* ---- looking at itself ------------------------------------------------------------------------- */

static size_t resident_memory(void)
{
    unsigned long pages = 0;
    FILE         *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Asks for a successor, which the supervisor starts before it ends this one. */
static void recycle(nu__worker *worker, size_t memory)
{
    nu_info("server", "worker %d holds %zu MiB and is to be replaced", (int)getpid(), memory >> 20);
    worker->recycling =
        send(worker->channel, NU__RECYCLE, sizeof NU__RECYCLE, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

void nu__worker_sample(nu__worker *worker)
{
    const nu_server_options *options = &worker->server->options;
    nu_server_sample         sample = {.database_open = 0};
    size_t                   memory = resident_memory();
    worker->sampled = nu__loop_now(worker->loop);
    if (options->sample)
        options->sample(&sample, options->ctx);
    nu__gauge_set(&worker->figures->memory, (int64_t)memory);
    nu__count_set(&worker->figures->database_statements, sample.database_statements);
    nu__count_set(&worker->figures->database_errors, sample.database_errors);
    nu__gauge_set(&worker->figures->database_open, sample.database_open);
    nu__gauge_set(&worker->figures->database_busy, sample.database_busy);
    nu__gauge_set(&worker->figures->database_waiting, sample.database_waiting);
    if (options->limits.memory > 0 && memory > options->limits.memory && worker->channel >= 0 &&
        !worker->recycling && !worker->draining)
        recycle(worker, memory);
}

static nu__worker *present; /* of this process */

const char *nu_server_figures(void)
{
    return present ? nu__board_text(present->server->board) : "";
}

bool nu_server_is_draining(void)
{
    return present && present->draining;
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* The usual soft limit of 1024 descriptors is there for programs that use select(). */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        nu_warning("server", "cannot raise the limit of descriptors: %s", strerror(errno));
}

static void choose_prefix(nu__worker *worker)
{
    uint32_t number;
    nu_random_bytes(&number, sizeof number);
    snprintf(worker->id_prefix, sizeof worker->id_prefix, "%08x", number);
}

static nu__worker *worker_new(nu_server *server)
{
    const nu_server_limits *limits = &server->options.limits;
    nu_arena               *arena = nu_arena_new(server->arena, "worker");
    nu__worker             *worker = nu_arena_zalloc(arena, sizeof *worker);
    worker->server = server;
    worker->arena = arena;
    worker->limits = (nu__http1_limits){limits->request_line, limits->head, limits->headers};
    worker->headers = nu_arena_array(arena, limits->headers, sizeof *worker->headers);
    worker->acceptors = nu_arena_array(arena, server->listener_count, sizeof *worker->acceptors);
    worker->figures = nu__board_take(server->board);
    if (limits->per_client > 0)
        worker->clients = nu__clients_new(arena);
    choose_prefix(worker);
    return worker;
}

/* For the supervisor to know that requests are taken: a new generation is ready. */
static void tell_ready(nu__worker *worker, int channel)
{
    if (channel >= 0) {
        if (send(channel, NU__READY, sizeof NU__READY, MSG_NOSIGNAL) < 0)
            nu_warning("server", "cannot reach the supervisor: %s", strerror(errno));
    } else if (worker->server->options.ready) {
        worker->server->options.ready(worker->server->options.ctx);
    }
}

int nu__worker_run(nu_server *server, int channel)
{
    const nu_server_options *options = &server->options;
    nu__worker              *worker = worker_new(server);
    worker->channel = channel;
    present = worker;
    signal(SIGPIPE, SIG_IGN);
    allow_descriptors();
    nu__crash_watch(server, channel);
    if (options->sandbox && channel >= 0)
        nu__sandbox_enter(options->sandbox);
    if (options->start)
        options->start(options->ctx);
    worker->loop = nu__loop_new(&(nu_loop_options){.pool_threads = options->pool_threads,
                                                   .stack_size = options->stack_size,
                                                   .slice_limit_ms = options->slice_limit_ms});
    nu__loop_trims(worker->loop, worker->arena);
    nu__signal_start(worker->loop, &worker->terminate, SIGTERM, on_terminate);
    nu__signal_start(worker->loop, &worker->interrupt, SIGINT, on_interrupt);
    start_tls(worker);
    accept_start(worker);
    tell_ready(worker, channel);
    nu__loop_run(worker->loop);
    if (options->stop)
        options->stop(options->ctx);
    /* Fibers that did not end are left where they are: the process ends now. */
    if (nu__loop_fibers(worker->loop) > 0)
        return 1;
    present = NULL;
    nu__tls_release(worker->tls);
    nu__loop_free(worker->loop);
    nu_arena_free(worker->arena);
    return 0;
}
