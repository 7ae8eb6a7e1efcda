/* The response that opens a tunnel; the server does the rest. */
#include <unistd.h>

#include "http/internal.h"
#include "nuages/proxy.h"

static void close_end(void *arg)
{
    struct nu__tunnel_end *end = arg;
    if (end->fd >= 0)
        close(end->fd);
}

nu_response *nu_tunnel(int fd, const char *protocol, const void *early, size_t length)
{
    struct nu__tunnel_end *end = nu_alloc(sizeof *end);
    *end = (struct nu__tunnel_end){.fd = fd};
    nu_arena_defer(nu_arena_current(), close_end, end);
    end->early = nu_arena_copy(nu_arena_current(), early, length);
    end->early_length = length;
    nu_response *res = nu_status(101);
    nu_response_set_header(res, "Upgrade", protocol);
    res->tunnel = end;
    return res;
}
