/* Finds turns that hold the loop for too long, and shows where they are at that moment.
 *
 * A thread looks at the loop's count of turns every now and then. If the count stands still for the
 * limit while the loop is not waiting for events, the thread sends a signal to the loop's thread,
 * whose handler writes down its own stack, and logs it; when the turn is over it logs how long it
 * took. The loop itself pays a store a turn. When it has been idle for a while the watchdog sleeps,
 * and the loop rouses it with the next event. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/backtrace.h"
#include "nuages/log.h"
#include "nuages/time.h"
#include "runtime/internal.h"

/* Ignored by default and hardly used, so that one that comes late harms nobody. */
#define WATCHDOG_SIGNAL SIGURG

#define LOOKS_PER_LIMIT 4
#define IDLE_LOOKS      40 /* then sleep */

struct nu_watchdog {
    nu_loop         *loop;
    int64_t          limit; /* microseconds */
    pthread_t        thread, watched;
    sem_t            rouse;
    _Atomic bool     asleep, ending;
    _Atomic bool     wanted; /* the handler shall take the stack */
    _Atomic int      depth;  /* of the stack it took; -1: none yet */
    void            *stack[NU_STACK_DEPTH];
    char             name[96];
    struct sigaction before;
};

/* ---- in the signal handler, on the loop's thread --------------------------------------------- */

static void name_copy(char *out, size_t size, const char *name)
{
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < size; length++)
        out[length] = name[length];
    out[length] = '\0';
}

static void take_stack(int number)
{
    int             error = errno;
    const nu_fiber *fiber = nu__ambient()->fiber;
    nu_watchdog    *watchdog = fiber != NULL ? fiber->loop->watchdog : NULL;
    (void)number;
    if (watchdog != NULL && atomic_exchange(&watchdog->wanted, false)) {
        const nu_fiber *running = watchdog->loop->running;
        const char     *name = running == NULL ? "callback of the loop" : running->name;
        name_copy(watchdog->name, sizeof watchdog->name, name != NULL ? name : "fiber");
        atomic_store(&watchdog->depth, (int)nu__stack_capture(watchdog->stack, NU_STACK_DEPTH));
    }
    errno = error;
}

/* ---- in the watchdog's thread ---------------------------------------------------------------- */

static void pause_us(int64_t us)
{
    struct timespec time = {us / NU_SECOND, us % NU_SECOND * 1000};
    nanosleep(&time, NULL);
}

/* True once the handler has done its work. The thread may be in a system call that nothing
 * interrupts. */
static bool stack_asked_for(nu_watchdog *watchdog)
{
    atomic_store(&watchdog->depth, -1);
    atomic_store(&watchdog->wanted, true);
    pthread_kill(watchdog->watched, WATCHDOG_SIGNAL);
    for (int tries = 0; tries < 50 && atomic_load(&watchdog->depth) < 0; tries++)
        pause_us(1000);
    return !atomic_exchange(&watchdog->wanted, false) && atomic_load(&watchdog->depth) >= 0;
}

static void report(nu_watchdog *watchdog, int64_t us)
{
    bool      known = stack_asked_for(watchdog);
    nu_error *error = nu_error_new(NU_TIMEOUT, "\"%s\" has held the loop for %d ms",
                                   known ? watchdog->name : "?", (int)(us / 1000));
    error->hint = "Other requests wait meanwhile: offload it to a thread, or yield now and then.";
    error->depth = known ? atomic_load(&watchdog->depth) : 0;
    memcpy(error->stack, watchdog->stack, (size_t)error->depth * sizeof error->stack[0]);
    nu_log_raised("watchdog", error);
}

struct look {
    uint64_t slice;
    int64_t  since;
    bool     reported;
    int      idle;
};

static void look(nu_watchdog *watchdog, struct look *last)
{
    nu_loop *loop = watchdog->loop;
    int64_t  now = nu_monotonic_us();
    uint64_t slice = atomic_load_explicit(&loop->slice, memory_order_relaxed);
    bool     idle = atomic_load_explicit(&loop->idle, memory_order_relaxed);
    last->idle = idle && slice == last->slice ? last->idle + 1 : 0;
    if (idle || slice != last->slice) {
        if (last->reported)
            nu_warning("watchdog", "\"%s\" let the loop go on after about %d ms", watchdog->name,
                       (int)((now - last->since) / 1000));
        *last = (struct look){.slice = slice, .since = now, .idle = last->idle};
        return;
    }
    if (!last->reported && now - last->since >= watchdog->limit) {
        last->reported = true;
        report(watchdog, now - last->since);
    }
}

static void sleep_until_roused(nu_watchdog *watchdog)
{
    atomic_store(&watchdog->asleep, true);
    while (atomic_load(&watchdog->asleep) && !atomic_load(&watchdog->ending))
        sem_wait(&watchdog->rouse);
    atomic_store(&watchdog->asleep, false);
}

static void *watch(void *arg)
{
    nu_watchdog *watchdog = arg;
    nu_arena    *arena = nu_arena_new(NULL, "watchdog");
    struct look  last = {.since = nu_monotonic_us()};
    pthread_setname_np(pthread_self(), "watchdog");
    nu_arena_enter(arena);
    while (!atomic_load(&watchdog->ending)) {
        look(watchdog, &last);
        nu_arena_reset(arena);
        if (last.idle >= IDLE_LOOKS) {
            sleep_until_roused(watchdog);
            last = (struct look){.since = nu_monotonic_us()};
        }
        pause_us(watchdog->limit / LOOKS_PER_LIMIT);
    }
    nu_arena_free(arena);
    return NULL;
}

/* ---- for the loop ---------------------------------------------------------------------------- */

static void handler_install(nu_watchdog *watchdog)
{
    struct sigaction action = {.sa_handler = take_stack, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(WATCHDOG_SIGNAL, &action, &watchdog->before);
}

nu_watchdog *nu__watchdog_start(nu_loop *loop, int limit_ms)
{
    nu_watchdog *watchdog = nu_arena_zalloc(loop->arena, sizeof *watchdog);
    watchdog->loop = loop;
    watchdog->limit = limit_ms * (NU_SECOND / 1000);
    watchdog->watched = pthread_self();
    sem_init(&watchdog->rouse, 0, 0);
    /* The first unwinding loads a library, which the handler must not have to. The debug information
     * is left until there is something to show: reading it takes half a second and 20 MB. */
    void *pc[1];
    nu__stack_capture(pc, NU_COUNT(pc));
    handler_install(watchdog);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&watchdog->thread, NULL, watch, watchdog);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot start the watchdog: %s", strerror(error));
    return watchdog;
}

void nu__watchdog_stop(nu_watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    atomic_store(&watchdog->ending, true);
    sem_post(&watchdog->rouse);
    pthread_join(watchdog->thread, NULL);
    sigaction(WATCHDOG_SIGNAL, &watchdog->before, NULL);
    sem_destroy(&watchdog->rouse);
}

void nu__watchdog_rouse(nu_watchdog *watchdog)
{
    if (NU_UNLIKELY(atomic_load_explicit(&watchdog->asleep, memory_order_relaxed)) &&
        atomic_exchange(&watchdog->asleep, false))
        sem_post(&watchdog->rouse);
}
