#include "http/network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/text.h"

/* An address of either family; IPv4 is written as IPv6 does it: ::ffff:1.2.3.4. */
struct address {
    uint8_t bytes[16];
    bool    is_v4;
};

static bool read_address(struct address *out, const char *text, size_t length)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    char                 copy[INET6_ADDRSTRLEN + 1];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    memcpy(out->bytes, prefix, sizeof prefix);
    out->is_v4 = inet_pton(AF_INET, copy, out->bytes + 12) == 1;
    if (out->is_v4)
        return true;
    if (inet_pton(AF_INET6, copy, out->bytes) != 1)
        return false;
    out->is_v4 = memcmp(out->bytes, prefix, sizeof prefix) == 0;
    return true;
}

/* The address and how many of its 128 bits count; false if malformed. */
static bool read_network(const char *text, struct address *address, int *bits)
{
    const char *slash = strchr(text, '/');
    size_t      length = slash != NULL ? (size_t)(slash - text) : strlen(text);
    int64_t     size;
    if (!read_address(address, text, length))
        return false;
    *bits = 128;
    if (slash == NULL)
        return true;
    int most = address->is_v4 && memchr(text, ':', length) == NULL ? 32 : 128;
    if (!nu_parse_int(slash + 1, strlen(slash + 1), &size) || size < 0 || size > most)
        return false;
    *bits = (int)size + 128 - most;
    return true;
}

static bool is_word(const char *network)
{
    return strcmp(network, "*") == 0 || strcmp(network, "unix") == 0;
}

bool nu__network_is_valid(const char *network)
{
    struct address address;
    int            bits;
    return is_word(network) || read_network(network, &address, &bits);
}

static bool holds(const char *text, const char *address)
{
    struct address network, one;
    int            bits;
    if (is_word(text))
        return text[0] == '*' || address[0] == '\0';
    if (!read_network(text, &network, &bits) || !read_address(&one, address, strlen(address)))
        return false;
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(network.bytes, one.bytes, (size_t)whole) != 0)
        return false;
    return rest == 0 || (network.bytes[whole] ^ one.bytes[whole]) >> (8 - rest) == 0;
}

bool nu__networks_hold(const char *const *networks, const char *address)
{
    for (; networks != NULL && *networks != NULL; networks++)
        if (holds(*networks, address))
            return true;
    return false;
}
