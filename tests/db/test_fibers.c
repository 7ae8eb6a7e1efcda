/* Databases and fibers: nobody sees another's half-done work, and waiting for a lock holds nobody up. */
#include "helper.h"
#include "nuages/fiber.h"
#include "runtime/loop.h"

static nu_database *db;

static int64_t hits(const char *name)
{
    return nu_int(nu_sql_value(db, "SELECT hits FROM thing WHERE name = ?", name));
}

static void increment(void *item)
{
    (void)item;
    for (int i = 0; i < 20; i++) {
        NU_ATOMIC {
            int64_t before = hits("shared");
            nu_yield();
            nu_sql(db, "UPDATE thing SET hits = ? WHERE name = 'shared'", before + 1);
        }
    }
}

static void increment_in_turn(void *arg)
{
    (void)arg;
    int items[8] = {0};
    nu_gather(increment, items, NU_COUNT(items), sizeof items[0]);
    CHECK_EQ(hits("shared"), 160);
}

static void measure_inside(void *arg)
{
    nu_database_load *inside = arg;
    NU_ATOMIC {
        nu_sql(NULL, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
        nu_database_measure(inside);
    }
}

TEST(what_databases_have_to_do_can_be_measured)
{
    const char      *path;
    nu_database_load before, inside, after;
    open_things(&path);
    nu_database_measure(&before);
    nu__loop_call(NULL, measure_inside, &inside);
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(NULL, "nonsense"));
    nu_database_measure(&after);
    CHECK_EQ(before.busy, 0);
    CHECK_EQ(inside.busy, 1);
    CHECK_EQ(inside.open, before.open + 1);
    CHECK_EQ(after.busy, 0);
    CHECK_EQ(after.waiting, 0);
    CHECK_EQ(after.statements, before.statements + 2);
    CHECK_EQ(after.errors, before.errors + 1);
}

TEST(fibers_stand_in_line_to_write)
{
    const char *path;
    db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu__loop_call(NULL, increment_in_turn, NULL);
    nu_database_close_all();
}

TEST(fibers_stand_in_line_in_memory_too)
{
    db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql_script(db, "CREATE TABLE thing (name text, hits integer)");
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu__loop_call(NULL, increment_in_turn, NULL);
    nu_database_close_all();
}

static void hold_open(void *arg)
{
    (void)arg;
    NU_ATOMIC {
        nu_sql(db, "UPDATE thing SET hits = 99 WHERE name = 'shared'");
        nu_sleep_ms(30);
    }
}

static void read_beside(void *arg)
{
    (void)arg;
    nu_fiber *writer = nu_spawn(hold_open, NULL);
    nu_sleep_ms(10);
    CHECK_EQ(hits("shared"), 0);
    CHECK(!nu_in_atomic(db));
    nu_sql(db, "UPDATE thing SET hits = hits + 1 WHERE name = 'shared'");
    CHECK_EQ(hits("shared"), 100);
    nu_join(writer);
}

TEST(half_done_work_is_not_seen_and_writes_wait)
{
    const char *path;
    db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu__loop_call(NULL, read_beside, NULL);
    nu_database_close_all();
}

static void read_own_writes(void *arg)
{
    nu_database *other = arg;
    for (int i = 1; i <= 5; i++) {
        CHECK_EQ(hits("shared"), 2 * i - 2);
        CHECK_EQ(hits("shared"), 2 * i - 2);
        nu_sql(db, "UPDATE thing SET hits = hits + 1 WHERE name = 'shared'");
        CHECK_EQ(hits("shared"), 2 * i - 1);
        CHECK_EQ(hits("shared"), 2 * i - 1);
        nu_sql(other, "UPDATE thing SET hits = hits + 1 WHERE name = 'shared'");
        nu_yield();
    }
    NU_ATOMIC {
        nu_sql(db, "UPDATE thing SET hits = 50 WHERE name = 'shared'");
    }
    CHECK_EQ(hits("shared"), 50);
}

TEST(a_snapshot_ends_with_a_write_and_with_a_wait)
{
    const char *path;
    db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu_database *other =
        nu_database_add("other", &(nu_database_options){.url = nu_fmt("sqlite:%s", path)});
    nu__loop_call(NULL, read_own_writes, other);
    nu_database_close_all();
}

static void wait_in_vain(void *arg)
{
    nu_fiber *writer = nu_spawn(hold_open, NULL);
    nu_sleep_ms(5);
    volatile bool timed_out = false;
    NU_TRY {
        NU_DEADLINE(10)
        {
            nu_sql(db, "UPDATE thing SET hits = 1");
        }
    }
    NU_CATCH (error) {
        timed_out = nu_error_is(error, NU_TIMEOUT);
    }
    CHECK(timed_out);
    nu_join(writer);
    CHECK_EQ(nu_sql(db, "UPDATE thing SET hits = 1"), 1);
    (void)arg;
}

TEST(a_deadline_ends_the_wait_for_a_lock)
{
    const char *path;
    db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu__loop_call(NULL, wait_in_vain, NULL);
    nu_database_close_all();
}

static void one_of_many(void *item)
{
    (void)item;
    NU_ATOMIC {
        nu_sleep_ms(2);
    }
}

static void open_too_many(void *arg)
{
    int items[12];
    nu_gather(one_of_many, items, NU_COUNT(items), sizeof items[0]);
    (void)arg;
}

TEST(connections_are_limited_and_waited_for)
{
    const char *path;
    open_things(&path);
    db = nu_database_add(NULL,
                         &(nu_database_options){.url = nu_fmt("sqlite:%s", path), .max_open = 2});
    nu__loop_call(NULL, open_too_many, NULL);
    nu_database_close_all();
}

static void hold_or_read(void *item)
{
    if (*(int *)item == 0) {
        NU_ATOMIC {
            nu_sleep_ms(10);
        }
    } else {
        CHECK_EQ(hits("shared"), 0);
    }
}

static void hold_and_read(void *arg)
{
    (void)arg;
    int     items[] = {0, 1, 2, 3};
    int64_t began = nu_monotonic_us();
    nu_gather(hold_or_read, items, NU_COUNT(items), sizeof items[0]);
    CHECK(nu_monotonic_us() - began < 2000000);
}

TEST(all_readers_in_line_go_on_when_a_block_in_memory_ends)
{
    db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql_script(db, "CREATE TABLE thing (name text, hits integer)");
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu__loop_call(NULL, hold_and_read, NULL);
    nu_database_close_all();
}
