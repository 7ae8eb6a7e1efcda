/* Operations on requests. */
#include <string.h>

#include "http/internal.h"
#include "web.h"

/* Django keeps META names in its settings: "HTTP_X_FORWARDED_PROTO". */
static const char *header_of_meta(const char *meta)
{
    char *name = nu_arena_text(nu_arena_current(), nu_starts_with(meta, "HTTP_") ? meta + 5 : meta);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)(*c == '_' ? '-' : *c);
    return name;
}

static int64_t limit_of(const nu_dict *settings, const char *name)
{
    const nu_value *value = nu_dict_find(settings, name);
    return value == NULL ? 0 : nu_is_null(*value) ? -1 : value->integer;
}

static nu_http_options *options_of(const nu_dict *line)
{
    static const char *const usual[] = {
        "testserver", "example.com", ".example.org", "localhost", "127.0.0.1", "[::1]", NULL};
    const nu_dict   *settings = nu__web_dict(line, "settings");
    nu_http_options *options = nu_alloc(sizeof *options);
    options->allowed_hosts = nu__web_texts(settings, "ALLOWED_HOSTS");
    if (options->allowed_hosts == NULL)
        options->allowed_hosts = usual;
    options->debug = nu__web_flag(settings, "DEBUG");
    options->use_forwarded_host = nu__web_flag(settings, "USE_X_FORWARDED_HOST");
    options->use_forwarded_port = nu__web_flag(settings, "USE_X_FORWARDED_PORT");
    const nu_list *proxy = nu__web_list(settings, "SECURE_PROXY_SSL_HEADER");
    if (proxy->count == 2) {
        options->secure_header = header_of_meta(proxy->items[0].text);
        options->secure_value = proxy->items[1].text;
    }
    options->max_body = limit_of(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE");
    options->max_fields = (int)limit_of(settings, "DATA_UPLOAD_MAX_NUMBER_FIELDS");
    options->max_files = (int)limit_of(settings, "DATA_UPLOAD_MAX_NUMBER_FILES");
    options->max_file_memory = limit_of(settings, "FILE_UPLOAD_MAX_MEMORY_SIZE");
    return options;
}

/* Some cases hold a path with a bare "?", or a prefix with a slash at its end. */
static const char *target_of(const char *script, const char *path, const char *query)
{
    nu_builder target;
    nu_builder_init(&target, NULL, 64);
    nu_builder_puts(&target, script);
    for (; *path != '\0'; path++)
        nu_builder_puts(&target, *path == '?' ? "%3F" : (char[]){*path, '\0'});
    if (query[0] != '\0')
        nu_builder_printf(&target, "?%s", query);
    return nu_builder_text(&target);
}

static const char *without_last_slash(const char *script)
{
    size_t length = strlen(script);
    length -= length > 0 && script[length - 1] == '/';
    return nu_arena_copy(nu_arena_current(), script, length);
}

static nu_request *request_of(const nu_dict *line)
{
    const nu_dict *spec = nu__web_dict(line, "request");
    const char    *query = nu__web_text(spec, "query", "");
    const char    *script = without_last_slash(nu__web_text(spec, "script_name", ""));
    const char    *target = target_of(script, nu__web_text(spec, "path", "/"), query);
    nu_request *req = nu_request_new(nu__web_text(spec, "method", "GET"), target, options_of(line));
    req->script_name = script;
    req->scheme = nu__web_flag(spec, "secure") ? "https" : "http";
    req->server_name = nu__web_text(spec, "server_name", "testserver");
    const char *usual = nu__web_flag(spec, "secure") ? "443" : "80";
    req->server_port = nu__web_text(spec, "server_port", usual);
    const nu_dict *headers = nu__web_dict(spec, "headers");
    for (nu_entry *e = NULL; (e = nu_dict_next(headers, e)) != NULL;)
        nu_request_set_header(req, e->key.text, nu_text(e->value));
    return req;
}

/* ---- what a request says of itself ------------------------------------------------------------------------ */

static nu_value lists_of(const nu_params *params)
{
    nu_list *lists = nu_list_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(nu_params_dict(params), e)) != NULL;) {
        nu_list *values = nu_list_new();
        for (uint32_t i = 0; i < e->value.list->count; i++)
            nu_list_push(values, nu__web_content(e->value.list->items[i]));
        nu_list_add(lists, nu_list_of(e->key, values));
    }
    return nu_value_list(lists);
}

static nu_value headers_of(const nu_request *req)
{
    nu_dict *headers = nu_dict_new();
    for (uint32_t i = 0; i < req->headers.count; i++)
        nu_dict_put(headers, nu_value_text(req->headers.items[i].name),
                    nu_value_text(req->headers.items[i].value));
    return nu_value_dict(headers);
}

static nu_value content_params(const nu_request *req)
{
    const char *type = nu_request_header(req, "Content-Type");
    nu_dict    *params;
    nu_header_params(type != NULL ? type : "", &params);
    return nu_value_dict(params);
}

static void add_accepts(nu_dict *result, const nu_request *req, const nu_list *types)
{
    nu_list *answers = nu_list_new();
    for (uint32_t i = 0; i < types->count; i++)
        nu_list_add(answers,
                    nu_list_of(types->items[i], nu_request_accepts(req, types->items[i].text)));
    nu_dict_set(result, "accepts", answers);
}

static void add_absolute(nu_dict *result, const nu_request *req, const nu_list *locations)
{
    nu_list *answers = nu_list_new();
    for (uint32_t i = 0; i < locations->count; i++)
        nu_list_add(answers, nu_list_of(locations->items[i],
                                        nu_request_absolute(req, locations->items[i].text)));
    nu_dict_set(result, "absolute", answers);
}

static nu_value op_request(const nu_dict *line)
{
    nu_request *req = request_of(line);
    nu_dict    *result =
        nu_dict_of("method", nu_request_method(req), "path", nu_request_path(req), "path_info",
                   nu_request_path_info(req), "full_path", nu_request_full_path(req, false),
                   "full_path_slash", nu_request_full_path(req, true), "scheme",
                   nu_request_scheme(req), "is_secure", nu_request_is_secure(req), "port",
                   nu_request_port(req), "content_type", nu_request_content_type(req),
                   "content_params", content_params(req), "get", lists_of(nu_request_query(req)),
                   "headers", headers_of(req), "cookies", nu_request_cookies(req), "host",
                   nu_request_host(req), "absolute_uri", nu_request_absolute(req, NULL));
    if (nu_dict_find(line, "accepts") != NULL)
        add_accepts(result, req, nu__web_list(line, "accepts"));
    if (nu_dict_find(line, "absolute") != NULL)
        add_absolute(result, req, nu__web_list(line, "absolute"));
    return nu_value_dict(result);
}

/* ---- hosts --------------------------------------------------------------------------------------------------- */

static void set_if(nu_request *req, const char *name, const char *value)
{
    if (value != NULL)
        nu_request_set_header(req, name, value);
}

static nu_value op_host(const nu_dict *line)
{
    nu_http_options *options = options_of(line);
    options->allowed_hosts = nu__web_texts(line, "allowed");
    options->debug = nu__web_flag(line, "debug");
    options->use_forwarded_host = nu__web_flag(line, "use_forwarded");
    options->use_forwarded_port = nu__web_flag(line, "use_forwarded_port");
    nu_request *req = nu_request_new("GET", "/", options);
    req->scheme = nu__web_flag(line, "secure") ? "https" : "http";
    req->server_name = "internal.com";
    req->server_port = nu__web_text(line, "server_port", "80");
    set_if(req, "Host", nu__web_text(line, "header", NULL));
    set_if(req, "X-Forwarded-Host", nu__web_text(line, "forwarded", NULL));
    set_if(req, "X-Forwarded-Port", nu__web_text(line, "forwarded_port", NULL));
    return nu_value_dict(nu_dict_of("host", nu_request_host(req), "port", nu_request_port(req)));
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

static nu_value file_of(nu_value field, const nu_upload *upload)
{
    size_t      length;
    const char *content = nu_upload_content(upload, SIZE_MAX / 2, &length);
    const char *charset = nu_upload_charset(upload);
    nu_dict    *extra = nu_dict_new();
    if (charset != NULL)
        nu_dict_set(extra, "charset", charset);
    return nu_value_dict(nu_dict_of("field", field, "name", nu_upload_name(upload), "content_type",
                                    nu_upload_content_type(upload), "charset", charset, "size",
                                    nu_upload_size(upload), "content",
                                    nu__web_content(nu_value_bytes(content, length)), "in_memory",
                                    nu_upload_path(upload) == NULL, "content_type_extra", extra));
}

static nu_value files_of(nu_params *files)
{
    nu_list *list = nu_list_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(nu_params_dict(files), e)) != NULL;) {
        for (uint32_t i = 0; i < e->value.list->count; i++)
            nu_list_push(list, file_of(e->key, nu_upload_of(e->value.list->items[i])));
    }
    return nu_value_list(list);
}

/* The body as a client would send it: in pieces of odd sizes, so that each border is crossed. */
struct body {
    nu_value bytes;
    size_t   at;
};

static size_t read_body(void *self, void *into, size_t room)
{
    struct body *body = self;
    size_t       left = body->bytes.length - body->at, count = left < 1021 ? left : 1021;
    count = count < room ? count : room;
    memcpy(into, body->bytes.text + body->at, count);
    body->at += count;
    return count;
}

static nu_value op_post(const nu_dict *line)
{
    struct body *body = nu_alloc(sizeof *body);
    body->bytes = nu__web_decode(nu_dict_get(line, "body"));
    const char *announced = nu__web_text(line, "content_length", NULL);
    if (strcmp(nu__web_text(line, "encoding", "utf-8"), "utf-8") != 0)
        nu_raise(&nu__web_uncovered, "another encoding");
    if (announced != NULL)
        nu_raise(&nu__web_uncovered, "a wrong length, which the server refuses");
    nu_request *req = nu_request_new(nu__web_text(line, "method", "POST"), "/", options_of(line));
    nu_request_set_header(req, "Content-Type", nu__web_text(line, "content_type", ""));
    req->content_length = body->bytes.length;
    req->read = read_body;
    req->read_self = body;
    nu_value post = lists_of(nu_request_form(req));
    nu_value files =
        nu_request_is(req, "POST") ? files_of(nu_request_files(req)) : nu_value_list(nu_list_new());
    return nu_value_dict(nu_dict_of("post", post, "files", files));
}

static nu_value op_upload_name(const nu_dict *line)
{
    return nu_value_text(nu_upload_safe_name(nu__web_text(line, "name", "")));
}

const nu__web_op nu__web_request_ops[] = {
    {"request", op_request, NULL},
    {"host", op_host, NULL},
    {"post", op_post, NULL},
    {"upload_name", op_upload_name, NULL},
    {0},
};
