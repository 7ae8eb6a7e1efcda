/* Operations as SQL, forwards and backwards. The statements and their order are those of Django's schema
 * editor, but for what schema.h says of each file. */
#include "migrate/schema.h"

#include <string.h>

/* ---- running or gathering -------------------------------------------------------------------- */

void nu__schema_begin(nu__schema *schema, nu_database *database, bool collect)
{
    *schema = (nu__schema){
        .database = database,
        .backend = nu_database_backend(database),
        .collect = collect ? nu_list_new() : NULL,
        .deferred = nu_list_new(),
    };
}

void nu__schema_run(nu__schema *schema, nu_builder *sql)
{
    const char *text = nu_builder_text(sql);
    if (schema->collect != NULL) {
        nu_list_add(schema->collect, text);
    } else {
        schema->statement = text;
        nu_sql_script(schema->database, text);
    }
}

void nu__schema_defer(nu__schema *schema, nu_builder *sql)
{
    nu_list_add(schema->deferred, nu_builder_text(sql));
}

void nu__schema_end(nu__schema *schema)
{
    for (uint32_t i = 0; i < schema->deferred->count; i++) {
        nu_builder sql = nu__ddl(schema->deferred->items[i].text);
        nu__schema_run(schema, &sql);
    }
    schema->deferred = nu_list_new();
}

bool nu__schema_in_place(const nu__schema *schema)
{
    return schema->backend->alter_column;
}

nu_builder nu__ddl(const char *text)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 256);
    nu_builder_puts(&sql, text);
    return sql;
}

nu_builder nu__ddl_alter(const nu__schema *schema, const char *table)
{
    nu_builder sql = nu__ddl("ALTER TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_putc(&sql, ' ');
    return sql;
}

void nu__ddl_quote(const nu__schema *schema, nu_builder *sql, const char *name)
{
    schema->backend->quote(sql, name);
}

void nu__ddl_literal(const nu__schema *schema, nu_builder *sql, nu_value value)
{
    schema->backend->literal(sql, value);
}

void nu__ddl_columns(const nu__schema *schema, nu_builder *sql, const char *const *columns)
{
    for (size_t i = 0; columns[i] != NULL; i++) {
        nu_builder_puts(sql, i > 0 ? ", " : "");
        bool down = columns[i][0] == '-';
        schema->backend->quote(sql, columns[i] + down);
        nu_builder_puts(sql, down ? " DESC" : "");
    }
}

/* ---- operations ------------------------------------------------------------------------------ */

/* The name under which the model is known after the operation. */
static const char *name_after(const nu_operation *operation)
{
    return operation->kind == NU_OPERATION_RENAME_MODEL ? operation->new_name : operation->model;
}

/* A column "_order" appears or goes; rows that are there get 0. */
static void alter_order(nu__schema *schema, const nu__change *change)
{
    const nu_field *was = nu__model_field(change->old, "_order");
    const nu_field *is = nu__model_field(change->new, "_order");
    if (was == NULL && is != NULL)
        nu__schema_add_field(schema, change, is, nu_value_int(0));
    else if (was != NULL && is == NULL)
        nu__schema_remove_field(schema, change, was);
}

/* From `old` to `new`, whichever way round the operation is taken: what it says is in the models. */
static void change_model(nu__schema *schema, const nu__change *change,
                         const nu_operation *operation, bool undo)
{
    const nu_meta *old = &change->old->meta, *new = &change->new->meta;
    switch (operation->kind) {
    case NU_OPERATION_RENAME_MODEL:
    case NU_OPERATION_ALTER_TABLE: nu__schema_rename_model(schema, change); return;
    case NU_OPERATION_ALTER_TABLE_COMMENT:
        nu__schema_comment_table(schema, nu__model_table(change->new), new->db_comment);
        return;
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER: nu__schema_alter_together(schema, change); return;
    case NU_OPERATION_ALTER_ORDER: alter_order(schema, change); return;
    case NU_OPERATION_RENAME_INDEX:
        nu__schema_rename_index(schema, change, undo ? operation->new_name : operation->name,
                                undo ? operation->name : operation->new_name);
        return;
    case NU_OPERATION_ADD_INDEX:
    case NU_OPERATION_REMOVE_INDEX:
        if ((operation->kind == NU_OPERATION_ADD_INDEX) != undo)
            nu__schema_add_index(schema, change, nu__meta_index(new, operation->name),
                                 operation->concurrently);
        else
            nu__schema_drop_index(schema, operation->name, operation->concurrently);
        return;
    case NU_OPERATION_ADD_CONSTRAINT:
    case NU_OPERATION_REMOVE_CONSTRAINT:
        if ((operation->kind == NU_OPERATION_ADD_CONSTRAINT) != undo)
            nu__schema_add_constraint(schema, change, nu__meta_constraint(new, operation->name),
                                      operation->not_valid);
        else
            nu__schema_remove_constraint(schema, change,
                                         nu__meta_constraint(old, operation->name));
        return;
    case NU_OPERATION_VALIDATE_CONSTRAINT:
        if (!undo)
            nu__schema_validate_constraint(schema, change, operation->name);
        return;
    default: return; /* options that the database does not see */
    }
}

/* Statements that wait name tables and columns as they are now. */
static bool only_adds(const nu_operation *operation, bool undo)
{
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL:
    case NU_OPERATION_ADD_FIELD:
    case NU_OPERATION_ADD_INDEX:
    case NU_OPERATION_ADD_CONSTRAINT: return !undo;
    case NU_OPERATION_DELETE_MODEL:
    case NU_OPERATION_REMOVE_FIELD:
    case NU_OPERATION_REMOVE_INDEX:
    case NU_OPERATION_REMOVE_CONSTRAINT: return undo;
    case NU_OPERATION_ALTER_OPTIONS:
    case NU_OPERATION_ALTER_CONSTRAINT:
    case NU_OPERATION_CREATE_EXTENSION:
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C: return true;
    default: return false;
    }
}

static bool find_change(const char *app, const nu_operation *operation, bool undo,
                        nu__change *change)
{
    if (operation->model == NULL)
        return true;
    change->old = nu__state_find(change->before, app, undo ? name_after(operation) : operation->model);
    change->new = nu__state_find(change->after, app, undo ? operation->model : name_after(operation));
    for (int i = 0; i < 2; i++) {
        const nu__model *model = i == 0 ? change->old : change->new;
        if (model != NULL && (model->meta.unmanaged || model->meta.proxy))
            return false;
    }
    return true;
}

void nu__schema_apply(nu__schema *schema, const char *app, const nu_operation *operation,
                      const nu__state *before, const nu__state *after)
{
    nu__change change = {.before = before, .after = after};
    nu_check_stack();
    if (!find_change(app, operation, false, &change))
        return;
    if (operation->kind == NU_OPERATION_ALTER_FIELD) /* before anything is run */
        nu__schema_check_alteration(&change, nu__model_field(change.old, operation->name),
                                    operation->field);
    if (!only_adds(operation, false))
        nu__schema_end(schema);
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: nu__schema_create_model(schema, after, change.new); return;
    case NU_OPERATION_DELETE_MODEL: nu__schema_delete_model(schema, before, change.old); return;
    case NU_OPERATION_ADD_FIELD:
        nu__schema_add_field(schema, &change, operation->field,
                             nu__effective_default(operation->field));
        return;
    case NU_OPERATION_REMOVE_FIELD:
        nu__schema_remove_field(schema, &change, nu__model_field(change.old, operation->name));
        return;
    case NU_OPERATION_ALTER_FIELD:
        nu__schema_alter_field(schema, &change, nu__model_field(change.old, operation->name),
                               operation->field);
        return;
    case NU_OPERATION_RENAME_FIELD:
        nu__schema_alter_field(schema, &change, nu__model_field(change.old, operation->name),
                               nu__model_field(change.new, operation->new_name));
        return;
    case NU_OPERATION_CREATE_EXTENSION:
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_REMOVE_COLLATION:
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_SEPARATE:
        nu__schema_by_hand(schema, app, operation, before, false);
        return;
    case NU_OPERATION_END: return;
    default: change_model(schema, &change, operation, false); return;
    }
}

/* Undoing goes from `after` back to `before`: the mirror of each case above. */
void nu__schema_undo(nu__schema *schema, const char *app, const nu_operation *operation,
                     const nu__state *before, const nu__state *after)
{
    nu__change      change = {.before = after, .after = before};
    const nu_field *field;
    nu_check_stack();
    if (!find_change(app, operation, true, &change))
        return;
    if (!only_adds(operation, true))
        nu__schema_end(schema);
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: nu__schema_delete_model(schema, after, change.old); return;
    case NU_OPERATION_DELETE_MODEL: nu__schema_create_model(schema, before, change.new); return;
    case NU_OPERATION_ADD_FIELD:
        nu__schema_remove_field(schema, &change, nu__model_field(change.old, operation->name));
        return;
    case NU_OPERATION_REMOVE_FIELD:
        field = nu__model_field(change.new, operation->name);
        nu__schema_add_field(schema, &change, field, nu__effective_default(field));
        return;
    case NU_OPERATION_ALTER_FIELD:
        nu__schema_alter_field(schema, &change, nu__model_field(change.old, operation->name),
                               nu__model_field(change.new, operation->name));
        return;
    case NU_OPERATION_RENAME_FIELD:
        nu__schema_alter_field(schema, &change, nu__model_field(change.old, operation->new_name),
                               nu__model_field(change.new, operation->name));
        return;
    case NU_OPERATION_CREATE_EXTENSION:
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_REMOVE_COLLATION:
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_SEPARATE:
        nu__schema_by_hand(schema, app, operation, before, true);
        return;
    case NU_OPERATION_END: return;
    default: change_model(schema, &change, operation, true); return;
    }
}
