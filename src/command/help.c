#include "command/internal.h"

#include <stdio.h>
#include <string.h>

#include "nuages/text.h"

/* The first line of a help text. */
static const char *summary(const char *help)
{
    return nu_arena_copy(nu_arena_current(), help, strcspn(help, "\n"));
}

static void print_group(const char *title, const char *app)
{
    bool any = false;
    for (const char *const *name = nu__command_names(); *name != NULL; name++) {
        const nu_command *command = nu__command_find(*name);
        const char       *owner = nu__command_app(command);
        if ((owner == NULL) != (app == NULL) || (owner != NULL && strcmp(owner, app) != 0))
            continue;
        if (!any)
            nu_say("\n%s", nu_styled(NU_STYLE_STRONG, title));
        any = true;
        nu_say("  %-16s %s", *name, summary(command->help));
    }
}

/* The commands of apps are known once the site is set up. Help must not need that: what keeps the
 * site from it is returned. */
static const char *find_own_commands(void)
{
    if (*nu_apps() != NULL)
        return NULL;
    NU_TRY {
        nu__prepare_site();
    }
    NU_CATCH (error) {
        return error->fact;
    }
    return NULL;
}

void nu__help_all(const char *program)
{
    nu_say("usage: %s COMMAND [ARGUMENTS]", program);
    const char *problem = find_own_commands();
    print_group("Commands", NULL);
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        print_group(nu_fmt("Of the app \"%s\"", (*app)->label), (*app)->label);
    if (problem != NULL)
        nu_say("\nThe site's own commands are not listed: %s.", problem);
    nu_say("\n\"%s help COMMAND\" tells more about one of them.", program);
}

static void print_options(const nu_option_def *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        const char *letter = option->letter != 0 ? nu_fmt("-%c, ", option->letter) : "    ";
        const char *form =
            nu_fmt("%s--%s%s%s", letter, option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
        const char *fallback = option->fallback != NULL && *option->fallback != '\0'
                                   ? nu_fmt(" (%s)", option->fallback)
                                   : "";
        nu_say("  %-28s %s%s", form, option->help != NULL ? option->help : "", fallback);
    }
}

void nu__help_command(const char *program, const nu_command *command)
{
    nu_say("usage: %s %s [OPTIONS]%s%s\n", program, command->name,
           command->arguments != NULL ? " " : "",
           command->arguments != NULL ? command->arguments : "");
    nu_say("%s\n\n%s", command->help, nu_styled(NU_STYLE_STRONG, "Options"));
    print_options(command->options);
    print_options(nu__common_options);
}

void nu__raise_unknown_command(const char *name)
{
    nu_error   *error = nu_error_new(NU__USAGE, "unknown command \"%s\"", name);
    const char *near = nu_nearest(name, nu__command_names());
    error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near)
                               : nu_fmt("\"%s help\" lists the commands.", nu__program());
    nu_throw(error);
}

/* ---- the commands help and version ----------------------------------------------------------- */

static void run_help(const nu_command_call *call)
{
    const char *name = nu_argument(call, 0);
    if (name == NULL) {
        nu__help_all(nu__program());
        return;
    }
    find_own_commands();
    const nu_command *command = nu__command_find(name);
    if (command == NULL)
        nu__raise_unknown_command(name);
    nu__help_command(nu__program(), command);
}

const nu_command nu__command_help = {
    .name = "help",
    .help = "Lists the commands, or tells about one.",
    .arguments = "[COMMAND]",
    .max_arguments = 1,
    .needs = NU_NEEDS_NOTHING,
    .run = run_help,
};

static void run_version(const nu_command_call *call)
{
    (void)call;
    nu_say("%s", NU_VERSION);
}

const nu_command nu__command_version = {
    .name = "version",
    .help = "Prints the version of Nuages.",
    .needs = NU_NEEDS_NOTHING,
    .run = run_version,
};
