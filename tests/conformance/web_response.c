/* Operations on responses. */
#include <string.h>

#include "http/decode.h"
#include "http/internal.h"
#include "web.h"

/* Header values go over the wire in ISO 8859-1; the cases show them as text. */
static nu_value header_pairs(const nu_response *res)
{
    nu_list *pairs = nu_list_new();
    for (uint32_t i = 0; i < res->headers.count; i++) {
        const nu_header *header = &res->headers.items[i];
        nu_list_add(pairs,
                    nu_list_of(header->name, nu__latin1(header->value, header->value_length)));
    }
    return nu_value_list(pairs);
}

static nu_value with_sorted_headers(nu_value result)
{
    nu_value *headers = nu_dict_find(result.dict, "headers");
    if (headers != NULL)
        *headers = nu__web_sorted(*headers);
    return result;
}

static nu_value content_of(nu_response *res)
{
    size_t      length;
    const char *content = nu_response_content(res, &length);
    return nu_value_bytes(content, length);
}

/* ---- plain responses --------------------------------------------------------------------------------------- */

static nu_value op_response(const nu_dict *line)
{
    const char *type = nu__web_text(line, "content_type", "text/html; charset=utf-8");
    nu_dict    *params;
    nu_header_params(type, &params);
    const char *charset = nu__web_text(line, "charset", nu__web_text(params, "charset", "utf-8"));
    if (strcmp(charset, "utf-8") != 0 || nu_dict_find(line, "reason") != NULL)
        nu_raise(&nu__web_uncovered, "another charset or reason");
    nu_value     content = nu__web_decode(nu_dict_get(line, "content"));
    nu_response *res = nu_bytes_response(type, nu_is_null(content) ? "" : content.text,
                                         nu_is_null(content) ? 0 : content.length);
    nu_response_set_status(res, (int)nu__web_int(line, "status", 200));
    const nu_list *headers = nu__web_list(line, "headers");
    for (uint32_t i = 0; i < headers->count; i++) {
        nu_value name = headers->items[i].list->items[0], value = headers->items[i].list->items[1];
        if (nu_is_null(value))
            nu_response_remove_header(res, name.text);
        else
            nu_response_set_header(res, name.text, nu_text(value));
    }
    return nu_value_dict(nu_dict_of("status", nu_response_status(res), "headers", header_pairs(res),
                                    "reason", nu_status_reason(nu_response_status(res)), "charset",
                                    "utf-8", "content", content_of(res)));
}

static nu_value op_redirect(const nu_dict *line)
{
    const char  *to = nu__web_text(line, "to", "");
    nu_response *res =
        nu__web_flag(line, "permanent") ? nu_redirect_permanently_to(to) : nu_redirect_to(to);
    return nu_value_dict(nu_dict_of("status", nu_response_status(res), "location",
                                    nu_response_header(res, "Location")));
}

static nu_value op_json_response(const nu_dict *line)
{
    nu_value data = nu__web_decode(nu_dict_get(line, "data"));
    bool     safe = nu_dict_find(line, "safe") == NULL;
    if (nu_dict_find(line, "params") != NULL || (safe && data.type != NU_DICT))
        nu_raise(&nu__web_uncovered, "arguments that only Python's JsonResponse has");
    nu_response *res = nu_json_of(data);
    nu_response_set_status(res, (int)nu__web_int(line, "status", 200));
    const char *type = nu__web_text(line, "content_type", NULL);
    if (type != NULL)
        nu_response_set_header(res, "Content-Type", type);
    return nu_value_dict(nu_dict_of("status", nu_response_status(res), "content_type",
                                    nu_response_header(res, "Content-Type"), "content",
                                    nu_response_body(res, NULL)));
}

static nu_value op_content_disposition(const nu_dict *line)
{
    const char *disposition = nu_content_disposition(nu__web_flag(line, "as_attachment"),
                                                     nu__web_text(line, "filename", ""));
    return nu_value_dict(nu_dict_of("disposition", disposition, "length", "3"));
}

/* ---- cookies -------------------------------------------------------------------------------------------------- */

static nu_cookie_options cookie_options(const nu_dict *spec)
{
    const nu_value *path = nu_dict_find(spec, "path"), *age = nu_dict_find(spec, "max_age");
    nu_value        expires = nu__web_decode(nu_dict_get(spec, "expires"));
    if (nu_is_text(expires))
        nu_raise(&nu__web_uncovered, "a text for expires");
    return (nu_cookie_options){
        /* Django's 0 is our "below 0": 0 stands for a member that was not given. */
        .max_age = age == NULL || nu_is_null(*age) ? 0
                   : nu_int(*age) == 0             ? -1
                                                   : nu_int(*age),
        .expires = nu_value_as_datetime(expires),
        .path = path != NULL && nu_is_null(*path) ? "" : nu__web_text(spec, "path", NULL),
        .domain = nu__web_text(spec, "domain", NULL),
        .secure = nu__web_flag(spec, "secure"),
        .httponly = nu__web_flag(spec, "httponly"),
        .samesite = nu__web_text(spec, "samesite", NULL),
    };
}

static void set_cookie(nu_response *res, const nu_dict *spec)
{
    const char *name = nu__web_text(spec, "key", ""), *value = nu__web_text(spec, "value", "");
    const char *salt = nu__web_text(spec, "signed_salt", NULL);
    nu_cookie_options options = cookie_options(spec);
    if (nu__web_flag(spec, "delete"))
        nu_delete_cookie_(res, name, &options);
    else if (salt != NULL)
        nu_set_signed_cookie_(res, name, value, salt, &options);
    else
        nu_set_cookie_(res, name, value, &options);
}

static nu_value op_set_cookie(const nu_dict *line)
{
    nu_response   *res = nu_html("");
    const nu_list *cookies = nu__web_list(line, "cookies");
    for (uint32_t i = 0; i < cookies->count; i++)
        set_cookie(res, cookies->items[i].dict);
    return nu_value_texts(nu_response_cookies(res));
}

/* "a=b; Path=/; Secure" as its parts in order. */
static nu_value cookies_taken_apart(nu_value lines)
{
    nu_list *cookies = nu_list_new();
    for (uint32_t i = 0; i < lines.list->count; i++) {
        nu_list *parts = nu_split(lines.list->items[i].text, ';');
        nu_list *stripped = nu_list_new();
        for (uint32_t p = 0; p < parts->count; p++) {
            nu_value part = nu__strip(parts->items[p]);
            nu_list_push(stripped, nu_value_text_copy(part.text, part.length));
        }
        nu_list_push(cookies, nu__web_sorted(nu_value_list(stripped)));
    }
    return nu_value_list(cookies);
}

/* ---- caches ---------------------------------------------------------------------------------------------------- */

static nu_value op_patch_vary(const nu_dict *line)
{
    nu_response *res = nu_html("");
    const char  *vary = nu__web_text(line, "vary", NULL);
    if (vary != NULL)
        nu_response_set_header(res, "Vary", vary);
    nu_builder names;
    nu_builder_init(&names, NULL, 32);
    const nu_list *add = nu__web_list(line, "add");
    for (uint32_t i = 0; i < add->count; i++)
        nu_builder_printf(&names, "%s%s", i > 0 ? "," : "", add->items[i].text);
    nu_response_vary(res, nu_builder_text(&names));
    const char *result = nu_response_header(res, "Vary");
    return nu_value_text(result != NULL ? result : "");
}

static nu_value op_has_vary(const nu_dict *line)
{
    nu_response *res = nu_html("");
    const char  *vary = nu__web_text(line, "vary", NULL);
    if (vary != NULL)
        nu_response_set_header(res, "Vary", vary);
    return nu_value_bool(nu_response_varies_on(res, nu__web_text(line, "query", "")));
}

static nu_value cache_control_parts(const nu_response *res)
{
    const char    *header = nu_response_header(res, "Cache-Control");
    nu_list       *parts = nu_list_new();
    const nu_list *split = nu_split(header != NULL ? header : "", ',');
    for (uint32_t i = 0; i < split->count; i++) {
        nu_value part = nu__strip(split->items[i]);
        nu_list_push(parts, nu_value_text_copy(part.text, part.length));
    }
    if (parts->count == 0)
        nu_list_add(parts, "");
    return nu__web_sorted(nu_value_list(parts));
}

static nu_value op_patch_cache_control(const nu_dict *line)
{
    nu_response *res = nu_html("");
    const char  *before = nu__web_text(line, "cache_control", NULL);
    if (before != NULL)
        nu_response_set_header(res, "Cache-Control", before);
    const nu_list *set = nu__web_list(line, "set");
    nu_pair        pairs[8];
    for (uint32_t i = 0; i < set->count; i++)
        pairs[i] = (nu_pair){set->items[i].list->items[0].text, set->items[i].list->items[1]};
    nu_response_cache_control_(res, (nu_pairs){pairs, set->count});
    return cache_control_parts(res);
}

static nu_value op_cache_headers(const nu_dict *line)
{
    nu_response   *res = nu_html("");
    const nu_dict *headers = nu__web_dict(line, "headers");
    for (nu_entry *e = NULL; (e = nu_dict_next(headers, e)) != NULL;)
        nu_response_set_header(res, e->key.text, e->value.text);
    const char *kind = nu__web_text(line, "kind", "");
    if (strcmp(kind, "max_age") == 0) {
        int64_t age = nu_response_max_age(res);
        return age < 0 ? nu_null() : nu_value_int(age);
    }
    if (strcmp(kind, "never") == 0)
        nu_response_never_cache(res);
    else
        nu_response_cache_for(res, nu__web_int(line, "timeout", 600)); /* Django's setting */
    return nu_value_dict(nu_dict_of("Expires", nu_response_header(res, "Expires"), "Cache-Control",
                                    cache_control_parts(res)));
}

/* ---- conditional requests --------------------------------------------------------------------------------------- */

static nu_response *conditional_response(const nu_dict *line)
{
    const nu_dict *spec = nu__web_dict(line, "response");
    nu_response   *res = nu_html("body");
    nu_response_set_status(res, (int)nu__web_int(spec, "status", 200));
    const nu_dict *headers = nu__web_dict(spec, "headers");
    for (nu_entry *e = NULL; (e = nu_dict_next(headers, e)) != NULL;)
        nu_response_set_header(res, e->key.text, nu_text(e->value));
    const char *etag = nu__web_text(line, "etag", NULL);
    if (etag != NULL)
        nu_response_set_header(res, "ETag", etag);
    int64_t modified = nu__web_int(line, "last_modified", -1);
    char    date[30];
    if (modified >= 0) {
        nu_http_date_write(date, modified);
        nu_response_set_header(res, "Last-Modified", date);
    }
    return res;
}

static nu_value op_conditional(const nu_dict *line)
{
    nu_request    *req = nu_request_new(nu__web_text(line, "method", "GET"), "/", NULL);
    const nu_dict *headers = nu__web_dict(line, "headers");
    for (nu_entry *e = NULL; (e = nu_dict_next(headers, e)) != NULL;)
        nu_request_set_header(req, e->key.text, nu_text(e->value));
    nu_response *res = nu_conditional(req, conditional_response(line));
    return nu_value_dict(nu_dict_of("status", nu_response_status(res), "headers", header_pairs(res),
                                    "content", nu_response_body(res, NULL)));
}

const nu__web_op nu__web_response_ops[] = {
    {"response", op_response, with_sorted_headers},
    {"redirect", op_redirect, NULL},
    {"json_response", op_json_response, NULL},
    {"content_disposition", op_content_disposition, NULL},
    {"set_cookie", op_set_cookie, cookies_taken_apart},
    {"patch_vary", op_patch_vary, NULL},
    {"has_vary", op_has_vary, NULL},
    {"patch_cache_control", op_patch_cache_control, nu__web_sorted},
    {"cache_headers", op_cache_headers, NULL},
    {"conditional", op_conditional, with_sorted_headers},
    {0},
};
