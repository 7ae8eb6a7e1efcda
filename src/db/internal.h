/* What the files of src/db/ share. */
#pragma once

#include "db/statement.h"
#include "runtime/fiber.h"
#include "runtime/loop.h"

enum { NU_DB_LANES = 16 };

/* A server that cannot be reached. */
typedef struct nu_db_away {
    int64_t     since; /* 0: it can */
    int64_t     until; /* nobody asks again before that */
    int         tries;
    const char *hint; /* a constant */
    char        detail[256];
} nu_db_away;

/* A database by alias. Its connections:
 *
 *      shared ──── autocommit statements of all fibers, one at a time without a wait in between
 *      lanes ───── the same for a pipelined back end: a few, which hold many statements each
 *      idle ────── exclusive ones at rest; an open NU_ATOMIC takes one, or opens one
 *      isolated ── tests: the only one, inside a transaction that will be undone
 *
 * With `single` (a database in memory) an NU_ATOMIC takes the shared one; others stand in line. */
struct nu_database {
    nu_database         *next;
    nu_arena            *arena;
    const nu_db_backend *backend;
    nu_database_options  options;
    const char          *alias;
    unsigned             generation; /* of the process that opened the connections */
    bool                 single;
    nu_db_connection    *shared, *idle, *isolated;
    nu_db_connection *lanes[NU_DB_LANES]; /* instead of `shared` where the back end is pipelined */
    int               lane_count;
    bool              lane_opening;
    nu_queue          lane_line; /* fibers that wait for the first lane */
    int               open;      /* connections open, the shared one not counted */
    int               isolated_depth;
    uint64_t          streams; /* numbers of the cursors that are open on the server */
    nu_queue          line;   /* fibers that wait for a connection */
    nu_semaphore      writer; /* the one place of a writer, where the back end has only one */
    nu_atomic_       *holder; /* single: the block that has the connection */
    nu_db_away        away;
    struct nu_db_hub *hub; /* of those who listen; NULL: nobody ever did */
    int               replicas; /* how many databases copy this one */
    unsigned          turn;     /* of the replica that is read next */

    /* The reads of one slice of a fiber share a snapshot from the second one on. */
    nu_hook     slice_end;
    const void *slice_owner;
    int         slice_reads;
    bool        snapshot;
};

/* ---- connection.c --------------------------------------------------------------------------- */

/* The connection for a statement outside NU_ATOMIC, tidied. Waits if it is taken or not open
 * yet. */
NU_WAITS nu_db_connection *nu__db_shared(nu_database *db);
/* Calls `write` with the shared connection as the only writer of this process; its answer. */
NU_WAITS bool nu__db_write_shared(nu_database *db,
                                  bool (*write)(void *arg, nu_db_connection *connection),
                                  void *arg);
/* A connection of one's own. Waits for a free one; raises OperationalError after the time-out. */
NU_WAITS nu_db_connection *nu__db_take(nu_database *db, nu_atomic_ *holder);
void                       nu__db_give(nu_database *db, nu_db_connection *connection, bool broken);
/* Calls `use` with a connection of its own, outside a transaction; its answer. A raise closes it. */
NU_WAITS bool nu__db_with_own(nu_database *db, bool (*use)(void *arg, nu_db_connection *connection),
                              void        *arg);
/* A connection that is in no pool. */
NU_WAITS nu_db_connection *nu__db_open(nu_database *db);
/* Closes everything that is at rest. */
void nu__db_close(nu_database *db);
/* Begins or shares the snapshot of this slice, and ends it. */
void nu__db_slice_read(nu_database *db, nu_db_connection *connection);
void nu__db_slice_end(nu_database *db);

/* ---- replica.c ------------------------------------------------------------------------------ */
/* The database that answers the statement: `db`, or one that copies it. Notes that `db` is written. */
nu_database *nu__db_answering(nu_database *db, const nu_db_statement *statement);

/* ---- listen.c ------------------------------------------------------------------------------- */
typedef struct nu_db_hub nu_db_hub;
void nu__db_hub_close(nu_database *db, bool forked);

/* ---- load.c --------------------------------------------------------------------------------- */
/* A statement, or the way to it, has failed. */
void nu__db_count_error(void);

/* A lane takes statements again. */
void nu__db_lane_free(nu_database *db);

/* ---- wait.c: patience with locks that others hold ------------------------------------------- */

typedef struct nu_db_patience {
    int64_t until; /* 0: not waited yet */
    int     turn;
} nu_db_patience;
/* Sleeps a little if the failure is one that goes away by waiting; false if it is not, or once the
 * database's time-out is over. Raises Timeout and Cancelled. */
NU_WAITS bool nu__db_patience(nu_db_patience *patience, const nu_database *db,
                              const nu_db_error *error);
/* Takes the one place of a writer; raises OperationalError after the time-out. */
NU_WAITS void nu__db_writer_take(nu_database *db);
void          nu__db_writer_give(nu_database *db);

/* ---- transaction.c -------------------------------------------------------------------------- */

/* The innermost block of this database that the caller is in, or NULL. */
nu_atomic_ *nu__db_atomic(const nu_database *db);
/* BEGIN, COMMIT and so on, on that connection, tried until the time-out. */
NU_WAITS void nu__db_control(nu_database *db, nu_db_connection *connection, nu_db_control what,
                             const char *sql);
/* Any statement without parameters on a connection that was taken. */
NU_WAITS void nu__db_execute_on(nu_database *db, nu_db_connection *connection, const char *sql);
