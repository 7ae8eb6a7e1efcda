#include "runtime/loop.h"

#include <stdlib.h>
#include <unistd.h>

#include "helper.h"

#define COUNT 5000

struct clock_work {
    nu_timer timer;
    int64_t  wanted;
    size_t   number;
};

static struct {
    struct clock_work items[COUNT];
    size_t            fired[COUNT], count;
    size_t            until;
} work;

static void note(nu_timer *timer)
{
    struct clock_work *item = NU_CONTAINER(timer, struct clock_work, timer);
    work.fired[work.count++] = item->number;
    if (work.count == work.until)
        nu__loop_stop(timer->loop);
}

static void begin(size_t until)
{
    work.count = 0;
    work.until = until;
    for (size_t i = 0; i < COUNT; i++)
        work.items[i] = (struct clock_work){.number = i};
}

static void set(nu_loop *loop, size_t number, int64_t when)
{
    work.items[number].wanted = when;
    nu__timer_start(loop, &work.items[number].timer, when, note);
}

TEST(timers_fire_in_the_order_of_their_moments)
{
    nu_loop *loop = nu__loop_new(NULL);
    int64_t  now = nu_monotonic_us();
    begin(COUNT);
    srandom(1);
    for (size_t i = 0; i < COUNT; i++)
        set(loop, i, now + random() % 2000);
    nu__loop_run(loop);
    for (size_t i = 1; i < COUNT; i++) {
        const struct clock_work *a = &work.items[work.fired[i - 1]],
                                *b = &work.items[work.fired[i]];
        CHECK(a->wanted < b->wanted || (a->wanted == b->wanted && a->number < b->number));
    }
    CHECK(nu_monotonic_us() >= now + 1900);
    nu__loop_free(loop);
}

TEST(a_stopped_timer_does_not_fire)
{
    nu_loop *loop = nu__loop_new(NULL);
    int64_t  now = nu_monotonic_us();
    begin(COUNT / 2);
    srandom(2);
    for (size_t i = 0; i < COUNT; i++)
        set(loop, i, now + random() % 3000);
    for (size_t i = 0; i < COUNT; i += 2)
        nu__timer_stop(&work.items[i].timer);
    nu__timer_stop(&work.items[0].timer);
    nu__loop_run(loop);
    for (size_t i = 0; i < work.count; i++)
        CHECK_EQ(work.fired[i] % 2, 1);
    nu__loop_free(loop);
}

TEST(a_timer_started_anew_moves_to_earlier_and_to_later)
{
    nu_loop *loop = nu__loop_new(NULL);
    int64_t  now = nu_monotonic_us() + 100000; /* none is due before all are set */
    begin(4);
    set(loop, 0, now + 1000);
    set(loop, 1, now + 2000);
    set(loop, 2, now + 3000);
    set(loop, 3, now + 4000);
    set(loop, 0, now + 3500); /* later, twice */
    set(loop, 0, now + 5000);
    set(loop, 2, now + 1500); /* earlier */
    nu__loop_run(loop);
    size_t order[] = {2, 1, 3, 0};
    for (size_t i = 0; i < NU_COUNT(order); i++)
        CHECK_EQ(work.fired[i], order[i]);
    CHECK(nu_monotonic_us() >= now + 5000);
    nu__loop_free(loop);
}

static void stop_next(nu_timer *timer)
{
    struct clock_work *item = NU_CONTAINER(timer, struct clock_work, timer);
    nu__timer_stop(&item[1].timer);
    note(timer);
}

TEST(a_callback_may_stop_a_timer_due_in_the_same_tick)
{
    nu_loop *loop = nu__loop_new(NULL);
    int64_t  now = nu_monotonic_us();
    begin(2);
    nu__timer_start(loop, &work.items[0].timer, now, stop_next);
    set(loop, 1, now);
    set(loop, 2, now);
    nu__loop_run(loop);
    CHECK_EQ(work.fired[1], 2);
    nu__loop_free(loop);
}

static void again(nu_timer *timer)
{
    if (++work.count == work.until)
        nu__loop_stop(timer->loop);
    else
        nu__timer_start(timer->loop, timer, 0, again);
}

static bool seen_event;
static void see_event(nu_watch *watch, uint32_t events)
{
    (void)events;
    seen_event = work.count < work.until;
    nu__watch_stop(watch);
}

TEST(a_timer_that_starts_itself_for_now_does_not_hold_up_the_rest)
{
    nu_loop *loop = nu__loop_new(NULL);
    nu_watch watch = {0};
    nu_timer timer = {0};
    begin(100);
    seen_event = false;
    int fds[2];
    CHECK(pipe(fds) == 0);
    nu__watch_start(loop, &watch, fds[1], EPOLLOUT, see_event);
    nu__timer_start(loop, &timer, 0, again);
    nu__loop_run(loop);
    CHECK(seen_event);
    nu__loop_free(loop);
    close(fds[0]);
    close(fds[1]);
}
