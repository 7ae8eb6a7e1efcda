/* Conditional requests: the If-… fields against the state of what was asked for (RFC 9110 13). */
#include "http/conditional.h"

#include "http/decode.h"
#include "nuages/crypto.h"

#include <string.h>

/* ---- entity tags ------------------------------------------------------------------------------------ */

/* True for W/"…" or "…" and nothing else. */
static bool is_tag(const char *at, const char *end)
{
    if (end - at >= 2 && at[0] == 'W' && at[1] == '/')
        at += 2;
    return end - at >= 2 && at[0] == '"' && memchr(at + 1, '"', (size_t)(end - at - 1)) == end - 1;
}

nu_list *nu__etags_parse(const char *header)
{
    nu_list    *tags = nu_list_new();
    const char *at = header, *end = header + strlen(header);
    nu__trim(&at, &end);
    if (end - at == 1 && *at == '*') {
        nu_list_add(tags, "*");
        return tags;
    }
    while (*header != '\0') {
        size_t length = strcspn(header, ",");
        at = header;
        end = header + length;
        nu__trim(&at, &end);
        if (is_tag(at, end))
            nu_list_push(tags, nu_value_text_copy(at, (size_t)(end - at)));
        header += length + (header[length] == ',');
    }
    return tags;
}

const char *nu_etag_quote(const char *etag)
{
    return is_tag(etag, etag + strlen(etag)) ? etag : nu_fmt("\"%s\"", etag);
}

static const char *without_weakness(const char *tag)
{
    return nu_starts_with(tag, "W/") ? tag + 2 : tag;
}

static bool is_any(const nu_list *tags)
{
    return tags->count == 1 && strcmp(tags->items[0].text, "*") == 0;
}

/* Strong comparison (RFC 9110 8.8.3.2): a weak tag never counts. */
static bool if_match_passes(const char *etag, const nu_list *tags)
{
    if (etag == NULL)
        return false;
    if (is_any(tags))
        return true;
    for (uint32_t i = 0; i < tags->count; i++) {
        if (etag[0] != 'W' && strcmp(tags->items[i].text, etag) == 0)
            return true;
    }
    return false;
}

/* Weak comparison. */
static bool if_none_match_passes(const char *etag, const nu_list *tags)
{
    if (etag == NULL)
        return true;
    if (is_any(tags))
        return false;
    for (uint32_t i = 0; i < tags->count; i++) {
        if (strcmp(without_weakness(tags->items[i].text), without_weakness(etag)) == 0)
            return false;
    }
    return true;
}

/* ---- the decision -------------------------------------------------------------------------------------- */

enum outcome { GO_ON, NOT_MODIFIED, PRECONDITION_FAILED };

static const nu_list *tags_at(const nu_request *req, nu_header_id id)
{
    const char *header = nu_headers_value_at(&req->headers, id);
    return nu__etags_parse(header != NULL ? header : "");
}

/* The date of a field; -1 if it was not sent or is none, which the RFC says to pass over. */
static int64_t date_at(const nu_headers *headers, nu_header_id id)
{
    const nu_header *header = nu_headers_at(headers, id);
    int64_t          seconds;
    bool read = header != NULL && nu_http_date_try(header->value, header->value_length, &seconds);
    return read ? seconds : -1;
}

/* The order is that of RFC 9110 13.2.2. */
static enum outcome decide(const nu_request *req, const char *etag, int64_t modified)
{
    bool           reads = nu_request_is(req, "GET") || nu_request_is(req, "HEAD");
    const nu_list *match = tags_at(req, NU_HEADER_IF_MATCH);
    const nu_list *none_match = tags_at(req, NU_HEADER_IF_NONE_MATCH);
    int64_t        unmodified_since = date_at(&req->headers, NU_HEADER_IF_UNMODIFIED_SINCE);
    int64_t        modified_since = date_at(&req->headers, NU_HEADER_IF_MODIFIED_SINCE);
    if (match->count > 0 && !if_match_passes(etag, match))
        return PRECONDITION_FAILED;
    if (match->count == 0 && unmodified_since >= 0 && (modified < 0 || modified > unmodified_since))
        return PRECONDITION_FAILED;
    if (none_match->count > 0 && !if_none_match_passes(etag, none_match))
        return reads ? NOT_MODIFIED : PRECONDITION_FAILED;
    if (none_match->count == 0 && modified_since >= 0 && modified >= 0 &&
        modified <= modified_since && reads)
        return NOT_MODIFIED;
    return GO_ON;
}

/* What a 304 takes over from the response in its place (RFC 9110 15.4.5), and the cookies. */
static nu_response *not_modified(const nu_response *res)
{
    static const nu_header_id kept[] = {NU_HEADER_CACHE_CONTROL, NU_HEADER_DATE,
                                        NU_HEADER_ETAG,          NU_HEADER_EXPIRES,
                                        NU_HEADER_LAST_MODIFIED, NU_HEADER_VARY};
    nu_response              *answer = nu_status(304);
    if (res == NULL)
        return answer;
    for (size_t i = 0; i < NU_COUNT(kept); i++) {
        const nu_header *header = nu_headers_at(&res->headers, kept[i]);
        if (header != NULL)
            nu_headers_add(&answer->headers, header->name, header->value);
    }
    const char *location = nu_response_header(res, "Content-Location");
    if (location != NULL)
        nu_headers_add(&answer->headers, "Content-Location", location);
    answer->cookies = res->cookies;
    answer->cookie_count = answer->cookie_capacity = res->cookie_count;
    return answer;
}

static nu_response *answer_for(enum outcome outcome, const nu_response *res)
{
    if (outcome == GO_ON)
        return NULL;
    if (outcome == NOT_MODIFIED)
        return not_modified(res);
    nu_response *failed = nu_html("");
    failed->status = 412;
    return failed;
}

nu_response *nu_precondition(nu_request *req, const char *etag, int64_t modified)
{
    return answer_for(decide(req, etag, modified), NULL);
}

nu_response *nu_conditional(nu_request *req, nu_response *res)
{
    if (res->status < 200 || res->status > 299)
        return res;
    const char  *etag = nu_headers_value_at(&res->headers, NU_HEADER_ETAG);
    int64_t      modified = date_at(&res->headers, NU_HEADER_LAST_MODIFIED);
    nu_response *answer = answer_for(decide(req, etag, modified), res);
    return answer != NULL ? answer : res;
}

void nu_response_set_etag(nu_response *res)
{
    size_t      length;
    const char *body = nu_response_body(res, &length);
    if (body == NULL || length == 0)
        return;
    uint8_t digest[NU_DIGEST_MAX];
    nu_hash(NU_MD5, body, length, digest);
    nu_headers_set(&res->headers, "ETag", nu_fmt("\"%s\"", nu_hex(digest, nu_digest_size(NU_MD5))));
}

bool nu__if_range_passes(const nu_request *req, const nu_response *res)
{
    const nu_header *header = nu_headers_at(&req->headers, NU_HEADER_IF_RANGE);
    if (header == NULL)
        return true;
    int64_t seconds;
    if (nu_http_date_try(header->value, header->value_length, &seconds))
        return seconds == date_at(&res->headers, NU_HEADER_LAST_MODIFIED);
    const char *etag = nu_headers_value_at(&res->headers, NU_HEADER_ETAG);
    return etag != NULL && etag[0] == '"' && strcmp(etag, header->value) == 0;
}
