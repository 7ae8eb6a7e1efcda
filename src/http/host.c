/* Hosts, and to which address it is safe to send someone. */
#include "nuages/uri.h"

#include "base/ascii.h"
#include "http/decode.h"
#include "http/internal.h"

#include <string.h>

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static bool is_address_character(char c)
{
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == '.' || c == ':';
}

/* Length of a host name, or of an IPv6 address in brackets; 0 if it is neither. */
static size_t domain_length(const char *host)
{
    size_t length = 0;
    if (host[0] != '[') {
        while (is_name_character(host[length]))
            length++;
        return length;
    }
    length = 1;
    while (is_address_character(host[length]))
        length++;
    size_t before_colon = strcspn(host, ":");
    bool   filled = before_colon + 1 < length && memchr(host, '.', before_colon) == NULL;
    return host[length] == ']' && filled ? length + 1 : 0;
}

/* True if `text` is `other` in lower case. */
static bool is_lower_of(const char *text, const char *other)
{
    for (; *text == nu__ascii_lower(*other); text++, other++)
        if (*text == '\0')
            return true;
    return false;
}

/* The length of ":80" at the end of a host, 0 without one. */
static size_t port_length(const char *tail)
{
    size_t digits = tail[0] == ':' ? strspn(tail + 1, "0123456789") : 0;
    return digits > 0 ? digits + 1 : 0;
}

void nu_host_split(const char *host, const char **domain, const char **port)
{
    *domain = *port = "";
    char       *copy = nu__lower_copy(nu_arena_current(), host, strlen(host));
    size_t      length = domain_length(copy);
    const char *tail = copy + length;
    size_t      port_end = port_length(tail);
    if (length == 0 || tail[port_end] != '\0')
        return;
    if (copy[length - 1] == '.')
        length--;
    if (port_end > 0)
        *port = tail + 1;
    copy[length] = '\0'; /* over the colon or the last dot */
    *domain = copy;
}

bool nu_host_matches(const char *host, const char *pattern)
{
    if (pattern[0] == '\0')
        return false;
    if (pattern[0] != '.')
        return is_lower_of(host, pattern);
    size_t length = strlen(host), end = strlen(pattern);
    return is_lower_of(host, pattern + 1) ||
           (length >= end && is_lower_of(host + length - end, pattern));
}

bool nu_host_allowed(const char *host, const char *const *allowed)
{
    for (; allowed != NULL && *allowed != NULL; allowed++) {
        if (strcmp(*allowed, "*") == 0 || nu_host_matches(host, *allowed))
            return true;
    }
    return false;
}

/* One of `allowed` letter by letter, then perhaps a port. */
static bool is_exactly(const char *host, const char *pattern)
{
    const char *from = pattern;
    while (*pattern != '\0' && *host == *pattern && is_name_character(*host))
        host++, pattern++;
    if (*pattern != '\0' || pattern == from || from[0] == '.' || pattern[-1] == '.')
        return false;
    return host[port_length(host)] == '\0';
}

bool nu__host_is_listed(const char *host, const char *const *allowed)
{
    for (; allowed != NULL && *allowed != NULL; allowed++)
        if (is_exactly(host, *allowed))
            return true;
    return false;
}

/* ---- safe addresses -------------------------------------------------------------------------------- */

/* Browsers drop control and format characters at the start of an address, and what follows them may
 * be read in another way than we did. */
static bool starts_with_control(const char *url)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        {0, 0x1F},          {0x7F, 0x9F},        {0xAD, 0xAD},     {0x600, 0x605},
        {0x61C, 0x61C},     {0x6DD, 0x6DD},      {0x70F, 0x70F},   {0x8E2, 0x8E2},
        {0x180E, 0x180E},   {0x200B, 0x200F},    {0x202A, 0x202E}, {0x2060, 0x206F},
        {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF},    {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF},
        {0xE0000, 0xE00FF}, {0xF0000, 0x10FFFF},
    };
    const char *at = url;
    uint32_t    code = nu_utf8_next(&at, url + strlen(url));
    for (size_t i = 0; i < NU_COUNT(ranges); i++) {
        if (code >= ranges[i].from && code <= ranges[i].to)
            return true;
    }
    return false;
}

static bool is_listed(const char *host, const char *const *hosts)
{
    for (; hosts != NULL && *hosts != NULL; hosts++) {
        if (strcmp(*hosts, host) == 0)
            return true;
    }
    return false;
}

static bool is_safe(const char *url, const char *const *hosts, bool https_only)
{
    if (nu_starts_with(url, "///") || starts_with_control(url))
        return false;
    nu_uri parts = nu_uri_split(url);
    bool   has_host = parts.authority != NULL && parts.authority[0] != '\0';
    if (parts.scheme != NULL && !has_host)
        return false;
    if (has_host && !is_listed(parts.authority, hosts))
        return false;
    const char *scheme = parts.scheme != NULL ? parts.scheme : has_host ? "http" : "";
    return scheme[0] == '\0' || strcmp(scheme, "https") == 0 ||
           (!https_only && strcmp(scheme, "http") == 0);
}

bool nu_url_is_safe(const char *url, const char *const *hosts, bool https_only)
{
    if (url == NULL)
        return false;
    nu_value stripped = nu__strip(nu_value_text(url));
    if (stripped.length == 0)
        return false;
    char *plain = nu_arena_copy(nu_arena_current(), stripped.text, stripped.length);
    if (!is_safe(plain, hosts, https_only))
        return false;
    /* Browsers take a backslash for a slash. */
    for (char *c = plain; *c != '\0'; c++) {
        if (*c == '\\')
            *c = '/';
    }
    return is_safe(plain, hosts, https_only);
}
