/* Stacks for fibers, kept for reuse:
 *
 *      low of the mapping                                    high
 *      | guard | limit …… grows down ………………………………………………… top |       head (nu_fiber), elsewhere
 *
 * Memory is taken from the system page by page as a stack grows, and given back some seconds after
 * a deep use. A fiber that calls little costs one page and its head, and not even the page while
 * its stack is put aside: what it holds is then kept in a piece of memory of its own size, and lies
 * at its old place again before the fiber runs. The head stays where it is, so that a fiber can be
 * woken, and timers and lists run through it, at any time. */
#pragma once

#include <stdint.h>

#include "nuages/arena.h"

/* First member of the head. */
typedef struct nu_stack {
    struct nu_stack        *next;  /* in the pool, or among the spare heads */
    char                   *limit; /* lowest usable address; the guard is below */
    char                   *top;   /* end of the mapping */
    struct nu__stack_aside *aside; /* what it holds, while it is put aside */
    uint32_t                idle;  /* trims since the last use */
    unsigned                valgrind;
} nu_stack;

/* Pieces of memory for what stacks hold: multiples of NU__ASIDE_UNIT bytes. */
#define NU__ASIDE_UNIT ((size_t)256)
#define NU__ASIDE_SIZES 8

typedef struct nu_stacks {
    nu_stack               *free; /* last used first */
    size_t                  count;
    nu_arena               *arena;                   /* of heads and of what was put aside */
    nu_stack               *heads;                   /* spare ones */
    struct nu__stack_aside *pieces[NU__ASIDE_SIZES]; /* spare ones */
    size_t                  size;                    /* of a mapping */
    size_t                  guard;                   /* bytes of it that may not be touched */
    size_t                  head;                    /* bytes of a head */
    bool guard_light; /* the kernel has guards that do not split a mapping */
    bool guard_plain; /* it has not */
} nu_stacks;

/* `arena` outlives the stacks. */
void nu__stacks_init(nu_stacks *stacks, nu_arena *arena, size_t size, size_t head);
void nu__stacks_clear(nu_stacks *stacks);

/* Maps a new stack. Raises OutOfMemory. */
NU_RETURNS_NONNULL nu_stack *nu__stack_map(nu_stacks *stacks);
void                         nu__stack_unmap(nu_stacks *stacks, nu_stack *stack);

/* Takes one from the pool, or maps one. Beyond its nu_stack the head is as its last user left it. */
static inline nu_stack *nu__stack_take(nu_stacks *stacks)
{
    nu_stack *stack = stacks->free;
    if (NU_UNLIKELY(stack == NULL))
        return nu__stack_map(stacks);
    stacks->free = stack->next;
    stacks->count--;
    return stack;
}

/* More free ones than this go back to the system at once: as many as some hundred requests use
 * that gather twenty things each. */
#define NU__STACKS_KEPT 8192

static inline void nu__stack_give(nu_stacks *stacks, nu_stack *stack)
{
    if (NU_UNLIKELY(stacks->count >= NU__STACKS_KEPT)) {
        nu__stack_unmap(stacks, stack);
        return;
    }
    stack->idle = 0;
    stack->next = stacks->free;
    stacks->free = stack;
    stacks->count++;
}

/* Puts aside what lies from `lowest`, the lowest address in use, and gives all pages back. Until
 * nu__stack_restore nobody may use what lies there: where the kernel has light guards (Linux 6.13)
 * a touch is a SIGSEGV, elsewhere a write is. False when the stack stays as it was: it holds more
 * than two kilobytes, or a sanitizer watches. Raises OutOfMemory. */
bool nu__stack_put_aside(nu_stacks *stacks, nu_stack *stack, const char *lowest);
/* Puts all back in its place. */
void nu__stack_restore(nu_stacks *stacks, nu_stack *stack);

/* Gives back the whole pages below `lowest`, the lowest address in use. */
void nu__stack_trim(const nu_stack *stack, const char *lowest);
/* To be called every few seconds while stacks are in use: gives back what deep calls touched, and
 * stacks that nobody needed since the last call. False when there is nothing left to do. */
bool nu__stacks_trim(nu_stacks *stacks);
