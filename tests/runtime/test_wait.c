#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"

static void pair_open(int fds[2])
{
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
}

static void pair_close(int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

/* ---- on the loop and outside ----------------------------------------------------------------- */

static void sleeps(void)
{
    int64_t before = nu_monotonic_us();
    nu_sleep_us(700);
    CHECK(nu_monotonic_us() - before >= 700);
    before = nu_monotonic_us();
    nu_sleep_ms(3);
    CHECK(nu_monotonic_us() - before >= 3000);
    nu_sleep_ms(0);
    nu_sleep_us(-5);
}

static bool readable_in_time(int fd, int64_t deadline_ms, int64_t timeout_ms)
{
    NU_DEADLINE(deadline_ms) {
        return nu_wait_readable(fd, timeout_ms);
    }
    return false;
}

static void waits_for_descriptors(void)
{
    int fds[2];
    pair_open(fds);
    CHECK(!nu_wait_readable(fds[0], 2));
    CHECK(!nu_wait_readable(fds[0], 0));
    CHECK(nu_wait_writable(fds[0], -1));
    CHECK(write(fds[1], "x", 1) == 1);
    CHECK(nu_wait_readable(fds[0], -1));
    CHECK(nu_wait_readable(fds[0], 0));
    CHECK_RAISES(NU_TIMEOUT, readable_in_time(fds[1], 2, -1));
    CHECK_RAISES(NU_TIMEOUT, readable_in_time(fds[1], 2, 60000));
    CHECK(!readable_in_time(fds[1], 60000, 2));
    close(fds[1]);
    fds[1] = -1;
    char byte;
    CHECK(read(fds[0], &byte, 1) == 1);
    CHECK(nu_wait_readable(fds[0], -1)); /* the end of the stream counts */
    close(fds[0]);
}

static void waits_on_io(bool rearm)
{
    int   fds[2];
    nu_io io;
    char  byte;
    pair_open(fds);
    nu__io_start(&io, fds[0]);
    CHECK_EQ((int)nu__io_wait(&io, EPOLLOUT, NU__FOREVER, rearm), NU_WAKE_READY);
    CHECK_EQ((int)nu__io_wait(&io, EPOLLIN, nu__in_ms(2), rearm), NU_WAKE_TIMEOUT);
    CHECK(write(fds[1], "xy", 2) == 2);
    for (int count = 0; count < 2;) {
        CHECK_EQ((int)nu__io_wait(&io, EPOLLIN, NU__FOREVER, rearm), NU_WAKE_READY);
        /* With rearm the rest may stay where it is. */
        while (read(fds[0], &byte, 1) == 1 && ++count < 2 && !rearm) {
        }
    }
    CHECK_EQ((int)nu__io_wait(&io, EPOLLIN, nu__in_ms(2), rearm) == NU_WAKE_TIMEOUT || !rearm,
             true);
    nu__io_stop(&io);
    nu__io_stop(&io);
    pair_close(fds);
}

TEST(sleep_blocks_outside_the_loop)
{
    sleeps();
}

FIBER_TEST(sleep_parks_the_fiber)
{
    sleeps();
}

TEST(descriptors_are_awaited_outside_the_loop)
{
    waits_for_descriptors();
}

FIBER_TEST(descriptors_are_awaited_in_a_fiber)
{
    waits_for_descriptors();
}

TEST(io_is_awaited_outside_the_loop)
{
    waits_on_io(false);
    waits_on_io(true);
}

FIBER_TEST(io_is_awaited_in_a_fiber)
{
    waits_on_io(false);
    waits_on_io(true);
}

static void waits_for_a_file(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    CHECK(nu_wait_readable(fd, -1));
    close(fd);
}

TEST(a_file_is_always_ready_outside_the_loop)
{
    waits_for_a_file();
}

FIBER_TEST(a_file_is_always_ready_in_a_fiber)
{
    waits_for_a_file();
}

/* ---- two sides ------------------------------------------------------------------------------- */

#define BYTES (1024 * 1024)

struct side {
    nu_io  io;
    size_t count;
    bool   wrong;
};

static void write_all(void *arg)
{
    struct side  *side = arg;
    unsigned char block[1000];
    while (side->count < BYTES) {
        size_t length = sizeof block < BYTES - side->count ? sizeof block : BYTES - side->count;
        for (size_t i = 0; i < length; i++)
            block[i] = (unsigned char)((side->count + i) % 251);
        ssize_t done = write(side->io.fd, block, length);
        if (done > 0)
            side->count += (size_t)done;
        else if (nu__io_wait(&side->io, EPOLLOUT, NU__FOREVER, false) != NU_WAKE_READY)
            return;
    }
}

static void read_all(void *arg)
{
    struct side  *side = arg;
    unsigned char block[777];
    while (side->count < BYTES) {
        ssize_t length = read(side->io.fd, block, sizeof block);
        for (ssize_t i = 0; i < length; i++)
            side->wrong = side->wrong || block[i] != side->count++ % 251;
        if (length < 0 && nu__io_wait(&side->io, EPOLLIN, NU__FOREVER, false) != NU_WAKE_READY)
            return;
    }
}

FIBER_TEST(a_stream_passes_between_two_fibers)
{
    int         fds[2];
    struct side writer = {0}, reader = {0};
    pair_open(fds);
    nu__io_start(&writer.io, fds[0]);
    nu__io_start(&reader.io, fds[1]);
    nu_fiber *first = nu_spawn(write_all, &writer), *second = nu_spawn(read_all, &reader);
    nu_join(first);
    nu_join(second);
    CHECK_EQ(reader.count, BYTES);
    CHECK(!reader.wrong);
    nu__io_stop(&writer.io);
    nu__io_stop(&reader.io);
    pair_close(fds);
}

static void wait_readable(void *arg)
{
    nu_wait_readable(*(int *)arg, -1);
}

FIBER_TEST(a_cancelled_wait_frees_the_descriptor)
{
    int fds[2];
    pair_open(fds);
    nu_fiber *fiber = nu_spawn(wait_readable, &fds[0]);
    nu_yield();
    CHECK_RAISES(NU_SYSTEM_ERROR, nu_wait_readable(fds[0], 1));
    nu_cancel(fiber);
    CHECK_RAISES(NU_CANCELLED, nu_join(fiber));
    CHECK(!nu_wait_readable(fds[0], 1));
    pair_close(fds);
}
