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
#define GUARD_REMOVE 103

#if defined(NU__ASAN) || defined(NU__TSAN)
#define CAN_PUT_ASIDE false /* they keep notes about each byte of a stack */
#else
#define CAN_PUT_ASIDE true
#endif

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

void nu__stacks_init(nu_stacks *stacks, nu_arena *arena, size_t size, size_t head)
{
    /* The guard is wider than a page, for libraries compiled without stack probes. */
    size_t page = (size_t)sysconf(_SC_PAGESIZE), guard = round_up(16 * 1024, page);
    size_t least = guard + 64 * 1024;
    *stacks = (nu_stacks){.arena = arena, .head = round_up(head, 16), .guard = guard};
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

static nu_stack *head_take(nu_stacks *stacks)
{
    nu_stack *head = stacks->heads;
    if (head == NULL)
        return nu_arena_alloc(stacks->arena, stacks->head);
    stacks->heads = head->next;
    return head;
}

static void head_give(nu_stacks *stacks, nu_stack *head)
{
    head->next = stacks->heads;
    stacks->heads = head;
}

static char *map(nu_stacks *stacks)
{
    char *low = mmap(NULL, stacks->size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (low == MAP_FAILED)
        return NULL;
    if (guard_install(stacks, low))
        return low;
    munmap(low, stacks->size);
    return NULL;
}

nu_stack *nu__stack_map(nu_stacks *stacks)
{
    nu_stack *stack = head_take(stacks);
    char     *low = map(stacks);
    if (low == NULL) {
        head_give(stacks, stack);
        no_stack();
    }
    *stack = (nu_stack){.limit = low + stacks->guard, .top = low + stacks->size};
#if defined(NU__VALGRIND)
    stack->valgrind = VALGRIND_STACK_REGISTER(stack->limit, stack->top);
#endif
    return stack;
}

void nu__stack_unmap(nu_stacks *stacks, nu_stack *stack)
{
#if defined(NU__VALGRIND)
    VALGRIND_STACK_DEREGISTER(stack->valgrind);
#endif
    munmap(stack->limit - stacks->guard, stacks->size);
    head_give(stacks, stack);
}

void nu__stack_trim(const nu_stack *stack, const char *lowest)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t length = (size_t)(lowest - stack->limit) / page * page;
    if (lowest > stack->limit && length > 0)
        madvise(stack->limit, length, MADV_DONTNEED);
}

/* ---- putting aside --------------------------------------------------------------------------- */

typedef struct nu__stack_aside nu__stack_aside;
struct nu__stack_aside {
    nu__stack_aside *next; /* among the spare ones */
    size_t           length;
    char             bytes[];
};

static size_t size_index(size_t length)
{
    return (sizeof(nu__stack_aside) + length - 1) / NU__ASIDE_UNIT;
}

static nu__stack_aside *piece_take(nu_stacks *stacks, size_t length)
{
    size_t           index = size_index(length);
    nu__stack_aside *piece = stacks->pieces[index];
    if (piece == NULL)
        return nu_arena_alloc(stacks->arena, (index + 1) * NU__ASIDE_UNIT);
    stacks->pieces[index] = piece->next;
    return piece;
}

static void piece_give(nu_stacks *stacks, nu__stack_aside *piece)
{
    size_t index = size_index(piece->length);
    piece->next = stacks->pieces[index];
    stacks->pieces[index] = piece;
}

/* Closes the whole stack. The guard differs from read-only memory and keeps the two mappings apart:
 * opening again never has to split one, so it cannot fail at the system's limit. */
static bool shut(const nu_stacks *stacks, const nu_stack *stack)
{
    size_t length = (size_t)(stack->top - stack->limit);
    if (stacks->guard_light)
        return madvise(stack->limit, length, GUARD_INSTALL) == 0;
    return mprotect(stack->limit, length, PROT_READ) == 0 &&
           madvise(stack->limit, length, MADV_DONTNEED) == 0;
}

static void open_again(const nu_stacks *stacks, const nu_stack *stack)
{
    size_t length = (size_t)(stack->top - stack->limit);
    int    failed = stacks->guard_light ? madvise(stack->limit, length, GUARD_REMOVE)
                                        : mprotect(stack->limit, length, PROT_READ | PROT_WRITE);
    nu_assert(failed == 0);
}

bool nu__stack_put_aside(nu_stacks *stacks, nu_stack *stack, const char *lowest)
{
    size_t length = (size_t)(stack->top - lowest);
    if (!CAN_PUT_ASIDE || size_index(length) >= NU__ASIDE_SIZES)
        return false;
    nu__stack_aside *piece = piece_take(stacks, length);
    piece->length = length;
    memcpy(piece->bytes, lowest, length);
    stack->aside = piece;
    if (shut(stacks, stack))
        return true;
    nu__stack_restore(stacks, stack);
    return false;
}

void nu__stack_restore(nu_stacks *stacks, nu_stack *stack)
{
    nu__stack_aside *piece = stack->aside;
    open_again(stacks, stack);
    memcpy(stack->top - piece->length, piece->bytes, piece->length);
    stack->aside = NULL;
    piece_give(stacks, piece);
}

/* ---- trimming -------------------------------------------------------------------------------- */

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
