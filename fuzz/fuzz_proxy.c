/* What stands before the client: the header of the PROXY protocol, where more bytes never change what was
 * decided, and the fields by which proxies name the client and clients their codings. The first byte chooses. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/coding.h"
#include "server/proxy_header.h"

static void must(bool cond, const char *what)
{
    if (!cond) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static bool is_address(const char *text)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* ---- the header ------------------------------------------------------------------------------ */

static void read_header(const char *bytes, size_t length)
{
    nu__proxy_header     whole, part;
    enum nu__proxy_found decided = nu__proxy_parse(&whole, bytes, length);
    must(decided != NU__PROXY_FOUND || (whole.length > 0 && whole.length <= length),
         "a header lies in what is there");
    must(whole.address[0] == '\0' || decided != NU__PROXY_FOUND || is_address(whole.address),
         "a client has an address");
    for (size_t n = 1; n < length; n++) {
        enum nu__proxy_found found = nu__proxy_parse(&part, bytes, n);
        must(found == NU__PROXY_MORE || found == decided, "more bytes change no decision");
        must(found != NU__PROXY_FOUND || part.length == whole.length, "nor the length");
    }
}

/* ---- the fields ------------------------------------------------------------------------------ */

static nu_request *request_with(const char *name, const char *value, size_t length)
{
    static const char *const     trusted[] = {"127.0.0.1", "10.0.0.0/8", "2001:db8::/32", NULL};
    static const nu_http_options options[2] = {
        {.trusted_proxies = trusted}, {.trusted_proxies = trusted, .use_forwarded = true}};
    nu_request *req = nu_arena_zalloc(nu_arena_current(), sizeof *req);
    nu__request_init(req, nu_arena_current(), &options[name[0] == 'F']);
    req->remote_address = "127.0.0.1";
    char *copy = nu_arena_copy(nu_arena_current(), value, length);
    nu__request_add_header(req, name, strlen(name), copy, strlen(copy));
    return req;
}

static void read_list(const char *name, const char *bytes, size_t length)
{
    nu_request *req = request_with(name, bytes, length);
    nu__request_forwarded(req);
    must(is_address(req->remote_address), "the client has an address");
}

static void read_codings(const char *bytes, size_t length)
{
    static const nu__coding stored[] = {NU__ZSTD, NU__BROTLI, NU__GZIP, NU__IDENTITY};
    nu_request             *req = request_with("Accept-Encoding", bytes, length);
    must(nu__coding_choose_stored(req, stored) < NU__CODINGS, "a coding is one of ours");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2 || size > 2048)
        return 0;
    const char *data = (const char *)bytes + 1;
    size_t      length = size - 1;
    nu_arena   *outer = nu_arena_current(), *arena = nu_arena_new(NULL, "fuzz");
    nu_arena_enter(arena);
    switch (bytes[0] & 3) {
    case 0: read_header(data, length); break;
    case 1: read_list("X-Forwarded-For", data, length); break;
    case 2: read_list("Forwarded", data, length); break;
    case 3: read_codings(data, length); break;
    }
    nu_arena_enter(outer);
    nu_arena_free(arena);
    return 0;
}
