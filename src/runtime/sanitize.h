/* What a change of stacks has to tell the tools that watch memory. Without them all this is
 * nothing. */
#pragma once

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NU__ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define NU__TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define NU__ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define NU__TSAN 1
#endif

#if defined(NU__ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(NU__TSAN)
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define NU__VALGRIND 1
#endif

/* One stack as the tools see it. */
typedef struct nu_sanitize {
    const void *low; /* lowest address, and size: AddressSanitizer */
    size_t      size;
    void       *fake; /* its frames kept apart for use-after-return, while it does not run */
    void       *tsan;
} nu_sanitize;

/* Before a switch from one stack to another; `ends`: the first will never run again. */
static inline void nu__sanitize_leave(nu_sanitize *from, const nu_sanitize *to, int ends)
{
    (void)from, (void)to, (void)ends;
#if defined(NU__ASAN)
    __sanitizer_start_switch_fiber(ends ? NULL : &from->fake, to->low, to->size);
#endif
#if defined(NU__TSAN)
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
}

/* After it, on the new stack. Learns the bounds of the one left, if they are not known. */
static inline void nu__sanitize_arrive(nu_sanitize *here, nu_sanitize *left)
{
    (void)here, (void)left;
#if defined(NU__ASAN)
    __sanitizer_finish_switch_fiber(here->fake, &left->low, &left->size);
#endif
}

/* A fiber begins on a stack, and ends. */
static inline void nu__sanitize_begin(nu_sanitize *here, const void *low, size_t size)
{
    (void)here, (void)low, (void)size;
#if defined(NU__ASAN)
    *here = (nu_sanitize){.low = low, .size = size};
#endif
#if defined(NU__TSAN)
    here->tsan = __tsan_create_fiber(0);
#endif
}

static inline void nu__sanitize_end(nu_sanitize *here)
{
    (void)here;
#if defined(NU__ASAN)
    /* The frames it left behind when it ended are still marked. */
    __asan_unpoison_memory_region(here->low, here->size);
#endif
#if defined(NU__TSAN)
    __tsan_destroy_fiber(here->tsan);
#endif
}

/* The stack of a thread that runs a loop. */
static inline void nu__sanitize_thread(nu_sanitize *here)
{
    (void)here;
#if defined(NU__TSAN)
    here->tsan = __tsan_get_current_fiber();
#endif
}
