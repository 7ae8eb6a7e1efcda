#include "runtime/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ambient.h"
#include "helper.h"

static struct {
    int status[8], ended;
    int restarts;
} seen;

static void note_end(nu_child *child, int status)
{
    seen.status[seen.ended++] = status;
    if (seen.restarts-- > 0)
        nu__child_start(nu__loop_current(), child);
}

static void wait_for_ends(int count)
{
    for (int i = 0; i < 5000 && seen.ended < count; i++)
        nu_sleep_ms(1);
    CHECK_EQ(seen.ended, count);
}

static int exit_three(nu_child *child)
{
    return child->pid == getpid() && nu__loop_current() == NULL && nu__fiber_self() == NULL ? 3 : 4;
}

static int raise_error(nu_child *child)
{
    (void)child;
    log_quietly(true);
    nu_raise(NU_VALUE_ERROR, "this child fails");
}

static int run_loop(nu_child *child)
{
    nu__loop_call(NULL, (void (*)(void *))child->data, NULL);
    return 0;
}

static int hang(nu_child *child)
{
    (void)child;
    nu_sleep_ms(60000);
    return 0;
}

static void sleep_little(void *arg)
{
    (void)arg;
    nu_sleep_ms(1);
}

FIBER_TEST(the_end_of_a_child_is_told_with_its_status)
{
    nu_child children[] = {
        {.role = "a", .run = exit_three, .ended = note_end},
        {.role = "b", .run = raise_error, .ended = note_end},
        {.role = "c", .run = run_loop, .ended = note_end, .data = (void *)sleep_little}};
    int expected[] = {3, 1, 0};
    for (size_t i = 0; i < NU_COUNT(children); i++) {
        memset(&seen, 0, sizeof seen);
        nu__child_start(nu__loop_current(), &children[i]);
        CHECK(children[i].pid > 0);
        wait_for_ends(1);
        CHECK(WIFEXITED(seen.status[0]));
        CHECK_EQ(WEXITSTATUS(seen.status[0]), expected[i]);
        CHECK_EQ(children[i].pid, 0);
    }
}

FIBER_TEST(a_killed_child_is_told_by_its_signal)
{
    memset(&seen, 0, sizeof seen);
    nu_child child = {.role = "worker", .run = hang, .ended = note_end};
    nu__child_start(nu__loop_current(), &child);
    nu__child_signal(&child, SIGTERM);
    wait_for_ends(1);
    CHECK_TEXT(nu__child_status_text(seen.status[0]), "signal 15 (Terminated)");
    nu__child_signal(&child, SIGTERM);
}

FIBER_TEST(a_child_may_be_started_anew_when_it_ended)
{
    memset(&seen, 0, sizeof seen);
    seen.restarts = 3;
    nu_child child = {.role = "worker", .run = exit_three, .ended = note_end};
    nu__child_start(nu__loop_current(), &child);
    wait_for_ends(4);
    CHECK_TEXT(nu__child_status_text(seen.status[3]), "exit code 3");
}

FIBER_TEST(many_children_that_end_at_once_are_all_told)
{
    memset(&seen, 0, sizeof seen);
    nu_child children[8];
    for (int i = 0; i < 8; i++) {
        children[i] = (nu_child){.role = "many", .run = exit_three, .ended = note_end};
        nu__child_start(nu__loop_current(), &children[i]);
    }
    wait_for_ends(8);
}

/* The child writes into the pipe that it is handed. */
static int write_to_given(nu_child *child)
{
    char   message[16];
    int    fds[2];
    size_t count = 2,
           length = nu__fds_receive(child->channel, message, sizeof message, fds, &count);
    if (count != 1 || length != 4)
        return 1;
    return write(fds[0], message, length) == 4 && (fcntl(fds[0], F_GETFD) & FD_CLOEXEC) ? 0 : 2;
}

FIBER_TEST(descriptors_are_handed_over)
{
    memset(&seen, 0, sizeof seen);
    int      fds[2];
    char     got[16] = "";
    nu_child child = {.role = "writer", .run = write_to_given, .ended = note_end};
    CHECK(pipe(fds) == 0);
    nu__child_start(nu__loop_current(), &child);
    nu__fds_send(child.channel, "ping", 4, &fds[1], 1);
    CHECK(nu_wait_readable(fds[0], 5000));
    CHECK(read(fds[0], got, sizeof got) == 4);
    CHECK_TEXT(got, "ping");
    wait_for_ends(1);
    CHECK_EQ(WEXITSTATUS(seen.status[0]), 0);
    close(fds[0]);
    close(fds[1]);
}

TEST(descriptors_without_room_are_closed)
{
    int    pair[2], fds[3] = {0, 1, 2}, got[1], closed;
    char   byte;
    size_t count = 1;
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    nu__fds_send(pair[0], "x", 1, fds, 3);
    closed = dup(0);
    close(closed);
    CHECK_EQ(nu__fds_receive(pair[1], &byte, 1, got, &count), 1);
    CHECK_EQ(count, 1);
    CHECK_EQ(got[0], closed);
    CHECK(fcntl(closed + 1, F_GETFD) < 0);
    close(got[0]);
    close(pair[0]);
    CHECK_EQ(nu__fds_receive(pair[1], &byte, 1, got, &count), 0);
    close(pair[1]);
}

TEST(what_keeps_dying_is_started_with_growing_patience)
{
    nu_backoff backoff = {.first_ms = 100, .longest_ms = 500, .calm_ms = 1000};
    int64_t    expected[] = {0, 100, 200, 400, 500, 500};
    for (size_t i = 0; i < NU_COUNT(expected); i++)
        CHECK_EQ(nu__backoff_next(&backoff, 5000), expected[i]);
    CHECK_EQ(nu__backoff_next(&backoff, 2 * NU_SECOND), 0);
    CHECK_EQ(nu__backoff_next(&backoff, 0), 100);
}
