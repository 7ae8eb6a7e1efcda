/* Combined queries as SQL: SELECT … UNION SELECT … ORDER BY 2 LIMIT …
 *
 * A part with an order and a limit stands in a SELECT of its own around it; databases that do not
 * know that refuse it, as they do with Django. The order names result columns by their position. */
#include <string.h>

#include "model/query_internal.h"

static const char *word_of(nu_combination how)
{
    switch (how) {
    case NU_UNION: return " UNION ";
    case NU_UNION_ALL: return " UNION ALL ";
    case NU_INTERSECTION: return " INTERSECT ";
    case NU_DIFFERENCE: return " EXCEPT ";
    }
    return "";
}

/* A part that gives rows takes on the values asked of the whole. */
static const nu_query *part_of(const nu_query *whole, const nu_query *part)
{
    nu_query *copy = nu__query_clone(part);
    if (part->names == NULL && whole->names != NULL) {
        copy->names = whole->names;
        copy->result = whole->result;
    }
    if (copy->low == 0 && copy->high < 0 && copy->distinct_on == NULL) {
        copy->ordered = true;
        copy->order_count = 0;
    }
    return copy;
}

static NU_NORETURN NU_COLD void refuse(const nu_sql *sql, const char *what, const char *way_out)
{
    nu_error *error =
        nu_error_new(NU_DATABASE_ERROR, "%s cannot combine queries of which one is %s",
                     sql->backend->name, what);
    error->hint = way_out;
    nu_throw(error);
}

static void check_part(const nu_sql *sql, const nu_query *part)
{
    if (sql->backend->ordered_parts)
        return;
    if (part->low > 0 || part->high >= 0)
        refuse(sql, "a slice", "Take the slice of the combined query.");
    if (nu_query_is_ordered(part))
        refuse(
            sql, "in order",
            "Use nu_unordered on each, also against Meta.ordering, and order the combined query.");
}

static void put_part(nu_sql *sql, const nu_query *whole, const nu_query *part, nu_plan *plan)
{
    check_part(sql, part);
    const nu_query *query = part_of(whole, part);
    bool            wrapped =
        query->combination != 0 || query->low > 0 || query->high >= 0 || query->distinct_on != NULL;
    if (wrapped)
        nu_builder_puts(&sql->text, "SELECT * FROM (");
    nu__sql_select(sql, query, plan);
    if (wrapped)
        nu_builder_puts(&sql->text, ") part");
}

/* ---- ORDER BY ------------------------------------------------------------------------------- */

static int position_of_column(const nu_plan *plan, const nu_column *column)
{
    if (plan->group_count == 0)
        return 0;
    for (int i = 0; plan->groups[0].columns[i] != NULL; i++) {
        if (plan->groups[0].columns[i] == column)
            return plan->groups[0].first + i + 1;
    }
    return 0;
}

/* From 1; 0: no result column of that name. */
static int position_of(const nu_query *whole, const nu_plan *plan, const char *name)
{
    const nu_name   *found = nu__name_find(whole->info, name, strlen(name), NU_MEANS_COLUMN);
    const nu_column *column = found != NULL ? found->what : NULL;
    if (column != NULL && column->parts != NULL)
        nu_raise(NU_FIELD_ERROR, "combined queries cannot be ordered by a key of several fields");
    for (size_t i = 0; i < plan->extra_count; i++) {
        const nu_column *held =
            plan->extras[i]->kind == NU_EXPR_COLUMN ? plan->extras[i]->column : NULL;
        if (strcmp(plan->names[i], name) == 0 || (column != NULL && held == column))
            return nu__plan_position(plan, i) + 1;
    }
    return column != NULL ? position_of_column(plan, column) : 0;
}

static void put_order_item(nu_sql *sql, const nu_query *whole, const nu_plan *plan, nu_value item)
{
    const nu_expression *expression = nu_expression_of(item);
    bool                 descending = false;
    const char          *name = NULL;
    if (expression != NULL && expression->kind == NU_EXPR_ORDER) {
        descending = expression->descending;
        expression = expression->args[0];
    }
    if (expression != NULL && expression->kind == NU_EXPR_F) {
        name = expression->name;
    } else if (item.type == NU_TEXT) {
        descending = *item.text == '-';
        name = item.text + (descending || *item.text == '+');
    }
    int position = name != NULL ? position_of(whole, plan, name) : 0;
    if (position == 0)
        nu_raise(NU_DATABASE_ERROR,
                 "combined queries are ordered by what they select: \"%s\" is no result column",
                 name != NULL ? name : "the expression");
    nu_builder_int(&sql->text, position);
    nu_builder_puts(&sql->text, descending != whole->reversed ? " DESC" : " ASC");
}

static void put_order(nu_sql *sql, const nu_query *whole, const nu_plan *plan)
{
    for (size_t i = 0; i < whole->order_count; i++) {
        nu_builder_puts(&sql->text, i == 0 ? " ORDER BY " : ", ");
        put_order_item(sql, whole, plan, whole->order[i]);
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

void nu__sql_combined(nu_sql *sql, const nu_query *whole, nu_plan *plan)
{
    for (size_t i = 0; whole->parts[i] != NULL; i++) {
        nu_plan other;
        if (i > 0)
            nu_builder_puts(&sql->text, word_of(whole->combination));
        put_part(sql, whole, whole->parts[i], i == 0 ? plan : &other);
    }
    put_order(sql, whole, plan);
    nu__sql_limit(sql, whole);
}
