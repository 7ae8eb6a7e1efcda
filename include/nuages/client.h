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
