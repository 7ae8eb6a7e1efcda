/* SipHash-1-3 (Aumasson, Bernstein), keyed with a secret of this process, so that nobody outside can
 * choose keys that collide. */
#include "base/internal.h"

#include <string.h>

#include "nuages/random.h"

static uint64_t secret[2];

/* Threads that meet here at once both see either no secret or a whole one: the second half is
 * written first, and a zero first half means "not yet". */
static void secret_make(void)
{
    uint64_t fresh[2];
    nu_random_bytes(fresh, sizeof fresh);
    uint64_t none = 0;
    __atomic_compare_exchange_n(&secret[1], &none, fresh[1] | 1, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_ACQUIRE);
    none = 0;
    __atomic_compare_exchange_n(&secret[0], &none, fresh[0] | 1, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_ACQUIRE);
}

static inline uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t nu__hash(const void *bytes, size_t length)
{
    if (NU_UNLIKELY(__atomic_load_n(&secret[0], __ATOMIC_ACQUIRE) == 0))
        secret_make();
    uint64_t    v[4] = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
                        secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
    const char *at = bytes;
    size_t      left = length;
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        sip_word(v, word);
    }
    uint64_t last = 0;
    if (left > 0)
        memcpy(&last, at, left);
    sip_word(v, last | (uint64_t)length << 56);
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
