/* Making a connection: libpq's states with our waits in between. libpq would look names up while
 * everybody waits, so a fiber has that done in a thread and passes addresses. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/fiber.h"
#include "nuages/log.h"

/* ---- names ---------------------------------------------------------------------------------- */

typedef struct look_up {
    const char *host;
    const char *addresses; /* with commas between; NULL: not found, libpq says why */
    const char *hosts;     /* the name as often */
} look_up;

static void look_up_run(void *arg)
{
    look_up        *job = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(job->host, NULL, &hints, &found) != 0)
        return;
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) !=
            0)
            continue;
        bool first = job->addresses == NULL;
        job->addresses = first ? nu_fmt("%s", text) : nu_fmt("%s,%s", job->addresses, text);
        job->hosts = first ? job->host : nu_fmt("%s,%s", job->hosts, job->host);
    }
    freeaddrinfo(found);
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* A socket's folder, an address, several hosts: libpq needs no name server, or is left to it. */
static NU_WAITS look_up find_addresses(const char *url)
{
    look_up job = {.host = nu__pg_keyword(url, "host")};
    if (nu__fiber_self() == NULL || job.host == NULL || strchr("/@", *job.host) != NULL ||
        strchr(job.host, ',') != NULL || is_address(job.host) ||
        nu__pg_keyword(url, "hostaddr") != NULL)
        return job;
    nu_offload(look_up_run, &job);
    return job;
}

/* ---- what the connection is asked to be ----------------------------------------------------- */

enum { MAX_KEYWORDS = 16 };

typedef struct keywords {
    const char *names[MAX_KEYWORDS + 1], *values[MAX_KEYWORDS + 1];
    int         count;
} keywords;

static void add(keywords *list, const char *name, const char *value)
{
    list->names[list->count] = name;
    list->values[list->count++] = value;
}

/* What stands before "dbname" gives way to the URL, what stands behind it does not. A peer that has
 * gone without a word is noticed after about a minute, not after the system's two hours. */
static NU_WAITS PGconn *start(const nu_database_options *options)
{
    keywords list = {.count = 0};
    look_up  found = find_addresses(options->url);
    add(&list, "fallback_application_name", options->application_name);
    add(&list, "keepalives_idle", "30");
    add(&list, "keepalives_interval", "10");
    add(&list, "keepalives_count", "3");
    add(&list, "tcp_user_timeout", "60000");
    add(&list, "dbname", options->url);
    if (found.addresses != NULL) {
        add(&list, "host", found.hosts);
        add(&list, "hostaddr", found.addresses);
    }
    add(&list, "client_encoding", "UTF8");
    return nu__pq.connectStartParams(list.names, list.values, 1);
}

/* ---- the way -------------------------------------------------------------------------------- */

/* Warnings go to the log; notices ("table does not exist, skipping") do not. A server that stops tells
 * idle connections before it hangs up. */
void nu__pg_notice(void *arg, const PGresult *result)
{
    pg_connection *connection = arg;
    const char    *severity = nu__pq.resultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char    *message = nu__pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (severity == NULL || message == NULL)
        return;
    if (strcmp(severity, "WARNING") == 0)
        nu_warning("db", "PostgreSQL: %s", message);
    connection->dying = connection->dying || strcmp(severity, "FATAL") == 0;
}

static int64_t time_out_ms(const nu_database_options *options)
{
    int64_t     seconds;
    const char *given = nu__pg_keyword(options->url, "connect_timeout");
    if (given != NULL && nu_parse_int(given, strlen(given), &seconds) && seconds > 0 &&
        seconds < 86400)
        return seconds * 1000;
    return options->connect_timeout_ms;
}

/* False when the time is over. */
static NU_WAITS bool shake_hands(PGconn *handle, int64_t ms)
{
    int64_t                   until = nu_monotonic_us() + ms * 1000;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        int     fd = nu__pq.socket(handle);
        int64_t left = (until - nu_monotonic_us()) / 1000;
        bool    ready = left > 0 && (next == PGRES_POLLING_READING ? nu_wait_readable(fd, left)
                                                                   : nu_wait_writable(fd, left));
        if (!ready)
            return false;
        next = nu__pq.connectPoll(handle);
    }
    return true;
}

static NU_WAITS bool shake_hands_caught(PGconn *handle, int64_t ms)
{
    bool volatile in_time = false;
    NU_TRY {
        in_time = shake_hands(handle, ms);
    }
    NU_CATCH (error) {
        nu__pq.finish(handle);
        nu_reraise(error);
    }
    return in_time;
}

static PGconn *fail_late(PGconn *handle, int64_t ms, nu_db_error *error)
{
    *error = (nu_db_error){
        .kind = NU_OPERATIONAL_ERROR,
        .state = "08001",
        .fact = "cannot connect to the database",
        .detail = nu_fmt("The server did not answer within %d ms.", (int)ms),
        .hint = "Is the host right? Does a firewall stand between? The option connect_timeout_ms "
                "says how long to wait.",
        .broken = true,
    };
    nu__pq.finish(handle);
    return NULL;
}

PGconn *nu__pg_connect(const nu_database_options *options, nu_db_error *error)
{
    int64_t ms = time_out_ms(options);
    PGconn *handle = start(options);
    if (handle != NULL && nu__pq.status(handle) != CONNECTION_BAD &&
        !shake_hands_caught(handle, ms))
        return fail_late(handle, ms, error);
    if (handle != NULL && nu__pq.status(handle) == CONNECTION_OK &&
        nu__pq.setnonblocking(handle, 1) == 0 && nu__pq.enterPipelineMode(handle) == 1)
        return handle;
    nu__pg_error_connect(handle, options, error);
    nu__pq.finish(handle);
    return NULL;
}
