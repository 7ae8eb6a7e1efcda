#include <string.h>

#include "migrate/schema.h"

/* ---- copying the rows ------------------------------------------------------------------------ */

/* The column of `old` whose values go into the field of `new`; false if it has none. */
static bool source_column(const nu__change *change, const nu_field *field,
                          const nu__remake *remake, nu__column *out)
{
    const char *name = field->name;
    if (remake->to != NULL && strcmp(remake->to->name, name) == 0)
        name = remake->from->name;
    const nu_field *source = nu__model_field(change->old, name);
    return source != NULL && nu__column_of(change->before, change->old, source, out);
}

/* Writes where the values of one column come from. */
static void write_source(const nu__schema *schema, nu_builder *sql, const nu__remake *remake,
                         const nu_field *field, const nu__column *source)
{
    if (source == NULL) {
        nu__ddl_literal(schema, sql, remake->fill);
        return;
    }
    bool filled = remake->to != NULL && strcmp(remake->to->name, field->name) == 0 &&
                  !nu_is_null(remake->fill);
    nu_builder_puts(sql, filled ? "coalesce(" : "");
    nu__ddl_quote(schema, sql, source->name);
    if (filled) {
        nu_builder_puts(sql, ", ");
        nu__ddl_literal(schema, sql, remake->fill);
        nu_builder_puts(sql, ")");
    }
}

static bool is_copied(const nu__change *change, const nu_field *field, const nu__remake *remake,
                      nu__column *source)
{
    return field->generated == NULL && source_column(change, field, remake, source);
}

static void copy_rows(nu__schema *schema, const nu__change *change, const char *beside,
                      const nu__remake *remake)
{
    nu_builder into = nu__ddl("INSERT INTO ");
    nu_builder from = nu__ddl(" SELECT ");
    nu__ddl_quote(schema, &into, beside);
    nu_builder_puts(&into, " (");
    bool first = true;
    for (size_t i = 0; i < change->new->count; i++) {
        const nu_field *field = &change->new->fields[i];
        nu__column      target, source;
        if (!nu__column_of(change->after, change->new, field, &target))
            continue;
        bool copied = is_copied(change, field, remake, &source);
        bool added = remake->added != NULL && strcmp(remake->added->name, field->name) == 0 &&
                     field->generated == NULL &&
                     (field->db_default == NULL || !nu_is_null(remake->fill));
        if (!copied && !added)
            continue;
        nu_builder_puts(&into, first ? "" : ", ");
        nu_builder_puts(&from, first ? "" : ", ");
        nu__ddl_quote(schema, &into, target.name);
        write_source(schema, &from, remake, field, copied ? &source : NULL);
        first = false;
    }
    nu_builder_puts(&into, ")");
    nu_builder_add(&into, from.data, from.length);
    nu_builder_puts(&into, " FROM ");
    nu__ddl_quote(schema, &into, nu__model_table(change->old));
    nu__schema_run(schema, &into);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Indexes of this table that wait for the end would be made twice: those of the remake are all. */
static void forget_deferred(nu__schema *schema, const char *table)
{
    nu_list   *kept = nu_list_new();
    nu_builder on;
    nu_builder_init(&on, NULL, 64);
    nu_builder_puts(&on, " ON ");
    schema->backend->quote(&on, table);
    nu_builder_puts(&on, " (");
    for (uint32_t i = 0; i < schema->deferred->count; i++)
        if (strstr(schema->deferred->items[i].text, nu_builder_text(&on)) == NULL)
            nu_list_push(kept, schema->deferred->items[i]);
    schema->deferred = kept;
}

void nu__remake_table(nu__schema *schema, const nu__change *change, const nu__remake *remake)
{
    const char *table = nu__model_table(change->new);
    const char *beside = nu_fmt("new__%s", table);
    nu__schema_create_table(schema, change->after, change->new, beside);
    copy_rows(schema, change, beside, remake);
    nu__schema_drop_table(schema, nu__model_table(change->old));
    nu__schema_rename_table(schema, beside, table);
    forget_deferred(schema, table);
    nu__schema_model_indexes(schema, change->after, change->new);
    /* At once, as Django does: later operations of this migration may name them. */
    nu__schema_end(schema);
}
