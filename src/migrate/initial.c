/* Whether a first migration is in the database already, as when Django made the tables. */
#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

static bool has_table(const nu_list *tables, const char *table)
{
    for (uint32_t i = 0; i < tables->count; i++)
        if (strcasecmp(tables->items[i].text, table) == 0)
            return true;
    return false;
}

static bool has_column(nu_database *db, const char *table, const char *column)
{
    const nu_db_column_info *info = nu_database_backend(db)->columns(db, table);
    for (; info != NULL && info->name != NULL; info++)
        if (strcasecmp(info->name, column) == 0)
            return true;
    return false;
}

static bool has_model(nu_database *db, const nu_list *tables, const nu__state *state,
                      const nu__model *model)
{
    if (!has_table(tables, nu__model_table(model)))
        return false;
    for (size_t i = 0; i < model->count; i++) {
        const nu__model *between = nu__many_model(state, model, &model->fields[i]);
        nu__column       column;
        if (between != NULL && !has_table(tables, nu__model_table(between)))
            return false;
        if (nu__column_of(state, model, &model->fields[i], &column) &&
            !has_column(db, nu__model_table(model), column.name))
            return false;
    }
    return true;
}

bool nu__is_there_already(nu_database *db, const nu_migration *migration, const nu__state *before)
{
    const nu_list *tables = nu_database_backend(db)->tables(db);
    nu__state     *after = nu__state_copy(before);
    bool           any = false;
    if (!migration->initial)
        return false;
    for (const nu_operation *o = migration->operations; o != NULL && o->kind != NU_OPERATION_END;
         o++)
        nu__operation_apply(after, migration->app, o);
    for (const nu_operation *o = migration->operations; o != NULL && o->kind != NU_OPERATION_END;
         o++) {
        if (o->kind != NU_OPERATION_CREATE_MODEL && o->kind != NU_OPERATION_ADD_FIELD)
            continue;
        const nu__model *model = nu__state_find(after, migration->app, o->model);
        if (model == NULL || model->meta.proxy || model->meta.unmanaged)
            continue;
        if (!has_model(db, tables, after, model))
            return false;
        any = true;
    }
    return any;
}
