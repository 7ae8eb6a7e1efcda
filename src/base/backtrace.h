/* C stacks: taken in microseconds, turned into function, file and line only when shown. */
#pragma once

#include "nuages/defs.h"

/* Writes the return addresses of the caller's stack, innermost first, without this function's own.
 * Returns how many. Takes no lock and no memory once nu__stack_prepare has run. */
size_t nu__stack_capture(void **pcs, size_t max);

/* Loads the debug information, so that later calls also work in the handler of a crash. A server
 * calls it at start; otherwise the first resolve does it. */
void nu__stack_prepare(void);

/* One line of a stack. Strings are valid during the callback only; NULL or 0: unknown. */
typedef struct nu_stack_line {
    void       *pc;
    const char *function;
    const char *file;
    int         line;
    bool        inlined; /* the compiler put this function into the one that follows */
} nu_stack_line;

/* Calls `each` for the function at return address `pc`: first for those inlined there, innermost
 * first, then for the function itself; at least once. `each` returns false to stop. */
void nu__stack_resolve(void *pc, bool (*each)(void *arg, const nu_stack_line *line), void *arg);

/* Writes "  at function (file:line)" lines for the addresses to `fd`, with write(2) only: for the
 * handler of a crash. */
void nu__stack_print(int fd, void *const *pcs, size_t count);
