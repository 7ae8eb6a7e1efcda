#include "nuages/cookie.h"
#include "nuages/response.h"
#include "nuages/test.h"

#include <string.h>

static const char *parsed(const char *header)
{
    return nu_text(nu_value_dict(nu_cookie_parse(header, strlen(header))));
}

TEST(malformed_cookie_fields_are_read_without_harm)
{
    CHECK_TEXT(parsed(""), "{}");
    CHECK_TEXT(parsed(";;; ;"), "{}");
    CHECK_TEXT(parsed("="), "{}");
    CHECK_TEXT(parsed("a"), "{'': 'a'}");
    CHECK_TEXT(parsed("a=\"\\"), "{'a': '\"\\\\'}");
    CHECK_TEXT(parsed("a=\"\""), "{'a': ''}");
    CHECK_TEXT(parsed("a=\"\\1\\12\\123\\777\""), "{'a': '112S777'}");
    CHECK_TEXT(parsed("a=\xff"), "{'a': '�'}");
}

TEST(a_value_in_quotes_comes_back)
{
    static const char *const values[] = {"plain", "", "a,b;c d", "\"quoted\\\"", "é€", "tab\there"};
    for (size_t i = 0; i < NU_COUNT(values); i++) {
        const char *line = nu_cookie_text("c", values[i], &(nu_cookie_options){.path = ""});
        nu_dict    *cookies = nu_cookie_parse(line, strlen(line));
        CHECK_TEXT(nu_dict_get(cookies, "c").text, values[i]);
    }
}

TEST(nothing_can_be_injected_into_a_cookie)
{
    nu_response             *res = nu_status(200);
    static const char *const names[] = {"", "a b", "a=b", "a;b", "a\r\nb", "Path", "é"};
    for (size_t i = 0; i < NU_COUNT(names); i++)
        CHECK_RAISES(NU_VALUE_ERROR, nu_set_cookie(res, names[i], "v"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_set_cookie(res, "a", "v", .path = "/;Secure"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_set_cookie(res, "a", "v", .domain = "x\r\ny"));
    CHECK_RAISES(NU_VALUE_ERROR, nu_set_cookie(res, "a", "v", .samesite = "Maybe"));
    CHECK(nu_response_cookies(res)[0] == NULL);
    nu_set_cookie(res, "a", "x\r\nSet-Cookie: b=c");
    CHECK_TEXT(nu_response_cookies(res)[0], "a=\"x\\015\\012Set-Cookie: b=c\"; Path=/");
}

TEST(cookies_keep_their_order_and_their_last_value)
{
    nu_response *res = nu_status(200);
    for (int i = 0; i < 20; i++)
        nu_set_cookie(res, nu_fmt("c%d", i), "1");
    nu_set_cookie(res, "c3", "2", .httponly = true);
    CHECK_TEXT(nu_response_cookies(res)[3], "c3=2; HttpOnly; Path=/");
    CHECK_TEXT(nu_response_cookie(res, "c3"), "2");
    CHECK(nu_response_cookie(res, "c20") == NULL);
    CHECK(nu_response_cookies(res)[20] == NULL);
}

TEST(a_life_beyond_the_calendar_ends_with_it)
{
    CHECK_CONTAINS(nu_cookie_text("a", "b", &(nu_cookie_options){.max_age = INT64_MAX}),
                   "31 Dec 9999");
}
