/* Reading HTML as loosely as browsers do, after Python's html.parser, whose habits Django's filters
 * have: what looks like the start of a tag but is none stays text. */
#include <string.h>

#include "base/ascii.h"
#include "template/filters/filters.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *find_char(const char *at, const char *end, char c)
{
    return at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
}

static bool begins_with(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - at) >= length && memcmp(at, word, length) == 0;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* The name that begins at `at`, in lower case. */
static const char *lower_name(const char *at, const char *end)
{
    return nu__lower_copy(nu_arena_current(), at, (size_t)(end - at));
}

static const char *name_end(const char *at, const char *end)
{
    while (at < end && *at != '\0' && strchr("\t\n\r\f />", *at) == NULL)
        at++;
    return at;
}

/* ---- tags ------------------------------------------------------------------------------------- */

/* Behind the value that follows an attribute's name, if there is one; `at` itself if not. */
static const char *skip_value(const char *at, const char *end)
{
    const char *value = skip_blanks(at, end);
    if (value == end || *value != '=')
        return at;
    while (value < end && *value == '=')
        value++;
    value = skip_blanks(value, end);
    if (value < end && (*value == '"' || *value == '\'')) {
        const char *close = find_char(value + 1, end, *value);
        return close == NULL ? at : close + 1;
    }
    while (value < end && *value != '>' && !is_blank(*value))
        value++;
    return value;
}

/* Behind all attributes. An attribute stands behind a blank, a slash or a quotation mark. */
static const char *skip_attributes(const char *at, const char *end)
{
    for (;;) {
        while (at < end && (is_blank(*at) || *at == '/'))
            at++;
        if (at == end || *at == '>' || (!is_blank(at[-1]) && strchr("/\"'", at[-1]) == NULL))
            return at;
        for (at++; at < end && !is_blank(*at) && strchr("/=>", *at) == NULL;)
            at++;
        at = skip_value(at, end);
    }
}

/* <name …>: what it is and where it ends; NULL if it does not. */
static const char *read_start(nu__markup_reader *reader, const char *at, nu__markup *out)
{
    /* Without a ">" ahead every "<a" would have its attributes read up to the end of the text. */
    if (find_char(at, reader->end, '>') == NULL)
        return NULL;
    const char *name = name_end(at + 1, reader->end);
    const char *close = skip_attributes(name, reader->end);
    if (close == reader->end || *close != '>')
        return NULL;
    out->name = lower_name(at + 1, name);
    out->kind = close[-1] == '/' ? NU__MARKUP_EMPTY : NU__MARKUP_START;
    if (out->kind == NU__MARKUP_START &&
        (strcmp(out->name, "script") == 0 || strcmp(out->name, "style") == 0))
        reader->raw = out->name;
    return close + 1;
}

/* </name …>, or something else that begins with "</" and is left out: then out->name stays NULL. */
static const char *read_end(const nu__markup_reader *reader, const char *at, nu__markup *out)
{
    const char *start = skip_blanks(at + 2, reader->end);
    const char *close = find_char(at + 1, reader->end, '>');
    if (close == NULL)
        return NULL;
    if (start < reader->end && is_letter(*start)) {
        out->kind = NU__MARKUP_END;
        out->name = lower_name(start, name_end(start, reader->end));
    }
    return close + 1;
}

/* ---- comments and declarations ---------------------------------------------------------------- */

/* Behind "--" or "]", blanks and ">". */
static const char *find_close(const char *at, const char *end, const char *mark)
{
    size_t length = strlen(mark);
    for (; at < end; at++)
        if (begins_with(at, end, mark)) {
            const char *close = skip_blanks(at + length, end);
            if (close < end && *close == '>')
                return close + 1;
        }
    return NULL;
}

/* As find_close, but a search that failed once is not made again: text may hold any number of
 * "<!--" without an end. */
static const char *find_close_once(const char *at, const char *end, const char *mark, bool *failed)
{
    const char *close = *failed ? NULL : find_close(at, end, mark);
    *failed = close == NULL;
    return close;
}

/* Behind a comment, declaration or instruction at `at`; NULL if it does not end. */
static const char *skip_declaration(nu__markup_reader *reader, const char *at)
{
    const char *end = reader->end;
    if (begins_with(at, end, "<!--"))
        return find_close_once(at + 4, end, "--", &reader->no_comment_end);
    if (begins_with(at, end, "<!["))
        return find_close_once(at + 3, end, "]", &reader->no_section_end);
    const char *close = find_char(at + 2, end, '>');
    return close == NULL ? NULL : close + 1;
}

/* ---- the reader ------------------------------------------------------------------------------- */

/* The end tag of the element whose raw content begins at `at`. */
static const char *find_raw_end(const nu__markup_reader *reader)
{
    size_t length = strlen(reader->raw);
    for (const char *at = reader->at; (at = find_char(at, reader->end, '<')) != NULL; at++) {
        if (!begins_with(at, reader->end, "</"))
            continue;
        const char *name = skip_blanks(at + 2, reader->end);
        const char *close = skip_blanks(name + length, reader->end);
        if (name + length < reader->end && close < reader->end && *close == '>' &&
            nu_equal_ascii_nocase(name, length, reader->raw, length))
            return at;
    }
    return NULL;
}

/* An element without end has no content, as far as html.parser is concerned. */
static bool read_raw(nu__markup_reader *reader, nu__markup *out)
{
    const char *stop = find_raw_end(reader);
    reader->raw = NULL;
    if (stop == NULL) {
        reader->at = reader->end;
        return false;
    }
    *out = (nu__markup){NU__MARKUP_RAW, reader->at, (size_t)(stop - reader->at), NULL};
    reader->at = stop;
    return out->length > 0 || nu__markup_next(reader, out);
}

static void take_text(nu__markup_reader *reader, const char *stop, nu__markup *out)
{
    *out = (nu__markup){NU__MARKUP_TEXT, reader->at, (size_t)(stop - reader->at), NULL};
    reader->at = stop;
}

/* Where a tag that does not end stops being text: behind the next ">" or before the next "<". */
static const char *unfinished_end(const nu__markup_reader *reader)
{
    const char *close = find_char(reader->at + 1, reader->end, '>');
    if (close != NULL)
        return close + 1;
    close = find_char(reader->at + 1, reader->end, '<');
    return close != NULL ? close : reader->at + 1;
}

bool nu__markup_next(nu__markup_reader *reader, nu__markup *out)
{
    if (reader->raw != NULL)
        return read_raw(reader, out);
    while (reader->at < reader->end) {
        const char *at = reader->at, *end = reader->end, *after;
        const char *open = find_char(at, end, '<');
        if (open != at) {
            take_text(reader, open == NULL ? end : open, out);
            return true;
        }
        *out = (nu__markup){.text = at};
        char next = at + 1 < end ? at[1] : '\0';
        if (is_letter(next))
            after = read_start(reader, at, out);
        else if (next == '/')
            after = read_end(reader, at, out);
        else if (next == '!' || next == '?')
            after = skip_declaration(reader, at);
        else
            after = at; /* a mere "<" */
        if (reader->stop_at_unfinished && (after == NULL || next == '\0'))
            return false;
        if (after == NULL || after == at) {
            take_text(reader, after == NULL ? unfinished_end(reader) : at + 1, out);
            return true;
        }
        reader->at = after;
        out->length = (size_t)(after - at);
        if (out->name != NULL)
            return true;
    }
    return false;
}

bool nu__is_void_element(const char *name)
{
    static const char *const names[] = {
        "area",  "base", "br",   "col",   "embed",  "hr",    "img",
        "input", "link", "meta", "param", "source", "track", "wbr",
    };
    for (size_t i = 0; i < NU_COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* ---- strip_tags ------------------------------------------------------------------------------- */

static bool is_name_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Length of the "&name" or "&#123" at `at`, 0 if it is none or ends with the text. */
static size_t reference_length(const char *at, const char *end)
{
    const char *stop = at + 1;
    if (stop < end && *stop == '#') {
        stop++;
        bool hex = stop < end && (*stop | 0x20) == 'x';
        stop += hex;
        const char *digits = stop;
        while (stop < end && ((*stop >= '0' && *stop <= '9') ||
                              (hex && (*stop | 0x20) >= 'a' && (*stop | 0x20) <= 'f')))
            stop++;
        return stop == digits || stop == end ? 0 : (size_t)(stop - at);
    }
    if (stop == end || !is_letter(*stop))
        return 0;
    while (stop < end && (is_name_char(*stop) || *stop == '-' || *stop == '.'))
        stop++;
    return stop == end ? 0 : (size_t)(stop - at);
}

/* Every reference gets its semicolon. */
static void put_closed_references(nu_builder *out, const char *at, const char *end)
{
    while (at < end) {
        const char *reference = find_char(at, end, '&');
        if (reference == NULL)
            reference = end;
        nu_builder_add(out, at, (size_t)(reference - at));
        at = reference;
        if (at == end)
            return;
        size_t length = reference_length(at, end);
        nu_builder_add(out, at, length == 0 ? 1 : length);
        at += length == 0 ? 1 : length;
        if (length > 0) {
            nu_builder_putc(out, ';');
            at += *at == ';';
        }
    }
}

static nu_value strip_once(nu_value text)
{
    nu__markup_reader reader = {.at = text.text, .end = text.text + text.length};
    nu__markup        piece;
    nu_builder        out;
    nu_builder_init(&out, NULL, text.length + 1);
    while (nu__markup_next(&reader, &piece)) {
        if (piece.kind == NU__MARKUP_TEXT)
            put_closed_references(&out, piece.text, piece.text + piece.length);
        else if (piece.kind == NU__MARKUP_RAW)
            nu_builder_add(&out, piece.text, piece.length);
    }
    return nu_builder_value(&out);
}

static size_t count_of(nu_value text, char c)
{
    size_t count = 0;
    for (uint32_t i = 0; i < text.length; i++)
        count += text.text[i] == c;
    return count;
}

enum { STRIP_ROUNDS = 50, OPEN_TAG_MAX = 1000 };

/* A tag of a thousand characters that holds fifty "<" is an attack on html.parser's patience. */
static void check_long_tags(nu_value text)
{
    const char *end = text.text + text.length;
    for (const char *at = text.text; (at = find_char(at, end, '<')) != NULL; at++) {
        if (at + 1 == end || !is_letter(at[1]))
            continue;
        const char *close = find_char(at, end, '>');
        nu_value    tag = nu_value_text_n(at, (size_t)((close == NULL ? end : close) - at));
        if (tag.length > OPEN_TAG_MAX && count_of(tag, '<') >= STRIP_ROUNDS)
            nu_raise(NU_SUSPICIOUS, "text has too many unfinished tags");
        at += tag.length - 1;
    }
}

nu_value nu__strip_tags(const char *text, size_t length)
{
    nu_value value = nu_value_text_n(text, length);
    check_long_tags(value);
    /* Taking a tag out may bring another one together: "<<b>b>". */
    for (int round = 0; count_of(value, '<') > 0 && count_of(value, '>') > 0; round++) {
        if (round == STRIP_ROUNDS)
            nu_raise(NU_SUSPICIOUS, "text has too many nested tags");
        nu_value stripped = strip_once(value);
        bool     same = count_of(stripped, '<') == count_of(value, '<');
        if (same)
            break;
        value = stripped;
    }
    return value;
}
