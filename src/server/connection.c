#include "server/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LINGER_MS = 2000,       /* a client that still sends gets this long */
    LINGER_BYTES = 1 << 20, /* and may send as much */
};

static nu_ready on_ready;
static nu_due   on_due;

/* ---- opening and closing --------------------------------------------------------------------- */

void nu__conn_timer(nu__conn *conn, int ms)
{
    nu_loop *loop = conn->worker->loop;
    nu__timer_start(loop, &conn->timer, nu__loop_now(loop) + (int64_t)ms * 1000, on_due);
}

static void link_in(nu__worker *worker, nu__conn *conn)
{
    conn->next = worker->open;
    conn->link = &worker->open;
    if (worker->open)
        worker->open->link = &conn->next;
    worker->open = conn;
    worker->open_count++;
    nu__gauge_set(&worker->figures->connections, (int64_t)worker->open_count);
}

static void link_out(nu__conn *conn)
{
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    conn->worker->open_count--;
    nu__gauge_set(&conn->worker->figures->connections, (int64_t)conn->worker->open_count);
    if (conn->worker->clients)
        nu__clients_leave(conn->worker->clients, conn->address);
}

static nu__conn *conn_take(nu__worker *worker)
{
    nu__conn *conn = worker->spare;
    if (conn)
        worker->spare = conn->next;
    else
        conn = nu_arena_alloc(worker->arena, sizeof *conn);
    memset(conn, 0, sizeof *conn);
    return conn;
}

/* Whoever connects has something to ask; only between requests is there time to be idle. */
static void watch(nu__conn *conn, int fd)
{
    nu__worker               *worker = conn->worker;
    const nu_server_timeouts *timeouts = &worker->server->options.timeouts;
    nu__conn_timer(conn, conn->listener->tls ? timeouts->handshake : timeouts->head);
    nu__watch_start(worker->loop, &conn->watch, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    on_ready);
}

void nu__conn_open(nu__worker *worker, nu__listener *listener, int fd, const char *address)
{
    nu__conn *conn = conn_take(worker);
    conn->worker = worker;
    conn->listener = listener;
    conn->transport = listener->tls ? &nu__transport_tls : &nu__transport_plain;
    conn->protocol = nu__proxy_is_due(worker, address) ? &nu__proxy_protocol
                     : listener->tls                   ? &nu__tls_handshake
                                                       : &nu__http1;
    memcpy(conn->address, address, strlen(address) + 1);
    NU_TRY {
        if (listener->tls)
            nu__tls_begin(conn);
        watch(conn, fd);
    }
    NU_CATCH (error) {
        conn->dead = true;
        conn->transport->drop(conn);
        nu__timer_stop(&conn->timer);
        conn->next = worker->spare;
        worker->spare = conn;
        nu_reraise(error);
    }
    link_in(worker, conn);
    nu__figure_add(&worker->figures->accepted, 1);
}

nu__conn *nu__conn_open_within(nu__worker *worker, nu__listener *listener,
                               const nu__transport *transport, const nu__protocol *protocol,
                               const char *address)
{
    nu__conn *conn = conn_take(worker);
    conn->worker = worker;
    conn->listener = listener;
    conn->transport = transport;
    conn->protocol = protocol;
    conn->watch.fd = -1;
    memcpy(conn->address, address, strlen(address) + 1);
    link_in(worker, conn);
    return conn;
}

static void drop_protocol(nu__conn *conn)
{
    if (conn->protocol->drop)
        conn->protocol->drop(conn);
}

void nu__conn_close(nu__conn *conn)
{
    nu__worker *worker = conn->worker;
    drop_protocol(conn);
    conn->transport->drop(conn);
    nu__timer_stop(&conn->timer);
    if (conn->watch.fd >= 0) {
        nu__watch_stop(&conn->watch);
        close(conn->watch.fd);
    }
    link_out(conn);
    conn->next = worker->spare;
    worker->spare = conn;
    nu__worker_closed(worker);
}

void nu__conn_speak(nu__conn *conn, const nu__protocol *protocol)
{
    drop_protocol(conn);
    conn->protocol = protocol;
}

/* ---- the end of a connection ----------------------------------------------------------------- */

static void linger_ready(nu__conn *conn, uint32_t events)
{
    char scratch[4096];
    (void)events;
    while (conn->readable && !conn->dead && conn->dropped < LINGER_BYTES) {
        ssize_t n = conn->transport->discard(conn, scratch, sizeof scratch);
        if (n > 0)
            conn->dropped += (size_t)n;
        else if (n == 0 || errno != EAGAIN)
            conn->dead = true;
    }
    if (conn->dead || conn->readable)
        nu__conn_close(conn);
}

static const nu__protocol linger = {
    .name = "goodbye",
    .ready = linger_ready,
    .due = nu__conn_close,
    .cut = nu__conn_close,
};

void nu__conn_linger(nu__conn *conn)
{
    if (conn->dead || !conn->transport->finish(conn)) {
        nu__conn_close(conn);
        return;
    }
    nu__conn_speak(conn, &linger);
    conn->readable = true;
    nu__conn_timer(conn, LINGER_MS);
    linger_ready(conn, 0);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_due(nu_timer *timer)
{
    nu__conn *conn = NU_CONTAINER(timer, nu__conn, timer);
    conn->protocol->due(conn);
}

static void on_ready(nu_watch *watch, uint32_t events)
{
    nu__conn *conn = NU_CONTAINER(watch, nu__conn, watch);
    if (events & (EPOLLERR | EPOLLHUP))
        conn->dead = true;
    if (events & EPOLLRDHUP)
        conn->gone = true;
    if (events & (EPOLLIN | EPOLLRDHUP) || (conn->read_blocked && (events & EPOLLOUT)))
        conn->readable = true;
    conn->protocol->ready(conn, events);
}
