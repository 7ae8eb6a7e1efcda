/* Fields added, removed and altered: in place where the database can, else the table is made anew. */
#include <string.h>
#include <strings.h>

#include "migrate/schema.h"

/* ---- added ----------------------------------------------------------------------------------- */

/* On such a database a new column may be neither a key nor unique nor filled, and refer to nothing that
 * must be. */
static bool needs_remake(const nu__schema *schema, const nu__column *column, nu_value fill)
{
    if (nu__schema_in_place(schema))
        return false;
    const nu_field *field = column->field;
    if (field->generated != NULL)
        return !field->not_stored || column->unique;
    return column->primary_key || column->unique || !column->null || !nu_is_null(fill) ||
           field->db_default != NULL;
}

static void put_inline_reference(const nu__schema *schema, nu_builder *sql, const char *table,
                                 const nu__column *column)
{
    const char *name = nu__reference_name(schema, table, column);
    nu_builder_puts(sql, " CONSTRAINT ");
    nu__ddl_quote(schema, sql, name);
    nu_builder_puts(sql, " REFERENCES ");
    nu__ddl_quote(schema, sql, column->to_table);
    nu_builder_putc(sql, '(');
    nu__ddl_quote(schema, sql, column->to_column);
    nu_builder_printf(sql, ")%s DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS ",
                      nu__ddl_on_delete(column));
    nu__ddl_quote(schema, sql, name);
    nu_builder_puts(sql, " IMMEDIATE");
}

static void drop_default(nu__schema *schema, const char *table, const char *column)
{
    nu_builder sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "ALTER COLUMN ");
    nu__ddl_quote(schema, &sql, column);
    nu_builder_puts(&sql, " DROP DEFAULT");
    nu__schema_run(schema, &sql);
}

static void add_column(nu__schema *schema, const nu__change *change, const nu__column *column,
                       nu_value fill)
{
    const char *table = nu__model_table(change->new);
    bool        own_default = column->field->db_default != NULL || column->field->generated != NULL;
    nu_builder  sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "ADD COLUMN ");
    nu__ddl_column(schema, &sql, change, column, fill);
    if (nu__schema_in_place(schema) && column->to_table != NULL)
        put_inline_reference(schema, &sql, table, column);
    nu__schema_run(schema, &sql);
    if (!own_default && !nu_is_null(fill))
        drop_default(schema, table, column->name);
    if (column->field->db_comment != NULL)
        nu__schema_comment_column(schema, table, column);
    nu__schema_column_indexes(schema, table, column);
}

void nu__schema_add_field(nu__schema *schema, const nu__change *change, const nu_field *field,
                          nu_value fill)
{
    nu__model *between = nu__many_model(change->after, change->new, field);
    if (between != NULL) {
        nu__schema_create_model(schema, change->after, between);
        return;
    }
    nu__column column;
    if (!nu__column_of(change->after, change->new, field, &column))
        return;
    if (field->generated != NULL)
        fill = nu_null();
    if (needs_remake(schema, &column, fill))
        nu__remake_table(schema, change, &(nu__remake){.added = field, .fill = fill});
    else
        add_column(schema, change, &column, fill);
}

/* ---- removed --------------------------------------------------------------------------------- */

static void drop_reference(nu__schema *schema, const char *table, const char *name)
{
    nu_builder sql = nu__ddl("SET CONSTRAINTS ");
    nu__ddl_quote(schema, &sql, name);
    nu_builder_puts(&sql, " IMMEDIATE; ALTER TABLE ");
    nu__ddl_quote(schema, &sql, table);
    nu_builder_puts(&sql, " DROP CONSTRAINT ");
    nu__ddl_quote(schema, &sql, name);
    nu__schema_run(schema, &sql);
}

void nu__schema_drop_reference(nu__schema *schema, const char *table, const char *named_after,
                               const nu__column *column)
{
    const char *found = schema->collect == NULL && schema->backend->reference != NULL
                            ? schema->backend->reference(schema->database, table, column->name)
                            : NULL;
    if (found == NULL && schema->collect == NULL)
        return; /* it was dropped by hand */
    if (found == NULL)
        found = nu__reference_name(schema, named_after != NULL ? named_after : table, column);
    drop_reference(schema, table, found);
}

static void drop_column(nu__schema *schema, const nu__change *change, const nu__column *column)
{
    const char *table = nu__model_table(change->old);
    if (nu__schema_in_place(schema) && column->to_table != NULL)
        nu__schema_drop_reference(schema, table, change->named_after, column);
    nu_builder sql = nu__ddl_alter(schema, table);
    nu_builder_puts(&sql, "DROP COLUMN ");
    nu__ddl_quote(schema, &sql, column->name);
    nu_builder_puts(&sql, nu__schema_in_place(schema) ? " CASCADE" : "");
    nu__schema_run(schema, &sql);
}

void nu__schema_remove_field(nu__schema *schema, const nu__change *change, const nu_field *field)
{
    nu__model *between = nu__many_model(change->before, change->old, field);
    if (between != NULL) {
        nu__schema_drop_table(schema, nu__model_table(between));
        return;
    }
    nu__column column;
    if (!nu__column_of(change->before, change->old, field, &column))
        return;
    bool plain = !column.primary_key && !column.unique && !column.index && column.to_table == NULL;
    if (nu__schema_in_place(schema) || plain)
        drop_column(schema, change, &column);
    else
        nu__remake_table(schema, change, &(nu__remake){.added = NULL});
}

/* ---- altered --------------------------------------------------------------------------------- */

bool nu__same_definition(const nu__schema *schema, const nu__alteration *alteration)
{
    nu__column       named = alteration->is;
    const nu__change before = {.after = alteration->change->before, .new = alteration->change->old};
    named.name = alteration->was.name;
    nu_builder one = nu__ddl(""), other = nu__ddl("");
    nu__ddl_column(schema, &one, &before, &alteration->was, nu_null());
    nu__ddl_column(schema, &other, alteration->change, &named, nu_null());
    return alteration->was.index == alteration->is.index &&
           nu__text_equal(alteration->was.to_table, alteration->is.to_table) &&
           strcmp(nu__ddl_on_delete(&alteration->was), nu__ddl_on_delete(&alteration->is)) == 0 &&
           strcmp(nu_builder_text(&one), nu_builder_text(&other)) == 0;
}

/* The reference in `model` as it was and is; false if it is none to `target`, or does not change. */
static bool retyped(const nu__schema *schema, const nu__change *change, const nu_field *field,
                    const nu__model *target, nu__alteration *out)
{
    const nu_field *from = nu__model_field(change->old, field->name);
    if (from == NULL || field->to_name == NULL ||
        !nu__label_equal(field->to_name, nu__model_label(target)))
        return false;
    *out = (nu__alteration){.change = change, .from = from, .to = field, .fill = nu_null()};
    return nu__column_of(change->before, change->old, from, &out->was) &&
           nu__column_of(change->after, change->new, field, &out->is) &&
           !nu__same_definition(schema, out);
}

/* Columns that refer to a key whose type has changed take the new type. */
static void retype_references(nu__schema *schema, const nu__change *change)
{
    for (size_t m = 0; m < change->after->count; m++) {
        const nu__model *model = change->after->models[m];
        nu__change       other = {.before = change->before,
                                  .after = change->after,
                                  .old = nu__state_find(change->before, model->app, model->name),
                                  .new = model};
        bool             differs = false;
        for (size_t i = 0; other.old != NULL && model != change->new &&i < model->count; i++) {
            nu__alteration alteration;
            differs |= retyped(schema, &other, &model->fields[i], change->new, &alteration);
        }
        if (differs)
            nu__remake_table(schema, &other, &(nu__remake){.added = NULL});
    }
}

void nu__schema_check_alteration(const nu__change *change, const nu_field *from, const nu_field *to)
{
    nu__column was, is;
    bool       had = nu__column_of(change->before, change->old, from, &was);
    bool       has = nu__column_of(change->after, change->new, to, &is);
    bool       between = nu__many_model(change->before, change->old, from) != NULL;
    if (had == has && between == (nu__many_model(change->after, change->new, to) != NULL))
        return;
    nu_raise(NU_COMMAND_ERROR,
             "field \"%s\" of \"%s\" cannot be changed into a many-to-many field or back", to->name,
             nu__model_label(change->new));
}

/* Where columns cannot be altered in place: a new table, the rows, and the old one goes. */
static void replace_between(nu__schema *schema, const nu__change *change, const nu__model *was,
                            const nu__model *is)
{
    nu__column from[2], to[2];
    for (size_t end = 0; end < 2; end++) {
        nu__column_of(change->before, was, &was->fields[end + 1], &from[end]);
        nu__column_of(change->after, is, &is->fields[end + 1], &to[end]);
    }
    nu__schema_create_model(schema, change->after, is);
    nu_builder sql = nu__ddl("INSERT INTO ");
    nu__ddl_quote(schema, &sql, nu__model_table(is));
    nu_builder_printf(&sql, " (id, %s, %s) SELECT id, %s, %s FROM ", to[0].name, to[1].name,
                      from[0].name, from[1].name);
    nu__ddl_quote(schema, &sql, nu__model_table(was));
    nu__schema_run(schema, &sql);
    nu__schema_drop_table(schema, nu__model_table(was));
}

static void alter_end(nu__schema *schema, const nu__change *change, const nu__model *was,
                      const nu__model *is, size_t end)
{
    nu__change between = *change;
    nu__model *old = nu_alloc(sizeof *old);
    *old = *was;
    old->meta.db_table = nu__model_table(is);
    between.old = old;
    between.new = is;
    between.named_after = nu__model_table(was);
    nu__alteration alteration = {.change = &between};
    nu__column_of(change->before, old, &was->fields[end], &alteration.was);
    nu__column_of(change->after, is, &is->fields[end], &alteration.is);
    if (strcmp(alteration.was.name, alteration.is.name) != 0 ||
        !nu__same_definition(schema, &alteration))
        nu__schema_alter_field(schema, &between, &was->fields[end], &is->fields[end]);
}

void nu__schema_alter_many(nu__schema *schema, const nu__change *change, const nu_field *from,
                           const nu_field *to)
{
    nu__model *was = nu__many_model(change->before, change->old, from);
    nu__model *is = nu__many_model(change->after, change->new, to);
    if (was == NULL || is == NULL)
        return;
    bool renamed = strcmp(nu__model_table(was), nu__model_table(is)) != 0;
    if (renamed && !nu__schema_in_place(schema)) {
        replace_between(schema, change, was, is);
        return;
    }
    nu__schema_rename_table(schema, nu__model_table(was), nu__model_table(is));
    for (size_t end = 2; end >= 1; end--)
        alter_end(schema, change, was, is, end);
}

void nu__schema_alter_field(nu__schema *schema, const nu__change *change, const nu_field *from,
                            const nu_field *to)
{
    nu__alteration alteration = {.change = change, .from = from, .to = to};
    nu__schema_check_alteration(change, from, to);
    nu__column_of(change->before, change->old, from, &alteration.was);
    if (!nu__column_of(change->after, change->new, to, &alteration.is)) {
        nu__schema_alter_many(schema, change, from, to);
        return;
    }
    const nu__column *was = &alteration.was, *is = &alteration.is;
    const char       *table = nu__model_table(change->new);
    bool              defined = nu__same_definition(schema, &alteration);
    bool              renamed = strcmp(was->name, is->name) != 0;
    /* Without a change in place, and where there is a reference, Django does not look that closely. */
    bool same = defined && ((nu__schema_in_place(schema) && was->to_table == NULL) ||
                            !nu__field_altered(from, to));
    if (!nu__text_equal(from->db_comment, to->db_comment) && !renamed)
        nu__schema_comment_column(schema, table, is);
    if (same && !renamed)
        return;
    alteration.fill = was->null && !is->null ? nu__effective_default(to) : nu_null();
    if (nu__schema_in_place(schema)) {
        nu__schema_alter_column(schema, &alteration);
        return;
    }
    /* The index of a reference is called after its column, so a renamed one is made anew. */
    if (defined && renamed && is->to_table == NULL) {
        nu__schema_rename_column(schema, table, was->name, is->name);
        return;
    }
    nu__remake_table(schema, change,
                     &(nu__remake){.from = from, .to = to, .fill = alteration.fill});
    if ((is->primary_key || is->unique) &&
        strcmp(nu__ddl_type(schema, was), nu__ddl_type(schema, is)) != 0)
        retype_references(schema, change);
}
