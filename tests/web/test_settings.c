/* Mistakes in the settings and in .env: each names itself and says what to do. */
#include "site.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/url.h"

#include "web/internal.h"

static const nu_route none[] = {{0}};

TEST(what_is_missing_or_wrong_is_named)
{
    static const struct {
        nu_settings settings;
        const char *fact, *hint;
    } cases[] = {
        {{.urls = none}, "the setting \"secret_key\" is missing", "SECRET_KEY"},
        {{.urls = none, .secret_key = ""}, "the setting \"secret_key\" is missing", "SECRET_KEY"},
        {{.secret_key = "x"}, "the setting \"urls\" is missing", "s->urls"},
        {{.urls = none, .secret_key = "x", .time_zone = "Mars/Base"},
         "which is no time zone",
         "Europe/"},
        {{.urls = none, .secret_key = "x", .time_zone = "../../etc/passwd"},
         "which is no time zone",
         "Europe/"},
        {{.urls = none, .secret_key = "x", .log_level = "loud"},
         "\"log_level\" is \"loud\"",
         "debug, info"},
        {{.urls = none, .secret_key = "x", .static_url = "/static"},
         "does not end in a slash",
         "/static/"},
        {{.urls = none, .secret_key = "x", .workers = -2}, "\"workers\" is negative", "0"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_CONFIG_ERROR, nu__settings_setup(&cases[i].settings));
        CHECK_CONTAINS(nu_test_error()->fact, cases[i].fact);
        CHECK_CONTAINS(nu_test_error()->hint, cases[i].hint);
    }
}

TEST(apps_and_middleware_are_checked)
{
    static const nu_app wrong = {.label = "My App"}, one = {.label = "one"},
                        other = {.label = "one"};
    CHECK_RAISES(NU_CONFIG_ERROR, SITE(.apps = NU_APPS(&wrong)));
    CHECK_CONTAINS(nu_test_error()->fact, "\"My App\" cannot be the label of an app");
    CHECK_RAISES(NU_CONFIG_ERROR, SITE(.apps = NU_APPS(&one, &other)));
    CHECK_CONTAINS(nu_test_error()->fact, "two installed apps have the label \"one\"");
    CHECK_RAISES(NU_CONFIG_ERROR, SITE(.csrf_trusted_origins = NU_TEXTS("example.com")));
    CHECK_CONTAINS(nu_test_error()->hint, "https://example.com");
}

/* ---- the environment ------------------------------------------------------------------------- */

static const char *env_file(const char *text)
{
    char *path = nu_fmt("/tmp/nuages-env-XXXXXX");
    int   fd = mkstemp(path);
    if (fd < 0)
        FAIL("cannot make %s", path);
    close(fd);
    nu_file_write(path, text, strlen(text));
    return path;
}

static void load(const char *text)
{
    const char *path = env_file(text);
    nu__env_load(path);
    unlink(path);
}

TEST(lines_of_env)
{
    setenv("T_SET", "outside", 1);
    load("# comment\n\n  T_PLAIN = a b \r\nexport T_EXPORT=1\nT_QUOTED=\" a = 'b' "
         "\"\nT_SINGLE='x'\nT_EMPTY=\n"
         "T_EQUALS=a=b=c\nT_HASH=a#b\nT_SET=inside\nT_LAST=no newline");
    static const struct {
        const char *name, *value;
    } cases[] = {{"T_PLAIN", "a b"},   {"T_EXPORT", "1"},        {"T_QUOTED", " a = 'b' "},
                 {"T_SINGLE", "x"},    {"T_EQUALS", "a=b=c"},    {"T_HASH", "a#b"},
                 {"T_SET", "outside"}, {"T_LAST", "no newline"}, {"T_EMPTY", NULL}};
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_env_or(cases[i].name, NULL), cases[i].value);
}

TEST(a_malformed_line_of_env_is_named)
{
    static const char *const lines[] = {"no equals sign", "1NAME=x",   "=x",    "NA ME=x",
                                        "T_Q=\"open",     "T_Q='open", "T_Q=\""};
    for (size_t i = 0; i < NU_COUNT(lines); i++) {
        CHECK_RAISES(NU_CONFIG_ERROR, load(nu_fmt("T_OK=1\n%s\nT_MORE=2\n", lines[i])));
        CHECK_EQ(nu_test_error()->place.line, 2);
        CHECK_TEXT(nu_test_error()->place.excerpt, lines[i]);
        CHECK_CONTAINS(nu_test_error()->hint, "NAME=value");
    }
}

TEST(a_file_that_changes_is_read_anew)
{
    setenv("T_OUT", "outside", 1);
    load("T_A=1\nT_B=1\nT_OUT=file\n");
    load("T_A=2\nT_OUT=file\n");
    CHECK_TEXT(nu_env_or("T_A", NULL), "2");
    CHECK_TEXT(nu_env_or("T_B", NULL), NULL);
    CHECK_TEXT(nu_env_or("T_OUT", NULL), "outside");
    nu__env_load("/no/such/.env");
    CHECK_TEXT(nu_env_or("T_A", NULL), NULL);
}

TEST(variables_are_read_by_kind)
{
    load("T_YES=On\nT_NO=false\nT_ODD=maybe\nT_NUMBER=-12\nT_TEXT=12a\nT_LIST= a, b ,,c \n");
    CHECK(nu_env_bool("T_YES", false));
    CHECK(!nu_env_bool("T_NO", true));
    CHECK(nu_env_bool("T_NONE", true));
    CHECK_RAISES(NU_CONFIG_ERROR, nu_env_bool("T_ODD", true));
    CHECK_CONTAINS(nu_test_error()->fact, "\"T_ODD\" is \"maybe\"");
    CHECK_EQ(nu_env_int("T_NUMBER", 5), -12);
    CHECK_EQ(nu_env_int("T_NONE", 5), 5);
    CHECK_RAISES(NU_CONFIG_ERROR, nu_env_int("T_TEXT", 5));
    CHECK_EQ(nu_value_texts(nu_env_list("T_LIST")), nu_list_of("a", "b", "c"));
    CHECK(nu_env_list("T_NONE") == NULL);
    CHECK_RAISES(NU_CONFIG_ERROR, nu_env("T_NONE"));
    CHECK_CONTAINS(nu_test_error()->hint, ".env");
}
