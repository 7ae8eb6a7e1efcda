/* The handler of a crash. It runs on a stack of its own in a process whose memory may be in any
 * state, so it first reports what needs no memory at all, then tries for the page; a second crash
 * on the way, or five seconds, end the process there. */
#include "server/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/ambient.h"
#include "base/backtrace.h"
#include "nuages/log.h"
#include "server/exchange.h"

static const int caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

enum {
    STACK_SIZE = 256 * 1024,  /* of the handler */
    STACK_REACH = 256 * 1024, /* of the code that crashed: how far frame pointers are followed */
    PAGE_SIZE = 256 * 1024,
    PATIENCE_S = 5,
    SEND_S = 1,
};

/* Prepared before anything can go wrong. */
static struct {
    nu_server       *server;
    int              channel;
    nu__crash_report report;
    char             stack[STACK_SIZE] __attribute__((aligned(16)));
    char             page[PAGE_SIZE];
} crash;

/* ---- what happened --------------------------------------------------------------------------- */

static const char *signal_name(int number)
{
    switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    default: return "SIGABRT";
    }
}

static void describe(nu__crash_report *report, int number, const siginfo_t *info)
{
    const char *name = signal_name(number);
    const char *fiber = number == SIGSEGV ? nu__fiber_guard_hit(info->si_addr) : NULL;
    const char *aside = number == SIGSEGV ? nu__fiber_aside_hit(info->si_addr) : NULL;
    char       *out = report->reason;
    size_t      size = sizeof report->reason;
    if (fiber)
        snprintf(out, size, "%s: stack overflow in fiber \"%.100s\"", name, fiber);
    else if (aside)
        snprintf(out, size,
                 "%s: a local variable of fiber \"%.40s\" was used while its stack is put aside "
                 "(.compact)",
                 name, aside);
    else if (info->si_code <= 0 && number != SIGABRT)
        snprintf(out, size, "%s: sent by process %d", name, (int)info->si_pid);
    else if (number == SIGABRT)
        snprintf(out, size, "%s: aborted", name);
    else
        snprintf(out, size, "%s: address %p", name, info->si_addr);
}

static void copy_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
}

static void name_request(nu__crash_report *report, const nu_request *request)
{
    copy_text(report->request_id, sizeof report->request_id, request->id);
    copy_text(report->method, sizeof report->method, request->method);
    snprintf(report->url, sizeof report->url, "%s%s%s", request->raw_path,
             request->query_length ? "?" : "", request->query);
    if (request->match)
        copy_text(report->view, sizeof report->view, request->match->view_function);
}

struct registers {
    void     *pc;
    void     *caller; /* return address, if a call has just gone wrong */
    uintptr_t sp, fp;
};

static struct registers registers_of(const ucontext_t *context)
{
#if defined(__x86_64__)
    const greg_t    *at = context->uc_mcontext.gregs;
    struct registers found = {(void *)at[REG_RIP], NULL, (uintptr_t)at[REG_RSP],
                              (uintptr_t)at[REG_RBP]};
    if (!found.pc)
        found.caller = *(void **)found.sp;
    return found;
#elif defined(__aarch64__)
    const mcontext_t *at = &context->uc_mcontext;
    return (struct registers){(void *)at->pc, (void *)at->regs[30], (uintptr_t)at->sp,
                              (uintptr_t)at->regs[29]};
#else
    (void)context;
    return (struct registers){0};
#endif
}

/* A call through a null pointer leaves no function to unwind from: the return address tells who
 * called, and the frame pointers the rest, as far as they go upwards in this stack. */
static void follow_frames(nu__crash_report *report, const struct registers *at)
{
    uintptr_t fp = at->fp, high = at->sp + STACK_REACH;
    report->depth = 0;
    report->stack[report->depth++] = at->caller;
    while (report->depth < NU__CRASH_DEPTH && fp > at->sp && fp < high && fp % sizeof fp == 0) {
        void *const *frame = (void *const *)fp;
        if (frame[1])
            report->stack[report->depth++] = frame[1];
        if ((uintptr_t)frame[0] <= fp)
            break;
        fp = (uintptr_t)frame[0];
    }
}

/* The frames above the one that crashed are this handler's own. */
static void take_stack(nu__crash_report *report, const ucontext_t *context)
{
    struct registers at = registers_of(context);
    if (!at.pc && at.caller) {
        follow_frames(report, &at);
        return;
    }
    int depth = (int)nu__stack_capture(report->stack, NU__CRASH_DEPTH), own = 0;
    while (own < depth && report->stack[own] != at.pc)
        own++;
    if (own == depth)
        own = 0;
    report->depth = depth - own;
    memmove(report->stack, report->stack + own, (size_t)report->depth * sizeof(void *));
    /* A return address stands behind its call, and is looked up one byte before; this one not. */
    if (report->depth > 0 && report->stack[0] == at.pc)
        report->stack[0] = (char *)at.pc + 1;
}

/* ---- telling the client ---------------------------------------------------------------------- */

/* The exchange that the crashed code served, if nothing of its response is sent yet and the page can
 * go to its socket as it is. */
static nu__exchange *exchange_of(nu_request *request)
{
    if (!request)
        return NULL;
    nu__exchange *ex = NU_CONTAINER(request, nu__exchange, request);
    bool          ours = request->id > (const char *)ex && request->id < (const char *)(ex + 1);
    if (!ours || ex->sent > 0)
        return NULL;
    bool bare = ex->conn->transport == &nu__transport_plain && ex->conn->protocol == &nu__http1;
    return bare ? ex : NULL;
}

static void send_page(int fd, size_t length)
{
    struct timeval patience = {.tv_sec = SEND_S};
    char           head[256], rest[4096];
    int            size =
        snprintf(head, sizeof head,
                 "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html; charset=utf-8\r\n"
                 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                 length);
    struct iovec parts[] = {{head, (size_t)size}, {crash.page, length}};
    size_t       left = (size_t)size + length;
    int          part = 0;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    while (left > 0) {
        ssize_t n = writev(fd, parts + part, 2 - part);
        if (n <= 0)
            return;
        left -= (size_t)n;
        for (size_t done = (size_t)n; done > 0;) {
            size_t step = done < parts[part].iov_len ? done : parts[part].iov_len;
            parts[part].iov_base = (char *)parts[part].iov_base + step;
            parts[part].iov_len -= step;
            done -= step;
            part += parts[part].iov_len == 0 && part < 1;
        }
    }
    /* With unread bytes in the socket its end would be a reset, which takes the page away again. */
    shutdown(fd, SHUT_WR);
    while (recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0) {
    }
}

static void show_page(nu_request *request, const siginfo_t *info)
{
    const nu_server_options *options = &crash.server->options;
    nu__exchange            *ex = exchange_of(request);
    if (!ex || !options->crash_page)
        return;
    const nu__crash_report *report = &crash.report;
    nu_crash                facts = {
                       .signal = report->signal,
                       .reason = report->reason,
                       .address = report->signal == SIGABRT ? NULL : info->si_addr,
                       .method = report->method,
                       .url = report->url,
                       .view = report->view[0] ? report->view : NULL,
                       .stack = crash.report.stack,
                       .depth = report->depth,
    };
    size_t length = options->crash_page(&facts, crash.page, sizeof crash.page, options->ctx);
    if (length > 0 && length <= sizeof crash.page)
        send_page(ex->conn->watch.fd, length);
}

/* ---- the handler ----------------------------------------------------------------------------- */

static void print_report(const nu__crash_report *report)
{
    char line[1024];
    int  length = snprintf(line, sizeof line, "%s%s%s %s%s%s\n", report->reason,
                          report->method[0] ? " while serving " : "", report->method, report->url,
                          report->view[0] ? " in view " : "", report->view);
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) > 0)
        nu__stack_print(STDERR_FILENO, report->stack, (size_t)report->depth);
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    nu__crash_report *report = &crash.report;
    nu_request       *request = nu__ambient()->request;
    alarm(PATIENCE_S);
    memcpy(report->magic, NU__CRASH_MAGIC, sizeof report->magic);
    report->signal = number;
    describe(report, number, info);
    take_stack(report, context);
    if (request)
        name_request(report, request);
    if (crash.channel < 0 ||
        send(crash.channel, report, sizeof *report, MSG_NOSIGNAL) != (ssize_t)sizeof *report)
        print_report(report);
    show_page(request, info);
    /* The default is in force again (SA_RESETHAND): now it dies of it. */
    raise(number);
}

void nu__crash_watch(nu_server *server, int channel)
{
    crash.server = server;
    crash.channel = channel;
    /* A supervisor looks up file and line itself: a worker need not hold the debug information. But
     * the first unwinding loads a library, which a broken process must not have to. */
    if (channel < 0)
        nu__stack_prepare();
    else
        nu__stack_capture(crash.report.stack, NU__CRASH_DEPTH);
    stack_t stack = {.ss_sp = crash.stack, .ss_size = sizeof crash.stack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {
        .sa_sigaction = on_crash,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER,
    };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NU_COUNT(caught); i++)
        sigaction(caught[i], &action, NULL);
}

/* ---- the log --------------------------------------------------------------------------------- */

static bool log_line(void *who, const nu_stack_line *line)
{
    (void)who;
    if (line->file)
        nu_log_error("server", "    at %s (%s:%d)", line->function ? line->function : "?",
                     line->file, line->line);
    else
        nu_log_error("server", "    at %s (%p)", line->function ? line->function : "?", line->pc);
    return true;
}

void nu__crash_log(const nu__crash_report *report, const char *who)
{
    nu_log_error("server", "%s crashed: %s", who, report->reason);
    if (report->method[0])
        nu_log_error("server", "  while serving %s %s (request %s)%s%s", report->method,
                     report->url, report->request_id, report->view[0] ? " in view " : "",
                     report->view);
}

void nu__crash_log_stack(const nu__crash_report *report, const char *who)
{
    /* First, so that the lines come together. */
    nu__stack_prepare();
    nu_log_error("server", "%s crashed here:", who);
    for (int i = 0; i < report->depth; i++)
        nu__stack_resolve(report->stack[i], log_line, NULL);
}
