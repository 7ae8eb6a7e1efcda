#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "nuages/log.h"

/* Keeps the processor busy, under a name that shows in the stack. */
__attribute__((noinline)) void spin_for_the_watchdog(int64_t ms);
__attribute__((noinline)) void spin_for_the_watchdog(int64_t ms)
{
    int64_t until = nu_monotonic_us() + ms * 1000;
    while (nu_monotonic_us() < until) {
    }
}

static void work(void *arg)
{
    (void)arg;
    nu__fiber_rename(nu__fiber_self(), "GET /slow/");
    for (int i = 0; i < 20; i++)
        nu_sleep_us(100);
    spin_for_the_watchdog(300);
    nu_sleep_ms(400); /* for the watchdog to say so */
}

/* What is logged while `fn` runs under a watchdog. */
static const char *logged(void (*fn)(void *))
{
    int fds[2];
    CHECK(pipe2(fds, O_NONBLOCK) == 0);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_WARNING, .fd = fds[1], .colour = -1});
    nu__loop_call(&(nu_loop_options){.slice_limit_ms = 20}, fn, NULL);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_INFO});
    char   *text = nu_alloc(16384);
    ssize_t length = read(fds[0], text, 16383);
    text[length > 0 ? length : 0] = '\0';
    close(fds[0]);
    close(fds[1]);
    return text;
}

TEST(a_turn_that_is_too_long_is_logged_with_its_stack)
{
    const char *text = logged(work);
    CHECK_CONTAINS(text, "\"GET /slow/\" has held the loop for");
    CHECK_CONTAINS(text, "spin_for_the_watchdog");
    CHECK_CONTAINS(text, "\"GET /slow/\" let the loop go on after");
}

static void block(void *arg)
{
    (void)arg;
    nu_sleep_ms(400); /* the watchdog falls asleep */
    usleep(200 * 1000);
    nu_sleep_ms(400); /* for the watchdog to say so */
}

TEST(a_turn_that_blocks_after_an_idle_time_is_logged)
{
    CHECK_CONTAINS(logged(block), "has held the loop for");
}

static void behave(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++)
        nu_sleep_ms(1);
}

TEST(short_turns_are_not_logged)
{
    CHECK_TEXT(logged(behave), "");
}
