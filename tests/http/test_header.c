#include "nuages/header.h"
#include "nuages/test.h"

#include <ctype.h>
#include <string.h>

TEST(every_known_name_is_found_in_any_case)
{
    for (int id = 1; id < NU_HEADER_COUNT; id++) {
        const char *name = nu_header_id_name((nu_header_id)id);
        char       *upper = nu_arena_text(nu_arena_current(), name);
        for (char *c = upper; *c != '\0'; c++)
            *c = (char)toupper((unsigned char)*c);
        CHECK_EQ((int)nu_header_id_of(name, strlen(name)), id);
        CHECK_EQ((int)nu_header_id_of(upper, strlen(upper)), id);
    }
}

TEST(other_names_have_no_number)
{
    static const char *const names[] = {"",     "X",        "Hos",           "Hosts",
                                        "Xost", "X-Custom", "content_length"};
    for (size_t i = 0; i < NU_COUNT(names); i++)
        CHECK_EQ((int)nu_header_id_of(names[i], strlen(names[i])), NU_HEADER_OTHER);
}

static nu_headers *headers(void)
{
    nu_headers *list = nu_alloc(sizeof *list);
    nu_headers_init(list, nu_arena_current());
    return list;
}

TEST(fields_are_found_set_and_removed)
{
    nu_headers *list = headers();
    nu_headers_add(list, "Host", "example.org");
    nu_headers_add(list, "X-Custom", "1");
    nu_headers_add(list, "Accept", "a");
    nu_headers_add(list, "Accept", "b");
    CHECK_TEXT(nu_headers_value(list, "hOST"), "example.org");
    CHECK_TEXT(nu_headers_value(list, "x-custom"), "1");
    CHECK_TEXT(nu_headers_value_at(list, NU_HEADER_ACCEPT), "a");
    CHECK(nu_headers_find(list, "X-Other") == NULL);
    CHECK(nu_headers_find(list, "Origin") == NULL);
    nu_headers_set(list, "accept", "c");
    CHECK_TEXT(nu_headers_value(list, "Accept"), "c");
    CHECK_EQ(list->count, 3);
    nu_headers_set(list, "X-Custom", "2");
    CHECK_TEXT(nu_headers_value(list, "X-Custom"), "2");
    CHECK(nu_headers_remove(list, "Host"));
    CHECK(!nu_headers_remove(list, "Host"));
    CHECK(!nu_headers_remove(list, "X-Other"));
    CHECK_TEXT(nu_headers_value(list, "Accept"), "c");
    CHECK_EQ(list->count, 2);
}

TEST(many_fields_keep_their_places)
{
    nu_headers *list = headers();
    for (int i = 0; i < 500; i++)
        nu_headers_add(list, nu_fmt("X-Number-%d", i), nu_fmt("%d", i));
    nu_headers_add(list, "Host", "h");
    CHECK(nu_headers_remove(list, "X-Number-7"));
    CHECK_TEXT(nu_headers_value(list, "X-Number-499"), "499");
    CHECK_TEXT(nu_headers_value_at(list, NU_HEADER_HOST), "h");
}

TEST(a_default_is_added_once_and_checked)
{
    nu_headers *list = headers();
    nu_headers_default_at(list, NU_HEADER_REFERRER_POLICY, "same-origin");
    nu_headers_default_at(list, NU_HEADER_REFERRER_POLICY, "origin");
    nu_header late = nu_header_of(NU_HEADER_REFERRER_POLICY, "no-referrer");
    nu_headers_default_field(list, &late);
    CHECK_EQ(list->count, 1);
    CHECK_TEXT(nu_headers_value(list, "referrer-policy"), "same-origin");
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_headers_default_at(list, NU_HEADER_LOCATION, "/\r\nSet-Cookie: x=y"));
    CHECK_EQ(list->count, 1);
}

TEST(a_name_or_value_that_could_inject_a_field_is_refused)
{
    nu_headers              *list = headers();
    static const char *const names[] = {"", "X Y", "X:", "X\n", "X\r\nY", "Ü", "X\t", "(X)"};
    static const char *const values[] = {"a\nb", "a\r\nSet-Cookie: x=y", "\r", "\n"};
    for (size_t i = 0; i < NU_COUNT(names); i++)
        CHECK_RAISES(NU_VALUE_ERROR, nu_headers_add(list, names[i], "v"));
    for (size_t i = 0; i < NU_COUNT(values); i++) {
        CHECK_RAISES(NU_VALUE_ERROR, nu_headers_add(list, "X-A", values[i]));
        CHECK_RAISES(NU_VALUE_ERROR, nu_headers_set(list, "Location", values[i]));
    }
    CHECK_EQ(list->count, 0);
}

TEST(parameters_of_a_value_are_taken_apart)
{
    static const struct {
        const char *line, *value, *params;
    } cases[] = {
        {"text/html", "text/html", "{}"},
        {" Text/HTML ; Charset=UTF-8", "text/html", "{'charset': 'UTF-8'}"},
        {"a; b=\"c;d\"; e=f", "a", "{'b': 'c;d', 'e': 'f'}"},
        {"a; b=\"c\\\"d\\\\\"", "a", "{'b': 'c\"d\\\\'}"},
        {"a; b=\"c", "a", "{'b': '\"c'}"},
        {"a;;;b=c;", "a", "{'b': 'c'}"},
        {";", "", "{}"},
        {"", "", "{}"},
        {"a; f*=utf-8''%e2%82%ac", "a", "{'f': '€'}"},
        {"a; f*=iso-8859-1'en'%e9", "a", "{'f': 'é'}"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_dict *params;
        CHECK_TEXT(nu_header_params(cases[i].line, &params), cases[i].value);
        CHECK_TEXT(nu_text(nu_value_dict(params)), cases[i].params);
    }
}

TEST(a_list_holds_whole_tokens_in_any_case)
{
    CHECK(nu_header_lists("keep-alive, Upgrade", "upgrade", 7));
    CHECK(nu_header_lists("UPGRADE", "upgrade", 7));
    CHECK(nu_header_lists(", ,\tupgrade ,", "upgrade", 7));
    CHECK(!nu_header_lists("no-upgrade, upgrade2", "upgrade", 7));
    CHECK(!nu_header_lists("", "upgrade", 7));
    CHECK(!nu_header_lists(",,", "", 0));
    CHECK(!nu_header_lists(NULL, "upgrade", 7));
}
