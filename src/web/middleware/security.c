#include "web/internal.h"
#include "web/standing.h"

static nu_response *redirect_to_https(nu_request *request)
{
    const nu_settings *s = nu_settings_current();
    if (!s->ssl_redirect || nu_request_is_secure(request))
        return NULL;
    return nu_redirect_permanently_to(
        nu_fmt("https://%s%s", nu_request_host(request), nu_request_full_path(request, false)));
}

static nu_response *add_headers(nu_request *request, nu_response *response)
{
    const nu_settings *s = nu_settings_current();
    if (s->hsts_seconds > 0 && nu_request_is_secure(request))
        nu_response_default_header(response, "Strict-Transport-Security",
                                   nu_fmt("max-age=%d", s->hsts_seconds));
    nu__standing_add(response, NU_STANDING_NO_SNIFF);
    nu__standing_add(response, NU_STANDING_REFERRER);
    nu__standing_add(response, NU_STANDING_OPENER);
    return response;
}

const nu_middleware nu_security_middleware = {
    .name = "security",
    .in = redirect_to_https,
    .out = add_headers,
};
