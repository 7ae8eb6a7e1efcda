/* WebSocket (RFC 6455): a view turns its connection over to a handler, which speaks in straight lines.
 *
 *      static void echo(nu_websocket *socket, void *ctx)
 *      {
 *          nu_value message;
 *          while (nu_websocket_receive(socket, &message))
 *              nu_websocket_send(socket, message);
 *      }
 *
 *      nu_response *echo_view(nu_request *request)
 *      {
 *          return nu_websocket(request, echo, NULL);
 *      }
 *
 * The handler runs in a fiber of its own once the response with status 101 is out. The request has ended
 * then: what the handler needs of it goes along in `ctx` or `.data`. When it returns, the connection is
 * closed in order (1000; 1011 if it raised); when the client leaves, nu_websocket_receive gives false, and
 * a handler that waits for something else is cancelled after `close_ms`.
 *
 * Memory: what a handler allocates before its first nu_websocket_receive lives as long as the
 * connection. After that the current arena is emptied by each nu_websocket_receive, so a loop may
 * allocate as it likes; what must stay goes to nu_websocket_arena.
 *
 * A handler that waits keeps a stack, of one or two pages (`.compact`: of a kilobyte). For many connections
 * that are idle most of the time there is the other style, nu_websocket_on: functions that are called when something happens, each
 * time in a fiber, while nothing is kept in between.
 *
 * Pings are answered, and sent while the client is silent, without the handler. Messages that come while
 * it is busy wait in a short line; when that is full, the client is not read from. When the server stops or
 * is reloaded, all are closed with 1001. */
#pragma once

#include "nuages/request.h"
#include "nuages/response.h"

typedef struct nu_websocket nu_websocket;

typedef void nu_websocket_handler(nu_websocket *socket, void *ctx);

/* Each may wait, and is called after the one before has returned; NULL: nothing to do. What it allocates
 * lives until it returns. One that raises closes the connection with 1011. */
typedef struct nu_websocket_events {
    void (*open)(nu_websocket *socket, void *ctx);
    void (*message)(nu_websocket *socket, nu_value message, void *ctx);
    void (*closed)(nu_websocket *socket, void *ctx); /* in every case, last */
} nu_websocket_events;

typedef struct nu_websocket_options {
    size_t   ctx_size; /* bytes of *ctx to copy for the handler; 0: the pointer is handed along, and
                          what it points to must outlive the connection */
    nu_value data;     /* copied whole, for nu_websocket_data */

    const char *const *subprotocols; /* those that are spoken, best first, ended by NULL */
    /* Origins beside the site's own host: "https://example.org", "*" for any; ended by NULL. A request
     * without Origin comes from no browser and is let through. */
    const char *const *origins;

    size_t max_message; /* bytes, after decompression (1 MiB; beyond: 1009) */
    size_t max_frame;   /* bytes; 0: as max_message */
    int max_waiting; /* messages that the handler has not received yet (16); of all their bytes, as
                           many as max_message */
    size_t
        send_queue; /* bytes that the client has not taken yet (64 KiB); a sender waits below it ... */
    bool close_slow; /* ... or, with this, the client is closed with 1008 */

    int ping_ms;  /* silence after which the client is pinged (30000; -1: never) */
    int pong_ms;  /* and then given up (20000) */
    int idle_ms;  /* without a message from the client, pings aside: closed with 1000 (0: never) */
    int close_ms; /* for the answer to a close, and for a handler whose client has left (10000) */

    /* Of a handler that has waited in nu_websocket_receive for two seconds, keep what is in its stack and
     * not the whole page. Its local variables are its own then: no list, no other fiber and no static
     * may point to them while it waits, or the worker crashes with a message that says so. Of a handler
     * that has spawned fibers all is kept. */
    bool compact;

    bool   deflate;       /* agree to permessage-deflate (RFC 7692) */
    size_t deflate_min;   /* smaller messages go as they are (256) */
    int    deflate_level; /* 1 to 9 (1) */
    bool
        context_takeover; /* keep the window between messages, if the client does: smaller messages,
                                some 200 KiB for each connection */
    int window_bits;      /* 9 to 15: what both windows are held down to (15; 11 with takeover) */
} nu_websocket_options;

/* The response that opens a WebSocket: nu_websocket(request, chat, &room, .ctx_size = sizeof room). What is
 * no opening handshake gets 426 or 400, a foreign origin 403. Over HTTP/1.1, and streams of HTTP/2
 * (RFC 8441), which the view sees as requests of HTTP/1.1. Raises ValueError for options out of range. */
#define nu_websocket(request, handler, ctx, ...)                                                   \
    nu_websocket_((request), (handler), (ctx), &(nu_websocket_options){__VA_ARGS__})
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_websocket_(nu_request                 *request,
                                                        nu_websocket_handler       *handler,
                                                        const void                 *ctx,
                                                        const nu_websocket_options *options);

/* The same with functions; `events`, a const table, outlives the connection. nu_websocket_receive is not
 * for them. */
#define nu_websocket_on(request, events, ctx, ...)                                                 \
    nu_websocket_on_((request), (events), (ctx), &(nu_websocket_options){__VA_ARGS__})
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_websocket_on_(nu_request                 *request,
                                                           const nu_websocket_events  *events,
                                                           const void                 *ctx,
                                                           const nu_websocket_options *options);

/* Waits for the next message: text (valid UTF-8, NUL-terminated) or bytes, which lives until the next
 * call. False when the connection is closed, by whichever side. For the handler's fiber only. Raises
 * Timeout of a NU_DEADLINE, after which it may be called again; AssertionError in another fiber. */
NU_PUBLIC NU_WAITS bool nu_websocket_receive(nu_websocket *socket, nu_value *message);

/* Each gives false when the connection is closed. Any fiber of the worker may call them until the
 * handler returns (`closed` has returned); a message is sent whole before the next. They wait while
 * `send_queue` or more is unsent. Text that is not UTF-8 raises ValueError. */
NU_PUBLIC NU_WAITS bool nu_websocket_send_text(nu_websocket *socket, const char *text);
NU_PUBLIC NU_WAITS bool nu_websocket_send_binary(nu_websocket *socket, const void *bytes,
                                                 size_t length);
/* Any plain value, as compact JSON in a text message. */
NU_PUBLIC NU_WAITS bool nu_websocket_send_json(nu_websocket *socket, nu_value value);
/* Text or bytes as they were received; other values raise ValueError. */
NU_PUBLIC NU_WAITS bool nu_websocket_send(nu_websocket *socket, nu_value message);
/* At most 125 bytes, or ValueError; the answer is noted and not shown. */
NU_PUBLIC NU_WAITS bool nu_websocket_ping(nu_websocket *socket, const void *bytes, size_t length);

/* Begins the closing handshake; the client's answer is awaited behind the scenes. Later calls change
 * nothing. `code` is 1000, 1001-1003, 1007-1014 or 3000-4999; `reason` (NULL: none) has at most 123 bytes
 * of UTF-8. Anything else raises ValueError. */
NU_PUBLIC void nu_websocket_close(nu_websocket *socket, int code, const char *reason);
/* After a close: the code that the client sent; 1005 if it sent none, 1006 if the connection broke; 0
 * while it is open. */
NU_PUBLIC int nu_websocket_close_code(const nu_websocket *socket);
/* The reason with it, "" if none. */
NU_PUBLIC const char *nu_websocket_close_reason(const nu_websocket *socket);

/* The subprotocol that was agreed on; NULL: none. */
NU_PUBLIC const char *nu_websocket_subprotocol(const nu_websocket *socket);
/* The options' `data`; null if none was given. */
NU_PUBLIC nu_value nu_websocket_data(const nu_websocket *socket);
/* What lives as long as the connection. */
NU_PUBLIC NU_RETURNS_NONNULL nu_arena *nu_websocket_arena(nu_websocket *socket);
/* Id of the request that opened it, for logs. */
NU_PUBLIC const char *nu_websocket_id(const nu_websocket *socket);
/* Address of the client. */
NU_PUBLIC const char *nu_websocket_remote_address(const nu_websocket *socket);
