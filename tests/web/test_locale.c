/* The translations of a site: where they come from, and which wins. */
#include "site.h"

#include "nuages/embed.h"
#include "nuages/i18n.h"
#include "nuages/shortcuts.h"
#include "nuages/template.h"

#define FOLDER NU_TEST_DATA "/web/translated"

static const nu_app one = {.label = "one", .source = "one/app.c"};
static const nu_app two = {.label = "two", .source = "two/app.c"};

static const char *words(void)
{
    return nu_render_text(NULL, "words.html", NULL);
}

TEST(translations_of_the_project_and_its_apps_are_found)
{
    SITE(.base_dir = FOLDER, .template_dirs = NU_TEXTS("templates"), .apps = NU_APPS(&one, &two),
         .language_code = "de");
    CHECK_TEXT(words(), "Projekt, eins, zwei, beide: eins, alle: Projekt, none");
    nu_language_activate("en");
    CHECK_TEXT(words(), "project, one, two, both, all, none");
    nu_language_activate("de-at");
    CHECK_TEXT(words(), "Projekt, eins, zwei, beide: eins, alle: Projekt, none");
    nu_language_activate(NULL);
}

TEST(the_first_app_and_the_first_path_win)
{
    SITE(.base_dir = FOLDER, .template_dirs = NU_TEXTS("templates"), .apps = NU_APPS(&two, &one),
         .language_code = "de", .locale_paths = NU_TEXTS("two/locale", "none", "locale"));
    CHECK_TEXT(words(), "Projekt, eins, zwei, beide: zwei, alle: zwei, none");
}

TEST(translations_inside_the_program_give_way_to_those_beside_it)
{
    static const char text[] =
        "msgid \"one\"\nmsgstr \"innen\"\n\nmsgid \"inner\"\nmsgstr \"drin\"\n";
    static const nu_embedded files[] = {
        {"locale/de/LC_MESSAGES/django.po", text, sizeof text - 1},
        {"locale/de/LC_MESSAGES/other.po", "?", 1},
        {"locale/LC_MESSAGES/django.po", "?", 1},
        {"templates/a.html", "", 0},
        {0},
    };
    static const nu_app embedded = {.label = "one", .source = "one/app.c", .files = files};
    SITE(.base_dir = FOLDER, .apps = NU_APPS(&embedded), .language_code = "de");
    CHECK_TEXT(nu_gettext("inner"), "drin");
    CHECK_TEXT(nu_gettext("one"), "eins");
}

TEST(a_damaged_catalogue_stops_the_start_with_its_place)
{
    CHECK_RAISES(NU_SYNTAX_ERROR, SITE(.base_dir = FOLDER "/damaged"));
    CHECK_CONTAINS(nu_test_error()->place.file, "damaged/locale/de/LC_MESSAGES/django.po");
    CHECK_EQ(nu_test_error()->place.line, 2);
}

TEST(a_catalogue_that_cannot_be_read_stops_the_start)
{
    CHECK_RAISES(NU_SYSTEM_ERROR, SITE(.base_dir = FOLDER, .locale_paths = NU_TEXTS("folder")));
    CHECK_CONTAINS(nu_test_error()->fact, "folder/de/LC_MESSAGES/django.po");
}

TEST(the_languages_of_the_site_are_listed)
{
    SITE(.base_dir = FOLDER, .languages = NU_TEXTS("de", "en"));
    nu_template *t = nu_template_from(
        nu_template_engine(NULL), "{% load i18n %}{% get_available_languages as all %}"
                                  "{% for code, name in all %}{{ code }} {{ name }};{% endfor %}");
    CHECK_TEXT(nu_template_render(t, NULL).text, "de German;en English;");
}
