/* SQL by hand: nu_sql and its kin. */
#include <string.h>

#include "db/internal.h"

static nu_database *database_or_default(nu_database *db)
{
    return db != NULL ? db : nu_database_get(NULL);
}

/* What is not plainly a read may write: it ends a snapshot and stands in the line of writers. */
static bool reads_only(const char *sql)
{
    static const char *const words[] = {"SELECT", "VALUES", "EXPLAIN", "PRAGMA"};
    sql += strspn(sql, " \t\r\n(");
    size_t length = strcspn(sql, " \t\r\n(");
    for (size_t i = 0; i < NU_COUNT(words); i++) {
        if (nu_equal_ascii_nocase(sql, length, words[i], strlen(words[i])))
            return true;
    }
    return false;
}

static NU_WAITS void start(nu_db_run *run, nu_database *db, const char *sql, const nu_value *params,
                           size_t count)
{
    nu_db_statement statement = {
        .sql = sql,
        .length = strlen(sql),
        .params = params,
        .count = count,
        .writes = !reads_only(sql),
    };
    db = database_or_default(db);
    if (db->backend->placeholder == '$')
        statement.sql = nu__db_number_placeholders(sql, count, &statement.length);
    nu__db_start(run, db, &statement);
}

int64_t nu_sql_(nu_database *db, const char *sql, const nu_value *params, size_t count)
{
    size_t length = strlen(sql);
    db = database_or_default(db);
    if (db->backend->placeholder == '$')
        sql = nu__db_number_placeholders(sql, count, &length);
    return nu__db_execute(db, sql, length, params, count, NULL);
}

nu_value *nu__db_column_names(nu_db_run *run)
{
    nu_value *names =
        nu_arena_array(nu_arena_current(), (size_t)run->cursor.columns + 1, sizeof *names);
    for (int i = 0; i < run->cursor.columns; i++) {
        const char *name = run->backend->column_name(&run->cursor, i);
        names[i] = nu_value_text_copy(name, strlen(name));
    }
    return names;
}

nu_list *nu_sql_rows_(nu_database *db, const char *sql, const nu_value *params, size_t count)
{
    nu_list  *rows = nu_list_new();
    nu_db_run run;
    start(&run, db, sql, params, count);
    int       columns = run.cursor.columns;
    nu_value *names = nu__db_column_names(&run);
    while (run.cursor.row) {
        nu_dict *row = nu_dict_new();
        for (int i = 0; i < columns; i++)
            nu_dict_put(row, names[i], run.backend->get_value(&run.cursor, i));
        nu_list_push(rows, nu_value_dict(row));
        nu__db_next(&run);
    }
    nu__db_finish(&run);
    return rows;
}

nu_value nu_sql_value_(nu_database *db, const char *sql, const nu_value *params, size_t count)
{
    nu_db_run run;
    start(&run, db, sql, params, count);
    nu_value value = nu_null();
    if (run.cursor.row && run.cursor.columns > 0)
        value = run.backend->get_value(&run.cursor, 0);
    nu__db_finish(&run);
    return value;
}

struct script {
    const char  *sql;
    nu_db_error *error;
};

static NU_WAITS bool write_script(void *arg, nu_db_connection *connection)
{
    const struct script *script = arg;
    return connection->backend->script(connection, script->sql, script->error);
}

/* One try at the whole text. Inside a transaction its statements belong to it. */
static NU_WAITS bool script_once(nu_database *db, const char *sql, nu_db_error *error)
{
    struct script script = {sql, error};
    nu_atomic_   *atomic = nu__db_atomic(db);
    if (atomic != NULL)
        return write_script(&script, atomic->connection);
    if (db->isolated != NULL)
        return write_script(&script, db->isolated);
    if (db->backend->pipelined)
        return nu__db_with_own(db, write_script, &script);
    return nu__db_write_shared(db, write_script, &script);
}

/* A script that found a lock halfway is not tried again: what it did already would be done
 * twice. */
void nu_sql_script(nu_database *db, const char *sql)
{
    db = database_or_default(db);
    nu_db_error error = {0};
    if (!script_once(db, sql, &error))
        nu__db_raise(db, &error, NULL);
}
