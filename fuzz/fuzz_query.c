/* Query strings, targets and addresses: no input may upset the readers, and what they give is
 * well-formed and comes back the same once it is written. */
#include <stdlib.h>
#include <string.h>

#include "nuages/request.h"
#include "nuages/uri.h"

static void check_params(const char *text, size_t length)
{
    nu_params  *params = nu_params_parse(text, length, -1);
    const char *written = nu_params_encode(params, NULL);
    nu_params  *again = nu_params_parse(written, strlen(written), -1);
    if (!nu_equal(nu_value_dict(nu_params_dict(params)), nu_value_dict(nu_params_dict(again))))
        abort();
}

static void check_uri(const char *text)
{
    nu_uri      parts = nu_uri_split(text);
    const char *joined = nu_uri_join_parts(&parts);
    if (strlen(joined) != strlen(text))
        abort();
    nu_uri_resolve("http://example.org/a/b?c", text);
    const char *iri = nu_uri_to_iri(text, strlen(text));
    if (!nu_utf8_valid(iri, strlen(iri)))
        abort();
    if (strpbrk(nu_uri_from_iri(text, strlen(text)), " \r\n<>\"") != NULL)
        abort();
    const char *domain, *port;
    nu_host_split(text, &domain, &port);
    if (strpbrk(domain, "/@ \r\n%") != NULL)
        abort();
    nu_url_is_safe(text, NU_STRS("example.org"), true);
}

static void check_target(const char *text)
{
    NU_TRY {
        nu_request *req = nu_request_new("GET", text, NULL);
        const char *path = nu_request_path(req);
        if (path[0] != '/' || !nu_utf8_valid(path, strlen(path)))
            abort();
        nu_request_full_path(req, true);
        nu_request_query(req);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_BAD_REQUEST))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena   *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    const char *text = nu_arena_copy(arena, bytes, size);
    check_params(text, size);
    check_uri(text);
    check_target(text);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
