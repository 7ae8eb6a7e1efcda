/* Migrations as C source: one table of operations, one line a field, so that a review shows at a
 * glance what changes. */
#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

/* ---- literals -------------------------------------------------------------------------------- */

static void write_text(nu_builder *out, const char *text)
{
    nu_builder_putc(out, '"');
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            nu_builder_printf(out, "\\%c", *c);
        else if (*c == '\n')
            nu_builder_puts(out, "\\n");
        else if (*c < 0x20 || (*c == '?' && c[1] == '?')) /* "??" begins a trigraph */
            nu_builder_printf(out, "\\%03o", *c);
        else
            nu_builder_putc(out, (char)*c);
    }
    nu_builder_putc(out, '"');
}

static void write_texts(nu_builder *out, const char *const *texts)
{
    nu_builder_puts(out, "NU_STRS(");
    for (size_t i = 0; texts[i] != NULL; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        write_text(out, texts[i]);
    }
    nu_builder_puts(out, ")");
}

static NU_NORETURN void raise_no_literal(void)
{
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "makemigrations cannot write a list or a dict as a default");
    error->hint = "Write the operation by hand, with .default_fn (makemigrations --empty).";
    nu_throw(error);
}

static void write_value(nu_builder *out, nu_value value)
{
    switch (value.type) {
    case NU_BOOL:
        nu_builder_printf(out, "NU_CONST_BOOL(%s)", value.boolean ? "true" : "false");
        return;
    case NU_INT:
        if (value.integer == INT64_MIN) /* C has no literal for it */
            nu_builder_puts(out, "NU_CONST_INT(INT64_MIN)");
        else
            nu_builder_printf(out, "NU_CONST_INT(%lld)", (long long)value.integer);
        return;
    case NU_FLOAT: nu_builder_printf(out, "NU_CONST_FLOAT(%s)", nu_text(value)); return;
    case NU_LIST:
    case NU_DICT: raise_no_literal();
    default: /* dates, decimals and so on read their text form back */
        nu_builder_puts(out, "NU_CONST_TEXT(");
        write_text(out, nu_text(value));
        nu_builder_puts(out, ")");
    }
}

static void write_choices(nu_builder *out, const nu_choice *choices)
{
    nu_check_stack();
    nu_builder_puts(out, "NU_CHOICES(");
    for (size_t i = 0; choices[i].label != NULL; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        nu_builder_puts(out, "{");
        if (choices[i].group != NULL) {
            nu_builder_puts(out, ".group = ");
            write_choices(out, choices[i].group);
        } else {
            nu_builder_puts(out, ".value = ");
            write_value(out, choices[i].value);
        }
        nu_builder_puts(out, ", .label = ");
        write_text(out, choices[i].label);
        nu_builder_puts(out, "}");
    }
    nu_builder_puts(out, ")");
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void flag(nu_builder *out, const char *name, bool value)
{
    if (value)
        nu_builder_printf(out, ", .%s = true", name);
}

static void number(nu_builder *out, const char *name, int value)
{
    if (value != 0)
        nu_builder_printf(out, ", .%s = %d", name, value);
}

static void text(nu_builder *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    nu_builder_printf(out, ", .%s = ", name);
    write_text(out, value);
}

static const char *on_delete_name(nu_on_delete action)
{
    switch (action) {
    case NU_CASCADE: return "NU_CASCADE";
    case NU_PROTECT: return "NU_PROTECT";
    case NU_RESTRICT: return "NU_RESTRICT";
    case NU_SET_NULL: return "NU_SET_NULL";
    case NU_SET_DEFAULT: return "NU_SET_DEFAULT";
    case NU_SET_VALUE: return "NU_SET_VALUE";
    case NU_DO_NOTHING: return "NU_DO_NOTHING";
    case NU_DB_CASCADE: return "NU_DB_CASCADE";
    case NU_DB_SET_NULL: return "NU_DB_SET_NULL";
    case NU_DB_SET_DEFAULT: return "NU_DB_SET_DEFAULT";
    case NU_ON_DELETE_MISSING: break;
    }
    return NULL;
}

/* The kind as NU_COLUMN and NU_ADD_FIELD take it: what follows "nu_field_". */
static const char *kind_name(const nu_field_type *type)
{
    static const struct {
        const nu_field_type *type;
        const char          *name;
    } kinds[] = {
        {&nu_field_auto, "auto"},
        {&nu_field_big_auto, "big_auto"},
        {&nu_field_small_auto, "small_auto"},
        {&nu_field_char, "char"},
        {&nu_field_text, "text"},
        {&nu_field_slug, "slug"},
        {&nu_field_email, "email"},
        {&nu_field_url, "url"},
        {&nu_field_int, "int"},
        {&nu_field_small_int, "small_int"},
        {&nu_field_big_int, "big_int"},
        {&nu_field_positive_int, "positive_int"},
        {&nu_field_positive_small_int, "positive_small_int"},
        {&nu_field_positive_big_int, "positive_big_int"},
        {&nu_field_float, "float"},
        {&nu_field_decimal, "decimal"},
        {&nu_field_bool, "bool"},
        {&nu_field_date, "date"},
        {&nu_field_datetime, "datetime"},
        {&nu_field_time, "time"},
        {&nu_field_duration, "duration"},
        {&nu_field_uuid, "uuid"},
        {&nu_field_json, "json"},
        {&nu_field_binary, "binary"},
        {&nu_field_ip, "ip"},
        {&nu_field_file, "file"},
        {&nu_field_foreign, "foreign"},
        {&nu_field_one_to_one, "one_to_one"},
        {&nu_field_many_to_many, "many_to_many"},
    };
    for (size_t i = 0; i < NU_COUNT(kinds); i++)
        if (kinds[i].type == type)
            return kinds[i].name;
    nu_error *error = nu_error_new(
        NU_COMMAND_ERROR, "makemigrations cannot write a field of the kind \"%s\"", type->name);
    error->hint = "Write the operation by hand, with .type = &your_field.";
    nu_throw(error);
}

/* "name", kind, .option = value … */
static void write_field(nu_builder *out, const nu_field *field)
{
    write_text(out, field->name);
    nu_builder_printf(out, ", %s", kind_name(field->type));
    flag(out, "primary_key", field->primary_key);
    text(out, "to_name", field->to_name);
    text(out, "to_field", field->to_field);
    text(out, "through_name", field->through_name);
    if (on_delete_name(field->on_delete) != NULL)
        nu_builder_printf(out, ", .on_delete = %s", on_delete_name(field->on_delete));
    if (!nu_is_null(field->on_delete_value)) {
        nu_builder_puts(out, ", .on_delete_value = ");
        write_value(out, field->on_delete_value);
    }
    text(out, "related_name", field->related_name);
    text(out, "related_query_name", field->related_query_name);
    number(out, "max_length", field->max_length);
    number(out, "max_digits", field->max_digits);
    number(out, "decimal_places", field->decimal_places);
    flag(out, "null", field->null);
    flag(out, "blank", field->blank);
    flag(out, "unique", field->unique);
    flag(out, "db_index", field->db_index);
    flag(out, "auto_now", field->auto_now);
    flag(out, "auto_now_add", field->auto_now_add);
    flag(out, "not_editable", field->not_editable);
    flag(out, "no_constraint", field->no_constraint);
    flag(out, "no_index", field->no_index);
    flag(out, "asymmetrical", field->asymmetrical);
    if (!nu_is_null(field->default_value)) {
        nu_builder_puts(out, ", .default_value = ");
        write_value(out, field->default_value);
    }
    flag(out, "default_null", field->default_null);
    if (field->choices != NULL) {
        nu_builder_puts(out, ", .choices = ");
        write_choices(out, field->choices);
    }
    text(out, "verbose_name", field->verbose_name);
    text(out, "help_text", field->help_text);
    text(out, "db_column", field->db_column);
    text(out, "db_table", field->db_table);
    text(out, "upload_to", field->upload_to);
}

/* ---- options --------------------------------------------------------------------------------- */

static void write_sets(nu_builder *out, const char *const *const *sets)
{
    nu_builder_puts(out, ", .unique_together = NU_TOGETHER(");
    for (size_t i = 0; sets[i] != NULL; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        write_texts(out, sets[i]);
    }
    nu_builder_puts(out, ")");
}

/* One index or constraint, which only its list of fields can describe here. */
static void write_named_fields(nu_builder *out, bool first, const char *name,
                               const char *const *fields)
{
    nu_builder_puts(out, first ? "{.name = " : ", {.name = ");
    write_text(out, name);
    nu_builder_puts(out, ", .fields = ");
    write_texts(out, fields);
    nu_builder_puts(out, "}");
}

static void write_indexes(nu_builder *out, const nu_index *indexes)
{
    nu_builder_puts(out, ", .indexes = NU_INDEXES(");
    for (size_t i = 0; indexes[i].name != NULL; i++) {
        if (indexes[i].fields == NULL)
            nu_raise(NU_COMMAND_ERROR,
                     "makemigrations cannot write the index \"%s\", which is no list of fields",
                     indexes[i].name);
        write_named_fields(out, i == 0, indexes[i].name, indexes[i].fields);
    }
    nu_builder_puts(out, ")");
}

static void write_constraints(nu_builder *out, const nu_constraint *constraints)
{
    nu_builder_puts(out, ", .constraints = NU_CONSTRAINTS(");
    for (size_t i = 0; constraints[i].name != NULL; i++) {
        if (constraints[i].fields == NULL)
            nu_raise(NU_COMMAND_ERROR,
                     "makemigrations cannot write the constraint \"%s\", which has a condition",
                     constraints[i].name);
        write_named_fields(out, i == 0, constraints[i].name, constraints[i].fields);
    }
    nu_builder_puts(out, ")");
}

static void write_meta(nu_builder *out, const nu_meta *meta)
{
    text(out, "db_table", meta->db_table);
    if (meta->ordering != NULL) {
        nu_builder_puts(out, ", .ordering = ");
        write_texts(out, meta->ordering);
    }
    if (meta->unique_together != NULL && meta->unique_together[0] != NULL)
        write_sets(out, meta->unique_together);
    if (meta->indexes != NULL && meta->indexes[0].name != NULL)
        write_indexes(out, meta->indexes);
    if (meta->constraints != NULL && meta->constraints[0].name != NULL)
        write_constraints(out, meta->constraints);
    text(out, "verbose_name", meta->verbose_name);
    text(out, "verbose_name_plural", meta->verbose_name_plural);
    text(out, "get_latest_by", meta->get_latest_by);
    if (meta->permissions != NULL && meta->permissions[0] != NULL) {
        nu_builder_puts(out, ", .permissions = ");
        write_texts(out, meta->permissions);
    }
    flag(out, "unmanaged", meta->unmanaged);
}

/* ---- operations ------------------------------------------------------------------------------ */

static const char *table_name(const nu_operation *operation)
{
    return nu_fmt("%s_fields", nu__lower(operation->model));
}

static void write_fields(nu_builder *out, const nu_operation *operation)
{
    nu_builder_printf(out, "static const nu_field %s[] = {\n", table_name(operation));
    for (const nu_field *field = operation->fields; field->name != NULL; field++) {
        nu_builder_puts(out, "    NU_COLUMN(");
        write_field(out, field);
        nu_builder_puts(out, "),\n");
    }
    nu_builder_puts(out, "    {0},\n};\n\n");
}

static void write_change(nu_builder *out, const char *macro, const nu_operation *operation)
{
    nu_builder_printf(out, "%s%s(", macro, operation->once ? "_ONCE" : "");
    write_text(out, operation->model);
    nu_builder_puts(out, ", ");
    write_field(out, operation->field);
    nu_builder_puts(out, ")");
}

static void write_names(nu_builder *out, const char *macro, const char *a, const char *b,
                        const char *c)
{
    nu_builder_printf(out, "%s(", macro);
    write_text(out, a);
    for (const char *next = b; next != NULL; next = next == b ? c : NULL) {
        nu_builder_puts(out, ", ");
        write_text(out, next);
    }
    nu_builder_puts(out, ")");
}

static void write_operation(nu_builder *out, const nu_operation *operation)
{
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL:
        nu_builder_puts(out, "NU_CREATE_MODEL(");
        write_text(out, operation->model);
        nu_builder_printf(out, ", %s", table_name(operation));
        write_meta(out, &operation->meta);
        nu_builder_puts(out, ")");
        return;
    case NU_OPERATION_DELETE_MODEL:
        write_names(out, "NU_DELETE_MODEL", operation->model, NULL, NULL);
        return;
    case NU_OPERATION_RENAME_MODEL:
        write_names(out, "NU_RENAME_MODEL", operation->model, operation->new_name, NULL);
        return;
    case NU_OPERATION_ADD_FIELD: write_change(out, "NU_ADD_FIELD", operation); return;
    case NU_OPERATION_ALTER_FIELD: write_change(out, "NU_ALTER_FIELD", operation); return;
    case NU_OPERATION_REMOVE_FIELD:
        write_names(out, "NU_REMOVE_FIELD", operation->model, operation->name, NULL);
        return;
    case NU_OPERATION_RENAME_FIELD:
        write_names(out, "NU_RENAME_FIELD", operation->model, operation->name, operation->new_name);
        return;
    case NU_OPERATION_ALTER_META:
        nu_builder_puts(out, "NU_ALTER_META(");
        write_text(out, operation->model);
        write_meta(out, &operation->meta);
        nu_builder_puts(out, ")");
        return;
    case NU_OPERATION_RUN_SQL: /* never detected, always by hand */
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_END: return;
    }
}

const char *nu__migration_source(const nu__draft *draft)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 4096);
    nu_builder_puts(&out, "#include <nuages/migration.h>\n\n");
    for (size_t i = 0; i < draft->count; i++)
        if (draft->operations[i].kind == NU_OPERATION_CREATE_MODEL)
            write_fields(&out, &draft->operations[i]);
    nu_builder_puts(&out, "static const nu_operation operations[] = {\n");
    for (size_t i = 0; i < draft->count; i++) {
        nu_builder_puts(&out, "    ");
        write_operation(&out, &draft->operations[i]);
        nu_builder_puts(&out, ",\n");
    }
    nu_builder_puts(&out, "    {0},\n};\n\n");
    nu_builder_printf(&out, "extern const nu_migration %s_%s;\n", draft->app, draft->name);
    nu_builder_printf(&out,
                      "const nu_migration %s_%s = {\n    .app = \"%s\",\n    .name = \"%s\",\n",
                      draft->app, draft->name, draft->app, draft->name);
    nu_builder_puts(&out, draft->initial ? "    .initial = true,\n" : "");
    if (draft->depend_count > 0) {
        nu_builder_puts(&out, "    .depends = NU_DEPENDS(");
        for (size_t i = 0; i < draft->depend_count; i++)
            nu_builder_printf(&out, "%s{\"%s\", \"%s\"}", i > 0 ? ", " : "", draft->depends[i].app,
                              draft->depends[i].name);
        nu_builder_puts(&out, "),\n");
    }
    nu_builder_puts(&out, "    .operations = operations,\n};\n");
    return nu_builder_text(&out);
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
