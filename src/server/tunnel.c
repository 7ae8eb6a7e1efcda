#include "server/tunnel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/log.h"

enum {
    PIECE = 16 * 1024,
    LAST_WORDS_MS = 10000, /* for the side that has not ended yet */
    SILENCE_MS = 1000,     /* after which a tunnel is closed when the worker drains */
    ROUNDS = 8,            /* before other connections have their turn */
};

typedef struct direction {
    char  *piece; /* NULL until something comes */
    size_t begin, end;
    bool   ended; /* nothing more will be read */
    bool   told;  /* and the reader knows */
} direction;

struct nu__tunnel {
    nu__conn *conn;
    nu_arena *arena; /* it lies there */
    nu_watch  peer;
    bool      peer_readable, peer_lost;
    nu_hook   again;           /* after others had their turn */
    bool      draining, moved; /* moved: since the worker began to, or the timer ran out last */
    direction up, down;
};

/* ---- the two sides --------------------------------------------------------------------------- */

static ssize_t peer_read(nu__tunnel *tunnel, void *into, size_t room)
{
    ssize_t n;
    do
        n = recv(tunnel->peer.fd, into, room, 0);
    while (n < 0 && errno == EINTR);
    tunnel->peer_readable = n > 0;
    return n;
}

static ssize_t peer_write(nu__tunnel *tunnel, const char *bytes, size_t length)
{
    ssize_t n;
    do
        n = send(tunnel->peer.fd, bytes, length, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n;
}

static ssize_t client_write(nu__tunnel *tunnel, const char *bytes, size_t length)
{
    struct iovec part = {(char *)(uintptr_t)bytes, length};
    return tunnel->conn->transport->write(tunnel->conn, &part, 1);
}

static bool is_for_later(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* ---- one direction --------------------------------------------------------------------------- */

static bool is_up(const nu__tunnel *tunnel, const direction *way)
{
    return way == &tunnel->up;
}

static bool has_input(const nu__tunnel *tunnel, const direction *way)
{
    return is_up(tunnel, way) ? tunnel->conn->readable : tunnel->peer_readable;
}

static bool fill(nu__tunnel *tunnel, direction *way)
{
    if (way->ended || way->begin < way->end || !has_input(tunnel, way))
        return false;
    ssize_t n = is_up(tunnel, way) ? tunnel->conn->transport->read(tunnel->conn, way->piece, PIECE)
                                   : peer_read(tunnel, way->piece, PIECE);
    if (is_for_later(n))
        return false;
    way->ended = n <= 0;
    way->begin = 0;
    way->end = n > 0 ? (size_t)n : 0;
    return true;
}

/* Who cannot be written to has gone: nothing that it says matters any more. */
static bool empty(nu__tunnel *tunnel, direction *way)
{
    if (way->begin == way->end)
        return false;
    const char *bytes = way->piece + way->begin;
    size_t      length = way->end - way->begin;
    ssize_t     n = is_up(tunnel, way) ? peer_write(tunnel, bytes, length)
                                       : client_write(tunnel, bytes, length);
    if (is_for_later(n))
        return false;
    if (n < 0) {
        tunnel->peer_lost = true;
        return false;
    }
    way->begin += (size_t)n;
    return true;
}

/* Nothing more will come this way. */
static void pass_on_the_end(nu__tunnel *tunnel, direction *way)
{
    if (!way->ended || way->told || way->begin < way->end)
        return;
    way->told = true;
    if (!is_up(tunnel, way))
        tunnel->conn->transport->finish(tunnel->conn);
    else
        shutdown(tunnel->peer.fd, SHUT_WR);
    nu__conn_timer(tunnel->conn, LAST_WORDS_MS);
}

static bool move(nu__tunnel *tunnel, direction *way)
{
    bool moved = fill(tunnel, way);
    moved = empty(tunnel, way) || moved;
    tunnel->moved = tunnel->moved || moved;
    pass_on_the_end(tunnel, way);
    return moved;
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool is_over(const nu__tunnel *tunnel)
{
    return tunnel->conn->dead || tunnel->peer_lost || (tunnel->up.told && tunnel->down.told);
}

static void pump(nu__tunnel *tunnel)
{
    bool moved = true;
    for (int round = 0; moved && round < ROUNDS && !is_over(tunnel); round++) {
        moved = move(tunnel, &tunnel->up);
        moved = move(tunnel, &tunnel->down) || moved;
    }
    if (is_over(tunnel))
        nu__conn_linger(tunnel->conn);
    else if (moved)
        nu__tick_end(tunnel->conn->worker->loop, &tunnel->again);
}

static void on_again(nu_hook *hook)
{
    pump(NU_CONTAINER(hook, nu__tunnel, again));
}

static void on_peer(nu_watch *watch, uint32_t events)
{
    nu__tunnel *tunnel = NU_CONTAINER(watch, nu__tunnel, peer);
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        tunnel->peer_readable = true;
    pump(tunnel);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void release(nu__conn *conn)
{
    nu__tunnel *tunnel = conn->tunnel;
    conn->tunnel = NULL;
    nu__tick_forget(&tunnel->again);
    nu__watch_stop(&tunnel->peer);
    close(tunnel->peer.fd);
    nu_arena_free(tunnel->arena);
}

void nu__tunnel_new(nu__conn *conn, struct nu__tunnel_end *end)
{
    nu_arena *arena = nu_arena_new(conn->worker->arena, "tunnel");
    NU_TRY {
        nu__tunnel *tunnel = nu_arena_zalloc(arena, sizeof *tunnel);
        *tunnel = (nu__tunnel){.conn = conn,
                               .arena = arena,
                               .peer = {.fd = end->fd},
                               .peer_readable = true,
                               .again = {.run = on_again}};
        tunnel->up.piece = nu_arena_alloc(arena, PIECE);
        tunnel->down.end = end->early_length;
        tunnel->down.piece =
            nu_arena_alloc(arena, end->early_length > PIECE ? end->early_length : PIECE);
        memcpy(tunnel->down.piece, end->early, end->early_length);
        conn->tunnel = tunnel;
        end->fd = -1;
    }
    NU_CATCH (error) {
        nu_arena_free(arena);
        nu_reraise(error);
    }
}

/* What the client has said behind its request. */
static void keep_early(nu__tunnel *tunnel)
{
    const nu__http1_conn *http = &tunnel->conn->http1;
    size_t                length = http->end - http->begin;
    if (length > PIECE)
        tunnel->up.piece = nu_arena_alloc(tunnel->arena, length);
    if (length > 0)
        memcpy(tunnel->up.piece, http->in->data + http->begin, length);
    tunnel->up.end = length;
}

static bool begin(nu__tunnel *tunnel)
{
    NU_TRY {
        keep_early(tunnel);
        nu__watch_start(tunnel->conn->worker->loop, &tunnel->peer, tunnel->peer.fd,
                        EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, on_peer);
    }
    NU_CATCH (error) {
        nu_log_raised("tunnel", error);
        return false;
    }
    return true;
}

/* The worker drains. */
static void await_silence(nu__tunnel *tunnel)
{
    tunnel->draining = true;
    tunnel->moved = false;
    nu__conn_timer(tunnel->conn, SILENCE_MS);
}

void nu__tunnel_begin(nu__conn *conn, bool sent)
{
    if (!sent || conn->dead || !begin(conn->tunnel)) {
        release(conn);
        nu__conn_linger(conn);
        return;
    }
    nu__conn_speak(conn, &nu__tunnel_protocol);
    nu__timer_stop(&conn->timer);
    /* It was asked for before the worker heard that it ends. */
    if (conn->worker->draining)
        await_silence(conn->tunnel);
    pump(conn->tunnel);
}

static void tunnel_ready(nu__conn *conn, uint32_t events)
{
    (void)events;
    pump(conn->tunnel);
}

/* ---- a worker that drains -------------------------------------------------------------------- */

/* Both sides are told that nothing more will come. What was read is still written. */
static void end_both(nu__tunnel *tunnel)
{
    tunnel->up.ended = tunnel->down.ended = true;
    pump(tunnel);
}

/* What is spoken is not known, so nobody can be asked to stop: who says nothing for a while is taken to be between
 * two things. For all others the worker's time decides. */
static void tunnel_drain(nu__conn *conn)
{
    if (!conn->tunnel->up.ended && !conn->tunnel->down.ended)
        await_silence(conn->tunnel);
}

static void tunnel_due(nu__conn *conn)
{
    nu__tunnel *tunnel = conn->tunnel;
    if (tunnel->up.ended || tunnel->down.ended)
        nu__conn_linger(conn); /* the side that had not ended had its time */
    else if (tunnel->draining && tunnel->moved)
        await_silence(tunnel);
    else
        end_both(tunnel);
}

const nu__protocol nu__tunnel_protocol = {
    .name = "tunnel",
    .ready = tunnel_ready,
    .due = tunnel_due,
    .drain = tunnel_drain,
    .cut = nu__conn_close,
    .drop = release,
};
