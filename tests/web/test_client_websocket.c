/* WebSockets in the test client. */
#include "site.h"

#include <stdio.h>
#include <string.h>

#include "nuages/fiber.h"
#include "nuages/json.h"
#include "nuages/url.h"
#include "nuages/websocket.h"
#include "runtime/fiber.h"

/* ---- a site ---------------------------------------------------------------------------------- */

static int ended; /* code that the last echo ended with */

static void echo(nu_websocket *socket, void *ctx)
{
    nu_value message;
    nu_websocket_send_text(socket, nu_fmt("hello %s", (const char *)ctx));
    while (nu_websocket_receive(socket, &message)) {
        if (message.type == NU_TEXT && strcmp(message.text, "leave") == 0)
            nu_websocket_close(socket, 4001, "as asked for");
        else if (message.type == NU_TEXT && strcmp(message.text, "raise") == 0)
            nu_raise(NU_VALUE_ERROR, "the handler broke");
        else
            nu_websocket_send(socket, message);
    }
    nu_sleep_ms(5); /* there is something to do after the client has left */
    ended = nu_websocket_close_code(socket);
}

static nu_response *echo_view(nu_request *request)
{
    static const char *const protocols[] = {"echo.v2", "echo.v1", NULL};
    const char              *name = nu_request_cookie(request, "name");
    char                     ctx[20] = "stranger";
    if (name != NULL)
        snprintf(ctx, sizeof ctx, "%s", name);
    return nu_websocket(request, echo, ctx, .ctx_size = sizeof ctx, .subprotocols = protocols);
}

static void said(nu_websocket *socket, nu_value message, void *ctx)
{
    (void)ctx;
    nu_websocket_send_json(socket, nu_value_dict(nu_dict_of("said", message)));
}

static const nu_websocket_events events = {.message = said};

static nu_response *events_view(nu_request *request)
{
    return nu_websocket_on(request, &events, NULL);
}

static nu_response *members_only(nu_request *request)
{
    if (nu_request_header(request, "X-Member") == NULL)
        nu_raise(NU_PERMISSION_DENIED, "members only");
    return nu_websocket_on(request, &events, NULL);
}

static void sleep_long(nu_websocket *socket, void *ctx)
{
    (void)socket, (void)ctx;
    nu_sleep_ms(60000);
}

static nu_response *sleeping(nu_request *request)
{
    return nu_websocket(request, sleep_long, NULL);
}

static void store(nu_websocket *socket, void *ctx)
{
    nu_value message;
    (void)ctx;
    while (nu_websocket_receive(socket, &message)) {
        NU_ATOMIC
        {
            nu_sql(NULL, "INSERT INTO said VALUES (?)", message);
        }
        nu_websocket_send(socket, nu_sql_value(NULL, "SELECT CAST(count(*) AS text) FROM said"));
    }
}

static nu_response *store_view(nu_request *request)
{
    return nu_websocket(request, store, NULL);
}

static const nu_route routes[] = {
    NU_PATH("echo/", echo_view),
    NU_PATH("events/", events_view),
    NU_PATH("members/", members_only),
    NU_PATH("sleeping/", sleeping),
    NU_PATH("store/", store_view),
    {0},
};

/* A test in a fiber, as ./manage test runs them. */
#define SOCKET_TEST(words)                                                                         \
    static void NU_JOIN(body_, words)(void *);                                                     \
    TEST(words)                                                                                    \
    {                                                                                              \
        SITE(.urls = routes);                                                                      \
        ended = -1;                                                                                \
        nu__loop_call(NULL, NU_JOIN(body_, words), NULL);                                          \
    }                                                                                              \
    static void NU_JOIN(body_, words)(void *unused NU_UNUSED)

/* ---- tests ----------------------------------------------------------------------------------- */

SOCKET_TEST(messages_go_there_and_back)
{
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/echo/");
    CHECK_STATUS(nu_client_websocket_response(socket), 101);
    CHECK_TEXT(nu_client_websocket_text(socket), "hello stranger");
    nu_client_websocket_send(socket, NU_V("one"));
    nu_client_websocket_send(socket, nu_value_bytes("\x00\x01", 2));
    CHECK_TEXT(nu_client_websocket_text(socket), "one");
    CHECK_EQ(nu_client_websocket_receive(socket), nu_value_bytes("\x00\x01", 2));
    CHECK(nu_client_websocket_is_silent(socket, 5));
    nu_client_websocket_close(socket, 1000);
    CHECK_EQ(ended, 1000);
    CHECK_EQ(nu_client_websocket_closed(socket), 1000);
    CHECK_RAISES(NU_ASSERTION, nu_client_websocket_send(socket, NU_V("late")));
    CHECK_TEXT(nu_test_error()->fact, "the WebSocket is closed with 1000 \"\"");
}

SOCKET_TEST(large_messages_pass)
{
    char *large = nu_alloc(300001);
    memset(large, 'a', 300000);
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/echo/");
    nu_client_websocket_text(socket);
    nu_client_websocket_send(socket, NU_V((const char *)large));
    CHECK_TEXT(nu_client_websocket_text(socket), large);
    large[1000] = '\0';
    nu_client_websocket_send(socket, NU_V((const char *)large));
    CHECK_TEXT(nu_client_websocket_text(socket), large);
    nu_client_websocket_close(socket, 1000);
}

SOCKET_TEST(cookies_headers_and_subprotocols_go_along)
{
    static const char *const offered[] = {"other", "echo.v1", NULL};
    nu_client               *client = nu_client_new();
    nu_client_set_cookie(client, "name", "Ada");
    nu_client_websocket *socket = nu_client_connect(client, "/echo/", .subprotocols = offered);
    CHECK_TEXT(nu_client_websocket_subprotocol(socket), "echo.v1");
    CHECK_TEXT(nu_client_websocket_text(socket), "hello Ada");
    nu_client_websocket_close(socket, 1000);
    nu_client_header(client, "X-Member", "yes");
    socket = nu_client_connect(client, "/members/");
    CHECK_STATUS(nu_client_websocket_response(socket), 101);
    CHECK(nu_client_websocket_subprotocol(socket) == NULL);
    nu_client_websocket_close(socket, 1000);
}

SOCKET_TEST(functions_answer_in_json)
{
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/events/");
    nu_client_websocket_send(socket, NU_V(nu_list_of(1, "x")));
    CHECK_TEXT(nu_json_text(nu_client_websocket_json(socket)), "{\"said\":\"[1,\\\"x\\\"]\"}");
    nu_client_websocket_close(socket, 3001);
    CHECK_EQ(nu_client_websocket_closed(socket), 3001);
}

SOCKET_TEST(a_refusal_is_a_response)
{
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/members/");
    CHECK_STATUS(nu_client_websocket_response(socket), 403);
    CHECK_RAISES(NU_ASSERTION, nu_client_websocket_receive(socket));
    CHECK_TEXT(nu_test_error()->fact, "the WebSocket was refused with status 403");
    CHECK_RAISES(NU_ASSERTION, nu_client_websocket_closed(socket));
    nu_client_websocket_close(socket, 1000);
    socket = nu_client_connect(nu_client_new(), "/events/", .origin = "https://foreign.example");
    CHECK_STATUS(nu_client_websocket_response(socket), 403);
    socket = nu_client_connect(nu_client_new(), "/events/", .origin = "http://testserver");
    CHECK_STATUS(nu_client_websocket_response(socket), 101);
    CHECK_STATUS(nu_client_websocket_response(nu_client_connect(nu_client_new(), "/none/")), 404);
}

SOCKET_TEST(the_site_may_close)
{
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/echo/");
    CHECK_RAISES(NU_ASSERTION, nu_client_websocket_closed(socket));
    CHECK_TEXT(nu_test_error()->fact, "a message came, and no close: \"hello stranger\"");
    nu_client_websocket_send(socket, NU_V("leave"));
    CHECK_EQ(nu_client_websocket_closed(socket), 4001);
    CHECK_TEXT(nu_client_websocket_reason(socket), "as asked for");
    CHECK_EQ(ended, 4001);
    socket = nu_client_connect(nu_client_new(), "/echo/");
    nu_client_websocket_text(socket);
    nu_client_websocket_send(socket, NU_V("raise"));
    CHECK_RAISES(NU_ASSERTION, nu_client_websocket_receive(socket));
    CHECK_TEXT(nu_test_error()->fact, "the WebSocket is closed with 1011 \"\"");
}

SOCKET_TEST(a_connection_may_break)
{
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/echo/");
    nu_client_websocket_close(socket, 1006);
    CHECK_EQ(ended, 1006);
}

SOCKET_TEST(the_handler_works_in_the_transaction_of_the_test)
{
    nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql(NULL, "CREATE TABLE said (text text)");
    nu_database_isolate(NULL);
    nu_sql(NULL, "INSERT INTO said VALUES ('before')");
    nu_client_websocket *socket = nu_client_connect(nu_client_new(), "/store/");
    nu_client_websocket_send(socket, NU_V("one"));
    CHECK_TEXT(nu_client_websocket_text(socket), "2");
    CHECK_EQ(nu_sql_value(NULL, "SELECT count(*) FROM said"), 2);
    nu_client_websocket_send(socket, NU_V("two"));
    nu_client_websocket_send(socket, NU_V("three"));
    nu_sql(NULL, "INSERT INTO said VALUES ('meanwhile')");
    nu_client_websocket_text(socket);
    nu_client_websocket_text(socket);
    nu_client_websocket_close(socket, 1000);
    CHECK_EQ(nu_sql_value(NULL, "SELECT count(*) FROM said"), 5);
    nu_database_isolate_end(NULL);
    CHECK_EQ(nu_sql_value(NULL, "SELECT count(*) FROM said"), 0);
    nu_database_close_all();
}

SOCKET_TEST(waits_have_an_end)
{
    nu_client_websocket *socket =
        nu_client_connect(nu_client_new(), "/sleeping/", .timeout_ms = 20);
    CHECK_RAISES(NU_TIMEOUT, nu_client_websocket_receive(socket));
    CHECK_TEXT(nu_test_error()->fact, "nothing came from the WebSocket within 20 ms");
    CHECK_RAISES(NU_TIMEOUT, nu_client_websocket_close(socket, 1006));
    CHECK_TEXT(nu_test_error()->fact, "the handler of the WebSocket did not end within 20 ms");
}

SOCKET_TEST(sockets_that_are_left_open_are_dropped)
{
    for (int i = 0; i < 5; i++) {
        nu_client_connect(nu_client_new(), "/echo/");
        nu_client_connect(nu_client_new(), "/sleeping/");
        nu_client_connect(nu_client_new(), "/events/");
    }
}

TEST(outside_a_fiber_there_are_no_sockets)
{
    SITE(.urls = routes);
    CHECK_RAISES(NU_ASSERTION, nu_client_connect(nu_client_new(), "/echo/"));
}
