#include "command/internal.h"

#include <string.h>

#include "nuages/text.h"

const nu_kind nu__kind_usage = {"UsageError", NU_COMMAND_ERROR, 500};

const nu_option_def nu__common_options[] = {
    {"help", .letter = 'h', .help = "show this help"},
    {"verbosity", .letter = 'v', .value = "LEVEL", .fallback = "1",
     .help = "0 silent, 1 normal, 2 more, 3 all"},
    {0},
};

/* ---- finding an option ----------------------------------------------------------------------- */

static const nu_option_def *find_in(const nu_option_def *table, const char *name, size_t length)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static const nu_option_def *find_letter(const nu_command *command, char letter)
{
    const nu_option_def *tables[] = {command->options, nu__common_options};
    for (size_t i = 0; i < NU_COUNT(tables); i++)
        for (const nu_option_def *option = tables[i]; option != NULL && option->name != NULL;
             option++)
            if (option->letter == letter)
                return option;
    return NULL;
}

static const nu_option_def *find_option(const nu_command *command, const char *name, size_t length)
{
    const nu_option_def *option = find_in(command->options, name, length);
    return option != NULL ? option : find_in(nu__common_options, name, length);
}

static const char *const *option_names(const nu_command *command)
{
    const nu_option_def *tables[] = {command->options, nu__common_options};
    size_t               count = 0;
    for (size_t i = 0; i < NU_COUNT(tables); i++)
        for (const nu_option_def *option = tables[i]; option != NULL && option->name != NULL;
             option++)
            count++;
    const char **names = nu_alloc((count + 1) * sizeof *names);
    for (size_t i = 0, used = 0; i < NU_COUNT(tables); i++)
        for (const nu_option_def *option = tables[i]; option != NULL && option->name != NULL;
             option++)
            names[used++] = option->name;
    return names;
}

static NU_NORETURN void raise_unknown(const nu_command *command, const char *argument)
{
    const char *name = argument + strspn(argument, "-");
    name = nu_arena_copy(nu_arena_current(), name, strcspn(name, "="));
    nu_error   *error = nu_error_new(NU__USAGE, "unknown option \"%s\"", argument);
    const char *near = nu_nearest(name, option_names(command));
    error->hint = near != NULL ? nu_fmt("Did you mean --%s?", near)
                               : nu_fmt("Try \"%s help %s\".", nu__program(), command->name);
    nu_throw(error);
}

/* ---- reading the arguments ------------------------------------------------------------------- */

struct reader {
    const nu_command  *command;
    const char *const *at;
    nu_dict           *options;
    const char       **positional;
    int                count;
};

/* Gives `option` its value: behind "=", or the next argument. */
static void take(struct reader *reader, const nu_option_def *option, const char *inline_value)
{
    if (option->value == NULL) {
        if (inline_value != NULL)
            nu_raise(NU__USAGE, "the option --%s takes no value", option->name);
        nu_dict_set(reader->options, option->name, true);
        return;
    }
    if (inline_value == NULL)
        inline_value = *reader->at != NULL ? *reader->at++ : NULL;
    if (inline_value == NULL)
        nu_raise(NU__USAGE, "the option --%s needs a value (%s)", option->name, option->value);
    if (!option->repeats) {
        nu_dict_set(reader->options, option->name, inline_value);
        return;
    }
    const nu_value *former = nu_dict_find(reader->options, option->name);
    nu_list        *texts = former != NULL ? former->list : nu_list_new();
    nu_list_add(texts, inline_value);
    if (former == NULL)
        nu_dict_set(reader->options, option->name, nu_value_list(texts));
}

static void take_long(struct reader *reader, const char *argument)
{
    const char          *name = argument + 2;
    size_t               length = strcspn(name, "=");
    const nu_option_def *option = find_option(reader->command, name, length);
    if (option == NULL)
        raise_unknown(reader->command, argument);
    take(reader, option, name[length] == '=' ? name + length + 1 : NULL);
}

/* "-v2" and "-v 2"; flags may be joined: "-ab". */
static void take_short(struct reader *reader, const char *argument)
{
    for (const char *letter = argument + 1; *letter != '\0'; letter++) {
        const nu_option_def *option = find_letter(reader->command, *letter);
        if (option == NULL)
            raise_unknown(reader->command, argument);
        if (option->value != NULL) {
            take(reader, option, letter[1] != '\0' ? letter + 1 : NULL);
            return;
        }
        take(reader, option, NULL);
    }
}

static void check_counts(const nu_command *command, const nu_command_call *call)
{
    if (nu_option_flag(call, "help"))
        return;
    if (call->count < command->min_arguments)
        nu_raise(NU__USAGE, "an argument is missing: %s %s", command->name, command->arguments);
    if (command->max_arguments >= 0 && call->count > command->max_arguments)
        nu_raise(NU__USAGE, "unexpected argument \"%s\"", call->arguments[command->max_arguments]);
    for (const nu_option_def *option = command->options; option != NULL && option->name != NULL;
         option++)
        if (option->required && nu_option(call, option->name) == NULL)
            nu_raise(NU__USAGE, "the option --%s is missing", option->name);
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts[count] != NULL)
        count++;
    return count;
}

nu_command_call nu__command_parse(const nu_command *command, const char *const *arguments)
{
    struct reader reader = {
        .command = command,
        .at = arguments,
        .options = nu_dict_new(),
        .positional = nu_alloc((count_texts(arguments) + 1) * sizeof(char *)),
    };
    bool options_end = false;
    while (*reader.at != NULL) {
        const char *argument = *reader.at++;
        if (!options_end && strcmp(argument, "--") == 0)
            options_end = true;
        else if (!options_end && strncmp(argument, "--", 2) == 0)
            take_long(&reader, argument);
        else if (!options_end && argument[0] == '-' && argument[1] != '\0')
            take_short(&reader, argument);
        else
            reader.positional[reader.count++] = argument;
    }
    nu_command_call call = {
        .command = command,
        .arguments = reader.positional,
        .count = reader.count,
        .options = reader.options,
    };
    check_counts(command, &call);
    call.verbosity = (int)nu_option_int(&call, "verbosity");
    return call;
}

/* ---- asking ---------------------------------------------------------------------------------- */

const char *nu_option(const nu_command_call *call, const char *name)
{
    const nu_value *given = nu_dict_find(call->options, name);
    if (given != NULL)
        return given->type == NU_TEXT ? given->text : "";
    const nu_option_def *option = find_option(call->command, name, strlen(name));
    return option != NULL ? option->fallback : NULL;
}

const char *const *nu_option_texts(const nu_command_call *call, const char *name)
{
    const nu_value *given = nu_dict_find(call->options, name);
    size_t          count = given != NULL ? given->list->count : 0;
    const char    **texts = nu_alloc((count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = given->list->items[i].text;
    texts[count] = NULL;
    return texts;
}

bool nu_option_flag(const nu_command_call *call, const char *name)
{
    return nu_dict_find(call->options, name) != NULL;
}

int64_t nu_option_int(const nu_command_call *call, const char *name)
{
    const char *text = nu_option(call, name);
    int64_t     number = 0;
    if (text != NULL && !nu_parse_int(text, strlen(text), &number))
        nu_raise(NU__USAGE, "the option --%s is \"%s\", which is no whole number", name, text);
    return number;
}

const char *nu_argument(const nu_command_call *call, int index)
{
    return index < call->count ? call->arguments[index] : NULL;
}
