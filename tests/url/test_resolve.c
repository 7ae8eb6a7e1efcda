#include "nuages/test.h"
#include "nuages/url.h"

#include <string.h>

static nu_response *view(nu_request *req)
{
    (void)req;
    return NULL;
}

static nu_response *other_view(nu_request *req)
{
    (void)req;
    return NULL;
}

static bool colour_value(const char *text, size_t length, nu_value *out)
{
    (void)length;
    *out = nu_value_text(nu_fmt("#%s", text));
    return text[0] != 'f';
}

static const char *colour_text(nu_value value)
{
    return nu_text(value)[0] == '#' ? nu_text(value) + 1 : NULL;
}

static const nu_converter colour = {"colour", "[0-9a-f]{6}", colour_value, colour_text};

static const char settings_of_about[] = "about.html";

static const nu_route blog_urls[] = {
    NU_PATH("", view, .name = "list"),
    NU_PATH("<int:id>/", view, .name = "detail"),
    NU_PATH("<slug:slug>/", view, .name = "by-slug"),
    NU_PATH("<int:year>-<int:month>/<slug:slug>/", view, .name = "dated"),
    NU_PATH("file/<path:name>/raw", view, .name = "raw"),
    NU_PATH("paint/<colour:colour>/", view, .name = "paint", .converters = NU_CONVERTERS(&colour)),
    NU_PATH("<uuid:key>/", view, .name = "key"),
    {0},
};

static const nu_route tree_urls[] = {
    NU_PATH("leaf/", view, .name = "leaf"),
    NU_INCLUDE("in/", tree_urls, .app_name = "tree"),
    NU_INCLUDE("same/", tree_urls),
    {0},
};

static const nu_route site_urls[] = {
    NU_PATH("about/", view, .name = "about", .data = settings_of_about,
            .kwargs = NU_KWARGS({"page", NU_CONST_INT(1)})),
    NU_PATH("save/", view, .name = "save", .methods = "POST", .csrf_exempt = true),
    NU_PATH("save/", other_view, .name = "show", .methods = "GET"),
    NU_PATH("only/", view, .methods = "PUT, DELETE"),
    NU_INCLUDE("blog/", blog_urls, .app_name = "blog"),
    NU_INCLUDE("news/", blog_urls, .app_name = "blog", .namespace = "news"),
    NU_INCLUDE("tree/", tree_urls, .app_name = "tree"),
    NU_REGEX("^(?P<year>[0-9]{4})/(?:(?P<page>\\d+)/)?$", view, .name = "year"),
    NU_REGEX("^pair/(\\w+)/(\\w+)/$", view, .name = "pair"),
    NU_PATH("wide/<str:a>/<path:b>/x", view, .name = "wide"),
    NU_PATH("two/<str:a><str:b>", view, .name = "two"),
    {0},
};

static nu_urls *site(void)
{
    return nu_urls_new(nu_arena_current(), site_urls, NULL);
}

/* "blog:detail {'id': 3}", or "-" if no route fits. */
static const char *found(const char *path)
{
    const nu_match *match = nu_urls_find(site(), path, NULL, NULL);
    if (match == NULL)
        return "-";
    return nu_fmt("%s %s%s", match->view_name, nu_text(nu_value_dict(match->kwargs)),
                  match->args->count > 0 ? nu_text(nu_value_list(match->args)) : "");
}

TEST(paths_find_their_routes_and_arguments)
{
    static const struct {
        const char *path, *found;
    } cases[] = {
        {"/about/", "about {'page': 1}"},
        {"/about", "-"},
        {"about/", "-"},
        {"", "-"},
        {"/", "-"},
        {"/blog/", "blog:list {}"},
        {"/blog/42/", "blog:detail {'id': 42}"},
        {"/blog/042/", "blog:detail {'id': 42}"},
        {"/blog/4x/", "blog:by-slug {'slug': '4x'}"},
        {"/blog/2026-11/a-b/", "blog:dated {'year': 2026, 'month': 11, 'slug': 'a-b'}"},
        {"/blog/2026-/a/", "-"},
        {"/blog/file/a/b/raw/raw", "blog:raw {'name': 'a/b/raw'}"},
        {"/blog/file//raw", "-"},
        {"/blog/paint/00ff00/", "blog:paint {'colour': '#00ff00'}"},
        {"/blog/paint/ff0000/", "-"},
        {"/blog/paint/00ff0/", "-"},
        {"/blog/99999999999999999999/", "blog:by-slug {'slug': '99999999999999999999'}"},
        {"/blog/\xc3\xa9/", "-"},
        {"/news/7/", "news:detail {'id': 7}"},
        {"/tree/leaf/", "tree:leaf {}"},
        {"/tree/in/same/in/leaf/", "tree:tree:tree:leaf {}"},
        {"/2026/", "year {'year': '2026'}"},
        {"/2026/3/", "year {'year': '2026', 'page': '3'}"},
        {"/2026/\n", "-"},
        {"/pair/a/b/", "pair {}['a', 'b']"},
        {"/wide/a/b/c/x", "wide {'a': 'a', 'b': 'b/c'}"},
        {"/wide/a//x", "-"},
        {"/two/é", "-"},
        {"/two/aé", "two {'a': 'a', 'b': 'é'}"},
        {"/two/éa", "two {'a': 'é', 'b': 'a'}"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(found(cases[i].path), cases[i].found);
}

TEST(a_match_tells_all_about_its_route)
{
    const nu_match *match = nu_urls_find(site(), "/news/7/", NULL, NULL);
    CHECK_TEXT(match->route, "news/<int:id>/");
    CHECK_TEXT(match->namespace, "news");
    CHECK_TEXT(match->app_names[0], "blog");
    CHECK(match->app_names[1] == NULL);
    CHECK_TEXT(match->view_function, "view");
    CHECK(match->view == view);
    match = nu_urls_find(site(), "/about/", NULL, NULL);
    CHECK(match->data == settings_of_about);
    CHECK_TEXT(match->namespace, "");
    CHECK(!match->csrf_exempt);
    CHECK(nu_urls_find(site(), "/save/", "POST", NULL)->csrf_exempt);
}

TEST(methods_choose_between_routes)
{
    const char *allowed;
    nu_urls    *urls = site();
    CHECK_TEXT(nu_urls_find(urls, "/save/", "POST", &allowed)->url_name, "save");
    CHECK_TEXT(nu_urls_find(urls, "/save/", "GET", &allowed)->url_name, "show");
    CHECK_TEXT(nu_urls_find(urls, "/save/", "HEAD", &allowed)->url_name, "show");
    CHECK(nu_urls_find(urls, "/save/", "PUT", &allowed) == NULL);
    CHECK_TEXT(allowed, "POST, GET");
    CHECK(nu_urls_find(urls, "/only/", "POS", &allowed) == NULL);
    CHECK_TEXT(allowed, "PUT, DELETE");
    CHECK(nu_urls_find(urls, "/nowhere/", "PUT", &allowed) == NULL);
    CHECK(allowed == NULL);
}

TEST(the_patterns_tried_are_named_in_order)
{
    const nu_list *tried = nu_urls_tried(site(), "/blog/x y/");
    CHECK_TEXT(tried->items[0].text, "about/");
    CHECK_TEXT(tried->items[4].text, "blog/");
    CHECK_TEXT(tried->items[5].text, "blog/ <int:id>/");
}

TEST(an_include_of_nothing_leaves_no_trace_in_the_patterns_tried)
{
    static const nu_route routes[] = {NU_INCLUDE("", blog_urls), {0}};
    const nu_list        *tried = nu_urls_tried(nu_urls_new(nu_arena_current(), routes, NULL), "/x y/");
    CHECK_TEXT(tried->items[0].text, "");
    CHECK_TEXT(tried->items[1].text, "<int:id>/");
}

TEST(a_path_made_to_try_all_ways_ends_soon)
{
    static const nu_route slow[] = {
        NU_PATH("<path:a>/<path:b>/<path:c>/<path:d>/<path:e>/end", view),
        {0},
    };
    nu_urls *urls = nu_urls_new(nu_arena_current(), slow, NULL);
    char    *path = nu_arena_alloc(nu_arena_current(), 4001);
    memset(path, '/', 4000);
    path[4000] = '\0';
    int64_t before = nu_monotonic_us();
    CHECK(nu_urls_find(urls, path, NULL, NULL) == NULL);
    CHECK(nu_monotonic_us() - before < NU_SECOND);
}

static void compile(nu_route route)
{
    const nu_route table[] = {route, {0}};
    nu_urls_new(nu_arena_current(), table, NULL);
}

TEST(a_malformed_route_stops_the_start_and_is_named)
{
    static const struct {
        nu_route    route;
        const char *fact;
    } cases[] = {
        {NU_PATH("a/<int: id>/", view), "white space"},
        {NU_PATH("a/<int:1d>/", view), "no identifier"},
        {NU_PATH("a/<id>/<id>/", view), "more than once"},
        {NU_PATH("a/<slgu:id>/", view), "\"slgu\""},
        {NU_REGEX("^(a", view), "no valid regular expression"},
        {{.kind = NU_ROUTE_PATH, .pattern = "a/"}, "has no view"},
        {{.kind = NU_ROUTE_PATH, .view = view}, "no pattern"},
        {NU_INCLUDE("a/", blog_urls, .namespace = "n"), "no app_name"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_CONFIG_ERROR, compile(cases[i].route));
        CHECK_CONTAINS(nu_test_error()->fact, cases[i].fact);
    }
    CHECK_RAISES(NU_CONFIG_ERROR, compile(cases[3].route));
    CHECK_CONTAINS(nu_test_error()->hint, "slug");
}

/* ---- the way back ------------------------------------------------------------------------------------------ */

static const char *reversed(const char *name, nu_list *args, nu_dict *kwargs)
{
    nu_reverse_options options = {.args = args, .kwargs = kwargs};
    return nu_urls_reverse_find(site(), name, &options);
}

TEST(names_lead_to_paths)
{
    CHECK_TEXT(reversed("about", NULL, NULL), "/about/");
    CHECK_TEXT(reversed("blog:detail", NULL, nu_dict_of("id", 3)), "/blog/3/");
    CHECK_TEXT(reversed("blog:detail", nu_list_of(3), NULL), "/blog/3/");
    CHECK_TEXT(reversed("news:detail", nu_list_of(3), NULL), "/news/3/");
    CHECK_TEXT(reversed("blog:raw", nu_list_of("a b/é?"), NULL), "/blog/file/a%20b/%C3%A9%3F/raw");
    CHECK_TEXT(reversed("blog:paint", nu_list_of("#00ff00"), NULL), "/blog/paint/00ff00/");
    CHECK_TEXT(reversed("tree:tree:leaf", NULL, NULL), "/tree/in/leaf/");
    CHECK_TEXT(reversed("year", NULL, nu_dict_of("year", 2026)), "/2026/");
    CHECK_TEXT(reversed("year", NULL, nu_dict_of("year", 2026, "page", 2)), "/2026/2/");
    CHECK_TEXT(reversed("pair", nu_list_of("a", "b"), NULL), "/pair/a/b/");
    CHECK_TEXT(reversed("about", NULL, nu_dict_of("page", 1)), "/about/");
}

TEST(arguments_that_do_not_fit_lead_nowhere)
{
    CHECK(reversed("blog:detail", NULL, NULL) == NULL);
    CHECK(reversed("blog:detail", nu_list_of("x"), NULL) == NULL);
    CHECK(reversed("blog:detail", nu_list_of(-1), NULL) == NULL);
    CHECK(reversed("blog:detail", nu_list_of(1, 2), NULL) == NULL);
    CHECK(reversed("blog:by-slug", nu_list_of("a/b"), NULL) == NULL);
    CHECK(reversed("blog:by-slug", nu_list_of(""), NULL) == NULL);
    CHECK(reversed("blog:paint", nu_list_of("red"), NULL) == NULL);
    CHECK(reversed("about", NULL, nu_dict_of("page", 2)) == NULL);
    CHECK(reversed("year", NULL, nu_dict_of("year", 99)) == NULL);
    CHECK(reversed("pair", NULL, nu_dict_of("a", 1)) == NULL);
    CHECK(reversed("", NULL, NULL) == NULL);
    CHECK(reversed(":", NULL, NULL) == NULL);
    CHECK(reversed("blog::list", NULL, NULL) == NULL);
}

TEST(a_name_can_be_asked_for_without_its_arguments)
{
    static const char *const known[] = {"about", "blog:detail", "news:detail", "tree:tree:leaf", "pair"};
    static const char *const unknown[] = {"detail", "blog:detial", "none:detail", "", ":", "blog"};
    for (size_t i = 0; i < NU_COUNT(known); i++)
        nu_urls_require_name(site(), known[i]);
    for (size_t i = 0; i < NU_COUNT(unknown); i++)
        CHECK_RAISES(NU_NO_REVERSE_MATCH, nu_urls_require_name(site(), unknown[i]));
}

TEST(a_path_never_leaves_the_site)
{
    static const nu_route open[] = {NU_PATH("/<path:p>", view, .name = "p"), {0}};
    nu_urls              *urls = nu_urls_new(nu_arena_current(), open, NULL);
    nu_reverse_options    options = {.args = nu_list_of("evil.net/")};
    CHECK_TEXT(nu_urls_reverse(urls, "p", &options), "/%2Fevil.net/");
}

TEST(errors_speak_as_djangos_do)
{
    nu_urls           *urls = site();
    nu_reverse_options options = {.args = nu_list_of("x")};
    CHECK_RAISES(NU_NO_REVERSE_MATCH, nu_urls_reverse(urls, "blog:detail", &options));
    CHECK_TEXT(nu_test_error()->fact,
               "Reverse for 'detail' with arguments '('x',)' not found. 1 pattern(s) tried: "
               "['blog/(?P<id>[0-9]+)/\\\\Z']");
    options = (nu_reverse_options){.kwargs = nu_dict_of("a", 1)};
    CHECK_RAISES(NU_NO_REVERSE_MATCH, nu_urls_reverse(urls, "year", &options));
    CHECK_CONTAINS(nu_test_error()->fact, "with keyword arguments '{'a': 1}'");
    CHECK_RAISES(NU_NO_REVERSE_MATCH, nu_urls_reverse(urls, "abuot", NULL));
    CHECK_TEXT(nu_test_error()->fact, "Reverse for 'abuot' not found. 'abuot' is not a valid view "
                                      "function or pattern name.");
    CHECK_CONTAINS(nu_test_error()->hint, "about");
    CHECK_RAISES(NU_NO_REVERSE_MATCH, nu_urls_reverse(urls, "shop:x", NULL));
    CHECK_TEXT(nu_test_error()->fact, "'shop' is not a registered namespace");
    CHECK_RAISES(NU_NO_REVERSE_MATCH, nu_urls_reverse(urls, "blog:shop:x", NULL));
    CHECK_TEXT(nu_test_error()->fact, "'shop' is not a registered namespace inside 'blog'");
    options = (nu_reverse_options){.args = nu_list_of(1), .kwargs = nu_dict_of("a", 1)};
    CHECK_RAISES(NU_VALUE_ERROR, nu_urls_reverse(urls, "about", &options));
}
