/* The waits that applications use, on the loop and outside of it. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "nuages/time.h"
#include "runtime/internal.h"

/* ---- deadlines ------------------------------------------------------------------------------- */

int64_t nu__until(int64_t until)
{
    int64_t deadline = nu__ambient()->deadline;
    return deadline != 0 && deadline < until ? deadline : until;
}

int64_t nu__in_ms(int64_t timeout_ms)
{
    int64_t now = nu_monotonic_us();
    if (timeout_ms < 0 || timeout_ms > (NU__FOREVER - now) / 1000)
        return NU__FOREVER;
    return now + timeout_ms * 1000;
}

void nu__wake_check(nu_wake wake, const char *what)
{
    switch (wake) {
    case NU_WAKE_READY: return;
    case NU_WAKE_TIMEOUT: nu_raise(NU_TIMEOUT, "time ran out while %s", what);
    case NU_WAKE_CANCELLED: nu_raise(NU_CANCELLED, "cancelled while %s", what);
    }
}

int64_t nu_deadline_left_ms(void)
{
    int64_t deadline = nu__ambient()->deadline;
    if (deadline == 0)
        return INT64_MAX;
    int64_t left = deadline - nu_monotonic_us();
    return left > 0 ? (left + 999) / 1000 : 0;
}

int64_t nu_deadline_begin_(int64_t ms)
{
    struct nu_ambient *ambient = nu__ambient();
    int64_t            before = ambient->deadline;
    int64_t            until = nu__until(nu__in_ms(ms > 0 ? ms : 0));
    ambient->deadline = until == NU__FOREVER ? 0 : until;
    return before;
}

void nu_deadline_end_(nu_deadline_ *scope)
{
    nu_frame_leave_(&scope->frame);
    nu__ambient()->deadline = scope->before;
}

void nu_deadline_raise_(nu_deadline_ *scope)
{
    nu__ambient()->deadline = scope->before;
    nu_reraise(nu_caught_());
}

/* ---- outside the loop ------------------------------------------------------------------------ */

static struct timespec timespec_of(int64_t us)
{
    return (struct timespec){us / NU_SECOND, us % NU_SECOND * 1000};
}

/* Sleeps until a moment, in spite of signals. */
static void block_until(int64_t until)
{
    struct timespec moment = timespec_of(until);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL) == EINTR) {
    }
}

/* Waits for a descriptor with poll(). */
static nu_wake block_for(int fd, short events, int64_t until)
{
    for (;;) {
        struct pollfd   poll = {.fd = fd, .events = events};
        int64_t         left = until == NU__FOREVER ? 0 : until - nu_monotonic_us();
        struct timespec time = timespec_of(left > 0 ? left : 0);
        int             count = ppoll(&poll, 1, until == NU__FOREVER ? NULL : &time, NULL);
        if (count > 0)
            return NU_WAKE_READY;
        if (count < 0 && errno != EINTR)
            nu_raise(NU_SYSTEM_ERROR, "cannot wait for descriptor %d: %s", fd, strerror(errno));
        if (until != NU__FOREVER && nu_monotonic_us() >= until)
            return NU_WAKE_TIMEOUT;
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

void nu_yield(void)
{
    nu_fiber *fiber = nu__fiber_waiting();
    if (fiber == NULL)
        return;
    if (fiber->cancelled)
        nu__wake_check(NU_WAKE_CANCELLED, "working");
    nu__fiber_yielded(fiber);
}

void nu_sleep_us(int64_t us)
{
    if (us <= 0) {
        nu_yield();
        return;
    }
    int64_t now = nu_monotonic_us(), wanted = us < NU__FOREVER - now ? now + us : NU__FOREVER;
    int64_t until = nu__until(wanted);
    if (nu__fiber_waiting() == NULL)
        block_until(until);
    else if (nu__park_until(until) == NU_WAKE_CANCELLED)
        nu__wake_check(NU_WAKE_CANCELLED, "sleeping");
    if (until < wanted)
        nu__wake_check(NU_WAKE_TIMEOUT, "sleeping");
}

void nu_sleep_ms(int64_t ms)
{
    nu_sleep_us(ms < INT64_MAX / 1000 ? ms * 1000 : INT64_MAX);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

struct once {
    nu_watch  watch;
    nu_fiber *fiber;
};

static void once_ready(nu_watch *watch, uint32_t events)
{
    (void)events;
    nu__wake(NU_CONTAINER(watch, struct once, watch)->fiber);
}

/* Registered for this wait alone. */
static nu_wake park_for(nu_fiber *fiber, int fd, uint32_t event, int64_t until)
{
    struct once once = {.fiber = fiber};
    if (!nu__watch_try(fiber->loop, &once.watch, fd, event | EPOLLONESHOT, once_ready))
        return NU_WAKE_READY;
    nu_wake wake = nu__park_until(until);
    nu__watch_stop(&once.watch);
    return wake;
}

static bool wait_for(int fd, uint32_t event, int64_t timeout_ms, const char *what)
{
    nu_fiber *fiber = nu__fiber_waiting();
    int64_t   wanted = nu__in_ms(timeout_ms), until = nu__until(wanted);
    nu_wake   wake = fiber != NULL ? park_for(fiber, fd, event, until)
                                   : block_for(fd, event == EPOLLIN ? POLLIN : POLLOUT, until);
    if (wake == NU_WAKE_TIMEOUT && until == wanted)
        return false;
    nu__wake_check(wake, what);
    return true;
}

bool nu_wait_readable(int fd, int64_t timeout_ms)
{
    return wait_for(fd, EPOLLIN, timeout_ms, "waiting to read");
}

bool nu_wait_writable(int fd, int64_t timeout_ms)
{
    return wait_for(fd, EPOLLOUT, timeout_ms, "waiting to write");
}

/* ---- descriptors registered once ------------------------------------------------------------- */

static void io_ready(nu_watch *watch, uint32_t events)
{
    nu_io   *io = NU_CONTAINER(watch, nu_io, watch);
    uint32_t both = events & (EPOLLERR | EPOLLHUP) ? EPOLLIN | EPOLLOUT : 0;
    events |= both | (events & EPOLLRDHUP ? EPOLLIN : 0);
    io->seen |= events & (EPOLLIN | EPOLLOUT);
    if (io->reader != NULL && (io->seen & EPOLLIN))
        nu__wake(io->reader);
    if (io->writer != NULL && (io->seen & EPOLLOUT))
        nu__wake(io->writer);
}

#define IO_EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

void nu__io_start(nu_io *io, int fd)
{
    nu_loop *loop = nu__loop_current();
    *io = (nu_io){.fd = fd};
    if (loop != NULL)
        nu__watch_start(loop, &io->watch, fd, IO_EVENTS, io_ready);
}

void nu__io_stop(nu_io *io)
{
    nu__watch_stop(&io->watch);
}

nu_wake nu__io_wait(nu_io *io, uint32_t event, int64_t until, bool rearm)
{
    if (io->watch.loop == NULL)
        return block_for(io->fd, event == EPOLLIN ? POLLIN : POLLOUT, nu__until(until));
    nu_fiber **place = event == EPOLLIN ? &io->reader : &io->writer;
    nu_assert(*place == NULL);
    if (rearm) {
        io->seen &= ~event;
        nu__watch_change(&io->watch, IO_EVENTS);
    }
    nu_wake wake = NU_WAKE_READY;
    *place = nu__fiber_self();
    while (!(io->seen & event) && wake == NU_WAKE_READY)
        wake = nu__park_until(until);
    *place = NULL;
    io->seen &= ~event;
    return wake;
}
