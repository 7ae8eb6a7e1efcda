/* What an error looks like to a visitor, and to a developer. */
#include "site.h"

#include <string.h>
#include <unistd.h>

#include "nuages/log.h"
#include "nuages/url.h"

/* Here, far from their use: the development page shows the lines around each call. */
static const char secret_key[] = "the-very-secret-key";
static const char session_key[] = "cookie-value-that-is-secret";
static const char bearer[] = "Bearer topsecret";
static const char password[] = "hunter2";

/* As a strange host is raised, with advice for the site's owner. */
static NU_NORETURN void raise_suspicious(void)
{
    nu_error *error = nu_error_new(NU_SUSPICIOUS, "inner <reason>");
    error->hint = "Change the inner settings.";
    nu_throw(error);
}

static nu_response *raise_it(nu_request *request)
{
    const char *what = nu_arg(request, "what");
    if (strcmp(what, "400") == 0)
        raise_suspicious();
    if (strcmp(what, "403") == 0)
        nu_raise(NU_PERMISSION_DENIED, "inner <reason>");
    if (strcmp(what, "404") == 0)
        nu_raise(NU_OBJECT_NOT_FOUND, "inner <reason>");
    if (strcmp(what, "405") == 0)
        nu_require_methods(request, "PUT", "PATCH");
    if (strcmp(what, "413") == 0)
        nu_raise(NU_TOO_LARGE, "inner <reason>");
    if (strcmp(what, "503") == 0)
        nu_raise(NU_OPERATIONAL_ERROR, "inner <reason>");
    if (strcmp(what, "away") == 0)
        nu_raise(NU_OPERATIONAL_ERROR, "nobody listens");
    nu_raise(NU_ERROR, "inner <reason>");
}

static nu_response *echo(nu_request *request)
{
    return nu_text_response(nu_fmt("%s", nu_request_post(request, "a")));
}

static nu_response *render_broken(nu_request *request)
{
    return nu_render(request, "broken.html", "a", 1);
}

static nu_response *render_page(nu_request *request)
{
    return nu_render(request, "page.html", "a", "<1>");
}

static const nu_route routes[] = {
    NU_PATH("raise/<str:what>/", raise_it),
    NU_PATH("echo/", echo),
    NU_PATH("broken/", render_broken),
    NU_PATH("page/", render_page),
    {0},
};

TEST(visitors_learn_nothing_of_the_inside)
{
    static const int statuses[] = {400, 403, 404, 405, 413, 500, 503};
    SITE(.urls = routes);
    for (size_t i = 0; i < NU_COUNT(statuses); i++) {
        nu_response *page = nu_client_get(nu_client_new(), nu_fmt("/raise/%d/", statuses[i]));
        CHECK_STATUS(page, statuses[i]);
        CHECK_CONTAINS(header_of(page, "Content-Type"), "text/html");
        CHECK_CONTAINS(nu_client_text(page), "<h1");
        CHECK(strstr(nu_client_text(page), "inner") == NULL);
        CHECK_TEXT(header_of(page, "X-Frame-Options"), "DENY"); /* middleware ran */
    }
    CHECK_TEXT(header_of(nu_client_get(nu_client_new(), "/raise/405/"), "Allow"), "PUT, PATCH");
    CHECK_TEXT(header_of(nu_client_get(nu_client_new(), "/raise/503/"), "Retry-After"), "5");
}

TEST(developers_see_the_error_its_place_and_no_secrets)
{
    SITE(.urls = routes, .debug = true, .database = NULL, .secret_key = secret_key);
    nu_client *client = nu_client_new();
    nu_client_set_cookie(client, "sessionid", session_key);
    nu_client_set_cookie(client, "colour", "blue");
    nu_client_header(client, "Authorization", bearer);
    nu_response *page =
        nu_client_post(client, "/raise/500/?q=%3Cb%3E", "password", password, "name", "Ada");
    CHECK_STATUS(page, 500);
    const char              *text = nu_client_text(page);
    static const char *const shown[] = {"inner &lt;reason&gt;",
                                        "raise_it",
                                        "test_errors.c",
                                        "&lt;b&gt;",
                                        "Ada",
                                        "blue",
                                        "time_zone"};
    const char *const        hidden[] = {secret_key, session_key,      "topsecret",
                                         password,   "inner <reason>", "<b>q"};
    for (size_t i = 0; i < NU_COUNT(shown); i++)
        CHECK_CONTAINS(text, shown[i]);
    for (size_t i = 0; i < NU_COUNT(hidden); i++)
        if (strstr(text, hidden[i]) != NULL)
            FAIL("the page shows \"%s\"", hidden[i]);
}

TEST(the_page_of_an_unknown_path_lists_the_routes_in_debug_only)
{
    SITE(.urls = routes, .debug = true);
    nu_response *page = nu_client_get(nu_client_new(), "/no/such/page/");
    CHECK_STATUS(page, 404);
    CHECK_CONTAINS(nu_client_text(page), "raise/&lt;str:what&gt;/");
    SITE(.urls = routes);
    page = nu_client_get(nu_client_new(), "/no/such/page/");
    CHECK(strstr(nu_client_text(page), "raise/") == NULL);
}

TEST(own_templates_and_views_replace_pages)
{
    SITE(.urls = routes, .template_dirs = NU_TEXTS("templates"));
    CHECK_TEXT(nu_client_text(nu_client_get(nu_client_new(), "/x/")),
               "own 404: There is no page at this address. 404\n");
    SITE(.urls = routes, .not_found = echo, .server_error = echo);
    nu_response *page = nu_client_get(nu_client_new(), "/x/");
    CHECK_STATUS(page, 404);
    CHECK_STATUS(nu_client_get(nu_client_new(), "/raise/500/"), 500);
}

static nu_response *give_null(nu_request *request)
{
    (void)request;
    return NULL;
}

static nu_response *raise_again(nu_request *request)
{
    (void)request;
    nu_raise(NU_ERROR, "the page for errors is broken too");
}

TEST(own_pages_that_fail_leave_a_plain_answer)
{
    static const nu_view broken[] = {give_null, raise_again};
    for (size_t i = 0; i < NU_COUNT(broken); i++) {
        SITE(.urls = routes, .server_error = broken[i], .not_found = broken[i]);
        nu_response *page = nu_client_get(nu_client_new(), "/raise/500/");
        CHECK_STATUS(page, 500);
        CHECK_TEXT(nu_client_text(page), "500 Internal Server Error\n");
        CHECK_STATUS(nu_client_get(nu_client_new(), "/x/"), 404);
    }
}

TEST(a_broken_template_names_its_line)
{
    SITE(.urls = routes, .template_dirs = NU_TEXTS("templates"), .debug = true);
    nu_response *page = nu_client_get(nu_client_new(), "/broken/");
    CHECK_STATUS(page, 500);
    CHECK_CONTAINS(nu_client_text(page), "broken.html");
    CHECK_CONTAINS(nu_client_text(page), "{% if %}");
}

static void add_extra(nu_request *request, nu_dict *context)
{
    nu_dict_set(context, "extra", nu_request_method(request));
    nu_dict_set(context, "a", "overridden");
}

TEST(pages_have_their_variables)
{
    static const nu_context_processor processors[] = {add_extra, NULL};
    SITE(.urls = routes, .template_dirs = NU_TEXTS("templates"), .context_processors = processors);
    CHECK_TEXT(nu_client_text(nu_client_get(nu_client_new(), "/page/")),
               "&lt;1&gt;|64|/page/|False|GET\n");
}

TEST(a_body_that_is_too_large_is_a_413)
{
    SITE(.urls = routes, .max_body = 1000, .max_fields = 3);
    nu_client *client = nu_client_new();
    char      *large = nu_alloc(2000);
    memset(large, 'x', 1999);
    CHECK_STATUS(nu_client_post(client, "/echo/", "a", "small"), 200);
    CHECK_STATUS(nu_client_post(client, "/echo/", "a", (const char *)large), 413);
    CHECK_STATUS(nu_client_post(client, "/echo/", "a", 1, "b", 2, "c", 3, "d", 4), 400);
    SITE(.urls = routes, .max_body = 1000, .debug = true);
    CHECK_STATUS(nu_client_post(client, "/echo/", "a", (const char *)large), 413);
}

/* ---- the log --------------------------------------------------------------------------------- */

static size_t times(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

/* What so many visits are told of in the log. */
static const char *log_of_visits(const char *path, int count)
{
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    SITE(.urls = routes);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_INFO, .fd = ends[1], .colour = -1});
    for (int i = 0; i < count; i++)
        nu_client_get(nu_client_new(), path);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_OFF});
    close(ends[1]);
    char   *text = nu_alloc(60001);
    ssize_t length = read(ends[0], text, 60000);
    close(ends[0]);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

TEST(while_the_database_is_away_each_request_has_a_line_and_the_first_a_stack)
{
    const char *log = log_of_visits("/raise/away/", 20);
    CHECK_EQ(times(log, "503 GET /raise/away/: OperationalError: nobody listens\n"), 20);
    CHECK_EQ(times(log, "at raise_it ("), 1);
    CHECK_EQ(times(log_of_visits("/raise/500/", 3), "at raise_it ("), 3);
}
