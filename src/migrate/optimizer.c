/* Fewer operations that do the same: each is tried against those behind it, until nothing changes. */
#include <string.h>

#include "migrate/internal.h"

struct run {
    const char   *app;
    nu_operation *operations;
    size_t        count;
};

/* True if every operation between the two lets the later one pass. */
static bool all_pass(const struct run *run, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        nu__reduced ignored;
        if (nu__operation_reduce(run->app, &run->operations[i], &run->operations[to], &ignored) !=
            NU_THROUGH)
            return false;
    }
    return true;
}

/* Puts the result in the place of the two: where the later one stood (`right`), or the earlier. */
static void replace(struct run *run, size_t from, size_t to, const nu__reduced *reduced, bool right)
{
    nu_operation *old = run->operations;
    nu_operation *new = nu_alloc((run->count + 2) * sizeof *new);
    size_t        between = to - from - 1, used = from;
    memcpy(new, old, from * sizeof *new);
    if (right) {
        memcpy(&new[used], &old[from + 1], between * sizeof *new);
        used += between;
    }
    memcpy(&new[used], reduced->result, reduced->count * sizeof *new);
    used += reduced->count;
    if (!right) {
        memcpy(&new[used], &old[from + 1], between * sizeof *new);
        used += between;
    }
    memcpy(&new[used], &old[to + 1], (run->count - to - 1) * sizeof *new);
    run->count = used + run->count - to - 1;
    run->operations = new;
}

/* One reduction of the operation at `at` with one behind it. */
static bool reduce_at(struct run *run, size_t at)
{
    bool right = true;
    for (size_t other = at + 1; other < run->count; other++) {
        nu__reduced   reduced;
        nu__reduction found = nu__operation_reduce(run->app, &run->operations[at],
                                                   &run->operations[other], &reduced);
        if (found == NU_REDUCED) {
            if (!right && !all_pass(run, at, other))
                return false;
            replace(run, at, other, &reduced, right);
            return true;
        }
        right &= found == NU_THROUGH;
    }
    return false;
}

size_t nu__optimize(const char *app, nu_operation *operations, size_t count)
{
    struct run run = {.app = app, .operations = operations, .count = count};
    for (size_t i = 0; i < run.count;)
        i = reduce_at(&run, i) ? 0 : i + 1;
    memcpy(operations, run.operations, run.count * sizeof *operations);
    return run.count;
}
