/* One language's messages: a hash table from key to texts.
 *
 * The key is the English text or, with a context, "context EOT text", as in .mo files. Catalogues
 * come from the application's own files, so a plain hash will do. */
#include "i18n/internal.h"

#include <string.h>

enum { EOT = 4 };

static uint32_t hash_more(uint32_t hash, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)text[i]) * 16777619u; /* FNV-1a */
    return hash;
}

#define HASH_START 2166136261u

nu_catalogue *nu__catalogue_new(nu_arena *arena, const char *language)
{
    nu_catalogue *catalogue = nu_arena_zalloc(arena, sizeof *catalogue);
    catalogue->arena = arena;
    catalogue->language = nu_arena_text(arena, language);
    return catalogue;
}

static void insert(nu_catalogue *catalogue, nu__message message)
{
    size_t mask = catalogue->capacity - 1;
    size_t i = message.hash & mask;
    while (catalogue->slots[i].key != NULL &&
           (catalogue->slots[i].key_length != message.key_length ||
            memcmp(catalogue->slots[i].key, message.key, message.key_length) != 0))
        i = (i + 1) & mask;
    catalogue->count += catalogue->slots[i].key == NULL;
    catalogue->slots[i] = message;
}

static void grow(nu_catalogue *catalogue)
{
    nu__message *old = catalogue->slots;
    size_t       old_capacity = catalogue->capacity;
    catalogue->capacity = old_capacity == 0 ? 64 : old_capacity * 2;
    catalogue->slots =
        nu_arena_array(catalogue->arena, catalogue->capacity, sizeof *catalogue->slots);
    catalogue->count = 0;
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].key != NULL)
            insert(catalogue, old[i]);
}

static void put(nu_catalogue *catalogue, const char *key, size_t key_length,
                const char *const *texts, size_t count)
{
    if (catalogue->count * 4 >= catalogue->capacity * 3)
        grow(catalogue);
    insert(catalogue, (nu__message){
                          .key = key,
                          .key_length = key_length,
                          .hash = hash_more(HASH_START, key, key_length),
                          .texts = texts,
                          .count = count,
                          .plural = catalogue->plural,
                      });
}

void nu__catalogue_put(nu_catalogue *catalogue, const char *key, size_t key_length,
                       const char *texts, size_t length)
{
    if (texts[0] == '\0')
        return;
    size_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += texts[i] == '\0';
    const char  *copy = nu_arena_copy(catalogue->arena, texts, length);
    const char **list = nu_arena_array(catalogue->arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i] = copy;
        copy += strlen(copy) + 1;
    }
    put(catalogue, nu_arena_copy(catalogue->arena, key, key_length), key_length, list, count);
}

void nu_catalogue_plural(nu_catalogue *catalogue, const char *rule)
{
    catalogue->plural = nu__plural_new(catalogue->arena, rule);
}

void nu_catalogue_add(nu_catalogue *catalogue, const char *context, const char *message,
                      const char *const *texts, size_t count)
{
    if (count == 0 || texts[0][0] == '\0')
        return;
    const char **list = nu_arena_array(catalogue->arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = nu_arena_text(catalogue->arena, texts[i]);
    const char *key = context == NULL
                          ? nu_arena_text(catalogue->arena, message)
                          : nu_arena_format(catalogue->arena, "%s%c%s", context, EOT, message);
    put(catalogue, key, strlen(key), list, count);
}

static bool has_key(const nu__message *slot, const char *context, size_t context_length,
                    const char *message, size_t message_length)
{
    size_t prefix = context == NULL ? 0 : context_length + 1;
    if (slot->key_length != prefix + message_length)
        return false;
    if (context != NULL &&
        (memcmp(slot->key, context, context_length) != 0 || slot->key[context_length] != EOT))
        return false;
    return memcmp(slot->key + prefix, message, message_length) == 0;
}

const nu__message *nu__catalogue_find(const nu_catalogue *catalogue, const char *context,
                                      const char *message)
{
    if (catalogue->count == 0)
        return NULL;
    size_t   context_length = context == NULL ? 0 : strlen(context);
    size_t   message_length = strlen(message);
    uint32_t hash = HASH_START;
    if (context != NULL) {
        hash = hash_more(hash, context, context_length);
        hash = hash_more(hash, (const char[]){EOT}, 1);
    }
    hash = hash_more(hash, message, message_length);

    size_t mask = catalogue->capacity - 1;
    for (size_t i = hash & mask; catalogue->slots[i].key != NULL; i = (i + 1) & mask) {
        const nu__message *slot = &catalogue->slots[i];
        if (slot->hash == hash && has_key(slot, context, context_length, message, message_length))
            return slot;
    }
    return NULL;
}

static void take(nu_arena *arena, const char **to, const char *from)
{
    if (from != NULL)
        *to = nu_arena_text(arena, from);
}

static void take_list(nu_arena *arena, const char *const **to, const char *const *from)
{
    if (from == NULL)
        return;
    size_t count = 0;
    while (from[count] != NULL)
        count++;
    const char **copy = nu_arena_array(arena, count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = nu_arena_text(arena, from[i]);
    *to = copy;
}

void nu_catalogue_formats(nu_catalogue *catalogue, const nu_formats *formats)
{
#define X(member) take(catalogue->arena, &catalogue->formats.member, formats->member);
    NU__FORMAT_TEXTS(X)
#undef X
#define X(member) take_list(catalogue->arena, &catalogue->formats.member, formats->member);
    NU__FORMAT_LISTS(X)
#undef X
}
