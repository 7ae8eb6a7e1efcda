#include "runtime/fiber.h"

#include <errno.h>
#include <string.h>

#include "base/internal.h"
#include "nuages/log.h"
#include "nuages/time.h"
#include "runtime/internal.h"
#include "runtime/switch.h"

/* ---- the list of ready fibers ---------------------------------------------------------------- */

static void list_clear(nu_ready_list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

static void list_add(nu_ready_list *list, nu_fiber *fiber)
{
    fiber->next_ready = NULL;
    *list->last = fiber;
    list->last = &fiber->next_ready;
}

/* Moves what was added to the list behind `before` to its front. */
static void list_bring_forward(nu_ready_list *list, nu_fiber **before)
{
    nu_fiber *first = *before, *rest = list->first;
    if (first == NULL || before == &list->first)
        return;
    *before = NULL;
    *list->last = rest;
    list->first = first;
    list->last = before;
}

/* Moves all of `from` to the end of `to`. */
static void list_move(nu_ready_list *to, nu_ready_list *from)
{
    if (from->first == NULL)
        return;
    *to->last = from->first;
    to->last = from->last;
    list_clear(from);
}

static void make_ready(nu_fiber *fiber, nu_wake wake)
{
    fiber->state = NU_FIBER_READY;
    fiber->wake = wake;
    list_add(&fiber->loop->ready, fiber);
}

/* ---- switching ------------------------------------------------------------------------------- */

/* From the loop to a fiber, until it parks or ends. */
static void turn(nu_loop *loop, nu_fiber *fiber)
{
    if (NU_UNLIKELY(fiber->stack.aside != NULL))
        nu__stack_restore(&loop->stacks, &fiber->stack);
    fiber->state = NU_FIBER_RUNNING;
    loop->running = fiber;
    atomic_store_explicit(&loop->slice,
                          atomic_load_explicit(&loop->slice, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    nu__ambient_swap(&fiber->ambient);
    nu__sanitize_leave(&loop->thread.sanitize, &fiber->sanitize, 0);
    nu__switch(&loop->saved, fiber->saved);
    nu__sanitize_arrive(&loop->thread.sanitize, &fiber->sanitize);
    nu__ambient_swap(loop->ambient);
    loop->running = NULL;
    if (fiber->state == NU_FIBER_ENDED && !fiber->kept)
        nu__fiber_free(fiber);
}

/* From the running fiber back to the loop, until its next turn. */
static void leave(nu_fiber *fiber)
{
    nu_loop *loop = fiber->loop;
    int      error = errno;
    nu__sanitize_leave(&fiber->sanitize, &loop->thread.sanitize, 0);
    nu__switch(&fiber->saved, loop->saved);
    nu__sanitize_arrive(&fiber->sanitize, &loop->thread.sanitize);
    errno = error;
}

static void run_caught(nu_fiber *fiber)
{
    NU_TRY {
        fiber->fn(fiber->arg);
    }
    NU_CATCH (error) {
        if (fiber->kept)
            fiber->error = error;
        else if (!nu_error_is(error, NU_CANCELLED))
            nu_log_raised("fiber", error);
    }
}

/* The outermost function on a fiber's stack. */
static void entry(void *arg)
{
    nu_fiber *fiber = arg;
    nu__sanitize_arrive(&fiber->sanitize, &fiber->loop->thread.sanitize);
    run_caught(fiber);
    if (fiber->children != NULL)
        nu__fiber_settle();
    fiber->state = NU_FIBER_ENDED;
    if (fiber->joiner != NULL)
        nu__wake(fiber->joiner);
    nu__sanitize_leave(&fiber->sanitize, &fiber->loop->thread.sanitize, 1);
    nu__switch(&fiber->saved, fiber->loop->saved);
    __builtin_unreachable();
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void trim(nu_timer *timer)
{
    nu_loop *loop = timer->loop;
    bool     again = nu__stacks_trim(&loop->stacks);
    if (loop->trimmed != NULL && nu__arena_trim(loop->trimmed))
        again = true;
    if (again)
        nu__timer_start(loop, timer, loop->now + 2 * NU_SECOND, trim);
}

void nu__fiber_free(nu_fiber *fiber)
{
    nu_loop *loop = fiber->loop;
    *fiber->live_link = fiber->next_live;
    if (fiber->next_live != NULL)
        fiber->next_live->live_link = fiber->live_link;
    loop->fibers--;
    nu__sanitize_end(&fiber->sanitize);
    if (NU_UNLIKELY(fiber->stack.aside != NULL))
        nu__stack_restore(&loop->stacks, &fiber->stack);
    nu__stack_give(&loop->stacks, &fiber->stack);
    if (NU_UNLIKELY(loop->trim.place == 0 && !loop->stopping))
        nu__timer_start(loop, &loop->trim, loop->now + 2 * NU_SECOND, trim);
}

/* Clears the fiber but for the part that belongs to its stack. */
static void fiber_clear(nu_fiber *fiber)
{
    size_t kept = offsetof(nu_fiber, saved);
    memset((char *)fiber + kept, 0, sizeof *fiber - kept);
}

static void live_add(nu_loop *loop, nu_fiber *fiber)
{
    fiber->next_live = loop->live;
    fiber->live_link = &loop->live;
    if (loop->live != NULL)
        loop->live->live_link = &fiber->next_live;
    loop->live = fiber;
    loop->fibers++;
}

nu_fiber *nu__fiber_start(nu_loop *loop, const char *name, nu_arena *arena, void (*fn)(void *arg),
                          void *arg)
{
    nu_fiber *fiber = NU_CONTAINER(nu__stack_take(&loop->stacks), nu_fiber, stack);
    char     *limit = fiber->stack.limit;
    fiber_clear(fiber);
    fiber->loop = loop;
    fiber->name = name;
    fiber->fn = fn;
    fiber->arg = arg;
    fiber->ambient.fiber = fiber;
    fiber->ambient.arena = arena;
    fiber->ambient.stack_low = limit;
    fiber->saved = nu__switch_prepare(fiber->stack.top, entry, fiber);
    nu__sanitize_begin(&fiber->sanitize, limit, (size_t)(fiber->stack.top - limit));
    live_add(loop, fiber);
    make_ready(fiber, NU_WAKE_READY);
    return fiber;
}

nu_fiber *nu__fiber_self(void)
{
    nu_fiber *fiber = nu__ambient()->fiber;
    return fiber != NULL && fiber != &fiber->loop->thread ? fiber : NULL;
}

nu_fiber *nu__fiber_waiting(void)
{
    nu_fiber *fiber = nu__ambient()->fiber;
    if (NU_UNLIKELY(fiber != NULL && fiber == &fiber->loop->thread))
        nu_raise(NU_ASSERTION, "a callback of the loop cannot wait");
    return fiber;
}

void nu__fiber_rename(nu_fiber *fiber, const char *name)
{
    fiber->name = name;
}

const char *nu__fiber_name_of(const nu_fiber *fiber)
{
    return fiber->name;
}

const char *nu_fiber_name(void)
{
    nu_fiber *fiber = nu__fiber_self();
    return fiber != NULL && fiber->name != NULL ? fiber->name : "main";
}

struct nu_ambient *nu__fiber_ambient(nu_fiber *fiber)
{
    return &fiber->ambient;
}

const char *nu__fiber_guard_hit(const void *address)
{
    nu_fiber *fiber = nu__fiber_self();
    if (fiber == NULL)
        return NULL;
    const char *limit = fiber->stack.limit, *hit = address;
    if (hit >= limit || hit < limit - fiber->loop->stacks.guard)
        return NULL;
    return fiber->name != NULL ? fiber->name : "fiber";
}

const char *nu__fiber_aside_hit(const void *address)
{
    const nu_fiber *self = nu__fiber_self();
    const char     *hit = address;
    for (const nu_fiber *fiber = self ? self->loop->live : NULL; fiber; fiber = fiber->next_live)
        if (fiber->stack.aside != NULL && hit >= fiber->stack.limit && hit < fiber->stack.top)
            return fiber->name != NULL ? fiber->name : "fiber";
    return NULL;
}

/* ---- park and wake --------------------------------------------------------------------------- */

static nu_fiber *parking(void)
{
    nu_fiber *fiber = nu__fiber_waiting();
    if (NU_UNLIKELY(fiber == NULL))
        nu_raise(NU_ASSERTION, "only a fiber can be parked");
    return fiber;
}

void nu__park(void)
{
    nu_fiber *fiber = parking();
    fiber->state = NU_FIBER_PARKED;
    fiber->patient = true;
    leave(fiber);
}

static void out_of_time(nu_timer *timer)
{
    nu_fiber *fiber = NU_CONTAINER(timer, nu_fiber, timer);
    if (fiber->state == NU_FIBER_PARKED)
        make_ready(fiber, NU_WAKE_TIMEOUT);
}

nu_wake nu__park_until(int64_t until)
{
    nu_fiber *fiber = parking();
    until = nu__until(until);
    if (fiber->cancelled)
        return NU_WAKE_CANCELLED;
    if (until != NU__FOREVER)
        nu__timer_start(fiber->loop, &fiber->timer, until, out_of_time);
    fiber->state = NU_FIBER_PARKED;
    fiber->patient = false;
    leave(fiber);
    nu__timer_stop(&fiber->timer);
    return fiber->wake;
}

void nu__wake(nu_fiber *fiber)
{
    if (fiber->state != NU_FIBER_PARKED)
        return;
    make_ready(fiber, NU_WAKE_READY);
}

void nu__fiber_cancel(nu_fiber *fiber)
{
    fiber->cancelled = true;
    if (fiber->state == NU_FIBER_PARKED && !fiber->patient)
        make_ready(fiber, NU_WAKE_CANCELLED);
}

/* The lowest address that a parked fiber's frames use. */
static const char *lowest(const nu_fiber *fiber)
{
    enum { RED_ZONE = 128 };
    return (const char *)fiber->saved - RED_ZONE;
}

void nu__fiber_trim(nu_fiber *fiber)
{
    if (fiber->state == NU_FIBER_PARKED && fiber->stack.aside == NULL)
        nu__stack_trim(&fiber->stack, lowest(fiber));
}

bool nu__fiber_put_aside(nu_fiber *fiber)
{
    if (fiber->state != NU_FIBER_PARKED || fiber->children != NULL || fiber->stack.aside != NULL)
        return false;
    return nu__stack_put_aside(&fiber->loop->stacks, &fiber->stack, lowest(fiber));
}

void nu__fiber_yielded(nu_fiber *fiber)
{
    fiber->state = NU_FIBER_READY;
    list_add(&fiber->loop->yielded, fiber);
    leave(fiber);
}

/* ---- for the loop ---------------------------------------------------------------------------- */

void nu__fibers_init(nu_loop *loop)
{
    list_clear(&loop->ready);
    list_clear(&loop->yielded);
    nu__stacks_init(&loop->stacks, loop->arena, loop->options.stack_size, sizeof(nu_fiber));
}

void nu__fibers_clear(nu_loop *loop)
{
    while (loop->live != NULL)
        nu__fiber_free(loop->live);
    nu__stacks_clear(&loop->stacks);
}

/* A fiber woken by another runs in the same tick, which saves a look at the network; but two that
 * wake each other for ever must not keep the loop from it. */
#define TURNS_MAX 10000

void nu__fibers_run(nu_loop *loop)
{
    for (int turns = 0; loop->ready.first != NULL && turns < TURNS_MAX; turns++) {
        nu_fiber *fiber = loop->ready.first;
        loop->ready.first = fiber->next_ready;
        if (loop->ready.first == NULL)
            loop->ready.last = &loop->ready.first;
        turn(loop, fiber);
    }
    list_move(&loop->ready, &loop->yielded);
}

void nu__fiber_run(nu_fiber *fiber)
{
    nu_loop *loop = fiber->loop;
    if (loop->running != NULL || loop->ready.first != fiber || fiber->next_ready != NULL)
        return;
    list_clear(&loop->ready);
    turn(loop, fiber);
}

nu_fiber **nu__ready_mark(nu_loop *loop)
{
    return loop->ready.last;
}

void nu__ready_first(nu_loop *loop, nu_fiber **mark)
{
    list_bring_forward(&loop->ready, mark);
}

bool nu__fibers_ready(const nu_loop *loop)
{
    return loop->ready.first != NULL;
}
