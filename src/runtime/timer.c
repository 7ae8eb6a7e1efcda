/* Timers in a 4-ary heap: flat, and the four children of a slot share a cache line or two.
 *
 * A slot's key may be earlier than its timer's moment: moving a timer to later only stores the
 * moment, and the slot finds its place when it comes to the top. */
#include <string.h>

#include "nuages/time.h"
#include "runtime/internal.h"

struct nu_timer_slot {
    int64_t   key;
    uint64_t  order; /* of equal keys */
    nu_timer *timer;
};

/* timer->place is the slot's index plus one; 0: not in the heap. */
static void put(nu_timers *timers, uint32_t index, struct nu_timer_slot slot)
{
    timers->slots[index] = slot;
    slot.timer->place = index + 1;
}

static bool earlier(const struct nu_timer_slot *a, const struct nu_timer_slot *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void sift_up(nu_timers *timers, uint32_t index, struct nu_timer_slot slot)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 4;
        if (!earlier(&slot, &timers->slots[parent]))
            break;
        put(timers, index, timers->slots[parent]);
        index = parent;
    }
    put(timers, index, slot);
}

static uint32_t earliest_child(const nu_timers *timers, uint32_t index)
{
    uint32_t first = index * 4 + 1, best = first;
    uint32_t end = first + 4 < timers->count ? first + 4 : timers->count;
    for (uint32_t child = first + 1; child < end; child++)
        if (earlier(&timers->slots[child], &timers->slots[best]))
            best = child;
    return best;
}

static void sift_down(nu_timers *timers, uint32_t index, struct nu_timer_slot slot)
{
    while (index * 4 + 1 < timers->count) {
        uint32_t child = earliest_child(timers, index);
        if (!earlier(&timers->slots[child], &slot))
            break;
        put(timers, index, timers->slots[child]);
        index = child;
    }
    put(timers, index, slot);
}

static void place(nu_timers *timers, uint32_t index, struct nu_timer_slot slot)
{
    if (index > 0 && earlier(&slot, &timers->slots[(index - 1) / 4]))
        sift_up(timers, index, slot);
    else
        sift_down(timers, index, slot);
}

static void remove_at(nu_timers *timers, uint32_t index)
{
    timers->slots[index].timer->place = 0;
    struct nu_timer_slot last = timers->slots[--timers->count];
    if (index < timers->count)
        place(timers, index, last);
}

static void grow(nu_loop *loop)
{
    nu_timers *timers = &loop->timers;
    uint32_t   capacity = timers->capacity > 0 ? timers->capacity * 2 : 64;
    timers->slots =
        nu_arena_grow(loop->arena, timers->slots, timers->capacity * sizeof *timers->slots,
                      capacity * sizeof *timers->slots);
    timers->capacity = capacity;
}

void nu__timer_start(nu_loop *loop, nu_timer *timer, int64_t when, nu_due *due)
{
    nu_timers *timers = &loop->timers;
    timer->due = due;
    timer->when = when;
    timer->order = timers->starts++;
    if (timer->place != 0) {
        uint32_t index = timer->place - 1;
        if (when < timers->slots[index].key)
            place(timers, index, (struct nu_timer_slot){when, timer->order, timer});
        return;
    }
    if (timers->count == timers->capacity)
        grow(loop);
    timer->loop = loop;
    sift_up(timers, timers->count++, (struct nu_timer_slot){when, timer->order, timer});
}

void nu__timer_stop(nu_timer *timer)
{
    if (timer->place != 0)
        remove_at(&timer->loop->timers, timer->place - 1);
}

/* The timer at the top if it is due at `now`, else NULL. Slots whose timers moved on sink. */
static nu_timer *due_first(nu_timers *timers, int64_t now)
{
    while (timers->count > 0 && timers->slots[0].key <= now) {
        nu_timer *timer = timers->slots[0].timer;
        if (timer->when <= now)
            return timer;
        sift_down(timers, 0, (struct nu_timer_slot){timer->when, timer->order, timer});
    }
    return NULL;
}

int64_t nu__timers_next(nu_timers *timers)
{
    return timers->count > 0 ? timers->slots[0].key : NU__FOREVER;
}

void nu__timers_run(nu_loop *loop)
{
    /* A timer that a callback starts for now or the past waits for the next tick. */
    uint64_t  starts = loop->timers.starts;
    nu_timer *timer;
    while ((timer = due_first(&loop->timers, loop->now)) != NULL) {
        if (timer->order >= starts)
            break;
        remove_at(&loop->timers, 0);
        timer->due(timer);
    }
}
