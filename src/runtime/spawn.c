/* Fibers that belong to the fiber which started them. */
#include "nuages/log.h"
#include "runtime/internal.h"

static void child_add(nu_fiber *parent, nu_fiber *child)
{
    child->parent = parent;
    child->next_child = parent->children;
    child->child_link = &parent->children;
    if (parent->children != NULL)
        parent->children->child_link = &child->next_child;
    parent->children = child;
}

/* Takes an ended child from its parent and gives its stack back. Its error lives in its arena. */
static const nu_error *child_take(nu_fiber *child)
{
    const nu_error *error = child->error;
    *child->child_link = child->next_child;
    if (child->next_child != NULL)
        child->next_child->child_link = child->child_link;
    nu__fiber_free(child);
    return error;
}

/* The child begins where the parent is, but with transactions and connections of its own. */
static void ambient_inherit(struct nu_ambient *child, const struct nu_ambient *parent)
{
    struct nu_ambient own = *child;
    *child = *parent;
    child->frame = NULL;
    child->caught = NULL;
    child->arena = own.arena;
    child->stack_low = own.stack_low;
    child->fiber = own.fiber;
    child->database = NULL;
}

static nu_fiber *spawn(nu_fiber *parent, void (*fn)(void *arg), void *arg)
{
    nu_arena *arena = nu_arena_new(nu_arena_current(), "fiber");
    nu_fiber *child = nu__fiber_start(parent->loop, parent->name, arena, fn, arg);
    child->kept = true;
    ambient_inherit(&child->ambient, &parent->ambient);
    child_add(parent, child);
    return child;
}

/* Outside the loop: what nu_join will find. */
static nu_fiber *run_at_once(void (*fn)(void *arg), void *arg)
{
    nu_fiber *fiber = nu_alloc(sizeof *fiber);
    nu_arena *before = nu_arena_enter(nu_arena_new(nu_arena_current(), "fiber"));
    fiber->state = NU_FIBER_ENDED;
    NU_TRY {
        fn(arg);
    }
    NU_CATCH (error) {
        fiber->error = error;
    }
    nu_arena_enter(before);
    return fiber;
}

nu_fiber *nu_spawn(void (*fn)(void *arg), void *arg)
{
    nu_fiber *parent = nu__fiber_waiting();
    return parent != NULL ? spawn(parent, fn, arg) : run_at_once(fn, arg);
}

/* Waits for the end of a child. */
static nu_wake await(nu_fiber *self, nu_fiber *child)
{
    nu_wake wake = NU_WAKE_READY;
    child->joiner = self;
    while (child->state != NU_FIBER_ENDED && wake == NU_WAKE_READY)
        wake = nu__park_until(NU__FOREVER);
    child->joiner = NULL;
    return child->state == NU_FIBER_ENDED ? NU_WAKE_READY : wake;
}

static void await_patiently(nu_fiber *self, nu_fiber *child)
{
    child->joiner = self;
    while (child->state != NU_FIBER_ENDED)
        nu__park();
    child->joiner = NULL;
}

void nu_join(nu_fiber *fiber)
{
    const nu_error *error = fiber->error;
    if (fiber->loop != NULL) {
        nu_fiber *self = nu__fiber_waiting();
        nu_assert(self != NULL && fiber->parent == self);
        nu__wake_check(await(self, fiber), "waiting for a fiber");
        error = child_take(fiber);
    }
    if (error != NULL)
        nu_reraise(error);
}

void nu_cancel(nu_fiber *fiber)
{
    if (fiber->loop != NULL && fiber->state != NU_FIBER_ENDED)
        nu__fiber_cancel(fiber);
}

void nu__fiber_settle(void)
{
    nu_fiber *self = nu__fiber_self();
    if (self == NULL)
        return;
    for (nu_fiber *child = self->children; child != NULL; child = child->next_child)
        nu_cancel(child);
    while (self->children != NULL) {
        await_patiently(self, self->children);
        const nu_error *error = child_take(self->children);
        if (error != NULL && !nu_error_is(error, NU_CANCELLED))
            nu_log_raised("fiber", error);
    }
}

/* ---- gather ---------------------------------------------------------------------------------- */

struct gather {
    nu_fiber           *self;
    struct gather_item *items;
    size_t              started;
    void (*fn)(void *item);
    const nu_error *volatile error; /* the first */
};

struct gather_item {
    struct gather *gather;
    void          *item;
    nu_fiber      *fiber; /* NULL once it has been awaited */
};

static void gather_cancel(struct gather *gather)
{
    for (size_t i = 0; i < gather->started; i++)
        if (gather->items[i].fiber != NULL)
            nu_cancel(gather->items[i].fiber);
}

static void gather_fail(struct gather *gather, const nu_error *error)
{
    if (gather->error != NULL)
        return;
    gather->error = error;
    gather_cancel(gather);
}

/* In a fiber of its own. */
static void gather_run(void *arg)
{
    struct gather_item *item = arg;
    NU_TRY {
        item->gather->fn(item->item);
    }
    NU_CATCH (error) {
        gather_fail(item->gather, error);
    }
}

/* They have their first turns before fibers that were ready earlier: what one request works with stays
 * together in the cache. */
static void gather_start(struct gather *gather, char *items, size_t count, size_t size)
{
    nu_loop   *loop = gather->self->loop;
    nu_fiber **mark = nu__ready_mark(loop);
    NU_TRY {
        for (size_t i = 0; i < count; i++) {
            struct gather_item *item = &gather->items[i];
            *item = (struct gather_item){.gather = gather, .item = items + i * size};
            item->fiber = spawn(gather->self, gather_run, item);
            item->fiber->gathered = true;
            gather->started = i + 1;
        }
    }
    NU_CATCH (error) {
        gather_fail(gather, error);
    }
    nu__ready_first(loop, mark);
}

/* Returns when all have ended; whatever happens, for they use the items. */
static nu_wake gather_await(struct gather *gather)
{
    nu_wake wake = NU_WAKE_READY;
    for (size_t i = 0; i < gather->started; i++) {
        nu_fiber *fiber = gather->items[i].fiber;
        if (wake == NU_WAKE_READY && (wake = await(gather->self, fiber)) != NU_WAKE_READY)
            gather_cancel(gather);
        await_patiently(gather->self, fiber);
        gather->items[i].fiber = NULL;
        child_take(fiber);
    }
    return wake;
}

static void gather_at_once(void (*fn)(void *item), char *items, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++)
        fn(items + i * size);
}

void nu_gather(void (*fn)(void *item), void *items, size_t count, size_t size)
{
    nu_fiber *self = nu__fiber_waiting();
    if (self == NULL) {
        gather_at_once(fn, items, count, size);
        return;
    }
    struct gather gather = {.self = self, .fn = fn};
    gather.items = nu_arena_array(nu_arena_current(), count, sizeof *gather.items);
    nu__crowd_pass();
    gather_start(&gather, items, count, size);
    nu_wake wake = gather_await(&gather);
    nu__wake_check(wake, "gathering");
    if (gather.error != NULL)
        nu_reraise(gather.error);
}
