#include "helper.h"

/* ---- a line ---------------------------------------------------------------------------------- */

struct person {
    nu_queue *queue;
    words    *said;
    char      name[2];
    int64_t   patience_us;
};

static void wait_in_line(void *arg)
{
    struct person *person = arg;
    int64_t        until = nu_monotonic_us() + person->patience_us;
    nu_wake        wake = nu__queue_wait(person->queue, until);
    words_add(person->said, wake == NU_WAKE_READY ? person->name : "-");
}

static void start(void (*fn)(void *), void *arg)
{
    nu__fiber_start(nu__loop_current(), "person", nu_arena_current(), fn, arg);
}

static void settle(void)
{
    while (nu__loop_fibers(nu__loop_current()) > 1)
        nu_sleep_ms(1);
}

FIBER_TEST(a_line_is_first_come_first_served)
{
    nu_queue      queue = {0};
    words         said = {0};
    struct person people[] = {{&queue, &said, "a", NU_MINUTE},
                              {&queue, &said, "b", 1000},
                              {&queue, &said, "c", NU_MINUTE},
                              {&queue, &said, "d", 1000},
                              {&queue, &said, "e", NU_MINUTE}};
    for (size_t i = 0; i < NU_COUNT(people); i++)
        start(wait_in_line, &people[i]);
    nu_sleep_ms(5); /* b and d give up */
    CHECK(nu__queue_wake(&queue));
    nu_yield();
    CHECK(nu__queue_wake(&queue));
    nu_yield();
    CHECK(nu__queue_wake(&queue));
    CHECK(!nu__queue_wake(&queue));
    settle();
    CHECK_TEXT(said.text, "--ace");
}

TEST(a_line_outside_the_loop_would_never_move)
{
    nu_queue queue = {0};
    CHECK_RAISES(NU_ASSERTION, CHECK(nu__queue_wait(&queue, NU__FOREVER) == NU_WAKE_READY));
}

/* ---- mutex ----------------------------------------------------------------------------------- */

struct shared {
    nu_mutex     mutex;
    nu_condition condition;
    nu_semaphore semaphore;
    int          value, inside, most;
};

static void add_slowly(void *arg)
{
    struct shared *shared = arg;
    nu__mutex_lock(&shared->mutex);
    int seen = shared->value;
    nu_yield();
    shared->value = seen + 1;
    nu__mutex_unlock(&shared->mutex);
}

static void lock_in_time(struct shared *shared, int64_t ms)
{
    NU_DEADLINE(ms) {
        nu__mutex_lock(&shared->mutex);
    }
}

FIBER_TEST(a_mutex_keeps_others_out_over_a_wait)
{
    struct shared shared = {0};
    for (int i = 0; i < 100; i++)
        start(add_slowly, &shared);
    settle();
    CHECK_EQ(shared.value, 100);
    CHECK(nu__mutex_try(&shared.mutex));
    CHECK(!nu__mutex_try(&shared.mutex));
    CHECK_RAISES(NU_TIMEOUT, lock_in_time(&shared, 2));
    nu__mutex_unlock(&shared.mutex);
    nu__mutex_lock(&shared.mutex);
    nu__mutex_unlock(&shared.mutex);
    CHECK_RAISES(NU_ASSERTION, nu__mutex_unlock(&shared.mutex));
}

TEST(a_mutex_works_outside_the_loop)
{
    nu_mutex mutex = {0};
    nu__mutex_lock(&mutex);
    CHECK_RAISES(NU_ASSERTION, nu__mutex_lock(&mutex));
    nu__mutex_unlock(&mutex);
}

/* ---- condition ------------------------------------------------------------------------------- */

static void consume(void *arg)
{
    struct shared *shared = arg;
    nu__mutex_lock(&shared->mutex);
    while (shared->value == 0)
        nu__condition_wait(&shared->condition, &shared->mutex);
    shared->value--;
    shared->inside++;
    nu__mutex_unlock(&shared->mutex);
}

FIBER_TEST(a_condition_is_signalled_to_one_or_all)
{
    struct shared shared = {0};
    for (int i = 0; i < 5; i++)
        start(consume, &shared);
    nu_yield();
    shared.value = 1;
    nu__condition_signal(&shared.condition);
    nu_sleep_ms(1);
    CHECK_EQ(shared.inside, 1);
    shared.value = 4;
    nu__condition_broadcast(&shared.condition);
    settle();
    CHECK_EQ(shared.inside, 5);
}

static void signalled_in_time(struct shared *shared, int64_t ms)
{
    NU_DEADLINE(ms) {
        nu__condition_wait(&shared->condition, &shared->mutex);
    }
}

FIBER_TEST(a_condition_that_times_out_holds_the_mutex)
{
    struct shared shared = {0};
    nu__mutex_lock(&shared.mutex);
    CHECK_RAISES(NU_TIMEOUT, signalled_in_time(&shared, 2));
    CHECK(shared.mutex.locked);
    CHECK(shared.condition.queue.first == NULL);
}

/* ---- semaphore ------------------------------------------------------------------------------- */

static void enter(void *arg)
{
    struct shared *shared = arg;
    nu__semaphore_take(&shared->semaphore);
    if (++shared->inside > shared->most)
        shared->most = shared->inside;
    nu_sleep_us(100);
    shared->inside--;
    shared->value++;
    nu__semaphore_give(&shared->semaphore);
}

FIBER_TEST(a_semaphore_lets_so_many_in)
{
    struct shared shared = {.semaphore.permits = 3};
    for (int i = 0; i < 50; i++)
        start(enter, &shared);
    settle();
    CHECK_EQ(shared.value, 50);
    CHECK_EQ(shared.most, 3);
    CHECK_EQ(shared.semaphore.permits, 3);
    for (int i = 0; i < 3; i++)
        CHECK(nu__semaphore_try(&shared.semaphore));
    CHECK_EQ((int)nu__semaphore_take_until(&shared.semaphore, nu_monotonic_us() + 1000),
             NU_WAKE_TIMEOUT);
}
