/* The files of migrations: one each, the list migrations.c of the app, and max_migration.txt. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "nuages/file.h"
#include "nuages/text.h"

#include "command/migrations.h"

const char *nu__shown_path(const char *path)
{
    const char *base = nu_settings_current()->base_dir;
    size_t      length = strlen(base);
    return strncmp(path, base, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static const nu__migrate_app *with_sources(const nu__migrate_app *app)
{
    if (app->folder != NULL)
        return app;
    nu_error *error = nu_error_new(
        NU_COMMAND_ERROR,
        "migrations of app \"%s\" are to be written, but its sources are not here", app->label);
    error->hint =
        "Run the command in the project's folder; an app of the library needs no migration "
        "from you.";
    nu_throw(error);
}

static const char *folder_of(const nu__migrate_app *app)
{
    return nu_path_join(with_sources(app)->folder, "migrations");
}

const char *nu__migration_path(const nu__migrate_app *app, const char *name)
{
    return nu_path_join(folder_of(app), nu_fmt("%s.c", name));
}

void nu__migration_write(const nu__draft *draft, bool replace)
{
    const nu__migrate_app *app = nu__migrate_app_get(draft->app);
    const char            *folder = folder_of(app);
    const char            *path = nu__migration_path(app, draft->name);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        nu_raise(NU_COMMAND_ERROR, "cannot make the folder \"%s\": %s", folder, strerror(errno));
    if (!replace && nu_file_exists(path)) {
        nu_error *error =
            nu_error_new(NU_COMMAND_ERROR, "\"%s\" exists already, but is not in this program",
                         nu__shown_path(path));
        error->hint = "Build the program (make) and run the command again.";
        nu_throw(error);
    }
    const char *source = nu__migration_source(draft);
    nu_file_write(path, source, strlen(source));
}

/* ---- the list -------------------------------------------------------------------------------- */

static const char *const *listed_names(const nu__migrate_app *app, nu__draft *const *drafts,
                                       size_t count, const char *removed)
{
    size_t old = 0, used = 0;
    while (app->migrations != NULL && app->migrations[old] != NULL)
        old++;
    const char **names = nu_alloc((old + count + 1) * sizeof *names);
    for (size_t i = 0; i < old; i++)
        if (removed == NULL || strcmp(app->migrations[i]->name, removed) != 0)
            names[used++] = app->migrations[i]->name;
    for (size_t i = 0; i < count; i++)
        if (strcmp(drafts[i]->app, app->label) == 0)
            names[used++] = drafts[i]->name;
    return names;
}

#define MAX_FILE "max_migration.txt"

void nu__migration_list(const nu__migrate_app *app, nu__draft *const *drafts, size_t count,
                        const char *removed)
{
    const char *const *names = listed_names(app, drafts, count, removed);
    const char        *source = nu__migration_list_source(app->label, names);
    size_t             last = 0;
    nu_file_write(nu_path_join(folder_of(app), "migrations.c"), source, strlen(source));
    while (names[last] != NULL)
        last++;
    if (!nu_settings_current()->linear_migrations || last == 0)
        return;
    const char *line = nu_fmt("%s\n", names[last - 1]);
    nu_file_write(nu_path_join(folder_of(app), MAX_FILE), line, strlen(line));
}

/* ---- the guard ------------------------------------------------------------------------------- */

static NU_NORETURN void raise_guard(const char *path, const char *fact, const char *hint)
{
    nu_error *error = nu_error_new(NU_COMMAND_ERROR, "%s %s", nu__shown_path(path), fact);
    error->detail =
        "With the setting linear_migrations it holds the name of the app's last migration, "
        "so that two branches that both add one are in conflict when they are merged.";
    error->hint = hint;
    nu_throw(error);
}

static void check_guard(const char *folder, const char *last)
{
    enum { LONGEST = 4096 };
    const char *path = nu_path_join(folder, MAX_FILE);
    nu_value    content;
    if (!nu_file_try(path, LONGEST, &content))
        raise_guard(path, "is missing", nu_fmt("Write \"%s\" into it.", last));
    const char *text = (const char *)content.bytes;
    const char *name = nu_arena_copy(nu_arena_current(), text, strcspn(text, "\r\n"));
    if (strstr(text, "<<<<<<<") != NULL)
        raise_guard(
            path, "holds a conflict of two branches",
            "Make the migration of one branch depend on the other's, renumber it, and leave "
            "its name alone in the file.");
    if (strcmp(name, last) != 0)
        raise_guard(path, nu_fmt("names \"%s\", but the last migration is \"%s\"", name, last),
                    "Is the program built? Was a migration taken away, or one put beside another?");
}

void nu__migration_check_linear(const nu__graph *graph)
{
    size_t                 count;
    const nu__migrate_app *apps = nu__migrate_apps(&count);
    for (size_t i = 0; i < count && nu_settings_current()->linear_migrations; i++) {
        const nu_migration *last = nu__graph_leaf(graph, apps[i].label);
        const char         *folder =
            apps[i].folder != NULL ? nu_path_join(apps[i].folder, "migrations") : NULL;
        if (last != NULL && folder != NULL && nu_folder_exists(folder))
            check_guard(folder, last->name);
    }
}

/* ---- on the terminal ------------------------------------------------------------------------- */

void nu__migration_show(const nu__draft *draft, bool written)
{
    nu_say("%s", nu_styled(NU_STYLE_STRONG, nu_fmt("Migration %s.%s", draft->app, draft->name)));
    for (size_t i = 0; i < draft->count; i++)
        nu_say("  %c %s", nu__operation_sign(&draft->operations[i]),
               nu__operation_text(&draft->operations[i]));
    if (written)
        nu_say("  in %s",
               nu__shown_path(nu__migration_path(nu__migrate_app_get(draft->app), draft->name)));
}

/* ---- files that are written anew ------------------------------------------------------------- */

static void check_operations(const nu_migration *migration, const nu_operation *operations)
{
    nu_check_stack();
    for (const nu_operation *o = operations; o != NULL && o->kind != NU_OPERATION_END; o++) {
        check_operations(migration, o->database);
        check_operations(migration, o->state);
        if (o->field == NULL || o->field->default_fn == NULL)
            continue;
        nu_error *error =
            nu_error_new(NU_COMMAND_ERROR,
                         "%s.%s cannot be written anew: the default of field \"%s\" is a function",
                         migration->app, migration->name, o->field->name);
        error->hint = "Change the files by hand.";
        nu_throw(error);
    }
}

void nu__migration_check_rewritable(const nu_migration *migration)
{
    check_operations(migration, migration->operations);
}
