#include <string.h>

#include "migrate/schema.h"

/* ---- copying the rows ------------------------------------------------------------------------ */

/* The column of `old` whose values go into the field of `new`; false if it has none. */
static bool source_column(const nu__state *before, const nu__model *old, const nu_field *field,
                          const nu__remake *remake, nu__column *out)
{
    const char *name = field->name;
    if (remake->to != NULL && strcmp(remake->to->name, name) == 0)
        name = remake->from->name;
    const nu_field *source = nu__model_field(old, name);
    return source != NULL && nu__column_of(before, old, source, out);
}

/* Writes where the values of one column come from; true if that holds the parameter. */
static bool write_source(const nu__schema *schema, nu_builder *sql, const nu__remake *remake,
                         const nu_field *field, const nu__column *source)
{
    if (source == NULL) {
        nu_builder_puts(sql, nu_is_null(remake->fill) ? "NULL" : "?");
        return !nu_is_null(remake->fill);
    }
    bool filled = remake->to != NULL && strcmp(remake->to->name, field->name) == 0 &&
                  !nu_is_null(remake->fill);
    nu_builder_puts(sql, filled ? "coalesce(" : "");
    nu__ddl_quote(schema, sql, source->name);
    nu_builder_puts(sql, filled ? ", ?)" : "");
    return filled;
}

/* A value as SQL text, for sqlmigrate, where there is nothing to bind it to. */
static const char *literal(nu_value value)
{
    if (value.type == NU_INT)
        return nu_fmt("%lld", (long long)value.integer);
    if (value.type == NU_BOOL)
        return value.boolean ? "1" : "0";
    if (value.type == NU_DATETIME) /* stored in UTC, without saying so */
        value = nu_value_text_copy(nu_text(value), 26);
    nu_builder text;
    nu_builder_init(&text, NULL, 32);
    nu_builder_putc(&text, '\'');
    for (const char *c = nu_text(value); *c != '\0'; c++) {
        nu_builder_puts(&text, *c == '\'' ? "'" : "");
        nu_builder_putc(&text, *c);
    }
    nu_builder_putc(&text, '\'');
    return nu_builder_text(&text);
}

/* The statement with its one parameter written out. */
static nu_builder with_literal(const nu_builder *sql, nu_value value)
{
    const char *text = sql->data;
    const char *mark = memchr(text, '?', sql->length);
    nu_builder  whole = nu__ddl("");
    nu_builder_add(&whole, text, (size_t)(mark - text));
    nu_builder_puts(&whole, literal(value));
    nu_builder_add(&whole, mark + 1, sql->length - (size_t)(mark - text) - 1);
    return whole;
}

static void copy_rows(nu__schema *schema, const nu__state *before, const nu__state *after,
                      const nu__model *old, const nu__model *new, const char *beside,
                      const nu__remake *remake)
{
    nu_builder into = nu__ddl("INSERT INTO ");
    nu_builder from = nu__ddl(" SELECT ");
    nu__ddl_quote(schema, &into, beside);
    nu_builder_puts(&into, " (");
    bool first = true, has_param = false;
    for (size_t i = 0; i < new->count; i++) {
        const nu_field *field = &new->fields[i];
        nu__column      target, source;
        if (!nu__column_of(after, new, field, &target))
            continue;
        bool copied = source_column(before, old, field, remake, &source);
        if (!copied && (remake->added == NULL || strcmp(remake->added->name, field->name) != 0))
            continue;
        nu_builder_puts(&into, first ? "" : ", ");
        nu_builder_puts(&from, first ? "" : ", ");
        nu__ddl_quote(schema, &into, target.name);
        has_param |= write_source(schema, &from, remake, field, copied ? &source : NULL);
        first = false;
    }
    nu_builder_puts(&into, ")");
    nu_builder_add(&into, from.data, from.length);
    nu_builder_puts(&into, " FROM ");
    nu__ddl_quote(schema, &into, nu__model_table(old));
    if (has_param && schema->collect != NULL) {
        nu_builder shown = with_literal(&into, remake->fill);
        nu__schema_run(schema, &shown);
    } else if (has_param) {
        nu__schema_run_with(schema, &into, remake->fill);
    } else {
        nu__schema_run(schema, &into);
    }
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

void nu__remake_table(nu__schema *schema, const nu__state *before, const nu__state *after,
                      const nu__model *old, const nu__model *new, const nu__remake *remake)
{
    const char *table = nu__model_table(new);
    const char *beside = nu_fmt("new__%s", table);
    nu__schema_create_table(schema, after, new, beside);
    copy_rows(schema, before, after, old, new, beside, remake);
    nu_builder drop = nu__ddl("DROP TABLE ");
    nu__ddl_quote(schema, &drop, nu__model_table(old));
    nu__schema_run(schema, &drop);
    nu__schema_rename_table(schema, beside, table);
    forget_deferred(schema, table);
    nu__schema_model_indexes(schema, after, new);
    /* At once, as Django does: later operations of this migration may name them. */
    nu__schema_end(schema);
}
