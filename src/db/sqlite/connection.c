#include <stdio.h>
#include <string.h>

#include "nuages/file.h"

#include "db/sqlite/internal.h"

/* ---- URLs ----------------------------------------------------------------------------------- */

/* What follows the scheme: "site.db", "/var/lib/site.db", ":memory:". The forms with slashes that
 * are common elsewhere are understood too: sqlite:///site.db is relative, sqlite:////var/site.db is
 * not. */
static const char *path_of(const char *url)
{
    const char *path = strchr(url, ':') + 1;
    return strncmp(path, "///", 3) == 0 ? path + 3 : path;
}

static bool in_memory(const char *path)
{
    return strcmp(path, ":memory:") == 0;
}

bool nu__sqlite_accepts(const nu_database_options *options, const char **why)
{
    const char *path = path_of(options->url);
    if (*path == '\0')
        *why = "It names no file.";
    else if (path[0] == '/' && path[1] == '/')
        *why = "Two slashes would name a server; SQLite uses a file.";
    return *why == NULL;
}

const char *nu__sqlite_file(const nu_database_options *options)
{
    const char *path = path_of(options->url);
    if (in_memory(path))
        return NULL;
    return options->folder != NULL ? nu_path_join(options->folder, path) : path;
}

bool nu__sqlite_single(const nu_database_options *options)
{
    return in_memory(path_of(options->url));
}

/* ---- opening -------------------------------------------------------------------------------- */

/* Once for the process, before SQLite starts: counting its memory would cost a lock an
 * allocation. */
static void configure_library(void)
{
    static bool done;
    if (!done)
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    done = true;
}

static int add_functions(sqlite3 *handle)
{
    int (*const adding[])(sqlite3 *) = {
        nu__sqlite_add_regexp,
        nu__sqlite_add_date_functions,
        nu__sqlite_add_duration_functions,
        nu__sqlite_add_text_functions,
        nu__sqlite_add_number_functions,
        nu__sqlite_add_string_agg,
    };
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < NU_COUNT(adding); i++)
        code = adding[i](handle);
    return code;
}

static int set_up(sqlite_connection *connection, bool read_only)
{
    sqlite3 *handle = connection->handle;
    int code = sqlite3_exec(handle, "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL", NULL,
                            NULL, NULL);
    if (code == SQLITE_OK && !read_only && !in_memory(connection->path))
        code = sqlite3_exec(handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    /* A file that cannot be written can still be read; writing says what is wrong. */
    if ((code & 0xff) == SQLITE_READONLY)
        code = SQLITE_OK;
    /* The first look at the file: finds out now whether it is a database at all. */
    if (code == SQLITE_OK)
        code = sqlite3_exec(handle, "PRAGMA schema_version", NULL, NULL, NULL);
    return code == SQLITE_OK ? add_functions(handle) : code;
}

nu_db_connection *nu__sqlite_open(nu_database *db, const nu_database_options *options,
                                  nu_db_error *error)
{
    (void)db;
    configure_library();
    nu_arena          *arena = nu_arena_new(NULL, "sqlite connection");
    sqlite_connection *connection = nu_arena_zalloc(arena, sizeof *connection);
    connection->arena = arena;
    const char *file = nu__sqlite_file(options);
    connection->path = nu_arena_text(arena, file != NULL ? file : path_of(options->url));
    int flags =
        options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code =
        sqlite3_open_v2(connection->path, &connection->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(connection->handle, 1);
        code = set_up(connection, options->read_only);
    }
    if (code == SQLITE_OK)
        return &connection->base;
    nu__sqlite_error(connection->handle, connection->path, code, error);
    nu__sqlite_close(&connection->base, false);
    return NULL;
}

void nu__sqlite_close(nu_db_connection *base, bool forked)
{
    sqlite_connection *connection = (sqlite_connection *)base;
    /* In a child of fork even closing is forbidden: it would take the parent's locks away. What
     * the handle holds is given up. */
    if (!forked) {
        nu__sqlite_forget_statements(connection);
        sqlite3_close_v2(connection->handle);
    }
    nu_arena_free(connection->arena);
}

/* ---- use ------------------------------------------------------------------------------------ */

bool nu__sqlite_script(nu_db_connection *base, const char *sql, nu_db_error *error)
{
    sqlite_connection *connection = (sqlite_connection *)base;
    int                code = sqlite3_exec(connection->handle, sql, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return true;
    nu__sqlite_error(connection->handle, connection->path, code, error);
    return false;
}

bool nu__sqlite_snapshot(nu_db_connection *base, nu_db_error *error)
{
    sqlite_connection *connection = (sqlite_connection *)base;
    nu_db_statement    begin = {.sql = "BEGIN", .length = 5};
    nu_db_cursor       cursor = {.connection = base};
    if (!sqlite3_get_autocommit(connection->handle))
        return false;
    connection->snapshot = nu__sqlite_run(base, &begin, &cursor);
    if (connection->snapshot)
        nu__sqlite_finish(&cursor);
    else
        *error = cursor.error;
    return connection->snapshot;
}

bool nu__sqlite_in_transaction(nu_db_connection *base)
{
    return !sqlite3_get_autocommit(((sqlite_connection *)base)->handle);
}

void nu__sqlite_tidy(nu_db_connection *base, bool snapshot)
{
    sqlite_connection *connection = (sqlite_connection *)base;
    if (connection->running != NULL) {
        sqlite3_reset(connection->running->statement);
        connection->running = NULL;
    }
    if (!snapshot || !connection->snapshot)
        return;
    nu_db_statement commit = {.sql = "COMMIT", .length = 6};
    nu_db_cursor    cursor = {.connection = base};
    connection->snapshot = false;
    if (nu__sqlite_run(base, &commit, &cursor))
        nu__sqlite_finish(&cursor);
    else
        sqlite3_exec(connection->handle, "ROLLBACK", NULL, NULL, NULL);
}
