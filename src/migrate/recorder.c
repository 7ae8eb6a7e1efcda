/* Django's table of applied migrations. */
#include <string.h>

#include "migrate/internal.h"

static bool has_table(nu_database *db)
{
    return nu_database_backend(db)->columns(db, "django_migrations") != NULL;
}

/* In a transaction, so that of two processes that start at once one finds the other's table. */
static void make_table(nu_database *db)
{
    if (has_table(db))
        return;
    nu__state *state = nu__state_new();
    nu__model *model = nu_alloc(sizeof *model);
    *model =
        (nu__model){.app = "migrations", .name = "Migration", .meta.db_table = "django_migrations"};
    static const nu_field fields[] = {
        NU_COLUMN("id", big_auto, .primary_key = true),
        NU_COLUMN("app", char, .max_length = 255),
        NU_COLUMN("name", char, .max_length = 255),
        NU_COLUMN("applied", datetime),
    };
    for (size_t i = 0; i < NU_COUNT(fields); i++)
        nu__model_add_field(model, &fields[i]);
    nu__schema schema;
    nu__schema_begin(&schema, db, false);
    nu__state_add(state, model);
    nu__schema_apply(&schema, "migrations", &(nu_operation)NU_CREATE_MODEL("Migration", NULL),
                     nu__state_new(), state);
    nu__schema_end(&schema);
}

void nu__recorder_ensure(nu_database *db)
{
    if (has_table(db))
        return;
    NU_ATOMIC_ON(nu_database_alias(db))
    {
        make_table(db);
    }
}

static const char *key_of(const char *app, const char *name)
{
    return nu_fmt("%s.%s", app, name);
}

nu_dict *nu__recorder_all(nu_database *db)
{
    nu_dict *all = nu_dict_new();
    if (!has_table(db))
        return all;
    nu_list *rows = nu_sql_rows(db, "SELECT app, name FROM django_migrations");
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        nu_dict_set(
            all, key_of(nu_text(nu_dict_get(row, "app")), nu_text(nu_dict_get(row, "name"))), true);
    }
    return all;
}

static bool is_recorded(const nu_dict *all, const nu_migration *migration)
{
    if (nu_dict_find(all, key_of(migration->app, migration->name)) != NULL)
        return true;
    const nu_dependency *replaced = migration->replaces;
    if (replaced == NULL || replaced->app == NULL)
        return false;
    for (; replaced->app != NULL; replaced++)
        if (nu_dict_find(all, key_of(replaced->app, replaced->name)) == NULL)
            return false;
    return true;
}

bool *nu__recorder_applied(nu_database *db, const nu__graph *graph)
{
    bool    *applied = nu_alloc((graph->count + 1) * sizeof *applied);
    nu_dict *all = nu__recorder_all(db);
    for (size_t m = 0; m < graph->count; m++)
        applied[m] = is_recorded(all, graph->order[m]);
    return applied;
}

bool nu__recorder_has(nu_database *db, const nu_migration *migration)
{
    return is_recorded(nu__recorder_all(db), migration);
}

static void add(nu_database *db, const char *app, const char *name)
{
    nu_sql(db, "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", app, name,
           nu_now());
}

void nu__recorder_forget(nu_database *db, const char *app, const char *name)
{
    nu_sql(db, "DELETE FROM django_migrations WHERE app = ? AND name = ?", app, name);
}

/* Those that it replaces count as applied too, so that it can be taken away again. */
void nu__recorder_add(nu_database *db, const nu_migration *migration)
{
    const nu_dict *all = nu__recorder_all(db);
    for (const nu_dependency *r = migration->replaces; r != NULL && r->app != NULL; r++)
        if (nu_dict_find(all, key_of(r->app, r->name)) == NULL)
            add(db, r->app, r->name);
    if (nu_dict_find(all, key_of(migration->app, migration->name)) == NULL)
        add(db, migration->app, migration->name);
}

void nu__recorder_remove(nu_database *db, const nu_migration *migration)
{
    for (const nu_dependency *r = migration->replaces; r != NULL && r->app != NULL; r++)
        nu__recorder_forget(db, r->app, r->name);
    nu__recorder_forget(db, migration->app, migration->name);
}

void nu__recorder_add_squashed(nu_database *db, const nu__graph *graph)
{
    const nu_dict *all = nu__recorder_all(db);
    for (size_t i = 0; i < graph->count; i++) {
        const nu_migration *migration = graph->order[i];
        if (is_recorded(all, migration) &&
            nu_dict_find(all, key_of(migration->app, migration->name)) == NULL)
            add(db, migration->app, migration->name);
    }
}
