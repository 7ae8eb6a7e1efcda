/* Options of models, indexes and constraints as C source. */
#include "migrate/writer.h"

#include "model/schema_sql.h"

static void write_list(struct nu__writer *writer, const char *member, const char *const *texts)
{
    if (texts == NULL)
        return;
    nu_builder_printf(&writer->out, ", .%s = ", member);
    nu__write_texts(writer, texts);
}

void nu__write_sets(struct nu__writer *writer, const char *const *const *sets)
{
    nu_builder_puts(&writer->out, "NU_TOGETHER(");
    for (size_t i = 0; sets[i] != NULL; i++) {
        nu_builder_puts(&writer->out, i > 0 ? ", " : "");
        nu__write_texts(writer, sets[i]);
    }
    nu_builder_puts(&writer->out, ")");
}

static void write_expressions(struct nu__writer *writer, const nu_expression_fn *expressions,
                              const char *name)
{
    nu_builder list;
    nu_builder_init(&list, NULL, 64);
    for (size_t i = 0; expressions != NULL && expressions[i] != NULL; i++)
        nu_builder_printf(&list, "%s%s", i > 0 ? ", " : "",
                          nu__writer_function(writer, expressions[i], nu_fmt("%s_by", name)));
    if (list.length > 0)
        nu_builder_printf(&writer->out, ", .expressions = NU_EXPRESSIONS(%s)",
                          nu_builder_text(&list));
}

/* What follows the name. */
void nu__write_index(struct nu__writer *writer, const nu_index *index)
{
    write_list(writer, "fields", index->fields);
    write_expressions(writer, index->expressions, index->name);
    nu__write_function(writer, "condition", index->condition, nu_fmt("%s_where", index->name));
    write_list(writer, "include", index->include);
    write_list(writer, "opclasses", index->opclasses);
    nu__write_text(writer, "method", index->method);
    nu__write_text(writer, "storage", index->storage);
}

void nu__write_constraint(struct nu__writer *writer, const nu_constraint *constraint)
{
    bool is_check = constraint->fields == NULL && constraint->expressions == NULL;
    write_list(writer, "fields", constraint->fields);
    write_expressions(writer, constraint->expressions, constraint->name);
    nu__write_function(writer, "condition", constraint->condition,
                       nu_fmt("%s_%s", constraint->name, is_check ? "check" : "where"));
    if (constraint->deferrable != NU_NOT_DEFERRABLE)
        nu_builder_printf(&writer->out, ", .deferrable = %s",
                          constraint->deferrable == NU_DEFERRED ? "NU_DEFERRED" : "NU_IMMEDIATE");
    write_list(writer, "include", constraint->include);
    write_list(writer, "opclasses", constraint->opclasses);
    nu__write_flag(writer, "nulls_not_distinct", constraint->nulls_not_distinct);
    write_list(writer, "operators", constraint->operators);
    nu__write_text(writer, "method", constraint->method);
    nu__write_text(writer, "message", constraint->message);
    nu__write_text(writer, "code", constraint->code);
}

static void write_name(struct nu__writer *writer, bool first, const char *name)
{
    nu_builder_puts(&writer->out, first ? "{.name = " : ", {.name = ");
    nu__text_source(&writer->out, name);
}

static void write_indexes(struct nu__writer *writer, const nu_index *indexes)
{
    nu_builder_puts(&writer->out, ", .indexes = NU_INDEXES(");
    for (size_t i = 0; indexes[i].name != NULL; i++) {
        write_name(writer, i == 0, indexes[i].name);
        nu__write_index(writer, &indexes[i]);
        nu_builder_puts(&writer->out, "}");
    }
    nu_builder_puts(&writer->out, ")");
}

static void write_constraints(struct nu__writer *writer, const nu_constraint *constraints)
{
    nu_builder_puts(&writer->out, ", .constraints = NU_CONSTRAINTS(");
    for (size_t i = 0; constraints[i].name != NULL; i++) {
        write_name(writer, i == 0, constraints[i].name);
        nu__write_constraint(writer, &constraints[i]);
        nu_builder_puts(&writer->out, "}");
    }
    nu_builder_puts(&writer->out, ")");
}

/* Those that NU_ALTER_OPTIONS sets. */
void nu__write_options(struct nu__writer *writer, const nu_meta *meta)
{
    write_list(writer, "ordering", meta->ordering);
    nu__write_text(writer, "verbose_name", meta->verbose_name);
    nu__write_text(writer, "verbose_name_plural", meta->verbose_name_plural);
    nu__write_text(writer, "get_latest_by", meta->get_latest_by);
    if (nu__count_texts(meta->permissions) > 0)
        write_list(writer, "permissions", meta->permissions);
    write_list(writer, "default_permissions", meta->default_permissions);
    nu__write_text(writer, "default_related_name", meta->default_related_name);
    nu__write_flag(writer, "unmanaged", meta->unmanaged);
}

void nu__write_meta(struct nu__writer *writer, const nu_meta *meta)
{
    nu__write_text(writer, "db_table", meta->db_table);
    nu__write_text(writer, "db_comment", meta->db_comment);
    write_list(writer, "bases", meta->bases);
    write_list(writer, "primary_key", meta->primary_key);
    nu__write_flag(writer, "proxy", meta->proxy);
    nu__write_options(writer, meta);
    nu__write_text(writer, "order_with_respect_to", meta->order_with_respect_to);
    if (nu__count_sets(meta->unique_together) > 0) {
        nu_builder_puts(&writer->out, ", .unique_together = ");
        nu__write_sets(writer, meta->unique_together);
    }
    if (nu__count_indexes(meta->indexes) > 0)
        write_indexes(writer, meta->indexes);
    if (nu__count_constraints(meta->constraints) > 0)
        write_constraints(writer, meta->constraints);
}
