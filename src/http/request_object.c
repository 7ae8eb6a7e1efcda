/* The request as templates see it, under Django's names: {{ request.path }}, {{ request.GET.page }},
 * {{ request.user }}. */
#include "http/internal.h"

#include <string.h>

static nu_value header_dict(nu_request *req)
{
    nu_dict *dict = nu_dict_new();
    for (uint32_t i = 0; i < req->headers.count; i++) {
        const nu_header *header = &req->headers.items[i];
        nu_dict_put(dict, nu_value_text_n(header->name, header->name_length),
                    nu_value_text_n(header->value, header->value_length));
    }
    return nu_value_dict(dict);
}

static nu_value match_dict(nu_request *req)
{
    const nu_match *match = req->match;
    if (match == NULL)
        return nu_null();
    return nu_value_dict(nu_dict_of("view_name", match->view_name, "url_name", match->url_name,
                                    "namespace", match->namespace, "namespaces", match->namespaces,
                                    "app_names", match->app_names, "route", match->route, "args",
                                    match->args, "kwargs", match->kwargs));
}

/* Django's META under the few names that templates ask for. */
static nu_value meta_dict(nu_request *req)
{
    return nu_value_dict(nu_dict_of("REMOTE_ADDR", req->remote_address, "QUERY_STRING", req->query,
                                    "REQUEST_METHOD", req->method, "SERVER_NAME", req->server_name,
                                    "SERVER_PORT", nu_request_port(req)));
}

static nu_value path_value(nu_request *req)
{
    return nu_value_text_n(req->path, req->path_length);
}
static nu_value path_info_value(nu_request *req)
{
    return nu_value_text(nu_request_path_info(req));
}
static nu_value full_path_value(nu_request *req)
{
    return nu_value_text(nu_request_full_path(req, false));
}
static nu_value method_value(nu_request *req)
{
    return nu_value_text(req->method);
}
static nu_value scheme_value(nu_request *req)
{
    return nu_value_text(nu_request_scheme(req));
}
static nu_value secure_value(nu_request *req)
{
    return nu_value_bool(nu_request_is_secure(req));
}
static nu_value host_value(nu_request *req)
{
    return nu_value_text(nu_request_host(req));
}
static nu_value port_value(nu_request *req)
{
    return nu_value_text(nu_request_port(req));
}
static nu_value absolute_value(nu_request *req)
{
    return nu_value_text(nu_request_absolute(req, NULL));
}
static nu_value content_type_value(nu_request *req)
{
    return nu_value_text(nu_request_content_type(req));
}
static nu_value query_value(nu_request *req)
{
    return nu_value_object(nu_request_query(req));
}
static nu_value form_value(nu_request *req)
{
    return nu_value_object(nu_request_form(req));
}
static nu_value files_value(nu_request *req)
{
    return nu_value_object(nu_request_files(req));
}
static nu_value cookies_value(nu_request *req)
{
    return nu_value_dict(nu_request_cookies(req));
}

static const struct {
    const char *name;
    nu_value (*value)(nu_request *req);
} attributes[] = {
    {"path", path_value},
    {"path_info", path_info_value},
    {"get_full_path", full_path_value},
    {"method", method_value},
    {"scheme", scheme_value},
    {"is_secure", secure_value},
    {"get_host", host_value},
    {"get_port", port_value},
    {"build_absolute_uri", absolute_value},
    {"content_type", content_type_value},
    {"GET", query_value},
    {"POST", form_value},
    {"FILES", files_value},
    {"COOKIES", cookies_value},
    {"META", meta_dict},
    {"headers", header_dict},
    {"resolver_match", match_dict},
};

static bool request_get(void *self, const char *key, size_t length, nu_value *out)
{
    nu_request *req = self;
    for (size_t i = 0; i < NU_COUNT(attributes); i++) {
        if (strlen(attributes[i].name) == length && memcmp(attributes[i].name, key, length) == 0) {
            *out = attributes[i].value(req);
            return true;
        }
    }
    *out = nu_request_data(req, nu_arena_copy(nu_arena_current(), key, length));
    return !nu_is_null(*out);
}

static nu_value request_text(void *self)
{
    const nu_request *req = self;
    return nu_value_text(nu_fmt("%s %s", req->method, req->raw_path));
}

const nu_class nu__request_class = {
    .name = "request",
    .get = request_get,
    .text = request_text,
};
