#include "helper.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

nu_database *database_in_memory(void)
{
    return nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
}

nu_database *database_on_postgres(void)
{
    const char *url = getenv("NUAGES_TEST_POSTGRES");
    if (url == NULL)
        return NULL;
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = url});
    nu_sql_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    return db;
}

static void remove_files(void *path)
{
    nu_database_close_all();
    unlink(path);
    unlink(nu_fmt("%s-wal", (const char *)path));
    unlink(nu_fmt("%s-shm", (const char *)path));
}

nu_database *database_in_file(const char **path)
{
    char *file = nu_fmt("/tmp/nuages-migrate-XXXXXX");
    int   fd = mkstemp(file);
    if (fd < 0)
        FAIL("cannot make %s", file);
    close(fd);
    nu_arena_defer(nu_arena_current(), remove_files, file);
    *path = file;
    return nu_database_add(
        NULL, &(nu_database_options){.url = nu_fmt("sqlite:%s", file), .timeout_ms = 20000});
}

const nu_migration *migration_of(const char *app, const char *name, const nu_operation *operations,
                                 const nu_dependency *depends)
{
    size_t count = 0;
    while (depends[count].app != NULL)
        count++;
    nu_dependency *kept = nu_alloc((count + 1) * sizeof *kept);
    for (size_t i = 0; i < count; i++)
        kept[i] = depends[i];
    nu_migration *migration = nu_alloc(sizeof *migration);
    *migration =
        (nu_migration){.app = app, .name = name, .operations = operations, .depends = kept};
    return migration;
}

nu__graph *graph_of(const nu_migration *const *migrations)
{
    size_t count = 0, apps = 0;
    while (migrations[count] != NULL)
        count++;
    nu__migrate_app *list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < apps && strcmp(list[at].label, migrations[i]->app) != 0)
            at++;
        if (at < apps)
            continue;
        const nu_migration **own = nu_alloc((count + 1) * sizeof *own);
        for (size_t n = 0, used = 0; n < count; n++)
            if (strcmp(migrations[n]->app, migrations[i]->app) == 0)
                own[used++] = migrations[n];
        list[apps++] = (nu__migrate_app){.label = migrations[i]->app, .migrations = own};
    }
    return nu__graph_new(list, apps);
}

void migrate(nu_database *db, const nu__graph *graph, const char *app, const char *target)
{
    bool     *applied = nu__recorder_applied(db, graph);
    size_t    count;
    nu__step *steps = nu__plan(graph, applied, app, target, &count);
    nu__execute(db, graph, applied, steps, count, &(nu__run_options){.fake = false});
}

const char *schema_of(nu_database *db)
{
    nu_list *rows =
        nu_sql_rows(db, "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' "
                        "AND sql IS NOT NULL ORDER BY type DESC, name");
    nu_builder text;
    nu_builder_init(&text, NULL, 256);
    for (uint32_t i = 0; i < rows->count; i++)
        nu_builder_printf(&text, "%s\n", nu_text(nu_dict_get(rows->items[i].dict, "sql")));
    return nu_builder_text(&text);
}

const char *values_of(nu_database *db, const char *sql)
{
    nu_list   *rows = nu_sql_rows(db, sql);
    nu_builder text;
    nu_builder_init(&text, NULL, 64);
    for (uint32_t i = 0; i < rows->count; i++) {
        nu_entry *first = nu_dict_next(rows->items[i].dict, NULL);
        nu_builder_printf(&text, "%s%s", i > 0 ? " " : "",
                          nu_is_null(first->value) ? "NULL" : nu_text(first->value));
    }
    return nu_builder_text(&text);
}

nu__state *state_after(const nu_operation *operations)
{
    nu__state *state = nu__state_new();
    for (; operations->kind != NU_OPERATION_END; operations++)
        nu__operation_apply(state, "shop", operations);
    return state;
}

nu_database *empty_database_on(bool postgres)
{
    if (!postgres)
        return database_in_memory();
    if (getenv("NUAGES_TEST_POSTGRES") == NULL)
        return NULL;
    nu_database *db =
        nu_database_add(NULL, &(nu_database_options){.url = getenv("NUAGES_TEST_POSTGRES")});
    nu_sql_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    return db;
}

const char *make_tables(nu_database *db, const char *app, const nu_model *const *models)
{
    const nu__questions   none = {.interactive = false};
    const nu__migrate_app apps[] = {{.label = app}};
    size_t                count;
    nu_models_clear();
    nu_models_add(app, models);
    nu_models_ready();
    nu__draft          **drafts = nu__diff(nu__state_new(), nu__state_of_models(apps, 1),
                                           nu__graph_new(apps, 1), &none, NULL, &count);
    const nu_migration **list = nu_alloc((count + 1) * sizeof *list);
    nu_builder           text;
    nu_builder_init(&text, NULL, 1024);
    for (size_t i = 0; i < count; i++) {
        nu_dependency *depends = nu_alloc((drafts[i]->depend_count + 1) * sizeof *depends);
        for (size_t n = 0; n < drafts[i]->depend_count; n++)
            depends[n] = drafts[i]->depends[n];
        list[i] = migration_of(drafts[i]->app, drafts[i]->name, drafts[i]->operations, depends);
        nu_builder_puts(&text, nu__migration_source(drafts[i]));
    }
    migrate(db, graph_of(list), NULL, NULL);
    return nu_builder_text(&text);
}
