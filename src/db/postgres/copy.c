/* COPY … FROM STDIN in text format. libpq copies outside of the pipeline only, so the connection leaves
 * it for that time; it is inside a transaction and thus the caller's own.
 *
 * The rows go in several COPY statements, since the server's "no" is heard at the end of each: a
 * mistake in the first row does not wait for the last. */
#include <string.h>

#include "db/postgres/internal.h"
#include "db/quote.h"
#include "nuages/json.h"

enum { SEND_BYTES = 64 << 10, COPY_BYTES = 8 << 20 };

typedef struct loader {
    pg_connection *connection;
    nu_db_copy    *copy;
    const char    *sql;
    nu_value      *row;
    nu_arena      *scratch;
    int64_t        first; /* rows that were copied before this statement */
    bool           ended; /* there are no more rows */
    bool           waiting;
} loader;

/* ---- rows as text --------------------------------------------------------------------------- */

static const char *escape_of(char c)
{
    switch (c) {
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

static void put_text(nu_builder *out, const char *text, size_t length)
{
    const char *end = text + length;
    for (const char *at = text; at < end; at++) {
        const char *escape = escape_of(*at);
        if (escape == NULL)
            continue;
        nu_builder_add(out, text, (size_t)(at - text));
        nu_builder_puts(out, escape);
        text = at + 1;
    }
    nu_builder_add(out, text, (size_t)(end - text));
}

static void put_bytes(nu_builder *out, nu_value value)
{
    static const char digits[] = "0123456789abcdef";
    nu_builder_puts(out, "\\\\x");
    for (uint32_t i = 0; i < value.length; i++) {
        nu_builder_putc(out, digits[value.bytes[i] >> 4]);
        nu_builder_putc(out, digits[value.bytes[i] & 15]);
    }
}

static NU_NORETURN void refuse(const loader *load, const nu_kind *kind, size_t at, const char *fact)
{
    nu_error *error = nu_error_new(kind, "%s", fact);
    error->detail = nu_fmt("It is column \"%s\" of row %lld of those to load.",
                           load->copy->columns[at], (long long)load->copy->rows);
    nu_throw(error);
}

static void put_value(const loader *load, nu_builder *out, size_t at)
{
    nu_value value = load->row[at];
    switch ((nu_type)value.type) {
    case NU_NULL: nu_builder_puts(out, "\\N"); return;
    case NU_BOOL: nu_builder_putc(out, value.boolean ? 't' : 'f'); return;
    case NU_INT: nu_builder_int(out, value.integer); return;
    case NU_DECIMAL: nu_builder_puts(out, nu_decimal_plain(*value.decimal)); return;
    case NU_TEXT:
        if (memchr(value.text, '\0', value.length) != NULL)
            refuse(load, NU_DATA_ERROR, at, "a text for PostgreSQL cannot hold a NUL character");
        put_text(out, value.text, value.length);
        return;
    case NU_BYTES: put_bytes(out, value); return;
    case NU_DURATION:
        nu_builder_printf(out, "%lld days %lld microseconds", (long long)(value.us / NU_DAY),
                          (long long)(value.us % NU_DAY));
        return;
    case NU_FLOAT:
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME:
    case NU_UUID: nu_builder_puts(out, nu_text(value)); return;
    case NU_LIST:
    case NU_DICT: {
        const char *json = nu_json_text(value);
        put_text(out, json, strlen(json));
        return;
    }
    case NU_OBJECT:
    case NU_FUNCTION: break;
    }
    refuse(load, NU_PROGRAMMING_ERROR, at, "a value is of a kind that no column can hold");
}

static void put_row(const loader *load, nu_builder *out)
{
    for (size_t i = 0; i < load->copy->count; i++) {
        if (i > 0)
            nu_builder_putc(out, '\t');
        put_value(load, out, i);
    }
    nu_builder_putc(out, '\n');
}

/* ---- one statement -------------------------------------------------------------------------- */

/* False if the connection is lost. */
static NU_WAITS bool send_text(loader *load, const nu_builder *text)
{
    PGconn *handle = load->connection->handle;
    if (handle == NULL || nu__pq.putCopyData(handle, text->data, (int)text->length) != 1)
        return false;
    load->waiting = true;
    nu__wake_check(nu__pg_await_sent(load->connection), "loading rows");
    load->waiting = false;
    return load->connection->handle != NULL;
}

/* A text of rows, in the current arena. */
static NU_WAITS void put_rows(loader *load, nu_builder *text)
{
    nu_builder_init(text, NULL, SEND_BYTES + 1024);
    while (text->length < SEND_BYTES) {
        load->ended = !load->copy->next(load->copy->arg, load->row);
        if (load->ended)
            return;
        load->copy->rows++;
        put_row(load, text);
    }
}

/* The rows of one statement; ends early if the connection is lost. */
static NU_WAITS void send_rows(loader *load)
{
    nu_builder text;
    nu_arena  *before = nu_arena_enter(load->scratch);
    bool       sent = true;
    for (size_t bytes = 0; sent && !load->ended && bytes < COPY_BYTES; bytes += text.length) {
        nu_arena_reset(load->scratch);
        put_rows(load, &text);
        sent = send_text(load, &text);
    }
    nu_arena_enter(before);
}

/* Which row it was: "COPY thing, line 3, column hits" says so after a fashion. */
static void explain(const loader *load, const PGresult *result, nu_db_error *error)
{
    const char *context = nu__pq.resultErrorField(result, PG_DIAG_CONTEXT);
    const char *line = context != NULL ? strstr(context, ", line ") : NULL;
    int64_t     number;
    nu__pg_error(result, error);
    if (line == NULL)
        return;
    line += strlen(", line ");
    if (!nu_parse_int(line, strspn(line, "0123456789"), &number))
        return;
    error->detail =
        nu_fmt("It is row %lld of those to load.%s%s", (long long)(load->first + number),
               error->detail != NULL ? " " : "", error->detail != NULL ? error->detail : "");
}

/* Waits for the answer to what was sent, whatever happens to the fiber; true if it has `wanted`. The
 * answer may have come already, before the rows were all sent. */
static NU_WAITS bool await(const loader *load, pg_request *request, ExecStatusType wanted,
                           nu_db_error *error)
{
    pg_connection *connection = load->connection;
    nu__pg_flush(connection);
    nu__pg_receive(connection);
    nu__pg_await(connection, request, true);
    bool ok = !request->lost && nu__pq.resultStatus(request->result) == wanted;
    if (request->lost)
        nu__pg_error_lost(error, true);
    else if (!ok)
        explain(load, request->result, error);
    nu__pg_release(connection, request);
    return ok;
}

static NU_WAITS bool begin(const loader *load, nu_db_error *error)
{
    pg_connection *connection = load->connection;
    bool sent = connection->handle != NULL && nu__pq.sendQuery(connection->handle, load->sql) == 1;
    return await(load, nu__pg_push(connection, PG_COPY, sent), PGRES_COPY_IN, error);
}

/* `why`: the rows are to be forgotten. */
static NU_WAITS bool end(const loader *load, const char *why, nu_db_error *error)
{
    pg_connection *connection = load->connection;
    bool sent = connection->handle != NULL && nu__pq.putCopyEnd(connection->handle, why) == 1;
    return await(load, nu__pg_push(connection, PG_SIMPLE, sent), PGRES_COMMAND_OK, error);
}

static void resume_pipeline(pg_connection *connection)
{
    connection->copying = false;
    if (connection->handle != NULL && nu__pq.enterPipelineMode(connection->handle) != 1)
        nu__pg_lose(connection);
}

static NU_WAITS bool copy_some(loader *load, nu_db_error *error)
{
    nu_db_error late = {0};
    load->first = load->copy->rows;
    if (!begin(load, error))
        return false;
    NU_TRY {
        send_rows(load);
    }
    NU_CATCH (raised) {
        if (load->waiting) /* the server is busy with something; CopyFail would wait for it */
            nu__pg_cancel_now(load->connection);
        end(load, "the program gave up", &late);
        resume_pipeline(load->connection);
        nu_reraise(raised);
    }
    return end(load, NULL, error);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static const char *copy_sql(const nu_db_copy *copy)
{
    nu_builder sql;
    nu_builder_init(&sql, NULL, 128);
    nu_builder_puts(&sql, "COPY ");
    nu__db_quote(&sql, copy->table);
    for (size_t i = 0; i < copy->count; i++) {
        nu_builder_puts(&sql, i > 0 ? ", " : " (");
        nu__db_quote(&sql, copy->columns[i]);
    }
    nu_builder_puts(&sql, ") FROM STDIN");
    return nu_builder_text(&sql);
}

static NU_WAITS bool copy_all(loader *load, nu_db_error *error)
{
    while (!load->ended) {
        if (!copy_some(load, error))
            return false;
    }
    return true;
}

bool nu__pg_copy_in(nu_db_connection *base, nu_db_copy *copy, nu_db_error *error)
{
    pg_connection *connection = (pg_connection *)base;
    nu__pg_tidy(base, false);
    if (!nu__pg_ensure(connection, true, error))
        return false;
    nu__pg_push_pending(connection);
    if (!nu__pg_drain(connection) || nu__pq.exitPipelineMode(connection->handle) != 1) {
        nu__pg_error_lost(error, true);
        return false;
    }
    connection->copying = true;
    nu_arena *scratch = nu_arena_new(nu_arena_current(), "rows to load");
    loader    load = {
           .connection = connection,
           .copy = copy,
           .sql = copy_sql(copy),
           .row = nu_alloc(copy->count * sizeof(nu_value)),
           .scratch = scratch,
    };
    bool ok = copy_all(&load, error);
    resume_pipeline(connection);
    nu_arena_free(scratch);
    return ok;
}
