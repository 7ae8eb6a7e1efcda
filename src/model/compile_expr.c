/* Expressions as SQL text with parameters. */
#include <string.h>

#include "base/ambient.h"
#include "model/query_internal.h"
#include "nuages/text.h"

void nu__sql_init(nu_sql *sql, nu_database *db)
{
    const nu_zone *zone = nu__ambient()->zone;
    *sql = (nu_sql){.backend = nu_database_backend(db)};
    if (zone != NULL && strcmp(nu_zone_name(zone), "UTC") != 0)
        sql->zone = nu_zone_name(zone);
    nu_builder_init(&sql->text, NULL, 480);
}

nu_db_statement nu__sql_statement(nu_sql *sql, bool writes)
{
    return (nu_db_statement){
        .sql = nu_builder_text(&sql->text),
        .length = sql->text.length,
        .params = sql->params,
        .count = sql->count,
        .writes = writes,
        .pure = !writes,
    };
}

void nu__sql_param(nu_sql *sql, nu_value value)
{
    if (sql->count == sql->capacity) {
        size_t capacity = sql->capacity > 0 ? sql->capacity * 2 : 16;
        sql->params =
            nu_arena_grow(nu_arena_current(), sql->params, sql->capacity * sizeof *sql->params,
                          capacity * sizeof *sql->params);
        sql->capacity = capacity;
    }
    sql->params[sql->count++] = value;
    if (sql->backend->placeholder == '?')
        nu_builder_putc(&sql->text, '?');
    else
        nu_builder_printf(&sql->text, "$%zu", sql->count);
}

/* ---- columns -------------------------------------------------------------------------------- */

/* At the top level a table goes by its name, in subqueries by U0, U1 …, V0 …, so that inside and
 * outside never mean each other by mistake. */
void nu__sql_alias(nu_sql *sql, const nu_scope *scope, int join)
{
    if (scope->depth == 0)
        sql->backend->quote(&sql->text, scope->query->joins[join].alias);
    else
        nu_builder_printf(&sql->text, "%c%d", 'U' + (scope->depth - 1) % 6, join);
}

static void put_column(nu_sql *sql, const nu_scope *scope, int join, const char *column)
{
    if (!scope->bare) {
        nu__sql_alias(sql, scope, join);
        nu_builder_putc(&sql->text, '.');
    }
    sql->backend->quote(&sql->text, column);
}

void nu__sql_column(nu_sql *sql, int join, const nu_column *column)
{
    put_column(sql, sql->scope, join, column->column);
}

/* The outside's expression, written from where it belongs. */
static void put_outer(nu_sql *sql, const nu_expression *outer)
{
    nu_scope *inside = sql->scope;
    if (inside->outside == NULL)
        nu_raise(NU_FIELD_ERROR, "nu_outer(\"%s\") has a meaning inside a subquery only",
                 outer->name);
    sql->scope = inside->outside;
    nu__sql_expr(sql, inside->outers[outer->join]);
    sql->scope = inside;
}

/* ---- lists of expressions ------------------------------------------------------------------- */

static void put_list(nu_sql *sql, const nu_expression *const *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            nu_builder_puts(&sql->text, ", ");
        nu__sql_expr(sql, args[i]);
    }
}

static void put_function(nu_sql *sql, const nu_expression *function)
{
    nu_builder_puts(&sql->text, function->name);
    nu_builder_putc(&sql->text, '(');
    if (function->distinct)
        nu_builder_puts(&sql->text, "DISTINCT ");
    if (function->kind == NU_EXPR_AGGREGATE && function->count == 0)
        nu_builder_putc(&sql->text, '*');
    put_list(sql, function->args, function->count);
    nu_builder_putc(&sql->text, ')');
    if (function->filter != NULL) {
        nu_builder_puts(&sql->text, " FILTER (WHERE ");
        nu__sql_expr(sql, function->filter);
        nu_builder_putc(&sql->text, ')');
    }
}

static void put_case(nu_sql *sql, const nu_expression *whole)
{
    nu_builder_puts(&sql->text, "CASE");
    for (size_t i = 0; i < whole->count; i++) {
        const nu_expression *arg = whole->args[i];
        if (arg->kind == NU_EXPR_WHEN) {
            nu_builder_puts(&sql->text, " WHEN ");
            nu__sql_expr(sql, arg->args[0]);
            nu_builder_puts(&sql->text, " THEN ");
            nu__sql_expr(sql, arg->args[1]);
        } else {
            nu_builder_puts(&sql->text, " ELSE ");
            nu__sql_expr(sql, arg);
        }
    }
    nu_builder_puts(&sql->text, " END");
}

/* A chain of ANDs or ORs is a tree leaning to the left; it is written without inner parentheses. */
static void put_chain(nu_sql *sql, const nu_expression *chain, nu_expr_kind kind)
{
    nu_check_stack();
    for (size_t i = 0; i < chain->count; i++) {
        if (i > 0)
            nu_builder_puts(&sql->text, kind == NU_EXPR_AND ? " AND " : " OR ");
        if (chain->args[i]->kind == kind)
            put_chain(sql, chain->args[i], kind);
        else
            nu__sql_expr(sql, chain->args[i]);
    }
}

/* ---- comparisons ---------------------------------------------------------------------------- */

static bool is_constant(const nu_expression *expression)
{
    return expression->kind == NU_EXPR_VALUE;
}

static void put_in(nu_sql *sql, const nu_expression *lookup)
{
    bool subquery = lookup->count == 2 && lookup->args[1]->kind == NU_EXPR_SUBQUERY;
    nu__sql_expr(sql, lookup->args[0]);
    nu_builder_puts(&sql->text, subquery ? " IN " : " IN (");
    put_list(sql, lookup->args + 1, lookup->count - 1);
    if (!subquery)
        nu_builder_putc(&sql->text, ')');
}

/* LIKE against another column: its wildcards are escaped by the database. */
static void put_pattern_of(nu_sql *sql, const nu_expression *lookup)
{
    nu_lookup op = lookup->lookup;
    bool      start = op == NU_LOOKUP_CONTAINS || op == NU_LOOKUP_ICONTAINS ||
                 op == NU_LOOKUP_ENDS_WITH || op == NU_LOOKUP_IENDS_WITH;
    bool end = op == NU_LOOKUP_CONTAINS || op == NU_LOOKUP_ICONTAINS ||
               op == NU_LOOKUP_STARTS_WITH || op == NU_LOOKUP_ISTARTS_WITH;
    if (start)
        nu_builder_puts(&sql->text, "'%' || ");
    nu_builder_puts(&sql->text, "REPLACE(REPLACE(REPLACE(");
    nu__sql_expr(sql, lookup->args[1]);
    nu_builder_puts(&sql->text, ", '\\', '\\\\'), '%', '\\%'), '_', '\\_')");
    if (end)
        nu_builder_puts(&sql->text, " || '%'");
}

/* The left side, made text where the database asks for that. */
static void put_compared(nu_sql *sql, const nu_expression *left, nu_db_operator op)
{
    const char *before = "", *after = "";
    nu_db_type  of = left->type != NULL ? left->type->db_type.type : NU_DB_TEXT;
    if (sql->backend->compare_left != NULL)
        sql->backend->compare_left(op, of, &before, &after);
    nu_builder_puts(&sql->text, before);
    nu__sql_expr(sql, left);
    nu_builder_puts(&sql->text, after);
}

static void put_comparison(nu_sql *sql, const nu_expression *lookup)
{
    const char          *before, *after;
    const nu_expression *right = lookup->args[1];
    nu_db_operator       op = (nu_db_operator)lookup->lookup;
    bool                 pattern = op >= NU_DB_IEXACT && op <= NU_DB_IENDS_WITH;
    put_compared(sql, lookup->args[0], op);
    sql->backend->compare(op, &before, &after);
    nu_builder_putc(&sql->text, ' ');
    nu_builder_puts(&sql->text, before);
    if (is_constant(right))
        nu__sql_param(sql, sql->backend->pattern(op, right->value));
    else if (pattern)
        put_pattern_of(sql, lookup);
    else
        nu__sql_expr(sql, right);
    nu_builder_puts(&sql->text, after);
}

static void put_lookup(nu_sql *sql, const nu_expression *lookup)
{
    switch (lookup->lookup) {
    case NU_LOOKUP_IS_NULL:
        nu__sql_expr(sql, lookup->args[0]);
        nu_builder_puts(&sql->text, lookup->value.boolean ? " IS NULL" : " IS NOT NULL");
        break;
    case NU_LOOKUP_IN: put_in(sql, lookup); break;
    case NU_LOOKUP_RANGE:
        nu__sql_expr(sql, lookup->args[0]);
        nu_builder_puts(&sql->text, " BETWEEN ");
        nu__sql_expr(sql, lookup->args[1]);
        nu_builder_puts(&sql->text, " AND ");
        nu__sql_expr(sql, lookup->args[2]);
        break;
    default: put_comparison(sql, lookup); break;
    }
}

/* ---- the rest ------------------------------------------------------------------------------- */

/* The back end's function takes its argument as text; the parameters in it keep their places. */
static void put_part(nu_sql *sql, const nu_expression *expression)
{
    const nu_expression *arg = expression->args[0];
    nu_builder           outside = sql->text;
    nu_builder_init(&sql->text, NULL, 64);
    nu__sql_expr(sql, arg);
    const char *inner = nu_builder_text(&sql->text);
    sql->text = outside;
    nu_db_type of = arg->type != NULL ? arg->type->db_type.type : NU_DB_DATETIME;
    sql->backend->extract(&sql->text, expression->part, of, inner, sql->zone);
}

static void put_truncated(nu_sql *sql, const nu_expression *expression)
{
    const nu_expression *arg = expression->args[0];
    nu_builder           outside = sql->text;
    nu_builder_init(&sql->text, NULL, 64);
    nu__sql_expr(sql, arg);
    const char *inner = nu_builder_text(&sql->text);
    sql->text = outside;
    sql->backend->truncate(&sql->text, expression->part, arg->type->db_type.type, inner,
                           expression->name);
}

static void put_combined(nu_sql *sql, const nu_expression *expression)
{
    nu_builder_putc(&sql->text, '(');
    nu__sql_expr(sql, expression->args[0]);
    nu_builder_printf(&sql->text, " %s ", expression->name);
    nu__sql_expr(sql, expression->args[1]);
    nu_builder_putc(&sql->text, ')');
}

void nu__sql_expr(nu_sql *sql, const nu_expression *expression)
{
    nu_check_stack();
    switch (expression->kind) {
    case NU_EXPR_VALUE: nu__sql_param(sql, expression->value); return;
    case NU_EXPR_COLUMN: nu__sql_column(sql, expression->join, expression->column); return;
    case NU_EXPR_REF:
        if (sql->scope->by_name)
            sql->backend->quote(&sql->text, expression->name);
        else
            nu__sql_expr(sql, expression->args[0]);
        return;
    case NU_EXPR_OUTER: put_outer(sql, expression); return;
    case NU_EXPR_AND:
    case NU_EXPR_OR:
        nu_builder_putc(&sql->text, '(');
        put_chain(sql, expression, expression->kind);
        nu_builder_putc(&sql->text, ')');
        return;
    case NU_EXPR_NOT:
        nu_builder_puts(&sql->text, "NOT (");
        nu__sql_expr(sql, expression->args[0]);
        nu_builder_putc(&sql->text, ')');
        return;
    case NU_EXPR_LOOKUP: put_lookup(sql, expression); return;
    case NU_EXPR_COMBINE: put_combined(sql, expression); return;
    case NU_EXPR_AGGREGATE:
    case NU_EXPR_FUNC: put_function(sql, expression); return;
    case NU_EXPR_CASE: put_case(sql, expression); return;
    case NU_EXPR_PART: put_part(sql, expression); return;
    case NU_EXPR_TRUNCATE: put_truncated(sql, expression); return;
    case NU_EXPR_EXISTS:
        nu_builder_puts(&sql->text, "EXISTS");
        nu__sql_subselect(sql, expression->query, expression->outers, true);
        return;
    case NU_EXPR_SUBQUERY:
        nu__sql_subselect(sql, expression->query, expression->outers, false);
        return;
    case NU_EXPR_NOTHING: nu_builder_puts(&sql->text, "0 = 1"); return;
    case NU_EXPR_ALL: nu_builder_puts(&sql->text, "1 = 1"); return;
    case NU_EXPR_F:
    case NU_EXPR_LEAF:
    case NU_EXPR_WHEN:
    case NU_EXPR_ORDER: break;
    }
    nu_raise(NU_FIELD_ERROR, "an expression stands where it has no meaning");
}
