/* Turns files into a C table of nu_embedded (nuages/embed.h), for the build.
 *
 *      embed OUT.c SYMBOL ROOT FILE...
 *
 * Names in the table are the files' paths below ROOT. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, const char *path)
{
    fprintf(stderr, "embed: cannot %s \"%s\"\n", what, path);
    exit(1);
}

/* Printable bytes as text, the rest as octal escapes, which end after three digits. */
static void write_byte(FILE *out, int byte)
{
    if (byte == '"' || byte == '\\')
        fprintf(out, "\\%c", byte);
    else if (byte == '\n')
        fputs("\\n\"\n    \"", out);
    else if (byte >= 0x20 && byte < 0x7f && byte != '?') /* "??" would begin a trigraph */
        fputc(byte, out);
    else
        fprintf(out, "\\%03o", byte);
}

static void write_file(FILE *out, const char *path, const char *name)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        fail("read", path);
    long length = 0;
    fprintf(out, "  {.name = \"%s\", .bytes = \"", name);
    for (int byte; (byte = fgetc(in)) != EOF; length++)
        write_byte(out, byte);
    fprintf(out, "\", .length = %ld},\n", length);
    if (ferror(in))
        fail("read", path);
    fclose(in);
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
    fprintf(out, "#include \"nuages/embed.h\"\n\nextern const nu_embedded %s[];\nconst nu_embedded %s[] = {\n",
            argv[2], argv[2]);
    for (int i = 4; i < argc; i++)
        write_file(out, argv[i], name_below(root, argv[i], whole));
    fprintf(out, "  {0},\n};\n");
    if (fclose(out) != 0)
        fail("write", argv[1]);
    return 0;
}
