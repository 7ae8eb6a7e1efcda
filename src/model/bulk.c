/* nu_bulk_create: rows in statements of many. */
#include "model/query_internal.h"

/* Statements of this many rows, so that all but the last are the same text. */
enum { BATCH = 100 };

static void put_names(nu_sql *sql, const nu_model_info *info, bool with_key)
{
    const char *comma = " (";
    nu_builder_puts(&sql->text, "INSERT INTO ");
    sql->backend->quote(&sql->text, info->table);
    for (size_t i = 0; i < info->column_count; i++) {
        if (!nu__is_inserted(&info->columns[i], with_key))
            continue;
        nu_builder_puts(&sql->text, comma);
        sql->backend->quote(&sql->text, info->columns[i].column);
        comma = ", ";
    }
    nu_builder_puts(&sql->text, ") VALUES ");
}

static void put_row(nu_sql *sql, nu_row *row, const nu_model_info *info, bool with_key)
{
    const char *comma = "(";
    for (size_t i = 0; i < info->column_count; i++) {
        if (!nu__is_inserted(&info->columns[i], with_key))
            continue;
        nu_builder_puts(&sql->text, comma);
        nu__sql_param(sql, nu__value_to_write(row, &info->columns[i], true));
        comma = ", ";
    }
    nu_builder_putc(&sql->text, ')');
}

/* The keys of one statement's rows follow each other: they were given under one lock. */
static void set_keys(nu_row *const *rows, size_t count, const nu_column *key, int64_t last)
{
    for (size_t i = 0; i < count; i++)
        nu__member_put(rows[i], key, nu_value_int(last - (int64_t)(count - 1 - i)));
}

static void read_keys(nu_db_run *run, nu_row *const *rows, size_t count, const nu_column *key)
{
    for (size_t i = 0; run->cursor.row && i < count; i++) {
        nu__member_put(rows[i], key, nu_value_int(run->backend->get_int(&run->cursor, 0)));
        nu__db_next(run);
    }
}

static NU_WAITS void insert(nu_row *const *rows, size_t count, bool with_key, nu_database *db)
{
    const nu_model_info *info = nu__info(nu_row_model(rows[0]));
    nu_sql               sql;
    nu__sql_init(&sql, db);
    put_names(&sql, info, with_key);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            nu_builder_puts(&sql.text, ", ");
        put_row(&sql, rows[i], info, with_key);
    }
    bool returning = !with_key && sql.backend->returning;
    if (returning) {
        nu_builder_puts(&sql.text, " RETURNING ");
        sql.backend->quote(&sql.text, info->primary_key->column);
    }
    nu_db_statement statement = nu__sql_statement(&sql, true);
    nu_db_run       run;
    nu__db_start(&run, db, &statement);
    if (returning)
        read_keys(&run, rows, count, info->primary_key);
    nu__db_finish(&run);
    if (!with_key && !returning)
        set_keys(rows, count, info->primary_key, run.cursor.last_id);
    for (size_t i = 0; i < count; i++) {
        rows[i]->state->saved = true;
        rows[i]->state->database = db;
    }
}

/* Rows from `rows` on that one statement can hold: of one kind, and not too many parameters. */
static size_t batch_size(nu_row *const *rows, const nu_model_info *info, bool with_key, size_t most)
{
    size_t fit = most / info->column_count;
    size_t count = 0, limit = fit < BATCH ? fit : BATCH;
    while (rows[count] != NULL && count < limit &&
           nu__member_is_null(rows[count], info->primary_key) == !with_key)
        count++;
    return count;
}

void nu_bulk_create(nu_row *const *rows)
{
    if (rows[0] == NULL)
        return;
    const nu_model_info *info = nu__info(nu_row_model(rows[0]));
    nu_database         *db = nu__row_database(rows[0]);
    size_t               most = (size_t)nu_database_backend(db)->max_params;
    if (info->parent != NULL)
        nu_raise(NU_VALUE_ERROR,
                 "rows of model \"%s\" lie in several tables, so they cannot be created in bulk",
                 info->model->name);
    if (info->column_count == 1)
        nu_raise(NU_VALUE_ERROR, "model \"%s\" has no field but its key; save its rows one by one",
                 info->model->name);
    for (size_t i = 0; rows[i] != NULL; i++) {
        if (nu_row_model(rows[i]) != info->model || nu__row_database(rows[i]) != db)
            nu_raise(NU_VALUE_ERROR, "nu_bulk_create takes rows of one model and one database");
    }
    NU_ATOMIC_ON(nu_database_alias(db))
    {
        for (nu_row *const *at = rows; *at != NULL;) {
            bool   with_key = !nu__member_is_null(*at, info->primary_key);
            size_t count = batch_size(at, info, with_key, most);
            insert(at, count, with_key, db);
            at += count;
        }
    }
}
