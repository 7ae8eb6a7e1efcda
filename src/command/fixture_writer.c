/* Fixtures on their way out: a file, compressed or not, or standard output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "command/fixture.h"
#include "nuages/json.h"

struct nu__fixture_writer {
    const char      *path, *draft; /* draft is renamed to path; NULL: standard output */
    FILE            *file;
    gzFile           packed;
    nu__fixture_form form;
    int              indent;
    bool             first;
};

static NU_NORETURN void raise_failed(const nu__fixture_writer *writer, int code)
{
    nu_raise(NU_SYSTEM_ERROR, "cannot write %s: %s",
             writer->path != NULL ? writer->path : "the output", strerror(code));
}

/* Closes what is open and takes away what is not whole. */
static void give_up(void *arg)
{
    nu__fixture_writer *writer = arg;
    if (writer->packed != NULL)
        gzclose(writer->packed);
    else if (writer->path != NULL && writer->file != NULL)
        fclose(writer->file);
    if (writer->draft != NULL)
        unlink(writer->draft);
}

static void put(nu__fixture_writer *writer, const char *bytes, size_t length)
{
    errno = 0;
    bool written = writer->packed != NULL ? gzfwrite(bytes, 1, length, writer->packed) == length
                                          : fwrite(bytes, 1, length, writer->file) == length;
    if (!written)
        raise_failed(writer, errno != 0 ? errno : EIO);
}

static void put_text(nu__fixture_writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

nu__fixture_writer *nu__fixture_create(const char *path, nu__fixture_form form, int indent)
{
    nu__fixture_writer *writer = nu_alloc(sizeof *writer);
    *writer = (nu__fixture_writer){
        .path = path, .form = form, .indent = indent, .first = true, .file = stdout};
    if (path != NULL) {
        const char *draft = nu_fmt("%s.part", path);
        nu_defer   *defer = nu_arena_defer(nu_arena_current(), give_up, NULL);
        bool        pack = nu_ends_with(path, ".gz");
        writer->file = NULL;
        errno = 0;
        if (pack)
            writer->packed = gzopen(draft, "wbe");
        else
            writer->file = fopen(draft, "wbe");
        if (writer->packed == NULL && writer->file == NULL)
            raise_failed(writer, errno != 0 ? errno : ENOMEM);
        writer->draft = draft;
        defer->arg = writer;
    }
    if (form == NU__FIXTURE_JSON)
        put_text(writer, "[");
    return writer;
}

void nu__fixture_write(nu__fixture_writer *writer, nu_value object)
{
    nu_builder      text;
    nu_json_options options = {.indent = writer->indent, .spaced = true, .numbers = true};
    nu_builder_init(&text, NULL, 1024);
    if (writer->form == NU__FIXTURE_JSON_LINES)
        options = (nu_json_options){.colon_spaced = true, .numbers = true};
    else if (writer->indent > 0)
        nu_builder_puts(&text, writer->first ? "\n" : ",\n");
    else
        nu_builder_puts(&text, writer->first ? "" : ", ");
    nu_json_write(&text, object, &options);
    if (writer->form == NU__FIXTURE_JSON_LINES)
        nu_builder_putc(&text, '\n');
    writer->first = false;
    put(writer, text.data, text.length);
}

void nu__fixture_finish(nu__fixture_writer *writer)
{
    if (writer->form == NU__FIXTURE_JSON)
        put_text(writer, writer->indent > 0 ? "\n]\n" : "]");
    errno = 0;
    bool good = true;
    if (writer->packed != NULL)
        good = gzclose(writer->packed) == Z_OK;
    else if (writer->path != NULL)
        good = fclose(writer->file) == 0;
    else
        good = fflush(writer->file) == 0;
    writer->packed = NULL;
    writer->file = NULL;
    if (!good || (writer->draft != NULL && rename(writer->draft, writer->path) != 0))
        raise_failed(writer, errno != 0 ? errno : EIO);
    writer->draft = NULL;
}
