/* Writes files as a C table of nu_embedded (nuages/embed.h). `nuages embed` and the build's own
 * tool share this, so it needs nothing but the C library. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* The beginning of a C file that defines `symbol`. */
void nu__embed_begin(FILE *out, const char *symbol);
/* One file, called `name` in the table. False with errno set if it cannot be read. */
bool nu__embed_file(FILE *out, const char *path, const char *name);
void nu__embed_end(FILE *out);
