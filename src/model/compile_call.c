/* Functions, operators and lookups, spelled as the back end's table says. */
#include <stdlib.h>
#include <string.h>

#include "model/native.h"
#include "nuages/text.h"

static int compare_name(const void *name, const void *function)
{
    return strcmp(name, ((const nu_db_function *)function)->name);
}

const nu_db_function *nu__db_function(const nu_db_backend *backend, const char *name)
{
    const nu_db_functions *functions = backend->functions;
    return bsearch(name, functions->items, functions->count, sizeof *functions->items,
                   compare_name);
}

/* ---- templates ------------------------------------------------------------------------------ */

static void put_orders(nu_sql *sql, const nu_expression *expression)
{
    for (size_t i = 0; i < expression->order_count; i++) {
        nu_builder_puts(&sql->text, i > 0 ? ", " : " ORDER BY ");
        nu__sql_order(sql, expression->orders[i]);
    }
}

static void put_type(nu_sql *sql, const nu_expression *expression)
{
    nu_db_column_type       type = expression->output != NULL ? expression->output->db_type
                                                              : (nu_db_column_type){.type = NU_DB_TEXT};
    static const nu_db_type plain[] = {
        [NU_DB_AUTO] = NU_DB_INT,
        [NU_DB_BIG_AUTO] = NU_DB_BIG_INT,
        [NU_DB_SMALL_AUTO] = NU_DB_SMALL_INT,
    };
    if (type.type <= NU_DB_SMALL_AUTO)
        type.type = plain[type.type];
    if (expression->output != NULL)
        nu_builder_puts(&sql->text, nu__type_sql(expression->output->field, type, sql->backend));
    else
        sql->backend->column_type(&sql->text, type);
}

/* What stands between braces; false if it is not ours. */
static bool put_slot(nu_sql *sql, const char *slot, size_t length, const nu_expression *expression,
                     const nu_expression *const *args, size_t count)
{
    if (length == 1 && *slot >= '1' && *slot <= '9') {
        size_t at = (size_t)(*slot - '1');
        if (at < count)
            nu__sql_expr(sql, args[at]);
        else if (expression->kind == NU_EXPR_AGGREGATE)
            nu_builder_putc(&sql->text, '*');
        else
            nu_raise(NU_FIELD_ERROR, "a template names argument {%zu} of %zu", at + 1, count);
        return true;
    }
    if (length == 1 && *slot == '*') {
        nu__sql_list(sql, args, count);
        return true;
    }
    if (length == 8 && memcmp(slot, "distinct", 8) == 0) {
        if (expression->distinct)
            nu_builder_puts(&sql->text, "DISTINCT ");
        return true;
    }
    if (length == 5 && memcmp(slot, "order", 5) == 0) {
        put_orders(sql, expression);
        return true;
    }
    if (length == 4 && memcmp(slot, "type", 4) == 0) {
        put_type(sql, expression);
        return true;
    }
    return false;
}

void nu__sql_template(nu_sql *sql, const char *text, const nu_expression *expression,
                      const nu_expression *const *args, size_t count)
{
    while (*text != '\0') {
        const char *open = strchr(text, '{');
        if (open == NULL) {
            nu_builder_puts(&sql->text, text);
            return;
        }
        nu_builder_add(&sql->text, text, (size_t)(open - text));
        const char *close = strchr(open, '}');
        size_t      length = close != NULL ? (size_t)(close - open - 1) : 0;
        if (close != NULL && put_slot(sql, open + 1, length, expression, args, count)) {
            text = close + 1;
        } else {
            nu_builder_putc(&sql->text, '{');
            text = open + 1;
        }
    }
}

/* ---- writers of the back end ---------------------------------------------------------------- */

typedef struct running_call {
    nu_db_call                  call;
    nu_sql                     *sql;
    const nu_expression        *expression;
    const nu_expression *const *args;
} running_call;

static void call_put(nu_db_call *call, size_t index)
{
    running_call *running = call->self;
    nu__sql_expr(running->sql, running->args[index]);
}

static void call_put_order(nu_db_call *call, size_t index)
{
    running_call *running = call->self;
    nu__sql_expr(running->sql, running->expression->orders[index]->args[0]);
}

static void call_param(nu_db_call *call, const nu_value *value)
{
    running_call *running = call->self;
    nu__sql_param_of(running->sql, *value, value);
}

static nu_db_column_type db_type_of(const nu_column *type)
{
    return type != NULL ? type->db_type : (nu_db_column_type){.type = (nu_db_type)-1};
}

static void run_writer(nu_sql *sql, const nu_db_function *function, const nu_expression *expression,
                       const nu_expression *const *args, size_t count)
{
    running_call running = {.sql = sql, .expression = expression, .args = args};
    nu_db_order *orders = nu_alloc((expression->order_count + 1) * sizeof *orders);
    for (size_t i = 0; i < expression->order_count; i++)
        orders[i] = (nu_db_order){expression->orders[i]->descending, expression->orders[i]->nulls};
    nu_db_column_type *types = nu_alloc((count + 1) * sizeof *types);
    for (size_t i = 0; i < count; i++)
        types[i] = db_type_of(args[i]->type);
    running.call = (nu_db_call){
        .sql = &sql->text,
        .name = function->name,
        .count = count,
        .types = types,
        .type = db_type_of(expression->output != NULL ? expression->output : expression->type),
        .distinct = expression->distinct,
        .orders = orders,
        .order_count = expression->order_count,
        .put = call_put,
        .put_order = call_put_order,
        .param = call_param,
        .self = &running,
    };
    if (expression->value.type == NU_LIST) {
        running.call.keys = expression->value.list->items;
        running.call.key_count = expression->value.list->count;
    }
    function->write(&running.call);
}

void nu__sql_call(nu_sql *sql, const char *name, const nu_expression *expression,
                  const nu_expression *const *args, size_t count)
{
    const nu_db_function *function = nu__db_function(sql->backend, name);
    if (function == NULL)
        nu_raise(NU_NOT_SUPPORTED, "the database \"%s\" has no \"%s\"", sql->backend->name, name);
    if (function->sql != NULL)
        nu__sql_template(sql, function->sql, expression, args, count);
    else
        run_writer(sql, function, expression, args, count);
}
