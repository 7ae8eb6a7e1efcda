#include "nuages/uri.h"

#include "base/ascii.h"
#include "http/decode.h"

#include <string.h>

/* What urllib calls always safe, and the sets that Django adds. */
#define ALWAYS_SAFE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"
#define IRI_SAFE    "/#%[]=:;$&()+,!?*@'~"
#define PATH_SAFE   "/:@&+$,-_.!~*'()"
#define FILE_SAFE   "/~!*()'"

/* ---- percent-encoding --------------------------------------------------------------------------- */

static void mark(bool table[256], const char *characters)
{
    for (const char *c = characters; *c != '\0'; c++)
        table[(uint8_t)*c] = true;
}

static void put_escape(nu_builder *out, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";
    nu_builder_putc(out, '%');
    nu_builder_putc(out, digits[byte >> 4]);
    nu_builder_putc(out, digits[byte & 15]);
}

static const char *quote(const char *text, size_t length, const char *safe, bool plus)
{
    bool plain[256] = {false};
    mark(plain, ALWAYS_SAFE);
    mark(plain, safe != NULL ? safe : "");
    nu_builder out;
    nu_builder_init(&out, NULL, length + length / 4 + 8);
    for (size_t i = 0; i < length; i++) {
        if (plain[(uint8_t)text[i]])
            nu_builder_putc(&out, text[i]);
        else if (plus && text[i] == ' ')
            nu_builder_putc(&out, '+');
        else
            put_escape(&out, (uint8_t)text[i]);
    }
    return nu_builder_text(&out);
}

const char *nu_uri_quote(const char *text, size_t length, const char *safe)
{
    return quote(text, length, safe, false);
}

const char *nu_uri_quote_plus(const char *text, size_t length, const char *safe)
{
    return quote(text, length, safe, true);
}

/* The byte that the three characters at `at` stand for, -1 if they are no escape. */
static int escape_at(const char *at, const char *end)
{
    if (end - at < 3 || *at != '%')
        return -1;
    int high = nu__hex_digit(at[1]), low = nu__hex_digit(at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

char *nu_uri_unquote(const char *text, size_t length, bool plus, size_t *out_length)
{
    char *out = nu_arena_alloc(nu_arena_current(), length + 1), *to = out;
    for (const char *at = text, *end = text + length; at < end;) {
        int byte = escape_at(at, end);
        *to++ = byte >= 0 ? (char)byte : plus && *at == '+' ? ' ' : *at;
        at += byte >= 0 ? 3 : 1;
    }
    *to = '\0';
    *out_length = (size_t)(to - out);
    return out;
}

const char *nu_uri_from_iri(const char *iri, size_t length)
{
    return quote(iri, length, IRI_SAFE, false);
}

const char *nu_uri_escape_path(const char *path, size_t length)
{
    return quote(path, length, PATH_SAFE, false);
}

const char *nu_uri_from_path(const char *path)
{
    size_t length = strlen(path);
    char  *forward = nu_arena_copy(nu_arena_current(), path, length);
    for (char *c = forward; *c != '\0'; c++) {
        if (*c == '\\')
            *c = '/';
    }
    return quote(forward, length, FILE_SAFE, false);
}

const char *nu_uri_repercent(const char *bytes, size_t length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, length + 16);
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        size_t bad = 0, size = nu__utf8_step(at, end, &bad);
        nu_builder_add(&out, at, size);
        at += size;
        for (; bad > 0; bad--)
            put_escape(&out, (uint8_t)*at++);
    }
    return nu_builder_text(&out);
}

/* Letters and marks that mean the same escaped or not (RFC 3986 2.3), as Django has them: without
 * the digits. */
static bool is_unreserved(int byte)
{
    int letter = byte | 0x20;
    return (letter >= 'a' && letter <= 'z') || byte == '-' || byte == '.' || byte == '_' ||
           byte == '~';
}

const char *nu_uri_to_iri(const char *uri, size_t length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, length + 1);
    for (const char *at = uri, *end = uri + length; at < end;) {
        int  byte = escape_at(at, end);
        bool decode = byte >= 0x80 || (byte >= 0 && is_unreserved(byte));
        nu_builder_putc(&out, decode ? (char)byte : *at);
        at += decode ? 3 : 1;
    }
    return nu_uri_repercent(out.data, out.length);
}

const char *nu_uri_escape_slashes(const char *path)
{
    return nu_starts_with(path, "//") ? nu_fmt("/%%2F%s", path + 2) : path;
}

/* ---- the parts of a URI -------------------------------------------------------------------------- */

static size_t scheme_length(const char *uri)
{
    int letter = uri[0] | 0x20;
    if (letter < 'a' || letter > 'z')
        return 0;
    size_t length =
        strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return uri[length] == ':' ? length : 0;
}

/* Cuts off `*rest` up to the first of `stops` and moves it there. */
static const char *cut(const char **rest, const char *stops)
{
    size_t      length = strcspn(*rest, stops);
    const char *part = nu_arena_copy(nu_arena_current(), *rest, length);
    *rest += length;
    return part;
}

nu_uri nu_uri_split(const char *uri)
{
    nu_uri parts = {.path = ""};
    size_t scheme = scheme_length(uri);
    if (scheme > 0) {
        parts.scheme = nu__lower_copy(nu_arena_current(), uri, scheme);
        uri += scheme + 1;
    }
    if (nu_starts_with(uri, "//")) {
        uri += 2;
        parts.authority = cut(&uri, "/?#");
    }
    parts.path = cut(&uri, "?#");
    if (*uri == '?') {
        uri++;
        parts.query = cut(&uri, "#");
    }
    if (*uri == '#')
        parts.fragment = uri + 1;
    return parts;
}

const char *nu_uri_join_parts(const nu_uri *uri)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    if (uri->scheme != NULL)
        nu_builder_printf(&out, "%s:", uri->scheme);
    if (uri->authority != NULL)
        nu_builder_printf(&out, "//%s", uri->authority);
    nu_builder_puts(&out, uri->path);
    if (uri->query != NULL)
        nu_builder_printf(&out, "?%s", uri->query);
    if (uri->fragment != NULL)
        nu_builder_printf(&out, "#%s", uri->fragment);
    return nu_builder_text(&out);
}

/* RFC 3986 5.2.4: takes "." and ".." out of a path. */
static const char *without_dots(const char *path)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(path) + 1);
    bool        absolute = path[0] == '/';
    const char *at = path;
    while (*at != '\0') {
        size_t      slash = *at == '/', length = slash + strcspn(at + slash, "/");
        bool        last = at[length] == '\0';
        const char *segment = at + slash;
        size_t      size = length - slash;
        if (size == 1 && segment[0] == '.') {
            if (last && (out.length > 0 || absolute))
                nu_builder_putc(&out, '/');
        } else if (size == 2 && segment[0] == '.' && segment[1] == '.') {
            while (out.length > 0 && out.data[--out.length] != '/')
                continue;
            if (last && (out.length > 0 || absolute))
                nu_builder_putc(&out, '/');
        } else {
            nu_builder_add(&out, at, length);
        }
        at += length;
    }
    return nu_builder_text(&out);
}

/* RFC 3986 5.2.3: `reference` in the folder of the base's path. */
static const char *merged(const nu_uri *base, const char *reference)
{
    if (base->authority != NULL && base->path[0] == '\0')
        return nu_fmt("/%s", reference);
    const char *slash = strrchr(base->path, '/');
    size_t      folder = slash != NULL ? (size_t)(slash - base->path) + 1 : 0;
    return nu_fmt("%.*s%s", (int)folder, base->path, reference);
}

/* As browsers and Python have it and RFC 3986 allows: a reference with the scheme of the base but no
 * host is relative, one with another scheme stands alone, and an empty host is none. */
const char *nu_uri_resolve(const char *base_text, const char *reference_text)
{
    nu_uri base = nu_uri_split(base_text), target = nu_uri_split(reference_text);
    if (target.scheme != NULL && (base.scheme == NULL || strcmp(target.scheme, base.scheme) != 0))
        return reference_text;
    target.scheme = base.scheme;
    if (target.authority != NULL && target.authority[0] != '\0')
        return nu_uri_join_parts(&target);
    target.authority = base.authority;
    if (target.path[0] == '\0') {
        target.path = base.path;
        target.query = target.query != NULL ? target.query : base.query;
        return nu_uri_join_parts(&target);
    }
    if (target.path[0] != '/')
        target.path = merged(&base, target.path);
    target.path = without_dots(target.path);
    return nu_uri_join_parts(&target);
}
