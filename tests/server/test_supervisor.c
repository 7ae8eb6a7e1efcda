/* Workers under a supervisor: crashes, replacement, reload, end. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/backtrace.h"
#include "live.h"
#include "nuages/log.h"
#include "nuages/test.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* Sanitizers make starting a process slow. */
#if defined(__SANITIZE_ADDRESS__)
enum { REPLACED_MS = 2000 };
#else
enum { REPLACED_MS = 100 };
#endif

static live start_workers(int count)
{
    nu_server_options options = {.workers = count};
    live              server = live_start(&options);
    pid_t             pids[16];
    while (live_children(server.pid, pids, NU_COUNT(pids)) < (size_t)count)
        live_pause(1);
    return server;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* Waits until the supervisor has `count` workers and `gone` is none of them; the milliseconds. */
static int64_t replaced_after(const live *server, size_t count, pid_t gone)
{
    pid_t   now[16];
    int64_t start = live_clock();
    while (live_clock() - start < 5000) {
        size_t there = live_children(server->pid, now, NU_COUNT(now));
        if (there == count && !is_among(gone, now, there))
            return live_clock() - start;
        live_pause(1);
    }
    return INT64_MAX;
}

TEST(killing_a_worker_leaves_the_requests_of_the_others_alone)
{
    live  server = start_workers(2);
    pid_t victim = atoi(live_get(&server, "/pid"));
    int   fds[40], kept = 0;
    for (int i = 0; i < 40; i++) {
        int fd = live_connect(&server);
        if (atoi(live_get_on(fd, "/pid")) == victim) {
            close(fd);
            continue;
        }
        live_send(fd, GET("/slow?200"));
        fds[kept++] = fd;
    }
    kill(victim, SIGSEGV);
    CHECK(replaced_after(&server, 2, victim) <= REPLACED_MS);
    for (int i = 0; i < 20; i++)
        CHECK_TEXT(live_get(&server, "/"), "hello");
    for (int i = 0; i < kept; i++) {
        CHECK_CONTAINS(live_response(fds[i]), "slept");
        close(fds[i]);
    }
    CHECK(live_logs(&server, nu_fmt("worker %d crashed: SIGSEGV: sent by process", (int)victim)));
    CHECK(live_logs(&server, "takes its place"));
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

static bool note_file(void *has_file, const nu_stack_line *line)
{
    *(bool *)has_file = line->file != NULL;
    return false;
}

/* Release builds have no lines to tell. */
static bool has_debug_information(void)
{
    bool has_file = false;
    nu__stack_resolve((char *)(uintptr_t)live_app + 1, note_file, &has_file);
    return has_file;
}

TEST(a_crash_is_logged_with_its_stack_and_request)
{
    live server = start_workers(1);
    int  fd = live_connect(&server);
    live_send(fd, GET("/crash?a=b"));
    CHECK_TEXT(live_rest(fd), "");
    close(fd);
    CHECK(live_logs(&server, "while serving GET /crash?a=b (request "));
    CHECK(live_logs(&server, "at crash_here ("));
    CHECK(!has_debug_information() || live_logs(&server, "live_app.c:"));
    CHECK(live_logs(&server, "SIGSEGV: address 0x40"));
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}

TEST(an_overflowing_stack_is_recognised)
{
    live server = start_workers(1);
    int  fd = live_connect(&server);
    live_send(fd, GET("/overflow"));
    CHECK_TEXT(live_rest(fd), "");
    close(fd);
    CHECK(live_logs(&server, "stack overflow in fiber \"GET /overflow\""));
    CHECK(live_logs(&server, "at dive ("));
    CHECK_TEXT(live_get(&server, "/"), "hello");
    live_stop(&server, SIGTERM);
}

TEST(a_call_through_a_null_pointer_names_its_caller)
{
    live server = start_workers(1);
    int  fd = live_connect(&server);
    live_send(fd, GET("/nowhere"));
    CHECK_TEXT(live_rest(fd), "");
    close(fd);
    CHECK(live_logs(&server, "at call_nothing ("));
    CHECK(live_logs(&server, "at answer ("));
    live_stop(&server, SIGTERM);
}

TEST(an_abort_is_logged)
{
    live server = start_workers(1);
    int  fd = live_connect(&server);
    live_send(fd, GET("/abort"));
    CHECK_TEXT(live_rest(fd), "");
    close(fd);
    CHECK(live_logs(&server, "SIGABRT: aborted"));
    CHECK(live_logs(&server, "at aborting ("));
    live_stop(&server, SIGTERM);
}

static size_t crash_page(const nu_crash *crash, char *out, size_t size, void *ctx)
{
    (void)ctx;
    nu_arena *arena = nu_arena_new(NULL, "page");
    char     *page = nu_arena_format(arena, "<h1>%s %s crashed: %s</h1>%d frames", crash->method,
                                     crash->url, crash->reason, crash->depth > 2);
    CHECK(strlen(page) < size);
    memcpy(out, page, strlen(page));
    return strlen(page);
}

TEST(in_development_the_client_sees_a_page_about_the_crash)
{
    for (int workers = 0; workers < 2; workers++) {
        nu_server_options options = {.crash_page = crash_page, .workers = workers};
        live              server = live_start(&options);
        int               fd = live_connect(&server);
        live_send(fd, "POST /crash HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
        const char *rest = live_rest(fd);
        CHECK_CONTAINS(rest, "HTTP/1.1 500 Internal Server Error");
        CHECK_CONTAINS(rest, "<h1>POST /crash crashed: SIGSEGV: address 0x40</h1>1 frames");
        close(fd);
        CHECK(live_logs(&server, "crash_here"));
        CHECK_EQ(live_stop(&server, SIGTERM), workers ? 0 : 128 + SIGSEGV);
    }
}

TEST(a_worker_that_keeps_dying_is_started_with_patience)
{
    live  server = start_workers(1);
    pid_t pids[4];
    for (int i = 0; i < 4; i++) {
        pid_t victim = 0;
        while (live_children(server.pid, &victim, 1) == 0)
            live_pause(1);
        kill(victim, SIGKILL);
        replaced_after(&server, 1, victim);
    }
    CHECK(live_logs(&server, "it keeps dying"));
    CHECK_TEXT(live_get(&server, "/"), "hello");
    CHECK_EQ(live_children(server.pid, pids, 4), 1);
    live_stop(&server, SIGTERM);
}

TEST(a_reload_brings_new_workers_and_loses_no_request)
{
    live  server = start_workers(2);
    pid_t before[4], after[4];
    int   busy = live_connect(&server), open = live_connect(&server);
    CHECK_EQ(live_children(server.pid, before, 4), 2);
    CHECK_TEXT(live_get_on(open, "/"), "hello");
    live_send(busy, GET("/slow?500"));
    live_pause(50);
    kill(server.pid, SIGHUP);
    for (int64_t end = live_clock() + 400; live_clock() < end;)
        CHECK_TEXT(live_get(&server, "/"), "hello");
    CHECK_CONTAINS(live_response(busy), "slept");
    close(busy);
    close(open);
    CHECK(replaced_after(&server, 2, before[0]) < 5000);
    CHECK(replaced_after(&server, 2, before[1]) < 5000);
    CHECK_EQ(live_children(server.pid, after, 4), 2);
    CHECK_TEXT(live_get(&server, "/"), "hello");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(ending_finishes_the_requests_of_all_workers)
{
    live server = start_workers(2);
    int  fds[6];
    for (size_t i = 0; i < NU_COUNT(fds); i++) {
        fds[i] = live_connect(&server);
        live_send(fds[i], GET("/slow?300"));
    }
    live_pause(100);
    kill(server.pid, SIGTERM);
    for (size_t i = 0; i < NU_COUNT(fds); i++) {
        CHECK_CONTAINS(live_rest(fds[i]), "slept");
        close(fds[i]);
    }
    CHECK_EQ(live_stop(&server, 0), 0);
}

TEST(an_interrupt_ends_all_workers_at_once)
{
    live    server = start_workers(2);
    int     fd = live_connect(&server);
    int64_t start = live_clock();
    live_send(fd, GET("/slow?60000"));
    live_pause(50);
    CHECK_EQ(live_stop(&server, SIGINT), 0);
    CHECK(live_clock() - start < 3000);
    close(fd);
}

TEST(workers_end_when_their_supervisor_dies)
{
    live  server = start_workers(2);
    pid_t workers[2];
    CHECK_EQ(live_children(server.pid, workers, 2), 2);
    live_stop(&server, SIGKILL);
    int64_t start = live_clock();
    while (live_clock() - start < 5000 && (kill(workers[0], 0) == 0 || kill(workers[1], 0) == 0))
        live_pause(5);
    CHECK_EQ(kill(workers[0], 0), -1);
    CHECK_EQ(kill(workers[1], 0), -1);
}

static void refuse_to_start(void *ctx)
{
    (void)ctx;
    nu_raise(NU_CONFIG_ERROR, "no database");
}

TEST(a_server_whose_workers_cannot_start_ends_with_an_error)
{
    nu_server_options options = {.listen = NU_STRS("127.0.0.1:0"),
                                 .workers = 2,
                                 .handler = live_app,
                                 .start = refuse_to_start};
    nu_server        *server = nu_server_open(nu_arena_current(), &options);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_OFF});
    CHECK_EQ(nu_server_run(server), 1);
}

/* ---- a new binary ---------------------------------------------------------------------------- */

/* This program once more, as a server: what a reload with a command starts. */
__attribute__((constructor)) static void serve_instead(void)
{
    if (!getenv("NU_TEST_SERVE"))
        return;
    static const char *const command[] = {"/proc/self/exe", NULL};
    nu_server_options        options = {.handler = live_app, .workers = 1, .command = command};
    options.listen = NU_STRS("127.0.0.1:0");
    nu_server *server = nu_server_open(NULL, &options);
    exit(nu_server_run(server));
}

TEST(a_program_that_does_not_come_up_changes_nothing)
{
    nu_server_options options = {.workers = 1, .command = NU_STRS("/bin/false")};
    live              server = live_start(&options);
    const char       *before = live_get(&server, "/pid");
    kill(server.pid, SIGHUP);
    CHECK(live_logs(&server, "not reloaded: /bin/false does not come up (exit code 1)"));
    CHECK_TEXT(live_get(&server, "/pid"), before);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_new_program_takes_over_the_sockets)
{
    setenv("NU_TEST_SERVE", "1", 1);
    nu_server_options options = {.workers = 1, .command = NU_STRS("/proc/self/exe")};
    live              server = live_start(&options);
    unsetenv("NU_TEST_SERVE");
    for (int round = 0; round < 2; round++) {
        pid_t old = atoi(live_get(&server, "/pid"));
        int   busy = live_connect(&server);
        live_send(busy, GET("/slow?300"));
        live_pause(50);
        kill(server.pid, SIGHUP);
        CHECK(replaced_after(&server, 1, old) < 5000);
        CHECK_CONTAINS(live_response(busy), "slept");
        CHECK_TEXT(live_get(&server, "/"), "hello");
        close(busy);
    }
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
