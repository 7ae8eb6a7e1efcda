/* Comparisons as SQL. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static void put(nu_sql *sql, const char *text)
{
    nu_builder_puts(&sql->text, text);
}

/* A condition as a value goes between parentheses, and so does a key of several fields. */
static void put_left(nu_sql *sql, const nu_expression *left)
{
    bool around = left->kind == NU_EXPR_LOOKUP || left->kind == NU_EXPR_NOT || nu__is_key(left);
    nu_builder_puts(&sql->text, around ? "(" : "");
    nu__sql_expr(sql, left);
    nu_builder_puts(&sql->text, around ? ")" : "");
}

/* What stands at a key of JSON is compared with a value of JSON, where the database keeps texts. */
static void put_right(nu_sql *sql, const nu_expression *lookup, const nu_expression *right)
{
    bool        ordered = lookup->lookup >= NU_LOOKUP_GT && lookup->lookup <= NU_LOOKUP_LTE;
    const char *as = ordered ? "JSON number" : "JSON value";
    bool        json = right->kind == NU_EXPR_PARAM && nu__is_json_key(lookup->args[0]) &&
                nu__db_function(sql->backend, as) != NULL;
    if (json)
        nu__sql_call(sql, as, lookup, &right, 1);
    else
        put_left(sql, right);
}

static void put_in(nu_sql *sql, const nu_expression *lookup)
{
    bool subquery = lookup->count == 2 && lookup->args[1]->kind == NU_EXPR_SUBQUERY;
    put_left(sql, lookup->args[0]);
    put(sql, subquery ? " IN " : " IN (");
    if (!subquery && nu__is_key(lookup->args[0]) && sql->backend->row_list != NULL)
        put(sql, sql->backend->row_list);
    for (size_t i = 1; i < lookup->count; i++) {
        if (i > 1)
            put(sql, ", ");
        put_right(sql, lookup, lookup->args[i]);
    }
    if (!subquery)
        nu_builder_putc(&sql->text, ')');
}

static void put_range(nu_sql *sql, const nu_expression *lookup)
{
    put_left(sql, lookup->args[0]);
    put(sql, " BETWEEN ");
    put_right(sql, lookup, lookup->args[1]);
    put(sql, " AND ");
    put_right(sql, lookup, lookup->args[2]);
}

static void put_is_null(nu_sql *sql, const nu_expression *lookup)
{
    const nu_expression *left = lookup->args[0];
    const char          *name = lookup->value.boolean ? "KeyMissing" : "KeyPresent";
    if (nu__is_json_key(left)) {
        while (left->kind == NU_EXPR_REF)
            left = left->args[0];
        nu__sql_call(sql, name, left, left->args, left->count);
        return;
    }
    if (nu__is_key(left)) /* no part of it is NULL where there is a row */
        nu__sql_column(sql, left->join, left->column->parts[0]);
    else
        put_left(sql, left);
    put(sql, lookup->value.boolean ? " IS NULL" : " IS NOT NULL");
}

/* ---- patterns ------------------------------------------------------------------------------- */

static bool has_wildcards(nu_lookup lookup)
{
    return lookup >= NU_LOOKUP_CONTAINS && lookup <= NU_LOOKUP_IENDS_WITH;
}

/* LIKE against another column: its wildcards are escaped by the database. */
static const nu_expression *pattern_of(nu_lookup op, const nu_expression *right)
{
    bool start = op == NU_LOOKUP_CONTAINS || op == NU_LOOKUP_ICONTAINS ||
                 op == NU_LOOKUP_ENDS_WITH || op == NU_LOOKUP_IENDS_WITH;
    bool end = op == NU_LOOKUP_CONTAINS || op == NU_LOOKUP_ICONTAINS ||
               op == NU_LOOKUP_STARTS_WITH || op == NU_LOOKUP_ISTARTS_WITH;
    static const char *const templates[2][2] = {
        {"REPLACE(REPLACE(REPLACE(({1}), '\\', '\\\\'), '%', '\\%'), '_', '\\_')",
         "REPLACE(REPLACE(REPLACE(({1}), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'"},
        {"'%' || REPLACE(REPLACE(REPLACE(({1}), '\\', '\\\\'), '%', '\\%'), '_', '\\_')",
         "'%' || REPLACE(REPLACE(REPLACE(({1}), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'"},
    };
    nu_fn_options *options = nu_alloc(sizeof *options);
    options->template = templates[start][end];
    nu_expression *pattern = nu__expr_new(NU_EXPR_FUNC, 1);
    pattern->resolved = true;
    pattern->type = &nu__char_column;
    pattern->options = options;
    pattern->args[0] = right;
    return pattern;
}

static bool is_pattern(nu_lookup lookup)
{
    return lookup >= NU_LOOKUP_IEXACT && lookup <= NU_LOOKUP_IREGEX;
}

nu_value nu__lookup_param(const nu_db_backend *backend, nu_lookup lookup, nu_value value)
{
    return is_pattern(lookup) ? backend->pattern((nu_db_operator)lookup, value) : value;
}

static void put_pattern(nu_sql *sql, const nu_expression *lookup)
{
    const nu_expression *args[2] = {lookup->args[0], lookup->args[1]};
    if (args[1]->kind == NU_EXPR_PARAM) {
        nu_expression *right = nu__expr_copy(args[1]);
        right->value = nu__lookup_param(sql->backend, lookup->lookup, right->value);
        right->filter = args[1]; /* the same constant each time it is written */
        args[1] = right;
    } else if (has_wildcards(lookup->lookup)) {
        args[1] = pattern_of(lookup->lookup, args[1]);
    }
    nu__sql_call(sql, nu__lookup_name(lookup->lookup), lookup, args, 2);
}

bool nu__lookup_is_boolean(const nu_expression *lookup)
{
    const nu_expression *left = lookup->args[0];
    return lookup->lookup == NU_LOOKUP_EXACT && lookup->args[1]->kind == NU_EXPR_PARAM &&
           lookup->args[1]->value.type == NU_BOOL && left->type != NULL &&
           nu__is_kind(left->type, &nu_field_bool);
}

/* A condition that is compared with true or false is one itself, so that an index on it serves. */
static void put_boolean(nu_sql *sql, const nu_expression *lookup)
{
    put(sql, lookup->args[1]->value.boolean ? "" : "NOT ");
    put_left(sql, lookup->args[0]);
}

void nu__sql_lookup(nu_sql *sql, const nu_expression *lookup)
{
    static const char *const operators[] = {
        [NU_LOOKUP_EXACT] = " = ", [NU_LOOKUP_GT] = " > ",   [NU_LOOKUP_GTE] = " >= ",
        [NU_LOOKUP_LT] = " < ",    [NU_LOOKUP_LTE] = " <= ",
    };
    switch (lookup->lookup) {
    case NU_LOOKUP_IS_NULL: put_is_null(sql, lookup); break;
    case NU_LOOKUP_IN: put_in(sql, lookup); break;
    case NU_LOOKUP_RANGE: put_range(sql, lookup); break;
    case NU_LOOKUP_CUSTOM:
        nu__sql_template(sql, lookup->custom->sql, lookup, lookup->args, lookup->count);
        break;
    case NU_LOOKUP_EXACT:
        if (nu__lookup_is_boolean(lookup)) {
            put_boolean(sql, lookup);
            break;
        }
        __attribute__((fallthrough));
    case NU_LOOKUP_GT:
    case NU_LOOKUP_GTE:
    case NU_LOOKUP_LT:
    case NU_LOOKUP_LTE:
        put_left(sql, lookup->args[0]);
        put(sql, operators[lookup->lookup]);
        put_right(sql, lookup, lookup->args[1]);
        break;
    case NU_LOOKUP_NATIVE:
        nu__sql_call(sql, lookup->name, lookup, lookup->args, lookup->count);
        break;
    case NU_LOOKUP_JSON_CONTAINS:
    case NU_LOOKUP_CONTAINED_BY:
        nu__sql_call(sql, nu__lookup_name(lookup->lookup), lookup, lookup->args, lookup->count);
        break;
    default: put_pattern(sql, lookup); break;
    }
}
