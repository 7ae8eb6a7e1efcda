/* Tables and columns. */
#include <string.h>
#include <strings.h>

#include "migrate/schema.h"
#include "model/native.h"

/* ---- columns --------------------------------------------------------------------------------- */

const char *nu__ddl_type(const nu__schema *schema, const nu__column *column)
{
    nu_builder type;
    nu_builder_init(&type, NULL, 32);
    const nu_field *field = column->value_field;
    nu_builder_puts(&type, nu__type_sql(field, column->type, schema->backend));
    if (field->db_collation != NULL) {
        nu_builder_puts(&type, " COLLATE ");
        nu__ddl_quote(schema, &type, field->db_collation);
    }
    return nu_builder_text(&type);
}

const char *nu__ddl_check(const nu__schema *schema, const nu__column *column)
{
    nu_builder check;
    nu_builder_init(&check, NULL, 64);
    return schema->backend->column_check(&check, column->type, column->name)
               ? nu_builder_text(&check)
               : NULL;
}

static void put_default(const nu__schema *schema, nu_builder *sql, const nu__change *change,
                        const nu_field *field, nu_value fill)
{
    if (field->db_default != NULL)
        nu_builder_printf(
            sql, " DEFAULT (%s)",
            nu__schema_expression(schema, change->after, change->new, field->db_default));
    else if (!nu_is_null(fill)) {
        nu_builder_puts(sql, " DEFAULT ");
        nu__ddl_literal(schema, sql, fill);
    }
}

static void put_generated(const nu__schema *schema, nu_builder *sql, const nu__change *change,
                          const nu_field *field)
{
    if (field->not_stored && !schema->backend->virtual_columns)
        nu_raise(NU_CONFIG_ERROR,
                 "field \"%s\": this database computes generated columns when rows are written, so "
                 ".not_stored cannot be",
                 field->name);
    nu_builder_printf(sql, " GENERATED ALWAYS AS (%s) %s",
                      nu__schema_expression(schema, change->after, change->new, field->generated),
                      field->not_stored ? "VIRTUAL" : "STORED");
}

const char *nu__ddl_on_delete(const nu__column *column)
{
    switch (column->field->on_delete) {
    case NU_DB_CASCADE: return " ON DELETE CASCADE";
    case NU_DB_SET_NULL: return " ON DELETE SET NULL";
    case NU_DB_SET_DEFAULT: return " ON DELETE SET DEFAULT";
    default: return "";
    }
}

static void put_reference(const nu__schema *schema, nu_builder *sql, const nu__column *column)
{
    nu_builder_puts(sql, " REFERENCES ");
    nu__ddl_quote(schema, sql, column->to_table);
    nu_builder_puts(sql, " (");
    nu__ddl_quote(schema, sql, column->to_column);
    nu_builder_printf(sql, ")%s", nu__ddl_on_delete(column));
    nu_builder_puts(sql, schema->backend->deferred_checks ? " DEFERRABLE INITIALLY DEFERRED" : "");
}

void nu__ddl_column(const nu__schema *schema, nu_builder *sql, const nu__change *change,
                    const nu__column *column, nu_value fill)
{
    const nu_field *field = column->field;
    nu__ddl_quote(schema, sql, column->name);
    nu_builder_printf(sql, " %s", nu__ddl_type(schema, column));
    if (field->generated != NULL)
        put_generated(schema, sql, change, field);
    else
        put_default(schema, sql, change, field, fill);
    nu_builder_puts(sql, column->null && !column->primary_key ? " NULL" : " NOT NULL");
    nu_builder_puts(sql, column->primary_key ? " PRIMARY KEY" : column->unique ? " UNIQUE" : "");
    const char *check = nu__ddl_check(schema, column);
    if (check != NULL)
        nu_builder_printf(sql, " CHECK (%s)", check);
    const char *suffix = column->primary_key ? schema->backend->column_suffix(column->type) : NULL;
    if (suffix != NULL)
        nu_builder_printf(sql, " %s", suffix);
    if (column->to_table != NULL && !nu__schema_in_place(schema))
        put_reference(schema, sql, column);
}

const char *const *nu__column_names(const nu__state *state, const nu__model *model,
                                    const char *const *fields)
{
    size_t       count = nu__count_texts(fields);
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

/* ---- comments -------------------------------------------------------------------------------- */

static void put_comment(const nu__schema *schema, nu_builder *sql, const char *comment)
{
    nu_builder_puts(sql, " IS ");
    nu__ddl_literal(schema, sql, comment != NULL ? nu_value_text(comment) : nu_null());
}

void nu__schema_comment_table(nu__schema *schema, const char *table, const char *comment)
{
    if (!nu__schema_in_place(schema))
        return;
    nu_builder sql = nu__ddl("COMMENT ON TABLE ");
    nu__ddl_quote(schema, &sql, table);
    put_comment(schema, &sql, comment);
    nu__schema_run(schema, &sql);
}

void nu__schema_comment_column(nu__schema *schema, const char *table, const nu__column *column)
{
    if (!nu__schema_in_place(schema))
        return;
    nu_builder sql = nu__ddl("COMMENT ON COLUMN ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_putc(&sql, '.');
    nu__ddl_quote(schema, &sql, column->name);
    put_comment(schema, &sql, column->field->db_comment);
    nu__schema_run(schema, &sql);
}

static void comment_model(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    if (model->meta.db_comment != NULL)
        nu__schema_comment_table(schema, nu__model_table(model), model->meta.db_comment);
    for (size_t i = 0; i < model->count; i++) {
        nu__column column;
        if (model->fields[i].db_comment != NULL &&
            nu__column_of(state, model, &model->fields[i], &column))
            nu__schema_comment_column(schema, nu__model_table(model), &column);
    }
}

/* ---- tables ---------------------------------------------------------------------------------- */

void nu__schema_create_table(nu__schema *schema, const nu__state *state, const nu__model *model,
                             const char *table)
{
    nu__change change = {.after = state, .new = model};
    nu_builder sql = nu__ddl("CREATE TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " (");
    bool first = true;
    for (size_t i = 0; i < model->count; i++) {
        nu__column column;
        if (!nu__column_of(state, model, &model->fields[i], &column))
            continue;
        nu_builder_puts(&sql, first ? "" : ", ");
        nu__ddl_column(schema, &sql, &change, &column, nu_null());
        first = false;
    }
    nu__ddl_constraints(schema, &sql, state, model);
    nu_builder_puts(&sql, ")");
    nu__schema_run(schema, &sql);
}

void nu__schema_create_model(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    nu__schema_create_table(schema, state, model, nu__model_table(model));
    comment_model(schema, state, model);
    nu__schema_model_indexes(schema, state, model);
    for (size_t i = 0; i < model->count; i++) {
        nu__model *between = nu__many_model(state, model, &model->fields[i]);
        if (between != NULL)
            nu__schema_create_model(schema, state, between);
    }
}

void nu__schema_drop_table(nu__schema *schema, const char *table)
{
    nu_builder sql = nu__ddl("DROP TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, nu__schema_in_place(schema) ? " CASCADE" : "");
    nu__schema_run(schema, &sql);
}

void nu__schema_delete_model(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        nu__model *between = nu__many_model(state, model, &model->fields[i]);
        if (between != NULL)
            nu__schema_drop_table(schema, nu__model_table(between));
    }
    nu__schema_drop_table(schema, nu__model_table(model));
}

void nu__schema_rename_table(nu__schema *schema, const char *from, const char *to)
{
    if (strcmp(from, to) == 0)
        return;
    nu_builder sql = nu__ddl_alter(schema, from);
    nu_builder_puts(&sql, "RENAME TO ");
    nu__ddl_quote(schema, &sql, to);
    nu__schema_run(schema, &sql);
}

void nu__schema_rename_column(nu__schema *schema, const char *table, const char *from,
                              const char *to)
{
    if (strcmp(from, to) == 0)
        return;
    nu_builder sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "RENAME COLUMN ");
    nu__ddl_quote(schema, &sql, from);
    nu_builder_puts(&sql, " TO ");
    nu__ddl_quote(schema, &sql, to);
    nu__schema_run(schema, &sql);
}

/* ---- a model gets another name --------------------------------------------------------------- */

/* The model under another table's name: `old` after its table was renamed. */
static nu__model *in_table(const nu__model *model, const char *table)
{
    nu__model *copy = nu_alloc(sizeof *copy);
    *copy = *model;
    copy->meta.db_table = table;
    return copy;
}

static void alter_between(nu__schema *schema, const nu__change *change, const nu__model *was,
                          const nu__model *is)
{
    nu__change between = {.before = change->before,
                          .after = change->after,
                          .old = in_table(was, nu__model_table(is)),
                          .new = is,
                          .named_after = nu__model_table(was)};
    for (size_t end = 1; end <= 2; end++)
        if (strcmp(was->fields[end].name, is->fields[end].name) != 0)
            nu__schema_alter_field(schema, &between, &was->fields[end], &is->fields[end]);
}

/* The table between follows the name of the model at one of its ends. Where columns cannot be altered
 * in place it is made anew, so that its indexes are called as in Django. */
static void rename_between(nu__schema *schema, const nu__change *change, const nu__model *was,
                           const nu__model *is)
{
    nu__schema_rename_table(schema, nu__model_table(was), nu__model_table(is));
    if (nu__schema_in_place(schema)) {
        alter_between(schema, change, was, is);
        return;
    }
    bool from_differs = strcmp(was->fields[1].name, is->fields[1].name) != 0;
    if (!from_differs && strcmp(was->fields[2].name, is->fields[2].name) == 0)
        return;
    size_t     end = from_differs ? 1 : 2;
    nu__change between = {.before = change->before,
                          .after = change->after,
                          .old = in_table(was, nu__model_table(is)),
                          .new = is};
    nu__remake_table(schema, &between,
                     &(nu__remake){.from = &was->fields[end], .to = &is->fields[end]});
}

static bool refers_to(const nu_field *field, const nu__model *model)
{
    return field->to_name != NULL && nu__label_equal(field->to_name, nu__model_label(model));
}

/* Runs through the fields of `model` that lead to the renamed one: its references, then the tables
 * between of its many-to-many fields. */
static void repoint(nu__schema *schema, const nu__change *change, const nu__model *model,
                    const nu__model *now)
{
    bool       itself = model == change->old;
    nu__change other = {.before = change->before,
                        .after = change->after,
                        .old = itself ? in_table(model, nu__model_table(now)) : model,
                        .new = now,
                        .named_after = nu__model_table(model)};
    for (size_t i = 0; i < model->count; i++)
        if (!model->fields[i].type->many && refers_to(&model->fields[i], change->old))
            nu__schema_alter_field(schema, &other, &model->fields[i], &now->fields[i]);
    for (size_t i = 0; i < model->count; i++) {
        nu__model *was = nu__many_model(change->before, model, &model->fields[i]);
        if (was == NULL || !refers_to(&model->fields[i], change->old))
            continue;
        other.old = model;
        if (itself)
            nu__schema_alter_many(schema, &other, &model->fields[i], &now->fields[i]);
        else
            rename_between(schema, change, was,
                           nu__many_model(change->after, now, &now->fields[i]));
    }
}

/* A renamed model takes along its table, the references to it and the tables of all many-to-many
 * fields at whose ends it is. */
void nu__schema_rename_model(nu__schema *schema, const nu__change *change)
{
    nu__schema_rename_table(schema, nu__model_table(change->old), nu__model_table(change->new));
    for (size_t m = 0; m < change->before->count; m++) {
        const nu__model *model = change->before->models[m];
        const nu__model *now = model == change->old
                                   ? change->new
                                   : nu__state_find(change->after, model->app, model->name);
        if (now != NULL && !model->meta.unmanaged && !model->meta.proxy)
            repoint(schema, change, model, now);
    }
    for (size_t i = 0; i < change->old->count; i++) {
        const nu_field *field = &change->old->fields[i];
        nu__model      *was = nu__many_model(change->before, change->old, field);
        if (was != NULL && !refers_to(field, change->old))
            rename_between(schema, change, was,
                           nu__many_model(change->after, change->new, &change->new->fields[i]));
    }
}
