/* What a database back end provides. SQLite's is src/db/sqlite/; PostgreSQL's and others fit the
 * same table. Everything that differs between databases is here, so the model layer holds no `if`.
 *
 * A back end never raises from a foreign library's frames and never keeps text of its caller. Its
 * functions report failure by filling a nu_db_error; src/db/ turns that into a raise. */
#pragma once

#include "nuages/database.h"
#include "nuages/text.h"

/* The first member of a back end's own connection struct. src/db/ keeps its book in it. */
typedef struct nu_db_connection nu_db_connection;
struct nu_db_connection {
    const nu_db_backend *backend;
    nu_database         *database;
    nu_db_connection    *next; /* in the list of idle ones */

    /* Kept by a pipelined back end, to choose between connections. */
    int     in_flight;  /* statements that wait for their answer */
    int     queued;     /* those of them that are not sent yet: one more costs little */
    /* Called when a notification has come; all NULL: the connection was lost. NULL: nobody listens. */
    void (*notified)(nu_db_connection *connection, const char *channel, const char *payload);
    bool    cancelling; /* the statement that runs is being cancelled: take another connection */
    int64_t busy_since; /* moment of nu_monotonic_us since which nothing was answered */
};

/* Column types, by what Django calls the field that has them. */
typedef enum nu_db_type {
    NU_DB_AUTO, NU_DB_BIG_AUTO, NU_DB_SMALL_AUTO,
    NU_DB_BOOL,
    NU_DB_SMALL_INT, NU_DB_INT, NU_DB_BIG_INT,
    NU_DB_POSITIVE_SMALL_INT, NU_DB_POSITIVE_INT, NU_DB_POSITIVE_BIG_INT,
    NU_DB_FLOAT, NU_DB_DECIMAL,
    NU_DB_CHAR, NU_DB_TEXT, NU_DB_SLUG, NU_DB_IP,
    NU_DB_DATE, NU_DB_TIME, NU_DB_DATETIME, NU_DB_DURATION,
    NU_DB_UUID, NU_DB_JSON, NU_DB_BINARY,
    NU_DB_NATIVE, /* one that not all databases have, named by the kind of field (arrays, ranges …);
                   * its values are read as the database gives them */
} nu_db_type;

/* A column's type with its measures. */
typedef struct nu_db_column_type {
    nu_db_type type;
    int        length; /* of CHAR */
    int        digits, places; /* of DECIMAL */
} nu_db_column_type;

/* Parts of a date or time, for lookups such as published__year, and units for truncation. */
typedef enum nu_db_part {
    NU_DB_YEAR, NU_DB_ISO_YEAR, NU_DB_QUARTER, NU_DB_MONTH, NU_DB_WEEK, NU_DB_DAY, NU_DB_WEEK_DAY,
    NU_DB_ISO_WEEK_DAY, NU_DB_HOUR, NU_DB_MINUTE, NU_DB_SECOND, NU_DB_AS_DATE, NU_DB_AS_TIME,
} nu_db_part;

/* Comparisons that databases spell differently. */
typedef enum nu_db_operator {
    NU_DB_EXACT, NU_DB_IEXACT, NU_DB_CONTAINS, NU_DB_ICONTAINS, NU_DB_STARTS_WITH,
    NU_DB_ISTARTS_WITH, NU_DB_ENDS_WITH, NU_DB_IENDS_WITH, NU_DB_REGEX, NU_DB_IREGEX,
    NU_DB_GT, NU_DB_GTE, NU_DB_LT, NU_DB_LTE,
} nu_db_operator;

/* A statement to run. `sql` has the back end's own placeholders. Connections cache the prepared
 * form by the text, so equal shapes are parsed once. */
typedef struct nu_db_statement {
    const char     *sql;
    size_t          length;
    const nu_value *params;
    size_t          count;
    uint64_t        hash;   /* of the text, if it is known already; else 0 */
    bool            writes; /* changes data or schema; a read may share connection and snapshot */
    bool            pure;   /* a query of the model layer: without side effects, so it may be run
                             * again, and share fate with other reads of the same tick */
    bool            guarded; /* inside a transaction its failure must undo nothing else */
    bool            beside;  /* others will run on the connection before it is finished; only where the
                              * back end has no cursors */
} nu_db_statement;

/* Rows for a table, one after the other: see nu_copy_in. */
typedef struct nu_db_copy {
    const char        *table;
    const char *const *columns; /* ends with NULL */
    size_t             count;   /* of columns */
    /* Fills `row` with `count` values that live until the next call; false at the end. May raise. */
    bool (*next)(void *arg, nu_value *row);
    void   *arg;
    int64_t rows; /* read from `next` so far */
} nu_db_copy;

/* A failure, as the back end saw it. Texts live in the arena that was current. */
typedef struct nu_db_error {
    const nu_kind *kind;       /* NULL: no failure */
    int            code;
    const char    *state;
    const char    *fact;
    const char    *detail;
    const char    *hint;
    const char    *constraint;
    bool           busy;       /* another holds a lock: trying again may help */
    bool           broken;     /* the connection is of no use any more */
    bool           retry;      /* serialization failure or deadlock: the whole block may run again */
} nu_db_error;

/* A running statement. Held by the caller, valid until `finish`. Between `run` and `finish` nothing
 * may wait unless the connection is the caller's own. */
typedef struct nu_db_cursor {
    nu_db_connection *connection;
    void             *handle;  /* the back end's */
    int               columns;
    bool              beside;  /* of a statement that was */
    int               at;      /* the back end's: which row of those it holds */
    bool              row;     /* there is a row to read */
    int64_t           changed; /* rows changed, valid after `finish` */
    int64_t           last_id; /* key of the row inserted, where the back end reports it so */
    int64_t           read;    /* rows seen so far */
    nu_db_error       error;
} nu_db_cursor;

/* A column as found in a database, for migrations and inspectdb. */
typedef struct nu_db_column_info {
    const char *name;
    const char *type;          /* as the database writes it */
    bool        null;
    bool        primary_key;
    const char *default_sql;   /* NULL: none */
    nu_db_column_type kind;    /* what the model layer takes the type for */
    bool        guessed;       /* no kind stands for the type: text may do */
    bool        automatic;     /* a number that counts by itself */
    bool        generated;     /* computed by the database from other columns */
    bool        array;         /* the column holds lists of that kind */
} nu_db_column_info;

/* A table, or what can be read like one. */
typedef enum nu_db_table_kind { NU_DB_TABLE, NU_DB_VIEW, NU_DB_PARTITION } nu_db_table_kind;
typedef struct nu_db_table_info {
    const char      *name;
    nu_db_table_kind kind;
    bool             rowid; /* rows have a number that is no column of the table (SQLite) */
} nu_db_table_info;

/* Columns of a table that are unique together, or refer to those of another. */
typedef enum nu_db_key_kind { NU_DB_PRIMARY_KEY, NU_DB_UNIQUE_KEY, NU_DB_FOREIGN_KEY } nu_db_key_kind;
typedef struct nu_db_key_info {
    nu_db_key_kind     kind;
    const char *const *columns; /* NULL-ended */
    const char        *to_table; /* of a foreign key */
    const char *const *to_columns;
} nu_db_key_info;

/* What a control statement does, for back ends that need not send each at once. */
typedef enum nu_db_control {
    NU_DB_BEGIN, NU_DB_SAVEPOINT, NU_DB_RELEASE, NU_DB_ROLLBACK_TO, NU_DB_COMMIT, NU_DB_ROLLBACK,
    NU_DB_CLOSE, /* of a cursor */
} nu_db_control;

typedef struct nu_db_order {
    bool        descending;
    signed char nulls; /* -1: first, 1: last, 0: where the database puts them */
} nu_db_order;

/* A function being written: what a nu_db_function's writer works with. */
typedef struct nu_db_call nu_db_call;
struct nu_db_call {
    nu_builder              *sql;
    const char              *name;  /* Django's name of the function */
    size_t                   count; /* arguments */
    const nu_db_column_type *types; /* theirs; .type is -1 where it is not known */
    nu_db_column_type        type;  /* the result's; .type is -1 where it is not known */
    const nu_value          *keys;  /* of a path into JSON: texts and numbers */
    size_t                   key_count;
    bool                     distinct; /* of an aggregate, as its order */
    const nu_db_order       *orders;
    size_t                   order_count;
    /* Writes argument `index`, from 0. */
    void (*put)(nu_db_call *call, size_t index);
    /* Writes what is ordered by, without its direction. */
    void (*put_order)(nu_db_call *call, size_t index);
    /* Writes a parameter; the value must live as long as the statement. */
    void (*param)(nu_db_call *call, const nu_value *value);
    void *self;
};

/* How the database spells one of Django's functions ("Lower"), an operator ("^") or a lookup
 * ("icontains"). In a template {1} … {9} are the arguments, {*} all of them with commas, {distinct}
 * and {order} what an aggregate was told, {type} the SQL type of the result; other braces stand for
 * themselves. */
typedef struct nu_db_function {
    const char *name;
    const char *sql; /* the template; NULL: write */
    void (*write)(nu_db_call *call);
} nu_db_function;
typedef struct nu_db_functions {
    const nu_db_function *items;
    size_t                count;
} nu_db_functions;

struct nu_db_backend {
    const char *name;        /* "sqlite", as Django's connection.vendor */
    const char *schemes;     /* URL schemes, separated by spaces: "sqlite sqlite3" */

    /* -- connections -- */
    /* Checks the URL's form; false with a sentence in *why. */
    bool (*accepts)(const nu_database_options *options, const char **why);
    /* True if there can be one connection only, as for a database in memory. */
    bool (*single)(const nu_database_options *options);
    /* The path of the file that the database is in, NULL without one. */
    const char *(*file)(const nu_database_options *options);
    /* A new connection, or NULL with *error filled. May wait. */
    nu_db_connection *(*open)(nu_database *db, const nu_database_options *options, nu_db_error *error);
    /* Neither raises nor waits. `forked`: the process was forked since; let go without a word. */
    void (*close)(nu_db_connection *connection, bool forked);

    /* -- statements -- */
    /* Starts a statement and steps to its first row. False with cursor->error filled. */
    bool (*run)(nu_db_connection *connection, const nu_db_statement *statement, nu_db_cursor *cursor);
    /* Steps to the next row: cursor->row says if there is one. False with cursor->error filled. */
    bool (*next)(nu_db_cursor *cursor);
    /* Ends the statement, also halfway. Neither raises nor waits. */
    void (*finish)(nu_db_cursor *cursor);
    /* Runs BEGIN, SAVEPOINT and so on; NULL: `run` does. NU_DB_ROLLBACK and NU_DB_ROLLBACK_TO never
     * raise, whatever the fiber's deadline says; false if the connection is of no use any more. */
    bool (*control)(nu_db_connection *connection, nu_db_control what, const char *sql,
                    nu_db_error *error);
    /* Loads rows by the database's own bulk form, on a connection inside a transaction; NULL: there is
     * none, INSERT does it. False with *error filled. */
    bool (*copy_in)(nu_db_connection *connection, nu_db_copy *copy, nu_db_error *error);
    /* Runs a text of several statements without parameters. */
    bool (*script)(nu_db_connection *connection, const char *sql, nu_db_error *error);
    /* True while a transaction is open: some errors end it on the database's side. */
    bool (*in_transaction)(nu_db_connection *connection);
    /* Ends whatever statement an error left running, and an open snapshot with `snapshot`. */
    void (*tidy)(nu_db_connection *connection, bool snapshot);
    /* Opens a snapshot that the following reads share, where that pays; else NULL. */
    bool (*snapshot)(nu_db_connection *connection, nu_db_error *error);

    /* -- columns of the present row, by index from 0 -- */
    bool (*is_null)(nu_db_cursor *cursor, int column);
    int64_t (*get_int)(nu_db_cursor *cursor, int column);
    double (*get_float)(nu_db_cursor *cursor, int column);
    /* UTF-8 and a NUL; valid until the next step. */
    const char *(*get_text)(nu_db_cursor *cursor, int column, size_t *length);
    const void *(*get_bytes)(nu_db_cursor *cursor, int column, size_t *length);
    /* A date and time that the result holds as such; false: read it as text. NULL: there is none. */
    bool (*get_moment)(nu_db_cursor *cursor, int column, nu_datetime *moment);
    /* The value by the database's own idea of its type, copied into the current arena. */
    nu_value (*get_value)(nu_db_cursor *cursor, int column);
    /* Name of a result column; valid until `finish`. */
    const char *(*column_name)(nu_db_cursor *cursor, int column);

    /* -- SQL text -- */
    const char *begin;           /* opens a transaction that will write */
    const char *begin_snapshot;  /* opens one that reads one state */
    int         max_params;      /* most parameters of one statement */
    int         max_named;       /* most rows that a statement names or holds by one column */
    char        placeholder;     /* '?': plain; '$': numbered from 1 */
    bool        pipelined;       /* one connection takes statements of many fibers at a time */
    bool        cursors;         /* knows DECLARE and FETCH, for results that fill no memory */
    bool        notifies;        /* knows LISTEN, UNLISTEN and pg_notify */
    bool        one_writer;      /* one transaction may write at a time: fibers stand in line */
    bool        returning;       /* INSERT … RETURNING gives keys; else cursor->last_id does */
    bool        default_values;  /* knows DEFAULT among the values of an INSERT */
    bool        virtual_columns; /* generated columns may be computed when they are read */
    bool        for_update;      /* knows SELECT … FOR UPDATE */
    bool        ordered_parts;   /* the SELECTs of a UNION may have an order and a limit of their own */
    bool        distinct_on;     /* knows SELECT DISTINCT ON (…) */
    bool        deferred_checks; /* foreign keys are checked at commit */
    bool        alter_column;    /* can change a column in place; else tables are remade */
    bool        schema_in_transaction;
    int         max_name;        /* longest name of an index or constraint; 0: unlimited */
    bool        nulls_first;     /* NULL sorts before all else in ascending order */
    const char *no_limit;        /* LIMIT value for "all", where OFFSET needs a LIMIT */
    const char *random;          /* expression for order_by("?") */
    const char *row_list;        /* before the rows of (a, b) IN ((1, 2), …): "VALUES "; NULL: nothing */
    const char *explain;         /* what goes before a query that is to be explained */
    bool        explain_options; /* and knows EXPLAIN (ANALYZE, FORMAT json) */

    /* A name in quotes; one that has them already is left alone. */
    void (*quote)(nu_builder *sql, const char *name);
    /* A constant, where there is nothing to bind it to: 'it''s', 1, NULL. */
    void (*literal)(nu_builder *sql, nu_value value);
    /* "varchar(200)"; for a primary key the auto types include what makes them count. */
    void (*column_type)(nu_builder *sql, nu_db_column_type type);
    /* What follows the type of an auto column after PRIMARY KEY: "AUTOINCREMENT"; NULL: nothing. */
    const char *(*column_suffix)(nu_db_column_type type);
    /* Writes the query that lets an auto column go on after the largest key of its table, after rows
     * came with keys of their own; NULL: it does so by itself. */
    void (*renumber)(nu_builder *sql, const char *table, const char *column);
    /* A condition on the column that comes with the type ("hits" >= 0); false: none. */
    bool (*column_check)(nu_builder *sql, nu_db_column_type type, const char *column);
    /* The value to bind for a pattern operator: wildcards escaped and added. */
    nu_value (*pattern)(nu_db_operator op, nu_value value);
    /* `part` of the expression written by `inner`; `zone` NULL: UTC. `of`: type of the
     * expression. */
    void (*extract)(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                    const char *zone);
    void (*truncate)(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                     const char *zone);

    /* Functions, operators and lookups, sorted by name (strcmp); what is not among them the database
     * has not. */
    const nu_db_functions *functions;
    const char *decimal; /* type that results of arithmetic with decimals are cast to; NULL: none */
    bool durations; /* has a type for durations; else they are whole microseconds */
    bool wide;      /* compares whole numbers of any size; else they must fit 64 bits */

    /* -- changing the schema: statements; NULL where nothing is needed -- */
    const char *checks_off, *checks_on; /* of references, while tables are made anew; outside a
                                         * transaction */
    const char *broken_references; /* a query: the table, rowid and parent of rows whose reference
                                    * leads nowhere */
    const char *schema_lock;       /* waits until no other process changes the schema … */
    const char *schema_unlock;     /* … and lets others do so; on one connection */
    const char *lock_timeout;      /* the setting for the longest wait for a lock, in ms; 0: for ever */

    /* -- looking at what is there; all wait, results in the current arena -- */
    nu_list *(*tables)(nu_database *db);
    /* A {0}-ended array; NULL if there is no such table. */
    nu_db_column_info *(*columns)(nu_database *db, const char *table);
    /* All that can be read like a table, by name; ends with a NULL name. */
    nu_db_table_info *(*inspect)(nu_database *db);
    /* The table's keys; ends with NULL columns. Unique indexes of some rows only, or of expressions, and
     * keys of tables that are not there are left out. */
    nu_db_key_info *(*keys)(nu_database *db, const char *table);
    /* The name of the unique index of exactly these columns (NULL-ended); NULL if there is none. */
    const char *(*unique_index)(nu_database *db, const char *table, const char *const *columns);
    /* The name of the foreign key of this column, and of the check over this column alone; NULL if
     * there is none. Only where columns can be changed in place. */
    const char *(*reference)(nu_database *db, const char *table, const char *column);
    const char *(*check)(nu_database *db, const char *table, const char *column);
};

extern NU_PUBLIC const nu_db_backend nu_db_sqlite;
extern NU_PUBLIC const nu_db_backend nu_db_postgres;

/* Adds a back end for the schemes it names. For plug-ins, before nu_database_add. */
NU_PUBLIC void nu_db_register(const nu_db_backend *backend);
