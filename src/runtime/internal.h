/* What the files of runtime/ share. */
#pragma once

#include <stdatomic.h>

#include "base/ambient.h"
#include "runtime/fiber.h"
#include "runtime/sanitize.h"
#include "runtime/stack.h"

typedef enum nu_fiber_state {
    NU_FIBER_READY, /* in a queue of the loop */
    NU_FIBER_RUNNING,
    NU_FIBER_PARKED,
    NU_FIBER_ENDED,
} nu_fiber_state;

/* The head of its stack. */
struct nu_fiber {
    nu_stack          stack;
    void             *saved; /* stack pointer while it does not run */
    nu_loop          *loop;
    nu_fiber         *next_ready;
    nu_fiber_state    state;
    nu_wake           wake;    /* why the last wait ended */
    bool              patient; /* parked by nu__park: only nu__wake ends it */
    bool              cancelled;
    bool              kept; /* spawned: the handle is valid until joined */
    bool              gathered;
    struct nu_ambient ambient;
    void (*fn)(void *arg);
    void           *arg;
    const char     *name;
    nu_timer        timer;
    nu_fiber       *next_live, **live_link; /* all fibers of the loop */
    nu_fiber       *parent, *children;      /* spawned and not joined */
    nu_fiber       *next_child, **child_link;
    nu_fiber       *joiner;
    nu_fiber       *line_next, *line_previous; /* sync.c */
    bool            in_line;
    const nu_error *error; /* what a spawned fiber let through */
    nu_sanitize     sanitize;
};

typedef struct nu_ready_list {
    nu_fiber *first, **last;
} nu_ready_list;

typedef struct nu_timers {
    struct nu_timer_slot *slots; /* a 4-ary heap */
    uint32_t              count, capacity;
    uint64_t              starts; /* tells which of two equal moments came first */
} nu_timers;

typedef struct nu_pool     nu_pool;
typedef struct nu_watchdog nu_watchdog;

#define NU__EVENTS 256 /* taken from the kernel at once */

struct nu_loop {
    /* what each switch touches */
    void              *saved; /* stack pointer of the loop while a fiber runs */
    nu_fiber          *running;
    struct nu_ambient *ambient; /* of the thread */
    _Atomic uint64_t   slice;   /* counts turns, for the watchdog */
    nu_ready_list      ready, yielded;
    nu_stacks          stacks;
    nu_fiber           thread; /* stands for the loop's own stack in ambient->fiber */

    nu_fiber    *live;
    size_t       fibers;
    size_t       crowd; /* of gathered fibers; see sync.c */
    nu_queue     crowd_line;
    nu_arena    *arena, *scratch;
    int64_t      now;
    nu_timers    timers;
    nu_timer     trim;
    nu_arena    *trimmed; /* whose spare blocks go back to the system, too */
    nu_hook     *hooks, **hooks_last;
    nu_hook     *ends; /* called when the loop is freed */
    int          epoll;
    bool         stopping, no_pwait2;
    _Atomic bool stop_wanted; /* by another thread */
    _Atomic bool idle;        /* waits for events */

    struct epoll_event *events; /* of this tick */
    int                 events_next, events_count;

    nu_watch           wakeup;   /* eventfd */
    _Atomic(nu_post *) posts;    /* newest first */
    nu_post           *received; /* taken from there, oldest first */
    nu_watch           signal_watch;
    nu_signal         *signals;
    struct nu_local   *locals;
    struct nu_child   *children; /* process.c */
    nu_signal          child_signal;

    nu_pool        *pool;
    nu_watchdog    *watchdog;
    nu_loop_options options;
};

/* As nu__watch_start, but false for what is always ready: a regular file. */
bool nu__watch_try(nu_loop *loop, nu_watch *watch, int fd, uint32_t events, nu_ready *ready);

/* The loop's main part calls into its neighbours: */
void nu__fibers_init(nu_loop *loop);
void nu__fibers_clear(nu_loop *loop);
/* Runs all fibers that are ready; those that yield wait for the next tick. */
void nu__fibers_run(nu_loop *loop);
/* What becomes ready from nu__ready_mark on, with no turn in between, goes to the front of the queue. */
nu_fiber **nu__ready_mark(nu_loop *loop);
void       nu__ready_first(nu_loop *loop, nu_fiber **mark);
bool nu__fibers_ready(const nu_loop *loop);
/* Gives back the stack of a fiber that ended. */
void nu__fiber_free(nu_fiber *fiber);
/* The running fiber or NULL; on the loop's own stack it raises: a callback cannot wait. */
nu_fiber *nu__fiber_waiting(void);
/* Has `fiber` run in the next tick; the caller then parks. */
void nu__fiber_yielded(nu_fiber *fiber);

/* Moment of the earliest timer, NU__FOREVER if there is none; and those due at loop->now. */
int64_t nu__timers_next(nu_timers *timers);
void    nu__timers_run(nu_loop *loop);

void nu__signals_clear(nu_loop *loop);
/* In a forked child: ordinary delivery again. */
void nu__signals_abandon(nu_loop *loop);

/* Ends the threads after their present jobs. */
void nu__pool_free(nu_pool *pool);

nu_watchdog *nu__watchdog_start(nu_loop *loop, int limit_ms);
void         nu__watchdog_stop(nu_watchdog *watchdog);
/* After an idle time the watchdog sleeps until told that there is something to watch. */
void nu__watchdog_rouse(nu_watchdog *watchdog);
