/* HTTP/1.1 on a connection. A connection that is idle holds neither fiber nor buffer:
 *
 *                    ┌──────────────── response sent ◀────────────────┐
 *                    ▼                                                │
 *       open ────▶ IDLE ──first byte──▶ HEAD ──complete──▶ BUSY ──────┤
 *                    │                   │ refused                    │ not to be kept
 *                    ▼                   ▼                            ▼
 *                 closed ◀──────────── linger ◀───────────────────────┘
 *
 * IDLE and HEAD run in callbacks of the loop, which never wait; BUSY belongs to the fiber of one
 * exchange. */
#pragma once

#include <sys/uio.h>

#include "server/http1_chunked.h"
#include "server/internal.h"

enum nu__http1_state { NU__HTTP1_IDLE, NU__HTTP1_HEAD, NU__HTTP1_BUSY };

typedef struct nu__http1_conn {
    uint8_t          state;      /* nu__http1_state */
    nu__buffer      *in;         /* NULL while idle */
    size_t           begin, end; /* bytes of it that nobody has taken yet */
    nu__http1_cursor cursor;     /* from begin */
    size_t           ready;      /* length of a complete head at begin; 0: not known of any */
    nu__buffer      *out;        /* responses of a pipeline that are not sent yet */
    size_t           out_length;
    nu_hook          flush; /* sends `out` when the tick ends */
    nu_fiber        *fiber; /* in BUSY */
    uint32_t         waits; /* EPOLLIN, EPOLLOUT: what the fiber is parked for */
} nu__http1_conn;

/* After an exchange: on with the next request, or idle. */
void nu__http1_next(nu__conn *conn);
/* True if the next head is complete in the buffer. */
bool nu__http1_has_next(nu__conn *conn);

/* Starts a fiber for the head at conn->http1.begin. */
void nu__http1_serve(nu__conn *conn, const nu__http1_head *head, size_t head_length);
/* A response without a request, to a head that was refused, and the end of the connection. Best
 * effort. */
void nu__http1_refuse(nu__conn *conn, int status, const char *reason);

/* ---- for the serving fiber ------------------------------------------------------------------- */

/* Both park until the client moves. The read raises Cancelled, or Timeout of a deadline, and gives
 * false after `until`; the write gives false when the connection is dead. */
NU_WAITS bool nu__http1_wait_read(nu__conn *conn, int64_t until);
NU_WAITS bool nu__http1_wait_write(nu__conn *conn);
/* Writes it all, what waits in `out` before it; false when the connection is dead. Changes `parts`.
 */
NU_WAITS bool nu__http1_write(nu__conn *conn, struct iovec *parts, int count);
/* Keeps it for the end of the tick if there is room; false if not. */
bool nu__http1_write_later(nu__conn *conn, const struct iovec *parts, int count);
/* Sends what write_later kept, as far as the client takes it at once. */
void nu__http1_flush(nu__conn *conn);
