/* Runs the registered tests.
 *
 * Tests run in a child process, one after the other. Parent and child share a small record of
 * how far the child is; if it dies or hangs, the parent books the current test as failed and
 * starts another child with the next one. */
#include "test/runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static nu_test      *first, **last = &first;
static nu_test_hooks hooks;

/* Shared with the child. */
struct progress {
    int     at;      /* index of the current test */
    bool    running; /* between its start and its result */
    bool    failed;  /* the current test reported a failure */
    int64_t started; /* its start, monotonic */
    int     passed, failures;
    bool    finished; /* no test is left */
};
static struct progress *progress;

static nu__test_options options;
static const nu_test   *current;

void nu_test_register_(nu_test *test)
{
    *last = test;
    last = &test->next;
}

void nu_test_set_hooks(const nu_test_hooks *given)
{
    hooks = *given;
}

/* ---- reporting ------------------------------------------------------------------------------- */

void nu__test_report(const char *file, int line, const char *message)
{
    printf("%s:%d: %s [%s]\n", file, line, message, current != NULL ? current->name : "no test");
    fflush(stdout);
    if (progress != NULL)
        progress->failed = true;
}

static void report_error(const nu_error *error)
{
    if (nu__test_is_failure(error))
        return;
    nu__test_report(error->file, error->line,
                    nu_fmt("uncaught %s: %s", error->kind->name, error->fact));
    if (!options.quiet)
        printf("%s\n", nu_error_text(error, true));
}

/* ---- one test -------------------------------------------------------------------------------- */

static void call(void *test)
{
    ((const nu_test *)test)->run();
}

static void run_body(void *arg)
{
    nu_test *test = arg;
    if (hooks.before_each != NULL)
        hooks.before_each();
    if (hooks.run != NULL)
        hooks.run(call, test);
    else
        call(test);
}

static void run_after(void *arg)
{
    (void)arg;
    if (hooks.after_each != NULL)
        hooks.after_each();
}

static void run_start(void *arg)
{
    (void)arg;
    if (hooks.start != NULL)
        hooks.start();
}

static void guarded(void (*fn)(void *), void *arg)
{
    NU_TRY {
        fn(arg);
    }
    NU_CATCH (error) {
        report_error(error);
    }
}

static void run_test(nu_test *test)
{
    nu_arena *arena = nu_arena_new(nu_arena_current(), "test");
    nu_arena *before = nu_arena_enter(arena);
    current = test;
    progress->failed = false;
    progress->started = nu_monotonic_us();
    progress->running = true;
    guarded(run_body, test);
    guarded(run_after, NULL);
    nu_arena_enter(before);
    nu_arena_free(arena);
    progress->running = false;
    progress->failures += progress->failed;
    progress->passed += !progress->failed;
    if (options.verbose)
        printf("%-4s %6.1f ms  %s\n", progress->failed ? "FAIL" : "ok",
               (double)(nu_monotonic_us() - progress->started) / 1000, test->name);
}

static bool has_tag(const nu_test *test)
{
    size_t length = strlen(options.tag);
    for (const char *at = test->tags; at != NULL && (at = strstr(at, options.tag)) != NULL; at++)
        if ((at == test->tags || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static bool is_selected(const nu_test *test)
{
    return (options.substring == NULL || strstr(test->name, options.substring) != NULL) &&
           (options.tag == NULL || has_tag(test));
}

int nu_test_count(void)
{
    int count = 0;
    for (const nu_test *test = first; test; test = test->next)
        count++;
    return count;
}

static nu_test *test_at(int index)
{
    nu_test *test = first;
    while (index-- > 0)
        test = test->next;
    return test;
}

/* Runs the tests from progress->at on. */
static void run_rest(void)
{
    progress->failed = false;
    guarded(run_start, NULL);
    if (progress->failed) {
        progress->failures++;
        progress->finished = true;
        return;
    }
    for (nu_test *test = test_at(progress->at); test != NULL; test = test->next) {
        if (is_selected(test))
            run_test(test);
        progress->at++;
        if (options.fail_fast && progress->failures > 0)
            break;
    }
    progress->finished = true;
}

/* ---- children -------------------------------------------------------------------------------- */

static int64_t microseconds_left(void)
{
    const nu_test *test = test_at(progress->at);
    int            seconds = test != NULL && test->timeout > 0 ? test->timeout : options.timeout;
    return progress->running ? progress->started + seconds * NU_SECOND - nu_monotonic_us()
                             : NU_SECOND;
}

/* True once the child has ended, which kernels without pidfds (and valgrind) do not tell by themselves. */
static bool ends_in(struct pollfd *ended, pid_t child, int ms)
{
    if (ended->fd >= 0)
        return poll(ended, 1, ms) > 0;
    siginfo_t info = {.si_pid = 0};
    poll(NULL, 0, ms < 20 ? ms : 20);
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

/* Waits for the child's end and kills it with all it started when its test takes too long. */
static int watch(pid_t child, bool *hung)
{
    int fd = (int)syscall(SYS_pidfd_open, child, 0), status = 0;
    *hung = false;
    for (;;) {
        struct pollfd ended = {.fd = fd, .events = POLLIN};
        int64_t       left = microseconds_left();
        if (left <= 0 && !*hung) {
            *hung = true;
            kill(-child, SIGKILL);
        }
        if (ends_in(&ended, child, left > 0 ? (int)(left / 1000) + 1 : 1000))
            break;
    }
    if (fd >= 0)
        close(fd);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static const char *ending(int status, bool hung)
{
    if (hung)
        return nu_fmt("took longer than %d s",
                      current->timeout > 0 ? current->timeout : options.timeout);
    if (WIFSIGNALED(status))
        return nu_fmt("crashed: %s", strsignal(WTERMSIG(status)));
    return nu_fmt("ended the process with exit code %d", WEXITSTATUS(status));
}

/* Books what a child that ended early or badly leaves behind. */
static void settle(int status, bool hung)
{
    if (!progress->finished) {
        current = test_at(progress->at);
        nu__test_report(current->file, current->line, ending(status, hung));
        progress->failures++;
        progress->at++;
        progress->running = false;
        progress->finished = options.fail_fast || test_at(progress->at) == NULL;
    } else if (status != 0) {
        /* Every test passed, but a sanitizer had something to say at the end. */
        printf("the test process: %s\n", ending(status, hung));
        progress->failures++;
    }
}

static NU_NORETURN void be_child(void)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!options.quiet)
        nu__test_show_crashes();
    run_rest();
    fflush(stdout);
    exit(0);
}

static void run_in_children(void)
{
    while (!progress->finished) {
        bool hung;
        fflush(NULL);
        pid_t child = fork();
        if (child < 0)
            nu_raise(NU_SYSTEM_ERROR, "cannot start a process: %s", strerror(errno));
        if (child == 0)
            be_child();
        setpgid(child, child);
        int status = watch(child, &hung);
        settle(status, hung);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static int list_tests(void)
{
    for (const nu_test *test = first; test != NULL; test = test->next)
        if (is_selected(test))
            printf("%s:%d: %s\n", test->file, test->line, test->name);
    return 0;
}

static struct progress *share(void)
{
    void *memory =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        nu_raise(NU_SYSTEM_ERROR, "cannot share memory with a child: %s", strerror(errno));
    return memory;
}

int nu_test_main(int argc, char **argv)
{
    if (!nu__test_options_read(argc, argv, &options))
        return 2;
    if (options.help) {
        printf("usage: %s [options]\n%s", argv[0], nu__test_usage);
        return 0;
    }
    if (options.list)
        return list_tests();
    progress = share();
    progress->finished = first == NULL;
    if (options.in_process)
        run_rest();
    else
        run_in_children();
    printf("%d passed, %d failed\n", progress->passed, progress->failures);
    fflush(stdout);
    return progress->failures > 0;
}
