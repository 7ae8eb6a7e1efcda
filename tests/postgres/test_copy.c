/* COPY: rows in bulk. */
#include <string.h>

#include "helper.h"
#include "nuages/random.h"

static nu_database *db;

typedef struct supply {
    int64_t at, count, wrong;
    int64_t raise_at, wait_at, ask_at, end_at;
} supply;

static const char *const columns[] = {"name", "hits", NULL};

static bool next_thing(void *arg, nu_value *row)
{
    supply *source = arg;
    if (source->at == source->count)
        return false;
    source->at++;
    if (source->at == source->raise_at)
        nu_raise(NU_VALUE_ERROR, "no more");
    if (source->at == source->wait_at)
        nu_sleep_ms(5);
    if (source->at == source->ask_at)
        nu_sql_value(db, "SELECT 1");
    if (source->at == source->end_at)
        nu_sql(nu_database_get("other"),
               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
               " WHERE application_name = 'nuages' AND query LIKE 'COPY%'");
    row[0] = NU_V(nu_fmt("thing %lld", (long long)source->at));
    row[1] = NU_V(source->at == source->wrong ? -1 : source->at);
    return true;
}

static int64_t count(void)
{
    return nu_int(nu_sql_value(db, "SELECT count(*) FROM thing"));
}

static void load(void *arg)
{
    (void)arg;
    supply source = {.count = 20000, .wait_at = 5000};
    CHECK_EQ(nu_copy_in(db, "thing", columns, next_thing, &source), 20000);
    CHECK_EQ(nu_sql_value(db, "SELECT sum(hits) FROM thing"), INT64_C(20000) * 20001 / 2);
    nu_sql(db, "DELETE FROM thing");
    source = (supply){.count = 9000, .wrong = 8000};
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_copy_in(db, "thing", columns, next_thing, &source));
    CHECK(strstr(nu_test_error()->detail, "row 8000 of those to load") != NULL);
    const nu_database_failure *failure = nu_test_error()->data;
    CHECK_TEXT(failure->constraint, "thing_hits_check");
    CHECK_EQ(count(), 0);
    source = (supply){.count = 0};
    CHECK_EQ(nu_copy_in(db, "thing", columns, next_thing, &source), 0);
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_copy_in(db, "nothing", columns, next_thing, &source));
    CHECK_RAISES(NU_PROGRAMMING_ERROR,
                 nu_copy_in(db, "thing", NU_STRS("nam"), next_thing, &source));
}

TEST(rows_are_copied_all_or_none)
{
    db = open_things();
    load(NULL);
    nu__loop_call(NULL, load, NULL);
    nu_database_close_all();
}

static void give_up(void *arg)
{
    (void)arg;
    NU_ATOMIC {
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('first', 1)");
        supply source = {.count = 9000, .raise_at = 7000};
        CHECK_RAISES(NU_VALUE_ERROR, nu_copy_in(db, "thing", columns, next_thing, &source));
        source = (supply){.count = 9000, .wrong = 20};
        CHECK_RAISES(NU_INTEGRITY_ERROR, nu_copy_in(db, "thing", columns, next_thing, &source));
        source = (supply){.count = 9000, .ask_at = 20};
        CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_copy_in(db, "thing", columns, next_thing, &source));
        CHECK_EQ(count(), 1);
        source = (supply){.count = 9000};
        CHECK_EQ(nu_copy_in(db, "thing", columns, next_thing, &source), 9000);
    }
    CHECK_EQ(count(), 9001);
    nu_sql(db, "DELETE FROM thing");
}

TEST(a_copy_that_is_given_up_leaves_the_block_around_it)
{
    db = open_things();
    give_up(NULL);
    nu__loop_call(NULL, give_up, NULL);
    nu_database_close_all();
}

static void lose(void *arg)
{
    (void)arg;
    supply source = {.count = 300000, .end_at = 30000};
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_copy_in(db, "thing", columns, next_thing, &source));
    CHECK(source.at < 300000);
    CHECK_EQ(count(), 0);
    source = (supply){.count = 10};
    CHECK_EQ(nu_copy_in(db, "thing", columns, next_thing, &source), 10);
    nu_sql(db, "DELETE FROM thing");
}

TEST(a_connection_that_is_lost_fails_the_copy)
{
    db = open_things();
    open_other();
    lose(NULL);
    nu__loop_call(NULL, lose, NULL);
    nu_database_close_all();
}

static void copy_in_time(void)
{
    supply source = {.count = 400000};
    NU_DEADLINE(100)
    {
        nu_copy_in(db, "thing", columns, next_thing, &source);
    }
}

/* The copy waits in the server for what another has not committed, and the deadline ends it. */
static void wait_for_lock(void *arg)
{
    (void)arg;
    nu_database *other = nu_database_get("other");
    NU_ATOMIC_ON("other")
    {
        nu_sql(other, "INSERT INTO thing (name, hits) VALUES ('thing 1', 1)");
        static int64_t began;
        began = nu_monotonic_us();
        CHECK_RAISES(NU_TIMEOUT, copy_in_time());
        CHECK(nu_monotonic_us() - began < 3 * NU_SECOND);
        nu_set_rollback(other);
    }
    CHECK_EQ(count(), 0);
}

TEST(a_deadline_ends_a_copy)
{
    db = open_things();
    open_other();
    nu__loop_call(NULL, wait_for_lock, NULL);
    nu_database_close_all();
}

/* ---- every kind of value -------------------------------------------------------------------- */

static bool next_value(void *arg, nu_value *row)
{
    int *at = arg;
    if ((*at)++ == 1)
        return false;
    *row = nu_null();
    nu_dict *dict = nu_dict_new();
    nu_dict_put(dict, NU_V("a\tb"), NU_V("c\\d\ne"));
    nu_date     date = {.days = 20778, .set = true};
    nu_datetime moment;
    nu_uuid     uuid;
    nu_decimal  decimal;
    CHECK(nu_datetime_try("2026-11-21 09:05:00.000123+00:00", 32, &moment));
    CHECK(nu_uuid_try("00112233-4455-6677-8899-aabbccddeeff", 36, &uuid));
    CHECK(nu_decimal_try("-12.340", 7, &decimal));
    row[0] = NU_V(true);
    row[1] = NU_V(INT64_MIN);
    row[2] = NU_V(-0.1);
    row[3] = nu_value_decimal(decimal);
    row[4] = NU_V("tab\t line\n return\r back\\slash \\N \xe2\x82\xac");
    row[5] = nu_value_bytes("\0\\x\xff", 4);
    row[6] = nu_value_date(date);
    row[7] = nu_value_datetime(moment);
    row[8] = nu_value_duration((nu_duration){.us = -NU_DAY - 5, .set = true});
    row[9] = nu_value_uuid(uuid);
    row[10] = nu_value_dict(dict);
    row[11] = nu_null();
    return true;
}

TEST(every_kind_of_value_can_be_copied)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g",
                                        "h", "i", "j", "k", "l", NULL};
    int                      at = 0;
    db = open_server();
    nu_sql_script(db,
                  "CREATE TABLE v (a bool, b bigint, c float8, d numeric(8, 3), e text, f bytea,"
                  " g date, h timestamptz, i interval, j uuid, k jsonb, l text)");
    nu_copy_in(db, "v", names, next_value, &at);
    nu_dict *row = nu_sql_rows(db, "SELECT * FROM v")->items[0].dict;
    CHECK_EQ(nu_dict_get(row, "a"), true);
    CHECK_EQ(nu_dict_get(row, "b"), INT64_MIN);
    CHECK_EQ(nu_dict_get(row, "c"), -0.1);
    CHECK_TEXT(nu_text(nu_dict_get(row, "d")), "-12.340");
    CHECK_EQ(nu_dict_get(row, "e"), "tab\t line\n return\r back\\slash \\N \xe2\x82\xac");
    CHECK_EQ(nu_dict_get(row, "f"), nu_value_bytes("\0\\x\xff", 4));
    CHECK_TEXT(nu_text(nu_dict_get(row, "g")), "2026-11-21");
    CHECK_TEXT(nu_text(nu_dict_get(row, "h")), "2026-11-21 09:05:00.000123+00:00");
    CHECK_EQ(nu_dict_get(row, "i").us, -NU_DAY - 5);
    CHECK_TEXT(nu_text(nu_dict_get(row, "j")), "00112233-4455-6677-8899-aabbccddeeff");
    CHECK_EQ(nu_dict_get(nu_dict_get(row, "k").dict, "a\tb"), "c\\d\ne");
    CHECK(nu_is_null(nu_dict_get(row, "l")));
    nu_database_close_all();
}
