#include "nuages/random.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/ascii.h"
#include "base/internal.h"

static void from_kernel(void *out, size_t length)
{
    char *at = out;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno != EINTR)
            nu_raise(NU_SYSTEM_ERROR, "the kernel gives no random bytes: %s", strerror(errno));
        if (got > 0) {
            at += got;
            length -= (size_t)got;
        }
    }
}

/* A system call for many small draws instead of one for each. What is drawn is wiped, and a forked
 * process begins with an empty store, so no byte is given out twice. */
enum { STORE = 512, SMALL = 32 };
static _Thread_local struct {
    unsigned char bytes[STORE];
    size_t        left;
} store;
static pthread_once_t forks_watched = PTHREAD_ONCE_INIT;

static void empty_store(void)
{
    explicit_bzero(&store, sizeof store);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, empty_store);
}

void nu_random_bytes(void *out, size_t length)
{
    if (length > SMALL) {
        from_kernel(out, length);
        return;
    }
    if (store.left < length) {
        pthread_once(&forks_watched, watch_forks);
        from_kernel(store.bytes, sizeof store.bytes);
        store.left = sizeof store.bytes;
    }
    store.left -= length;
    memcpy(out, store.bytes + store.left, length);
    explicit_bzero(store.bytes + store.left, length);
}

/* The low bits of a 128-bit product tell whether its high half is biased (Lemire, "Fast random
 * integer generation in an interval"): those few draws are thrown away. */
uint64_t nu_random_below(uint64_t below)
{
    nu_assert(below > 0);
    uint64_t unfair = (0 - below) % below;
    for (;;) {
        uint64_t word;
        nu_random_bytes(&word, sizeof word);
        unsigned __int128 product = (unsigned __int128)word * below;
        if ((uint64_t)product >= unfair)
            return (uint64_t)(product >> 64);
    }
}

const char *nu_random_text(size_t length, const char *alphabet)
{
    if (alphabet == NULL)
        alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t letters = strlen(alphabet);
    nu_assert(letters > 0 && letters <= 256);
    /* Bytes from `fair` on would make the first letters likelier. */
    unsigned      fair = 256 - 256 % (unsigned)letters;
    nu_arena     *arena = nu_arena_current();
    char         *text = nu_arena_alloc(arena, length + 1);
    unsigned char pool[64];
    for (size_t i = 0, left = 0; i < length;) {
        if (left == 0) {
            nu_random_bytes(pool, sizeof pool);
            left = sizeof pool;
        }
        unsigned byte = pool[--left];
        if (byte < fair)
            text[i++] = alphabet[byte % letters];
    }
    text[length] = '\0';
    return text;
}

/* ---- UUID ------------------------------------------------------------------------------------- */

static void uuid_mark(nu_uuid *uuid, unsigned version)
{
    uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0f) | version << 4);
    uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3f) | 0x80);
    uuid->set = true;
}

nu_uuid nu_uuid4(void)
{
    nu_uuid uuid;
    nu_random_bytes(uuid.bytes, sizeof uuid.bytes);
    uuid_mark(&uuid, 4);
    return uuid;
}

nu_uuid nu_uuid7(void)
{
    nu_uuid  uuid;
    uint64_t ms = (uint64_t)(nu_now().us / 1000);
    nu_random_bytes(uuid.bytes, sizeof uuid.bytes);
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    uuid_mark(&uuid, 7);
    return uuid;
}

/* Python drops "urn:", "uuid:", braces at the ends and every dash, and wants 32 hex digits. */
bool nu_uuid_try(const char *text, size_t length, nu_uuid *out)
{
    const char *end = text + length;
    if (end - text >= 4 && memcmp(text, "urn:", 4) == 0)
        text += 4;
    if (end - text >= 5 && memcmp(text, "uuid:", 5) == 0)
        text += 5;
    while (text < end && (*text == '{' || *text == '}'))
        text++;
    while (text < end && (end[-1] == '{' || end[-1] == '}'))
        end--;
    nu_uuid uuid = {.set = true};
    int     digits = 0;
    for (; text < end; text++) {
        if (*text == '-')
            continue;
        int digit = nu__hex_digit(*text);
        if (digit < 0 || digits == 32)
            return false;
        uuid.bytes[digits / 2] = (uint8_t)(uuid.bytes[digits / 2] << 4 | digit);
        digits++;
    }
    if (digits != 32)
        return false;
    *out = uuid;
    return true;
}

size_t nu__uuid_write(char out[37], const uint8_t bytes[16])
{
    static const char hex[] = "0123456789abcdef";
    char             *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[bytes[i] >> 4];
        *at++ = hex[bytes[i] & 15];
    }
    *at = '\0';
    return 36;
}

const char *nu_uuid_text(nu_uuid uuid)
{
    char text[37];
    nu__uuid_write(text, uuid.bytes);
    return nu_arena_copy(nu_arena_current(), text, 36);
}
