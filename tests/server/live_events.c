/* Streams of events that the servers of these tests send, by path below /events. */
#include "nuages/event_stream.h"

#include <stdlib.h>
#include <string.h>

#include "live_websocket.h"
#include "nuages/fiber.h"
#include "nuages/log.h"
#include "nuages/text.h"

static void say_all(nu_event_stream *stream, void *ctx)
{
    const char *last = nu_event_stream_last_id(stream);
    nu_event_stream_send(stream, last ? last : "from the start", .retry = 500);
    nu_event_stream_send(stream, "one\ntwo\r\nthree\rfour\n", .event = "lines", .id = "7");
    nu_event_stream_send(stream, "");
    nu_event_stream_send_json(stream, nu_value_text(ctx), .id = "");
}

static nu_response *all(nu_request *request)
{
    return nu_event_stream(request, say_all, "ctx", .ctx_size = 4);
}

static void count_up(nu_event_stream *stream, void *ctx)
{
    (void)ctx;
    NU_TRY {
        for (int i = 0; nu_event_stream_send(stream, nu_fmt("%d", i)); i++)
            nu_sleep_ms(10);
        nu_info("test", "events: over");
    }
    NU_CATCH (error) {
        nu_info("test", "events: %s", error->kind->name);
        nu_reraise(error);
    }
}

static nu_response *counting(nu_request *request)
{
    return nu_event_stream(request, count_up, NULL);
}

static void sleep_long(nu_event_stream *stream, void *ctx)
{
    (void)stream;
    (void)ctx;
    NU_TRY {
        nu_sleep_ms(60000);
    }
    NU_CATCH (error) {
        nu_info("test", "silent events: %s", error->kind->name);
        nu_reraise(error);
    }
}

static nu_response *silent(nu_request *request)
{
    return nu_event_stream(request, sleep_long, NULL, .heartbeat_ms = 50);
}

static void flood(nu_event_stream *stream, void *ctx)
{
    enum { SIZE = 10000 };
    char        *text = nu_alloc(SIZE + 1);
    volatile int count = 0;
    (void)ctx;
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    NU_TRY {
        while (nu_event_stream_send(stream, text))
            if (++count % 100 == 0)
                nu_info("test", "sent %d events", count);
    }
    NU_CATCH (error) {
        nu_info("test", "flood: %s", error->kind->name);
        nu_reraise(error);
    }
}

static nu_response *flooding(nu_request *request)
{
    return nu_event_stream(request, flood, NULL);
}

static void raise_later(nu_event_stream *stream, void *ctx)
{
    (void)ctx;
    nu_event_stream_send(stream, "first");
    nu_sleep_ms(5);
    nu_raise(NU_ERROR, "the events broke");
}

static nu_response *raising(nu_request *request)
{
    return nu_event_stream(request, raise_later, NULL);
}

static void mistakes(nu_event_stream *stream, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 3; i++) {
        NU_TRY {
            switch (i) {
            case 0: nu_event_stream_send(stream, "a", .event = "a\ndata: b"); break;
            case 1: nu_event_stream_send(stream, "a", .id = "a\rb"); break;
            case 2: nu_event_stream_send(stream, "\xff"); break;
            }
        }
        NU_CATCH (error) {
            nu_event_stream_send(stream, error->fact);
        }
    }
}

static nu_response *mistaken(nu_request *request)
{
    return nu_event_stream(request, mistakes, NULL);
}

static const struct {
    const char *path;
    nu_view     view;
} routes[] = {
    {"/events/all", all},           {"/events/counting", counting}, {"/events/silent", silent},
    {"/events/flooding", flooding}, {"/events/raising", raising},   {"/events/mistaken", mistaken},
};

nu_response *live_events(nu_request *request)
{
    for (size_t i = 0; i < NU_COUNT(routes); i++)
        if (strcmp(nu_request_path(request), routes[i].path) == 0)
            return routes[i].view(request);
    return NULL;
}
