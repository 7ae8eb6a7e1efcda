#include "nuages/text.h"

#include <string.h>

#include "nuages/test.h"

TEST(a_builder_grows_as_needed)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    CHECK_TEXT(nu_builder_text(&out), "");
    for (int i = 0; i < 1000; i++) {
        nu_builder_putc(&out, 'a');
        nu_builder_puts(&out, "bc");
        nu_builder_int(&out, i);
        nu_builder_printf(&out, "%s", "");
    }
    CHECK(nu_starts_with(nu_builder_text(&out), "abc0abc1abc2abc3"));
    CHECK(nu_ends_with(nu_builder_text(&out), "abc998abc999"));
    CHECK_EQ(out.length, 3000 + 10 + 180 + 2700);
    char *big = nu_alloc(5001);
    memset(big, 'x', 5000);
    nu_builder_init(&out, NULL, 1);
    nu_builder_printf(&out, "<%s>", big);
    CHECK_EQ(out.length, 5002);
    CHECK_EQ(strlen(nu_builder_text(&out)), 5002);
    nu_builder_printf(&out, "%63d|%64d|%65d", 1, 2, 3);
    CHECK_EQ(strlen(nu_builder_text(&out)), 5002 + 63 + 64 + 65 + 2);
}

TEST(ints_are_written_whole)
{
    const int64_t numbers[] = {0, 9, 10, 99, 100, -1, -10, 12345, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < NU_COUNT(numbers); i++) {
        nu_builder out;
        nu_builder_init(&out, NULL, 0);
        nu_builder_int(&out, numbers[i]);
        CHECK_TEXT(nu_builder_text(&out), nu_fmt("%lld", (long long)numbers[i]));
    }
}

TEST(html_is_escaped_as_django_does)
{
    nu_value value = nu_escape("<a href=\"x\">Tom & 'Jerry'</a>");
    CHECK_TEXT(value.text, "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#x27;Jerry&#x27;&lt;/a&gt;");
    CHECK(value.flags & NU_SAFE);
    CHECK_TEXT(nu_escape("").text, "");
    CHECK_TEXT(nu_escape("plain é").text, "plain é");
}

TEST(utf8_is_checked_strictly)
{
    const struct {
        const char *bytes;
        bool        valid;
    } cases[] = {
        {"", true},
        {"plain ascii, longer than eight", true},
        {"é€😀", true},
        {"\x7f", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xbf", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xc2", false},
        {"\xc2 ", false},
        {"\xe0\x9f\xbf", false},
        {"\xe1\x80", false},
        {"\xe1\x80\x7f", false},
        {"\xed\xa0\x80", false},
        {"\xed\xbf\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf1\x80\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"12345678\xff", false},
        {"1234567\xc3", false},
        {"1234567é", true},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_EQ(nu_fmt("%zu %d", i, nu_utf8_valid(cases[i].bytes, strlen(cases[i].bytes))),
                 nu_fmt("%zu %d", i, cases[i].valid));
    }
    CHECK(nu_utf8_valid("a\0b", 3));
}

TEST(every_code_point_goes_there_and_back)
{
    for (uint32_t code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 61) {
        char        bytes[4];
        size_t      length = nu_utf8_put(bytes, code);
        const char *at = bytes;
        bool        surrogate = code >= 0xd800 && code <= 0xdfff;
        CHECK(nu_utf8_next(&at, bytes + length) == (surrogate ? 0xfffd : code));
        CHECK(at == bytes + length);
    }
    const char *at = "\xe2\x82", *end = at + 2;
    CHECK_EQ(nu_utf8_next(&at, end), 0xfffd);
    CHECK(at == end - 1);
}

TEST(code_points_are_counted)
{
    const char *text = "aé€😀z";
    CHECK_EQ(nu_utf8_count(text, strlen(text)), 5);
    const size_t offsets[] = {0, 1, 3, 6, 10, 11, 11};
    for (size_t i = 0; i < NU_COUNT(offsets); i++)
        CHECK_EQ(nu_utf8_offset(text, strlen(text), i), offsets[i]);
}

TEST(small_helpers)
{
    CHECK(nu_starts_with("abc", "ab") && nu_starts_with("abc", ""));
    CHECK(!nu_starts_with("ab", "abc"));
    CHECK(nu_ends_with("abc", "bc") && nu_ends_with("abc", "") && !nu_ends_with("c", "bc"));
    CHECK(nu_equal_ascii_nocase("Content-TYPE", 12, "content-type", 12));
    CHECK(!nu_equal_ascii_nocase("a", 1, "ab", 2));
    CHECK(!nu_equal_ascii_nocase("@", 1, "`", 1));
    CHECK_EQ(nu_split("a,b,,c", ','), nu_list_of("a", "b", "", "c"));
    CHECK_EQ(nu_split("", ','), nu_list_of());
    CHECK_EQ(nu_split(",", ','), nu_list_of("", ""));
}

TEST(whole_numbers_are_parsed_whole)
{
    const struct {
        const char *text;
        bool        good;
        int64_t     value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+12", true, 12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"000000000000000000000000000001", true, 1},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+-1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x1", false, 0},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        int64_t value = 77;
        bool    good = nu_parse_int(cases[i].text, strlen(cases[i].text), &value);
        CHECK_EQ(good, cases[i].good);
        CHECK_EQ(value, good ? cases[i].value : 77);
    }
}

TEST(near_words_are_found)
{
    const char *const fields[] = {"title", "body", "published", "author", "id", NULL};
    const struct {
        const char *word, *near;
    } cases[] = {
        {"titel", "title"},        {"Title", "title"},   {"tilte", "title"}, {"pub", "published"},
        {"publshed", "published"}, {"auther", "author"}, {"zzz", NULL},      {"", NULL},
        {"bdy", "body"},           {"colour", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_nearest(cases[i].word, fields), cases[i].near);
    char long_word[500];
    memset(long_word, 'x', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    CHECK(nu_nearest(long_word, fields) == NULL);
}
