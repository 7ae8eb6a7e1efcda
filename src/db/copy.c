/* nu_copy_in: many rows into a table, in one transaction. */
#include <string.h>

#include "db/internal.h"

static nu_value quoted_list(const nu_database *db, const nu_db_copy *copy, bool names)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 128);
    for (size_t i = 0; i < copy->count; i++) {
        if (i > 0)
            nu_builder_puts(&sql, ", ");
        if (names)
            db->backend->quote(&sql, copy->columns[i]);
        else
            nu_builder_putc(&sql, '?');
    }
    return nu_builder_value(&sql);
}

static const char *insert_sql(const nu_database *db, const nu_db_copy *copy)
{
    nu_builder table;
    nu_builder_init(&table, NULL, 64);
    db->backend->quote(&table, copy->table);
    return nu_fmt("INSERT INTO %s (%s) VALUES (%s)", nu_builder_text(&table),
                  quoted_list(db, copy, true).text, quoted_list(db, copy, false).text);
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

static NU_WAITS void insert_row(nu_database *db, const char *sql, const nu_value *row,
                                const nu_db_copy *copy)
{
    NU_TRY {
        nu__db_execute(db, sql, strlen(sql), row, copy->count, NULL);
    }
    NU_CATCH (error) {
        raise_row(error, copy->rows);
    }
}

/* By statements; what each leaves in memory goes every some rows. */
static NU_WAITS void insert_all(nu_database *db, nu_db_copy *copy)
{
    enum { ROWS_KEPT = 256 };
    const char *sql = insert_sql(db, copy);
    nu_value   *row = nu_alloc(copy->count * sizeof *row);
    nu_arena   *scratch = nu_arena_new(nu_arena_current(), "rows to load");
    nu_arena   *before = nu_arena_enter(scratch);
    while (copy->next(copy->arg, row)) {
        copy->rows++;
        insert_row(db, sql, row, copy);
        if (copy->rows % ROWS_KEPT == 0)
            nu_arena_reset(scratch);
    }
    nu_arena_enter(before);
    nu_arena_free(scratch);
}

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
