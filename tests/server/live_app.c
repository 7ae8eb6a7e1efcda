/* What the servers of these tests answer, by path. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/internal.h"
#include "live.h"
#include "live_websocket.h"
#include "nuages/fiber.h"
#include "nuages/file.h"
#include "nuages/log.h"
#include "nuages/proxy.h"

static nu_response *hello(nu_request *req)
{
    (void)req;
    return nu_text_response("hello");
}

static nu_response *echo(nu_request *req)
{
    size_t      length;
    const char *body = nu_request_body(req, &length);
    return nu_bytes_response("text/plain", body, length);
}

/* Reads piece by piece and tells how much it was. */
static nu_response *count(nu_request *req)
{
    char   piece[1000];
    size_t total = 0, n;
    while ((n = nu_request_read(req, piece, sizeof piece)) > 0)
        total += n;
    return nu_text_response(nu_fmt("%zu", total));
}

/* The same, after the milliseconds of the query. */
static nu_response *slow_count(nu_request *req)
{
    nu_sleep_ms(atoi(nu_request_query_string(req)));
    return count(req);
}

/* ---- streams --------------------------------------------------------------------------------- */

static bool next_piece(void *self, nu_value *piece)
{
    static const char *const pieces[] = {"one", "", "two", "three"};
    int                     *at = self;
    if (*at == (int)NU_COUNT(pieces))
        return false;
    *piece = nu_value_text(pieces[(*at)++]);
    return true;
}

static nu_response *stream(nu_request *req)
{
    (void)req;
    return nu_stream("text/plain", next_piece, NULL, nu_alloc(sizeof(int)));
}

static bool raise_piece(void *self, nu_value *piece)
{
    if (!next_piece(self, piece))
        nu_raise(NU_ERROR, "the stream broke");
    return true;
}

static nu_response *broken_stream(nu_request *req)
{
    (void)req;
    return nu_stream("text/plain", raise_piece, NULL, nu_alloc(sizeof(int)));
}

static nu_response *big(nu_request *req)
{
    (void)req;
    enum { SIZE = 8 << 20 };
    char *bytes = nu_alloc(SIZE);
    memset(bytes, 'x', SIZE);
    return nu_bytes_response("text/plain", bytes, SIZE);
}

static nu_response *file(nu_request *req)
{
    (void)req;
    return nu_file(NU_TEST_DATA "/server/http1_cases.txt");
}

/* Larger than what is sent from memory at once. */
static nu_response *big_file(nu_request *req)
{
    enum { SIZE = 300000 };
    const char *path = nu_fmt("/tmp/nuages-big-%d", (int)getpid());
    char       *bytes = nu_alloc(SIZE);
    (void)req;
    memset(bytes, 'f', SIZE);
    nu_file_write(path, bytes, SIZE);
    nu_response *res = nu_file(path);
    unlink(path);
    return res;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static nu_response *slow(nu_request *req)
{
    NU_TRY {
        nu_sleep_ms(atoi(nu_request_query_string(req)));
    }
    NU_CATCH (error) {
        nu_info("test", "interrupted: %s", error->kind->name);
        nu_reraise(error);
    }
    return nu_text_response("slept");
}

static void child_work(void *arg)
{
    (void)arg;
    NU_TRY {
        nu_sleep_ms(60000);
    }
    NU_CATCH (error) {
        nu_info("test", "child: %s", error->kind->name);
        nu_reraise(error);
    }
}

/* Leaves a fiber behind that would run for a minute. */
static nu_response *careless(nu_request *req)
{
    (void)req;
    nu_spawn(child_work, NULL);
    nu_yield();
    return nu_text_response("careless");
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static nu_response *raising(nu_request *req)
{
    (void)req;
    nu_raise(NU_ERROR, "something broke");
}

static nu_response *missing(nu_request *req)
{
    (void)req;
    nu_raise(NU_NOT_FOUND, "nothing here");
}

static nu_response *nothing(nu_request *req)
{
    (void)req;
    return NULL;
}

static nu_response *inject(nu_request *req)
{
    nu_response *res = nu_text_response("injected");
    nu_response_set_header(res, "X-Name", nu_request_get(req, "name"));
    return res;
}

static volatile uintptr_t bad_address = 64;

__attribute__((noinline)) static nu_response *crash_here(nu_request *req)
{
    (void)req;
    *(volatile int *)bad_address = 1;
    return nu_text_response("still here");
}

__attribute__((noinline)) static int dive(volatile int *depth)
{
    volatile char frame[512];
    frame[0] = (char)++*depth;
    return *depth < 0 ? 0 : dive(depth) + frame[0];
}

static nu_response *overflow(nu_request *req)
{
    (void)req;
    volatile int depth = 0;
    return nu_text_response(nu_fmt("%d", dive(&depth)));
}

static nu_view volatile no_view;

__attribute__((noinline)) static nu_response *call_nothing(nu_request *req)
{
    nu_response *res = no_view(req);
    return res ? res : hello(req);
}

static nu_response *aborting(nu_request *req)
{
    (void)req;
    abort();
}

/* One of the next allocations of this process will fail. */
static nu_response *starve(nu_request *req)
{
    nu__arena_fail_after(atoi(nu_request_query_string(req)));
    return hello(req);
}

/* ---- responses ------------------------------------------------------------------------------- */

static nu_response *pid(nu_request *req)
{
    (void)req;
    return nu_text_response(nu_fmt("%d", (int)getpid()));
}

static nu_response *id(nu_request *req)
{
    return nu_text_response(nu_request_id(req));
}

static nu_response *about(nu_request *req)
{
    return nu_text_response(nu_fmt("%s|%s|%s|%s|%s", nu_request_method(req), nu_request_path(req),
                                   nu_request_query_string(req), nu_request_header(req, "Host"),
                                   nu_request_remote_address(req)));
}

static nu_response *cookie(nu_request *req)
{
    return nu_text_response(nu_request_header(req, "Cookie"));
}

static nu_response *scheme(nu_request *req)
{
    return nu_text_response(
        nu_fmt("%s|%s", nu_request_scheme(req), nu_request_is_secure(req) ? "true" : "false"));
}

static nu_response *empty(nu_request *req)
{
    (void)req;
    return nu_status(204);
}

static nu_response *unchanged(nu_request *req)
{
    (void)req;
    return nu_status(304);
}

static nu_response *cookies(nu_request *req)
{
    nu_response *res = hello(req);
    nu_set_cookie(res, "a", "1");
    nu_set_cookie(res, "b", "2");
    nu_response_set_header(res, "Connection", "close");
    nu_response_set_header(res, "Content-Length", "999");
    return res;
}

/* A tunnel to the port of the query, whose server has accepted before this is asked. */
static nu_response *tunnel(nu_request *req)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    to.sin_port = htons((uint16_t)atoi(nu_request_query_string(req)));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        nu_raise(NU_ERROR, "nobody listens at the other end");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return nu_tunnel(fd, "websocket", "early ", 6);
}

static nu_response *figures(nu_request *req)
{
    (void)req;
    return nu_text_response(nu_server_figures());
}

static const struct {
    const char *path;
    nu_view     view;
} routes[] = {
    {"/", hello},
    {"/echo", echo},
    {"/count", count},
    {"/slowcount", slow_count},
    {"/cookie", cookie},
    {"/stream", stream},
    {"/broken", broken_stream},
    {"/big", big},
    {"/file", file},
    {"/bigfile", big_file},
    {"/slow", slow},
    {"/careless", careless},
    {"/raise", raising},
    {"/missing", missing},
    {"/nothing", nothing},
    {"/inject", inject},
    {"/crash", crash_here},
    {"/overflow", overflow},
    {"/nowhere", call_nothing},
    {"/starve", starve},
    {"/abort", aborting},
    {"/pid", pid},
    {"/figures", figures},
    {"/tunnel", tunnel},
    {"/id", id},
    {"/about", about},
    {"/scheme", scheme},
    {"/empty", empty},
    {"/unchanged", unchanged},
    {"/cookies", cookies},
    {"/ignore", hello},
};

nu_response *live_app(nu_request *req, void *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < NU_COUNT(routes); i++)
        if (strcmp(nu_request_path(req), routes[i].path) == 0)
            return routes[i].view(req);
    nu_response *websocket = live_websocket(req);
    nu_response *events = websocket ? websocket : live_events(req);
    return events ? events : about(req);
}
