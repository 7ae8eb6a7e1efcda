/* The supervisor. It holds the listening sockets and a slot for each worker; a worker that ends
 * without having been told to is replaced first and explained afterwards, since looking up file and
 * line takes longer than starting a process.
 *
 * Reload by SIGHUP, without a command: a second generation of workers starts, and once all of it
 * takes requests the first one is drained. With a command: the program is tried out, then this
 * process becomes it (exec keeps the pid, the sockets and the old workers, who are drained when the
 * new ones take requests). All the time somebody accepts from the sockets, so no connection is
 * refused. */
#include "server/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/time.h"
#include "runtime/process.h"
#include "server/crash.h"

/* Pids of the workers of the program that became this one, separated by commas. */
#define FORMER "NUAGES_FORMER"

enum {
    FORMER_MAX = 256,
    GRACE_MS = 2000, /* beyond the time-out that workers keep themselves */
    HASTY_MS = 2000, /* after SIGINT */
};

typedef struct supervisor supervisor;

typedef struct slot {
    nu_child     child;
    nu_watch     watch; /* the child's channel */
    pid_t        pid;   /* also when it has ended */
    nu_timer     restart;
    nu_backoff   backoff;
    supervisor  *owner;
    struct slot *next;
    bool         ready;
    bool         retiring; /* told to end: it gets no successor */
    bool         crashed;  /* `report` tells how */

    nu__crash_report report;
} slot;

struct supervisor {
    nu_server *server;
    nu_loop   *loop;
    nu_arena  *arena;
    slot      *slots; /* of both generations */
    size_t     running;
    bool       stopping, announced;
    bool       failed; /* the first workers could not start */
    nu_timer   kill;
    nu_child   trial; /* of a reload */
    nu_signal  terminate, interrupt, reload, ended;
    pid_t      former[FORMER_MAX];
    size_t     former_count;
};

/* ---- the generation before ------------------------------------------------------------------- */

static void read_former(supervisor *self)
{
    const char *text = getenv(FORMER);
    while (text && *text && self->former_count < FORMER_MAX) {
        char *end;
        long  pid = strtol(text, &end, 10);
        if (pid > 1)
            self->former[self->former_count++] = (pid_t)pid;
        text = *end == ',' ? end + 1 : NULL;
    }
    unsetenv(FORMER);
}

static void signal_former(supervisor *self, int number)
{
    for (size_t i = 0; i < self->former_count; i++)
        kill(self->former[i], number);
}

/* They are children of this process, but not of its loop. */
static void reap_former(nu_signal *signal)
{
    supervisor *self = NU_CONTAINER(signal, supervisor, ended);
    for (size_t i = 0; i < self->former_count;)
        if (waitpid(self->former[i], NULL, WNOHANG) != 0)
            self->former[i] = self->former[--self->former_count];
        else
            i++;
    if (self->stopping && self->running == 0 && self->former_count == 0)
        nu__loop_stop(self->loop);
}

static void drain_generation_before(supervisor *self)
{
    signal_former(self, SIGTERM);
    for (slot *each = self->slots; each; each = each->next)
        if (each->retiring)
            nu__child_signal(&each->child, SIGTERM);
}

/* True when no worker that is to stay is still starting. */
static bool all_ready(const supervisor *self)
{
    for (const slot *each = self->slots; each; each = each->next)
        if (!each->retiring && !each->ready)
            return false;
    return true;
}

static void became_ready(slot *one)
{
    supervisor              *self = one->owner;
    const nu_server_options *options = &self->server->options;
    one->ready = true;
    if (!all_ready(self))
        return;
    drain_generation_before(self);
    if (!self->announced && options->ready)
        options->ready(options->ctx);
    self->announced = true;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void signal_all(supervisor *self, int number)
{
    for (slot *each = self->slots; each; each = each->next)
        nu__child_signal(&each->child, number);
    signal_former(self, number);
}

static void on_kill(nu_timer *timer)
{
    supervisor *self = NU_CONTAINER(timer, supervisor, kill);
    nu_warning("server", "%zu workers did not end and are killed", self->running);
    signal_all(self, SIGKILL);
}

static void stop(supervisor *self, int number, int patience_ms)
{
    self->stopping = true;
    signal_all(self, number);
    nu__timer_start(self->loop, &self->kill, nu__in_ms(patience_ms), on_kill);
    if (self->running == 0 && self->former_count == 0)
        nu__loop_stop(self->loop);
}

/* ---- workers --------------------------------------------------------------------------------- */

/* Takes all messages that wait in the worker's channel; false when there is no more to come. */
static bool take_messages(slot *one)
{
    nu__crash_report report;
    for (;;) {
        ssize_t length = recv(one->watch.fd, &report, sizeof report, MSG_DONTWAIT);
        if (length <= 0)
            return length < 0 && (errno == EAGAIN || errno == EINTR);
        if (length == (ssize_t)sizeof report &&
            memcmp(report.magic, NU__CRASH_MAGIC, sizeof report.magic) == 0) {
            one->report = report;
            one->crashed = true;
        } else if (length == (ssize_t)sizeof NU__READY &&
                   memcmp(&report, NU__READY, sizeof NU__READY) == 0) {
            became_ready(one);
        }
    }
}

static void on_message(nu_watch *watch, uint32_t events)
{
    (void)events;
    if (!take_messages(NU_CONTAINER(watch, slot, watch)))
        nu__watch_stop(watch);
}

static void start(slot *one)
{
    one->ready = one->crashed = false;
    nu__child_start(one->owner->loop, &one->child);
    one->pid = one->child.pid;
    nu__watch_start(one->owner->loop, &one->watch, one->child.channel, EPOLLIN, on_message);
    one->owner->running++;
}

static void on_restart(nu_timer *timer)
{
    slot *one = NU_CONTAINER(timer, slot, restart);
    if (!one->retiring && !one->owner->stopping)
        start(one);
}

static void explain(slot *one, pid_t pid, int status, const nu__crash_report *report)
{
    const char *who = nu_fmt("worker %d", (int)pid);
    if (report)
        nu__crash_log(report, who);
    nu_log_error("server", "%s ended: %s; %s", who, nu__child_status_text(status),
                 one->child.pid ? nu_fmt("worker %d takes its place", (int)one->child.pid)
                                : "another one follows shortly, for it keeps dying");
}

static void replace(slot *one, pid_t pid, int status)
{
    nu__crash_report *report = NULL;
    if (one->crashed) {
        report = nu_alloc(sizeof *report);
        *report = one->report;
    }
    int64_t wait = nu__backoff_next(&one->backoff, nu_monotonic_us() - one->child.started);
    if (wait == 0)
        start(one);
    else
        nu__timer_start(one->owner->loop, &one->restart, nu__in_ms(wait), on_restart);
    explain(one, pid, status, report);
}

static void forget(slot *one)
{
    slot **link = &one->owner->slots;
    while (*link != one)
        link = &(*link)->next;
    *link = one->next;
}

static void on_ended(nu_child *child, int status)
{
    slot       *one = NU_CONTAINER(child, slot, child);
    supervisor *self = one->owner;
    pid_t       pid = one->pid;
    if (one->watch.loop)
        take_messages(one);
    nu__watch_stop(&one->watch);
    self->running--;
    if (!self->announced && !self->stopping && WIFEXITED(status)) {
        nu_log_error("server", "worker %d cannot start: %s", (int)pid,
                     nu__child_status_text(status));
        self->failed = true;
        stop(self, SIGTERM, HASTY_MS);
    }
    if (!one->retiring && !self->stopping) {
        replace(one, pid, status);
        return;
    }
    if (one->crashed || !WIFEXITED(status))
        explain(one, pid, status, one->crashed ? &one->report : NULL);
    forget(one);
    if (self->stopping && self->running == 0 && self->former_count == 0)
        nu__loop_stop(self->loop);
}

static int run_worker(nu_child *child)
{
    slot *one = NU_CONTAINER(child, slot, child);
    return nu__worker_run(one->owner->server, child->channel);
}

static void add_generation(supervisor *self)
{
    for (int i = 0; i < self->server->options.workers; i++) {
        slot *one = nu_arena_zalloc(self->arena, sizeof *one);
        one->child.role = "worker";
        one->child.run = run_worker;
        one->child.ended = on_ended;
        one->owner = self;
        one->next = self->slots;
        self->slots = one;
        start(one);
    }
}

/* ---- signals --------------------------------------------------------------------------------- */

static void on_terminate(nu_signal *signal)
{
    supervisor *self = NU_CONTAINER(signal, supervisor, terminate);
    nu_info("server", "stopping when the requests in flight are answered");
    stop(self, SIGTERM, self->server->options.timeouts.drain + GRACE_MS);
}

static void on_interrupt(nu_signal *signal)
{
    stop(NU_CONTAINER(signal, supervisor, interrupt), SIGINT, HASTY_MS);
}

/* ---- reloading ------------------------------------------------------------------------------- */

static void retire_all(supervisor *self)
{
    for (slot *each = self->slots; each; each = each->next)
        each->retiring = true;
}

static void pass_sockets(const supervisor *self)
{
    int    fds[64];
    size_t count = self->server->listener_count;
    for (size_t i = 0; i < count && i < NU_COUNT(fds); i++)
        fds[i] = self->server->listeners[i].fd;
    nu_listen_pass(fds, count);
}

/* The program in the place of this process. The signals that the loop has blocked are let through. */
static NU_NORETURN void become(const supervisor *self)
{
    const char *const *command = self->server->options.command;
    sigset_t           none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    pass_sockets(self);
    execvp(command[0], (char *const *)(uintptr_t)command);
    nu_log_error("server", "cannot run %s: %s", command[0], strerror(errno));
    _exit(127);
}

static int run_trial(nu_child *child)
{
    setenv(NU__TRIAL, "1", 1);
    become(child->data);
}

static void name_former(const supervisor *self)
{
    nu_builder pids;
    nu_builder_init(&pids, NULL, 64);
    for (const slot *each = self->slots; each; each = each->next)
        if (each->child.pid)
            nu_builder_printf(&pids, "%d,", (int)each->child.pid);
    for (size_t i = 0; i < self->former_count; i++)
        nu_builder_printf(&pids, "%d,", (int)self->former[i]);
    setenv(FORMER, nu_builder_text(&pids), 1);
}

static void trial_ended(nu_child *child, int status)
{
    supervisor *self = child->data;
    if (self->stopping)
        return;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        nu_log_error("server", "not reloaded: %s does not come up (%s)",
                     self->server->options.command[0], nu__child_status_text(status));
        return;
    }
    nu_info("server", "reloading: %s takes over", self->server->options.command[0]);
    name_former(self);
    become(self);
}

static void on_reload(nu_signal *signal)
{
    supervisor *self = NU_CONTAINER(signal, supervisor, reload);
    if (self->stopping || self->trial.pid)
        return;
    if (self->server->options.command) {
        self->trial =
            (nu_child){.role = "trial", .run = run_trial, .ended = trial_ended, .data = self};
        nu__child_start(self->loop, &self->trial);
        return;
    }
    nu_info("server", "reloading: new workers take over");
    retire_all(self);
    add_generation(self);
}

/* ---- all of it ------------------------------------------------------------------------------- */

int nu__supervise(nu_server *server)
{
    nu_arena   *arena = nu_arena_new(server->arena, "supervisor");
    supervisor *self = nu_arena_zalloc(arena, sizeof *self);
    self->server = server;
    self->arena = arena;
    read_former(self);
    self->loop = nu__loop_new(NULL);
    nu__signal_start(self->loop, &self->terminate, SIGTERM, on_terminate);
    nu__signal_start(self->loop, &self->interrupt, SIGINT, on_interrupt);
    nu__signal_start(self->loop, &self->reload, SIGHUP, on_reload);
    nu__signal_start(self->loop, &self->ended, SIGCHLD, reap_former);
    add_generation(self);
    nu__loop_run(self->loop);
    nu__loop_free(self->loop);
    bool failed = self->failed;
    nu_arena_free(arena);
    return failed;
}
