/* Reading request heads, and what happens between requests. */
#include "server/http1.h"

#include <errno.h>
#include <string.h>

#include "nuages/log.h"
#include "server/http2.h"

enum {
    FAREWELL_MS = 1000, /* an idle client of a draining worker */
    LARGE_MAX = 1024,   /* clients of a worker that may send large heads at a time */
};

/* ---- reading heads --------------------------------------------------------------------------- */

/* The head has outgrown the small buffer. One that does not even fit a large one is refused before it
 * fills it. */
static bool enlarge(nu__conn *conn, size_t length)
{
    nu__http1_conn *http = &conn->http1;
    nu__worker     *worker = conn->worker;
    nu__buffer     *large =
        worker->large_in_use < LARGE_MAX ? nu__buffer_take(worker, NU__LARGE) : NULL;
    if (!large)
        return false;
    memcpy(large->data, http->in->data, length);
    nu__buffer_give(worker, http->in);
    http->in = large;
    return true;
}

/* Makes sure that there is a buffer with room behind `end`. False if there is none to be had. */
static bool make_room(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    if (!http->in && !(http->in = nu__buffer_take(conn->worker, NU__SMALL)))
        return false;
    if (http->end < http->in->size)
        return true;
    size_t length = http->end - http->begin;
    if (http->begin > 0)
        memmove(http->in->data, http->in->data + http->begin, length);
    else if (!enlarge(conn, length))
        return false;
    http->begin = 0;
    http->end = length;
    return true;
}

/* Reads once. 1: something came, 0: nothing there, -1: nothing will come any more. */
static int fill(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    if (!make_room(conn)) {
        nu_warning("server", "%s: cut off, for there is no buffer left", conn->address);
        return -1;
    }
    ssize_t n = conn->transport->read(conn, http->in->data + http->end, http->in->size - http->end);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    http->end += (size_t)n;
    return n > 0 ? 1 : -1;
}

/* Looks for a complete head. `fault` tells if what is there cannot be one. */
static bool find_head(nu__conn *conn, nu__http1_fault *fault)
{
    nu__http1_conn *http = &conn->http1;
    if (http->ready == 0 && http->begin < http->end)
        http->ready = nu__http1_scan(&http->cursor, http->in->data + http->begin,
                                     http->end - http->begin, &conn->worker->limits, fault);
    return http->ready > 0;
}

bool nu__http1_has_next(nu__conn *conn)
{
    nu__http1_fault fault = {0};
    return find_head(conn, &fault);
}

static bool body_fits(const nu__worker *worker, const nu__http1_head *head, nu__http1_fault *fault)
{
    if (head->content_length <= worker->server->options.limits.body)
        return true;
    *fault = (nu__http1_fault){413, "body too large"};
    return false;
}

/* How HTTP/2 with prior knowledge begins (RFC 9113 3.4). No method is called PRI, so its first four bytes
 * tell. 1: it is there, -1: a part of it, 0: something else. */
static int find_preface(const nu__conn *conn)
{
    static const char     preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const nu__http1_conn *http = &conn->http1;
    size_t                length = http->end - http->begin, n = sizeof preface - 1;
    if (length < 4 || memcmp(http->in->data + http->begin, preface, length < n ? length : n) != 0)
        return 0;
    return length < n ? -1 : 1;
}

static void speak_http2(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    nu__worker     *worker = conn->worker;
    nu__buffer     *in = http->in;
    size_t          begin = http->begin, length = http->end - begin;
    http->in = NULL;
    nu__http2_begin(conn, in->data + begin, length);
    nu__buffer_give(worker, in);
}

/* With a complete head in the buffer a fiber takes over; true then, and when it was refused. */
static bool take_head(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    nu__worker     *worker = conn->worker;
    nu__http1_fault fault = {0};
    nu__http1_head  head;
    int             preface = conn->served == 0 ? find_preface(conn) : 0;
    if (preface > 0)
        speak_http2(conn);
    if (preface != 0)
        return preface > 0;
    if (find_head(conn, &fault) &&
        nu__http1_parse(&head, worker->headers, &http->cursor, http->in->data + http->begin,
                        http->ready, &worker->limits, &fault) &&
        body_fits(worker, &head, &fault)) {
        size_t length = http->ready;
        http->ready = 0;
        http->cursor = (nu__http1_cursor){0};
        http->state = NU__HTTP1_BUSY;
        conn->served++;
        nu__http1_serve(conn, &head, length);
        return true;
    }
    if (!fault.status)
        return false;
    nu__http1_refuse(conn, fault.status, fault.reason);
    return true;
}

/* An idle client of a draining worker gets a second to send the request that may be on its way. */
static void http1_drain(nu__conn *conn)
{
    if (conn->http1.state == NU__HTTP1_IDLE)
        nu__conn_timer(conn, FAREWELL_MS);
}

static void go_idle(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    if (conn->gone) {
        nu__conn_close(conn);
        return;
    }
    if (http->in)
        nu__buffer_give(conn->worker, http->in);
    http->in = NULL;
    http->begin = http->end = 0;
    http->state = NU__HTTP1_IDLE;
    if (conn->worker->draining)
        http1_drain(conn);
    else
        nu__conn_timer(conn, conn->worker->server->options.timeouts.idle);
}

/* Nothing more to read for now: part of a head is there, or nothing. */
static void await_more(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    if (http->begin == http->end) {
        go_idle(conn);
    } else if (http->state != NU__HTTP1_HEAD) {
        http->state = NU__HTTP1_HEAD;
        nu__conn_timer(conn, conn->worker->server->options.timeouts.head);
    }
}

static void read_head(nu__conn *conn)
{
    while (conn->readable) {
        int came = fill(conn);
        if (came < 0) {
            nu__conn_close(conn);
            return;
        }
        if (came > 0 && take_head(conn))
            return;
    }
    await_more(conn);
}

void nu__http1_next(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    http->fiber = NULL;
    if (conn->dead) {
        nu__conn_close(conn);
        return;
    }
    http->state = NU__HTTP1_IDLE;
    if (http->begin == http->end)
        http->begin = http->end = 0;
    if (!take_head(conn))
        read_head(conn);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* The client has left while its request is being served. Without a fiber that reads the body, where
 * the end of input has a meaning, nobody is there to take the response. */
static void on_busy(nu__conn *conn, uint32_t events)
{
    nu__http1_conn *http = &conn->http1;
    bool            left = conn->dead || (events & EPOLLRDHUP);
    if (left && !(http->waits & EPOLLIN))
        nu__fiber_cancel(http->fiber);
    if (http->waits & (events | (conn->readable ? EPOLLIN : 0u)) || (http->waits && conn->dead))
        nu__wake(http->fiber);
}

static void http1_ready(nu__conn *conn, uint32_t events)
{
    if (conn->http1.state == NU__HTTP1_BUSY)
        on_busy(conn, events);
    else if (conn->dead)
        nu__conn_close(conn);
    else if (conn->readable)
        read_head(conn);
}

static void http1_due(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    switch (http->state) {
    case NU__HTTP1_IDLE: nu__conn_close(conn); break;
    case NU__HTTP1_HEAD: nu__http1_refuse(conn, 408, "headers took too long"); break;
    case NU__HTTP1_BUSY:
        /* Only a write is timed here. In any other case the idle timer of before has run out. */
        if (http->waits & EPOLLOUT) {
            conn->dead = true;
            nu__wake(http->fiber);
        }
        break;
    }
}

static void http1_cut(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    if (http->state != NU__HTTP1_BUSY) {
        nu__conn_close(conn);
        return;
    }
    nu__fiber_cancel(http->fiber);
    if (http->waits)
        nu__wake(http->fiber);
}

static bool http1_is_idle(const nu__conn *conn)
{
    return conn->http1.state == NU__HTTP1_IDLE && conn->served > 0;
}

static void http1_drop(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    nu__tick_forget(&http->flush);
    if (http->in)
        nu__buffer_give(conn->worker, http->in);
    if (http->out)
        nu__buffer_give(conn->worker, http->out);
    *http = (nu__http1_conn){0};
}

const nu__protocol nu__http1 = {
    .name = "HTTP/1.1",
    .ready = http1_ready,
    .due = http1_due,
    .drain = http1_drain,
    .cut = http1_cut,
    .is_idle = http1_is_idle,
    .drop = http1_drop,
};
