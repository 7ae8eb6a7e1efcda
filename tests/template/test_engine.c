#include "nuages/template.h"
#include "nuages/test.h"

/* What `text` becomes with `context`. */
static const char *render(const char *text, nu_dict *context)
{
    nu_engine *engine = nu_engine_new(&(nu_engine_options){0});
    return nu_text(nu_template_render(nu_template_from(engine, text), context));
}

TEST(variables_are_looked_up_and_escaped)
{
    CHECK_TEXT(render("a {{ b }} c", nu_dict_of("b", "<x>")), "a &lt;x&gt; c");
    CHECK_TEXT(render("{{ a.b }}", nu_dict_of("a", nu_dict_of("b", 5))), "5");
    CHECK_TEXT(render("{{ a.1 }}", nu_dict_of("a", nu_list_of(7, 8))), "8");
    CHECK_TEXT(render("[{{ missing.x }}]", NULL), "[]");
}

TEST(loops_bind_their_variables)
{
    nu_dict *context = nu_dict_of("l", nu_list_of("a", "b"), "e", nu_list_new());
    CHECK_TEXT(render("{% for x in l %}{{ forloop.counter }}{{ x }}{% endfor %}", context), "1a2b");
    CHECK_TEXT(render("{% for x in e %}x{% empty %}none{% endfor %}", context), "none");
}
