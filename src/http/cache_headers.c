/* Vary, Cache-Control and Expires (RFC 9110 12.5.5, RFC 9111 5.2). */
#include "http/internal.h"

#include "http/decode.h"

#include <string.h>
#include <strings.h>

/* The parts of a comma-separated list, trimmed, in the current arena. */
static nu_list *parts_of(const char *header)
{
    nu_list *parts = nu_list_new();
    for (bool more = true; more;) {
        size_t      length = strcspn(header, ",");
        const char *at = header, *end = header + length;
        nu__trim(&at, &end);
        nu_list_push(parts, nu_value_text_copy(at, (size_t)(end - at)));
        more = header[length] == ',';
        header += length + more;
    }
    return parts;
}

/* ---- Vary ------------------------------------------------------------------------------------------ */

static bool has_name(const nu_list *names, const char *name, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcasecmp(names->items[i].text, name) == 0)
            return true;
    }
    return false;
}

void nu_response_vary(nu_response *res, const char *added)
{
    const char *old = nu_headers_value_at(&res->headers, NU_HEADER_VARY);
    nu_list    *names = old != NULL ? parts_of(old) : nu_list_new(), *more = parts_of(added);
    uint32_t    before = names->count;
    for (uint32_t i = 0; i < more->count; i++) {
        const char *name = more->items[i].text;
        if (name[0] != '\0' && !has_name(names, name, before))
            nu_list_push(names, more->items[i]);
    }
    nu_builder vary;
    nu_builder_init(&vary, NULL, 64);
    for (uint32_t i = 0; i < names->count; i++)
        nu_builder_printf(&vary, "%s%s", i > 0 ? ", " : "", names->items[i].text);
    bool any = has_name(names, "*", names->count);
    if (names->count > 0)
        nu_headers_set(&res->headers, "Vary", any ? "*" : nu_builder_text(&vary));
}

bool nu_response_varies_on(const nu_response *res, const char *name)
{
    const char *vary = nu_headers_value_at(&res->headers, NU_HEADER_VARY);
    if (vary == NULL)
        return false;
    const nu_list *names = parts_of(vary);
    return has_name(names, name, names->count);
}

/* ---- Cache-Control --------------------------------------------------------------------------------- */

#define NO_CACHE "no-cache"

/* Sets a directive: true stands alone, false takes it away. Of no-cache there may be several, one for
 * each field it names, but alone it covers all. */
static void set_directive(nu_dict *directives, const char *name, nu_value value)
{
    bool      off = value.type == NU_BOOL && !value.boolean;
    nu_value *old = nu_dict_find(directives, name);
    if (off) {
        nu_dict_remove(directives, name);
    } else if (strcmp(name, NO_CACHE) == 0 && old != NULL && value.type != NU_BOOL) {
        if (old->type != NU_BOOL)
            *old = nu_value_text(nu_fmt("%s, %s=%s", nu_text(*old), NO_CACHE, nu_text(value)));
    } else {
        nu_dict_put(directives, nu_value_text(name), value);
    }
}

static const char *directive_name(const char *text, size_t length, char from, char to)
{
    char *name = nu_arena_copy(nu_arena_current(), text, length);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)(*c == from ? to : *c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    return name;
}

static nu_dict *directives_of(const nu_response *res)
{
    const char *header = nu_headers_value_at(&res->headers, NU_HEADER_CACHE_CONTROL);
    nu_dict    *directives = nu_dict_new();
    if (header == NULL || header[0] == '\0')
        return directives;
    const nu_list *parts = parts_of(header);
    for (uint32_t i = 0; i < parts->count; i++) {
        const char *part = parts->items[i].text, *equals = strchr(part, '=');
        size_t      length = equals != NULL ? (size_t)(equals - part) : strlen(part);
        set_directive(directives, directive_name(part, length, 0, 0),
                      equals != NULL ? nu_value_text(equals + 1) : nu_value_bool(true));
    }
    return directives;
}

static void write_directives(nu_response *res, const nu_dict *directives)
{
    nu_builder header;
    nu_builder_init(&header, NULL, 64);
    for (nu_entry *e = NULL; (e = nu_dict_next(directives, e)) != NULL;) {
        nu_builder_puts(&header, header.length > 0 ? ", " : "");
        nu_builder_puts(&header, e->key.text);
        if (e->value.type != NU_BOOL)
            nu_builder_printf(&header, "=%s", nu_text(e->value));
    }
    nu_headers_set(&res->headers, "Cache-Control", nu_builder_text(&header));
}

static void change_directive(nu_dict *directives, const char *name, nu_value value)
{
    const nu_value *old = nu_dict_find(directives, name);
    int64_t         age, new_age;
    if (strcmp(name, "max-age") == 0 && old != NULL && nu_int_try(*old, &age) &&
        nu_int_try(value, &new_age) && age < new_age)
        return;
    set_directive(directives, name, value);
}

static bool has_part(nu_pairs parts, const char *key)
{
    for (size_t i = 0; i < parts.count; i++) {
        if (strcmp(parts.items[i].key, key) == 0)
            return true;
    }
    return false;
}

void nu_response_cache_control_(nu_response *res, nu_pairs parts)
{
    nu_dict *directives = directives_of(res);
    bool     was_private = nu_dict_find(directives, "private") != NULL;
    if (was_private && has_part(parts, "public"))
        nu_dict_remove(directives, "private");
    else if (has_part(parts, "private"))
        nu_dict_remove(directives, "public");
    for (size_t i = 0; i < parts.count; i++)
        change_directive(directives,
                         directive_name(parts.items[i].key, strlen(parts.items[i].key), '_', '-'),
                         parts.items[i].value);
    write_directives(res, directives);
}

int64_t nu_response_max_age(const nu_response *res)
{
    const nu_value *value = nu_dict_find(directives_of(res), "max-age");
    int64_t         age;
    return value != NULL && value->type != NU_BOOL && nu_int_try(*value, &age) ? age : -1;
}

void nu_response_cache_for(nu_response *res, int64_t seconds)
{
    char    date[30];
    int64_t age = seconds > 0 ? seconds : 0;
    nu_http_date_write(date, nu_now().us / NU_SECOND + age);
    nu_response_default_header(res, "Expires", date);
    nu_response_cache_control(res, "max_age", age);
}

void nu_response_never_cache(nu_response *res)
{
    nu_response_cache_for(res, 0);
    nu_response_cache_control(res, "no_cache", true, "no_store", true, "must_revalidate", true,
                              "private", true);
}
