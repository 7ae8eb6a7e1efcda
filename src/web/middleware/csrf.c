/* Cross-site request forgery protection, as Django's CsrfViewMiddleware.
 *
 * The browser holds a secret in a cookie; a form repeats it, under a fresh mask on every page so
 * that compression cannot leak it (BREACH). A request that changes something must bring both,
 * and come from an origin that is ours. */
#include "web/internal.h"

#include <string.h>

#include "nuages/log.h"
#include "nuages/signing.h"
#include "nuages/text.h"
#include "nuages/uri.h"

/* Hung on the request; templates cannot reach names with a leading underscore. */
static const char secret_slot[] = "_csrf_secret";
static const char send_slot[] = "_csrf_send";

/* ---- the secret ------------------------------------------------------------------------------ */

/* The secret of the cookie, NULL if it has none or a malformed one. */
static const char *secret_of_cookie(nu_request *request)
{
    const char *cookie = nu_request_cookie(request, nu_settings_current()->csrf_cookie_name);
    if (cookie == NULL || !nu_csrf_is_token(cookie))
        return NULL;
    return nu_csrf_unmask(cookie);
}

static const char *known_secret(nu_request *request)
{
    nu_value secret = nu_request_data(request, secret_slot);
    return nu_is_text(secret) ? secret.text : NULL;
}

const char *nu__csrf_token(nu_request *request)
{
    const char *secret = known_secret(request);
    if (secret == NULL && (secret = secret_of_cookie(request)) == NULL)
        secret = nu_csrf_secret_new();
    nu_request_set_data(request, secret_slot, nu_value_text(secret));
    /* Sent even if the client has it, so that it does not expire while it is in use. */
    nu_request_set_data(request, send_slot, nu_value_bool(true));
    return nu_csrf_mask(secret);
}

void nu__csrf_rotate(nu_request *request)
{
    nu_request_set_data(request, secret_slot, nu_value_text(nu_csrf_secret_new()));
    nu_request_set_data(request, send_slot, nu_value_bool(true));
}

/* ---- the origin ------------------------------------------------------------------------------ */

/* Trusted origins read "https://example.com", or with "*." before the host for all below it. */
static bool is_trusted(const char *scheme, const char *host)
{
    const char *const *trusted = nu_settings_current()->csrf_trusted_origins;
    size_t             length = strlen(scheme);
    for (; trusted != NULL && *trusted != NULL; trusted++) {
        if (strncmp(*trusted, scheme, length) != 0 || strncmp(*trusted + length, "://", 3) != 0)
            continue;
        const char *pattern = *trusted + length + 3;
        if (nu_host_matches(host, *pattern == '*' ? pattern + 1 : pattern))
            return true;
    }
    return false;
}

/* NULL if the Origin field names us or a site that we trust, else the reason. */
static const char *check_origin(nu_request *request, const char *origin)
{
    const char *own = nu_fmt("%s://%s", nu_request_scheme(request), nu_request_host(request));
    if (strcmp(origin, own) == 0)
        return NULL;
    nu_uri parts = nu_uri_split(origin);
    if (parts.scheme != NULL && parts.authority != NULL &&
        is_trusted(parts.scheme, parts.authority))
        return NULL;
    return nu_fmt("the request comes from %s, which is not among the trusted origins", origin);
}

/* An https page is only left for an https page, so its forms carry a Referer when the browser sends
 * no Origin. */
static const char *check_referer(nu_request *request)
{
    const char *referer = nu_request_header(request, "Referer");
    if (referer == NULL)
        return "the request has neither Origin nor Referer";
    nu_uri parts = nu_uri_split(referer);
    if (parts.scheme == NULL || parts.authority == NULL || *parts.authority == '\0')
        return "the Referer is malformed";
    if (strcmp(parts.scheme, "https") != 0)
        return "the Referer is an insecure page while this one is secure";
    if (is_trusted("https", parts.authority) ||
        strcmp(parts.authority, nu_request_host(request)) == 0)
        return NULL;
    return nu_fmt("the Referer %s is not among the trusted origins", referer);
}

/* ---- the token ------------------------------------------------------------------------------- */

static const char *check_token(nu_request *request)
{
    const char *secret = secret_of_cookie(request);
    if (secret == NULL)
        return "the CSRF cookie is missing";
    const char *token =
        nu_request_is(request, "POST") ? nu_request_post(request, "csrfmiddlewaretoken") : NULL;
    if (token == NULL || *token == '\0')
        token = nu_request_header(request, nu_settings_current()->csrf_header_name);
    if (token == NULL || *token == '\0')
        return "the form has no CSRF token";
    if (!nu_csrf_is_token(token))
        return "the CSRF token is malformed";
    if (!nu_csrf_equal(token, secret))
        return "the CSRF token does not belong to the cookie";
    return NULL;
}

static bool is_safe(nu_request *request)
{
    return nu_request_is(request, "GET") || nu_request_is(request, "HEAD") ||
           nu_request_is(request, "OPTIONS") || nu_request_is(request, "TRACE");
}

static nu_response *refuse(nu_request *request, const char *reason)
{
    const nu_settings *s = nu_settings_current();
    nu_error          *error = nu_error_new(NU_PERMISSION_DENIED, "%s", reason);
    error->detail =
        "A form of this site must hold {% csrf_token %}, and the browser must accept its cookie.";
    error->hint = "Reload the page that holds the form and send it again.";
    nu_warning("csrf", "refused %s %s: %s", nu_request_method(request), nu_request_path(request),
               reason);
    if (s->csrf_failure != NULL) {
        nu_request_set_data(request, "csrf_reason", nu_value_text(reason));
        nu_response *own = s->csrf_failure(request);
        if (own != NULL) /* NULL would let the request through */
            return own;
    }
    return nu__error_page(request, 403, error);
}

static nu_response *check_request(nu_request *request, const nu_match *match)
{
    if (is_safe(request) || match->csrf_exempt)
        return NULL;
    const char *origin = nu_request_header(request, "Origin");
    const char *reason = NULL;
    if (origin != NULL)
        reason = check_origin(request, origin);
    else if (nu_request_is_secure(request))
        reason = check_referer(request);
    if (reason == NULL)
        reason = check_token(request);
    return reason != NULL ? refuse(request, reason) : NULL;
}

static nu_response *send_cookie(nu_request *request, nu_response *response)
{
    const nu_settings *s = nu_settings_current();
    if (!nu_request_has_data(request, send_slot))
        return response;
    nu_set_cookie(response, s->csrf_cookie_name, known_secret(request),
                  .max_age = s->csrf_cookie_age, .secure = s->csrf_cookie_secure,
                  .samesite = "Lax");
    nu_response_vary(response, "Cookie");
    return response;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static void check_settings(const nu_settings *settings)
{
    const char *const *origin = settings->csrf_trusted_origins;
    for (; origin != NULL && *origin != NULL; origin++)
        if (!nu_starts_with(*origin, "https://") && !nu_starts_with(*origin, "http://")) {
            nu_error *error = nu_error_new(
                NU_CONFIG_ERROR,
                "the setting \"csrf_trusted_origins\" holds \"%s\", which has no scheme", *origin);
            error->hint = nu_fmt("Write \"https://%s\".", *origin);
            nu_throw(error);
        }
}

const nu_middleware nu_csrf_middleware = {
    .name = "csrf",
    .view = check_request,
    .out = send_cookie,
    .check = check_settings,
};
