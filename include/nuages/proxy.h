/* Handing a request on to another site: how a team moves from Django one page at a time.
 *
 *      s->fallback = "http://127.0.0.1:8001";    what no route matches, the other site answers
 *
 *      nu_response *shop(nu_request *request)    or a part of the site by hand
 *      {
 *          return nu_proxy(request, "http://127.0.0.1:8001");
 *      }
 *
 * Both bodies stream, connections to the other site are kept. It sees the client's Host and cookies, and
 * X-Forwarded-For, -Proto and -Host; fields that concern one connection only (RFC 9110 7.6.1) stay
 * behind. A WebSocket goes through as it is, if the other site takes it. */
#pragma once

#include "nuages/response.h"

/* The other site's answer to this request, whatever its status. `upstream` is scheme and host, and a
 * path prefix if need be, without a "/" at the end; "unix:/run/site.sock" for a Unix socket. Raises
 * FetchError (502) if it does not answer, Timeout (503) after a minute of silence. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_response *nu_proxy(nu_request *request,
                                                            const char *upstream);

/* A response with status 101 after which the connection is a tunnel (RFC 9110 7.8): bytes go from the
 * client to the stream socket `fd` and back, whatever they mean, until either side ends. `protocol` is what
 * the Upgrade field says, `early` (NULL: nothing) what `fd` has sent already; it is copied. The response owns
 * `fd`, which must not block. Over HTTP/2 only for WebSockets, whose stream it is then (RFC 8441): others get
 * 426. When the worker ends, a tunnel that is silent for a second is closed at both sides. */
NU_PUBLIC NU_RETURNS_NONNULL nu_response *nu_tunnel(int fd, const char *protocol, const void *early,
                                                    size_t length);
