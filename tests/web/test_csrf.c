#include "site.h"

#include <string.h>

#include "nuages/signing.h"
#include "nuages/url.h"

#include "web/internal.h"

static int changes;

static nu_response *change(nu_request *request)
{
    (void)request;
    changes++;
    return nu_text_response("changed");
}

static nu_response *form(nu_request *request)
{
    return nu_text_response(nu__csrf_token(request));
}

static nu_response *rotate(nu_request *request)
{
    nu__csrf_rotate(request);
    return nu_text_response(nu__csrf_token(request));
}

static const nu_route routes[] = {
    NU_PATH("", change),
    NU_PATH("form/", form),
    NU_PATH("rotate/", rotate),
    NU_PATH("open/", change, .csrf_exempt = true),
    {0},
};

static nu_client *browser(void)
{
    nu_client *client = nu_client_new();
    nu_client_enforce_csrf(client);
    return client;
}

TEST(a_form_needs_the_token_of_its_cookie)
{
    SITE(.urls = routes);
    nu_client *client = browser();
    CHECK_STATUS(nu_client_post(client, "/", "a", 1), 403);
    const char *token = nu_client_text(nu_client_get(client, "/form/"));
    CHECK_EQ((int64_t)strlen(token), 64);
    CHECK(nu_client_cookie(client, "csrftoken") != NULL);
    CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", token), 200);
    const char *again = nu_client_text(nu_client_get(client, "/form/"));
    CHECK(strcmp(token, again) != 0);
    CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", again), 200);
    CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", token), 200);
}

TEST(wrong_tokens_are_refused_and_change_nothing)
{
    SITE(.urls = routes);
    nu_client  *client = browser();
    const char *token = nu_client_text(nu_client_get(client, "/form/"));
    const char *foreign = nu_csrf_mask(nu_csrf_secret_new());
    const char *wrong[] = {
        "", "x", foreign, nu_fmt("%s0", token), nu_fmt("%.63s", token), nu_fmt("%.63s!", token)};
    changes = 0;
    for (size_t i = 0; i < NU_COUNT(wrong); i++) {
        CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", wrong[i]), 403);
        nu_client_header(client, "X-CSRFToken", wrong[i]);
        CHECK_STATUS(nu_client_send(client, "PUT", "/", NULL, NULL, 0), 403);
        CHECK_STATUS(nu_client_send(client, "DELETE", "/", NULL, NULL, 0), 403);
        nu_client_header(client, "X-CSRFToken", NULL);
    }
    CHECK_EQ(changes, 0);
    nu_client_header(client, "X-CSRFToken", token);
    CHECK_STATUS(nu_client_send(client, "DELETE", "/", NULL, NULL, 0), 200);
    nu_client_set_cookie(client, "csrftoken", "malformed");
    CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", token), 403);
}

TEST(reading_and_exempt_views_need_none)
{
    SITE(.urls = routes);
    nu_client *client = browser();
    CHECK_STATUS(nu_client_get(client, "/"), 200);
    CHECK_STATUS(nu_client_head(client, "/"), 200);
    CHECK_STATUS(nu_client_send(client, "OPTIONS", "/", NULL, NULL, 0), 200);
    CHECK_STATUS(nu_client_post(client, "/open/", "a", 1), 200);
}

TEST(a_form_comes_from_our_own_origin)
{
    static const struct {
        const char *origin, *referer;
        bool        secure;
        int         status;
    } cases[] = {
        {"http://testserver", NULL, false, 200},
        {"http://evil.example", NULL, false, 403},
        {"https://testserver", NULL, false, 403},
        {"null", NULL, false, 403},
        {"http://testserver.evil.example", NULL, false, 403},
        {"https://trusted.example", NULL, false, 200},
        {"http://trusted.example", NULL, false, 403},
        {"https://a.below.example", NULL, false, 200},
        {"https://below.example", NULL, false, 200},
        {"https://notbelow.example", NULL, false, 403},
        {NULL, NULL, false, 200},
        {NULL, "http://evil.example/", false, 200},
        {NULL, NULL, true, 403},
        {NULL, "https://testserver/page/", true, 200},
        {NULL, "http://testserver/page/", true, 403},
        {NULL, "https://evil.example/", true, 403},
        {NULL, "https://a.below.example/x", true, 200},
        {NULL, "https:///", true, 403},
        {NULL, "testserver", true, 403},
        {"https://testserver", "https://evil.example/", true, 200},
    };
    SITE(.urls = routes, .secure_proxy_header = "X-Forwarded-Proto",
         .csrf_trusted_origins = NU_TEXTS("https://trusted.example", "https://*.below.example"));
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_client *client = nu_client_new(); /* its token is good */
        nu_client_header(client, "Origin", cases[i].origin);
        nu_client_header(client, "Referer", cases[i].referer);
        nu_client_header(client, "X-Forwarded-Proto", cases[i].secure ? "https" : NULL);
        int status = nu_response_status(nu_client_post(client, "/", "a", 1));
        if (status != cases[i].status)
            FAIL("origin %s, referer %s, %s: %d instead of %d", cases[i].origin, cases[i].referer,
                 cases[i].secure ? "https" : "http", status, cases[i].status);
    }
}

TEST(a_new_secret_makes_old_tokens_worthless)
{
    SITE(.urls = routes);
    nu_client  *client = browser();
    const char *old = nu_client_text(nu_client_get(client, "/form/"));
    const char *fresh = nu_client_text(nu_client_get(client, "/rotate/"));
    CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", old), 403);
    CHECK_STATUS(nu_client_post(client, "/", "csrfmiddlewaretoken", fresh), 200);
}

static nu_response *own_refusal(nu_request *request)
{
    nu_response *response =
        nu_text_response(nu_fmt("refused: %s", nu_text(nu_request_data(request, "csrf_reason"))));
    nu_response_set_status(response, 403);
    return response;
}

static nu_response *careless_refusal(nu_request *request)
{
    (void)request;
    return NULL;
}

TEST(an_own_page_tells_the_reason_and_never_lets_through)
{
    SITE(.urls = routes, .csrf_failure = own_refusal);
    nu_response *page = nu_client_post(browser(), "/", "a", 1);
    CHECK_STATUS(page, 403);
    CHECK_TEXT(nu_client_text(page), "refused: the CSRF cookie is missing");
    SITE(.urls = routes, .csrf_failure = careless_refusal);
    changes = 0;
    CHECK_STATUS(nu_client_post(browser(), "/", "a", 1), 403);
    CHECK_EQ(changes, 0);
}

TEST(the_cookie_is_as_the_settings_say)
{
    SITE(.urls = routes, .csrf_cookie_name = "own", .csrf_cookie_secure = true,
         .csrf_cookie_age = 60);
    nu_response *page = nu_client_get(browser(), "/form/");
    const char  *cookie = nu_response_cookies(page)[0];
    CHECK_CONTAINS(cookie, "own=");
    CHECK_CONTAINS(cookie, "; Max-Age=60");
    CHECK_CONTAINS(cookie, "; Secure");
    CHECK_CONTAINS(cookie, "; SameSite=Lax");
    CHECK(nu_response_varies_on(page, "Cookie"));
}
