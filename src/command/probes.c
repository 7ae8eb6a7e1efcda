/* What machines ask a site, answered before any middleware: they come by address, not by name.
 *
 *      /-/health   this worker answers
 *      /-/ready    it may be given requests: it is not about to end, and its database answers
 *      /-/metrics  the server's figures for Prometheus, where the settings say so */
#include <string.h>

#include "command/serving.h"
#include "nuages/crypto.h"
#include "nuages/database.h"
#include "nuages/fiber.h"
#include "nuages/log.h"
#include "web/internal.h"

enum { PATIENCE_MS = 1000 };

static nu_response *say_plainly(int status, const char *text)
{
    nu_response *response = nu_text_response(text);
    nu_response_set_status(response, status);
    nu_response_set_header(response, "Cache-Control", "no-store");
    return response;
}

static bool database_answers(void)
{
    nu_database *db = nu_database_find(NULL);
    if (db == NULL)
        return true;
    NU_TRY {
        NU_DEADLINE(PATIENCE_MS) {
            return nu_sql_value(db, "SELECT 1").integer == 1;
        }
    }
    NU_CATCH (error) {
        nu_warning("server", "not ready: %s", error->fact);
    }
    return false;
}

static nu_response *ready(void)
{
    if (nu_server_is_draining())
        return say_plainly(503, "ending\n");
    return database_answers() ? say_plainly(200, "ready\n")
                              : say_plainly(503, "the database does not answer\n");
}

static bool may_see_figures(nu_request *request)
{
    static const char scheme[] = "Bearer ";
    const char       *wanted = nu_settings_current()->metrics_token;
    const char       *given = nu_request_header(request, "Authorization");
    if (wanted == NULL)
        return true;
    return given != NULL && strncmp(given, scheme, sizeof scheme - 1) == 0 &&
           nu_equal_secret(given + sizeof scheme - 1, strlen(given) - (sizeof scheme - 1), wanted,
                           strlen(wanted));
}

static nu_response *figures(nu_request *request)
{
    if (!may_see_figures(request)) {
        nu_response *refusal = say_plainly(401, "a token is needed\n");
        nu_response_set_header(refusal, "WWW-Authenticate", "Bearer");
        return refusal;
    }
    nu_response *response = say_plainly(200, nu_server_figures());
    nu_response_set_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
}

nu_response *nu__probe_or_site(nu_request *request, void *unused)
{
    const char *path = nu_request_path(request);
    if (path[0] != '/' || path[1] != '-' || path[2] != '/')
        return nu__site_handle(request, unused);
    if (strcmp(path, "/-/health") == 0)
        return say_plainly(200, "ok\n");
    if (strcmp(path, "/-/ready") == 0)
        return ready();
    if (strcmp(path, "/-/metrics") == 0 && nu_settings_current()->metrics)
        return figures(request);
    return nu__site_handle(request, unused);
}
