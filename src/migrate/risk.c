/* What an operation does to those who use a PostgreSQL database meanwhile: which lock it takes, whether it
 * reads or writes the whole table, and whether the program that is still running gets along with the new
 * schema. The way round is nearly always to expand first and to contract later. */
#include <string.h>

#include "migrate/internal.h"

#define RISK(what, how, ...)                                                                       \
    do {                                                                                           \
        static const nu__risk risk_ = {.effect = (what), .advice = (how), ##__VA_ARGS__};          \
        return &risk_;                                                                             \
    } while (0)

static const nu__risk *added_field(const nu__state *after, const nu__model *model,
                                   const nu_field *field)
{
    nu__column column;
    if (!nu__column_of(after, model, field, &column))
        return NULL; /* a table of its own */
    if (field->generated != NULL && !field->not_stored)
        RISK("rewrites the whole table; nobody reads or writes it meanwhile",
             "add a plain column, fill it in batches, and switch to it", .rewrites = true);
    if (column.unique)
        RISK("builds an index while nobody reads or writes the table",
             "add the field without .unique, then a unique index concurrently");
    if (!column.null && field->db_default == NULL)
        RISK("the program that still runs does not know the column, and its INSERTs fail",
             "give the field a .db_default, or let it be NULL until all programs write it");
    if (column.to_table != NULL)
        RISK("checks the reference while nobody writes the table or the one it refers to",
             "fast on a new column; set a lock time-out (migrate --lock-timeout)");
    return NULL;
}

static const nu__risk *altered_field(const nu__state *before, const nu__state *after,
                                     const nu__model *old, const nu__model *new,
                                     const nu_field *from, const nu_field *to)
{
    nu__column was, is;
    if (!nu__column_of(before, old, from, &was) || !nu__column_of(after, new, to, &is))
        return NULL;
    if (strcmp(was.name, is.name) != 0)
        RISK("the program that still runs asks for the old column and fails",
             "keep the column with .db_column, or add a new one, write both, then remove the old");
    bool wider =
        (was.type.type == NU_DB_CHAR && is.type.type == NU_DB_TEXT) ||
        (was.type.type == is.type.type && was.type.length > 0 && is.type.length >= was.type.length);
    bool same = was.type.type == is.type.type && was.type.length == is.type.length &&
                was.type.digits == is.type.digits && was.type.places == is.type.places;
    if (!same && !wider)
        RISK("rewrites the whole table and its indexes; nobody reads or writes it meanwhile",
             "add a new column, write both, fill it in batches, switch to it, remove the old",
             .rewrites = true);
    if (was.null && !is.null)
        RISK("reads the whole table while nobody else reads or writes it",
             "first NU_ADD_CONSTRAINT_NOT_VALID that it is not NULL, NU_VALIDATE_CONSTRAINT in a "
             "later "
             "migration, then this is fast");
    if (!was.unique && is.unique)
        RISK("builds an index while nobody reads or writes the table",
             "make a unique index concurrently and use it");
    if (!was.index && is.index)
        RISK("builds an index while nobody writes the table",
             "use NU_ADD_INDEX_CONCURRENTLY in a migration that says .not_atomic");
    if (was.to_table == NULL && is.to_table != NULL)
        RISK("checks all rows while nobody writes the table or the one it refers to",
             "add the constraint by NU_RUN_SQL with NOT VALID and validate it later");
    return NULL;
}

static const nu__risk *on_fields(const nu_operation *operation, const nu__state *before,
                                 const nu__state *after, const nu__model *old, const nu__model *new)
{
    switch (operation->kind) {
    case NU_OPERATION_ADD_FIELD: return added_field(after, new, operation->field);
    case NU_OPERATION_REMOVE_FIELD:
        RISK("the program that still runs asks for the column and fails",
             "deploy a program that does not use the field first");
    case NU_OPERATION_ALTER_FIELD:
        return altered_field(before, after, old, new, nu__model_field(old, operation->name),
                             operation->field);
    case NU_OPERATION_RENAME_FIELD:
        return altered_field(before, after, old, new, nu__model_field(old, operation->name),
                             nu__model_field(new, operation->new_name));
    default: return NULL;
    }
}

static const nu__risk *on_indexes(const nu_operation *operation)
{
    switch (operation->kind) {
    case NU_OPERATION_ADD_INDEX:
        if (operation->concurrently)
            return NULL;
        RISK("builds an index while nobody writes the table",
             "use NU_ADD_INDEX_CONCURRENTLY in a migration that says .not_atomic");
    case NU_OPERATION_ADD_CONSTRAINT:
        if (operation->not_valid)
            return NULL;
        RISK("checks all rows while nobody reads or writes the table",
             "use NU_ADD_CONSTRAINT_NOT_VALID and NU_VALIDATE_CONSTRAINT in a later migration; "
             "make a "
             "unique index concurrently");
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER:
        if (nu__count_sets(operation->meta.unique_together) == 0)
            return NULL;
        RISK("builds an index while nobody reads or writes the table",
             "make a unique index concurrently and use it");
    default: return NULL;
    }
}

const nu__risk *nu__operation_risk(const nu_operation *operation, const char *app,
                                   const nu__state *before, const nu__state *after)
{
    const nu__model *old =
        operation->model != NULL ? nu__state_find(before, app, operation->model) : NULL;
    const nu__model *new =
        operation->model != NULL ? nu__state_find(after, app, operation->model) : NULL;
    switch (operation->kind) {
    case NU_OPERATION_DELETE_MODEL:
        RISK("the program that still runs asks for the table and fails",
             "deploy a program that does not use the model first");
    case NU_OPERATION_RENAME_MODEL:
    case NU_OPERATION_ALTER_TABLE:
        RISK("the program that still runs asks for the old table and fails",
             "keep the table with .db_table, or stop the site for the change");
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
        RISK("runs what was written by hand; what it locks stays locked until the migration ends",
             "change many rows in batches, in a migration that says .not_atomic");
    default: break;
    }
    if (old == NULL || new == NULL || new->meta.unmanaged || new->meta.proxy)
        return NULL;
    const nu__risk *risk = on_fields(operation, before, after, old, new);
    return risk != NULL ? risk : on_indexes(operation);
}
