#include "http/internal.h"

#include "http/multipart.h"
#include "nuages/json.h"

#include <string.h>

#define MEBIBYTE ((int64_t)1 << 20)

/* ---- limits ------------------------------------------------------------------------------------- */

int nu__max_fields(const nu_http_options *options)
{
    return options->max_fields != 0 ? options->max_fields : 1000;
}

int nu__max_files(const nu_http_options *options)
{
    return options->max_files != 0 ? options->max_files : 100;
}

int64_t nu__max_body(const nu_http_options *options)
{
    return options->max_body != 0 ? options->max_body : MEBIBYTE * 5 / 2;
}

int64_t nu__max_file_memory(const nu_http_options *options)
{
    return options->max_file_memory != 0 ? options->max_file_memory : MEBIBYTE * 5 / 2;
}

/* ---- reading -------------------------------------------------------------------------------------- */

int64_t nu_request_content_length(const nu_request *req)
{
    return req->content_length;
}

size_t nu_request_read(nu_request *req, void *into, size_t room)
{
    if (req->body_state == NU__BODY_KEPT) {
        size_t left = req->body_length - req->body_read;
        size_t count = left < room ? left : room;
        memcpy(into, req->body + req->body_read, count);
        req->body_read += count;
        return count;
    }
    req->body_state = NU__BODY_TAKEN;
    if (req->read == NULL || req->body_ended)
        return 0;
    size_t count = req->read(req->read_self, into, room);
    req->body_ended = count == 0;
    return count;
}

static NU_NORETURN void too_large(int64_t limit)
{
    nu_raise(NU_TOO_LARGE, "the body of the request is larger than %lld bytes", (long long)limit);
}

static void read_whole(nu_request *req)
{
    int64_t limit = nu__max_body(req->options);
    if (limit >= 0 && req->content_length > limit)
        too_large(limit);
    nu_builder body;
    nu_builder_init(&body, req->arena,
                    req->content_length > 0 ? (size_t)req->content_length + 1 : 0);
    while (req->read != NULL) {
        char  *room = nu_builder_room(&body, 4096);
        size_t count = req->read(req->read_self, room, 4096);
        if (count == 0)
            break;
        body.length += count;
        if (limit >= 0 && body.length > (size_t)limit)
            too_large(limit);
    }
    req->body = nu_builder_text(&body);
    req->body_length = body.length;
    req->body_state = NU__BODY_KEPT;
}

const char *nu_request_body(nu_request *req, size_t *length)
{
    if (req->body_state == NU__BODY_TAKEN)
        nu_raise(NU_VALUE_ERROR, "the body of the request has been read already");
    if (req->body_state == NU__BODY_UNREAD)
        read_whole(req);
    int64_t limit = nu__max_body(req->options);
    if (limit >= 0 && req->body_length > (size_t)limit) /* a test's body was not read */
        too_large(limit);
    if (length != NULL)
        *length = req->body_length;
    return req->body;
}

bool nu__request_drain(nu_request *req, size_t limit)
{
    char dropped[4096];
    if (req->body_state == NU__BODY_KEPT || req->read == NULL)
        return true;
    for (size_t total = 0, count; total <= limit; total += count) {
        count = nu_request_read(req, dropped, sizeof dropped);
        if (count == 0)
            return true;
    }
    return false;
}

void nu_request_set_body(nu_request *req, const char *content_type, const void *bytes,
                         size_t length)
{
    req->body = bytes;
    req->body_length = length;
    req->body_read = 0;
    req->body_state = NU__BODY_KEPT;
    req->content_length = (int64_t)length;
    req->post = req->files = NULL;
    if (content_type != NULL)
        nu_request_set_header(req, "Content-Type", content_type);
    nu_request_set_header(req, "Content-Length", nu_fmt("%zu", length));
}

/* A small body may unpack to a huge one, so none is unpacked. */
static void refuse_coded(const nu_request *req)
{
    const char *coding = nu_request_header(req, "Content-Encoding");
    if (coding != NULL && coding[0] != '\0' &&
        !nu_equal_ascii_nocase(coding, strlen(coding), "identity", 8))
        nu_raise(NU_UNSUPPORTED_MEDIA, "the body of the request is compressed (%s)", coding);
}

/* ---- JSON ------------------------------------------------------------------------------------------- */

static bool is_json(const char *type)
{
    return strcmp(type, "application/json") == 0 || nu_ends_with(type, "+json");
}

nu_value nu_request_json(nu_request *req)
{
    const char *type = nu_request_content_type(req);
    if (!is_json(type))
        nu_raise(NU_BAD_REQUEST, "the body must be JSON (application/json) and not \"%s\"", type);
    refuse_coded(req);
    size_t      length;
    const char *body = nu_request_body(req, &length);
    nu_error   *bad = NULL;
    NU_TRY {
        return nu_json_parse(body, length);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_SYNTAX_ERROR))
            nu_reraise(error);
        bad = nu_error_new(NU_BAD_REQUEST, "the body is no valid JSON: %s", error->fact);
        bad->place = error->place;
        bad->place.file = "the request's body";
        nu_throw(bad);
    }
    return nu_null();
}

/* ---- forms -------------------------------------------------------------------------------------------- */

static void parse_form(nu_request *req)
{
    /* A body that cannot be read is not read again: later callers see an empty form. */
    req->post = nu_params_new();
    req->files = nu_params_new();
    if (req->body_state == NU__BODY_TAKEN)
        return;
    refuse_coded(req);
    const char *header = nu_headers_value_at(&req->headers, NU_HEADER_CONTENT_TYPE);
    nu_dict    *params = NULL;
    const char *type = header != NULL ? nu_header_params(header, &params) : "";
    if (strcmp(type, "multipart/form-data") == 0) {
        const nu_value *boundary = nu_dict_find(params, "boundary");
        req->body_read = 0;
        nu__multipart_parse(req, boundary != NULL ? boundary->text : "");
    } else if (strcmp(type, "application/x-www-form-urlencoded") == 0) {
        size_t      length;
        const char *body = nu_request_body(req, &length);
        req->post = nu_params_parse(body, length, nu__max_fields(req->options));
    }
}

static void need_form(nu_request *req)
{
    if (req->post != NULL)
        return;
    nu_arena *before = nu_arena_enter(req->arena);
    parse_form(req);
    nu_arena_enter(before);
}

nu_params *nu_request_form_data(nu_request *req)
{
    need_form(req);
    return req->post;
}

nu_params *nu_request_form(nu_request *req)
{
    return nu_request_is(req, "POST") ? nu_request_form_data(req) : nu_params_new();
}

nu_params *nu_request_files(nu_request *req)
{
    need_form(req);
    return req->files;
}

const char *nu_request_post(nu_request *req, const char *name)
{
    return nu_request_is(req, "POST") ? nu_params_get(nu_request_form_data(req), name) : NULL;
}

nu_upload *nu_request_file(nu_request *req, const char *name)
{
    return nu_upload_of(nu_params_value(nu_request_files(req), name));
}
