/* Loaders and engines of the settings. */
#include "site.h"

#include <string.h>

#include "nuages/shortcuts.h"
#include "nuages/template.h"
#include "nuages/url.h"

static bool load_greeting(void *data, const char *name, nu_template_source *out, const char **tried)
{
    *tried = "greetings";
    if (!nu_starts_with(name, "greeting"))
        return false;
    *out = (nu_template_source){.text = data, .length = strlen(data), .origin = name};
    return true;
}

static char                            hello[] = "hello {{ name }}", page[] = "mine";
static const nu_template_loader        greetings = {"greetings", hello, load_greeting, NULL};
static const nu_template_loader *const loaders[] = {&greetings, NULL};

static bool load_page(void *data, const char *name, nu_template_source *out, const char **tried)
{
    *tried = "pages";
    if (strcmp(name, "page.html") != 0)
        return false;
    *out = (nu_template_source){.text = data, .length = strlen(data), .origin = name};
    return true;
}

TEST(a_loader_of_the_settings_is_asked_before_the_folders)
{
    static const nu_template_loader        own = {"own", page, load_page, NULL};
    static const nu_template_loader *const both[] = {&greetings, &own, NULL};
    SITE(.template_dirs = NU_TEXTS("templates"), .template_loaders = both);
    CHECK_TEXT(nu_render_text(NULL, "greeting.txt", nu_dict_of("name", "Ada")), "hello Ada");
    CHECK_TEXT(nu_render_text(NULL, "page.html", NULL), "mine");
    CHECK_RAISES(NU_TEMPLATE_MISSING, nu_render_text(NULL, "none.html", NULL));
    CHECK_CONTAINS(nu_test_error()->detail, "greetings");
}

static nu_value answer(const nu_tag_call *call)
{
    (void)call;
    return nu_value_text("42");
}

static nu_response *home(nu_request *request)
{
    (void)request;
    return nu_text_response("home");
}

TEST(engines_are_found_by_name_and_know_what_the_site_knows)
{
    static const nu_template_tag            tags[] = {{.name = "answer", .fn = answer}, {0}};
    static const nu_template_library        library = {.name = "answers", .tags = tags};
    static const nu_template_library *const libraries[] = {&library, NULL};
    static const nu_named_engine            engines[] = {
                   {"mail", {.loaders = loaders, .autoescape_off = true, .libraries = libraries}},
                   {"short", {.output_limit = 3}},
                   {0},
    };
    static const nu_route routes[] = {NU_PATH("home/", home, .name = "home"), {0}};
    SITE(.urls = routes, .template_engines = engines);
    nu_engine *mail = nu_template_engine("mail");
    CHECK_TEXT(
        nu_template_render(nu_template_get(mail, "greeting"), nu_dict_of("name", "<A>")).text,
        "hello <A>");
    nu_template *t = nu_template_from(
        mail,
        "{% load answers static %}{% answer %}{% url 'home' %}{% static 'a' %}{{ STATIC_URL }}");
    CHECK_TEXT(nu_template_render(t, NULL).text, "42/home//static/a/static/");
    CHECK_RAISES(NU_SYSTEM_ERROR,
                 nu_template_render(nu_template_from(nu_template_engine("short"), "text"), NULL));
    CHECK(nu_template_engine(NULL) != mail);
    CHECK_RAISES(NU_TEMPLATE_SYNTAX,
                 nu_template_from(nu_template_engine(NULL), "{% load answers %}"));
    CHECK_RAISES(NU_CONFIG_ERROR, nu_template_engine("post"));
    CHECK_TEXT(nu_test_error()->fact, "there is no template engine \"post\"");
}

TEST(two_engines_of_one_name_stop_the_start)
{
    static const nu_named_engine engines[] = {{"mail", {0}}, {"mail", {0}}, {0}};
    CHECK_RAISES(NU_CONFIG_ERROR, SITE(.template_engines = engines));
}
