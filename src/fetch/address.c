/* Which addresses a URL from a stranger may lead to: the special-purpose registries of RFC 6890. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "fetch/internal.h"

typedef struct block {
    uint32_t first;
    int      bits;
} block;

#define IP4(a, b, c, d)                                                                            \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static bool is_public4(uint32_t address)
{
    static const block reserved[] = {
        {IP4(0, 0, 0, 0), 8},       /* this network */
        {IP4(10, 0, 0, 0), 8},      /* private */
        {IP4(100, 64, 0, 0), 10},   /* shared by carriers */
        {IP4(127, 0, 0, 0), 8},     /* loopback */
        {IP4(169, 254, 0, 0), 16},  /* link-local, cloud metadata */
        {IP4(172, 16, 0, 0), 12},   /* private */
        {IP4(192, 0, 0, 0), 24},    /* protocol assignments */
        {IP4(192, 0, 2, 0), 24},    /* documentation */
        {IP4(192, 168, 0, 0), 16},  /* private */
        {IP4(198, 18, 0, 0), 15},   /* benchmarks */
        {IP4(198, 51, 100, 0), 24}, /* documentation */
        {IP4(203, 0, 113, 0), 24},  /* documentation */
        {IP4(224, 0, 0, 0), 3},     /* multicast and reserved */
    };
    for (size_t i = 0; i < NU_COUNT(reserved); i++) {
        if ((address ^ reserved[i].first) >> (32 - reserved[i].bits) == 0)
            return false;
    }
    return true;
}

static uint32_t embedded4(const uint8_t *bytes)
{
    return IP4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static bool begins(const uint8_t *address, const uint8_t *prefix, size_t length)
{
    return memcmp(address, prefix, length) == 0;
}

static bool is_public6(const uint8_t *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const uint8_t to4[2] = {0x20, 0x02};
    static const uint8_t teredo_and_others[3] = {0x20, 0x01, 0x00};
    static const uint8_t documentation[4] = {0x20, 0x01, 0x0d, 0xb8};
    if (begins(address, mapped, sizeof mapped) || begins(address, nat64, sizeof nat64))
        return is_public4(embedded4(address + 12));
    if (begins(address, to4, sizeof to4))
        return is_public4(embedded4(address + 2));
    if (begins(address, documentation, sizeof documentation) ||
        (begins(address, teredo_and_others, sizeof teredo_and_others) && address[3] < 2))
        return false;
    return (address[0] & 0xe0) == 0x20; /* 2000::/3 is all that was ever given out */
}

bool nu__address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        return is_public6(in6.sin6_addr.s6_addr);
    }
    return false;
}
