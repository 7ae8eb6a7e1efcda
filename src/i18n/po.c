/* GNU gettext's catalogues as people write them (.po):
 *
 *      #, python-format
 *      msgctxt "month name"
 *      msgid "%(n)s file"
 *      msgid_plural "%(n)s files"
 *      msgstr[0] "%(n)s Datei"
 *      msgstr[1] ""
 *      "%(n)s Dateien"
 *
 * Messages that are marked fuzzy are left out, as msgfmt does. The message whose id is empty is the header. */
#include "i18n/internal.h"

#include <string.h>

enum { EOT = 4, MAX_FORMS = 16 };

/* The texts of the message being read; `current` is the one that further lines add to. */
typedef struct entry {
    nu_builder  context, id, plural, forms[MAX_FORMS];
    bool        has_context, has_id, fuzzy;
    int         form_count;
    nu_builder *current;
} entry;

typedef struct reader {
    nu_catalogue *catalogue;
    const char   *name;
    int           line;
    entry         entry;
} reader;

static NU_NORETURN void wrong(const reader *r, const char *what)
{
    nu_error *error = nu_error_new(NU_SYNTAX_ERROR, "catalogue cannot be read: %s", what);
    error->place.file = nu_fmt("%s", r->name);
    error->place.line = r->line;
    nu_throw(error);
}

/* ---- one message -------------------------------------------------------------------------------- */

static void begin(entry *e)
{
    *e = (entry){0};
    nu_builder_init(&e->context, NULL, 16);
    nu_builder_init(&e->id, NULL, 64);
    nu_builder_init(&e->plural, NULL, 64);
}

/* The value of a header line "Name: value\n", or NULL. */
static const char *header_value(const char *header, const char *name)
{
    const char *line = strstr(header, name);
    while (line != NULL && line != header && line[-1] != '\n')
        line = strstr(line + 1, name);
    if (line == NULL)
        return NULL;
    line += strlen(name);
    return nu_fmt("%.*s", (int)strcspn(line, "\n"), line);
}

static void read_header(const reader *r, const char *header)
{
    const char *type = header_value(header, "Content-Type:");
    const char *rule = header_value(header, "Plural-Forms:");
    const char *charset = type != NULL ? strstr(type, "charset=") : NULL;
    if (charset != NULL) {
        charset += strlen("charset=");
        size_t length = strcspn(charset, "; \t\r");
        if (!nu_equal_ascii_nocase(charset, length, "utf-8", 5) &&
            !nu_equal_ascii_nocase(charset, length, "us-ascii", 8) &&
            !nu_equal_ascii_nocase(charset, length, "charset", 7))
            wrong(r, "its texts are not in UTF-8");
    }
    if (rule != NULL)
        nu_catalogue_plural(r->catalogue, rule);
}

static void add_message(const reader *r, entry *e)
{
    const char *texts[MAX_FORMS];
    for (int i = 0; i < e->form_count; i++)
        texts[i] = nu_builder_text(&e->forms[i]);
    nu_catalogue_add(r->catalogue, e->has_context ? nu_builder_text(&e->context) : NULL,
                     nu_builder_text(&e->id), texts, (size_t)e->form_count);
}

/* The message is whole: another begins, or the file ends. */
static void finish(reader *r)
{
    entry *e = &r->entry;
    if (e->has_id && e->form_count == 0)
        wrong(r, "a msgid has no msgstr");
    if (e->has_id && e->id.length == 0 && !e->has_context)
        read_header(r, nu_builder_text(&e->forms[0]));
    else if (e->has_id && !e->fuzzy)
        add_message(r, e);
    begin(e);
}

/* ---- lines ---------------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) % 16 : -1;
}

/* The byte that the escape behind a backslash stands for; *at moves past it. */
static char escaped(const reader *r, const char **at, const char *end)
{
    static const char letters[] = "abfnrtv\\\"'?", bytes[] = "\a\b\f\n\r\t\v\\\"'?";
    char              letter = *at < end ? *(*at)++ : '\0';
    const char       *known = letter != '\0' ? strchr(letters, letter) : NULL;
    if (known != NULL)
        return bytes[known - letters];
    int value = 0, count = 0, limit = letter == 'x' ? 2 : 3, base = letter == 'x' ? 16 : 8;
    if (base == 8)
        (*at)--;
    for (; count < limit && *at < end; count++, (*at)++) {
        int digit = hex_digit(**at);
        if (digit < 0 || digit >= base)
            break;
        value = value * base + digit;
    }
    if (count == 0 || value == 0 || value > 0xff)
        wrong(r, "a backslash is followed by what is no escape");
    return (char)value;
}

/* Adds the quoted text to the text at work. */
static void read_quoted(reader *r, const char *at, const char *end)
{
    nu_builder *to = r->entry.current;
    if (to == NULL || at == end || *at != '"')
        wrong(r, "a line is neither a comment nor a keyword with a quoted text");
    size_t before = to->length;
    for (at++; at < end && *at != '"';) {
        char c = *at++;
        nu_builder_putc(to, c == '\\' ? escaped(r, &at, end) : c);
    }
    if (at == end || skip_blanks(at + 1, end) != end)
        wrong(r, "a quoted text does not end with its line");
    if (!nu_utf8_valid(to->data + before, to->length - before))
        wrong(r, "its texts are not in UTF-8");
}

/* "msgstr" or "msgstr[N]"; N counts up from 0. Returns what is behind it, NULL if it is none. */
static const char *begin_form(reader *r, const char *at, const char *end)
{
    entry *e = &r->entry;
    int    number = 0;
    if (*at == '[') {
        for (at++; at < end && *at >= '0' && *at <= '9' && number < MAX_FORMS; at++)
            number = number * 10 + (*at - '0');
        if (at == end || *at != ']' || at[-1] == '[')
            wrong(r, "the number of a plural form is not understood");
        at++;
    }
    if (!e->has_id || number != e->form_count || number == MAX_FORMS)
        wrong(r, "a msgstr is out of place or out of order");
    nu_builder_init(&e->forms[number], NULL, 64);
    e->current = &e->forms[e->form_count++];
    return at;
}

static const char *after_word(const char *line, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - line) > length && memcmp(line, word, length) == 0 &&
                   strchr(" \t\"[", line[length]) != NULL
               ? line + length
               : NULL;
}

/* A line with a keyword; returns where its quoted text begins, or the line itself without one. */
static const char *read_keyword(reader *r, const char *line, const char *end)
{
    entry      *e = &r->entry;
    const char *rest;
    if ((rest = after_word(line, end, "msgctxt")) != NULL) {
        if (e->has_id)
            finish(r);
        e->has_context = true;
        e->current = &e->context;
    } else if ((rest = after_word(line, end, "msgid_plural")) != NULL) {
        if (!e->has_id || e->form_count > 0)
            wrong(r, "a msgid_plural is out of place");
        e->current = &e->plural;
    } else if ((rest = after_word(line, end, "msgid")) != NULL) {
        if (e->has_id)
            finish(r);
        e->has_id = true;
        e->current = &e->id;
    } else if ((rest = after_word(line, end, "msgstr")) != NULL) {
        rest = begin_form(r, rest, end);
    } else {
        return line;
    }
    return skip_blanks(rest, end);
}

static void read_line(reader *r, const char *line, const char *end)
{
    line = skip_blanks(line, end);
    if (line == end)
        return;
    if (*line != '#') {
        read_quoted(r, read_keyword(r, line, end), end);
        return;
    }
    /* A comment belongs to the message below it. */
    if (r->entry.form_count > 0)
        finish(r);
    if (end - line > 1 && line[1] == ',' && memmem(line, (size_t)(end - line), "fuzzy", 5) != NULL)
        r->entry.fuzzy = true;
}

void nu_catalogue_read_po(nu_catalogue *catalogue, const char *name, const char *text,
                          size_t length)
{
    reader     *r = nu_alloc(sizeof *r);
    const char *end = text + length;
    *r = (reader){.catalogue = catalogue, .name = name};
    begin(&r->entry);
    catalogue->plural = NULL;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        if (stop == NULL)
            stop = end;
        r->line++;
        read_line(r, text, stop);
        text = stop + (stop < end);
    }
    finish(r);
}
