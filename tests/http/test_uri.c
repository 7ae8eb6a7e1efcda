#include "nuages/test.h"
#include "nuages/uri.h"

#include <string.h>

/* RFC 3986 5.4.1 and 5.4.2, as far as browsers agree with it. */
TEST(references_are_resolved_as_the_rfc_shows)
{
    static const struct {
        const char *reference, *result;
    } cases[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_uri_resolve("http://a/b/c/d;p?q", cases[i].reference), cases[i].result);
}

TEST(a_uri_comes_apart_and_together)
{
    static const char *const uris[] = {"http://u:p@h:80/p?q#f",
                                       "//h",
                                       "/a//b",
                                       "mailto:a@b",
                                       "?",
                                       "#",
                                       "x?#",
                                       "1:2",
                                       "",
                                       "http://"};
    for (size_t i = 0; i < NU_COUNT(uris); i++) {
        nu_uri parts = nu_uri_split(uris[i]);
        CHECK_TEXT(nu_uri_join_parts(&parts), uris[i]);
    }
    nu_uri parts = nu_uri_split("HTTP://h?a?b#c#d");
    CHECK_TEXT(parts.scheme, "http");
    CHECK_TEXT(parts.authority, "h");
    CHECK_TEXT(parts.path, "");
    CHECK_TEXT(parts.query, "a?b");
    CHECK_TEXT(parts.fragment, "c#d");
}

TEST(escapes_are_decoded_and_what_is_none_stays)
{
    size_t length;
    CHECK_TEXT(nu_uri_unquote("a%20b+c%zz%4%", 13, true, &length), "a b c%zz%4%");
    CHECK_TEXT(nu_uri_unquote("a+b", 3, false, &length), "a+b");
    nu_uri_unquote("%00a", 4, false, &length);
    CHECK_EQ(length, 2);
    CHECK_TEXT(nu_uri_quote("a b/é", 6, "/"), "a%20b/%C3%A9");
    CHECK_TEXT(nu_uri_quote_plus("a b/", 4, NULL), "a+b%2F");
    CHECK_TEXT(nu_uri_repercent("a\xff\xc3\xa9\xe2\x82", 6), "a%FFé%E2%82");
}

TEST(hosts_come_apart)
{
    static const struct {
        const char *host, *domain, *port;
    } cases[] = {
        {"Example.ORG:8000", "example.org", "8000"},
        {"[::1]:80", "[::1]", "80"},
        {"[::1]", "[::1]", ""},
        {"[1.2.3.4:]", "", ""},
        {"[", "", ""},
        {"a:", "", ""},
        {"a/b", "", ""},
        {"a..", "a.", ""},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        const char *domain, *port;
        nu_host_split(cases[i].host, &domain, &port);
        CHECK_TEXT(domain, cases[i].domain);
        CHECK_TEXT(port, cases[i].port);
    }
}
