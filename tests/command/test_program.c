/* The program as it is called from a shell: what it prints, and with what status it ends. */
#include "nuages/response.h"
#include "nuages/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/url.h"

#include "command/internal.h"

/* ---- a site ---------------------------------------------------------------------------------- */

static void greet(const nu_command_call *call)
{
    const char *name = nu_argument(call, 0);
    if (strcmp(name, "nobody") == 0)
        nu_raise(NU_COMMAND_ERROR, "nobody is here");
    if (strcmp(name, "trouble") == 0)
        nu_raise(NU_VALUE_ERROR, "a bug in the command");
    if (strcmp(name, "no") == 0)
        nu_command_exit(call, 5);
    nu_say("hello %s", name);
}

static void own_loaddata(const nu_command_call *call)
{
    (void)call;
    nu_say("the site's own way");
}

static const nu_command greet_command = {.name = "greet",
                                         .help = "Greets somebody.\nAnd more about it.",
                                         .arguments = "NAME",
                                         .min_arguments = 1,
                                         .max_arguments = 1,
                                         .run = greet};
static const nu_command loaddata_command = {
    .name = "loaddata", .help = "Loads in the site's own way.", .run = own_loaddata};

static const nu_app shop = {
    .label = "shop",
    .source = NU_TEST_DATA "/command/shop/app.c",
    .commands = NU_COMMANDS(&greet_command, &loaddata_command),
};
static nu_response *answer(nu_request *request)
{
    (void)request;
    return nu_text_response("here");
}

static const nu_route nowhere[] = {NU_PATH("here/", answer, .name = "nowhere"), {0}};

static void configure(nu_settings *s)
{
    s->secret_key = "a key that is long enough for a test, surely, 0123456789";
    s->urls = nowhere;
    s->apps = NU_APPS(&shop);
    s->base_dir = NU_TEST_DATA "/command";
    s->log_level = "error";
}

static void configure_wrongly(nu_settings *s)
{
    (void)s;
    nu_env("T_A_SETTING_THAT_IS_MISSING");
}

/* ---- running it ------------------------------------------------------------------------------ */

struct result {
    int         status;
    const char *printed;
};

static const char *read_all(int fd)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 1024);
    for (;;) {
        char   *room = nu_builder_room(&text, 4096);
        ssize_t count = read(fd, room, 4096);
        if (count <= 0)
            break;
        text.length += (size_t)count;
    }
    return nu_builder_text(&text);
}

static struct result run_with(void (*settings)(nu_settings *), const char *const *arguments)
{
    int ends[2];
    int count = 0;
    while (arguments[count] != NULL)
        count++;
    const char **argv = nu_alloc((size_t)(count + 2) * sizeof *argv);
    argv[0] = "./manage";
    memcpy(&argv[1], arguments, (size_t)count * sizeof *argv);
    if (pipe(ends) != 0)
        FAIL("no pipe");
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        _exit(nu_main(count + 1, (char **)(uintptr_t)argv, settings));
    }
    close(ends[1]);
    struct result result = {.printed = read_all(ends[0])};
    close(ends[0]);
    waitpid(child, &result.status, 0);
    CHECK(WIFEXITED(result.status));
    result.status = WEXITSTATUS(result.status);
    return result;
}

#define RUN(...) run_with(configure, NU_STRS(__VA_ARGS__))

/* ---- tests ----------------------------------------------------------------------------------- */

TEST(help_lists_the_commands_of_the_site_too)
{
    static const char *const ways[] = {"help", "--help", "-h"};
    for (size_t i = 0; i < NU_COUNT(ways); i++) {
        struct result help = RUN(ways[i]);
        CHECK_EQ(help.status, 0);
        CHECK_CONTAINS(help.printed, "usage: ./manage COMMAND");
        CHECK_CONTAINS(help.printed, "  migrate ");
        CHECK_CONTAINS(help.printed, "Of the app \"shop\"\n  greet            Greets somebody.\n");
        CHECK(strstr(help.printed, "And more about it") == NULL);
        CHECK(strstr(help.printed, "Loads rows from fixtures") == NULL);
    }
    CHECK_EQ(run_with(configure, NU_STRS(NULL)).status, 0);
}

TEST(help_tells_about_one_command)
{
    struct result help = RUN("help", "greet");
    CHECK_EQ(help.status, 0);
    CHECK_CONTAINS(help.printed, "usage: ./manage greet [OPTIONS] NAME\n");
    CHECK_CONTAINS(help.printed, "And more about it.");
    CHECK_TEXT(RUN("greet", "--help").printed, help.printed);
    help = RUN("migrate", "-h");
    CHECK_CONTAINS(help.printed, "--database ALIAS");
    CHECK_CONTAINS(help.printed, "(default)");
    CHECK_CONTAINS(help.printed, "-v, --verbosity LEVEL");
    CHECK_EQ(RUN("help", "gret").status, 2);
}

TEST(every_builtin_command_has_help)
{
    for (const char *const *name = nu__command_names(); *name != NULL; name++) {
        struct result help = RUN("help", *name);
        CHECK_EQ(help.status, 0);
        CHECK_CONTAINS(help.printed, nu_fmt("usage: ./manage %s [OPTIONS]", *name));
    }
}

TEST(the_status_tells_how_it_went)
{
    static const struct {
        const char *arguments[3];
        int         status;
        const char *printed;
    } cases[] = {
        {{"greet", "ada"}, 0, "hello ada\n"},
        {{"greet", "no"}, 5, "hello no\n"},
        {{"greet", "nobody"}, 1, "error: nobody is here\n"},
        {{"greet"}, 2, "error: an argument is missing: greet NAME\n"},
        {{"loaddata"}, 0, "the site's own way\n"},
    };
    setenv("NO_COLOR", "1", 1);
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        struct result result = run_with(configure, cases[i].arguments);
        CHECK_TEXT(result.printed, cases[i].printed);
        CHECK_EQ(result.status, cases[i].status);
    }
}

TEST(a_bug_shows_its_stack_and_a_mistake_does_not)
{
    struct result bug = RUN("greet", "trouble");
    CHECK_EQ(bug.status, 1);
    CHECK_CONTAINS(bug.printed, "a bug in the command");
    CHECK_CONTAINS(bug.printed, "test_program.c");
    CHECK(strstr(RUN("greet", "nobody").printed, "test_program.c") == NULL);
}

TEST(a_near_name_is_offered)
{
    struct result result = RUN("gret", "ada");
    CHECK_EQ(result.status, 2);
    CHECK_CONTAINS(result.printed, "unknown command \"gret\"");
    CHECK_CONTAINS(result.printed, "Did you mean \"greet\"?");
    CHECK_CONTAINS(RUN("migarte").printed, "Did you mean \"migrate\"?");
    CHECK_CONTAINS(RUN("qqqqqqqqqqq").printed, "help\" lists the commands");
}

TEST(a_missing_setting_stops_every_command)
{
    static const char *const commands[] = {"check", "migrate", "greet", "serve"};
    for (size_t i = 0; i < NU_COUNT(commands); i++) {
        struct result result = run_with(configure_wrongly, NU_STRS(commands[i]));
        CHECK_EQ(result.status, 1);
        CHECK_CONTAINS(result.printed, "the setting \"T_A_SETTING_THAT_IS_MISSING\" is missing");
        CHECK_CONTAINS(result.printed, "hint:");
    }
}

TEST(help_works_without_settings)
{
    struct result help = run_with(configure_wrongly, NU_STRS("help"));
    CHECK_EQ(help.status, 0);
    CHECK_CONTAINS(help.printed, "  migrate ");
    CHECK_CONTAINS(
        help.printed,
        "own commands are not listed: the setting \"T_A_SETTING_THAT_IS_MISSING\" is missing.");
    CHECK_EQ(run_with(configure_wrongly, NU_STRS("version")).status, 0);
}

TEST(check_names_the_line_of_a_bad_template)
{
    struct result result = RUN("check");
    CHECK_EQ(result.status, 1);
    CHECK_CONTAINS(result.printed, "shop/bad.html:3:1:");
    CHECK_CONTAINS(result.printed, "3 errors");
    CHECK(strstr(result.printed, "good.html") == NULL);
}

TEST(check_names_unknown_urls_and_static_files)
{
    struct result result = RUN("check");
    CHECK_CONTAINS(result.printed, "shop/uses.html:2:10: ");
    CHECK_CONTAINS(result.printed, "Did you mean \"nowhere\"?");
    CHECK_CONTAINS(result.printed,
                   "shop/uses.html:4:13: there is no static file \"shop/none.css\"");
    CHECK(strstr(result.printed, "maybe") == NULL);
}

TEST(render_says_which_file_is_wrong)
{
    static const char context[] = NU_TEST_DATA "/command/bad.json";
    struct result     missing = RUN("render", "shop/none.html");
    CHECK_EQ(missing.status, 1);
    CHECK_CONTAINS(missing.printed, "there is no template \"shop/none.html\"");
    CHECK_CONTAINS(missing.printed, "shop/templates/shop/none.html");
    struct result malformed = RUN("render", "shop/good.html", "--context", context);
    CHECK_EQ(malformed.status, 1);
    CHECK_CONTAINS(malformed.printed, "malformed JSON: ");
    CHECK_CONTAINS(malformed.printed, "bad.json:2:");
}

TEST(check_looks_at_the_deployment_when_asked)
{
    struct result result = RUN("check", "--deploy");
    CHECK_CONTAINS(result.printed, "allowed_hosts is empty");
    CHECK_CONTAINS(result.printed, "ssl_redirect is off");
}

TEST(commands_of_the_database_need_one)
{
    static const char *const commands[][4] = {
        {"migrate"}, {"showmigrations"}, {"sqlmigrate", "shop", "1"}};
    for (size_t i = 0; i < NU_COUNT(commands); i++) {
        struct result result = run_with(configure, commands[i]);
        CHECK_EQ(result.status, 1);
        CHECK_CONTAINS(result.printed, "the setting \"database\" is missing");
    }
}
