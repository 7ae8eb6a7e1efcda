/* A socket as it is. */
#include "server/transport.h"

#include <errno.h>
#include <sys/socket.h>

#include "server/connection.h"

static ssize_t plain_read(nu__conn *conn, void *into, size_t room)
{
    ssize_t n;
    do
        n = recv(conn->watch.fd, into, room, 0);
    while (n < 0 && errno == EINTR);
    /* A short read has emptied the socket, and what comes later makes a new edge; only the end of
     * input may have come with the same one. */
    conn->readable = n > 0 && ((size_t)n == room || conn->gone);
    return n;
}

ssize_t nu__socket_discard(nu__conn *conn, void *into, size_t room)
{
    ssize_t n = recv(conn->watch.fd, into, room, 0);
    conn->readable = n > 0;
    return n;
}

static ssize_t plain_write(nu__conn *conn, const struct iovec *parts, int count)
{
    ssize_t n;
    do
        n = count == 1 ? send(conn->watch.fd, parts->iov_base, parts->iov_len, 0)
                       : writev(conn->watch.fd, parts, count);
    while (n < 0 && errno == EINTR);
    return n;
}

static bool plain_finish(nu__conn *conn)
{
    return shutdown(conn->watch.fd, SHUT_WR) == 0;
}

static void plain_drop(nu__conn *conn)
{
    (void)conn;
}

const nu__transport nu__transport_plain = {
    .scheme = "http",
    .sends_files = true,
    .read = plain_read,
    .discard = nu__socket_discard,
    .write = plain_write,
    .finish = plain_finish,
    .drop = plain_drop,
};
