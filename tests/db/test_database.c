#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

TEST(memory_database_keeps_rows)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql_script(db, "CREATE TABLE t (a integer, b text)");
    CHECK_EQ(nu_sql(db, "INSERT INTO t VALUES (?, ?), (?, ?)", 1, "one", 2, "two"), 2);
    nu_list *rows = nu_sql_rows(db, "SELECT a, b FROM t ORDER BY a");
    CHECK_EQ(rows->count, 2);
    CHECK_EQ(nu_dict_get(rows->items[1].dict, "b"), "two");
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM t WHERE a > ?", 1), 1);
    nu_database_close_all();
}

TEST(every_kind_of_value_is_bound)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_datetime  moment = nu_datetime_of(2026, 11, 21, 9, 5, 0);
    nu_uuid      uuid = {.bytes = {0xab, 0x01}, .set = true};
    const struct {
        nu_value    value;
        const char *text;
    } cases[] = {
        {NU_V(5), "5"},
        {NU_V(true), "1"},
        {NU_V(-2.5), "-2.5"},
        {NU_V("é"), "é"},
        {NU_V(nu_decimal_get("12.50")), "12.50"},
        {NU_V(nu_date_of(2026, 2, 3)), "2026-02-03"},
        {NU_V(nu_time_of(7, 8, 9, 10)), "07:08:09.000010"},
        {NU_V(moment), "2026-11-21 09:05:00"},
        {NU_V(nu_datetime_of(1969, 12, 31, 23, 59, 59)), "1969-12-31 23:59:59"},
        {NU_V(nu_duration_of(1500000)), "1500000"},
        {NU_V(uuid), "ab010000000000000000000000000000"},
        {NU_V(nu_list_of(1, "a")), "[1,\"a\"]"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_text(nu_sql_value(db, "SELECT CAST(? AS text)", cases[i].value)),
                   cases[i].text);
    CHECK(nu_is_null(nu_sql_value(db, "SELECT ?", nu_null())));
    CHECK_EQ(nu_sql_value(db, "SELECT length(?)", nu_value_bytes("a\0b", 3)), 3);
    nu_database_close_all();
}

TEST(declared_types_are_read_back)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql_script(db, "CREATE TABLE t (live bool, at datetime, day date, raw BLOB)");
    nu_sql(db, "INSERT INTO t VALUES (?, ?, ?, ?)", true, nu_datetime_of(2026, 1, 2, 3, 4, 5),
           nu_date_of(2026, 1, 2), nu_value_bytes("x\0y", 3));
    nu_dict *row = nu_sql_rows(db, "SELECT * FROM t")->items[0].dict;
    CHECK_EQ(nu_dict_get(row, "live"), true);
    CHECK_EQ(nu_dict_get(row, "at"), nu_datetime_of(2026, 1, 2, 3, 4, 5));
    CHECK_EQ(nu_dict_get(row, "day"), nu_date_of(2026, 1, 2));
    CHECK_EQ(nu_dict_get(row, "raw").length, 3);
    nu_database_close_all();
}

TEST(urls_are_checked)
{
    static const struct {
        const char *url, *detail;
    } cases[] = {
        {"", "empty"},
        {"site.db", "no scheme"},
        {"oracle://x", "no back end for \"oracle\""},
        {"sqlite:", "no file"},
        {"sqlite://server/x", "Two slashes"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_CONFIG_ERROR,
                     nu_database_add(NULL, &(nu_database_options){.url = cases[i].url}));
        CHECK_CONTAINS(nu_test_error()->detail, cases[i].detail);
    }
    CHECK_RAISES(NU_CONFIG_ERROR, nu_database_get("other"));
}

TEST(password_is_not_shown)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite:/tmp/a.db"});
    CHECK_TEXT(nu_database_url(db), "sqlite:/tmp/a.db");
    nu_database_close_all();
}

TEST(a_file_is_found_from_its_folder)
{
    static const struct {
        const char *url, *folder, *file;
    } cases[] = {
        {"sqlite:a.db", "/srv/site", "/srv/site/a.db"},
        {"sqlite:///a.db", "/srv/site", "/srv/site/a.db"},
        {"sqlite:///data/a.db", "/srv/site/", "/srv/site/data/a.db"},
        {"sqlite:/var/a.db", "/srv/site", "/var/a.db"},
        {"sqlite:////var/a.db", "/srv/site", "/var/a.db"},
        {"sqlite:a.db", NULL, "a.db"},
        {"sqlite::memory:", "/srv/site", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        nu_database *db = nu_database_add(
            NULL, &(nu_database_options){.url = cases[i].url, .folder = cases[i].folder});
        CHECK_TEXT(nu_database_file(db), cases[i].file);
    }
    CHECK(nu_database_next(nu_database_next(NULL)) == NULL);
    nu_database_close_all();
    CHECK(nu_database_next(NULL) == NULL);
}

TEST(wrong_statements_raise)
{
    const char  *path;
    nu_database *db = open_things(&path);
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(db, "SELEC 1"));
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(db, "SELECT * FROM nowhere"));
    CHECK_CONTAINS(nu_test_error()->hint, "migrate");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "SELECT ?", 1, 2));
    CHECK_CONTAINS(nu_test_error()->fact, "placeholders");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "  "));
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "SELECT 1; DELETE FROM thing"));
    CHECK_EQ(nu_sql_value(db, "SELECT 5; -- and no more"), 5);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', -1)"));
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)"));
    const nu_database_failure *failure = nu_test_error()->data;
    CHECK_TEXT(failure->constraint, "thing.name");
    CHECK_CONTAINS(failure->sql, "INSERT INTO thing");
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 1);
    nu_database_close_all();
}

TEST(a_write_that_raises_gives_the_place_of_the_writer_back)
{
    static const nu_class class = {.name = "stranger"};
    static nu_object stranger = {&class};
    const char      *path;
    nu_database     *db = open_things(&path);
    CHECK_RAISES(NU_ERROR,
                 nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, 1)", nu_list_of(&stranger)));
    CHECK_EQ(nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)"), 1);
    nu_database_close_all();

    db = open_file("/nowhere/at/all.db");
    for (int i = 0; i < 2; i++) {
        CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(db, "DELETE FROM thing"));
        CHECK_CONTAINS(nu_test_error()->fact, "cannot open");
        CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_script(db, "DELETE FROM thing"));
        CHECK_CONTAINS(nu_test_error()->fact, "cannot open");
    }
    nu_database_close_all();
}

static int64_t rows_seen;
static int     events;

static void watch(void *arg, const nu_query_event *event)
{
    (void)arg;
    events++;
    rows_seen += event->rows;
}

TEST(statements_are_counted_and_watched)
{
    const char  *path;
    nu_database *db = open_things(&path);
    uint64_t     before = nu_query_count();
    nu_query_watch(watch, NULL);
    NU_ATOMIC {
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1), ('b', 2)");
    }
    nu_sql_rows(db, "SELECT * FROM thing");
    nu_query_watch(NULL, NULL);
    CHECK_EQ(nu_query_count() - before, 2);
    CHECK_EQ(events, 2);
    CHECK_EQ(rows_seen, 4);
    nu_database_close_all();
}

TEST(many_shapes_do_not_fill_the_cache)
{
    const char  *path;
    nu_database *db = open_things(&path);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 500; i++)
            CHECK_EQ(nu_sql_value(db, nu_fmt("SELECT %d + ?", i), 1), i + 1);
    }
    nu_database_close_all();
}

TEST(statement_left_by_a_raise_is_ended)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1), ('b', 2)");
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_rows(db, "SELECT regexp('(', name) FROM thing"));
    CHECK_CONTAINS(nu_test_error()->fact, "regular expression");
    CHECK_EQ(nu_sql(db, "DELETE FROM thing"), 2);
    nu_database_close_all();
}

TEST(a_child_process_opens_its_own_connections)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('parent', 1)");
    pid_t child = fork();
    if (child == 0) {
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('child', 1)");
        _exit(nu_int(nu_sql_value(db, "SELECT count(*) FROM thing")) == 2 ? 0 : 1);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 2);
    nu_database_close_all();
}
