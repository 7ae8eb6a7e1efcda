/* More than one process: deployers that start at once, and one that is killed in the middle. On SQLite, and
 * on PostgreSQL where there is one. */
#include "helper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const nu_field pen_fields[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("name", char, .max_length = 20, .unique = true),
    {0},
};
static const nu_operation create[] = {NU_CREATE_MODEL("Pen", pen_fields), {0}};

/* The child says that it has come so far, and waits to be killed. */
static int reached[2];

static void wait_for_the_end(nu_database *db, const nu_past *past)
{
    (void)db, (void)past;
    if (reached[1] == 0)
        return;
    if (write(reached[1], "x", 1) == 1)
        for (;;)
            pause();
}

static const nu_operation change[] = {
    NU_ADD_FIELD("Pen", "colour", char, .max_length = 10, .default_value = NU_CONST_TEXT("red")),
    NU_ALTER_FIELD("Pen", "name", text),
    NU_RUN_SQL("UPDATE shop_pen SET name = 'lost'", ""),
    NU_RUN_C(wait_for_the_end, nu_run_nothing),
    NU_RENAME_MODEL("Pen", "Pencil"),
    {0},
};
#define FIRST  MIGRATION("shop", "0001", create)
#define SECOND MIGRATION("shop", "0002", change, {"shop", "0001"})

static nu_database *opened(const char *url)
{
    return nu_database_add(NULL, &(nu_database_options){.url = url, .timeout_ms = 20000});
}

/* As `migrate` does it: nobody else at the same time. */
static int migrate_in_child(const char *url)
{
    NU_TRY {
        nu_database             *db = opened(url);
        struct nu_db_connection *lock = nu__schema_lock(db, NULL);
        migrate(db, GRAPH(FIRST, SECOND), NULL, NULL);
        nu__schema_unlock(db, lock);
        nu_database_close_all();
    }
    NU_CATCH (error) {
        fprintf(stderr, "%s\n", nu_error_text(error, false));
        return 1;
    }
    return 0;
}

static pid_t start(const char *url)
{
    pid_t child = fork();
    if (child == 0)
        _exit(migrate_in_child(url));
    return child;
}

static int ended(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

/* An URL of an empty database; NULL: there is none of this kind. */
static const char *empty_url(int kind)
{
    const char  *path;
    nu_database *db = kind == 0 ? database_in_file(&path) : database_on_postgres();
    if (db == NULL)
        return NULL;
    const char *url = kind == 0 ? nu_fmt("sqlite:%s", path) : getenv("NUAGES_TEST_POSTGRES");
    nu_database_close_all();
    return url;
}

#define EACH_URL(url)                                                                              \
    for (int kind_ = 0; kind_ < 2; kind_++)                                                        \
        for (const char *url = empty_url(kind_); url != NULL; url = NULL)

TEST(a_process_that_is_killed_leaves_no_half_of_a_migration)
{
    EACH_URL(url)
    {
        nu_database *db = opened(url);
        migrate(db, GRAPH(FIRST), NULL, NULL);
        nu_sql(db, "INSERT INTO shop_pen (name) VALUES ('a')");
        nu_database_close_all();
        CHECK_EQ(pipe(reached), 0);
        pid_t child = start(url);
        char  sign;
        CHECK_EQ(read(reached[0], &sign, 1), 1);
        kill(child, SIGKILL);
        CHECK(WIFSIGNALED(ended(child)));
        db = opened(url);
        CHECK_TEXT(values_of(db, "SELECT name FROM shop_pen"), "a");
        CHECK_TEXT(values_of(db, "SELECT name FROM django_migrations"), "0001");
        const nu_db_column_info *columns = nu_database_backend(db)->columns(db, "shop_pen");
        CHECK(columns[2].name == NULL);
        nu_database_close_all();
        close(reached[0]), close(reached[1]);
        reached[1] = 0;
        CHECK_EQ(ended(start(url)), 0); /* whoever comes next is not kept out */
        db = opened(url);
        CHECK_TEXT(values_of(db, "SELECT name || colour FROM shop_pencil"), "lostred");
        nu_database_close_all();
    }
}

TEST(deployers_that_start_at_once_do_it_once)
{
    enum { PROCESSES = 5, ROUNDS = 3 };
    for (int round = 0; round < ROUNDS; round++)
        EACH_URL(url)
        {
            pid_t children[PROCESSES];
            for (int i = 0; i < PROCESSES; i++)
                children[i] = start(url);
            for (int i = 0; i < PROCESSES; i++)
                CHECK_EQ(ended(children[i]), 0);
            nu_database *db = opened(url);
            CHECK_TEXT(values_of(db, "SELECT name FROM django_migrations ORDER BY id"),
                       "0001 0002");
            nu_database_close_all();
        }
}

/* ---- locks ----------------------------------------------------------------------------------- */

static const nu_operation add_note[] = {NU_ADD_FIELD("Pen", "note", text, .null = true), {0}};

TEST(a_migration_gives_up_where_others_hold_the_table)
{
    nu_database *db = database_on_postgres();
    if (db == NULL)
        return;
    migrate(db, GRAPH(FIRST), NULL, NULL);
    nu_database *other =
        nu_database_add("other", &(nu_database_options){.url = getenv("NUAGES_TEST_POSTGRES")});
    nu__graph *graph = GRAPH(FIRST, MIGRATION("shop", "0002", add_note, {"shop", "0001"}));
    bool      *applied = nu__recorder_applied(db, graph);
    size_t     count;
    nu__step  *steps = nu__plan(graph, applied, NULL, NULL, &count);
    NU_ATOMIC_ON("other")
    {
        nu_sql_rows(other, "SELECT 1 FROM shop_pen");
        CHECK_RAISES(NU_COMMAND_ERROR, nu__execute(db, graph, applied, steps, count,
                                                   &(nu__run_options){.lock_timeout_ms = 50}));
        CHECK_CONTAINS(nu_test_error()->fact, "lock timeout");
        CHECK_CONTAINS(nu_test_error()->detail, "\"Add field note to Pen\"");
    }
    nu__execute(db, graph, applied, steps, count, &(nu__run_options){.lock_timeout_ms = 50});
    CHECK_TEXT(values_of(db, "SELECT count(*) FROM django_migrations"), "2");
}

static const nu_operation slow_sql[] = {
    NU_RUN_SQL("ALTER TABLE shop_pen ADD COLUMN note text", ""), {0}};

TEST(a_migration_without_a_transaction_gives_up_as_well)
{
    nu_database *db = database_on_postgres();
    if (db == NULL)
        return;
    migrate(db, GRAPH(FIRST), NULL, NULL);
    nu_database *other =
        nu_database_add("other", &(nu_database_options){.url = getenv("NUAGES_TEST_POSTGRES")});
    nu_migration *second = nu_alloc(sizeof *second);
    *second = *MIGRATION("shop", "0002", slow_sql, {"shop", "0001"});
    second->not_atomic = true;
    nu__graph  *graph = GRAPH(FIRST, second);
    bool       *applied = nu__recorder_applied(db, graph);
    size_t      count;
    nu__step   *steps = nu__plan(graph, applied, NULL, NULL, &count);
    const char *before = nu_text(nu_sql_value(db, "SHOW lock_timeout"));
    NU_ATOMIC_ON("other")
    {
        nu_sql_rows(other, "SELECT 1 FROM shop_pen");
        CHECK_RAISES(NU_COMMAND_ERROR, nu__execute(db, graph, applied, steps, count,
                                                   &(nu__run_options){.lock_timeout_ms = 50}));
        CHECK_CONTAINS(nu_test_error()->fact, "lock timeout");
    }
    CHECK_TEXT(nu_text(nu_sql_value(db, "SHOW lock_timeout")), before);
}

/* ---- what is told of statements --------------------------------------------------------------- */

static const char *const statements[] = {
    "ALTER TABLE \"pens\" ADD COLUMN \"a\" integer NULL",
    "ALTER TABLE \"pens\" ADD COLUMN \"a\" varchar(5) DEFAULT 'x' NOT NULL",
    "ALTER TABLE \"pens\" ADD COLUMN \"a\" integer NULL UNIQUE",
    "ALTER TABLE \"pens\" ADD COLUMN \"a\" integer GENERATED ALWAYS AS (\"price\" * 2) STORED",
    "ALTER TABLE \"pens\" ADD COLUMN \"a\" integer NULL CONSTRAINT \"f\" REFERENCES "
    "\"others\"(\"id\")"
    " DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS \"f\" IMMEDIATE",
    "ALTER TABLE \"pens\" ALTER COLUMN \"price\" TYPE bigint",
    "ALTER TABLE \"pens\" ALTER COLUMN \"name\" SET NOT NULL",
    "ALTER TABLE \"pens\" ALTER COLUMN \"name\" DROP NOT NULL",
    "ALTER TABLE \"pens\" ALTER COLUMN \"name\" SET DEFAULT ('x')",
    "ALTER TABLE \"pens\" ADD CONSTRAINT \"c\" CHECK (\"price\" > 0)",
    "ALTER TABLE \"pens\" ADD CONSTRAINT \"c\" CHECK (\"price\" > 0) NOT VALID",
    "ALTER TABLE \"pens\" VALIDATE CONSTRAINT \"later\"",
    "ALTER TABLE \"pens\" DROP CONSTRAINT \"later\"",
    "ALTER TABLE \"pens\" ADD CONSTRAINT \"u\" UNIQUE (\"name\")",
    "ALTER TABLE \"pens\" ADD CONSTRAINT \"f\" FOREIGN KEY (\"other_id\") REFERENCES \"others\" "
    "(\"id\")"
    " DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE \"pens\" DROP COLUMN \"name\" CASCADE",
    "ALTER TABLE \"pens\" RENAME COLUMN \"name\" TO \"title\"",
    "ALTER TABLE \"pens\" RENAME TO \"pencils\"",
    "CREATE INDEX \"i\" ON \"pens\" (\"name\")",
    "CREATE UNIQUE INDEX \"i\" ON \"pens\" (\"name\")",
    "DROP INDEX IF EXISTS \"by_price\"",
    "COMMENT ON TABLE \"pens\" IS 'x'",
    "UPDATE \"pens\" SET \"price\" = 1 WHERE \"price\" IS NULL",
};

/* The mode of the lock that the server takes, and whether the table gets another file. */
static void check_lock(nu_database *db, const char *oid, const char *sql)
{
    nu__lock lock;
    if (!nu__statement_lock(sql, nu_dict_new(), &lock))
        FAIL("nothing is known of: %s", sql);
    const char *file = nu_fmt("SELECT pg_relation_filenode(%s)::text", oid);
    const char *held =
        nu_fmt("SELECT mode FROM pg_locks WHERE relation = %s AND pid = pg_backend_pid()", oid);
    const char *before = values_of(db, file);
    NU_ATOMIC {
        nu_sql_script(db, sql);
        if (*values_of(db, nu_fmt("%s AND upper(mode) = replace('%sLOCK', ' ', '')", held,
                                  lock.mode)) == '\0')
            FAIL("%s does not take %s, but %s", sql, lock.mode, values_of(db, held));
        if (strcmp(lock.mode, "ACCESS EXCLUSIVE") != 0 &&
            strstr(values_of(db, held), "AccessExclusive") != NULL)
            FAIL("%s takes more than %s: %s", sql, lock.mode, values_of(db, held));
        bool rewritten = strcmp(values_of(db, file), before) != 0;
        if (rewritten != (lock.work == NU_WORK_REWRITES))
            FAIL("%s %s the table", sql, rewritten ? "rewrites" : "does not rewrite");
        nu_set_rollback(db);
    }
}

TEST(what_is_told_of_locks_is_what_the_server_does)
{
    nu_database *db = database_on_postgres();
    if (db == NULL)
        return;
    nu_sql_script(db, "CREATE TABLE others (id integer PRIMARY KEY);"
                      "CREATE TABLE pens (id integer PRIMARY KEY, name varchar(9), price integer,"
                      " other_id integer); INSERT INTO pens VALUES (1, 'a', 1, NULL);"
                      "ALTER TABLE pens ADD CONSTRAINT later CHECK (price < 9) NOT VALID;"
                      "CREATE INDEX by_price ON pens (price)");
    const char *oid = values_of(db, "SELECT 'pens'::regclass::oid::bigint");
    for (size_t i = 0; i < NU_COUNT(statements); i++)
        check_lock(db, oid, statements[i]);
    nu__lock lock;
    nu_dict *made = nu_dict_new();
    CHECK(!nu__statement_lock("CREATE TABLE \"new\" (\"id\" integer)", made, &lock));
    CHECK(!nu__statement_lock("CREATE INDEX \"i\" ON \"new\" (\"id\")", made, &lock));
    CHECK(nu__statement_lock("CREATE INDEX CONCURRENTLY \"i\" ON \"pens\" (\"id\")", made, &lock));
    CHECK_TEXT(lock.mode, "SHARE UPDATE EXCLUSIVE");
}
