/* Listening sockets: opened from addresses, taken over from whoever started us, and handed on. */
#include "server/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/listen.h"

enum { FIRST_PASSED = 3 }; /* where LISTEN_FDS begins: sd_listen_fds(3) */

/* ---- addresses ------------------------------------------------------------------------------- */

static NU_NORETURN void bad_address(const char *address)
{
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "malformed address \"%s\"", address);
    error->hint = "Write HOST:PORT, :PORT, [IPV6]:PORT or unix:PATH.";
    nu_throw(error);
}

static NU_NORETURN void cannot_listen(const char *address, int number)
{
    nu_error *error =
        number == EADDRINUSE
            ? nu_error_new(NU_SYSTEM_ERROR, "address %s is in use", address)
            : nu_error_new(NU_SYSTEM_ERROR, "cannot listen on %s: %s", address, strerror(number));
    if (number == EADDRINUSE)
        error->hint = "Another program listens there (\"ss -ltnp\" names it). Stop it, or choose "
                      "another port.";
    else if (number == EACCES)
        error->hint = "Ports below 1024 need the right to bind them; choose a higher one.";
    nu_throw(error);
}

/* "host:port" taken apart: NULL host means every address. */
static void split(const char *address, const char **host, const char **port)
{
    const char *colon = strrchr(address, ':');
    *port = colon ? colon + 1 : address;
    int64_t number;
    if (!nu_parse_int(*port, strlen(*port), &number) || number < 0 || number > 65535)
        bad_address(address);
    if (!colon) {
        *host = "127.0.0.1";
        return;
    }
    size_t length = (size_t)(colon - address);
    if (length >= 2 && address[0] == '[' && address[length - 1] == ']')
        *host = nu_arena_copy(nu_arena_current(), address + 1, length - 2);
    else if (memchr(address, ':', length))
        bad_address(address);
    else
        *host = length > 0 ? nu_arena_copy(nu_arena_current(), address, length) : NULL;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void switch_on(int fd, int level, int option)
{
    int on = 1;
    setsockopt(fd, level, option, &on, sizeof on);
}

static int open_one(const struct addrinfo *info, int backlog)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    switch_on(fd, SOL_SOCKET, SO_REUSEADDR);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* For "every address" the IPv6 wildcard comes first, which takes IPv4 too; a system without IPv6
 * gets the other one. */
static int listen_internet(const char *address, int backlog)
{
    const char *host, *port;
    split(address, &host, &port);
    struct addrinfo  hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int              failure = 0, fd = -1, number = 0;
    hints.ai_family = host ? AF_UNSPEC : AF_INET6;
    failure = getaddrinfo(host ? host : "::", port, &hints, &found);
    if (failure)
        nu_raise(NU_SYSTEM_ERROR, "cannot listen on %s: %s", address, gai_strerror(failure));
    fd = open_one(found, backlog);
    number = errno;
    freeaddrinfo(found);
    if (fd < 0 && !host && number == EAFNOSUPPORT)
        return listen_internet(nu_fmt("0.0.0.0:%s", port), backlog);
    if (fd < 0)
        cannot_listen(address, number);
    return fd;
}

/* A socket file that nobody listens on any more is left over from a crash. */
static void remove_stale(const struct sockaddr_un *name)
{
    struct stat status;
    if (lstat(name->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)name, sizeof *name) < 0 && errno == ECONNREFUSED)
        unlink(name->sun_path);
    close(fd);
}

static int listen_local(const char *address, int backlog)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const char        *path = address + strlen("unix:");
    if (path[0] == '\0' || strlen(path) >= sizeof name.sun_path)
        bad_address(address);
    memcpy(name.sun_path, path, strlen(path) + 1);
    remove_stale(&name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        cannot_listen(address, errno);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, backlog) < 0) {
        int number = errno;
        close(fd);
        cannot_listen(address, number);
    }
    return fd;
}

int nu_listen(const char *address, int backlog)
{
    if (backlog <= 0)
        backlog = 1024;
    return nu_starts_with(address, "unix:") ? listen_local(address, backlog)
                                            : listen_internet(address, backlog);
}

/* ---- what a socket is ------------------------------------------------------------------------ */

static void describe_internet(nu__listener *listener, nu_arena *arena,
                              const struct sockaddr_storage *name)
{
    bool     six = name->ss_family == AF_INET6;
    char     host[INET6_ADDRSTRLEN];
    uint16_t port;
    bool     any;
    if (six) {
        const struct sockaddr_in6 *in = (const void *)name;
        inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
        port = ntohs(in->sin6_port);
        any = IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr);
    } else {
        const struct sockaddr_in *in = (const void *)name;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        port = ntohs(in->sin_port);
        any = in->sin_addr.s_addr == INADDR_ANY;
    }
    const char *shown = nu_arena_format(arena, six ? "[%s]" : "%s", host);
    listener->address = nu_arena_format(arena, "%s:%d", shown, port);
    listener->name = any ? "localhost" : shown;
    listener->port = nu_arena_format(arena, "%d", port);
    listener->url = nu_arena_format(arena, "http://%s:%d/", listener->name, port);
    /* Inherited by accepted sockets. A response is written whole, so nothing gains from waiting. */
    switch_on(listener->fd, IPPROTO_TCP, TCP_NODELAY);
}

static void describe_local(nu__listener *listener, nu_arena *arena, const struct sockaddr_un *name,
                           socklen_t length)
{
    size_t path = length - offsetof(struct sockaddr_un, sun_path);
    path = strnlen(name->sun_path, path);
    listener->local = true;
    listener->address = nu_arena_format(arena, "unix:%.*s", (int)path, name->sun_path);
    listener->url = listener->address;
    listener->name = "localhost";
}

void nu__listener_init(nu__listener *listener, nu_arena *arena, int fd, bool inherited)
{
    struct sockaddr_storage name = {0};
    socklen_t               length = sizeof name;
    *listener = (nu__listener){.fd = fd, .inherited = inherited};
    if (getsockname(fd, (struct sockaddr *)&name, &length) < 0)
        nu_raise(NU_SYSTEM_ERROR, "descriptor %d is no socket", fd);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (name.ss_family == AF_UNIX)
        describe_local(listener, arena, (const void *)&name, length);
    else
        describe_internet(listener, arena, &name);
}

void nu__listener_secure(nu__listener *listener, nu_arena *arena)
{
    if (listener->local || listener->redirect)
        return;
    listener->tls = true;
    listener->url = nu_arena_format(arena, "https://%s:%s/", listener->name, listener->port);
}

const char *nu_listen_url(int fd)
{
    nu__listener listener;
    nu__listener_init(&listener, nu_arena_current(), fd, true);
    return listener.url;
}

void nu__listener_close(nu__listener *listener)
{
    if (listener->local && !listener->inherited)
        unlink(listener->address + strlen("unix:"));
    close(listener->fd);
}

/* ---- handing over ---------------------------------------------------------------------------- */

static int64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    int64_t     number = -1;
    return text && nu_parse_int(text, strlen(text), &number) ? number : -1;
}

size_t nu__listen_passed(void)
{
    int64_t count = number_of("LISTEN_FDS"), pid = number_of("LISTEN_PID");
    if (count <= 0 || count > 64 || (getenv("LISTEN_PID") && pid != getpid()))
        return 0;
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    return (size_t)count;
}

bool nu__listen_redirects(const char *names, size_t nth)
{
    for (; names && nth > 0; nth--) {
        names = strchr(names, ':');
        names = names ? names + 1 : NULL;
    }
    size_t length = names ? strcspn(names, ":") : 0;
    return length == strlen(NU__REDIRECT_NAME) && memcmp(names, NU__REDIRECT_NAME, length) == 0;
}

int nu__listen_passed_fd(size_t nth)
{
    return FIRST_PASSED + (int)nth;
}

void nu_listen_pass(const int *fds, size_t count)
{
    int moved[64];
    nu_assert(count <= NU_COUNT(moved));
    /* First out of the way: the targets may hold what is still to be moved. */
    for (size_t i = 0; i < count; i++)
        moved[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_PASSED + (int)count);
    for (size_t i = 0; i < count; i++)
        dup2(moved[i], FIRST_PASSED + (int)i);
    setenv("LISTEN_FDS", nu_fmt("%zu", count), 1);
    setenv("LISTEN_PID", nu_fmt("%d", (int)getpid()), 1);
}
