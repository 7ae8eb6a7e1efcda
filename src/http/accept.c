/* What the client likes to get (RFC 9110 12.5.1). */
#include "http/internal.h"

#include "http/decode.h"

#include <string.h>
#include <strings.h>

struct media {
    const char *main, *sub;
    double      quality; /* 0 to 1 */
};

static double quality_of(const nu_dict *params)
{
    const nu_value *q = nu_dict_find(params, "q");
    double          quality;
    if (q == NULL || !nu_float_try(*q, &quality) || !(quality >= 0 && quality <= 1))
        return 1;
    return quality;
}

static struct media media_of(const char *text)
{
    nu_dict    *params;
    const char *type = nu_header_params(text, &params), *slash = strchr(type, '/');
    if (slash == NULL)
        return (struct media){type, "", quality_of(params)};
    const char *main = nu_arena_copy(nu_arena_current(), type, (size_t)(slash - type));
    return (struct media){main, slash + 1, quality_of(params)};
}

static bool matches(const struct media *range, const struct media *type)
{
    if (strcmp(range->main, "*") == 0)
        return strcmp(range->sub, "*") == 0;
    return strcmp(range->main, type->main) == 0 &&
           (strcmp(range->sub, "*") == 0 || strcmp(range->sub, type->sub) == 0);
}

static int exactness(const struct media *range)
{
    return (strcmp(range->main, "*") != 0) + (strcmp(range->sub, "*") != 0);
}

/* The quality of the range that fits `type` most exactly; -1 if none does. */
static double liking(const char *header, const char *text)
{
    struct media type = media_of(text);
    double       quality = -1;
    int          best = -1;
    while (*header != '\0') {
        size_t      length = strcspn(header, ",");
        const char *at = header, *end = header + length;
        nu__trim(&at, &end);
        struct media range = media_of(nu_arena_copy(nu_arena_current(), at, (size_t)(end - at)));
        if (at < end && matches(&range, &type) && exactness(&range) > best) {
            best = exactness(&range);
            quality = range.quality;
        }
        header += length + (header[length] == ',');
    }
    return quality;
}

static const char *accept_header(const nu_request *req)
{
    const char *header = nu_headers_value_at(&req->headers, NU_HEADER_ACCEPT);
    return header != NULL ? header : "*/*";
}

bool nu_request_accepts(const nu_request *req, const char *type)
{
    return liking(accept_header(req), type) > 0;
}

const char *nu_request_preferred(const nu_request *req, const char *const *types)
{
    const char *best = NULL;
    double      quality = 0;
    for (; *types != NULL; types++) {
        double this = liking(accept_header(req), *types);
        if (this > quality) {
            quality = this;
            best = *types;
        }
    }
    return best;
}
