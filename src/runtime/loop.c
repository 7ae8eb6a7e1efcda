#include "runtime/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/time.h"
#include "runtime/internal.h"

static NU_COLD NU_NORETURN void fail(const char *what)
{
    nu_raise(NU_SYSTEM_ERROR, "cannot %s: %s", what, strerror(errno));
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static int control(nu_watch *watch, int operation)
{
    struct epoll_event event = {.events = watch->events, .data.ptr = watch};
    return epoll_ctl(watch->loop->epoll, operation, watch->fd, &event) == 0 ? 0 : errno;
}

static NU_COLD NU_NORETURN void cannot_watch(const nu_watch *watch, int error)
{
    nu_raise(NU_SYSTEM_ERROR, "cannot watch descriptor %d: %s", watch->fd,
             error == EEXIST ? "it is watched already" : strerror(error));
}

bool nu__watch_try(nu_loop *loop, nu_watch *watch, int fd, uint32_t events, nu_ready *ready)
{
    *watch = (nu_watch){.loop = loop, .fd = fd, .events = events, .ready = ready};
    int error = control(watch, EPOLL_CTL_ADD);
    if (error == 0)
        return true;
    watch->loop = NULL;
    if (error != EPERM)
        cannot_watch(watch, error);
    return false;
}

void nu__watch_start(nu_loop *loop, nu_watch *watch, int fd, uint32_t events, nu_ready *ready)
{
    if (!nu__watch_try(loop, watch, fd, events, ready))
        cannot_watch(watch, EPERM);
}

void nu__watch_change(nu_watch *watch, uint32_t events)
{
    watch->events = events;
    int error = control(watch, EPOLL_CTL_MOD);
    if (error != 0)
        cannot_watch(watch, error);
}

void nu__watch_stop(nu_watch *watch)
{
    nu_loop *loop = watch->loop;
    if (loop == NULL)
        return;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = loop->events_next; i < loop->events_count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
    watch->loop = NULL;
}

/* ---- posts from other threads ---------------------------------------------------------------- */

static void wake_up(nu_loop *loop)
{
    uint64_t one = 1;
    /* Full means that the loop has been told often enough. */
    if (write(loop->wakeup.fd, &one, sizeof one) < 0)
        return;
}

void nu__loop_post(nu_loop *loop, nu_post *post)
{
    nu_post *newest = atomic_load_explicit(&loop->posts, memory_order_relaxed);
    do
        post->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&loop->posts, &newest, post, memory_order_release,
                                                  memory_order_relaxed));
    if (newest == NULL)
        wake_up(loop);
}

/* Takes all posts and puts the oldest first. */
static nu_post *posts_take(nu_loop *loop)
{
    nu_post *newest = atomic_exchange_explicit(&loop->posts, NULL, memory_order_acquire);
    nu_post *oldest = NULL;
    while (newest != NULL) {
        nu_post *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

static void woken_up(nu_watch *watch, uint32_t events)
{
    nu_loop *loop = watch->loop;
    uint64_t count;
    (void)events;
    /* First the counter, then the list: a post that comes between them wakes us again. */
    if (read(watch->fd, &count, sizeof count) < 0)
        return;
    if (atomic_exchange(&loop->stop_wanted, false))
        loop->stopping = true;
    nu_post **last = &loop->received;
    while (*last != NULL)
        last = &(*last)->next;
    *last = posts_take(loop);
}

static void posts_run(nu_loop *loop)
{
    while (loop->received != NULL) {
        nu_post *post = loop->received;
        loop->received = post->next;
        post->run(post);
    }
}

/* ---- hooks at the end of a tick -------------------------------------------------------------- */

void nu__tick_end(nu_loop *loop, nu_hook *hook)
{
    if (hook->link != NULL)
        return;
    hook->next = NULL;
    hook->link = loop->hooks_last;
    *loop->hooks_last = hook;
    loop->hooks_last = &hook->next;
    hook->loop = loop;
}

void nu__tick_forget(nu_hook *hook)
{
    if (hook->link == NULL)
        return;
    *hook->link = hook->next;
    if (hook->next != NULL)
        hook->next->link = hook->link;
    else
        hook->loop->hooks_last = hook->link;
    hook->link = NULL;
}

static void hooks_run(nu_loop *loop)
{
    /* A mark in the queue tells those asked for meanwhile, which wait for the next tick. */
    nu_hook end = {0};
    if (loop->hooks == NULL)
        return;
    nu__tick_end(loop, &end);
    while (loop->hooks != &end) {
        nu_hook *hook = loop->hooks;
        nu__tick_forget(hook);
        hook->run(hook);
    }
    nu__tick_forget(&end);
}

void nu__loop_end(nu_loop *loop, nu_hook *hook)
{
    if (hook->link != NULL)
        return;
    hook->loop = loop;
    hook->next = loop->ends;
    hook->link = &loop->ends;
    if (hook->next != NULL)
        hook->next->link = &hook->next;
    loop->ends = hook;
}

void nu__loop_end_forget(nu_hook *hook)
{
    if (hook->link == NULL)
        return;
    *hook->link = hook->next;
    if (hook->next != NULL)
        hook->next->link = hook->link;
    hook->link = NULL;
}

static void ends_run(nu_loop *loop)
{
    while (loop->ends != NULL) {
        nu_hook *hook = loop->ends;
        nu__loop_end_forget(hook);
        hook->run(hook);
    }
}

/* ---- the tick -------------------------------------------------------------------------------- */

/* Microseconds to wait for events; negative: until one comes. */
static int64_t patience(nu_loop *loop)
{
    if (nu__fibers_ready(loop) || loop->hooks != NULL || loop->received != NULL || loop->stopping)
        return 0;
    int64_t next = nu__timers_next(&loop->timers);
    if (next == NU__FOREVER)
        return -1;
    int64_t left = next - nu_monotonic_us();
    return left > 0 ? left : 0;
}

static int events_wait(nu_loop *loop, int64_t us)
{
    if (!loop->no_pwait2) {
        struct timespec time = {us / NU_SECOND, us % NU_SECOND * 1000};
        int             count =
            epoll_pwait2(loop->epoll, loop->events, NU__EVENTS, us < 0 ? NULL : &time, NULL);
        if (count >= 0 || errno != ENOSYS)
            return count;
        loop->no_pwait2 = true;
    }
    int64_t ms = us < 0 ? -1 : (us + 999) / 1000;
    return epoll_wait(loop->epoll, loop->events, NU__EVENTS, ms > INT32_MAX ? INT32_MAX : (int)ms);
}

static void events_take(nu_loop *loop)
{
    int64_t us = patience(loop);
    if (us != 0)
        atomic_store_explicit(&loop->idle, true, memory_order_relaxed);
    int count = events_wait(loop, us);
    loop->events_count = count > 0 ? count : 0;
    loop->events_next = 0;
    loop->now = nu_monotonic_us();
    atomic_fetch_add_explicit(&loop->slice, 1, memory_order_relaxed);
    if (us != 0)
        atomic_store_explicit(&loop->idle, false, memory_order_relaxed);
    if (loop->watchdog != NULL)
        nu__watchdog_rouse(loop->watchdog);
}

static void events_run(nu_loop *loop)
{
    while (loop->events_next < loop->events_count) {
        struct epoll_event *event = &loop->events[loop->events_next++];
        nu_watch           *watch = event->data.ptr;
        if (watch != NULL)
            watch->ready(watch, event->events);
    }
}

/* Each step goes on where a raise has left it in the tick before. */
static void tick(nu_loop *loop)
{
    if (loop->events_next == loop->events_count)
        events_take(loop);
    events_run(loop);
    posts_run(loop);
    nu__timers_run(loop);
    nu__fibers_run(loop);
    hooks_run(loop);
}

static void tick_caught(nu_loop *loop)
{
    NU_TRY {
        tick(loop);
    } NU_CATCH (error) {
        nu_log_raised("loop", error);
    }
    nu_arena_stats stats = nu_arena_statistics(loop->scratch);
    if (stats.used > 0 || stats.defers > 0)
        nu_arena_reset(loop->scratch);
}

void nu__loop_run(nu_loop *loop)
{
    struct nu_ambient *ambient = nu__ambient();
    if (ambient->fiber != NULL)
        nu_raise(NU_ASSERTION, "a loop runs on this thread already");
    if (loop->options.slice_limit_ms > 0 && loop->watchdog == NULL)
        loop->watchdog = nu__watchdog_start(loop, loop->options.slice_limit_ms);
    nu__sanitize_thread(&loop->thread.sanitize);
    loop->ambient = ambient;
    loop->stopping = false;
    ambient->fiber = &loop->thread;
    nu_arena *before = nu_arena_enter(loop->scratch);
    atomic_store(&loop->idle, false);
    while (!loop->stopping)
        tick_caught(loop);
    atomic_store(&loop->idle, true);
    nu_arena_enter(before);
    ambient->fiber = NULL;
}

void nu__loop_stop(nu_loop *loop)
{
    loop->stopping = true;
}

void nu__loop_stop_async(nu_loop *loop)
{
    atomic_store(&loop->stop_wanted, true);
    wake_up(loop);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static nu_loop_options options_complete(const nu_loop_options *given)
{
    nu_loop_options options = given != NULL ? *given : (nu_loop_options){0};
    if (options.pool_threads <= 0)
        options.pool_threads = 4;
    if (options.pool_queue <= 0)
        options.pool_queue = 256;
    if (options.stack_size == 0) {
#if defined(NU__ASAN) || defined(NU__TSAN)
        options.stack_size = 1024 * 1024;
#else
        options.stack_size = 256 * 1024;
#endif
    }
    return options;
}

static void descriptors_open(nu_loop *loop)
{
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        fail("make an epoll descriptor");
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) {
        close(loop->epoll);
        fail("make an eventfd");
    }
    nu__watch_start(loop, &loop->wakeup, fd, EPOLLIN, woken_up);
}

nu_loop *nu__loop_new(const nu_loop_options *options)
{
    nu_arena *arena = nu_arena_new(NULL, "loop");
    nu_loop  *loop = nu_arena_zalloc(arena, sizeof *loop);
    loop->arena = arena;
    loop->scratch = nu_arena_new(arena, "loop scratch");
    loop->events = nu_arena_array(arena, NU__EVENTS, sizeof *loop->events);
    loop->options = options_complete(options);
    loop->hooks_last = &loop->hooks;
    loop->thread.loop = loop;
    loop->now = nu_monotonic_us();
    atomic_store(&loop->idle, true);
    nu__fibers_init(loop);
    descriptors_open(loop);
    return loop;
}

void nu__loop_trims(nu_loop *loop, nu_arena *arena)
{
    loop->trimmed = arena;
}

/* ---- what belongs to a loop ------------------------------------------------------------------ */

typedef struct nu_local {
    struct nu_local *next;
    const void      *key;
    void            *object;
    void (*clear)(void *object);
} nu_local;

void *nu__loop_local(nu_loop *loop, const void *key, size_t size, void (*clear)(void *object))
{
    for (nu_local *local = loop->locals; local != NULL; local = local->next) {
        if (local->key == key)
            return local->object;
    }
    nu_local *local = nu_arena_alloc(loop->arena, sizeof *local);
    *local = (nu_local){loop->locals, key, nu_arena_zalloc(loop->arena, size), clear};
    loop->locals = local;
    return local->object;
}

static void locals_clear(nu_loop *loop)
{
    for (nu_local *local = loop->locals; local != NULL; local = local->next) {
        if (local->clear != NULL)
            local->clear(local->object);
    }
    loop->locals = NULL;
}

/* ---- the end of a loop ----------------------------------------------------------------------- */

void nu__loop_free(nu_loop *loop)
{
    if (loop == NULL)
        return;
    loop->stopping = true;
    locals_clear(loop);
    ends_run(loop);
    nu__watchdog_stop(loop->watchdog);
    nu__pool_free(loop->pool);
    nu__signals_clear(loop);
    nu__fibers_clear(loop);
    close(loop->wakeup.fd);
    close(loop->epoll);
    nu_arena_free(loop->arena);
}

void nu__loop_abandon(nu_loop *loop)
{
    nu__signals_abandon(loop);
    close(loop->wakeup.fd);
    close(loop->epoll);
    nu__ambient()->fiber = NULL;
}

struct call {
    nu_loop *loop;
    void (*fn)(void *arg);
    void           *arg;
    const nu_error *error;
};

static void call_run(void *arg)
{
    struct call *call = arg;
    NU_TRY {
        call->fn(call->arg);
    } NU_CATCH (error) {
        call->error = error;
    }
    nu__loop_stop(call->loop);
}

static void loop_free(void *loop)
{
    nu__loop_free(loop);
}

void nu__loop_call(const nu_loop_options *options, void (*fn)(void *arg), void *arg)
{
    if (nu__fiber_waiting() != NULL) {
        fn(arg);
        return;
    }
    nu_arena   *arena = nu_arena_current();
    nu_defer   *slot = nu_arena_defer(arena, loop_free, NULL);
    nu_loop    *loop = slot->arg = nu__loop_new(options);
    struct call call = {loop, fn, arg, NULL};
    nu__loop_trims(loop, arena);
    nu__fiber_start(loop, "main", arena, call_run, &call);
    nu__loop_run(loop);
    nu_arena_undefer(arena, slot);
    nu__loop_free(loop);
    if (call.error != NULL)
        nu_reraise(call.error);
}

nu_loop *nu__loop_current(void)
{
    const nu_fiber *fiber = nu__ambient()->fiber;
    return fiber != NULL ? fiber->loop : NULL;
}

int64_t nu__loop_now(const nu_loop *loop)
{
    return loop->now;
}

size_t nu__loop_fibers(const nu_loop *loop)
{
    return loop->fibers;
}
