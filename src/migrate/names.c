/* Names of indexes and constraints, as Django makes them. */
#include <string.h>

#include "nuages/crypto.h"

#include "migrate/internal.h"

const char *nu__names_digest(const char *const *texts, int length)
{
    nu_builder joined;
    nu_builder_init(&joined, NULL, 128);
    for (; *texts != NULL; texts++)
        nu_builder_puts(&joined, *texts);
    uint8_t digest[NU_DIGEST_MAX];
    nu_hash(NU_MD5, nu_builder_text(&joined), joined.length, digest);
    return nu_fmt("%.*s", length, nu_hex(digest, nu_digest_size(NU_MD5)));
}

const char *nu__index_name(const char *table, const char *const *columns, const char *suffix)
{
    enum { MAX_LENGTH = 200 }; /* what Django takes where the database has no limit */
    size_t count = 0;
    while (columns[count] != NULL)
        count++;
    const char **parts = nu_alloc((count + 2) * sizeof *parts);
    parts[0] = table;
    memcpy(parts + 1, columns, count * sizeof *parts);
    nu_builder joined;
    nu_builder_init(&joined, NULL, 64);
    for (size_t i = 0; i < count; i++) {
        nu_builder_puts(&joined, i > 0 ? "_" : "");
        nu_builder_puts(&joined, columns[i]);
    }
    const char *all = nu_builder_text(&joined);
    const char *hash = nu_fmt("%s%s", nu__names_digest(parts, 8), suffix);
    const char *name = nu_fmt("%s_%s_%s", table, all, hash);
    if (strlen(name) <= MAX_LENGTH)
        return name;
    int other = (int)(MAX_LENGTH - strlen(hash)) / 2 - 1;
    return nu_fmt("%.*s_%.*s_%s", other, table, other, all, hash);
}
