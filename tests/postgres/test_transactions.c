/* NU_ATOMIC on PostgreSQL. */
#include "helper.h"

static nu_database *db;

static int64_t count(void)
{
    return nu_int(nu_sql_value(db, "SELECT count(*) FROM thing"));
}

static void add(const char *name)
{
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, 0)", name);
}

TEST(blocks_commit_and_roll_back)
{
    db = open_things();
    NU_ATOMIC {
        add("a");
        CHECK_EQ(nu_sql_value(nu_database_add("seen", &(nu_database_options){.url = server_url()}),
                              "SELECT count(*) FROM thing"),
                 0);
    }
    CHECK_EQ(count(), 1);
    CHECK_RAISES(
        NU_VALUE_ERROR, NU_ATOMIC {
            add("b");
            nu_raise(NU_VALUE_ERROR, "no");
        });
    CHECK_EQ(count(), 1);
    NU_ATOMIC {
        add("c");
        nu_set_rollback(db);
    }
    CHECK_EQ(count(), 1);
    NU_ATOMIC {
    }
    nu_database_close_all();
}

TEST(inner_blocks_are_savepoints)
{
    db = open_things();
    NU_ATOMIC {
        add("a");
        CHECK_RAISES(
            NU_VALUE_ERROR, NU_ATOMIC {
                add("b");
                nu_raise(NU_VALUE_ERROR, "no");
            });
        NU_ATOMIC {
            add("c");
            NU_ATOMIC {
                add("d");
            }
            CHECK_RAISES(
                NU_INTEGRITY_ERROR, NU_ATOMIC { add("a"); });
        }
        NU_ATOMIC {
        }
        CHECK_RAISES(
            NU_VALUE_ERROR, NU_ATOMIC { nu_raise(NU_VALUE_ERROR, "at once"); });
        CHECK_EQ(count(), 3);
    }
    CHECK_EQ(count(), 3);
    CHECK_RAISES(
        NU_VALUE_ERROR, NU_ATOMIC {
            NU_ATOMIC {
                add("e");
            }
            nu_raise(NU_VALUE_ERROR, "outside");
        });
    CHECK_EQ(count(), 3);
    nu_database_close_all();
}

TEST(a_first_statement_that_fails_in_an_inner_block_undoes_that_alone)
{
    db = open_things();
    NU_ATOMIC {
        CHECK_RAISES(
            NU_PROGRAMMING_ERROR, NU_ATOMIC { nu_sql(db, "SELECT * FROM nowhere"); });
        add("a");
        CHECK_RAISES(
            NU_PROGRAMMING_ERROR, NU_ATOMIC { nu_sql(db, "SELECT * FROM nowhere"); });
        add("b");
    }
    CHECK_EQ(count(), 2);
    nu_database_close_all();
}

TEST(a_block_with_a_failed_statement_cannot_commit)
{
    db = open_things();
    CHECK_RAISES(
        NU_TRANSACTION_ERROR, NU_ATOMIC {
            add("a");
            CHECK_RAISES(NU_DATA_ERROR, nu_sql_value(db, "SELECT 1 / (? - 1)", 1));
            CHECK_RAISES(NU_TRANSACTION_ERROR, add("b"));
            CHECK_CONTAINS(nu_test_error()->hint, "NU_ATOMIC block of its own");
        });
    CHECK_EQ(count(), 0);
    add("c");
    CHECK_EQ(count(), 1);
    nu_database_close_all();
}

TEST(deferred_constraints_fail_at_commit)
{
    db = open_things();
    nu_sql_script(db, "CREATE TABLE part (thing_id bigint REFERENCES thing (id)"
                      " DEFERRABLE INITIALLY DEFERRED)");
    CHECK_RAISES(
        NU_INTEGRITY_ERROR, NU_ATOMIC { nu_sql(db, "INSERT INTO part VALUES (77)"); });
    CHECK_CONTAINS(nu_test_error()->fact, "foreign key");
    CHECK(!nu_in_atomic(db));
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_sql(db, "INSERT INTO part VALUES (77)"));
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM part"), 0);
    nu_database_close_all();
}

TEST(many_savepoints_before_the_first_statement)
{
    db = open_things();
    NU_ATOMIC {
        NU_ATOMIC {
            NU_ATOMIC {
                NU_ATOMIC {
                    NU_ATOMIC {
                        NU_ATOMIC {
                            NU_ATOMIC {
                                NU_ATOMIC {
                                    NU_ATOMIC {
                                        NU_ATOMIC {
                                            add("deep");
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    CHECK_EQ(count(), 1);
    nu_database_close_all();
}

TEST(an_isolated_database_keeps_nothing)
{
    db = open_things();
    add("before");
    nu_database_isolate(db);
    add("a");
    NU_ATOMIC {
        add("b");
        CHECK_RAISES(
            NU_INTEGRITY_ERROR, NU_ATOMIC { add("a"); });
    }
    /* What fails outside of blocks harms nothing, as it would without the isolation. */
    CHECK_RAISES(NU_INTEGRITY_ERROR, add("a"));
    CHECK_RAISES(NU_PROGRAMMING_ERROR, nu_sql(db, "SELECT * FROM nowhere"));
    CHECK_RAISES(NU_DATA_ERROR, nu_sql_script(db, "SELECT 1; SELECT 1 / 0"));
    CHECK_EQ(nu_sql_value(db, "SELECT concat(?, 1)", "x"), "x1");
    CHECK_RAISES(
        NU_VALUE_ERROR, NU_ATOMIC {
            add("c");
            nu_raise(NU_VALUE_ERROR, "no");
        });
    CHECK_EQ(count(), 3);
    nu_database_isolate_end(db);
    CHECK_EQ(count(), 1);
    nu_database_isolate(db);
    nu_database_isolate_end(db);
    nu_database_isolate(db);
    add("again");
    nu_database_isolate_end(db);
    CHECK_EQ(count(), 1);
    nu_database_close_all();
}

static void terminate(int64_t backend)
{
    nu_sql_value(nu_database_get("other"), "SELECT pg_terminate_backend(?)", backend);
    while (nu_truth(nu_sql_value(nu_database_get("other"),
                                 "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = ?)",
                                 backend)))
        nu_sleep_ms(1);
}

static int64_t backend_id(void)
{
    return nu_int(nu_sql_value(db, "SELECT pg_backend_pid()"));
}

static void lose_connections(void *arg)
{
    (void)arg;
    add("a");
    terminate(backend_id());
    add("b"); /* opens a new connection by itself */
    CHECK_RAISES(
        NU_OPERATIONAL_ERROR, NU_ATOMIC {
            add("c");
            terminate(backend_id());
            add("d");
        });
    const nu_database_failure *failure = nu_test_error()->data;
    CHECK(failure->state != NULL);
    CHECK(!nu_in_atomic(db));
    CHECK_EQ(count(), 2);
    /* An inner block cannot save it. */
    CHECK_RAISES(
        NU_OPERATIONAL_ERROR, NU_ATOMIC {
            add("c");
            terminate(backend_id());
            CHECK_RAISES(
                NU_OPERATIONAL_ERROR, NU_ATOMIC { add("d"); });
            add("e");
        });
    CHECK_EQ(count(), 2);
    CHECK_RAISES(
        NU_OPERATIONAL_ERROR, NU_ATOMIC {
            add("c");
            terminate(backend_id());
        });
    CHECK_EQ(count(), 2);
    /* One that lies idle is replaced before the block begins. */
    volatile int64_t backend = 0;
    NU_ATOMIC {
        backend = backend_id();
    }
    terminate(backend);
    NU_ATOMIC {
        NU_ATOMIC {
            add("f");
        }
        CHECK_NE(backend_id(), backend);
    }
    CHECK_EQ(count(), 3);
    /* A query that finds its connection lost is asked again. */
    terminate(backend_id());
    CHECK_EQ(count(), 3);
}

TEST(a_lost_connection_fails_the_open_block_and_no_more)
{
    db = open_things();
    open_other();
    lose_connections(NULL);
    nu_database_close_all();
}

TEST(a_lost_connection_fails_the_open_block_and_no_more_in_a_loop)
{
    db = open_things();
    open_other();
    nu__loop_call(NULL, lose_connections, NULL);
    nu_database_close_all();
}

TEST(a_snapshot_reads_one_state)
{
    db = open_things();
    nu_database *other = open_other();
    add("a");
    NU_SNAPSHOT_ON(NULL)
    {
        CHECK_EQ(count(), 1);
        nu_sql(other, "INSERT INTO thing (name, hits) VALUES ('b', 0)");
        CHECK_EQ(count(), 1);
    }
    CHECK_RAISES(
        NU_DATABASE_ERROR, NU_SNAPSHOT_ON(NULL) { add("c"); });
    CHECK_EQ(count(), 2);
    nu_database_close_all();
}
