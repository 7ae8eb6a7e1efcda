/* UPDATE and INSERT of a single row, written once for each choice of columns. What the database works out
 * for the row (expressions, defaults of its own) is written each time. */
#include "model/row_sql.h"

#include "model/shape.h"
#include "nuages/text.h"

/* True if all that is written of the row is values. */
static bool has_values_only(const nu_row_write *write)
{
    return !write->info->has_computed && write->row->state->computed == NULL;
}

/* The values are worked out once: a field may be set to the time of its saving. Those that the database
 * works out are left out. */
static const nu_value *values_of(const nu_row_write *write, bool adding)
{
    size_t count = 0;
    while (write->columns[count] != NULL)
        count++;
    nu_value *values = nu_alloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        if (nu__computed(write->row, write->columns[i]) == NULL)
            values[i] = write->raw ? nu__value_as_it_is(write->row, write->columns[i])
                                   : nu__value_to_write(write->row, write->columns[i], adding);
    }
    return values;
}

/* ---- shapes --------------------------------------------------------------------------------- */

static bool read_row(nu_shape *shape, nu_sql *sql, const nu_row_write *write, const void *maker)
{
    if (!has_values_only(write))
        return false;
    nu__shape_init(shape, sql, maker);
    nu__shape_add(shape, write->with_key);
    for (size_t i = 0; write->columns[i] != NULL; i++) {
        if (!nu__shape_add_column(shape, write->columns[i]))
            return false;
        nu__sql_keep_param(sql, write->values[i], &write->values[i]);
    }
    nu__shape_add(shape, (uint64_t)(uintptr_t)write->info);
    return write->info->lasting;
}

/* ---- UPDATE --------------------------------------------------------------------------------- */

static const nu_column *const *parts_of_key(const nu_model_info *info)
{
    const nu_column **alone = nu_alloc(2 * sizeof *alone);
    alone[0] = info->primary_key;
    return info->primary_key->parts != NULL ? info->primary_key->parts : alone;
}

static void put_assignment(nu_sql *sql, const nu_row_write *write, size_t at)
{
    const nu_column     *column = write->columns[at];
    const nu_expression *computed = nu__computed(write->row, column);
    sql->backend->quote(&sql->text, column->column);
    nu_builder_puts(&sql->text, " = ");
    if (computed != NULL)
        nu__sql_computed(sql, column, computed, false);
    else
        nu__sql_param_of(sql, write->values[at], &write->values[at]);
}

static void write_update(nu_sql *sql, const void *what, nu_plan *plan)
{
    const nu_row_write *write = what;
    const char         *word = " WHERE ";
    (void)plan; /* what comes back is .returned */
    nu_builder_puts(&sql->text, "UPDATE ");
    sql->backend->quote(&sql->text, write->info->table);
    for (size_t i = 0; write->columns[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i == 0 ? " SET " : ", ");
        put_assignment(sql, write, i);
    }
    for (size_t i = 0; write->keys[i] != NULL; i++, word = " AND ") {
        nu_builder_puts(&sql->text, word);
        sql->backend->quote(&sql->text, write->keys[i]->column);
        nu_builder_puts(&sql->text, " = ");
        nu__sql_param_of(sql, write->key_values[i], &write->key_values[i]);
    }
    nu__sql_returning(sql, write->returned);
}

static bool read_update(nu_shape *shape, nu_sql *sql, const void *what)
{
    const nu_row_write *write = what;
    if (!read_row(shape, sql, write, (const void *)(uintptr_t)write_update))
        return false;
    for (size_t i = 0; write->keys[i] != NULL; i++)
        nu__sql_keep_param(sql, write->key_values[i], &write->key_values[i]);
    return true;
}

static const nu_value *values_of_key(const nu_row_write *write)
{
    size_t count = 0;
    while (write->keys[count] != NULL)
        count++;
    nu_value *values = nu_alloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = nu__prepare(write->keys[i], nu__member_get(write->row, write->keys[i]));
    return values;
}

nu_db_statement nu__sql_row_update(nu_row_write *write)
{
    nu_sql  sql;
    nu_plan plan;
    write->values = values_of(write, false);
    write->keys = parts_of_key(write->info);
    write->key_values = values_of_key(write);
    nu__sql_shaped(&sql, write->database, &(nu_shaped){read_update, write_update, write, NULL},
                   &plan);
    return nu__sql_statement(&sql, true);
}

/* ---- INSERT --------------------------------------------------------------------------------- */

static void write_insert(nu_sql *sql, const void *what, nu_plan *plan)
{
    const nu_row_write *write = what;
    bool                plain = has_values_only(write);
    (void)plan;
    nu_builder_puts(&sql->text, "INSERT INTO ");
    sql->backend->quote(&sql->text, write->info->table);
    for (size_t i = 0; write->columns[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i == 0 ? " (" : ", ");
        sql->backend->quote(&sql->text, write->columns[i]->column);
    }
    for (size_t i = 0; write->columns[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i == 0 ? ") VALUES (" : ", ");
        if (plain)
            nu__sql_param_of(sql, write->values[i], &write->values[i]);
        else
            nu__sql_insert_value(sql, write->row, write->columns[i], write->database, write->raw);
    }
    nu_builder_puts(&sql->text, write->columns[0] != NULL ? ")" : " DEFAULT VALUES");
    nu__sql_returning(sql, write->returned);
}

static bool read_insert(nu_shape *shape, nu_sql *sql, const void *what)
{
    return read_row(shape, sql, what, (const void *)(uintptr_t)write_insert);
}

nu_db_statement nu__sql_row_insert(nu_row_write *write)
{
    nu_sql  sql;
    nu_plan plan;
    if (has_values_only(write))
        write->values = values_of(write, true);
    nu__sql_shaped(&sql, write->database, &(nu_shaped){read_insert, write_insert, write, NULL},
                   &plan);
    return nu__sql_statement(&sql, true);
}
