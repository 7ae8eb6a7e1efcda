#include "http/internal.h"

#include "base/ambient.h"
#include "nuages/signing.h"
#include "nuages/uri.h"

#include <string.h>

static const nu_http_options any_host = {.allowed_hosts = NU_STRS("*")};

/* ---- making ----------------------------------------------------------------------------------------- */

void nu__request_init(nu_request *req, nu_arena *arena, const nu_http_options *options)
{
    memset(req, 0, sizeof *req);
    req->class = &nu__request_class;
    req->arena = arena;
    req->options = options != NULL ? options : &any_host;
    req->method = "GET";
    req->path = req->raw_path = "/";
    req->path_length = req->raw_path_length = 1;
    req->query = req->script_name = req->remote_address = req->id = "";
    req->scheme = "http";
    req->server_name = "localhost";
    req->content_length = -1;
    nu_headers_init(&req->headers, arena);
}

/* The path as text: escapes decoded; bytes that are no UTF-8 keep their escape, as in Django. */
static const char *decoded_path(const char *raw, size_t length, size_t *out_length)
{
    if (memchr(raw, '%', length) == NULL && nu_utf8_valid(raw, length)) {
        *out_length = length;
        return raw;
    }
    char *bytes = nu_uri_unquote(raw, length, false, out_length);
    if (memchr(bytes, '\0', *out_length) != NULL)
        nu_raise(NU_BAD_REQUEST, "the path holds a NUL character");
    if (nu_utf8_valid(bytes, *out_length))
        return bytes;
    const char *path = nu_uri_repercent(bytes, *out_length);
    *out_length = strlen(path);
    return path;
}

void nu__request_set_target(nu_request *req, char *target, size_t length)
{
    nu_arena *before = nu_arena_enter(req->arena);
    char     *mark = memchr(target, '?', length);
    size_t    path_length = mark != NULL ? (size_t)(mark - target) : length;
    if (mark != NULL) {
        *mark = '\0';
        req->query = mark + 1;
        req->query_length = (uint32_t)(length - path_length - 1);
    }
    if (target[0] != '/') { /* "*" of OPTIONS */
        target = nu_fmt("/%s", target);
        path_length++;
    }
    req->raw_path = target;
    req->raw_path_length = (uint32_t)path_length;
    size_t decoded;
    req->path = decoded_path(target, path_length, &decoded);
    req->path_length = (uint32_t)decoded;
    nu_arena_enter(before);
}

void nu__request_add_header(nu_request *req, const char *name, size_t name_length,
                            const char *value, size_t value_length)
{
    nu_header field = {
        .name = name,
        .value = value,
        .name_length = (uint32_t)name_length,
        .value_length = (uint32_t)value_length,
        .id = (uint16_t)nu_header_id_of(name, name_length),
    };
    nu_header *found =
        (nu_header *)(uintptr_t)nu__headers_find(&req->headers, field.id, name, name_length);
    if (found == NULL) {
        nu__headers_append(&req->headers, &field);
        return;
    }
    const char *joint = found->id == NU_HEADER_COOKIE ? "; " : ",";
    found->value = nu_arena_format(req->arena, "%s%s%s", found->value, joint, value);
    found->value_length = (uint32_t)strlen(found->value);
}

nu_request *nu_request_new(const char *method, const char *target, const nu_http_options *options)
{
    nu_arena   *arena = nu_arena_current();
    nu_request *req = nu_arena_alloc(arena, sizeof *req);
    nu__request_init(req, arena, options);
    req->method = nu_arena_text(arena, method);
    nu__request_set_target(req, nu_arena_text(arena, target), strlen(target));
    return req;
}

void nu_request_set_header(nu_request *req, const char *name, const char *value)
{
    nu_headers_set(&req->headers, name, value);
}

/* ---- the first line ------------------------------------------------------------------------------------ */

const char *nu_request_method(const nu_request *req)
{
    return req->method;
}

bool nu_request_is(const nu_request *req, const char *method)
{
    return strcmp(req->method, method) == 0;
}

const char *nu_request_path(const nu_request *req)
{
    return req->path;
}

const char *nu_request_path_info(const nu_request *req)
{
    size_t      prefix = strlen(req->script_name);
    bool        below = prefix > 0 && nu_starts_with(req->path, req->script_name);
    const char *info = below ? req->path + prefix : req->path;
    return info[0] == '/' ? info : below && info[0] == '\0' ? "/" : req->path;
}

const char *nu_request_raw_path(const nu_request *req)
{
    return req->raw_path;
}

const char *nu_request_full_path(const nu_request *req, bool append_slash)
{
    const char *path = nu_uri_escape_path(req->path, req->path_length);
    const char *slash = append_slash && req->path[req->path_length - 1] != '/' ? "/" : "";
    if (req->query_length == 0)
        return nu_fmt("%s%s", path, slash);
    return nu_fmt("%s%s?%s", path, slash, nu_uri_from_iri(req->query, req->query_length));
}

const char *nu_request_query_string(const nu_request *req)
{
    return req->query;
}

const char *nu_request_remote_address(const nu_request *req)
{
    return req->remote_address;
}

const char *nu_request_id(const nu_request *req)
{
    return req->id;
}

/* ---- fields and cookies ---------------------------------------------------------------------------------- */

const char *nu_request_header(const nu_request *req, const char *name)
{
    return nu_headers_value(&req->headers, name);
}

const nu_headers *nu_request_headers(const nu_request *req)
{
    return &req->headers;
}

nu_dict *nu_request_cookies(nu_request *req)
{
    if (req->cookies != NULL)
        return req->cookies;
    nu_arena        *before = nu_arena_enter(req->arena);
    const nu_header *header = nu_headers_at(&req->headers, NU_HEADER_COOKIE);
    req->cookies =
        header != NULL ? nu_cookie_parse(header->value, header->value_length) : nu_dict_new();
    nu_arena_enter(before);
    return req->cookies;
}

const char *nu_request_cookie(nu_request *req, const char *name)
{
    const nu_value *value = nu_dict_find(nu_request_cookies(req), name);
    return value != NULL ? value->text : NULL;
}

const char *nu_request_signed_cookie(nu_request *req, const char *name, const char *salt,
                                     int64_t max_age)
{
    const char *signed_text = nu_request_cookie(req, name);
    if (signed_text == NULL)
        return NULL;
    nu_signer signer = nu__cookie_signer(name, salt);
    NU_TRY {
        return nu_unsign_timed(&signer, signed_text, max_age > 0 ? (double)max_age : -1);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_BAD_SIGNATURE))
            nu_reraise(error);
    }
    return NULL;
}

const char *nu_request_content_type(const nu_request *req)
{
    const char *type = nu_headers_value_at(&req->headers, NU_HEADER_CONTENT_TYPE);
    return type != NULL ? nu_header_params(type, NULL) : "";
}

/* ---- the query string -------------------------------------------------------------------------------------- */

nu_params *nu_request_query(nu_request *req)
{
    if (req->get == NULL) {
        nu_arena *before = nu_arena_enter(req->arena);
        req->get = nu_params_parse(req->query, req->query_length, nu__max_fields(req->options));
        nu_arena_enter(before);
    }
    return req->get;
}

const char *nu_request_get(nu_request *req, const char *name)
{
    return nu_params_get(nu_request_query(req), name);
}

/* ---- the route ----------------------------------------------------------------------------------------------- */

const nu_match *nu_request_match(const nu_request *req)
{
    return req->match;
}

void nu_request_set_match(nu_request *req, const nu_match *match)
{
    req->match = match;
}

nu_value nu_arg_find(const nu_request *req, const char *name)
{
    bool named = req->match != NULL && req->match->kwargs != NULL;
    return named ? nu_dict_get(req->match->kwargs, name) : nu_null();
}

nu_value nu_arg_value(const nu_request *req, const char *name)
{
    bool            named = req->match != NULL && req->match->kwargs != NULL;
    const nu_value *value = named ? nu_dict_find(req->match->kwargs, name) : NULL;
    if (value != NULL)
        return *value;
    const char *route = req->match != NULL ? req->match->route : "";
    nu_raise(NU_VALUE_ERROR, "the route \"%s\" has no argument \"%s\"", route, name);
}

const char *nu_arg(const nu_request *req, const char *name)
{
    return nu_text(nu_arg_value(req, name));
}

int64_t nu_arg_int(const nu_request *req, const char *name)
{
    return nu_int(nu_arg_value(req, name));
}

/* ---- what travels with the request ------------------------------------------------------------------------------ */

struct nu__lazy {
    const char *name;
    nu_value (*load)(nu_request *req);
    struct nu__lazy *next;
};

static nu_dict *data_of(nu_request *req)
{
    if (req->data == NULL) {
        nu_arena *before = nu_arena_enter(req->arena);
        req->data = nu_dict_new();
        nu_arena_enter(before);
    }
    return req->data;
}

void nu_request_set_data(nu_request *req, const char *name, nu_value value)
{
    nu_dict_put(data_of(req), nu_value_text(nu_arena_text(req->arena, name)), value);
}

void nu_request_set_lazy(nu_request *req, const char *name, nu_value (*load)(nu_request *req))
{
    struct nu__lazy *lazy = nu_arena_zalloc(req->arena, sizeof *lazy);
    *lazy = (struct nu__lazy){nu_arena_text(req->arena, name), load, req->lazy};
    req->lazy = lazy;
    nu_dict_remove(data_of(req), name);
}

static const struct nu__lazy *lazy_find(const nu_request *req, const char *name)
{
    for (const struct nu__lazy *lazy = req->lazy; lazy != NULL; lazy = lazy->next) {
        if (strcmp(lazy->name, name) == 0)
            return lazy;
    }
    return NULL;
}

nu_value nu_request_data(nu_request *req, const char *name)
{
    const nu_value *value = nu_dict_find(data_of(req), name);
    if (value != NULL)
        return *value;
    const struct nu__lazy *lazy = lazy_find(req, name);
    if (lazy == NULL)
        return nu_null();
    nu_arena *before = nu_arena_enter(req->arena);
    nu_value  loaded = lazy->load(req);
    nu_arena_enter(before);
    nu_request_set_data(req, name, loaded);
    return loaded;
}

void *nu_request_object(nu_request *req, const char *name)
{
    nu_value value = nu_request_data(req, name);
    return value.type == NU_OBJECT ? value.object : NULL;
}

bool nu_request_has_data(const nu_request *req, const char *name)
{
    return req->data != NULL && nu_dict_find(req->data, name) != NULL;
}

nu_arena *nu_request_arena(const nu_request *req)
{
    return req->arena;
}

nu_request *nu_request_current(void)
{
    return nu__ambient()->request;
}
