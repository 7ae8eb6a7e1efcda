#include "nuages/response.h"
#include "nuages/settings.h"

#include "session.h"

static const char slot[] = "session";

static nu_response *begin(nu_request *request)
{
    const char *cookie = nu_request_cookie(request, nu_settings_current()->session_cookie_name);
    nu_session *session = nu__session_new(nu_request_arena(request), cookie);
    nu_request_set_data(request, slot, nu_value_object(session));
    return NULL;
}

nu_session *nu_request_session(nu_request *request)
{
    nu_session *session = nu_request_object(request, slot);
    if (session == NULL) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "this request has no session");
        error->hint = "Add &nu_session_middleware to s->middleware.";
        nu_throw(error);
    }
    return session;
}

static void forget_cookie(nu_response *response)
{
    const nu_settings *s = nu_settings_current();
    nu_delete_cookie(response, s->session_cookie_name, .path = s->session_cookie_path,
                     .domain = s->session_cookie_domain, .samesite = "Lax");
}

static void send_cookie(nu_session *session, nu_response *response)
{
    const nu_settings *s = nu_settings_current();
    nu_set_cookie(response, s->session_cookie_name, nu_session_key(session),
                  .max_age =
                      nu__session_ends_with_browser(session) ? 0 : nu_session_expiry_age(session),
                  .path = s->session_cookie_path, .domain = s->session_cookie_domain,
                  .secure = s->session_cookie_secure, .httponly = true, .samesite = "Lax");
}

static nu_response *finish(nu_request *request, nu_response *response)
{
    const nu_settings *s = nu_settings_current();
    nu_session        *session = nu_request_session(request);
    if (!session->accessed && !session->modified && !session->saved &&
        !s->session_save_every_request)
        return response;
    nu_response_vary(response, "Cookie");
    if (nu_session_is_empty(session)) {
        if (nu_request_cookie(request, s->session_cookie_name) != NULL)
            forget_cookie(response);
        return response;
    }
    bool wanted = session->modified || session->saved || s->session_save_every_request;
    /* A view that failed leaves the session as it was. */
    if (!wanted || nu_response_status(response) >= 500)
        return response;
    if (session->modified || s->session_save_every_request)
        nu_session_save(session);
    send_cookie(session, response);
    return response;
}

const nu_middleware nu_session_middleware = {.name = "session", .in = begin, .out = finish};
