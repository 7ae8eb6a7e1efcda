/* How arguments are read. */
#include "nuages/test.h"

#include "command/internal.h"

static const nu_option_def options[] = {
    {"name", .letter = 'n', .value = "NAME", .fallback = "nobody", .help = "whom to greet"},
    {"count", .value = "N", .help = "how often"},
    {"loud", .letter = 'l', .help = "shout"},
    {"quiet", .letter = 'q', .help = "whisper"},
    {0},
};
static const nu_command greet = {.name = "greet",
                                 .help = "Greets.",
                                 .arguments = "WHO [MORE]",
                                 .min_arguments = 1,
                                 .max_arguments = 2,
                                 .options = options};

static const char *text_of(const nu_command_call *call)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 64);
    nu_builder_printf(&text, "name=%s count=%s%s%s v%d", nu_option(call, "name"),
                      nu_option(call, "count") != NULL ? nu_option(call, "count") : "-",
                      nu_option_flag(call, "loud") ? " loud" : "",
                      nu_option_flag(call, "quiet") ? " quiet" : "", call->verbosity);
    for (int i = 0; i < call->count; i++)
        nu_builder_printf(&text, " [%s]", nu_argument(call, i));
    return nu_builder_text(&text);
}

TEST(arguments_and_options_in_any_order)
{
    static const struct {
        const char *arguments[6];
        const char *expected;
    } cases[] = {
        {{"ada"}, "name=nobody count=- v1 [ada]"},
        {{"ada", "bob"}, "name=nobody count=- v1 [ada] [bob]"},
        {{"--name", "x", "ada"}, "name=x count=- v1 [ada]"},
        {{"ada", "--name=x"}, "name=x count=- v1 [ada]"},
        {{"ada", "--name="}, "name= count=- v1 [ada]"},
        {{"ada", "--name=a=b"}, "name=a=b count=- v1 [ada]"},
        {{"ada", "--name", "--loud"}, "name=--loud count=- v1 [ada]"},
        {{"ada", "-n", "x"}, "name=x count=- v1 [ada]"},
        {{"ada", "-nx"}, "name=x count=- v1 [ada]"},
        {{"ada", "-lq"}, "name=nobody count=- loud quiet v1 [ada]"},
        {{"ada", "-lnx"}, "name=x count=- loud v1 [ada]"},
        {{"-v3", "ada"}, "name=nobody count=- v3 [ada]"},
        {{"ada", "--verbosity=0"}, "name=nobody count=- v0 [ada]"},
        {{"--loud", "--", "--name"}, "name=nobody count=- loud v1 [--name]"},
        {{"-"}, "name=nobody count=- v1 [-]"},
        {{""}, "name=nobody count=- v1 []"},
        {{"ada", "--name", "x", "--name", "y"}, "name=y count=- v1 [ada]"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_command_call call = nu__command_parse(&greet, cases[i].arguments);
        CHECK_TEXT(text_of(&call), cases[i].expected);
    }
}

TEST(wrong_usage_says_what_is_wrong)
{
    static const struct {
        const char *arguments[6];
        const char *fact, *hint;
    } cases[] = {
        {{NULL}, "an argument is missing: greet WHO [MORE]", NULL},
        {{"a", "b", "c"}, "unexpected argument \"c\"", NULL},
        {{"a", "--nmae", "x"}, "unknown option \"--nmae\"", "Did you mean --name?"},
        {{"a", "--nmae=x"}, "unknown option \"--nmae=x\"", "Did you mean --name?"},
        {{"a", "--zzzzzz"}, "unknown option \"--zzzzzz\"", "help greet"},
        {{"a", "-x"}, "unknown option \"-x\"", NULL},
        {{"a", "--name"}, "the option --name needs a value (NAME)", NULL},
        {{"a", "-n"}, "the option --name needs a value (NAME)", NULL},
        {{"a", "--loud=yes"}, "the option --loud takes no value", NULL},
        {{"a", "-vmuch"}, "the option --verbosity is \"much\", which is no whole number", NULL},
        {{"a", "--="}, "unknown option \"--=\"", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU__USAGE, nu__command_parse(&greet, cases[i].arguments));
        CHECK_TEXT(nu_test_error()->fact, cases[i].fact);
        if (cases[i].hint != NULL)
            CHECK_CONTAINS(nu_test_error()->hint, cases[i].hint);
    }
}

TEST(help_asks_for_nothing_else)
{
    nu_command_call call = nu__command_parse(&greet, NU_STRS("--help"));
    CHECK(nu_option_flag(&call, "help"));
}

TEST(numbers_are_checked_when_they_are_asked_for)
{
    nu_command_call call = nu__command_parse(&greet, NU_STRS("a", "--count", "12"));
    CHECK_EQ(nu_option_int(&call, "count"), 12);
    call = nu__command_parse(&greet, NU_STRS("a", "--count=99999999999999999999"));
    CHECK_RAISES(NU__USAGE, nu_option_int(&call, "count"));
    CHECK_CONTAINS(nu_test_error()->fact, "no whole number");
}
