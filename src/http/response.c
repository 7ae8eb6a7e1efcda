#include "http/internal.h"

#include "http/decode.h"
#include "nuages/json.h"
#include "nuages/uri.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const nu_class response_class = {.name = "response"};

/* ---- builders ------------------------------------------------------------------------------------ */

static nu_response *response_new(const char *bytes, size_t length)
{
    nu_response *res = nu_alloc(sizeof *res);
    res->class = &response_class;
    res->arena = nu_arena_current();
    res->status = 200;
    res->fd = -1;
    res->bytes = bytes;
    res->length = length;
    nu_headers_init(&res->headers, res->arena);
    return res;
}

/* `content_type` may be NULL and is copied. */
static nu_response *typed(const char *content_type, const char *bytes, size_t length)
{
    nu_response *res = response_new(bytes, length);
    if (content_type != NULL)
        nu_headers_set(&res->headers, "Content-Type", content_type);
    return res;
}

/* `content_type` is a literal. */
static nu_response *usual(const char *content_type, const char *bytes, size_t length)
{
    nu_response *res = response_new(bytes, length);
    nu_headers_default_at(&res->headers, NU_HEADER_CONTENT_TYPE, content_type);
    return res;
}

nu_response *nu_status(int status)
{
    nu_response *res = response_new("", 0);
    nu_response_set_status(res, status);
    return res;
}

nu_response *nu_bytes_response(const char *content_type, const void *bytes, size_t length)
{
    return typed(content_type, bytes, length);
}

nu_response *nu_html(const char *html)
{
    return usual("text/html; charset=utf-8", html, strlen(html));
}

nu_response *nu_text_response(const char *text)
{
    return usual("text/plain; charset=utf-8", text, strlen(text));
}

nu_response *nu_json_of(nu_value value)
{
    nu_builder json;
    nu_builder_init(&json, NULL, 256);
    nu_json_write(&json, value, &(nu_json_options){.spaced = true, .ascii = true});
    const char *text = nu_builder_text(&json);
    return usual("application/json", text, json.length);
}

static nu_response *redirect(int status, const char *url)
{
    nu_uri      parts = nu_uri_split(url);
    const char *scheme = parts.scheme;
    if (scheme != NULL && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0 &&
        strcmp(scheme, "ftp") != 0)
        nu_raise(NU_SUSPICIOUS, "unsafe redirect to a URL with protocol \"%s\"", scheme);
    nu_response *res = nu_html("");
    res->status = status;
    nu_headers_set(&res->headers, "Location", nu_uri_from_iri(url, strlen(url)));
    return res;
}

nu_response *nu_redirect_to(const char *url)
{
    return redirect(302, url);
}

nu_response *nu_redirect_permanently_to(const char *url)
{
    return redirect(301, url);
}

nu_response *nu_not_allowed(const char *methods)
{
    nu_response *res = nu_html("");
    res->status = 405;
    nu_headers_set(&res->headers, "Allow", methods);
    return res;
}

/* ---- files ------------------------------------------------------------------------------------------ */

static void close_file(void *arg)
{
    nu_response *res = arg;
    if (res != NULL && res->fd >= 0)
        close(res->fd);
}

static void open_file(nu_response *res, const char *path)
{
    nu_defer   *slot = nu_arena_defer(res->arena, close_file, NULL);
    struct stat status;
    res->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    slot->arg = res;
    if (res->fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != EACCES)
        nu_raise(NU_SYSTEM_ERROR, "cannot open \"%s\": %s", path, strerror(errno));
    if (res->fd < 0 || fstat(res->fd, &status) != 0 || !S_ISREG(status.st_mode))
        nu_raise(NU_NOT_FOUND, "there is no file \"%s\"", path);
    char date[30];
    nu_http_date_write(date, status.st_mtime);
    nu_headers_set(&res->headers, "Last-Modified", date);
    res->kind = NU_BODY_FILE;
    res->length = (size_t)status.st_size;
}

/* A compressed file is named as such and not as what it unpacks to, or browsers would unpack it. */
static const char *type_of_file(const char *name)
{
    const char *encoding, *type = nu_content_type_of(name, &encoding);
    if (encoding == NULL)
        return type;
    if (strcmp(encoding, "gzip") == 0)
        return "application/gzip";
    return strcmp(encoding, "bzip2") == 0 ? "application/x-bzip" : "application/x-xz";
}

nu_response *nu_file_(const char *path, const nu_file_options *options)
{
    const char  *slash = strrchr(path, '/');
    const char  *name = options->filename != NULL ? options->filename
                        : slash != NULL           ? slash + 1
                                                  : path;
    const char  *type = options->content_type != NULL ? options->content_type : type_of_file(name);
    nu_response *res = typed(type, "", 0);
    open_file(res, path);
    const char *disposition = nu_content_disposition(options->attachment, name);
    if (disposition != NULL)
        nu_headers_set(&res->headers, "Content-Disposition", disposition);
    return res;
}

/* ---- streams ------------------------------------------------------------------------------------------ */

static void close_stream(void *arg)
{
    nu_response *res = arg;
    void (*close_it)(void *self) = res->stream_close;
    res->stream_close = NULL;
    if (close_it != NULL)
        close_it(res->stream_owner);
}

nu_response *nu_stream(const char *content_type, nu_stream_next next, void (*close_it)(void *self),
                       void *self)
{
    nu_response *res = typed(content_type, NULL, 0);
    res->kind = NU_BODY_STREAM;
    res->next = next;
    res->stream_self = res->stream_owner = self;
    res->stream_close = close_it;
    if (close_it != NULL)
        nu_arena_defer(res->arena, close_stream, res);
    return res;
}

bool nu__response_next(nu_response *res, nu_value *piece)
{
    if (res->next != NULL && res->next(res->stream_self, piece))
        return true;
    res->next = NULL;
    close_stream(res);
    return false;
}

void nu_response_wrap_stream(nu_response *res, nu_stream_next next, void *self,
                             nu_stream_next *inner, void **inner_self)
{
    nu_assert(res->kind == NU_BODY_STREAM);
    *inner = res->next;
    *inner_self = res->stream_self;
    res->next = next;
    res->stream_self = self;
    nu_headers_remove(&res->headers, "Content-Length");
}

/* ---- status and fields ----------------------------------------------------------------------------------- */

int nu_response_status(const nu_response *res)
{
    return res->status;
}

void nu_response_set_status(nu_response *res, int status)
{
    if (status < 100 || status > 599)
        nu_raise(NU_VALUE_ERROR, "a status is a number from 100 to 599, not %d", status);
    res->status = status;
}

const nu_headers *nu_response_headers(const nu_response *res)
{
    return &res->headers;
}

const char *nu_response_header(const nu_response *res, const char *name)
{
    return nu_headers_value(&res->headers, name);
}

bool nu_response_has_header(const nu_response *res, const char *name)
{
    return nu_headers_find(&res->headers, name) != NULL;
}

void nu_response_set_header(nu_response *res, const char *name, const char *value)
{
    nu_headers_set(&res->headers, name, nu__header_bytes(value));
}

void nu_response_default_header(nu_response *res, const char *name, const char *value)
{
    if (!nu_response_has_header(res, name))
        nu_response_set_header(res, name, value);
}

void nu_response_default_field(nu_response *res, const nu_header *field)
{
    nu_headers_default_field(&res->headers, field);
}

void nu_response_add_header(nu_response *res, const char *name, const char *value)
{
    nu_headers_add(&res->headers, name, nu__header_bytes(value));
}

bool nu_response_remove_header(nu_response *res, const char *name)
{
    return nu_headers_remove(&res->headers, name);
}

/* ---- the body ------------------------------------------------------------------------------------------------ */

nu_body_kind nu_response_body_kind(const nu_response *res)
{
    return res->kind;
}

const char *nu_response_body(const nu_response *res, size_t *length)
{
    if (res->kind != NU_BODY_BYTES)
        return NULL;
    if (length != NULL)
        *length = res->length;
    return res->bytes;
}

static void length_changed(nu_response *res)
{
    if (nu_headers_at(&res->headers, NU_HEADER_CONTENT_LENGTH) != NULL)
        nu_headers_set(&res->headers, "Content-Length", nu_fmt("%zu", res->length));
}

void nu_response_set_body(nu_response *res, const void *bytes, size_t length)
{
    if (res->kind == NU_BODY_STREAM)
        close_stream(res);
    res->kind = NU_BODY_BYTES;
    res->next = NULL;
    res->builder = NULL;
    res->bytes = bytes;
    res->length = length;
    length_changed(res);
}

void nu_response_write(nu_response *res, const void *bytes, size_t length)
{
    nu_assert(res->kind == NU_BODY_BYTES);
    if (res->builder == NULL) {
        res->builder = nu_arena_zalloc(res->arena, sizeof *res->builder);
        nu_builder_init(res->builder, res->arena, res->length + length + 256);
        nu_builder_add(res->builder, res->bytes, res->length);
    }
    nu_builder_add(res->builder, bytes, length);
    res->bytes = nu_builder_text(res->builder);
    res->length = res->builder->length;
    length_changed(res);
}

void nu__file_read(const nu_response *res, size_t from, char *into, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = pread(res->fd, into + done, length - done, res->offset + (off_t)(from + done));
        if (n < 0 && errno != EINTR)
            nu_raise(NU_SYSTEM_ERROR, "cannot read a file: %s", strerror(errno));
        if (n == 0)
            nu_raise(NU_SYSTEM_ERROR, "file became shorter while it was sent");
        done += n > 0 ? (size_t)n : 0;
    }
}

static const char *file_content(nu_response *res)
{
    char *content = nu_arena_alloc(nu_arena_current(), res->length + 1);
    nu__file_read(res, 0, content, res->length);
    content[res->length] = '\0';
    return content;
}

const char *nu_response_content(nu_response *res, size_t *length)
{
    if (res->kind == NU_BODY_STREAM) {
        nu_builder content;
        nu_builder_init(&content, NULL, 1024);
        for (nu_value piece; nu__response_next(res, &piece);)
            nu_builder_add(&content, piece.text, piece.length);
        nu_response_set_body(res, nu_builder_text(&content), content.length);
    }
    if (length != NULL)
        *length = res->length;
    return res->kind == NU_BODY_FILE ? file_content(res) : res->bytes;
}
