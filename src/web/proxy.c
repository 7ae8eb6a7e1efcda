#include "http/internal.h"
#include "nuages/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "nuages/fetch.h"
#include "nuages/text.h"
#include "web/proxy.h"

enum { PIECE = 32 << 10 };

/* ---- which fields go on ------------------------------------------------------------------------- */

/* About one connection only (RFC 9110 7.6.1), or written anew by whoever sends next. */
static bool is_hop_by_hop(const nu_header *field)
{
    static const nu_header_id ids[] = {
        NU_HEADER_CONNECTION, NU_HEADER_KEEP_ALIVE, NU_HEADER_TE,
        NU_HEADER_TRAILER,    NU_HEADER_UPGRADE,    NU_HEADER_TRANSFER_ENCODING,
        NU_HEADER_EXPECT,     NU_HEADER_CONTENT_LENGTH,
    };
    for (size_t i = 0; i < NU_COUNT(ids); i++)
        if (field->id == ids[i])
            return true;
    return nu_equal_ascii_nocase(field->name, field->name_length, "proxy-connection", 16) ||
           nu_equal_ascii_nocase(field->name, field->name_length, "proxy-authenticate", 18) ||
           nu_equal_ascii_nocase(field->name, field->name_length, "proxy-authorization", 19);
}

/* "Connection: close, X-Secret" takes X-Secret out as well. */
bool nu__goes_on(const nu_headers *headers, const nu_header *field)
{
    return !is_hop_by_hop(field) &&
           !nu_header_lists(nu_headers_value_at(headers, NU_HEADER_CONNECTION), field->name,
                            field->name_length);
}

static bool is_ours(const nu_header *field)
{
    return field->id == NU_HEADER_X_FORWARDED_FOR || field->id == NU_HEADER_X_FORWARDED_PROTO ||
           field->id == NU_HEADER_X_FORWARDED_HOST || field->id == NU_HEADER_X_FORWARDED_PORT ||
           field->id == NU_HEADER_FORWARDED || field->id == NU_HEADER_CONTENT_TYPE;
}

/* What the client says about itself may not be believed; a proxy before us may. */
static const char *forwarded_for(nu_request *request)
{
    const nu_settings *s = nu_settings_current();
    const char        *before = nu_request_header(request, "X-Forwarded-For");
    const char        *peer = request->peer_address;
    bool trusted = s->trusted_proxies != NULL ? request->by_proxy : s->secure_proxy_header != NULL;
    return trusted && before != NULL ? nu_fmt("%s, %s", before, peer) : peer;
}

nu_pairs nu__forwarded_fields(nu_request *request)
{
    const nu_headers *headers = nu_request_headers(request);
    nu_pair          *pairs = nu_alloc((headers->count + 3) * sizeof *pairs);
    size_t            count = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        const nu_header *field = &headers->items[i];
        if (nu__goes_on(headers, field) && !is_ours(field))
            pairs[count++] = (nu_pair){field->name, nu_value_text(field->value)};
    }
    pairs[count++] = (nu_pair){"X-Forwarded-For", nu_value_text(forwarded_for(request))};
    pairs[count++] = (nu_pair){"X-Forwarded-Proto", nu_value_text(nu_request_scheme(request))};
    const char *host = nu_headers_value_at(headers, NU_HEADER_HOST);
    if (host != NULL)
        pairs[count++] = (nu_pair){"X-Forwarded-Host", nu_value_text(host)};
    return (nu_pairs){pairs, count};
}

/* ---- the request's body --------------------------------------------------------------------------- */

typedef struct body_source {
    nu_request *request;
    char       *piece;
} body_source;

static bool next_of_body(void *self, nu_value *piece)
{
    body_source *source = self;
    size_t       length = nu_request_read(source->request, source->piece, PIECE);
    *piece = nu_value_bytes(source->piece, length);
    return length > 0;
}

static void add_body(nu_request *request, nu_fetch_options *options)
{
    const nu_headers *headers = nu_request_headers(request);
    const char       *length = nu_headers_value_at(headers, NU_HEADER_CONTENT_LENGTH);
    if (length == NULL && nu_headers_value_at(headers, NU_HEADER_TRANSFER_ENCODING) == NULL)
        return;
    if (length != NULL && strcmp(length, "0") == 0)
        return;
    body_source *source = nu_alloc(sizeof *source);
    *source = (body_source){request, nu_alloc(PIECE)};
    options->send = next_of_body;
    options->send_self = source;
    options->send_length = length != NULL ? strtoll(length, NULL, 10) : 0;
    options->content_type = nu_headers_value_at(headers, NU_HEADER_CONTENT_TYPE);
}

/* ---- the answer ------------------------------------------------------------------------------------ */

static void close_download(void *download)
{
    nu_download_close(download);
}

static nu_response *answer_of(nu_download *download)
{
    const nu_reply *reply = nu_download_reply(download);
    nu_response    *response =
        nu_stream("application/octet-stream", nu_download_next, close_download, download);
    nu_response_set_status(response, reply->status);
    nu_response_remove_header(response, "Content-Type");
    for (uint32_t i = 0; i < reply->headers.count; i++) {
        const nu_header *field = &reply->headers.items[i];
        if (nu__goes_on(&reply->headers, field))
            nu_response_add_header(response, field->name, field->value);
    }
    return response;
}

nu_response *nu_proxy(nu_request *request, const char *upstream)
{
    static const char unix_scheme[] = "unix:";
    if (nu__wants_upgrade(request))
        return nu__proxy_upgrade(request, upstream);
    const char       *query = nu_request_query_string(request);
    nu_fetch_options  options = {
         .method = nu_request_method(request),
         .headers = nu__forwarded_fields(request),
         .timeout_ms = -1,
         .redirects = -1,
         .max_body = SIZE_MAX,
         .as_sent = true,
    };
    if (strncmp(upstream, unix_scheme, sizeof unix_scheme - 1) == 0) {
        options.unix_socket = upstream + sizeof unix_scheme - 1;
        upstream = "http://localhost";
    }
    add_body(request, &options);
    return answer_of(nu_download_open_(nu_fmt("%s%s%s%s", upstream, nu_request_raw_path(request),
                                              *query != '\0' ? "?" : "", query),
                                       &options));
}

/* ---- the fallback ----------------------------------------------------------------------------------- */

static bool is_static(const char *path)
{
    const char *prefix = nu_settings_current()->static_url;
    size_t      length = strlen(prefix);
    return strncmp(path, prefix, length) == 0 && nu__static_exists(path + length);
}

/* True if the slash that is missing would make it a page of ours. */
static bool wants_slash(const char *path)
{
    size_t length = strlen(path);
    return !nu_settings_current()->no_append_slash && length > 0 && path[length - 1] != '/' &&
           nu_urls_find(nu__site_urls(), nu_fmt("%s/", path), NULL, NULL) != NULL;
}

bool nu__is_for_fallback(nu_request *request)
{
    if (nu_settings_current()->fallback == NULL)
        return false;
    const char *path = nu_request_path_info(request);
    return nu_urls_find(nu__site_urls(), path, NULL, NULL) == NULL && !is_static(path) &&
           !wants_slash(path);
}
