/* Fields and their options as C source. */
#include "migrate/writer.h"

#include <string.h>

#include "model/array_field.h"
#include "model/schema_sql.h"

/* ---- literals -------------------------------------------------------------------------------- */

void nu__write_texts(struct nu__writer *writer, const char *const *texts)
{
    nu_builder_puts(&writer->out, "NU_STRS(");
    for (size_t i = 0; texts[i] != NULL; i++) {
        nu_builder_puts(&writer->out, i > 0 ? ", " : "");
        nu__text_source(&writer->out, texts[i]);
    }
    nu_builder_puts(&writer->out, ")");
}

static NU_NORETURN void raise_no_literal(void)
{
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "makemigrations cannot write a list or a dict as a default");
    error->hint = "Write the operation by hand, with .default_fn (makemigrations --empty).";
    nu_throw(error);
}

void nu__write_constant(struct nu__writer *writer, nu_value value)
{
    switch (value.type) {
    case NU_BOOL:
        nu_builder_printf(&writer->out, "NU_CONST_BOOL(%s)", value.boolean ? "true" : "false");
        return;
    case NU_INT:
        if (value.integer == INT64_MIN) /* C has no literal for it */
            nu_builder_puts(&writer->out, "NU_CONST_INT(INT64_MIN)");
        else
            nu_builder_printf(&writer->out, "NU_CONST_INT(%lld)", (long long)value.integer);
        return;
    case NU_FLOAT: nu_builder_printf(&writer->out, "NU_CONST_FLOAT(%s)", nu_text(value)); return;
    case NU_LIST:
    case NU_DICT: raise_no_literal();
    default: /* dates, decimals and so on read their text form back */
        nu_builder_puts(&writer->out, "NU_CONST_TEXT(");
        nu__text_source(&writer->out, nu_text(value));
        nu_builder_puts(&writer->out, ")");
    }
}

static void write_choices(struct nu__writer *writer, const nu_choice *choices)
{
    nu_check_stack();
    nu_builder_puts(&writer->out, "NU_CHOICES(");
    for (size_t i = 0; choices[i].label != NULL; i++) {
        nu_builder_puts(&writer->out, i > 0 ? ", " : "");
        nu_builder_puts(&writer->out, "{");
        if (choices[i].group != NULL) {
            nu_builder_puts(&writer->out, ".group = ");
            write_choices(writer, choices[i].group);
        } else {
            nu_builder_puts(&writer->out, ".value = ");
            nu__write_constant(writer, choices[i].value);
        }
        nu_builder_puts(&writer->out, ", .label = ");
        nu__text_source(&writer->out, choices[i].label);
        nu_builder_puts(&writer->out, "}");
    }
    nu_builder_puts(&writer->out, ")");
}

/* ---- fields ---------------------------------------------------------------------------------- */

void nu__write_flag(struct nu__writer *writer, const char *name, bool value)
{
    if (value)
        nu_builder_printf(&writer->out, ", .%s = true", name);
}

static void number(struct nu__writer *writer, const char *name, int value)
{
    if (value != 0)
        nu_builder_printf(&writer->out, ", .%s = %d", name, value);
}

void nu__write_text(struct nu__writer *writer, const char *name, const char *value)
{
    if (value == NULL)
        return;
    nu_builder_printf(&writer->out, ", .%s = ", name);
    nu__text_source(&writer->out, value);
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
        {&nu_field_image, "image"},
        {&nu_field_file_path, "file_path"},
        {&nu_field_foreign, "foreign"},
        {&nu_field_one_to_one, "one_to_one"},
        {&nu_field_many_to_many, "many_to_many"},
        {&nu_field_array, "array"},
        {&nu_field_search_vector, "search_vector"},
        {&nu_field_int_range, "int_range"},
        {&nu_field_big_int_range, "big_int_range"},
        {&nu_field_decimal_range, "decimal_range"},
        {&nu_field_date_range, "date_range"},
        {&nu_field_datetime_range, "datetime_range"},
    };
    for (size_t i = 0; i < NU_COUNT(kinds); i++)
        if (kinds[i].type == type)
            return kinds[i].name;
    return NULL;
}

/* A kind of the application's own goes by the name of its struct, which is declared before. */
static const char *own_kind(struct nu__writer *writer, const nu_field_type *type)
{
    if (type->symbol == NULL) {
        nu_error *error = nu_error_new(
            NU_COMMAND_ERROR, "makemigrations cannot write a field of the kind \"%s\"", type->name);
        error->hint = "Say the C name of its nu_field_type in .symbol.";
        nu_throw(error);
    }
    const char *declaration = nu_fmt("extern const nu_field_type %s;\n\n", type->symbol);
    if (nu_dict_find(writer->functions, declaration) == NULL)
        nu_builder_puts(&writer->before, declaration);
    nu_dict_set(writer->functions, declaration, type->symbol);
    return nu_fmt("&%s", type->symbol);
}

const char *nu__writer_variant(const nu_field *field, const char *macro)
{
    return kind_name(field->type) != NULL ? macro : nu_fmt("%s_OF", macro);
}

static void write_options(struct nu__writer *writer, const nu_field *field);

/* What the items of an array are. */
static void write_base(struct nu__writer *writer, const nu_field *base)
{
    nu_check_stack();
    if (base == NULL)
        return;
    const char *kind = kind_name(base->type);
    nu_builder_printf(&writer->out, ", .base_field = NU_BASE(%s",
                      kind != NULL ? nu_fmt("nu_field_%s", kind) : own_kind(writer, base->type) + 1);
    write_options(writer, base);
    nu_builder_puts(&writer->out, ")");
}

static void write_options(struct nu__writer *writer, const nu_field *field)
{
    write_base(writer, field->base_field);
    number(writer, "size", field->size);
    nu__write_flag(writer, "primary_key", field->primary_key);
    nu__write_text(writer, "to_name", field->to_name);
    nu__write_text(writer, "to_field", field->to_field);
    nu__write_text(writer, "through_name", field->through_name);
    if (on_delete_name(field->on_delete) != NULL)
        nu_builder_printf(&writer->out, ", .on_delete = %s", on_delete_name(field->on_delete));
    if (!nu_is_null(field->on_delete_value)) {
        nu_builder_puts(&writer->out, ", .on_delete_value = ");
        nu__write_constant(writer, field->on_delete_value);
    }
    nu__write_text(writer, "related_name", field->related_name);
    nu__write_text(writer, "related_query_name", field->related_query_name);
    number(writer, "max_length", field->max_length);
    number(writer, "max_digits", field->max_digits);
    number(writer, "decimal_places", field->decimal_places);
    nu__write_flag(writer, "null", field->null);
    nu__write_flag(writer, "blank", field->blank);
    nu__write_flag(writer, "unique", field->unique);
    nu__write_flag(writer, "db_index", field->db_index);
    nu__write_flag(writer, "auto_now", field->auto_now);
    nu__write_flag(writer, "auto_now_add", field->auto_now_add);
    nu__write_flag(writer, "not_editable", field->not_editable);
    nu__write_flag(writer, "no_constraint", field->no_constraint);
    nu__write_flag(writer, "no_index", field->no_index);
    nu__write_flag(writer, "asymmetrical", field->asymmetrical);
    nu__write_flag(writer, "parent_link", field->parent_link);
    if (!nu_is_null(field->default_value)) {
        nu_value value = field->default_value;
        nu_builder_puts(&writer->out, ", .default_value = ");
        if (field->base_field != NULL && value.type == NU_LIST)
            value = nu_value_text(nu__array_text(field, value.list));
        nu__write_constant(writer, value);
    }
    nu__write_flag(writer, "default_null", field->default_null);
    if (field->choices != NULL) {
        nu_builder_puts(&writer->out, ", .choices = ");
        write_choices(writer, field->choices);
    }
    nu__write_text(writer, "verbose_name", field->verbose_name);
    nu__write_text(writer, "help_text", field->help_text);
    nu__write_text(writer, "db_column", field->db_column);
    nu__write_text(writer, "db_table", field->db_table);
    nu__write_text(writer, "db_comment", field->db_comment);
    nu__write_text(writer, "db_collation", field->db_collation);
    nu__write_text(writer, "upload_to", field->upload_to);
    nu__write_flag(writer, "allow_unicode", field->allow_unicode);
    nu__write_text(writer, "protocol", field->protocol);
    nu__write_flag(writer, "unpack_ipv4", field->unpack_ipv4);
    nu__write_text(writer, "path", field->path);
    nu__write_text(writer, "match", field->match);
    nu__write_flag(writer, "recursive", field->recursive);
    nu__write_flag(writer, "no_files", field->no_files);
    nu__write_flag(writer, "allow_folders", field->allow_folders);
    nu__write_text(writer, "width_field", field->width_field);
    nu__write_text(writer, "height_field", field->height_field);
    nu__write_function(writer, "db_default", field->db_default, nu_fmt("%s_default", field->name));
    nu__write_function(writer, "generated", field->generated, nu_fmt("%s_generated", field->name));
    nu__write_flag(writer, "not_stored", field->not_stored);
}

/* "name", kind, .option = value … */
void nu__write_field(struct nu__writer *writer, const nu_field *field)
{
    nu__text_source(&writer->out, field->name);
    const char *kind = kind_name(field->type);
    nu_builder_printf(&writer->out, ", %s", kind != NULL ? kind : own_kind(writer, field->type));
    write_options(writer, field);
}

/* ---- expressions ----------------------------------------------------------------------------- */

static const char *as_identifier(const char *text)
{
    char *name = nu_arena_text(nu_arena_current(), nu__lower(text));
    for (char *c = name; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    return *name >= '0' && *name <= '9' ? nu_fmt("_%s", name) : name;
}

const char *nu__writer_name(struct nu__writer *writer, const char *hint)
{
    const char *name = as_identifier(hint);
    for (int i = 2; nu_dict_find(writer->names, name) != NULL; i++)
        name = nu_fmt("%s_%d", as_identifier(hint), i);
    nu_dict_set(writer->names, name, true);
    return name;
}

const char *nu__writer_function(struct nu__writer *writer, nu_expression_fn fn, const char *hint)
{
    const char     *source = nu__expression_source(fn());
    const nu_value *known = nu_dict_find(writer->functions, source);
    if (known != NULL)
        return known->text;
    const char *name = nu__writer_name(writer, hint);
    nu_dict_set(writer->functions, source, name);
    nu_builder_printf(&writer->before,
                      "static const nu_expression *%s(void)\n{\n    return %s;\n}\n\n", name, source);
    return name;
}

void nu__write_function(struct nu__writer *writer, const char *member, nu_expression_fn fn,
                        const char *hint)
{
    if (fn != NULL)
        nu_builder_printf(&writer->out, ", .%s = %s", member,
                          nu__writer_function(writer, fn, hint));
}
