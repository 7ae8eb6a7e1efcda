/* Tags and filters that an application writes in C. */
#include "render.h"

static nu_value shout(const nu_filter_call *call)
{
    return nu_value_text(
        nu_fmt("%s%s", call->input.text, call->has_arg ? nu_text(call->arg) : "!"));
}

static nu_value add_up(const nu_tag_call *call)
{
    int64_t sum = nu_int(call->params[0]) + nu_int(call->params[1]);
    for (size_t i = 0; i < call->arg_count; i++)
        sum += nu_int(call->args[i]);
    return nu_value_int(sum);
}

static nu_value keywords(const nu_tag_call *call)
{
    return nu_value_text(nu_fmt("<%s>", nu_text(nu_value_dict(call->kwargs))));
}

static nu_value box(const nu_tag_call *call)
{
    return nu_value_safe(nu_fmt("[%s:%s]", nu_text(call->params[0]), call->content.text));
}

static nu_value card(const nu_tag_call *call)
{
    return nu_value_dict(nu_dict_of("name", nu_text(call->params[0])));
}

static const nu_template_filter filters[] = {
    {"shout", shout, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG_OPTIONAL},
    {0},
};
static const nu_template_tag tags[] = {
    {.name = "add_up", .fn = add_up, .params = "a b=10 *args"},
    {.name = "keywords", .fn = keywords, .params = "**kwargs"},
    {.name = "box", .fn = box, .params = "title='none'", .end = "endbox"},
    {.name = "card", .fn = card, .params = "name", .include = "card.html"},
    {0},
};
static const nu_template_library        library = {.name = "own", .filters = filters, .tags = tags};
static const nu_template_library *const libraries[] = {&library, NULL};

static nu_engine *own_engine(const char *text)
{
    return engine_of(NU_PAIRS("t", nu_fmt("{%% load own %%}%s", text), "card.html",
                              "{{ name }}-{{ hidden }}-{% csrf_token %}"),
                     (nu_engine_options){.libraries = libraries});
}

static const char *own(const char *text)
{
    return render_named(own_engine(text), "t",
                        nu_dict_of("x", 5, "hidden", "h", "csrf_token", "tok"));
}

TEST(libraries_bring_filters_and_tags)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"{{ 'a'|shout }}{{ '<'|shout:'>' }}", "a!<>"},
        {"{% add_up 1 %}|{% add_up 1 2 3 4 %}|{% add_up a=x b=1 %}", "11|10|6"},
        {"{% add_up 1 as s %}{{ s }}{{ s }}", "1111"},
        {"{% keywords k='v' %}", "&lt;{&#x27;k&#x27;: &#x27;v&#x27;}&gt;"},
        {"{% autoescape off %}{% keywords %}{% endautoescape %}", "<{}>"},
        {"{% box %}{{ x }}{% endbox %}{% box 't' %}<i>{% endbox %}", "[none:5][t:<i>]"},
        {"{% box as b %}x{% endbox %}({{ b }})", "([none:x])"},
        {"{% card 'me' %}",
         "me--<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"tok\">"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(own(cases[i].text), cases[i].wanted);
}

TEST(wrong_arguments_of_tags_are_syntax_errors)
{
    static const struct {
        const char *text, *fact;
    } cases[] = {
        {"{% add_up %}", "'add_up' did not receive value(s) for the argument(s): 'a'"},
        {"{% add_up 1 c=2 %}", "'add_up' received unexpected keyword argument 'c'"},
        {"{% add_up 1 a=2 %}", "'add_up' received multiple values for keyword argument 'a'"},
        {"{% add_up a=1 2 %}",
         "'add_up' received some positional argument(s) after some keyword argument(s)"},
        {"{% card 1 2 %}", "'card' received too many positional arguments"},
        {"{% keywords a=1 a=2 %}", "'keywords' received multiple values for keyword argument 'a'"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_TEMPLATE_SYNTAX, own(cases[i].text));
        CHECK_TEXT(nu_test_error()->fact, cases[i].fact);
    }
}

TEST(what_is_not_loaded_is_not_there)
{
    nu_engine *engine = engine_of(NU_PAIRS("t", "{% load add_up from own %}{% add_up 1 %}", "u",
                                           "{% load add_up from own %}{{ 1|shout }}"),
                                  (nu_engine_options){.libraries = libraries});
    CHECK_TEXT(render_named(engine, "t", NULL), "11");
    CHECK_RAISES(NU_TEMPLATE_SYNTAX, nu_template_get(engine, "u"));
    engine =
        engine_of(NU_PAIRS("t", "{{ 'a'|shout }}"), (nu_engine_options){.builtins = libraries});
    CHECK_TEXT(render_named(engine, "t", NULL), "a!");
}
