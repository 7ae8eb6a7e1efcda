#include "template/filters/quote.h"

#include <string.h>

#include "base/ascii.h"
#include "template/filters/filters.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_.-~", c) != NULL);
}

void nu__put_quoted(nu_builder *out, const char *text, size_t length, const char *safe)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (is_plain(c) || (c > 0 && strchr(safe, c) != NULL)) {
            nu_builder_putc(out, c);
        } else {
            const char code[3] = {'%', digits[(uint8_t)c >> 4], digits[(uint8_t)c & 15]};
            nu_builder_add(out, code, sizeof code);
        }
    }
}

void nu__put_unquoted(nu_builder *out, const char *text, size_t length, bool plus)
{
    char  *bytes = nu_arena_alloc(nu_arena_current(), length + 1);
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        int high = i + 2 < length && text[i] == '%' ? nu__hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? nu__hex_digit(text[i + 2]) : -1;
        if (low >= 0)
            i += 2;
        bytes[count++] = low >= 0                 ? (char)(high * 16 + low)
                         : plus && text[i] == '+' ? ' '
                                                  : text[i];
    }
    for (const char *at = bytes, *end = bytes + count; at < end;) {
        char code[4];
        nu_builder_add(out, code, nu_utf8_put(code, nu_utf8_next(&at, end)));
    }
}

static nu_value unquoted(const char *text, size_t length, bool plus)
{
    nu_builder out;
    nu_builder_init(&out, NULL, length + 1);
    nu__put_unquoted(&out, text, length, plus);
    return nu_builder_value(&out);
}

static void put_requoted(nu_builder *out, const char *text, size_t length)
{
    nu_value plain = unquoted(text, length, false);
    nu__put_quoted(out, plain.text, plain.length, NU__URL_DELIMITERS "~");
}

/* A key or value of a query; people quote them once too often, so it is decoded twice. */
static void put_form_part(nu_builder *out, const char *text, size_t length)
{
    nu_value once = unquoted(text, length, true);
    nu_value plain = unquoted(once.text, once.length, false);
    for (const char *at = plain.text, *end = at + plain.length; at < end;) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        const char *stop = space == NULL ? end : space;
        nu__put_quoted(out, at, (size_t)(stop - at), "");
        if (space != NULL)
            nu_builder_putc(out, '+');
        at = stop + (space != NULL);
    }
}

static void put_query(nu_builder *out, const char *at, const char *end)
{
    for (const char *separator = "?"; at < end; separator = "&") {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (stop > at) {
            const char *equals = memchr(at, '=', (size_t)(stop - at));
            const char *key_end = equals == NULL ? stop : equals;
            nu_builder_puts(out, separator);
            put_form_part(out, at, (size_t)(key_end - at));
            nu_builder_putc(out, '=');
            if (equals != NULL)
                put_form_part(out, equals + 1, (size_t)(stop - equals - 1));
        }
        at = stop + 1;
    }
}

static const char *part_end(const char *at, const char *end, const char *stops)
{
    while (at < end && (*at == '\0' || strchr(stops, *at) == NULL))
        at++;
    return at;
}

static bool is_scheme(const char *at, const char *end)
{
    for (; at < end; at++)
        if (!is_plain(*at) && *at != '+')
            return false;
    return true;
}

/* Appends "scheme://host" in so far as it is there; what follows it. */
static const char *put_origin(nu_builder *out, const char *at, const char *end)
{
    const char *colon = part_end(at, end, ":/?#");
    if (colon < end && colon > at && *colon == ':' && is_scheme(at, colon)) {
        for (; at < colon; at++)
            nu_builder_putc(out, *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : *at);
        nu_builder_putc(out, *at++);
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        const char *host_end = part_end(at + 2, end, "/?#");
        nu_builder_puts(out, "//");
        put_requoted(out, at + 2, (size_t)(host_end - at - 2));
        at = host_end;
    }
    return at;
}

static void put_parts(nu_builder *out, const char *at, const char *end)
{
    at = put_origin(out, at, end);
    const char *path_end = part_end(at, end, "?#");
    put_requoted(out, at, (size_t)(path_end - at));
    at = path_end;
    if (at < end && *at == '?') {
        const char *query_end = part_end(at, end, "#");
        put_query(out, at + 1, query_end);
        at = query_end;
    }
    if (end - at > 1) {
        nu_builder_putc(out, '#');
        put_requoted(out, at + 1, (size_t)(end - at - 1));
    }
}

void nu__put_url(nu_builder *out, const char *url, size_t length)
{
    bool opened = memchr(url, '[', length) != NULL, closed = memchr(url, ']', length) != NULL;
    if (opened != closed) /* no URL: half an IPv6 address */
        put_requoted(out, url, length);
    else
        put_parts(out, url, url + length);
}
