#include "http/internal.h"
#include "nuages/signing.h"
#include "nuages/test.h"

#include <string.h>

static nu_request *get(const char *target)
{
    return nu_request_new("GET", target, NULL);
}

TEST(a_target_becomes_path_and_query)
{
    static const struct {
        const char *target, *path, *raw, *query;
    } cases[] = {
        {"/", "/", "/", ""},
        {"/a%20b/?x=1?y", "/a b/", "/a%20b/", "x=1?y"},
        {"/caf%C3%A9", "/café", "/caf%C3%A9", ""},
        {"/caf\xc3\xa9", "/café", "/caf\xc3\xa9", ""},
        {"/%ff%41", "/%FFA", "/%ff%41", ""},
        {"/\xff", "/%FF", "/\xff", ""},
        {"/100%", "/100%", "/100%", ""},
        {"/?", "/", "/", ""},
        {"*", "/*", "/*", ""},
        {"", "/", "/", ""},
        {"//evil", "//evil", "//evil", ""},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_request *req = get(cases[i].target);
        CHECK_TEXT(nu_request_path(req), cases[i].path);
        CHECK_TEXT(nu_request_raw_path(req), cases[i].raw);
        CHECK_TEXT(nu_request_query_string(req), cases[i].query);
    }
}

TEST(a_path_with_nul_is_a_bad_request)
{
    CHECK_RAISES(NU_BAD_REQUEST, get("/a%00b"));
}

TEST(parameters_keep_all_their_values)
{
    nu_request *req = get("/?a=1&a=2&b=&c");
    CHECK_TEXT(nu_request_get(req, "a"), "2");
    CHECK_TEXT(nu_request_get(req, "b"), "");
    CHECK_TEXT(nu_request_get(req, "c"), "");
    CHECK(nu_request_get(req, "d") == NULL);
    CHECK_EQ(nu_params_list(nu_request_query(req), "a")->count, 2);
    CHECK_EQ(nu_params_list(nu_request_query(req), "d")->count, 0);
    nu_params *copy = nu_params_copy(nu_request_query(req));
    nu_params_set(copy, "a", NU_V("x y"));
    nu_params_remove(copy, "b");
    CHECK_TEXT(nu_params_encode(copy, NULL), "a=x+y&c=");
    CHECK_TEXT(nu_params_encode(nu_request_query(req), NULL), "a=1&a=2&b=&c=");
}

TEST(too_many_parameters_are_refused)
{
    char *target = nu_arena_alloc(nu_arena_current(), 3000);
    strcpy(target, "/?");
    memset(target + 2, '&', 2000);
    target[2002] = '\0';
    CHECK_RAISES(NU_SUSPICIOUS, nu_request_query(get(target)));
}

TEST(repeated_fields_are_joined)
{
    nu_request *req = get("/");
    nu__request_add_header(req, "Accept", 6, "a", 1);
    nu__request_add_header(req, "accept", 6, "b", 1);
    nu__request_add_header(req, "Cookie", 6, "x=1", 3);
    nu__request_add_header(req, "Cookie", 6, "y=2", 3);
    CHECK_TEXT(nu_request_header(req, "ACCEPT"), "a,b");
    CHECK_TEXT(nu_request_cookie(req, "x"), "1");
    CHECK_TEXT(nu_request_cookie(req, "y"), "2");
    CHECK(nu_request_cookie(req, "z") == NULL);
}

TEST(a_host_that_is_not_allowed_says_what_to_do)
{
    nu_http_options options = {.allowed_hosts = NU_STRS("example.org", ".example.com")};
    nu_request     *req = nu_request_new("GET", "/", &options);
    nu_request_set_header(req, "Host", "shop.example.com:8000");
    CHECK_TEXT(nu_request_host(req), "shop.example.com:8000");
    CHECK_TEXT(nu_request_absolute(req, "/x"), "http://shop.example.com:8000/x");
    nu_request_set_header(req, "Host", "evil.net");
    CHECK_RAISES(NU_SUSPICIOUS, nu_request_host(req));
    CHECK_CONTAINS(nu_test_error()->hint, "evil.net");
    nu_request_set_header(req, "Host", "example.org@evil.net");
    CHECK_RAISES(NU_SUSPICIOUS, nu_request_host(req));
}

TEST(a_signed_cookie_comes_back_unless_it_is_forged_or_old)
{
    nu_signing_setup("secret", NULL);
    nu_clock_freeze(nu_datetime_at(1000));
    nu_response *res = nu_status(200);
    nu_set_signed_cookie(res, "theme", "dark", "salt");
    nu_request *req = get("/");
    nu_request_set_header(req, "Cookie",
                          nu_fmt("theme=%s; x=dark:a:b", nu_response_cookie(res, "theme")));
    nu_clock_freeze(nu_datetime_at(1100));
    CHECK_TEXT(nu_request_signed_cookie(req, "theme", "salt", 0), "dark");
    CHECK_TEXT(nu_request_signed_cookie(req, "theme", "salt", 100), "dark");
    CHECK(nu_request_signed_cookie(req, "theme", "salt", 99) == NULL);
    CHECK(nu_request_signed_cookie(req, "theme", "other", 0) == NULL);
    CHECK(nu_request_signed_cookie(req, "x", "salt", 0) == NULL);
    CHECK(nu_request_signed_cookie(req, "none", "salt", 0) == NULL);
    nu_clock_freeze((nu_datetime){.set = false});
}

TEST(the_best_of_the_types_a_client_likes_is_chosen)
{
    nu_request *req = get("/");
    CHECK_TEXT(nu_request_preferred(req, NU_STRS("text/html", "application/json")), "text/html");
    nu_request_set_header(req, "Accept", "text/*;q=0.5, application/json, text/plain;q=0.8");
    CHECK_TEXT(nu_request_preferred(req, NU_STRS("text/html", "application/json")),
               "application/json");
    CHECK_TEXT(nu_request_preferred(req, NU_STRS("text/html", "text/plain")), "text/plain");
    CHECK(nu_request_preferred(req, NU_STRS("image/png")) == NULL);
    nu_request_set_header(req, "Accept", "*/*, text/html;q=0");
    CHECK(!nu_request_accepts(req, "text/html"));
    CHECK(nu_request_accepts(req, "text/plain"));
    nu_request_set_header(req, "Accept", ";;;,,/,q=,*/");
    CHECK(!nu_request_accepts(req, "text/html"));
}

static int loads;

static nu_value load_user(nu_request *req)
{
    loads++;
    return NU_V(nu_request_method(req));
}

TEST(what_travels_with_the_request_is_loaded_when_asked_for)
{
    nu_request *req = get("/");
    nu_request_set_lazy(req, "user", load_user);
    CHECK(!nu_request_has_data(req, "user"));
    CHECK_TEXT(nu_text(nu_request_data(req, "user")), "GET");
    CHECK_TEXT(nu_text(nu_request_data(req, "user")), "GET");
    CHECK_EQ(loads, 1);
    CHECK(nu_request_has_data(req, "user"));
    CHECK(nu_is_null(nu_request_data(req, "nobody")));
    nu_request_set_data(req, "user", NU_V("bob"));
    CHECK_TEXT(nu_text(nu_request_data(req, "user")), "bob");
    CHECK(nu_request_object(req, "user") == NULL);
}

static const char *attribute(nu_request *req, const char *name)
{
    nu_value value;
    return req->class->get(req, name, strlen(name), &value) ? nu_text(value) : NULL;
}

TEST(templates_see_the_request_under_djangos_names)
{
    nu_request *req = get("/a/?page=2&page=3");
    nu_request_set_header(req, "Cookie", "theme=dark");
    nu_request_set_data(req, "user", NU_V("bob"));
    CHECK_TEXT(attribute(req, "path"), "/a/");
    CHECK_TEXT(attribute(req, "method"), "GET");
    CHECK_TEXT(attribute(req, "get_full_path"), "/a/?page=2&page=3");
    CHECK_TEXT(attribute(req, "user"), "bob");
    CHECK(attribute(req, "nothing") == NULL);
    nu_value params, page;
    CHECK(req->class->get(req, "GET", 3, &params));
    const nu_class *class = ((nu_object *)params.object)->class;
    CHECK(class->get(params.object, "page", 4, &page));
    CHECK_TEXT(nu_text(page), "3");
    CHECK(class->get(params.object, "urlencode", 9, &page));
    CHECK_TEXT(nu_text(page), "page=2&page=3");
    CHECK(!class->get(params.object, "none", 4, &page));
}

TEST(arguments_of_the_url_are_asked_for_by_name)
{
    nu_request *req = get("/");
    nu_match    match = {.route = "<int:id>/", .kwargs = nu_dict_of("id", 42, "slug", "a-b")};
    CHECK_RAISES(NU_VALUE_ERROR, nu_arg(req, "id"));
    nu_request_set_match(req, &match);
    CHECK_EQ(nu_arg_int(req, "id"), 42);
    CHECK_TEXT(nu_arg(req, "id"), "42");
    CHECK_TEXT(nu_arg(req, "slug"), "a-b");
    CHECK(nu_is_null(nu_arg_find(req, "none")));
    CHECK_RAISES(NU_VALUE_ERROR, nu_arg(req, "none"));
    CHECK_CONTAINS(nu_test_error()->fact, "none");
}
