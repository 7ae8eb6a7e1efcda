/* HTTP/2 connections: whatever follows the preface, the server answers or says goodbye, and both in bounded time. A worker
 * runs in a thread of this process, so that its coverage counts; each input is a connection of its own over a Unix
 * socket. An extended CONNECT opens a WebSocket. The first byte says in pieces of how many bytes it is sent. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "nuages/arena.h"
#include "nuages/log.h"
#include "nuages/request.h"
#include "nuages/response.h"
#include "nuages/server.h"
#include "nuages/text.h"
#include "nuages/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
static char       path[64];

static void echo(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    while (nu_websocket_receive(socket, &message))
        nu_websocket_send(socket, message);
}

/* Reads what there is, and answers with more or less. */
static nu_response *answer(nu_request *request, void *ctx)
{
    size_t      length = 0;
    const char *method = nu_request_method(request);
    (void)ctx;
    if (nu_request_header(request, "Upgrade"))
        return nu_websocket(request, echo, NULL, .max_message = 1 << 16, .deflate = true);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        nu_request_body(request, &length);
    char *text = nu_alloc(length * 3 + 100001);
    memset(text, 'x', length * 3 + (nu_request_path(request)[1] != '\0' ? 100000 : 5));
    return nu_text_response(text);
}

static void *serve(void *arg)
{
    nu_server_run(arg);
    abort(); /* nobody asked it to end */
}

static void remove_socket(void)
{
    unlink(path);
}

static void begin(void)
{
    static const char *addresses[2];
    pthread_t          thread;
    signal(SIGPIPE, SIG_IGN);
    snprintf(path, sizeof path, "/tmp/nuages-fuzz-http2-%d", (int)getpid());
    addresses[0] = nu_fmt("unix:%s", path);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_ERROR, .colour = -1});
    nu_server_options *options = nu_alloc(sizeof *options);
    *options = (nu_server_options){.listen = addresses, .handler = answer};
    nu_server *server = nu_server_open(nu_arena_current(), options);
    atexit(remove_socket);
    if (pthread_create(&thread, NULL, serve, server) != 0)
        abort();
    pthread_detach(thread);
}

static int connect_to_it(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct timeval     patience = {.tv_sec = 5};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(name.sun_path, path, strlen(path) + 1);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
        abort();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
}

static bool drain(int fd, int flags)
{
    char    bytes[65536];
    ssize_t count;
    while ((count = recv(fd, bytes, sizeof bytes, flags)) > 0)
        continue;
    return count == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    static bool begun;
    if (!begun)
        begin();
    begun = true;
    if (length == 0)
        return 0;
    size_t step = data[0] == 0 ? length : data[0];
    int    fd = connect_to_it();
    send(fd, preface, sizeof preface - 1, MSG_NOSIGNAL);
    for (size_t at = 1; at < length; at += step) {
        if (send(fd, data + at, length - at < step ? length - at : step, MSG_NOSIGNAL) < 0)
            break;
        drain(fd, MSG_DONTWAIT);
    }
    shutdown(fd, SHUT_WR);
    if (!drain(fd, 0) && fd >= 0) {
        char byte;
        if (recv(fd, &byte, 1, 0) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            fprintf(stderr, "broken promise: a connection whose client has gone ends\n");
            abort();
        }
    }
    close(fd);
    return 0;
}
