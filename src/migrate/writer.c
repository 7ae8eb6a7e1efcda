/* Migrations as C source: one table of operations, one line a field, so that a review shows at a
 * glance what changes. */
#include "migrate/writer.h"

#include <string.h>

#include "model/schema_sql.h"

/* ---- operations ------------------------------------------------------------------------------ */

static bool has_fields(const nu_operation *operation)
{
    return operation->kind == NU_OPERATION_CREATE_MODEL && operation->fields != NULL &&
           operation->fields->name != NULL;
}

static void write_fields(struct nu__writer *writer, const nu_operation *operation)
{
    nu_builder_printf(&writer->out, "static const nu_field %s[] = {\n",
                      nu__writer_table(writer, operation, "fields"));
    for (const nu_field *field = operation->fields; field->name != NULL; field++) {
        nu_builder_printf(&writer->out, "    %s(", nu__writer_variant(field, "NU_COLUMN"));
        nu__write_field(writer, field);
        nu_builder_puts(&writer->out, "),\n");
    }
    nu_builder_puts(&writer->out, "    {0},\n};\n\n");
}

void nu__write_names(struct nu__writer *writer, const char *macro, const char *a, const char *b,
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
    macro = operation->once ? nu_fmt("%s_ONCE", macro) : macro;
    nu__write_names(writer, nu__writer_variant(operation->field, macro), operation->model, NULL,
                    NULL);
    nu_builder_puts(&writer->out, ", ");
    nu__write_field(writer, operation->field);
}

void nu__write_or_null(struct nu__writer *writer, const char *macro, const char *model,
                       const char *value)
{
    nu__write_names(writer, macro, model, value, NULL);
    nu_builder_puts(&writer->out, value == NULL ? ", NULL" : "");
}

static const char *concurrent(const nu_operation *operation, const char *macro)
{
    return operation->concurrently ? nu_fmt("%s_CONCURRENTLY", macro) : macro;
}

static void write_together(struct nu__writer *writer, const nu_operation *operation)
{
    nu__write_names(writer, "NU_ALTER_UNIQUE_TOGETHER", operation->model, NULL, NULL);
    nu_builder_puts(&writer->out, ", ");
    if (nu__count_sets(operation->meta.unique_together) > 0)
        nu__write_sets(writer, operation->meta.unique_together);
    else
        nu_builder_puts(&writer->out, "NULL");
}

void nu__write_operation(struct nu__writer *writer, const nu_operation *o)
{
    switch (o->kind) {
    case NU_OPERATION_CREATE_MODEL:
        nu__write_names(writer, "NU_CREATE_MODEL", o->model, NULL, NULL);
        nu_builder_printf(&writer->out, ", %s",
                          has_fields(o) ? nu__writer_table(writer, o, "fields") : "NULL");
        nu__write_meta(writer, &o->meta);
        break;
    case NU_OPERATION_DELETE_MODEL:
        nu__write_names(writer, "NU_DELETE_MODEL", o->model, NULL, NULL);
        break;
    case NU_OPERATION_RENAME_MODEL:
        nu__write_names(writer, "NU_RENAME_MODEL", o->model, o->new_name, NULL);
        break;
    case NU_OPERATION_ADD_FIELD: write_field_change(writer, "NU_ADD_FIELD", o); break;
    case NU_OPERATION_ALTER_FIELD: write_field_change(writer, "NU_ALTER_FIELD", o); break;
    case NU_OPERATION_REMOVE_FIELD:
        nu__write_names(writer, "NU_REMOVE_FIELD", o->model, o->name, NULL);
        break;
    case NU_OPERATION_RENAME_FIELD:
        nu__write_names(writer, "NU_RENAME_FIELD", o->model, o->name, o->new_name);
        break;
    case NU_OPERATION_ALTER_OPTIONS:
        nu__write_names(writer, "NU_ALTER_OPTIONS", o->model, NULL, NULL);
        nu__write_options(writer, &o->meta);
        break;
    case NU_OPERATION_ALTER_TABLE:
        nu__write_or_null(writer, "NU_ALTER_TABLE", o->model, o->name);
        break;
    case NU_OPERATION_ALTER_TABLE_COMMENT:
        nu__write_or_null(writer, "NU_ALTER_TABLE_COMMENT", o->model, o->name);
        break;
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER: write_together(writer, o); break;
    case NU_OPERATION_ALTER_ORDER:
        nu__write_or_null(writer, "NU_ALTER_ORDER_WITH_RESPECT_TO", o->model,
                          o->meta.order_with_respect_to);
        break;
    case NU_OPERATION_ADD_INDEX:
        nu__write_names(writer, concurrent(o, "NU_ADD_INDEX"), o->model, o->index->name, NULL);
        nu__write_index(writer, o->index);
        break;
    case NU_OPERATION_REMOVE_INDEX:
        nu__write_names(writer, concurrent(o, "NU_REMOVE_INDEX"), o->model, o->name, NULL);
        break;
    case NU_OPERATION_RENAME_INDEX:
        nu__write_names(writer, "NU_RENAME_INDEX", o->model, o->name, o->new_name);
        break;
    case NU_OPERATION_ADD_CONSTRAINT:
        nu__write_names(writer, o->not_valid ? "NU_ADD_CONSTRAINT_NOT_VALID" : "NU_ADD_CONSTRAINT",
                        o->model, o->constraint->name, NULL);
        nu__write_constraint(writer, o->constraint);
        break;
    case NU_OPERATION_ALTER_CONSTRAINT:
        nu__write_names(writer, "NU_ALTER_CONSTRAINT", o->model, o->constraint->name, NULL);
        nu__write_constraint(writer, o->constraint);
        break;
    case NU_OPERATION_REMOVE_CONSTRAINT:
        nu__write_names(writer, "NU_REMOVE_CONSTRAINT", o->model, o->name, NULL);
        break;
    case NU_OPERATION_VALIDATE_CONSTRAINT:
        nu__write_names(writer, "NU_VALIDATE_CONSTRAINT", o->model, o->name, NULL);
        break;
    case NU_OPERATION_CREATE_EXTENSION:
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_REMOVE_COLLATION:
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_SEPARATE: nu__write_by_hand(writer, o); break;
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

/* A table of operations, behind those that it needs. */
void nu__write_operations(struct nu__writer *writer, const char *name,
                          const nu_operation *operations, size_t count)
{
    nu_check_stack();
    for (size_t i = 0; i < count; i++) {
        if (has_fields(&operations[i]))
            write_fields(writer, &operations[i]);
        nu__write_needed(writer, &operations[i]);
    }
    nu_builder_printf(&writer->out, "static const nu_operation %s[] = {\n", name);
    for (size_t i = 0; i < count; i++) {
        nu_builder_puts(&writer->out, "    ");
        nu__write_operation(writer, &operations[i]);
        nu_builder_puts(&writer->out, ",\n");
    }
    nu_builder_puts(&writer->out, "    {0},\n};\n\n");
}

const char *nu__migration_source(const nu__draft *draft)
{
    struct nu__writer writer = {
        .functions = nu_dict_new(), .names = nu_dict_new(), .tables = nu_dict_new()};
    nu_dict_set(writer.names, "operations", true);
    const char *app = draft->app, *name = draft->name;
    nu_builder_init(&writer.before, NULL, 1024);
    nu_builder_init(&writer.out, NULL, 4096);
    nu_builder_puts(&writer.before, "#include <nuages/migration.h>\n\n");
    nu__write_copies(&writer, draft);
    nu__write_operations(&writer, "operations", draft->operations, draft->count);
    nu_builder_printf(&writer.out, "extern const nu_migration %s_%s;\n", app, name);
    nu_builder_printf(&writer.out,
                      "const nu_migration %s_%s = {\n    .app = \"%s\",\n    .name = \"%s\",\n",
                      app, name, app, name);
    nu_builder_puts(&writer.out, draft->initial ? "    .initial = true,\n" : "");
    write_dependencies(&writer, "replaces", draft->replaces, draft->replace_count);
    write_dependencies(&writer, "depends", draft->depends, draft->depend_count);
    for (size_t i = 0; draft->run_before != NULL && draft->run_before[i].app != NULL; i++)
        if (draft->run_before[i + 1].app == NULL)
            write_dependencies(&writer, "run_before", draft->run_before, i + 1);
    nu_builder_puts(&writer.out, "    .operations = operations,\n");
    nu_builder_puts(&writer.out, draft->not_atomic ? "    .not_atomic = true,\n};\n" : "};\n");
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
