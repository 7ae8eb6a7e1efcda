/* Range requests for bytes (RFC 9110 14). */
#include "http/conditional.h"

#include <string.h>
#include <strings.h>

#define RANGES_MAX 16 /* more of them are an attack or a mistake */

struct range {
    int64_t first, last; /* both belong to it */
};

enum parsed { MALFORMED, UNSATISFIABLE, GOOD };

/* Reads digits; -1 if there are none, and a number too large for any file if there are too many. */
static int64_t read_number(const char **at)
{
    if (**at < '0' || **at > '9')
        return -1;
    int64_t number = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (number < INT64_MAX / 10 - 10)
            number = number * 10 + (**at - '0');
        else
            number = INT64_MAX / 2;
    }
    return number;
}

/* "0-99", "100-", "-50". False if malformed; outside the content the range is empty. */
static bool read_range(const char **at, int64_t length, struct range *range)
{
    int64_t first = read_number(at);
    if (**at != '-')
        return false;
    (*at)++;
    int64_t last = read_number(at);
    if (first < 0 && last < 0)
        return false;
    if (first >= 0 && last >= 0 && last < first)
        return false;
    if (first < 0) {
        range->first = last < length ? length - last : 0;
        range->last = last > 0 ? length - 1 : -1;
    } else {
        range->first = first;
        range->last = last < 0 || last >= length ? length - 1 : last;
    }
    return true;
}

static bool touches(const struct range *a, const struct range *b)
{
    return b->first <= a->last + 1 && a->first <= b->last + 1;
}

/* Joins the ranges into one as long as they touch; if they do not, the whole content is meant. */
static enum parsed read_ranges(const char *at, int64_t length, struct range *whole)
{
    int count = 0;
    *whole = (struct range){0, -1};
    for (bool more = true; more; count++) {
        struct range range;
        at += strspn(at, " \t");
        if (count == RANGES_MAX || !read_range(&at, length, &range))
            return MALFORMED;
        at += strspn(at, " \t");
        more = *at == ',';
        if (!more && *at != '\0')
            return MALFORMED;
        at += more;
        if (range.first > range.last)
            continue;
        if (whole->last < 0)
            *whole = range;
        else if (!touches(whole, &range))
            return MALFORMED;
        whole->first = range.first < whole->first ? range.first : whole->first;
        whole->last = range.last > whole->last ? range.last : whole->last;
    }
    return whole->last >= 0 ? GOOD : UNSATISFIABLE;
}

static nu_response *unsatisfiable(int64_t length)
{
    nu_response *res = nu_html("");
    res->status = 416;
    nu_headers_set(&res->headers, "Content-Range", nu_fmt("bytes */%lld", (long long)length));
    return res;
}

static void cut_down(nu_response *res, const struct range *range)
{
    nu_headers_set(&res->headers, "Content-Range",
                   nu_fmt("bytes %lld-%lld/%zu", (long long)range->first, (long long)range->last,
                          res->length));
    if (res->kind == NU_BODY_FILE)
        res->offset += range->first;
    else
        res->bytes += range->first;
    res->length = (size_t)(range->last - range->first + 1);
    res->builder = NULL;
    res->status = 206;
    if (nu_headers_at(&res->headers, NU_HEADER_CONTENT_LENGTH) != NULL)
        nu_headers_set(&res->headers, "Content-Length", nu_fmt("%zu", res->length));
}

nu_response *nu_range(nu_request *req, nu_response *res)
{
    if (res->status != 200 || res->kind == NU_BODY_STREAM)
        return res;
    nu_response_default_header(res, "Accept-Ranges", "bytes");
    const char *header = nu_headers_value_at(&req->headers, NU_HEADER_RANGE);
    if (header == NULL || !nu_request_is(req, "GET") || strncasecmp(header, "bytes=", 6) != 0 ||
        !nu__if_range_passes(req, res))
        return res;
    struct range range;
    enum parsed  parsed = read_ranges(header + 6, (int64_t)res->length, &range);
    if (parsed == UNSATISFIABLE)
        return unsatisfiable((int64_t)res->length);
    if (parsed == GOOD)
        cut_down(res, &range);
    return res;
}
