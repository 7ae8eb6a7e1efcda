/* The server's failures as our kinds of error, and words that say what to do. The kinds are those
 * of psycopg, so that they are Django's. */
#include <string.h>

#include "db/postgres/internal.h"

typedef struct state_kind {
    const char    *prefix; /* of the SQLSTATE */
    const nu_kind *kind;
} state_kind;

const nu_kind *nu__pg_kind_of(const char *state)
{
    const state_kind kinds[] = {
        {"25P02", NU_TRANSACTION_ERROR}, /* an earlier statement of the transaction failed */
        {"22", NU_DATA_ERROR},           {"23", NU_INTEGRITY_ERROR},   {"08", NU_OPERATIONAL_ERROR},
        {"28", NU_OPERATIONAL_ERROR},    {"40", NU_OPERATIONAL_ERROR}, {"53", NU_OPERATIONAL_ERROR},
        {"54", NU_OPERATIONAL_ERROR},    {"55", NU_OPERATIONAL_ERROR}, {"57", NU_OPERATIONAL_ERROR},
        {"58", NU_OPERATIONAL_ERROR},    {"HV", NU_OPERATIONAL_ERROR}, {"24", NU_DATABASE_ERROR},
        {"25", NU_DATABASE_ERROR},       {"2B", NU_DATABASE_ERROR},    {"2D", NU_DATABASE_ERROR},
        {"F0", NU_DATABASE_ERROR},       {"XX", NU_DATABASE_ERROR},    {"20", NU_PROGRAMMING_ERROR},
        {"21", NU_PROGRAMMING_ERROR},    {"0A", NU_PROGRAMMING_ERROR}, {"26", NU_PROGRAMMING_ERROR},
        {"34", NU_PROGRAMMING_ERROR},    {"3D", NU_PROGRAMMING_ERROR}, {"3F", NU_PROGRAMMING_ERROR},
        {"42", NU_PROGRAMMING_ERROR},    {"44", NU_PROGRAMMING_ERROR}, {"P0", NU_PROGRAMMING_ERROR},
    };
    for (size_t i = 0; i < NU_COUNT(kinds); i++) {
        if (strncmp(state, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return kinds[i].kind;
    }
    return NU_DATABASE_ERROR;
}

static const char *copied(const char *text)
{
    return nu_arena_text(nu_arena_current(), text);
}

/* What the server says about where: its own detail, else the place in the text. */
static const char *detail_of(const PGresult *result)
{
    const char *detail = nu__pq.resultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *context = nu__pq.resultErrorField(result, PG_DIAG_CONTEXT);
    return copied(detail != NULL ? detail : context);
}

static const char *hint_of(const char *state, const PGresult *result)
{
    static const struct {
        const char *state, *hint;
    } hints[] = {
        {"42P01", "Has the database all migrations? Run ./manage migrate."},
        {"42703", "Has the database all migrations? Run ./manage migrate."},
        {"25P02",
         "An earlier statement of this NU_ATOMIC block failed. Put a statement that may fail "
         "into a NU_ATOMIC block of its own."},
        {"40001", "Run the whole NU_ATOMIC block again."},
        {"40P01", "Run the whole NU_ATOMIC block again; lock rows in the same order everywhere."},
        {"55P03", "Keep NU_ATOMIC blocks short; the option timeout_ms says how long to wait for a "
                  "lock."},
        {"53300", "Lower max_open and max_shared, or raise max_connections of the server."},
    };
    const char *given = nu__pq.resultErrorField(result, PG_DIAG_MESSAGE_HINT);
    if (given != NULL)
        return copied(given);
    for (size_t i = 0; i < NU_COUNT(hints); i++) {
        if (strcmp(hints[i].state, state) == 0)
            return hints[i].hint;
    }
    return NULL;
}

void nu__pg_error(const PGresult *result, nu_db_error *error)
{
    const char *state = nu__pq.resultErrorField(result, PG_DIAG_SQLSTATE);
    const char *fact = nu__pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL) {
        nu__pg_error_lost(error, false);
        return;
    }
    *error = (nu_db_error){
        .kind = nu__pg_kind_of(state),
        .state = copied(state),
        .fact = copied(fact != NULL ? fact : "the server reports a failure without words"),
        .detail = detail_of(result),
        .hint = hint_of(state, result),
        .constraint = copied(nu__pq.resultErrorField(result, PG_DIAG_CONSTRAINT_NAME)),
        .retry = strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0,
        .broken = strncmp(state, "57P", 3) == 0,
    };
}

void nu__pg_error_lost(nu_db_error *error, bool in_transaction)
{
    *error = (nu_db_error){
        .kind = NU_OPERATIONAL_ERROR,
        .state = "08006",
        .fact = "the connection to the database was lost",
        .detail = in_transaction ? "A transaction was open; the server undoes it."
                                 : "Whether the statement was carried out is not known.",
        .hint = "The next statement opens a new connection. If it happens again, see the server's "
                "log.",
        .broken = true,
    };
}

/* ---- connecting ----------------------------------------------------------------------------- */

/* In one line. */
static const char *trimmed(const char *message)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 256);
    for (const char *at = message; *at != '\0'; at++) {
        if (*at == '\n' && at[1 + strspn(at + 1, "\t")] != '\0')
            nu_builder_putc(&text, ' ');
        else if (*at != '\n' && *at != '\t')
            nu_builder_putc(&text, *at);
    }
    return nu_builder_text(&text);
}

static const char *hint_to_connect(const char *message)
{
    if (strstr(message, "too many") != NULL || strstr(message, "connection slots") != NULL)
        return "Lower max_open and max_shared, or raise max_connections of the server.";
    if (strstr(message, "no password supplied") != NULL)
        return "Give the password in the database's URL, in the environment as PGPASSWORD, or in "
               "~/.pgpass.";
    if (strstr(message, "password authentication failed") != NULL)
        return "Correct user and password in the database's URL.";
    if (strstr(message, "\" does not exist") != NULL && strstr(message, "database") != NULL)
        return "Create it (createdb), or correct the name in the database's URL.";
    if (strstr(message, "role \"") != NULL)
        return "Create the user (createuser), or correct it in the database's URL.";
    if (strstr(message, "pg_hba.conf") != NULL)
        return "Let this user in by the server's pg_hba.conf.";
    if (strstr(message, "translate host name") != NULL)
        return "Correct the host in the database's URL.";
    if (strstr(message, "SSL") != NULL || strstr(message, "certificate") != NULL)
        return "Look at sslmode and sslrootcert in the database's URL.";
    return "Is the server running there? Check host and port in the database's URL.";
}

/* True for what goes away by itself: all connections in use, a server that is starting. libpq has no
 * code for it. */
static bool passes(const char *message)
{
    return strstr(message, "too many clients") != NULL ||
           strstr(message, "too many connections for") != NULL ||
           strstr(message, "remaining connection slots") != NULL ||
           strstr(message, "the database system is starting up") != NULL ||
           strstr(message, "the database system is shutting down") != NULL ||
           strstr(message, "the database system is not yet accepting connections") != NULL;
}

void nu__pg_error_connect(const PGconn *handle, const nu_database_options *options,
                          nu_db_error *error)
{
    (void)options;
    const char *message = handle != NULL ? trimmed(nu__pq.errorMessage(handle)) : "out of memory";
    bool        later = passes(message);
    *error = (nu_db_error){
        .kind = NU_OPERATIONAL_ERROR,
        .state = "08001",
        .fact = "cannot connect to the database",
        .detail = nu_fmt("libpq says: %s", message),
        .hint = hint_to_connect(message),
        .broken = true,
        .busy = later,
    };
}
