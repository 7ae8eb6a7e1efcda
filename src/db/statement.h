/* Running statements, for the layers above. */
#pragma once

#include "nuages/backend/database.h"

/* A statement under way, held by the caller:
 *
 *      nu_db_run run;
 *      nu__db_start(&run, db, &statement);
 *      while (run.cursor.row) {
 *          … backend->get_int(&run.cursor, 0) …
 *          nu__db_next(&run);
 *      }
 *      nu__db_finish(&run);
 *
 * Nothing may wait, and no other statement may run, between start and finish: the connection may be
 * the one that all fibers share. A raise in between is allowed; the statement it leaves behind is
 * ended when the connection is used next. */
typedef struct nu_db_run {
    nu_db_cursor         cursor;
    nu_database         *database;
    const nu_db_backend *backend;
    nu_db_statement      statement;
    int64_t              began_us; /* 0: nobody watches */
    int64_t              limit;    /* rows after which nu__db_next pauses; 0: none */
} nu_db_run;

/* Runs to the first row. Picks the connection: that of the open NU_ATOMIC, else the shared one.
 * Waits while others hold locks, until the database's time-out. Raises. */
NU_WAITS void nu__db_start(nu_db_run *run, nu_database *db, const nu_db_statement *statement);
/* To the next row. Raises. */
void nu__db_next(nu_db_run *run);
/* Ends the statement; run->cursor.changed and .last_id stand. */
void nu__db_finish(nu_db_run *run);

/* A statement whose rows nobody wants. Returns rows changed; `last_id` may be NULL. */
NU_WAITS int64_t nu__db_execute(nu_database *db, const char *sql, size_t length,
                                const nu_value *params, size_t count, int64_t *last_id);

/* The same for a statement that is made out already. */
NU_WAITS int64_t nu__db_run_all(nu_database *db, const nu_db_statement *statement);

/* What nu__db_start begins with, for those who run the statement otherwise. */
void nu__db_run_init(nu_db_run *run, nu_database *db, const nu_db_statement *statement);
/* The names of the result's columns, in the current arena. */
nu_value *nu__db_column_names(nu_db_run *run);

/* ---- placeholder.c: SQL by hand --------------------------------------------------------------- */

/* `?` outside of quotes and comments as $1, $2 …, `??` as a plain question mark. Raises
 * ProgrammingError if there are not `count` of them. In the current arena; `*length` is set. */
const char *nu__db_number_placeholders(const char *sql, size_t count, size_t *length);
/* Writes the text with `put` in the place of each `?`; returns how many there were. */
typedef void (*nu_db_placeholder)(void *arg, size_t index);
size_t nu__db_fill_placeholders(nu_builder *out, const char *sql, nu_db_placeholder put, void *arg);
/* Raises ProgrammingError if the text has another number of them than there are parameters. */
void nu__db_check_placeholders(const char *sql, size_t found, size_t count);

/* Raises what the back end reported. */
NU_NORETURN void nu__db_raise(nu_database *db, const nu_db_error *error, const char *sql);

/* ---- stream.c: results of any size ------------------------------------------------------------ */

/* Rows of a piece where nobody says how many. */
enum { NU_DB_PIECE = 2000 };

/* A result that is read by the piece:
 *
 *      nu_db_stream stream;
 *      nu__db_stream_open(&stream, db, &statement, 0);
 *      while (nu__db_stream_next(&stream)) {
 *          while (stream.run.cursor.row) {
 *              … backend->get_int(&stream.run.cursor, 0) …
 *              nu__db_next(&stream.run);
 *          }
 *          … here one may wait, and run other statements …
 *      }
 *      nu__db_stream_close(&stream);
 *
 * All rows are of one moment. Each piece is read to its end. The statement's text and parameters must live until it is closed, which
 * the caller also does when something raises. */
typedef struct nu_db_stream {
    nu_db_run         run;
    nu_db_connection *connection;
    const char       *name, *fetch; /* of the cursor on the server */
    int               number, piece;
    int64_t           rows, pieces, slice;
    bool              own, open, ended, broken;
} nu_db_stream;

/* Starts the statement; `piece` is the most rows of one, 0: NU_DB_PIECE. Raises. */
NU_WAITS void nu__db_stream_open(nu_db_stream *stream, nu_database *db,
                                 const nu_db_statement *statement, int piece);
/* True if there is another piece, whose first row can be read. Raises. */
NU_WAITS bool nu__db_stream_next(nu_db_stream *stream);
/* Ends it, also halfway; does nothing the second time. stream->rows stands. Does not raise. */
NU_WAITS void nu__db_stream_close(nu_db_stream *stream);
