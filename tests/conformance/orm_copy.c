/* Copies of the database for cases that write.
 *
 * SQLite: the file is copied for each. PostgreSQL: making a database takes long, so that one copy
 * serves all cases; it keeps every table a second time in the schema "pristine", from which those
 * that a case wrote to are filled again. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nuages/text.h"

#include "orm.h"

/* The copy on a server stands as the original does. Of this process: one that crashed leaves a copy
 * of which nothing is known. */
static bool ready;

/* ---- SQLite ------------------------------------------------------------------------------------ */

static const char *copy_path(const orm_database *database)
{
    return nu_fmt("%s-copy", database->path);
}

static void copy_file(const char *from, const char *to)
{
    int         in = open(from, O_RDONLY | O_CLOEXEC);
    int         out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct stat info = {0};
    bool        copied = in >= 0 && out >= 0 && fstat(in, &info) == 0 &&
                  sendfile(out, in, NULL, (size_t)info.st_size) == info.st_size;
    int code = errno;
    close(in);
    close(out);
    if (!copied)
        nu_raise(NU_SYSTEM_ERROR, "cannot copy %s: %s", from, strerror(code));
}

/* ---- PostgreSQL -------------------------------------------------------------------------------- */

/* The URL with another name of database, the last part of its path. */
static const char *url_named(const char *url, const char *name)
{
    const char *query = strchrnul(url, '?');
    const char *slash = memrchr(url, '/', (size_t)(query - url));
    return nu_fmt("%.*s%s%s", (int)(slash + 1 - url), url, name, query);
}

static const char *name_in(const char *url)
{
    const char *query = strchrnul(url, '?');
    const char *slash = memrchr(url, '/', (size_t)(query - url));
    return nu_fmt("%.*s", (int)(query - slash - 1), slash + 1);
}

static const char *copy_url(const orm_database *database)
{
    return url_named(database->url, nu_fmt("%s_copy", name_in(database->url)));
}

static void run_on_server(const orm_database *database, const char *sql)
{
    orm_database_at(url_named(database->url, "postgres"));
    nu_sql(nu_database_get(NULL), sql);
}

static void create_copy(const orm_database *database, const char *template)
{
    const char *name = name_in(database->url);
    run_on_server(database, nu_fmt("DROP DATABASE IF EXISTS \"%s_copy\"", name));
    run_on_server(database, nu_fmt("CREATE DATABASE \"%s_copy\" TEMPLATE \"%s\"", name, template));
    orm_database_at(copy_url(database));
}

/* Runs the SQL that `write` makes of each table, all in one transaction. */
static void for_each_table(void (*write)(nu_builder *sql, const nu_model *model, void *arg),
                           void *arg)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 4096);
    for (const nu_model *const *model = nu_models(); *model != NULL; model++)
        if ((*model)->proxy_of == NULL)
            write(&sql, *model, arg);
    if (sql.length > 0)
        nu_sql_script(nu_database_get(NULL), nu_fmt("BEGIN; %sCOMMIT", nu_builder_text(&sql)));
}

static void keep_table(nu_builder *sql, const nu_model *model, void *arg)
{
    (void)arg;
    const char *table = nu_model_table(model);
    nu_builder_printf(sql, "CREATE TABLE pristine.\"%s\" AS TABLE \"%s\"; ", table, table);
}

static bool is_written(const nu_list *statements, const char *table)
{
    const char *quoted = nu_fmt("\"%s\"", table);
    for (uint32_t i = 0; i < statements->count; i++)
        if (!nu_starts_with(statements->items[i].text, "SELECT") &&
            strstr(statements->items[i].text, quoted) != NULL)
            return true;
    return false;
}

/* Keys go on after the largest, as in the original. */
static void restore_sequence(nu_builder *sql, const char *table, const char *key)
{
    nu_builder_printf(
        sql,
        "SELECT setval(s, coalesce(k, 1), k IS NOT NULL) FROM (SELECT "
        "pg_get_serial_sequence('\"%s\"', '%s') AS s, max(\"%s\") AS k FROM \"%s\") t "
        "WHERE s IS NOT NULL; ",
        table, key, key, table);
}

static void restore_table(nu_builder *sql, const nu_model *model, void *statements)
{
    const char      *table = nu_model_table(model);
    const nu_column *key = nu_model_primary_key(model);
    if (!is_written(statements, table))
        return;
    nu_builder_printf(sql, "DELETE FROM \"%s\"; INSERT INTO \"%s\" TABLE pristine.\"%s\"; ", table,
                      table, table);
    if (key->member == NU_MEMBER_INT64 || key->member == NU_MEMBER_INT32)
        restore_sequence(sql, table, key->column);
}

static void use_server_copy(const orm_database *database)
{
    if (ready) {
        orm_database_at(copy_url(database));
        return;
    }
    create_copy(database, name_in(database->url));
    nu_sql(nu_database_get(NULL), "CREATE SCHEMA pristine");
    for_each_table(keep_table, NULL);
    ready = true;
}

/* ---- both -------------------------------------------------------------------------------------- */

void orm_copy_use(const orm_database *database)
{
    if (database->path == NULL) {
        use_server_copy(database);
        return;
    }
    nu_database_close_all();
    copy_file(database->path, copy_path(database));
    orm_database_at(nu_fmt("sqlite:%s", copy_path(database)));
}

void orm_copy_leave(const orm_database *database, nu_list *statements)
{
    if (database->path != NULL) {
        orm_copy_drop(database);
        return;
    }
    ready = false; /* until it is restored */
    for_each_table(restore_table, statements);
    ready = true;
}

void orm_copy_use_empty(const orm_database *database)
{
    orm_copy_drop(database);
    if (database->path != NULL)
        orm_database_at(nu_fmt("sqlite:%s", copy_path(database)));
    else
        create_copy(database, "template0");
}

void orm_copy_drop(const orm_database *database)
{
    nu_database_close_all();
    ready = false;
    if (database->path != NULL)
        orm_database_remove_files(copy_path(database));
    else
        run_on_server(database,
                      nu_fmt("DROP DATABASE IF EXISTS \"%s_copy\"", name_in(database->url)));
}
