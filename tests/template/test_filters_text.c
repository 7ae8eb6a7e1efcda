#include "filter_case.h"
#include "nuages/test.h"

#define CASES(...)                                                                                 \
    do {                                                                                           \
        static const filter_case cases[] = {__VA_ARGS__};                                          \
        check_filters(NULL, cases, NU_COUNT(cases));                                               \
    } while (0)

TEST(filters_change_case)
{
    CASES({"\"straße <b>\"", "upper", "STRASSE &lt;B&gt;"}, {"\"ÉCOLE\"", "lower", "école"},
          {"\"éa\"", "capfirst", "Éa"}, {"\"\"", "capfirst", ""},
          {"\"joel's 2ND they're\"", "title", "Joel&#x27;s 2nd They&#x27;re"},
          {"12", "upper", "12"}, {"null", "lower", "none"});
}

TEST(filters_replace_parts_of_text)
{
    CASES({"\"a\\\"b'c\\\\\"", "addslashes", "a\\&quot;b\\&#x27;c\\\\"},
          {"\"a b c\"", "cut:\" \"", "abc"}, {"\"abc\"", "cut:\"\"", "abc"},
          {"\"800-COLLECT\"", "phone2numeric", "800-2655328"},
          {"\" Un été à Paris! \"", "slugify", "un-ete-a-paris"});
}

TEST(filters_count_and_split_words)
{
    CASES({"\"one  two\\nthree\"", "wordcount", "3"}, {"\"\"", "wordcount", "0"},
          {"\"é1\"", "make_list", "[&#x27;é&#x27;, &#x27;1&#x27;]"},
          {"\"a long line of text\"", "wordwrap:6", "a long\nline\nof\ntext"},
          {"\"averylongword x\\n\\n  y\"", "wordwrap:5", "averylongword\nx\n\n  y"},
          {"\"a\\tb\"", "wordwrap:20", "a       b"}, {"\"x\\n\"", "wordwrap:5", "x\n"});
}

TEST(filters_align_text)
{
    CASES({"\"ab\"", "ljust:4|cut:\"x\"", "ab  "}, {"\"ab\"", "rjust:4", "  ab"},
          {"\"ab\"", "center:5", "  ab "}, {"\"abc\"", "center:6", " abc  "},
          {"\"abc\"", "center:\"2\"", "abc"}, {"\"é\"", "rjust:3", "  é"});
    CHECK_RAISES(NU_VALUE_ERROR, filter_value(nu_value_text("a"), "center:\"x\""));
    CHECK_RAISES(NU_VALUE_ERROR, filter_value(nu_value_text("a"), "ljust:2000000000"));
}

TEST(text_is_truncated_by_characters)
{
    CASES(
        {"\"Joel is a slug\"", "truncatechars:7", "Joel i…"}, {"\"abc\"", "truncatechars:3", "abc"},
        {"\"abc\"", "truncatechars:0", ""}, {"\"abc\"", "truncatechars:\"x\"", "abc"},
        {"\"e\\u0301e\\u0301e\\u0301\"", "truncatechars:2", "é…"}, {"\"\"", "truncatechars:5", ""});
}

TEST(text_is_truncated_by_words)
{
    CASES({"\"one  two three\"", "truncatewords:2", "one two …"},
          {"\"one  two\"", "truncatewords:2", "one two"}, {"\"a b\"", "truncatewords:-1", ""});
}

TEST(html_is_truncated_and_its_tags_closed)
{
    CASES(
        {"\"<p>one <b>two three</b></p>\"", "safe|truncatewords_html:2", "<p>one <b>two …</b></p>"},
        {"\"<p>one &amp; two<br>three</p>\"", "safe|truncatechars_html:6", "<p>one &amp;…</p>"},
        {"\"<ul><li>a<li>b\"", "safe|truncatewords_html:1", "<ul><li>a<li> …</li></li></ul>"},
        {"\"abc\"", "truncatechars_html:3", "abc"},
        {"\"<i/>x y\"", "safe|truncatewords_html:1", "<i/></i>x …"},
        {"\"a <!-- b --> c\"", "truncatewords_html:5", "a  c"});
}

TEST(values_are_formatted_as_python_does)
{
    CASES({"5", "stringformat:\"03d\"", "005"}, {"1.5", "stringformat:\".3f|\"", "1.500|"},
          {"255", "stringformat:\"#x\"", "0xff"}, {"-255", "stringformat:\"X\"", "-FF"},
          {"\"a\"", "stringformat:\"-3s|\"", "a  |"}, {"\"abc\"", "stringformat:\".2s\"", "ab"},
          {"\"x\"", "stringformat:\"d\"", ""}, {"5", "stringformat:\"%\"", ""},
          {"5", "stringformat:\"s%%\"", "5%"}, {"5", "stringformat:\"d %d\"", ""},
          {"65", "stringformat:\"c\"", "A"}, {"1e10", "stringformat:\"d\"", "10000000000"},
          {"{\"k\": 3}", "stringformat:\"(k)d\"", "3"}, {"5", "stringformat:\"999999999999d\"", ""},
          {"1234.5", "stringformat:\"+012.2e\"", "+0001.23e+03"});
}

TEST(values_are_shown_in_pythons_notation)
{
    CASES({"[1, \"a\", null, true]", "pprint|safe", "[1, 'a', None, True]"},
          {"{\"b\": 1, \"a\": 2}", "pprint|safe", "{'a': 2, 'b': 1}"},
          {"[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", "
           "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"]",
           "pprint|safe",
           "['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',\n "
           "'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb']"});
}
