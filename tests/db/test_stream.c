/* Results of any size by the piece, and rows in bulk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/statement.h"
#include "helper.h"
#include "nuages/fiber.h"
#include "runtime/loop.h"

static nu_database *db;

/* ---- reading -------------------------------------------------------------------------------- */

typedef struct tally {
    int64_t rows, total;
    bool    writes;
} tally;

#define NUMBERS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"

static void add(void *arg, nu_dict *row)
{
    tally *sum = arg;
    sum->rows++;
    sum->total += nu_int(nu_dict_get(row, "i"));
    if (sum->writes && sum->rows % 1000 == 0)
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, 1)",
               nu_fmt("n%lld", (long long)sum->rows));
}

static void read_many(void *arg)
{
    (void)arg;
    tally sum = {0};
    CHECK_EQ(nu_sql_each(db, add, &sum, NUMBERS " SELECT i FROM n", 100000), 100000);
    CHECK_EQ(sum.rows, 100000);
    CHECK_EQ(sum.total, INT64_C(100000) * 100001 / 2);
    CHECK_EQ(nu_sql_each(db, add, &sum, NUMBERS " SELECT i FROM n", 4001), 4001);
    CHECK_EQ(nu_sql_each(db, add, &sum, NUMBERS " SELECT i FROM n", 3), 3);
    CHECK_EQ(nu_sql_each(db, add, &sum, "SELECT 1 AS i WHERE false"), 0);
}

TEST(a_large_result_is_read_by_the_piece)
{
    const char *path;
    db = open_things(&path);
    read_many(NULL);
    nu__loop_call(NULL, read_many, NULL);
    NU_ATOMIC {
        read_many(NULL);
    }
    db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    read_many(NULL);
}

/* ---- memory --------------------------------------------------------------------------------- */

typedef struct growth {
    int64_t rows, early, late; /* kB resident after a tenth of the rows, and after all */
} growth;

static int64_t resident_kb(void)
{
    long  pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void look(void *arg, nu_dict *row)
{
    growth *grown = arg;
    int64_t i = nu_int(nu_dict_get(row, "i"));
    if (i == grown->rows / 10)
        grown->early = resident_kb();
    if (i == grown->rows)
        grown->late = resident_kb();
}

/* A sanitizer keeps what was freed for a while. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { MAY_GROW_KB = 1 << 20 };
#else
enum { MAY_GROW_KB = 1024 };
#endif

/* bench/stream asks for ten millions. */
static void stream_and_look(void *arg)
{
    const char *given = getenv("NUAGES_STREAM_ROWS");
    growth      grown = {.rows = given != NULL ? atoll(given) : 200000};
    int64_t     began = nu_monotonic_us();
    CHECK_EQ(
        nu_sql_each(db, look, &grown, NUMBERS " SELECT i, 'some text' AS t FROM n", grown.rows),
        grown.rows);
    if (given != NULL)
        printf("%s: %lld rows in %.1f s; %lld kB resident after a tenth, %lld kB after all\n",
               (char *)arg, (long long)grown.rows, (double)(nu_monotonic_us() - began) / 1e6,
               (long long)grown.early, (long long)grown.late);
    CHECK(grown.early > 0 && grown.late - grown.early < MAY_GROW_KB);
}

TEST(a_stream_takes_no_more_memory_the_longer_it_is)
{
    const char *path;
    db = open_things(&path);
    stream_and_look((char[]){"SQLite, outside of the loop"});
    nu__loop_call(NULL, stream_and_look, (char[]){"SQLite, in a fiber"});
}

static void fill(int64_t count)
{
    nu_sql(db, NUMBERS " INSERT INTO thing (name, hits) SELECT 'i' || i, i FROM n", count);
}

static void read_and_write(void *arg)
{
    (void)arg;
    tally   sum = {.writes = true};
    int64_t before = nu_int(nu_sql_value(db, "SELECT count(*) FROM thing"));
    CHECK_EQ(nu_sql_each(db, add, &sum, "SELECT hits AS i FROM thing"), before);
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), before + before / 1000);
    nu_sql(db, "DELETE FROM thing WHERE name LIKE 'n%%'");
}

TEST(who_reads_a_stream_may_write_and_is_not_seen_by_it)
{
    const char *path;
    db = open_things(&path);
    fill(10000);
    read_and_write(NULL);
    nu__loop_call(NULL, read_and_write, NULL);
}

static void raise_at_3000(void *arg, nu_dict *row)
{
    int *seen = arg;
    (void)row;
    if (++*seen == 3000)
        nu_raise(NU_VALUE_ERROR, "enough");
}

TEST(a_stream_that_is_left_by_a_raise_is_closed)
{
    const char *path;
    int         seen = 0;
    db = open_things(&path);
    db = nu_database_add(NULL,
                         &(nu_database_options){.url = nu_fmt("sqlite:%s", path), .max_open = 1});
    for (int i = 0; i < 3; i++) {
        seen = 0;
        CHECK_RAISES(NU_VALUE_ERROR,
                     nu_sql_each(db, raise_at_3000, &seen, NUMBERS " SELECT i FROM n", 9999));
    }
    NU_ATOMIC {
        seen = 0;
        CHECK_RAISES(NU_VALUE_ERROR,
                     nu_sql_each(db, raise_at_3000, &seen, NUMBERS " SELECT i FROM n", 9999));
        fill(1);
    }
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 1);
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_each(db, raise_at_3000, &seen, "SELECT x FROM y"));
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_each(db, raise_at_3000, &seen, "SELECT ?"));
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_each(db, raise_at_3000, &seen, "SELECT 1; SELECT 2"));
}

static void read_inner(void *arg, nu_dict *row)
{
    tally *outer = arg;
    tally  inner = {0};
    (void)row;
    nu_sql_each(db, add, &inner, "SELECT hits AS i FROM thing");
    outer->rows += inner.rows;
}

TEST(streams_nest)
{
    const char *path;
    tally       sum = {0};
    db = open_things(&path);
    fill(50);
    nu_sql_each(db, read_inner, &sum, "SELECT hits AS i FROM thing");
    CHECK_EQ(sum.rows, 2500);
    NU_ATOMIC {
        nu_sql_each(db, read_inner, &sum, "SELECT hits AS i FROM thing");
    }
    CHECK_EQ(sum.rows, 5000);
}

/* ---- loading -------------------------------------------------------------------------------- */

typedef struct supply {
    int64_t at, count, wrong;
} supply;

static bool next_thing(void *arg, nu_value *row)
{
    supply *source = arg;
    if (source->at == source->count)
        return false;
    source->at++;
    row[0] = NU_V(nu_fmt("thing %lld", (long long)source->at));
    row[1] = NU_V(source->at == source->wrong ? -1 : source->at);
    return true;
}

static const char *const columns[] = {"name", "hits", NULL};

TEST(rows_are_loaded_all_or_none)
{
    const char *path;
    db = open_things(&path);
    supply source = {.count = 20000};
    CHECK_EQ(nu_copy_in(db, "thing", columns, next_thing, &source), 20000);
    CHECK_EQ(nu_sql_value(db, "SELECT sum(hits) FROM thing"), INT64_C(20000) * 20001 / 2);
    nu_sql(db, "DELETE FROM thing");
    source = (supply){.count = 9000, .wrong = 8000};
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_copy_in(db, "thing", columns, next_thing, &source));
    CHECK(strstr(nu_test_error()->detail, "row 8000 of those to load") != NULL);
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 0);
    source = (supply){.count = 0};
    CHECK_EQ(nu_copy_in(db, "thing", columns, next_thing, &source), 0);
    source.count = 1;
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_copy_in(db, "nothing", columns, next_thing, &source));
}
