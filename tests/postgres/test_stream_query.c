/* Queries whose rows and values come from a cursor on the server. */
#include <stdio.h>
#include <unistd.h>

#include "helper.h"
#include "model/internal.h"
#include "nuages/model.h"
#include "nuages/query.h"

struct thing {
    nu_row      row;
    const char *name;
    int32_t     hits;
};

static const nu_field thing_fields[] = {
    NU_CHAR(thing, name, .max_length = 20),
    NU_INT(thing, hits),
    {0},
};
static const nu_model        thing_model = {NU_MODEL_OF(thing, "Thing"), .fields = thing_fields,
                                            .db_table = "thing", .ordering = NU_STRS("id")};
static const nu_model *const models[] = {&thing_model, NULL};

enum { COUNT = 50000 };

static nu_database *open_many(void)
{
    nu_models_clear();
    nu_models_add("things", models);
    nu_models_ready();
    nu_database *db = open_things();
    nu_sql(db,
           "INSERT INTO thing (name, hits) SELECT 'n' || i, i FROM generate_series(1, ?::int) i",
           COUNT);
    return db;
}

static size_t resident_kb(void)
{
    long  pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
    fclose(file);
    return (size_t)(pages * (sysconf(_SC_PAGESIZE) / 1024));
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { MAY_GROW_KB = 1 << 20 };
#else
enum { MAY_GROW_KB = 2048 };
#endif

static void stream_values(void *unused)
{
    (void)unused;
    int64_t sum = 0, count = 0;
    size_t  early = 0;
    NU_STREAM_VALUES(hits, nu_flat(nu_all(thing), "hits"), 100)
    {
        sum += hits.integer;
        if (++count == 1000)
            early = resident_kb();
    }
    CHECK_EQ(count, COUNT);
    CHECK_EQ(sum, (int64_t)COUNT * (COUNT + 1) / 2);
    CHECK(resident_kb() < early + MAY_GROW_KB);
    NU_STREAM_VALUES(row, nu_values_list(nu_slice(nu_all(thing), 0, 3), "name", "hits"), 2)
    CHECK_EQ(row.list->count, 2);
}

static void stream_by_hand(void *unused)
{
    (void)unused;
    volatile int64_t count = 0;
    NU_STREAM(thing, t,
              nu_raw(thing, "SELECT id, name, hits * 2 AS twice FROM thing WHERE hits <= ?", 5000),
              700)
    {
        count++;
        CHECK_EQ(nu_row_get(&t->row, "twice").integer, 2 * count);
        if (count == 4000)
            break;
    }
    CHECK_EQ(count, 4000);
    CHECK_EQ(nu_count(nu_all(thing)), COUNT); /* the connection is free again */
}

TEST(values_of_a_query_come_from_a_cursor)
{
    open_many();
    nu__loop_call(NULL, stream_values, NULL);
    nu_database_close_all();
    nu_models_clear();
}

TEST(rows_of_a_statement_by_hand_come_from_a_cursor)
{
    open_many();
    nu__loop_call(NULL, stream_by_hand, NULL);
    nu_database_close_all();
    nu_models_clear();
}
