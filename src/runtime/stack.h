/* Stacks for fibers, kept for reuse:
 *
 *      low of the mapping                                                     high
 *      | guard | limit …… grows down ………………………………………………… top | head (nu_fiber) |
 *
 * Memory is taken from the system page by page as a stack grows, and given back some seconds after
 * a deep use. The head shares a page with the first frames: a fiber that calls little costs one
 * page. */
#pragma once

#include <stdint.h>

#include "nuages/defs.h"

/* First member of the head. */
typedef struct nu_stack {
    struct nu_stack *next;  /* in the pool */
    char            *limit; /* lowest usable address; the guard is below */
    uint32_t         idle;  /* trims since the last use */
    unsigned         valgrind;
} nu_stack;

typedef struct nu_stacks {
    nu_stack *free; /* last used first */
    size_t    count;
    size_t    size;        /* of a mapping */
    size_t    guard;       /* bytes of it that may not be touched */
    size_t    head;        /* bytes of a head */
    bool      guard_light; /* the kernel has guards that do not split a mapping */
    bool      guard_plain; /* it has not */
} nu_stacks;

void nu__stacks_init(nu_stacks *stacks, size_t size, size_t head);
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

/* Gives back the whole pages below `lowest`, the lowest address in use. */
void nu__stack_trim(const nu_stack *stack, const char *lowest);
/* To be called every few seconds while stacks are in use: gives back what deep calls touched, and
 * stacks that nobody needed since the last call. False when there is nothing left to do. */
bool nu__stacks_trim(nu_stacks *stacks);
