/* Child processes for a supervisor: start by fork, hear of the end, start again with patience, hand
 * over descriptors. */
#pragma once

#include <sys/types.h>

#include "runtime/loop.h"

typedef struct nu_child nu_child;

/* Filled by the caller, zero elsewhere, and kept in place while the child lives. */
struct nu_child {
    const char *role;                           /* "worker": shown by ps, at most 15 bytes */
    int (*run)(nu_child *child);                /* in the child: its exit code */
    void (*ended)(nu_child *child, int status); /* in the parent; `status` as from waitpid */
    void *data;                                 /* the caller's */

    pid_t   pid;     /* 0: not running. In the child: its own */
    int     channel; /* this side of a SOCK_SEQPACKET pair between parent and child, non-blocking */
    int64_t started; /* moment of nu_monotonic_us */
    nu_child *next;
};

/* Forks. The child leaves the parent's loop (signals that this listened to are delivered as usual
 * again), gets SIGTERM when its parent dies, calls `run` outside any loop, and exits; an error that
 * `run` lets through is logged and gives exit code 1. The parent hears of the end through the loop;
 * `ended` may start the child anew, and the channel is closed after it. Raises SystemError. */
void nu__child_start(nu_loop *loop, nu_child *child);
/* Sends a signal, if it still runs. */
void nu__child_signal(const nu_child *child, int number);
/* "exit code 3", "signal 11 (Segmentation fault), core dumped"; in the current arena. */
NU_RETURNS_NONNULL const char *nu__child_status_text(int status);

/* How long to wait before the next start of something that keeps dying: the first times at once,
 * then twice as long each time, up to `longest_ms`; a life of `calm_ms` forgets the past. */
typedef struct nu_backoff {
    int64_t first_ms;   /* 0: 50 */
    int64_t longest_ms; /* 0: 10000 */
    int64_t calm_ms;    /* 0: 10000 */
    int     failures;
} nu_backoff;

/* Milliseconds to wait, given that it lived for `lived_us`. The first failure gives 0. */
int64_t nu__backoff_next(nu_backoff *backoff, int64_t lived_us);

#define NU__FDS_MAX 16

/* Sends up to NU__FDS_MAX descriptors with a message of at least one byte over a Unix socket. Waits
 * for room. Raises SystemError. */
NU_WAITS void nu__fds_send(int socket, const void *message, size_t length, const int *fds,
                           size_t count);
/* Receives one message: its length (cut at `size`), 0 at the end of the stream. `*count` is the
 * room in `fds`, and then how many came; they are close-on-exec, and those without room are closed.
 * Waits. Raises SystemError. */
NU_WAITS size_t nu__fds_receive(int socket, void *message, size_t size, int *fds, size_t *count);
