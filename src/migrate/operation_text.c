/* What operations are called: on the terminal, and in the name of a migration's file. */
#include <string.h>

#include "migrate/internal.h"

static const char *field_text(const nu_operation *operation)
{
    const char *model = operation->model, *name = operation->name;
    switch (operation->kind) {
    case NU_OPERATION_ADD_FIELD: return nu_fmt("Add field %s to %s", name, model);
    case NU_OPERATION_REMOVE_FIELD: return nu_fmt("Remove field %s from %s", name, model);
    case NU_OPERATION_ALTER_FIELD: return nu_fmt("Alter field %s on %s", name, model);
    case NU_OPERATION_RENAME_FIELD:
        return nu_fmt("Rename field %s on %s to %s", name, model, operation->new_name);
    default: return NULL;
    }
}

static const char *index_text(const nu_operation *operation)
{
    const char *model = operation->model, *name = operation->name;
    const char *how = operation->concurrently ? "Concurrently c" : "C";
    switch (operation->kind) {
    case NU_OPERATION_ADD_INDEX: return nu_fmt("%sreate index %s on %s", how, name, model);
    case NU_OPERATION_REMOVE_INDEX:
        return nu_fmt("%semove index %s from %s", operation->concurrently ? "Concurrently r" : "R",
                      name, model);
    case NU_OPERATION_RENAME_INDEX:
        return nu_fmt("Rename index %s on %s to %s", name, model, operation->new_name);
    case NU_OPERATION_ADD_CONSTRAINT:
        return nu_fmt("Create %sconstraint %s on %s", operation->not_valid ? "not valid " : "", name,
                      model);
    case NU_OPERATION_VALIDATE_CONSTRAINT:
        return nu_fmt("Validate constraint %s on %s", name, model);
    case NU_OPERATION_REMOVE_CONSTRAINT: return nu_fmt("Remove constraint %s from %s", name, model);
    case NU_OPERATION_ALTER_CONSTRAINT: return nu_fmt("Alter constraint %s on %s", name, model);
    default: return NULL;
    }
}

const char *nu__operation_text(const nu_operation *operation)
{
    const char *model = operation->model;
    const char *reference = operation->meta.order_with_respect_to;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL:
        return nu_fmt("Create %smodel %s", operation->meta.proxy ? "proxy " : "", model);
    case NU_OPERATION_DELETE_MODEL: return nu_fmt("Delete model %s", model);
    case NU_OPERATION_RENAME_MODEL:
        return nu_fmt("Rename model %s to %s", model, operation->new_name);
    case NU_OPERATION_ALTER_OPTIONS: return nu_fmt("Change Meta options on %s", model);
    case NU_OPERATION_ALTER_TABLE:
        return nu_fmt("Rename table for %s to %s", model,
                      operation->name != NULL ? operation->name : "(default)");
    case NU_OPERATION_ALTER_TABLE_COMMENT: return nu_fmt("Alter %s table comment", model);
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER:
        return nu_fmt("Alter unique_together for %s (%zu constraint(s))", model,
                      nu__count_sets(operation->meta.unique_together));
    case NU_OPERATION_ALTER_ORDER:
        return nu_fmt("Set order_with_respect_to on %s to %s", model,
                      reference != NULL ? reference : "None");
    case NU_OPERATION_CREATE_EXTENSION: return nu_fmt("Create extension %s", operation->name);
    case NU_OPERATION_CREATE_COLLATION: return nu_fmt("Create collation %s", operation->name);
    case NU_OPERATION_REMOVE_COLLATION: return nu_fmt("Remove collation %s", operation->name);
    case NU_OPERATION_RUN_SQL: return "Run SQL";
    case NU_OPERATION_RUN_C:
        return operation->run_name != NULL ? nu_fmt("Run C: %s", operation->run_name) : "Run C";
    case NU_OPERATION_SEPARATE: return "Change database and state separately";
    case NU_OPERATION_END: return "";
    default: break;
    }
    const char *text = field_text(operation);
    return text != NULL ? text : index_text(operation);
}

const char *nu__operation_slug(const nu_operation *operation)
{
    const char *model = operation->model != NULL ? nu__lower(operation->model) : NULL;
    const char *name = operation->name != NULL ? nu__lower(operation->name) : NULL;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: return model;
    case NU_OPERATION_DELETE_MODEL: return nu_fmt("delete_%s", model);
    case NU_OPERATION_RENAME_MODEL:
        return nu_fmt("rename_%s_%s", model, nu__lower(operation->new_name));
    case NU_OPERATION_ADD_FIELD:
    case NU_OPERATION_ADD_INDEX:
    case NU_OPERATION_ADD_CONSTRAINT: return nu_fmt("%s_%s", model, name);
    case NU_OPERATION_REMOVE_FIELD:
    case NU_OPERATION_REMOVE_INDEX:
    case NU_OPERATION_REMOVE_CONSTRAINT: return nu_fmt("remove_%s_%s", model, name);
    case NU_OPERATION_ALTER_FIELD: return nu_fmt("alter_%s_%s", model, name);
    case NU_OPERATION_RENAME_FIELD:
        return nu_fmt("rename_%s_%s_%s", name, model, nu__lower(operation->new_name));
    case NU_OPERATION_RENAME_INDEX:
        return nu_fmt("rename_%s_%s", name, nu__lower(operation->new_name));
    case NU_OPERATION_ALTER_CONSTRAINT: return nu_fmt("alter_%s_%s", model, name);
    case NU_OPERATION_VALIDATE_CONSTRAINT: return nu_fmt("validate_%s_%s", model, name);
    case NU_OPERATION_CREATE_EXTENSION: return nu_fmt("create_extension_%s", name);
    case NU_OPERATION_CREATE_COLLATION: return nu_fmt("create_collation_%s", name);
    case NU_OPERATION_REMOVE_COLLATION: return nu_fmt("remove_collation_%s", name);
    case NU_OPERATION_ALTER_OPTIONS: return nu_fmt("alter_%s_options", model);
    case NU_OPERATION_ALTER_TABLE: return nu_fmt("alter_%s_table", model);
    case NU_OPERATION_ALTER_TABLE_COMMENT: return nu_fmt("alter_%s_table_comment", model);
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER: return nu_fmt("alter_%s_unique_together", model);
    case NU_OPERATION_ALTER_ORDER: return nu_fmt("alter_%s_order_with_respect_to", model);
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_SEPARATE:
    case NU_OPERATION_END: break;
    }
    return "custom";
}

char nu__operation_sign(const nu_operation *operation)
{
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL:
    case NU_OPERATION_ADD_FIELD:
    case NU_OPERATION_ADD_INDEX:
    case NU_OPERATION_CREATE_EXTENSION:
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_ADD_CONSTRAINT: return '+';
    case NU_OPERATION_DELETE_MODEL:
    case NU_OPERATION_REMOVE_FIELD:
    case NU_OPERATION_REMOVE_INDEX:
    case NU_OPERATION_REMOVE_COLLATION:
    case NU_OPERATION_REMOVE_CONSTRAINT: return '-';
    default: return '~';
    }
}
