/* {% extends %}, {% block %}, {% include %}: which text, and which variables it sees. */
#include "render.h"

TEST(blocks_are_overridden_through_any_depth)
{
    nu_engine *engine = ENGINE_OF(
        "1",
        "<{% block a %}1{% endblock %}{% block b %}{% block c %}x{% endblock %}{% endblock %}>",
        "2", "{% extends '1' %}{% block a %}2{{ block.super }}{% endblock %}", "3",
        "{% extends '2' %}{% block c %}y{{ block.super }}{% endblock %}", "4",
        "{% extends '3' %}{% block a %}4{{ block.super }}{{ block.super|upper }}{% endblock %}");
    CHECK_TEXT(render_named(engine, "1", NULL), "<1x>");
    CHECK_TEXT(render_named(engine, "3", NULL), "<21yx>");
    CHECK_TEXT(render_named(engine, "4", NULL), "<42121yx>");
}

TEST(a_block_sees_the_variables_around_its_place_in_the_parent)
{
    nu_engine *engine =
        ENGINE_OF("base", "{% for i in l %}{% block b %}{% endblock %}{% endfor %}", "child",
                  "{% extends 'base' %}{% block b %}{{ i }}{{ forloop.counter }}{% now 'Y' as i %}"
                  "{% endblock %}");
    CHECK_TEXT(render_named(engine, "child", nu_dict_of("l", nu_list_of("a", "b"))), "a1b2");
}

TEST(the_parent_may_be_chosen_while_rendering)
{
    nu_engine *engine = ENGINE_OF(
        "a", "A{% block b %}{% endblock %}", "b",
        "{% extends 'a' %}{% block b %}[B{% block c %}{% endblock %}]{% endblock %}", "child",
        "{% extends base %}{% block b %}b{% endblock %}"
        "{% block c %}c{% endblock %}");
    CHECK_TEXT(render_named(engine, "child", nu_dict_of("base", "a")), "Ab");
    CHECK_TEXT(render_named(engine, "child", nu_dict_of("base", "b")), "Ab");
    CHECK_TEXT(render_named(engine, "child", nu_dict_of("base", nu_template_get(engine, "a"))),
               "Ab");
    CHECK_RAISES(NU_TEMPLATE_MISSING, render_named(engine, "child", nu_dict_of("base", "child")));
    CHECK_RAISES(NU_TEMPLATE_SYNTAX, render_named(engine, "child", nu_dict_of("base", 5)));
}

TEST(an_included_template_sees_what_is_bound_around_it)
{
    nu_engine *engine = ENGINE_OF(
        "part", "({{ x }}{{ y }}{{ z }}{% now 'Y' as z %})", "page",
        "{% with x=1 %}{% include 'part' %}{% include 'part' with y=2 %}"
        "{% include 'part' with y=2 only %}{% for x in l %}{% include 'part' %}{% endfor %}"
        "{{ z }}{% endwith %}");
    CHECK_TEXT(render_named(engine, "page", nu_dict_of("z", "Z", "l", nu_list_of(5))),
               "(1Z)(12Z)(2)(5Z)Z");
}

TEST(names_set_in_a_loop_last_to_its_end)
{
    CHECK_TEXT(
        render_text("{% for i in l %}{{ v }}{% cycle 'a' 'b' as v silent %}{% endfor %}{{ v }}",
                    nu_dict_of("l", nu_list_of(1, 2, 3))),
        "ab");
    CHECK_TEXT(render_text("{% with v='o' %}{% for i in l %}{% cycle 'a' 'b' as v silent %}"
                           "{% endfor %}{{ v }}{% endwith %}",
                           nu_dict_of("l", nu_list_of(1, 2))),
               "b");
    CHECK_TEXT(render_text("{% if 1 %}{% firstof 'x' as v %}{% endif %}{{ v }}", NULL), "x");
}

TEST(partials_are_templates_within_templates)
{
    nu_engine *engine = ENGINE_OF("page",
                                  "{% partialdef row %}<{{ x }}>{% endpartialdef %}"
                                  "{% for x in l %}{% partial row %}{% endfor %}"
                                  "{% partialdef here inline %}H{% endpartialdef here %}",
                                  "other", "{% include 'page#row' with x=9 %}");
    nu_dict   *context = nu_dict_of("l", nu_list_of(1, 2), "x", 3);
    CHECK_TEXT(render_named(engine, "page", context), "<1><2>H");
    CHECK_TEXT(render_named(engine, "page#row", context), "<3>");
    CHECK_TEXT(render_named(engine, "other", context), "<9>");
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_get(engine, "page#none"));
    CHECK_CONTAINS(error_of("{% partial none %}", NULL), "is not defined");
}
