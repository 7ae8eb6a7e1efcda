/* INSERT and UPDATE of single rows. */
#include <string.h>

#include "base/ambient.h"
#include "model/query_internal.h"
#include "nuages/text.h"

nu_database *nu__row_database(const nu_row *row)
{
    if (row->state != NULL && row->state->database != NULL)
        return row->state->database;
    return nu_model_database(nu_row_model(row));
}

/* ---- before --------------------------------------------------------------------------------- */

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

/* A row that was put into a reference before it was saved has its key by now. */
static void take_key(nu_row *row, const nu_column *column)
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

nu_value nu__value_to_write(nu_row *row, const nu_column *column, bool adding)
{
    touch(row, column, adding);
    if (column->to != NULL)
        take_key(row, column);
    return nu__prepare(column, nu__member_get(row, column));
}

static void mark_saved(nu_row *row, nu_database *db)
{
    row->state->saved = true;
    row->state->database = db;
}

/* ---- INSERT --------------------------------------------------------------------------------- */

static bool is_automatic(const nu_column *column)
{
    return column->primary_key && column->db_type.type <= NU_DB_SMALL_AUTO && column->to == NULL;
}

static bool is_generated(const nu_column *column)
{
    return column->field->generated != NULL;
}

bool nu__is_inserted(const nu_column *column, bool with_key)
{
    return (with_key || !is_automatic(column)) && !is_generated(column);
}

static void put_insert(nu_sql *sql, nu_row *row, const nu_model_info *info, bool with_key)
{
    const char *comma = "";
    nu_builder_puts(&sql->text, "INSERT INTO ");
    sql->backend->quote(&sql->text, info->table);
    nu_builder_puts(&sql->text, " (");
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column *column = &info->columns[i];
        if (!nu__is_inserted(column, with_key))
            continue;
        nu_builder_puts(&sql->text, comma);
        sql->backend->quote(&sql->text, column->column);
        comma = ", ";
    }
    nu_builder_puts(&sql->text, ") VALUES (");
    comma = "";
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column *column = &info->columns[i];
        if (!nu__is_inserted(column, with_key))
            continue;
        nu_builder_puts(&sql->text, comma);
        nu__sql_param(sql, nu__value_to_write(row, column, true));
        comma = ", ";
    }
    nu_builder_putc(&sql->text, ')');
}

/* A model of nothing but an automatic key. */
static void put_empty_insert(nu_sql *sql, const nu_model_info *info)
{
    nu_builder_puts(&sql->text, "INSERT INTO ");
    sql->backend->quote(&sql->text, info->table);
    nu_builder_puts(&sql->text, " DEFAULT VALUES");
}

static NU_WAITS int64_t run_insert(nu_sql *sql, nu_database *db, const nu_column *key,
                                   bool want_key)
{
    if (want_key && sql->backend->returning) {
        nu_builder_puts(&sql->text, " RETURNING ");
        sql->backend->quote(&sql->text, key->column);
    }
    nu_db_statement statement = nu__sql_statement(sql, true);
    nu_db_run       run;
    nu__db_start(&run, db, &statement);
    int64_t id = run.cursor.row ? run.backend->get_int(&run.cursor, 0) : 0;
    nu__db_finish(&run);
    return sql->backend->returning ? id : run.cursor.last_id;
}

void nu_row_insert(nu_row *row)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    const nu_column     *key = info->primary_key;
    nu_database         *db = nu__row_database(row);
    bool                 automatic = is_automatic(key);
    bool                 with_key = !automatic || !nu__member_is_null(row, key);
    nu_sql               sql;
    nu__sql_init(&sql, db);
    if (info->column_count == 1 && !with_key)
        put_empty_insert(&sql, info);
    else
        put_insert(&sql, row, info, with_key);
    int64_t id = run_insert(&sql, db, key, !with_key);
    if (!with_key)
        nu__member_put(row, key, nu_value_int(id));
    mark_saved(row, db);
}

/* ---- UPDATE --------------------------------------------------------------------------------- */

static bool is_wanted(const nu_row *row, const nu_column *column, const char *const *names)
{
    if (column->primary_key || is_generated(column) || nu__is_deferred(row, column))
        return false;
    if (names == NULL)
        return true;
    for (; *names != NULL; names++) {
        if (strcmp(*names, column->name) == 0 || strcmp(*names, column->attname) == 0)
            return true;
    }
    return false;
}

/* False if there was no such row. Without anything to set, asks whether there is. */
static NU_WAITS bool update(nu_row *row, const char *const *names)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    nu_database         *db = nu__row_database(row);
    const char          *comma = " SET ";
    nu_sql               sql;
    nu__sql_init(&sql, db);
    nu_builder_puts(&sql.text, "UPDATE ");
    sql.backend->quote(&sql.text, info->table);
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column *column = &info->columns[i];
        if (!is_wanted(row, column, names))
            continue;
        nu_builder_puts(&sql.text, comma);
        sql.backend->quote(&sql.text, column->column);
        nu_builder_puts(&sql.text, " = ");
        nu__sql_param(&sql, nu__value_to_write(row, column, false));
        comma = ", ";
    }
    if (sql.count == 0)
        return nu_exists(nu_filter(nu_query_all(info->model), "pk", nu_row_key(row)));
    nu_builder_puts(&sql.text, " WHERE ");
    sql.backend->quote(&sql.text, info->primary_key->column);
    nu_builder_puts(&sql.text, " = ");
    nu__sql_param(&sql, nu__prepare(info->primary_key, nu_row_key(row)));
    const char *text = nu_builder_text(&sql.text);
    return nu__db_execute(db, text, sql.text.length, sql.params, sql.count, NULL) > 0;
}

/* A key that a default has just made up cannot be in the table yet. */
static bool key_is_fresh(const nu_row *row, const nu_column *key)
{
    return nu_row_is_new(row) && (key->field->default_fn != NULL);
}

void nu_row_save(nu_row *row)
{
    const nu_column *key = nu_model_primary_key(nu_row_model(row));
    if (key->to != NULL)
        take_key(row, key);
    if (nu__member_is_null(row, key) || key_is_fresh(row, key)) {
        nu_row_insert(row);
        return;
    }
    if (!update(row, NULL))
        nu_row_insert(row);
    else
        mark_saved(row, nu__row_database(row));
}

void nu_row_save_fields(nu_row *row, const char *const *names)
{
    const nu_model *model = nu_row_model(row);
    for (size_t i = 0; names[i] != NULL; i++)
        nu_column_get(model, names[i]);
    if (nu_is_null(nu_row_key(row)))
        nu_raise(NU_VALUE_ERROR,
                 "a row of \"%s\" must be saved whole before some of its fields can be",
                 model->name);
    if (!update(row, names))
        nu_raise(NU_OBJECT_NOT_FOUND, "the row of \"%s\" to save is gone", model->name);
}

void nu_row_refresh(nu_row *row)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    nu_query            *query = nu_filter(nu_query_all(info->model), "pk", nu_row_key(row));
    query->database = nu__row_database(row);
    nu_row *fresh = nu_get_(query, NU_PAIRS());
    for (size_t i = 0; i < info->column_count; i++)
        nu__member_put(row, &info->columns[i], nu__member_get(fresh, &info->columns[i]));
    row->state->deferred = 0;
    row->state->cache = NULL;
    mark_saved(row, fresh->state->database);
}
