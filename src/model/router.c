#include "nuages/router.h"

#include "model/internal.h"

static const nu_router *const *routers;

void nu_routers_set(const nu_router *const *list)
{
    routers = list;
}

bool nu__has_routers(void)
{
    return routers != NULL;
}

/* ---- which database ------------------------------------------------------------------------- */

static nu_database *own_database(const nu_model *model, const nu_row *row)
{
    if (row != NULL && row->state != NULL && row->state->database != NULL)
        return row->state->database;
    return nu_database_get(model->database);
}

nu_database *nu_database_for_read(const nu_model *model, const nu_row *row)
{
    for (const nu_router *const *at = routers; at != NULL && *at != NULL; at++) {
        const char *alias = (*at)->db_for_read != NULL ? (*at)->db_for_read(model, row) : NULL;
        if (alias != NULL)
            return nu_database_get(alias);
    }
    return own_database(model, row);
}

nu_database *nu_database_for_write(const nu_model *model, const nu_row *row)
{
    for (const nu_router *const *at = routers; at != NULL && *at != NULL; at++) {
        const char *alias = (*at)->db_for_write != NULL ? (*at)->db_for_write(model, row) : NULL;
        if (alias != NULL)
            return nu_database_get(alias);
    }
    return own_database(model, row);
}

bool nu__goes_with(const nu_row *row, const nu_row *other)
{
    if (routers == NULL && row->state->database == other->state->database)
        return true;
    const nu_model *model = nu_row_model(other);
    return nu_database_for_write(model, row) == nu_database_for_write(model, other);
}

/* ---- what is allowed ------------------------------------------------------------------------ */

bool nu_allows_relation(const nu_row *from, const nu_row *to)
{
    for (const nu_router *const *at = routers; at != NULL && *at != NULL; at++) {
        nu_opinion opinion =
            (*at)->allow_relation != NULL ? (*at)->allow_relation(from, to) : NU_NO_OPINION;
        if (opinion != NU_NO_OPINION)
            return opinion == NU_ALLOW;
    }
    return from->state->database == to->state->database;
}

bool nu_allows_migrate(const char *alias, const char *app, const char *model)
{
    for (const nu_router *const *at = routers; at != NULL && *at != NULL; at++) {
        nu_opinion opinion =
            (*at)->allow_migrate != NULL ? (*at)->allow_migrate(alias, app, model) : NU_NO_OPINION;
        if (opinion != NU_NO_OPINION)
            return opinion == NU_ALLOW;
    }
    return true;
}

/* A row that was in no database yet may refer to any. */
void nu__check_relation(const nu_row *from, const nu_row *to, const char *name)
{
    if (from->state == NULL || to->state == NULL || from->state->database == to->state->database ||
        from->state->database == NULL || to->state->database == NULL)
        return;
    if (nu_allows_relation(from, to))
        return;
    nu_error *error = nu_error_new(
        NU_VALUE_ERROR, "\"%s\" of a row in database \"%s\" cannot hold one of database \"%s\"",
        name, nu_database_alias(from->state->database), nu_database_alias(to->state->database));
    error->hint = "Read both from one database, or allow it in a router's allow_relation.";
    nu_throw(error);
}
