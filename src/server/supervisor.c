/* The supervisor. It holds the listening sockets and a slot for each worker. A worker that crashes is
 * replaced as soon as its report comes, while it may still be showing a page to its client. Looking
 * up file and line takes much longer than starting a process, and as much memory as ten workers: once
 * the worker has ended another process does it, so that this one hears of the next crash meanwhile.
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
#include "server/notify.h"
#include "server/listen.h"

/* Pids of the workers of the program that became this one, separated by commas. */
#define FORMER "NUAGES_FORMER"

enum {
    FORMER_MAX = 256,
    GRACE_MS = 2000, /* beyond the time-out that workers keep themselves */
    HASTY_MS = 2000, /* after SIGINT */
    /* A page that crashes may be asked for again and again: who has lived for a second is replaced
     * at once, and nobody waits for longer than that. */
    CALM_MS = 1000,
    LONGEST_MS = 1000,
};

typedef struct supervisor supervisor;

typedef struct slot {
    nu_child     child; /* the worker; after its crash the process that explains it */
    nu_watch     watch; /* the worker's channel */
    pid_t        pid;   /* the worker's, also when it has ended */
    nu_timer     restart;
    nu_backoff   backoff;
    supervisor  *owner;
    struct slot *next;
    bool         ready;
    bool         retiring;  /* told to end, or replaced already: it gets no successor */
    bool         replaced;  /* by `successor` */
    bool         recycled;  /* at its own wish, having grown too large */
    bool         crashed;   /* `report` tells how */
    pid_t        successor; /* 0: it follows later */
    bool         explained; /* by `child`, for the worker has ended */

    nu__crash_report report;
} slot;

struct supervisor {
    nu_server *server;
    nu_loop   *loop;
    nu_arena  *arena;
    slot      *slots; /* of both generations */
    slot      *spare;
    size_t     running;
    bool       stopping, announced;
    bool       failed; /* the first workers could not start */
    nu_timer   kill, sign;
    nu_child   trial; /* of a reload */
    nu_signal  terminate, interrupt, reload, ended;
    nu_timer   tickets;
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

/* Who explains a crash ends by himself: it may be the crash that brought the server down. */
static void tell(const slot *one, int number)
{
    if (!one->explained || number == SIGKILL)
        nu__child_signal(&one->child, number);
}

static void drain_generation_before(supervisor *self)
{
    signal_former(self, SIGTERM);
    for (slot *each = self->slots; each; each = each->next)
        if (each->retiring)
            tell(each, SIGTERM);
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
    nu__notify(nu_fmt("READY=1\nMAINPID=%d\nSTATUS=%d workers serve", (int)getpid(),
                      options->workers));
    if (!self->announced && options->ready)
        options->ready(options->ctx);
    self->announced = true;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void signal_all(supervisor *self, int number)
{
    for (slot *each = self->slots; each; each = each->next)
        tell(each, number);
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
    nu__notify("STOPPING=1");
    signal_all(self, number);
    nu__timer_start(self->loop, &self->kill, nu__in_ms(patience_ms), on_kill);
    if (self->running == 0 && self->former_count == 0)
        nu__loop_stop(self->loop);
}

/* ---- workers --------------------------------------------------------------------------------- */

static nu_ready on_message;
static int      run_worker(nu_child *child);
static void     on_ended(nu_child *child, int status);

static slot *slot_new(supervisor *self, nu_backoff backoff)
{
    slot *one = self->spare;
    if (one)
        self->spare = one->next;
    else
        one = nu_arena_alloc(self->arena, sizeof *one);
    memset(one, 0, sizeof *one);
    one->child.role = "worker";
    one->child.run = run_worker;
    one->child.ended = on_ended;
    one->backoff = backoff;
    one->owner = self;
    one->next = self->slots;
    self->slots = one;
    return one;
}

static void forget(slot *one)
{
    supervisor *self = one->owner;
    slot      **link = &self->slots;
    while (*link != one)
        link = &(*link)->next;
    *link = one->next;
    one->next = self->spare;
    self->spare = one;
    if (self->stopping && self->running == 0 && self->former_count == 0)
        nu__loop_stop(self->loop);
}

static void start(slot *one)
{
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

/* Once for each worker that ends without having been told to. */
static void replace(slot *one)
{
    supervisor *self = one->owner;
    if (one->retiring || self->stopping)
        return;
    slot   *next = slot_new(self, one->backoff);
    int64_t lived = nu_monotonic_us() - one->child.started;
    int64_t wait = nu__backoff_next(&next->backoff, lived);
    if (wait == 0)
        start(next);
    else
        nu__timer_start(self->loop, &next->restart, nu__in_ms(wait), on_restart);
    one->retiring = one->replaced = true;
    one->successor = next->pid;
    self->server->board->restarts++;
}

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
            replace(one);
        } else if (length == (ssize_t)sizeof NU__RECYCLE &&
                   memcmp(&report, NU__RECYCLE, sizeof NU__RECYCLE) == 0) {
            one->owner->server->board->recycled++;
            one->recycled = true;
            replace(one);
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

/* ---- the end of a worker --------------------------------------------------------------------- */

static const char *name_of(const slot *one)
{
    return nu_fmt("worker %d", (int)one->pid);
}

static int run_explainer(nu_child *child)
{
    /* From a terminal, or when the supervisor dies. */
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    const slot *one = NU_CONTAINER(child, slot, child);
    nu__crash_log_stack(&one->report, name_of(one));
    return 0;
}

static void on_explained(nu_child *child, int status)
{
    slot *one = NU_CONTAINER(child, slot, child);
    (void)status;
    one->owner->running--;
    forget(one);
}

static void explain(slot *one)
{
    one->explained = true;
    one->child = (nu_child){.role = "explainer", .run = run_explainer, .ended = on_explained};
    NU_TRY {
        nu__child_start(one->owner->loop, &one->child);
        one->owner->running++;
    }
    NU_CATCH (error) {
        nu_log_raised("server", error);
        forget(one);
    }
}

static const char *what_follows(const slot *one)
{
    if (!one->replaced)
        return "";
    return one->successor ? nu_fmt("; worker %d takes its place", (int)one->successor)
                          : "; another one follows shortly, for it keeps dying";
}

/* A worker that cannot even start will not do so the next time. */
static void give_up(supervisor *self, pid_t pid, int status)
{
    nu_log_error("server", "worker %d cannot start: %s", (int)pid, nu__child_status_text(status));
    self->failed = true;
    stop(self, SIGTERM, HASTY_MS);
}

/* True if it is as it should be, and not worth a line in the log. */
static bool ended_in_order(const slot *one, int status)
{
    if (one->recycled)
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    /* While stopping, a worker may end by the signal that ends it before it could listen to it. */
    return !one->replaced && !one->crashed && (WIFEXITED(status) || one->owner->stopping);
}

static void settle_figures(const slot *one, int status)
{
    nu__board *board = one->owner->server->board;
    if (WIFSIGNALED(status) || one->crashed)
        board->crashes++;
    for (size_t i = 1; i < board->count; i++) {
        if (board->slots[i].pid == one->pid)
            nu__board_give(board, &board->slots[i]);
    }
}

static void on_ended(nu_child *child, int status)
{
    slot       *one = NU_CONTAINER(child, slot, child);
    supervisor *self = one->owner;
    if (one->watch.loop)
        take_messages(one);
    nu__watch_stop(&one->watch);
    self->running--;
    if (!self->announced && !self->stopping && WIFEXITED(status))
        give_up(self, one->pid, status);
    replace(one);
    if (one->crashed)
        nu__crash_log(&one->report, name_of(one));
    settle_figures(one, status);
    if (!ended_in_order(one, status))
        nu_log_error("server", "%s ended: %s%s", name_of(one), nu__child_status_text(status),
                     what_follows(one));
    if (one->crashed)
        explain(one);
    else
        forget(one);
}

static int run_worker(nu_child *child)
{
    slot *one = NU_CONTAINER(child, slot, child);
    return nu__worker_run(one->owner->server, child->channel);
}

static void add_generation(supervisor *self)
{
    static const nu_backoff calm = {.calm_ms = CALM_MS, .longest_ms = LONGEST_MS};
    for (int i = 0; i < self->server->options.workers; i++)
        start(slot_new(self, calm));
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

/* So that the next program knows which of them redirect. */
static void name_sockets(const nu_server *server)
{
    nu_builder names;
    nu_builder_init(&names, NULL, 64);
    for (size_t i = 0; i < server->listener_count; i++)
        nu_builder_printf(&names, "%s%s", i > 0 ? ":" : "",
                          server->listeners[i].redirect ? NU__REDIRECT_NAME : "http");
    setenv("LISTEN_FDNAMES", nu_builder_text(&names), 1);
}

static void pass_sockets(const supervisor *self)
{
    int    fds[64];
    size_t count = self->server->listener_count;
    for (size_t i = 0; i < count && i < NU_COUNT(fds); i++)
        fds[i] = self->server->listeners[i].fd;
    nu_listen_pass(fds, count);
    name_sockets(self->server);
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
        nu__notify("READY=1\nSTATUS=a reload failed; the program before it serves on");
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
    nu__notify_reloading();
    if (self->server->options.command) {
        self->trial =
            (nu_child){.role = "trial", .run = run_trial, .ended = trial_ended, .data = self};
        nu__child_start(self->loop, &self->trial);
        return;
    }
    nu_info("server", "reloading: new workers take over");
    nu_server *server = self->server;
    if (server->tls)
        nu__tls_refresh(&server->tls, &server->tls_seen, server->options.certificates,
                        &server->tickets);
    retire_all(self);
    add_generation(self);
}

/* ---- session tickets ------------------------------------------------------------------------- */

/* Workers of any age have the same keys, and what former keys were derived from is nowhere left. */
static void on_tickets(nu_timer *timer)
{
    enum { HOUR_MS = 3600 * 1000 };
    supervisor *self = NU_CONTAINER(timer, supervisor, tickets);
    nu__tickets_turn(&self->server->tickets, nu_monotonic_us());
    nu__timer_start(self->loop, timer, nu__in_ms(HOUR_MS), on_tickets);
}

/* ---- signs of life for the service manager ------------------------------------------------------- */

static bool any_ready(const supervisor *self)
{
    for (const slot *each = self->slots; each; each = each->next)
        if (each->ready && !each->crashed)
            return true;
    return false;
}

static void on_sign(nu_timer *timer)
{
    supervisor *self = NU_CONTAINER(timer, supervisor, sign);
    if (any_ready(self) || self->stopping)
        nu__notify("WATCHDOG=1");
    nu__timer_start(self->loop, &self->sign, nu__in_ms(nu__notify_watchdog_ms()), on_sign);
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
    if (nu__notify_watchdog_ms() > 0)
        on_sign(&self->sign);
    nu__signal_start(self->loop, &self->terminate, SIGTERM, on_terminate);
    nu__signal_start(self->loop, &self->interrupt, SIGINT, on_interrupt);
    nu__signal_start(self->loop, &self->reload, SIGHUP, on_reload);
    nu__signal_start(self->loop, &self->ended, SIGCHLD, reap_former);
    if (server->tls)
        on_tickets(&self->tickets);
    add_generation(self);
    nu__loop_run(self->loop);
    nu__loop_free(self->loop);
    bool failed = self->failed;
    nu_arena_free(arena);
    return failed;
}
