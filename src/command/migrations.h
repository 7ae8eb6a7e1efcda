/* What the migration commands share. */
#pragma once

#include "command/internal.h"
#include "migrate/internal.h"

/* ---- migrations.c ---- */

/* The installed apps as migrate/ sees them. */
nu__migrate_app *nu__migrate_apps(size_t *count);
/* The app of that label; raises CommandError with near names. */
const nu__migrate_app *nu__migrate_app_get(const char *label);
/* Of all apps. `recorded`: see nu__graph_of. */
nu__graph   *nu__migrate_graph(const nu_dict *recorded);
/* Several ends of an app are allowed. */
nu__graph   *nu__migrate_graph_unchecked(void);
nu_database *nu__migrate_database(const nu_command_call *call);

/* ---- migration_questions.c ---- */

/* A line from the terminal without its end; NULL at the end of the input. */
char *nu__ask_line(const char *prompt);
/* Yes or no; no unless it is said. */
bool nu__ask(const char *question);
/* Of the terminal if `asks`; else nothing counts as renamed and missing values are refused. */
const nu__questions *nu__migration_questions(bool asks);

/* ---- migration_files.c ---- */

/* A path as a person at the project's folder would write it. */
const char *nu__shown_path(const char *path);
/* The file of a migration of the app. */
const char *nu__migration_path(const nu__migrate_app *app, const char *name);
/* Writes the file; raises CommandError if the app's sources are not here, or if the file is there and is
 * not to be replaced. */
void nu__migration_write(const nu__draft *draft, bool replace);
/* Writes migrations.c of the app: what the program has without `removed` (NULL: all), then the drafts of
 * this app. With the setting linear_migrations the last one's name goes into max_migration.txt. */
void nu__migration_list(const nu__migrate_app *app, nu__draft *const *drafts, size_t count,
                        const char *removed);
/* What the draft does, and where it was written. */
void nu__migration_show(const nu__draft *draft, bool written);
/* Raises CommandError with the setting linear_migrations if max_migration.txt of an app names another
 * migration than the last one: two branches added one each. */
void nu__migration_check_linear(const nu__graph *graph);
/* Raises CommandError if operations of these cannot be written anew. */
void nu__migration_check_rewritable(const nu_migration *migration);

/* ---- migration_risks.c ---- */

/* What the steps lock and rewrite; `applied` is changed. */
void nu__migration_show_risks(nu_database *db, const nu__graph *graph, bool *applied,
                              const nu__step *steps, size_t count);
