/* The way through middleware and view. */
#include "site.h"

#include <string.h>

#include "nuages/url.h"

#include "web/internal.h"

static char trace[4096];

static nu_response *step(const char *name, const char *where)
{
    strcat(strcat(strcat(trace, name), where), " ");
    return NULL;
}

/* What a hook does is asked for by the query: ?a=answer-in, ?b=raise-out … */
static nu_response *act(nu_request *request, const char *name, const char *where,
                        nu_response *otherwise)
{
    step(name, where);
    const char *wish = nu_request_get(request, name);
    if (wish != NULL && strcmp(wish, nu_fmt("answer-%s", where)) == 0)
        return nu_text_response(nu_fmt("%s-%s", name, where));
    if (wish != NULL && strcmp(wish, nu_fmt("raise-%s", where)) == 0)
        nu_raise(NU_PERMISSION_DENIED, "%s-%s", name, where);
    if (wish != NULL && strcmp(wish, nu_fmt("null-%s", where)) == 0)
        return NULL;
    return otherwise;
}

#define HOOKS(letter)                                                                              \
    static nu_response *letter##_in(nu_request *request)                                           \
    {                                                                                              \
        return act(request, #letter, "in", NULL);                                                  \
    }                                                                                              \
    static nu_response *letter##_view(nu_request *request, const nu_match *match)                  \
    {                                                                                              \
        CHECK(match->view_function != NULL);                                                       \
        return act(request, #letter, "view", NULL);                                                \
    }                                                                                              \
    static nu_response *letter##_exception(nu_request *request, const nu_error *error)             \
    {                                                                                              \
        (void)error;                                                                               \
        return act(request, #letter, "exception", NULL);                                           \
    }                                                                                              \
    static nu_response *letter##_out(nu_request *request, nu_response *response)                   \
    {                                                                                              \
        return act(request, #letter, "out", response);                                             \
    }                                                                                              \
    static const nu_middleware letter = {                                                          \
        #letter, letter##_in, letter##_view, letter##_exception, letter##_out, NULL}
HOOKS(a);
HOOKS(b);

static nu_response *trace_view(nu_request *request)
{
    step("view", "");
    const char *wish = nu_request_get(request, "v");
    if (wish == NULL)
        return nu_text_response("view");
    if (strcmp(wish, "null") == 0)
        return NULL;
    if (strcmp(wish, "404") == 0)
        nu_raise(NU_NOT_FOUND, "no such thing");
    nu_raise(NU_ERROR, "broken");
}

static nu_response *must_not_run(nu_request *request)
{
    (void)request;
    step("RAN", "");
    return nu_text_response("ran");
}

static const nu_route routes[] = {
    NU_PATH("", trace_view),
    NU_PATH("only-post/", must_not_run, .methods = "POST"),
    NU_PATH("get-and-put/", must_not_run, .methods = "GET, PUT"),
    {0},
};

static nu_client *client_of_traced_site(void)
{
    trace[0] = '\0';
    SITE(.urls = routes, .middleware = NU_MIDDLEWARE(&a, &b));
    return nu_client_new();
}

TEST(every_way_through_middleware)
{
    static const struct {
        const char *target, *trace;
        int         status;
    } cases[] = {
        {"/", "ain bin aview bview view bout aout ", 200},
        {"/?a=answer-in", "ain aout ", 200},
        {"/?b=answer-in", "ain bin bout aout ", 200},
        {"/?a=raise-in", "ain ", 403},
        {"/?b=raise-in", "ain bin aout ", 403},
        {"/?a=answer-view", "ain bin aview bout aout ", 200},
        {"/?b=answer-view", "ain bin aview bview bout aout ", 200},
        {"/?b=raise-view", "ain bin aview bview bexception aexception bout aout ", 403},
        {"/?v=500", "ain bin aview bview view bexception aexception bout aout ", 500},
        {"/?v=404", "ain bin aview bview view bexception aexception bout aout ", 404},
        {"/?v=null", "ain bin aview bview view bexception aexception bout aout ", 500},
        {"/?v=500&b=answer-exception", "ain bin aview bview view bexception bout aout ", 200},
        {"/?v=500&b=raise-exception", "ain bin aview bview view bexception bout aout ", 403},
        {"/?b=raise-out", "ain bin aview bview view bout aout ", 403},
        {"/?a=raise-out", "ain bin aview bview view bout aout ", 403},
        {"/?b=null-out", "ain bin aview bview view bout aout ", 500},
        {"/nowhere/", "ain bin bout aout ", 404},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_client   *client = client_of_traced_site();
        nu_response *response = nu_client_get(client, cases[i].target);
        if (nu_response_status(response) != cases[i].status || strcmp(trace, cases[i].trace) != 0)
            FAIL("%s gave %d after %s, expected %d after %s", cases[i].target,
                 nu_response_status(response), trace, cases[i].status, cases[i].trace);
    }
}

TEST(a_method_that_a_route_does_not_take_reaches_no_view)
{
    nu_client *client = client_of_traced_site();
    static const struct {
        const char *method, *target, *allow;
        int         status;
    } cases[] = {
        {"GET", "/only-post/", "POST", 405},           {"HEAD", "/only-post/", "POST", 405},
        {"OPTIONS", "/only-post/", "POST", 200},       {"DELETE", "/get-and-put/", "GET, PUT", 405},
        {"OPTIONS", "/get-and-put/", "GET, PUT", 200}, {"PU", "/get-and-put/", "GET, PUT", 405},
        {"get", "/get-and-put/", "GET, PUT", 405},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_response *response =
            nu_client_send(client, cases[i].method, cases[i].target, NULL, NULL, 0);
        CHECK_STATUS(response, cases[i].status);
        CHECK_TEXT(header_of(response, "Allow"), cases[i].allow);
    }
    CHECK(strstr(trace, "RAN") == NULL);
    CHECK_STATUS(nu_client_head(client, "/get-and-put/"), 200);
    CHECK_STATUS(nu_client_send(client, "PUT", "/get-and-put/", NULL, NULL, 0), 200);
    CHECK_STATUS(nu_client_post(client, "/only-post/", "a", 1), 200);
}

/* ---- the middleware that comes along --------------------------------------------------------- */

TEST(a_slash_is_added_where_it_leads_somewhere)
{
    SITE(.urls = routes);
    nu_client *client = nu_client_new();
    CHECK_REDIRECTS(nu_client_get(client, "/get-and-put?q=a%20b"), "/get-and-put/?q=a%20b");
    CHECK_STATUS(nu_client_get(client, "/get-and-put"), 301);
    CHECK_STATUS(nu_client_get(client, "/elsewhere"), 404);
    CHECK_STATUS(nu_client_get(client, "//evil.example"), 404);
    CHECK_STATUS(nu_client_post(client, "/only-post", "a", 1), 301);
    SITE(.urls = routes, .no_append_slash = true);
    CHECK_STATUS(nu_client_get(client, "/get-and-put"), 404);
    SITE(.urls = routes, .debug = true);
    nu_response *told = nu_client_post(client, "/only-post", "a", 1);
    CHECK_STATUS(told, 500);
    CHECK_CONTAINS(nu_client_text(told), "lacks its last slash");
}

/* A path of two slashes would be another host once it stands in Location. */
TEST(no_redirect_leaves_the_site)
{
    static const nu_route any[] = {NU_PATH("<path:rest>/", must_not_run), {0}};
    SITE(.urls = any);
    nu_response *response = nu_client_get(nu_client_new(), "//evil.example");
    CHECK_STATUS(response, 301);
    CHECK(!nu_starts_with(header_of(response, "Location"), "//"));
}

TEST(security_headers_have_their_defaults_and_can_go)
{
    SITE(.urls = routes);
    nu_response *response = nu_client_get(nu_client_new(), "/");
    CHECK_TEXT(header_of(response, "X-Content-Type-Options"), "nosniff");
    CHECK_TEXT(header_of(response, "Referrer-Policy"), "same-origin");
    CHECK_TEXT(header_of(response, "Cross-Origin-Opener-Policy"), "same-origin");
    CHECK_TEXT(header_of(response, "X-Frame-Options"), "DENY");
    CHECK_TEXT(header_of(response, "Strict-Transport-Security"), "");
    SITE(.urls = routes, .referrer_policy = "", .opener_policy = "", .frame_options = "");
    response = nu_client_get(nu_client_new(), "/");
    CHECK(!nu_response_has_header(response, "Referrer-Policy"));
    CHECK(!nu_response_has_header(response, "Cross-Origin-Opener-Policy"));
    CHECK(!nu_response_has_header(response, "X-Frame-Options"));
}

TEST(http_becomes_https)
{
    SITE(.urls = routes, .ssl_redirect = true, .hsts_seconds = 60,
         .secure_proxy_header = "X-Forwarded-Proto");
    nu_client *client = nu_client_new();
    CHECK_REDIRECTS(nu_client_get(client, "/?a=1"), "https://testserver/?a=1");
    nu_client_header(client, "X-Forwarded-Proto", "https");
    nu_response *response = nu_client_get(client, "/");
    CHECK_STATUS(response, 200);
    CHECK_TEXT(header_of(response, "Strict-Transport-Security"), "max-age=60");
}

TEST(a_host_that_is_not_ours_is_refused)
{
    SITE(.urls = routes, .allowed_hosts = NU_TEXTS("good.example"));
    static const struct {
        const char *host;
        int         status;
    } cases[] = {{"good.example", 200},
                 {"good.example:8000", 200},
                 {"evil.example", 400},
                 {"good.example.evil", 400},
                 {"good.example/../", 400}};
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_request *request = nu_request_new("GET", "/", nu__http_options());
        nu_request_set_header(request, "Host", cases[i].host);
        CHECK_EQ(nu_response_status(nu__site_handle(request, NULL)), cases[i].status);
    }
}
