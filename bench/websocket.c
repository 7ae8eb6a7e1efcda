/* WebSockets that echo, for measuring what they cost: websocket ADDRESS. /handler speaks in straight lines,
 * /compact so with its stack put aside, /events by functions, /deflate compresses. */
#include <stdio.h>
#include <string.h>

#include "nuages/server.h"
#include "nuages/websocket.h"

static void echo(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    while (nu_websocket_receive(socket, &message))
        nu_websocket_send(socket, message);
}

static void said(nu_websocket *socket, nu_value message, void *ctx)
{
    (void)ctx;
    nu_websocket_send(socket, message);
}

static const nu_websocket_events events = {.message = said};

static nu_response *view(nu_request *req, void *ctx)
{
    (void)ctx;
    if (strcmp(nu_request_path(req), "/events") == 0)
        return nu_websocket_on(req, &events, NULL);
    bool deflate = strcmp(nu_request_path(req), "/deflate") == 0;
    bool compact = strcmp(nu_request_path(req), "/compact") == 0;
    return nu_websocket(req, echo, NULL, .deflate = deflate, .compact = compact);
}

static nu_server *server;

static void ready(void *ctx)
{
    (void)ctx;
    printf("%s\n", nu_server_url(server, 0));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char       *listen[] = {argc > 1 ? argv[1] : "127.0.0.1:0", NULL};
    nu_server_options options = {.listen = listen, .handler = view, .ready = ready};
    server = nu_server_open(NULL, &options);
    int status = nu_server_run(server);
    nu_server_close(server);
    return status;
}
