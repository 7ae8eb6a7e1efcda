/* Indexes, constraints and references. */
#include <string.h>

#include "migrate/schema.h"
#include "model/schema_sql.h"

/* ---- expressions ----------------------------------------------------------------------------- */

/* The kind of value that a column holds: a reference has that of the key at the end of the chain. */
static const nu_field_type *plain_type(const nu__state *state, const nu_field *field)
{
    nu_check_stack();
    while (field->type->relation) {
        const nu__model *to = nu__state_find_label(state, field->to_name);
        const nu_field  *target = to == NULL                ? NULL
                                  : field->to_field != NULL ? nu__model_field(to, field->to_field)
                                                            : nu__model_primary_key(to);
        if (target == NULL)
            return &nu_field_big_int;
        field = target;
    }
    return field->type->db <= NU_DB_SMALL_AUTO ? &nu_field_big_int : field->type;
}

/* The table as a model without relations, under both names of each reference, to resolve
 * expressions against. */
static const nu_model *plain_model(const nu__state *state, const nu__model *model)
{
    nu_model *plain = nu_alloc(sizeof *plain);
    nu_field *fields = nu_alloc((2 * model->count + 1) * sizeof *fields);
    size_t    used = 0;
    for (size_t i = 0; i < model->count; i++) {
        const nu_field *field = &model->fields[i];
        nu__column      column;
        if (!nu__column_of(state, model, field, &column))
            continue;
        fields[used] = *field;
        fields[used].type = plain_type(state, field);
        fields[used].db_column = column.name;
        fields[used].to_name = fields[used].to_field = NULL;
        fields[used].generated = fields[used].db_default = NULL;
        fields[used].parent_link = false;
        used++;
        if (field->type->relation) {
            fields[used] = fields[used - 1];
            fields[used].name = nu_fmt("%s_id", field->name);
            fields[used].primary_key = false;
            used++;
        }
    }
    *plain = (nu_model){
        .name = model->name,
        .fields = fields,
        .db_table = nu__model_table(model),
        .primary_key = model->meta.primary_key,
    };
    plain->state = nu_alloc(sizeof *plain->state);
    nu__model_detached(model->app, plain);
    return plain;
}

const char *nu__schema_condition(const nu__schema *schema, const nu__state *state,
                                 const nu__model *model, nu_expression_fn condition)
{
    return nu__condition_sql(schema->database, plain_model(state, model), condition());
}

const char *nu__schema_expression(const nu__schema *schema, const nu__state *state,
                                  const nu__model *model, nu_expression_fn expression)
{
    return nu__expression_sql(schema->database, plain_model(state, model), expression());
}

/* ---- what an index holds --------------------------------------------------------------------- */

static void put_opclass(const nu__schema *schema, nu_builder *sql, const char *const *opclasses,
                        size_t at)
{
    if (nu__schema_in_place(schema) && at < nu__count_texts(opclasses))
        nu_builder_printf(sql, " %s", opclasses[at]);
}

static void put_columns(const nu__schema *schema, nu_builder *sql, const char *const *columns,
                        const char *const *opclasses)
{
    for (size_t i = 0; columns[i] != NULL; i++) {
        bool down = columns[i][0] == '-';
        nu_builder_puts(sql, i > 0 ? ", " : "");
        nu__ddl_quote(schema, sql, columns[i] + down);
        put_opclass(schema, sql, opclasses, i);
        nu_builder_puts(sql, down ? " DESC" : "");
    }
}

static void put_expressions(const nu__schema *schema, nu_builder *sql, const nu_model *plain,
                            const nu_expression_fn *expressions, const char *const *opclasses)
{
    for (size_t i = 0; expressions[i] != NULL; i++) {
        bool                 down;
        const nu_expression *expression = nu__expression_unordered(expressions[i](), &down);
        const char          *text = nu__expression_sql(schema->database, plain, expression);
        nu_builder_puts(sql, i > 0 ? ", " : "");
        nu_builder_printf(sql, nu__expression_is_field(expression) ? "%s" : "(%s)", text);
        put_opclass(schema, sql, opclasses, i);
        nu_builder_puts(sql, down ? " DESC" : "");
    }
}

/* An index, or a unique constraint that is one. */
struct parts {
    const char        *name;
    const char *const *fields, *const *include, *const *opclasses;
    const nu_expression_fn *expressions;
    nu_expression_fn        condition;
    const char             *method, *storage;
    bool                    unique, concurrently, nulls_not_distinct;
};

static nu_builder write_index(const nu__schema *schema, const nu__state *state,
                              const nu__model *model, const struct parts *parts)
{
    const nu_model *plain = plain_model(state, model);
    bool            rich = nu__schema_in_place(schema);
    nu_builder      sql = nu__ddl(parts->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    nu_builder_puts(&sql, parts->concurrently && rich ? "CONCURRENTLY " : "");
    nu__ddl_quote(schema, &sql, parts->name);
    nu_builder_puts(&sql, " ON ");
    nu__ddl_quote(schema, &sql, nu__model_table(model));
    if (parts->method != NULL && rich)
        nu_builder_printf(&sql, " USING %s", parts->method);
    nu_builder_puts(&sql, " (");
    if (parts->expressions != NULL)
        put_expressions(schema, &sql, plain, parts->expressions, parts->opclasses);
    else
        put_columns(schema, &sql, nu__column_names(state, model, parts->fields), parts->opclasses);
    nu_builder_puts(&sql, ")");
    if (parts->include != NULL && rich) {
        nu_builder_puts(&sql, " INCLUDE (");
        nu__ddl_columns(schema, &sql, nu__column_names(state, model, parts->include));
        nu_builder_puts(&sql, ")");
    }
    nu_builder_puts(&sql, parts->nulls_not_distinct && rich ? " NULLS NOT DISTINCT" : "");
    if (parts->storage != NULL && rich)
        nu_builder_printf(&sql, " WITH (%s)", parts->storage);
    if (parts->condition != NULL)
        nu_builder_printf(&sql, " WHERE %s",
                          nu__condition_sql(schema->database, plain, parts->condition()));
    return sql;
}

static nu_builder index_sql(const nu__schema *schema, const nu__state *state,
                            const nu__model *model, const nu_index *index, bool concurrently)
{
    return write_index(schema, state, model,
                       &(struct parts){.name = index->name,
                                       .fields = index->fields,
                                       .include = index->include,
                                       .opclasses = index->opclasses,
                                       .expressions = index->expressions,
                                       .condition = index->condition,
                                       .method = index->method,
                                       .storage = index->storage,
                                       .concurrently = concurrently});
}

/* ---- constraints ----------------------------------------------------------------------------- */

static bool is_check(const nu_constraint *constraint)
{
    return constraint->fields == NULL && constraint->expressions == NULL;
}

/* True for a unique constraint that only an index can say. */
static bool is_index(const nu_constraint *c)
{
    return !is_check(c) && c->operators == NULL &&
           (c->condition != NULL || c->expressions != NULL || c->include != NULL ||
                            c->opclasses != NULL || c->nulls_not_distinct);
}

/* An exclusion, or a unique constraint that is checked later, is more than such a database knows; it is
 * left out. */
static bool is_unknown(const nu__schema *schema, const nu_constraint *constraint)
{
    bool plain = constraint->deferrable == NU_NOT_DEFERRABLE && constraint->operators == NULL;
    return !plain && !nu__schema_in_place(schema);
}

static nu_builder constraint_index(const nu__schema *schema, const nu__state *state,
                                   const nu__model *model, const nu_constraint *c)
{
    return write_index(schema, state, model,
                       &(struct parts){.name = c->name,
                                       .fields = c->fields,
                                       .include = c->include,
                                       .opclasses = c->opclasses,
                                       .expressions = c->expressions,
                                       .condition = c->condition,
                                       .unique = true,
                                       .nulls_not_distinct = c->nulls_not_distinct});
}

/* EXCLUDE USING GIST ("room_id" WITH =, "nights" WITH &&) */
static void put_exclusion(const nu__schema *schema, nu_builder *sql, const nu__state *state,
                          const nu__model *model, const nu_constraint *c)
{
    const nu_model    *plain = plain_model(state, model);
    const char *const *columns = c->fields != NULL ? nu__column_names(state, model, c->fields) : NULL;
    nu_builder_printf(sql, " EXCLUDE USING %s (", c->method != NULL ? c->method : "GIST");
    for (size_t i = 0; c->operators[i] != NULL; i++) {
        nu_builder_puts(sql, i > 0 ? ", " : "");
        if (columns != NULL)
            nu__ddl_quote(schema, sql, columns[i]);
        else
            nu_builder_printf(sql, "(%s)",
                              nu__expression_sql(schema->database, plain, c->expressions[i]()));
        put_opclass(schema, sql, c->opclasses, i);
        nu_builder_printf(sql, " WITH %s", c->operators[i]);
    }
    nu_builder_puts(sql, ")");
    if (c->include != NULL) {
        nu_builder_puts(sql, " INCLUDE (");
        nu__ddl_columns(schema, sql, nu__column_names(state, model, c->include));
        nu_builder_puts(sql, ")");
    }
    if (c->condition != NULL)
        nu_builder_printf(sql, " WHERE (%s)",
                          nu__condition_sql(schema->database, plain, c->condition()));
}

static void put_constraint(const nu__schema *schema, nu_builder *sql, const nu__state *state,
                           const nu__model *model, const nu_constraint *c)
{
    nu_builder_puts(sql, "CONSTRAINT ");
    nu__ddl_quote(schema, sql, c->name);
    if (is_check(c)) {
        nu_builder_printf(sql, " CHECK (%s)",
                          nu__schema_condition(schema, state, model, c->condition));
        return;
    }
    if (c->operators != NULL) {
        put_exclusion(schema, sql, state, model, c);
    } else {
        nu_builder_puts(sql, " UNIQUE (");
        nu__ddl_columns(schema, sql, nu__column_names(state, model, c->fields));
        nu_builder_puts(sql, ")");
    }
    if (c->deferrable != NU_NOT_DEFERRABLE)
        nu_builder_printf(sql, " DEFERRABLE INITIALLY %s",
                          c->deferrable == NU_DEFERRED ? "DEFERRED" : "IMMEDIATE");
}

/* A key of several fields. */
static void put_primary_key(const nu__schema *schema, nu_builder *sql, const nu__state *state,
                            const nu__model *model)
{
    if (nu__count_texts(model->meta.primary_key) == 0)
        return;
    const char *const *columns = nu__column_names(state, model, model->meta.primary_key);
    for (size_t i = 0; columns[i] != NULL; i++) {
        nu_builder_puts(sql, i == 0 ? ", PRIMARY KEY (" : ", ");
        nu__ddl_quote(schema, sql, columns[i]);
    }
    nu_builder_putc(sql, ')');
}

void nu__ddl_constraints(const nu__schema *schema, nu_builder *sql, const nu__state *state,
                         const nu__model *model)
{
    put_primary_key(schema, sql, state, model);
    for (const nu_constraint *c = model->meta.constraints; c != NULL && c->name != NULL; c++) {
        if (is_index(c) || is_unknown(schema, c))
            continue;
        nu_builder_puts(sql, ", ");
        put_constraint(schema, sql, state, model, c);
    }
}

void nu__schema_drop_constraint(nu__schema *schema, const char *table, const char *name)
{
    nu_builder sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "DROP CONSTRAINT ");
    nu__ddl_quote(schema, &sql, name);
    nu__schema_run(schema, &sql);
}

void nu__schema_add_constraint(nu__schema *schema, const nu__change *change,
                               const nu_constraint *constraint, bool not_valid)
{
    if (not_valid && !is_check(constraint))
        nu_raise(NU_COMMAND_ERROR,
                 "the constraint \"%s\" cannot be NOT VALID: only one that checks a condition can",
                 constraint->name);
    if (is_unknown(schema, constraint))
        return;
    if (is_index(constraint)) {
        nu_builder sql = constraint_index(schema, change->after, change->new, constraint);
        nu__schema_run(schema, &sql);
    } else if (nu__schema_in_place(schema)) {
        nu_builder sql = nu__ddl_alter(schema, nu__model_table(change->new));
        nu_builder_puts(&sql, "ADD ");
        put_constraint(schema, &sql, change->after, change->new, constraint);
        nu_builder_puts(&sql, not_valid ? " NOT VALID" : "");
        nu__schema_run(schema, &sql);
    } else {
        nu__remake_table(schema, change, &(nu__remake){.added = NULL});
    }
}

void nu__schema_validate_constraint(nu__schema *schema, const nu__change *change, const char *name)
{
    if (!nu__schema_in_place(schema))
        return;
    nu_builder sql = nu__ddl_alter(schema, nu__model_table(change->new));
    nu_builder_puts(&sql, "VALIDATE CONSTRAINT ");
    nu__ddl_quote(schema, &sql, name);
    nu__schema_run(schema, &sql);
}

void nu__schema_remove_constraint(nu__schema *schema, const nu__change *change,
                                  const nu_constraint *constraint)
{
    if (is_unknown(schema, constraint))
        return;
    if (is_index(constraint))
        nu__schema_drop_index(schema, constraint->name, false);
    else if (nu__schema_in_place(schema))
        nu__schema_drop_constraint(schema, nu__model_table(change->new), constraint->name);
    else
        nu__remake_table(schema, change, &(nu__remake){.added = NULL});
}

/* ---- indexes of one column ------------------------------------------------------------------- */

nu_builder nu__ddl_column_index(const nu__schema *schema, const char *table,
                                const nu__column *column)
{
    const char *const columns[] = {column->name, NULL};
    nu_builder        sql = nu__ddl("CREATE INDEX ");
    nu__ddl_quote(schema, &sql, nu__index_name(schema, table, columns, ""));
    nu_builder_puts(&sql, " ON ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " (");
    nu__ddl_columns(schema, &sql, columns);
    nu_builder_puts(&sql, ")");
    return sql;
}

bool nu__ddl_like_index(const nu__schema *schema, const char *table, const nu__column *column,
                        nu_builder *out)
{
    const nu_db_type type = column->type.type;
    if (!nu__schema_in_place(schema) || !(column->index || column->unique || column->primary_key))
        return false;
    if (type != NU_DB_CHAR && type != NU_DB_SLUG && type != NU_DB_TEXT)
        return false;
    const char *const columns[] = {column->name, NULL};
    *out = nu__ddl("CREATE INDEX ");
    nu__ddl_quote(schema, out, nu__index_name(schema, table, columns, "_like"));
    nu_builder_puts(out, " ON ");
    nu__ddl_quote(schema, out, table);
    nu_builder_puts(out, " (");
    nu__ddl_columns(schema, out, columns);
    nu_builder_puts(out, type == NU_DB_TEXT ? " text_pattern_ops)" : " varchar_pattern_ops)");
    return true;
}

const char *nu__reference_name(const nu__schema *schema, const char *table,
                               const nu__column *column)
{
    const char *const columns[] = {column->name, NULL};
    return nu__index_name(schema, table, columns,
                          nu_fmt("_fk_%s_%s", column->to_table, column->to_column));
}

nu_builder nu__ddl_reference(const nu__schema *schema, const char *table, const nu__column *column)
{
    nu_builder sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "ADD CONSTRAINT ");
    nu__ddl_quote(schema, &sql, nu__reference_name(schema, table, column));
    nu_builder_puts(&sql, " FOREIGN KEY (");
    nu__ddl_quote(schema, &sql, column->name);
    nu_builder_puts(&sql, ") REFERENCES ");
    nu__ddl_quote(schema, &sql, column->to_table);
    nu_builder_puts(&sql, " (");
    nu__ddl_quote(schema, &sql, column->to_column);
    nu_builder_printf(&sql, ")%s DEFERRABLE INITIALLY DEFERRED", nu__ddl_on_delete(column));
    return sql;
}

void nu__schema_column_indexes(nu__schema *schema, const char *table, const nu__column *column)
{
    nu_builder sql;
    if (column->index) {
        sql = nu__ddl_column_index(schema, table, column);
        nu__schema_defer(schema, &sql);
    }
    if (nu__ddl_like_index(schema, table, column, &sql))
        nu__schema_defer(schema, &sql);
}

/* ---- indexes of a table ---------------------------------------------------------------------- */

nu_builder nu__ddl_unique(const nu__schema *schema, const char *table, const char *const *columns)
{
    const char *name = nu__index_name(schema, table, columns, "_uniq");
    nu_builder  sql = nu__schema_in_place(schema) ? nu__ddl_alter(schema, table)
                                                  : nu__ddl("CREATE UNIQUE INDEX ");
    nu_builder_puts(&sql, nu__schema_in_place(schema) ? "ADD CONSTRAINT " : "");
    nu__ddl_quote(schema, &sql, name);
    if (nu__schema_in_place(schema)) {
        nu_builder_puts(&sql, " UNIQUE (");
    } else {
        nu_builder_puts(&sql, " ON ");
        nu__ddl_quote(schema, &sql, table);
        nu_builder_puts(&sql, " (");
    }
    nu__ddl_columns(schema, &sql, columns);
    nu_builder_puts(&sql, ")");
    return sql;
}

static void defer_references(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    for (size_t i = 0; i < model->count && nu__schema_in_place(schema); i++) {
        nu__column column;
        if (!nu__column_of(state, model, &model->fields[i], &column) || column.to_table == NULL)
            continue;
        nu_builder sql = nu__ddl_reference(schema, nu__model_table(model), &column);
        nu__schema_defer(schema, &sql);
    }
}

void nu__schema_model_indexes(nu__schema *schema, const nu__state *state, const nu__model *model)
{
    const char *table = nu__model_table(model);
    for (size_t i = 0; i < nu__count_sets(model->meta.unique_together); i++) {
        nu_builder sql = nu__ddl_unique(
            schema, table, nu__column_names(state, model, model->meta.unique_together[i]));
        nu__schema_defer(schema, &sql);
    }
    for (const nu_constraint *c = model->meta.constraints; c != NULL && c->name != NULL; c++)
        if (is_index(c) && !is_unknown(schema, c)) {
            nu_builder sql = constraint_index(schema, state, model, c);
            nu__schema_defer(schema, &sql);
        }
    defer_references(schema, state, model);
    for (size_t i = 0; i < model->count; i++) {
        nu__column column;
        if (nu__column_of(state, model, &model->fields[i], &column))
            nu__schema_column_indexes(schema, table, &column);
    }
    for (const nu_index *index = model->meta.indexes; index != NULL && index->name != NULL;
         index++) {
        nu_builder sql = index_sql(schema, state, model, index, false);
        nu__schema_defer(schema, &sql);
    }
}

void nu__schema_drop_index(nu__schema *schema, const char *name, bool concurrently)
{
    nu_builder sql = nu__ddl("DROP INDEX ");
    if (nu__schema_in_place(schema))
        nu_builder_puts(&sql, concurrently ? "CONCURRENTLY IF EXISTS " : "IF EXISTS ");
    nu__ddl_quote(schema, &sql, name);
    nu__schema_run(schema, &sql);
}

void nu__schema_add_index(nu__schema *schema, const nu__change *change, const nu_index *index,
                          bool concurrently)
{
    nu_builder sql = index_sql(schema, change->after, change->new, index, concurrently);
    if (concurrently && nu__schema_in_place(schema) && schema->collect == NULL &&
        nu_in_atomic(schema->database)) {
        nu_error *error = nu_error_new(
            NU_COMMAND_ERROR, "the index \"%s\" cannot be made concurrently in a transaction",
            index->name);
        error->hint = "Give it a migration of its own that says .not_atomic = true.";
        nu_throw(error);
    }
    nu__schema_run(schema, &sql);
}

void nu__schema_rename_index(nu__schema *schema, const nu__change *change, const char *from,
                             const char *to)
{
    if (nu__schema_in_place(schema)) {
        nu_builder sql = nu__ddl("ALTER INDEX ");
        nu__ddl_quote(schema, &sql, from);
        nu_builder_puts(&sql, " RENAME TO ");
        nu__ddl_quote(schema, &sql, to);
        nu__schema_run(schema, &sql);
        return;
    }
    nu__schema_drop_index(schema, from, false);
    nu__schema_add_index(schema, change, nu__meta_index(&change->new->meta, to), false);
}

/* The name under which the database knows it: a table that was renamed keeps the names of its
 * indexes. Where SQL is only gathered, the tables may not be there. */
static const char *unique_name(const nu__schema *schema, const char *old_table, const char *table,
                               const char *const *columns)
{
    const char *found = schema->collect == NULL
                            ? schema->backend->unique_index(schema->database, table, columns)
                            : NULL;
    return found != NULL ? found : nu__index_name(schema, old_table, columns, "_uniq");
}

void nu__schema_alter_together(nu__schema *schema, const nu__change *change)
{
    const nu__model *old = change->old, *new = change->new;
    const char      *table = nu__model_table(new);
    for (size_t i = 0; i < nu__count_sets(old->meta.unique_together); i++) {
        const char *const *set = old->meta.unique_together[i];
        if (nu__has_set(new->meta.unique_together, set))
            continue;
        const char *name = unique_name(schema, nu__model_table(old), table,
                                       nu__column_names(change->before, old, set));
        if (nu__schema_in_place(schema))
            nu__schema_drop_constraint(schema, table, name);
        else
            nu__schema_drop_index(schema, name, false);
    }
    for (size_t i = 0; i < nu__count_sets(new->meta.unique_together); i++) {
        const char *const *set = new->meta.unique_together[i];
        if (nu__has_set(old->meta.unique_together, set))
            continue;
        nu_builder sql = nu__ddl_unique(schema, table, nu__column_names(change->after, new, set));
        nu__schema_run(schema, &sql);
    }
}
