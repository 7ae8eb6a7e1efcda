/* Parameters by name, each with a list of values: a dict of lists that shows its last values. */
#include "http/params.h"

#include "http/decode.h"
#include "nuages/uri.h"

#include <string.h>

struct nu_params {
    const nu_class *class;
    nu_dict *dict; /* name: list of values */
};

/* ---- as an object, for templates ------------------------------------------------------------------ */

static nu_value last_of(nu_value values)
{
    nu_value last;
    return nu_list_at(values.list, -1, &last) ? last : nu_null();
}

static nu_list *pairs_of(const nu_params *params, bool last_only)
{
    nu_list *pairs = nu_list_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(params->dict, e)) != NULL;)
        nu_list_add(pairs, nu_list_of(e->key, last_only ? last_of(e->value) : e->value));
    return pairs;
}

static nu_list *column_of(const nu_params *params, bool keys)
{
    nu_list *column = nu_list_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(params->dict, e)) != NULL;)
        nu_list_push(column, keys ? e->key : last_of(e->value));
    return column;
}

/* A parameter wins over the methods that Django templates call by name. */
static bool params_get(void *self, const char *key, size_t length, nu_value *out)
{
    nu_params      *params = self;
    const nu_value *values = nu_dict_find_n(params->dict, key, length);
    if (values != NULL)
        *out = last_of(*values);
    else if (strcmp(key, "urlencode") == 0)
        *out = nu_value_text(nu_params_encode(params, NULL));
    else if (strcmp(key, "items") == 0)
        *out = nu_value_list(pairs_of(params, true));
    else if (strcmp(key, "lists") == 0)
        *out = nu_value_list(pairs_of(params, false));
    else if (strcmp(key, "keys") == 0 || strcmp(key, "values") == 0)
        *out = nu_value_list(column_of(params, key[0] == 'k'));
    else
        return false;
    return true;
}

/* A loop over it gives the names. */
static bool params_at(void *self, int64_t index, nu_value *out)
{
    return nu_list_at(column_of(self, true), index, out);
}

static int64_t params_count(void *self)
{
    return nu_params_count(self);
}

static nu_value params_text(void *self)
{
    return nu_value_str(nu_value_dict(nu_params_dict(self)));
}

static nu_value params_plain(void *self)
{
    const nu_params *params = self;
    nu_dict         *plain = nu_dict_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(params->dict, e)) != NULL;)
        nu_dict_put(plain, e->key, last_of(e->value));
    return nu_value_dict(plain);
}

static const nu_class params_class = {
    .name = "params",
    .get = params_get,
    .at = params_at,
    .count = params_count,
    .text = params_text,
    .plain = params_plain,
};

/* ---- making ------------------------------------------------------------------------------------------ */

nu_params *nu_params_new(void)
{
    nu_params *params = nu_alloc(sizeof *params);
    params->class = &params_class;
    params->dict = nu_dict_new();
    return params;
}

static nu_value decoded(const char *text, size_t length)
{
    size_t      size;
    const char *bytes = nu_uri_unquote(text, length, true, &size);
    return nu__utf8_replace(bytes, size);
}

static void check_count(const char *query, size_t length, int max_fields)
{
    if (max_fields < 0 || length == 0)
        return;
    int64_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += query[i] == '&';
    if (count > max_fields)
        nu_raise(NU_SUSPICIOUS, "more than %d parameters were sent", max_fields);
}

nu_params *nu_params_parse(const char *query, size_t length, int max_fields)
{
    check_count(query, length, max_fields);
    nu_params *params = nu_params_new();
    /* Bytes that are no UTF-8 as sent are taken as Latin-1, as Django takes them. */
    nu_value text =
        nu_utf8_valid(query, length) ? nu_value_text_n(query, length) : nu__latin1(query, length);
    for (const char *at = text.text, *end = at + text.length; at < end;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        const char *name_end = equals != NULL ? equals : stop;
        const char *value = equals != NULL ? equals + 1 : stop;
        if (stop > at)
            nu__params_add(params, decoded(at, (size_t)(name_end - at)),
                           decoded(value, (size_t)(stop - value)));
        at = stop + 1;
    }
    return params;
}

nu_params *nu_params_copy(const nu_params *params)
{
    nu_params *copy = nu_params_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(params->dict, e)) != NULL;) {
        const nu_list *values = e->value.list;
        for (uint32_t i = 0; i < values->count; i++)
            nu__params_add(copy, e->key, values->items[i]);
    }
    return copy;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

nu_value nu_params_value(const nu_params *params, const char *name)
{
    const nu_value *values = nu_dict_find(params->dict, name);
    return values != NULL ? last_of(*values) : nu_null();
}

const char *nu_params_get(const nu_params *params, const char *name)
{
    nu_value value = nu_params_value(params, name);
    return nu_is_null(value) ? NULL : nu_text(value);
}

nu_list *nu_params_list(const nu_params *params, const char *name)
{
    const nu_value *values = nu_dict_find(params->dict, name);
    return values != NULL ? values->list : nu_list_new();
}

bool nu_params_has(const nu_params *params, const char *name)
{
    return nu_dict_find(params->dict, name) != NULL;
}

uint32_t nu_params_count(const nu_params *params)
{
    return nu_dict_count(params->dict);
}

nu_dict *nu_params_dict(const nu_params *params)
{
    return params->dict;
}

/* ---- changing ------------------------------------------------------------------------------------------ */

void nu__params_add(nu_params *params, nu_value name, nu_value value)
{
    nu_value *values = nu_dict_find_value(params->dict, name);
    if (values != NULL) {
        nu_list_push(values->list, value);
        return;
    }
    nu_list *list = nu_list_new();
    nu_list_push(list, value);
    nu_dict_put(params->dict, name, nu_value_list(list));
}

static nu_value kept_name(const char *name)
{
    return nu_value_text_copy(name, strlen(name));
}

void nu_params_add(nu_params *params, const char *name, nu_value value)
{
    nu__params_add(params, kept_name(name), value);
}

void nu_params_set(nu_params *params, const char *name, nu_value value)
{
    nu_list *list = nu_list_new();
    nu_list_push(list, value);
    nu_params_set_list(params, name, list);
}

void nu_params_set_list(nu_params *params, const char *name, nu_list *values)
{
    nu_dict_put(params->dict, kept_name(name), nu_value_list(values));
}

bool nu_params_remove(nu_params *params, const char *name)
{
    return nu_dict_remove(params->dict, name);
}

/* ---- as a query string ----------------------------------------------------------------------------------- */

static const char *encoded(nu_value value, const char *safe)
{
    nu_value text = value.type == NU_BYTES ? value : nu_value_str(value);
    return safe != NULL ? nu_uri_quote(text.text, text.length, safe)
                        : nu_uri_quote_plus(text.text, text.length, NULL);
}

const char *nu_params_encode(const nu_params *params, const char *safe)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    for (nu_entry *e = NULL; (e = nu_dict_next(params->dict, e)) != NULL;) {
        const nu_list *values = e->value.list;
        for (uint32_t i = 0; i < values->count; i++) {
            if (out.length > 0)
                nu_builder_putc(&out, '&');
            nu_builder_puts(&out, encoded(e->key, safe));
            nu_builder_putc(&out, '=');
            nu_builder_puts(&out, encoded(values->items[i], safe));
        }
    }
    return nu_builder_text(&out);
}
