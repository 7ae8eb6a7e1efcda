/* What the parts of the proxy share: proxy.c for ordinary requests, proxy_upgrade.c for those that leave
 * HTTP, such as WebSockets. */
#pragma once

#include "nuages/proxy.h"
#include "web/internal.h"

/* False for fields about one connection only (RFC 9110 7.6.1), and those that its Connection field names. */
bool nu__goes_on(const nu_headers *headers, const nu_header *field);
/* The fields of a request as the other site gets them, with X-Forwarded-*. */
nu_pairs nu__forwarded_fields(nu_request *request);

/* True for a GET that asks to go on with another protocol (RFC 9110 7.8). */
bool nu__wants_upgrade(nu_request *request);
/* Asks the other site; its answer, and a tunnel to it if that is 101. Raises as nu_proxy does. */
NU_WAITS nu_response *nu__proxy_upgrade(nu_request *request, const char *upstream);
