#include <string.h>

#include "base/ambient.h"
#include "helper.h"

struct child {
    int         wait_ms;
    const char *fail; /* raise with this fact */
    int         result;
    bool        cancelled;
    const char *text;
};

static void child_run(void *arg)
{
    struct child *child = arg;
    NU_TRY {
        nu_sleep_ms(child->wait_ms);
    } NU_CATCH (error) {
        child->cancelled = nu_error_is(error, NU_CANCELLED);
        nu_reraise(error);
    }
    if (child->fail != NULL)
        nu_raise(NU_VALUE_ERROR, "%s", child->fail);
    child->result = 7;
    child->text = nu_fmt("made after %d ms", child->wait_ms);
}

static void joins(void)
{
    struct child a = {.wait_ms = 3}, b = {.wait_ms = 1};
    nu_fiber    *first = nu_spawn(child_run, &a), *second = nu_spawn(child_run, &b);
    nu_join(first);
    nu_join(second);
    CHECK_EQ(a.result + b.result, 14);
    CHECK_TEXT(a.text, "made after 3 ms");
}

static void join_raises(void)
{
    struct child child = {.wait_ms = 1, .fail = "no luck"};
    nu_fiber    *fiber = nu_spawn(child_run, &child);
    CHECK_RAISES(NU_VALUE_ERROR, nu_join(fiber));
    CHECK_TEXT(nu_test_error()->fact, "no luck");
}

TEST(outside_the_loop_a_spawned_fiber_runs_at_once)
{
    joins();
    join_raises();
}

FIBER_TEST(join_waits_for_results)
{
    joins();
}

FIBER_TEST(join_raises_what_the_fiber_raised)
{
    join_raises();
}

FIBER_TEST(spawned_fibers_run_side_by_side)
{
    struct child children[100];
    nu_fiber    *fibers[100];
    int64_t      before = nu_monotonic_us();
    for (int i = 0; i < 100; i++) {
        children[i] = (struct child){.wait_ms = 20};
        fibers[i] = nu_spawn(child_run, &children[i]);
    }
    for (int i = 0; i < 100; i++)
        nu_join(fibers[i]);
    CHECK(nu_monotonic_us() - before < 1000 * NU_SECOND / 1000);
}

FIBER_TEST(cancel_ends_the_wait_of_a_fiber)
{
    struct child child = {.wait_ms = 60000};
    nu_fiber    *fiber = nu_spawn(child_run, &child);
    nu_yield();
    nu_cancel(fiber);
    CHECK_RAISES(NU_CANCELLED, nu_join(fiber));
    CHECK(child.cancelled);
}

FIBER_TEST(cancel_before_the_first_turn_is_not_lost)
{
    struct child child = {.wait_ms = 60000};
    nu_fiber    *fiber = nu_spawn(child_run, &child);
    nu_cancel(fiber);
    CHECK_RAISES(NU_CANCELLED, nu_join(fiber));
}

static struct child forgotten;
static void         forget(void *arg)
{
    (void)arg;
    forgotten = (struct child){.wait_ms = 60000};
    nu_spawn(child_run, &forgotten);
    nu_yield();
    nu_raise(NU_NOT_FOUND, "lost interest");
}

FIBER_TEST(a_fiber_that_ends_takes_its_children_along)
{
    nu_fiber *fiber = nu_spawn(forget, NULL);
    CHECK_RAISES(NU_NOT_FOUND, nu_join(fiber));
    CHECK(forgotten.cancelled);
    CHECK_EQ(nu__loop_fibers(nu__loop_current()), 1);
}

static void look_around(void *arg)
{
    struct nu_ambient *ambient = nu__ambient(), *seen = arg;
    *seen = *ambient;
}

FIBER_TEST(a_spawned_fiber_inherits_all_but_the_database)
{
    int                request = 0, database = 0;
    struct nu_ambient *ambient = nu__ambient(), seen = {0};
    ambient->request = &request;
    ambient->database = &database;
    ambient->language = "de";
    nu_join(nu_spawn(look_around, &seen));
    ambient->request = ambient->database = NULL;
    CHECK(seen.request == &request);
    CHECK(seen.database == NULL);
    CHECK_TEXT(seen.language, "de");
    CHECK(seen.fiber != ambient->fiber && seen.arena != ambient->arena);
    ambient->language = NULL;
}

/* ---- gather ---------------------------------------------------------------------------------- */

static void gather_all(void)
{
    struct child children[20] = {0};
    for (int i = 0; i < 20; i++)
        children[i].wait_ms = i % 3;
    nu_gather(child_run, children, NU_COUNT(children), sizeof children[0]);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(children[i].result, 7);
    nu_gather(child_run, NULL, 0, 1);
}

TEST(gather_works_outside_the_loop)
{
    gather_all();
}

FIBER_TEST(gather_waits_for_all)
{
    gather_all();
}

FIBER_TEST(gather_raises_the_first_error_at_once_and_cancels_the_others)
{
    struct child children[] = {{.wait_ms = 60000},
                               {.wait_ms = 2, .fail = "second"},
                               {.wait_ms = 30000, .fail = "third"},
                               {.wait_ms = 60000}};
    int64_t      before = nu_monotonic_us();
    CHECK_RAISES(NU_VALUE_ERROR, nu_gather(child_run, children, 4, sizeof children[0]));
    CHECK_TEXT(nu_test_error()->fact, "second");
    CHECK(children[0].cancelled && children[2].cancelled && children[3].cancelled);
    CHECK(nu_monotonic_us() - before < 10 * NU_SECOND);
    CHECK_EQ(nu__loop_fibers(nu__loop_current()), 1);
}

static void gather_long(void *arg)
{
    nu_gather(child_run, arg, 2, sizeof(struct child));
}

FIBER_TEST(cancel_of_a_gathering_fiber_reaches_what_it_gathers)
{
    struct child children[] = {{.wait_ms = 60000}, {.wait_ms = 60000}};
    nu_fiber    *fiber = nu_spawn(gather_long, children);
    nu_sleep_ms(1);
    nu_cancel(fiber);
    CHECK_RAISES(NU_CANCELLED, nu_join(fiber));
    CHECK(children[0].cancelled && children[1].cancelled);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

static int leave_early(int ms)
{
    NU_DEADLINE(60000) {
        if (ms == 0)
            return 5;
        nu_sleep_ms(ms);
        break;
    }
    return 6;
}

static void oversleep(int64_t ms)
{
    NU_DEADLINE(ms) {
        nu_sleep_ms(60000);
    }
}

static void fail_in_time(void)
{
    NU_DEADLINE(60000) {
        nu_raise(NU_NOT_FOUND, "not this");
    }
}

static void deadlines(void)
{
    CHECK_EQ(nu_deadline_left_ms(), INT64_MAX);
    CHECK_RAISES(NU_TIMEOUT, oversleep(3));
    CHECK_CONTAINS(nu_test_error()->fact, "while sleeping");
    CHECK_RAISES(NU_TIMEOUT, oversleep(0));
    CHECK_RAISES(NU_NOT_FOUND, fail_in_time());
    CHECK_EQ(leave_early(0), 5);
    CHECK_EQ(leave_early(1), 6);
    NU_DEADLINE(60000) {
        CHECK(nu_deadline_left_ms() > 50000 && nu_deadline_left_ms() <= 60000);
        CHECK_RAISES(NU_TIMEOUT, oversleep(3));
        nu_sleep_ms(1);
    }
    NU_DEADLINE(5) {
        CHECK_RAISES(NU_TIMEOUT, oversleep(60000)); /* the earlier one holds */
    }
    CHECK_EQ(nu_deadline_left_ms(), INT64_MAX);
}

TEST(deadlines_hold_outside_the_loop)
{
    deadlines();
}

FIBER_TEST(deadlines_hold_in_a_fiber)
{
    deadlines();
}

FIBER_TEST(a_deadline_holds_for_spawned_fibers)
{
    struct child child = {.wait_ms = 60000};
    nu_fiber *volatile fiber = NULL;
    NU_DEADLINE(3) {
        fiber = nu_spawn(child_run, &child);
    }
    CHECK_RAISES(NU_TIMEOUT, nu_join(fiber));
}

/* ---- a crowd --------------------------------------------------------------------------------- */

/* Requests that gather what waits for a database, which answers when it is told to. */
static struct {
    nu_queue line;
    int      inside, most;
    int      finished; /* gathers */
} base;

static void child_asks(void *item)
{
    (void)item;
    nu__crowd_join();
    base.inside++;
    base.most = base.inside > base.most ? base.inside : base.most;
    nu_wake wake = nu__queue_wait(&base.line, NU__FOREVER);
    base.inside--;
    nu__crowd_leave();
    nu__wake_check(wake, "waiting for the base");
}

static void gather_questions(void *order)
{
    char items[20];
    nu_gather(child_asks, items, sizeof items, 1);
    *(int *)order = ++base.finished;
}

FIBER_TEST(a_crowd_before_a_database_holds_up_further_gathers)
{
    enum { REQUESTS = 30 };
    nu_fiber *requests[REQUESTS];
    int       order[REQUESTS];
    memset(&base, 0, sizeof base);
    for (int i = 0; i < REQUESTS; i++)
        requests[i] = nu_spawn(gather_questions, &order[i]);
    nu_yield();
    CHECK(base.inside >= 100 && base.inside < 160);
    while (base.finished < REQUESTS) {
        nu__queue_wake(&base.line);
        nu_yield();
    }
    CHECK(base.most < 160);
    for (int i = 0; i < REQUESTS; i++) {
        nu_join(requests[i]);
        CHECK_EQ(order[i], i + 1);
    }
}

FIBER_TEST(a_gather_is_held_up_for_a_moment_only)
{
    nu_fiber *requests[8];
    int       order[8];
    memset(&base, 0, sizeof base);
    for (int i = 0; i < 8; i++)
        requests[i] = nu_spawn(gather_questions, &order[i]);
    nu_yield();
    CHECK_EQ(base.inside, 140);
    for (int waited = 0; base.inside < 160 && waited < 5000; waited++)
        nu_sleep_ms(1);
    CHECK_EQ(base.inside, 160);
    nu__queue_wake_all(&base.line);
    for (int i = 0; i < 8; i++)
        nu_join(requests[i]);
}

FIBER_TEST(a_gather_that_is_held_up_can_be_cancelled)
{
    nu_fiber *requests[8];
    int       order[8] = {0};
    memset(&base, 0, sizeof base);
    for (int i = 0; i < 8; i++)
        requests[i] = nu_spawn(gather_questions, &order[i]);
    nu_yield();
    nu_cancel(requests[7]);
    CHECK_RAISES(NU_CANCELLED, nu_join(requests[7]));
    nu_cancel(requests[0]);
    CHECK_RAISES(NU_CANCELLED, nu_join(requests[0]));
    CHECK_EQ(base.inside, 120);
    nu__queue_wake_all(&base.line);
    for (int i = 1; i < 7; i++)
        nu_join(requests[i]);
    CHECK_EQ(order[7] + order[0], 0);
}

struct turn {
    char *log;
    char  letter;
};

static void write_turn(void *item)
{
    struct turn *turn = item;
    turn->log[strlen(turn->log)] = turn->letter;
}

static void gather_turns(void *arg)
{
    struct turn *turns = arg;
    nu_gather(write_turn, turns, 2, sizeof *turns);
}

FIBER_TEST(what_a_fiber_gathers_has_its_turn_before_fibers_that_were_ready_earlier)
{
    char        log[8] = "";
    struct turn first[] = {{log, 'a'}, {log, 'b'}}, second[] = {{log, 'c'}, {log, 'd'}};
    struct turn other = {log, 'z'};
    nu_fiber   *fibers[] = {nu_spawn(gather_turns, first), nu_spawn(gather_turns, second),
                            nu_spawn(write_turn, &other)};
    for (size_t i = 0; i < NU_COUNT(fibers); i++)
        nu_join(fibers[i]);
    CHECK_TEXT(log, "abcdz");
}
