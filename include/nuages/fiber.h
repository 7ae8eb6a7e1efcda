/* Fibers: straight-line code that waits without holding anyone up.
 *
 * Every request and task runs in a fiber, a function with a stack of its own. When it waits (for
 * the database, a timer, another fiber, a slow client) the others run; when the wait is over it
 * goes on in the next line. Fibers of a worker share one thread and never run at the same time:
 * between two waits nobody else touches your data, so there is nothing to lock.
 *
 * What waits is declared NU_WAITS. In commands and tests, where no loop runs, the same functions
 * simply block. A function that would block the whole worker (heavy computing, a foreign library
 * that sleeps) goes through nu_offload. */
#pragma once

#include "nuages/error.h"

typedef struct nu_fiber nu_fiber;

/* ---- waiting --------------------------------------------------------------------------------- */

/* Waits for a time. Raises Timeout at the end of NU_DEADLINE and Cancelled after nu_cancel, as all
 * waits in this file do unless they say otherwise. 0 or less only lets others run, as nu_yield. */
NU_PUBLIC NU_WAITS void nu_sleep_ms(int64_t ms);
NU_PUBLIC NU_WAITS void nu_sleep_us(int64_t us);

/* Lets all others that are ready run first, and the network be looked at. For long computations. */
NU_PUBLIC NU_WAITS void nu_yield(void);

/* Waits until `fd` can be read from (written to) without blocking; an error or a hang-up counts as
 * that too. False when `timeout_ms` went by before; a negative one waits for ever. One fiber at a
 * time may wait for a descriptor. */
NU_PUBLIC NU_WAITS bool nu_wait_readable(int fd, int64_t timeout_ms);
NU_PUBLIC NU_WAITS bool nu_wait_writable(int fd, int64_t timeout_ms);

/* ---- other threads --------------------------------------------------------------------------- */

/* Calls `fn(arg)` in a thread of the pool while this fiber waits, for work that takes more than
 * about a millisecond: password hashes, name look-ups, large files. An error raised in `fn` is
 * raised here. `fn` may allocate (what it allocates lives as long as the caller's current arena)
 * but must not use the request, the database or anything else of the loop's thread. Neither a
 * deadline nor nu_cancel ends this wait, since `fn` may be using the caller's variables. */
NU_PUBLIC NU_WAITS void nu_offload(void (*fn)(void *arg), void *arg);

/* ---- several things at once ------------------------------------------------------------------ */

/* Starts `fn(arg)` in a fiber of its own, which runs when this one waits. It has an arena below the
 * caller's current one, so what it allocates outlives it, and begins with the caller's request,
 * language, zone and deadline. A fiber that ends first cancels and awaits the fibers it spawned
 * and did not join: nothing outlives the work it belongs to. Outside the loop `fn` runs at once.
 * TRAP: allocate `arg`, since a raise between here and nu_join would take a local variable away
 * while `fn` still uses it. nu_gather has no such trap. */
NU_PUBLIC NU_RETURNS_NONNULL nu_fiber *nu_spawn(void (*fn)(void *arg), void *arg);

/* Waits for a spawned fiber to end, and raises here what it raised. Only the fiber that spawned it
 * may join it, once; the handle is void afterwards. */
NU_PUBLIC NU_WAITS void nu_join(nu_fiber *fiber);

/* Makes the spawned fiber's present or next wait raise Cancelled. It is still to be joined. */
NU_PUBLIC void nu_cancel(nu_fiber *fiber);

/* Calls `fn` for each of the `count` items of `size` bytes, all at once, and returns when all are
 * done. When one raises, the others are cancelled and the first error is raised. While more than a
 * hundred gathered fibers of the worker wait for a database, it stands in line for up to 100 ms first.
 *      struct quote quotes[] = {{.shop = "a"}, {.shop = "b"}};
 *      nu_gather(fetch_quote, quotes, NU_COUNT(quotes), sizeof quotes[0]); */
NU_PUBLIC NU_WAITS void nu_gather(void (*fn)(void *item), void *items, size_t count, size_t size);

/* What the running fiber does, for logs and stacks: "GET /blog/". "main" outside fibers. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_fiber_name(void);

/* ---- deadlines ------------------------------------------------------------------------------- */

/* Gives a block a time to be done in; a wait in it that would go on past it raises Timeout:
 *      NU_DEADLINE(500) {
 *          quote = fetch_quote(id);
 *      }
 * Inside another deadline the earlier of the two holds. As with NU_TRY: `return` is fine, `break`
 * and `continue` leave only the block, and locals changed inside and read after a raise are
 * volatile. */
#define NU_DEADLINE(ms)                                                                            \
    NU_DEADLINE_(ms, NU_UNIQUE(nu_deadline_), NU_UNIQUE(nu_env_), NU_UNIQUE(nu_once_))

/* Milliseconds until the deadline that holds here: 0 if it has passed, INT64_MAX without one. */
NU_PUBLIC int64_t nu_deadline_left_ms(void);

/* How NU_DEADLINE works: a NU_TRY that raises again, and puts the former deadline back on every way
 * out. */
typedef struct nu_deadline_ {
    int64_t   before;
    nu_frame_ frame;
} nu_deadline_;
NU_PUBLIC int64_t          nu_deadline_begin_(int64_t ms);
NU_PUBLIC void             nu_deadline_end_(nu_deadline_ *scope);
NU_PUBLIC NU_NORETURN void nu_deadline_raise_(nu_deadline_ *scope);

#define NU_DEADLINE_(ms, scope, buffer, once)                                                      \
    for (sigjmp_buf buffer, *once = &buffer; once != NULL; once = NULL)                            \
        for (nu_deadline_ scope                                                                    \
             __attribute__((cleanup(nu_deadline_end_))) = {.before = nu_deadline_begin_(ms),       \
                                                          .frame.env = once};                      \
             nu_frame_begin_(&scope.frame);)                                                       \
            if (sigsetjmp(buffer, 0) != 0)                                                         \
                nu_deadline_raise_(&scope);                                                        \
            else
