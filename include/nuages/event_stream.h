/* Server-sent events (WHATWG HTML 9.2): a view answers with a stream of events, which a page receives with
 * `new EventSource("/prices/")` and which it asks for again by itself when the connection breaks.
 *
 *      static void prices(nu_event_stream *stream, void *ctx)
 *      {
 *          int64_t at = nu_event_stream_last_id(stream) ? atoll(nu_event_stream_last_id(stream)) : 0;
 *          while (nu_event_stream_send(stream, next_price(&at), .event = "price", .id = nu_fmt("%lld", at)))
 *              nu_sleep_ms(1000);
 *      }
 *
 *      nu_response *prices_view(nu_request *request)
 *      {
 *          return nu_event_stream(request, prices, NULL);
 *      }
 *
 * The handler runs in a fiber of its own while the request is still there, so it may use the request's
 * memory. When it returns the stream ends, and the page asks again after its `retry`; answer 204 to
 * make it stop. When the client leaves, the handler's wait raises Cancelled. When the server stops or is
 * reloaded the stream ends, and the page comes back to a new worker.
 *
 * A handler that goes on for long works in an arena of its own and resets it (nuages/arena.h), as nothing it
 * allocates is freed before the stream ends. A stream counts as a request that is in flight.
 *
 * Over HTTP/1.1 a browser opens six connections to a site at most, and each stream takes one; over HTTP/2 they
 * share one. */
#pragma once

#include "nuages/request.h"
#include "nuages/response.h"

typedef struct nu_event_stream nu_event_stream;

typedef void nu_event_handler(nu_event_stream *stream, void *ctx);

typedef struct nu_event_stream_options {
    size_t ctx_size; /* bytes of *ctx to copy for the handler; 0: the pointer is handed along */
    int heartbeat_ms; /* silence after which a comment is sent, so that neither a proxy nor the client
                            takes the connection for dead (15000; -1: never) */
    size_t
        send_queue; /* bytes that the client has not taken, above which a sender waits (64 KiB) */
} nu_event_stream_options;

/* The response; its type is text/event-stream, and caches and nginx's buffer are told to stay away. */
#define nu_event_stream(request, handler, ctx, ...)                                                \
    nu_event_stream_((request), (handler), (ctx), &(nu_event_stream_options){__VA_ARGS__})
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_event_stream_(nu_request                    *request,
                                                           nu_event_handler              *handler,
                                                           const void                    *ctx,
                                                           const nu_event_stream_options *options);

typedef struct nu_event_stream_fields {
    const char *event; /* its name; NULL: "message" */
    const char *id;    /* the page names it when it asks again; "" takes the last one back */
    int         retry; /* milliseconds until it asks again; 0: as before */
} nu_event_stream_fields;

/* Sends an event: nu_event_stream_send(stream, text, .event = "price"). Text of several lines arrives as such. False
 * when the stream is over. Any fiber of the worker may call it until the handler returns; it waits while
 * `send_queue` or more is unsent. An event or id with a line break or a text that is not UTF-8 raises
 * ValueError. */
#define nu_event_stream_send(stream, data, ...)                                                    \
    nu_event_stream_send_((stream), (data), &(nu_event_stream_fields){__VA_ARGS__})
NU_PUBLIC NU_WAITS bool nu_event_stream_send_(nu_event_stream *stream, const char *data,
                                              const nu_event_stream_fields *options);
/* Any plain value, as compact JSON. */
#define nu_event_stream_send_json(stream, value, ...)                                              \
    nu_event_stream_send_json_((stream), (value), &(nu_event_stream_fields){__VA_ARGS__})
NU_PUBLIC NU_WAITS bool nu_event_stream_send_json_(nu_event_stream *stream, nu_value value,
                                                   const nu_event_stream_fields *options);

/* The id of the last event that the page has seen before it asked again; NULL: none. */
NU_PUBLIC const char *nu_event_stream_last_id(const nu_event_stream *stream);
