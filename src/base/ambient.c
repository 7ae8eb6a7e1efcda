#include "base/ambient.h"

#include <pthread.h>

/* Found by one load relative to the thread pointer: the model keeps the dynamic linker's look-up
 * function out of every allocation and every NU_TRY. */
#define NEAR __attribute__((tls_model("initial-exec")))

static NEAR _Thread_local struct nu_ambient *current;
static NEAR _Thread_local struct nu_ambient  of_thread;

static pthread_key_t  thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void thread_arena_free(void *arena)
{
    current = NULL;
    nu_arena_free(arena);
}

static void make_key(void)
{
    pthread_key_create(&thread_end, thread_arena_free);
}

/* The first call of a thread: its own state, with an arena that lives as long as the thread. */
static NU_COLD struct nu_ambient *start(void)
{
    pthread_once(&once, make_key);
    current = &of_thread;
    *current = (struct nu_ambient){0};
    current->arena = nu_arena_new(NULL, "thread");
    pthread_setspecific(thread_end, current->arena);
    return current;
}

struct nu_ambient *nu__ambient(void)
{
    return NU_LIKELY(current != NULL) ? current : start();
}

struct nu_ambient *nu__ambient_swap(struct nu_ambient *ambient)
{
    struct nu_ambient *before = nu__ambient();
    current = ambient;
    return before;
}
