/* Results of any size, by the piece.
 *
 * In a transaction a stream reads on its connection, so it sees what the block did. Elsewhere it has a
 * connection of its own until it is closed: whoever reads may wait and write in between, and others
 * see nothing of the moment at which its rows are. A database that has one connection only shares it.
 *
 * PostgreSQL reads from a cursor that the server keeps; SQLite's statement just is not stepped on. */
#include <stdio.h>
#include <string.h>

#include "db/hash.h"
#include "db/internal.h"
#include "nuages/fiber.h"

/* Between two pieces others get their turn if these took longer than this. */
enum { SLICE_US = 5000 };

/* Rows of a piece as dicts, which are larger than structs. */
enum { DICTS = 500 };

/* ---- cursors on the server ------------------------------------------------------------------ */

/* A name that no other cursor of this database has now, and that the same statement gets again, so that
 * its FETCH is prepared once. */
static void name_cursor(nu_db_stream *stream)
{
    nu_database *db = stream->run.database;
    if (~db->streams == 0)
        nu_raise(NU_OPERATIONAL_ERROR, "too many results of database \"%s\" are being streamed",
                 db->alias);
    stream->number = __builtin_ctzll(~db->streams);
    db->streams |= UINT64_C(1) << stream->number;
    const nu_db_statement *statement = &stream->run.statement;
    stream->name = nu_fmt("nu_s%d_%016llx", stream->number,
                          (unsigned long long)nu__db_hash(statement->sql, statement->length));
}

static NU_WAITS bool declare(nu_db_stream *stream)
{
    nu_db_run      *run = &stream->run;
    nu_db_statement statement = run->statement;
    statement.sql = nu_fmt("DECLARE %s NO SCROLL CURSOR FOR %s", stream->name, run->statement.sql);
    statement.length = strlen(statement.sql);
    statement.hash = 0;
    statement.writes = true;
    if (!run->backend->run(stream->connection, &statement, &run->cursor))
        return false;
    run->backend->finish(&run->cursor);
    return true;
}

static NU_WAITS bool fetch(nu_db_stream *stream)
{
    nu_db_run      *run = &stream->run;
    nu_db_statement statement = {.sql = stream->fetch, .length = strlen(stream->fetch)};
    statement.guarded = run->statement.guarded;
    return run->backend->run(stream->connection, &statement, &run->cursor);
}

/* ---- opening and closing -------------------------------------------------------------------- */

static NU_WAITS void take_connection(nu_db_stream *stream)
{
    nu_database *db = stream->run.database;
    nu_atomic_  *atomic = nu__db_atomic(db);
    stream->run.statement.guarded = atomic == NULL && db->isolated != NULL;
    if (atomic != NULL) {
        stream->connection = atomic->connection;
        return;
    }
    stream->own = db->isolated == NULL && !db->single;
    stream->connection = stream->own ? nu__db_take(db, NULL) : nu__db_shared(db);
}

static NU_WAITS bool start(nu_db_stream *stream)
{
    nu_db_run *run = &stream->run;
    run->backend->tidy(stream->connection, false);
    if (run->backend->cursors)
        return declare(stream);
    run->statement.beside = true;
    return run->backend->run(stream->connection, &run->statement, &run->cursor);
}

static NU_WAITS void start_patiently(nu_db_stream *stream)
{
    nu_db_patience patience = {0};
    nu_database   *db = stream->run.database;
    if (stream->own && db->backend->cursors)
        nu__db_control(db, stream->connection, NU_DB_BEGIN, db->backend->begin);
    while (!start(stream)) {
        if (!nu__db_patience(&patience, db, &stream->run.cursor.error))
            nu__db_raise(db, &stream->run.cursor.error, stream->run.statement.sql);
        stream->run.backend->finish(&stream->run.cursor);
    }
}

void nu__db_stream_open(nu_db_stream *stream, nu_database *db, const nu_db_statement *statement,
                        int piece)
{
    *stream = (nu_db_stream){.piece = piece > 0 ? piece : NU_DB_PIECE};
    db = nu__db_answering(db, statement);
    nu__db_run_init(&stream->run, db, statement);
    if (db->backend->cursors) {
        name_cursor(stream);
        stream->fetch = nu_fmt("FETCH FORWARD %d FROM %s", stream->piece, stream->name);
    }
    stream->open = true;
    NU_TRY {
        take_connection(stream);
        start_patiently(stream);
    }
    NU_CATCH (error) {
        nu__db_stream_close(stream);
        nu_reraise(error);
    }
    stream->slice = nu_monotonic_us();
}

/* The end of an own transaction closes the cursor as well. */
static NU_WAITS void give_up_cursor(nu_db_stream *stream)
{
    char         sql[48];
    nu_database *db = stream->run.database;
    nu_db_error  error = {0};
    db->streams &= ~(UINT64_C(1) << stream->number);
    if (stream->connection == NULL)
        return;
    snprintf(sql, sizeof sql, "CLOSE %s", stream->name);
    if (stream->own)
        stream->broken =
            !db->backend->control(stream->connection, NU_DB_ROLLBACK, "ROLLBACK", &error);
    else
        db->backend->control(stream->connection, NU_DB_CLOSE, sql, &error);
}

void nu__db_stream_close(nu_db_stream *stream)
{
    nu_db_run *run = &stream->run;
    if (!stream->open)
        return;
    stream->open = false;
    stream->rows += run->cursor.read;
    run->cursor.read = stream->rows;
    if (run->cursor.handle != NULL)
        nu__db_finish(run);
    if (run->backend->cursors)
        give_up_cursor(stream);
    if (stream->own && stream->connection != NULL)
        nu__db_give(run->database, stream->connection, stream->broken);
}

/* ---- reading -------------------------------------------------------------------------------- */

static NU_WAITS void let_others_go_on(nu_db_stream *stream)
{
    if (nu_monotonic_us() - stream->slice < SLICE_US)
        return;
    nu_yield();
    stream->slice = nu_monotonic_us();
}

/* SQLite's first row is there since the statement was started. */
static NU_WAITS bool read_on(nu_db_stream *stream)
{
    nu_db_run *run = &stream->run;
    if (run->backend->cursors)
        return fetch(stream);
    return stream->pieces == 0 || run->backend->next(&run->cursor);
}

bool nu__db_stream_next(nu_db_stream *stream)
{
    nu_db_run *run = &stream->run;
    stream->ended = stream->ended || (stream->pieces > 0 && run->cursor.read < stream->piece);
    if (stream->ended)
        return false;
    let_others_go_on(stream);
    stream->rows += stream->pieces > 0 ? run->cursor.read : 0;
    run->cursor.read = 0;
    if (!read_on(stream))
        nu__db_raise(run->database, &run->cursor.error, run->statement.sql);
    stream->pieces++;
    run->cursor.read = run->cursor.row;
    run->limit = stream->piece;
    stream->ended = !run->cursor.row;
    return run->cursor.row;
}

/* ---- SQL by hand ---------------------------------------------------------------------------- */

typedef struct each {
    nu_db_stream stream;
    nu_arena    *piece;
    nu_value    *names;
    void (*fn)(void *arg, nu_dict *row);
    void *arg;
} each;

static nu_list *read_rows(each *job)
{
    nu_db_run *run = &job->stream.run;
    nu_list   *rows = nu_list_new();
    while (run->cursor.row) {
        nu_dict *row = nu_dict_new();
        for (int i = 0; i < run->cursor.columns; i++)
            nu_dict_put(row, job->names[i], run->backend->get_value(&run->cursor, i));
        nu_list_push(rows, nu_value_dict(row));
        nu__db_next(run);
    }
    return rows;
}

/* The function may use the database, so each piece is read before it is told. */
static NU_WAITS void tell_rows(each *job)
{
    while (nu__db_stream_next(&job->stream)) {
        if (job->names == NULL)
            job->names = nu__db_column_names(&job->stream.run);
        nu_arena      *before = nu_arena_enter(job->piece);
        const nu_list *rows = read_rows(job);
        for (uint32_t i = 0; i < rows->count; i++)
            job->fn(job->arg, rows->items[i].dict);
        nu_arena_enter(before);
        nu_arena_reset(job->piece);
    }
}

int64_t nu_sql_each_(nu_database *db, void (*fn)(void *arg, nu_dict *row), void *arg,
                     const char *sql, const nu_value *params, size_t count)
{
    nu_db_statement statement = {
        .sql = sql, .length = strlen(sql), .params = params, .count = count};
    each job = {.fn = fn, .arg = arg};
    db = db != NULL ? db : nu_database_get(NULL);
    if (db->backend->placeholder == '$')
        statement.sql = nu__db_number_placeholders(sql, count, &statement.length);
    nu__db_stream_open(&job.stream, db, &statement, DICTS);
    NU_TRY {
        job.piece = nu_arena_new(nu_arena_current(), "piece of a result");
        tell_rows(&job);
    }
    NU_CATCH (error) {
        nu__db_stream_close(&job.stream);
        nu_reraise(error);
    }
    nu__db_stream_close(&job.stream);
    nu_arena_free(job.piece);
    return job.stream.rows;
}
