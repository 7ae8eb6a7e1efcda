#include "runtime/stack.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nuages/error.h"
#include "runtime/sanitize.h"

/* Linux 6.13: a guard that does not split the mapping, so that the system's limit of mappings
 * (65530) does not limit fibers to half as many. */
#define GUARD_INSTALL 102

/* Emulated kernels take any advice and do nothing. A path in guarded memory cannot be read. */
static bool is_guarded(const char *low)
{
    return access(low, F_OK) < 0 && errno == EFAULT;
}

static bool guard_install(nu_stacks *stacks, char *low)
{
    if (!stacks->guard_plain && madvise(low, stacks->guard, GUARD_INSTALL) == 0 &&
        (stacks->guard_light || is_guarded(low))) {
        stacks->guard_light = true;
        return true;
    }
    stacks->guard_plain = true;
    return mprotect(low, stacks->guard, PROT_NONE) == 0;
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

void nu__stacks_init(nu_stacks *stacks, size_t size, size_t head)
{
    /* The guard is wider than a page, for libraries compiled without stack probes. */
    size_t page = (size_t)sysconf(_SC_PAGESIZE), guard = round_up(16 * 1024, page);
    size_t least = guard + 64 * 1024;
    *stacks = (nu_stacks){.head = round_up(head, 64), .guard = guard};
    stacks->size = round_up(size < least ? least : size, page);
#if defined(NU__VALGRIND)
    /* It does not know the light guards, and breaks at the touch of one. */
    stacks->guard_plain = RUNNING_ON_VALGRIND;
#endif
}

void nu__stacks_clear(nu_stacks *stacks)
{
    for (nu_stack *stack = stacks->free, *next; stack != NULL; stack = next) {
        next = stack->next;
        nu__stack_unmap(stacks, stack);
    }
    stacks->free = NULL;
    stacks->count = 0;
}

static NU_COLD NU_NORETURN void no_stack(void)
{
    nu_error *error =
        nu_error_new(NU_OUT_OF_MEMORY, "no stack for another fiber: %s", strerror(errno));
    error->hint = "Serve fewer requests at once, or raise the system's vm.max_map_count.";
    nu_throw(error);
}

nu_stack *nu__stack_map(nu_stacks *stacks)
{
    char *low = mmap(NULL, stacks->size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (low == MAP_FAILED)
        no_stack();
    if (!guard_install(stacks, low)) {
        munmap(low, stacks->size);
        no_stack();
    }
    nu_stack *stack = (nu_stack *)(void *)(low + stacks->size - stacks->head);
    stack->limit = low + stacks->guard;
#if defined(NU__VALGRIND)
    stack->valgrind = VALGRIND_STACK_REGISTER(stack->limit, stack);
#endif
    return stack;
}

void nu__stack_unmap(nu_stacks *stacks, nu_stack *stack)
{
#if defined(NU__VALGRIND)
    VALGRIND_STACK_DEREGISTER(stack->valgrind);
#endif
    munmap(stack->limit - stacks->guard, stacks->size);
}

void nu__stack_trim(const nu_stack *stack, const char *lowest)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t length = (size_t)(lowest - stack->limit) / page * page;
    if (lowest > stack->limit && length > 0)
        madvise(stack->limit, length, MADV_DONTNEED);
}

/* What ordinary requests touch stays; below is the trace of a deep one. */
#define KEPT_BYTES ((size_t)32 * 1024)
/* The last ones stay for ever. */
#define KEPT_STACKS 8

bool nu__stacks_trim(nu_stacks *stacks)
{
    nu_stack **link = &stacks->free;
    size_t     kept = 0;
    bool       again = false;
    while (*link != NULL) {
        nu_stack *stack = *link;
        if (stack->idle++ > 0 && kept >= KEPT_STACKS) {
            *link = stack->next;
            stacks->count--;
            nu__stack_unmap(stacks, stack);
            continue;
        }
        if (stack->idle == 1)
            madvise(stack->limit, stacks->size - stacks->guard - KEPT_BYTES, MADV_DONTNEED);
        kept++;
        again = again || kept > KEPT_STACKS;
        link = &stack->next;
    }
    return again;
}
