/* The test client that applications get. */
#include "site.h"

#include <string.h>

#include "nuages/url.h"

static nu_response *echo(nu_request *request)
{
    return nu_text_response(nu_fmt("%s %s|%s|%s", nu_request_method(request),
                                   nu_request_full_path(request, false),
                                   nu_request_post(request, "a"), nu_request_cookie(request, "c")));
}

static nu_response *set_cookie(nu_request *request)
{
    (void)request;
    nu_response *response = nu_text_response("set");
    nu_set_cookie(response, "c", "x; \"y\"", .max_age = 100);
    return response;
}

static nu_response *drop_cookie(nu_request *request)
{
    (void)request;
    nu_response *response = nu_text_response("dropped");
    nu_delete_cookie(response, "c");
    return response;
}

static nu_response *hop(nu_request *request)
{
    int64_t left = nu_arg_int(request, "left");
    return left == 0 ? nu_text_response("there")
                     : nu_redirect_to(nu_fmt("/hop/%lld/", (long long)left - 1));
}

static nu_response *json(nu_request *request)
{
    return nu_json_of(nu_request_json(request));
}

static nu_response *values(nu_request *request)
{
    return nu_text_response(nu_fmt("%u", nu_params_list(nu_request_form(request), "a")->count));
}

static const nu_route routes[] = {
    NU_PATH("echo/", echo),
    NU_PATH("set/", set_cookie),
    NU_PATH("drop/", drop_cookie),
    NU_PATH("json/", json),
    NU_PATH("hop/<int:left>/", hop),
    NU_PATH("values/", values),
    {0},
};

TEST(forms_and_lists_are_sent)
{
    SITE(.urls = routes);
    nu_client *client = nu_client_new();
    CHECK_TEXT(nu_client_text(nu_client_post(client, "/echo/?q=1", "a", "ä&=+ %")),
               "POST /echo/?q=1|ä&=+ %|(null)");
    CHECK_TEXT(nu_client_text(nu_client_post(client, "/values/", "a", nu_list_of(1, 2, 3))), "3");
    CHECK_TEXT(nu_client_text(nu_client_post(client, "/values/")), "0");
}

TEST(cookies_are_kept_until_they_end)
{
    SITE(.urls = routes);
    nu_client *client = nu_client_new();
    nu_client_get(client, "/set/");
    CHECK_CONTAINS(nu_client_text(nu_client_get(client, "/echo/")), "|x; \"y\"");
    nu_client_get(client, "/drop/");
    CHECK_CONTAINS(nu_client_text(nu_client_get(client, "/echo/")), "|(null)");
    nu_client_set_cookie(client, "c", "own");
    CHECK_CONTAINS(nu_client_text(nu_client_get(client, "/echo/")), "|own");
    nu_client_set_cookie(client, "c", NULL);
    CHECK_CONTAINS(nu_client_text(nu_client_get(client, "/echo/")), "|(null)");
}

TEST(redirects_are_followed_ten_times)
{
    SITE(.urls = routes);
    nu_client *client = nu_client_new();
    CHECK_TEXT(nu_client_text(nu_client_follow(client, nu_client_get(client, "/hop/10/"))),
               "there");
    CHECK_RAISES(NU_ASSERTION, nu_client_follow(client, nu_client_get(client, "/hop/30/")));
}

TEST(json_goes_both_ways)
{
    SITE(.urls = routes);
    nu_value back = nu_client_json(
        nu_client_post_json(nu_client_new(), "/json/", NU_V(nu_dict_of("a", nu_list_of(1, "x")))));
    CHECK_EQ(back, nu_dict_of("a", nu_list_of(1, "x")));
    CHECK_STATUS(
        nu_client_send(nu_client_new(), "POST", "/json/", "application/json", "{broken", 7), 400);
}
