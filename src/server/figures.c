#include "server/figures.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nuages/text.h"

const int64_t nu__bucket_us[NU__BUCKETS] = {100,    250,     500,     1000,    2500,
                                            5000,   10000,   25000,   50000,   100000,
                                            250000, 1000000, 2500000, 10000000};

/* ---- slots --------------------------------------------------------------------------------------- */

static size_t board_size(size_t count)
{
    return sizeof(nu__board) + count * sizeof(nu__figures);
}

nu__board *nu__board_new(int workers)
{
    /* Two generations run side by side during a reload, and who crashed may still be ending. */
    size_t     count = 1 + 3 * (size_t)(workers > 0 ? workers : 1);
    nu__board *board =
        mmap(NULL, board_size(count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        nu_raise(NU_SYSTEM_ERROR, "no shared memory for the server's figures: %s", strerror(errno));
    board->count = count;
    return board;
}

void nu__board_free(nu__board *board)
{
    munmap(board, board_size(board->count));
}

nu__figures *nu__board_take(nu__board *board)
{
    for (size_t i = 1; i < board->count; i++) {
        pid_t nobody = 0;
        if (atomic_compare_exchange_strong(&board->slots[i].pid, &nobody, getpid()))
            return &board->slots[i];
    }
    return &board->slots[0];
}

static void move(_Atomic uint64_t *from, _Atomic uint64_t *to)
{
    atomic_fetch_add(to, atomic_exchange(from, 0));
}

void nu__board_give(nu__board *board, nu__figures *slot)
{
    nu__figures *gone = &board->slots[0];
    if (slot == gone)
        return;
    for (size_t i = 0; i < NU_COUNT(slot->classes); i++)
        move(&slot->classes[i], &gone->classes[i]);
    for (size_t i = 0; i < NU_COUNT(slot->buckets); i++)
        move(&slot->buckets[i], &gone->buckets[i]);
    move(&slot->took_us, &gone->took_us);
    move(&slot->sent, &gone->sent);
    move(&slot->refused, &gone->refused);
    move(&slot->accepted, &gone->accepted);
    move(&slot->database_statements, &gone->database_statements);
    move(&slot->database_errors, &gone->database_errors);
    slot->connections = slot->in_flight = slot->memory = 0;
    slot->database_open = slot->database_busy = slot->database_waiting = 0;
    slot->pid = 0;
}

/* ---- counting ------------------------------------------------------------------------------------- */

void nu__figures_count(nu__figures *slot, int status, int64_t took_us, uint64_t sent)
{
    int bucket = 0;
    while (bucket < NU__BUCKETS && took_us > nu__bucket_us[bucket])
        bucket++;
    nu__figure_add(&slot->classes[status >= 100 && status < 600 ? status / 100 : 0], 1);
    nu__figure_add(&slot->buckets[bucket], 1);
    nu__figure_add(&slot->took_us, (uint64_t)(took_us > 0 ? took_us : 0));
    nu__figure_add(&slot->sent, sent);
}

/* ---- Prometheus' text format (version 0.0.4) -------------------------------------------------------- */

static void head(nu_builder *out, const char *name, const char *type, const char *help)
{
    nu_builder_printf(out, "# HELP nuages_%s %s\n# TYPE nuages_%s %s\n", name, help, name, type);
}

static uint64_t sum_at(const nu__board *board, size_t offset)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < board->count; i++) {
        const char *slot = (const char *)&board->slots[i];
        sum += atomic_load_explicit((const _Atomic uint64_t *)(const void *)(slot + offset),
                                    memory_order_relaxed);
    }
    return sum;
}
#define SUM(member) sum_at(board, offsetof(nu__figures, member))

static void put_total(nu_builder *out, const char *name, const char *help, uint64_t value)
{
    head(out, name, "counter", help);
    nu_builder_printf(out, "nuages_%s %llu\n", name, (unsigned long long)value);
}

static void put_gauge(nu_builder *out, const char *name, const char *help, uint64_t value)
{
    head(out, name, "gauge", help);
    nu_builder_printf(out, "nuages_%s %lld\n", name, (long long)value);
}

static void put_requests(nu_builder *out, const nu__board *board)
{
    head(out, "http_requests_total", "counter", "Requests by class of status; none: no answer.");
    for (size_t i = 0; i < 6; i++) {
        uint64_t count = sum_at(board, offsetof(nu__figures, classes) + i * sizeof(uint64_t));
        const char *class = i > 0 ? nu_fmt("%zuxx", i) : "none";
        nu_builder_printf(out, "nuages_http_requests_total{class=\"%s\"} %llu\n", class,
                          (unsigned long long)count);
    }
}

static void put_durations(nu_builder *out, const nu__board *board)
{
    uint64_t below = 0;
    head(out, "http_request_duration_seconds", "histogram",
         "From the head of a request to the last byte of its answer.");
    for (size_t i = 0; i <= NU__BUCKETS; i++) {
        below += sum_at(board, offsetof(nu__figures, buckets) + i * sizeof(uint64_t));
        const char *bound = i < NU__BUCKETS ? nu_fmt("%g", (double)nu__bucket_us[i] / 1e6) : "+Inf";
        nu_builder_printf(out, "nuages_http_request_duration_seconds_bucket{le=\"%s\"} %llu\n",
                          bound, (unsigned long long)below);
    }
    nu_builder_printf(out,
                      "nuages_http_request_duration_seconds_sum %.6f\n"
                      "nuages_http_request_duration_seconds_count %llu\n",
                      (double)SUM(took_us) / 1e6, (unsigned long long)below);
}

static void put_workers(nu_builder *out, const nu__board *board)
{
    uint64_t running = 0;
    head(out, "worker_memory_bytes", "gauge", "Resident memory of each worker.");
    for (size_t i = 1; i < board->count; i++) {
        const nu__figures *slot = &board->slots[i];
        if (slot->pid == 0)
            continue;
        running++;
        nu_builder_printf(out, "nuages_worker_memory_bytes{pid=\"%d\"} %lld\n", (int)slot->pid,
                          (long long)slot->memory);
    }
    put_gauge(out, "workers", "Workers that run.", running);
    put_total(out, "worker_crashes_total", "Workers that ended by a signal.", board->crashes);
    put_total(out, "worker_restarts_total", "Workers that were replaced.", board->restarts);
    put_total(out, "worker_recycled_total", "Workers that were replaced because of their memory.",
              board->recycled);
}

static void put_database(nu_builder *out, const nu__board *board)
{
    put_gauge(out, "database_connections", "Connections to databases.", SUM(database_open));
    put_gauge(out, "database_connections_busy", "Those in use.", SUM(database_busy));
    put_gauge(out, "database_waiting", "Requests that wait for a connection.",
              SUM(database_waiting));
    put_total(out, "database_statements_total", "Statements that databases were asked to run.",
              SUM(database_statements));
    put_total(out, "database_errors_total", "Statements and connections that failed.",
              SUM(database_errors));
}

const char *nu__board_text(const nu__board *board)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 4096);
    put_requests(&out, board);
    put_durations(&out, board);
    put_total(&out, "http_sent_bytes_total", "Bytes of answers.", SUM(sent));
    put_total(&out, "http_refused_total", "Requests turned away because too many were in work.",
              SUM(refused));
    put_total(&out, "http_connections_total", "Connections that were accepted.", SUM(accepted));
    put_gauge(&out, "http_connections", "Open connections.", SUM(connections));
    put_gauge(&out, "http_requests_in_flight", "Requests in work.", SUM(in_flight));
    put_workers(&out, board);
    put_database(&out, board);
    return nu_builder_text(&out);
}
