/* Turns files into a C table of nu_embedded (nuages/embed.h), for the build.
 *
 *      embed OUT.c SYMBOL ROOT FILE...
 *
 * Names in the table are the files' paths below ROOT. Applications have `nuages embed`. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/embed_table.h"

static void fail(const char *what, const char *path)
{
    fprintf(stderr, "embed: cannot %s \"%s\"\n", what, path);
    exit(1);
}

/* The path below `root`, however the two were written; a part of `whole`. */
static const char *name_below(const char *root, const char *path, char whole[PATH_MAX])
{
    size_t length = strlen(root);
    if (realpath(path, whole) == NULL || strncmp(whole, root, length) != 0 || whole[length] != '/')
        fail("find below the root", path);
    return whole + length + 1;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: embed OUT.c SYMBOL ROOT FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    char  root[PATH_MAX], whole[PATH_MAX];
    if (realpath(argv[3], root) == NULL)
        fail("find", argv[3]);
    if (out == NULL)
        fail("write", argv[1]);
    nu__embed_begin(out, argv[2]);
    for (int i = 4; i < argc; i++)
        if (!nu__embed_file(out, argv[i], name_below(root, argv[i], whole)))
            fail("read", argv[i]);
    nu__embed_end(out);
    if (fclose(out) != 0)
        fail("write", argv[1]);
    return 0;
}
