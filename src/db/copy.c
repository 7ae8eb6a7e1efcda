/* nu_copy_in: many rows into a table, in one transaction. */
#include <string.h>

#include "db/internal.h"

/* ---- by statements -------------------------------------------------------------------------- */

/* Rows of one INSERT: half as fast again as one by one; more gain nothing. */
enum { ROWS = 100 };

typedef struct loading {
    nu_database *db;
    nu_db_copy  *copy;
    const char  *one, *many; /* the statement for one row, and for `most` of them */
    size_t       most;
    nu_value    *values;
} loading;

static const char *insert_sql(const nu_database *db, const nu_db_copy *copy, size_t rows)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 256 + rows * (2 * copy->count + 3));
    nu_builder_puts(&sql, "INSERT INTO ");
    db->backend->quote(&sql, copy->table);
    for (size_t i = 0; i < copy->count; i++) {
        nu_builder_puts(&sql, i > 0 ? ", " : " (");
        db->backend->quote(&sql, copy->columns[i]);
    }
    nu_builder_puts(&sql, ") VALUES ");
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = 0; i < copy->count; i++)
            nu_builder_puts(&sql, i > 0 ? ",?" : row > 0 ? ",(?" : "(?");
        nu_builder_putc(&sql, ')');
    }
    return nu_builder_text(&sql);
}

static NU_NORETURN void raise_row(const nu_error *cause, int64_t row)
{
    nu_error *error = nu_error_new(cause->kind, "%s", cause->fact);
    error->detail =
        nu_fmt("It is row %lld of those to load.%s%s", (long long)row,
               cause->detail != NULL ? " " : "", cause->detail != NULL ? cause->detail : "");
    error->hint = cause->hint;
    error->data = cause->data;
    nu_throw(error);
}

static NU_WAITS void insert_row(const loading *load, const nu_value *row, int64_t number)
{
    NU_TRY {
        nu__db_execute(load->db, load->one, strlen(load->one), row, load->copy->count, NULL);
    }
    NU_CATCH (error) {
        raise_row(error, number);
    }
}

static NU_WAITS void insert_each(const loading *load, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        insert_row(load, load->values + i * load->copy->count,
                   load->copy->rows - (int64_t)(rows - 1 - i));
}

/* A failure has undone the statement; one by one the rows say which of them it was. */
static NU_WAITS void insert_many(const loading *load)
{
    bool volatile failed = false;
    NU_TRY {
        nu__db_execute(load->db, load->many, strlen(load->many), load->values,
                       load->most * load->copy->count, NULL);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_DATABASE_ERROR))
            nu_reraise(error);
        failed = true;
    }
    if (failed)
        insert_each(load, load->most);
}

/* Reads rows, at most those of a statement. */
static NU_WAITS size_t read_rows(const loading *load)
{
    nu_db_copy *copy = load->copy;
    size_t      rows = 0;
    for (nu_value *row = load->values; rows < load->most && copy->next(copy->arg, row);
         row += copy->count) {
        for (size_t i = 0; i < copy->count; i++)
            row[i] = nu_value_copy(nu_arena_current(), row[i]);
        rows++;
        copy->rows++;
    }
    return rows;
}

static NU_WAITS void insert_all(nu_database *db, nu_db_copy *copy)
{
    size_t  fit = (size_t)db->backend->max_params / copy->count;
    loading load = {.db = db, .copy = copy, .most = fit < ROWS ? fit : ROWS};
    load.one = insert_sql(db, copy, 1);
    load.many = insert_sql(db, copy, load.most);
    load.values = nu_alloc(load.most * copy->count * sizeof *load.values);
    nu_arena *scratch = nu_arena_new(nu_arena_current(), "rows to load");
    nu_arena *before = nu_arena_enter(scratch);
    size_t    rows = load.most;
    while (rows == load.most) {
        nu_arena_reset(scratch);
        rows = read_rows(&load);
        if (rows == load.most)
            insert_many(&load);
        else
            insert_each(&load, rows);
    }
    nu_arena_enter(before);
    nu_arena_free(scratch);
}

/* ---- all -------------------------------------------------------------------------------------- */

static NU_WAITS void copy_all(nu_database *db, nu_db_copy *copy)
{
    if (db->backend->copy_in == NULL) {
        insert_all(db, copy);
        return;
    }
    nu_db_error       error = {0};
    nu_db_connection *connection = nu__db_atomic(db)->connection;
    if (!db->backend->copy_in(connection, copy, &error))
        nu__db_raise(db, &error, NULL);
}

int64_t nu_copy_in(nu_database *db, const char *table, const char *const *columns,
                   bool (*next)(void *arg, nu_value *row), void *arg)
{
    nu_db_copy copy = {.table = table, .columns = columns, .next = next, .arg = arg};
    if (db == NULL)
        db = nu_database_get(NULL);
    while (columns[copy.count] != NULL)
        copy.count++;
    NU_ATOMIC_ON(db->alias)
    {
        copy_all(db, &copy);
    }
    return copy.rows;
}
