/* The border between a connection and the wire below it: a plain socket, or TLS on one.
 *
 * Protocols (protocol.h) read and write through this table and never touch the descriptor. None of
 * the functions waits or raises. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef struct nu__conn nu__conn;

typedef struct nu__transport {
    const char *scheme;      /* of what is asked over it: "http", "https" */
    bool        sends_files; /* sendfile() to the descriptor is allowed */

    /* Reads at most `room` bytes. 0: the client has ended its side in order. -1: errno is EAGAIN when
     * there is nothing for now, anything else when the connection is broken. Afterwards
     * conn->readable is false exactly when a new edge must come before there can be more. */
    ssize_t (*read)(nu__conn *conn, void *into, size_t room);

    /* The same for bytes that have no meaning any more. */
    ssize_t (*discard)(nu__conn *conn, void *into, size_t room);

    /* Writes what is taken now, and gives how many bytes that was, as writev does. -1 with EAGAIN: an
     * edge will tell; the next call must then begin with the same bytes, and with no fewer of them,
     * for some of them may be encrypted already. */
    ssize_t (*write)(nu__conn *conn, const struct iovec *parts, int count);

    /* Tells the client, as far as that is possible now, that nothing more will come. False when the
     * connection is broken. */
    bool (*finish)(nu__conn *conn);

    /* Frees what it holds for the connection, which is about to be closed. */
    void (*drop)(nu__conn *conn);
} nu__transport;

/* `discard` of a socket: what comes is not even decrypted. */
ssize_t nu__socket_discard(nu__conn *conn, void *into, size_t room);

extern const nu__transport nu__transport_plain, nu__transport_tls;
