#include "../web/site.h"

#include <string.h>

#include "nuages/database.h"
#include "nuages/session.h"
#include "nuages/url.h"

#include "command/migrations.h"
#include "migrate/internal.h"

static nu_response *set(nu_request *request)
{
    nu_session *session = nu_request_session(request);
    nu_session_set(session, nu_arg(request, "key"), nu_arg(request, "value"));
    return nu_text_response("set");
}

static nu_response *get(nu_request *request)
{
    nu_value value = nu_session_get(nu_request_session(request), nu_arg(request, "key"));
    return nu_text_response(nu_is_null(value) ? "none" : nu_text(value));
}

static nu_response *act(nu_request *request)
{
    nu_session *session = nu_request_session(request);
    const char *what = nu_arg(request, "what");
    if (strcmp(what, "flush") == 0)
        nu_session_flush(session);
    if (strcmp(what, "cycle") == 0)
        nu_session_cycle_key(session);
    if (strcmp(what, "browser") == 0)
        nu_session_set_expiry(session, 0);
    if (strcmp(what, "minute") == 0)
        nu_session_set_expiry(session, 60);
    if (strcmp(what, "for-ever") == 0)
        nu_session_set_expiry(session, INT64_MAX);
    if (strcmp(what, "fail") == 0) {
        nu_session_set(session, "failed", true);
        nu_raise(NU_ERROR, "after a change");
    }
    /* Somebody logs out in another window while this request is at work. */
    if (strcmp(what, "ended-elsewhere") == 0) {
        nu_session_set(session, "late", 1);
        nu_sql(nu_database_get(NULL), "DELETE FROM django_session");
    }
    return nu_text_response("done");
}

static nu_response *plain(nu_request *request)
{
    (void)request;
    return nu_text_response("plain");
}

static const nu_route routes[] = {
    NU_PATH("set/<key>/<value>/", set),
    NU_PATH("get/<key>/", get),
    NU_PATH("act/<what>/", act),
    NU_PATH("plain/", plain),
    {0},
};

static nu_client *visitor(void)
{
    SITE(.urls = routes, .database = "sqlite::memory:", .apps = NU_APPS(&nu_sessions_app),
         .middleware = NU_MIDDLEWARE(&nu_session_middleware, NU_DEFAULT_MIDDLEWARE));
    nu_database *db = nu_database_get(NULL);
    nu__graph   *graph = nu__migrate_graph(NULL);
    size_t       count;
    bool        *applied = nu__recorder_applied(db, graph);
    nu__step    *steps = nu__plan(graph, applied, NULL, NULL, &count);
    nu__execute(db, graph, applied, steps, count, &(nu__run_options){.fake = false});
    return nu_client_new();
}

static int64_t rows(void)
{
    const nu_list *counted =
        nu_sql_rows(nu_database_get(NULL), "SELECT count(*) AS n FROM django_session");
    return nu_int(nu_dict_get(counted->items[0].dict, "n"));
}

static const char *text(nu_client *client, const char *target)
{
    return nu_client_text(nu_client_get(client, target));
}

TEST(what_is_set_is_there_in_the_next_request)
{
    nu_client   *client = visitor();
    nu_response *first = nu_client_get(client, "/set/colour/blue/");
    CHECK_EQ((int64_t)strlen(nu_client_cookie(client, "sessionid")), 32);
    const char *cookie = nu_response_cookies(first)[0];
    CHECK_CONTAINS(cookie, "; HttpOnly");
    CHECK_CONTAINS(cookie, "; Max-Age=1209600");
    CHECK_CONTAINS(cookie, "; SameSite=Lax");
    CHECK(nu_response_varies_on(first, "Cookie"));
    CHECK_TEXT(text(client, "/get/colour/"), "blue");
    CHECK_TEXT(text(nu_client_new(), "/get/colour/"), "none");
}

TEST(who_does_not_use_the_session_pays_nothing)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    CHECK_QUERIES(0)
    {
        nu_response *page = nu_client_get(client, "/plain/");
        CHECK(nu_response_cookies(page)[0] == NULL);
        CHECK(!nu_response_varies_on(page, "Cookie"));
    }
    CHECK_EQ(rows(), 1);
    CHECK_TEXT(text(nu_client_new(), "/get/x/"), "none");
    CHECK_EQ(rows(), 1);
}

TEST(keys_that_were_never_given_are_not_taken)
{
    static const char *const keys[] = {"",
                                       "short",
                                       "abcdefghijklmnopqrstuvwxyz012345",
                                       "' OR 1=1 --",
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345",
                                       "../../../etc/passwd0"};
    nu_client               *client = visitor();
    for (size_t i = 0; i < NU_COUNT(keys); i++) {
        nu_client_set_cookie(client, "sessionid", keys[i]);
        nu_client_get(client, "/set/a/b/");
        CHECK(strcmp(nu_client_cookie(client, "sessionid"), keys[i]) != 0);
    }
}

TEST(an_ended_session_is_empty)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    nu_sql(nu_database_get(NULL), "UPDATE django_session SET expire_date = '2020-01-01 00:00:00'");
    const char *old = nu_client_cookie(client, "sessionid");
    CHECK_TEXT(text(client, "/get/a/"), "none");
    CHECK(nu_client_cookie(client, "sessionid") == NULL);
    nu_client_set_cookie(client, "sessionid", old);
    nu_client_get(client, "/set/a/c/");
    CHECK(strcmp(nu_client_cookie(client, "sessionid"), old) != 0);
    CHECK_EQ(nu_session_clear_expired(), 1);
    CHECK_EQ(rows(), 1);
}

TEST(data_that_was_changed_by_hand_is_not_taken)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    nu_sql(nu_database_get(NULL),
           "UPDATE django_session SET session_data = replace(session_data, ':', ';')");
    CHECK_TEXT(text(client, "/get/a/"), "none");
    nu_client_get(client, "/set/a/new/");
    CHECK_TEXT(text(client, "/get/a/"), "new");
}

TEST(a_cycled_key_keeps_the_data_and_ends_the_old_one)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    const char *old = nu_client_cookie(client, "sessionid");
    nu_client_get(client, "/act/cycle/");
    CHECK(strcmp(nu_client_cookie(client, "sessionid"), old) != 0);
    CHECK_TEXT(text(client, "/get/a/"), "b");
    CHECK_EQ(rows(), 1);
    nu_client *thief = nu_client_new();
    nu_client_set_cookie(thief, "sessionid", old);
    CHECK_TEXT(text(thief, "/get/a/"), "none");
}

TEST(a_flushed_session_is_gone)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    nu_client_get(client, "/act/flush/");
    CHECK(nu_client_cookie(client, "sessionid") == NULL);
    CHECK_EQ(rows(), 0);
    CHECK_TEXT(text(client, "/get/a/"), "none");
}

TEST(a_session_that_ends_during_a_request_does_not_come_back)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    CHECK_STATUS(nu_client_get(client, "/act/ended-elsewhere/"), 400);
    CHECK_EQ(rows(), 0);
}

TEST(a_view_that_fails_saves_nothing)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    CHECK_STATUS(nu_client_get(client, "/act/fail/"), 500);
    CHECK_TEXT(text(client, "/get/failed/"), "none");
    CHECK_TEXT(text(client, "/get/a/"), "b");
}

TEST(a_session_ends_as_it_was_told)
{
    nu_client *client = visitor();
    nu_client_get(client, "/set/a/b/");
    CHECK_CONTAINS(nu_response_cookies(nu_client_get(client, "/act/minute/"))[0], "Max-Age=60");
    const char *cookie = nu_response_cookies(nu_client_get(client, "/act/browser/"))[0];
    CHECK(strstr(cookie, "Max-Age") == NULL && strstr(cookie, "expires") == NULL);
    CHECK_CONTAINS(nu_response_cookies(nu_client_get(client, "/act/for-ever/"))[0],
                   "Max-Age=3153600000");
    CHECK_TEXT(text(client, "/get/a/"), "b");
}

TEST(without_the_middleware_it_is_said)
{
    SITE(.urls = routes, .debug = true);
    nu_response *page = nu_client_get(nu_client_new(), "/get/a/");
    CHECK_STATUS(page, 500);
    CHECK_CONTAINS(nu_client_text(page), "this request has no session");
    CHECK_CONTAINS(nu_client_text(page), "nu_session_middleware");
}

TEST(the_text_form_goes_there_and_back)
{
    visitor();
    nu_dict    *data = nu_dict_of("a", 1, "b", nu_list_of("x", true), "ü", "ö");
    const char *encoded = nu_session_encode(data);
    CHECK_EQ(nu_session_decode(encoded), data);
    CHECK_EQ(nu_dict_count(nu_session_decode(nu_fmt("%sx", encoded))), 0);
    CHECK_EQ(nu_dict_count(nu_session_decode("")), 0);
}
