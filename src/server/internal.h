/* What the files of server/ share: the server, a worker, its connections, and one exchange of
 * request and response.
 *
 * The life of a connection, which holds neither fiber nor buffer while it is idle:
 *
 *                    ┌──────────────── response sent ◀────────────────┐
 *                    ▼                                                │
 *      accept ──▶ IDLE ──first byte──▶ HEAD ──complete──▶ BUSY ───────┤
 *                    │                   │ refused                    │ not to be kept
 *                    ▼                   ▼                            ▼
 *                 closed ◀──────────── LINGER ◀───────────────────────┘
 *
 * IDLE, HEAD and LINGER run in callbacks of the loop, which never wait; BUSY belongs to the fiber
 * of one exchange. The descriptor is registered once, edge-triggered: `readable` remembers an edge
 * that came while nobody wanted to read. */
#pragma once

#include <sys/uio.h>

#include "http/internal.h"
#include "nuages/server.h"
#include "runtime/fiber.h"
#include "server/http1_chunked.h"

typedef struct nu__worker nu__worker;
typedef struct nu__conn   nu__conn;

typedef struct nu__listener {
    int         fd;
    bool        local;     /* a Unix socket */
    bool        inherited; /* its path, if any, is not ours to remove */
    const char *address;   /* "127.0.0.1:8000", "unix:/run/site.sock" */
    const char *url;
    const char *name, *port; /* of the URL; port NULL for a Unix socket */
} nu__listener;

struct nu_server {
    nu_arena         *arena;
    nu_server_options options; /* complete */
    nu__listener     *listeners;
    size_t            listener_count;
};

/* ---- a worker -------------------------------------------------------------------------------- */

typedef struct nu__buffer nu__buffer;
struct nu__buffer {
    nu__buffer *next;
    size_t      size;
    char        data[];
};

enum {
    NU__BUFFER_SMALL = 8 * 1024 - 16,
    NU__DRAIN_LIMIT =
        64 * 1024, /* of a body that nobody read; beyond it the connection is closed */
};

typedef struct nu__acceptor {
    nu_watch      watch;
    nu__worker   *worker;
    nu__listener *listener;
} nu__acceptor;

struct nu__worker {
    nu_server    *server;
    nu_loop      *loop;
    nu_arena     *arena;
    nu__acceptor *acceptors;
    bool          accepting;
    nu_timer      pause; /* after running out of descriptors */

    nu__conn         *open, *spare; /* connections; spare ones by `next` only */
    size_t            open_count;
    nu__buffer       *small, *large; /* spare ones */
    size_t            large_in_use;
    nu__http1_limits  limits;
    nu__http1_header *headers; /* room for one head while it is being parsed */

    char    date[40]; /* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" */
    size_t  date_length;
    int64_t date_second; /* of the loop's clock */

    char     id_prefix[9]; /* random, so that ids of workers differ */
    uint64_t id_count;

    bool      draining;
    nu_timer  drain; /* the longest that draining may take */
    nu_signal terminate, interrupt;
};

/* What a worker sends to its supervisor once it takes requests. */
#define NU__READY "ready"

/* Serves on the server's sockets until told to stop; the exit status. `channel` to a supervisor, or
 * -1. */
int  nu__worker_run(nu_server *server, int channel);
void nu__worker_drain(nu__worker *worker);
/* Counts a connection as gone: accepting may go on, or draining be over. */
void nu__worker_closed(nu__worker *worker);

/* NULL when memory is out. */
nu__buffer *nu__buffer_take(nu__worker *worker, bool large);
void        nu__buffer_give(nu__worker *worker, nu__buffer *buffer);

/* The present second as a Date line. */
nu__slice nu__date_line(nu__worker *worker);

/* ---- a connection ---------------------------------------------------------------------------- */

enum nu__conn_state { NU__IDLE, NU__HEAD, NU__BUSY, NU__LINGER };

struct nu__conn {
    nu_watch      watch;
    nu_timer      timer; /* of the state, and of a write in BUSY */
    nu_hook       flush; /* sends `out` when the tick ends */
    nu__worker   *worker;
    nu__listener *listener;
    nu__conn     *next, **link; /* among the worker's open ones */

    uint8_t state;    /* nu__conn_state */
    bool    readable; /* there may be something to read */
    bool    gone;     /* the client has closed its side */
    bool    dead;     /* the connection is broken, or cut by us */

    nu__buffer      *in;         /* NULL while idle */
    size_t           begin, end; /* bytes of it that nobody has taken yet */
    nu__http1_cursor cursor;     /* from begin */
    size_t           ready;      /* length of a complete head at begin; 0: not known of any */
    nu__buffer      *out;        /* responses of a pipeline that are not sent yet */
    size_t           out_length;

    nu_fiber *fiber; /* in BUSY */
    uint32_t  waits; /* EPOLLIN, EPOLLOUT: what the fiber is parked for */
    uint64_t  served;
    char      address[46]; /* of the client */
};

/* Takes over an accepted descriptor. */
void nu__conn_open(nu__worker *worker, nu__listener *listener, int fd, const char *address);
/* Closes at once. Not while a fiber serves it. */
void nu__conn_close(nu__conn *conn);
/* Says goodbye: no more is written, and what the client still sends is read and dropped for a
 * moment, since closing on unread bytes would make the client lose the response. */
void nu__conn_linger(nu__conn *conn);
/* After a response: on with the next request, or idle. */
void nu__conn_next(nu__conn *conn);
/* True if the next head is complete in the buffer. */
bool nu__conn_has_next(nu__conn *conn);
/* The worker drains: an idle client gets a second to send the request that may be on its way. */
void nu__conn_drain(nu__conn *conn);

/* For the serving fiber. Both park until the client moves. The read raises Cancelled, or Timeout of
 * a deadline, and gives false after `until`; the write gives false when the connection is dead. */
NU_WAITS bool nu__conn_wait_read(nu__conn *conn, int64_t until);
NU_WAITS bool nu__conn_wait_write(nu__conn *conn);
/* Writes it all, what waits in `out` before it; false when the connection is dead. Changes `parts`.
 */
NU_WAITS bool nu__conn_write(nu__conn *conn, struct iovec *parts, int count);
/* Keeps it for the end of the tick if there is room; false if not. */
bool nu__conn_write_later(nu__conn *conn, const struct iovec *parts, int count);

/* ---- an exchange ----------------------------------------------------------------------------- */

typedef struct nu__exchange {
    nu_request  request;
    nu_arena   *arena;
    nu__conn   *conn;
    nu__worker *worker;
    char        id[28];
    char       *target; /* as sent, NUL-terminated, until the request has it */
    size_t      target_length;
    bool        head_only; /* HEAD */
    bool        minor;     /* HTTP/1.1 */
    bool        keep;      /* the connection stays open afterwards */
    bool        expects;   /* 100 Continue is still to be sent */
    bool        broken;    /* the body cannot be read to its end */

    /* The body */
    bool        chunked, body_done;
    uint64_t    body_left; /* with Content-Length */
    uint64_t    body_size; /* bytes handed out */
    nu__chunked decoder;
    int64_t     span_start; /* of measuring how fast the body comes */
    uint64_t    span_bytes;
    size_t      base; /* of the buffer: before it lies the head, which the request refers to */
    nu__buffer *head_buffer; /* the head's, when the body was given another one */

    int64_t  started;
    uint64_t sent; /* bytes of response */
} nu__exchange;

/* Starts a fiber for the head at conn->begin. */
void nu__exchange_start(nu__conn *conn, const nu__http1_head *head, size_t head_length);

/* nu__body_read of the request; self is the exchange. */
NU_WAITS size_t nu__exchange_read(void *self, void *into, size_t room);
/* Reads what is left of the body as far as that is worth it; false if something is left. */
NU_WAITS bool nu__exchange_drain(nu__exchange *ex);

/* Sends the response; false when the connection cannot be used any more. */
NU_WAITS bool nu__respond(nu__exchange *ex, nu_response *res);

/* A response without a request: to a head that was refused. Best effort. */
void nu__refuse(nu__conn *conn, int status, const char *reason);
