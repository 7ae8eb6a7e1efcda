/* Errors: Django's words, and the place. Most cases are in the conformance files. */
#include "render.h"

TEST(syntax_errors_name_template_line_and_column)
{
    static const struct {
        const char *text;
        int         line, column;
        const char *fact, *excerpt;
    } cases[] = {
        {"ok\n  {{ a b }}", 2, 3, "Could not parse the remainder: ' b' from 'a b'", "  {{ a b }}"},
        {"é{% nothing %}", 1, 2,
         "Invalid block tag on line 1: 'nothing'. Did you forget to register or load this tag?",
         "é{% nothing %}"},
        {"{% if a %}\n{% for x in y %}\n{% endif %}", 3, 1,
         "Invalid block tag on line 3: 'endif', expected 'empty' or 'endfor'. "
         "Did you forget to register or load this tag?",
         "{% endif %}"},
        {"\n\n{% if a %}\ntext", 3, 1,
         "Unclosed tag on line 3: 'if'. Looking for one of: elif, else, endif.", "{% if a %}"},
        {"{% if a %}{% if b ! %}{% endif %}{% endif %}", 1, 11,
         "Could not parse the remainder: '!' from '!'",
         "{% if a %}{% if b ! %}{% endif %}{% endif %}"},
        {"{{ a|nothing }}", 1, 1, "Invalid filter: 'nothing'", "{{ a|nothing }}"},
        {"{% if a %}{% endif %}{% with %}{% endwith %}", 1, 22,
         "'with' expected at least one variable assignment",
         "{% if a %}{% endif %}{% with %}{% endwith %}"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_engine *engine = ENGINE_OF("page.html", cases[i].text);
        CHECK_RAISES(NU_TEMPLATE_SYNTAX, nu_template_get(engine, "page.html"));
        const nu_error *error = nu_test_error();
        CHECK_TEXT(error->fact, cases[i].fact);
        CHECK_TEXT(error->place.file, "page.html");
        CHECK_EQ(error->place.line, cases[i].line);
        CHECK_EQ(error->place.column, cases[i].column);
        CHECK_TEXT(error->place.excerpt, cases[i].excerpt);
    }
}

TEST(unknown_names_bring_a_hint_with_what_was_meant)
{
    static const struct {
        const char *text, *hint;
    } cases[] = {
        {"{% incldue 'x' %}", "Did you mean \"include\"?"},
        {"{% if a %}{% ednif %}", "Did you mean \"endif\"?"},
        {"{% for x in y %}{% emty %}{% endfor %}", "Did you mean \"empty\"?"},
        {"{% translate 'x' %}", "{% load i18n %} brings it."},
        {"{% load i18n %}{% tranlsate 'x' %}", "Did you mean \"translate\"?"},
        {"{{ a|uper }}", "Did you mean \"upper\"?"},
        {"{% if a|lenght %}{% endif %}", "Did you mean \"length\"?"},
        {"{{ a|intcomma }}", "{% load humanize %} brings it."},
        {"{% load humanize %}{{ a|intcoma }}", "Did you mean \"intcomma\"?"},
        {"{% load humanise %}", "Did you mean \"humanize\"?"},
        {"{% load intcoma from humanize %}", "Did you mean \"intcomma\"?"},
        {"{% load upper from humanize %}", NULL},
        {"{% xyzzyplugh %}", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_engine *engine = ENGINE_OF("page.html", cases[i].text);
        CHECK_RAISES(NU_TEMPLATE_SYNTAX, nu_template_get(engine, "page.html"));
        if (cases[i].hint)
            CHECK_TEXT(nu_test_error()->hint, cases[i].hint);
        else
            CHECK(nu_test_error()->hint == NULL);
    }
}

TEST(errors_while_rendering_name_the_place_too)
{
    nu_engine *engine = ENGINE_OF("page.html", "\n{% include 'part.html' %}", "part.html",
                                  "a\nb\n  {% for a, b in l %}{% endfor %}", "child.html",
                                  "{% extends 'page2.html' %}\n{% block b %}\n{{ x|divisibleby:0 }}"
                                  "{% endblock %}",
                                  "page2.html", "{% block b %}{% endblock %}");
    nu_dict   *context = nu_dict_of("l", nu_list_of(1), "x", 1);
    CHECK_RAISES(NU_VALUE_ERROR, render_named(engine, "page.html", context));
    CHECK_TEXT(nu_test_error()->place.file, "part.html");
    CHECK_EQ(nu_test_error()->place.line, 3);
    CHECK_EQ(nu_test_error()->place.column, 3);
    CHECK_RAISES(NU_ERROR, render_named(engine, "child.html", context));
    CHECK_TEXT(nu_test_error()->place.file, "child.html");
    CHECK_EQ(nu_test_error()->place.line, 3);
}

TEST(an_error_in_a_parent_points_at_the_parent)
{
    nu_engine *engine = ENGINE_OF("child", "{% extends 'base' %}", "base", "x\n{% end %}");
    CHECK_RAISES(NU_TEMPLATE_SYNTAX, nu_template_get(engine, "child"));
    CHECK_TEXT(nu_test_error()->place.file, "base");
    CHECK_EQ(nu_test_error()->place.line, 2);
    engine = ENGINE_OF("child", "\n{% extends 'none' %}");
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_get(engine, "child"));
    CHECK_TEXT(nu_test_error()->place.file, "child");
    CHECK_EQ(nu_test_error()->place.line, 2);
}

TEST(tags_are_cut_into_words_by_quotes_and_space)
{
    CHECK_TEXT(render_text("{% firstof a \"b c\" %}", NULL), "b c");
    CHECK_TEXT(render_text("{% firstof a 'it\\'s' %}", NULL), "it's");
    CHECK_TEXT(render_text("{% with a=\"x y\"|upper %}{{ a }}{% endwith %}", NULL), "X Y");
    CHECK_TEXT(render_text("{% firstof _(\"a b\") %}", NULL), "a b");
}

TEST(white_space_of_any_script_stands_between_words)
{
    CHECK_TEXT(render_text("{{\u00a0a\u00a0|\u2003upper\u00a0}}", nu_dict_of("a", "x")), "X");
    CHECK_TEXT(render_text("{%\u00a0if\u3000a\u00a0%}yes{%\u00a0endif\u00a0%}", nu_dict_of("a", 1)),
               "yes");
    CHECK_TEXT(render_text("{% spaceless %}\u00a0<b>\u2003</b>\u00a0 {% endspaceless %}", NULL),
               "<b></b>");
}
