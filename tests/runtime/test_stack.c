#include "runtime/stack.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "helper.h"

#define SIZE ((size_t)256 * 1024)

/* Pages of the stack that are in memory. */
static size_t resident(const nu_stacks *stacks, const nu_stack *stack)
{
    unsigned char pages[SIZE / 4096];
    size_t        count = 0, length = stacks->size - stacks->guard;
    CHECK(mincore(stack->limit, length, pages) == 0);
    for (size_t i = 0; i < length / 4096; i++)
        count += pages[i] & 1;
    return count;
}

static void use(nu_stack *stack, size_t depth)
{
    memset(stack->top - depth, 1, depth);
}

TEST(a_stack_takes_memory_as_it_grows_and_gives_it_back_after_a_deep_use)
{
    nu_stacks stacks;
    nu__stacks_init(&stacks, nu_arena_current(), SIZE, 300);
    nu_stack *stack = nu__stack_take(&stacks);
    CHECK(resident(&stacks, stack) <= 2);
    use(stack, 200 * 1024);
    CHECK(resident(&stacks, stack) >= 50);
    nu__stack_give(&stacks, stack);
    CHECK(!nu__stacks_trim(&stacks)); /* few enough to keep */
    CHECK(resident(&stacks, stack) <= 9);
    CHECK(nu__stack_take(&stacks) == stack);
    nu__stack_give(&stacks, stack);
    nu__stacks_clear(&stacks);
}

TEST(stacks_that_nobody_needs_go_but_for_a_few)
{
    nu_stacks stacks;
    nu_stack *taken[40];
    nu__stacks_init(&stacks, nu_arena_current(), SIZE, 300);
    for (int i = 0; i < 40; i++)
        taken[i] = nu__stack_take(&stacks);
    for (int i = 0; i < 40; i++)
        nu__stack_give(&stacks, taken[i]);
    CHECK(nu__stacks_trim(&stacks)); /* all were used a moment ago */
    CHECK_EQ(stacks.count, 40);
    while (nu__stacks_trim(&stacks)) {
    }
    CHECK_EQ(stacks.count, 8);
    nu__stacks_clear(&stacks);
    CHECK_EQ(stacks.count, 0);
}

TEST(the_pool_keeps_so_many_stacks_at_most)
{
    nu_stacks stacks;
    nu_stack *taken[NU__STACKS_KEPT + 10];
    nu__stacks_init(&stacks, nu_arena_current(), SIZE, 300);
    for (size_t i = 0; i < NU_COUNT(taken); i++)
        taken[i] = nu__stack_take(&stacks);
    for (size_t i = 0; i < NU_COUNT(taken); i++)
        nu__stack_give(&stacks, taken[i]);
    CHECK_EQ(stacks.count, NU__STACKS_KEPT);
    nu__stacks_clear(&stacks);
}

TEST(a_stack_that_is_too_small_is_made_large_enough)
{
    nu_stacks stacks;
    nu__stacks_init(&stacks, nu_arena_current(), 1, 300);
    CHECK(stacks.size >= stacks.guard + 64 * 1024);
    nu_stack *stack = nu__stack_take(&stacks);
    use(stack, 60 * 1024);
    nu__stack_unmap(&stacks, stack);
}

static void park(void *arg)
{
    (void)arg;
    nu__park();
}

TEST(a_loop_with_parked_fibers_can_be_freed)
{
    nu_loop *loop = nu__loop_new(NULL);
    for (int i = 0; i < 10; i++)
        nu__fiber_start(loop, "parked", nu_arena_current(), park, NULL);
    nu__loop_stop_async(loop);
    nu__loop_run(loop);
    CHECK_EQ(nu__loop_fibers(loop), 10);
    nu__loop_free(loop);
}
