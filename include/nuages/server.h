/* The HTTP server: sockets, workers, TLS, HTTP/1.1 and HTTP/2. It calls a handler and knows no views.
 *
 * With workers, the calling process becomes a supervisor that never touches a request: it starts
 * the workers, replaces one that dies and logs where it died. Its signals:
 *
 *      SIGTERM  stop accepting, finish the requests in flight (at most `drain_ms`), end
 *      SIGINT   end at once
 *      SIGHUP   start new workers, then drain the old ones; no request is lost
 *
 * Without workers (`workers` = 0, for development) requests are served in this process, which then
 * obeys SIGTERM and SIGINT likewise. */
#pragma once

#include "nuages/request.h"
#include "nuages/response.h"

/* Answers one request, in a fiber of its own and with the request's arena current. May wait and may
 * raise: an error that escapes is logged and becomes a plain page of its status. */
typedef nu_response *nu_handler(nu_request *request, void *ctx);

/* What is known about a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) while it is handled. */
typedef struct nu_crash {
    int         signal;
    const char *reason;   /* "SIGSEGV: address 0x10", "stack overflow in fiber …" */
    void       *address;  /* the address that could not be used, or NULL */
    const char *method;   /* of the request in flight; NULL: none */
    const char *url;      /* path and query as sent */
    const char *view;     /* the C name of the view it was resolved to; NULL: none yet */
    void      **stack;    /* return addresses, innermost first */
    int         depth;
} nu_crash;

/* A certificate for TLS and its private key: paths of files in PEM form. The certificate's file holds the
 * server's own first, then those that lead from it to a root. */
typedef struct nu_certificate {
    const char *certificate, *key;
} nu_certificate;

typedef struct nu_server_limits {
    size_t request_line; /* bytes of "GET /… HTTP/1.1" (8192; beyond: 414) */
    size_t head;         /* bytes of request line and headers (32768; beyond: 431) */
    size_t headers;      /* number of header lines (100; beyond: 431) */
    size_t body;         /* bytes of a request body (134217728; beyond: 413) */
    size_t body_rate;    /* bytes a second that a body must bring over a span of timeouts.body (240) */
    size_t connections;  /* open at a time in one worker (16384; beyond: new ones wait) */
    size_t requests;     /* on one connection before it is closed (0: no limit) */
    size_t in_flight;    /* requests in work in one worker (1000; beyond: 503 with Retry-After) */
    size_t per_client;   /* connections from one address to one worker (0: no limit; beyond: closed) */
    size_t memory;       /* bytes; a worker that has grown beyond is replaced (0: no limit) */
} nu_server_limits;

typedef struct nu_server_timeouts { /* all in milliseconds */
    int handshake; /* of TLS, from the opening of the connection (10000) */
    int head;  /* from the first byte of a request to the end of its headers, and from
                the opening of the connection to the first byte (15000; 408) */
    int body;  /* longest silence while a body arrives (30000) */
    int write; /* longest silence while a response is taken (30000) */
    int idle;  /* an open connection between requests (75000) */
    int drain; /* requests in flight after SIGTERM (30000) */
} nu_server_timeouts;

/* What workers may do beside answering; the supervisor is not concerned. Behind these walls a request
 * that has taken a worker over gains no privileges, starts no program and changes no file elsewhere. */
typedef struct nu_sandbox {
    bool               off;      /* no walls, and only `user` holds */
    const char        *user;     /* whom workers become when root starts the server, by name or
                                    number; NULL: they stay root */
    const char *const *writable; /* folders that may be written to, beside /tmp, /var/tmp and
                                    devices; ended by NULL */
    bool               exec;     /* workers may start programs */
} nu_sandbox;

/* What only the application knows about a worker's database; see nu_server_options.sample. */
typedef struct nu_server_sample {
    int64_t database_open, database_busy; /* connections */
    int64_t  database_waiting;            /* requests that wait for one */
    uint64_t database_statements, database_errors; /* since the worker began */
} nu_server_sample;

typedef struct nu_server_options {
    /* Addresses, ended by NULL: "127.0.0.1:8000", "[::]:80", ":8000" (every address), "8000"
     * (loopback), "unix:/run/site.sock". Port 0 lets the system choose. NULL: "127.0.0.1:8000".
     * Sockets handed over by LISTEN_FDS (systemd, runserver) take the place of all of these. */
    const char *const *listen;
    int                backlog; /* 0: 1024 */

    /* With certificates, ended by {0}, every address but Unix sockets speaks TLS (1.2 and 1.3). Of several
     * the client's wish for a name (SNI) chooses; who names none of them gets the first. The files are
     * looked at every `certificate_check_ms`; changed ones serve new connections from then on, and if
     * they cannot be used the former ones stay, as the log says. */
    const nu_certificate *certificates;
    int                   certificate_check_ms; /* 0: 10000 */
    /* Addresses where plain HTTP is answered by a permanent redirect to https, ended by NULL; NULL: none. Of
     * sockets handed over, those with the name "redirect" (LISTEN_FDNAMES). */
    const char *const    *redirect;

    /* Load balancers that say in front of each connection who the client is, by the PROXY protocol (versions
     * 1 and 2): addresses and networks ("10.0.0.0/8", "unix"), ended by NULL. From these the header is
     * required; from others it is not taken. */
    const char *const *proxy_protocol;

    int                workers; /* processes; 0: serve in this one; -1: one for each CPU */

    nu_handler            *handler;
    void                  *ctx;  /* for handler and hooks */
    const nu_http_options *http; /* given to each request; NULL: the defaults */

    /* Called in each worker before its first and after its last request, outside any fiber. */
    void (*start)(void *ctx);
    void (*stop)(void *ctx);
    /* Called once, when requests are accepted; where to say "open http://…". */
    void (*ready)(void *ctx);

    /* For development: writes an HTML page about the crash to `out`, at most `size` bytes, and
     * returns its length. It runs on a stack of its own in a process that is about to die: it may
     * find anything broken, and whatever it does ends after five seconds. */
    size_t (*crash_page)(const nu_crash *crash, char *out, size_t size, void *ctx);

    /* For development: the end is always a restart, soon after. WebSockets are closed with 1012 instead
     * of 1001, their handlers are cancelled where they wait for something else than a message, and a
     * client that does not answer the close is not waited for. */
    bool restarts;

    /* Called in a worker at the end of a request, once a second at most: fills in what the figures
     * tell beside what the server itself counts. Neither raises nor waits. */
    void (*sample)(nu_server_sample *sample, void *ctx);

    nu_server_limits   limits;   /* 0 in any member: the default named above */
    nu_server_timeouts timeouts; /* likewise */
    bool               access_log;
    unsigned access_log_every; /* a line for one of so many requests (1); 5xx always have theirs */
    const nu_sandbox  *sandbox; /* of worker processes; NULL: none */
    int    slice_limit_ms; /* log what keeps a worker from its other requests for longer; 0: nothing */
    int    pool_threads;   /* of each worker, for nu_offload; 0: 4 */
    size_t stack_size;     /* of a request's fiber; 0: 256 KiB */
    /* The program with its arguments, ended by NULL, that SIGHUP starts in the place of this one,
     * so that a new binary takes over. It is tried first; one that does not come up changes
     * nothing. NULL: SIGHUP starts new workers from this process. */
    const char *const *command;
} nu_server_options;

typedef struct nu_server nu_server;

/* Opens the sockets. What is 0 in the options gets its default; the lists they point to must live on.
 * Raises ConfigError for a malformed address and for a certificate or key that cannot be used,
 * SystemError when an address cannot be had (port in use). */
NU_PUBLIC NU_RETURNS_NONNULL nu_server *nu_server_open(nu_arena *arena,
                                                       const nu_server_options *options);
NU_PUBLIC size_t nu_server_address_count(const nu_server *server);
/* "127.0.0.1:8000" with the port that was given; for the nth socket, from 0. */
NU_PUBLIC const char *nu_server_address(const nu_server *server, size_t nth);
/* "http://127.0.0.1:8000/", with TLS "https://…", or the address itself for a unix socket. */
NU_PUBLIC const char *nu_server_url(const nu_server *server, size_t nth);
/* Serves until a signal ends it and returns the exit status for main. */
NU_PUBLIC int nu_server_run(nu_server *server);
/* What all workers have counted and hold, in Prometheus' text format (version 0.0.4), in the current
 * arena: requests, their times, connections, memory, restarts. For a handler; empty elsewhere. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_server_figures(void);
/* True in a worker that finishes its requests and takes no new connections. */
NU_PUBLIC bool nu_server_is_draining(void);
/* Closes the sockets and removes unix ones. */
NU_PUBLIC void nu_server_close(nu_server *server);

/* ---- sockets for another process, as runserver keeps them across rebuilds ------------------------ */

/* A listening socket for one address in the form of nu_server_options.listen. Raises as
 * nu_server_open does. */
NU_PUBLIC int nu_listen(const char *address, int backlog);
/* "http://127.0.0.1:8000/" for a listening socket, or the address of a unix one. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_listen_url(int fd);
/* Between fork and exec: hands `fds` to the program that is about to start (LISTEN_FDS, LISTEN_PID).
 * Moves them to descriptors 3 and up. */
NU_PUBLIC void nu_listen_pass(const int *fds, size_t count);
