/* Uploads on a disk that takes its time. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "nuages/fiber.h"
#include "nuages/request.h"
#include "nuages/test.h"
#include "nuages/upload.h"
#include "runtime/fiber.h"

enum { SLOW_MS = 20 };

static atomic_bool slow, full;
static atomic_int  writes, writes_on_the_loop;
static pid_t       loop_thread;

/* In the place of the C library's, for this whole program. */
ssize_t write(int fd, const void *bytes, size_t length)
{
    if (slow && fd > STDERR_FILENO && length > 8) {
        struct timespec time = {.tv_nsec = SLOW_MS * 1000000L};
        writes++;
        writes_on_the_loop += (pid_t)syscall(SYS_gettid) == loop_thread;
        nanosleep(&time, NULL);
        if (full) {
            errno = ENOSPC;
            return -1;
        }
    }
    return syscall(SYS_write, fd, bytes, length);
}

static nu_request *upload_of(size_t length)
{
    static const char            head[] = "--b\r\nContent-Disposition: form-data; name=\"f\"; "
                                          "filename=\"f.bin\"\r\n\r\n";
    static const char            tail[] = "\r\n--b--\r\n";
    static const nu_http_options options = {.max_file_memory = 100000};
    nu_builder                   body;
    nu_builder_init(&body, NULL, length + 200);
    nu_builder_puts(&body, head);
    for (size_t i = 0; i < length; i++)
        body.data[body.length + i] = (char)(i % 251);
    body.length += length;
    nu_builder_puts(&body, tail);
    nu_request *req = nu_request_new("POST", "/", &options);
    nu_request_set_body(req, "multipart/form-data; boundary=b", body.data, body.length);
    return req;
}

static bool ended;
static int  turns;

/* What the worker does for others. */
static void count_turns(void *unused)
{
    (void)unused;
    for (; !ended; turns++)
        nu_sleep_ms(1);
}

static void check_content(const nu_upload *upload, size_t length)
{
    const char *content = nu_upload_content(upload, length, NULL);
    for (size_t i = 0; i < length; i++)
        if (content[i] != (char)(i % 251))
            FAIL("byte %zu is wrong", i);
}

static void receive(void *unused)
{
    enum { SIZE = 3 << 20 };
    (void)unused;
    nu_request *request = upload_of(SIZE);
    nu_spawn(count_turns, NULL);
    slow = true;
    nu_upload *upload = nu_request_file(request, "f");
    slow = false;
    ended = true;
    CHECK(nu_upload_path(upload) != NULL);
    CHECK_EQ(nu_upload_size(upload), SIZE);
    check_content(upload, SIZE);
}

static void receive_in_vain(void *unused)
{
    (void)unused;
    slow = full = true;
    CHECK_RAISES(NU_SYSTEM_ERROR, nu_request_file(upload_of(3 << 20), "f"));
    slow = full = false;
    CHECK_CONTAINS(nu_test_error()->fact, "cannot write an uploaded file: No space left");
}

static void run(void (*fn)(void *))
{
    writes = writes_on_the_loop = turns = 0;
    ended = false;
    loop_thread = (pid_t)syscall(SYS_gettid);
    nu__loop_call(NULL, fn, NULL);
}

TEST(a_slow_disk_holds_up_nobody_else)
{
    run(receive);
    CHECK(writes >= 5);
    CHECK_EQ((int)writes_on_the_loop, 0);
    CHECK(turns >= writes * SLOW_MS / 4); /* others had their turns meanwhile */
}

TEST(a_full_disk_is_told)
{
    run(receive_in_vain);
    CHECK_EQ((int)writes_on_the_loop, 0);
}

TEST(what_is_just_too_large_for_memory_goes_to_a_file)
{
    static const size_t sizes[] = {100001, 256 * 1024, 256 * 1024 + 1, 300000, 600000};
    for (size_t i = 0; i < NU_COUNT(sizes); i++) {
        nu_upload *upload = nu_request_file(upload_of(sizes[i]), "f");
        CHECK(nu_upload_path(upload) != NULL);
        CHECK_EQ(nu_upload_size(upload), (int64_t)sizes[i]);
        check_content(upload, sizes[i]);
    }
}
