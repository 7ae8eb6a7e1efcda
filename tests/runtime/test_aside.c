/* Stacks that are put aside while their fibers wait. */
#include <stdio.h>

#include "helper.h"
#include "nuages/arena.h"
#include "runtime/sanitize.h"

#if defined(NU__ASAN) || defined(NU__TSAN)
#define MOVES false
#else
#define MOVES true
#endif


struct waiting {
    nu_fiber   *fiber;
    const void *local;
    int         sum;
    bool        ended;
};

/* Keeps numbers in its stack over three waits. */
static void wait_with_numbers(void *arg)
{
    struct waiting *self = arg;
    volatile int    numbers[100];
    self->local = (const void *)(uintptr_t)numbers;
    for (int i = 0; i < 100; i++)
        numbers[i] = i;
    for (int i = 0; i < 3; i++) {
        nu__park();
        numbers[0]++;
    }
    for (int i = 0; i < 100; i++)
        self->sum += numbers[i];
    self->ended = true;
}

static void wait_with_much(void *arg)
{
    struct waiting *self = arg;
    volatile char   much[8192];
    self->local = (const void *)(uintptr_t)much; /* or clang keeps two bytes of it */
    much[0] = much[8191] = 1;
    nu__park();
    self->sum = much[0] + much[8191];
    self->ended = true;
}

static void start(struct waiting *other, void (*fn)(void *arg))
{
    other->fiber = nu__fiber_start(nu__loop_current(), "other", nu_arena_current(), fn, other);
    nu_yield();
}

static void wake(struct waiting *other)
{
    nu__wake(other->fiber);
    nu_yield();
}

FIBER_TEST(a_fiber_finds_its_stack_as_it_was_before_it_was_put_aside)
{
    struct waiting other = {0};
    start(&other, wait_with_numbers);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(nu__fiber_put_aside(other.fiber), MOVES);
        CHECK(!nu__fiber_put_aside(other.fiber)); /* it is */
        CHECK_EQ(nu__fiber_aside_hit(other.local) != NULL, MOVES);
        nu__fiber_trim(other.fiber);
        wake(&other);
        CHECK(nu__fiber_aside_hit(other.local) == NULL);
    }
    CHECK(other.ended);
    CHECK_EQ(other.sum, 99 * 100 / 2 + 3);
}

FIBER_TEST(a_stack_that_holds_much_stays_where_it_is)
{
    struct waiting other = {0};
    start(&other, wait_with_much);
    CHECK(!nu__fiber_put_aside(other.fiber));
    wake(&other);
    CHECK_EQ(other.sum, 2);
}

FIBER_TEST(pieces_of_memory_are_used_again)
{
    static struct waiting others[200];
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 200; i++) {
            others[i] = (struct waiting){0};
            start(&others[i], wait_with_numbers);
            nu__fiber_put_aside(others[i].fiber);
        }
        for (int i = 0; i < 200 * 3; i++)
            wake(&others[i % 200]);
        for (int i = 0; i < 200; i++)
            CHECK_EQ(others[i].sum, 99 * 100 / 2 + 3);
    }
}

static void nap(void *arg)
{
    (void)arg;
    nu_sleep_ms(60000);
}

static void wait_with_child(void *arg)
{
    struct waiting *self = arg;
    nu_spawn(nap, NULL);
    nu__park();
    self->ended = true;
}

FIBER_TEST(a_fiber_with_fibers_of_its_own_keeps_its_stack)
{
    struct waiting other = {0};
    start(&other, wait_with_child);
    CHECK(!nu__fiber_put_aside(other.fiber));
    CHECK(!nu__fiber_put_aside(nu__fiber_self())); /* it runs */
    wake(&other);
    CHECK(other.ended);
    nu_yield();
}

TEST(a_loop_with_stacks_put_aside_can_be_freed)
{
    nu_loop       *loop = nu__loop_new(NULL);
    struct waiting others[10] = {0};
    for (int i = 0; i < 10; i++)
        others[i].fiber =
            nu__fiber_start(loop, "parked", nu_arena_current(), wait_with_numbers, &others[i]);
    nu__loop_stop_async(loop);
    nu__loop_run(loop);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(nu__fiber_put_aside(others[i].fiber), MOVES);
    nu__loop_free(loop);
}
