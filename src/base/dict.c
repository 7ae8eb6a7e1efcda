/* A dict is an array of entries in order of insertion and, from the ninth entry on, an index of
 * open addresses into it. A removed entry stays as a gap until the array is next rebuilt.
 *
 *      entries  [title│A] [count│3] [ gap ] [live│true]
 *      slots    [3] [ ] [0] [ ] [1] …                      position + 1; 0: empty; linear probing */
#include "nuages/value.h"

#include <string.h>

#include "base/internal.h"

enum {
    FEW = 8,      /* entries searched without an index */
    GAP = 0xffff, /* reserved of a removed key */
};

struct nu_dict {
    nu_entry *entries;
    uint32_t *hashes; /* of the keys; only with an index */
    uint32_t *slots;  /* NULL: no index */
    uint32_t  mask;   /* number of slots - 1 */
    uint32_t  used;   /* entries with gaps */
    uint32_t  capacity;
    uint32_t  count;
    nu_arena *arena;
};

nu_dict *nu_dict_new(void)
{
    nu_arena *arena = nu_arena_current();
    nu_dict  *dict = nu_arena_alloc(arena, sizeof *dict);
    *dict = (nu_dict){.arena = arena};
    return dict;
}

nu_dict *nu_dict_of_(nu_pairs pairs)
{
    nu_dict *dict = nu_dict_new();
    for (size_t i = 0; i < pairs.count; i++)
        nu_dict_put(dict, nu_value_text(pairs.items[i].key), pairs.items[i].value);
    return dict;
}

/* ---- hashing ---------------------------------------------------------------------------------- */

/* Equal numbers of any type are the same key, as 1 == 1.0 == True. */
static uint64_t number_hash(nu_value key)
{
    int64_t whole;
    double  number;
    if (key.type == NU_BOOL)
        whole = key.boolean;
    else if (!nu_int_try(key, &whole))
        return nu_float_try(key, &number) ? nu__hash(&number, sizeof number) : 0;
    return nu__hash(&whole, sizeof whole);
}

static uint64_t key_hash(nu_value key);

static uint64_t tuple_hash(const nu_list *list)
{
    nu_check_stack();
    uint64_t hash = list->count;
    for (uint32_t i = 0; i < list->count; i++) {
        uint64_t both[2] = {hash, key_hash(list->items[i])};
        hash = nu__hash(both, sizeof both);
    }
    return hash;
}

static uint64_t key_hash(nu_value key)
{
    switch ((nu_type)key.type) {
    case NU_NULL: return 0;
    case NU_BOOL:
    case NU_INT:
    case NU_FLOAT:
    case NU_DECIMAL: return number_hash(key);
    case NU_TEXT:
    case NU_BYTES: return nu__hash(key.text, key.length);
    case NU_DATE: return nu__hash(&key.days, sizeof key.days);
    case NU_TIME:
    case NU_DATETIME:
    case NU_DURATION: return nu__hash(&key.us, sizeof key.us);
    case NU_UUID: return nu__hash(key.uuid->bytes, sizeof key.uuid->bytes);
    case NU_LIST: return tuple_hash(key.list);
    case NU_OBJECT:
        /* Two objects may be equal by their class's own rule: the class is all they must share. */
        return nu__hash(key.object, sizeof(void *));
    case NU_FUNCTION: return nu__hash(&key.function, sizeof key.function);
    case NU_DICT: break;
    }
    return 0;
}

static void check_key(nu_value key)
{
    if (key.type == NU_DICT || (key.type == NU_LIST && !(key.flags & NU_TUPLE)))
        nu_raise(NU_VALUE_ERROR, "a %s cannot be the key of a dict", nu_value_type_name(key));
}

/* ---- look-up ---------------------------------------------------------------------------------- */

static bool is_gap(const nu_entry *entry)
{
    return entry->key.reserved == GAP;
}

static bool same_key(const nu_entry *entry, nu_value key)
{
    if (is_gap(entry))
        return false;
    if (entry->key.type == NU_TEXT && key.type == NU_TEXT)
        return entry->key.length == key.length &&
               memcmp(entry->key.text, key.text, key.length) == 0;
    return nu_equal(entry->key, key);
}

/* The slot that holds `key`, or the empty one where it belongs. */
static uint32_t *slot_find(const nu_dict *dict, nu_value key, uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        uint32_t *slot = &dict->slots[i & dict->mask];
        if (*slot == 0 ||
            (dict->hashes[*slot - 1] == hash && same_key(&dict->entries[*slot - 1], key)))
            return slot;
    }
}

static nu_entry *entry_find(const nu_dict *dict, nu_value key)
{
    if (dict->slots != NULL) {
        uint32_t *slot = slot_find(dict, key, (uint32_t)key_hash(key));
        return *slot != 0 ? &dict->entries[*slot - 1] : NULL;
    }
    for (uint32_t i = 0; i < dict->used; i++)
        if (same_key(&dict->entries[i], key))
            return &dict->entries[i];
    return NULL;
}

/* A text among few entries: what templates ask for at every dot. */
static nu_value *text_find(const nu_dict *dict, const char *key, size_t length)
{
    for (uint32_t i = 0; i < dict->used; i++) {
        nu_entry *entry = &dict->entries[i];
        if (entry->key.length == length && entry->key.type == NU_TEXT && !is_gap(entry) &&
            memcmp(entry->key.text, key, length) == 0)
            return &entry->value;
    }
    return NULL;
}

nu_value *nu_dict_find_value(const nu_dict *dict, nu_value key)
{
    nu_entry *entry = entry_find(dict, key);
    return entry != NULL ? &entry->value : NULL;
}

nu_value *nu_dict_find_n(const nu_dict *dict, const char *key, size_t length)
{
    if (dict->slots == NULL)
        return text_find(dict, key, length);
    return nu_dict_find_value(dict, nu_value_text_n(key, length));
}

nu_value *nu_dict_find(const nu_dict *dict, const char *key)
{
    return nu_dict_find_n(dict, key, strlen(key));
}

nu_value nu_dict_get(const nu_dict *dict, const char *key)
{
    nu_value *value = nu_dict_find(dict, key);
    return value != NULL ? *value : nu_null();
}

/* ---- change ----------------------------------------------------------------------------------- */

/* Moves the entries together over the gaps. */
static void close_gaps(nu_dict *dict)
{
    uint32_t to = 0;
    for (uint32_t from = 0; from < dict->used; from++)
        if (!is_gap(&dict->entries[from]))
            dict->entries[to++] = dict->entries[from];
    dict->used = to;
}

static void index_build(nu_dict *dict)
{
    uint32_t slots = dict->capacity * 2;
    dict->slots = nu_arena_array(dict->arena, slots, sizeof *dict->slots);
    dict->hashes = nu_arena_alloc(dict->arena, dict->capacity * sizeof *dict->hashes);
    dict->mask = slots - 1;
    for (uint32_t i = 0; i < dict->used; i++) {
        uint32_t hash = (uint32_t)key_hash(dict->entries[i].key), at = hash;
        while (dict->slots[at & dict->mask] != 0)
            at++;
        dict->slots[at & dict->mask] = i + 1;
        dict->hashes[i] = hash;
    }
}

/* Makes room for one more entry; the capacity is a power of two, the slots are twice as many. */
static NU_COLD void grow(nu_dict *dict)
{
    close_gaps(dict);
    uint32_t before = dict->capacity;
    if (dict->used >= before / 2) {
        if (before > UINT32_MAX / 4)
            nu__raise_out_of_memory();
        uint32_t capacity = before == 0 ? 4 : before * 2;
        dict->entries = nu_arena_grow(dict->arena, dict->entries, before * sizeof *dict->entries,
                                      capacity * sizeof *dict->entries);
        dict->capacity = capacity;
    }
    dict->slots = NULL;
    if (dict->capacity > FEW)
        index_build(dict);
}

void nu_dict_put(nu_dict *dict, nu_value key, nu_value value)
{
    check_key(key);
    nu_entry *entry = entry_find(dict, key);
    if (entry != NULL) {
        entry->value = value;
        return;
    }
    if (dict->used == dict->capacity)
        grow(dict);
    if (dict->slots != NULL) {
        uint32_t hash = (uint32_t)key_hash(key);
        *slot_find(dict, key, hash) = dict->used + 1;
        dict->hashes[dict->used] = hash;
    }
    key.reserved = 0;
    dict->entries[dict->used++] = (nu_entry){key, value};
    dict->count++;
}

bool nu_dict_remove(nu_dict *dict, const char *key)
{
    nu_entry *entry = entry_find(dict, nu_value_text(key));
    if (entry == NULL)
        return false;
    /* Its slot goes on pointing at the gap, so that probes for later keys pass over it. */
    entry->key.reserved = GAP;
    entry->value = nu_null();
    dict->count--;
    return true;
}

uint32_t nu_dict_count(const nu_dict *dict)
{
    return dict->count;
}

nu_entry *nu_dict_next(const nu_dict *dict, const nu_entry *after)
{
    uint32_t i = after == NULL ? 0 : (uint32_t)(after - dict->entries) + 1;
    while (i < dict->used && is_gap(&dict->entries[i]))
        i++;
    return i < dict->used ? &dict->entries[i] : NULL;
}
