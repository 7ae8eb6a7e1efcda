/* GNU gettext's binary catalogues (.mo): a header, two tables of (length, offset), and the texts.
 *
 *      0 magic  4 revision  8 count  12 offset of ids  16 offset of translations
 *
 * The byte order is that of the machine that wrote the file. Every length and offset is checked
 * against the file before it is used. */
#include "i18n/internal.h"

#include <string.h>

typedef struct reader {
    const char    *name;
    const uint8_t *bytes;
    size_t         length;
    bool           swapped;
} reader;

typedef struct span {
    const char *text;
    size_t      length;
} span;

static NU_NORETURN void damaged(const reader *r, const char *what)
{
    nu_error *error = nu_error_new(NU_SYNTAX_ERROR, "catalogue is damaged: %s", what);
    error->place.file = nu_fmt("%s", r->name);
    error->hint = "Compile it again with msgfmt.";
    nu_throw(error);
}

static uint32_t word_at(const reader *r, size_t offset)
{
    uint32_t word;
    if (offset > r->length || r->length - offset < sizeof word)
        damaged(r, "it ends too early");
    memcpy(&word, r->bytes + offset, sizeof word);
    return r->swapped ? __builtin_bswap32(word) : word;
}

/* The text that entry `index` of the table at `table` points to. */
static span text_at(const reader *r, size_t table, size_t index)
{
    size_t entry = table + index * 8;
    size_t length = word_at(r, entry);
    size_t offset = word_at(r, entry + 4);
    if (offset > r->length || length >= r->length - offset)
        damaged(r, "a text lies outside the file");
    if (r->bytes[offset + length] != '\0')
        damaged(r, "a text does not end");
    return (span){(const char *)r->bytes + offset, length};
}

/* The value of a line "Name: value" of the catalogue's header, or NULL. */
static const char *header_line(span header, const char *name)
{
    const char *end = header.text + header.length;
    for (const char *line = header.text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            stop = end;
        size_t length = strlen(name);
        if ((size_t)(stop - line) > length && nu_equal_ascii_nocase(line, length, name, length) &&
            line[length] == ':')
            return nu_fmt("%.*s", (int)(stop - line - (ptrdiff_t)length - 1), line + length + 1);
        line = stop + 1;
    }
    return NULL;
}

static void read_header(nu_catalogue *catalogue, const reader *r, span header)
{
    const char *type = header_line(header, "Content-Type");
    const char *rule = header_line(header, "Plural-Forms");
    const char *charset = type == NULL ? NULL : strstr(type, "charset=");
    if (charset != NULL) {
        charset += strlen("charset=");
        size_t length = strcspn(charset, "; \t\r");
        if (!nu_equal_ascii_nocase(charset, length, "utf-8", 5) &&
            !nu_equal_ascii_nocase(charset, length, "us-ascii", 8))
            damaged(r, "its texts are not in UTF-8");
    }
    if (rule != NULL)
        nu_catalogue_plural(catalogue, rule);
}

static void add_message(nu_catalogue *catalogue, const reader *r, span id, span text)
{
    if (!nu_utf8_valid(id.text, id.length) || !nu_utf8_valid(text.text, text.length))
        damaged(r, "its texts are not in UTF-8");
    /* A message with plural forms is stored as "one\0many" and known by the first. */
    nu__catalogue_put(catalogue, id.text, strnlen(id.text, id.length), text.text, text.length);
}

void nu_catalogue_read(nu_catalogue *catalogue, const char *name, const void *bytes, size_t length)
{
    reader   r = {.name = name, .bytes = bytes, .length = length};
    uint32_t magic = word_at(&r, 0);
    r.swapped = magic == 0xde120495;
    if (!r.swapped && magic != 0x950412de)
        damaged(&r, "it is no .mo file");
    if (word_at(&r, 4) >> 16 > 1)
        damaged(&r, "its format is too new");

    size_t count = word_at(&r, 8), ids = word_at(&r, 12), texts = word_at(&r, 16);
    if (count > length / 8)
        damaged(&r, "it ends too early");
    catalogue->plural = NULL;
    /* The header, whose id is empty, sorts first. */
    for (size_t i = 0; i < count; i++) {
        span id = text_at(&r, ids, i), text = text_at(&r, texts, i);
        if (id.length == 0)
            read_header(catalogue, &r, text);
        else
            add_message(catalogue, &r, id, text);
    }
}
