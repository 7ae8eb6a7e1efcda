#include "runtime/fiber.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ambient.h"
#include "helper.h"
#include "runtime/sanitize.h"

static void nothing(void *arg)
{
    (void)arg;
}

static void start(void (*fn)(void *), void *arg)
{
    nu__fiber_start(nu__loop_current(), "test", nu_arena_current(), fn, arg);
}

/* ---- order ----------------------------------------------------------------------------------- */

struct speaker {
    words      *said;
    const char *word;
};

static void speak_twice(void *arg)
{
    struct speaker *speaker = arg;
    words_add(speaker->said, speaker->word);
    nu_yield();
    words_add(speaker->said, speaker->word);
}

FIBER_TEST(fibers_take_turns_in_the_order_of_their_start)
{
    words          said = {0};
    struct speaker a = {&said, "a"}, b = {&said, "b"}, c = {&said, "c"};
    start(speak_twice, &a);
    start(speak_twice, &b);
    start(speak_twice, &c);
    while (nu__loop_fibers(nu__loop_current()) > 1)
        nu_yield();
    CHECK_TEXT(said.text, "abcabc");
}

FIBER_TEST(a_wake_of_a_fiber_that_is_not_parked_does_nothing)
{
    int64_t before = nu_monotonic_us();
    nu__wake(nu__fiber_self());
    CHECK_EQ((int)nu__park_until(before + 5000), NU_WAKE_TIMEOUT);
    CHECK(nu_monotonic_us() >= before + 5000);
}

static void wake_it(void *arg)
{
    nu__wake(arg);
    nu__wake(arg);
}

FIBER_TEST(two_wakes_at_once_are_one)
{
    start(wake_it, nu__fiber_self());
    nu__park();
    CHECK_EQ((int)nu__park_until(nu_monotonic_us() + 1000), NU_WAKE_TIMEOUT);
}

FIBER_TEST(an_end_by_time_and_a_wake_in_one_tick_are_one_turn)
{
    int64_t until = nu_monotonic_us() + 2000;
    start(wake_it, nu__fiber_self());
    while (nu_monotonic_us() < until) {
    }
    nu_wake first = nu__park_until(until);
    CHECK(first == NU_WAKE_READY || first == NU_WAKE_TIMEOUT);
    int64_t before = nu_monotonic_us();
    CHECK_EQ((int)nu__park_until(before + 2000), NU_WAKE_TIMEOUT);
    CHECK(nu_monotonic_us() >= before + 2000);
}

/* ---- what each fiber has for itself ---------------------------------------------------------- */

static void keep_errno(void *arg)
{
    bool *kept = arg;
    errno = ENOTEMPTY;
    nu_yield();
    *kept = errno == ENOTEMPTY;
}

FIBER_TEST(errno_survives_a_wait)
{
    bool kept = false;
    start(keep_errno, &kept);
    nu_yield();
    errno = EBADF;
    nu_yield();
    nu_yield();
    CHECK(kept);
}

struct own {
    nu_arena *arena;
    bool      kept;
};

static void keep_arena(void *arg)
{
    struct own *own = arg;
    own->kept = nu_arena_current() == own->arena;
    nu_yield();
    own->kept = own->kept && nu_arena_current() == own->arena;
}

FIBER_TEST(each_fiber_has_its_arena)
{
    struct own own = {nu_arena_new(NULL, "own"), false};
    nu_arena  *before = nu_arena_current();
    nu__fiber_start(nu__loop_current(), "own", own.arena, keep_arena, &own);
    for (int i = 0; i < 4; i++) {
        nu_yield();
        CHECK(nu_arena_current() == before);
    }
    CHECK(own.kept);
    nu_arena_free(own.arena);
}

/* An XMM register stored to an unaligned stack is a crash; printf stores them all. */
static void use_vectors(void *arg)
{
    char                         text[64];
    _Alignas(32) volatile double numbers[4] = {1.5, 2.5, 3.5, 4.5};
    snprintf(text, sizeof text, "%.1f %.1f", numbers[0] * 2, sqrt(numbers[3] * 2));
    *(bool *)arg = strcmp(text, "3.0 3.0") == 0 && (uintptr_t)numbers % 32 == 0 &&
                   (uintptr_t)__builtin_frame_address(0) % 16 == 0;
}

FIBER_TEST(the_stack_is_aligned_at_entry)
{
    bool right = false;
    start(use_vectors, &right);
    nu_yield();
    nu_yield();
    CHECK(right);
}

/* ---- many ------------------------------------------------------------------------------------ */

struct crowd {
    size_t   parked, woken;
    nu_queue queue;
};

static void stand_in_line(void *arg)
{
    struct crowd *crowd = arg;
    crowd->parked++;
    if (nu__queue_wait(&crowd->queue, NU__FOREVER) == NU_WAKE_READY)
        crowd->woken++;
}

#if defined(NU__TSAN)
#define CROWD 5000 /* ThreadSanitizer follows 8128 at most */
#else
#define CROWD 10000
#endif

FIBER_TEST(ten_thousand_fibers_wait_at_once)
{
    struct crowd crowd = {0};
    const size_t count = CROWD;
    for (size_t i = 0; i < count; i++)
        start(stand_in_line, &crowd);
    while (crowd.parked < count)
        nu_yield();
    CHECK_EQ(nu__loop_fibers(nu__loop_current()), count + 1);
    nu__queue_wake_all(&crowd.queue);
    while (nu__loop_fibers(nu__loop_current()) > 1)
        nu_yield();
    CHECK_EQ(crowd.woken, count);
}

FIBER_TEST(stacks_are_used_again)
{
    nu_fiber *first = nu__fiber_start(nu__loop_current(), "a", nu_arena_current(), nothing, NULL);
    nu_yield();
    nu_yield();
    nu_fiber *second = nu__fiber_start(nu__loop_current(), "b", nu_arena_current(), nothing, NULL);
    CHECK(first == second);
    CHECK_TEXT(nu__fiber_name_of(second), "b");
}

/* ---- errors ---------------------------------------------------------------------------------- */

static int catch_depth(int depth)
{
    volatile int caught = 0;
    NU_TRY {
        nu_yield();
        if (depth == 0)
            nu_raise(NU_NOT_FOUND, "bottom");
        caught = catch_depth(depth - 1);
        nu_yield();
        nu_raise(NU_VALUE_ERROR, "depth %d", depth);
    } NU_CATCH (error) {
        nu_yield();
        bool right = depth == 0 ? nu_error_is(error, NU_NOT_FOUND)
                                : strcmp(error->fact, nu_fmt("depth %d", depth)) == 0;
        caught = caught + (right ? 1 : -1000);
    }
    return caught;
}

static void catch_ten(void *arg)
{
    *(int *)arg = catch_depth(9);
}

FIBER_TEST(tries_of_many_fibers_interleave)
{
    int caught[50] = {0}, sum = 0;
    for (size_t i = 0; i < NU_COUNT(caught); i++)
        start(catch_ten, &caught[i]);
    while (nu__loop_fibers(nu__loop_current()) > 1)
        nu_yield();
    for (size_t i = 0; i < NU_COUNT(caught); i++)
        sum += caught[i];
    CHECK_EQ(sum, 500);
}

static int recurse(int depth)
{
    volatile char room[256];
    nu_check_stack();
    room[0] = (char)depth;
    return depth < 0 ? 0 : recurse(depth + 1) + room[0];
}

static void recurse_caught(void *arg)
{
    volatile bool *caught = arg;
    NU_TRY {
        recurse(0);
    } NU_CATCH (error) {
        *caught = nu_error_is(error, NU_ERROR);
    }
}

FIBER_TEST(endless_recursion_raises)
{
    volatile bool caught = false;
    start(recurse_caught, (void *)&caught);
    nu_yield();
    nu_yield();
    CHECK(caught);
}

static void deny(void *arg)
{
    nu_yield();
    nu_raise(NU_PERMISSION_DENIED, "no entry for %s", (char *)arg);
}

TEST(an_error_leaves_the_loop_it_was_raised_in)
{
    CHECK_RAISES(NU_PERMISSION_DENIED, nu__loop_call(NULL, deny, nu_fmt("you")));
    CHECK_TEXT(nu_test_error()->fact, "no entry for you");
}

/* ---- the guard ------------------------------------------------------------------------------- */

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    const char *name = nu__fiber_guard_hit(info->si_addr);
    _exit(name != NULL && strcmp(name, "GET /deep/") == 0 ? 42 : 43);
}

/* Without nu_check_stack, as a foreign library would. */
static __attribute__((noinline)) int overflow(int depth)
{
    volatile char room[1024];
    room[0] = (char)depth;
    return depth < 0 ? 0 : overflow(depth + 1) + room[0];
}

static void overflow_fiber(void *arg)
{
    *(int *)arg = overflow(0);
}

static void child_overflows(void)
{
    stack_t alternative = {.ss_size = 64 * 1024};
    alternative.ss_sp =
        mmap(NULL, alternative.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaltstack(&alternative, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    int      result = 0;
    nu_loop *loop = nu__loop_new(NULL);
    nu__fiber_start(loop, "GET /deep/", nu_arena_current(), overflow_fiber, &result);
    nu__loop_run(loop);
}

TEST(a_stack_that_overflows_hits_the_guard_of_its_fiber)
{
    pid_t pid = fork();
    if (pid == 0) {
        child_overflows();
        _exit(1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 42);
    CHECK(nu__fiber_guard_hit(&status) == NULL);
}

/* ---- outside --------------------------------------------------------------------------------- */

TEST(only_a_fiber_parks)
{
    CHECK(nu__fiber_self() == NULL);
    CHECK(nu__loop_current() == NULL);
    CHECK_TEXT(nu_fiber_name(), "main");
    CHECK_RAISES(NU_ASSERTION, nu__park());
}
