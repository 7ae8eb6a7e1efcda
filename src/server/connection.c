#include "server/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/time.h"

enum {
    LINGER_MS = 2000,       /* a client that still sends gets this long */
    LINGER_BYTES = 1 << 20, /* and may send as much */
    FAREWELL_MS = 1000,     /* an idle client of a draining worker */
    LARGE_MAX = 1024,       /* clients of a worker that may send large heads at a time */
};

static nu_ready on_ready;
static nu_due   on_due;

/* ---- opening and closing --------------------------------------------------------------------- */

static void start_timer(nu__conn *conn, int ms)
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
}

static void link_out(nu__conn *conn)
{
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    conn->worker->open_count--;
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
    nu__worker *worker = conn->worker;
    start_timer(conn, worker->server->options.timeouts.head);
    nu__watch_start(worker->loop, &conn->watch, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    on_ready);
}

void nu__conn_open(nu__worker *worker, nu__listener *listener, int fd, const char *address)
{
    nu__conn *conn = conn_take(worker);
    conn->worker = worker;
    conn->listener = listener;
    memcpy(conn->address, address, strlen(address) + 1);
    NU_TRY {
        watch(conn, fd);
    }
    NU_CATCH (error) {
        nu__timer_stop(&conn->timer);
        conn->next = worker->spare;
        worker->spare = conn;
        nu_reraise(error);
    }
    link_in(worker, conn);
}

static void drop_buffers(nu__conn *conn)
{
    if (conn->in)
        nu__buffer_give(conn->worker, conn->in);
    if (conn->out)
        nu__buffer_give(conn->worker, conn->out);
    conn->in = conn->out = NULL;
    conn->begin = conn->end = conn->out_length = 0;
}

void nu__conn_close(nu__conn *conn)
{
    nu__worker *worker = conn->worker;
    nu__tick_forget(&conn->flush);
    nu__timer_stop(&conn->timer);
    nu__watch_stop(&conn->watch);
    close(conn->watch.fd);
    drop_buffers(conn);
    link_out(conn);
    conn->next = worker->spare;
    worker->spare = conn;
    nu__worker_closed(worker);
}

/* ---- reading heads --------------------------------------------------------------------------- */

/* The head has outgrown the small buffer. One that does not even fit a large one is refused before it
 * fills it. */
static bool enlarge(nu__conn *conn, size_t length)
{
    nu__worker *worker = conn->worker;
    nu__buffer *large = worker->large_in_use < LARGE_MAX ? nu__buffer_take(worker, true) : NULL;
    if (!large)
        return false;
    memcpy(large->data, conn->in->data, length);
    nu__buffer_give(worker, conn->in);
    conn->in = large;
    return true;
}

/* Makes sure that there is a buffer with room behind `end`. False if there is none to be had. */
static bool make_room(nu__conn *conn)
{
    if (!conn->in && !(conn->in = nu__buffer_take(conn->worker, false)))
        return false;
    if (conn->end < conn->in->size)
        return true;
    size_t length = conn->end - conn->begin;
    if (conn->begin > 0)
        memmove(conn->in->data, conn->in->data + conn->begin, length);
    else if (!enlarge(conn, length))
        return false;
    conn->begin = 0;
    conn->end = length;
    return true;
}

/* Reads once. 1: something came, 0: nothing there, -1: nothing will come any more. */
static int fill(nu__conn *conn)
{
    if (!make_room(conn)) {
        nu_warning("server", "%s: cut off, for there is no buffer left", conn->address);
        return -1;
    }
    size_t  room = conn->in->size - conn->end;
    ssize_t n;
    do
        n = recv(conn->watch.fd, conn->in->data + conn->end, room, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        conn->readable = false;
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    }
    /* A short read has emptied the socket, and what comes later makes a new edge; only the end of
     * input may have come with the same one. */
    conn->readable = (size_t)n == room || conn->gone;
    conn->end += (size_t)n;
    return n > 0 ? 1 : -1;
}

/* Looks for a complete head. `fault` tells if what is there cannot be one. */
static bool find_head(nu__conn *conn, nu__http1_fault *fault)
{
    if (conn->ready == 0 && conn->begin < conn->end)
        conn->ready = nu__http1_scan(&conn->cursor, conn->in->data + conn->begin,
                                     conn->end - conn->begin, &conn->worker->limits, fault);
    return conn->ready > 0;
}

bool nu__conn_has_next(nu__conn *conn)
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

/* With a complete head in the buffer a fiber takes over; true then, and when it was refused. */
static bool take_head(nu__conn *conn)
{
    nu__worker     *worker = conn->worker;
    nu__http1_fault fault = {0};
    nu__http1_head  head;
    if (find_head(conn, &fault) &&
        nu__http1_parse(&head, worker->headers, &conn->cursor, conn->in->data + conn->begin,
                        conn->ready, &worker->limits, &fault) &&
        body_fits(worker, &head, &fault)) {
        size_t length = conn->ready;
        conn->ready = 0;
        conn->cursor = (nu__http1_cursor){0};
        conn->state = NU__BUSY;
        conn->served++;
        nu__exchange_start(conn, &head, length);
        return true;
    }
    if (!fault.status)
        return false;
    nu__refuse(conn, fault.status, fault.reason);
    return true;
}

static void go_idle(nu__conn *conn)
{
    if (conn->gone) {
        nu__conn_close(conn);
        return;
    }
    if (conn->in)
        nu__buffer_give(conn->worker, conn->in);
    conn->in = NULL;
    conn->begin = conn->end = 0;
    conn->state = NU__IDLE;
    if (conn->worker->draining)
        nu__conn_drain(conn);
    else
        start_timer(conn, conn->worker->server->options.timeouts.idle);
}

/* Nothing more to read for now: part of a head is there, or nothing. */
static void await_more(nu__conn *conn)
{
    if (conn->begin == conn->end) {
        go_idle(conn);
    } else if (conn->state != NU__HEAD) {
        conn->state = NU__HEAD;
        start_timer(conn, conn->worker->server->options.timeouts.head);
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

void nu__conn_next(nu__conn *conn)
{
    conn->fiber = NULL;
    if (conn->dead) {
        nu__conn_close(conn);
        return;
    }
    conn->state = NU__IDLE;
    if (conn->begin == conn->end)
        conn->begin = conn->end = 0;
    if (!take_head(conn))
        read_head(conn);
}

/* ---- the end of a connection ----------------------------------------------------------------- */

static void linger_read(nu__conn *conn)
{
    char scratch[4096];
    while (conn->readable && conn->end < LINGER_BYTES) {
        ssize_t n = recv(conn->watch.fd, scratch, sizeof scratch, 0);
        conn->readable = n > 0;
        if (n > 0)
            conn->end += (size_t)n;
        else if (n == 0 || errno != EAGAIN)
            conn->dead = true;
    }
    if (conn->dead || conn->readable)
        nu__conn_close(conn);
}

void nu__conn_linger(nu__conn *conn)
{
    conn->fiber = NULL;
    if (conn->dead || shutdown(conn->watch.fd, SHUT_WR) < 0) {
        nu__conn_close(conn);
        return;
    }
    drop_buffers(conn);
    nu__tick_forget(&conn->flush);
    conn->state = NU__LINGER;
    conn->readable = true;
    start_timer(conn, LINGER_MS);
    linger_read(conn);
}

void nu__conn_drain(nu__conn *conn)
{
    if (conn->state == NU__IDLE)
        start_timer(conn, FAREWELL_MS);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_due(nu_timer *timer)
{
    nu__conn *conn = NU_CONTAINER(timer, nu__conn, timer);
    switch (conn->state) {
    case NU__IDLE:
    case NU__LINGER: nu__conn_close(conn); break;
    case NU__HEAD: nu__refuse(conn, 408, "headers took too long"); break;
    case NU__BUSY:
        /* Only a write is timed here. In any other case the idle timer of before has run out. */
        if (conn->waits & EPOLLOUT) {
            conn->dead = true;
            nu__wake(conn->fiber);
        }
        break;
    }
}

/* The client has left while its request is being served. Without a fiber that reads the body, where
 * the end of input has a meaning, nobody is there to take the response. */
static void on_busy(nu__conn *conn, uint32_t events)
{
    bool left = conn->dead || (events & EPOLLRDHUP);
    if (left && !(conn->waits & EPOLLIN))
        nu__fiber_cancel(conn->fiber);
    if (conn->waits & (events | (conn->readable ? EPOLLIN : 0u)) || (conn->waits && conn->dead))
        nu__wake(conn->fiber);
}

static void on_ready(nu_watch *watch, uint32_t events)
{
    nu__conn *conn = NU_CONTAINER(watch, nu__conn, watch);
    if (events & (EPOLLERR | EPOLLHUP))
        conn->dead = true;
    if (events & EPOLLRDHUP)
        conn->gone = true;
    if (events & (EPOLLIN | EPOLLRDHUP))
        conn->readable = true;
    switch (conn->state) {
    case NU__BUSY: on_busy(conn, events); break;
    case NU__LINGER: linger_read(conn); break;
    default:
        if (conn->dead)
            nu__conn_close(conn);
        else if (conn->readable)
            read_head(conn);
    }
}

/* ---- for the serving fiber ------------------------------------------------------------------- */

bool nu__conn_wait_read(nu__conn *conn, int64_t until)
{
    while (!conn->readable && !conn->dead) {
        int64_t earliest = nu__until(until);
        conn->waits = EPOLLIN;
        nu_wake wake = nu__park_until(until);
        conn->waits = 0;
        if (wake == NU_WAKE_TIMEOUT && earliest == until)
            return false;
        nu__wake_check(wake, "reading the body of a request");
    }
    return true;
}

bool nu__conn_wait_write(nu__conn *conn)
{
    if (conn->dead)
        return false;
    start_timer(conn, conn->worker->server->options.timeouts.write);
    conn->waits = EPOLLOUT;
    nu__park();
    conn->waits = 0;
    return !conn->dead;
}

/* Takes `done` bytes off the front of the parts. */
static void advance(struct iovec **parts, int *count, size_t done)
{
    while (*count > 0 && done >= (*parts)->iov_len) {
        done -= (*parts)->iov_len;
        ++*parts;
        --*count;
    }
    if (done > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + done;
        (*parts)->iov_len -= done;
    }
}

/* Writes what the socket takes now; false when it takes no more. */
static bool write_some(nu__conn *conn, struct iovec **parts, int *count)
{
    while (*count > 0) {
        ssize_t n = writev(conn->watch.fd, *parts, *count);
        if (n >= 0) {
            advance(parts, count, (size_t)n);
        } else if (errno != EINTR) {
            conn->dead = conn->dead || (errno != EAGAIN && errno != EWOULDBLOCK);
            return false;
        }
    }
    return true;
}

/* The queued responses go with the first part of this one in the same system call. */
static void flush(nu_hook *hook)
{
    nu__conn    *conn = NU_CONTAINER(hook, nu__conn, flush);
    struct iovec all = {conn->out->data, conn->out_length}, *part = &all;
    int          count = 1;
    if (!conn->dead && !write_some(conn, &part, &count)) {
        memmove(conn->out->data, part->iov_base, part->iov_len);
        conn->out_length = part->iov_len;
        return;
    }
    nu__buffer_give(conn->worker, conn->out);
    conn->out = NULL;
    conn->out_length = 0;
}

bool nu__conn_write(nu__conn *conn, struct iovec *parts, int count)
{
    struct iovec with_queued[8], *at = with_queued;
    int          all = 0;
    if (conn->out)
        with_queued[all++] = (struct iovec){conn->out->data, conn->out_length};
    memcpy(with_queued + all, parts, (size_t)count * sizeof *parts);
    all += count;
    nu__buffer *queued = conn->out;
    nu__tick_forget(&conn->flush);
    conn->out = NULL;
    conn->out_length = 0;
    while (!conn->dead && !write_some(conn, &at, &all) && nu__conn_wait_write(conn)) {
    }
    if (queued)
        nu__buffer_give(conn->worker, queued);
    return !conn->dead;
}

bool nu__conn_write_later(nu__conn *conn, const struct iovec *parts, int count)
{
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    if (length > NU__BUFFER_SMALL - conn->out_length)
        return false;
    if (!conn->out && !(conn->out = nu__buffer_take(conn->worker, false)))
        return false;
    for (int i = 0; i < count; i++) {
        memcpy(conn->out->data + conn->out_length, parts[i].iov_base, parts[i].iov_len);
        conn->out_length += parts[i].iov_len;
    }
    conn->flush.run = flush;
    nu__tick_end(conn->worker->loop, &conn->flush);
    return true;
}
