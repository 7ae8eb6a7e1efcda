/* INSERT of single rows, and what the database makes of them: keys, defaults of its own, generated
 * columns. These come back with RETURNING and are read into the row. */
#include <string.h>

#include "base/ambient.h"
#include "model/row_sql.h"
#include "model/schema_sql.h"

/* ---- values --------------------------------------------------------------------------------- */

static void touch(nu_row *row, const nu_column *column, bool adding)
{
    const nu_field *field = column->field;
    if (!field->auto_now && !(field->auto_now_add && adding))
        return;
    nu_value now;
    if (column->db_type.type == NU_DB_DATE)
        now = nu_value_date(nu_today(nu__ambient()->zone));
    else if (column->db_type.type == NU_DB_TIME)
        now = nu_value_time((nu_time){.us = nu_now().us % NU_DAY, .set = true});
    else
        now = nu_value_datetime(nu_now());
    nu__member_put(row, column, now);
}

void nu__take_key(nu_row *row, const nu_column *column)
{
    nu_row *to = nu__ref_row(row, column);
    if (to == NULL || !nu_is_null(nu__member_get(row, column)))
        return;
    nu_value key = nu__member_get(to, column->target);
    if (nu_is_null(key))
        nu_raise(NU_VALUE_ERROR, "the row in \"%s\" of model \"%s\" must be saved first",
                 column->name, column->model->name);
    nu__member_put(row, column, key);
    nu__ref_set_row(row, column, to);
}

nu_value nu__value_as_it_is(nu_row *row, const nu_column *column)
{
    if (column->to != NULL)
        nu__take_key(row, column);
    nu_value value = nu__member_get(row, column);
    bool     measured = column->field->max_digits != 0; /* only then the database counts */
    return measured ? nu__prepare_stored(column, value, nu_database_backend(nu__row_database(row)))
                    : nu__prepare(column, value);
}

nu_value nu__value_to_write(nu_row *row, const nu_column *column, bool adding)
{
    touch(row, column, adding);
    return nu__value_as_it_is(row, column);
}

/* ---- what the database gives ---------------------------------------------------------------- */

bool nu__is_automatic(const nu_column *column)
{
    return column->primary_key && column->db_type.type <= NU_DB_SMALL_AUTO && column->to == NULL &&
           column->parts == NULL;
}

bool nu__is_inserted(const nu_column *column, bool with_key)
{
    return (with_key || !nu__is_automatic(column)) && column->field->generated == NULL;
}

static bool is_zero(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: return true;
    case NU_BOOL: return !value.boolean;
    case NU_INT: return value.integer == 0;
    case NU_FLOAT: return value.number == 0;
    case NU_DURATION: return value.us == 0;
    case NU_TEXT:
    case NU_BYTES: return value.length == 0;
    default: return false;
    }
}

bool nu__takes_default(const nu_row *row, const nu_column *column)
{
    const nu_field *field = column->field;
    if (field->db_default == NULL || field->default_fn != NULL || field->default_null ||
        !nu_is_null(field->default_value) || !nu_row_is_new(row))
        return false;
    bool given = row->state->given >> (column->index < 63 ? column->index : 63) & 1;
    return !given && is_zero(nu__member_get(row, column));
}

void nu__sql_insert_value(nu_sql *sql, nu_row *row, const nu_column *column, nu_database *db,
                          bool raw)
{
    const nu_expression *computed = nu__computed(row, column);
    if (computed != NULL)
        nu__sql_computed(sql, column, computed, true);
    else if (!nu__takes_default(row, column))
        nu__sql_param(sql, raw ? nu__value_as_it_is(row, column)
                               : nu__value_to_write(row, column, true));
    else if (sql->backend->default_values)
        nu_builder_puts(&sql->text, "DEFAULT");
    else
        nu_builder_printf(
            &sql->text, "(%s)",
            nu__expression_sql(db, nu_model_concrete(column->model), column->field->db_default()));
}

const nu_column **nu__columns_computed(const nu_model_info *info, const nu_row *row, bool adding)
{
    const nu_column **list = nu_alloc((info->column_count + 2) * sizeof *list);
    size_t            count = 0;
    bool              some = info->has_computed || row->state->computed != NULL;
    for (size_t i = 0; some && i < info->column_count; i++) {
        const nu_column *column = &info->columns[i];
        if (column->field->generated != NULL || (adding && nu__takes_default(row, column)) ||
            (nu__computed(row, column) != NULL && !nu__is_beyond_member(row, column)))
            list[count++] = column;
    }
    return list;
}

void nu__sql_returning(nu_sql *sql, const nu_column *const *columns)
{
    for (size_t i = 0; columns[i] != NULL; i++) {
        nu_builder_puts(&sql->text, i == 0 ? " RETURNING " : ", ");
        sql->backend->quote(&sql->text, columns[i]->column);
    }
}

void nu__read_returned(nu_db_run *run, nu_row *row, const nu_column *const *columns)
{
    for (int i = 0; columns[i] != NULL; i++) {
        const nu_column *column = columns[i];
        if (run->backend->is_null(&run->cursor, i))
            nu__member_put(row, column, nu_null());
        else
            nu__read_member(run, i, column, row);
        nu__computed_written(row, column, true);
        if (column->index < 63)
            row->state->deferred &= ~((uint64_t)1 << column->index);
    }
}

bool nu__run_returning(const nu_db_statement *statement, nu_database *db, nu_row *row,
                       const nu_column *const *columns)
{
    if (columns[0] == NULL)
        return nu__db_run_all(db, statement) > 0;
    nu_db_run run;
    nu__db_start(&run, db, statement);
    bool found = run.cursor.row;
    if (found)
        nu__read_returned(&run, row, columns);
    nu__db_finish(&run);
    return found;
}

/* ---- the statement -------------------------------------------------------------------------- */

const nu_column **nu__columns_inserted(const nu_model_info *info, bool with_key)
{
    const nu_column **list = nu_alloc((info->column_count + 1) * sizeof *list);
    size_t            count = 0;
    for (size_t i = 0; i < info->column_count; i++) {
        if (nu__is_inserted(&info->columns[i], with_key))
            list[count++] = &info->columns[i];
    }
    return list;
}

/* The key stands before what is computed, if the database gives it so. */
static const nu_column **columns_returned(const nu_model_info *info, const nu_row *row,
                                          const nu_db_backend *backend, bool with_key)
{
    const nu_column **list = nu__columns_computed(info, row, true);
    size_t            count = 0;
    while (list[count] != NULL)
        count++;
    if (with_key || (count == 0 && !backend->returning))
        return list;
    memmove(list + 1, list, count * sizeof *list);
    list[0] = info->primary_key;
    return list;
}

void nu__row_insert(nu_row *row, const nu_model_info *info, nu_database *db, bool raw)
{
    const nu_column *key = info->primary_key;
    bool             with_key = !nu__is_automatic(key) || !nu__member_is_null(row, key);
    nu_db_run        run;
    if (info->order != NULL && !raw)
        nu__row_number(row, info, db);
    const nu_column **returned = columns_returned(info, row, nu_database_backend(db), with_key);
    nu_row_write      write = {
             .row = row,
             .info = info,
             .database = db,
             .columns = nu__columns_inserted(info, with_key),
             .returned = returned,
             .raw = raw,
             .with_key = with_key,
    };
    nu_db_statement statement = nu__sql_row_insert(&write);
    nu__db_start(&run, db, &statement);
    if (returned[0] != NULL && run.cursor.row)
        nu__read_returned(&run, row, returned);
    nu__db_finish(&run);
    if (!with_key && returned[0] == NULL)
        nu__member_put(row, key, nu_value_int(run.cursor.last_id));
}
