/* Templates and contexts that mean harm: an error or a result, soon, and never a crash. */
#include <string.h>

#include "render.h"

static const char *repeated(const char *part, size_t times, const char *end)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(part) * times + 64);
    for (size_t i = 0; i < times; i++)
        nu_builder_puts(&out, part);
    nu_builder_puts(&out, end);
    return nu_builder_text(&out);
}

TEST(deep_nesting_is_an_error)
{
    CHECK_CONTAINS(error_of(repeated("{% if a %}", 100000, ""), NULL), "nested");
    CHECK_CONTAINS(error_of(repeated("{% with a=1 %}", 3000, ""), NULL), "nested");
    CHECK_CONTAINS(error_of(repeated("{% spaceless %}", 600, ""), NULL), "nested");
}

TEST(nesting_within_the_limit_renders)
{
    const char *open = repeated("{% spaceless %}", 300, "x");
    CHECK_TEXT(render_text(nu_fmt("%s%s", open, repeated("{% endspaceless %}", 300, "")), NULL),
               "x");
}

TEST(templates_that_include_themselves_end)
{
    nu_engine *engine =
        ENGINE_OF("a", "{% include 'a' %}", "b", "{% include 'c' %}", "c", "{% include 'b' %}", "p",
                  "{% partialdef x inline %}{% partial x %}{% endpartialdef %}");
    CHECK_RAISES(NU_ERROR, render_named(engine, "a", NULL));
    CHECK_RAISES(NU_ERROR, render_named(engine, "b", NULL));
    CHECK_RAISES(NU_ERROR, render_named(engine, "p", NULL));
}

TEST(templates_that_extend_themselves_do_not_exist)
{
    nu_engine *engine =
        ENGINE_OF("a", "{% extends 'a' %}", "b", "{% extends 'c' %}", "c", "{% extends 'b' %}");
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_get(engine, "a"));
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_get(engine, "b"));
}

/* Each level shows the one below twice: without a limit, 2^40 copies. */
TEST(blocks_that_multiply_are_an_error)
{
    const char *names[41];
    for (int i = 0; i <= 40; i++)
        names[i] = nu_fmt("t%d", i);
    nu_pair pairs[41];
    pairs[0] = (nu_pair){names[0], nu_value_text("{% block a %}x{% endblock %}")};
    for (int i = 1; i <= 40; i++)
        pairs[i] = (nu_pair){
            names[i], nu_value_text(nu_fmt("{%% extends 't%d' %%}{%% block a %%}{{ block.super }}"
                                           "{{ block.super }}{%% endblock %%}",
                                           i - 1))};
    nu_engine *engine = engine_of((nu_pairs){.items = pairs, .count = 41}, (nu_engine_options){0});
    CHECK_RAISES(NU_TEMPLATE_SYNTAX, nu_template_get(engine, "t40"));
    CHECK_TEXT(render_named(engine, "t3", NULL), "xxxxxxxx");
}

TEST(output_beyond_the_limit_is_an_error)
{
    nu_engine *engine =
        engine_of(NU_PAIRS("t",
                           "{% for a in l %}{% for b in l %}{% for c in l %}{{ t }}{% endfor %}"
                           "{% endfor %}{% endfor %}",
                           "c", "{% filter upper %}{% include 't' %}{% endfilter %}"),
                  (nu_engine_options){.output_limit = 100000});
    nu_list *list = nu_list_new();
    for (int i = 0; i < 200; i++)
        nu_list_add(list, i);
    nu_dict *context = nu_dict_of("l", list, "t", "some text");
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "t", context));
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "c", context));
}

TEST(loops_that_hardly_end_are_an_error)
{
    const char *text = nu_fmt("%sx", repeated("{% for a in t %}", 9, ""));
    text = nu_fmt("%s%s", text, repeated("{% endfor %}", 9, ""));
    nu_engine *engine = engine_of(NU_PAIRS("t", text), (nu_engine_options){.loop_limit = 100000});
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "t", nu_dict_of("t", "ten bytes.")));
}

TEST(filters_that_double_a_text_do_not_fill_the_memory)
{
    const char *open = repeated("{% with a=a|add:a %}", 60, "{{ a }}");
    const char *text = nu_fmt("%s%s", open, repeated("{% endwith %}", 60, ""));
    nu_engine  *engine =
        engine_of(NU_PAIRS("t", text), (nu_engine_options){.output_limit = 1 << 20});
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "t", nu_dict_of("a", "text")));
}

TEST(filters_that_make_much_in_all_do_not_fill_the_memory)
{
    nu_engine *engine = engine_of(
        NU_PAIRS("loop", "{% for a in l %}{% if t|upper == 'A' %}{% endif %}{% endfor %}", "chain",
                 repeated("{% if t|lower|upper %}{% endif %}", 100, ""), "join", "{{ l|join:t }}",
                 "same", "{% for a in l %}{% if t|safe == 'A' %}{% endif %}{% endfor %}"),
        (nu_engine_options){.output_limit = 100000});
    nu_list *list = nu_list_new();
    for (int i = 0; i < 1000; i++)
        nu_list_add(list, i);
    nu_dict *context = nu_dict_of("l", list, "t", repeated("0123456789", 1000, ""));
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "loop", context));
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "chain", context));
    CHECK_RAISES(NU_SYSTEM_ERROR, render_named(engine, "join", context));
    CHECK_TEXT(render_named(engine, "same", context), "");
}

TEST(widths_of_any_size_are_refused_or_ask_for_nothing)
{
    static const char *const filters[] = {"ljust", "rjust", "center"};
    for (size_t i = 0; i < NU_COUNT(filters); i++) {
        const char *least = nu_fmt("{{ a|%s:least }}", filters[i]);
        const char *most = nu_fmt("{{ a|%s:most }}", filters[i]);
        nu_dict    *context = nu_dict_of("a", "abc", "least", INT64_MIN, "most", INT64_MAX);
        CHECK_TEXT(render_text(least, context), "abc");
        CHECK_CONTAINS(error_of(most, context), "too large");
    }
}

TEST(long_lines_of_openers_and_quotes_take_no_time)
{
    CHECK_EQ(strlen(render_text(repeated("{% ", 300000, ""), NULL)), 900000u);
    CHECK_EQ(strlen(render_text(repeated("{{{#{%", 100000, ""), NULL)), 600000u);
    CHECK_CONTAINS(error_of(nu_fmt("{%% firstof %s %%}", repeated("\\\" ", 100000, "")), NULL),
                   "longer than");
    CHECK_CONTAINS(error_of(nu_fmt("{{ a%s }}", repeated("|upper", 100000, "")), NULL),
                   "longer than");
    CHECK_CONTAINS(
        error_of(nu_fmt("{%% if %s a %%}{%% endif %%}", repeated("not ", 4000, "")), NULL), "");
}

TEST(any_bytes_are_text)
{
    CHECK_TEXT(render_text("\xff\xfe{{ a }}\x80", nu_dict_of("a", "\xc3<")),
               "\xff\xfe\xc3&lt;\x80");
    CHECK_CONTAINS(error_of("{{ \xff }}", NULL), "remainder");
    CHECK_CONTAINS(error_of("{% \xff %}", NULL), "Invalid block tag");
}

TEST(a_list_that_contains_itself_is_an_error)
{
    nu_list *list = nu_list_new();
    nu_list_add(list, list);
    CHECK_RAISES(NU_ERROR, render_text("{{ l }}", nu_dict_of("l", list)));
    CHECK_TEXT(render_text("{{ l.0.0.0|length }}", nu_dict_of("l", list)), "1");
}
