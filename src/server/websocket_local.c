/* The worker of a WebSocket without a server is one that accepts nothing; a pair of sockets stands for the
 * network. Everything above is what clients from outside meet. */
#include "server/websocket_local.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/internal.h"
#include "server/connection.h"
#include "server/websocket.h"

/* What a loop keeps for them. */
struct local_worker {
    nu__worker   worker;
    nu_server    server;
    nu__listener listener;
};

static void worker_clear(void *object)
{
    struct local_worker *local = object;
    while (local->worker.open != NULL) {
        local->worker.open->dead = true;
        nu__conn_close(local->worker.open);
    }
    nu_arena_free(local->worker.arena);
}

static nu__worker *worker_of(nu_loop *loop)
{
    static const char    key;
    static nu__figures   figures; /* nobody looks at them */
    struct local_worker *local = nu__loop_local(loop, &key, sizeof *local, worker_clear);
    nu__worker          *worker = &local->worker;
    if (worker->loop != NULL)
        return worker;
    signal(SIGPIPE, SIG_IGN); /* as a worker does */
    worker->arena = nu_arena_new(NULL, "local worker");
    worker->loop = loop;
    worker->server = &local->server;
    worker->figures = &figures;
    worker->accepting = true; /* there is nothing to go back to when a connection is closed */
    worker->channel = -1;
    local->server.listeners = &local->listener;
    local->server.options.timeouts = (nu_server_timeouts){.head = 60000, .write = 60000};
    return worker;
}

static void tell_end(void *arg)
{
    nu__websocket_local *local = arg;
    local->ended = true;
    if (local->waiting != NULL)
        nu__wake(local->waiting);
}

static void begin(nu__conn *conn, nu_response *response, const char *id, nu__websocket_local *local)
{
    nu__websocket_new(conn, response->upgrade, id);
    nu_arena_defer(conn->websocket->arena, tell_end, local);
    nu__websocket_begin(conn, true);
}

nu__websocket_local *nu__websocket_local_open(nu_response *response, const char *id)
{
    nu__worker          *worker = worker_of(nu__loop_current());
    nu__websocket_local *local = nu_alloc(sizeof *local);
    int                  ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot make a pair of sockets: %s", strerror(errno));
    local->fd = ends[1];
    NU_TRY {
        nu__conn_open(worker, worker->server->listeners, ends[0], "127.0.0.1");
    }
    NU_CATCH (error) {
        close(ends[0]);
        close(ends[1]);
        nu_reraise(error);
    }
    begin(worker->open, response, id, local);
    return local;
}
