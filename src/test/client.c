#include "test/client.h"

#include <string.h>

#include "nuages/json.h"
#include "nuages/settings.h"
#include "nuages/signing.h"

#include "base/ambient.h"
#include "web/internal.h"

struct nu_client {
    nu_dict *cookies, *headers;
    bool     enforce_csrf;
};

nu_client *nu_client_new(void)
{
    nu_client *client = nu_alloc(sizeof *client);
    client->cookies = nu_dict_new();
    client->headers = nu_dict_new();
    return client;
}

void nu_client_enforce_csrf(nu_client *client)
{
    client->enforce_csrf = true;
}

void nu_client_header(nu_client *client, const char *name, const char *value)
{
    if (value != NULL)
        nu_dict_set(client->headers, name, value);
    else
        nu_dict_remove(client->headers, name);
}

const char *nu_client_cookie(const nu_client *client, const char *name)
{
    nu_value value = nu_dict_get(client->cookies, name);
    return nu_is_text(value) ? value.text : NULL;
}

void nu_client_set_cookie(nu_client *client, const char *name, const char *value)
{
    if (value != NULL)
        nu_dict_set(client->cookies, name, value);
    else
        nu_dict_remove(client->cookies, name);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* The site's options, with the host that tests call it by. */
static const nu_http_options *client_options(void)
{
    static const char *const any_host[] = {"*", NULL};
    static nu_http_options   options;
    options = *nu__http_options();
    options.allowed_hosts = any_host;
    return &options;
}

static void add_csrf(nu_client *client, nu_request *request)
{
    const nu_settings *s = nu_settings_current();
    if (nu_client_cookie(client, s->csrf_cookie_name) == NULL)
        nu_client_set_cookie(client, s->csrf_cookie_name, nu_csrf_secret_new());
    nu_request_set_header(request, s->csrf_header_name,
                          nu_csrf_mask(nu_client_cookie(client, s->csrf_cookie_name)));
}

static void add_cookies(const nu_client *client, nu_request *request)
{
    if (nu_dict_count(client->cookies) == 0)
        return;
    nu_builder line;
    nu_builder_init(&line, NULL, 128);
    for (nu_entry *e = NULL; (e = nu_dict_next(client->cookies, e)) != NULL;)
        nu_builder_printf(&line, "%s%s=%s", line.length > 0 ? "; " : "", e->key.text,
                          e->value.text);
    nu_request_set_header(request, "Cookie", nu_builder_text(&line));
}

/* Keeps what a Set-Cookie line sets; one that has ended is forgotten. */
static void keep_cookie(nu_client *client, const char *line)
{
    size_t      name = strcspn(line, "=");
    size_t      value = strcspn(line + name + 1, ";");
    const char *key = nu_arena_copy(nu_arena_current(), line, name);
    if (strstr(line, "Max-Age=0") != NULL)
        nu_dict_remove(client->cookies, key);
    else
        nu_dict_set(client->cookies, key,
                    (const char *)nu_arena_copy(nu_arena_current(), line + name + 1, value));
}

nu_request *nu__client_request(nu_client *client, const char *method, const char *target)
{
    nu_request *request = nu_request_new(method, target, client_options());
    nu_request_set_header(request, "Host", "testserver");
    for (nu_entry *e = NULL; (e = nu_dict_next(client->headers, e)) != NULL;)
        nu_request_set_header(request, e->key.text, nu_text(e->value));
    if (!client->enforce_csrf)
        add_csrf(client, request);
    add_cookies(client, request);
    return request;
}

nu_response *nu__client_ask(nu_client *client, nu_request *request)
{
    struct nu_ambient *ambient = nu__ambient();
    void              *outer = ambient->request;
    ambient->request = request;
    nu_response *response = nu__site_handle(request, NULL);
    ambient->request = outer;
    for (const char *const *line = nu_response_cookies(response); *line != NULL; line++)
        keep_cookie(client, *line);
    return response;
}

nu_response *nu_client_send(nu_client *client, const char *method, const char *target,
                            const char *content_type, const void *body, size_t length)
{
    nu_request *request = nu__client_request(client, method, target);
    if (content_type != NULL)
        nu_request_set_body(request, content_type, body, length);
    return nu__client_ask(client, request);
}

nu_response *nu_client_get(nu_client *client, const char *target)
{
    return nu_client_send(client, "GET", target, NULL, NULL, 0);
}

nu_response *nu_client_head(nu_client *client, const char *target)
{
    return nu_client_send(client, "HEAD", target, NULL, NULL, 0);
}

nu_response *nu_client_post_(nu_client *client, const char *target, nu_pairs fields)
{
    nu_params *form = nu_params_new();
    for (size_t i = 0; i < fields.count; i++) {
        nu_value value = fields.items[i].value;
        if (value.type != NU_LIST) {
            nu_params_add(form, fields.items[i].key, nu_value_str(value));
            continue;
        }
        for (uint32_t n = 0; n < value.list->count; n++)
            nu_params_add(form, fields.items[i].key, nu_value_str(value.list->items[n]));
    }
    const char *body = nu_params_encode(form, NULL);
    return nu_client_send(client, "POST", target, "application/x-www-form-urlencoded", body,
                          strlen(body));
}

nu_response *nu_client_post_json(nu_client *client, const char *target, nu_value body)
{
    const char *text = nu_json_text(body);
    return nu_client_send(client, "POST", target, "application/json", text, strlen(text));
}

nu_response *nu_client_follow(nu_client *client, nu_response *response)
{
    for (int hops = 0;; hops++) {
        int         status = nu_response_status(response);
        const char *location = nu_response_header(response, "Location");
        if (status < 300 || status > 399 || location == NULL)
            return response;
        if (hops == 10)
            nu_raise(NU_ASSERTION, "more than ten redirects, the last to \"%s\"", location);
        response = nu_client_get(client, location);
    }
}

/* ---- answers --------------------------------------------------------------------------------- */

const char *nu_client_text(nu_response *response)
{
    size_t length;
    return nu_response_content(response, &length);
}

nu_value nu_client_json(nu_response *response)
{
    size_t      length;
    const char *body = nu_response_content(response, &length);
    return nu_json_parse(body, length);
}

void nu_check_status_(const char *file, int line, nu_response *response, int status)
{
    int actual = nu_response_status(response);
    if (actual == status)
        return;
    const char *location = nu_response_header(response, "Location");
    if (location != NULL)
        nu_test_fail_(file, line, "status is %d (to %s), expected %d", actual, location, status);
    nu_test_fail_(file, line, "status is %d, expected %d; the body begins: %.300s", actual, status,
                  nu_client_text(response));
}

void nu_check_redirects_(const char *file, int line, nu_response *response, const char *location)
{
    int         status = nu_response_status(response);
    const char *actual = nu_response_header(response, "Location");
    if (actual == NULL || status < 300 || status > 399)
        nu_test_fail_(file, line,
                      "status is %d, expected a redirect to \"%s\"; the body begins: %.300s",
                      status, location, nu_client_text(response));
    nu_check_text_(file, line, "Location", actual, location);
}

void nu_check_queries_(const char *file, int line, uint64_t actual, uint64_t expected)
{
    if (actual != expected)
        nu_test_fail_(file, line, "%llu queries were run, expected %llu",
                      (unsigned long long)actual, (unsigned long long)expected);
}
