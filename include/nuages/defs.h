/* Attributes and small macros that every public header uses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NU_VERSION "0.1.0"

/* C17's `true` is an int, so `_Generic` would take it for a number; these have the type bool. */
#undef true
#undef false
#define true  ((_Bool)+1u)
#define false ((_Bool)+0u)

#define NU_PUBLIC          __attribute__((visibility("default")))
#define NU_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#define NU_NORETURN        __attribute__((noreturn))
#define NU_UNUSED          __attribute__((unused))
#define NU_MUST_USE        __attribute__((warn_unused_result))
#define NU_RETURNS_NONNULL __attribute__((returns_nonnull))
#define NU_COLD            __attribute__((cold))

/* Marks a function that may park the calling fiber: other requests run meanwhile, so across the
 * call hold no pointer into shared state and no `errno`. It changes nothing for the compiler. */
#define NU_WAITS

#define NU_COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define NU_LIKELY(cond)   __builtin_expect(!!(cond), 1)
#define NU_UNLIKELY(cond) __builtin_expect(!!(cond), 0)

/* The struct of type `type` whose member `member` is at `ptr`. */
#define NU_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define NU_JOIN_(a, b) a##b
#define NU_JOIN(a, b)  NU_JOIN_(a, b)
/* A name nobody else has, for locals inside macros. */
#define NU_UNIQUE(stem) NU_JOIN(stem, __COUNTER__)

/* A list of texts, ended by NULL, for a table's member or an argument: .ordering = NU_STRS("-id").
 * Inside a function it lives as long as the block around it. */
#define NU_STRS(...) ((const char *const[]){__VA_ARGS__, NULL})
