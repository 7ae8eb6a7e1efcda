/* WebSockets within this process, without a server: for the test client. */
#pragma once

#include "nuages/response.h"
#include "runtime/fiber.h"

/* The client's end of one. */
typedef struct nu__websocket_local {
    int       fd;     /* speaks frames; non-blocking, the caller's to close */
    bool      ended;  /* the handler, or the last function, has returned */
    nu_fiber *waiting; /* woken at the end; NULL: nobody */
} nu__websocket_local;

/* Begins what a response with `upgrade` promises on a connection of the running loop; `id` stands in the
 * log. The result lies in the current arena, which lives at least as long as the loop's fibers run. What is
 * still open when the loop is freed is dropped. Raises SystemError, OutOfMemory. */
NU_RETURNS_NONNULL nu__websocket_local *nu__websocket_local_open(nu_response *response, const char *id);
