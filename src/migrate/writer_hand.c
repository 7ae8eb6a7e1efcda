/* Operations that were written by hand, as squashmigrations and optimizemigration write them anew. */
#include "migrate/writer.h"

#include <string.h>

#include "model/schema_sql.h"

/* ---- tables inside of operations ------------------------------------------------------------- */

const char *nu__writer_table(struct nu__writer *writer, const nu_operation *operation,
                             const char *what)
{
    const char     *key = nu_fmt("%p %s", (const void *)operation, what);
    const nu_value *known = nu_dict_find(writer->tables, key);
    if (known != NULL)
        return known->text;
    const char *name = nu__writer_name(
        writer, operation->model != NULL ? nu_fmt("%s_%s", operation->model, what) : what);
    nu_dict_set(writer->tables, key, name);
    return name;
}

static size_t count_of(const nu_operation *operations)
{
    size_t count = 0;
    while (operations != NULL && operations[count].kind != NU_OPERATION_END)
        count++;
    return count;
}

void nu__write_needed(struct nu__writer *writer, const nu_operation *operation)
{
    if (operation->database != NULL)
        nu__write_operations(writer, nu__writer_table(writer, operation, "database"),
                             operation->database, count_of(operation->database));
    if (operation->state != NULL)
        nu__write_operations(writer, nu__writer_table(writer, operation, "state"), operation->state,
                             count_of(operation->state));
}

/* ---- functions ------------------------------------------------------------------------------- */

static bool is_copied(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    return name != NULL && strcmp(name, "NULL") != 0 && strcmp(name, "nu_run_nothing") != 0 &&
           strspn(name, letters) == strlen(name);
}

static void declare(struct nu__writer *writer, nu_dict *done, const char *name)
{
    if (!is_copied(name) || nu_dict_find(done, name) != NULL)
        return;
    nu_dict_set(done, name, true);
    nu_builder_printf(&writer->before, "static nu_run_fn %s;\n", name);
}

static void declare_all(struct nu__writer *writer, nu_dict *done, const nu_operation *operations,
                        size_t count)
{
    nu_check_stack();
    for (size_t i = 0; i < count; i++) {
        declare(writer, done, operations[i].run_name);
        declare(writer, done, operations[i].reverse_name);
        declare_all(writer, done, operations[i].database, count_of(operations[i].database));
    }
}

void nu__write_copies(struct nu__writer *writer, const nu__draft *draft)
{
    if (draft->copies == NULL || draft->copies[0] == NULL)
        return;
    nu_builder_puts(&writer->before, "/* Copy these functions, with what they need, from");
    for (const char *const *name = draft->copies; *name != NULL; name++)
        nu_builder_printf(&writer->before, "%s %s.c", name == draft->copies ? "" : ",", *name);
    nu_builder_puts(&writer->before, " into this file. */\n");
    declare_all(writer, nu_dict_new(), draft->operations, draft->count);
    nu_builder_putc(&writer->before, '\n');
}

/* ---- operations ------------------------------------------------------------------------------ */

static void write_params(struct nu__writer *writer, const char *member, const nu_params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        if (i == 0)
            nu_builder_printf(&writer->out, ", .%s = NU_PARAMS(", member);
        else
            nu_builder_puts(&writer->out, ", ");
        nu__write_constant(writer, params->items[i]);
    }
    nu_builder_puts(&writer->out, params->count > 0 ? ")" : "");
}

static void write_sql(struct nu__writer *writer, const nu_operation *o)
{
    nu__write_or_null(writer, "NU_RUN_SQL", o->sql, o->reverse_sql);
    write_params(writer, "params", &o->params);
    write_params(writer, "reverse_params", &o->reverse_params);
    if (o->state != NULL)
        nu_builder_printf(&writer->out, ", .state = %s", nu__writer_table(writer, o, "state"));
}

static void write_c(struct nu__writer *writer, const nu_operation *o)
{
    if (o->run_name == NULL) {
        nu_error *error = nu_error_new(NU_COMMAND_ERROR,
                                       "\"%s\" cannot be written into another file: it has no name",
                                       nu__operation_text(o));
        error->hint = "Make the operation with NU_RUN_C.";
        nu_throw(error);
    }
    nu_builder_printf(&writer->out, "NU_RUN_C(%s, %s", o->run_name,
                      o->reverse_name != NULL ? o->reverse_name : "NULL");
}

static void write_separate(struct nu__writer *writer, const nu_operation *o)
{
    nu_builder_printf(&writer->out, "NU_SEPARATE(%s, ",
                      o->database != NULL ? nu__writer_table(writer, o, "database") : "NULL");
    nu_builder_puts(&writer->out, o->state != NULL ? nu__writer_table(writer, o, "state") : "NULL");
}

static void write_collation(struct nu__writer *writer, const nu_operation *o)
{
    bool create = o->kind == NU_OPERATION_CREATE_COLLATION;
    nu__write_names(writer, create ? "NU_CREATE_COLLATION" : "NU_REMOVE_COLLATION", o->name, NULL,
                    NULL);
    nu__write_text(writer, "locale", o->collation.locale);
    nu__write_text(writer, "provider", o->collation.provider);
    nu__write_flag(writer, "nondeterministic", o->collation.nondeterministic);
}

void nu__write_by_hand(struct nu__writer *writer, const nu_operation *o)
{
    switch (o->kind) {
    case NU_OPERATION_CREATE_EXTENSION:
        nu__write_names(writer, "NU_CREATE_EXTENSION", o->name, NULL, NULL);
        return;
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_REMOVE_COLLATION: write_collation(writer, o); return;
    case NU_OPERATION_RUN_SQL: write_sql(writer, o); break;
    case NU_OPERATION_RUN_C: write_c(writer, o); break;
    default: write_separate(writer, o); return;
    }
    nu__write_flag(writer, "elidable", o->elidable);
}
