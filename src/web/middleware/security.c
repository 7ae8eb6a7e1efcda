#include "web/internal.h"

static nu_response *redirect_to_https(nu_request *request)
{
    const nu_settings *s = nu_settings_current();
    if (!s->ssl_redirect || nu_request_is_secure(request))
        return NULL;
    return nu_redirect_permanently_to(
        nu_fmt("https://%s%s", nu_request_host(request), nu_request_full_path(request, false)));
}

static void set_default(nu_response *response, nu_header_id id, const char *value)
{
    if (*value != '\0')
        nu_response_default_header_at(response, id, value);
}

static nu_response *add_headers(nu_request *request, nu_response *response)
{
    const nu_settings *s = nu_settings_current();
    if (s->hsts_seconds > 0 && nu_request_is_secure(request))
        set_default(response, NU_HEADER_STRICT_TRANSPORT_SECURITY,
                    nu_fmt("max-age=%d", s->hsts_seconds));
    set_default(response, NU_HEADER_X_CONTENT_TYPE_OPTIONS, "nosniff");
    set_default(response, NU_HEADER_REFERRER_POLICY, s->referrer_policy);
    set_default(response, NU_HEADER_CROSS_ORIGIN_OPENER_POLICY, s->opener_policy);
    return response;
}

const nu_middleware nu_security_middleware = {
    .name = "security",
    .in = redirect_to_https,
    .out = add_headers,
};
