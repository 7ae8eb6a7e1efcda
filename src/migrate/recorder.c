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

bool *nu__recorder_applied(nu_database *db, const nu__graph *graph)
{
    bool *applied = nu_alloc((graph->count + 1) * sizeof *applied);
    if (!has_table(db))
        return applied;
    nu_list *rows = nu_sql_rows(db, "SELECT app, name FROM django_migrations");
    for (uint32_t i = 0; i < rows->count; i++) {
        const nu_dict *row = rows->items[i].dict;
        const char    *app = nu_text(nu_dict_get(row, "app"));
        const char    *name = nu_text(nu_dict_get(row, "name"));
        for (size_t m = 0; m < graph->count; m++)
            if (strcmp(graph->order[m]->app, app) == 0 && strcmp(graph->order[m]->name, name) == 0)
                applied[m] = true;
    }
    return applied;
}

bool nu__recorder_has(nu_database *db, const nu_migration *migration)
{
    return nu_sql_rows(db, "SELECT 1 AS one FROM django_migrations WHERE app = ? AND name = ?",
                       migration->app, migration->name)
               ->count > 0;
}

void nu__recorder_add(nu_database *db, const nu_migration *migration)
{
    nu_sql(db, "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)",
           migration->app, migration->name, nu_now());
}

void nu__recorder_remove(nu_database *db, const nu_migration *migration)
{
    nu_sql(db, "DELETE FROM django_migrations WHERE app = ? AND name = ?", migration->app,
           migration->name);
}
