#include "server/exchange.h"

#include <string.h>

#include "base/ambient.h"
#include "nuages/log.h"
#include "nuages/time.h"
#include "nuages/uri.h"

/* ---- beginning ------------------------------------------------------------------------------- */

static const char *new_id(nu__exchange *ex)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t          number = ++ex->worker->id_count;
    char             *at = ex->id + sizeof ex->id - 1;
    do
        *--at = digits[number & 15];
    while ((number >>= 4) > 0);
    *--at = '-';
    at -= 8;
    memcpy(at, ex->worker->id_prefix, 8);
    return at;
}

void nu__exchange_init(nu__exchange *ex, nu__conn *conn, nu_arena *arena, const nu__wire *wire)
{
    nu_request *request = &ex->request;
    ex->arena = arena;
    ex->conn = conn;
    ex->worker = conn->worker;
    ex->wire = wire;
    ex->started = nu__loop_now(conn->worker->loop);
    nu__request_init(request, arena, conn->worker->server->options.http);
    request->scheme = conn->transport->scheme;
    request->server_name = conn->listener->name;
    request->server_port = conn->listener->port;
    request->remote_address = conn->address;
    request->id = new_id(ex);
}

/* Methods are compared often, and those that are known need no copy. */
void nu__exchange_set_method(nu__exchange *ex, nu__slice method)
{
    static const char *const known[] = {"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"};
    ex->head_only = method.length == 4 && memcmp(method.data, "HEAD", 4) == 0;
    for (size_t i = 0; i < NU_COUNT(known); i++) {
        if (strlen(known[i]) == method.length &&
            memcmp(known[i], method.data, method.length) == 0) {
            ex->request.method = known[i];
            return;
        }
    }
    ex->request.method = nu_arena_copy(ex->arena, method.data, method.length);
}

/* ---- serving --------------------------------------------------------------------------------- */

static nu_response *plain(int status)
{
    nu_response *res = nu_text_response(nu_fmt("%s\n", nu__status_line(status)));
    nu_response_set_status(res, status);
    return res;
}

/* What an error that the handler let through becomes. NULL: the client is gone, or is to be cut
 * off. */
static nu_response *refused(nu__exchange *ex, const nu_error *error)
{
    int status = nu_kind_status(error->kind);
    if (nu_error_is(error, NU_CANCELLED)) {
        nu_info("server", "%s %s: client left", ex->request.method, ex->request.raw_path);
        return NULL;
    }
    if (status >= 500)
        nu_log_raised("server", error);
    else
        nu_info("server", "%s %s: %d %s", ex->request.method, ex->request.raw_path, status,
                error->fact);
    return plain(status);
}

static const nu__listener *first_secure(const nu_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        if (server->listeners[i].tls)
            return &server->listeners[i];
    return NULL;
}

/* The same page over TLS. The host must be one that the site answers to. */
static nu_response *to_https(nu__exchange *ex)
{
    const nu__listener *secure = first_secure(ex->worker->server);
    const char         *domain, *port, *path = nu_request_full_path(&ex->request, false);
    if (!secure)
        nu_raise(NU_NOT_FOUND, "no address speaks TLS");
    nu_host_split(nu_request_host(&ex->request), &domain, &port);
    bool         usual = strcmp(secure->port, "443") == 0;
    nu_response *res = nu_status(301);
    nu_response_set_header(
        res, "Location",
        nu_fmt("https://%s%s%s%s", domain, usual ? "" : ":", usual ? "" : secure->port, path));
    return res;
}

/* More than can be worked on: better told at once than left to wait. */
static nu_response *turned_away(nu__exchange *ex)
{
    nu_response *res = plain(503);
    nu_response_set_header(res, "Retry-After", "1");
    nu__figure_add(&ex->worker->figures->refused, 1);
    return res;
}

static nu_response *answer(nu__exchange *ex)
{
    const nu_server_options *options = &ex->worker->server->options;
    if (ex->gone)
        return NULL;
    if (ex->refusal.status) {
        nu_info("server", "%s: refused: %d %s", ex->conn->address, ex->refusal.status,
                ex->refusal.reason);
        return plain(ex->refusal.status);
    }
    if (ex->worker->in_flight > options->limits.in_flight)
        return turned_away(ex);
    NU_TRY {
        nu__request_set_target(&ex->request, ex->target, ex->target_length);
        nu_response *res = ex->conn->listener->redirect
                               ? to_https(ex)
                               : options->handler(&ex->request, options->ctx);
        if (!res)
            nu_raise(NU_ERROR, "handler gave no response to %s %s", ex->request.method,
                     ex->request.path);
        return res;
    }
    NU_CATCH (error) {
        return refused(ex, error);
    }
    __builtin_unreachable();
}

static void log_access(const nu__exchange *ex, int status, int64_t took_us)
{
    const nu_request *request = &ex->request;
    nu_info("access", "%s \"%s %s%s%s\" %d %llu %.1fms", request->remote_address, request->method,
            request->raw_path, request->query_length ? "?" : "", request->query, status,
            (unsigned long long)ex->sent, (double)took_us / 1000.0);
}

/* One of so many, and what went wrong here. */
static bool is_logged(nu__worker *worker, int status)
{
    const nu_server_options *options = &worker->server->options;
    if (!options->access_log)
        return false;
    return status >= 500 || options->access_log_every <= 1 ||
           worker->log_turn++ % options->access_log_every == 0;
}

static void account(const nu__exchange *ex, int status)
{
    nu__worker *worker = ex->worker;
    int64_t     took_us = nu_monotonic_us() - ex->started;
    nu__figures_count(worker->figures, status, took_us, ex->sent);
    if (is_logged(worker, status))
        log_access(ex, status != 0 ? status : 499, took_us);
}

static bool serve_caught(nu__exchange *ex)
{
    nu_response *res = answer(ex);
    bool         usable = false;
    NU_TRY {
        if (res)
            usable = ex->wire->respond(ex, res);
    }
    NU_CATCH (error) {
        /* Part of it may be on its way already, so nothing else can be said. */
        if (!nu_error_is(error, NU_CANCELLED))
            nu_log_raised("server", error);
        account(ex, 0);
        ex->wire->cut(ex);
        return false;
    }
    account(ex, res ? res->status : 0);
    if (!res)
        ex->wire->cut(ex);
    return usable;
}

/* The exchange lies in its arena, so what comes after it works on the connection only. */
static void serve(void *arg)
{
    nu__exchange   *ex = arg;
    nu__conn       *conn = ex->conn;
    nu_arena       *arena = ex->arena;
    const nu__wire *wire = ex->wire;
    nu__worker     *worker = ex->worker;
    nu__gauge_set(&worker->figures->in_flight, (int64_t)++worker->in_flight);
    bool usable = serve_caught(ex);
    nu__fiber_settle();
    nu__gauge_set(&worker->figures->in_flight, (int64_t)--worker->in_flight);
    if (nu__loop_now(worker->loop) - worker->sampled >= NU_SECOND)
        nu__worker_sample(worker);
    wire->leave(ex);
    struct nu_ambient *ambient = nu__ambient();
    ambient->request = NULL;
    ambient->request_id = NULL;
    nu__fiber_rename(nu__fiber_self(), "connection");
    nu_arena_enter(conn->worker->arena);
    nu_arena_free(arena);
    wire->ended(conn, usable);
}

nu_fiber *nu__exchange_fiber(nu__exchange *ex, const char *name)
{
    nu_fiber          *fiber = nu__fiber_start(ex->worker->loop, name, ex->arena, serve, ex);
    struct nu_ambient *ambient = nu__fiber_ambient(fiber);
    ambient->request = &ex->request;
    ambient->request_id = ex->request.id;
    return fiber;
}

/* ---- responses ------------------------------------------------------------------------------- */

uint64_t nu__response_length(const nu_response *res)
{
    size_t length = res->length;
    if (res->kind == NU_BODY_BYTES)
        nu_response_body(res, &length);
    return length;
}

bool nu__response_has_body(const nu_response *res)
{
    return res->status >= 200 && res->status != 204 && res->status != 304;
}

bool nu__field_is_ours(const nu_header *field)
{
    return field->id == NU_HEADER_CONTENT_LENGTH || field->id == NU_HEADER_TRANSFER_ENCODING ||
           field->id == NU_HEADER_CONNECTION || field->id == NU_HEADER_KEEP_ALIVE;
}

bool nu__response_closes(const nu_response *res)
{
    const char *value = nu_headers_value_at(&res->headers, NU_HEADER_CONNECTION);
    return value && nu_equal_ascii_nocase(value, strlen(value), "close", 5);
}

nu__slice nu__piece_bytes(nu_value piece)
{
    if (piece.type != NU_TEXT && piece.type != NU_BYTES)
        nu_raise(NU_VALUE_ERROR, "a stream gives text or bytes only");
    return (nu__slice){piece.text, piece.length};
}
