/* Each test goes behind the walls in a child of its own: nobody comes back from there. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/test.h"
#include "server/sandbox.h"

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

/* Runs `probe` behind the walls; what it returns, below 100. */
static int behind(const nu_sandbox *sandbox, int (*probe)(const nu_walls *walls))
{
    pid_t pid = fork();
    if (pid == 0) {
        NU_TRY {
            nu_walls walls = nu__sandbox_enter(sandbox);
            _exit(probe(&walls));
        }
        NU_CATCH (error) {
            fprintf(stderr, "%s\n", error->fact);
            _exit(100);
        }
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const char *own, *other;

static int changes_files(const nu_walls *walls)
{
    if (walls->files == 0)
        return 9;
    if (open(nu_fmt("%s/new", own), O_WRONLY | O_CREAT, 0600) < 0)
        return 1;
    if (open(nu_fmt("%s/new", other), O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
        return 2;
    if (open(nu_fmt("%s/old", other), O_WRONLY) >= 0)
        return 3;
    if (unlink(nu_fmt("%s/old", other)) == 0 || rename(nu_fmt("%s/old", other), own) == 0)
        return 4;
    if (open(nu_fmt("%s/old", other), O_RDONLY) < 0)
        return 5;
    return open("/dev/null", O_WRONLY) < 0 ? 6 : 0;
}

TEST(files_elsewhere_can_be_read_but_not_changed)
{
    char base[] = "/var/lib/nuages-sandbox-XXXXXX";
    if (!has_landlock() || mkdtemp(base) == NULL) {
        puts("skipped: no Landlock, or no folder outside /tmp that this user may write to");
        return;
    }
    own = nu_fmt("%s/own", base);
    other = nu_fmt("%s/other", base);
    CHECK(mkdir(own, 0700) == 0 && mkdir(other, 0700) == 0);
    close(open(nu_fmt("%s/old", other), O_WRONLY | O_CREAT, 0600));
    int result = behind(&(nu_sandbox){.writable = (const char *const[]){own, NULL}}, changes_files);
    unlink(nu_fmt("%s/new", own));
    unlink(nu_fmt("%s/old", other));
    rmdir(own);
    rmdir(other);
    rmdir(base);
    CHECK_EQ(result, 0);
}

static int calls_the_kernel(const nu_walls *walls)
{
    if (!walls->calls || !walls->no_new_privileges)
        return 1;
    if (unshare(CLONE_NEWUTS) == 0 || errno != EPERM)
        return 2;
    if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) >= 0)
        return 3;
    if (syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL) == 0 || errno != EPERM)
        return 4;
    if (execl("/bin/true", "true", (char *)NULL) == 0 || errno != EPERM)
        return 5;
    return 0;
}

TEST(calls_that_only_take_overs_need_are_refused)
{
    CHECK_EQ(behind(&(nu_sandbox){.off = false}, calls_the_kernel), 0);
}

static void *in_thread(void *arg)
{
    *(int *)arg = 7;
    return NULL;
}

static int serves(const nu_walls *walls)
{
    (void)walls;
    pthread_t thread;
    int       value = 0, pair[2];
    if (pthread_create(&thread, NULL, in_thread, &value) != 0 || pthread_join(thread, NULL) != 0)
        return 1;
    if (value != 7)
        return 2;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || write(pair[0], "x", 1) != 1)
        return 3;
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    int status = 0;
    return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3 ? 0 : 4;
}

TEST(threads_sockets_and_children_work_behind_the_walls)
{
    CHECK_EQ(behind(&(nu_sandbox){.off = false}, serves), 0);
}

static int starts_program(const nu_walls *walls)
{
    (void)walls;
    execl("/bin/sh", "sh", "-c", "exit 5", (char *)NULL);
    return 1;
}

TEST(programs_can_be_started_where_that_is_allowed)
{
    CHECK_EQ(behind(&(nu_sandbox){.exec = true}, starts_program), 5);
}

static int is_no_root(const nu_walls *walls)
{
    return walls->user && geteuid() != 0 && setuid(0) != 0 ? 0 : 1;
}

TEST(root_becomes_another_user)
{
    if (geteuid() != 0) {
        puts("skipped: not run by root");
        return;
    }
    CHECK_EQ(behind(&(nu_sandbox){.user = "nobody"}, is_no_root), 0);
    CHECK_EQ(behind(&(nu_sandbox){.user = "65534", .off = true}, is_no_root), 0);
}

TEST(a_user_or_folder_that_is_not_there_is_named)
{
    if (geteuid() == 0)
        CHECK_RAISES(NU_CONFIG_ERROR,
                     nu__sandbox_enter(&(nu_sandbox){.user = "nobody-of-that-name", .off = true}));
    if (has_landlock())
        CHECK_EQ(behind(&(nu_sandbox){.writable = (const char *const[]){"/no/such/place", NULL}},
                        is_no_root),
                 100);
}
