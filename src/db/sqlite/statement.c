#include <string.h>

#include "db/hash.h"
#include "db/sqlite/internal.h"
#include "nuages/json.h"
#include "nuages/random.h"

/* ---- the cache of prepared statements ------------------------------------------------------- */

static sqlite_entry *find(sqlite_connection *connection, const char *sql, size_t length,
                          uint64_t hash)
{
    sqlite_entry *entry = connection->buckets[hash % SQLITE_CACHE_BUCKETS];
    while (entry != NULL && (entry->hash != hash || entry->length != length ||
                             memcmp(sqlite3_sql(entry->statement), sql, length) != 0))
        entry = entry->next;
    return entry;
}

static void drop(sqlite_connection *connection, sqlite_entry *entry)
{
    sqlite_entry **at = &connection->buckets[entry->hash % SQLITE_CACHE_BUCKETS];
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    sqlite3_finalize(entry->statement);
    entry->statement = NULL;
}

/* A free entry; the one that was not used for longest makes room. */
static sqlite_entry *make_room(sqlite_connection *connection)
{
    sqlite_entry *oldest = NULL;
    for (size_t i = 0; i < SQLITE_CACHE_SIZE; i++) {
        sqlite_entry *entry = &connection->entries[i];
        if (entry->statement == NULL)
            return entry;
        if (oldest == NULL || entry->used < oldest->used)
            oldest = entry;
    }
    drop(connection, oldest);
    return oldest;
}

/* True if what follows the first statement holds another one, not only blanks and comments. */
static bool has_more(sqlite3 *handle, const char *rest, const char *end)
{
    sqlite3_stmt *second = NULL;
    while (rest < end && strchr("; \t\r\n", *rest) != NULL)
        rest++;
    if (rest == end)
        return false;
    int code = sqlite3_prepare_v2(handle, rest, (int)(end - rest), &second, NULL);
    sqlite3_finalize(second);
    return code != SQLITE_OK || second != NULL;
}

/* Compiles the text, which must be one statement: SQLite would drop the others without a word. */
static int compile(sqlite3 *handle, const nu_db_statement *statement, sqlite3_stmt **out)
{
    const char *rest = NULL;
    unsigned    flags = statement->beside ? 0 : SQLITE_PREPARE_PERSISTENT;
    int         code =
        sqlite3_prepare_v3(handle, statement->sql, (int)statement->length, flags, out, &rest);
    if (code != SQLITE_OK)
        return code;
    if (*out != NULL && !has_more(handle, rest, statement->sql + statement->length))
        return SQLITE_OK;
    sqlite3_finalize(*out);
    *out = NULL;
    return SQLITE_MISUSE;
}

static int prepare(sqlite_connection *connection, const nu_db_statement *statement,
                   sqlite_entry **out)
{
    uint64_t      hash = nu__db_hash_of(statement);
    sqlite_entry *entry = find(connection, statement->sql, statement->length, hash);
    if (entry == NULL) {
        sqlite3_stmt *prepared = NULL;
        int           code = compile(connection->handle, statement, &prepared);
        if (code != SQLITE_OK)
            return code;
        entry = make_room(connection);
        sqlite_entry **bucket = &connection->buckets[hash % SQLITE_CACHE_BUCKETS];
        *entry = (sqlite_entry){
            .statement = prepared, .next = *bucket, .hash = hash, .length = statement->length};
        *bucket = entry;
    }
    entry->used = ++connection->clock;
    *out = entry;
    return SQLITE_OK;
}

void nu__sqlite_forget_statements(sqlite_connection *connection)
{
    for (size_t i = 0; i < SQLITE_CACHE_SIZE; i++) {
        if (connection->entries[i].statement != NULL)
            drop(connection, &connection->entries[i]);
    }
    connection->running = NULL;
}

/* ---- parameters ----------------------------------------------------------------------------- */

static int bind_text(sqlite3_stmt *statement, int at, const char *text, size_t length)
{
    return sqlite3_bind_text64(statement, at, text, length, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_hex(sqlite3_stmt *statement, int at, const nu_uuid *uuid)
{
    static const char digits[] = "0123456789abcdef";
    char              text[32];
    for (size_t i = 0; i < 16; i++) {
        text[2 * i] = digits[uuid->bytes[i] >> 4];
        text[2 * i + 1] = digits[uuid->bytes[i] & 15];
    }
    return sqlite3_bind_text(statement, at, text, sizeof text, SQLITE_TRANSIENT);
}

static int bind_moment(sqlite3_stmt *statement, int at, nu_value value)
{
    char text[SQLITE_DATETIME_SIZE];
    int  length = (int)nu__sqlite_write_moment(text, value);
    return sqlite3_bind_text(statement, at, text, length, SQLITE_TRANSIENT);
}

static int bind(sqlite3_stmt *statement, int at, nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_NULL: return sqlite3_bind_null(statement, at);
    case NU_BOOL: return sqlite3_bind_int(statement, at, value.boolean);
    case NU_INT:
    case NU_DURATION: return sqlite3_bind_int64(statement, at, value.integer);
    case NU_FLOAT: return sqlite3_bind_double(statement, at, value.number);
    case NU_TEXT: return bind_text(statement, at, value.text, value.length);
    case NU_BYTES:
        return sqlite3_bind_blob64(statement, at, value.length > 0 ? (const void *)value.bytes : "",
                                   value.length, SQLITE_STATIC);
    case NU_DECIMAL: {
        const char *text = nu_decimal_plain(*value.decimal);
        return bind_text(statement, at, text, strlen(text));
    }
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME: return bind_moment(statement, at, value);
    case NU_UUID: return bind_hex(statement, at, value.uuid);
    case NU_LIST:
    case NU_DICT: {
        const char *text = nu_json_text(value);
        return bind_text(statement, at, text, strlen(text));
    }
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    return SQLITE_MISMATCH;
}

static int bind_all(sqlite3_stmt *statement, const nu_value *params, size_t count)
{
    if ((size_t)sqlite3_bind_parameter_count(statement) != count)
        return SQLITE_RANGE;
    for (size_t i = 0; i < count; i++) {
        int code = bind(statement, (int)i + 1, params[i]);
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}

/* ---- running -------------------------------------------------------------------------------- */

static bool fail(sqlite_connection *connection, nu_db_cursor *cursor, int code)
{
    nu__sqlite_error(connection->handle, connection->path, code, &cursor->error);
    if (cursor->beside)
        return false;
    if (connection->running != NULL)
        sqlite3_reset(connection->running->statement);
    connection->running = NULL;
    return false;
}

/* What failed before SQLite saw it: it has no message of its own for that. */
static bool fail_early(sqlite_connection *connection, nu_db_cursor *cursor, int code,
                       const nu_db_statement *statement)
{
    fail(connection, cursor, code);
    if (code == SQLITE_RANGE)
        cursor->error.fact =
            nu_fmt("the statement has not as many placeholders as the %zu parameters "
                   "given",
                   statement->count);
    else if (code == SQLITE_MISMATCH)
        cursor->error.fact = "a parameter is of a kind that no column can hold";
    else if (code == SQLITE_MISUSE)
        cursor->error.fact = "the text is not one statement but none or several";
    return false;
}

static bool step(sqlite_connection *connection, nu_db_cursor *cursor)
{
    int code = sqlite3_step(cursor->handle);
    if (code == SQLITE_ROW) {
        cursor->row = true;
        return true;
    }
    cursor->row = false;
    if (code != SQLITE_DONE)
        return fail(connection, cursor, code);
    cursor->changed = sqlite3_changes64(connection->handle);
    cursor->last_id = sqlite3_last_insert_rowid(connection->handle);
    return true;
}

/* A statement that is not of the cache, which the cursor owns. */
static bool run_beside(sqlite_connection *connection, const nu_db_statement *statement,
                       nu_db_cursor *cursor)
{
    sqlite3_stmt *prepared = NULL;
    cursor->beside = true;
    int code = compile(connection->handle, statement, &prepared);
    cursor->handle = prepared;
    if (code == SQLITE_OK)
        code = bind_all(prepared, statement->params, statement->count);
    if (code == SQLITE_MISUSE || code == SQLITE_RANGE || code == SQLITE_MISMATCH)
        return fail_early(connection, cursor, code, statement);
    if (code != SQLITE_OK)
        return fail(connection, cursor, code);
    cursor->columns = sqlite3_column_count(prepared);
    return step(connection, cursor);
}

bool nu__sqlite_run(nu_db_connection *base, const nu_db_statement *statement, nu_db_cursor *cursor)
{
    sqlite_connection *connection = (sqlite_connection *)base;
    sqlite_entry      *entry = NULL;
    *cursor = (nu_db_cursor){.connection = base};
    if (statement->beside)
        return run_beside(connection, statement, cursor);
    int code = prepare(connection, statement, &entry);
    if (code != SQLITE_OK)
        return code == SQLITE_MISUSE ? fail_early(connection, cursor, code, statement)
                                     : fail(connection, cursor, code);
    code = bind_all(entry->statement, statement->params, statement->count);
    if (code == SQLITE_RANGE || code == SQLITE_MISMATCH)
        return fail_early(connection, cursor, code, statement);
    if (code != SQLITE_OK)
        return fail(connection, cursor, code);
    connection->running = entry;
    cursor->handle = entry->statement;
    if (!step(connection, cursor))
        return false;
    cursor->columns = sqlite3_column_count(entry->statement);
    return true;
}

bool nu__sqlite_next(nu_db_cursor *cursor)
{
    return step((sqlite_connection *)cursor->connection, cursor);
}

void nu__sqlite_finish(nu_db_cursor *cursor)
{
    sqlite_connection *connection = (sqlite_connection *)cursor->connection;
    if (cursor->beside) {
        sqlite3_finalize(cursor->handle);
        cursor->handle = NULL;
        return;
    }
    if (connection->running == NULL)
        return;
    sqlite3_reset(connection->running->statement);
    connection->running = NULL;
}
