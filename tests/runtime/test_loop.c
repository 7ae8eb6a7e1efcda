#include "runtime/loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"

/* ---- descriptors ----------------------------------------------------------------------------- */

struct ear {
    nu_watch    watch;
    int         heard;
    struct ear *other;
    int         fds[2];
};

static void ear_open(struct ear *ear)
{
    *ear = (struct ear){0};
    CHECK(pipe2(ear->fds, O_NONBLOCK) == 0);
}

static void ear_close(struct ear *ear)
{
    nu__watch_stop(&ear->watch);
    close(ear->fds[0]);
    close(ear->fds[1]);
}

static void hear_and_stop_other(nu_watch *watch, uint32_t events)
{
    struct ear *ear = NU_CONTAINER(watch, struct ear, watch);
    CHECK(events & EPOLLIN);
    ear->heard++;
    nu__watch_stop(&ear->other->watch);
    nu__loop_stop(watch->loop);
}

TEST(a_stopped_watch_hears_nothing_even_of_this_tick)
{
    nu_loop   *loop = nu__loop_new(NULL);
    struct ear a, b;
    ear_open(&a), ear_open(&b);
    a.other = &b, b.other = &a;
    nu__watch_start(loop, &a.watch, a.fds[0], EPOLLIN, hear_and_stop_other);
    nu__watch_start(loop, &b.watch, b.fds[0], EPOLLIN, hear_and_stop_other);
    CHECK(write(a.fds[1], "x", 1) == 1 && write(b.fds[1], "x", 1) == 1);
    nu__loop_run(loop);
    CHECK_EQ(a.heard + b.heard, 1);
    ear_close(&a), ear_close(&b);
    nu__loop_free(loop);
}

static void hear(nu_watch *watch, uint32_t events)
{
    (void)events;
    NU_CONTAINER(watch, struct ear, watch)->heard++;
}

FIBER_TEST(an_edge_is_told_once_and_again_when_asked)
{
    struct ear ear;
    ear_open(&ear);
    nu__watch_start(nu__loop_current(), &ear.watch, ear.fds[0], EPOLLIN | EPOLLET, hear);
    CHECK(write(ear.fds[1], "x", 1) == 1);
    for (int i = 0; i < 5; i++)
        nu_yield();
    CHECK_EQ(ear.heard, 1);
    nu__watch_change(&ear.watch, EPOLLIN | EPOLLET);
    for (int i = 0; i < 5; i++)
        nu_yield();
    CHECK_EQ(ear.heard, 2);
    ear_close(&ear);
}

FIBER_TEST(a_descriptor_is_watched_once)
{
    struct ear ear;
    nu_watch   second = {0};
    ear_open(&ear);
    nu__watch_start(nu__loop_current(), &ear.watch, ear.fds[0], EPOLLIN, hear);
    CHECK_RAISES(NU_SYSTEM_ERROR,
                 nu__watch_start(nu__loop_current(), &second, ear.fds[0], EPOLLIN, hear));
    CHECK_CONTAINS(nu_test_error()->fact, "watched already");
    nu__watch_stop(&second);
    CHECK_RAISES(NU_SYSTEM_ERROR, nu__watch_start(nu__loop_current(), &second, -1, EPOLLIN, hear));
    ear_close(&ear);
}

/* ---- callbacks that fail --------------------------------------------------------------------- */

static void hear_badly(nu_watch *watch, uint32_t events)
{
    hear(watch, events);
    nu__watch_stop(watch);
    nu_raise(NU_VALUE_ERROR, "this callback fails");
}

FIBER_TEST(the_loop_goes_on_after_a_callback_that_raises)
{
    struct ear ears[3];
    for (int i = 0; i < 3; i++) {
        ear_open(&ears[i]);
        nu__watch_start(nu__loop_current(), &ears[i].watch, ears[i].fds[0], EPOLLIN, hear_badly);
        CHECK(write(ears[i].fds[1], "x", 1) == 1);
    }
    log_quietly(true);
    nu_sleep_ms(2);
    log_quietly(false);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(ears[i].heard, 1);
        ear_close(&ears[i]);
    }
}

static int refused;

static void expect_refusal(void (*wait)(void))
{
    NU_TRY {
        wait();
    } NU_CATCH (error) {
        refused += nu_error_is(error, NU_ASSERTION);
    }
}

static void wait_in_callback(nu_timer *timer)
{
    refused = 0;
    expect_refusal(nu__park);
    expect_refusal(nu_yield);
    nu__loop_stop(timer->loop);
}

TEST(a_callback_cannot_wait)
{
    nu_timer timer = {0};
    nu_loop *loop = nu__loop_new(NULL);
    nu__timer_start(loop, &timer, 0, wait_in_callback);
    nu__loop_run(loop);
    nu__loop_free(loop);
    CHECK_EQ(refused, 2);
}

static void loop_in_fiber(void *arg)
{
    nu__loop_run(arg);
}

TEST(a_thread_runs_one_loop)
{
    nu_loop *loop = nu__loop_new(NULL);
    CHECK_RAISES(NU_ASSERTION, nu__loop_call(NULL, loop_in_fiber, loop));
    nu__loop_free(loop);
}

/* ---- hooks ----------------------------------------------------------------------------------- */

struct note {
    nu_hook hook;
    words  *said;
    char    word[2];
    int     again;
};

static void note_hook(nu_hook *hook)
{
    struct note *note = NU_CONTAINER(hook, struct note, hook);
    words_add(note->said, note->word);
    if (note->again-- > 0)
        nu__tick_end(hook->loop, hook);
}

FIBER_TEST(hooks_run_once_after_all_fibers_of_a_tick)
{
    words       said = {0};
    struct note a = {{.run = note_hook}, &said, "a", 1}, b = {{.run = note_hook}, &said, "b", 0},
                c = {{.run = note_hook}, &said, "c", 0};
    nu_loop *loop = nu__loop_current();
    nu__tick_end(loop, &a.hook);
    nu__tick_end(loop, &c.hook);
    nu__tick_end(loop, &b.hook);
    nu__tick_end(loop, &a.hook);
    nu__tick_forget(&c.hook);
    nu__tick_forget(&c.hook);
    words_add(&said, "1");
    nu_yield();
    words_add(&said, "2");
    nu_yield();
    words_add(&said, "3");
    nu_yield();
    CHECK_TEXT(said.text, "1ab2a3");
}

/* ---- other threads --------------------------------------------------------------------------- */

#define POSTS 1000

static struct {
    nu_loop *loop;
    struct message {
        nu_post post;
        int     number;
    } messages[4][POSTS];
    int  next[4], received;
    bool in_order;
} mail;

static void receive(nu_post *post)
{
    struct message *message = NU_CONTAINER(post, struct message, post);
    int             sender = message->number / POSTS;
    mail.in_order = mail.in_order && message->number % POSTS == mail.next[sender]++;
    if (++mail.received == 4 * POSTS)
        nu__loop_stop(mail.loop);
}

static void *send_all(void *arg)
{
    int sender = *(int *)arg;
    for (int i = 0; i < POSTS; i++) {
        mail.messages[sender][i] = (struct message){{.run = receive}, sender * POSTS + i};
        nu__loop_post(mail.loop, &mail.messages[sender][i].post);
    }
    return NULL;
}

TEST(posts_of_many_threads_arrive_in_order)
{
    pthread_t threads[4];
    int       senders[4] = {0, 1, 2, 3};
    mail.loop = nu__loop_new(NULL);
    mail.in_order = true;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, send_all, &senders[i]);
    nu__loop_run(mail.loop);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(mail.received, 4 * POSTS);
    CHECK(mail.in_order);
    nu__loop_free(mail.loop);
}

static void *stop_it(void *arg)
{
    nu__loop_stop_async(arg);
    return NULL;
}

TEST(another_thread_stops_the_loop)
{
    pthread_t thread;
    nu_loop  *loop = nu__loop_new(NULL);
    pthread_create(&thread, NULL, stop_it, loop);
    nu__loop_run(loop);
    pthread_join(thread, NULL);
    nu__loop_free(loop);
}

/* ---- signals --------------------------------------------------------------------------------- */

static int received[2];

static void count_first(nu_signal *signal)
{
    received[0]++;
    nu__signal_stop(signal);
}

static void count_second(nu_signal *signal)
{
    (void)signal;
    received[1]++;
}

static bool blocked(int number)
{
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, number) == 1;
}

FIBER_TEST(signals_reach_all_who_listen)
{
    nu_signal first = {0}, second = {0};
    received[0] = received[1] = 0;
    nu__signal_start(nu__loop_current(), &first, SIGUSR1, count_first);
    nu__signal_start(nu__loop_current(), &second, SIGUSR1, count_second);
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGUSR1);
        nu_sleep_ms(1);
    }
    CHECK_EQ(received[0], 1);
    CHECK_EQ(received[1], 3);
    CHECK(blocked(SIGUSR1));
    nu__signal_stop(&second);
    nu__signal_stop(&second);
    CHECK(!blocked(SIGUSR1));
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t scratch_used;
static void   use_scratch(nu_timer *timer)
{
    static int runs;
    scratch_used = nu_arena_statistics(nu_arena_current()).used;
    nu_alloc(1000);
    if (++runs == 50)
        nu__loop_stop(timer->loop);
    else
        nu__timer_start(timer->loop, timer, 0, use_scratch);
}

TEST(the_arena_of_callbacks_is_emptied_after_each_tick)
{
    nu_timer  timer = {0};
    nu_loop  *loop = nu__loop_new(NULL);
    nu_arena *before = nu_arena_current();
    nu__timer_start(loop, &timer, 0, use_scratch);
    nu__loop_run(loop);
    CHECK(nu_arena_current() == before);
    CHECK(scratch_used < 1000);
    nu__loop_free(loop);
}
