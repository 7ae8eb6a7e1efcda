/* Many fibers on few connections. */
#include <string.h>

#include "db/internal.h"
#include "helper.h"

static nu_database *db;

/* As the model layer reads: without side effects. */
static int64_t read_int(const char *sql, int64_t param)
{
    nu_value        value = NU_V(param);
    nu_db_statement statement = {
        .sql = sql, .length = strlen(sql), .params = &value, .count = 1, .pure = true};
    nu_db_run run;
    nu__db_start(&run, db, &statement);
    int64_t result = run.backend->get_int(&run.cursor, 0);
    nu__db_finish(&run);
    return result;
}

static void ask(void *item)
{
    int number = *(int *)item;
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(read_int("SELECT $1::bigint * 2", number), number * 2);
        CHECK_EQ(nu_sql_value(db, "SELECT ? + 1", number), number + 1);
        if (number % 7 == 0) {
            NU_ATOMIC {
                nu_sql(db, "UPDATE thing SET hits = hits + 1 WHERE name = 'shared'");
            }
        }
    }
}

static void ask_all(void *arg)
{
    int items[200];
    for (int i = 0; i < 200; i++)
        items[i] = i;
    nu_gather(ask, items, NU_COUNT(items), sizeof items[0]);
    (void)arg;
}

TEST(two_hundred_fibers_share_three_connections)
{
    open_things();
    db = nu_database_add(NULL, &(nu_database_options){.url = server_url(),
                                                      .max_open = 2,
                                                      .max_shared = 1,
                                                      .application_name = "two hundred"});
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0)");
    nu__loop_call(NULL, ask_all, NULL);
    CHECK_EQ(nu_sql_value(db, "SELECT hits FROM thing"), 29 * 5);
    /* The server may still be taking leave of those that were closed before. */
    int64_t open = 4;
    for (int i = 0; i < 100 && open > 3; i++) {
        nu_sleep_ms(10);
        open = nu_int(nu_sql_value(db, "SELECT count(*) FROM pg_stat_activity"
                                       " WHERE application_name = 'two hundred'"));
    }
    CHECK(open <= 3);
    nu_database_close_all();
}

static void divide(void *item)
{
    int number = *(int *)item;
    bool volatile failed = false;
    NU_TRY {
        CHECK_EQ(read_int("SELECT 100 / (5 - $1::int)", number),
                 100 / (5 - number + (number == 5)));
    }
    NU_CATCH (error) {
        failed = nu_error_is(error, NU_DATA_ERROR);
        CHECK(failed);
    }
    CHECK_EQ(failed, number == 5);
}

static void divide_all(void *arg)
{
    int items[12];
    for (int i = 0; i < 12; i++)
        items[i] = i;
    read_int("SELECT 100 / (5 - $1::int)", 1);
    nu_gather(divide, items, NU_COUNT(items), sizeof items[0]);
    (void)arg;
}

TEST(a_failing_read_harms_no_other_of_its_batch)
{
    db = open_server();
    nu__loop_call(NULL, divide_all, NULL);
    nu_database_close_all();
}

static void insert(void *item)
{
    int number = *(int *)item;
    bool volatile failed = false;
    NU_TRY {
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, ?)", nu_fmt("%d", number),
               5 - number);
    }
    NU_CATCH (error) {
        failed = nu_error_is(error, NU_INTEGRITY_ERROR);
    }
    CHECK_EQ(failed, number > 5);
}

static void insert_all(void *arg)
{
    int items[12];
    for (int i = 0; i < 12; i++)
        items[i] = i;
    nu_gather(insert, items, NU_COUNT(items), sizeof items[0]);
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 6);
    (void)arg;
}

TEST(a_failing_write_harms_no_other)
{
    db = open_things();
    nu__loop_call(NULL, insert_all, NULL);
    nu_database_close_all();
}

static void sleep_long(void *arg)
{
    (void)arg;
    nu_sql_value(db, "SELECT 'slow' FROM pg_sleep(0.2)");
}

static void cancel_in_flight(void *arg)
{
    (void)arg;
    nu_sql_value(db, "SELECT 'slow' FROM pg_sleep(0)");
    nu_fiber *slow = nu_spawn(sleep_long, NULL);
    nu_sleep_ms(5);
    nu_cancel(slow);
    volatile bool cancelled = false;
    NU_TRY {
        nu_join(slow);
    }
    NU_CATCH (error) {
        cancelled = nu_error_is(error, NU_CANCELLED);
    }
    CHECK(cancelled);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(nu_sql_value(db, "SELECT ?", i), i);
}

TEST(the_answer_to_a_cancelled_fiber_reaches_nobody_else)
{
    open_server();
    db = nu_database_add(NULL, &(nu_database_options){.url = server_url(), .max_shared = 1});
    nu__loop_call(NULL, cancel_in_flight, NULL);
    nu_database_close_all();
}

static void run_late(void *arg)
{
    (void)arg;
    int64_t began = nu_monotonic_us();
    CHECK_RAISES(
        NU_TIMEOUT, NU_ATOMIC {
            nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('late', 1)");
            NU_DEADLINE(20)
            {
                nu_sql_value(db, "SELECT pg_sleep(5)");
            }
        });
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 0);
    /* An inner block that ran late is undone, the outer one goes on. */
    NU_ATOMIC {
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
        CHECK_RAISES(
            NU_TIMEOUT, NU_DEADLINE(20) {
                NU_ATOMIC {
                    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('b', 1)");
                    nu_sql_value(db, "SELECT pg_sleep(5)");
                }
            });
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('c', 1)");
    }
    CHECK_EQ(nu_sql_value(db, "SELECT string_agg(name, ',' ORDER BY name) FROM thing"), "a,c");
    CHECK(nu_monotonic_us() - began < 4000000);
}

TEST(a_deadline_ends_a_statement_in_a_block)
{
    db = open_things();
    nu__loop_call(NULL, run_late, NULL);
    nu_sql(db, "DELETE FROM thing");
    run_late(NULL);
    nu_database_close_all();
}

static void be_slow(void *item)
{
    (void)item;
    nu_sql_value(db, "SELECT 1 FROM pg_sleep(0.5)");
}

static void overtake(void *arg)
{
    (void)arg;
    nu_sql_value(db, "SELECT 1");
    nu_fiber *slow = nu_spawn(be_slow, NULL);
    nu_sleep_ms(30);
    int64_t began = nu_monotonic_us();
    for (int i = 0; i < 20; i++)
        CHECK_EQ(nu_sql_value(db, "SELECT ?", i), i);
    CHECK(nu_monotonic_us() - began < 300000);
    nu_join(slow);
}

TEST(a_slow_statement_does_not_hold_others_up)
{
    db = open_server();
    nu__loop_call(NULL, overtake, NULL);
    nu_database_close_all();
}

static void hold(void *item)
{
    (void)item;
    NU_ATOMIC {
        nu_sql_value(db, "SELECT 1");
        nu_sleep_ms(100);
    }
}

static void exhaust(void *arg)
{
    (void)arg;
    nu_fiber *holder = nu_spawn(hold, NULL);
    nu_sleep_ms(10);
    CHECK_RAISES(
        NU_OPERATIONAL_ERROR, NU_ATOMIC { nu_sql_value(db, "SELECT 1"); });
    CHECK_CONTAINS(nu_test_error()->hint, "max_open");
    CHECK_EQ(nu_sql_value(db, "SELECT 1"), 1);
    nu_join(holder);
    NU_ATOMIC {
        CHECK_EQ(nu_sql_value(db, "SELECT 1"), 1);
    }
}

TEST(an_exhausted_pool_names_its_setting)
{
    db = open_server_with((nu_database_options){.max_open = 1, .timeout_ms = 30});
    nu__loop_call(NULL, exhaust, NULL);
    nu_database_close_all();
}

/* Whoever comes first waits for the other: both hold a row then. */
static int holders;

static void await_holders(int wanted)
{
    for (int i = 0; i < 2000 && holders < wanted; i++)
        nu_sleep_ms(5);
    CHECK(holders >= wanted);
}

static void lock_both(void *item)
{
    int           number = *(int *)item;
    volatile bool failed = false;
    NU_TRY {
        NU_ATOMIC {
            nu_sql(db, "UPDATE thing SET hits = 1 WHERE name = ?", number == 0 ? "a" : "b");
            holders++;
            await_holders(2);
            nu_sql(db, "UPDATE thing SET hits = 1 WHERE name = ?", number == 0 ? "b" : "a");
        }
    }
    NU_CATCH (error) {
        const nu_database_failure *failure = error->data;
        failed = true;
        CHECK(nu_error_is(error, NU_OPERATIONAL_ERROR));
        CHECK_TEXT(failure->state, "40P01");
        CHECK(failure->retry);
    }
    ((int *)item)[1] = failed;
}

static void dead_lock(void *arg)
{
    (void)arg;
    int items[2][2] = {{0, 0}, {1, 0}};
    holders = 0;
    nu_gather(lock_both, items, 2, sizeof items[0]);
    CHECK_EQ(items[0][1] + items[1][1], 1);
}

TEST(a_deadlock_fails_one_and_says_that_it_may_be_tried_again)
{
    db = open_things();
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 0), ('b', 0)");
    nu__loop_call(NULL, dead_lock, NULL);
    nu_database_close_all();
}

static void hold_row(void *arg)
{
    (void)arg;
    NU_ATOMIC {
        nu_sql(db, "UPDATE thing SET hits = 1");
        holders = 1;
        await_holders(2);
    }
}

static void wait_for_row(void *arg)
{
    (void)arg;
    holders = 0;
    nu_fiber *holder = nu_spawn(hold_row, NULL);
    await_holders(1);
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(db, "UPDATE thing SET hits = 2"));
    holders = 2;
    CHECK_CONTAINS(nu_test_error()->fact, "lock timeout");
    CHECK_CONTAINS(nu_test_error()->hint, "timeout_ms");
    nu_join(holder);
    CHECK_EQ(nu_sql(db, "UPDATE thing SET hits = 2"), 1);
}

TEST(a_lock_is_waited_for_until_the_time_out)
{
    open_things();
    db = nu_database_add(NULL, &(nu_database_options){.url = server_url(), .timeout_ms = 40});
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 0)");
    nu__loop_call(NULL, wait_for_row, NULL);
    nu_database_close_all();
}

static void read_big(void *item)
{
    int      number = *(int *)item;
    nu_value text = nu_sql_value(db, "SELECT repeat(?, 300000)", nu_fmt("%d", number % 10));
    CHECK_EQ(text.length, 300000);
    CHECK_EQ(text.text[299999], '0' + number % 10);
}

static void write_big(void *item)
{
    int   number = *(int *)item;
    char *text = nu_arena_alloc(nu_arena_current(), 3000001);
    memset(text, 'a' + number % 10, 3000000);
    text[3000000] = '\0';
    CHECK_EQ(nu_sql_value(db, "SELECT length(?)", nu_value_text_n(text, 3000000)), 3000000);
}

static void move_much(void *arg)
{
    (void)arg;
    int items[20];
    for (int i = 0; i < 20; i++)
        items[i] = i;
    nu_gather(read_big, items, 20, sizeof items[0]);
    nu_gather(write_big, items, 20, sizeof items[0]);
}

TEST(long_texts_fill_no_buffer_for_ever)
{
    db = open_server();
    nu__loop_call(NULL, move_much, NULL);
    write_big(&(int){3});
    nu_database_close_all();
}

static void sleep_there(void *arg)
{
    (void)arg;
    CHECK_RAISES(
        NU_TIMEOUT, NU_DEADLINE(30) { nu_sql_value(db, "SELECT pg_sleep(20)"); });
}

static int64_t sleeping(void)
{
    return nu_int(nu_sql_value(nu_database_get("other"), "SELECT count(*) FROM pg_stat_activity"
                                                         " WHERE query LIKE 'SELECT pg_sleep(20)%%'"
                                                         " AND state = 'active'"));
}

/* What is given up ends on the server, and those behind it in the same connection come through. */
static void give_up(void *arg)
{
    (void)arg;
    nu_sql_value(db, "SELECT 1");
    nu_fiber *fiber = nu_spawn(sleep_there, NULL);
    nu_sleep_ms(10);
    CHECK_EQ(sleeping(), 1);
    int64_t began = nu_monotonic_us();
    CHECK_EQ(nu_sql_value(db, "SELECT 2"), 2);
    CHECK(nu_monotonic_us() - began < 5 * NU_SECOND);
    nu_join(fiber);
    for (int i = 0; i < 200 && sleeping() > 0; i++)
        nu_sleep_ms(10);
    CHECK_EQ(sleeping(), 0);
    CHECK_EQ(nu_sql_value(db, "SELECT 3"), 3);
    CHECK_EQ(db->lane_count, 1);
}

TEST(a_statement_that_is_given_up_is_cancelled)
{
    open_server();
    open_other();
    db = nu_database_add(NULL, &(nu_database_options){.url = server_url(), .max_shared = 1});
    nu__loop_call(NULL, give_up, NULL);
    nu_database_close_all();
}
