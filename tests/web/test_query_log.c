/* What a site in development tells of its statements. */
#include "site.h"

#include <string.h>
#include <unistd.h>

#include "nuages/database.h"
#include "nuages/log.h"
#include "nuages/text.h"
#include "nuages/url.h"

static int line_that_asks;

static nu_response *ask(nu_request *request)
{
    const char *times = nu_request_get(request, "times");
    for (int64_t i = 0; i < nu_int(NU_V(times)); i++) {
        line_that_asks = __LINE__ + 1;
        nu_sql_rows(NULL, "SELECT ? AS n", i);
    }
    return nu_text_response("done");
}

static const nu_route routes[] = {NU_PATH("ask/", ask), {0}};

/* The log lines of one request. */
static const char *log_of(const char *url, nu_level level, bool debug)
{
    int ends[2];
    if (pipe(ends) != 0)
        return "no pipe";
    SITE(.urls = routes, .debug = debug, .database = "sqlite::memory:");
    nu_log_setup(&(nu_log_options){.level = level, .fd = ends[1], .colour = -1});
    nu_client_get(nu_client_new(), url);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_OFF});
    nu_query_watch(NULL, NULL);
    close(ends[1]);
    char   *text = nu_alloc(16384);
    ssize_t length = read(ends[0], text, 16383);
    close(ends[0]);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

TEST(statements_are_logged_with_the_line_that_asked)
{
    const char *log = log_of("/ask/?times=1", NU_LOG_DEBUG, true);
    CHECK_CONTAINS(log, "1 rows, at ");
    CHECK_CONTAINS(log, nu_fmt("test_query_log.c:%d: SELECT ? AS n", line_that_asks));
    CHECK(strstr(log, "again and again") == NULL);
    CHECK(strstr(log_of("/ask/?times=1", NU_LOG_DEBUG, false), "SELECT") == NULL);
}

TEST(a_repeated_statement_is_pointed_out_once)
{
    const char *log = log_of("/ask/?times=12", NU_LOG_WARNING, true);
    CHECK_CONTAINS(log, nu_fmt("test_query_log.c:%d runs one statement again and again, 5 times",
                               line_that_asks));
    CHECK_CONTAINS(log, "nu_prefetch_related");
    const char *first = strstr(log, "again and again");
    CHECK(first != NULL && strstr(first + 1, "again and again") == NULL);
    CHECK(strstr(log_of("/ask/?times=4", NU_LOG_WARNING, true), "again") == NULL);
    CHECK(strstr(log_of("/ask/?times=12", NU_LOG_WARNING, false), "again") == NULL);
}
