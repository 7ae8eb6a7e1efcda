/* Databases for cases: made by our own migrations, filled by loaddata. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/auth.h"
#include "nuages/file.h"
#include "nuages/text.h"

#include "command/internal.h"
#include "migrate/internal.h"

#include "orm.h"
#include "orm/models/models.h"

/* ---- models and tables ------------------------------------------------------------------------ */

static size_t register_models(nu__migrate_app *apps)
{
    size_t                       count = 0;
    static const nu_auth_options auth = {.iterations = 260000}; /* as the cases' users have them */
    nu_auth_configure(&auth);
    if (nu_model_find("contenttypes.ContentType") == NULL) {
        for (size_t i = 0; orm_apps[i] != NULL; i++)
            nu_models_add(orm_apps[i]->label, orm_apps[i]->models);
        nu_models_ready();
    }
    for (; orm_apps[count] != NULL; count++)
        apps[count] = (nu__migrate_app){.label = orm_apps[count]->label};
    return count;
}

static const nu_migration *migration_from(const nu__draft *draft)
{
    nu_operation  *operations = nu_alloc((draft->count + 1) * sizeof *operations);
    nu_dependency *depends = nu_alloc((draft->depend_count + 1) * sizeof *depends);
    for (size_t i = 0; i < draft->count; i++)
        operations[i] = draft->operations[i];
    for (size_t i = 0; i < draft->depend_count; i++)
        depends[i] = draft->depends[i];
    nu_migration *migration = nu_alloc(sizeof *migration);
    *migration = (nu_migration){.app = draft->app,
                                .name = draft->name,
                                .initial = draft->initial,
                                .depends = depends,
                                .operations = operations};
    return migration;
}

/* The apps with the migrations that lead to their models. */
static nu__graph *found_migrations(nu__migrate_app *apps, size_t app_count)
{
    size_t              count;
    const nu__questions none = {.interactive = false};
    nu__draft         **drafts = nu__diff(nu__state_new(), nu__state_of_models(apps, app_count),
                                          nu__graph_new(apps, app_count), &none, NULL, &count);
    for (size_t i = 0; i < app_count; i++) {
        const nu_migration **own = nu_alloc((count + 1) * sizeof *own);
        size_t               used = 0;
        for (size_t j = 0; j < count; j++)
            if (strcmp(drafts[j]->app, apps[i].label) == 0)
                own[used++] = migration_from(drafts[j]);
        apps[i].migrations = own;
    }
    return nu__graph_new(apps, app_count);
}

static void make_tables(void)
{
    nu__migrate_app apps[16] = {{0}};
    size_t          count = register_models(apps), step_count;
    nu__graph      *graph = found_migrations(apps, count);
    nu_database    *db = nu_database_get(NULL);
    bool           *applied = nu__recorder_applied(db, graph);
    nu__step       *steps = nu__plan(graph, applied, NULL, NULL, &step_count);
    nu__execute(db, graph, applied, steps, step_count, &(nu__run_options){.fake = false});
}

/* ---- rows -------------------------------------------------------------------------------------- */

static void load_rows(const char *folder)
{
    nu_dict        *options = nu_dict_of("database", "default");
    int             status = 0;
    nu_command_call call = {.command = &nu__command_loaddata,
                            .arguments = NU_STRS(nu_path_join(folder, "data.json")),
                            .count = 1,
                            .options = options,
                            .status = &status};
    nu__command_loaddata.run(&call);
}

/* ---- places ------------------------------------------------------------------------------------ */

static orm_database *described(const char *url)
{
    orm_database *database = nu_alloc(sizeof *database);
    *database = (orm_database){.url = url, .vendor = "postgresql"};
    if (strncmp(url, "sqlite:", 7) != 0)
        return database;
    database->vendor = "sqlite";
    database->path = url + 7;
    if (strcmp(database->path, ":memory:") == 0) { /* children have to find it again */
        char *path = nu_fmt("/dev/shm/nuages-orm-XXXXXX");
        int   fd = mkstemp(path);
        if (fd < 0)
            nu_raise(NU_SYSTEM_ERROR, "cannot make %s: %s", path, strerror(errno));
        close(fd);
        database->path = path;
        database->url = nu_fmt("sqlite:%s", path);
    }
    return database;
}

void orm_database_at(const char *url)
{
    nu_database_add(NULL, &(nu_database_options){.url = url, .timeout_ms = 20000});
}

orm_database *orm_database_make(const char *url)
{
    orm_database *database = described(url);
    orm_database_at(database->url);
    make_tables();
    return database;
}

orm_database *orm_database_load(const char *url, const char *folder)
{
    orm_database *database = orm_database_make(url);
    load_rows(folder);
    return database;
}

/* ---- taking away ------------------------------------------------------------------------------- */

void orm_database_remove_files(const char *path)
{
    unlink(path);
    unlink(nu_fmt("%s-wal", path));
    unlink(nu_fmt("%s-shm", path));
}

void orm_database_remove(orm_database *database)
{
    orm_copy_drop(database);
    nu_database_close_all();
    if (database->path != NULL && nu_starts_with(database->path, "/dev/shm/nuages-orm-"))
        orm_database_remove_files(database->path);
}

/* ---- figures ------------------------------------------------------------------------------------ */

nu_dict *orm_row_counts(void)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 4096);
    const char *separator = "";
    for (const nu_model *const *model = nu_models(); *model != NULL; model++) {
        if ((*model)->proxy_of != NULL)
            continue;
        const char *table = nu_model_table(*model);
        nu_builder_printf(&sql, "%sSELECT '%s' AS name, COUNT(*) AS n FROM \"%s\"", separator,
                          table, table);
        separator = " UNION ALL ";
    }
    nu_list *rows = nu_sql_rows(nu_database_get(NULL), nu_builder_text(&sql));
    nu_dict *counts = nu_dict_new();
    for (uint32_t i = 0; i < rows->count; i++)
        nu_dict_put(counts, nu_dict_get(rows->items[i].dict, "name"),
                    nu_dict_get(rows->items[i].dict, "n"));
    return counts;
}
