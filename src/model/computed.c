/* Fields that were set to an expression: the database works their values out when the row is saved. */
#include <string.h>

#include "model/query_internal.h"

bool nu__computed_put(nu_row *row, const nu_column *column, nu_value value)
{
    bool     expression = nu_expression_of(value) != NULL;
    nu_dict *computed = row->state != NULL ? row->state->computed : NULL;
    if (!expression) {
        if (computed != NULL)
            nu_dict_remove(computed, column->name);
        return false;
    }
    if (row->state == NULL || nu_query_from(value) != NULL || column->column == NULL ||
        column->primary_key || column->key_part)
        return false;
    if (computed == NULL)
        computed = row->state->computed = nu_dict_new();
    nu_dict_put(computed, nu_value_text(column->name), value);
    return true;
}

const nu_expression *nu__computed(const nu_row *row, const nu_column *column)
{
    nu_dict        *computed = row->state != NULL ? row->state->computed : NULL;
    const nu_value *value = computed != NULL ? nu_dict_find(computed, column->name) : NULL;
    return value != NULL ? nu_expression_of(*value) : NULL;
}

bool nu__is_beyond_member(const nu_row *row, const nu_column *column)
{
    const nu_expression *expression = nu__computed(row, column);
    return expression != NULL && expression->kind == NU_EXPR_VALUE &&
           expression->value.type == NU_TEXT &&
           memchr(expression->value.text, '\0', expression->value.length) != NULL;
}

/* Raises where a row that is not there yet is asked for its own columns. */
static const nu_expression *refuse_columns(const nu_expression *expression, void *arg)
{
    const nu_column *column = arg;
    if (expression->kind == NU_EXPR_COLUMN)
        nu_raise(NU_VALUE_ERROR,
                 "field \"%s\" of model \"%s\" cannot be inserted as an expression of columns",
                 column->name, column->model->name);
    return expression;
}

void nu__sql_computed(nu_sql *sql, const nu_column *column, const nu_expression *expression,
                      bool adding)
{
    nu_query *query = nu__query_clone(nu_query_everything(column->model));
    nu_joins  reuse = NU_EVERY_JOIN, used = 0;
    int       joins = query->join_count;
    nu_scope  scope = {.query = query, .outside = sql->scope};
    expression = nu__expr_resolve(query, expression, &reuse, &used);
    if (query->join_count > joins || expression->aggregate || expression->over)
        nu_raise(NU_FIELD_ERROR,
                 "field \"%s\" of model \"%s\" can be saved as columns of its own row only",
                 column->name, column->model->name);
    if (adding)
        nu__expr_map(expression, refuse_columns, (void *)(uintptr_t)column);
    nu_scope *before = sql->scope;
    sql->scope = &scope;
    nu__sql_expr(sql, expression);
    sql->scope = before;
}

void nu__computed_written(nu_row *row, const nu_column *column, bool read)
{
    if (nu__computed(row, column) == NULL)
        return;
    nu_dict_remove(row->state->computed, column->name);
    if (!read)
        row->state->deferred |= (uint64_t)1 << (column->index < 63 ? column->index : 63);
}
