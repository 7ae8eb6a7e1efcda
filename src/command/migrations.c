#include "command/migrations.h"

#include <string.h>

#include "nuages/text.h"

nu__migrate_app *nu__migrate_apps(size_t *count)
{
    size_t all = 0;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        all++;
    nu__migrate_app *list = nu_alloc((all + 1) * sizeof *list);
    for (size_t i = 0; i < all; i++) {
        const nu_app *app = nu_apps()[i];
        list[i] = (nu__migrate_app){
            .label = app->label,
            .folder = nu_app_folder(app),
            .migrations = app->migrations,
        };
    }
    *count = all;
    return list;
}

const nu__migrate_app *nu__migrate_app_get(const char *label)
{
    size_t           count;
    nu__migrate_app *apps = nu__migrate_apps(&count);
    const char     **labels = nu_alloc((count + 1) * sizeof *labels);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(apps[i].label, label) == 0)
            return &apps[i];
        labels[i] = apps[i].label;
    }
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "no installed app has the label \"%s\"", label);
    const char *near = nu_nearest(label, labels);
    error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near) : NULL;
    nu_throw(error);
}

nu__graph *nu__migrate_graph(const nu_dict *recorded)
{
    size_t           count;
    nu__migrate_app *apps = nu__migrate_apps(&count);
    return nu__graph_of(apps, count, recorded);
}

nu__graph *nu__migrate_graph_unchecked(void)
{
    size_t           count;
    nu__migrate_app *apps = nu__migrate_apps(&count);
    return nu__graph_unchecked(apps, count, NULL);
}

nu_database *nu__migrate_database(const nu_command_call *call)
{
    const char *alias = nu_option(call, "database");
    if (nu_database_find(alias) == NULL && strcmp(alias, "default") == 0) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "the setting \"database\" is missing");
        error->hint = "Set s->database in configure, for example to nu_env_or(\"DATABASE_URL\", "
                      "\"sqlite:site.db\").";
        nu_throw(error);
    }
    return nu_database_get(alias);
}
