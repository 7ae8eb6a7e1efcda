#include "filter_case.h"
#include "nuages/test.h"

#include <string.h>

#define CASES(...)                                                                                 \
    do {                                                                                           \
        static const filter_case cases[] = {__VA_ARGS__};                                          \
        check_filters(NULL, cases, NU_COUNT(cases));                                               \
    } while (0)

TEST(text_is_escaped_once_or_as_often_as_asked)
{
    CASES({"\"<&\"", "escape", "&lt;&amp;"}, {"\"<\"", "escape|escape", "&lt;"},
          {"\"<\"", "force_escape", "&lt;"}, {"\"<\"", "force_escape|force_escape", "&amp;lt;"},
          {"\"<b>\"", "safe", "<b>"}, {"[\"<\", \"&\"]", "safeseq|join:\"<\"", "<<&"},
          {"[\"<\", \"&\"]", "escapeseq|join:\"\"", "&lt;&amp;"},
          {"[\"<\", \"a\"]", "join:\", \"", "&lt;, a"}, {"5", "join:\"x\"", "5"});
}

TEST(lines_become_html)
{
    CASES({"\"a<\\nb\"", "linebreaksbr", "a&lt;<br>b"}, {"\"a\\r\\nb\"", "linebreaksbr", "a<br>b"},
          {"\"a\\nb\\n\\n\\nc\"", "linebreaks", "<p>a<br>b</p>\n\n<p>c</p>"},
          {"\"\"", "linebreaks", "<p></p>"}, {"\"<i>\"", "safe|linebreaks", "<p><i></p>"},
          {"\"a\\nb\"", "linenumbers", "1. a\n2. b"});
}

TEST(scripts_get_safe_text)
{
    CASES({"\"</script>'\\n\"", "escapejs", "\\u003C/script\\u003E\\u0027\\u000A"},
          {"{\"a\": \"</script>&\"}", "json_script:\"x\"",
           "<script id=\"x\" type=\"application/json\">{\"a\": "
           "\"\\u003C/script\\u003E\\u0026\"}</script>"},
          {"1", "json_script", "<script type=\"application/json\">1</script>"});
}

TEST(tags_are_stripped)
{
    CASES({"\"<p class='a>b'>x</p>y<br/>\"", "striptags", "xy"},
          {"\"a < b > c\"", "striptags|safe", "a < b > c"},
          {"\"X<<<<br>br>br>br>X\"", "striptags", "XX"},
          {"\"hi, <f x\"", "striptags|safe", "hi, <f x"}, {"\"<!-- a > b -->c\"", "striptags", "c"},
          {"\"<script>x<y</script>z\"", "striptags|safe", "x<yz"},
          {"\"</ a ><?x?><!DOCTYPE y>b<![CDATA[ c ]]>d\"", "striptags", "bd"},
          {"\"a &amp; b &copy c\"", "striptags|safe", "a &amp; b &copy c"},
          {"\"<b>a &amp; b &copy c</b>\"", "striptags|safe", "a &amp; b &copy; c"});
}

TEST(addresses_become_links)
{
    CASES({"\"see www.x.com.\"", "urlize",
           "see <a href=\"http://www.x.com\" rel=\"nofollow\">www.x.com</a>."},
          {"\"(http://x.com/a_(b))\"", "urlize",
           "(<a href=\"http://x.com/a_(b)\" rel=\"nofollow\">http://x.com/a_(b)</a>)"},
          {"\"a@b.com <i>\"", "urlize", "<a href=\"mailto:a@b.com\">a@b.com</a> &lt;i&gt;"},
          {"\"javascript:alert(1)\"", "urlize", "javascript:alert(1)"},
          {"\"http://x.com/?q=a b&c=ü\"", "urlize",
           "<a href=\"http://x.com/?q=a\" rel=\"nofollow\">http://x.com/?q=a</a> b&amp;c=ü"},
          {"\"http://example.com/long\"", "urlizetrunc:10",
           "<a href=\"http://example.com/long\" rel=\"nofollow\">http://ex…</a>"});
}

TEST(urls_are_quoted)
{
    CASES({"\"a b/ü?&\"", "urlencode", "a%20b/%C3%BC%3F%26"},
          {"\"a/b\"", "urlencode:\"\"", "a%2Fb"},
          {"\"http://x.com/ü?a=1&b=[2]\"", "iriencode|safe", "http://x.com/%C3%BC?a=1&b=[2]"});
}

/* ---- hostile text ------------------------------------------------------------------------------ */

static nu_value repeated(const char *part, size_t times)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(part) * times + 1);
    for (size_t i = 0; i < times; i++)
        nu_builder_puts(&out, part);
    return nu_builder_value(&out);
}

TEST(hostile_text_takes_no_more_than_its_length, .timeout = 20)
{
    static const char *const parts[] = {
        "<",  ">",       "<a ",  "<a b='", "<!--x>",   "<![x>",       "<!--", "</",  "</a",
        "&",  "&#",      "&amp", "&;.",    "<script>", "<style></x>", "(",    "a.)", "a;.",
        "x@", "http://", "www.", "<b>x",   "\n",       " ",           "\"'",
    };
    static const char *const filters[] = {
        "urlize|length",
        "truncatewords_html:100000|length",
        "truncatechars_html:100000|length",
        "linebreaks|length",
        "wordwrap:10|length",
        "slugify|length",
        "title|length",
        "truncatewords:1000|length",
        "escapejs|length",
    };
    for (size_t i = 0; i < NU_COUNT(parts); i++) {
        nu_value text = repeated(parts[i], 20000);
        for (size_t f = 0; f < NU_COUNT(filters); f++)
            filter_value(text, filters[f]);
        NU_TRY {
            filter_value(text, "striptags|length");
        }
        NU_CATCH (error) { /* fifty rounds of nested tags are refused */
            CHECK(nu_error_is(error, NU_SUSPICIOUS));
        }
    }
}
