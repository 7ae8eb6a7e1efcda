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

const char *nu__index_name(const nu__schema *schema, const char *table, const char *const *columns,
                           const char *suffix)
{
    enum { UNLIMITED = 200 }; /* what Django takes where the database has no limit */
    int          most = schema->backend->max_name > 0 ? schema->backend->max_name : UNLIMITED;
    size_t       count = nu__count_texts(columns);
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
    if (strlen(name) <= (size_t)most)
        return name;
    if (strlen(hash) > (size_t)most / 3)
        hash = nu_fmt("%.*s", most / 3, hash);
    int other = (most - (int)strlen(hash)) / 2 - 1;
    return nu_fmt("%.*s_%.*s_%s", other, table, other, all, hash);
}

const char *nu__short_index_name(const char *table, const char *const *columns,
                                 const char *suffix)
{
    size_t       count = nu__count_texts(columns);
    const char **parts = nu_alloc((count + 3) * sizeof *parts);
    parts[0] = table;
    memcpy(parts + 1, columns, count * sizeof *parts);
    parts[count + 1] = suffix;
    const char *first = columns[0] + (columns[0][0] == '-');
    char       *name = nu_fmt("%.11s_%.7s_%s_%s", table, first, nu__names_digest(parts, 6), suffix);
    if (*name == '_' || (*name >= '0' && *name <= '9'))
        *name = 'D';
    return name;
}
