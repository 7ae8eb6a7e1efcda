/* nu_string_agg(distinct, directions, text, separator, key …): joins texts in an order. `directions`
 * has an 'a' or a 'd' for each key. Callbacks run on SQLite's frames: nothing here raises. */
#include <stdlib.h>
#include <string.h>

#include "db/sqlite/internal.h"

enum { FIRST_KEY = 4, MOST_KEYS = 16 };

typedef struct item {
    sqlite3_value *text;
    sqlite3_value *keys[MOST_KEYS];
} item;

typedef struct collected {
    item  *items;
    size_t count, capacity;
    char  *separator;
    size_t separator_length;
    size_t keys;
    bool   distinct, failed;
    char   directions[MOST_KEYS];
} collected;

static bool begin(collected *all, int count, sqlite3_value **args)
{
    const char *directions = (const char *)sqlite3_value_text(args[1]);
    all->keys = (size_t)count - FIRST_KEY;
    if (directions == NULL || all->keys > MOST_KEYS || strlen(directions) < all->keys)
        return false;
    memcpy(all->directions, directions, all->keys);
    all->distinct = sqlite3_value_int(args[0]) != 0;
    const char *separator = (const char *)sqlite3_value_text(args[3]);
    all->separator_length = (size_t)sqlite3_value_bytes(args[3]);
    all->separator = sqlite3_malloc64(all->separator_length + 1);
    if (all->separator == NULL)
        return false;
    if (all->separator_length > 0)
        memcpy(all->separator, separator, all->separator_length);
    return true;
}

static bool make_room(collected *all)
{
    if (all->count < all->capacity)
        return true;
    size_t capacity = all->capacity > 0 ? all->capacity * 2 : 16;
    item  *items = sqlite3_realloc64(all->items, capacity * sizeof *items);
    if (items == NULL)
        return false;
    all->items = items;
    all->capacity = capacity;
    return true;
}

static void step(sqlite3_context *context, int count, sqlite3_value **args)
{
    collected *all = sqlite3_aggregate_context(context, sizeof *all);
    if (all == NULL || all->failed || count < FIRST_KEY ||
        sqlite3_value_type(args[2]) == SQLITE_NULL)
        return;
    if ((all->separator == NULL && !begin(all, count, args)) || !make_room(all)) {
        all->failed = true;
        return;
    }
    item *next = &all->items[all->count++];
    memset(next, 0, sizeof *next);
    next->text = sqlite3_value_dup(args[2]);
    for (size_t i = 0; i < all->keys; i++)
        next->keys[i] = sqlite3_value_dup(args[FIRST_KEY + i]);
}

/* ---- order ---------------------------------------------------------------------------------- */

/* NULL, then numbers, then texts, then bytes, as SQLite orders. */
static int rank_of(sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return 0;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: return 1;
    case SQLITE_TEXT: return 2;
    default: return 3;
    }
}

static int compare_bytes(sqlite3_value *a, sqlite3_value *b)
{
    const void *left = sqlite3_value_blob(a), *right = sqlite3_value_blob(b);
    size_t      m = (size_t)sqlite3_value_bytes(a), n = (size_t)sqlite3_value_bytes(b);
    size_t      shorter = m < n ? m : n;
    int         order = shorter > 0 ? memcmp(left, right, shorter) : 0;
    return order != 0 ? order : (m > n) - (m < n);
}

static int compare_values(sqlite3_value *a, sqlite3_value *b)
{
    int rank = rank_of(a);
    if (rank != rank_of(b))
        return rank < rank_of(b) ? -1 : 1;
    if (rank == 1 && sqlite3_value_type(a) == SQLITE_INTEGER &&
        sqlite3_value_type(b) == SQLITE_INTEGER) {
        int64_t left = sqlite3_value_int64(a), right = sqlite3_value_int64(b);
        return (left > right) - (left < right);
    }
    if (rank == 1) {
        double left = sqlite3_value_double(a), right = sqlite3_value_double(b);
        return (left > right) - (left < right);
    }
    return rank == 0 ? 0 : compare_bytes(a, b);
}

static int compare_items(const void *a, const void *b, void *arg)
{
    const collected *all = arg;
    const item      *left = a, *right = b;
    for (size_t i = 0; i < all->keys; i++) {
        int order = compare_values(left->keys[i], right->keys[i]);
        if (order != 0)
            return all->directions[i] == 'd' ? -order : order;
    }
    return 0;
}

/* ---- the result ----------------------------------------------------------------------------- */

static bool seen_before(const collected *all, size_t at)
{
    for (size_t i = 0; all->distinct && i < at; i++) {
        if (compare_values(all->items[i].text, all->items[at].text) == 0)
            return true;
    }
    return false;
}

static void release(collected *all)
{
    for (size_t i = 0; i < all->count; i++) {
        sqlite3_value_free(all->items[i].text);
        for (size_t k = 0; k < all->keys; k++)
            sqlite3_value_free(all->items[i].keys[k]);
    }
    sqlite3_free(all->items);
    sqlite3_free(all->separator);
}

static void join(sqlite3_context *context, const collected *all)
{
    sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
    bool         any = false;
    for (size_t i = 0; i < all->count; i++) {
        if (seen_before(all, i))
            continue;
        if (any)
            sqlite3_str_append(out, all->separator, (int)all->separator_length);
        const char *text = (const char *)sqlite3_value_text(all->items[i].text);
        if (text != NULL)
            sqlite3_str_append(out, text, sqlite3_value_bytes(all->items[i].text));
        any = true;
    }
    int   code = sqlite3_str_errcode(out), length = sqlite3_str_length(out);
    char *text = sqlite3_str_finish(out);
    if (code != SQLITE_OK)
        sqlite3_result_error_code(context, code);
    else
        sqlite3_result_text(context, text != NULL ? text : "", length, SQLITE_TRANSIENT);
    sqlite3_free(text);
}

static void final(sqlite3_context *context)
{
    collected *all = sqlite3_aggregate_context(context, 0);
    if (all == NULL)
        return;
    if (all->failed) {
        sqlite3_result_error(context, "texts cannot be joined", -1);
    } else if (all->count > 0) {
        qsort_r(all->items, all->count, sizeof *all->items, compare_items, all);
        join(context, all);
    }
    release(all);
}

int nu__sqlite_add_string_agg(sqlite3 *handle)
{
    return sqlite3_create_function_v2(handle, "nu_string_agg", -1,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, NULL, step, final,
                                      NULL);
}
