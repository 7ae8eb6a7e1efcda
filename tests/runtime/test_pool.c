#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/ambient.h"
#include "helper.h"

struct work {
    int       number, result;
    bool      fail;
    pthread_t thread;
    char     *text;
};

static void work_run(void *arg)
{
    struct work *work = arg;
    work->thread = pthread_self();
    usleep(1000);
    if (work->fail)
        nu_raise(NU_INTEGRITY_ERROR, "work %d failed", work->number);
    work->text = nu_fmt("work %d", work->number);
    work->result = work->number * 2;
}

static void offload(void *arg)
{
    nu_offload(work_run, arg);
}

TEST(outside_the_loop_offloaded_work_just_runs)
{
    struct work work = {.number = 4};
    nu_offload(work_run, &work);
    CHECK_EQ(work.result, 8);
    CHECK(pthread_equal(work.thread, pthread_self()));
}

FIBER_TEST(offloaded_work_runs_in_another_thread)
{
    struct work work = {.number = 4};
    nu_offload(work_run, &work);
    CHECK_EQ(work.result, 8);
    CHECK(!pthread_equal(work.thread, pthread_self()));
    CHECK_TEXT(work.text, "work 4");
}

FIBER_TEST(an_error_of_offloaded_work_is_raised_in_the_caller)
{
    struct work work = {.number = 5, .fail = true};
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_offload(work_run, &work));
    CHECK_TEXT(nu_test_error()->fact, "work 5 failed");
    work.fail = false;
    nu_offload(work_run, &work);
    CHECK_EQ(work.result, 10);
}

static void many_works(void *unused)
{
    struct work works[200];
    (void)unused;
    for (int i = 0; i < 200; i++)
        works[i] = (struct work){.number = i};
    nu_gather(offload, works, NU_COUNT(works), sizeof works[0]);
    for (int i = 0; i < 200; i++) {
        CHECK_EQ(works[i].result, i * 2);
        CHECK_TEXT(works[i].text, nu_fmt("work %d", i));
    }
}

TEST(more_work_than_threads_and_room_waits_its_turn)
{
    nu__loop_call(&(nu_loop_options){.pool_threads = 3, .pool_queue = 5}, many_works, NULL);
}

static void note_id(void *arg)
{
    *(const char **)arg = nu__ambient()->request_id;
}

FIBER_TEST(log_lines_of_offloaded_work_carry_the_request)
{
    const char *seen = NULL;
    nu__ambient()->request_id = "r-17";
    nu_offload(note_id, &seen);
    nu__ambient()->request_id = NULL;
    CHECK_TEXT(seen, "r-17");
}

static void nothing(void *arg)
{
    (void)arg;
}

FIBER_TEST(offloading_much_leaves_no_memory_behind)
{
    nu_offload(nothing, NULL);
    size_t before = nu_arena_statistics(nu_arena_current()).defers;
    for (int i = 0; i < 100; i++)
        nu_offload(nothing, NULL);
    CHECK_EQ(nu_arena_statistics(nu_arena_current()).defers, before);
}
