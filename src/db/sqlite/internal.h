/* What the files of the SQLite back end share. */
#pragma once

#include <sqlite3.h>

#include "nuages/backend/database.h"

/* A prepared statement at rest or running. `statement` NULL: free. */
typedef struct sqlite_entry {
    sqlite3_stmt        *statement;
    struct sqlite_entry *next; /* in its bucket */
    uint64_t             hash;
    uint64_t             used; /* turn of the connection's clock */
    size_t               length;
} sqlite_entry;

enum { SQLITE_CACHE_SIZE = 192, SQLITE_CACHE_BUCKETS = 256 };

typedef struct sqlite_connection {
    nu_db_connection base;
    sqlite3         *handle;
    nu_arena        *arena;
    const char      *path;
    sqlite_entry    *running; /* one at a time */
    bool             snapshot;
    uint64_t         clock;
    sqlite_entry     entries[SQLITE_CACHE_SIZE];
    sqlite_entry    *buckets[SQLITE_CACHE_BUCKETS];
} sqlite_connection;

/* ---- connection.c --------------------------------------------------------------------------- */
bool              nu__sqlite_accepts(const nu_database_options *options, const char **why);
bool              nu__sqlite_single(const nu_database_options *options);
const char       *nu__sqlite_file(const nu_database_options *options);
nu_db_connection *nu__sqlite_open(nu_database *db, const nu_database_options *options,
                                  nu_db_error *error);
void              nu__sqlite_close(nu_db_connection *connection, bool forked);
bool nu__sqlite_script(nu_db_connection *connection, const char *sql, nu_db_error *error);
bool nu__sqlite_in_transaction(nu_db_connection *connection);
void nu__sqlite_tidy(nu_db_connection *connection, bool snapshot);
bool nu__sqlite_snapshot(nu_db_connection *connection, nu_db_error *error);

/* ---- statement.c ---------------------------------------------------------------------------- */
bool nu__sqlite_run(nu_db_connection *connection, const nu_db_statement *statement,
                    nu_db_cursor *cursor);
bool nu__sqlite_next(nu_db_cursor *cursor);
void nu__sqlite_finish(nu_db_cursor *cursor);
/* Finalizes all statements of the connection. */
void nu__sqlite_forget_statements(sqlite_connection *connection);

/* ---- read.c --------------------------------------------------------------------------------- */
bool        nu__sqlite_is_null(nu_db_cursor *cursor, int column);
int64_t     nu__sqlite_get_int(nu_db_cursor *cursor, int column);
double      nu__sqlite_get_float(nu_db_cursor *cursor, int column);
const char *nu__sqlite_get_text(nu_db_cursor *cursor, int column, size_t *length);
const void *nu__sqlite_get_bytes(nu_db_cursor *cursor, int column, size_t *length);
nu_value    nu__sqlite_get_value(nu_db_cursor *cursor, int column);
const char *nu__sqlite_column_name(nu_db_cursor *cursor, int column);

/* ---- error.c -------------------------------------------------------------------------------- */
/* Fills the error from the connection's last failure. `path` is for messages. */
void nu__sqlite_error(sqlite3 *handle, const char *path, int code, nu_db_error *error);

/* ---- functions.c ---------------------------------------------------------------------------- */
extern const nu_db_functions nu__sqlite_functions;

/* ---- regexp.c, dates.c, durations.c, text_functions.c, numbers.c, string_agg.c: functions that
 * SQL texts call; each gives SQLite's code ---- */
int nu__sqlite_add_regexp(sqlite3 *handle);
int nu__sqlite_add_date_functions(sqlite3 *handle);
int nu__sqlite_add_duration_functions(sqlite3 *handle);
int nu__sqlite_add_text_functions(sqlite3 *handle);
int nu__sqlite_add_number_functions(sqlite3 *handle);
int nu__sqlite_add_string_agg(sqlite3 *handle);

/* ---- text.c: dates as text in columns, always in UTC ---------------------------------------- */
enum { SQLITE_DATE_SIZE = 11, SQLITE_TIME_SIZE = 16, SQLITE_DATETIME_SIZE = 27 };
/* "2026-11-21", "09:05:00[.000123]", "2026-11-21 09:05:00[.000123]" with a NUL; the length. */
size_t nu__sqlite_write_date(char *out, nu_date date);
size_t nu__sqlite_write_time(char *out, int64_t us);
size_t nu__sqlite_write_datetime(char *out, int64_t us);
/* That of the three which a date, time or datetime value needs; `out` holds SQLITE_DATETIME_SIZE. */
size_t nu__sqlite_write_moment(char *out, nu_value value);

/* ---- introspect.c --------------------------------------------------------------------------- */
nu_list           *nu__sqlite_tables(nu_database *db);
nu_db_column_info *nu__sqlite_columns(nu_database *db, const char *table);
nu_db_table_info  *nu__sqlite_inspect(nu_database *db);
nu_db_key_info    *nu__sqlite_keys(nu_database *db, const char *table);
/* What the model layer takes a column for: fills kind, guessed. */
void nu__sqlite_take_kind(nu_db_column_info *column);
const char        *nu__sqlite_unique_index(nu_database *db, const char *table, const char *const *columns);

/* ---- literal.c: a constant as SQL text, in the form in which a parameter would be stored ------ */

void nu__sqlite_literal(nu_builder *sql, nu_value value);
