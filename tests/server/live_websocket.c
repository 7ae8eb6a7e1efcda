/* WebSockets that the servers of these tests speak, by path below /ws. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "live_websocket.h"
#include "nuages/fiber.h"
#include "nuages/log.h"
#include "nuages/text.h"
#include "nuages/websocket.h"
#include "runtime/fiber.h"

static void echo(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    while (nu_websocket_receive(socket, &message))
        nu_websocket_send(socket, message);
    nu_info("test", "closed with %d %s", nu_websocket_close_code(socket),
            nu_websocket_close_reason(socket));
}

static nu_response *plain(nu_request *request)
{
    return nu_websocket(request, echo, NULL);
}

static nu_response *limits(nu_request *request)
{
    return nu_websocket(request, echo, NULL, .max_message = 100000, .max_frame = 70000,
                        .deflate = true);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_open(nu_websocket *socket, void *ctx)
{
    (void)ctx;
    nu_info("test", "open %s", nu_websocket_remote_address(socket));
}

static void on_message(nu_websocket *socket, nu_value message, void *ctx)
{
    (void)ctx;
    if (message.type == NU_TEXT && strcmp(message.text, "raise") == 0)
        nu_raise(NU_ERROR, "as asked for");
    if (message.type == NU_TEXT && strcmp(message.text, "wait") == 0)
        nu_sleep_ms(20);
    nu_websocket_send(socket, message);
}

static void on_closed(nu_websocket *socket, void *ctx)
{
    (void)ctx;
    nu_sleep_ms(1);
    nu_info("test", "events closed with %d", nu_websocket_close_code(socket));
}

static const nu_websocket_events events = {
    .open = on_open,
    .message = on_message,
    .closed = on_closed,
};

static nu_response *with_events(nu_request *request)
{
    return nu_websocket_on(request, &events, NULL, .max_message = 100000, .max_frame = 70000,
                           .deflate = true);
}

/* ---- what handlers do ------------------------------------------------------------------------ */

struct greeting {
    char name[16];
    int  times;
};

static void greet(nu_websocket *socket, void *ctx)
{
    const struct greeting *greeting = ctx;
    for (int i = 0; i < greeting->times; i++)
        nu_websocket_send_text(socket, nu_fmt("hello %s", greeting->name));
    nu_websocket_send_json(socket, nu_websocket_data(socket));
    const char *protocol = nu_websocket_subprotocol(socket);
    nu_websocket_send_text(socket, protocol ? protocol : "no subprotocol");
    nu_websocket_close(socket, 4001, "that was all");
    nu_websocket_close(socket, 4002, "too late");
}

static nu_response *greeted(nu_request *request)
{
    static const char *const protocols[] = {"chat.v2", "chat.v1", NULL};
    struct greeting          greeting = {.name = "Ada", .times = 2};
    return nu_websocket(request, greet, &greeting, .ctx_size = sizeof greeting,
                        .subprotocols = protocols,
                        .data = nu_value_text(nu_request_query_string(request)));
}

static void raising(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    nu_websocket_receive(socket, &message);
    nu_raise(NU_ERROR, "the handler broke");
}

static nu_response *broken(nu_request *request)
{
    return nu_websocket(request, raising, NULL);
}

/* Waits for something else than the client. */
static void sleep_long(nu_websocket *socket, void *ctx)
{
    (void)ctx;
    NU_TRY {
        nu_sleep_ms(60000);
    }
    NU_CATCH (error) {
        nu_info("test", "handler: %s, code %d", error->kind->name, nu_websocket_close_code(socket));
        nu_reraise(error);
    }
}

static nu_response *sleeping(nu_request *request)
{
    return nu_websocket(request, sleep_long, NULL, .close_ms = 200);
}

/* Sends until the client has gone, whether it reads or not. */
static void flood(nu_websocket *socket, void *ctx)
{
    enum { SIZE = 32 * 1024 };
    char *bytes = nu_arena_zalloc(nu_websocket_arena(socket), SIZE);
    int   count = 0;
    (void)ctx;
    while (nu_websocket_send_binary(socket, bytes, SIZE))
        count++;
    nu_info("test", "sent %d pieces, code %d", count, nu_websocket_close_code(socket));
}

static nu_response *flooding(nu_request *request)
{
    return nu_websocket(request, flood, NULL);
}

static nu_response *impatient(nu_request *request)
{
    return nu_websocket(request, flood, NULL, .close_slow = true, .close_ms = 200);
}

static void slow_echo(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    while (nu_websocket_receive(socket, &message)) {
        nu_sleep_ms(5);
        nu_websocket_send(socket, message);
    }
    nu_info("test", "slow echo ended");
}

static nu_response *slow(nu_request *request)
{
    return nu_websocket(request, slow_echo, NULL, .max_waiting = 2);
}

static nu_response *watchful(nu_request *request)
{
    return nu_websocket(request, echo, NULL, .ping_ms = 100, .pong_ms = 100);
}

static nu_response *idle(nu_request *request)
{
    return nu_websocket(request, echo, NULL, .ping_ms = 50, .idle_ms = 300);
}

static nu_response *takeover(nu_request *request)
{
    return nu_websocket(request, echo, NULL, .deflate = true, .context_takeover = true,
                        .deflate_min = 1, .max_message = 4 << 20);
}

static nu_response *foreign(nu_request *request)
{
    static const char *const origins[] = {"https://friend.example", NULL};
    return nu_websocket(request, echo, NULL, .origins = origins);
}

static nu_response *wrong(nu_request *request)
{
    return nu_websocket(request, echo, NULL, .window_bits = 8);
}

/* What a handler may not do, one sentence each. */
static void mistakes(nu_websocket *socket, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 5; i++) {
        NU_TRY {
            switch (i) {
            case 0: nu_websocket_close(socket, 1005, NULL); break;
            case 1: nu_websocket_close(socket, 1000, nu_fmt("%0124d", 1)); break;
            case 2: nu_websocket_send_text(socket, "\xff"); break;
            case 3: nu_websocket_send(socket, nu_value_int(3)); break;
            case 4: nu_websocket_ping(socket, "", 126); break;
            }
        }
        NU_CATCH (error) {
            nu_websocket_send_text(socket, error->fact);
        }
    }
}

static nu_response *mistaken(nu_request *request)
{
    return nu_websocket(request, mistakes, NULL);
}

static void patient_for_once(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    NU_TRY {
        NU_DEADLINE(50)
        {
            nu_websocket_receive(socket, &message);
        }
    }
    NU_CATCH (error) {
        nu_websocket_send_text(socket, error->kind->name);
    }
    while (nu_websocket_receive(socket, &message))
        nu_websocket_send(socket, message);
}

static nu_response *with_deadline(nu_request *request)
{
    return nu_websocket(request, patient_for_once, NULL);
}

/* ---- a stack that is put aside --------------------------------------------------------------- */

static const void *compact_local; /* of the handler that runs */

/* Has something in its stack while it waits. */
static void count_messages(nu_websocket *socket, void *ctx)
{
    char     said[64] = "";
    nu_value message;
    (void)ctx;
    compact_local = said;
    for (int count = 1; nu_websocket_receive(socket, &message); count++) {
        size_t length = strlen(said);
        snprintf(said + length, sizeof said - length, "%d %s,", count, message.text);
        nu_websocket_send_text(socket, said);
    }
}

static nu_response *compact(nu_request *request)
{
    return nu_websocket(request, count_messages, NULL, .compact = true);
}

/* Tells when the other's stack is put aside. */
static void watch_stack(nu_websocket *socket, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 300; i++) {
        if (nu__fiber_aside_hit(compact_local)) {
            nu_websocket_send_text(socket, "put aside");
            return;
        }
        nu_sleep_ms(10);
    }
    nu_websocket_send_text(socket, "in its place");
}

static nu_response *watching(nu_request *request)
{
    return nu_websocket(request, watch_stack, NULL);
}

/* What `compact` forbids. */
static void touch_stack(nu_websocket *socket, void *ctx)
{
    (void)ctx, (void)socket;
    *(volatile char *)(uintptr_t)compact_local = 1;
}

static nu_response *touching(nu_request *request)
{
    return nu_websocket(request, touch_stack, NULL);
}

static const struct {
    const char *path;
    nu_view     view;
} routes[] = {
    {"/ws", plain},
    {"/ws/limits", limits},
    {"/ws/events", with_events},
    {"/ws/greeted", greeted},
    {"/ws/broken", broken},
    {"/ws/sleeping", sleeping},
    {"/ws/flooding", flooding},
    {"/ws/impatient", impatient},
    {"/ws/slow", slow},
    {"/ws/watchful", watchful},
    {"/ws/idle", idle},
    {"/ws/takeover", takeover},
    {"/ws/foreign", foreign},
    {"/ws/wrong", wrong},
    {"/ws/mistaken", mistaken},
    {"/ws/deadline", with_deadline},
    {"/ws/compact", compact},
    {"/ws/watching", watching},
    {"/ws/touching", touching},
};

nu_response *live_websocket(nu_request *request)
{
    for (size_t i = 0; i < NU_COUNT(routes); i++)
        if (strcmp(nu_request_path(request), routes[i].path) == 0)
            return routes[i].view(request);
    return NULL;
}
