/* Databases: connections by alias, SQL with parameters, transactions.
 *
 * Models (model.h, query.h) are the usual way to a database; this header is for settings, for SQL
 * by hand and for transactions. A database has an alias: "default" unless there are several. In
 * each worker it owns a few connections: reads and single writes share one, each open transaction
 * has one of its own, so fibers never see another's half-done work.
 *
 * Errors arrive as IntegrityError, OperationalError, ProgrammingError or DataError, as in Django;
 * error->data is then a nu_database_failure. */
#pragma once

#include <string.h>

#include "nuages/value.h"

typedef struct nu_database   nu_database;
typedef struct nu_db_backend nu_db_backend;

/* How to reach a database. Zero-filled members take the default. */
typedef struct nu_database_options {
    const char *url;        /* "sqlite:site.db", "sqlite:/var/lib/site.db", "sqlite::memory:",
                             * "postgres://user:password@host:5432/name?sslmode=require" */
    const char *folder;     /* a relative file counts from here; NULL: from the working folder */
    int         timeout_ms; /* longest wait for a lock that another holds; default 5000 */
    int         max_open;   /* most connections of one process for NU_ATOMIC; default 20 */
    bool        read_only;  /* refuse to write, and say so */
    const char *replica_of; /* alias of the database that this one copies, of the same kind. It is read
                             * only; see below */
    /* PostgreSQL: */
    int         max_shared; /* most connections for statements outside NU_ATOMIC; default 3. A second
                             * one is opened only when the first is held up by a slow statement */
    int         connect_timeout_ms;   /* longest wait for a new connection; default 10000 */
    int         statement_timeout_ms; /* longest time a statement may run; default: no limit */
    const char *application_name;     /* as the server shows it; default "nuages" */
} nu_database_options;

/* A database of a site beside "default"; arrays of them end with {0}. */
typedef struct nu_named_database {
    const char         *alias;
    nu_database_options options;
} nu_named_database;
/* For settings: s->databases = NU_DATABASES({"archive", {.url = "sqlite:archive.db"}}). */
#define NU_DATABASES(...)                                                                          \
    (__extension__({                                                                               \
        static nu_named_database nu_databases_[sizeof((nu_named_database[]){__VA_ARGS__}) /        \
                                                   sizeof(nu_named_database) +                     \
                                               1];                                                 \
        memcpy(nu_databases_, (nu_named_database[]){__VA_ARGS__},                                  \
               sizeof((nu_named_database[]){__VA_ARGS__}));                                        \
        nu_databases_;                                                                             \
    }))

/* Replicas: queries of models on a database that has any are read from one of them in turn, except in
 * NU_ATOMIC, in tests, and from the first write of a request (a task, a command) on, so that it sees what
 * it wrote. A replica that cannot be reached is passed over. SQL by hand and locks go where they are
 * sent. */

/* Makes `alias` (NULL: "default") known. Opens nothing yet: the first statement does, in whatever
 * process it runs. An alias that exists is closed and replaced. A URL that nobody understands
 * raises ImproperlyConfigured with the forms there are. */
NU_PUBLIC NU_RETURNS_NONNULL nu_database *nu_database_add(const char                *alias,
                                                          const nu_database_options *options);
/* The database of that alias (NULL: "default"). An unknown one raises ImproperlyConfigured. */
NU_PUBLIC NU_RETURNS_NONNULL nu_database *nu_database_get(const char *alias);
/* The same, NULL if there is none. */
NU_PUBLIC nu_database *nu_database_find(const char *alias);
/* Closes all connections of all aliases and forgets the aliases. For the end of a process and
 * tests. */
NU_PUBLIC void nu_database_close_all(void);

/* The database that was made known after this one, the last of all for NULL; NULL at the end. */
NU_PUBLIC nu_database         *nu_database_next(const nu_database *db);
/* The path of the file that the database is in, NULL for one on a server or in memory. */
NU_PUBLIC const char          *nu_database_file(const nu_database *db);
NU_PUBLIC const char          *nu_database_alias(const nu_database *db);
NU_PUBLIC const char          *nu_database_url(const nu_database *db); /* without a password */
NU_PUBLIC const nu_db_backend *nu_database_backend(const nu_database *db);

/* ---- SQL by hand ---------------------------------------------------------------------------- */

/* Runs a statement; each `?` is a parameter, in order. Returns the number of rows changed.
 *      nu_sql(NULL, "UPDATE blog_article SET likes = 0 WHERE id = ?", 5); */
#define nu_sql(db, sql, ...)                                                                       \
    nu_sql_((db), (sql), (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
/* Runs a query and gives its rows as a list of dicts by column name. */
#define nu_sql_rows(db, sql, ...)                                                                  \
    nu_sql_rows_((db), (sql), (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
/* The first column of the first row; null if there is no row. */
#define nu_sql_value(db, sql, ...)                                                                 \
    nu_sql_value_((db), (sql), (const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
/* Runs a text of several statements without parameters: a schema, a dump. */
NU_PUBLIC NU_WAITS void nu_sql_script(nu_database *db, const char *sql);

NU_PUBLIC NU_WAITS int64_t  nu_sql_(nu_database *db, const char *sql, const nu_value *params,
                                    size_t count);
NU_PUBLIC NU_WAITS nu_list *nu_sql_rows_(nu_database *db, const char *sql, const nu_value *params,
                                         size_t count);
NU_PUBLIC NU_WAITS nu_value nu_sql_value_(nu_database *db, const char *sql, const nu_value *params,
                                          size_t count);

/* Calls `fn(arg, row)` for each row of a query, a dict by column name, which lives until `fn` returns.
 * However many there are, memory holds some hundred: for exports and the like. All rows are of one
 * moment; on PostgreSQL that is a transaction, which `fn` should not keep open for long. Returns their
 * number.
 *      nu_sql_each(NULL, write_line, file, "SELECT * FROM shop_order WHERE year = ?", 2026); */
#define nu_sql_each(db, fn, arg, sql, ...)                                                         \
    nu_sql_each_((db), (fn), (arg), (sql), (const nu_value[]){NU_VALUES_(__VA_ARGS__)},            \
                 NU_NARGS_(__VA_ARGS__))
NU_PUBLIC NU_WAITS int64_t nu_sql_each_(nu_database *db, void (*fn)(void *arg, nu_dict *row),
                                        void *arg, const char *sql, const nu_value *params,
                                        size_t count);

/* Loads rows into `columns` (ends with NULL) of `table`, many times faster than statements do: by COPY
 * on PostgreSQL, by prepared INSERTs of a hundred rows on SQLite. `next` fills `row` with a value for each column and
 * returns false at the end; it may wait, but not use this database; the values live until it is called
 * again. Lists and dicts are written as JSON. All or nothing: a row that does not fit raises, naming
 * it, and nothing was loaded. Fields' defaults, validators and signals are not asked. Returns the number
 * of rows. */
NU_PUBLIC NU_WAITS int64_t nu_copy_in(nu_database *db, const char *table,
                                      const char *const *columns,
                                      bool (*next)(void *arg, nu_value *row), void *arg);

/* ---- transactions --------------------------------------------------------------------------- */

/* Runs the block that follows in a transaction of the default database:
 *
 *      NU_ATOMIC {
 *          nu_save(order);
 *          nu_update(stock, "left", nu_sub(nu_f("left"), 1));
 *      }
 *
 * It commits at the end of the block, and on `return` out of it; a raise rolls back and goes on. A
 * block inside a block is a savepoint: its raise, caught in between, undoes only the inner one.
 * TRAPS: `break` and `continue` leave only this block (and commit); a local that the block changes
 * and that is read after a raise must be volatile, as with NU_TRY. */
#define NU_ATOMIC NU_ATOMIC_ON(NULL)
/* The same for another database, given by its alias. */
#define NU_ATOMIC_ON(alias)                                                                        \
    NU_ATOMIC_((alias), false, NU_UNIQUE(nu_atomic_), NU_UNIQUE(nu_env_), NU_UNIQUE(nu_once_))

/* A block that reads one state of the database, whatever others write meanwhile: a read transaction on
 * SQLite, REPEATABLE READ on PostgreSQL. It writes nothing. Inside a block of the same database it is a
 * savepoint and sees what that one sees. */
#define NU_SNAPSHOT_ON(alias)                                                                      \
    NU_ATOMIC_((alias), true, NU_UNIQUE(nu_atomic_), NU_UNIQUE(nu_env_), NU_UNIQUE(nu_once_))

/* Calls `fn(arg)` once the outermost transaction is committed; at once if none is open; never if it
 * rolls back. `arg` must live that long. */
NU_PUBLIC void nu_on_commit(nu_database *db, void (*fn)(void *arg), void *arg);
/* True inside NU_ATOMIC of that database. */
NU_PUBLIC bool nu_in_atomic(nu_database *db);
/* Makes the innermost block roll back at its end, without a raise. */
NU_PUBLIC void nu_set_rollback(nu_database *db);

/* From here on all work of this process, in any fiber, happens inside one transaction that
 * nu_database_isolate_end undoes: how tests leave no trace. NU_ATOMIC blocks become savepoints. */
NU_PUBLIC NU_WAITS void nu_database_isolate(nu_database *db);
NU_PUBLIC NU_WAITS void nu_database_isolate_end(nu_database *db);

/* ---- notifications (PostgreSQL) ----------------------------------------------------------------
 *
 *      nu_listener *orders = nu_listener_open(NULL, "orders");
 *      for (;;) {
 *          const nu_notification *news = nu_listener_next(orders, -1);
 *          if (news->missed)
 *              … look into the tables …
 *      }
 *
 * All listeners of a process share one connection. */

typedef struct nu_listener nu_listener;

typedef struct nu_notification {
    const char *channel, *payload;
    bool        missed; /* the connection was lost, or too many came: some were not heard. No payload */
} nu_notification;

/* Sends `payload` (less than 8000 bytes; NULL: none) to all who listen to the channel, in whatever process;
 * within NU_ATOMIC once it is committed, never if it rolls back. Raises DatabaseError where the database
 * knows no notifications. */
NU_PUBLIC NU_WAITS void nu_notify(nu_database *db, const char *channel, const char *payload);
/* Listens from here on, until it is closed or the current arena ends. For fibers. */
NU_PUBLIC NU_RETURNS_NONNULL NU_WAITS nu_listener *nu_listener_open(nu_database *db, const char *channel);
/* The next one, in the current arena; NULL when `timeout_ms` are over (negative: never). Waits also while
 * the server is away. Raises Timeout and Cancelled. */
NU_PUBLIC NU_WAITS const nu_notification *nu_listener_next(nu_listener *listener,
                                                           int64_t      timeout_ms);
NU_PUBLIC void nu_listener_close(nu_listener *listener);

/* ---- watching ------------------------------------------------------------------------------- */

/* Statements that this process has run so far, BEGIN, SAVEPOINT, COMMIT and the like not
 * counted. */
NU_PUBLIC uint64_t nu_query_count(void);

/* What this process does with all of its databases at the moment, and has done. */
typedef struct nu_database_load {
    int64_t  open, busy; /* connections, and those of them that are in use */
    int64_t  waiting;    /* fibers that wait for one, or for the one place of a writer */
    uint64_t statements, errors;
} nu_database_load;
/* Fills it in. Neither raises nor waits. */
NU_PUBLIC void nu_database_measure(nu_database_load *out);

/* What a watcher is told after each statement. */
typedef struct nu_query_event {
    const nu_database *database;
    const char        *sql;
    const nu_value    *params;
    size_t             count;
    int64_t            rows;    /* rows read or changed */
    int64_t            took_us; /* reading the rows included */
    bool               failed;
} nu_query_event;
/* Calls `fn` after every statement of this process; NULL stops. `fn` neither raises, nor waits, nor
 * uses a database. */
NU_PUBLIC void nu_query_watch(void (*fn)(void *arg, const nu_query_event *event), void *arg);

/* What error->data of a database error points to. */
typedef struct nu_database_failure {
    const nu_database *database;
    int                code;       /* the back end's own: SQLite's extended result code */
    const char        *state;      /* SQLSTATE where there is one, else NULL */
    const char        *constraint; /* name, or the columns as "table.column, …"; NULL: unknown */
    const char        *sql;        /* the statement, NULL: none */
    bool               retry;      /* serialization failure or deadlock: the block may run again */
} nu_database_failure;

/* ---- how NU_ATOMIC works -------------------------------------------------------------------- */

typedef struct nu_atomic_ {
    nu_frame_                frame;
    nu_database             *database;
    struct nu_db_connection *connection;
    struct nu_atomic_       *outer; /* the block around, of whatever database */
    struct nu_atomic_       *whole; /* the outermost block of this database */
    int                      depth; /* 0: the transaction itself, above: savepoints */
    int                      state; /* 0 fresh, 1 open, 2 closed */
    bool                     snapshot;
    bool                     rollback;
    struct nu_commit_hook_  *hooks;   /* of the outermost block, newest first */
    struct nu_commit_hook_  *earlier; /* of an inner one: those registered before it */
} nu_atomic_;
NU_PUBLIC NU_WAITS bool             nu_atomic_step_(nu_atomic_ *atomic, const char *alias);
NU_PUBLIC NU_WAITS void             nu_atomic_leave_(nu_atomic_ *atomic);
NU_PUBLIC NU_WAITS NU_NORETURN void nu_atomic_raised_(nu_atomic_ *atomic);

#define NU_ATOMIC_(alias, reads, atomic, buffer, once)                                             \
    for (sigjmp_buf buffer, *once = &buffer; once != NULL; once = NULL)                            \
        for (nu_atomic_ atomic __attribute__((cleanup(nu_atomic_leave_))) = {.frame.env = once, .snapshot = reads}; \
             nu_atomic_step_(&atomic, alias);)                                                     \
            if (sigsetjmp(buffer, 0) != 0)                                                         \
                nu_atomic_raised_(&atomic);                                                        \
            else
