/* Notifications. */
#include <string.h>
#include <sys/socket.h>

#include "db/postgres/internal.h"
#include "helper.h"

static nu_database *db;

static void send_later(void *arg)
{
    nu_sleep_ms(20);
    nu_notify(db, "orders", arg);
}

static void listen_and_hear(void *arg)
{
    (void)arg;
    nu_listener *orders = nu_listener_open(db, "orders"), *same = nu_listener_open(db, "orders");
    nu_listener *other = nu_listener_open(db, "Odd \"name\"");
    CHECK(nu_listener_next(orders, 10) == NULL);
    nu_fiber              *fiber = nu_spawn(send_later, (char[]){"17"});
    const nu_notification *news = nu_listener_next(orders, 2000);
    CHECK(news != NULL && !news->missed);
    CHECK_TEXT(news->channel, "orders");
    CHECK_TEXT(news->payload, "17");
    CHECK_TEXT(nu_listener_next(same, 2000)->payload, "17");
    nu_join(fiber);
    NU_ATOMIC {
        nu_notify(db, "Odd \"name\"", NULL);
        CHECK(nu_listener_next(other, 30) == NULL);
    }
    CHECK_TEXT(nu_listener_next(other, 2000)->payload, "");
    CHECK_RAISES(
        NU_VALUE_ERROR, NU_ATOMIC {
            nu_notify(db, "orders", "never");
            nu_raise(NU_VALUE_ERROR, "no");
        });
    for (int i = 0; i < 100; i++)
        nu_notify(db, "orders", nu_fmt("%d", i));
    nu_listener_close(same);
    for (int i = 0; i < 100; i++)
        CHECK_TEXT(nu_listener_next(orders, 2000)->payload, nu_fmt("%d", i));
    CHECK(nu_listener_next(orders, 10) == NULL);
    nu_listener *hostile = nu_listener_open(db, "\"a\"; DROP SCHEMA public; --\"");
    nu_notify(db, "\"a\"; DROP SCHEMA public; --\"", "heard");
    CHECK_TEXT(nu_listener_next(hostile, 2000)->payload, "heard");
    CHECK_RAISES(NU_VALUE_ERROR, nu_listener_open(db, ""));
    CHECK_RAISES(
        NU_TIMEOUT, NU_DEADLINE(20) { nu_listener_next(orders, -1); });
}

TEST(notifications_reach_all_who_listen)
{
    db = open_server();
    nu__loop_call(NULL, listen_and_hear, NULL);
    nu_database_close_all();
}

static void cut_connections(void *arg)
{
    (void)arg;
    nu_sleep_ms(20);
    nu_sql(nu_database_get("other"),
           "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE pid <> pg_backend_pid() AND application_name = 'nuages'");
}

static void lose_and_hear(void *arg)
{
    (void)arg;
    nu_listener           *orders = nu_listener_open(db, "orders");
    nu_fiber              *fiber = nu_spawn(cut_connections, NULL);
    const nu_notification *news = nu_listener_next(orders, 5000);
    CHECK(news != NULL && news->missed);
    nu_join(fiber);
    nu_notify(db, "orders", "again");
    news = nu_listener_next(orders, 5000);
    CHECK(news != NULL && !news->missed);
    CHECK_TEXT(news->payload, "again");
}

TEST(who_listens_hears_again_after_the_connection_was_lost)
{
    db = open_server();
    open_other();
    nu__loop_call(NULL, lose_and_hear, NULL);
    nu_database_close_all();
}

static void listen_on_sqlite(void *arg)
{
    (void)arg;
    CHECK_RAISES(NU_DATABASE_ERROR, nu_listener_open(NULL, "orders"));
    CHECK_RAISES(NU_DATABASE_ERROR, nu_notify(NULL, "orders", "x"));
}

TEST(sqlite_says_that_it_has_no_notifications)
{
    nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu__loop_call(NULL, listen_on_sqlite, NULL);
    nu_database_close_all();
}
