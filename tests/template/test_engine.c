#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"
#include "render.h"

TEST(variables_are_looked_up_and_escaped)
{
    CHECK_TEXT(render_text("a {{ b }} c", nu_dict_of("b", "<x>")), "a &lt;x&gt; c");
    CHECK_TEXT(render_text("{{ a.b }}", nu_dict_of("a", nu_dict_of("b", 5))), "5");
    CHECK_TEXT(render_text("{{ a.1 }}", nu_dict_of("a", nu_list_of(7, 8))), "8");
    CHECK_TEXT(render_text("[{{ missing.x }}]", NULL), "[]");
    CHECK_TEXT(render_text("{{ d.items }}", nu_dict_of("d", nu_dict_of("items", 1))), "1");
}

TEST(an_engine_writes_what_is_invalid_as_told)
{
    nu_engine *engine = engine_of(NU_PAIRS("t", "{{ a.b }}|{{ a|upper }}"),
                                  (nu_engine_options){.string_if_invalid = "?%s?"});
    CHECK_TEXT(render_named(engine, "t", NULL), "?a.b?|?a?");
}

TEST(a_missing_template_says_where_it_was_looked_for)
{
    nu_engine *engine = nu_engine_new(&(nu_engine_options){.dirs = NU_STRS("/nowhere", "/never")});
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_get(engine, "a/b.html"));
    CHECK_TEXT(nu_test_error()->fact, "a/b.html");
    CHECK_CONTAINS(nu_test_error()->detail, "/nowhere/a/b.html");
    CHECK_CONTAINS(nu_test_error()->detail, "/never/a/b.html");
}

TEST(names_do_not_lead_out_of_the_folders)
{
    nu_engine               *engine = nu_engine_new(&(nu_engine_options){.dirs = NU_STRS("/etc")});
    static const char *const names[] = {
        "../etc/passwd", "/etc/passwd", "a/../../etc/passwd", "..", "", "a\\b"};
    for (size_t i = 0; i < NU_COUNT(names); i++)
        CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_get(engine, names[i]));
}

TEST(the_first_template_that_exists_is_selected)
{
    nu_engine *engine = ENGINE_OF("b", "B", "broken", "{% extends 'nothing' %}");
    CHECK_TEXT(nu_template_name(nu_template_select(engine, NU_STRS("a", "b"))), "b");
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_select(engine, NU_STRS("a", "c")));
    CHECK_TEXT(nu_test_error()->fact, "a, c");
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_template_select(engine, NU_STRS("broken", "b")));
    CHECK_TEXT(nu_test_error()->fact, "nothing");
}

/* A file in a folder of its own. */
static const char *write_file(const char *folder, const char *name, const char *text)
{
    const char *path = nu_fmt("%s/%s", folder, name);
    nu_file_write(path, text, strlen(text));
    return path;
}

TEST(a_changed_file_is_seen_when_the_engine_watches)
{
    char folder[] = "/tmp/nuages-templates-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    write_file(folder, "base.html", "old {% block b %}{% endblock %}");
    write_file(folder, "page.html", "{% extends 'base.html' %}{% block b %}page{% endblock %}");
    nu_engine *watching =
        nu_engine_new(&(nu_engine_options){.dirs = NU_STRS(folder), .watch = true});
    nu_engine *calm = nu_engine_new(&(nu_engine_options){.dirs = NU_STRS(folder)});
    CHECK_TEXT(render_named(watching, "page.html", NULL), "old page");
    CHECK_TEXT(render_named(calm, "page.html", NULL), "old page");
    write_file(folder, "base.html", "newer {% block b %}{% endblock %}");
    CHECK_TEXT(render_named(watching, "page.html", NULL), "newer page");
    CHECK_TEXT(render_named(calm, "page.html", NULL), "old page");
}

TEST(a_template_may_extend_its_own_name_in_a_later_folder)
{
    char one[] = "/tmp/nuages-templates-XXXXXX", two[] = "/tmp/nuages-templates-XXXXXX";
    CHECK(mkdtemp(one) != NULL && mkdtemp(two) != NULL);
    write_file(one, "base.html",
               "{% extends 'base.html' %}{% block b %}1{{ block.super }}{% endblock %}");
    write_file(two, "base.html", "<{% block b %}2{% endblock %}>");
    nu_engine *engine = nu_engine_new(&(nu_engine_options){.dirs = NU_STRS(one, two)});
    CHECK_TEXT(render_named(engine, "base.html", NULL), "<12>");
    CHECK_TEXT(render_named(engine, "base.html", NULL), "<12>");
}

/* ---- variables of the engine ---------------------------------------------------------------------------- */

static int  computed;
static char me[] = "me";

static nu_value compute(void *request)
{
    computed++;
    return nu_value_text(request);
}

TEST(variables_of_the_engine_are_computed_once_and_only_if_used)
{
    static const nu_template_variable        table[] = {{"who", compute}, {0}};
    static const nu_template_variable *const tables[] = {table, NULL};
    nu_engine                               *engine = engine_of(
                                      NU_PAIRS("none", "-", "twice", "{{ who }}{% include 'once' %}", "once", "{{ who }}"),
                                      (nu_engine_options){.variables = tables});
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    computed = 0;
    nu_template_write(nu_template_get(engine, "none"), &(nu_render_options){.request = me}, &out);
    CHECK_EQ(computed, 0);
    nu_template_write(nu_template_get(engine, "twice"), &(nu_render_options){.request = me}, &out);
    CHECK_EQ(computed, 1);
    CHECK_TEXT(nu_builder_text(&out), "-meme");
}

TEST(pairs_win_over_the_context_and_the_context_over_the_engine)
{
    static const nu_template_variable        table[] = {{"a", compute}, {"b", compute}, {0}};
    static const nu_template_variable *const tables[] = {table, NULL};
    nu_engine                               *engine =
        engine_of(NU_PAIRS("t", "{{ a }}{{ b }}"), (nu_engine_options){.variables = tables});
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    nu_template_write(nu_template_get(engine, "t"),
                      &(nu_render_options){.context = nu_dict_of("a", 1, "b", 2),
                                           .pairs = NU_PAIRS("b", 3),
                                           .request = me},
                      &out);
    CHECK_TEXT(nu_builder_text(&out), "13");
}

/* ---- objects and functions -------------------------------------------------------------------------------- */

static nu_value call_seven(void *self, const nu_value *args, size_t count)
{
    (void)self, (void)args, (void)count;
    return nu_value_int(7);
}

static nu_value call_missing(void *self, const nu_value *args, size_t count)
{
    (void)self, (void)args, (void)count;
    nu_raise(NU_OBJECT_NOT_FOUND, "no such row");
}

static nu_value call_broken(void *self, const nu_value *args, size_t count)
{
    (void)self, (void)args, (void)count;
    nu_raise(NU_VALUE_ERROR, "broken");
}

TEST(functions_are_called_unless_they_alter_data)
{
    static const nu_function seven = {.name = "seven", .call = call_seven};
    static const nu_function drop = {.name = "drop", .call = call_seven, .alters_data = true};
    static const nu_function missing = {.name = "missing", .call = call_missing};
    static const nu_function broken = {.name = "broken", .call = call_broken};
    nu_dict                 *context =
        nu_dict_of("seven", &seven, "drop", &drop, "missing", &missing, "broken", &broken);
    CHECK_TEXT(render_text("{{ seven }}[{{ drop }}][{{ missing }}]", context), "7[][]");
    CHECK_TEXT(render_text("{% if broken == 1 %}a{% else %}b{% endif %}", context), "b");
    CHECK_TEXT(error_of("{{ broken }}", context), "broken");
    CHECK_TEXT(render_text("{% for f in l %}{{ f }}{% endfor %}",
                           nu_dict_of("l", nu_list_of(&seven, &drop))),
               "7");
}

typedef struct point {
    const nu_class *class;
    int x;
} point;

static bool point_get(void *self, const char *key, size_t length, nu_value *out)
{
    if (length != 1 || key[0] != 'x')
        return false;
    *out = nu_value_int(((point *)self)->x);
    return true;
}

static nu_value point_text(void *self)
{
    return nu_value_text(nu_fmt("<%d>", ((point *)self)->x));
}

TEST(objects_give_attributes_and_text)
{
    static const nu_class class = {.name = "point", .get = point_get, .text = point_text};
    point    p = {.class = &class, .x = 4};
    nu_dict *context = nu_dict_of("p", &p);
    CHECK_TEXT(render_text("{{ p.x }} {{ p }} [{{ p.y }}]", context), "4 &lt;4&gt; []");
    CHECK_TEXT(error_of("{% for a in p %}{% endfor %}", context), "'point' object is not iterable");
}

TEST(languages_are_listed_with_their_names)
{
    nu_engine *engine =
        engine_of(NU_PAIRS("t", "{% load i18n %}{% get_available_languages as all %}"
                                "{% for code, name in all %}{{ code }}={{ name }};{% endfor %}"),
                  (nu_engine_options){.languages = NU_STRS("en", "de")});
    CHECK_TEXT(render_named(engine, "t", NULL), "en=English;de=German;");
}

TEST(dicts_offer_their_items_keys_and_values)
{
    nu_dict *context = nu_dict_of("d", nu_dict_of("a", 1, "b", 2));
    CHECK_TEXT(render_text("{% for k, v in d.items %}{{ k }}{{ v }}{% endfor %}", context), "a1b2");
    CHECK_TEXT(render_text("{{ d.keys|join:'-' }} {{ d.values|length }}", context), "a-b 2");
    CHECK_TEXT(render_text("{% autoescape off %}{{ d.items }}{% endautoescape %}", context),
               "dict_items([('a', 1), ('b', 2)])");
    CHECK_TEXT(render_text("{% if 2 in d.values %}y{% endif %}", context), "y");
}
