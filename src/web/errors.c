/* What an error becomes: a log line and a response. */
#include "web/internal.h"

#include <string.h>

#include "nuages/log.h"

static void log_error(nu_request *request, const nu_error *error, int status)
{
    const char *method = nu_request_method(request);
    const char *path = nu_request_path(request);
    if (status < 500) {
        nu_warning("request", "%d %s %s: %s", status, method, path, error->fact);
        return;
    }
    nu_log_error("request", "%s %s raised %s", method, path, error->kind->name);
    nu_log_raised("request", error);
}

static nu_view own_page(int status)
{
    const nu_settings *s = nu_settings_current();
    switch (status) {
    case 400: return s->bad_request;
    case 403: return s->forbidden;
    case 404: return s->not_found;
    case 500: return s->server_error;
    default: return NULL;
    }
}

static nu_response *respond(nu_request *request, const nu_error *error, int status)
{
    if (nu_settings_current()->debug && (status >= 500 || status == 404 || status == 400))
        return nu__debug_page(request, error, status);
    nu_view own = own_page(status);
    if (own == NULL)
        return nu__error_page(request, status, error);
    nu_response *response = own(request);
    if (response == NULL)
        nu_raise(NU_VALUE_ERROR, "the site's own page for status %d is NULL", status);
    if (nu_response_status(response) == 200)
        nu_response_set_status(response, status);
    return response;
}

nu_response *nu__error_response(nu_request *request, const nu_error *error)
{
    nu_response *volatile response = NULL;
    int status = nu_kind_status(error->kind);
    log_error(request, error, status);
    NU_TRY {
        response = respond(request, error, status);
    }
    NU_CATCH (second) {
        /* The page itself failed: say so in the log and answer with what cannot fail. */
        nu_log_raised("request", second);
        response = nu_text_response(nu_fmt("%d %s\n", status, nu_status_reason(status)));
        nu_response_set_status(response, status);
    }
    if (status == 405 && error->data != NULL)
        nu_response_set_header(response, "Allow", error->data);
    if (status == 503)
        nu_response_default_header(response, "Retry-After", "5");
    return response;
}
