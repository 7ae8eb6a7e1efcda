#include "live.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/test.h"
#include "server/internal.h"
#include "tls_peer.h"

/* ---- the server ------------------------------------------------------------------------------ */

static void child_main(nu_server *server, int log)
{
    /* A test that fails leaves nothing running. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_DEBUG, .colour = -1});
    _exit(nu_server_run(server));
}

/* The child must be the only one to hold the listening socket. Closing the server would also remove
 * the file of a Unix socket. */
static void let_go(nu_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        close(server->listeners[i].fd);
    nu__tls_release(server->tls);
}

static const char *greeting(const live *server, const nu_server_options *options)
{
    static const char unknown[] = "PROXY UNKNOWN\r\n";
    bool              behind = options->proxy_protocol != NULL;
    if (!options->certificates)
        return behind ? live_ask(server, nu_fmt("%sGET / HTTP/1.1\r\nHost: a\r\n\r\n", unknown))
                      : live_get(server, "/");
    tls_peer *peer = tls_connect(
        server, &(tls_wish){.ahead = behind ? unknown : NULL, .ahead_length = sizeof unknown - 1});
    const char *answer = tls_get(peer, "/");
    tls_close(peer);
    return answer;
}

live live_start(const nu_server_options *given)
{
    static const char *const anywhere[] = {"127.0.0.1:0", NULL};
    nu_server_options        options = *given;
    if (!options.listen)
        options.listen = anywhere;
    if (!options.handler)
        options.handler = live_app;
    nu_server  *server = nu_server_open(nu_arena_current(), &options);
    const char *address = nu_fmt("%s", nu_server_address(server, 0));
    live        self = {.log = memfd_create("log", 0)};
    if (nu_starts_with(address, "unix:"))
        self.path = address + 5;
    else
        self.port = atoi(strrchr(address, ':') + 1);
    self.pid = fork();
    if (self.pid == 0)
        child_main(server, self.log);
    if (nu_server_address_count(server) > 1)
        self.second_port = atoi(strrchr(nu_server_address(server, 1), ':') + 1);
    let_go(server);
    CHECK_CONTAINS(greeting(&self, &options), "hello");
    return self;
}

live live_start_behind(const char *const *balancers)
{
    return live_start(&(nu_server_options){.proxy_protocol = balancers});
}

int live_stop(live *self, int number)
{
    int status;
    kill(self->pid, number);
    waitpid(self->pid, &status, 0);
    self->pid = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

const char *live_log(const live *self)
{
    char *text = nu_alloc(1 << 18);
    pread(self->log, text, (1 << 18) - 1, 0) < 0 ? abort() : (void)0;
    return text;
}

bool live_logs(const live *self, const char *part)
{
    for (int64_t end = live_clock() + 5000; live_clock() < end; live_pause(5))
        if (strstr(live_log(self), part))
            return true;
    return false;
}

/* ---- the client ------------------------------------------------------------------------------ */

int live_connect(const live *self)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)self->port)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct timeval     patience = {.tv_sec = 5};
    int                fd = socket(self->path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (self->path)
        memcpy(un.sun_path, self->path, strlen(self->path) + 1);
    int result = self->path ? connect(fd, (struct sockaddr *)&un, sizeof un)
                            : connect(fd, (struct sockaddr *)&in, sizeof in);
    CHECK_EQ(result, 0);
    return fd;
}

void live_send_n(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server may close early on purpose */
        bytes += n;
        length -= (size_t)n;
    }
}

void live_send(int fd, const char *bytes)
{
    live_send_n(fd, bytes, strlen(bytes));
}

static bool receive(int fd, nu_builder *into, size_t room)
{
    ssize_t n = recv(fd, nu_builder_room(into, room), room, 0);
    if (n <= 0)
        return false;
    into->length += (size_t)n;
    return true;
}

static bool receive_head(int fd, nu_builder *into)
{
    while (!strstr(nu_builder_text(into), "\r\n\r\n"))
        if (!receive(fd, into, 1))
            return false;
    return true;
}

static void receive_until(int fd, nu_builder *into, const char *end)
{
    while (!nu_ends_with(nu_builder_text(into), end) && receive(fd, into, 1)) {
    }
}

const char *live_response(int fd)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 4096);
    if (!receive_head(fd, &text))
        return nu_builder_text(&text);
    size_t      head = text.length;
    const char *length = strstr(text.data, "Content-Length: ");
    if (strstr(text.data, "Transfer-Encoding: chunked"))
        receive_until(fd, &text, "0\r\n\r\n");
    for (size_t left = length ? strtoul(length + 16, NULL, 10) : 0; text.length < head + left;)
        if (!receive(fd, &text, head + left - text.length))
            break;
    return nu_builder_text(&text);
}

const char *live_rest(int fd)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 4096);
    while (receive(fd, &text, 4096)) {
    }
    return nu_builder_text(&text);
}

const char *live_ask(const live *self, const char *request)
{
    int fd = live_connect(self);
    live_send(fd, request);
    const char *response = live_response(fd);
    close(fd);
    return response;
}

static const char *body_of(const char *response)
{
    const char *end = strstr(response, "\r\n\r\n");
    return end ? end + 4 : "";
}

const char *live_get_on(int fd, const char *path)
{
    live_send(fd, nu_fmt("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path));
    return body_of(live_response(fd));
}

const char *live_get(const live *self, const char *path)
{
    int         fd = live_connect(self);
    const char *body = live_get_on(fd, path);
    close(fd);
    return body;
}

/* ---- the system ------------------------------------------------------------------------------ */

int64_t live_clock(void)
{
    return nu_monotonic_us() / 1000;
}

void live_pause(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

long live_memory(pid_t pid)
{
    char  line[256];
    long  kb = 0;
    FILE *file = fopen(nu_fmt("/proc/%d/status", (int)pid), "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    fclose(file);
    return kb;
}

/* The supervisor also starts processes that look up the stacks of crashes. */
static bool is_explainer(int pid)
{
    char  name[32] = "";
    FILE *file = fopen(nu_fmt("/proc/%d/comm", pid), "r");
    if (!file)
        return false;
    bool read = fgets(name, sizeof name, file) != NULL;
    fclose(file);
    return read && strcmp(name, "explainer\n") == 0;
}

size_t live_children(pid_t pid, pid_t *out, size_t room)
{
    size_t count = 0;
    int    child;
    FILE  *file = fopen(nu_fmt("/proc/%d/task/%d/children", (int)pid, (int)pid), "r");
    if (!file)
        return 0;
    while (count < room && fscanf(file, "%d", &child) == 1)
        if (!is_explainer(child))
            out[count++] = child;
    fclose(file);
    return count;
}
