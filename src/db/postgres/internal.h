/* What the files of the PostgreSQL back end share.
 *
 * A connection is in libpq's pipeline mode. What was sent and is not answered stands in a line of
 * requests; answers come in the same order:
 *
 *      first ─▶ [execute A] ─▶ [execute B] ─▶ [sync] ─▶ [prepare] ─▶ [describe] ─▶ [sync] ◀─ last
 *               └──── a batch: fails as one ───────┘
 *
 * 1. A request belongs to its connection, not to the fiber that waits for it: a fiber that gives up
 *    leaves it behind (`left`), and its answer is thrown away.
 * 2. A batch is ended by a sync, whose answer completes all of its requests: the server commits no
 *    sooner, and a deferred constraint may fail as late as that. Only pure reads share one; a read that was aborted because another
 *    failed is sent again, alone.
 * 3. A batch that is open at the end of the tick is synced by a hook, which sends everything with
 *    one write. Outside the loop it is synced at once.
 * 4. A connection that breaks answers all its requests with `lost` and opens itself anew when it is
 *    used next, unless a transaction was open: then nothing but ROLLBACK is accepted.
 * 5. The answer of a statement is held by `current` from the moment its fiber runs again until
 *    `finish` or the next use of the connection. Nobody waits in between. */
#pragma once

#include <string.h>

#include "db/internal.h"
#include "db/postgres/libpq.h"

/* ---- types of values ------------------------------------------------------------------------ */

/* Object identifiers of built-in types (pg_type.dat). */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_CHAR = 18,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_XID = 28,
    PG_CID = 29,
    PG_JSON = 114,
    PG_XML = 142,
    PG_CIDR = 650,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_MACADDR8 = 774,
    PG_MACADDR = 829,
    PG_INET = 869,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIME = 1083,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_INTERVAL = 1186,
    PG_TIMETZ = 1266,
    PG_NUMERIC = 1700,
    PG_VOID = 2278,
    PG_UUID = 2950,
    PG_JSONB = 3802,
};

/* ---- requests ------------------------------------------------------------------------------- */

typedef enum pg_kind {
    PG_EXECUTE,  /* a statement whose answer somebody wants */
    PG_CONTROL,  /* BEGIN, SAVEPOINT, DEALLOCATE …: of interest only if it fails */
    PG_DESCRIBE, /* what a prepared statement takes and gives */
    PG_SYNC,
    PG_SIMPLE, /* a script, or the end of a copy, outside of the pipeline */
    PG_COPY,   /* COPY FROM STDIN, outside of the pipeline: answered when the server wants rows */
} pg_kind;

typedef struct pg_entry   pg_entry;
typedef struct pg_request pg_request;

struct pg_request {
    pg_request *next;
    pg_kind     kind;
    bool        done;
    bool        aborted; /* not run: another of its batch failed */
    bool        lost;    /* the connection broke first */
    bool        awaited; /* somebody will read the answer and release it */
    bool        left;    /* nobody waits any more */
    PGresult   *result;  /* the answer, or the first failure of its batch */
    pg_entry   *entry;   /* DESCRIBE: what to fill */
    nu_fiber   *fiber;
};

/* ---- prepared statements -------------------------------------------------------------------- */

typedef enum pg_entry_state { PG_FREE, PG_PREPARING, PG_READY } pg_entry_state;

struct pg_entry {
    pg_entry      *next; /* in its bucket */
    pg_entry_state state;
    bool           binary; /* all result columns are read in binary form */
    uint16_t       count;  /* parameters */
    uint32_t       number; /* its name is "nu_" and this */
    uint64_t       hash;
    uint64_t       used; /* turn of the connection's clock */
    char          *sql;
    size_t         length;
    Oid           *given;   /* types the parameters were declared with; 0: the server's choice */
    Oid           *settled; /* types the server settled on */
    char          *room;    /* holds the three above */
    size_t         room_size;
    nu_queue       waiting; /* fibers with the same statement, while it is prepared */
};

enum { PG_CACHE_SIZE = 256, PG_CACHE_BUCKETS = 256, PG_NAME_SIZE = 16 };

/* ---- connections ---------------------------------------------------------------------------- */

enum { PG_PENDING = 8, PG_CONTROL_SIZE = 64 };

typedef struct pg_connection {
    nu_db_connection base;
    PGconn          *handle; /* NULL: lost or not open yet */
    nu_arena        *arena;
    nu_mutex         opening;
    nu_watch         watch;
    nu_hook          tick_end, loop_end;
    nu_timer         given_up; /* runs while the first statement in line is nobody's */

    pg_request *first, **last, *spare;
    pg_request *answered, **answered_last; /* of the present batch, not complete yet */
    PGresult   *current;
    PGresult *failure; /* of a control request, or the sync, of the batch that is being answered */
    bool      sync_failed; /* it was the sync that failed: the server could not commit */
    bool      open_batch;
    bool      ended_result; /* the first request's answer is whole but for libpq's end mark */
    bool      copying;      /* rows are being copied: nothing else can be sent */
    nu_fiber *sender;       /* waits until all is sent */

    /* Control statements to send before the next one. */
    char pending[PG_PENDING][PG_CONTROL_SIZE];
    int  pending_count;
    bool begun;  /* inside a transaction, if only by a BEGIN that is pending */
    bool failed; /* a statement of it failed, and the server refuses all others */
    bool doomed; /* the connection was lost inside a transaction */
    bool dying;  /* the server has said that it will hang up */

    uint64_t  clock;
    uint32_t  numbers;
    uint32_t *dropped; /* statements to deallocate */
    size_t    dropped_count, dropped_capacity;
    pg_entry  entries[PG_CACHE_SIZE];
    pg_entry *buckets[PG_CACHE_BUCKETS];
} pg_connection;

/* ---- url.c ---------------------------------------------------------------------------------- */
bool nu__pg_accepts(const nu_database_options *options, const char **why);
bool nu__pg_single(const nu_database_options *options);
const char *nu__pg_file(const nu_database_options *options);
/* The value that URL, service or environment give for a libpq keyword; NULL: none. */
const char *nu__pg_keyword(const char *url, const char *keyword);

/* ---- connection.c --------------------------------------------------------------------------- */
nu_db_connection *nu__pg_open(nu_database *db, const nu_database_options *options,
                              nu_db_error *error);
void              nu__pg_close(nu_db_connection *connection, bool forked);
/* Opens the connection if it is lost, and has the present loop watch it. `look`: where no loop watches it,
 * asks the socket whether it is lost, for what cannot be sent a second time. */
NU_WAITS bool nu__pg_ensure(pg_connection *connection, bool look, nu_db_error *error);
/* Ends the connection and answers all requests with `lost`. */
void nu__pg_lose(pg_connection *connection);
bool nu__pg_in_transaction(nu_db_connection *connection);
void nu__pg_tidy(nu_db_connection *connection, bool snapshot);
/* Asks the server to give up what it runs for this connection. Does not wait within a loop. */
void nu__pg_cancel(pg_connection *connection);
/* The same, and waits until the server was told. */
NU_WAITS void nu__pg_cancel_now(pg_connection *connection);

/* ---- connect.c ------------------------------------------------------------------------------ */
/* What the server says beside its answers. `connection` is a pg_connection. */
void nu__pg_notice(void *connection, const PGresult *result);
/* A new connection, in pipeline mode; NULL with *error filled. */
NU_WAITS PGconn *nu__pg_connect(const nu_database_options *options, nu_db_error *error);

/* ---- away.c --------------------------------------------------------------------------------- */
/* True if the server could not be reached a moment ago: *error is filled. */
bool nu__pg_is_away(nu_database *db, nu_db_error *error);
void nu__pg_note_away(nu_database *db, const nu_db_error *error);
void nu__pg_note_back(nu_database *db);

/* ---- pipeline.c ----------------------------------------------------------------------------- */
/* Puts a request at the end of the line, after libpq has queued its message (`sent` true). With
 * `sent` false, libpq could not: the connection is lost, and so is the request. */
pg_request *nu__pg_push(pg_connection *connection, pg_kind kind, bool sent);
/* Ends the open batch and sends everything. */
void nu__pg_sync(pg_connection *connection);
/* Has the open batch end with this tick; at once outside the loop. */
void nu__pg_sync_later(pg_connection *connection);
/* Waits until the request is answered. Anything but NU_WAKE_READY: it was left behind. `patient`:
 * neither deadline nor cancel ends the wait. */
NU_WAITS nu_wake nu__pg_await(pg_connection *connection, pg_request *request, bool patient);
/* Sends what is left over from before, as far as there is room for it now. */
void nu__pg_flush(pg_connection *connection);
/* Waits until all of it is sent. */
NU_WAITS nu_wake nu__pg_await_sent(pg_connection *connection);
/* Has the statement cancelled, if it still runs after a while, that a fiber has left on a connection which
 * others use. */
void nu__pg_give_up_later(pg_connection *connection);
/* Gives a request back that was answered. Its result, if still there, is freed. */
void nu__pg_release(pg_connection *connection, pg_request *request);
/* Completes all requests of a connection that is no more. */
void nu__pg_abandon(pg_connection *connection);
/* Reads what has come and answers requests. */
void nu__pg_receive(pg_connection *connection);
/* Ends the pipeline's work: returns when everything is answered. False if it was lost, or the fiber
 * gave up. */
NU_WAITS bool nu__pg_drain(pg_connection *connection);
/* Sends a statement without parameters as a control request. */
void nu__pg_push_control(pg_connection *connection, const char *sql);
/* Waits, outside of fibers by poll, until the socket can be read, or also written. */
NU_WAITS nu_wake nu__pg_wait_socket(pg_connection *connection, bool writing, int64_t until);

/* ---- prepare.c ------------------------------------------------------------------------------ */
/* The prepared form of the statement, prepared now if need be. NULL with *error filled. */
NU_WAITS pg_entry *nu__pg_prepare(pg_connection *connection, const nu_db_statement *statement,
                                  nu_db_error *error);
/* Takes a statement out of the cache. */
void nu__pg_forget(pg_connection *connection, pg_entry *entry);
/* All of them: the server knows them no more. */
void nu__pg_forget_all(pg_connection *connection);
/* DESCRIBE was answered, or never will be (`result` NULL). */
void nu__pg_described(pg_connection *connection, pg_entry *entry, const PGresult *result);
void nu__pg_write_name(char out[PG_NAME_SIZE], uint32_t number);

/* ---- statement.c ---------------------------------------------------------------------------- */
bool nu__pg_run(nu_db_connection *connection, const nu_db_statement *statement,
                nu_db_cursor *cursor);
bool nu__pg_next(nu_db_cursor *cursor);
void nu__pg_finish(nu_db_cursor *cursor);

/* ---- script.c ------------------------------------------------------------------------------- */
bool nu__pg_script(nu_db_connection *connection, const char *sql, nu_db_error *error);

/* ---- give_up.c ------------------------------------------------------------------------------ */
/* A statement that nobody waits for was answered, which may be the one that was cancelled. */
void nu__pg_given_up(pg_connection *connection, const PGresult *result);

/* ---- copy.c --------------------------------------------------------------------------------- */
bool nu__pg_copy_in(nu_db_connection *connection, nu_db_copy *copy, nu_db_error *error);

/* ---- control.c ------------------------------------------------------------------------------ */
bool nu__pg_control(nu_db_connection *connection, nu_db_control what, const char *sql,
                    nu_db_error *error);
/* Sends the control statements that wait for a statement to go along with. */
void nu__pg_push_pending(pg_connection *connection);
/* Undoes what a guarded statement left of the transaction around it when it failed. */
void nu__pg_undo_guarded(pg_connection *connection);

/* True if a transaction was asked for of which the server knows nothing yet. */
static inline bool nu__pg_begin_is_pending(const pg_connection *connection)
{
    return connection->pending_count > 0 && strncmp(connection->pending[0], "BEGIN", 5) == 0;
}

/* ---- bind.c --------------------------------------------------------------------------------- */
/* The type to declare a parameter with; 0: the server may choose. */
Oid nu__pg_type_of(nu_value value);
/* Arrays for PQsendQueryPrepared. */
typedef struct pg_params {
    const char **values;
    int         *lengths, *formats;
} pg_params;
/* Fills them, in the current arena; false with *error filled if a value cannot be sent. */
bool nu__pg_bind(const pg_entry *entry, const nu_db_statement *statement, pg_params *out,
                 nu_db_error *error);

/* ---- decode.c, text.c, numeric.c, array.c: results ------------------------------------------ */
/* True for the types whose binary form is understood here. */
bool nu__pg_is_known(Oid type);
/* The value of `length` bytes of the binary form; text where no value of ours can hold it. False if
 * the bytes are not what the type's form demands. In the current arena. */
bool nu__pg_decode(Oid type, const uint8_t *bytes, size_t length, nu_value *out);
/* The value of the text form. */
nu_value nu__pg_decode_text(Oid type, const char *text, size_t length);
/* An interval in the server's own style; false if 64 bits cannot hold its microseconds. */
bool nu__pg_interval_of_text(const char *text, size_t length, int64_t *us);
/* Writes the binary form as the server would write it as text. */
bool nu__pg_print(nu_builder *out, Oid type, const uint8_t *bytes, size_t length);
bool nu__pg_print_numeric(nu_builder *out, const uint8_t *bytes, size_t length);
bool nu__pg_decode_array(Oid element, const uint8_t *bytes, size_t length, nu_value *out);
/* The same in text form: {a,"b c",NULL}. */
bool nu__pg_decode_array_text(Oid element, const char *text, size_t length, nu_value *out);
/* Type of an array's elements; 0: it is none. */
Oid nu__pg_element_of(Oid type);
/* A list as an array's text form, "{1,2,NULL}". */
void nu__pg_print_array(nu_builder *out, const nu_list *list);
/* An interval's length, months as 30 days and years as 365. False on overflow. */
bool nu__pg_interval_us(const uint8_t *bytes, size_t length, int64_t *us);

/* ---- search.c: functions of full-text search -------------------------------------------------- */
void nu__pg_search_vector(nu_db_call *call);
void nu__pg_search_query(nu_db_call *call);
void nu__pg_search_rank(nu_db_call *call);
void nu__pg_search_headline(nu_db_call *call);

/* ---- read.c --------------------------------------------------------------------------------- */
bool        nu__pg_is_null(nu_db_cursor *cursor, int column);
int64_t     nu__pg_get_int(nu_db_cursor *cursor, int column);
double      nu__pg_get_float(nu_db_cursor *cursor, int column);
const char *nu__pg_get_text(nu_db_cursor *cursor, int column, size_t *length);
bool        nu__pg_get_moment(nu_db_cursor *cursor, int column, nu_datetime *moment);
const void *nu__pg_get_bytes(nu_db_cursor *cursor, int column, size_t *length);
nu_value    nu__pg_get_value(nu_db_cursor *cursor, int column);
const char *nu__pg_column_name(nu_db_cursor *cursor, int column);

/* ---- error.c -------------------------------------------------------------------------------- */
/* Fills the error from a failed result. */
void nu__pg_error(const PGresult *result, nu_db_error *error);
/* The connection was lost with the statement under way, or inside its transaction. */
void nu__pg_error_lost(nu_db_error *error, bool in_transaction);
/* From a connection that could not be made. */
void nu__pg_error_connect(const PGconn *handle, const nu_database_options *options,
                          nu_db_error *error);
/* Kind by SQLSTATE, as psycopg and Django map it. */
const nu_kind *nu__pg_kind_of(const char *state);

/* ---- functions.c ---------------------------------------------------------------------------- */
extern const nu_db_functions nu__pg_functions;

/* ---- dates.c -------------------------------------------------------------------------------- */
void nu__pg_extract(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                    const char *zone);
void nu__pg_truncate(nu_builder *sql, nu_db_part part, nu_db_type of, const char *inner,
                     const char *zone);

/* ---- introspect.c --------------------------------------------------------------------------- */
nu_list           *nu__pg_tables(nu_database *db);
nu_db_column_info *nu__pg_columns(nu_database *db, const char *table);
nu_db_table_info  *nu__pg_inspect(nu_database *db);
nu_db_key_info    *nu__pg_keys(nu_database *db, const char *table);
/* What the model layer takes a column for: fills kind, guessed. */
void nu__pg_take_kind(nu_db_column_info *column);
const char        *nu__pg_unique_index(nu_database *db, const char *table,
                                       const char *const *columns);
const char        *nu__pg_reference(nu_database *db, const char *table, const char *column);
const char        *nu__pg_check(nu_database *db, const char *table, const char *column);

/* ---- literal.c ------------------------------------------------------------------------------ */
void nu__pg_literal(nu_builder *sql, nu_value value);

/* ---- big-endian numbers --------------------------------------------------------------------- */

static inline uint16_t pg_read16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t pg_read32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t pg_read64(const uint8_t *at)
{
    return (uint64_t)pg_read32(at) << 32 | pg_read32(at + 4);
}

static inline void pg_write32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static inline void pg_write64(uint8_t *at, uint64_t value)
{
    pg_write32(at, (uint32_t)(value >> 32));
    pg_write32(at + 4, (uint32_t)value);
}
