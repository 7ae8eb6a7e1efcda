/* What trusted proxies say about the client: X-Forwarded-For, or Forwarded (RFC 7239).
 *
 * Each proxy adds at the right what it has seen, so the list is read from there, as long as who added
 * the element is trusted. Further left stands what a client may have made up. */
#include "http/internal.h"

#include <arpa/inet.h>
#include <string.h>

#include "http/decode.h"
#include "http/network.h"

/* ---- addresses ------------------------------------------------------------------------------- */

static bool is_address(const char *text)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The address in "1.2.3.4", "1.2.3.4:80", "2001:db8::1", "[2001:db8::1]:80"; NULL for names that hide it
 * ("unknown", "_hidden"). */
static const char *address_in(const char *text)
{
    size_t      length = strlen(text);
    const char *colon = strchr(text, ':');
    if (text[0] == '[') {
        const char *end = strchr(text, ']');
        text++;
        length = end != NULL ? (size_t)(end - text) : 0;
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        length = (size_t)(colon - text);
    }
    const char *address = nu_arena_copy(nu_arena_current(), text, length);
    return is_address(address) ? address : NULL;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Takes the last element off a list with commas, of which `*length` bytes are left; commas in quotes do not
 * count. False when the list is empty. */
static bool last_element(const char *list, size_t *length, const char **element)
{
    size_t start = 0;
    bool   quoted = false;
    if (*length == 0)
        return false;
    for (size_t i = 0; i < *length; i++) {
        if (quoted && list[i] == '\\')
            i++;
        else if (list[i] == '"')
            quoted = !quoted;
        else if (list[i] == ',' && !quoted)
            start = i + 1;
    }
    const char *at = list + start, *end = list + *length;
    nu__trim(&at, &end);
    *element = nu_arena_copy(nu_arena_current(), at, (size_t)(end - at));
    *length = start > 0 ? start - 1 : 0;
    return true;
}

struct hop {
    const char *address;       /* NULL: hidden */
    const char *scheme, *host; /* of Forwarded; NULL: not told */
};

static void take_param(struct hop *hop, const char *name, const char *value)
{
    if (nu_equal_ascii_nocase(name, strlen(name), "for", 3))
        hop->address = address_in(value);
    else if (nu_equal_ascii_nocase(name, strlen(name), "proto", 5))
        hop->scheme = value;
    else if (nu_equal_ascii_nocase(name, strlen(name), "host", 4))
        hop->host = value;
}

static const char *unquoted(const char *text, size_t length)
{
    char  *out = nu_arena_alloc(nu_arena_current(), length + 1);
    size_t used = 0;
    bool   quoted = length >= 2 && text[0] == '"';
    for (size_t i = quoted; i < length - quoted; i++) {
        if (quoted && text[i] == '\\' && i + 1 < length - quoted)
            i++;
        out[used++] = text[i];
    }
    out[used] = '\0';
    return out;
}

/* for=192.0.2.60;proto=http;host="a.example" */
static struct hop read_forwarded(const char *element)
{
    struct hop hop = {0};
    while (*element != '\0') {
        size_t      name = strcspn(element, "=;"), length = name;
        bool        quoted = false;
        const char *at = element, *end;
        for (; element[length] != '\0' && (quoted || element[length] != ';'); length++)
            quoted ^= element[length] == '"';
        if (element[name] == '=') {
            end = element + name;
            nu__trim(&at, &end);
            take_param(&hop, nu_arena_copy(nu_arena_current(), at, (size_t)(end - at)),
                       unquoted(element + name + 1, length - name - 1));
        }
        element += length + (element[length] == ';');
    }
    return hop;
}

static struct hop read_hop(const char *element, bool forwarded)
{
    return forwarded ? read_forwarded(element) : (struct hop){.address = address_in(element)};
}

/* ---- the request ----------------------------------------------------------------------------- */

static const char *list_of(const nu_request *req)
{
    nu_header_id id = req->options->use_forwarded ? NU_HEADER_FORWARDED : NU_HEADER_X_FORWARDED_FOR;
    return nu_headers_value_at(&req->headers, id);
}

/* A hidden address ends the walk: who stands behind it is not known. */
static void walk(nu_request *req, const char *list)
{
    const char *const *trusted = req->options->trusted_proxies;
    bool               forwarded = req->options->use_forwarded;
    size_t             length = strlen(list);
    const char        *element;
    while (nu__networks_hold(trusted, req->remote_address) &&
           last_element(list, &length, &element)) {
        struct hop hop = read_hop(element, forwarded);
        if (forwarded) {
            req->forwarded_scheme = hop.scheme;
            req->forwarded_host = hop.host;
        }
        if (hop.address == NULL)
            return;
        req->remote_address = hop.address;
    }
}

void nu__request_forwarded(nu_request *req)
{
    const char *const *trusted = req->options->trusted_proxies;
    req->peer_address = req->remote_address;
    req->by_proxy = trusted == NULL || nu__networks_hold(trusted, req->peer_address);
    const char *list = trusted != NULL && req->by_proxy ? list_of(req) : NULL;
    if (list == NULL)
        return;
    nu_arena *before = nu_arena_enter(req->arena);
    walk(req, list);
    nu_arena_enter(before);
}
