/* The border between a connection and what is spoken on it.
 *
 * A connection always has exactly one protocol, and changes it by nu__conn_speak:
 *
 *      PROXY ──▶ one of the next two
 *      TLS handshake ──▶ HTTP/1.1 ──preface──▶ HTTP/2
 *            └───────────ALPN "h2"───────────────▲
 *                               HTTP/1.1 ──101──▶ WebSocket, tunnel
 *      a stream of HTTP/2 ──extended CONNECT────────────▲
 *      any of them ──goodbye──▶ linger ──▶ closed
 *
 * All functions are called by the loop, outside of any fiber: they neither wait nor raise. Each of them
 * may close the connection, except `is_idle` and `drop`. NULL for `drain` and `drop`: there is nothing to do;
 * for `is_idle`: never. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct nu__conn nu__conn;

typedef struct nu__protocol {
    const char *name; /* for the log */
    /* Something happened to the descriptor (EPOLLIN, EPOLLOUT ...). conn->readable, gone and dead
     * are up to date. */
    void (*ready)(nu__conn *conn, uint32_t events);
    /* conn->timer has run out. */
    void (*due)(nu__conn *conn);
    /* The worker drains: what was asked is answered, nothing else is begun. */
    void (*drain)(nu__conn *conn);
    /* Time is up, and conn->dead is set: closes, or ends the fibers that stand in the way. */
    void (*cut)(nu__conn *conn);
    /* True if closing now would lose nothing: a response was had, and nothing is under way. */
    bool (*is_idle)(const nu__conn *conn);
    /* Gives back what it holds: the connection is closed, or goes on with another protocol. */
    void (*drop)(nu__conn *conn);
} nu__protocol;

extern const nu__protocol nu__proxy_protocol, nu__tls_handshake, nu__http1, nu__http2_protocol;
