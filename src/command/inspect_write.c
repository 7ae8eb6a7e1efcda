/* Models as C source, for inspectdb. */
#include <string.h>

#include "command/inspect.h"
#include "model/schema_sql.h"
#include "nuages/text.h"

/* How a kind of column is written: its macro, and its member without and with NULL. */
static const struct {
    const char *macro, *member, *null_member;
} forms[] = {
    [NU_DB_AUTO] = {"NU_AUTO", "int64_t ", "int64_t "},
    [NU_DB_BIG_AUTO] = {"NU_BIG_AUTO", "int64_t ", "int64_t "},
    [NU_DB_SMALL_AUTO] = {"NU_AUTO", "int64_t ", "int64_t "},
    [NU_DB_BOOL] = {"NU_BOOL", "bool ", "nu_maybe_bool "},
    [NU_DB_SMALL_INT] = {"NU_SMALL_INT", "int64_t ", "nu_maybe_int "},
    [NU_DB_INT] = {"NU_INT", "int64_t ", "nu_maybe_int "},
    [NU_DB_BIG_INT] = {"NU_BIG_INT", "int64_t ", "nu_maybe_int "},
    [NU_DB_POSITIVE_SMALL_INT] = {"NU_POSITIVE_SMALL_INT", "int64_t ", "nu_maybe_int "},
    [NU_DB_POSITIVE_INT] = {"NU_POSITIVE_INT", "int64_t ", "nu_maybe_int "},
    [NU_DB_POSITIVE_BIG_INT] = {"NU_POSITIVE_BIG_INT", "int64_t ", "nu_maybe_int "},
    [NU_DB_FLOAT] = {"NU_FLOAT", "double ", "nu_maybe_float "},
    [NU_DB_DECIMAL] = {"NU_DECIMAL", "nu_decimal ", "nu_decimal "},
    [NU_DB_CHAR] = {"NU_CHAR", "const char *", "const char *"},
    [NU_DB_TEXT] = {"NU_TEXT", "const char *", "const char *"},
    [NU_DB_SLUG] = {"NU_SLUG", "const char *", "const char *"},
    [NU_DB_IP] = {"NU_IP", "const char *", "const char *"},
    [NU_DB_DATE] = {"NU_DATE", "nu_date ", "nu_date "},
    [NU_DB_TIME] = {"NU_TIME", "nu_time ", "nu_time "},
    [NU_DB_DATETIME] = {"NU_DATETIME", "nu_datetime ", "nu_datetime "},
    [NU_DB_DURATION] = {"NU_DURATION", "nu_duration ", "nu_duration "},
    [NU_DB_UUID] = {"NU_UUID", "nu_uuid ", "nu_uuid "},
    [NU_DB_JSON] = {"NU_JSON", "nu_value ", "nu_value "},
    [NU_DB_BINARY] = {"NU_BINARY", "nu_bytes ", "nu_bytes "},
};
/* What Django guesses, too, where a database keeps any decimal. */
enum { GUESSED_DIGITS = 10, GUESSED_PLACES = 5 };

/* A remark; what would end or begin a comment is pulled apart. */
static void put_comment(nu_builder *out, const char *text)
{
    nu_builder_puts(out, "/* ");
    for (char before = ' '; *text != '\0'; before = *text++) {
        if ((before == '*' && *text == '/') || (before == '/' && *text == '*'))
            nu_builder_putc(out, ' ');
        nu_builder_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
    }
    nu_builder_puts(out, " */");
}

static void put_text(nu_builder *out, const char *option, const char *text)
{
    nu_builder_printf(out, ", .%s = ", option);
    nu__text_source(out, text);
}

/* ---- structs --------------------------------------------------------------------------------- */

static const nu__inspected_column *last_target(const nu__inspected_column *column)
{
    while (column->target != NULL)
        column = column->target;
    return column;
}

static void put_reference(nu_builder *out, const nu__inspected_column *column)
{
    nu_db_type  held = last_target(column)->info.kind.type;
    const char *form = held == NU_DB_UUID                         ? "nu_ref_uuid"
                       : held >= NU_DB_CHAR && held <= NU_DB_SLUG ? "nu_ref_text"
                                                                  : "nu_ref";
    nu_builder_printf(out, "    %s(%s) %s;\n", form, column->to->tag, column->name);
}

static bool is_implicit(const nu__inspected_table *table, const nu__inspected_column *column)
{
    return table->implicit_id && column->primary_key;
}

static void put_struct(nu_builder *out, const nu__inspected_table *table)
{
    nu_builder_printf(out, "struct %s {\n    nu_row row;\n", table->tag);
    for (const nu__inspected_column *column = table->columns; column->info.name != NULL; column++) {
        if (is_implicit(table, column))
            continue;
        if (column->to != NULL)
            put_reference(out, column);
        else if (column->info.array)
            nu_builder_printf(out, "    nu_list *%s;\n", column->name);
        else
            nu_builder_printf(out, "    %s%s;\n",
                              column->info.null ? forms[column->info.kind.type].null_member
                                                : forms[column->info.kind.type].member,
                              column->name);
    }
    nu_builder_puts(out, "};\n");
}

/* ---- fields ---------------------------------------------------------------------------------- */

static const char *macro_of(const nu__inspected_column *column)
{
    if (column->to != NULL)
        return column->primary_key || column->unique ? "NU_ONE_TO_ONE" : "NU_FOREIGN";
    if (column->info.automatic && column->primary_key)
        return column->info.kind.type == NU_DB_BIG_INT ? "NU_BIG_AUTO" : "NU_AUTO";
    return column->info.array ? "NU_ARRAY" : forms[column->info.kind.type].macro;
}

static void put_relation(nu_builder *out, const nu__inspected_column *column)
{
    nu_builder_printf(out, ", .to = &%s_model, .on_delete = NU_DO_NOTHING", column->to->tag);
    if (!column->target->primary_key)
        put_text(out, "to_field", column->target->name);
    if (column->related_name != NULL)
        put_text(out, "related_name", column->related_name);
}

/* ".base_field = NU_BASE(nu_field_char": the macros are called after the kinds. */
static void put_base(nu_builder *out, nu_db_type kind)
{
    nu_builder_puts(out, ", .base_field = NU_BASE(nu_field_");
    for (const char *at = forms[kind].macro + strlen("NU_"); *at != '\0'; at++)
        nu_builder_putc(out, *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at);
}

static void put_measures(nu_builder *out, const nu__inspected_column *column, const char **notes)
{
    nu_db_column_type kind = column->info.kind;
    if (column->info.array)
        put_base(out, kind.type);
    if (kind.type == NU_DB_CHAR)
        nu_builder_printf(out, ", .max_length = %d", kind.length);
    if (kind.type == NU_DB_DECIMAL) {
        bool guess = kind.digits == 0 || kind.digits < kind.places;
        nu_builder_printf(out, ", .max_digits = %d, .decimal_places = %d",
                          guess ? GUESSED_DIGITS : kind.digits,
                          guess ? GUESSED_PLACES : kind.places);
        if (guess)
            nu__inspected_note(notes, "Digits and places are a guess.");
    }
    nu_builder_puts(out, column->info.array ? ")" : "");
    if (column->info.guessed)
        nu__inspected_note(notes, *column->info.type != '\0'
                                      ? nu_fmt("A guess: the type is \"%s\".", column->info.type)
                                      : "A guess: there is no type.");
}

static void put_field(nu_builder *out, const nu__inspected_table *table,
                      const nu__inspected_column *column)
{
    const char *notes = column->notes;
    nu_builder_printf(out, "    %s(%s, %s", macro_of(column), table->tag, column->name);
    if (column->to != NULL)
        put_relation(out, column);
    else
        put_measures(out, column, &notes);
    if (column->primary_key)
        nu_builder_puts(out, ", .primary_key = true");
    if (column->unique && column->to == NULL)
        nu_builder_puts(out, ", .unique = true");
    if (column->info.null)
        nu_builder_puts(out, ", .null = true, .blank = true");
    const char *usual = column->to != NULL ? nu_fmt("%s_id", column->name) : column->name;
    if (strcmp(usual, column->info.name) != 0)
        put_text(out, "db_column", column->info.name);
    nu_builder_puts(out, "),");
    if (notes != NULL) {
        nu_builder_putc(out, ' ');
        put_comment(out, notes);
    }
    nu_builder_putc(out, '\n');
}

/* ---- models ---------------------------------------------------------------------------------- */

/* NU_STRS("a", "b") of the fields of a key. */
static void put_names(nu_builder *out, const nu__inspected_table *table, const nu_db_key_info *key)
{
    nu_builder_puts(out, "NU_STRS(");
    for (size_t i = 0; key->columns[i] != NULL; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        nu__text_source(out, nu__inspected_find(table, key->columns[i])->name);
    }
    nu_builder_puts(out, ")");
}

static void put_together(nu_builder *out, const nu__inspected_table *table)
{
    const char *separator = "    .unique_together = NU_TOGETHER(";
    bool        any = false;
    for (const nu_db_key_info *key = table->keys; key->columns != NULL; key++) {
        if (key->kind != NU_DB_UNIQUE_KEY || key->columns[0] == NULL || key->columns[1] == NULL)
            continue;
        nu_builder_puts(out, separator);
        put_names(out, table, key);
        separator = ", ";
        any = true;
    }
    nu_builder_puts(out, any ? "),\n" : "");
}

static void put_model(nu_builder *out, const nu__inspected_table *table)
{
    nu_builder_printf(out, "\nstatic const nu_field %s_fields[] = {\n", table->tag);
    for (const nu__inspected_column *column = table->columns; column->info.name != NULL; column++)
        if (!is_implicit(table, column))
            put_field(out, table, column);
    nu_builder_printf(out,
                      "    {0},\n};\nconst nu_model %s_model = {\n    NU_MODEL_OF(%s, \"%s\"),\n",
                      table->tag, table->tag, table->model);
    nu_builder_printf(out, "    .fields = %s_fields,\n    .db_table = ", table->tag);
    nu__text_source(out, table->info.name);
    nu_builder_puts(out, ",\n    .unmanaged = true,");
    if (table->info.kind == NU_DB_VIEW)
        nu_builder_puts(out, " /* A view. */");
    nu_builder_putc(out, '\n');
    if (table->key != NULL) {
        nu_builder_puts(out, "    .primary_key = ");
        put_names(out, table, table->key);
        nu_builder_puts(out, ",\n");
    }
    put_together(out, table);
    nu_builder_puts(out, "};\n");
}

const char *nu__inspect_source(const nu_database *db, const nu__inspected_table *tables,
                               size_t count)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 16384);
    put_comment(&out, nu_fmt("Models of the tables in %s, written by ./manage inspectdb.",
                             nu_database_url(db)));
    nu_builder_puts(&out,
                    "\n/* Give them better names, order and relations; take out .unmanaged where "
                    "migrations\n * are to look after a table. Structs and the lines with "
                    "\"extern\" belong in the app's header. */");
    nu_builder_puts(&out, "\n#include <nuages.h>\n");
    for (size_t i = 0; i < count; i++) {
        nu_builder_putc(&out, '\n');
        put_struct(&out, &tables[i]);
    }
    nu_builder_putc(&out, '\n');
    for (size_t i = 0; i < count; i++)
        nu_builder_printf(&out, "extern const nu_model %s_model;\n", tables[i].tag);
    nu_builder_puts(&out, "extern const nu_model *const inspected_models[];\n");
    for (size_t i = 0; i < count; i++)
        put_model(&out, &tables[i]);
    nu_builder_puts(&out, "\n/* For the app's table: .models = inspected_models */\n"
                          "const nu_model *const inspected_models[] = {\n");
    for (size_t i = 0; i < count; i++)
        nu_builder_printf(&out, "    &%s_model,\n", tables[i].tag);
    nu_builder_puts(&out, "    NULL,\n};");
    return nu_builder_text(&out);
}
