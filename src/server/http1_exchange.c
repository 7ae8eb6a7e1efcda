/* From a head of HTTP/1.1 to an exchange, and on to the next one. */
#include "server/http1_exchange.h"

#include <string.h>

#include "nuages/log.h"
#include "server/tunnel.h"
#include "server/websocket.h"

/* Ends a slice of the buffer with a NUL, over the delimiter that followed it. */
static char *ended(nu__slice slice)
{
    char *text = (char *)(uintptr_t)slice.data;
    text[slice.length] = '\0';
    return text;
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

static void fill_framing(nu__http1_exchange *self, const nu__http1_head *head)
{
    const nu__conn         *conn = self->ex.conn;
    const nu_server_limits *limits = &conn->worker->server->options.limits;
    self->minor = head->minor >= 1;
    self->keep = head->keep_alive && (!limits->requests || conn->served < limits->requests);
    self->expects = head->expects;
    self->chunked = head->chunked;
    self->body_left = head->content_length;
    self->body_done = !head->chunked && head->content_length == 0;
}

static void fill_request(nu__http1_exchange *self, const nu__http1_head *head)
{
    nu_request *request = &self->ex.request;
    nu__exchange_set_method(&self->ex, head->method);
    add_headers(&self->ex, head);
    if (!self->body_done) {
        request->read = nu__http1_read;
        request->read_self = self;
    }
    request->content_length = self->chunked ? -1 : (int64_t)head->content_length;
}

/* ---- its life -------------------------------------------------------------------------------- */

static void http1_cut_off(nu__exchange *ex)
{
    ex->conn->dead = true;
}

static void http1_leave(nu__exchange *ex)
{
    nu__http1_exchange *self = NU_CONTAINER(ex, nu__http1_exchange, ex);
    if (self->head_buffer)
        nu__buffer_give(ex->worker, self->head_buffer);
}

static void http1_ended(nu__conn *conn, bool usable)
{
    if (conn->websocket)
        nu__websocket_begin(conn, usable);
    else if (conn->tunnel)
        nu__tunnel_begin(conn, usable);
    else if (usable || conn->dead)
        nu__http1_next(conn);
    else
        nu__conn_linger(conn);
}

static const nu__wire wire = {
    .respond = nu__http1_respond,
    .cut = http1_cut_off,
    .leave = http1_leave,
    .ended = http1_ended,
};

static nu_fiber *prepare(nu__conn *conn, nu_arena *arena, const nu__http1_head *head,
                         size_t head_length)
{
    nu__http1_exchange *self = nu_arena_zalloc(arena, sizeof *self);
    nu__exchange_init(&self->ex, conn, arena, &wire);
    fill_framing(self, head);
    fill_request(self, head);
    conn->http1.begin += head_length;
    self->base = conn->http1.begin;
    self->ex.target = ended(head->target);
    self->ex.target_length = head->target.length;
    /* "GET /path" stands in the buffer as it is wanted for logs. */
    return nu__exchange_fiber(&self->ex, head->method.data);
}

void nu__http1_serve(nu__conn *conn, const nu__http1_head *head, size_t head_length)
{
    nu_arena *volatile arena = NULL;
    NU_TRY {
        arena = nu_arena_new(conn->worker->arena, "request");
        conn->http1.fiber = prepare(conn, arena, head, head_length);
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        nu_arena_free(arena);
        nu__http1_refuse(conn, 503, "out of memory");
        return;
    }
    nu__fiber_run(conn->http1.fiber);
}
