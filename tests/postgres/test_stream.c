/* Results of any size, from a cursor on the server. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/statement.h"
#include "helper.h"

static nu_database *db;

typedef struct tally {
    int64_t rows, total;
    bool    writes;
} tally;

static void add(void *arg, nu_dict *row)
{
    tally *sum = arg;
    sum->rows++;
    sum->total += nu_int(nu_dict_get(row, "i"));
    if (sum->writes && sum->rows % 1000 == 0)
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, 1)",
               nu_fmt("n%lld", (long long)sum->rows));
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
    CHECK_EQ(nu_sql_each(db, look, &grown,
                         "SELECT i, 'some text' AS t FROM generate_series(1, ?) i", grown.rows),
             grown.rows);
    if (given != NULL)
        printf("%s: %lld rows in %.1f s; %lld kB resident after a tenth, %lld kB after all\n",
               (char *)arg, (long long)grown.rows, (double)(nu_monotonic_us() - began) / 1e6,
               (long long)grown.early, (long long)grown.late);
    CHECK(grown.early > 0 && grown.late - grown.early < MAY_GROW_KB);
}

TEST(a_stream_takes_no_more_memory_the_longer_it_is)
{
    db = open_things();
    stream_and_look((char[]){"PostgreSQL, outside of the loop"});
    nu__loop_call(NULL, stream_and_look, (char[]){"PostgreSQL, in a fiber"});
}

static void fill(int64_t count)
{
    nu_sql(db, "INSERT INTO thing (name, hits) SELECT 'i' || i, i FROM generate_series(1, ?) i",
           count);
}

static void read_many(void *arg)
{
    (void)arg;
    tally sum = {0};
    CHECK_EQ(nu_sql_each(db, add, &sum, "SELECT i FROM generate_series(1, ?) i", 100000), 100000);
    CHECK_EQ(sum.rows, 100000);
    CHECK_EQ(sum.total, INT64_C(100000) * 100001 / 2);
    CHECK_EQ(nu_sql_each(db, add, &sum, "SELECT i FROM generate_series(1, ?) i", 4001), 4001);
    CHECK_EQ(nu_sql_each(db, add, &sum, "SELECT i FROM generate_series(1, ?) i", 3), 3);
    CHECK_EQ(nu_sql_each(db, add, &sum, "SELECT 1 AS i WHERE false"), 0);
}

TEST(a_large_result_is_read_by_the_piece)
{
    db = open_things();
    read_many(NULL);
    nu__loop_call(NULL, read_many, NULL);
    NU_ATOMIC {
        read_many(NULL);
        read_many(NULL);
    }
    nu_database_isolate(db);
    read_many(NULL);
    nu_database_isolate_end(db);
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM pg_cursors WHERE name <> ''"), 0);
    nu_database_close_all();
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
    db = open_things();
    fill(10000);
    read_and_write(NULL);
    nu__loop_call(NULL, read_and_write, NULL);
    NU_ATOMIC {
        read_and_write(NULL);
    }
    nu_database_close_all();
}

static void read_inner(void *arg, nu_dict *row)
{
    tally *outer = arg;
    tally  inner = {0};
    (void)row;
    nu_sql_each(db, add, &inner, "SELECT hits AS i FROM thing");
    outer->rows += inner.rows;
}

static void nest(void *arg)
{
    (void)arg;
    tally sum = {0};
    nu_sql_each(db, read_inner, &sum, "SELECT hits AS i FROM thing");
    CHECK_EQ(sum.rows, 2500);
    NU_ATOMIC {
        nu_sql_each(db, read_inner, &sum, "SELECT hits AS i FROM thing");
    }
    CHECK_EQ(sum.rows, 5000);
}

TEST(streams_nest)
{
    db = open_things();
    fill(50);
    nest(NULL);
    nu__loop_call(NULL, nest, NULL);
    nu_database_close_all();
}

static void raise_at_3000(void *arg, nu_dict *row)
{
    int *seen = arg;
    (void)row;
    if (++*seen == 3000)
        nu_raise(NU_VALUE_ERROR, "enough");
}

static void leave(void *arg)
{
    (void)arg;
    int seen = 0;
    for (int i = 0; i < 70; i++) {
        seen = 0;
        CHECK_RAISES(NU_VALUE_ERROR, nu_sql_each(db, raise_at_3000, &seen,
                                                 "SELECT i FROM generate_series(1, ?) i", 9999));
    }
    NU_ATOMIC {
        seen = 0;
        CHECK_RAISES(NU_VALUE_ERROR, nu_sql_each(db, raise_at_3000, &seen,
                                                 "SELECT i FROM generate_series(1, ?) i", 9999));
        CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM pg_cursors WHERE name <> ''"), 0);
        CHECK_RAISES(
            NU_PROGRAMMING_ERROR,
            NU_ATOMIC { nu_sql_each(db, raise_at_3000, &seen, "SELECT x FROM y"); });
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('after', 1)");
    }
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 1);
    nu_sql(db, "DELETE FROM thing");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_each(db, raise_at_3000, &seen, "SELECT x FROM y"));
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_each(db, raise_at_3000, &seen, "SELECT ?"));
    CHECK_RAISES(NU_DATA_ERROR,
                 nu_sql_each(db, raise_at_3000, &seen,
                             "SELECT 1 / (i - 2500) FROM generate_series(1, 5000) i"));
}

TEST(a_stream_that_is_left_by_a_raise_is_closed)
{
    db = open_things();
    db = nu_database_add(NULL, &(nu_database_options){.url = server_url(), .max_open = 1});
    leave(NULL);
    nu__loop_call(NULL, leave, NULL);
    nu_database_close_all();
}

static void lose_connection(void *arg, nu_dict *row)
{
    int *seen = arg;
    (void)row;
    if (++*seen == 1)
        nu_sql(nu_database_get("other"), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                         " WHERE application_name = 'nuages'"
                                         " AND pid <> pg_backend_pid()");
}

TEST(a_connection_that_is_lost_ends_the_stream)
{
    int seen = 0;
    db = open_things();
    open_other();
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_each(db, lose_connection, &seen,
                                                   "SELECT i FROM generate_series(1, 99999) i"));
    CHECK(seen < 99999);
    read_many(NULL);
    nu_database_close_all();
}
