/* Operations that are written by hand: SQL and C, both told apart from what they do to the models, and
 * what only PostgreSQL has. */
#include <string.h>

#include "migrate/schema.h"

static NU_NORETURN void raise_irreversible(const char *app, const nu_operation *operation)
{
    nu_error *error = nu_error_new(NU_COMMAND_ERROR, "\"%s\" of app \"%s\" cannot be undone",
                                   nu__operation_text(operation), app);
    error->hint = "Give the operation its second argument: what undoes it.";
    nu_throw(error);
}

/* ---- SQL and C ------------------------------------------------------------------------------- */

/* Checks that wait for the end would stand in the way of later changes to their tables. */
static void settle_checks(nu__schema *schema)
{
    if (nu__schema_in_place(schema) && nu_in_atomic(schema->database))
        nu_sql_script(schema->database,
                      "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
}

static void show_sql(nu__schema *schema, const char *sql, const nu_params *params)
{
    nu_builder text = nu__ddl(sql);
    for (size_t i = 0; i < params->count; i++) {
        nu_builder_puts(&text, i == 0 ? " /* with " : ", ");
        nu__ddl_literal(schema, &text, params->items[i]);
    }
    nu_builder_puts(&text, params->count > 0 ? " */" : "");
    nu_list_add(schema->collect, nu_builder_text(&text));
}

static void run_sql(nu__schema *schema, const char *sql, const nu_params *params)
{
    if (schema->collect != NULL) {
        show_sql(schema, sql, params);
        return;
    }
    if (*sql == '\0')
        return;
    schema->statement = sql;
    if (params->count > 0)
        nu_sql_(schema->database, sql, params->items, params->count);
    else
        nu_sql_script(schema->database, sql);
    settle_checks(schema);
}

static void run_c(nu__schema *schema, nu_run_fn *fn, const nu__state *state)
{
    if (schema->collect != NULL) {
        nu_list_add(schema->collect, "-- runs C code; no SQL to show");
    } else if (fn != NULL) {
        schema->statement = NULL;
        fn(schema->database, nu__past_new(schema->database, state));
        settle_checks(schema);
    }
}

static void separate(nu__schema *schema, const char *app, const nu_operation *operation,
                     const nu__state *state, bool undo)
{
    size_t count = 0;
    while (operation->database != NULL && operation->database[count].kind != NU_OPERATION_END)
        count++;
    nu__state **states = nu_alloc((count + 1) * sizeof *states);
    states[0] = nu__state_copy(state);
    for (size_t i = 0; i < count; i++) {
        states[i + 1] = nu__state_copy(states[i]);
        nu__operation_apply(states[i + 1], app, &operation->database[i]);
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = undo ? count - 1 - i : i;
        if (undo)
            nu__schema_undo(schema, app, &operation->database[at], states[at], states[at + 1]);
        else
            nu__schema_apply(schema, app, &operation->database[at], states[at], states[at + 1]);
    }
}

/* ---- PostgreSQL ------------------------------------------------------------------------------ */

static void extension(nu__schema *schema, const char *name, bool undo)
{
    nu_builder sql =
        nu__ddl(undo ? "DROP EXTENSION IF EXISTS " : "CREATE EXTENSION IF NOT EXISTS ");
    nu__ddl_quote(schema, &sql, name);
    nu__schema_run(schema, &sql);
}

static void collation(nu__schema *schema, const nu_operation *operation, bool create)
{
    nu_builder sql = nu__ddl(create ? "CREATE COLLATION " : "DROP COLLATION ");
    nu__ddl_quote(schema, &sql, operation->name);
    if (create) {
        nu_builder_puts(&sql, " (locale=");
        nu__ddl_literal(
            schema, &sql,
            nu_value_text(operation->collation.locale != NULL ? operation->collation.locale : ""));
        if (operation->collation.provider != NULL)
            nu_builder_printf(&sql, ", provider=%s", operation->collation.provider);
        nu_builder_puts(&sql,
                        operation->collation.nondeterministic ? ", deterministic=false)" : ")");
    }
    nu__schema_run(schema, &sql);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void forwards(nu__schema *schema, const nu_operation *operation, const nu__state *state)
{
    if (operation->kind == NU_OPERATION_RUN_SQL)
        run_sql(schema, operation->sql, &operation->params);
    else
        run_c(schema, operation->run, state);
}

static void backwards(nu__schema *schema, const char *app, const nu_operation *operation,
                      const nu__state *state)
{
    bool is_sql = operation->kind == NU_OPERATION_RUN_SQL;
    if (is_sql ? operation->reverse_sql == NULL : operation->reverse == NULL)
        raise_irreversible(app, operation);
    if (is_sql)
        run_sql(schema, operation->reverse_sql, &operation->reverse_params);
    else
        run_c(schema, operation->reverse, state);
}

void nu__schema_by_hand(nu__schema *schema, const char *app, const nu_operation *operation,
                        const nu__state *state, bool undo)
{
    switch (operation->kind) {
    case NU_OPERATION_CREATE_EXTENSION:
        if (nu__schema_in_place(schema))
            extension(schema, operation->name, undo);
        return;
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_REMOVE_COLLATION:
        if (nu__schema_in_place(schema))
            collation(schema, operation,
                      (operation->kind == NU_OPERATION_CREATE_COLLATION) != undo);
        return;
    case NU_OPERATION_SEPARATE: separate(schema, app, operation, state, undo); return;
    default: break;
    }
    if (undo)
        backwards(schema, app, operation, state);
    else
        forwards(schema, operation, state);
}
