/* The smallest program on the bare server, for measuring what the server itself costs:
 *      hello ADDRESS WORKERS [ACCESS_LOG]; TLS with CERTIFICATE and KEY in the environment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/server.h"

static nu_response *hello(nu_request *req, void *ctx)
{
    (void)ctx;
    if (strcmp(nu_request_path(req), "/json") == 0)
        return nu_json("message", "Hello, World!");
    return nu_text_response("Hello, World!");
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
    nu_certificate    certificates[] = {{getenv("CERTIFICATE"), getenv("KEY")}, {0}};
    nu_server_options options = {
        .listen = listen,
        .workers = argc > 2 ? atoi(argv[2]) : 0,
        .access_log = argc > 3,
        .certificates = certificates,
        .handler = hello,
        .ready = ready,
    };
    server = nu_server_open(NULL, &options);
    int status = nu_server_run(server);
    nu_server_close(server);
    return status;
}
