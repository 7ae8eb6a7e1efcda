/* Arenas: memory with a named life.
 *
 * An arena hands out memory and takes all of it back at once. A request, a background task and a
 * command each own one, and whatever allocates inside takes from it, so application code never
 * frees. What must outlive the work is copied on purpose into a longer-lived arena.
 *
 *      process ── worker ── request ── scratch
 *
 * A child is freed with its parent. Small allocations come from blocks; a large one gets a block of
 * its own. In debug builds (`-Darena_debug=true`, implied by the sanitizers) each allocation
 * is separate and freed memory is poisoned, so that AddressSanitizer sees every overrun and use
 * after free. An arena belongs to one thread. */
#pragma once

#include <stdarg.h>

#include "nuages/defs.h"

typedef struct nu_arena nu_arena;

/* Figures of one arena, its children not counted. */
typedef struct nu_arena_stats {
    size_t used;     /* bytes handed out since the last reset */
    size_t reserved; /* bytes taken from the system */
    size_t blocks;   /* blocks in use */
    size_t large;    /* allocations that got a block of their own */
    size_t defers;   /* cleanups waiting */
} nu_arena_stats;

/* A new arena below `parent` (NULL: on its own). `name` is for statistics and is not copied.
 * Raises OutOfMemory. */
NU_PUBLIC NU_RETURNS_NONNULL nu_arena *nu_arena_new(nu_arena *parent, const char *name);

/* Frees the children, runs the defers, newest first, and gives all memory back. NULL is allowed. */
NU_PUBLIC void nu_arena_free(nu_arena *arena);

/* As nu_arena_free, but the arena stays usable and keeps its first block for the next use. */
NU_PUBLIC void nu_arena_reset(nu_arena *arena);

/* `size` bytes aligned for any type, not cleared. A size of 0 gives a valid pointer.
 * Raises OutOfMemory. */
NU_PUBLIC NU_RETURNS_NONNULL void *nu_arena_alloc(nu_arena *arena, size_t size);

/* As nu_arena_alloc, cleared to zero. */
NU_PUBLIC NU_RETURNS_NONNULL void *nu_arena_zalloc(nu_arena *arena, size_t size);

/* `count` elements of `size` bytes, cleared; a product that overflows raises OutOfMemory. */
NU_PUBLIC NU_RETURNS_NONNULL void *nu_arena_array(nu_arena *arena, size_t count, size_t size);

/* Grows `old` (of `old_size` bytes, NULL allowed) to `size` bytes: in place if it was the last
 * allocation, else by a copy. */
NU_PUBLIC NU_RETURNS_NONNULL void *nu_arena_grow(nu_arena *arena, void *old, size_t old_size,
                                                 size_t size);

/* A copy of `length` bytes, followed by a NUL. */
NU_PUBLIC NU_RETURNS_NONNULL char *nu_arena_copy(nu_arena *arena, const void *bytes, size_t length);

/* A copy of a C string; NULL gives NULL. */
NU_PUBLIC char *nu_arena_text(nu_arena *arena, const char *text);

/* Formats as printf does, into the arena. */
NU_PUBLIC NU_RETURNS_NONNULL char *nu_arena_format(nu_arena *arena, const char *format, ...)
    NU_PRINTF(2, 3);
NU_PUBLIC NU_RETURNS_NONNULL char *nu_arena_vformat(nu_arena *arena, const char *format,
                                                    va_list args) NU_PRINTF(2, 0);

/* Calls `fn(arg)` when the arena is reset or freed, newest first, unless `arg` is NULL. `fn` neither
 * raises nor waits. Returns the slot, for nu_arena_undefer. To tie a resource without a gap: reserve
 * the slot with arg NULL, acquire, then fill slot->arg. */
typedef struct nu_defer {
    void (*fn)(void *arg);
    void            *arg;
    struct nu_defer *next;
} nu_defer;
NU_PUBLIC NU_RETURNS_NONNULL nu_defer *nu_arena_defer(nu_arena *arena, void (*fn)(void *arg),
                                                      void *arg);

/* Forgets a defer without running it. */
NU_PUBLIC void nu_arena_undefer(nu_arena *arena, nu_defer *slot);

NU_PUBLIC nu_arena_stats nu_arena_statistics(const nu_arena *arena);
NU_PUBLIC const char *nu_arena_name(const nu_arena *arena);

/* ---- the current arena -------------------------------------------------------------------- */

/* The arena of the work at hand: the request's, the task's, the command's. Never NULL. */
NU_PUBLIC NU_RETURNS_NONNULL nu_arena *nu_arena_current(void);

/* Makes `arena` the current one and returns the one before. A raise restores the arena that was
 * current when its NU_TRY began. */
NU_PUBLIC NU_RETURNS_NONNULL nu_arena *nu_arena_enter(nu_arena *arena);

/* Cleared memory from the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL void *nu_alloc(size_t size);

/* Text formatted as by printf, in the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL char *nu_fmt(const char *format, ...) NU_PRINTF(1, 2);
