/* The test client: requests that go straight into the site, without a socket (Django's Client).
 *
 *      TEST(a_visitor_may_comment) {
 *          nu_client *client = nu_client_new();
 *          nu_response *page = nu_client_post(client, "/comments/", "text", "Hello");
 *          CHECK_REDIRECTS(page, "/comments/");
 *          CHECK_CONTAINS(nu_client_text(nu_client_get(client, "/comments/")), "Hello");
 *      }
 *
 * It keeps cookies from one request to the next, as a browser does. Every request carries a valid CSRF
 * token, unless the client is told otherwise. */
#pragma once

#include "nuages/database.h"
#include "nuages/response.h"
#include "nuages/shortcuts.h"
#include "nuages/test.h"

typedef struct nu_client nu_client;

/* A client without cookies, in the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL nu_client *nu_client_new(void);
/* Sends no CSRF token of its own accord: for tests of forms. */
NU_PUBLIC void nu_client_enforce_csrf(nu_client *client);
/* A field that all following requests carry; NULL value: not any more. */
NU_PUBLIC void nu_client_header(nu_client *client, const char *name, const char *value);
/* A cookie the client holds, NULL if it does not; setting one to NULL forgets it. */
NU_PUBLIC const char *nu_client_cookie(const nu_client *client, const char *name);
NU_PUBLIC void        nu_client_set_cookie(nu_client *client, const char *name, const char *value);

NU_PUBLIC NU_WAITS nu_response *nu_client_get(nu_client *client, const char *target);
NU_PUBLIC NU_WAITS nu_response *nu_client_head(nu_client *client, const char *target);
/* A form: nu_client_post(client, "/login/", "name", "ada", "remember", true). Lists send a name more
 * than once. */
#define nu_client_post(client, target, ...) nu_client_post_((client), (target), NU_PAIRS(__VA_ARGS__))
/* A body as JSON. */
NU_PUBLIC NU_WAITS nu_response *nu_client_post_json(nu_client *client, const char *target, nu_value body);
/* Anything: nu_client_send(client, "PUT", "/a/", "text/plain", bytes, length). */
NU_PUBLIC NU_WAITS nu_response *nu_client_send(nu_client *client, const char *method, const char *target,
                                               const char *content_type, const void *body, size_t length);
/* Follows redirects, ten at most, and gives the page at their end. */
NU_PUBLIC NU_WAITS nu_response *nu_client_follow(nu_client *client, nu_response *response);

/* The body as text. */
NU_PUBLIC NU_WAITS const char *nu_client_text(nu_response *response);
/* The body as JSON. */
NU_PUBLIC NU_WAITS nu_value nu_client_json(nu_response *response);

/* ---- WebSockets ------------------------------------------------------------------------------
 *
 *      nu_client_websocket *chat = nu_client_connect(client, "/chat/");
 *      nu_client_websocket_send(chat, NU_V("hello"));
 *      CHECK_TEXT(nu_client_websocket_text(chat), "Ada: hello");
 *      nu_client_websocket_close(chat, 1000);
 *
 * The site's own view is asked, through its middleware, and its handler runs beside the test: in its
 * transaction, and whenever the test waits. What waits here does so for `timeout_ms` and then raises
 * Timeout. A socket is for the fiber that opened it; one that the test leaves open is dropped with it. */
typedef struct nu_client_websocket nu_client_websocket;

typedef struct nu_client_websocket_options {
    const char *const *subprotocols; /* that are offered, ended by NULL */
    const char        *origin;       /* "https://example.org"; NULL: none, as from a program */
    int                timeout_ms;   /* of each wait (1000) */
} nu_client_websocket_options;

/* Asks for a WebSocket: nu_client_connect(client, "/chat/", .origin = "https://example.org"). */
#define nu_client_connect(client, target, ...)                                                \
    nu_client_connect_((client), (target), &(nu_client_websocket_options){__VA_ARGS__})
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_client_websocket *
nu_client_connect_(nu_client *client, const char *target, const nu_client_websocket_options *options);

/* The answer: 101 if the socket is open, else what the site refused with. */
NU_PUBLIC nu_response *nu_client_websocket_response(const nu_client_websocket *socket);
/* What was agreed on; NULL: nothing. */
NU_PUBLIC const char *nu_client_websocket_subprotocol(const nu_client_websocket *socket);

/* Sends text or bytes; other values as JSON. Raises AssertionError when the socket is closed. */
NU_PUBLIC NU_WAITS void nu_client_websocket_send(nu_client_websocket *socket, nu_value message);
/* Waits for a message: text or bytes. Raises AssertionError when the socket is closed instead. */
NU_PUBLIC NU_WAITS nu_value nu_client_websocket_receive(nu_client_websocket *socket);
/* The same, and it must be text; or JSON, which is parsed. */
NU_PUBLIC NU_WAITS const char *nu_client_websocket_text(nu_client_websocket *socket);
NU_PUBLIC NU_WAITS nu_value    nu_client_websocket_json(nu_client_websocket *socket);
/* True if nothing comes within `ms`. */
NU_PUBLIC NU_WAITS bool nu_client_websocket_is_silent(nu_client_websocket *socket, int ms);

/* Closes with a code, 1006 by breaking the connection; waits until the handler has ended. Messages that
 * come meanwhile are dropped. Does nothing when the socket is closed. */
NU_PUBLIC NU_WAITS void nu_client_websocket_close(nu_client_websocket *socket, int code);
/* Waits until the site closes and its handler has ended: the code. Raises AssertionError when a message
 * comes instead. After nu_client_websocket_close: what the site answered. */
NU_PUBLIC NU_WAITS int nu_client_websocket_closed(nu_client_websocket *socket);
/* The reason given with it, "" if none. */
NU_PUBLIC const char *nu_client_websocket_reason(const nu_client_websocket *socket);

/* ---- checks --------------------------------------------------------------------------------- */

/* The status is `status`; a failure shows the beginning of the body. */
#define CHECK_STATUS(response, status) nu_check_status_(__FILE__, __LINE__, (response), (status))
/* It is a redirect to `location`. */
#define CHECK_REDIRECTS(response, location) nu_check_redirects_(__FILE__, __LINE__, (response), (location))
/* The statement or block that follows runs exactly `count` queries. */
#define CHECK_QUERIES(count)                                                                  \
    for (uint64_t nu_queries_ = nu_query_count(), nu_once_ = 1; nu_once_;                     \
         nu_check_queries_(__FILE__, __LINE__, nu_query_count() - nu_queries_, (count)), nu_once_ = 0)

NU_PUBLIC NU_WAITS nu_response *nu_client_post_(nu_client *client, const char *target, nu_pairs fields);
NU_PUBLIC void nu_check_status_(const char *file, int line, nu_response *response, int status);
NU_PUBLIC void nu_check_redirects_(const char *file, int line, nu_response *response, const char *location);
NU_PUBLIC void nu_check_queries_(const char *file, int line, uint64_t actual, uint64_t expected);
