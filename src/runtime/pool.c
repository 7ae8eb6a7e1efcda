/* Threads for nu_offload: started when needed, at most options.pool_threads.
 *
 * A job is a variable of the waiting fiber. It passes to a thread through the pool's queue and
 * comes back as a post to the loop; in between the fiber is parked and does not touch it. How many
 * jobs there are at once is bounded by a semaphore on the fibers' side. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "runtime/internal.h"

typedef struct nu_job {
    nu_post post; /* back to the loop */
    void (*fn)(void *arg);
    void           *arg;
    nu_fiber       *fiber;
    nu_arena       *arena; /* current while `fn` runs */
    const nu_error *error;
    bool            done;
    struct nu_job  *next;
} nu_job;

struct nu_pool {
    nu_loop        *loop;
    nu_semaphore    room;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t  wanted;
    nu_job         *first, **last;
    int             threads, resting;
    bool            ending;
    pthread_t       ids[];
};

/* ---- in a thread ----------------------------------------------------------------------------- */

static void job_run(nu_job *job)
{
    struct nu_ambient       *ambient = nu__ambient();
    const struct nu_ambient *caller = &job->fiber->ambient;
    ambient->request_id = caller->request_id;
    ambient->language = caller->language;
    ambient->zone = caller->zone;
    nu_arena *before = nu_arena_enter(job->arena);
    NU_TRY {
        job->fn(job->arg);
    } NU_CATCH (error) {
        job->error = error;
    }
    nu_arena_enter(before);
    ambient->request_id = NULL;
    ambient->language = NULL;
    ambient->zone = NULL;
}

static void job_back(nu_post *post)
{
    nu_job *job = NU_CONTAINER(post, nu_job, post);
    job->done = true;
    nu__wake(job->fiber);
}

/* The next job; NULL when the pool ends. */
static nu_job *job_take(nu_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->resting++;
    while (pool->first == NULL && !pool->ending)
        pthread_cond_wait(&pool->wanted, &pool->mutex);
    pool->resting--;
    nu_job *job = pool->ending ? NULL : pool->first;
    if (job != NULL && (pool->first = job->next) == NULL)
        pool->last = &pool->first;
    pthread_mutex_unlock(&pool->mutex);
    return job;
}

static void *thread_run(void *arg)
{
    nu_pool *pool = arg;
    pthread_setname_np(pthread_self(), "pool");
    for (nu_job *job; (job = job_take(pool)) != NULL;) {
        job_run(job);
        nu__loop_post(pool->loop, &job->post);
    }
    return NULL;
}

/* ---- on the loop ----------------------------------------------------------------------------- */

#define THREAD_STACK ((size_t)1024 * 1024)

/* Signals are the loop's business: a thread begins with all of them blocked. */
static int thread_start(nu_pool *pool)
{
    sigset_t       all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&pool->ids[pool->threads], &attributes, thread_run, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (error == 0)
        pool->threads++;
    return error;
}

static nu_pool *pool_of(nu_loop *loop)
{
    if (loop->pool != NULL)
        return loop->pool;
    size_t   threads = (size_t)loop->options.pool_threads;
    nu_pool *pool = nu_arena_zalloc(loop->arena, sizeof *pool + threads * sizeof pool->ids[0]);
    pool->loop = loop;
    pool->room.permits = loop->options.pool_queue;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wanted, NULL);
    loop->pool = pool;
    return pool;
}

/* How many jobs wait that no thread is about to take? */
static bool needs_thread(const nu_pool *pool)
{
    int waiting = 0;
    for (const nu_job *job = pool->first; job != NULL && waiting <= pool->resting; job = job->next)
        waiting++;
    return waiting > pool->resting && pool->threads < pool->loop->options.pool_threads;
}

static void submit(nu_pool *pool, nu_job *job)
{
    pthread_mutex_lock(&pool->mutex);
    *pool->last = job;
    pool->last = &job->next;
    int error = needs_thread(pool) ? thread_start(pool) : 0;
    /* Without a first thread nobody will ever take the job, which is then the only one. */
    bool hopeless = error != 0 && pool->threads == 0;
    if (hopeless) {
        pool->first = NULL;
        pool->last = &pool->first;
    } else {
        pthread_cond_signal(&pool->wanted);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (hopeless) {
        nu__semaphore_give(&pool->room);
        nu_raise(NU_SYSTEM_ERROR, "cannot start a thread: %s", strerror(error));
    }
}

static void arena_free(void *arena)
{
    nu_arena_free(arena);
}

/* An arena of its own, since the caller's shares parents with the other fibers', which run
 * meanwhile. It goes when the caller's goes. */
static nu_defer *arena_attach(nu_arena *owner)
{
    nu_defer *slot = nu_arena_defer(owner, arena_free, NULL);
    slot->arg = nu_arena_new(NULL, "offload");
    return slot;
}

static void arena_drop_if_empty(nu_arena *owner, nu_defer *slot)
{
    nu_arena      *arena = slot->arg;
    nu_arena_stats stats = nu_arena_statistics(arena);
    if (stats.used > 0 || stats.defers > 0)
        return;
    nu_arena_undefer(owner, slot);
    nu_arena_free(arena);
}

void nu_offload(void (*fn)(void *arg), void *arg)
{
    nu_fiber *fiber = nu__fiber_waiting();
    if (fiber == NULL) {
        fn(arg);
        return;
    }
    nu_arena *owner = nu_arena_current();
    nu_pool  *pool = pool_of(fiber->loop);
    nu_defer *slot = arena_attach(owner);
    nu_job job = {.post.run = job_back, .fn = fn, .arg = arg, .fiber = fiber, .arena = slot->arg};
    nu__semaphore_take(&pool->room);
    submit(pool, &job);
    while (!job.done)
        nu__park();
    nu__semaphore_give(&pool->room);
    if (job.error != NULL)
        nu_reraise(job.error);
    arena_drop_if_empty(owner, slot);
}

void nu__pool_free(nu_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->ending = true;
    pthread_cond_broadcast(&pool->wanted);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->threads; i++)
        pthread_join(pool->ids[i], NULL);
    pthread_cond_destroy(&pool->wanted);
    pthread_mutex_destroy(&pool->mutex);
}
