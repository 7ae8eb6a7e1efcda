/* How the client reached us: scheme, host, port, and addresses built from them. */
#include "http/internal.h"

#include "nuages/uri.h"

#include <string.h>

/* Fields of a proxy count from anybody when nobody is named, as in Django. */
static bool believes(const nu_request *req)
{
    return req->options->trusted_proxies == NULL || req->by_proxy;
}

bool nu_request_is_secure(const nu_request *req)
{
    const nu_http_options *options = req->options;
    if (req->forwarded_scheme != NULL)
        return nu_equal_ascii_nocase(req->forwarded_scheme, strlen(req->forwarded_scheme), "https",
                                     5);
    const char *sent = options->secure_header != NULL && believes(req)
                           ? nu_headers_value(&req->headers, options->secure_header)
                           : NULL;
    if (sent == NULL)
        return strcmp(req->scheme, "https") == 0;
    /* Proxies append: the first value is that of the outermost one, which faced the client. */
    size_t length = strcspn(sent, ",");
    while (length > 0 && (sent[length - 1] == ' ' || sent[length - 1] == '\t'))
        length--;
    const char *wanted = options->secure_value != NULL ? options->secure_value : "https";
    return strlen(wanted) == length && memcmp(sent, wanted, length) == 0;
}

const char *nu_request_scheme(const nu_request *req)
{
    return nu_request_is_secure(req) ? "https" : "http";
}

const char *nu_request_port(const nu_request *req)
{
    const char *sent = nu_headers_value_at(&req->headers, NU_HEADER_X_FORWARDED_PORT);
    if (sent != NULL && req->options->use_forwarded_port && believes(req))
        return sent;
    if (req->server_port != NULL)
        return req->server_port;
    return nu_request_is_secure(req) ? "443" : "80";
}

/* Unchecked: what the client, or the proxy we trust, says. */
static const char *claimed_host(const nu_request *req)
{
    const char *forwarded = nu_headers_value_at(&req->headers, NU_HEADER_X_FORWARDED_HOST);
    if (req->forwarded_host != NULL)
        return req->forwarded_host;
    if (forwarded != NULL && req->options->use_forwarded_host && believes(req))
        return forwarded;
    const char *host = nu_headers_value_at(&req->headers, NU_HEADER_HOST);
    if (host != NULL)
        return host;
    const char *port = nu_request_port(req);
    const char *usual = nu_request_is_secure(req) ? "443" : "80";
    if (strcmp(port, usual) == 0)
        return req->server_name;
    return nu_fmt("%s:%s", req->server_name, port);
}

static const char *const *allowed_hosts(const nu_http_options *options)
{
    static const char *const nobody[] = {NULL};
    static const char *const developer[] = {".localhost", "127.0.0.1", "[::1]", NULL};
    if (options->allowed_hosts != NULL && options->allowed_hosts[0] != NULL)
        return options->allowed_hosts;
    return options->debug ? developer : nobody;
}

const char *nu_request_host(const nu_request *req)
{
    const char        *host = claimed_host(req), *domain, *port;
    const char *const *allowed = allowed_hosts(req->options);
    if (nu__host_is_listed(host, allowed))
        return host;
    nu_host_split(host, &domain, &port);
    if (domain[0] != '\0' && nu_host_allowed(domain, allowed))
        return host;
    nu_error *error = nu_error_new(NU_SUSPICIOUS, "the host \"%s\" is not allowed", host);
    if (domain[0] != '\0')
        error->hint = nu_fmt("Add \"%s\" to allowed_hosts in the settings.", domain);
    else
        error->detail = "The host name given is not valid according to RFC 1034 and 1035.";
    nu_throw(error);
}

static const char *site(const nu_request *req)
{
    return nu_fmt("%s://%s", nu_request_scheme(req), nu_request_host(req));
}

const char *nu_request_absolute(const nu_request *req, const char *location)
{
    const char *uri;
    if (location == NULL)
        location = nu_fmt("//%s", nu_request_full_path(req, false));
    nu_uri parts = nu_uri_split(location);
    bool   has_host = parts.authority != NULL && parts.authority[0] != '\0';
    bool   simple = parts.path[0] == '/' && parts.scheme == NULL && !has_host &&
                  strstr(parts.path, "/./") == NULL && strstr(parts.path, "/../") == NULL;
    if (parts.scheme != NULL && has_host)
        uri = location;
    else if (simple)
        uri = nu_fmt("%s%s", site(req), location + (parts.authority != NULL ? 2 : 0));
    else
        uri = nu_uri_resolve(nu_fmt("%s%s", site(req), req->path), location);
    return nu_uri_from_iri(uri, strlen(uri));
}
