/* An arena is a chain of blocks, newest first; allocation moves a pointer through the newest one.
 * The arena's own struct sits at the start of its first block, so a new arena is one block.
 *
 *      nu_arena ──blocks──▶ [newest ····at    end] ──▶ [older, full] ──▶ [first: nu_arena │ ····]
 *               ──large───▶ [16 KiB and more] ──▶ …
 *
 * The root of a tree of arenas keeps freed blocks for its children: a request's arena below the
 * worker's costs no malloc. What nobody took between two trims goes back to the system. In debug form every allocation goes the way of a large one. */
#include "nuages/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ambient.h"
#include "base/internal.h"

#ifdef NU_ARENA_DEBUG
enum { SEPARATE = 1 };
#else
enum { SEPARATE = 0 };
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(addr, size)   ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#endif

enum {
    ALIGNMENT = 16,
    BLOCK_LEAST = 512, /* of an arena that is meant to stay small */
    BLOCK_FIRST = 4096, /* of others; each next block is twice as large */
    CLASSES = 8,        /* 0.5, 1, 2, 4, 8, 16, 32, 64 KiB */
    LARGE = SEPARATE ? 1 : 16 * 1024,
    GUARD = SEPARATE ? 16 : 0, /* poisoned bytes in front: an underrun is caught there */
    SPARE_LIMIT = 32 << 20,    /* bytes a root keeps for its children */
    SPARE_KEPT = 512 * 1024,   /* and over a trim, used or not */
};

struct block {
    struct block *next;
    size_t        size; /* with this header */
};

struct spares {
    struct block *blocks[CLASSES];
    size_t        bytes;
    size_t        unused; /* the fewest there were since the last trim */
};

struct nu_arena {
    char          *at, *end; /* the free part of the newest block */
    struct block  *blocks;   /* newest first */
    struct block  *large;    /* newest first */
    nu_defer      *defers;   /* newest first */
    nu_arena      *parent;
    nu_arena      *children;      /* newest first */
    nu_arena      *newer, *older; /* siblings */
    struct spares *spares;        /* of the root */
    const char    *name;
    nu_arena_stats stats; /* .used without the newest block */
};

_Static_assert(sizeof(struct block) % ALIGNMENT == 0, "what follows the header must be aligned");

static inline size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* ---- memory from the system ------------------------------------------------------------------- */

static long fail_countdown;

void nu__arena_fail_after(long n)
{
    fail_countdown = n;
}

static struct block *block_from_system(size_t size)
{
    if (NU_UNLIKELY(fail_countdown > 0) && --fail_countdown == 0)
        return NULL;
    struct block *block = malloc(size);
    if (block != NULL)
        block->size = size;
    return block;
}

static void block_to_system(struct block *block)
{
    if (SEPARATE) {
        ASAN_UNPOISON_MEMORY_REGION(block, block->size);
        memset(block, 0xdd, block->size);
    }
    free(block);
}

static unsigned size_class(size_t size)
{
    unsigned class = 0;
    while (((size_t)BLOCK_LEAST << class) < size)
        class ++;
    return class;
}

/* A block of `class`, from the spares if there is one. */
static struct block *block_take(struct spares *spares, unsigned class)
{
    struct block *block = spares != NULL ? spares->blocks[class] : NULL;
    if (block == NULL)
        return block_from_system((size_t)BLOCK_LEAST << class);
    spares->blocks[class] = block->next;
    spares->bytes -= block->size;
    if (spares->bytes < spares->unused)
        spares->unused = spares->bytes;
    return block;
}

static void block_give(struct spares *spares, struct block *block)
{
    if (SEPARATE || spares == NULL || spares->bytes + block->size > SPARE_LIMIT) {
        block_to_system(block);
        return;
    }
    unsigned class = size_class(block->size);
    block->next = spares->blocks[class];
    spares->blocks[class] = block;
    spares->bytes += block->size;
}

/* Gives spare blocks back, the largest first, until no more than `bytes` are left. */
static void spares_shrink(struct spares *spares, size_t bytes)
{
    for (unsigned class = CLASSES; class-- > 0;)
        while (spares->blocks[class] != NULL && spares->bytes > bytes) {
            struct block *block = spares->blocks[class];
            spares->blocks[class] = block->next;
            spares->bytes -= block->size;
            block_to_system(block);
        }
}

bool nu__arena_trim(nu_arena *arena)
{
    struct spares *spares = arena->spares;
    size_t         needed = spares->bytes - spares->unused;
    spares_shrink(spares, needed > SPARE_KEPT ? needed : SPARE_KEPT);
    spares->unused = spares->bytes;
    return spares->bytes > SPARE_KEPT;
}

/* ---- life ------------------------------------------------------------------------------------- */

/* Where allocations in the first block begin: after the struct and, in a root, the spares. */
static char *first_floor(nu_arena *arena)
{
    size_t own = round_up(sizeof *arena);
    if (arena->parent == NULL)
        own += round_up(sizeof(struct spares));
    return (char *)arena + own;
}

static void first_block_open(nu_arena *arena)
{
    arena->at = first_floor(arena);
    arena->end = SEPARATE ? arena->at : (char *)arena->blocks + arena->blocks->size;
    arena->stats = (nu_arena_stats){.reserved = arena->blocks->size, .blocks = 1};
}

static void link_child(nu_arena *parent, nu_arena *child)
{
    child->older = parent->children;
    if (child->older != NULL)
        child->older->newer = child;
    parent->children = child;
}

static void unlink_child(nu_arena *child)
{
    if (child->newer != NULL)
        child->newer->older = child->older;
    else
        child->parent->children = child->older;
    if (child->older != NULL)
        child->older->newer = child->newer;
}

static nu_arena *arena_new(nu_arena *parent, const char *name, size_t size)
{
    struct block *block = block_take(parent != NULL ? parent->spares : NULL, size_class(size));
    if (block == NULL)
        nu__raise_out_of_memory();
    block->next = NULL;
    nu_arena *arena = (nu_arena *)(void *)(block + 1);
    *arena = (nu_arena){.blocks = block, .parent = parent, .name = name};
    if (parent != NULL) {
        arena->spares = parent->spares;
        link_child(parent, arena);
    } else {
        arena->spares = (struct spares *)(void *)((char *)arena + round_up(sizeof *arena));
        *arena->spares = (struct spares){0};
    }
    first_block_open(arena);
    return arena;
}

nu_arena *nu_arena_new(nu_arena *parent, const char *name)
{
    return arena_new(parent, name, BLOCK_FIRST);
}

nu_arena *nu__arena_new_small(nu_arena *parent, const char *name, size_t size)
{
    size_t most = (size_t)BLOCK_LEAST << (CLASSES - 1);
    size_t room = sizeof(struct block) + sizeof(nu_arena) + (SEPARATE ? 0 : size);
    return arena_new(parent, name, room < most ? room : most);
}

/* Runs defers and frees children until neither is left, as a defer may add either. */
static void let_go(nu_arena *arena)
{
    while (arena->defers != NULL || arena->children != NULL) {
        if (arena->children != NULL) {
            nu_arena_free(arena->children);
            continue;
        }
        nu_defer *slot = arena->defers;
        arena->defers = slot->next;
        if (slot->arg != NULL)
            slot->fn(slot->arg);
    }
}

static void blocks_free(nu_arena *arena)
{
    for (struct block *block = arena->large, *next; block != NULL; block = next) {
        next = block->next;
        block_to_system(block);
    }
    arena->large = NULL;
    while (arena->blocks->next != NULL) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        block_give(arena->spares, block);
    }
}

void nu_arena_reset(nu_arena *arena)
{
    let_go(arena);
    blocks_free(arena);
    first_block_open(arena);
}

void nu_arena_free(nu_arena *arena)
{
    if (arena == NULL)
        return;
    let_go(arena);
    blocks_free(arena);
    if (arena->parent != NULL) {
        unlink_child(arena);
        block_give(arena->spares, arena->blocks);
    } else {
        spares_shrink(arena->spares, 0);
        block_to_system(arena->blocks);
    }
}

/* ---- allocation ------------------------------------------------------------------------------- */

static void *large_alloc(nu_arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct block) - GUARD)
        return NULL;
    struct block *block = block_from_system(sizeof *block + GUARD + size);
    if (block == NULL)
        return NULL;
    block->next = arena->large;
    arena->large = block;
    arena->stats.used += size;
    arena->stats.reserved += block->size;
    arena->stats.large++;
    ASAN_POISON_MEMORY_REGION(block + 1, GUARD);
    return (char *)(block + 1) + GUARD;
}

static char *newest_floor(nu_arena *arena)
{
    return arena->blocks->next == NULL ? first_floor(arena) : (char *)(arena->blocks + 1);
}

static NU_COLD void *alloc_slowly(nu_arena *arena, size_t size)
{
    if (size >= LARGE)
        return large_alloc(arena, size);
    size = round_up(size);
    size_t needed = size + sizeof(struct block), twice = arena->blocks->size * 2;
    unsigned class = size_class(needed > twice ? needed : twice);
    if (class >= CLASSES)
        class = CLASSES - 1;
    struct block *block = block_take(arena->spares, class);
    if (block == NULL)
        return NULL;
    arena->stats.used += (size_t)(arena->at - newest_floor(arena));
    arena->stats.reserved += block->size;
    arena->stats.blocks++;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->at = (char *)(block + 1) + size;
    arena->end = (char *)block + block->size;
    return block + 1;
}

void *nu__arena_alloc_try(nu_arena *arena, size_t size)
{
    size += size == 0;
    size_t room = (size_t)(arena->end - arena->at);
    if (NU_LIKELY(size <= room && round_up(size) <= room)) {
        void *memory = arena->at;
        arena->at += round_up(size);
        return memory;
    }
    return alloc_slowly(arena, size);
}

void *nu_arena_alloc(nu_arena *arena, size_t size)
{
    void *memory = nu__arena_alloc_try(arena, size);
    if (NU_UNLIKELY(memory == NULL))
        nu__raise_out_of_memory();
    return memory;
}

void *nu_arena_zalloc(nu_arena *arena, size_t size)
{
    return memset(nu_arena_alloc(arena, size), 0, size);
}

void *nu_arena_array(nu_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        nu__raise_out_of_memory();
    return nu_arena_zalloc(arena, total);
}

/* The newest large allocation may move as a whole, which for big ones the kernel does without
 * copying. NULL: `old` is another one, or memory is out. */
static void *large_grow(nu_arena *arena, void *old, size_t old_size, size_t size)
{
    struct block *block = arena->large;
    if (SEPARATE || block == NULL || old != block + 1 || size > SIZE_MAX - sizeof *block)
        return NULL;
    struct block *moved = realloc(block, sizeof *block + size);
    if (moved == NULL)
        return NULL;
    moved->size = sizeof *block + size;
    arena->large = moved;
    arena->stats.used += size - old_size;
    arena->stats.reserved += size - old_size;
    return moved + 1;
}

void *nu_arena_grow(nu_arena *arena, void *old, size_t old_size, size_t size)
{
    if (old == NULL || size <= old_size)
        return old == NULL ? nu_arena_alloc(arena, size) : old;
    size_t old_room = round_up(old_size + (old_size == 0));
    if ((char *)old + old_room == arena->at && size < LARGE &&
        round_up(size) - old_room <= (size_t)(arena->end - arena->at)) {
        arena->at += round_up(size) - old_room;
        return old;
    }
    void *moved = large_grow(arena, old, old_size, size);
    if (moved != NULL)
        return moved;
    moved = memcpy(nu_arena_alloc(arena, size), old, old_size);
    if (SEPARATE)
        ASAN_POISON_MEMORY_REGION(old, old_size);
    return moved;
}

/* ---- text ------------------------------------------------------------------------------------- */

char *nu_arena_copy(nu_arena *arena, const void *bytes, size_t length)
{
    if (length == SIZE_MAX)
        nu__raise_out_of_memory();
    char *copy = nu_arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *nu_arena_text(nu_arena *arena, const char *text)
{
    return text != NULL ? nu_arena_copy(arena, text, strlen(text)) : NULL;
}

char *nu_arena_vformat(nu_arena *arena, const char *format, va_list args)
{
    char    brief[256];
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(brief, sizeof brief, format, args);
    if (length < 0) {
        va_end(again);
        nu__raise_out_of_memory();
    }
    char *text = nu__arena_alloc_try(arena, (size_t)length + 1);
    if (text != NULL && (size_t)length < sizeof brief)
        memcpy(text, brief, (size_t)length + 1);
    else if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    if (text == NULL)
        nu__raise_out_of_memory();
    return text;
}

char *nu_arena_format(nu_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = nu_arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

/* ---- defers and figures ----------------------------------------------------------------------- */

nu_defer *nu_arena_defer(nu_arena *arena, void (*fn)(void *arg), void *arg)
{
    nu_defer *slot = nu_arena_alloc(arena, sizeof *slot);
    *slot = (nu_defer){fn, arg, arena->defers};
    arena->defers = slot;
    return slot;
}

void nu_arena_undefer(nu_arena *arena, nu_defer *slot)
{
    for (nu_defer **at = &arena->defers; *at != NULL; at = &(*at)->next) {
        if (*at == slot) {
            *at = slot->next;
            return;
        }
    }
}

nu_arena_stats nu_arena_statistics(const nu_arena *arena)
{
    nu_arena_stats stats = arena->stats;
    stats.used += (size_t)(arena->at - newest_floor((nu_arena *)arena));
    for (const nu_defer *slot = arena->defers; slot != NULL; slot = slot->next)
        stats.defers++;
    return stats;
}

const char *nu_arena_name(const nu_arena *arena)
{
    return arena->name;
}

/* ---- the current arena ------------------------------------------------------------------------ */

nu_arena *nu_arena_current(void)
{
    return nu__ambient()->arena;
}

nu_arena *nu_arena_enter(nu_arena *arena)
{
    struct nu_ambient *ambient = nu__ambient();
    nu_arena          *before = ambient->arena;
    ambient->arena = arena;
    return before;
}

void *nu_alloc(size_t size)
{
    return nu_arena_zalloc(nu_arena_current(), size);
}

char *nu_fmt(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    return text;
}
