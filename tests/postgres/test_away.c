/* Servers that go away, have no room, or take too long. */
#include <string.h>
#include <sys/socket.h>

#include "db/postgres/internal.h"
#include "helper.h"

static nu_database *db;

/* ---- a connection that ends without a word ----------------------------------------------------- */

static void sleep_there(void *arg)
{
    (void)arg;
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT pg_sleep(1)"));
}

static void cut(nu_db_connection *connection)
{
    shutdown(nu__pq.socket(((pg_connection *)connection)->handle), SHUT_RDWR);
}

static void cut_while_waiting(void *arg)
{
    (void)arg;
    nu_sql_value(db, "SELECT 1");
    nu_fiber *fiber = nu_spawn(sleep_there, NULL);
    nu_sleep_ms(20);
    cut(db->lanes[0]);
    nu_join(fiber);
    CHECK_EQ(nu_sql_value(db, "SELECT 1"), 1);
}

TEST(a_statement_whose_connection_is_cut_fails)
{
    db = open_server();
    nu__loop_call(NULL, cut_while_waiting, NULL);
    nu_sql_value(db, "SELECT 1");
    cut(db->lanes[0]);
    CHECK_EQ(nu_sql_value(db, "SELECT 1"), 1);
    nu_database_close_all();
}

/* ---- a server that is not there ---------------------------------------------------------------- */

static void ask_often(void *arg)
{
    (void)arg;
    int64_t began = nu_monotonic_us();
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT 1"));
    CHECK(strstr(nu_test_error()->detail, "asked again") == NULL);
    for (int i = 0; i < 100; i++) {
        CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT 1"));
        CHECK_RAISES(
            NU_OPERATIONAL_ERROR, NU_ATOMIC { nu_sql_value(db, "SELECT 1"); });
    }
    CHECK(db->away.tries < 10);
    CHECK(nu_monotonic_us() - began < NU_SECOND);
    nu_sleep_ms(2 * 600);
    int tries = db->away.tries;
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT 1"));
    CHECK_EQ(db->away.tries, tries + 1);
}

TEST(a_server_that_is_away_is_asked_now_and_then)
{
    db = nu_database_add(NULL,
                         &(nu_database_options){.url = "postgres://nuages@/nuages?host=/nowhere"});
    nu__loop_call(NULL, ask_often, NULL);
    nu_database_close_all();
}

/* ---- a server without room --------------------------------------------------------------------- */

static void occupy(void *arg)
{
    (void)arg;
    nu_database *other = nu_database_get("other");
    NU_ATOMIC_ON("other")
    {
        nu_sql_value(other, "SELECT 1");
        nu_sleep_ms(300);
    }
    nu_database_add("other", &(nu_database_options){.url = "sqlite::memory:"});
}

static const char *url_of(const char *user)
{
    int         port = (int)nu_int(nu_sql_value(db, "SHOW port"));
    const char *folder = nu_text(nu_sql_value(db, "SHOW unix_socket_directories"));
    return nu_fmt("postgres://%s@/nuages?host=%s&port=%d", user, folder, port);
}

static void wait_for_room(void *arg)
{
    (void)arg;
    nu_sql_script(db, "DROP ROLE IF EXISTS lonely; CREATE ROLE lonely LOGIN CONNECTION LIMIT 1");
    const char *url = url_of("lonely");
    nu_database_add("other", &(nu_database_options){.url = url});
    nu_fiber *fiber = nu_spawn(occupy, NULL);
    nu_sleep_ms(100);
    int64_t      began = nu_monotonic_us();
    nu_database *third = nu_database_add("third", &(nu_database_options){.url = url});
    CHECK_EQ(nu_sql_value(third, "SELECT 1"), 1);
    CHECK(nu_monotonic_us() - began > 100000);
    nu_join(fiber);
    nu_database *fourth =
        nu_database_add("fourth", &(nu_database_options){.url = url, .timeout_ms = 200});
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(fourth, "SELECT 1"));
    CHECK_CONTAINS(nu_test_error()->detail, "too many connections");
    CHECK_CONTAINS(nu_test_error()->hint, "max_open");
}

TEST(a_server_that_has_no_room_is_waited_for)
{
    db = open_server();
    nu__loop_call(NULL, wait_for_room, NULL);
    nu_database_close_all();
}

/* ---- a statement that takes too long ----------------------------------------------------------- */

static void take_too_long(void *arg)
{
    (void)arg;
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT pg_sleep(10)"));
    CHECK_CONTAINS(nu_test_error()->fact, "statement timeout");
    CHECK_TEXT(((const nu_database_failure *)nu_test_error()->data)->state, "57014");
    CHECK_EQ(nu_sql_value(db, "SELECT 1"), 1);
}

TEST(a_statement_may_run_for_so_long)
{
    open_server();
    db = nu_database_add(NULL,
                         &(nu_database_options){.url = server_url(), .statement_timeout_ms = 50});
    take_too_long(NULL);
    nu__loop_call(NULL, take_too_long, NULL);
    nu_database_close_all();
}
