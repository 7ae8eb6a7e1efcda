/* Hashed passwords in Django's forms. */
#include "nuages/auth.h"

#include <stdlib.h>
#include <string.h>

#include "nuages/crypto.h"
#include "nuages/fiber.h"
#include "nuages/random.h"
#include "nuages/text.h"

enum { SALT_LENGTH = 22, UNUSABLE_LENGTH = 40, SCRYPT_LENGTH = 64, MOST_PARTS = 6 };
#define ITERATIONS 1200000

/* A hash that is being made. `salt` and numbers are the encoded one's, or the hasher's for a new one. */
typedef struct hashing {
    const nu_hasher *hasher;
    const char      *password, *salt;
    uint64_t         cost; /* iterations, or scrypt's N */
    uint32_t         block, parallel;
    const char      *encoded; /* result; NULL: the numbers are out of range */
} hashing;

struct nu_hasher {
    const char *name;
    nu_digest   digest;
    /* Takes the parts of an encoded hash, name first; false if they are none of this kind. */
    bool (*read)(hashing *work, const char *const *parts, size_t count);
    void (*init)(hashing *work);
    void (*run)(hashing *work);
    bool (*is_outdated)(const hashing *work);
};

static nu_auth_options options;

void nu_auth_configure(const nu_auth_options *wanted)
{
    options = wanted != NULL ? *wanted : (nu_auth_options){.hashers = NULL};
}

static uint32_t iterations(void)
{
    return options.iterations > 0 ? options.iterations : ITERATIONS;
}

/* Digits only, 1 and more; 0 for anything else. */
static uint64_t number(const char *text)
{
    if (*text == '\0' || strlen(text) > 12 || text[strspn(text, "0123456789")] != '\0')
        return 0;
    return strtoull(text, NULL, 10);
}

/* ---- PBKDF2: name$iterations$salt$hash --------------------------------------------------------- */

static bool read_pbkdf2(hashing *work, const char *const *parts, size_t count)
{
    if (count != 4)
        return false;
    work->cost = number(parts[1]);
    work->salt = parts[2];
    return work->cost > 0 && work->cost <= INT32_MAX;
}

static void init_pbkdf2(hashing *work)
{
    work->cost = iterations();
}

static void run_pbkdf2(hashing *work)
{
    uint8_t out[NU_DIGEST_MAX];
    size_t  size = nu_digest_size(work->hasher->digest);
    if (nu_pbkdf2(work->hasher->digest, work->password, strlen(work->password), work->salt,
                  strlen(work->salt), (uint32_t)work->cost, out, size))
        work->encoded = nu_fmt("%s$%llu$%s$%s", work->hasher->name, (unsigned long long)work->cost,
                               work->salt, nu_base64(out, size, NU_BASE64));
}

static bool is_weak_pbkdf2(const hashing *work)
{
    return work->cost != iterations() || strlen(work->salt) < SALT_LENGTH;
}

const nu_hasher nu_hasher_pbkdf2_sha256 = {.name = "pbkdf2_sha256",
                                           .digest = NU_SHA256,
                                           .read = read_pbkdf2,
                                           .init = init_pbkdf2,
                                           .run = run_pbkdf2,
                                           .is_outdated = is_weak_pbkdf2};
const nu_hasher nu_hasher_pbkdf2_sha1 = {.name = "pbkdf2_sha1",
                                         .digest = NU_SHA1,
                                         .read = read_pbkdf2,
                                         .init = init_pbkdf2,
                                         .run = run_pbkdf2,
                                         .is_outdated = is_weak_pbkdf2};

/* ---- scrypt$N$salt$r$p$hash -------------------------------------------------------------------- */

static bool read_scrypt(hashing *work, const char *const *parts, size_t count)
{
    if (count != 6)
        return false;
    work->cost = number(parts[1]);
    work->salt = parts[2];
    uint64_t block = number(parts[3]), parallel = number(parts[4]);
    work->block = (uint32_t)block;
    work->parallel = (uint32_t)parallel;
    return work->cost > 0 && block > 0 && block < 1024 && parallel > 0 && parallel < 1024;
}

static void init_scrypt(hashing *work)
{
    work->cost = 1 << 14;
    work->block = 8;
    work->parallel = 5;
}

static void run_scrypt(hashing *work)
{
    uint8_t out[SCRYPT_LENGTH];
    if (nu_scrypt(work->password, strlen(work->password), work->salt, strlen(work->salt),
                  work->cost, work->block, work->parallel, out, sizeof out))
        work->encoded =
            nu_fmt("scrypt$%llu$%s$%u$%u$%s", (unsigned long long)work->cost, work->salt,
                   work->block, work->parallel, nu_base64(out, sizeof out, NU_BASE64));
}

static bool is_weak_scrypt(const hashing *work)
{
    hashing now = {.cost = 0};
    init_scrypt(&now);
    return work->cost != now.cost || work->block != now.block || work->parallel != now.parallel ||
           strlen(work->salt) < SALT_LENGTH;
}

const nu_hasher nu_hasher_scrypt = {.name = "scrypt",
                                    .read = read_scrypt,
                                    .init = init_scrypt,
                                    .run = run_scrypt,
                                    .is_outdated = is_weak_scrypt};

/* ---- md5$salt$hash ------------------------------------------------------------------------------- */

static bool read_md5(hashing *work, const char *const *parts, size_t count)
{
    work->salt = count == 3 ? parts[1] : NULL;
    return count == 3;
}

static void init_md5(hashing *work)
{
    work->cost = 1;
}

static void run_md5(hashing *work)
{
    uint8_t     out[NU_DIGEST_MAX];
    const char *text = nu_fmt("%s%s", work->salt, work->password);
    nu_hash(NU_MD5, text, strlen(text), out);
    work->encoded = nu_fmt("md5$%s$%s", work->salt, nu_hex(out, nu_digest_size(NU_MD5)));
}

static bool is_weak_md5(const hashing *work)
{
    return strlen(work->salt) < SALT_LENGTH;
}

const nu_hasher nu_hasher_md5 = {
    .name = "md5", .read = read_md5, .init = init_md5, .run = run_md5, .is_outdated = is_weak_md5};

/* ---- all of them --------------------------------------------------------------------------------- */

static const nu_hasher *const *hashers(void)
{
    static const nu_hasher *const usual[] = {&nu_hasher_pbkdf2_sha256, &nu_hasher_pbkdf2_sha1,
                                             &nu_hasher_scrypt, NULL};
    return options.hashers != NULL && options.hashers[0] != NULL ? options.hashers : usual;
}

static void run(void *arg)
{
    hashing *work = arg;
    work->hasher->run(work);
}

/* The parts between the dollar signs; 0 if there are too many. */
static size_t split(const char *hash, const char *parts[MOST_PARTS])
{
    nu_list *list = nu_split(hash, '$');
    if (list->count > MOST_PARTS)
        return 0;
    for (uint32_t i = 0; i < list->count; i++)
        parts[i] = nu_text(list->items[i]);
    return list->count;
}

/* What the hash was made with; false if no hasher of ours made it. */
static bool read_hash(const char *hash, hashing *work)
{
    const char *parts[MOST_PARTS];
    size_t      count = split(hash, parts);
    for (const nu_hasher *const *hasher = hashers(); count > 0 && *hasher != NULL; hasher++) {
        work->hasher = *hasher;
        if (strcmp((*hasher)->name, parts[0]) == 0)
            return (*hasher)->read(work, parts, count);
    }
    return false;
}

bool nu_password_is_usable(const char *hash)
{
    return hash == NULL || *hash != '!';
}

const char *nu_password_hash(const char *password)
{
    if (password == NULL)
        return nu_fmt("!%s", nu_random_text(UNUSABLE_LENGTH, NULL));
    hashing work = {
        .hasher = hashers()[0], .password = password, .salt = nu_random_text(SALT_LENGTH, NULL)};
    work.hasher->init(&work);
    nu_offload(run, &work);
    if (work.encoded == NULL)
        nu_raise(NU_VALUE_ERROR, "a password of %zu bytes cannot be hashed", strlen(password));
    return work.encoded;
}

bool nu_password_check(const char *password, const char *hash, bool *outdated)
{
    hashing work = {.password = password};
    if (outdated != NULL)
        *outdated = false;
    if (password == NULL)
        return false;
    if (hash == NULL || !nu_password_is_usable(hash) || !read_hash(hash, &work)) {
        nu_password_hash(password); /* takes its time */
        return false;
    }
    nu_offload(run, &work);
    if (work.encoded == NULL)
        return false;
    bool same = nu_equal_secret(work.encoded, strlen(work.encoded), hash, strlen(hash));
    if (outdated != NULL)
        *outdated = work.hasher != hashers()[0] || work.hasher->is_outdated(&work);
    return same;
}
