#include "web/fragments.h"

#include <string.h>

#include "nuages/arena.h"
#include "nuages/crypto.h"
#include "nuages/time.h"

#define WAYS      8
#define SETS      256
#define MAX_BYTES (32 * 1024 * 1024)
#define MAX_ONE   (MAX_BYTES / 16)
#define FOR_EVER  INT64_MAX

/* A kept fragment; one that was never used, or is dropped, has no arena. */
typedef struct entry {
    nu_arena *arena;
    nu_value  key, html; /* in `arena` */
    int64_t   until;     /* of nu_monotonic_us */
    uint64_t  asked;     /* the turn of the last use */
} entry;

struct nu_fragments {
    nu_arena *arena;
    uint64_t  turn;
    size_t    bytes;
    size_t    hand; /* the next entry that goes when there are too many bytes */
    entry     entries[SETS * WAYS];
};

nu_fragments *nu__fragments_new(void)
{
    nu_fragments *fragments = nu_alloc(sizeof *fragments);
    fragments->arena = nu_arena_current();
    return fragments;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void check_alias(const char *alias)
{
    if (alias != NULL && strcmp(alias, "default") != 0)
        nu_raise(NU_CONFIG_ERROR, "there is no cache \"%s\"", alias);
}

/* Django's make_template_fragment_key(); *set is where its entries are. */
static nu_value key_of(const nu_cache_fragment *fragment, size_t *set)
{
    nu_builder vary;
    nu_builder_init(&vary, NULL, 64);
    for (size_t i = 0; i < fragment->vary_count; i++) {
        nu_value text = nu_value_str(fragment->vary[i]);
        nu_builder_add(&vary, text.text, text.length);
        nu_builder_putc(&vary, ':');
    }
    uint8_t digest[NU_DIGEST_MAX];
    nu_hash(NU_MD5, vary.data, vary.length, digest);
    uint32_t name = 2166136261u; /* FNV-1a, so that fragments without arguments are spread too */
    for (const char *at = fragment->name; *at != '\0'; at++)
        name = (name ^ (uint8_t)*at) * 16777619u;
    *set = (name ^ digest[0]) % SETS;
    return nu_value_text(
        nu_fmt("template.cache.%s.%s", fragment->name, nu_hex(digest, nu_digest_size(NU_MD5))));
}

static bool is_key(const entry *e, nu_value key)
{
    return e->arena != NULL && e->key.length == key.length &&
           memcmp(e->key.text, key.text, key.length) == 0;
}

/* ---- entries --------------------------------------------------------------------------------- */

static void drop(nu_fragments *fragments, entry *e)
{
    if (e->arena == NULL)
        return;
    fragments->bytes -= e->html.length;
    nu_arena_free(e->arena);
    *e = (entry){0};
}

/* Where `key` is, or else where it goes. */
static entry *place_of(nu_fragments *fragments, nu_value key, size_t set)
{
    entry  *ways = &fragments->entries[set * WAYS], *oldest = ways;
    int64_t now = nu_monotonic_us();
    for (size_t i = 0; i < WAYS; i++) {
        if (is_key(&ways[i], key))
            return &ways[i];
        if (ways[i].until <= now)
            drop(fragments, &ways[i]);
        if (ways[i].asked < oldest->asked)
            oldest = &ways[i];
    }
    return oldest;
}

nu_value nu__fragments_get(void *data, const nu_cache_fragment *fragment)
{
    nu_fragments *fragments = data;
    check_alias(fragment->alias);
    size_t   set;
    nu_value key = key_of(fragment, &set);
    entry   *e = &fragments->entries[set * WAYS];
    for (size_t i = 0; i < WAYS; i++, e++) {
        if (!is_key(e, key))
            continue;
        if (e->until <= nu_monotonic_us())
            break;
        e->asked = ++fragments->turn;
        /* The page is in no hurry to be written: by then the entry may be gone. */
        return nu_value_text_copy(e->html.text, e->html.length);
    }
    return nu_null();
}

static void keep(nu_fragments *fragments, entry *e, nu_value key, nu_value html)
{
    nu_arena *arena = nu_arena_new(fragments->arena, "fragment");
    *e = (entry){.arena = arena, .key = key, .html = html, .asked = ++fragments->turn};
    e->key.text = nu_arena_copy(arena, key.text, key.length);
    e->html.text = nu_arena_copy(arena, html.text, html.length);
    fragments->bytes += html.length;
}

static int64_t moment_after(int64_t seconds)
{
    int64_t until;
    bool    overflows = __builtin_mul_overflow(seconds, INT64_C(1000000), &until) ||
                     __builtin_add_overflow(until, nu_monotonic_us(), &until);
    return seconds < 0 || overflows ? FOR_EVER : until;
}

void nu__fragments_set(void *data, const nu_cache_fragment *fragment, nu_value html,
                       int64_t seconds)
{
    nu_fragments *fragments = data;
    check_alias(fragment->alias);
    size_t   set;
    nu_value key = key_of(fragment, &set);
    entry   *e = place_of(fragments, key, set);
    drop(fragments, e);
    if (seconds == 0 || html.length > MAX_ONE)
        return;
    while (fragments->bytes + html.length > MAX_BYTES)
        drop(fragments, &fragments->entries[fragments->hand++ % (SETS * WAYS)]);
    keep(fragments, e, key, html);
    e->until = moment_after(seconds);
}
