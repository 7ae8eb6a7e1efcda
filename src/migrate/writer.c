/* Migrations as C source: one table of operations, one line a field, so that a review shows at a
 * glance what changes. */
#include "migrate/writer.h"

#include <string.h>

#include "model/schema_sql.h"

/* ---- options --------------------------------------------------------------------------------- */

static void write_list(struct nu__writer *writer, const char *member, const char *const *texts)
{
    if (texts == NULL)
        return;
    nu_builder_printf(&writer->out, ", .%s = ", member);
    nu__write_texts(writer, texts);
}

static void write_sets(struct nu__writer *writer, const char *const *const *sets)
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
static void write_index(struct nu__writer *writer, const nu_index *index)
{
    write_list(writer, "fields", index->fields);
    write_expressions(writer, index->expressions, index->name);
    nu__write_function(writer, "condition", index->condition, nu_fmt("%s_where", index->name));
    write_list(writer, "include", index->include);
    write_list(writer, "opclasses", index->opclasses);
    nu__write_text(writer, "method", index->method);
}

static void write_constraint(struct nu__writer *writer, const nu_constraint *constraint)
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
        write_index(writer, &indexes[i]);
        nu_builder_puts(&writer->out, "}");
    }
    nu_builder_puts(&writer->out, ")");
}

static void write_constraints(struct nu__writer *writer, const nu_constraint *constraints)
{
    nu_builder_puts(&writer->out, ", .constraints = NU_CONSTRAINTS(");
    for (size_t i = 0; constraints[i].name != NULL; i++) {
        write_name(writer, i == 0, constraints[i].name);
        write_constraint(writer, &constraints[i]);
        nu_builder_puts(&writer->out, "}");
    }
    nu_builder_puts(&writer->out, ")");
}

/* Those that NU_ALTER_OPTIONS sets. */
static void write_options(struct nu__writer *writer, const nu_meta *meta)
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

static void write_meta(struct nu__writer *writer, const nu_meta *meta)
{
    nu__write_text(writer, "db_table", meta->db_table);
    nu__write_text(writer, "db_comment", meta->db_comment);
    write_list(writer, "bases", meta->bases);
    nu__write_flag(writer, "proxy", meta->proxy);
    write_options(writer, meta);
    nu__write_text(writer, "order_with_respect_to", meta->order_with_respect_to);
    if (nu__count_sets(meta->unique_together) > 0) {
        nu_builder_puts(&writer->out, ", .unique_together = ");
        write_sets(writer, meta->unique_together);
    }
    if (nu__count_indexes(meta->indexes) > 0)
        write_indexes(writer, meta->indexes);
    if (nu__count_constraints(meta->constraints) > 0)
        write_constraints(writer, meta->constraints);
}

/* ---- operations ------------------------------------------------------------------------------ */

static const char *table_name(const nu_operation *operation)
{
    return nu_fmt("%s_fields", nu__lower(operation->model));
}

static void write_fields(struct nu__writer *writer, const nu_operation *operation)
{
    nu_builder_printf(&writer->out, "static const nu_field %s[] = {\n", table_name(operation));
    for (const nu_field *field = operation->fields; field->name != NULL; field++) {
        nu_builder_puts(&writer->out, "    NU_COLUMN(");
        nu__write_field(writer, field);
        nu_builder_puts(&writer->out, "),\n");
    }
    nu_builder_puts(&writer->out, "    {0},\n};\n\n");
}

/* MACRO("a", "b", …; NULL is written as NULL where `nullable`, else it ends the names. */
static void write_names(struct nu__writer *writer, const char *macro, const char *a, const char *b,
                        const char *c)
{
    nu_builder_printf(&writer->out, "%s(", macro);
    nu__text_source(&writer->out, a);
    for (const char *next = b; next != NULL; next = next == b ? c : NULL) {
        nu_builder_puts(&writer->out, ", ");
        nu__text_source(&writer->out, next);
    }
}

static void write_field_change(struct nu__writer *writer, const char *macro,
                               const nu_operation *operation)
{
    write_names(writer, operation->once ? nu_fmt("%s_ONCE", macro) : macro, operation->model, NULL,
                NULL);
    nu_builder_puts(&writer->out, ", ");
    nu__write_field(writer, operation->field);
}

static void write_or_null(struct nu__writer *writer, const char *macro, const char *model,
                          const char *value)
{
    write_names(writer, macro, model, value, NULL);
    nu_builder_puts(&writer->out, value == NULL ? ", NULL" : "");
}

static const char *concurrent(const nu_operation *operation, const char *macro)
{
    return operation->concurrently ? nu_fmt("%s_CONCURRENTLY", macro) : macro;
}

static void write_together(struct nu__writer *writer, const nu_operation *operation)
{
    write_names(writer, "NU_ALTER_UNIQUE_TOGETHER", operation->model, NULL, NULL);
    nu_builder_puts(&writer->out, ", ");
    if (nu__count_sets(operation->meta.unique_together) > 0)
        write_sets(writer, operation->meta.unique_together);
    else
        nu_builder_puts(&writer->out, "NULL");
}

/* SQL is kept, what runs C code is not known by name. */
static void write_by_hand(struct nu__writer *writer, const nu_operation *operation)
{
    if (operation->kind == NU_OPERATION_RUN_SQL) {
        write_or_null(writer, "NU_RUN_SQL", operation->sql, operation->reverse_sql);
        return;
    }
    nu_error *error = nu_error_new(NU_COMMAND_ERROR, "\"%s\" cannot be written into another file",
                                   nu__operation_text(operation));
    error->hint = "Move the operation over by hand.";
    nu_throw(error);
}

static void write_operation(struct nu__writer *writer, const nu_operation *o)
{
    switch (o->kind) {
    case NU_OPERATION_CREATE_MODEL:
        write_names(writer, "NU_CREATE_MODEL", o->model, NULL, NULL);
        nu_builder_printf(&writer->out, ", %s",
                          o->fields != NULL && o->fields->name != NULL ? table_name(o) : "NULL");
        write_meta(writer, &o->meta);
        break;
    case NU_OPERATION_DELETE_MODEL:
        write_names(writer, "NU_DELETE_MODEL", o->model, NULL, NULL);
        break;
    case NU_OPERATION_RENAME_MODEL:
        write_names(writer, "NU_RENAME_MODEL", o->model, o->new_name, NULL);
        break;
    case NU_OPERATION_ADD_FIELD: write_field_change(writer, "NU_ADD_FIELD", o); break;
    case NU_OPERATION_ALTER_FIELD: write_field_change(writer, "NU_ALTER_FIELD", o); break;
    case NU_OPERATION_REMOVE_FIELD:
        write_names(writer, "NU_REMOVE_FIELD", o->model, o->name, NULL);
        break;
    case NU_OPERATION_RENAME_FIELD:
        write_names(writer, "NU_RENAME_FIELD", o->model, o->name, o->new_name);
        break;
    case NU_OPERATION_ALTER_OPTIONS:
        write_names(writer, "NU_ALTER_OPTIONS", o->model, NULL, NULL);
        write_options(writer, &o->meta);
        break;
    case NU_OPERATION_ALTER_TABLE:
        write_or_null(writer, "NU_ALTER_TABLE", o->model, o->name);
        break;
    case NU_OPERATION_ALTER_TABLE_COMMENT:
        write_or_null(writer, "NU_ALTER_TABLE_COMMENT", o->model, o->name);
        break;
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER: write_together(writer, o); break;
    case NU_OPERATION_ALTER_ORDER:
        write_or_null(writer, "NU_ALTER_ORDER_WITH_RESPECT_TO", o->model,
                      o->meta.order_with_respect_to);
        break;
    case NU_OPERATION_ADD_INDEX:
        write_names(writer, concurrent(o, "NU_ADD_INDEX"), o->model, o->index->name, NULL);
        write_index(writer, o->index);
        break;
    case NU_OPERATION_REMOVE_INDEX:
        write_names(writer, concurrent(o, "NU_REMOVE_INDEX"), o->model, o->name, NULL);
        break;
    case NU_OPERATION_RENAME_INDEX:
        write_names(writer, "NU_RENAME_INDEX", o->model, o->name, o->new_name);
        break;
    case NU_OPERATION_ADD_CONSTRAINT:
        write_names(writer, "NU_ADD_CONSTRAINT", o->model, o->constraint->name, NULL);
        write_constraint(writer, o->constraint);
        break;
    case NU_OPERATION_ALTER_CONSTRAINT:
        write_names(writer, "NU_ALTER_CONSTRAINT", o->model, o->constraint->name, NULL);
        write_constraint(writer, o->constraint);
        break;
    case NU_OPERATION_REMOVE_CONSTRAINT:
        write_names(writer, "NU_REMOVE_CONSTRAINT", o->model, o->name, NULL);
        break;
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_SEPARATE: write_by_hand(writer, o); break;
    case NU_OPERATION_END: return;
    }
    nu_builder_puts(&writer->out, ")");
}

/* ---- the file -------------------------------------------------------------------------------- */

static void write_dependencies(struct nu__writer *writer, const char *member,
                               const nu_dependency *list, size_t count)
{
    if (count == 0)
        return;
    nu_builder_printf(&writer->out, "    .%s = NU_DEPENDS(", member);
    for (size_t i = 0; i < count; i++)
        nu_builder_printf(&writer->out, "%s{\"%s\", \"%s\"}", i > 0 ? ", " : "", list[i].app,
                          list[i].name);
    nu_builder_puts(&writer->out, "),\n");
}

static void write_operations(struct nu__writer *writer, const nu__draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        const nu_operation *operation = &draft->operations[i];
        if (operation->kind == NU_OPERATION_CREATE_MODEL && operation->fields != NULL &&
            operation->fields->name != NULL)
            write_fields(writer, operation);
    }
    nu_builder_puts(&writer->out, "static const nu_operation operations[] = {\n");
    for (size_t i = 0; i < draft->count; i++) {
        nu_builder_puts(&writer->out, "    ");
        write_operation(writer, &draft->operations[i]);
        nu_builder_puts(&writer->out, ",\n");
    }
    nu_builder_puts(&writer->out, "    {0},\n};\n\n");
}

const char *nu__migration_source(const nu__draft *draft)
{
    struct nu__writer writer = {.functions = nu_dict_new()};
    const char       *app = draft->app, *name = draft->name;
    nu_builder_init(&writer.before, NULL, 1024);
    nu_builder_init(&writer.out, NULL, 4096);
    nu_builder_puts(&writer.before, "#include <nuages/migration.h>\n\n");
    write_operations(&writer, draft);
    nu_builder_printf(&writer.out, "extern const nu_migration %s_%s;\n", app, name);
    nu_builder_printf(&writer.out,
                      "const nu_migration %s_%s = {\n    .app = \"%s\",\n    .name = \"%s\",\n", app,
                      name, app, name);
    nu_builder_puts(&writer.out, draft->initial ? "    .initial = true,\n" : "");
    write_dependencies(&writer, "replaces", draft->replaces, draft->replace_count);
    write_dependencies(&writer, "depends", draft->depends, draft->depend_count);
    nu_builder_puts(&writer.out, "    .operations = operations,\n};\n");
    nu_builder_add(&writer.before, writer.out.data, writer.out.length);
    return nu_builder_text(&writer.before);
}

const char *nu__migration_list_source(const char *app, const char *const *names)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 512);
    nu_builder_puts(&out,
                    "/* The migrations of this app, in order. makemigrations keeps this file. */\n"
                    "#include <nuages/migration.h>\n\n");
    for (const char *const *name = names; *name != NULL; name++)
        nu_builder_printf(&out, "extern const nu_migration %s_%s;\n", app, *name);
    nu_builder_printf(&out, "extern const nu_migration *const %s_migrations[];\n", app);
    nu_builder_printf(&out, "const nu_migration *const %s_migrations[] = {\n", app);
    for (const char *const *name = names; *name != NULL; name++)
        nu_builder_printf(&out, "    &%s_%s,\n", app, *name);
    nu_builder_puts(&out, "    NULL,\n};\n");
    return nu_builder_text(&out);
}
