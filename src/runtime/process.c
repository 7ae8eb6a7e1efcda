#include "runtime/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/time.h"
#include "runtime/internal.h"

/* ---- in the child ---------------------------------------------------------------------------- */

static void leave_parent(nu_loop *loop, nu_child *self, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_NAME, self->role);
    /* It may have died before we asked to be told. */
    if (getppid() != parent)
        _exit(1);
    for (nu_child *other = loop->children; other != NULL; other = other->next)
        close(other->channel);
    loop->children = NULL;
    nu__loop_abandon(loop);
}

static int run_caught(nu_child *self)
{
    volatile int code = 1;
    NU_TRY {
        code = self->run(self);
    } NU_CATCH (error) {
        nu_log_raised(self->role, error);
    }
    return code;
}

static NU_NORETURN void child_main(nu_loop *loop, nu_child *self, pid_t parent, int channel)
{
    /* Nothing of the parent's may be caught, freed or waited for here. */
    struct nu_ambient own = {.stack_low = nu__ambient()->stack_low,
                             .arena = nu_arena_new(NULL, "process")};
    leave_parent(loop, self, parent);
    nu__ambient_swap(&own);
    self->pid = getpid();
    self->channel = channel;
    int code = run_caught(self);
    fflush(NULL);
    _exit(code);
}

/* ---- in the parent --------------------------------------------------------------------------- */

/* A child that has ended, off the list; NULL if none has. */
static nu_child *take_ended(nu_loop *loop, int *status)
{
    for (nu_child **link = &loop->children; *link != NULL; link = &(*link)->next) {
        nu_child *child = *link;
        if (waitpid(child->pid, status, WNOHANG) != child->pid)
            continue;
        *link = child->next;
        child->pid = 0;
        return child;
    }
    return NULL;
}

/* One signal may stand for several children. Other children of the process are left alone. */
static void children_changed(nu_signal *signal)
{
    nu_loop *loop = signal->loop;
    int      status;
    for (nu_child *child; (child = take_ended(loop, &status)) != NULL;) {
        int channel = child->channel;
        child->channel = -1;
        child->ended(child, status);
        close(channel);
    }
}

void nu__child_start(nu_loop *loop, nu_child *child)
{
    int pair[2];
    if (loop->child_signal.loop == NULL)
        nu__signal_start(loop, &loop->child_signal, SIGCHLD, children_changed);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot make a channel for a %s: %s", child->role,
                 strerror(errno));
    /* What waits in a buffer would be written by both. */
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        close(pair[0]);
        child_main(loop, child, parent, pair[1]);
    }
    int error = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        nu_raise(NU_SYSTEM_ERROR, "cannot start a %s: %s", child->role, strerror(error));
    }
    child->pid = pid;
    child->channel = pair[0];
    child->started = nu_monotonic_us();
    child->next = loop->children;
    loop->children = child;
}

void nu__child_signal(const nu_child *child, int number)
{
    if (child->pid > 0)
        kill(child->pid, number);
}

const char *nu__child_status_text(int status)
{
    if (WIFEXITED(status))
        return nu_fmt("exit code %d", WEXITSTATUS(status));
    if (WIFSIGNALED(status))
        return nu_fmt("signal %d (%s)%s", WTERMSIG(status), strsignal(WTERMSIG(status)),
                      WCOREDUMP(status) ? ", core dumped" : "");
    return nu_fmt("status %d", status);
}

int64_t nu__backoff_next(nu_backoff *backoff, int64_t lived_us)
{
    int64_t wait = backoff->first_ms > 0 ? backoff->first_ms : 50;
    int64_t longest = backoff->longest_ms > 0 ? backoff->longest_ms : 10000;
    int64_t calm = backoff->calm_ms > 0 ? backoff->calm_ms : 10000;
    if (lived_us / 1000 >= calm)
        backoff->failures = 0;
    if (backoff->failures++ == 0)
        return 0;
    for (int doubled = 2; doubled < backoff->failures && wait < longest; doubled++)
        wait *= 2;
    return wait < longest ? wait : longest;
}

/* ---- handing over descriptors ---------------------------------------------------------------- */

union control {
    struct cmsghdr align;
    char           bytes[CMSG_SPACE(NU__FDS_MAX * sizeof(int))];
};

void nu__fds_send(int socket, const void *message, size_t length, const int *fds, size_t count)
{
    nu_assert(length > 0 && count <= NU__FDS_MAX);
    union control control = {0};
    struct iovec  part = {(void *)(uintptr_t)message, length};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
    }
    while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
        if (errno == EAGAIN)
            nu_wait_writable(socket, -1);
        else if (errno != EINTR)
            nu_raise(NU_SYSTEM_ERROR, "cannot hand over descriptors: %s", strerror(errno));
    }
}

static void fds_take(struct cmsghdr *rights, int *fds, size_t room, size_t *count)
{
    size_t sent = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < sent; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(rights) + i * sizeof fd, sizeof fd);
        if (*count < room)
            fds[(*count)++] = fd;
        else
            close(fd);
    }
}

size_t nu__fds_receive(int socket, void *message, size_t size, int *fds, size_t *count)
{
    union control control = {0};
    struct iovec  part = {message, size};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    size_t        room = *count;
    ssize_t       length;
    while ((length = recvmsg(socket, &header, MSG_CMSG_CLOEXEC)) < 0) {
        if (errno == EAGAIN)
            nu_wait_readable(socket, -1);
        else if (errno != EINTR)
            nu_raise(NU_SYSTEM_ERROR, "cannot receive descriptors: %s", strerror(errno));
    }
    *count = 0;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&header); at != NULL; at = CMSG_NXTHDR(&header, at))
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS)
            fds_take(at, fds, room, count);
    return (size_t)length;
}
