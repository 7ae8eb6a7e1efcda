/* Files inside the binary: templates, static files and translations of an app, made by `nuages embed`. */
#pragma once

#include "nuages/defs.h"

/* One file. Tables are ended by {0}; names are relative, with slashes: "templates/blog/list.html",
 * "static/blog/blog.css". The bytes are followed by a NUL that is not counted. */
typedef struct nu_embedded {
    const char *name;
    const char *bytes;
    size_t      length;
} nu_embedded;

/* The file of that name in a table; NULL if there is none. */
NU_PUBLIC const nu_embedded *nu_embedded_find(const nu_embedded *table, const char *name);
