/* What the server counts and tells, and what it refuses when there is too much. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <signal.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "live.h"
#include "nuages/test.h"
#include "server/clients.h"
#include "server/figures.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* ---- figures ------------------------------------------------------------------------------------ */

static bool shows(const live *server, const char *line)
{
    for (int i = 0; i < 100; i++) {
        if (strstr(live_get(server, "/figures"), line) != NULL)
            return true;
        live_pause(20);
    }
    return false;
}

TEST(requests_of_all_workers_are_counted_also_of_those_who_are_gone)
{
    live server = live_start(&(nu_server_options){.workers = 2});
    for (int i = 0; i < 20; i++)
        live_get(&server, "/");
    live_get(&server, "/missing");
    CHECK(shows(&server, "nuages_http_requests_total{class=\"4xx\"} 1\n"));
    CHECK(shows(&server, "nuages_workers 2\n"));
    kill(atoi(live_get(&server, "/pid")), SIGKILL);
    CHECK(shows(&server, "nuages_worker_crashes_total 1\n"));
    CHECK(shows(&server, "nuages_worker_restarts_total 1\n"));
    const char *text = live_get(&server, "/figures");
    const char *count = strstr(text, "class=\"2xx\"} ");
    CHECK(count != NULL && atoi(count + 13) >= 20);
    CHECK_CONTAINS(text, "# TYPE nuages_http_request_duration_seconds histogram\n");
    CHECK_CONTAINS(text, "nuages_http_request_duration_seconds_bucket{le=\"+Inf\"}");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(a_histogram_counts_each_request_in_all_wider_buckets)
{
    nu__board   *board = nu__board_new(1);
    nu__figures *slot = nu__board_take(board);
    nu__figures_count(slot, 200, 90, 10);
    nu__figures_count(slot, 500, 700, 10);
    nu__figures_count(slot, 0, 99000000, 0);
    nu__board_give(board, slot);
    const char *text = nu__board_text(board);
    CHECK_CONTAINS(text, "seconds_bucket{le=\"0.0001\"} 1\n");
    CHECK_CONTAINS(text, "seconds_bucket{le=\"0.0005\"} 1\n");
    CHECK_CONTAINS(text, "seconds_bucket{le=\"0.001\"} 2\n");
    CHECK_CONTAINS(text, "seconds_bucket{le=\"10\"} 2\n");
    CHECK_CONTAINS(text, "seconds_bucket{le=\"+Inf\"} 3\n");
    CHECK_CONTAINS(text, "seconds_count 3\n");
    CHECK_CONTAINS(text, "{class=\"none\"} 1\n");
    CHECK_CONTAINS(text, "nuages_workers 0\n");
    nu__board_free(board);
}

TEST(more_workers_than_slots_share_the_first)
{
    nu__board *board = nu__board_new(1);
    for (int i = 0; i < 3; i++)
        CHECK(nu__board_take(board) != &board->slots[0]);
    CHECK(nu__board_take(board) == &board->slots[0]);
    nu__board_give(board, &board->slots[0]);
    nu__board_free(board);
}

/* ---- too much ------------------------------------------------------------------------------------ */

TEST(requests_beyond_the_limit_are_turned_away_at_once)
{
    live server = live_start(&(nu_server_options){.limits.in_flight = 2});
    int  slow[2];
    for (int i = 0; i < 2; i++) {
        slow[i] = live_connect(&server);
        live_send(slow[i], GET("/slow?400"));
    }
    live_pause(50);
    const char *answer = live_ask(&server, GET("/"));
    CHECK_CONTAINS(answer, "HTTP/1.1 503 ");
    CHECK_CONTAINS(answer, "Retry-After: 1\r\n");
    for (int i = 0; i < 2; i++)
        CHECK_CONTAINS(live_response(slow[i]), "slept");
    CHECK_TEXT(live_get(&server, "/"), "hello");
    CHECK(shows(&server, "nuages_http_refused_total 1\n"));
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(one_client_has_so_many_connections_and_no_more)
{
    live server = live_start(&(nu_server_options){.limits.per_client = 3});
    int  fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = live_connect(&server);
        CHECK_TEXT(live_get_on(fds[i], "/"), "hello");
    }
    CHECK_TEXT(live_ask(&server, GET("/")), "");
    close(fds[0]);
    const char *answer = "";
    for (int i = 0; i < 100 && *answer == '\0'; i++) {
        live_pause(10);
        answer = live_ask(&server, GET("/"));
    }
    CHECK_CONTAINS(answer, "200 OK");
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(connections_of_an_address_are_counted_up_and_down)
{
    nu__clients *clients = nu__clients_new(nu_arena_current());
    for (int i = 0; i < 5000; i++)
        CHECK(nu__clients_enter(clients, nu_fmt("10.0.%d.%d", i / 250, i % 250), 1));
    CHECK(!nu__clients_enter(clients, "10.0.3.7", 1));
    CHECK(nu__clients_enter(clients, "10.0.3.7", 2));
    nu__clients_leave(clients, "10.0.3.7");
    nu__clients_leave(clients, "10.0.3.7");
    nu__clients_leave(clients, "10.9.9.9");
    CHECK(nu__clients_enter(clients, "10.0.3.7", 1));
    for (int i = 0; i < 3; i++)
        CHECK(nu__clients_enter(clients, "", 1));
}

TEST(a_worker_that_has_grown_too_large_is_replaced_without_a_failed_request)
{
    live  server = live_start(&(nu_server_options){.workers = 1, .limits.memory = 1});
    pid_t first = atoi(live_get(&server, "/pid")), now = first;
    for (int i = 0; i < 500 && now == first; i++) {
        now = atoi(live_get(&server, "/pid"));
        CHECK(now > 0);
        live_pause(10);
    }
    CHECK_NE(now, first);
    CHECK(live_logs(&server, "is to be replaced"));
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

/* ---- the service manager --------------------------------------------------------------------------- */

/* Waits for a message that holds `part`. */
static bool is_told(int fd, const char *part)
{
    char text[300];
    for (int i = 0; i < 50; i++) {
        ssize_t length = recv(fd, text, sizeof text - 1, 0);
        if (length < 0)
            return false;
        text[length] = '\0';
        if (strstr(text, part) != NULL)
            return true;
    }
    return false;
}

TEST(the_service_manager_hears_of_readiness_reload_life_and_end)
{
    char               folder[] = "/tmp/nuages-notify-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval     patience = {.tv_sec = 10};
    CHECK(mkdtemp(folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    setenv("WATCHDOG_USEC", "60000", 1);
    live server = live_start(&(nu_server_options){.workers = 1});
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    CHECK(is_told(fd, nu_fmt("READY=1\nMAINPID=%d\n", (int)server.pid)));
    CHECK(is_told(fd, "WATCHDOG=1"));
    kill(server.pid, SIGHUP);
    CHECK(is_told(fd, "RELOADING=1\nMONOTONIC_USEC="));
    CHECK(is_told(fd, "READY=1"));
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
    CHECK(is_told(fd, "STOPPING=1"));
    close(fd);
    unlink(address.sun_path);
    rmdir(folder);
}
