#include "nuages/json.h"

#include <math.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/random.h"
#include "nuages/test.h"

static nu_value parse(const char *text)
{
    return nu_json_parse(text, strlen(text));
}

static const char *write_with(nu_value value, nu_json_options options)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    nu_json_write(&out, value, &options);
    return nu_builder_text(&out);
}

/* Read and written again. */
TEST(good_texts_are_read)
{
    const struct {
        const char *in, *out;
    } cases[] = {
        {"null", "null"},
        {" true ", "true"},
        {"\t\r\n false", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "\"9223372036854775808\""},
        {"-9223372036854775809", "\"-9223372036854775809\""},
        {"1234567890123456789012345678", "\"1234567890123456789012345678\""},
        {"1.5", "1.5"},
        {"1e2", "100.0"},
        {"1E+2", "100.0"},
        {"1e-2", "0.01"},
        {"0.1", "0.1"},
        {"123456789012345678901234567890.5", "1.2345678901234568e+29"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"4.9e-324", "5e-324"},
        {"1e-999", "0.0"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"9007199254740993.0", "9007199254740992.0"},
        {"\"\"", "\"\""},
        {"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"a\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u00e9\\u20ac\\ud83d\\ude00\"", "\"é€😀\""},
        {"\"\\u0001\\u001f\\u007f\"", "\"\\u0001\\u001f\x7f\""},
        {"\"0123456789abcdef\\n0123456789abcdef0\"", "\"0123456789abcdef\\n0123456789abcdef0\""},
        {"[]", "[]"},
        {"[ 1 , 2 ]", "[1,2]"},
        {"{}", "{}"},
        {"{ \"a\" : { \"b\" : [ ] } }", "{\"a\":{\"b\":[]}}"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
        {"{\"\":0}", "{\"\":0}"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_json_text(parse(cases[i].in)), cases[i].out);
}

TEST(malformed_texts_name_place_and_remedy)
{
    const struct {
        const char *in, *fact;
        int         line, column;
        const char *hint;
    } cases[] = {
        {"", "the text ends where a value is expected", 1, 1, NULL},
        {"  ", "the text ends where a value is expected", 1, 3, NULL},
        {"nul", "a value is expected here", 1, 1, NULL},
        {"None", "a value is expected here", 1, 1, "Write null."},
        {"True", "a value is expected here", 1, 1, "Write true in small letters."},
        {"NaN", "a value is expected here", 1, 1, "JSON has no NaN; write null."},
        {"-Infinity", "a digit is expected here", 1, 2, NULL},
        {"\xef\xbb\xbf{}", "a value is expected here", 1, 1,
         "Remove the byte order mark at the start."},
        {"'a'", "a value is expected here", 1, 1, "Texts stand in double quotes."},
        {"[1,]", "a value is expected here", 1, 4, "Remove the comma before it."},
        {"[1 2]", "a comma or ] is expected here", 1, 4, NULL},
        {"[1", "this list has no end", 1, 1, NULL},
        {"[1,", "the text ends where a value is expected", 1, 4, NULL},
        {"{\"a\":1,}", "a key is expected here", 1, 8, "Remove the comma before it."},
        {"{a:1}", "a key is expected here", 1, 2, "Keys stand in double quotes."},
        {"{\"a\" 1}", "a colon is expected after the key", 1, 6, NULL},
        {"{\"a\":}", "a value is expected here", 1, 6,
         "Remove the comma before it, or add the value."},
        {"{\"a\":1", "this object has no end", 1, 1, NULL},
        {"{\"a\":1 \"b\":2}", "a comma or } is expected here", 1, 8, NULL},
        {"{", "this object has no end", 1, 1, NULL},
        {"01", "a number must not begin with 0", 1, 1, NULL},
        {"-01", "a number must not begin with 0", 1, 2, NULL},
        {"+1", "a value is expected here", 1, 1, "A number has no plus sign in front."},
        {".5", "a value is expected here", 1, 1, "A number begins with a digit: 0.5."},
        {"1.", "a digit is expected here", 1, 3, NULL},
        {"1.e5", "a digit is expected here", 1, 3, NULL},
        {"1e", "a digit is expected here", 1, 3, NULL},
        {"1e+", "a digit is expected here", 1, 4, NULL},
        {"-", "a digit is expected here", 1, 2, NULL},
        {"1e400", "the number is too large", 1, 1, NULL},
        {"12345678901234567890123456789", "the number has more than 28 digits", 1, 1, NULL},
        {"1 2", "the value is complete, but more text follows", 1, 3, NULL},
        {"{}}", "the value is complete, but more text follows", 1, 3, NULL},
        {"\"a", "this string has no end", 1, 1, NULL},
        {"\"a\\", "the text ends within a string", 1, 3, NULL},
        {"\"a\\\"", "this string has no end", 1, 1, NULL},
        {"\"a\nb\"", "a control character stands in a string", 1, 3, "Write a line break as \\n."},
        {"\"a\tb\"", "a control character stands in a string", 1, 3, NULL},
        {"\"\\x41\"", "unknown escape in a string", 1, 2, "Write a backslash as \\\\."},
        {"\"\\u12g4\"", "four hex digits are expected after \\u", 1, 2, NULL},
        {"\"\\u12", "an escape is cut off", 1, 2, NULL},
        {"\"\\u0000\"", "U+0000 is not allowed in a text", 1, 2, NULL},
        {"\"\\ud800\"", "a surrogate stands alone", 1, 2,
         "Write both halves, or the character itself."},
        {"\"\\udc00\\ud800\"", "a surrogate stands alone", 1, 2,
         "Write both halves, or the character itself."},
        {"\"\\ud800\\u0041\"", "a surrogate stands alone", 1, 2,
         "Write both halves, or the character itself."},
        {"[\n  1,\n  \"é\" x]", "a comma or ] is expected here", 3, 7, NULL},
        {"[\"\xff\"]", "the text is not UTF-8 here", 1, 3, NULL},
        {"[\"\xed\xa0\x80\"]", "the text is not UTF-8 here", 1, 3, NULL},
        {"// x\n1", "a value is expected here", 1, 1, "JSON has no comments."},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_SYNTAX_ERROR, parse(cases[i].in));
        const nu_error *error = nu_test_error();
        CHECK_TEXT(nu_fmt("%s: %s at %d:%d", cases[i].in, error->fact, error->place.line,
                          error->place.column),
                   nu_fmt("%s: malformed JSON: %s at %d:%d", cases[i].in, cases[i].fact,
                          cases[i].line, cases[i].column));
        CHECK_TEXT(error->hint, cases[i].hint);
    }
    CHECK_RAISES(NU_SYNTAX_ERROR, nu_json_parse("[1\0]", 4));
    nu_value out = nu_value_int(5);
    CHECK(!nu_json_try("[1\0]", 4, &out));
    CHECK_EQ(out, 5);
    CHECK(nu_json_try("7", 1, &out));
    CHECK_EQ(out, 7);
}

TEST(an_error_shows_the_line_and_points_at_the_place)
{
    CHECK_RAISES(NU_SYNTAX_ERROR, parse("{\n  \"a\": 'b'\n}"));
    CHECK_TEXT(nu_error_text(nu_test_error(), false),
               "SyntaxError: malformed JSON: a value is expected here\n"
               "  in text, line 2, column 8\n"
               "      \"a\": 'b'\n"
               "           ^\n"
               "  Hint: Texts stand in double quotes.");
    char *text = nu_alloc(100001);
    memset(text, ' ', 100000);
    memcpy(text + 50000, "[x", 2);
    CHECK_RAISES(NU_SYNTAX_ERROR, parse(text));
    CHECK(strlen(nu_test_error()->place.excerpt) < 200);
    CHECK_CONTAINS(nu_test_error()->place.excerpt, "[x");
}

static char *nested(int depth, const char *open, const char *close)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    for (int i = 0; i < depth; i++)
        nu_builder_puts(&out, open);
    nu_builder_puts(&out, "1");
    for (int i = 0; i < depth; i++)
        nu_builder_puts(&out, close);
    return (char *)nu_builder_text(&out);
}

TEST(nesting_ends_at_two_hundred)
{
    CHECK_TEXT(nu_json_text(parse(nested(200, "[", "]"))), nested(200, "[", "]"));
    CHECK_RAISES(NU_SYNTAX_ERROR, parse(nested(201, "[", "]")));
    CHECK_RAISES(NU_SYNTAX_ERROR, parse(nested(100000, "[", "")));
    CHECK_RAISES(NU_SYNTAX_ERROR, parse(nested(100000, "{\"a\":", "")));
    nu_list *endless = nu_list_new();
    nu_list_add(endless, endless);
    CHECK_RAISES(NU_VALUE_ERROR, nu_json_text(NU_V(endless)));
}

/* What DjangoJSONEncoder and json.dumps write. */
TEST(values_are_written_as_django_does)
{
    nu_datetime moment = nu_datetime_of(2026, 11, 21, 9, 5, 7), east, naive;
    moment.us += 123456;
    east = naive = moment;
    east.offset = 120;
    naive.naive = true;
    nu_uuid uuid;
    CHECK(nu_uuid_try("6f1c2a3b-0000-4000-8000-000000000001", 36, &uuid));
    const struct {
        nu_value    value;
        const char *text;
    } cases[] = {
        {NU_V(moment), "\"2026-11-21T09:05:07.123Z\""},
        {NU_V(east), "\"2026-11-21T11:05:07.123+02:00\""},
        {NU_V(naive), "\"2026-11-21T09:05:07.123\""},
        {NU_V(nu_datetime_at(0)), "\"1970-01-01T00:00:00Z\""},
        {NU_V(nu_date_of(2026, 1, 2)), "\"2026-01-02\""},
        {NU_V(nu_time_of(1, 2, 3, 0)), "\"01:02:03\""},
        {NU_V(nu_time_of(1, 2, 3, 4567)), "\"01:02:03.004\""},
        {NU_V(nu_duration_of(NU_DAY + 90 * NU_SECOND)), "\"P1DT00H01M30S\""},
        {NU_V(nu_duration_of(-1)), "\"-P0DT00H00M00.000001S\""},
        {NU_V(nu_duration_of(INT64_MIN)), "\"-P106751991DT04H00M54.775808S\""},
        {NU_V(nu_decimal_get("1.10")), "\"1.10\""},
        {NU_V(uuid), "\"6f1c2a3b-0000-4000-8000-000000000001\""},
        {NU_V("</script>&'"), "\"</script>&'\""},
        {NU_V(1e16), "1e+16"},
        {NU_V(nu_list_of("a", nu_dict_of())), "[\"a\",{}]"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_json_text(cases[i].value), cases[i].text);
    CHECK_RAISES(NU_VALUE_ERROR, nu_json_text(NU_V(NAN)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_json_text(NU_V(-INFINITY)));
    CHECK_RAISES(NU_VALUE_ERROR, nu_json_text(nu_value_bytes("a", 1)));
    CHECK_TEXT(nu_test_error()->fact, "a value of type bytes cannot be written as JSON");
}

TEST(options_change_the_form)
{
    nu_dict *dict = nu_dict_of("b", nu_list_of(1, 2), "a", "é😀<&>\x7f", "c", nu_list_new());
    CHECK_TEXT(write_with(NU_V(dict), (nu_json_options){.spaced = true}),
               "{\"b\": [1, 2], \"a\": \"é😀<&>\x7f\", \"c\": []}");
    CHECK_TEXT(write_with(NU_V(dict), (nu_json_options){.indent = 2, .sorted = true}),
               "{\n  \"a\": \"é😀<&>\x7f\",\n  \"b\": [\n    1,\n    2\n  ],\n  \"c\": []\n}");
    CHECK_TEXT(write_with(NU_V(dict), (nu_json_options){.ascii = true}),
               "{\"b\":[1,2],\"a\":\"\\u00e9\\ud83d\\ude00<&>\\u007f\",\"c\":[]}");
    CHECK_TEXT(write_with(NU_V(dict), (nu_json_options){.script_safe = true}),
               "{\"b\":[1,2],\"a\":\"é😀\\u003C\\u0026\\u003E\x7f\",\"c\":[]}");
    CHECK_TEXT(write_with(NU_V("\"\\\n\x01"), (nu_json_options){.ascii = true}),
               "\"\\\"\\\\\\n\\u0001\"");
}

TEST(what_needs_an_escape_gets_it_wherever_it_stands)
{
    static const struct {
        const char *from, *to;
    } cases[] = {{"\"", "\\\""}, {"\n", "\\n"}, {"\x7f", "\\u007f"}, {"é", "\\u00e9"}, {"<", "<"}};
    for (int i = 0; i < 27 * 11 * (int)NU_COUNT(cases); i++) {
        int         before = i % 27, after = i / 27 % 11, which = i / (27 * 11);
        const char *text = nu_fmt("%.*s%s%.*s", before, "abcdefghijklmnopqrstuvwxyz",
                                  cases[which].from, after, "0123456789");
        CHECK_TEXT(write_with(NU_V(text), (nu_json_options){.ascii = true}),
                   nu_fmt("\"%.*s%s%.*s\"", before, "abcdefghijklmnopqrstuvwxyz", cases[which].to,
                          after, "0123456789"));
    }
}

TEST(keys_that_are_no_text_become_text)
{
    nu_dict *dict = nu_dict_new();
    nu_dict_put(dict, NU_V(5), NU_V(1));
    nu_dict_put(dict, NU_V(2.5), NU_V(2));
    nu_dict_put(dict, NU_V(false), NU_V(3));
    nu_dict_put(dict, nu_null(), NU_V(4));
    CHECK_TEXT(nu_json_text(NU_V(dict)), "{\"5\":1,\"2.5\":2,\"false\":3,\"null\":4}");
    nu_dict_put(dict, NU_V(nu_date_of(2026, 1, 1)), NU_V(5));
    CHECK_RAISES(NU_VALUE_ERROR, nu_json_text(NU_V(dict)));
}

struct point {
    const nu_class *class;
    int x, y;
};

static nu_value point_plain(void *self)
{
    struct point *point = self;
    return NU_V(nu_dict_of("x", point->x, "y", point->y));
}

TEST(objects_are_written_by_their_plain_form)
{
    static const nu_class point_class = {.name = "Point", .plain = point_plain};
    static const nu_class mute_class = {.name = "Mute"};
    struct point          point = {&point_class, 1, 2}, mute = {&mute_class, 0, 0};
    CHECK_TEXT(nu_json_text(NU_V(nu_list_of(&point))), "[{\"x\":1,\"y\":2}]");
    CHECK_RAISES(NU_VALUE_ERROR, nu_json_text(NU_V(&mute)));
    CHECK_TEXT(nu_test_error()->fact, "a value of type Mute cannot be written as JSON");
}

/* Special bytes at every place of texts around the width of a vector. */
TEST(strings_of_any_length_keep_their_bytes)
{
    const char *special[] = {"\"", "\\", "\n", "\x1f", "é", "\x7f", " "};
    for (size_t length = 0; length < 40; length++) {
        for (size_t at = 0; at <= length; at++) {
            for (size_t i = 0; i < NU_COUNT(special); i++) {
                nu_builder out;
                nu_builder_init(&out, NULL, 0);
                for (size_t j = 0; j < length; j++)
                    nu_builder_puts(&out, j == at ? special[i] : "x");
                nu_value back = parse(nu_json_text(nu_builder_value(&out)));
                CHECK_EQ(back, nu_builder_value(&out));
            }
        }
    }
}

static nu_value random_value(int depth)
{
    switch (nu_random_below(depth > 0 ? 8 : 6)) {
    case 0: return nu_null();
    case 1: return NU_V(nu_random_below(2) == 1);
    case 2: return NU_V((int64_t)nu_random_below(UINT64_MAX));
    case 3: return NU_V((double)nu_random_below(1000000) / 64 - 5000);
    case 4:
    case 5: return NU_V(nu_random_text(nu_random_below(30), "abc \"\\/\n\t\x01\x7f"));
    case 6: {
        nu_list *list = nu_list_new();
        for (uint64_t i = nu_random_below(12); i > 0; i--)
            nu_list_push(list, random_value(depth - 1));
        return NU_V(list);
    }
    default: {
        nu_dict *dict = nu_dict_new();
        for (uint64_t i = nu_random_below(14); i > 0; i--)
            nu_dict_put(dict, NU_V(nu_random_text(3, NULL)), random_value(depth - 1));
        return NU_V(dict);
    }
    }
}

TEST(what_is_written_reads_back_equal)
{
    const nu_json_options forms[] = {
        {0}, {.spaced = true}, {.indent = 3}, {.ascii = true}, {.script_safe = true}};
    for (int i = 0; i < 300; i++) {
        nu_value    value = random_value(4);
        const char *text = write_with(value, forms[(size_t)i % NU_COUNT(forms)]);
        CHECK(nu_equal(parse(text), value));
    }
}

/* Seeds and finds of the fuzzer: reading them neither crashes nor leaks. */
TEST(cut_texts_are_refused)
{
    const char *text = "{\"a\":[1,-2.5e3,\"\\u00e9\\n\",true,false,null,{\"b\":{}}],\"c\":\"x\"}";
    CHECK(nu_truth(parse(text)));
    for (size_t length = 0; length < strlen(text); length++) {
        const char *cut = nu_arena_copy(nu_arena_current(), text, length);
        CHECK_RAISES(NU_SYNTAX_ERROR, nu_json_parse(cut, length));
    }
}
