/* What an error becomes: a log line and a response. */
#include "web/internal.h"

#include <string.h>

#include "nuages/log.h"
#include "nuages/time.h"

/* Places that raise what ends in 503, and when their stack was logged last. */
struct known_place {
    const char *file;
    int         line;
    int64_t     logged; /* moment of nu_monotonic_us */
};

enum {
    PLACES = 8,
    STACK_EVERY_S = 60,
};

/* While the database is away each request meets the same error: its stack says nothing new. */
static bool is_news(const nu_error *error)
{
    static struct known_place places[PLACES];
    struct known_place       *oldest = &places[0];
    int64_t                   now = nu_monotonic_us();
    for (size_t i = 0; i < PLACES; i++) {
        struct known_place *place = &places[i];
        if (place->file == error->file && place->line == error->line &&
            now - place->logged < STACK_EVERY_S * NU_SECOND)
            return false;
        if (place->logged < oldest->logged)
            oldest = place;
    }
    *oldest = (struct known_place){error->file, error->line, now};
    return true;
}

static void log_error(nu_request *request, const nu_error *error, int status)
{
    const char *method = nu_request_method(request);
    const char *path = nu_request_path(request);
    if (status < 500) {
        nu_warning("request", "%d %s %s: %s", status, method, path, error->fact);
        return;
    }
    if (status == 503) {
        nu_log_error("request", "503 %s %s: %s: %s", method, path, error->kind->name, error->fact);
        if (is_news(error))
            nu_log_raised("request", error);
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
