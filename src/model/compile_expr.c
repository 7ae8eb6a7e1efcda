/* Expressions as SQL text with parameters. */
#include <inttypes.h>
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
        .hash = sql->hash,
        .writes = writes,
        .pure = !writes,
    };
}

static bool same_value(nu_value a, nu_value b)
{
    return a.type == b.type && nu_equal(a, b);
}

/* The number of a constant that was written before: a database that compares GROUP BY with SELECT
 * must see the same parameter, not another of the same value. 0: there is none. */
static size_t number_of(const nu_sql *sql, nu_value value, const void *owner)
{
    enum { FAR = 100 };
    for (size_t i = 0; owner != NULL && i < sql->count && i < FAR; i++) {
        if (sql->owners[i] == owner && same_value(sql->params[i], value))
            return i + 1;
    }
    return 0;
}

static void grow_params(nu_sql *sql, size_t capacity)
{
    nu_arena *arena = nu_arena_current();
    sql->params = nu_arena_grow(arena, sql->params, sql->capacity * sizeof *sql->params,
                                capacity * sizeof *sql->params);
    sql->owners = nu_arena_grow(arena, sql->owners, sql->capacity * sizeof *sql->owners,
                                capacity * sizeof *sql->owners);
    sql->capacity = capacity;
}

void nu__sql_expect(nu_sql *sql, size_t params)
{
    enum { NAMES = 1024, MARK = 4, NUMBER = 12 }; /* "(?, ", ", $12345" */
    size_t each = sql->backend->placeholder == '?' ? MARK : NUMBER;
    nu_builder_init(&sql->text, NULL, NAMES + params * each);
    if (params > sql->capacity)
        grow_params(sql, params);
}

void nu__sql_keep_param(nu_sql *sql, nu_value value, const void *owner)
{
    if (sql->count == sql->capacity)
        grow_params(sql, sql->capacity > 0 ? sql->capacity * 2 : 16);
    sql->owners[sql->count] = owner;
    sql->params[sql->count++] = value;
}

void nu__sql_param_of(nu_sql *sql, nu_value value, const void *owner)
{
    if (sql->literal) {
        sql->backend->literal(&sql->text, value);
        return;
    }
    bool   numbered = sql->backend->placeholder != '?';
    size_t number = numbered ? number_of(sql, value, owner) : 0;
    if (number == 0) {
        nu__sql_keep_param(sql, value, owner);
        number = sql->count;
    }
    nu_builder_putc(&sql->text, sql->backend->placeholder);
    if (numbered)
        nu_builder_int(&sql->text, (int64_t)number);
}

void nu__sql_param(nu_sql *sql, nu_value value)
{
    nu__sql_param_of(sql, value, NULL);
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
    for (size_t i = 0; column->parts != NULL && column->parts[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i > 0 ? ", " : "");
        put_column(sql, sql->scope, join, column->parts[i]->column);
    }
    if (column->parts == NULL)
        put_column(sql, sql->scope, join, column->column);
}

void nu__sql_key(nu_sql *sql, const nu_model_info *info)
{
    bool several = info->primary_key->parts != NULL;
    nu_builder_puts(&sql->text, several ? "(" : "");
    nu__sql_column(sql, 0, info->primary_key);
    nu_builder_puts(&sql->text, several ? ")" : "");
}

/* The outside's expression, written from where it belongs. */
static void put_outer(nu_sql *sql, const nu_expression *outer)
{
    nu_scope *inside = sql->scope;
    if (inside->outside == NULL)
        nu_raise(NU_VALUE_ERROR, "nu_outer(\"%s\") has a meaning inside a subquery only",
                 outer->name);
    const nu_expression *meant = inside->outers[outer->join];
    sql->scope = inside->outside;
    nu_builder_puts(&sql->text, nu__is_key(meant) ? "(" : "");
    nu__sql_expr(sql, meant);
    nu_builder_puts(&sql->text, nu__is_key(meant) ? ")" : "");
    sql->scope = inside;
}

/* ---- lists of expressions ------------------------------------------------------------------- */

void nu__sql_list(nu_sql *sql, const nu_expression *const *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            nu_builder_puts(&sql->text, ", ");
        nu__sql_expr(sql, args[i]);
    }
}

void nu__sql_direction(nu_sql *sql, bool descending, int nulls, bool turned)
{
    nu_builder_puts(&sql->text, descending != turned ? " DESC" : " ASC");
    if (nulls != 0)
        nu_builder_puts(&sql->text, (nulls < 0) != turned ? " NULLS FIRST" : " NULLS LAST");
}

void nu__sql_order(nu_sql *sql, const nu_expression *order)
{
    nu__sql_expr(sql, order->args[0]);
    nu__sql_direction(sql, order->descending, order->nulls, false);
}

static void put_case(nu_sql *sql, const nu_expression *whole)
{
    if (whole->count == 1 && whole->args[0]->kind != NU_EXPR_WHEN) {
        nu__sql_expr(sql, whole->args[0]);
        return;
    }
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

/* ---- constants ------------------------------------------------------------------------------ */

static void put_constant(nu_sql *sql, const nu_expression *constant)
{
    nu_value value = constant->value;
    bool     json_null = nu_is_null(value) && constant->output == &nu__json_column;
    if (json_null) {
        value = nu_value_text("null");
    } else if (nu_is_null(value)) {
        nu_builder_puts(&sql->text, "NULL");
        return;
    } else if (constant->output != NULL) {
        value = nu__prepare(constant->output, value);
    }
    nu__sql_param_of(sql, value, constant);
}

/* ---- functions ------------------------------------------------------------------------------ */

/* The back end's function takes its argument as text; the parameters in it keep their places. */
static const char *text_of(nu_sql *sql, const nu_expression *arg)
{
    nu_builder outside = sql->text;
    nu_builder_init(&sql->text, NULL, 64);
    nu__sql_expr(sql, arg);
    const char *inner = nu_builder_text(&sql->text);
    sql->text = outside;
    return inner;
}

static const char *zone_of(const nu_sql *sql, const nu_expression *function)
{
    const nu_zone *zone = function->options != NULL ? function->options->zone : NULL;
    if (zone == NULL)
        return sql->zone;
    return strcmp(nu_zone_name(zone), "UTC") != 0 ? nu_zone_name(zone) : NULL;
}

static void put_part(nu_sql *sql, const nu_expression *function)
{
    const nu_expression *arg = function->args[0];
    nu_db_part           part = (nu_db_part)nu__part_find(function->value.text);
    nu_db_type           of = arg->type != NULL ? arg->type->db_type.type : NU_DB_DATETIME;
    if (of == NU_DB_DURATION && !sql->backend->durations)
        nu_raise(NU_VALUE_ERROR, "the database \"%s\" takes no parts of durations",
                 sql->backend->name);
    const char *inner = text_of(sql, arg);
    bool        whole = part == NU_DB_AS_DATE || part == NU_DB_AS_TIME;
    if (whole || function->shape->result == NU_FN_PART)
        sql->backend->extract(&sql->text, part, of, inner, zone_of(sql, function));
    else
        sql->backend->truncate(&sql->text, part, of, inner, zone_of(sql, function));
}

/* A datetime cut to a date or a time: what the truncation gives is converted once more. */
static void put_trunc(nu_sql *sql, const nu_expression *function)
{
    const nu_column *of = function->args[0]->type;
    nu_db_type       type = function->type->db_type.type;
    bool             converted = function->output != NULL && of->db_type.type == NU_DB_DATETIME &&
                     type != NU_DB_DATETIME && nu__part_find(function->value.text) < NU_DB_AS_DATE;
    if (!converted) {
        put_part(sql, function);
        return;
    }
    nu_builder outside = sql->text;
    nu_builder_init(&sql->text, NULL, 64);
    put_part(sql, function);
    const char *inner = nu_builder_text(&sql->text);
    sql->text = outside;
    sql->backend->extract(&sql->text, type == NU_DB_TIME ? NU_DB_AS_TIME : NU_DB_AS_DATE,
                          NU_DB_DATETIME, inner, NULL);
}

static void put_own_function(nu_sql *sql, const nu_expression *function)
{
    if (function->name == NULL || (function->options != NULL && function->options->template)) {
        nu__sql_template(sql, function->options->template, function, function->args,
                         function->count);
        return;
    }
    nu_builder_puts(&sql->text, function->name);
    nu_builder_putc(&sql->text, '(');
    nu__sql_list(sql, function->args, function->count);
    nu_builder_putc(&sql->text, ')');
}

static void put_function(nu_sql *sql, const nu_expression *function)
{
    if (function->shape == NULL)
        put_own_function(sql, function);
    else if (function->shape->result == NU_FN_PART)
        put_part(sql, function);
    else if (function->shape->result == NU_FN_TRUNC)
        put_trunc(sql, function);
    else
        nu__sql_call(sql, function->shape->name, function, function->args, function->count);
}

static void put_aggregate(nu_sql *sql, const nu_expression *aggregate)
{
    const nu_aggregate_options *options = aggregate->aggregated;
    const char                 *name = aggregate->shape->name;
    const nu_expression        *args[2] = {aggregate->count > 0 ? aggregate->args[0] : NULL};
    size_t                      count = aggregate->count;
    if (options != NULL && options->sample && strcmp(name, "StdDev") == 0)
        name = "StdDev sample";
    else if (options != NULL && options->sample && strcmp(name, "Variance") == 0)
        name = "Variance sample";
    if (strcmp(name, "StringAgg") == 0) {
        const char *delimiter = options != NULL ? options->delimiter : NULL;
        args[count++] = nu_expr_value_(nu_value_text(delimiter != NULL ? delimiter : ""));
    }
    nu__sql_call(sql, name, aggregate, args, count);
    if (aggregate->filter != NULL) {
        nu_builder_puts(&sql->text, " FILTER (WHERE ");
        nu__sql_expr(sql, aggregate->filter);
        nu_builder_putc(&sql->text, ')');
    }
}

/* ---- windows -------------------------------------------------------------------------------- */

static void put_bound(nu_sql *sql, int64_t bound)
{
    if (bound == NU_UNBOUNDED_BEFORE)
        nu_builder_puts(&sql->text, "UNBOUNDED PRECEDING");
    else if (bound == NU_UNBOUNDED_AFTER)
        nu_builder_puts(&sql->text, "UNBOUNDED FOLLOWING");
    else if (bound == 0)
        nu_builder_puts(&sql->text, "CURRENT ROW");
    else
        nu_builder_printf(&sql->text, "%" PRId64 " %s", bound < 0 ? -bound : bound,
                          bound < 0 ? "PRECEDING" : "FOLLOWING");
}

static void put_frame(nu_sql *sql, const nu_window_options *window)
{
    if (window->frame == NU_FRAME_DEFAULT)
        return;
    nu_builder_puts(&sql->text, window->frame == NU_FRAME_ROWS ? " ROWS" : " RANGE");
    nu_builder_puts(&sql->text, " BETWEEN ");
    put_bound(sql, window->start);
    nu_builder_puts(&sql->text, " AND ");
    put_bound(sql, window->end);
}

static void put_window(nu_sql *sql, const nu_expression *window)
{
    const nu_expression *function = window->args[0];
    if (function->kind == NU_EXPR_AGGREGATE)
        put_aggregate(sql, function);
    else
        put_function(sql, function);
    nu_builder_puts(&sql->text, " OVER (");
    if (window->count > 1) {
        nu_builder_puts(&sql->text, "PARTITION BY ");
        nu__sql_list(sql, window->args + 1, window->count - 1);
    }
    for (size_t i = 0; i < window->order_count; i++) {
        nu_builder_puts(&sql->text, i > 0 ? ", " : window->count > 1 ? " ORDER BY " : "ORDER BY ");
        nu__sql_order(sql, window->orders[i]);
    }
    put_frame(sql, window->window);
    nu_builder_putc(&sql->text, ')');
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

static bool is_duration(const nu_expression *expression)
{
    return nu__is_kind(expression->type, &nu_field_duration);
}

/* Under which name the back end's table has the operator: dates and durations are special. */
static const char *operator_name(const nu_expression *combined)
{
    const nu_expression *a = combined->args[0], *b = combined->args[1];
    if (is_duration(a) != is_duration(b) && a->type != NULL && b->type != NULL)
        return nu_fmt("duration %s", combined->name);
    if (strcmp(combined->name, "-") != 0 || a->type == NULL || b->type == NULL)
        return combined->name;
    nu_db_type left = a->type->db_type.type, right = b->type->db_type.type;
    bool       mixed = (left == NU_DB_DATE && right == NU_DB_DATETIME) ||
                 (left == NU_DB_DATETIME && right == NU_DB_DATE);
    if (left != right && !mixed)
        return combined->name;
    switch (mixed ? NU_DB_DATETIME : left) {
    case NU_DB_DATE: return "date -";
    case NU_DB_TIME: return "time -";
    case NU_DB_DATETIME: return "datetime -";
    default: return combined->name;
    }
}

static void put_combined(nu_sql *sql, const nu_expression *combined)
{
    const char *name = operator_name(combined);
    if (name != combined->name || nu__db_function(sql->backend, name) != NULL) {
        nu__sql_call(sql, name, combined, combined->args, 2);
        return;
    }
    nu_builder_putc(&sql->text, '(');
    nu__sql_expr(sql, combined->args[0]);
    nu_builder_printf(&sql->text, " %s ", combined->name);
    nu__sql_expr(sql, combined->args[1]);
    nu_builder_putc(&sql->text, ')');
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void put_subquery(nu_sql *sql, const nu_expression *subquery)
{
    bool exists = subquery->kind == NU_EXPR_EXISTS;
    if (subquery->query->none) {
        nu_builder_puts(&sql->text, exists ? "0 = 1" : "NULL");
        return;
    }
    if (exists)
        nu_builder_puts(&sql->text, "EXISTS");
    nu__sql_subselect(sql, subquery->query, subquery->outers, exists);
}

/* The values of a key of several fields. */
static void put_params(nu_sql *sql, const nu_list *values)
{
    for (uint32_t i = 0; i < values->count; i++) {
        nu_builder_puts(&sql->text, i > 0 ? ", " : "(");
        nu__sql_param(sql, values->items[i]);
    }
    nu_builder_putc(&sql->text, ')');
}

static bool is_key_value(const nu_expression *constant)
{
    return constant->type != NULL && constant->type->parts != NULL &&
           constant->value.type == NU_LIST;
}

typedef struct hand {
    nu_sql              *sql;
    const nu_expression *expression;
} hand;

static void put_hand_param(void *arg, size_t index)
{
    const hand *written = arg;
    if (index < written->expression->count)
        nu__sql_expr(written->sql, written->expression->args[index]);
}

/* SQL by hand, as it stands. */
static void put_hand(nu_sql *sql, const nu_expression *expression)
{
    hand written = {sql, expression};
    nu_builder_putc(&sql->text, '(');
    size_t found = nu__db_fill_placeholders(&sql->text, expression->name, put_hand_param, &written);
    nu__db_check_placeholders(expression->name, found, expression->count);
    nu_builder_putc(&sql->text, ')');
}

/* What shapes know; all else makes the text one that is not kept. */
static bool has_shape(nu_expr_kind kind)
{
    enum {
        PLAIN = 1u << NU_EXPR_COLUMN | 1u << NU_EXPR_PARAM | 1u << NU_EXPR_LOOKUP |
                1u << NU_EXPR_AND | 1u << NU_EXPR_OR | 1u << NU_EXPR_NOT | 1u << NU_EXPR_NOTHING |
                1u << NU_EXPR_ALL,
    };
    return (PLAIN >> kind & 1) != 0;
}

static void put_expression(nu_sql *sql, const nu_expression *expression)
{
    if (!has_shape(expression->kind))
        sql->shapeless = true;
    switch (expression->kind) {
    case NU_EXPR_VALUE: put_constant(sql, expression); return;
    case NU_EXPR_PARAM:
        if (is_key_value(expression)) {
            put_params(sql, expression->value.list);
            return;
        }
        nu__sql_param_of(sql, expression->value,
                         expression->filter != NULL ? expression->filter : expression);
        return;
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
    case NU_EXPR_LOOKUP: nu__sql_lookup(sql, expression); return;
    case NU_EXPR_COMBINE: put_combined(sql, expression); return;
    case NU_EXPR_AGGREGATE: put_aggregate(sql, expression); return;
    case NU_EXPR_FUNC: put_function(sql, expression); return;
    case NU_EXPR_WINDOW: put_window(sql, expression); return;
    case NU_EXPR_WRAP: nu__sql_expr(sql, expression->args[0]); return;
    case NU_EXPR_COLLATE:
        nu__sql_expr(sql, expression->args[0]);
        nu_builder_puts(&sql->text, " COLLATE ");
        sql->backend->quote(&sql->text, expression->name);
        return;
    case NU_EXPR_SQL: put_hand(sql, expression); return;
    case NU_EXPR_CASE: put_case(sql, expression); return;
    case NU_EXPR_EXISTS:
    case NU_EXPR_SUBQUERY: put_subquery(sql, expression); return;
    case NU_EXPR_NOTHING: nu_builder_puts(&sql->text, "0 = 1"); return;
    case NU_EXPR_ALL: nu_builder_puts(&sql->text, "1 = 1"); return;
    case NU_EXPR_F:
    case NU_EXPR_LEAF:
    case NU_EXPR_WHEN:
    case NU_EXPR_COMPARE:
    case NU_EXPR_RELATION:
    case NU_EXPR_ORDER: break;
    }
    nu_raise(NU_FIELD_ERROR, "an expression stands where it has no meaning");
}

/* What a decimal is computed by may give another kind of number in some databases. */
static bool is_computed_decimal(const nu_expression *expression)
{
    bool computed = expression->kind == NU_EXPR_COMBINE || expression->kind == NU_EXPR_FUNC ||
                    expression->kind == NU_EXPR_AGGREGATE || expression->kind == NU_EXPR_VALUE ||
                    expression->kind == NU_EXPR_WRAP || expression->kind == NU_EXPR_WINDOW ||
                    expression->kind == NU_EXPR_CASE;
    return computed && expression->type != NULL && expression->type->db_type.type == NU_DB_DECIMAL;
}

void nu__sql_expr(nu_sql *sql, const nu_expression *expression)
{
    nu_check_stack();
    const char *around = is_computed_decimal(expression) ? sql->backend->decimal : NULL;
    if (around == NULL) {
        put_expression(sql, expression);
        return;
    }
    nu_builder_printf(&sql->text, "CAST(");
    put_expression(sql, expression);
    nu_builder_printf(&sql->text, " AS %s)", around);
}
