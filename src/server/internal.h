/* What the files of server/ share: the server, a worker, and its buffers. */
#pragma once

#include "http/internal.h"
#include "nuages/server.h"
#include "runtime/fiber.h"
#include "server/clients.h"
#include "server/figures.h"
#include "server/http1_parser.h"
#include "server/tls.h"

typedef struct nu__worker nu__worker;
typedef struct nu__conn   nu__conn;

typedef struct nu__listener {
    int         fd;
    bool        local;     /* a Unix socket */
    bool        inherited; /* its path, if any, is not ours to remove */
    bool        tls;
    bool        redirect; /* whoever asks here is sent to https */
    const char *address;  /* "127.0.0.1:8000", "unix:/run/site.sock" */
    const char *url;
    const char *name, *port; /* of the URL; port NULL for a Unix socket */
} nu__listener;

struct nu_server {
    nu_arena         *arena;
    nu_server_options options; /* complete */
    nu__listener     *listeners;
    size_t            listener_count;
    nu__board        *board;
    nu__tls_context  *tls;      /* NULL: no certificates */
    uint64_t          tls_seen; /* files that could not be used */
    nu__tickets       tickets;
};

/* ---- a worker -------------------------------------------------------------------------------- */

typedef struct nu__buffer nu__buffer;

enum nu__buffer_kind {
    NU__SMALL,
    NU__LARGE, /* holds the largest head, and leaves room for chunks behind it */
    NU__OUT,   /* holds frames of HTTP/2 */
};

struct nu__buffer {
    nu__buffer *next;
    size_t      size;
    uint8_t     kind; /* nu__buffer_kind */
    char        data[];
};

enum {
    NU__BUFFER_SMALL = 8 * 1024 - 24,
    NU__BUFFER_OUT = 48 * 1024 - 24,
    NU__INPUT = 16 * 1024,
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
    nu__buffer       *buffers[3]; /* spare ones of each kind */
    size_t            large_in_use;
    struct nu__http2 *spare_http2;
    size_t            bodies; /* bytes of requests over HTTP/2 that no view has read yet */
    char             *input;  /* room to read into, for as long as nobody waits */
    nu__http1_limits  limits;
    nu__http1_header *headers; /* room for one head while it is being parsed */

    char    date[40]; /* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" */
    size_t  date_length;
    int64_t date_second; /* of the loop's clock */

    char     id_prefix[9]; /* random, so that ids of workers differ */
    uint64_t id_count;
    uint64_t log_turn; /* requests that the access log could have had */

    nu__tls_context *tls;      /* for new connections; NULL: no certificates */
    uint64_t         tls_seen; /* files that could not be used */
    nu_timer         tls_check;
    char            *record; /* room to put small parts together */

    nu__figures *figures;
    size_t       in_flight; /* requests */
    int64_t      sampled;   /* of the loop's clock */
    int          channel;   /* to the supervisor; -1: none */
    bool         recycling; /* the supervisor was asked for a successor */
    nu__clients *clients;   /* NULL: not counted */

    bool      draining;
    nu_timer  drain; /* the longest that draining may take */
    nu_signal terminate, interrupt;
};

/* What a worker sends to its supervisor once it takes requests. */
#define NU__READY "ready"
/* And when it wants to be replaced, having grown too large. */
#define NU__RECYCLE "recycle"

/* Serves on the server's sockets until told to stop; the exit status. `channel` to a supervisor, or
 * -1. */
int  nu__worker_run(nu_server *server, int channel);
void nu__worker_drain(nu__worker *worker);
/* Counts a connection as gone: accepting may go on, or draining be over. */
void nu__worker_closed(nu__worker *worker);

/* Looks at itself, once a second at most: for the figures, and whether it has grown too large. */
void nu__worker_sample(nu__worker *worker);

/* NULL when memory is out. */
nu__buffer *nu__buffer_take(nu__worker *worker, enum nu__buffer_kind kind);
void        nu__buffer_give(nu__worker *worker, nu__buffer *buffer);

/* The present second as a Date line. */
nu__slice nu__date_line(nu__worker *worker);
