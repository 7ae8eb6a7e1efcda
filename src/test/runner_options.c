#include <stdio.h>
#include <string.h>

#include "test/runner.h"

const char nu__test_usage[] = "  -k TEXT, --keyword TEXT  only tests whose name contains TEXT\n"
                              "  --tag WORD               only tests with that tag\n"
                              "  --list                   print the names and run nothing\n"
                              "  --fail-fast              stop after the first failure\n"
                              "  --timeout SECONDS        time a test may take (60)\n"
                              "  --in-process             no child processes, for a debugger\n"
                              "  --quiet                  failures as one line, without C stack\n"
                              "  --verbose                a line for each test\n"
                              "  --help                   this text\n";

struct option {
    const char  *name, *brief;
    bool        *flag;
    const char **text;
    int         *number;
};

static const struct option *find(const struct option *options, const char *word)
{
    for (; options->name != NULL; options++)
        if (strcmp(word, options->name) == 0 ||
            (options->brief != NULL && strcmp(word, options->brief) == 0))
            return options;
    return NULL;
}

static bool complain(const char *fact, const char *word)
{
    fprintf(stderr, "%s \"%s\"; --help lists the options\n", fact, word);
    return false;
}

static bool apply(const struct option *option, const char *word, const char *argument)
{
    int64_t number;
    if (option->flag != NULL)
        *option->flag = true;
    else if (argument == NULL)
        return complain("there is no value after", word);
    else if (option->text != NULL)
        *option->text = argument;
    else if (nu_parse_int(argument, strlen(argument), &number) && number > 0 && number < 100000)
        *option->number = (int)number;
    else
        return complain("not a number of seconds:", argument);
    return true;
}

bool nu__test_options_read(int argc, char **argv, nu__test_options *options)
{
    *options = (nu__test_options){.timeout = 60};
    const struct option table[] = {
        {"--keyword", "-k", .text = &options->substring},
        {"--tag", .text = &options->tag},
        {"--timeout", .number = &options->timeout},
        {"--list", .flag = &options->list},
        {"--fail-fast", .flag = &options->fail_fast},
        {"--in-process", .flag = &options->in_process},
        {"--quiet", "-q", .flag = &options->quiet},
        {"--verbose", "-v", .flag = &options->verbose},
        {"--help", "-h", .flag = &options->help},
        {0},
    };
    for (int i = 1; i < argc; i++) {
        const struct option *option = find(table, argv[i]);
        if (option == NULL)
            return complain("there is no option", argv[i]);
        if (!apply(option, argv[i], argv[i + 1]))
            return false;
        i += option->flag == NULL;
    }
    return true;
}
