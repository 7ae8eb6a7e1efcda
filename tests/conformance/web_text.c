/* Operations on texts of HTTP: query strings, cookies, addresses, dates, tags. */
#include <string.h>

#include "http/conditional.h"
#include "http/params.h"
#include "nuages/cookie.h"
#include "nuages/uri.h"
#include "web.h"

/* ---- query strings -------------------------------------------------------------------------------------- */

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

static nu_value last_of(const nu_params *params)
{
    nu_list *last = nu_list_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(nu_params_dict(params), e)) != NULL;)
        nu_list_add(last, nu_list_of(e->key, nu_params_value(params, e->key.text)));
    return nu_value_list(last);
}

static nu_params *query_of(const nu_dict *line)
{
    nu_value query = nu__web_decode(nu_dict_get(line, "query"));
    if (strcmp(nu__web_text(line, "encoding", "utf-8"), "utf-8") != 0)
        nu_raise(&nu__web_uncovered, "another encoding");
    nu_dict        *settings = nu__web_dict(line, "settings");
    const nu_value *limit = nu_dict_find(settings, "DATA_UPLOAD_MAX_NUMBER_FIELDS");
    int max_fields = limit == NULL ? 1000 : nu_is_null(*limit) ? -1 : (int)limit->integer;
    return nu_params_parse(query.text, query.length, max_fields);
}

static nu_value op_querydict(const nu_dict *line)
{
    const nu_params *params = query_of(line);
    return nu_value_dict(nu_dict_of("lists", lists_of(params), "last", last_of(params), "urlencode",
                                    nu_params_encode(params, NULL), "urlencode_safe_slash",
                                    nu_params_encode(params, "/")));
}

static void edit(nu_params *params, const nu_list *step)
{
    const char *method = step->items[0].text;
    const char *name = step->count > 1 && step->items[1].type == NU_TEXT ? step->items[1].text : "";
    nu_value    value = step->count > 2 ? step->items[2] : nu_null();
    if (strcmp(method, "appendlist") == 0) {
        nu_params_add(params, name, value);
    } else if (strcmp(method, "setlist") == 0) {
        nu_params_set_list(params, name, value.list);
    } else if (strcmp(method, "setlistdefault") == 0) {
        if (!nu_params_has(params, name))
            nu_params_set_list(params, name, value.list);
    } else if (strcmp(method, "setdefault") == 0) {
        if (!nu_params_has(params, name))
            nu_params_set(params, name, value);
    } else if (strcmp(method, "__setitem__") == 0) {
        nu_params_set(params, name, value);
    } else if (strcmp(method, "__delitem__") == 0 || strcmp(method, "pop") == 0) {
        if (!nu_params_remove(params, name))
            nu_raise(NU_VALUE_ERROR, "no parameter \"%s\"", name);
    } else if (strcmp(method, "update") == 0) {
        const nu_dict *more = step->items[1].dict;
        for (nu_entry *e = NULL; (e = nu_dict_next(more, e)) != NULL;)
            nu_params_add(params, e->key.text, e->value);
    } else {
        nu_raise(&nu__web_uncovered, "the method %s", method);
    }
}

static nu_value op_querydict_edit(const nu_dict *line)
{
    nu_params     *params = query_of(line);
    const nu_list *edits = nu__web_list(line, "edits");
    for (uint32_t i = 0; i < edits->count; i++)
        edit(params, edits->items[i].list);
    return nu_value_dict(
        nu_dict_of("lists", lists_of(params), "urlencode", nu_params_encode(params, NULL)));
}

static nu_value op_urlencode(const nu_dict *line)
{
    const nu_list *pairs = nu__web_decode(nu_dict_get(line, "pairs")).list;
    nu_params     *params = nu_params_new();
    for (uint32_t i = 0; i < pairs->count; i++) {
        const nu_list *pair = pairs->items[i].list;
        nu_value       name = nu_value_str(pair->items[0]), value = pair->items[1];
        bool           spread = value.type == NU_LIST && nu__web_flag(line, "doseq");
        if (value.type != NU_TEXT && value.type != NU_INT && !spread)
            nu_raise(&nu__web_uncovered, "urlencode of Python's own values");
        for (uint32_t v = 0; spread && v < value.list->count; v++)
            nu__params_add(params, name, value.list->items[v]);
        if (!spread)
            nu__params_add(params, name, value);
    }
    return nu_value_text(nu_params_encode(params, NULL));
}

/* ---- cookies ------------------------------------------------------------------------------------------------ */

static nu_value op_parse_cookie(const nu_dict *line)
{
    nu_value header = nu_dict_get(line, "header");
    return nu_value_dict(nu_cookie_parse(header.text, header.length));
}

/* ---- addresses ------------------------------------------------------------------------------------------------ */

static nu_value op_encode_uri(const nu_dict *line)
{
    const char *function = nu__web_text(line, "function", "");
    const char *text = nu__web_text(line, "value", "");
    size_t      length = strlen(text);
    if (strcmp(function, "iri_to_uri") == 0)
        return nu_value_text(nu_uri_from_iri(text, length));
    if (strcmp(function, "uri_to_iri") == 0)
        return nu_value_text(nu_uri_to_iri(text, length));
    if (strcmp(function, "filepath_to_uri") == 0)
        return nu_value_text(nu_uri_from_path(text));
    if (strcmp(function, "escape_uri_path") == 0)
        return nu_value_text(nu_uri_escape_path(text, length));
    if (strcmp(function, "escape_leading_slashes") == 0)
        return nu_value_text(nu_uri_escape_slashes(text));
    nu_raise(&nu__web_uncovered, "%s", function);
}

static nu_value op_safe_url(const nu_dict *line)
{
    return nu_value_bool(nu_url_is_safe(nu__web_text(line, "url", NULL),
                                        nu__web_texts(line, "allowed_hosts"),
                                        nu__web_flag(line, "require_https")));
}

static nu_value op_is_same_domain(const nu_dict *line)
{
    return nu_value_bool(
        nu_host_matches(nu__web_text(line, "host", ""), nu__web_text(line, "pattern", "")));
}

static nu_value op_split_domain_port(const nu_dict *line)
{
    const char *domain, *port;
    nu_host_split(nu__web_text(line, "host", ""), &domain, &port);
    return nu_value_list(nu_list_of(domain, port));
}

/* ---- header values ----------------------------------------------------------------------------------------------- */

static nu_value op_parse_header(const nu_dict *line)
{
    nu_dict    *params;
    const char *value = nu_header_params(nu__web_text(line, "line", ""), &params);
    return nu_value_dict(nu_dict_of("value", value, "params", params));
}

static nu_value op_parse_etags(const nu_dict *line)
{
    return nu_value_list(nu__etags_parse(nu__web_text(line, "header", "")));
}

static nu_value op_quote_etag(const nu_dict *line)
{
    return nu_value_text(nu_etag_quote(nu__web_text(line, "value", "")));
}

static nu_value op_http_date(const nu_dict *line)
{
    double seconds;
    char   date[30];
    if (!nu_float_try(nu_dict_get(line, "timestamp"), &seconds))
        nu_raise(&nu__web_uncovered, "no time stamp");
    nu_http_date_write(date, (int64_t)seconds);
    return nu_value_text(nu_arena_text(nu_arena_current(), date));
}

static nu_value op_parse_http_date(const nu_dict *line)
{
    int64_t     seconds;
    const char *text = nu__web_text(line, "date", nu__web_text(line, "value", ""));
    if (!nu_http_date_try(text, strlen(text), &seconds))
        nu_raise(NU_VALUE_ERROR, "no date");
    return nu_value_int(seconds);
}

const nu__web_op nu__web_text_ops[] = {
    {"querydict", op_querydict, NULL},
    {"querydict_edit", op_querydict_edit, NULL},
    {"urlencode", op_urlencode, NULL},
    {"parse_cookie", op_parse_cookie, NULL},
    {"encode_uri", op_encode_uri, NULL},
    {"safe_url", op_safe_url, NULL},
    {"is_same_domain", op_is_same_domain, NULL},
    {"split_domain_port", op_split_domain_port, NULL},
    {"parse_header", op_parse_header, NULL},
    {"parse_etags", op_parse_etags, NULL},
    {"quote_etag", op_quote_etag, NULL},
    {"http_date", op_http_date, NULL},
    {"parse_http_date", op_parse_http_date, NULL},
    {0},
};
