#include "nuages/server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/time.h"
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
    DEFAULT(options->limits.in_flight, 1000);
    DEFAULT(options->certificate_check_ms, 10000);
    DEFAULT(options->timeouts.handshake, 10000);
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
    while (texts && texts[count])
        count++;
    return count;
}

static void take_over(nu_server *server, size_t count)
{
    const char *names = getenv("LISTEN_FDNAMES");
    server->listeners = nu_arena_array(server->arena, count, sizeof *server->listeners);
    for (size_t i = 0; i < count; i++) {
        nu__listener_init(&server->listeners[i], server->arena, nu__listen_passed_fd(i), true);
        server->listeners[i].redirect = nu__listen_redirects(names, i);
        server->listener_count++;
    }
    unsetenv("LISTEN_FDNAMES");
}

static void open_list(nu_server *server, const char *const *addresses, bool redirect)
{
    for (; addresses && *addresses; addresses++) {
        nu__listener *listener = &server->listeners[server->listener_count];
        int           fd = nu_listen(*addresses, server->options.backlog);
        nu__listener_init(listener, server->arena, fd, false);
        listener->redirect = redirect;
        server->listener_count++;
    }
}

static void open_addresses(nu_server *server)
{
    const nu_server_options *options = &server->options;
    size_t                   count = text_count(options->listen) + text_count(options->redirect);
    server->listeners = nu_arena_array(server->arena, count, sizeof *server->listeners);
    open_list(server, options->listen, false);
    open_list(server, options->redirect, true);
}

/* Before any socket is opened: a mistake here must not disturb whoever listens now. */
static void load_certificates(nu_server *server)
{
    const nu_server_options *options = &server->options;
    bool                     any = options->certificates && options->certificates[0].certificate;
    if (!any && text_count(options->redirect) > 0)
        nu_raise(NU_CONFIG_ERROR, "redirecting to https needs a certificate");
    if (!any)
        return;
    nu__tickets_init(&server->tickets, nu_monotonic_us());
    server->tls = nu__tls_load(options->certificates, &server->tickets);
}

static void open_sockets(nu_server *server)
{
    size_t passed = nu__listen_passed();
    if (passed > 0)
        take_over(server, passed);
    else
        open_addresses(server);
    for (size_t i = 0; server->tls && i < server->listener_count; i++)
        nu__listener_secure(&server->listeners[i], server->arena);
}

static void board_free(void *board)
{
    nu__board_free(board);
}

nu_server *nu_server_open(nu_arena *arena, const nu_server_options *options)
{
    nu_arena  *own = nu_arena_new(arena, "server");
    nu_server *server = nu_arena_zalloc(own, sizeof *server);
    server->arena = own;
    server->options = *options;
    complete(&server->options);
    nu_defer *slot = nu_arena_defer(own, board_free, NULL);
    server->board = slot->arg = nu__board_new(server->options.workers);
    NU_TRY {
        load_certificates(server);
        open_sockets(server);
    }
    NU_CATCH (error) {
        /* Those opened before the one that cannot be had. */
        for (size_t i = 0; i < server->listener_count; i++)
            nu__listener_close(&server->listeners[i]);
        nu__tls_release(server->tls);
        nu_arena_free(own);
        nu_reraise(error);
    }
    return server;
}

void nu_server_close(nu_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        nu__listener_close(&server->listeners[i]);
    nu__tls_release(server->tls);
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
