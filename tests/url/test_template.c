#include "nuages/test.h"
#include "url/internal.h"

#include <string.h>

/* All ways to write a path for the expression, parameters in angle brackets. */
static const char *ways(const char *regex)
{
    size_t              count;
    const nu__template *templates = nu__templates_of(regex, &count);
    nu_builder          out;
    nu_builder_init(&out, NULL, 64);
    for (size_t i = 0; i < count; i++) {
        nu_builder_puts(&out, i > 0 ? " | " : "");
        for (size_t p = 0; p < templates[i].count; p++) {
            const nu__piece *piece = &templates[i].pieces[p];
            if (piece->text != NULL)
                nu_builder_add(&out, piece->text, piece->length);
            else
                nu_builder_printf(&out, "<%s>", piece->name);
        }
    }
    return nu_builder_text(&out);
}

TEST(expressions_are_written_out_as_django_writes_them)
{
    static const struct {
        const char *regex, *ways;
    } cases[] = {
        {"", ""},
        {"^a/$", "a/"},
        {"a$b", "a"},
        {"^(?P<x>\\d+)/(?P<y>[a-z]+)$", "<x>/<y>"},
        {"(\\d+)-(\\w)", "<_0>-<_1>"},
        {"a?b", "b"},
        {"a+b*c", "ac"},
        {"a{2,3}b{0}c{1,}", "aac"},
        {"a+?b??", "a"},
        {"(?:ab)?c", "c"},
        {"(?:ab)+c", "abc"},
        {"(?:a(\\d))?c", "c | a<_0>c"},
        {"(?:(?P<x>a)/)?(?:(?P<y>b)/)?", " | <y>/ | <x>/ | <x>/<y>/"},
        {"(?:(?:(?P<x>a))?b)?", " | b | <x>b"},
        {"[a-z]\\.\\d\\w\\s.", "a.0x ."},
        {"[\\]x]y", "]y"},
        {"(?!a)(?=b)(?<=c)(?<!d)e", "e"},
        {"(?P<x>a)(?P=x)", "<x><x>"},
        {"((nested)(groups))", "<_0>"},
        {"\\(\\)\\?", "()?"},
        {"\\Aa\\bb\\Z", "ab"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        /* what cannot be reversed */
        {"a|b", ""},
        {"a(?i)b", ""},
        {"?", ""},
        {"a(?:?)", ""},
        {")", ""},
        {"(?P", ""},
        {"(?P<x", ""},
        {"a{99999}", ""},
        {"a\\", "a\\"},
        {"[abc", "a"},
        {"(abc", "<_0>"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(ways(cases[i].regex), cases[i].ways);
}

TEST(many_options_do_not_grow_without_end)
{
    nu_builder regex;
    nu_builder_init(&regex, NULL, 512);
    for (int i = 0; i < 30; i++)
        nu_builder_printf(&regex, "(?:(?P<x%d>a))?", i);
    size_t count;
    nu__templates_of(nu_builder_text(&regex), &count);
    CHECK(count <= 256);
}
