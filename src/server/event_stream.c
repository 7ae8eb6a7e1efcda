/* Server-sent events (nuages/event_stream.h): two fibers and a text between them.
 *
 *      handler ── nu_event_stream_send ──▶ `text` ── next_piece ──▶ whoever writes the response
 *
 * The exchange's fiber takes what is there and writes it, for HTTP/1.1 and HTTP/2 alike; the handler's is
 * its child, and is ended with it. Streams of a loop know one another, so that a worker that drains can
 * end them. */
#include "server/event_stream.h"

#include <string.h>

#include "nuages/event_stream.h"
#include "nuages/json.h"
#include "nuages/server.h"
#include "nuages/text.h"
#include "runtime/fiber.h"

/* A fiber that waits for room, in an arena of its own: the stream may be gone when it wakes. */
struct waiter {
    struct waiter *next;
    bool           over;
};

struct nu_event_stream {
    nu_event_handler       *handler;
    void                   *ctx;
    nu_event_stream_options options; /* complete */
    const char             *last_id;

    nu_fiber *child, *writer; /* of the handler; parked in next_piece */
    bool      ended;          /* the handler has returned */
    bool      over;           /* nothing is taken any more */

    nu_arena  *arenas[2]; /* of the text that is filled, and of the one that is being written */
    nu_builder text;

    nu_queue         senders;
    struct waiter   *waiters;
    nu_event_stream *next, **link; /* among those of the loop */
};

/* ---- all of a loop --------------------------------------------------------------------------- */

static const char streams_key;

static nu_event_stream **streams_of(nu_loop *loop)
{
    return nu__loop_local(loop, &streams_key, sizeof(nu_event_stream *), NULL);
}

static void link_in(nu_event_stream *stream, nu_loop *loop)
{
    nu_event_stream **first = streams_of(loop);
    stream->next = *first;
    stream->link = first;
    if (*first)
        (*first)->link = &stream->next;
    *first = stream;
}

static void link_out(nu_event_stream *stream)
{
    if (!stream->link)
        return;
    *stream->link = stream->next;
    if (stream->next)
        stream->next->link = stream->link;
    stream->link = NULL;
}

/* Nobody takes anything any more. */
static void end(nu_event_stream *stream)
{
    stream->over = true;
    for (struct waiter *waiter = stream->waiters; waiter; waiter = waiter->next)
        waiter->over = true;
    nu__queue_wake_all(&stream->senders);
    if (stream->writer)
        nu__wake(stream->writer);
}

void nu__event_streams_drain(nu_loop *loop)
{
    for (nu_event_stream *stream = *streams_of(loop); stream; stream = stream->next)
        end(stream);
}

/* ---- the handler's side ---------------------------------------------------------------------- */

static void handler_ended(nu_event_stream *stream)
{
    stream->ended = true;
    if (stream->writer)
        nu__wake(stream->writer);
}

static void run_handler(void *arg)
{
    nu_event_stream *stream = arg;
    NU_TRY {
        stream->handler(stream, stream->ctx);
    }
    NU_CATCH (error) {
        handler_ended(stream);
        nu_reraise(error);
    }
    handler_ended(stream);
}

static void leave_line(nu_event_stream *stream, const struct waiter *waiter)
{
    struct waiter **link = &stream->waiters;
    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
}

static bool wait_in_line(nu_event_stream *stream, struct waiter *waiter)
{
    nu_wake wake = NU_WAKE_READY;
    waiter->next = stream->waiters;
    stream->waiters = waiter;
    while (!waiter->over && wake == NU_WAKE_READY &&
           stream->text.length >= stream->options.send_queue)
        wake = nu__queue_wait(&stream->senders, NU__FOREVER);
    if (waiter->over)
        return false;
    leave_line(stream, waiter);
    nu__wake_check(wake, "sending an event");
    return true;
}

/* False when the stream is over, and perhaps gone. */
static bool await_room(nu_event_stream *stream)
{
    if (stream->over || stream->text.length < stream->options.send_queue)
        return !stream->over;
    nu_arena *arena = nu_arena_new(nu_arena_current(), "waiting");
    bool      room = wait_in_line(stream, nu_arena_zalloc(arena, sizeof(struct waiter)));
    nu_arena_free(arena);
    return room;
}

/* A field ends with its line, and an id with a NUL is passed over by browsers. */
static void check_field(const char *value, const char *name)
{
    size_t length = strlen(value);
    if (memchr(value, '\n', length) || memchr(value, '\r', length) || !nu_utf8_valid(value, length))
        nu_raise(NU_VALUE_ERROR, "the %s of an event is one line of UTF-8", name);
}

static void put_field(nu_builder *out, const char *name, const char *value, size_t length)
{
    nu_builder_puts(out, name);
    nu_builder_add(out, ": ", 2);
    nu_builder_add(out, value, length);
    nu_builder_putc(out, '\n');
}

/* A line ends with LF, CR or both. */
static void put_lines(nu_builder *out, const char *data)
{
    for (;;) {
        size_t length = strcspn(data, "\r\n");
        put_field(out, "data", data, length);
        if (!data[length])
            return;
        data += length + (data[length] == '\r' && data[length + 1] == '\n' ? 2 : 1);
    }
}

static void put_event(nu_builder *out, const char *data, const nu_event_stream_fields *options)
{
    if (options->event)
        put_field(out, "event", options->event, strlen(options->event));
    if (options->id)
        put_field(out, "id", options->id, strlen(options->id));
    if (options->retry > 0)
        nu_builder_printf(out, "retry: %d\n", options->retry);
    put_lines(out, data);
    nu_builder_putc(out, '\n');
}

bool nu_event_stream_send_(nu_event_stream *stream, const char *data,
                           const nu_event_stream_fields *options)
{
    if (options->event)
        check_field(options->event, "name");
    if (options->id)
        check_field(options->id, "id");
    if (!nu_utf8_valid(data, strlen(data)))
        nu_raise(NU_VALUE_ERROR, "the data of an event is not UTF-8");
    if (!await_room(stream))
        return false;
    put_event(&stream->text, data, options);
    if (stream->writer)
        nu__wake(stream->writer);
    return true;
}

bool nu_event_stream_send_json_(nu_event_stream *stream, nu_value value,
                                const nu_event_stream_fields *options)
{
    return nu_event_stream_send_(stream, nu_json_text(value), options);
}

const char *nu_event_stream_last_id(const nu_event_stream *stream)
{
    return stream->last_id;
}

/* ---- the writer's side ----------------------------------------------------------------------- */

/* Hands the text out, and begins another one in the arena of the one before. */
static void take_text(nu_event_stream *stream, nu_value *piece)
{
    *piece = nu_value_text_n(nu_builder_text(&stream->text), stream->text.length);
    nu_arena *filled = stream->arenas[0];
    nu_arena_reset(stream->arenas[1]);
    stream->arenas[0] = stream->arenas[1];
    stream->arenas[1] = filled;
    nu_builder_init(&stream->text, stream->arenas[0], 256);
    nu__queue_wake_all(&stream->senders);
}

static nu_wake await_text(nu_event_stream *stream)
{
    int     ms = stream->options.heartbeat_ms;
    int64_t until = ms < 0 ? NU__FOREVER : nu__in_ms(ms);
    nu_wake wake = NU_WAKE_READY;
    stream->writer = nu__fiber_self();
    while (stream->text.length == 0 && !stream->ended && !stream->over && wake == NU_WAKE_READY)
        wake = nu__park_until(until);
    stream->writer = NULL;
    return wake;
}

/* The handler has returned, or is to. What it raised cuts the connection. */
static bool finish(nu_event_stream *stream)
{
    nu_fiber *child = stream->child;
    stream->child = NULL;
    stream->over = true;
    if (!stream->ended)
        nu_cancel(child);
    NU_TRY {
        nu_join(child);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_CANCELLED))
            nu_reraise(error);
    }
    return false;
}

static void start(nu_event_stream *stream)
{
    nu_loop *loop = nu__loop_current();
    if (loop)
        link_in(stream, loop);
    stream->over = nu_server_is_draining();
    stream->child = nu_spawn(run_handler, stream);
}

static bool next_piece(void *self, nu_value *piece)
{
    nu_event_stream *stream = self;
    if (!stream->child)
        start(stream);
    nu_wake wake = await_text(stream);
    if (wake == NU_WAKE_CANCELLED) {
        end(stream);
        nu__wake_check(wake, "sending events");
    }
    if (stream->text.length > 0)
        take_text(stream, piece);
    else if (stream->ended || stream->over)
        return finish(stream);
    else
        *piece = nu_value_text(":\n\n");
    return true;
}

static void close_stream(void *self)
{
    nu_event_stream *stream = self;
    link_out(stream);
    end(stream);
}

/* ---- the response ---------------------------------------------------------------------------- */

static nu_event_stream *new_stream(nu_request *request, nu_event_handler *handler, const void *ctx,
                                   const nu_event_stream_options *options)
{
    nu_arena        *arena = nu_arena_current();
    nu_event_stream *stream = nu_arena_zalloc(arena, sizeof *stream);
    stream->options = *options;
    if (!stream->options.heartbeat_ms)
        stream->options.heartbeat_ms = 15000;
    if (!stream->options.send_queue)
        stream->options.send_queue = (size_t)64 * 1024;
    stream->handler = handler;
    stream->ctx = options->ctx_size > 0 ? nu_arena_copy(arena, ctx, options->ctx_size)
                                        : (void *)(uintptr_t)ctx;
    stream->last_id = nu_request_header(request, "Last-Event-ID");
    for (int i = 0; i < 2; i++)
        stream->arenas[i] = nu_arena_new(arena, "events");
    nu_builder_init(&stream->text, stream->arenas[0], 256);
    return stream;
}

nu_response *nu_event_stream_(nu_request *request, nu_event_handler *handler, const void *ctx,
                              const nu_event_stream_options *options)
{
    nu_event_stream *stream = new_stream(request, handler, ctx, options);
    nu_response     *res = nu_stream("text/event-stream", next_piece, close_stream, stream);
    nu_response_set_header(res, "Cache-Control", "no-cache");
    nu_response_set_header(res, "X-Accel-Buffering", "no");
    return res;
}
