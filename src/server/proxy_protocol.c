/* The PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): a load balancer says in front of all
 * else who the client is. From the addresses that the options name it is required; from others it is not
 * understood.
 *
 * The header is peeked at until it is whole, and only then taken out of the socket, so that what follows is
 * untouched: a handshake of TLS or a request. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "http/network.h"
#include "nuages/log.h"
#include "server/connection.h"
#include "server/proxy_header.h"

bool nu__proxy_is_due(const nu__worker *worker, const char *address)
{
    return nu__networks_hold(worker->server->options.proxy_protocol, address);
}

static void refuse(nu__conn *conn, const char *why)
{
    nu_info("server", "%s: refused: %s", conn->address, why);
    nu__conn_close(conn);
}

/* The limit for a client holds for the one that was named. */
static bool become(nu__conn *conn, const char *address)
{
    nu__worker *worker = conn->worker;
    if (address[0] == '\0' || strcmp(address, conn->address) == 0)
        return true;
    if (worker->clients) {
        if (!nu__clients_enter(worker->clients, address, worker->server->options.limits.per_client))
            return false;
        nu__clients_leave(worker->clients, conn->address);
    }
    memcpy(conn->address, address, strlen(address) + 1);
    return true;
}

static void take(nu__conn *conn, char *bytes, const nu__proxy_header *header)
{
    if (recv(conn->watch.fd, bytes, header->length, 0) != (ssize_t)header->length) {
        nu__conn_close(conn);
        return;
    }
    if (!become(conn, header->address)) {
        refuse(conn, "too many connections of one client");
        return;
    }
    const nu_server_timeouts *timeouts = &conn->worker->server->options.timeouts;
    nu__conn_speak(conn, conn->listener->tls ? &nu__tls_handshake : &nu__http1);
    nu__conn_timer(conn, conn->listener->tls ? timeouts->handshake : timeouts->head);
    conn->readable = true;
    conn->protocol->ready(conn, EPOLLIN);
}

static void proxy_ready(nu__conn *conn, uint32_t events)
{
    char             bytes[NU__PROXY_HEADER_MAX];
    nu__proxy_header header;
    (void)events;
    ssize_t n = conn->dead ? 0 : recv(conn->watch.fd, bytes, sizeof bytes, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        nu__conn_close(conn);
        return;
    }
    switch (nu__proxy_parse(&header, bytes, (size_t)n)) {
    case NU__PROXY_MORE:
        if (conn->gone)
            nu__conn_close(conn);
        break;
    case NU__PROXY_WRONG: refuse(conn, "no header of the PROXY protocol"); break;
    case NU__PROXY_FOUND: take(conn, bytes, &header); break;
    }
}

const nu__protocol nu__proxy_protocol = {
    .name = "PROXY",
    .ready = proxy_ready,
    .due = nu__conn_close,
    .cut = nu__conn_close,
};
