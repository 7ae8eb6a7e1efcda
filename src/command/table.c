#include "command/internal.h"

#include <stdlib.h>
#include <string.h>

/* Of ./manage. */
static const nu_command *const site_commands[] = {
    &nu__command_check,
    &nu__command_dumpdata,
    &nu__command_help,
    &nu__command_inspectdb,
    &nu__command_loaddata,
    &nu__command_makemigrations,
    &nu__command_migrate,
    &nu__command_optimizemigration,
    &nu__command_render,
    &nu__command_runserver,
    &nu__command_sandbox,
    &nu__command_serve,
    &nu__command_showmigrations,
    &nu__command_sqlmigrate,
    &nu__command_squashmigrations,
    &nu__command_startapp,
    &nu__command_test,
    &nu__command_version,
    NULL,
};

/* Of the program `nuages`, which has no site. */
static const nu_command *const tool_commands[] = {
    &nu__command_embed,
    &nu__command_help,
    &nu__command_render_file,
    &nu__command_startapp,
    &nu__command_startproject,
    &nu__command_version,
    NULL,
};

static const nu_command *const *builtin = site_commands;

void nu__command_use_tool_table(void)
{
    builtin = tool_commands;
}

static const nu_command *find_in_app(const nu_app *app, const char *name)
{
    for (const nu_command *const *command = app->commands; command != NULL && *command != NULL;
         command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

const nu_command *nu__command_find(const char *name)
{
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++) {
        const nu_command *command = find_in_app(*app, name);
        if (command != NULL)
            return command;
    }
    for (size_t i = 0; builtin[i] != NULL; i++)
        if (strcmp(builtin[i]->name, name) == 0)
            return builtin[i];
    return NULL;
}

const char *nu__command_app(const nu_command *command)
{
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        for (size_t i = 0; (*app)->commands != NULL && (*app)->commands[i] != NULL; i++)
            if ((*app)->commands[i] == command)
                return (*app)->label;
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *nu__command_names(void)
{
    size_t count = 0;
    while (builtin[count] != NULL)
        count++;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        for (size_t i = 0; (*app)->commands != NULL && (*app)->commands[i] != NULL; i++)
            count++;
    const char **names = nu_alloc((count + 1) * sizeof *names);
    size_t       used = 0;
    for (size_t i = 0; builtin[i] != NULL; i++)
        names[used++] = builtin[i]->name;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        for (size_t i = 0; (*app)->commands != NULL && (*app)->commands[i] != NULL; i++)
            if (nu__command_find((*app)->commands[i]->name) == (*app)->commands[i])
                names[used++] = (*app)->commands[i]->name;
    qsort(names, used, sizeof *names, by_text);
    size_t kept = 0; /* an app's command may have taken the place of a built-in one */
    for (size_t i = 0; i < used; i++)
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    names[kept] = NULL;
    return names;
}
