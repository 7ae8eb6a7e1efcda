/* ./manage sandbox --check: goes behind the walls that `serve` puts around its workers, in a child, and
 * tries what must not be possible there. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/serving.h"
#include "nuages/file.h"
#include "server/sandbox.h"

static const nu_option_def options[] = {
    {"check", .help = "exit with 1 if something is not in force"},
    {0},
};

/* What the child found, sent as it stands. */
typedef struct found {
    nu_walls walls;
    bool     changes_elsewhere, writes_own, namespaces, programs;
    bool     failed;
    char     error[400];
} found;

/* ---- in the child ------------------------------------------------------------------------------- */

static bool can_create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    close(fd);
    unlink(path);
    return true;
}

static const char *probe_in(const char *folder)
{
    return nu_path_join(folder, nu_fmt(".nuages-sandbox-%d", (int)getpid()));
}

static bool writes_all(const char *const *folders)
{
    for (; *folders != NULL; folders++)
        if (!can_create(probe_in(*folders)))
            return false;
    return true;
}

/* A program that runs has closed the pipe by the time it is waited for. */
static bool can_start_program(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(errno == EPERM ? 1 : 0);
    }
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void look(const nu_sandbox *sandbox, found *out)
{
    NU_TRY {
        out->walls = nu__sandbox_enter(sandbox);
    }
    NU_CATCH (error) {
        out->failed = true;
        snprintf(out->error, sizeof out->error, "%s", error->fact);
        return;
    }
    out->walls.no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    out->changes_elsewhere = can_create(probe_in("/etc")) || can_create(probe_in("/usr/bin"));
    out->writes_own = writes_all(sandbox->writable);
    out->programs = can_start_program();
    out->namespaces = unshare(CLONE_NEWUTS) == 0 || errno != EPERM;
}

static found look_in_child(const nu_sandbox *sandbox)
{
    found result = {.failed = true, .error = "the check itself did not end"};
    int   fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot make a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        found mine = {.failed = false};
        look(sandbox, &mine);
        _exit(write(fds[1], &mine, sizeof mine) == (ssize_t)sizeof mine ? 0 : 1);
    }
    close(fds[1]);
    if (pid > 0 && read(fds[0], &result, sizeof result) != (ssize_t)sizeof result)
        result.failed = true;
    close(fds[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return result;
}

/* ---- what is shown ------------------------------------------------------------------------------ */

static bool say(bool in_force, const char *what, const char *yes, const char *no)
{
    nu_say("%s %-11s %s",
           nu_styled(in_force ? NU_STYLE_OK : NU_STYLE_BAD, in_force ? "[in force]" : "[ not  ]  "),
           what, in_force ? yes : no);
    return in_force;
}

static bool show(const nu_sandbox *sandbox, const found *f)
{
    bool all = say(f->walls.user, "user", nu_fmt("workers are no root"),
                   "workers run as root: set \"user\"");
    all &= say(f->walls.no_new_privileges, "privileges", "none can be gained",
               "the kernel refuses to rule out new ones");
    all &= say(f->walls.files > 0 && !f->changes_elsewhere, "files",
               nu_fmt("no file elsewhere can be changed (Landlock %d)", f->walls.files),
               "this kernel has no Landlock (Linux 5.13)");
    all &= say(f->walls.calls && !f->namespaces, "calls", "system calls are filtered (seccomp)",
               "this kernel or processor has no filter");
    if (sandbox->exec)
        nu_say("%s %-11s %s", nu_styled(NU_STYLE_WARN, "[allowed]"), "programs",
               "workers may start them, as \"allow_exec\" says");
    else
        all &= say(!f->programs, "programs", "none can be started", "workers can start programs");
    all &= say(f->writes_own, "own files", "the folders below can be written to",
               "one of the folders below cannot be written to");
    for (const char *const *folder = sandbox->writable; *folder != NULL; folder++)
        nu_say("             %s", *folder);
    return all;
}

static void run(const nu_command_call *call)
{
    const nu_sandbox *sandbox = nu__site_sandbox();
    if (sandbox->off) {
        nu_say("The setting \"no_sandbox\" is on: workers have no walls around them.");
        nu_command_exit(call, nu_option_flag(call, "check") ? 1 : 0);
        return;
    }
    found result = look_in_child(sandbox);
    if (result.failed)
        nu_raise(NU_COMMAND_ERROR, "the sandbox cannot be entered: %s", result.error);
    bool all = show(sandbox, &result);
    nu_command_exit(call, nu_option_flag(call, "check") && !all ? 1 : 0);
}

const nu_command nu__command_sandbox = {
    .name = "sandbox",
    .help = "Shows what the workers of `serve` are kept from, by trying it out.",
    .options = options,
    .run = run,
};
