/* Statements one at a time, outside of the loop: as commands run them. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/internal.h"
#include "helper.h"

TEST(rows_are_changed_counted_and_read)
{
    nu_database *db = open_things();
    CHECK_EQ(nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, ?), (?, ?)", "a", 1, "b", 2), 2);
    nu_list *rows = nu_sql_rows(db, "SELECT name, hits FROM thing ORDER BY id");
    CHECK_EQ(rows->count, 2);
    CHECK_EQ(nu_dict_get(rows->items[1].dict, "name"), "b");
    CHECK_EQ(nu_sql(db, "UPDATE thing SET hits = hits + ?", 5), 2);
    CHECK_EQ(nu_sql_value(db, "SELECT sum(hits) FROM thing"), 13);
    CHECK_EQ(nu_sql_value(db, "INSERT INTO thing (name, hits) VALUES ('c', 0) RETURNING id"), 3);
    CHECK_EQ(nu_sql(db, "DELETE FROM thing WHERE name = ?", "a"), 1);
    CHECK(nu_is_null(nu_sql_value(db, "SELECT name FROM thing WHERE hits = 99")));
    nu_database_close_all();
}

TEST(placeholders_are_numbered_outside_of_quotes)
{
    nu_database *db = open_server();
    CHECK_EQ(nu_sql_value(db, "SELECT '?' || ? || \"?\" FROM (SELECT ? AS \"?\") t", "a", "b"),
             "?ab");
    CHECK_EQ(nu_sql_value(db, "SELECT /* ? /* ? */ ? */ ? -- ?", 1), 1);
    CHECK_EQ(nu_sql_value(db, "SELECT E'\\'?' || 'it''s ?' || $$?$$ || $x$ $$? $x$ || ?", "!"),
             "'?it's ?? $$? !");
    CHECK_EQ(nu_sql_value(db, "SELECT '{\"a\": 1}'::jsonb ?? ?", "a"), true);
    CHECK_EQ(nu_sql_value(db, "SELECT '{\"a\": 1}'::jsonb ??| ?", nu_list_of("a", "b")), true);
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_value(db, "SELECT ?", 1, 2));
    CHECK_CONTAINS(nu_test_error()->fact, "1 placeholders, not as many as the 2 parameters");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql_value(db, "SELECT '?'", 1));
    nu_database_close_all();
}

TEST(failures_are_of_djangos_kinds)
{
    nu_database *db = open_things();
    nu_sql_script(db, "CREATE TABLE part (thing_id bigint REFERENCES thing (id))");
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
    const struct {
        const char    *sql;
        const nu_kind *kind;
        const char    *state, *constraint;
    } cases[] = {
        {"INSERT INTO thing (name, hits) VALUES ('a', 1)", NU_INTEGRITY_ERROR, "23505",
         "thing_name_key"},
        {"INSERT INTO thing (name, hits) VALUES ('b', -1)", NU_INTEGRITY_ERROR, "23514",
         "thing_hits_check"},
        {"INSERT INTO thing (name) VALUES ('b')", NU_INTEGRITY_ERROR, "23502", NULL},
        {"INSERT INTO part VALUES (77)", NU_INTEGRITY_ERROR, "23503", "part_thing_id_fkey"},
        {"INSERT INTO thing (name, hits) VALUES ('a name that is too long for it', 1)",
         NU_DATA_ERROR, "22001", NULL},
        {"SELECT 1 / 0", NU_DATA_ERROR, "22012", NULL},
        {"SELEC 1", NU_PROGRAMMING_ERROR, "42601", NULL},
        {"SELECT * FROM nowhere", NU_PROGRAMMING_ERROR, "42P01", NULL},
        {"SELECT nothing FROM thing", NU_PROGRAMMING_ERROR, "42703", NULL},
        {"SELECT 1; DELETE FROM thing", NU_PROGRAMMING_ERROR, "42601", NULL},
        {"SELECT pg_notify(repeat('x', 100), '')", NU_PROGRAMMING_ERROR, "22023", NULL},
        {"DO $$ BEGIN RAISE EXCEPTION 'custom' USING HINT = 'do that'; END $$",
         NU_PROGRAMMING_ERROR, "P0001", NULL},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        if (strcmp(cases[i].state, "22023") == 0)
            continue;
        CHECK_RAISES(cases[i].kind, nu_sql(db, cases[i].sql));
        const nu_database_failure *failure = nu_test_error()->data;
        CHECK_TEXT(failure->state, cases[i].state);
        CHECK_TEXT(failure->constraint, cases[i].constraint);
        CHECK_CONTAINS(failure->sql, cases[i].sql);
        CHECK(!failure->retry);
    }
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "SELECT * FROM nowhere"));
    CHECK_CONTAINS(nu_test_error()->hint, "migrate");
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, cases[0].sql));
    CHECK_CONTAINS(nu_test_error()->detail, "Key (name)=(a) already exists");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, cases[NU_COUNT(cases) - 1].sql));
    CHECK_TEXT(nu_test_error()->fact, "custom");
    CHECK_TEXT(nu_test_error()->hint, "do that");
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "  "));
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "COPY thing FROM STDIN"));
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 1);
    nu_database_close_all();
}

static void add_and_count(nu_database *db)
{
    nu_sql(db, "INSERT INTO changing VALUES (1)");
    nu_sql_rows(db, "SELECT * FROM changing");
}

TEST(statements_survive_changes_of_tables)
{
    nu_database *db = open_server();
    nu_sql_script(db, "CREATE TABLE changing (a int)");
    add_and_count(db);
    nu_sql_script(db, "ALTER TABLE changing ADD b text");
    add_and_count(db);
    CHECK_EQ(nu_dict_count(nu_sql_rows(db, "SELECT * FROM changing")->items[0].dict), 2);
    nu_sql(db, "INSERT INTO changing VALUES (?)", nu_null());
    nu_sql_script(db, "ALTER TABLE changing ALTER a TYPE text");
    nu_sql(db, "INSERT INTO changing VALUES (?)", nu_null());
    nu_sql(db, "INSERT INTO changing VALUES (?)", "words");
    CHECK_EQ(nu_sql_value(db, "SELECT a FROM changing WHERE a = ?", "words"), "words");
    nu_database_close_all();
}

TEST(prepared_statements_are_dropped_when_there_are_many)
{
    nu_database *db = open_server();
    for (int i = 0; i < 700; i++)
        CHECK_EQ(nu_sql_value(db, nu_fmt("SELECT %d + ?", i % 400), 1), i % 400 + 1);
    int64_t count = nu_int(nu_sql_value(db, "SELECT count(*) FROM pg_prepared_statements"));
    CHECK(count > 100 && count <= 257);
    NU_ATOMIC {
        for (int i = 0; i < 600; i++)
            CHECK_EQ(nu_sql_value(db, nu_fmt("SELECT %d - ?", i), 1), i - 1);
    }
    NU_ATOMIC {
        nu_sql_value(db, "SELECT 0");
        count = nu_int(nu_sql_value(db, "SELECT count(*) FROM pg_prepared_statements"));
        CHECK(count <= 258);
    }
    nu_database_close_all();
}

TEST(scripts_run_whole_or_not_at_all)
{
    nu_database *db = open_things();
    CHECK_RAISES(NU_DATA_ERROR,
                 nu_sql_script(db, "INSERT INTO thing (name, hits) VALUES ('a', 1); SELECT 1 / 0"));
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 0);
    CHECK_RAISES(NU_TRANSACTION_ERROR,
                 nu_sql_script(db, "BEGIN; INSERT INTO thing (name, hits) VALUES ('a', 1)"));
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 0);
    NU_ATOMIC {
        nu_sql_script(db, "INSERT INTO thing (name, hits) VALUES ('a', 1); SELECT 1; SELECT 2");
        CHECK_RAISES(NU_DATA_ERROR, nu_sql_script(db, "SELECT 1; SELECT 1 / 0"));
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('b', 1)");
    }
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 2);
    nu_database_close_all();
}

TEST(sessions_have_what_we_rely_on)
{
    nu_database *db = open_server_with((nu_database_options){
        .timeout_ms = 1234, .statement_timeout_ms = 4321, .application_name = "things"});
    CHECK_EQ(nu_sql_value(db, "SHOW timezone"), "UTC");
    CHECK_EQ(nu_sql_value(db, "SHOW client_encoding"), "UTF8");
    CHECK_EQ(nu_sql_value(db, "SHOW lock_timeout"), "1234ms");
    CHECK_EQ(nu_sql_value(db, "SHOW statement_timeout"), "4321ms");
    CHECK_EQ(nu_sql_value(db, "SHOW application_name"), "things");
    nu_database_close_all();
    db = open_server_with((nu_database_options){.read_only = true});
    CHECK_RAISES(NU_DATABASE_ERROR, nu_sql(db, "CREATE TABLE t (a int)"));
    CHECK_CONTAINS(nu_test_error()->fact, "read-only");
    nu_database_close_all();
    db = open_server_with((nu_database_options){.statement_timeout_ms = 20});
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT pg_sleep(5)"));
    CHECK_CONTAINS(nu_test_error()->fact, "statement timeout");
    nu_database_close_all();
}

static void fail_to_connect(const char *url, const char *detail, const char *hint)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = url});
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT 1"));
    CHECK_CONTAINS(nu_test_error()->detail, detail);
    CHECK_CONTAINS(nu_test_error()->hint, hint);
    nu_database_close_all();
}

TEST(a_server_that_cannot_be_reached_is_explained)
{
    nu_database *db = open_server();
    int          port = (int)nu_int(nu_sql_value(db, "SHOW port"));
    const char  *folder = nu_text(nu_sql_value(db, "SHOW unix_socket_directories"));
    nu_sql_script(db, "DROP ROLE IF EXISTS someone; CREATE ROLE someone LOGIN PASSWORD 'right'");
    fail_to_connect("postgres://nuages@/nuages?host=/nowhere", "No such file", "server running");
    fail_to_connect("postgres://nuages@127.0.0.1:1/nuages", "Connection refused", "server running");
    fail_to_connect(nu_fmt("postgres://nuages@/absent?host=%s&port=%d", folder, port),
                    "\"absent\" does not exist", "createdb");
    fail_to_connect(nu_fmt("postgres://nobody@/nuages?host=%s&port=%d", folder, port),
                    "role \"nobody\" does not exist", "createuser");
    fail_to_connect(nu_fmt("postgres://someone:wrong@127.0.0.1:%d/nuages", port),
                    "password authentication failed", "Correct user and password");
    fail_to_connect(nu_fmt("postgres://someone@127.0.0.1:%d/nuages", port), "no password supplied",
                    "PGPASSWORD");
    fail_to_connect(nu_fmt("postgres://someone:right@127.0.0.1:%d/nuages?sslmode=require", port),
                    "SSL", "sslmode");
    db = nu_database_add(
        NULL, &(nu_database_options){.url = nu_fmt("postgresql://someone:right@127.0.0.1:%d/nuages"
                                                   "?application_name=mine",
                                                   port)});
    CHECK_EQ(nu_sql_value(db, "SHOW application_name"), "mine");
    CHECK_TEXT(nu_database_url(db),
               nu_fmt("postgresql://someone:***@127.0.0.1:%d/nuages?application_name=mine", port));
    nu_database_close_all();
}

TEST(addresses_are_checked_when_they_are_set)
{
    static const struct {
        const char *url, *detail;
    } cases[] = {
        {"postgres:site", "Two slashes"},
        {"postgres://host/db?colour=blue", "colour"},
        {"postgres://[::1/db", "matching \"]\""},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_RAISES(NU_CONFIG_ERROR,
                     nu_database_add(NULL, &(nu_database_options){.url = cases[i].url}));
        CHECK_CONTAINS(nu_test_error()->detail, cases[i].detail);
    }
}

TEST(a_forked_child_uses_connections_of_its_own)
{
    nu_database *db = open_things();
    int64_t      backend = nu_int(nu_sql_value(db, "SELECT pg_backend_pid()"));
    pid_t        child = fork();
    if (child == 0) {
        bool other = nu_int(nu_sql_value(db, "SELECT pg_backend_pid()")) != backend;
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('child', 1)");
        nu_database_close_all();
        _exit(other ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    CHECK_EQ(nu_sql_value(db, "SELECT pg_backend_pid()"), backend);
    CHECK_EQ(nu_sql_value(db, "SELECT name FROM thing"), "child");
    nu_database_close_all();
}

TEST(what_is_there_can_be_looked_at)
{
    nu_database         *db = open_things();
    const nu_db_backend *backend = nu_database_backend(db);
    nu_sql_script(db, "CREATE TABLE \"Pairs\" (a int, b int DEFAULT 5, UNIQUE (b, a));"
                      "CREATE UNIQUE INDEX pairs_a ON \"Pairs\" (a) WHERE a > 0;"
                      "CREATE VIEW seen AS SELECT 1");
    nu_list *tables = backend->tables(db);
    CHECK_EQ(nu_value_list(tables), NU_V(nu_list_of("Pairs", "thing")));
    const nu_db_column_info *columns = backend->columns(db, "thing");
    CHECK_TEXT(columns[0].name, "id");
    CHECK_TEXT(columns[0].type, "bigint");
    CHECK(columns[0].primary_key && !columns[0].null);
    CHECK_TEXT(columns[1].type, "character varying(20)");
    CHECK(!columns[1].primary_key);
    CHECK(columns[3].name == NULL);
    columns = backend->columns(db, "Pairs");
    CHECK_TEXT(columns[1].default_sql, "5");
    CHECK(columns[0].null && columns[0].default_sql == NULL);
    CHECK(backend->columns(db, "pairs") == NULL);
    CHECK_TEXT(backend->unique_index(db, "Pairs", (const char *[]){"b", "a", NULL}),
               "Pairs_b_a_key");
    CHECK(backend->unique_index(db, "Pairs", (const char *[]){"a", NULL}) == NULL);
    CHECK(backend->unique_index(db, "thing", (const char *[]){"id", NULL}) == NULL);
    nu_database_close_all();
}
