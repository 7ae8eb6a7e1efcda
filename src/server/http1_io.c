/* How the fiber of an exchange waits for its connection, and writes to it. */
#include <errno.h>
#include <string.h>

#include "server/connection.h"

bool nu__http1_wait_read(nu__conn *conn, int64_t until)
{
    nu__http1_conn *http = &conn->http1;
    while (!conn->readable && !conn->dead) {
        int64_t earliest = nu__until(until);
        http->waits = EPOLLIN;
        nu_wake wake = nu__park_until(until);
        http->waits = 0;
        if (wake == NU_WAKE_TIMEOUT && earliest == until)
            return false;
        nu__wake_check(wake, "reading the body of a request");
    }
    return true;
}

bool nu__http1_wait_write(nu__conn *conn)
{
    if (conn->dead)
        return false;
    nu__conn_timer(conn, conn->worker->server->options.timeouts.write);
    conn->http1.waits = EPOLLOUT;
    nu__park();
    conn->http1.waits = 0;
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

/* Writes what the client takes now; false when it takes no more. */
static bool write_some(nu__conn *conn, struct iovec **parts, int *count)
{
    while (*count > 0) {
        ssize_t n = conn->transport->write(conn, *parts, *count);
        if (n < 0) {
            conn->dead = conn->dead || (errno != EAGAIN && errno != EWOULDBLOCK);
            return false;
        }
        advance(parts, count, (size_t)n);
    }
    return true;
}

void nu__http1_flush(nu__conn *conn)
{
    nu__http1_conn *http = &conn->http1;
    struct iovec    all = {http->out->data, http->out_length}, *part = &all;
    int             count = 1;
    if (!conn->dead && !write_some(conn, &part, &count)) {
        memmove(http->out->data, part->iov_base, part->iov_len);
        http->out_length = part->iov_len;
        return;
    }
    nu__buffer_give(conn->worker, http->out);
    http->out = NULL;
    http->out_length = 0;
}

static void on_tick_end(nu_hook *hook)
{
    nu__http1_flush(NU_CONTAINER(hook, nu__conn, http1.flush));
}

/* The queued responses go with the first part of this one in the same system call. */
bool nu__http1_write(nu__conn *conn, struct iovec *parts, int count)
{
    nu__http1_conn *http = &conn->http1;
    struct iovec    with_queued[8], *at = with_queued;
    int             all = 0;
    if (http->out)
        with_queued[all++] = (struct iovec){http->out->data, http->out_length};
    memcpy(with_queued + all, parts, (size_t)count * sizeof *parts);
    all += count;
    nu__buffer *queued = http->out;
    nu__tick_forget(&http->flush);
    http->out = NULL;
    http->out_length = 0;
    while (!conn->dead && !write_some(conn, &at, &all) && nu__http1_wait_write(conn)) {
    }
    if (queued)
        nu__buffer_give(conn->worker, queued);
    return !conn->dead;
}

bool nu__http1_write_later(nu__conn *conn, const struct iovec *parts, int count)
{
    nu__http1_conn *http = &conn->http1;
    size_t          length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    if (length > NU__BUFFER_SMALL - http->out_length)
        return false;
    if (!http->out && !(http->out = nu__buffer_take(conn->worker, NU__SMALL)))
        return false;
    for (int i = 0; i < count; i++) {
        memcpy(http->out->data + http->out_length, parts[i].iov_base, parts[i].iov_len);
        http->out_length += parts[i].iov_len;
    }
    http->flush.run = on_tick_end;
    nu__tick_end(conn->worker->loop, &http->flush);
    return true;
}
