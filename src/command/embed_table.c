#include "command/embed_table.h"

#include <errno.h>

void nu__embed_begin(FILE *out, const char *symbol)
{
    fprintf(out,
            "#include \"nuages/embed.h\"\n\nextern const nu_embedded %s[];\nconst nu_embedded %s[] "
            "= {\n",
            symbol, symbol);
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
        fprintf(out, "\\%03o", (unsigned)byte);
}

bool nu__embed_file(FILE *out, const char *path, const char *name)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return false;
    long length = 0;
    fputs("  {.name = \"", out);
    for (const char *at = name; *at != '\0'; at++)
        write_byte(out, (unsigned char)*at);
    fputs("\", .bytes = \"", out);
    for (int byte; (byte = fgetc(in)) != EOF; length++)
        write_byte(out, byte);
    fprintf(out, "\", .length = %ld},\n", length);
    bool complete = !ferror(in);
    int  error = errno;
    fclose(in);
    errno = error;
    return complete;
}

void nu__embed_end(FILE *out)
{
    fputs("  {0},\n};\n", out);
}
