#include "http1_case.h"
#include "nuages/test.h"

#include <string.h>

TEST(each_message_comes_to_what_the_case_file_says)
{
    size_t             count;
    struct http1_case *cases = http1_cases_read(&count);
    CHECK(count >= 120);
    for (size_t i = 0; i < count; i++) {
        const char *outcome = http1_outcome(cases[i].bytes, NULL, 0);
        CHECK_TEXT(nu_fmt("%s: %s", cases[i].name, outcome),
                   nu_fmt("%s: %s", cases[i].name, cases[i].expected));
    }
}

static nu_arena *scratch;

static bool same_when_split(const struct http1_case *c, size_t split)
{
    nu_arena *outer = nu_arena_enter(scratch);
    bool      same = strcmp(http1_outcome(c->bytes, &split, 1), c->expected) == 0;
    nu_arena_enter(outer);
    nu_arena_reset(scratch);
    return same;
}

TEST(a_message_comes_to_the_same_wherever_it_is_split)
{
    size_t             count;
    struct http1_case *cases = http1_cases_read(&count);
    scratch = nu_arena_new(nu_arena_current(), "split");
    for (size_t i = 0; i < count; i++)
        for (size_t split = 0; split < cases[i].bytes.length; split++)
            if (!same_when_split(&cases[i], split))
                CHECK_TEXT(nu_fmt("%s, split at %zu", cases[i].name, split), "the same");
}

TEST(a_message_comes_to_the_same_byte_by_byte)
{
    size_t             count;
    struct http1_case *cases = http1_cases_read(&count);
    for (size_t i = 0; i < count; i++) {
        size_t *splits = nu_alloc((cases[i].bytes.length + 1) * sizeof *splits);
        for (size_t at = 0; at < cases[i].bytes.length; at++)
            splits[at] = at;
        CHECK_TEXT(http1_outcome(cases[i].bytes, splits, cases[i].bytes.length), cases[i].expected);
    }
}

TEST(the_value_span_stops_at_each_forbidden_byte_in_each_position)
{
    char text[40];
    for (int byte = 0; byte < 256; byte++) {
        bool allowed = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'a', sizeof text);
            text[at] = (char)byte;
            if (nu__http1_value_span(text, sizeof text) != (allowed ? sizeof text : at))
                CHECK_EQ(byte, -1);
        }
    }
}
