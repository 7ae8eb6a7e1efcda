/* A connection: a descriptor on the loop, or a stream of HTTP/2 (http2_carried.c) and then no descriptor; one timer,
 * a transport below (transport.h) and a protocol above (protocol.h). The descriptor is registered once, edge-triggered: `readable` remembers an edge
 * that came while nobody wanted to read. */
#pragma once

#include "server/http1.h"
#include "server/internal.h"
#include "server/protocol.h"
#include "server/tls.h"
#include "server/transport.h"

typedef struct nu__http2        nu__http2;
typedef struct nu__http2_stream nu__http2_stream;
typedef struct nu_websocket     nu_websocket;
typedef struct nu__tunnel       nu__tunnel;

struct nu__conn {
    nu_watch      watch; /* fd -1: it is a stream */
    nu_timer      timer; /* of the protocol */
    nu__worker   *worker;
    nu__listener *listener;
    nu__conn     *next, **link; /* among the worker's open ones */

    const nu__transport *transport;
    const nu__protocol  *protocol;

    bool     readable;     /* there may be something to read */
    bool     read_blocked; /* but only once something can be written (TLS) */
    bool     gone;         /* the client has closed its side */
    bool     dead;         /* the connection is broken, or cut by us */
    uint64_t served;       /* requests */
    size_t   dropped;      /* bytes, while it lingers */

    nu__tls           tls;    /* of nu__transport_tls */
    nu__http1_conn    http1;  /* of nu__http1 */
    nu__http2        *http2;  /* of nu__http2_protocol */
    nu__http2_stream *stream; /* of the transport that is one */
    nu_websocket *websocket;  /* of nu__websocket_protocol, and from the response that opens it */
    nu__tunnel   *tunnel;     /* of nu__tunnel_protocol, likewise */

    char address[46]; /* of the client */
};

/* True if who connects from there has to say for whom, by the PROXY protocol. */
bool nu__proxy_is_due(const nu__worker *worker, const char *address);
/* Takes over an accepted descriptor. */
void nu__conn_open(nu__worker *worker, nu__listener *listener, int fd, const char *address);
/* One without a descriptor, over a transport that tells it of events itself. Raises OutOfMemory. */
nu__conn *nu__conn_open_within(nu__worker *worker, nu__listener *listener,
                               const nu__transport *transport, const nu__protocol *protocol,
                               const char *address);
/* Closes at once. Not while a fiber serves it. */
void nu__conn_close(nu__conn *conn);
/* Goes on with another protocol; the old one gives back what it holds. */
void nu__conn_speak(nu__conn *conn, const nu__protocol *protocol);
/* Says goodbye: no more is written, and what the client still sends is read and dropped for a
 * moment, since closing on unread bytes would make the client lose the response. */
void nu__conn_linger(nu__conn *conn);
/* The protocol's `due` is called in `ms` from now, and no earlier. */
void nu__conn_timer(nu__conn *conn, int ms);
