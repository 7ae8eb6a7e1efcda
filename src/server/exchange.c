/* One request and its response, in a fiber. */
#include "server/internal.h"

#include <string.h>

#include "base/ambient.h"
#include "nuages/log.h"
#include "nuages/time.h"

/* ---- from head to request -------------------------------------------------------------------- */

/* Ends a slice of the buffer with a NUL, over the delimiter that followed it. */
static char *ended(nu__slice slice)
{
    char *text = (char *)(uintptr_t)slice.data;
    text[slice.length] = '\0';
    return text;
}

/* Methods are compared often, and these need no copy. */
static const char *method_text(nu__exchange *ex, nu__slice method)
{
    static const char *const known[] = {"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < NU_COUNT(known); i++)
        if (strlen(known[i]) == method.length && memcmp(known[i], method.data, method.length) == 0)
            return known[i];
    return nu_arena_copy(ex->arena, method.data, method.length);
}

static void add_headers(nu__exchange *ex, const nu__http1_head *head)
{
    for (size_t i = 0; i < head->header_count; i++) {
        nu__slice name = head->headers[i].name, value = head->headers[i].value;
        /* The host of an absolute target lies in the request line, where its end must stay. */
        if (value.data < name.data)
            value.data = nu_arena_copy(ex->arena, value.data, value.length);
        nu__request_add_header(&ex->request, ended(name), name.length, ended(value), value.length);
    }
}

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

static void fill_request(nu__exchange *ex, const nu__http1_head *head)
{
    nu_request   *request = &ex->request;
    nu__listener *listener = ex->conn->listener;
    nu__request_init(request, ex->arena, ex->worker->server->options.http);
    request->method = method_text(ex, head->method);
    request->scheme = "http";
    request->server_name = listener->name;
    request->server_port = listener->port;
    request->remote_address = ex->conn->address;
    request->id = new_id(ex);
    add_headers(ex, head);
    if (!ex->body_done) {
        request->read = nu__exchange_read;
        request->read_self = ex;
    }
    request->content_length = ex->chunked ? -1 : (int64_t)head->content_length;
}

static void fill_framing(nu__exchange *ex, const nu__http1_head *head)
{
    const nu_server_limits *limits = &ex->worker->server->options.limits;
    ex->minor = head->minor >= 1;
    ex->keep = head->keep_alive && (!limits->requests || ex->conn->served < limits->requests);
    ex->expects = head->expects;
    ex->chunked = head->chunked;
    ex->body_left = head->content_length;
    ex->body_done = !head->chunked && head->content_length == 0;
    ex->head_only = head->method.length == 4 && memcmp(head->method.data, "HEAD", 4) == 0;
}

static nu_fiber *prepare(nu__conn *conn, nu_arena *arena, const nu__http1_head *head,
                         size_t head_length, void (*serve)(void *ex))
{
    nu__exchange *ex = nu_arena_zalloc(arena, sizeof *ex);
    ex->arena = arena;
    ex->conn = conn;
    ex->worker = conn->worker;
    ex->started = nu__loop_now(conn->worker->loop);
    fill_framing(ex, head);
    fill_request(ex, head);
    conn->begin += head_length;
    ex->base = conn->begin;
    ex->target = ended(head->target);
    ex->target_length = head->target.length;
    /* "GET /path" stands in the buffer as it is wanted for logs. */
    nu_fiber *fiber = nu__fiber_start(conn->worker->loop, head->method.data, arena, serve, ex);
    struct nu_ambient *ambient = nu__fiber_ambient(fiber);
    ambient->request = &ex->request;
    ambient->request_id = ex->request.id;
    return fiber;
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

static nu_response *answer(nu__exchange *ex)
{
    const nu_server_options *options = &ex->worker->server->options;
    NU_TRY {
        nu__request_set_target(&ex->request, ex->target, ex->target_length);
        nu_response *res = options->handler(&ex->request, options->ctx);
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

static void log_access(const nu__exchange *ex, int status)
{
    const nu_request *request = &ex->request;
    nu_info("access", "%s \"%s %s%s%s\" %d %llu %.1fms", request->remote_address, request->method,
            request->raw_path, request->query_length ? "?" : "", request->query, status,
            (unsigned long long)ex->sent, (double)(nu_monotonic_us() - ex->started) / 1000.0);
}

static bool serve_caught(nu__exchange *ex)
{
    nu_response *res = answer(ex);
    bool         usable = false;
    NU_TRY {
        if (res)
            usable = nu__respond(ex, res);
    }
    NU_CATCH (error) {
        /* Part of it may be on its way already, so nothing else can be said. */
        if (!nu_error_is(error, NU_CANCELLED))
            nu_log_raised("server", error);
        ex->conn->dead = true;
        return false;
    }
    if (ex->worker->server->options.access_log)
        log_access(ex, res ? res->status : 499);
    if (!res)
        ex->conn->dead = true;
    return usable;
}

/* The exchange lies in its arena, so what comes after it works on the connection only. */
static void serve(void *arg)
{
    nu__exchange *ex = arg;
    nu__conn     *conn = ex->conn;
    nu_arena     *arena = ex->arena;
    bool          keep = serve_caught(ex) && ex->keep;
    nu__fiber_settle();
    if (ex->head_buffer)
        nu__buffer_give(ex->worker, ex->head_buffer);
    struct nu_ambient *ambient = nu__ambient();
    ambient->request = NULL;
    ambient->request_id = NULL;
    nu__fiber_rename(conn->fiber, "connection");
    nu_arena_enter(conn->worker->arena);
    nu_arena_free(arena);
    if (keep || conn->dead)
        nu__conn_next(conn);
    else
        nu__conn_linger(conn);
}

void nu__exchange_start(nu__conn *conn, const nu__http1_head *head, size_t head_length)
{
    nu_arena *volatile arena = NULL;
    NU_TRY {
        arena = nu_arena_new(conn->worker->arena, "request");
        conn->fiber = prepare(conn, arena, head, head_length, serve);
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        nu_arena_free(arena);
        nu__refuse(conn, 503, "out of memory");
        return;
    }
    nu__fiber_run(conn->fiber);
}
