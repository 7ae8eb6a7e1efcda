/* What workers count, in memory that all processes of the server share. Each worker writes a slot of
 * its own and anyone may read it, so nothing is locked: a reader may see a sum a request behind. A
 * worker that ends leaves its counts to the slot of those who are gone, so totals never fall. */
#pragma once

#include <stdatomic.h>
#include <sys/types.h>

#include "nuages/server.h"

enum { NU__BUCKETS = 14 };
/* Upper bounds of the buckets, in microseconds; the one behind the last has none. */
extern const int64_t nu__bucket_us[NU__BUCKETS];

typedef struct nu__figures {
    _Atomic pid_t    pid; /* 0: free */
    _Atomic uint64_t classes[6]; /* requests by the hundred of their status; 0: no answer */
    _Atomic uint64_t buckets[NU__BUCKETS + 1];
    _Atomic uint64_t took_us, sent, refused, accepted;
    _Atomic uint64_t database_statements, database_errors;
    /* gauges: of a worker that runs */
    _Atomic int64_t connections, in_flight, memory;
    _Atomic int64_t database_open, database_busy, database_waiting;
} __attribute__((aligned(64))) nu__figures;

typedef struct nu__board {
    _Atomic uint64_t crashes, restarts, recycled;
    size_t           count; /* of slots; the first is for those who are gone */
    nu__figures      slots[];
} nu__board;

/* Memory for `workers` and their successors; raises SystemError. */
NU_RETURNS_NONNULL nu__board *nu__board_new(int workers);
void                          nu__board_free(nu__board *board);
/* A free slot, taken; the first one if there is none. */
NU_RETURNS_NONNULL nu__figures *nu__board_take(nu__board *board);
/* Leaves the counts to those who are gone. */
void nu__board_give(nu__board *board, nu__figures *slot);

/* Only the worker that owns the slot writes it, so a plain sum will do. */
static inline void nu__figure_add(_Atomic uint64_t *figure, uint64_t n)
{
    atomic_store_explicit(figure, atomic_load_explicit(figure, memory_order_relaxed) + n,
                          memory_order_relaxed);
}
static inline void nu__gauge_set(_Atomic int64_t *gauge, int64_t value)
{
    atomic_store_explicit(gauge, value, memory_order_relaxed);
}
static inline void nu__count_set(_Atomic uint64_t *count, uint64_t value)
{
    atomic_store_explicit(count, value, memory_order_relaxed);
}
/* One request more; status 0: it got no answer. */
void nu__figures_count(nu__figures *slot, int status, int64_t took_us, uint64_t sent);

/* All of it in Prometheus' text format, in the current arena. */
NU_RETURNS_NONNULL const char *nu__board_text(const nu__board *board);
