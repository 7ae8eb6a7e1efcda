#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/database.h"
#include "nuages/file.h"

#include "command/internal.h"
#include "web/internal.h"

static const char  *program = "manage";
static const char  *program_path;
static char *const *program_arguments;
static void (*site_configure)(nu_settings *settings);

const char *nu__program(void)
{
    return program;
}

char *const *nu__program_arguments(void)
{
    return program_arguments;
}

const char *nu__program_path(void)
{
    return program_path;
}

void nu__prepare_site(void)
{
    if (site_configure == NULL) /* `nuages` has no site */
        return;
    nu__site_configure(site_configure);
    nu__site_setup();
}

/* ---- running one command --------------------------------------------------------------------- */

struct run {
    const char        *name;
    const char *const *arguments;
    void (*configure)(nu_settings *settings); /* NULL: the site is set up already */
    int status;
};

static void prepare(const struct run *run, nu_command_needs needs)
{
    if (run->configure == NULL || needs == NU_NEEDS_NOTHING) /* NULL: `nuages`, or set up already */
        return;
    nu__site_configure(run->configure);
    if (needs == NU_NEEDS_SITE)
        nu__site_setup();
}

/* Commands of apps are known once the settings are, so a name that is not built in needs them. */
static const nu_command *find_command(const struct run *run)
{
    const nu_command *command = nu__command_find(run->name);
    if (command != NULL) {
        prepare(run, command->needs);
        return nu__command_find(run->name); /* an app may have one of that name, which wins */
    }
    prepare(run, NU_NEEDS_SITE);
    command = nu__command_find(run->name);
    if (command == NULL)
        nu__raise_unknown_command(run->name);
    return command;
}

static void run_command(struct run *run)
{
    const nu_command *command = find_command(run);
    nu_command_call   call = nu__command_parse(command, run->arguments);
    if (nu_option_flag(&call, "help")) {
        nu__help_command(program, command);
        return;
    }
    call.status = &run->status;
    command->run(&call);
}

int nu_call_command(const char *name, const char *const *arguments)
{
    struct run run = {.name = name, .arguments = arguments};
    run_command(&run);
    return run.status;
}

void nu_command_exit(const nu_command_call *call, int status)
{
    *call->status = status;
}

/* ---- errors on a terminal -------------------------------------------------------------------- */

static void complain_place(const nu_place *place)
{
    if (place->file == NULL)
        return;
    const char *line = place->line > 0 ? nu_fmt(":%d", place->line) : "";
    const char *column = place->line > 0 && place->column > 0 ? nu_fmt(":%d", place->column) : "";
    nu_complain("  in %s%s%s", place->file, line, column);
    if (place->excerpt != NULL)
        nu_complain("     %s", place->excerpt);
}

static void complain(const nu_error *error)
{
    nu_complain("%s %s", nu_styled(NU_STYLE_BAD, "error:"), error->fact);
    complain_place(&error->place);
    if (error->detail != NULL)
        nu_complain("  %s", error->detail);
    if (error->hint != NULL)
        nu_complain("  %s %s", nu_styled(NU_STYLE_STRONG, "hint:"), error->hint);
    for (const nu_error *cause = error->cause; cause != NULL; cause = cause->cause)
        if (strstr(error->fact, cause->fact) ==
            NULL) /* said already where the error was told anew */
            nu_complain("  because: %s", cause->fact);
    /* A mistake of the caller needs no stack; anything else is a bug that somebody has to find. */
    bool is_mistake =
        nu_error_is(error, NU_COMMAND_ERROR) || nu_error_is(error, NU_CONFIG_ERROR) ||
        nu_error_is(error, NU_OPERATIONAL_ERROR) || nu_error_is(error, NU_SYSTEM_ERROR) ||
        nu_error_is(error, NU_SYNTAX_ERROR) || nu_error_is(error, NU_TEMPLATE_SYNTAX) ||
        nu_error_is(error, NU_TEMPLATE_MISSING) || nu_error_is(error, NU_NO_REVERSE_MATCH);
    if (!is_mistake || getenv("NU_TRACE") != NULL)
        nu_complain("\n%s", nu_error_text(error, true));
}

int nu_main(int argc, char **argv, void (*configure)(nu_settings *settings))
{
    program = argv[0];
    program_path = nu_path_join(nu__program_folder(),
                                strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0]);
    program_arguments = argv;
    site_configure = configure;
    struct run run = {
        .name = argc > 1 ? argv[1] : "help",
        .arguments = (const char *const *)(argc > 1 ? argv + 2 : argv + argc),
        .configure = configure,
    };
    if (strcmp(run.name, "--help") == 0 || strcmp(run.name, "-h") == 0)
        run.name = "help";
    if (strcmp(run.name, "--version") == 0)
        run.name = "version";
    NU_TRY {
        run_command(&run);
    }
    NU_CATCH (error) {
        complain(error);
        run.status = nu_error_is(error, NU__USAGE) ? 2 : 1;
    }
    nu_database_close_all();
    return run.status;
}

int nu__tool_main(int argc, char **argv)
{
    nu__command_use_tool_table();
    return nu_main(argc, argv, NULL);
}
