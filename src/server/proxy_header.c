#include "server/proxy_header.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

static const char signature[] = "\r\n\r\n\0\r\nQUIT\n"; /* of version 2 */

enum {
    SIGNATURE = 12,
    HEAD = 16,      /* of version 2 */
    LINE_MAX = 107, /* of version 1, with CR LF */
};

/* IPv4 that is written as IPv6 is IPv4. */
static bool put_address(nu__proxy_header *out, int family, const void *bytes)
{
    inet_ntop(family, bytes, out->address, sizeof out->address);
    if (memcmp(out->address, "::ffff:", 7) == 0 && strchr(out->address, '.'))
        memmove(out->address, out->address + 7, strlen(out->address + 7) + 1);
    return true;
}

/* ---- version 1 ------------------------------------------------------------------------------- */

static bool take_word(const char **at, char out[46])
{
    const char *space = strchr(*at, ' ');
    size_t      length = space ? (size_t)(space - *at) : strlen(*at);
    if (length == 0 || length >= 46)
        return false;
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length + (space != NULL);
    return true;
}

static bool is_port(const char *text)
{
    unsigned number = 0;
    size_t   length = strlen(text);
    if (length == 0 || length > 5 || (length > 1 && text[0] == '0'))
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (unsigned)(*text - '0');
    }
    return number <= 65535;
}

/* "TCP4 192.0.2.1 192.0.2.2 56324 443", or "UNKNOWN" and anything. */
static bool read_line(nu__proxy_header *out, const char *line)
{
    char    words[5][46];
    uint8_t bytes[16], other[16];
    if (strcmp(line, "UNKNOWN") == 0 || strncmp(line, "UNKNOWN ", 8) == 0)
        return true;
    for (int i = 0; i < 5; i++)
        if (!take_word(&line, words[i]))
            return false;
    int family = strcmp(words[0], "TCP4") == 0   ? AF_INET
                 : strcmp(words[0], "TCP6") == 0 ? AF_INET6
                                                 : AF_UNSPEC;
    return *line == '\0' && family != AF_UNSPEC && inet_pton(family, words[1], bytes) == 1 &&
           inet_pton(family, words[2], other) == 1 && is_port(words[3]) && is_port(words[4]) &&
           put_address(out, family, bytes);
}

static enum nu__proxy_found parse_line(nu__proxy_header *out, const char *bytes, size_t length)
{
    char        line[LINE_MAX + 1];
    size_t      most = length < LINE_MAX ? length : LINE_MAX;
    const char *end = memchr(bytes, '\n', most);
    if (memcmp(bytes, "PROXY ", most < 6 ? most : 6) != 0)
        return NU__PROXY_WRONG;
    if (!end)
        return length < LINE_MAX ? NU__PROXY_MORE : NU__PROXY_WRONG;
    size_t used = (size_t)(end - bytes);
    if (used < 7 || bytes[used - 1] != '\r' || memchr(bytes, '\0', used))
        return NU__PROXY_WRONG;
    memcpy(line, bytes + 6, used - 7);
    line[used - 7] = '\0';
    out->length = used + 1;
    return read_line(out, line) ? NU__PROXY_FOUND : NU__PROXY_WRONG;
}

/* ---- version 2 ------------------------------------------------------------------------------- */

static bool read_binary(nu__proxy_header *out, const uint8_t *bytes, size_t length)
{
    unsigned version = bytes[12] >> 4, command = bytes[12] & 15, family = bytes[13] >> 4;
    if (version != 2 || command > 1 || (bytes[13] & 15) > 2)
        return false;
    if (command == 0) /* LOCAL: a look whether the server is alive */
        return true;
    switch (family) {
    case 1: return length >= 12 && put_address(out, AF_INET, bytes + HEAD);
    case 2: return length >= 36 && put_address(out, AF_INET6, bytes + HEAD);
    default: return family == 0 || family == 3;
    }
}

static enum nu__proxy_found parse_binary(nu__proxy_header *out, const uint8_t *bytes, size_t length)
{
    if (length < HEAD)
        return NU__PROXY_MORE;
    size_t rest = (size_t)bytes[14] << 8 | bytes[15];
    if (HEAD + rest > NU__PROXY_HEADER_MAX)
        return NU__PROXY_WRONG;
    if (length < HEAD + rest)
        return NU__PROXY_MORE;
    out->length = HEAD + rest;
    return read_binary(out, bytes, rest) ? NU__PROXY_FOUND : NU__PROXY_WRONG;
}

enum nu__proxy_found nu__proxy_parse(nu__proxy_header *out, const char *bytes, size_t length)
{
    size_t most = length < SIGNATURE ? length : SIGNATURE;
    *out = (nu__proxy_header){0};
    if (memcmp(bytes, signature, most) == 0)
        return parse_binary(out, (const uint8_t *)bytes, length);
    return parse_line(out, bytes, length);
}
