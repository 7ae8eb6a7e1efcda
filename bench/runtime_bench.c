/* What fibers and timers cost, in nanoseconds: switch, spawn, timer, offload.
 * Prints one line each: name, cost, number of repetitions. */
#include <stdio.h>

#include "nuages/time.h"
#include "runtime/fiber.h"

static void print(const char *name, int64_t since, int64_t count)
{
    double ns = (double)(nu_monotonic_us() - since) * 1000 / (double)count;
    printf("%-44s %9.1f ns   x %lld\n", name, ns, (long long)count);
}

static void nothing(void *arg)
{
    (void)arg;
}

/* ---- switch ---------------------------------------------------------------------------------- */

#define TURNS 5000000

struct player {
    nu_fiber *other;
    int64_t   left;
};

/* Two fibers that wake each other: each turn is two switches, a wake and a park. */
static void play(void *arg)
{
    struct player *player = arg;
    while (player->left-- > 0) {
        nu__wake(player->other);
        nu__park();
    }
    nu__wake(player->other);
}

static void bench_turn(void)
{
    nu_loop      *loop = nu__loop_current();
    struct player a = {.left = TURNS}, b = {.left = TURNS};
    b.other = nu__fiber_start(loop, "a", nu_arena_current(), play, &a);
    a.other = nu__fiber_start(loop, "b", nu_arena_current(), play, &b);
    int64_t since = nu_monotonic_us();
    while (nu__loop_fibers(loop) > 1)
        nu_yield();
    print("turn of a fiber (wake, park, two switches)", since, 2 * TURNS);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

#define BATCH 64

static void bench_start(void)
{
    nu_loop      *loop = nu__loop_current();
    const int64_t count = 2000000;
    int64_t       since = nu_monotonic_us();
    for (int64_t i = 0; i < count / BATCH; i++) {
        for (int j = 0; j < BATCH; j++)
            nu__fiber_start(loop, "short", nu_arena_current(), nothing, NULL);
        nu_yield();
    }
    print("fiber: start, turn and end", since, count);
}

/* Many at once, whose stacks come from the pool. */
static void bench_create(void)
{
    nu_loop *loop = nu__loop_current();
    int64_t  spent = 0;
    for (int round = 0; round < 10000; round++) {
        int64_t since = nu_monotonic_us();
        for (int j = 0; j < 2 * BATCH; j++)
            nu__fiber_start(loop, "short", nu_arena_current(), nothing, NULL);
        spent += nu_monotonic_us() - since;
        nu_yield();
    }
    print("fiber: start alone", nu_monotonic_us() - spent, 10000 * 2 * BATCH);
}

static void bench_spawn(void)
{
    const int64_t count = 500000;
    int64_t       since = nu_monotonic_us();
    for (int64_t i = 0; i < count; i++) {
        nu_arena *scratch = nu_arena_new(nu_arena_current(), "scratch");
        nu_arena *before = nu_arena_enter(scratch);
        nu_join(nu_spawn(nothing, NULL));
        nu_arena_enter(before);
        nu_arena_free(scratch);
    }
    print("nu_spawn and nu_join with their arena", since, count);
}

/* ---- the rest -------------------------------------------------------------------------------- */

#define TIMERS 10000

static void never(nu_timer *timer)
{
    (void)timer;
}

/* The time-outs of ten thousand connections: set, moved on with every request, stopped. */
static void bench_timers(void)
{
    nu_loop        *loop = nu__loop_current();
    static nu_timer timers[TIMERS];
    int64_t         base = nu_monotonic_us() + NU_HOUR, since = nu_monotonic_us();
    for (int64_t i = 0; i < TIMERS; i++)
        nu__timer_start(loop, &timers[i], base + i * 7919 % 65537, never);
    print("timer started", since, TIMERS);
    since = nu_monotonic_us();
    for (int64_t i = 0; i < 100 * TIMERS; i++)
        nu__timer_start(loop, &timers[i % TIMERS], base + NU_HOUR + i, never);
    print("timer moved to later", since, 100 * TIMERS);
    since = nu_monotonic_us();
    for (int64_t i = 0; i < TIMERS; i++)
        nu__timer_stop(&timers[i * 7919 % TIMERS]);
    print("timer stopped", since, TIMERS);
}

static void bench_offload(void)
{
    const int64_t count = 50000;
    int64_t       since = nu_monotonic_us();
    for (int64_t i = 0; i < count; i++)
        nu_offload(nothing, NULL);
    print("nu_offload of nothing, one at a time", since, count);
}

static void bench_tick(void)
{
    const int64_t count = 500000;
    int64_t       since = nu_monotonic_us();
    for (int64_t i = 0; i < count; i++)
        nu_yield();
    print("tick of the loop with its system call", since, count);
}

static void run_all(void *arg)
{
    (void)arg;
    bench_turn();
    bench_create();
    bench_start();
    bench_spawn();
    bench_timers();
    bench_tick();
    bench_offload();
}

int main(void)
{
    nu__loop_call(NULL, run_all, NULL);
    return 0;
}
