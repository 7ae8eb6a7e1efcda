/* Fibers for the library itself: starting them, parking and waking, locks, and descriptors that
 * stay registered.
 *
 * A fiber stays on the thread of its loop. It runs until it parks or ends; the loop runs the ready
 * ones in the order in which they were woken. Each has an ambient state of its own
 * (base/ambient.h), swapped whole with the stack. errno survives a park. No lock of another kind
 * (pthread) may be held across one.
 *
 * A wait is a loop over its condition:
 *      while (!job.done)
 *          nu__park();
 * and whoever makes the condition true calls nu__wake. Waking a fiber that is not parked does
 * nothing, so a wake-up can be neither lost nor left over. */
#pragma once

#include "nuages/fiber.h"
#include "runtime/loop.h"

/* Starts `fn(arg)` in a new fiber on the loop, to run in this tick's turn of ready fibers. `arena`
 * is its current arena and stays the caller's; it must outlive the fiber. `name` is not copied. An
 * error that `fn` lets through is logged. The fiber's handle is valid until it has ended. Raises
 * OutOfMemory when no stack is to be had. */
NU_RETURNS_NONNULL nu_fiber *nu__fiber_start(nu_loop *loop, const char *name, nu_arena *arena,
                                             void (*fn)(void *arg), void *arg);

/* Gives a fiber that was just started its first turn at once, when it is the only one that is ready
 * and a callback of the loop asks. For a server with hundreds of requests in one tick: their stacks,
 * arenas and buffers are then used again one after the other while the cache still has them. The
 * callback holds nothing that the fiber may free. Otherwise the fiber keeps its place in the queue. */
void nu__fiber_run(nu_fiber *fiber);

/* The running fiber; NULL on the loop's own stack and outside loops. */
nu_fiber *nu__fiber_self(void);
/* `name` is not copied. */
void        nu__fiber_rename(nu_fiber *fiber, const char *name);
const char *nu__fiber_name_of(const nu_fiber *fiber);
/* The fiber's ambient state, to fill before its first turn (request, request_id, language ...). */
NU_RETURNS_NONNULL struct nu_ambient *nu__fiber_ambient(nu_fiber *fiber);
/* Gives back the memory that a parked fiber's stack has touched and does not need while it waits. */
void nu__fiber_trim(nu_fiber *fiber);
/* Keeps what a parked fiber's stack holds in as little memory as it needs, until its next turn:
 * some kilobytes less for each of many that wait for long. Nobody else may use its local variables
 * meanwhile, which only those who wrote its functions can know. False when nothing was done: it has
 * fibers of its own, its stack is too deep, or a sanitizer watches. Raises OutOfMemory. */
bool nu__fiber_put_aside(nu_fiber *fiber);
/* The fiber's present or next nu__park_until gives NU_WAKE_CANCELLED, and so do all that follow. */
void nu__fiber_cancel(nu_fiber *fiber);

/* Cancels and awaits the fibers that the running one spawned and did not join. The end of a fiber
 * does it; whoever drops an arena earlier, within the fiber, calls it before. Neither a deadline
 * nor a cancel ends this wait. Errors they let through are logged. */
NU_WAITS void nu__fiber_settle(void);

/* ---- park and wake --------------------------------------------------------------------------- */

typedef enum nu_wake {
    NU_WAKE_READY,     /* somebody called nu__wake */
    NU_WAKE_TIMEOUT,   /* the moment, or the deadline of the fiber, has come */
    NU_WAKE_CANCELLED, /* nu_cancel */
} nu_wake;

#define NU__FOREVER INT64_MAX

/* Waits for nu__wake, come what may: neither deadline nor cancel ends it. Raises AssertionError
 * when the caller is not a fiber. */
NU_WAITS void nu__park(void);
/* The same until a moment of nu_monotonic_us (NU__FOREVER: none), the deadline, or nu_cancel. The
 * caller takes its name off wherever others would wake it before it lets an error out. */
NU_WAITS NU_MUST_USE nu_wake nu__park_until(int64_t until);
/* Makes a parked fiber ready. From the same thread only. */
void nu__wake(nu_fiber *fiber);

/* Raises Timeout or Cancelled for what a wait gave; returns for NU_WAKE_READY. `what` completes
 * "time ran out while ...": "waiting for a connection". */
void nu__wake_check(nu_wake wake, const char *what);
/* The earlier of `until` and the deadline of the calling fiber or command. */
int64_t nu__until(int64_t until);
/* `timeout_ms` from now as a moment; negative: NU__FOREVER. */
int64_t nu__in_ms(int64_t timeout_ms);

/* ---- a crowd ------------------------------------------------------------------------------------ */

/* Around a wait for something that more waiters do not make faster: a database. While very many fibers
 * of nu_gather stand there, nu_gather starts no others for a moment (at most 100 ms): five thousand
 * stacks would be worked through without a cache, and the database is busy with a hundred. */
void nu__crowd_join(void);
void nu__crowd_leave(void);
/* Where nu_gather waits for its turn, first come, first served. Raises Cancelled. */
NU_WAITS void nu__crowd_pass(void);

/* ---- waiting in line: all first come, first served ------------------------------------------- */

typedef struct nu_queue {
    nu_fiber *first, *last;
} nu_queue; /* zero-filled: empty */

/* Joins the end of the line and waits to be let out. On anything but NU_WAKE_READY the caller has
 * left the line. Outside the loop, where nobody could let it out, raises AssertionError. */
NU_WAITS NU_MUST_USE nu_wake nu__queue_wait(nu_queue *queue, int64_t until);
/* How many stand in line. */
size_t nu__queue_length(const nu_queue *queue);
/* Lets the first out and makes it ready; false if the line is empty. */
bool nu__queue_wake(nu_queue *queue);
void nu__queue_wake_all(nu_queue *queue);

typedef struct nu_mutex {
    bool     locked;
    nu_queue queue;
} nu_mutex; /* zero-filled: free */

/* Raises Timeout and Cancelled. A raise does not unlock: defer or catch. */
NU_WAITS void nu__mutex_lock(nu_mutex *mutex);
bool          nu__mutex_try(nu_mutex *mutex);
/* Hands the lock to the first in line. */
void nu__mutex_unlock(nu_mutex *mutex);

typedef struct nu_condition {
    nu_queue queue;
} nu_condition;

/* Unlocks, waits for a signal, and locks again (also when it raises). */
NU_WAITS void nu__condition_wait(nu_condition *condition, nu_mutex *mutex);
void          nu__condition_signal(nu_condition *condition);
void          nu__condition_broadcast(nu_condition *condition);

typedef struct nu_semaphore {
    int64_t  permits;
    nu_queue queue;
} nu_semaphore;

NU_WAITS void nu__semaphore_take(nu_semaphore *semaphore);
/* The same with a moment to give up at; NU_WAKE_READY means taken. */
NU_WAITS NU_MUST_USE nu_wake nu__semaphore_take_until(nu_semaphore *semaphore, int64_t until);
bool                         nu__semaphore_try(nu_semaphore *semaphore);
void                         nu__semaphore_give(nu_semaphore *semaphore);

/* ---- descriptors that fibers read and write -------------------------------------------------- */

/* A non-blocking descriptor registered once, edge-triggered, for as long as it is open. One fiber
 * may wait to read and one to write. Use: read until EAGAIN, then wait, then read again. A library
 * that does not read until EAGAIN (libpq) passes `rearm`, which costs a system call a wait. */
typedef struct nu_io {
    nu_watch  watch;
    uint32_t  seen; /* events that nobody has waited for yet */
    nu_fiber *reader, *writer;
    int       fd;
} nu_io;

/* Outside the loop nothing is registered and waits use poll(). Raises SystemError. */
void nu__io_start(nu_io *io, int fd);
/* Call before close(). No fiber may wait any more. */
void nu__io_stop(nu_io *io);
/* Waits for EPOLLIN or EPOLLOUT; errors and hang-ups end it too. It may return too early, once. */
NU_WAITS NU_MUST_USE nu_wake nu__io_wait(nu_io *io, uint32_t event, int64_t until, bool rearm);

/* ---- for the crash handler ------------------------------------------------------------------- */

/* If `address` lies in the guard below the running fiber's stack, the name of the fiber, else NULL.
 * Safe in a signal handler, which must run on a stack of its own (sigaltstack). */
const char *nu__fiber_guard_hit(const void *address);
/* If `address` lies in a stack that was put aside, the name of its fiber, else NULL. As safe. */
const char *nu__fiber_aside_hit(const void *address);
