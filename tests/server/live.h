/* A server in a process of its own, and a client that speaks raw bytes. */
#pragma once

#include <sys/types.h>

#include "nuages/server.h"

typedef struct live {
    pid_t       pid;
    int         port; /* 0: a Unix socket */
    int         second_port; /* of the second address, if there is one */
    const char *path; /* of that */
    int         log;  /* its standard error */
} live;

/* Starts a server with these options and the handler of live_app.c. It listens on a port that the
 * system chooses unless options->listen says otherwise, and takes requests when this returns. */
live live_start(const nu_server_options *options);
/* With the PROXY protocol required from these. */
live live_start_behind(const char *const *balancers);
/* Sends a signal, waits for the end and gives the exit status; 128 + n for a signal. */
int live_stop(live *server, int number);
/* What it wrote to standard error so far. */
const char *live_log(const live *server);
/* Waits until the log holds `part`; false after five seconds. */
bool live_logs(const live *server, const char *part);

/* A connection; reads on it end after five seconds. */
int  live_connect(const live *server);
void live_send(int fd, const char *bytes);
void live_send_n(int fd, const char *bytes, size_t length);
/* Reads one response by its framing, and no more. "" when the connection ends before one. */
const char *live_response(int fd);
/* Reads until the server closes. */
const char *live_rest(int fd);
/* All of one exchange on a connection of its own: sends, reads one response, closes. */
const char *live_ask(const live *server, const char *request);
/* "GET <path>" with Host; the body of the answer. */
const char *live_get(const live *server, const char *path);
/* The same on an open connection, which stays open. */
const char *live_get_on(int fd, const char *path);

/* Milliseconds. */
int64_t live_clock(void);
void    live_pause(int ms);
/* Resident memory of a process in kB. */
long live_memory(pid_t pid);
/* The workers that `pid` has started: how many, at most `room` of them in `out`. */
size_t live_children(pid_t pid, pid_t *out, size_t room);

/* The routes that tests ask for, by path. */
nu_response *live_app(nu_request *req, void *ctx);
