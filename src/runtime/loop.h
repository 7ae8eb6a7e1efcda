/* The event loop: one per thread, readiness of descriptors by epoll, timers, signals, messages from
 * other threads, and the fibers that are ready to run.
 *
 * A tick:
 *      1  wait for events (not at all if a fiber is ready)
 *      2  callbacks: watches, posts from other threads, signals, timers that are due
 *      3  run ready fibers, in the order in which they became ready
 *      4  hooks asked for with nu__tick_end (a pipelined connection sends what fibers queued)
 *
 * Callbacks run on the loop's own stack with a scratch arena that is emptied after each tick. They
 * must not wait; one that raises is logged and the loop goes on. Fibers never run inside a
 * callback. All functions here belong to the loop's thread, except nu__loop_post and
 * nu__loop_stop_async.
 *
 * The structs below are owned by the caller, embedded in its own (NU_CONTAINER finds it),
 * zero-filled before the first use, and must stay in place from start to stop. */
#pragma once

#include <sys/epoll.h>

#include "nuages/arena.h"

typedef struct nu_loop nu_loop;

typedef struct nu_loop_options {
    int    pool_threads;   /* threads of nu_offload; 0: 4 */
    int    pool_queue;     /* jobs in the pool at once, further fibers wait; 0: 256 */
    size_t stack_size;     /* of a fiber, in bytes; 0: 256 KiB (1 MiB under sanitizers) */
    int    slice_limit_ms; /* log a fiber that runs longer without a wait; 0: do not look */
} nu_loop_options;

/* A new loop; `options` NULL: defaults. Raises SystemError. */
NU_RETURNS_NONNULL nu_loop *nu__loop_new(const nu_loop_options *options);
/* Freed blocks of `arena` and its relatives go back to the system when they are not needed for some
 * seconds. It has to live as long as the loop. */
void nu__loop_trims(nu_loop *loop, nu_arena *arena);

/* Frees a loop that does not run, and ends the pool's threads. Fibers that are left are dropped as
 * they stand: their defers do not run. NULL is allowed. */
void nu__loop_free(nu_loop *loop);

/* In a forked child: closes the parent's loop without touching what the two share, and makes the
 * calling code run outside of it. */
void nu__loop_abandon(nu_loop *loop);

/* Runs until nu__loop_stop, then returns at the end of that tick. */
void nu__loop_run(nu_loop *loop);
void nu__loop_stop(nu_loop *loop);
/* The same from another thread. */
void nu__loop_stop_async(nu_loop *loop);

/* Runs `fn(arg)` in a fiber on a loop of its own and returns when it has ended; raises what it
 * raised. For commands that want fibers, and for tests. `options` may be NULL. */
void nu__loop_call(const nu_loop_options *options, void (*fn)(void *arg), void *arg);

/* The loop that runs on this thread, NULL if none. */
nu_loop *nu__loop_current(void);

/* nu_monotonic_us() as of the beginning of this tick's callbacks: good enough for time-outs. */
int64_t nu__loop_now(const nu_loop *loop);

/* Fibers that have begun and not ended. */
size_t nu__loop_fibers(const nu_loop *loop);

/* ---- descriptors ----------------------------------------------------------------------------- */

typedef struct nu_watch nu_watch;
typedef void            nu_ready(nu_watch *watch, uint32_t events);

struct nu_watch {
    nu_loop  *loop; /* NULL: not started */
    int       fd;
    uint32_t  events;
    nu_ready *ready;
};

/* Calls `ready` whenever one of `events` (EPOLLIN, EPOLLOUT, EPOLLRDHUP, with EPOLLET: once per
 * change) happens; errors and hang-ups always count. A descriptor may be watched once. Raises
 * SystemError. */
void nu__watch_start(nu_loop *loop, nu_watch *watch, int fd, uint32_t events, nu_ready *ready);
/* Changes the events. With the same ones it asks the kernel again: an edge is reported anew. */
void nu__watch_change(nu_watch *watch, uint32_t events);
/* `ready` is not called any more, not even for an event of this tick. Call it before close(fd).
 * Does nothing when not started. */
void nu__watch_stop(nu_watch *watch);

/* ---- timers ---------------------------------------------------------------------------------- */

typedef struct nu_timer nu_timer;
typedef void            nu_due(nu_timer *timer);

struct nu_timer {
    nu_loop *loop;
    int64_t  when; /* moment of nu_monotonic_us at which it is due */
    nu_due  *due;
    uint64_t order; /* of starts */
    uint32_t place; /* in the heap, from 1; 0: not started, or due already */
};

/* Calls `due` once, at or soon after `when`; timers that are due together go in the order of their
 * moments, and of their start where these are equal. Starting a timer anew moves it; to a later
 * moment that costs a store, so a connection may push its time-out with every byte. */
void nu__timer_start(nu_loop *loop, nu_timer *timer, int64_t when, nu_due *due);
/* Does nothing when not started or due already. */
void nu__timer_stop(nu_timer *timer);

/* ---- the end of a tick ----------------------------------------------------------------------- */

typedef struct nu_hook nu_hook;
struct nu_hook {
    void (*run)(nu_hook *hook);
    nu_loop *loop;
    nu_hook *next, **link; /* link NULL: not queued */
};

/* Calls hook->run once at the end of this tick, after all ready fibers ran and before the loop
 * waits. Asking again before that changes nothing; a hook that asks while it runs gets the next
 * tick. */
void nu__tick_end(nu_loop *loop, nu_hook *hook);
void nu__tick_forget(nu_hook *hook);

/* Calls hook->run when the loop is freed, before its descriptors are closed: for what is watched by
 * the loop and may live longer. Not called in a child that abandons it. */
void nu__loop_end(nu_loop *loop, nu_hook *hook);
void nu__loop_end_forget(nu_hook *hook);

/* ---- what belongs to a loop ------------------------------------------------------------------ */

/* The object of `size` zero-filled bytes that this loop keeps under `key`, an address that stands for
 * its kind. It is made when first asked for; `clear` (NULL: none) is called before the loop is freed,
 * while watches and timers still work, and neither raises nor waits. A forked child that abandons the
 * loop calls no `clear`. */
NU_RETURNS_NONNULL void *nu__loop_local(nu_loop *loop, const void *key, size_t size,
                                        void (*clear)(void *object));

/* ---- other threads and signals --------------------------------------------------------------- */

typedef struct nu_post nu_post;
struct nu_post {
    void (*run)(nu_post *post);
    nu_post *next;
};

/* Has post->run called on the loop's thread. From any thread; not from a signal handler. */
void nu__loop_post(nu_loop *loop, nu_post *post);

typedef struct nu_signal nu_signal;
struct nu_signal {
    int number;
    void (*received)(nu_signal *signal);
    nu_loop   *loop; /* NULL: not started */
    nu_signal *next;
    bool       pending;
};

/* Calls `received` when the process gets the signal, which is blocked for ordinary delivery until
 * the last interest in it stops. Several may listen to one signal. Start before making threads. */
void nu__signal_start(nu_loop *loop, nu_signal *signal, int number, void (*received)(nu_signal *));
void nu__signal_stop(nu_signal *signal);
