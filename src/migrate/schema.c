/* From operations to SQL, for databases of any kind; what SQLite cannot change in place is in
 * remake.c. The statements and their order are those of Django's schema editor. */
#include "migrate/schema.h"

#include <string.h>
#include <strings.h>

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
    if (schema->collect != NULL)
        nu_list_add(schema->collect, text);
    else
        nu_sql(schema->database, text);
}

void nu__schema_run_with(nu__schema *schema, nu_builder *sql, nu_value param)
{
    if (schema->collect != NULL)
        nu__schema_run(schema, sql);
    else
        nu_sql(schema->database, nu_builder_text(sql), param);
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

nu_builder nu__ddl(const char *text)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 256);
    nu_builder_puts(&sql, text);
    return sql;
}

void nu__ddl_quote(const nu__schema *schema, nu_builder *sql, const char *name)
{
    schema->backend->quote(sql, name);
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

/* ---- columns --------------------------------------------------------------------------------- */

void nu__ddl_column(const nu__schema *schema, nu_builder *sql, const nu__column *column)
{
    const nu_db_backend *backend = schema->backend;
    backend->quote(sql, column->name);
    nu_builder_putc(sql, ' ');
    backend->column_type(sql, column->type);
    nu_builder_puts(sql, column->null && !column->primary_key ? " NULL" : " NOT NULL");
    if (column->primary_key)
        nu_builder_puts(sql, " PRIMARY KEY");
    else if (column->unique)
        nu_builder_puts(sql, " UNIQUE");
    nu_builder check;
    nu_builder_init(&check, NULL, 64);
    if (backend->column_check(&check, column->type, column->name))
        nu_builder_printf(sql, " CHECK (%s)", nu_builder_text(&check));
    const char *suffix = column->primary_key ? backend->column_suffix(column->type) : NULL;
    if (suffix != NULL)
        nu_builder_printf(sql, " %s", suffix);
    if (column->to_table != NULL) {
        nu_builder_puts(sql, " REFERENCES ");
        backend->quote(sql, column->to_table);
        nu_builder_puts(sql, " (");
        backend->quote(sql, column->to_column);
        nu_builder_puts(sql, ")");
        nu_builder_puts(sql, backend->deferred_checks ? " DEFERRABLE INITIALLY DEFERRED" : "");
    }
}

const char *const *nu__column_names(const nu__state *state, const nu__model *model,
                                    const char *const *fields)
{
    size_t count = 0;
    while (fields[count] != NULL)
        count++;
    const char **columns = nu_alloc((count + 1) * sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        bool            down = fields[i][0] == '-';
        const nu_field *field = nu__model_field(model, fields[i] + down);
        nu__column      column;
        if (field == NULL || !nu__column_of(state, model, field, &column))
            nu_raise(NU_FIELD_ERROR,
                     "the options of \"%s\" name the field \"%s\", which has no column",
                     nu__model_label(model), fields[i]);
        columns[i] = down ? nu_fmt("-%s", column.name) : column.name;
    }
    return columns;
}

/* ---- indexes --------------------------------------------------------------------------------- */

void nu__schema_index_column(nu__schema *schema, const char *table, const nu__column *column)
{
    const char *const columns[] = {column->name, NULL};
    nu_builder        sql = nu__ddl("CREATE INDEX ");
    nu__ddl_quote(schema, &sql, nu__index_name(table, columns, ""));
    nu_builder_puts(&sql, " ON ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " (");
    nu__ddl_columns(schema, &sql, columns);
    nu_builder_puts(&sql, ")");
    nu__schema_defer(schema, &sql);
}

static nu_builder unique_sql(const nu__schema *schema, const char *table,
                             const char *const *columns)
{
    nu_builder sql = nu__ddl("CREATE UNIQUE INDEX ");
    nu__ddl_quote(schema, &sql, nu__index_name(table, columns, "_uniq"));
    nu_builder_puts(&sql, " ON ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " (");
    nu__ddl_columns(schema, &sql, columns);
    nu_builder_puts(&sql, ")");
    return sql;
}

static nu_builder index_sql(const nu__schema *schema, const nu__state *state,
                            const nu__model *model, const nu_index *index)
{
    if (index->fields == NULL || index->condition != NULL || index->include != NULL) {
        nu_error *error = nu_error_new(NU_COMMAND_ERROR,
                                       "the index \"%s\" of \"%s\" is more than a list of fields",
                                       index->name, nu__model_label(model));
        error->hint = "Create it by NU_RUN_SQL in a migration.";
        nu_throw(error);
    }
    nu_builder sql = nu__ddl("CREATE INDEX ");
    nu__ddl_quote(schema, &sql, index->name);
    nu_builder_puts(&sql, " ON ");
    nu__ddl_quote(schema, &sql, nu__model_table(model));
    nu_builder_puts(&sql, " (");
    nu__ddl_columns(schema, &sql, nu__column_names(state, model, index->fields));
    nu_builder_puts(&sql, ")");
    return sql;
}

void nu__schema_drop_index(nu__schema *schema, const char *name)
{
    nu_builder sql = nu__ddl("DROP INDEX ");
    nu__ddl_quote(schema, &sql, name);
    nu__schema_run(schema, &sql);
}

void nu__schema_model_indexes(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    const char *table = nu__model_table(model);
    for (const char *const *const *set = model->meta.unique_together; set != NULL && *set != NULL;
         set++) {
        nu_builder sql = unique_sql(schema, table, nu__column_names(state, model, *set));
        nu__schema_defer(schema, &sql);
    }
    for (size_t i = 0; i < model->count; i++) {
        nu__column column;
        if (nu__column_of(state, model, &model->fields[i], &column) && column.index)
            nu__schema_index_column(schema, table, &column);
    }
    for (const nu_index *index = model->meta.indexes; index != NULL && index->name != NULL;
         index++) {
        nu_builder sql = index_sql(schema, state, model, index);
        nu__schema_defer(schema, &sql);
    }
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void write_constraints(const nu__schema *schema, nu_builder *sql, const nu__state *state,
                              const nu__model *model)
{
    for (const nu_constraint *c = model->meta.constraints; c != NULL && c->name != NULL; c++) {
        if (c->fields == NULL || c->condition != NULL) {
            nu_error *error =
                nu_error_new(NU_COMMAND_ERROR, "the constraint \"%s\" of \"%s\" has a condition",
                             c->name, nu__model_label(model));
            error->hint = "Create it by NU_RUN_SQL in a migration.";
            nu_throw(error);
        }
        nu_builder_puts(sql, ", CONSTRAINT ");
        nu__ddl_quote(schema, sql, c->name);
        nu_builder_puts(sql, " UNIQUE (");
        nu__ddl_columns(schema, sql, nu__column_names(state, model, c->fields));
        nu_builder_puts(sql, ")");
    }
}

void nu__schema_create_table(nu__schema *schema, const nu__state *state, const nu__model *model,
                             const char *table)
{
    nu_builder sql = nu__ddl("CREATE TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " (");
    bool first = true;
    for (size_t i = 0; i < model->count; i++) {
        nu__column column;
        if (!nu__column_of(state, model, &model->fields[i], &column))
            continue;
        nu_builder_puts(&sql, first ? "" : ", ");
        nu__ddl_column(schema, &sql, &column);
        first = false;
    }
    write_constraints(schema, &sql, state, model);
    nu_builder_puts(&sql, ")");
    nu__schema_run(schema, &sql);
}

static void create_model(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    nu__schema_create_table(schema, state, model, nu__model_table(model));
    nu__schema_model_indexes(schema, state, model);
    for (size_t i = 0; i < model->count; i++) {
        nu__model *between = nu__many_model(state, model, &model->fields[i]);
        if (between != NULL)
            create_model(schema, state, between);
    }
}

static void drop_table(nu__schema *schema, const char *table)
{
    nu_builder sql = nu__ddl("DROP TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu__schema_run(schema, &sql);
}

static void delete_model(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        nu__model *between = nu__many_model(state, model, &model->fields[i]);
        if (between != NULL)
            drop_table(schema, nu__model_table(between));
    }
    drop_table(schema, nu__model_table(model));
}

void nu__schema_rename_table(nu__schema *schema, const char *from, const char *to)
{
    if (strcmp(from, to) == 0)
        return;
    nu_builder sql = nu__ddl("ALTER TABLE ");
    nu__ddl_quote(schema, &sql, from);
    nu_builder_puts(&sql, " RENAME TO ");
    nu__ddl_quote(schema, &sql, to);
    nu__schema_run(schema, &sql);
}

static void rename_column(nu__schema *schema, const char *table, const char *from, const char *to)
{
    if (strcmp(from, to) == 0)
        return;
    nu_builder sql = nu__ddl("ALTER TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " RENAME COLUMN ");
    nu__ddl_quote(schema, &sql, from);
    nu_builder_puts(&sql, " TO ");
    nu__ddl_quote(schema, &sql, to);
    nu__schema_run(schema, &sql);
}

/* The model under another table's name: `old` after its table was renamed. */
static nu__model *in_table(const nu__model *model, const char *table)
{
    nu__model *copy = nu_alloc(sizeof *copy);
    *copy = *model;
    copy->meta.db_table = table;
    return copy;
}

/* The table between follows the names of the models at its ends; it is made anew so that its
 * indexes are called as in Django. */
static void rename_between(nu__schema *schema, const nu__state *before, const nu__state *after,
                           const nu__model *was, const nu__model *is)
{
    nu__schema_rename_table(schema, nu__model_table(was), nu__model_table(is));
    bool from_differs = strcmp(was->fields[1].name, is->fields[1].name) != 0;
    bool to_differs = strcmp(was->fields[2].name, is->fields[2].name) != 0;
    if (from_differs && to_differs) /* many-to-many to itself */
        rename_column(schema, nu__model_table(is), nu_fmt("%s_id", was->fields[2].name),
                      nu_fmt("%s_id", is->fields[2].name));
    if (!from_differs && !to_differs)
        return;
    size_t     end = from_differs ? 1 : 2;
    nu__model *renamed = in_table(was, nu__model_table(is));
    if (from_differs)
        renamed->fields[2].name = is->fields[2].name;
    nu__remake_table(schema, before, after, renamed, is,
                     &(nu__remake){.from = &was->fields[end], .to = &is->fields[end]});
}

/* A renamed model takes along its table and the tables of all many-to-many fields at whose ends
 * it is. */
static void rename_model(nu__schema *schema, const nu__state *before, const nu__state *after,
                         const nu__model *old, const nu__model *new)
{
    nu__schema_rename_table(schema, nu__model_table(old), nu__model_table(new));
    for (size_t m = 0; m < before->count; m++) {
        const nu__model *model = before->models[m];
        const nu__model *now = model == old ? new : nu__state_find(after, model->app, model->name);
        for (size_t i = 0; now != NULL && i < model->count; i++) {
            nu__model *was = nu__many_model(before, model, &model->fields[i]);
            nu__model *is = was != NULL ? nu__many_model(after, now, &now->fields[i]) : NULL;
            if (is != NULL)
                rename_between(schema, before, after, was, is);
        }
    }
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void add_field(nu__schema *schema, const nu__state *before, const nu__state *after,
                      const nu_operation *operation, const nu__model *old, const nu__model *new)
{
    const nu_field *field = operation->field;
    nu__model      *between = nu__many_model(after, new, field);
    if (between != NULL) {
        create_model(schema, after, between);
        return;
    }
    nu__column column;
    if (!nu__column_of(after, new, field, &column))
        return;
    nu_value fill = nu__effective_default(field);
    if (column.primary_key || column.unique || !column.null || !nu_is_null(fill)) {
        nu__remake_table(schema, before, after, old, new,
                         &(nu__remake){.added = field, .fill = fill});
        return;
    }
    nu_builder sql = nu__ddl("ALTER TABLE ");
    nu__ddl_quote(schema, &sql, nu__model_table(new));
    nu_builder_puts(&sql, " ADD COLUMN ");
    nu__ddl_column(schema, &sql, &column);
    nu__schema_run(schema, &sql);
    if (column.index)
        nu__schema_index_column(schema, nu__model_table(new), &column);
}

static void remove_field(nu__schema *schema, const nu__state *before, const nu__state *after,
                         const nu_field *field, const nu__model *old, const nu__model *new)
{
    nu__model *between = nu__many_model(before, old, field);
    if (between != NULL) {
        drop_table(schema, nu__model_table(between));
        return;
    }
    nu__column column;
    if (!nu__column_of(before, old, field, &column))
        return;
    if (column.primary_key || column.unique || column.index || column.to_table != NULL) {
        nu__remake_table(schema, before, after, old, new, &(nu__remake){.added = NULL});
        return;
    }
    nu_builder sql = nu__ddl("ALTER TABLE ");
    nu__ddl_quote(schema, &sql, nu__model_table(old));
    nu_builder_puts(&sql, " DROP COLUMN ");
    nu__ddl_quote(schema, &sql, column.name);
    nu__schema_run(schema, &sql);
}

/* True if nothing but the names of the columns differs. */
static bool same_definition(const nu__schema *schema, const nu__column *a, const nu__column *b)
{
    nu__column named = *b;
    named.name = a->name;
    nu_builder one = nu__ddl(""), other = nu__ddl("");
    nu__ddl_column(schema, &one, a);
    nu__ddl_column(schema, &other, &named);
    return a->index == b->index && strcmp(nu_builder_text(&one), nu_builder_text(&other)) == 0;
}

/* Columns that refer to a key whose type has changed take the new type. */
static void retype_references(nu__schema *schema, const nu__state *before, const nu__state *after,
                              const nu__model *target)
{
    for (size_t m = 0; m < after->count; m++) {
        const nu__model *model = after->models[m];
        const nu__model *old = nu__state_find(before, model->app, model->name);
        bool             differs = false;
        for (size_t i = 0; old != NULL && model != target && i < model->count; i++) {
            nu__column      was, is;
            const nu_field *from = nu__model_field(old, model->fields[i].name);
            differs |= from != NULL && model->fields[i].to_name != NULL &&
                       strcasecmp(model->fields[i].to_name, nu__model_label(target)) == 0 &&
                       nu__column_of(before, old, from, &was) &&
                       nu__column_of(after, model, &model->fields[i], &is) &&
                       !same_definition(schema, &was, &is);
        }
        if (differs)
            nu__remake_table(schema, before, after, old, model, &(nu__remake){.added = NULL});
    }
}

/* `from` in `old` becomes `to` in `new`. */
static void alter_field(nu__schema *schema, const nu__state *before, const nu__state *after,
                        const nu_field *from, const nu_field *to, const nu__model *old,
                        const nu__model *new)
{
    nu__column was, is;
    bool       had = nu__column_of(before, old, from, &was);
    bool       has = nu__column_of(after, new, to, &is);
    if (had != has)
        nu_raise(NU_COMMAND_ERROR,
                 "field \"%s\" of \"%s\" cannot be changed into a many-to-many field or back",
                 to->name, nu__model_label(new));
    if (!has)
        return;
    bool same = same_definition(schema, &was, &is);
    /* The index of a reference is called after its column, so a renamed one is made anew. */
    if (same && (is.to_table == NULL || strcmp(was.name, is.name) == 0)) {
        rename_column(schema, nu__model_table(new), was.name, is.name);
        return;
    }
    nu_value fill = was.null && !is.null ? nu__effective_default(to) : nu_null();
    nu__remake_table(schema, before, after, old, new,
                     &(nu__remake){.from = from, .to = to, .fill = fill});
    if (is.primary_key || is.unique)
        retype_references(schema, before, after, new);
}

/* ---- options --------------------------------------------------------------------------------- */

static bool has_set(const char *const *const *sets, const char *const *wanted)
{
    for (; sets != NULL && *sets != NULL; sets++)
        if (nu__texts_equal(*sets, wanted))
            return true;
    return false;
}

static bool has_index(const nu_index *indexes, const nu_index *wanted)
{
    for (; indexes != NULL && indexes->name != NULL; indexes++)
        if (nu__index_equal(indexes, wanted))
            return true;
    return false;
}

/* The name under which the database knows it: a table that was renamed keeps the names of its
 * indexes. Where SQL is only gathered, the tables may not be there. */
static const char *unique_name(const nu__schema *schema, const char *old_table, const char *table,
                               const char *const *columns)
{
    const char *found = schema->collect == NULL
                            ? schema->backend->unique_index(schema->database, table, columns)
                            : NULL;
    return found != NULL ? found : nu__index_name(old_table, columns, "_uniq");
}

static void alter_together(nu__schema *schema, const nu__state *before, const nu__state *after,
                           const nu__model *old, const nu__model *new)
{
    const char *table = nu__model_table(new);
    for (const char *const *const *set = old->meta.unique_together; set != NULL && *set != NULL;
         set++)
        if (!has_set(new->meta.unique_together, *set))
            nu__schema_drop_index(schema, unique_name(schema, nu__model_table(old), table,
                                                      nu__column_names(before, old, *set)));
    for (const char *const *const *set = new->meta.unique_together; set != NULL &&*set != NULL;
         set++)
        if (!has_set(old->meta.unique_together, *set)) {
            nu_builder sql = unique_sql(schema, table, nu__column_names(after, new, *set));
            nu__schema_run(schema, &sql);
        }
}

static void alter_meta(nu__schema *schema, const nu__state *before, const nu__state *after,
                       const nu__model *old, const nu__model *new)
{
    rename_model(schema, before, after, old, new);
    bool                 constraints_changed = false;
    const nu_constraint *a = old->meta.constraints, *b = new->meta.constraints;
    for (; a != NULL && b != NULL && a->name != NULL && b->name != NULL; a++, b++)
        constraints_changed |=
            strcmp(a->name, b->name) != 0 || !nu__texts_equal(a->fields, b->fields);
    constraints_changed |= (a != NULL && a->name != NULL) || (b != NULL && b->name != NULL);
    if (constraints_changed) { /* the remake makes every index anew */
        nu__remake_table(schema, before, after, in_table(old, nu__model_table(new)), new,
                         &(nu__remake){.added = NULL});
        return;
    }
    alter_together(schema, before, after, old, new);
    for (const nu_index *index = old->meta.indexes; index != NULL && index->name != NULL; index++)
        if (!has_index(new->meta.indexes, index))
            nu__schema_drop_index(schema, index->name);
    for (const nu_index *index = new->meta.indexes; index != NULL && index->name != NULL; index++)
        if (!has_index(old->meta.indexes, index)) {
            nu_builder sql = index_sql(schema, after, new, index);
            nu__schema_run(schema, &sql);
        }
}

/* ---- operations ------------------------------------------------------------------------------ */

static void run_sql(nu__schema *schema, const char *sql)
{
    if (schema->collect != NULL)
        nu_list_add(schema->collect, sql);
    else if (*sql != '\0')
        nu_sql_script(schema->database, sql);
}

static void run_c(nu__schema *schema, void (*fn)(nu_database *db))
{
    if (schema->collect != NULL)
        nu_list_add(schema->collect, "-- runs C code; no SQL to show");
    else if (fn != NULL)
        fn(schema->database);
}

/* The name under which the model is known after the operation. */
static const char *name_after(const nu_operation *operation)
{
    return operation->kind == NU_OPERATION_RENAME_MODEL ? operation->new_name : operation->model;
}

void nu__schema_apply(nu__schema *schema, const char *app, const nu_operation *operation,
                      const nu__state *before, const nu__state *after)
{
    const nu__model *old =
        operation->model != NULL ? nu__state_find(before, app, operation->model) : NULL;
    const nu__model *new =
        operation->model != NULL ? nu__state_find(after, app, name_after(operation)) : NULL;
    if ((old != NULL && old->meta.unmanaged) || (new != NULL &&new->meta.unmanaged))
        return;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: create_model(schema, after, new); return;
    case NU_OPERATION_DELETE_MODEL: delete_model(schema, before, old); return;
    case NU_OPERATION_RENAME_MODEL: rename_model(schema, before, after, old, new); return;
    case NU_OPERATION_ADD_FIELD: add_field(schema, before, after, operation, old, new); return;
    case NU_OPERATION_REMOVE_FIELD:
        remove_field(schema, before, after, nu__model_field(old, operation->name), old, new);
        return;
    case NU_OPERATION_ALTER_FIELD:
        alter_field(schema, before, after, nu__model_field(old, operation->name), operation->field,
                    old, new);
        return;
    case NU_OPERATION_RENAME_FIELD:
        alter_field(schema, before, after, nu__model_field(old, operation->name),
                    nu__model_field(new, operation->new_name), old, new);
        return;
    case NU_OPERATION_ALTER_META: alter_meta(schema, before, after, old, new); return;
    case NU_OPERATION_RUN_SQL: run_sql(schema, operation->sql); return;
    case NU_OPERATION_RUN_C: run_c(schema, operation->run); return;
    case NU_OPERATION_END: return;
    }
}

static NU_NORETURN void raise_irreversible(const char *app, const nu_operation *operation)
{
    nu_error *error = nu_error_new(NU_COMMAND_ERROR, "\"%s\" of app \"%s\" cannot be undone",
                                   nu__operation_text(operation), app);
    error->hint = "Give the operation its second argument: what undoes it.";
    nu_throw(error);
}

/* Undoing goes from `after` back to `before`: the mirror of each case above. */
void nu__schema_undo(nu__schema *schema, const char *app, const nu_operation *operation,
                     const nu__state *before, const nu__state *after)
{
    const nu__model *old =
        operation->model != NULL ? nu__state_find(before, app, operation->model) : NULL;
    const nu__model *new =
        operation->model != NULL ? nu__state_find(after, app, name_after(operation)) : NULL;
    if ((old != NULL && old->meta.unmanaged) || (new != NULL &&new->meta.unmanaged))
        return;
    const nu_field *field;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: delete_model(schema, after, new); return;
    case NU_OPERATION_DELETE_MODEL: create_model(schema, before, old); return;
    case NU_OPERATION_RENAME_MODEL: rename_model(schema, after, before, new, old); return;
    case NU_OPERATION_ADD_FIELD:
        remove_field(schema, after, before, nu__model_field(new, operation->name), new, old);
        return;
    case NU_OPERATION_REMOVE_FIELD:
        field = nu__model_field(old, operation->name);
        add_field(schema, after, before, &(nu_operation){.field = field}, new, old);
        return;
    case NU_OPERATION_ALTER_FIELD:
        alter_field(schema, after, before, nu__model_field(new, operation->name),
                    nu__model_field(old, operation->name), new, old);
        return;
    case NU_OPERATION_RENAME_FIELD:
        alter_field(schema, after, before, nu__model_field(new, operation->new_name),
                    nu__model_field(old, operation->name), new, old);
        return;
    case NU_OPERATION_ALTER_META: alter_meta(schema, after, before, new, old); return;
    case NU_OPERATION_RUN_SQL:
        if (operation->reverse_sql == NULL)
            raise_irreversible(app, operation);
        run_sql(schema, operation->reverse_sql);
        return;
    case NU_OPERATION_RUN_C:
        if (operation->reverse == NULL)
            raise_irreversible(app, operation);
        run_c(schema, operation->reverse);
        return;
    case NU_OPERATION_END: return;
    }
}
