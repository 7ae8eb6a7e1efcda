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

/* Raises what the back end reported. */
NU_NORETURN void nu__db_raise(nu_database *db, const nu_db_error *error, const char *sql);
