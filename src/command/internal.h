/* What the files of command/ share. */
#pragma once

#include "nuages/app.h"
#include "nuages/command.h"
#include "nuages/settings.h"

/* ---- table.c: the built-in commands and those of the apps ------------------------------------ */

/* NULL if there is none. Apps win over the built-in ones, earlier apps over later ones. */
const nu_command *nu__command_find(const char *name);
/* From now on the commands of the program `nuages`, not those of ./manage. */
void nu__command_use_tool_table(void);
/* All names, sorted, NULL-ended. */
const char *const *nu__command_names(void);
/* The label of the app that a command comes from; NULL for a built-in one. */
const char *nu__command_app(const nu_command *command);

/* ---- options.c ------------------------------------------------------------------------------- */

/* Reads the arguments behind the command's name. Wrong usage raises UsageError. */
nu_command_call nu__command_parse(const nu_command *command, const char *const *arguments);
/* Options that every command has. */
extern const nu_option_def nu__common_options[];

extern const nu_kind nu__kind_usage;
#define NU__USAGE (&nu__kind_usage)

/* ---- help.c ---------------------------------------------------------------------------------- */

void nu__help_all(const char *program);
void nu__help_command(const char *program, const nu_command *command);
/* "unknown command …", with near names. */
NU_NORETURN void nu__raise_unknown_command(const char *name);

/* ---- main.c ---------------------------------------------------------------------------------- */

/* The program as it was called: "./manage". */
const char *nu__program(void);
/* The program's file as an absolute path, even after a build has replaced it. */
const char *nu__program_path(void);
/* Sets up the site that nu_main was given, for a command that does not need it beforehand. */
void nu__prepare_site(void);
/* Its arguments as given to main, NULL-ended. */
char *const *nu__program_arguments(void);

/* The main program of `nuages`. */
int nu__tool_main(int argc, char **argv);

/* ---- the built-in commands, one file each ---------------------------------------------------- */

extern const nu_command nu__command_help, nu__command_version, nu__command_check,
    nu__command_runserver, nu__command_serve, nu__command_test, nu__command_startapp,
    nu__command_makemigrations, nu__command_migrate, nu__command_showmigrations,
    nu__command_sqlmigrate, nu__command_squashmigrations, nu__command_optimizemigration,
    nu__command_loaddata, nu__command_inspectdb, nu__command_dumpdata,
    nu__command_startproject, nu__command_render,
    nu__command_render_file, nu__command_embed, nu__command_sandbox;
