#include "template/uses.h"

#include "render.h"

static nu_engine *engine(void)
{
    static const char page[] =
        "{% extends 'base' %}{% load static %}\n"
        "{% block a %}é {% url 'one' %}{% if x %}{% url \"two\" 1 a=b %}{% else %}"
        "{% for i in x %}{% url 'three' as u %}{% empty %}{% static 'a.css' %}{% endfor %}{% endif "
        "%}\n"
        "{% endblock %}{% partialdef p %}{% url 'four' %}{% endpartialdef %}"
        "{% url name %}{% url 'x'|lower %}{% static _('b.css') %}";
    return engine_of(
        NU_PAIRS("page", page, "base", "{% url 'of the base' %}{% block a %}{% endblock %}"),
        (nu_engine_options){0});
}

TEST(constants_in_tags_are_found_at_any_depth)
{
    static const struct {
        const char *text;
        bool        assigned;
        int         line, column;
    } wanted[] = {{"one", false, 2, 16},
                  {"two", false, 2, 41},
                  {"three", true, 2, 88},
                  {"four", false, 3, 33}};
    size_t                 count;
    const nu_template_use *uses = nu__template_uses(engine(), "page", "url", &count);
    CHECK_EQ(count, NU_COUNT(wanted));
    for (size_t i = 0; i < NU_COUNT(wanted) && i < count; i++) {
        CHECK_TEXT(uses[i].text, wanted[i].text);
        CHECK(uses[i].assigned == wanted[i].assigned);
        CHECK_TEXT(uses[i].place.file, "page");
        CHECK_EQ(uses[i].place.line, wanted[i].line);
        CHECK_EQ(uses[i].place.column, wanted[i].column);
    }
    uses = nu__template_uses(engine(), "page", "static", &count);
    CHECK_EQ(count, (size_t)1);
    CHECK_TEXT(uses[0].text, "a.css");
}

TEST(templates_without_the_tag_or_without_themselves_have_no_uses)
{
    size_t count;
    nu__template_uses(engine(), "base", "static", &count);
    CHECK_EQ(count, (size_t)0);
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu__template_uses(engine(), "none", "url", &count));
}
