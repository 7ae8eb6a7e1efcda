#include "filter_case.h"
#include "nuages/i18n.h"
#include "nuages/test.h"

#define CASES(load, ...)                                                                           \
    do {                                                                                           \
        static const filter_case cases[] = {__VA_ARGS__};                                          \
        check_filters(load, cases, NU_COUNT(cases));                                               \
    } while (0)

TEST(filters_choose_between_values)
{
    CASES(NULL, {"\"\"", "default:\"x\"", "x"}, {"0", "default:\"<b>\"", "<b>"},
          {"0", "default_if_none:\"x\"", "0"}, {"null", "default_if_none:\"x\"", "x"},
          {"true", "yesno", "yes"}, {"null", "yesno:\"a,b\"", "b"},
          {"null", "yesno:\"a,b,c\"", "c"}, {"0", "yesno:\"a\"", "0"},
          {"21", "divisibleby:7", "True"}, {"\"8\"", "divisibleby:\"3\"", "False"},
          {"1", "pluralize", ""}, {"2", "pluralize", "s"}, {"\"1\"", "pluralize:\"y,ies\"", "y"},
          {"[1, 2]", "pluralize:\"es\"", "es"}, {"2", "pluralize:\"a,b,c\"", ""},
          {"null", "pluralize", ""});
    CHECK_RAISES(NU_VALUE_ERROR, filter_value(nu_value_int(1), "divisibleby:0"));
}

TEST(filters_pick_from_lists)
{
    CASES(NULL, {"[1, 2, 3]", "first", "1"}, {"[1, 2, 3]", "last", "3"}, {"[]", "first", ""},
          {"\"abc\"", "last", "c"}, {"[1, 2, 3]", "length", "3"}, {"\"ä\"", "length", "1"},
          {"5", "length", "0"}, {"[7]", "random", "7"}, {"[]", "random", ""},
          {"[1, 2, 3]", "slice:\":2\"", "[1, 2]"}, {"[1, 2, 3]", "slice:\"::-1\"", "[3, 2, 1]"},
          {"\"hello\"", "slice:\"1:-1\"", "ell"}, {"\"hello\"", "slice:\"2\"", "he"},
          {"\"hello\"", "slice:\"9223372036854775807:\"", ""},
          {"\"hello\"", "slice:\"x\"", "hello"}, {"\"hello\"", "slice:\"::0\"", "hello"},
          {"5", "slice:\"1\"", "5"});
}

TEST(lists_are_sorted_by_a_property)
{
#define PEOPLE "[{\"n\":\"c\",\"a\":2},{\"n\":\"a\",\"a\":2},{\"n\":\"b\",\"a\":1}]"
    CASES(NULL, {PEOPLE, "dictsort:\"n\"|length", "3"},
          {PEOPLE, "dictsort:\"n\"|first", "{&#x27;n&#x27;: &#x27;a&#x27;, &#x27;a&#x27;: 2}"},
          {PEOPLE, "dictsort:\"a\"|last", "{&#x27;n&#x27;: &#x27;a&#x27;, &#x27;a&#x27;: 2}"},
          {PEOPLE, "dictsortreversed:\"a\"|first",
           "{&#x27;n&#x27;: &#x27;c&#x27;, &#x27;a&#x27;: 2}"},
          {PEOPLE, "dictsort:\"_n\"", ""}, {PEOPLE, "dictsort:\"x\"", ""},
          {"5", "dictsort:\"x\"", ""}, {"[[2],[1]]", "dictsort:0", "[[1], [2]]"},
          {"[{\"a\":1},{\"a\":\"x\"}]", "dictsort:\"a\"", ""});
}

TEST(nested_lists_become_html_lists)
{
    CASES(NULL,
          {"[\"<a>\", [\"b\", [\"c\"]], \"d\"]", "unordered_list",
           "\t<li>&lt;a&gt;\n\t<ul>\n\t\t<li>b\n\t\t<ul>\n\t\t\t<li>c</li>\n\t\t</ul>\n\t\t</"
           "li>\n\t</ul>\n\t</li>\n\t<li>d</li>"},
          {"[]", "unordered_list", ""});
    nu_value deep = nu_value_list(nu_list_of("x"));
    for (int i = 0; i < 100000; i++)
        deep = nu_value_list(nu_list_of("x", deep));
    CHECK_RAISES(NU_ERROR, filter_value(deep, "unordered_list"));
}

TEST(numbers_are_rounded_and_grouped)
{
    CASES(NULL, {"34.23234", "floatformat", "34.2"}, {"34.0", "floatformat", "34"},
          {"34.26", "floatformat:3", "34.260"}, {"39.56", "floatformat:0", "40"},
          {"6666.6666", "floatformat:\"2g\"", "6,666.67"}, {"-0.05", "floatformat", "-0.1"},
          {"-0.04", "floatformat", "0.0"}, {"0.5", "floatformat:0", "1"},
          {"999.95", "floatformat:1", "1000.0"}, {"\"1e3\"", "floatformat:2", "1000.00"},
          {"\"x\"", "floatformat", ""}, {"1.5", "floatformat:\"x\"", "1.5"},
          {"1e-7", "floatformat:10", "0.0000001000"},
          {"\"12345678901234567890123456789.126\"", "floatformat:2",
           "12345678901234567890123456789.13"},
          {"1e300", "floatformat:2", "1e+300"}, {"\"nan\"", "floatformat", "nan"});
    CASES(NULL, {"1", "add:2", "3"}, {"\"a\"", "add:\"b\"", "ab"}, {"[1]", "add:\"x\"", ""},
          {"9223372036854775807", "add:1", "9223372036854775808"}, {"\"1_000\"", "add:1", "1001"},
          {"123", "get_digit:1", "3"}, {"123", "get_digit:9", "0"}, {"\"x\"", "get_digit:1", "x"},
          {"123", "get_digit:0", "123"}, {"1048576", "filesizeformat", "1.0\xc2\xa0MB"});
}

TEST(moments_are_formatted)
{
    nu_datetime moment = nu_datetime_of(2026, 11, 21, 9, 5, 0);
    moment.naive = true;
    nu_value value = nu_value_datetime(moment);
    CHECK_TEXT(filter_value(value, "date:\"j N Y\""), "21 Nov. 2026");
    CHECK_TEXT(filter_value(value, "date"), "Nov. 21, 2026");
    CHECK_TEXT(filter_value(value, "time:\"H:i\""), "09:05");
    CHECK_TEXT(filter_value(value, "time"), "9:05 a.m.");
    CHECK_TEXT(filter_value(value, "time:\"Y\""), "");
    CHECK_TEXT(filter_value(nu_null(), "date:\"Y\""), "");
    CHECK_TEXT(filter_value(nu_value_text("x"), "date:\"Y\""), "");
    CHECK_TEXT(filter_value(NU_V(nu_date_of(2026, 1, 2)), "time:\"H\""), "");
    CHECK_RAISES(NU_VALUE_ERROR, filter_value(NU_V(nu_date_of(2026, 1, 2)), "date:\"H\""));
    nu_datetime later = nu_datetime_of(2026, 11, 23, 12, 0, 0);
    nu_clock_freeze(later);
    CHECK_TEXT(filter_value(value, "timesince"), "2\xc2\xa0"
                                                 "days, 2\xc2\xa0hours");
    CHECK_TEXT(filter_value(value, "timeuntil"), "0\xc2\xa0minutes");
    nu_clock_freeze((nu_datetime){0});
}

TEST(humanize_says_numbers_and_moments)
{
    CASES("humanize", {"4", "apnumber", "four"}, {"10", "apnumber", "10"},
          {"\"x\"", "apnumber", "x"}, {"23", "ordinal", "23rd"}, {"112", "ordinal", "112th"},
          {"4500", "intcomma", "4,500"}, {"1234567.25", "intcomma", "1,234,567.25"},
          {"\"-1234x\"", "intcomma", "-1,234x"}, {"1200000", "intword", "1.2 million"},
          {"999", "intword", "999"},
          {"\"8100000000000000000000000000000000\"", "intword", "8.1 decillion"});
}

TEST(libraries_localise_and_move_moments)
{
    nu_language_activate("de");
    CASES("l10n", {"1234.5", "localize", "1234,5"}, {"1234.5", "unlocalize", "1234.5"});
    nu_language_activate(NULL);
    CASES("i18n", {"\"pt-br\"", "language_name", "Brazilian Portuguese"},
          {"\"ar\"", "language_bidi", "True"}, {"\"de-at\"", "language_name_local", "Deutsch"});
    CASES("tz", {"5", "utc", ""}, {"null", "timezone:\"Asia/Tokyo\"", ""});
}
