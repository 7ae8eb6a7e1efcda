/* What the programs of this folder share: the clock, the sizes and the way results are printed.
 *
 * Each program takes the path or URL of the database, and maybe the one operation to run, for a
 * profiler; it prints a line for each operation: engine, operation, microseconds of CPU time of this
 * process. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ARTICLES = 1000, AUTHORS = 100, LIST = 12, TWENTY = 20, INSERTED = 1000 };

static inline double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static const char *only; /* NULL: all operations */

/* Repeats an operation for about half a second, after a tenth to warm up. */
static inline void measure(const char *engine, const char *operation, void (*run)(void), void (*after)(void))
{
    double since = cpu_us(), spent;
    long   times = 0;
    if (only != NULL && strcmp(only, operation) != 0)
        return;
    for (; (spent = cpu_us() - since) < 100e3; times++) {
        run();
        after();
    }
    times = (long)(500e3 / (spent / (double)times)) + 1;
    since = cpu_us();
    for (long i = 0; i < times; i++) {
        run();
        after();
    }
    printf("%s %s %.3f\n", engine, operation, (cpu_us() - since) / (double)times);
    fflush(stdout);
}

/* Keys in an order that is the same for all programs. */
static inline int64_t next_key(void)
{
    static uint32_t seed = 42;
    seed = seed * 1664525 + 1013904223;
    return (int64_t)(seed >> 8) % ARTICLES + 1;
}
