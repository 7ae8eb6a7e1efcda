#include "helper.h"

#include "nuages/backend/database.h"

static int64_t count(nu_database *db)
{
    return nu_int(nu_sql_value(db, "SELECT count(*) FROM thing"));
}

static void insert(nu_database *db, const char *name)
{
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, 0)", name);
}

TEST(block_commits_at_its_end)
{
    const char  *path;
    nu_database *db = open_things(&path);
    CHECK(!nu_in_atomic(db));
    NU_ATOMIC {
        CHECK(nu_in_atomic(db));
        insert(db, "a");
    }
    CHECK(!nu_in_atomic(db));
    CHECK_EQ(count(db), 1);
    nu_database_close_all();
}

static int return_out_of_block(nu_database *db)
{
    NU_ATOMIC {
        insert(db, "a");
        return 7;
    }
    return 0;
}

TEST(block_commits_on_return)
{
    const char  *path;
    nu_database *db = open_things(&path);
    CHECK_EQ(return_out_of_block(db), 7);
    CHECK(!nu_in_atomic(db));
    CHECK_EQ(count(db), 1);
    nu_database_close_all();
}

static void fail_in_block(nu_database *db)
{
    NU_ATOMIC {
        insert(db, "a");
        insert(db, "a");
    }
}

TEST(raise_rolls_back)
{
    const char  *path;
    nu_database *db = open_things(&path);
    CHECK_RAISES(NU_INTEGRITY_ERROR, fail_in_block(db));
    CHECK(!nu_in_atomic(db));
    CHECK_EQ(count(db), 0);
    insert(db, "b");
    CHECK_EQ(count(db), 1);
    nu_database_close_all();
}

TEST(inner_block_is_a_savepoint)
{
    const char  *path;
    nu_database *db = open_things(&path);
    NU_ATOMIC {
        insert(db, "outer");
        NU_TRY {
            fail_in_block(db);
        }
        NU_CATCH (error) {
            CHECK(nu_error_is(error, NU_INTEGRITY_ERROR));
        }
        NU_ATOMIC {
            insert(db, "inner");
        }
    }
    CHECK_EQ(count(db), 2);
    nu_database_close_all();
}

TEST(break_leaves_only_the_block_and_commits)
{
    const char  *path;
    nu_database *db = open_things(&path);
    int          rounds = 0;
    for (int i = 0; i < 3; i++) {
        NU_ATOMIC {
            insert(db, nu_fmt("t%d", i));
            break;
        }
        rounds++;
    }
    CHECK_EQ(rounds, 3);
    CHECK_EQ(count(db), 3);
    nu_database_close_all();
}

TEST(rollback_can_be_asked_for)
{
    const char  *path;
    nu_database *db = open_things(&path);
    NU_ATOMIC {
        insert(db, "a");
        nu_set_rollback(db);
    }
    CHECK_EQ(count(db), 0);
    CHECK_RAISES(NU_TRANSACTION_ERROR, nu_set_rollback(db));
    nu_database_close_all();
}

static nu_builder story;

static void tell(void *arg)
{
    nu_builder_puts(&story, arg);
}

TEST(hooks_run_after_the_outermost_commit)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_builder_init(&story, NULL, 64);
    NU_ATOMIC {
        nu_on_commit(db, tell, (char *)"1");
        NU_ATOMIC {
            nu_on_commit(db, tell, (char *)"2");
        }
        NU_TRY {
            NU_ATOMIC {
                nu_on_commit(db, tell, (char *)"lost");
                nu_raise(NU_ERROR, "no");
            }
        }
        NU_CATCH (error) {
            CHECK_TEXT(error->fact, "no");
        }
        nu_on_commit(db, tell, (char *)"3");
        CHECK_TEXT(nu_builder_text(&story), "");
    }
    CHECK_TEXT(nu_builder_text(&story), "123");
    nu_on_commit(db, tell, (char *)"4");
    CHECK_TEXT(nu_builder_text(&story), "1234");
    nu_database_close_all();
}

TEST(deferred_constraint_fails_at_commit)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_sql_script(db, "CREATE TABLE part (id integer PRIMARY KEY, thing_id integer NOT NULL "
                      "REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)");
    NU_TRY {
        NU_ATOMIC {
            nu_sql(db, "INSERT INTO part (thing_id) VALUES (99)");
        }
        FAIL("the commit went through");
    }
    NU_CATCH (error) {
        CHECK(nu_error_is(error, NU_INTEGRITY_ERROR));
    }
    CHECK(!nu_in_atomic(db));
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM part"), 0);
    insert(db, "after");
    nu_database_close_all();
}

TEST(isolation_leaves_no_trace)
{
    const char  *path;
    nu_database *db = open_things(&path);
    insert(db, "before");
    nu_database_isolate(db);
    insert(db, "a");
    NU_ATOMIC {
        insert(db, "b");
    }
    CHECK_RAISES(NU_INTEGRITY_ERROR, fail_in_block(db));
    CHECK_EQ(count(db), 3);
    nu_database_isolate_end(db);
    CHECK_EQ(count(db), 1);
    nu_database_close_all();
}

TEST(memory_database_has_transactions)
{
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_sql_script(db, "CREATE TABLE thing (name text UNIQUE, hits integer)");
    CHECK_RAISES(NU_INTEGRITY_ERROR, fail_in_block(db));
    CHECK_EQ(count(db), 0);
    NU_ATOMIC {
        insert(db, "a");
    }
    CHECK_EQ(count(db), 1);
    nu_database_close_all();
}

TEST(a_snapshot_reads_one_state)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_database *other =
        nu_database_add("other", &(nu_database_options){.url = nu_fmt("sqlite:%s", path)});
    insert(db, "a");
    NU_SNAPSHOT_ON(NULL)
    {
        CHECK_EQ(count(db), 1);
        insert(other, "b");
        CHECK_EQ(count(other), 2);
        CHECK_EQ(count(db), 1);
    }
    CHECK_EQ(count(db), 2);
    NU_ATOMIC {
        insert(db, "c");
        NU_SNAPSHOT_ON(NULL)
        CHECK_EQ(count(db), 3);
    }
    nu_database_close_all();
}

TEST(names_are_quoted_whatever_they_are)
{
    const char *path, *names[][2] = {
                          {"plain", "\"plain\""},
                          {"a\"b", "\"a\"\"b\""},
                          {"\"x\"; DROP TABLE thing; --\"",
                           "\"\"\"x\"\"; DROP TABLE thing; --\"\"\""},
                      };
    nu_database *db = open_things(&path);
    for (size_t i = 0; i < NU_COUNT(names); i++) {
        nu_builder sql;
        nu_builder_init(&sql, NULL, 32);
        nu_database_backend(db)->quote(&sql, names[i][0]);
        CHECK_TEXT(nu_builder_text(&sql), names[i][1]);
    }
    nu_database_close_all();
}
