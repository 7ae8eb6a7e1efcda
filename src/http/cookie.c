#include "http/cookie.h"

#include "http/decode.h"

#include <string.h>
#include <strings.h>

/* ---- reading ------------------------------------------------------------------------------------ */

static bool is_octal(const char *at, const char *end)
{
    return end - at >= 4 && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
           at[3] >= '0' && at[3] <= '7';
}

/* A quoted value with \ooo (a code point) and \c undone. */
static nu_value unquote(const char *at, const char *end)
{
    if (end - at < 2 || *at != '"' || end[-1] != '"')
        return nu_value_text_copy(at, (size_t)(end - at));
    nu_builder value;
    nu_builder_init(&value, NULL, (size_t)(end - at));
    for (at++, end--; at < end;) {
        if (*at == '\\' && is_octal(at, end)) {
            char     out[4];
            uint32_t code = (uint32_t)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
            nu_builder_add(&value, out, nu_utf8_put(out, code));
            at += 4;
        } else {
            at += *at == '\\' && at + 1 < end;
            nu_builder_putc(&value, *at++);
        }
    }
    return nu_builder_value(&value);
}

static void parse_pair(nu_dict *cookies, const char *at, const char *end)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    const char *name = at, *name_end = equals != NULL ? equals : at;
    const char *value = equals != NULL ? equals + 1 : at;
    nu__trim(&name, &name_end);
    nu__trim(&value, &end);
    if (name < name_end || value < end)
        nu_dict_put(cookies, nu_value_text_copy(name, (size_t)(name_end - name)),
                    unquote(value, end));
}

nu_dict *nu_cookie_parse(const char *header, size_t length)
{
    nu_dict    *cookies = nu_dict_new();
    nu_value    text = nu__utf8_replace(header, length);
    const char *at = text.text, *end = at + text.length;
    while (at <= end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        parse_pair(cookies, at, stop != NULL ? stop : end);
        if (stop == NULL)
            break;
        at = stop + 1;
    }
    return cookies;
}

/* ---- writing -------------------------------------------------------------------------------------- */

#define NAME_CHARACTERS                                                                            \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~:"
#define QUOTED_CHARACTERS NAME_CHARACTERS " ()/<=>?@[]{}"

static void check_name(const char *name)
{
    static const char *const reserved[] = {"expires", "path",     "comment", "domain",  "max-age",
                                           "secure",  "httponly", "version", "samesite"};
    if (name[0] == '\0' || name[strspn(name, NAME_CHARACTERS)] != '\0')
        nu_raise(NU_VALUE_ERROR, "\"%s\" is no name for a cookie", name);
    for (size_t i = 0; i < NU_COUNT(reserved); i++) {
        if (strcasecmp(name, reserved[i]) == 0)
            nu_raise(NU_VALUE_ERROR, "\"%s\" is an attribute and no name for a cookie", name);
    }
}

static void check_samesite(const char *samesite)
{
    if (samesite[0] != '\0' && strcasecmp(samesite, "lax") != 0 &&
        strcasecmp(samesite, "strict") != 0 && strcasecmp(samesite, "none") != 0)
        nu_raise(NU_VALUE_ERROR, "samesite must be \"Lax\", \"Strict\" or \"None\", not \"%s\"",
                 samesite);
}

/* Path and domain go into the line as they are, so they must not end it. */
static const char *attribute(const char *name, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ';' || (uint8_t)*c < 0x20 || *c == 0x7F)
            nu_raise(NU_VALUE_ERROR, "a cookie's %s has a character that is not allowed", name);
    }
    return nu_arena_text(nu_arena_current(), text);
}

static const char *date_in(int64_t seconds_from_now)
{
    char    date[30];
    int64_t now = nu_now().us;
    int64_t seconds = now / NU_SECOND - (now % NU_SECOND < 0), moment;
    if (__builtin_add_overflow(seconds, seconds_from_now, &moment) || moment > 253402300799)
        moment = 253402300799; /* the last second of the year 9999 */
    nu_http_date_write(date, moment);
    return nu_arena_text(nu_arena_current(), date);
}

static void set_age(nu__cookie *cookie, int64_t seconds)
{
    cookie->max_age = seconds < 0 ? 0 : seconds;
    cookie->has_max_age = true;
    cookie->expires = date_in(cookie->max_age);
}

static void set_life(nu__cookie *cookie, const nu_cookie_options *options)
{
    cookie->expires = NULL;
    if (options->expires.set) {
        /* A whole second more, so that the cookie does not end before its moment. */
        int64_t left = options->expires.us - nu_now().us + NU_SECOND;
        set_age(cookie, left < 0 ? -1 : left / NU_SECOND);
    }
    if (options->max_age != 0)
        set_age(cookie, options->max_age);
}

void nu__cookie_set(nu__cookie *cookie, const char *name, const char *value,
                    const nu_cookie_options *options)
{
    nu_arena *arena = nu_arena_current();
    check_name(name);
    cookie->name = nu_arena_text(arena, name);
    cookie->value = nu_arena_text(arena, value);
    set_life(cookie, options);
    cookie->path = attribute("path", options->path != NULL ? options->path : "/");
    if (options->domain != NULL)
        cookie->domain = attribute("domain", options->domain);
    cookie->secure |= options->secure;
    cookie->httponly |= options->httponly;
    if (options->samesite != NULL) {
        check_samesite(options->samesite);
        cookie->samesite = nu_arena_text(arena, options->samesite);
    }
}

/* In quotes; what may not stand there becomes \ooo with the number of its code point, and beyond
 * that range the character itself, as Python's http.cookies writes it. */
static void put_quoted(nu_builder *line, const char *value)
{
    nu_builder_putc(line, '"');
    for (const char *at = value, *end = value + strlen(value); at < end;) {
        const char *from = at;
        uint32_t    code = nu_utf8_next(&at, end);
        if (code == '"' || code == '\\')
            nu_builder_printf(line, "\\%c", (char)code);
        else if (code < 0x100 && (code >= 0x80 || strchr(QUOTED_CHARACTERS, (int)code) == NULL))
            nu_builder_printf(line, "\\%03o", code);
        else
            nu_builder_add(line, from, (size_t)(at - from));
    }
    nu_builder_putc(line, '"');
}

static void put_attribute(nu_builder *line, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        nu_builder_printf(line, "; %s=%s", name, value);
}

const char *nu__cookie_line(const nu__cookie *cookie)
{
    nu_builder line;
    nu_builder_init(&line, NULL, 96);
    nu_builder_printf(&line, "%s=", cookie->name);
    bool plain =
        cookie->value[0] != '\0' && cookie->value[strspn(cookie->value, NAME_CHARACTERS)] == '\0';
    if (plain)
        nu_builder_puts(&line, cookie->value);
    else
        put_quoted(&line, cookie->value);
    put_attribute(&line, "Domain", cookie->domain);
    put_attribute(&line, "expires", cookie->expires);
    if (cookie->httponly)
        nu_builder_puts(&line, "; HttpOnly");
    if (cookie->has_max_age)
        nu_builder_printf(&line, "; Max-Age=%lld", (long long)cookie->max_age);
    put_attribute(&line, "Path", cookie->path);
    put_attribute(&line, "SameSite", cookie->samesite);
    if (cookie->secure)
        nu_builder_puts(&line, "; Secure");
    return nu_builder_text(&line);
}

const char *nu_cookie_text(const char *name, const char *value, const nu_cookie_options *options)
{
    static const nu_cookie_options plain;
    nu__cookie                     cookie = {0};
    nu__cookie_set(&cookie, name, value, options != NULL ? options : &plain);
    return nu__cookie_line(&cookie);
}
