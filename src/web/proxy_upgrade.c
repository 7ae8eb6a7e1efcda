/* A request to change the protocol, handed on to another site: over a socket of its own, since HTTP ends on
 * it with the answer. */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "nuages/fetch.h"
#include "nuages/fiber.h"
#include "nuages/text.h"
#include "nuages/uri.h"
#include "web/proxy.h"

enum { PATIENCE_MS = 10000, HEAD_MAX = 32 << 10, BODY_MAX = 64 << 10 };

bool nu__wants_upgrade(nu_request *request)
{
    return nu_request_is(request, "GET") && nu_request_header(request, "Upgrade") != NULL &&
           nu_header_lists(nu_request_header(request, "Connection"), "upgrade", 7);
}

/* ---- the socket ---------------------------------------------------------------------------------- */

typedef struct upstream {
    const char *shown; /* for messages */
    int         fd;    /* -1: none, or no longer ours */
} upstream;

static NU_NORETURN void no_reply(const upstream *to, const char *reason)
{
    nu_raise(NU_FETCH_ERROR, "no reply from \"%s\": %s", to->shown, reason);
}

static void close_upstream(void *arg)
{
    upstream *to = arg;
    if (to->fd >= 0)
        close(to->fd);
    to->fd = -1;
}

static bool connected(upstream *to, const struct sockaddr *address, socklen_t length)
{
    to->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (to->fd < 0)
        return false;
    int       error = connect(to->fd, address, length) == 0 ? 0 : errno;
    socklen_t size = sizeof error;
    if (error == EINPROGRESS && nu_wait_writable(to->fd, PATIENCE_MS))
        getsockopt(to->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0)
        return true;
    close_upstream(to);
    errno = error;
    return false;
}

static void connect_unix(upstream *to, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        no_reply(to, "the path of its socket is too long");
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (!connected(to, (struct sockaddr *)&address, sizeof address))
        no_reply(to, strerror(errno));
}

struct look_up {
    const char      *host, *port;
    struct addrinfo *found;
    int              status;
};

static void look_up(void *arg)
{
    struct look_up *asked = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    asked->status = getaddrinfo(asked->host, asked->port, &hints, &asked->found);
}

static void free_addresses(void *found)
{
    freeaddrinfo(found);
}

static void connect_tcp(upstream *to, const char *host, const char *port)
{
    struct look_up *asked = nu_alloc(sizeof *asked);
    *asked = (struct look_up){.host = host, .port = port};
    nu_offload(look_up, asked);
    if (asked->status != 0)
        no_reply(to, gai_strerror(asked->status));
    nu_arena_defer(nu_arena_current(), free_addresses, asked->found);
    for (const struct addrinfo *at = asked->found; at != NULL; at = at->ai_next)
        if (connected(to, at->ai_addr, at->ai_addrlen)) {
            setsockopt(to->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
            return;
        }
    no_reply(to, strerror(errno));
}

/* Without the brackets of an IPv6 address. */
static const char *bare_host(const char *host)
{
    size_t length = strlen(host);
    return host[0] == '[' && length > 2 ? nu_fmt("%.*s", (int)length - 2, host + 1) : host;
}

static const char *connect_to(upstream *to, const char *address)
{
    static const char unix_scheme[] = "unix:";
    if (strncmp(address, unix_scheme, sizeof unix_scheme - 1) == 0) {
        connect_unix(to, address + sizeof unix_scheme - 1);
        return "";
    }
    nu_uri      uri = nu_uri_split(address);
    const char *host = "", *port = "";
    if (uri.authority != NULL)
        nu_host_split(uri.authority, &host, &port);
    if (uri.scheme == NULL || strcmp(uri.scheme, "http") != 0 || *host == '\0')
        no_reply(to, "a change of protocol is handed on to http:// and unix: only");
    connect_tcp(to, bare_host(host), *port != '\0' ? port : "80");
    return uri.path;
}

/* ---- question and answer ------------------------------------------------------------------------- */

static void send_all(upstream *to, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(to->fd, bytes, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            if (!nu_wait_writable(to->fd, PATIENCE_MS))
                nu_raise(NU_TIMEOUT, "\"%s\" takes no request", to->shown);
        } else if (n < 0 && errno != EINTR) {
            no_reply(to, strerror(errno));
        } else if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
}

/* Reads more behind what `in` holds; false at the end. */
static bool read_more(upstream *to, nu_builder *in)
{
    char piece[2048];
    for (;;) {
        ssize_t n = recv(to->fd, piece, sizeof piece, 0);
        if (n >= 0) {
            nu_builder_add(in, piece, (size_t)n);
            return n > 0;
        }
        if (errno == EAGAIN && !nu_wait_readable(to->fd, PATIENCE_MS))
            nu_raise(NU_TIMEOUT, "no reply from \"%s\" in time", to->shown);
        if (errno != EAGAIN && errno != EINTR)
            no_reply(to, strerror(errno));
    }
}

static void ask(upstream *to, nu_request *request, const char *prefix)
{
    nu_pairs    fields = nu__forwarded_fields(request);
    const char *query = nu_request_query_string(request);
    nu_builder  out;
    nu_builder_init(&out, NULL, 1024);
    nu_builder_printf(&out, "GET %s%s%s%s HTTP/1.1\r\n", prefix, nu_request_raw_path(request),
                      *query != '\0' ? "?" : "", query);
    for (size_t i = 0; i < fields.count; i++)
        nu_builder_printf(&out, "%s: %s\r\n", fields.items[i].key,
                          nu_value_str(fields.items[i].value).text);
    nu_builder_printf(&out, "Connection: Upgrade\r\nUpgrade: %s\r\n\r\n",
                      nu_request_header(request, "Upgrade"));
    send_all(to, out.data, out.length);
}

/* The length of the answer's head, with the empty line. */
static size_t read_head(upstream *to, nu_builder *in)
{
    for (;;) {
        const char *end = memmem(in->data, in->length, "\r\n\r\n", 4);
        if (end != NULL)
            return (size_t)(end - in->data) + 4;
        if (in->length > HEAD_MAX)
            no_reply(to, "the head of its answer is too large");
        if (!read_more(to, in))
            no_reply(to, "it closed the connection");
    }
}

/* "HTTP/1.1 101 …" */
static int read_status(const upstream *to, const char *head, size_t length)
{
    int status = 0;
    if (length < 12 || memcmp(head, "HTTP/1.", 7) != 0 || head[8] != ' ' ||
        (status = atoi(head + 9)) < 101 || status > 599)
        no_reply(to, "its answer is no HTTP");
    return status;
}

static void read_fields(const upstream *to, nu_headers *headers, const char *at, const char *end)
{
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        const char *colon = memchr(at, ':', (size_t)(stop - at));
        if (colon == NULL || colon == at || memchr(at, '\0', (size_t)(stop - at)) != NULL)
            no_reply(to, "a line of its head is no field");
        const char *value = colon + 1, *value_end = stop;
        while (value < value_end && (*value == ' ' || *value == '\t'))
            value++;
        while (value_end > value && (value_end[-1] == ' ' || value_end[-1] == '\t'))
            value_end--;
        nu_headers_add(headers, nu_fmt("%.*s", (int)(colon - at), at),
                       nu_fmt("%.*s", (int)(value_end - value), value));
        at = stop + 2;
    }
}

static void copy_fields(nu_response *response, const nu_headers *headers)
{
    for (uint32_t i = 0; i < headers->count; i++)
        if (nu__goes_on(headers, &headers->items[i]))
            nu_response_add_header(response, headers->items[i].name, headers->items[i].value);
}

/* The other site does not change the protocol: what it says instead, if it is short. */
static nu_response *refusal(upstream *to, nu_builder *in, size_t head, const nu_headers *headers,
                            int status)
{
    const char *length = nu_headers_value_at(headers, NU_HEADER_CONTENT_LENGTH);
    size_t      wanted = length != NULL ? (size_t)strtoull(length, NULL, 10) : 0;
    if (wanted > BODY_MAX)
        wanted = 0;
    while (in->length < head + wanted && read_more(to, in)) {
    }
    size_t       got = in->length - head < wanted ? in->length - head : wanted;
    nu_response *response = nu_bytes_response("application/octet-stream", in->data + head, got);
    nu_response_set_status(response, status);
    nu_response_remove_header(response, "Content-Type");
    copy_fields(response, headers);
    return response;
}

nu_response *nu__proxy_upgrade(nu_request *request, const char *address)
{
    upstream *to = nu_alloc(sizeof *to);
    *to = (upstream){.shown = address, .fd = -1};
    nu_arena_defer(nu_arena_current(), close_upstream, to);
    const char *prefix = connect_to(to, address);
    ask(to, request, prefix);
    nu_builder in;
    nu_builder_init(&in, NULL, 1024);
    size_t      head = read_head(to, &in);
    int         status = read_status(to, in.data, head);
    const char *fields = (const char *)memmem(in.data, head, "\r\n", 2) + 2;
    nu_headers  headers;
    nu_headers_init(&headers, nu_arena_current());
    read_fields(to, &headers, fields, in.data + head - 2);
    if (status != 101)
        return refusal(to, &in, head, &headers, status);
    const char *protocol = nu_headers_value_at(&headers, NU_HEADER_UPGRADE);
    if (protocol == NULL)
        no_reply(to, "it changes the protocol without saying to which");
    nu_response *response = nu_tunnel(to->fd, protocol, in.data + head, in.length - head);
    to->fd = -1;
    copy_fields(response, &headers);
    return response;
}
