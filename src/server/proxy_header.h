/* The header of the PROXY protocol, versions 1 and 2. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { NU__PROXY_HEADER_MAX = 1024 }; /* bytes, with what version 2 may append */

typedef struct nu__proxy_header {
    size_t length;      /* bytes of it */
    char   address[46]; /* of the client; "": the proxy speaks for itself, or does not know */
} nu__proxy_header;

enum nu__proxy_found { NU__PROXY_MORE, NU__PROXY_FOUND, NU__PROXY_WRONG };

enum nu__proxy_found nu__proxy_parse(nu__proxy_header *out, const char *bytes, size_t length);
