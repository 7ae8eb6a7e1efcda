#include "nuages/server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/internal.h"
#include "server/listen.h"
#include "server/supervisor.h"

/* ---- options --------------------------------------------------------------------------------- */

#define DEFAULT(member, value)                                                                     \
    do {                                                                                           \
        if (!(member))                                                                             \
            (member) = (value);                                                                    \
    } while (0)

static void complete(nu_server_options *options)
{
    static const char *const anywhere[] = {"127.0.0.1:8000", NULL};
    if (!options->listen || !options->listen[0])
        options->listen = anywhere;
    if (options->workers < 0)
        options->workers = (int)sysconf(_SC_NPROCESSORS_ONLN);
    DEFAULT(options->backlog, 1024);
    DEFAULT(options->limits.request_line, 8192);
    DEFAULT(options->limits.head, 32768);
    DEFAULT(options->limits.headers, 100);
    DEFAULT(options->limits.body, 134217728);
    DEFAULT(options->limits.body_rate, 240);
    DEFAULT(options->limits.connections, 16384);
    DEFAULT(options->timeouts.head, 15000);
    DEFAULT(options->timeouts.body, 30000);
    DEFAULT(options->timeouts.write, 30000);
    DEFAULT(options->timeouts.idle, 75000);
    DEFAULT(options->timeouts.drain, 30000);
}

/* ---- opening --------------------------------------------------------------------------------- */

static size_t text_count(const char *const *texts)
{
    size_t count = 0;
    while (texts[count])
        count++;
    return count;
}

static void take_over(nu_server *server, size_t count)
{
    server->listeners = nu_arena_array(server->arena, count, sizeof *server->listeners);
    for (size_t i = 0; i < count; i++) {
        nu__listener_init(&server->listeners[i], server->arena, nu__listen_passed_fd(i), true);
        server->listener_count++;
    }
}

static void open_addresses(nu_server *server)
{
    const nu_server_options *options = &server->options;
    size_t                   count = text_count(options->listen);
    server->listeners = nu_arena_array(server->arena, count, sizeof *server->listeners);
    for (size_t i = 0; i < count; i++) {
        int fd = nu_listen(options->listen[i], options->backlog);
        nu__listener_init(&server->listeners[i], server->arena, fd, false);
        server->listener_count++;
    }
}

static void open_sockets(nu_server *server)
{
    size_t passed = nu__listen_passed();
    if (passed > 0)
        take_over(server, passed);
    else
        open_addresses(server);
}

nu_server *nu_server_open(nu_arena *arena, const nu_server_options *options)
{
    nu_arena  *own = nu_arena_new(arena, "server");
    nu_server *server = nu_arena_zalloc(own, sizeof *server);
    server->arena = own;
    server->options = *options;
    complete(&server->options);
    NU_TRY {
        open_sockets(server);
    }
    NU_CATCH (error) {
        /* Those opened before the one that cannot be had. */
        for (size_t i = 0; i < server->listener_count; i++)
            nu__listener_close(&server->listeners[i]);
        nu_arena_free(own);
        nu_reraise(error);
    }
    return server;
}

void nu_server_close(nu_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        nu__listener_close(&server->listeners[i]);
    nu_arena_free(server->arena);
}

/* ---- asking and running ---------------------------------------------------------------------- */

size_t nu_server_address_count(const nu_server *server)
{
    return server->listener_count;
}

static const nu__listener *listener_at(const nu_server *server, size_t nth)
{
    nu_assert(nth < server->listener_count);
    return &server->listeners[nth];
}

const char *nu_server_address(const nu_server *server, size_t nth)
{
    return listener_at(server, nth)->address;
}

const char *nu_server_url(const nu_server *server, size_t nth)
{
    return listener_at(server, nth)->url;
}

int nu_server_run(nu_server *server)
{
    /* A program that a reload tries out has come as far as it needs to. */
    if (getenv(NU__TRIAL))
        return 0;
    return server->options.workers > 0 ? nu__supervise(server) : nu__worker_run(server, -1);
}
