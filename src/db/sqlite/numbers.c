/* nu_bit_xor(a, b), and nu_var_pop, nu_var_samp, nu_stddev_pop, nu_stddev_samp as aggregates and
 * windows. Callbacks run on SQLite's frames: nothing is called here that raises. */
#include <math.h>
#include <string.h>

#include "db/sqlite/internal.h"

static void bit_xor(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    if (sqlite3_value_type(args[0]) == SQLITE_NULL || sqlite3_value_type(args[1]) == SQLITE_NULL)
        return;
    sqlite3_result_int64(context, sqlite3_value_int64(args[0]) ^ sqlite3_value_int64(args[1]));
}

/* ---- variance ------------------------------------------------------------------------------- */

/* Welford's sums: they stay exact where the squares of large numbers would not. The memory SQLite
 * gives to an aggregate is aligned to eight bytes, a long double wants sixteen: hence the packing. */
typedef struct spread {
    int64_t     count;
    long double mean, squares;
} __attribute__((packed, aligned(8))) spread;

typedef struct spread_kind {
    const char *name;
    bool        sample, root;
} spread_kind;

static void step(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    spread *sums = sqlite3_aggregate_context(context, sizeof *sums);
    if (sums == NULL || sqlite3_value_type(args[0]) == SQLITE_NULL)
        return;
    long double value = sqlite3_value_double(args[0]);
    long double away = value - sums->mean;
    sums->count++;
    sums->mean += away / (long double)sums->count;
    sums->squares += away * (value - sums->mean);
}

/* Takes a value out again when it leaves the window. */
static void inverse(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    spread *sums = sqlite3_aggregate_context(context, sizeof *sums);
    if (sums == NULL || sqlite3_value_type(args[0]) == SQLITE_NULL)
        return;
    if (--sums->count == 0) {
        *sums = (spread){.count = 0};
        return;
    }
    long double value = sqlite3_value_double(args[0]);
    long double away = value - sums->mean;
    sums->mean -= away / (long double)sums->count;
    sums->squares -= away * (value - sums->mean);
}

static void result(sqlite3_context *context)
{
    const spread_kind *kind = sqlite3_user_data(context);
    const spread      *sums = sqlite3_aggregate_context(context, 0);
    if (sums == NULL || sums->count - kind->sample < 1)
        return;
    long double squares = sums->squares > 0 ? sums->squares : 0;
    long double variance = squares / (long double)(sums->count - kind->sample);
    sqlite3_result_double(context, (double)(kind->root ? sqrtl(variance) : variance));
}

int nu__sqlite_add_number_functions(sqlite3 *handle)
{
    static spread_kind kinds[] = {
        {"nu_var_pop", false, false},
        {"nu_var_samp", true, false},
        {"nu_stddev_pop", false, true},
        {"nu_stddev_samp", true, true},
    };
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int       code =
        sqlite3_create_function_v2(handle, "nu_bit_xor", 2, flags, NULL, bit_xor, NULL, NULL, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < NU_COUNT(kinds); i++)
        code = sqlite3_create_window_function(handle, kinds[i].name, 1, flags, &kinds[i], step,
                                              result, result, inverse, NULL);
    return code;
}
