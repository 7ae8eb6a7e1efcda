/* Waiting in line. A fiber stands in one line at a time, so the links are its own. Who is let out
 * has got what it waited for, even if its time ran out in the same tick. */
#include "runtime/internal.h"

static void queue_add(nu_queue *queue, nu_fiber *fiber)
{
    fiber->in_line = true;
    fiber->line_next = NULL;
    fiber->line_previous = queue->last;
    if (queue->last != NULL)
        queue->last->line_next = fiber;
    else
        queue->first = fiber;
    queue->last = fiber;
}

static void queue_remove(nu_queue *queue, nu_fiber *fiber)
{
    fiber->in_line = false;
    if (fiber->line_previous != NULL)
        fiber->line_previous->line_next = fiber->line_next;
    else
        queue->first = fiber->line_next;
    if (fiber->line_next != NULL)
        fiber->line_next->line_previous = fiber->line_previous;
    else
        queue->last = fiber->line_previous;
}

static nu_fiber *join_line(nu_queue *queue)
{
    nu_fiber *fiber = nu__fiber_waiting();
    if (fiber == NULL)
        nu_raise(NU_ASSERTION, "would wait for ever: no loop runs that could end the wait");
    queue_add(queue, fiber);
    return fiber;
}

nu_wake nu__queue_wait(nu_queue *queue, int64_t until)
{
    nu_fiber *fiber = join_line(queue);
    nu_wake   wake = NU_WAKE_READY;
    while (fiber->in_line && wake == NU_WAKE_READY)
        wake = nu__park_until(until);
    if (!fiber->in_line)
        return NU_WAKE_READY;
    queue_remove(queue, fiber);
    return wake;
}

/* The same for a wait that must not be given up. */
static void queue_wait_patiently(nu_queue *queue)
{
    nu_fiber *fiber = join_line(queue);
    while (fiber->in_line)
        nu__park();
}

size_t nu__queue_length(const nu_queue *queue)
{
    size_t length = 0;
    for (const nu_fiber *fiber = queue->first; fiber != NULL; fiber = fiber->line_next)
        length++;
    return length;
}

bool nu__queue_wake(nu_queue *queue)
{
    nu_fiber *fiber = queue->first;
    if (fiber == NULL)
        return false;
    queue_remove(queue, fiber);
    nu__wake(fiber);
    return true;
}

void nu__queue_wake_all(nu_queue *queue)
{
    while (nu__queue_wake(queue)) {
    }
}

/* ---- mutex ----------------------------------------------------------------------------------- */

bool nu__mutex_try(nu_mutex *mutex)
{
    bool got = !mutex->locked;
    mutex->locked = true;
    return got;
}

void nu__mutex_lock(nu_mutex *mutex)
{
    if (!nu__mutex_try(mutex))
        nu__wake_check(nu__queue_wait(&mutex->queue, NU__FOREVER), "waiting for a lock");
}

void nu__mutex_unlock(nu_mutex *mutex)
{
    nu_assert(mutex->locked);
    /* It stays locked for the one let out, so that nobody slips in between. */
    if (!nu__queue_wake(&mutex->queue))
        mutex->locked = false;
}

/* ---- condition ------------------------------------------------------------------------------- */

void nu__condition_wait(nu_condition *condition, nu_mutex *mutex)
{
    nu__mutex_unlock(mutex);
    nu_wake wake = nu__queue_wait(&condition->queue, NU__FOREVER);
    if (!nu__mutex_try(mutex))
        queue_wait_patiently(&mutex->queue);
    nu__wake_check(wake, "waiting for a condition");
}

void nu__condition_signal(nu_condition *condition)
{
    nu__queue_wake(&condition->queue);
}

void nu__condition_broadcast(nu_condition *condition)
{
    nu__queue_wake_all(&condition->queue);
}

/* ---- semaphore ------------------------------------------------------------------------------- */

bool nu__semaphore_try(nu_semaphore *semaphore)
{
    if (semaphore->permits <= 0)
        return false;
    semaphore->permits--;
    return true;
}

nu_wake nu__semaphore_take_until(nu_semaphore *semaphore, int64_t until)
{
    if (nu__semaphore_try(semaphore))
        return NU_WAKE_READY;
    return nu__queue_wait(&semaphore->queue, until);
}

void nu__semaphore_take(nu_semaphore *semaphore)
{
    nu__wake_check(nu__semaphore_take_until(semaphore, NU__FOREVER), "waiting in line");
}

void nu__semaphore_give(nu_semaphore *semaphore)
{
    if (!nu__queue_wake(&semaphore->queue))
        semaphore->permits++;
}

/* ---- crowd ----------------------------------------------------------------------------------- */

/* More than these at once keep a database no busier, and their stacks no longer fit the cache. */
#define CROWD_MAX     128
#define CROWD_WAIT_MS 100

void nu__crowd_join(void)
{
    nu_fiber *fiber = nu__fiber_self();
    if (fiber != NULL && fiber->gathered)
        fiber->loop->crowd++;
}

static void admit_next(nu_loop *loop)
{
    if (loop->crowd < CROWD_MAX && loop->crowd_line.first != NULL)
        nu__wake(loop->crowd_line.first);
}

void nu__crowd_leave(void)
{
    nu_fiber *fiber = nu__fiber_self();
    if (fiber == NULL || !fiber->gathered)
        return;
    fiber->loop->crowd--;
    admit_next(fiber->loop);
}

void nu__crowd_pass(void)
{
    nu_fiber *fiber = nu__fiber_waiting();
    nu_loop  *loop = fiber->loop;
    if (loop->crowd < CROWD_MAX && loop->crowd_line.first == NULL)
        return;
    int64_t until = nu__in_ms(CROWD_WAIT_MS);
    nu_wake wake = NU_WAKE_READY;
    queue_add(&loop->crowd_line, fiber);
    while (wake == NU_WAKE_READY && (loop->crowd >= CROWD_MAX || loop->crowd_line.first != fiber))
        wake = nu__park_until(until);
    queue_remove(&loop->crowd_line, fiber);
    admit_next(loop);
    if (wake == NU_WAKE_CANCELLED)
        nu__wake_check(wake, "gathering");
}
