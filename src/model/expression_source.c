/* Expressions as the C source that makes them, for migrations, which hold them and compare them. */
#include <string.h>

#include "model/query_internal.h"
#include "model/schema_sql.h"
#include "nuages/text.h"

static void write(nu_builder *out, const nu_expression *expression);

static NU_NORETURN void raise_unwritable(const char *what)
{
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "%s cannot be written into a migration", what);
    error->hint = "Use fields, constants, conditions, functions and arithmetic, or NU_RUN_SQL.";
    nu_throw(error);
}

void nu__text_source(nu_builder *out, const char *text)
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

static void write_list(nu_builder *out, const nu_list *list)
{
    nu_builder_puts(out, "nu_list_of(");
    for (uint32_t i = 0; i < list->count; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        nu__value_source(out, list->items[i]);
    }
    nu_builder_puts(out, ")");
}

void nu__value_source(nu_builder *out, nu_value value)
{
    nu_check_stack();
    switch ((nu_type)value.type) {
    case NU_NULL: nu_builder_puts(out, "nu_null()"); return;
    case NU_BOOL: nu_builder_puts(out, value.boolean ? "true" : "false"); return;
    case NU_INT:
        if (value.integer == INT64_MIN) /* C has no literal for it */
            nu_builder_puts(out, "INT64_MIN");
        else
            nu_builder_printf(out, "%lld", (long long)value.integer);
        return;
    case NU_FLOAT: {
        const char *number = nu_text(value);
        nu_builder_printf(out, "%s%s", number, strpbrk(number, ".en") != NULL ? "" : ".0");
        return;
    }
    case NU_LIST: write_list(out, value.list); return;
    case NU_OBJECT:
        if (nu_expression_of(value) != NULL) {
            write(out, nu_expression_of(value));
            return;
        }
        raise_unwritable("a row or a query");
    case NU_DICT:
    case NU_FUNCTION:
    case NU_BYTES: raise_unwritable(nu_value_type_name(value));
    case NU_TEXT:
    case NU_DECIMAL:
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME:
    case NU_DURATION:
    case NU_UUID: break;
    }
    nu__text_source(out, nu_text(value)); /* dates, decimals and so on read their text form back */
}

static void write_call(nu_builder *out, const char *function, const nu_expression *expression)
{
    nu_builder_printf(out, "%s(", function);
    for (size_t i = 0; i < expression->count; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        write(out, expression->args[i]);
    }
    nu_builder_puts(out, ")");
}

/* The parts of a chain, with those of inner chains of its kind among them. */
static void gather(const nu_expression *chain, nu_expr_kind kind, const nu_expression **parts,
                   size_t *count)
{
    nu_check_stack();
    for (size_t i = 0; i < chain->count; i++) {
        const nu_expression *part = chain->args[i];
        bool                 is_chain = part->kind == NU_EXPR_AND || part->kind == NU_EXPR_OR;
        if (is_chain && (part->kind == kind || part->count == 1))
            gather(part, kind, parts, count);
        else if (parts != NULL)
            parts[(*count)++] = part;
        else
            (*count)++;
    }
}

static bool only_leaves(const nu_expression *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i]->kind != NU_EXPR_LEAF)
            return false;
    return true;
}

static void write_pairs(nu_builder *out, const nu_expression *const *parts, size_t count)
{
    nu_builder_puts(out, "nu_q(");
    for (size_t i = 0; i < count; i++) {
        nu_builder_puts(out, i > 0 ? ", " : "");
        nu__text_source(out, parts[i]->name);
        nu_builder_puts(out, ", ");
        nu__value_source(out, parts[i]->value);
    }
    nu_builder_puts(out, ")");
}

/* nu_q("a", 1, "b", 2) where all parts are keyword pairs; a part alone stands for itself. */
static void write_chain(nu_builder *out, const nu_expression *expression)
{
    size_t count = 0, used = 0;
    gather(expression, expression->kind, NULL, &count);
    const nu_expression **parts = nu_alloc((count + 1) * sizeof *parts);
    gather(expression, expression->kind, parts, &used);
    if (count == 1) {
        write(out, parts[0]);
        return;
    }
    if (expression->kind == NU_EXPR_AND && only_leaves(parts, count)) {
        write_pairs(out, parts, count);
        return;
    }
    nu_expression joined = {.args = parts, .count = count};
    write_call(out, expression->kind == NU_EXPR_OR ? "nu_or" : "nu_and", &joined);
}

static void write_combined(nu_builder *out, const nu_expression *expression)
{
    static const char *const names[][2] = {
        {"+", "nu_add"}, {"-", "nu_sub"}, {"*", "nu_mul"}, {"/", "nu_div"}, {"%", "nu_mod"},
        {"^", "nu_power"}, {"&", "nu_bit_and"}, {"|", "nu_bit_or"}, {"#", "nu_bit_xor"},
        {"<<", "nu_shift_left"}, {">>", "nu_shift_right"},
    };
    for (size_t i = 0; i < NU_COUNT(names); i++)
        if (strcmp(names[i][0], expression->name) == 0) {
            write_call(out, names[i][1], expression);
            return;
        }
    raise_unwritable(nu_fmt("the operator \"%s\"", expression->name));
}

static void write_func(nu_builder *out, const nu_expression *expression)
{
    if (expression->options != NULL || expression->output != NULL)
        raise_unwritable(nu_fmt("the function \"%s\" with options", expression->name));
    nu_builder_puts(out, expression->shape != NULL ? "nu_fn(" : "nu_func(");
    nu__text_source(out, expression->name);
    for (size_t i = 0; i < expression->count; i++) {
        nu_builder_puts(out, ", ");
        write(out, expression->args[i]);
    }
    nu_builder_puts(out, ")");
}

static void write_order(nu_builder *out, const nu_expression *expression)
{
    if (expression->nulls != 0)
        nu_builder_puts(out, expression->nulls < 0 ? "nu_nulls_first(" : "nu_nulls_last(");
    write_call(out, expression->descending ? "nu_desc" : "nu_asc", expression);
    nu_builder_puts(out, expression->nulls != 0 ? ")" : "");
}

static void write_collated(nu_builder *out, const nu_expression *expression)
{
    nu_builder_puts(out, "nu_collate(");
    write(out, expression->args[0]);
    nu_builder_puts(out, ", ");
    nu__text_source(out, expression->name);
    nu_builder_puts(out, ")");
}

static void write_compared(nu_builder *out, const nu_expression *expression)
{
    nu_builder_puts(out, "nu_compare(");
    write(out, expression->args[0]);
    nu_builder_puts(out, ", ");
    nu__text_source(out, expression->name);
    nu_builder_puts(out, ", ");
    nu__value_source(out, expression->value);
    nu_builder_puts(out, ")");
}

static void write_named(nu_builder *out, const char *function, const char *name)
{
    nu_builder_printf(out, "%s(", function);
    nu__text_source(out, name);
    nu_builder_puts(out, ")");
}

static void write(nu_builder *out, const nu_expression *expression)
{
    nu_check_stack();
    switch (expression->kind) {
    case NU_EXPR_F: write_named(out, "nu_f", expression->name); return;
    case NU_EXPR_LEAF:
        write_pairs(out, &expression, 1);
        return;
    case NU_EXPR_VALUE:
        nu_builder_puts(out, "nu_const(");
        nu__value_source(out, expression->value);
        nu_builder_puts(out, ")");
        return;
    case NU_EXPR_AND:
    case NU_EXPR_OR: write_chain(out, expression); return;
    case NU_EXPR_NOT: write_call(out, "nu_not", expression); return;
    case NU_EXPR_COMBINE: write_combined(out, expression); return;
    case NU_EXPR_FUNC: write_func(out, expression); return;
    case NU_EXPR_WHEN: write_call(out, "nu_when", expression); return;
    case NU_EXPR_CASE: write_call(out, "nu_case", expression); return;
    case NU_EXPR_ORDER: write_order(out, expression); return;
    case NU_EXPR_COLLATE: write_collated(out, expression); return;
    case NU_EXPR_COMPARE: write_compared(out, expression); return;
    default: raise_unwritable("a subquery, a window or an aggregate");
    }
}

const char *nu__expression_source(const nu_expression *expression)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    write(&out, expression);
    return nu_builder_text(&out);
}
