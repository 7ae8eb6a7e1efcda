/* A column changed in place, for databases whose ALTER TABLE can. The steps and their order are those of
 * Django's schema editor. */
#include <string.h>

#include "migrate/schema.h"

static const char *table_of(const nu__alteration *a)
{
    return nu__model_table(a->change->new);
}

/* ALTER TABLE … ALTER COLUMN "c"  */
static nu_builder alter_column(const nu__schema *schema, const char *table, const char *column)
{
    nu_builder sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "ALTER COLUMN ");
    nu__ddl_quote(schema, &sql, column);
    nu_builder_putc(&sql, ' ');
    return sql;
}

static bool is_auto(const nu__column *column)
{
    return column->primary_key && column->type.type <= NU_DB_SMALL_AUTO;
}

static bool type_differs(const nu__schema *schema, const nu__alteration *a)
{
    return strcmp(nu__ddl_type(schema, &a->was), nu__ddl_type(schema, &a->is)) != 0 ||
           is_auto(&a->was) != is_auto(&a->is);
}

/* ---- what other tables hold of the column ----------------------------------------------------- */

/* Calls `each` for every reference elsewhere to the column's model, as it was and is. */
static void each_reference(nu__schema *schema, const nu__alteration *a,
                           void (*each)(nu__schema *schema, const nu__alteration *reference))
{
    const nu__change *change = a->change;
    for (size_t m = 0; m < change->after->count; m++) {
        const nu__model *model = change->after->models[m];
        nu__change       other = {.before = change->before,
                                  .after = change->after,
                                  .old = nu__state_find(change->before, model->app, model->name),
                                  .new = model};
        for (size_t i = 0; other.old != NULL && i < model->count; i++) {
            const nu_field *field = &model->fields[i];
            const nu_field *from = nu__model_field(other.old, field->name);
            nu__alteration  reference = {.change = &other, .from = from, .to = field};
            if (from != NULL && field->to_name != NULL && !field->type->many &&
                nu__label_equal(field->to_name, nu__model_label(change->new)) &&
                nu__column_of(other.before, other.old, from, &reference.was) &&
                nu__column_of(other.after, model, field, &reference.is) &&
                nu__text_equal(reference.is.to_column, a->is.name))
                each(schema, &reference);
        }
        for (size_t i = 0; other.old != NULL && i < model->count; i++) {
            const nu_field *field = &model->fields[i];
            const nu_field *from = nu__model_field(other.old, field->name);
            nu__model *was = from != NULL ? nu__many_model(other.before, other.old, from) : NULL;
            nu__model *is = was != NULL ? nu__many_model(other.after, model, field) : NULL;
            for (size_t end = 1; is != NULL && end <= 2; end++) {
                nu__change between = {
                    .before = change->before, .after = change->after, .old = was, .new = is};
                nu__alteration reference = {
                    .change = &between, .from = &was->fields[end], .to = &is->fields[end]};
                if (nu__label_equal(is->fields[end].to_name, nu__model_label(change->new)) &&
                    nu__column_of(change->before, was, reference.from, &reference.was) &&
                    nu__column_of(change->after, is, reference.to, &reference.is) &&
                    nu__text_equal(reference.is.to_column, a->is.name))
                    each(schema, &reference);
            }
        }
    }
}

static void drop_one_reference(nu__schema *schema, const nu__alteration *reference)
{
    if (reference->was.to_table != NULL)
        nu__schema_drop_reference(schema, table_of(reference), reference->change->named_after,
                                  &reference->was);
}

static void add_one_reference(nu__schema *schema, const nu__alteration *reference)
{
    if (reference->is.to_table == NULL)
        return;
    nu_builder sql = nu__ddl_reference(schema, table_of(reference), &reference->is);
    nu__schema_run(schema, &sql);
}

/* ---- types ------------------------------------------------------------------------------------ */

/* The kinds of column of which the values of one can be taken for the other's without being told so: of
 * arrays it is what their items are that counts. */
static bool same_kind(const nu__alteration *a)
{
    const nu_field *was = a->was.value_field, *is = a->is.value_field;
    if (a->was.type.type != a->is.type.type)
        return false;
    for (; was->base_field != NULL && is->base_field != NULL;
         was = was->base_field, is = is->base_field)
        ;
    return was->type->db == is->type->db && (was->base_field == NULL) == (is->base_field == NULL) &&
           (was->type->db != NU_DB_NATIVE || was->type == is->type);
}

static void change_type(nu__schema *schema, const nu__alteration *a)
{
    const char *was = nu__ddl_type(schema, &a->was), *is = nu__ddl_type(schema, &a->is);
    if (strcmp(was, is) == 0)
        return;
    nu_builder sql = alter_column(schema, table_of(a), a->is.name);
    nu_builder_printf(&sql, "TYPE %s", is);
    if (!same_kind(a)) {
        nu_builder_puts(&sql, " USING ");
        nu__ddl_quote(schema, &sql, a->is.name);
        nu_builder_printf(&sql, "::%s", is);
    }
    nu__schema_run(schema, &sql);
}

static void change_reference_type(nu__schema *schema, const nu__alteration *reference)
{
    change_type(schema, reference);
}

/* The database counts the column, or does so no more. */
static void change_counting(nu__schema *schema, const nu__alteration *a)
{
    if (is_auto(&a->was) == is_auto(&a->is))
        return;
    const char *table = table_of(a), *column = a->is.name;
    nu_builder  sql = alter_column(schema, table, column);
    if (!is_auto(&a->is)) {
        nu_builder_puts(&sql, "DROP IDENTITY IF EXISTS");
        nu__schema_run(schema, &sql);
        return;
    }
    nu_builder_printf(&sql, "ADD %s", schema->backend->column_suffix(a->is.type));
    nu__schema_run(schema, &sql);
    nu_builder quoted_table = nu__ddl(""), quoted = nu__ddl("");
    nu__ddl_quote(schema, &quoted_table, table);
    nu__ddl_quote(schema, &quoted, column);
    nu_builder max = nu__ddl("SELECT setval(pg_get_serial_sequence(");
    nu__ddl_literal(schema, &max, nu_value_text(nu_builder_text(&quoted_table)));
    nu_builder_puts(&max, ", ");
    nu__ddl_literal(schema, &max, nu_value_text(column));
    nu_builder_printf(&max, "), coalesce(max(%s), 1), max(%s) IS NOT NULL) FROM %s",
                      nu_builder_text(&quoted), nu_builder_text(&quoted),
                      nu_builder_text(&quoted_table));
    nu__schema_run(schema, &max);
}

/* ---- NULL ------------------------------------------------------------------------------------- */

/* Rows that hold NULL get the value; as in Django's, it is the column's default meanwhile. */
static void fill_rows(nu__schema *schema, const nu__alteration *a)
{
    nu_builder sql = alter_column(schema, table_of(a), a->is.name);
    nu_builder_puts(&sql, "SET DEFAULT ");
    nu__ddl_literal(schema, &sql, a->fill);
    nu__schema_run(schema, &sql);
    sql = nu__ddl("UPDATE ");
    nu__ddl_quote(schema, &sql, table_of(a));
    nu_builder_puts(&sql, " SET ");
    nu__ddl_quote(schema, &sql, a->is.name);
    nu_builder_puts(&sql, " = ");
    nu__ddl_literal(schema, &sql, a->fill);
    nu_builder_puts(&sql, " WHERE ");
    nu__ddl_quote(schema, &sql, a->is.name);
    /* Checks of the rows changed are made now: the table could not be altered with them open. */
    nu_builder_puts(&sql, " IS NULL; SET CONSTRAINTS ALL IMMEDIATE");
    nu__schema_run(schema, &sql);
}

static void change_null(nu__schema *schema, const nu__alteration *a)
{
    if (a->was.null == a->is.null || a->is.primary_key)
        return;
    bool fills = !nu_is_null(a->fill) && a->to->db_default == NULL;
    if (fills)
        fill_rows(schema, a);
    nu_builder sql = alter_column(schema, table_of(a), a->is.name);
    nu_builder_puts(&sql, a->is.null ? "DROP NOT NULL" : "SET NOT NULL");
    nu__schema_run(schema, &sql);
    if (!fills)
        return;
    sql = alter_column(schema, table_of(a), a->is.name);
    nu_builder_puts(&sql, "DROP DEFAULT");
    nu__schema_run(schema, &sql);
}

static void change_default(nu__schema *schema, const nu__alteration *a)
{
    nu_expression_fn was = a->from->db_default, is = a->to->db_default;
    const char      *before = NULL, *after = NULL;
    if (was != NULL)
        before = nu__schema_expression(schema, a->change->before, a->change->old, was);
    if (is != NULL)
        after = nu__schema_expression(schema, a->change->after, a->change->new, is);
    if (nu__text_equal(before, after))
        return;
    nu_builder sql = alter_column(schema, table_of(a), a->is.name);
    if (after != NULL)
        nu_builder_printf(&sql, "SET DEFAULT (%s)", after);
    else
        nu_builder_puts(&sql, "DROP DEFAULT");
    nu__schema_run(schema, &sql);
}

/* ---- indexes and constraints of the column ---------------------------------------------------- */

static void drop_unique(nu__schema *schema, const nu__alteration *a)
{
    if (!a->was.unique || a->was.primary_key || (a->is.unique && !a->is.primary_key))
        return;
    const char *const columns[] = {a->was.name, NULL};
    const char       *table = table_of(a), *found = NULL;
    if (schema->collect == NULL)
        found = schema->backend->unique_index(schema->database, table, columns);
    /* CREATE TABLE lets the database name it. */
    nu__schema_drop_constraint(schema, table,
                               found != NULL ? found : nu_fmt("%s_%s_key", table, a->was.name));
}

static void drop_index(nu__schema *schema, const nu__alteration *a)
{
    const char *const columns[] = {a->was.name, NULL};
    if (a->was.index && !a->is.index)
        nu__schema_drop_index(schema, nu__index_name(schema, table_of(a), columns, ""), false);
}

static void drop_check(nu__schema *schema, const nu__alteration *a, const char *was, const char *is)
{
    if (was == NULL || nu__text_equal(was, is))
        return;
    const char *found = schema->collect == NULL && schema->backend->check != NULL
                            ? schema->backend->check(schema->database, table_of(a), a->was.name)
                            : NULL;
    nu__schema_drop_constraint(schema, table_of(a),
                               found != NULL ? found
                                             : nu_fmt("%s_%s_check", table_of(a), a->was.name));
}

static void add_check(nu__schema *schema, const nu__alteration *a, const char *was, const char *is)
{
    if (is == NULL || nu__text_equal(was, is))
        return;
    const char *const columns[] = {a->is.name, NULL};
    nu_builder        sql = nu__ddl_alter(schema, table_of(a));
    nu_builder_puts(&sql, "ADD CONSTRAINT ");
    nu__ddl_quote(schema, &sql, nu__index_name(schema, table_of(a), columns, "_check"));
    nu_builder_printf(&sql, " CHECK (%s)", is);
    nu__schema_run(schema, &sql);
}

/* The index for LIKE goes where it is of no use any more, and comes where it is. As in Django it goes,
 * too, when a varchar becomes a text or the other way round, and does not come again. */
static void drop_like(nu__schema *schema, const nu__alteration *a)
{
    nu_builder        ignored;
    const char *const columns[] = {a->was.name, NULL};
    bool              turned = (a->was.type.type == NU_DB_TEXT) != (a->is.type.type == NU_DB_TEXT);
    if (nu__ddl_like_index(schema, table_of(a), &a->was, &ignored) &&
        (turned || !nu__ddl_like_index(schema, table_of(a), &a->is, &ignored)))
        nu__schema_drop_index(schema, nu__index_name(schema, table_of(a), columns, "_like"), false);
}

static void add_like(nu__schema *schema, const nu__alteration *a)
{
    nu_builder sql, ignored;
    if (nu__ddl_like_index(schema, table_of(a), &a->is, &sql) &&
        !nu__ddl_like_index(schema, table_of(a), &a->was, &ignored))
        nu__schema_run(schema, &sql);
}

static void add_unique(nu__schema *schema, const nu__alteration *a)
{
    if (!a->is.unique || a->is.primary_key || (a->was.unique && !a->was.primary_key))
        return;
    const char *const columns[] = {a->is.name, NULL};
    nu_builder        sql = nu__ddl_unique(schema, table_of(a), columns);
    nu__schema_run(schema, &sql);
}

static void add_index(nu__schema *schema, const nu__alteration *a)
{
    if (!a->is.index || a->was.index)
        return;
    nu_builder sql = nu__ddl_column_index(schema, table_of(a), &a->is);
    nu__schema_run(schema, &sql);
}

static void become_key(nu__schema *schema, const nu__alteration *a)
{
    if (a->was.primary_key || !a->is.primary_key)
        return;
    const char       *table = table_of(a);
    const char *const columns[] = {a->is.name, NULL};
    nu_builder        sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "DROP CONSTRAINT IF EXISTS ");
    nu__ddl_quote(schema, &sql, nu_fmt("%s_pkey", table));
    nu__schema_run(schema, &sql);
    sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "ADD CONSTRAINT ");
    nu__ddl_quote(schema, &sql, nu__index_name(schema, table, columns, "_pk"));
    nu_builder_puts(&sql, " PRIMARY KEY (");
    nu__ddl_quote(schema, &sql, a->is.name);
    nu_builder_puts(&sql, ")");
    nu__schema_run(schema, &sql);
}

static void stop_being_key(nu__schema *schema, const nu__alteration *a)
{
    if (!a->was.primary_key || a->is.primary_key)
        return;
    const char *table = table_of(a);
    nu_builder  sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "DROP CONSTRAINT IF EXISTS ");
    nu__ddl_quote(schema, &sql, nu_fmt("%s_pkey", table));
    nu__schema_run(schema, &sql);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static bool reference_differs(const nu__alteration *a)
{
    return !nu__text_equal(a->was.to_table, a->is.to_table) ||
           !nu__text_equal(a->was.to_column, a->is.to_column) ||
           strcmp(a->was.name, a->is.name) != 0 ||
           strcmp(nu__ddl_on_delete(&a->was), nu__ddl_on_delete(&a->is)) != 0;
}

void nu__schema_alter_column(nu__schema *schema, const nu__alteration *a)
{
    const char *was_check = nu__ddl_check(schema, &a->was);
    const char *is_check = nu__ddl_check(schema, &a->is);
    bool        retyped = type_differs(schema, a);
    bool is_target = (a->was.primary_key && a->is.primary_key) || (a->was.unique && a->is.unique) ||
                     (!a->was.primary_key && a->is.primary_key);
    bool remade = a->was.to_table != NULL &&
                  (reference_differs(a) || retyped || nu__field_altered(a->from, a->to));
    if (remade)
        nu__schema_drop_reference(schema, table_of(a), a->change->named_after, &a->was);
    drop_unique(schema, a);
    if (retyped && is_target)
        each_reference(schema, a, drop_one_reference);
    drop_index(schema, a);
    drop_like(schema, a);
    drop_check(schema, a, was_check, is_check);
    nu__schema_rename_column(schema, table_of(a), a->was.name, a->is.name);
    if (is_auto(&a->was) && !is_auto(&a->is))
        change_counting(schema, a);
    change_type(schema, a);
    change_default(schema, a);
    change_null(schema, a);
    stop_being_key(schema, a);
    add_unique(schema, a);
    add_index(schema, a);
    become_key(schema, a);
    if (!is_auto(&a->was) && is_auto(&a->is))
        change_counting(schema, a);
    if (retyped && is_target)
        each_reference(schema, a, change_reference_type);
    if (a->is.to_table != NULL && (remade || a->was.to_table == NULL)) {
        nu_builder sql = nu__ddl_reference(schema, table_of(a), &a->is);
        nu__schema_run(schema, &sql);
    }
    if (retyped && is_target)
        each_reference(schema, a, add_one_reference);
    add_check(schema, a, was_check, is_check);
    add_like(schema, a);
}
