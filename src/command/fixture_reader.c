/* Fixtures on their way in. The text is cut where an object ends, by its quotes and brackets alone; the JSON parser then
 * sees one object at a time, so that memory does not grow with the file. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "command/fixture.h"
#include "nuages/json.h"

enum { BUFFER_SIZE = 65536, LARGEST_OBJECT = 256 << 20, END = -1 };

struct nu__fixture_reader {
    const char *path; /* as messages name it */
    gzFile      file;
    uint8_t    *buffer;
    int         at, end;
    int         line, column; /* of what is read next, from 1 */
    bool        list;         /* "[ … ]", not lines */
    bool        started, first;
};

static NU_NORETURN void raise_at(const nu__fixture_reader *reader, const char *fact)
{
    nu_error *error = nu_error_new(NU_COMMAND_ERROR, "%s is no JSON: %s", reader->path, fact);
    error->place.file = reader->path;
    error->place.line = reader->line;
    error->place.column = reader->column;
    nu_throw(error);
}

static void fill(nu__fixture_reader *reader)
{
    errno = 0;
    int         count = gzread(reader->file, reader->buffer, BUFFER_SIZE), code;
    const char *fact = gzerror(reader->file, &code);
    if (count < 0 || code == Z_BUF_ERROR) /* the latter: a compressed file that was cut off */
        nu_raise(NU_COMMAND_ERROR, "%s cannot be read: %s", reader->path,
                 code == Z_ERRNO ? strerror(errno) : fact);
    reader->at = 0;
    reader->end = count;
}

static int peek(nu__fixture_reader *reader)
{
    if (reader->at == reader->end)
        fill(reader);
    return reader->at < reader->end ? reader->buffer[reader->at] : END;
}

static void skip(nu__fixture_reader *reader)
{
    bool line = reader->buffer[reader->at++] == '\n';
    reader->line += line;
    reader->column = line ? 1 : reader->column + 1;
}

static int skip_space(nu__fixture_reader *reader)
{
    int c;
    while ((c = peek(reader)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        skip(reader);
    return c;
}

static void close_file(void *arg)
{
    gzclose(arg);
}

nu__fixture_reader *nu__fixture_open(const char *path)
{
    nu__fixture_reader *reader = nu_alloc(sizeof *reader);
    bool                input = strcmp(path, "-") == 0;
    nu_defer           *defer = nu_arena_defer(nu_arena_current(), close_file, NULL);
    *reader = (nu__fixture_reader){.path = input ? "standard input" : nu_fmt("%s", path),
                                   .line = 1,
                                   .column = 1,
                                   .buffer = nu_alloc(BUFFER_SIZE)};
    errno = 0;
    int copy = input ? dup(STDIN_FILENO) : -1;
    reader->file = input ? gzdopen(copy, "rb") : gzopen(path, "rbe");
    if (reader->file == NULL)
        nu_raise(NU_COMMAND_ERROR, "%s cannot be read: %s", reader->path,
                 strerror(errno != 0 ? errno : ENOMEM));
    defer->arg = reader->file;
    return reader;
}

/* ---- one object ------------------------------------------------------------------------------ */

/* Follows one value's text; true while it goes on behind `c`. */
struct cut {
    int  depth;
    bool text, escaped;
};

static bool goes_on(struct cut *cut, int c)
{
    if (cut->text) {
        cut->text = cut->escaped || c != '"';
        cut->escaped = !cut->escaped && c == '\\';
        return true;
    }
    cut->text = c == '"';
    cut->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    return cut->depth > 0 || (c != '}' && c != ']');
}

static bool ends_before(const struct cut *cut, int c)
{
    return cut->depth == 0 && !cut->text &&
           (c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
            c == END);
}

static void take_value(nu__fixture_reader *reader, nu_builder *text)
{
    struct cut cut = {0};
    for (bool more = true; more;) {
        int c = peek(reader);
        if (text->length > 0 && ends_before(&cut, c))
            return;
        if (c == END)
            raise_at(reader, "it ends in the middle of an object");
        if (text->length == LARGEST_OBJECT)
            raise_at(reader, "an object is larger than 256 MiB");
        nu_builder_putc(text, (char)c);
        more = goes_on(&cut, c);
        skip(reader);
    }
}

/* Places inside the object become places in the file. */
static nu_value parse(const nu__fixture_reader *reader, nu_builder *text, int line, int column)
{
    nu_value volatile object = nu_null();
    NU_TRY {
        object = nu_json_parse(nu_builder_text(text), text->length);
    }
    NU_CATCH (error) {
        nu_error *located =
            nu_error_new(NU_COMMAND_ERROR, "%s is no JSON: %s", reader->path, error->fact);
        located->place = error->place;
        located->place.file = reader->path;
        if (located->place.line == 1)
            located->place.column += column - 1;
        located->place.line += line - 1;
        located->hint = error->hint;
        nu_throw(located);
    }
    return object;
}

static void begin(nu__fixture_reader *reader)
{
    reader->started = reader->first = true;
    int c = skip_space(reader);
    reader->list = c == '[';
    if (reader->list)
        skip(reader);
    else if (c != '{' && c != END)
        raise_at(reader, "it holds no list of objects");
}

static void finish(nu__fixture_reader *reader)
{
    skip(reader);
    if (skip_space(reader) != END)
        raise_at(reader, "there is more behind the list");
}

bool nu__fixture_next(nu__fixture_reader *reader, nu_value *object)
{
    if (!reader->started)
        begin(reader);
    int c = skip_space(reader);
    if (reader->list && c == ']') {
        finish(reader);
        reader->list = false; /* from here on there is nothing but the end */
        return false;
    }
    if (!reader->list && c == END)
        return false;
    if (reader->list && !reader->first) {
        if (c != ',')
            raise_at(reader, c == END ? "the list has no end" : "a comma is missing");
        skip(reader);
        c = skip_space(reader);
    }
    reader->first = false;
    if (c == END)
        raise_at(reader, "the list has no end");
    nu_builder text;
    int        line = reader->line, column = reader->column;
    nu_builder_init(&text, NULL, 1024);
    take_value(reader, &text);
    *object = parse(reader, &text, line, column);
    return true;
}
