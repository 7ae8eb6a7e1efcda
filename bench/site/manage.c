/* A small ordinary site for measuring: default middleware, templates, models on SQLite.
 *
 *      ./manage fill               writes the rows
 *      ./manage serve …            is what site_bench.py loads
 *      ./manage measure /rows      what the site alone costs, without a server
 *
 * A busy machine tells little about time; instructions are the same in every run:
 *      valgrind --tool=callgrind --toggle-collect=get_once ./manage measure /rows 1000 */
#include <stdlib.h>
#include <time.h>

#include <nuages.h>
#include <nuages/client.h>

struct fortune {
    nu_row      row;
    const char *message;
    nu_datetime told;
    int32_t     likes;
};

static const nu_field fortune_fields[] = {
    NU_CHAR(fortune, message, .max_length = 200),
    NU_DATETIME(fortune, told, .auto_now_add = true),
    NU_INT(fortune, likes, .default_value = NU_CONST_INT(0)),
    {0},
};
static const nu_model fortune_model = {NU_MODEL_OF(fortune, "Fortune"), .fields = fortune_fields};

static const nu_field fortune_columns[] = {
    NU_COLUMN("id", big_auto, .primary_key = true),
    NU_COLUMN("message", char, .max_length = 200),
    NU_COLUMN("told", datetime, .auto_now_add = true),
    NU_COLUMN("likes", int, .default_value = NU_CONST_INT(0)),
    {0},
};
static const nu_operation operations[] = {
    NU_CREATE_MODEL("Fortune", fortune_columns),
    {0},
};
static const nu_migration first = {.app = "bench", .name = "0001_initial", .initial = true, .operations = operations};
static const nu_migration *const migrations[] = {&first, NULL};

/* ---- views ------------------------------------------------------------------------------------------ */

static nu_response *plaintext(nu_request *request)
{
    (void)request;
    return nu_text_response("Hello, World!");
}

static nu_response *json(nu_request *request)
{
    (void)request;
    return nu_json("message", "Hello, World!");
}

static nu_response *page(nu_request *request)
{
    return nu_render(request, "page.html", "title", "A page", "items", nu_list_of("one", "two", "three", "<four>"));
}

static nu_response *rows(nu_request *request)
{
    return nu_render(request, "rows.html", "title", "Twenty rows", "rows",
                     nu_slice(nu_order_by(nu_all(fortune), "id"), 0, 20));
}

static const nu_route routes[] = {
    NU_PATH("plaintext", plaintext),
    NU_PATH("json", json),
    NU_PATH("page", page),
    NU_PATH("rows", rows),
    {0},
};

/* ---- the site --------------------------------------------------------------------------------------- */

static void run_fill(const nu_command_call *call)
{
    (void)call;
    NU_ATOMIC {
        for (int i = 0; i < 100; i++)
            nu_create(fortune, "message", nu_fmt("Fortune %d favours <the brave> & \"others\"", i), "likes", i);
    }
}
static const nu_command fill = {.name = "fill", .help = "Writes the rows to measure with.", .run = run_fill};

static __attribute__((noinline)) void get_once(nu_client *client, const char *path)
{
    nu_arena *arena = nu_arena_new(nu_arena_current(), "request");
    nu_arena *before = nu_arena_enter(arena);
    if (nu_response_status(nu_client_get(client, path)) != 200)
        nu_raise(NU_COMMAND_ERROR, "\"%s\" gives no page", path);
    nu_arena_enter(before);
    nu_arena_free(arena);
}

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void run_measure(const nu_command_call *call)
{
    const char *path = nu_argument(call, 0);
    int         count = call->count > 1 ? atoi(nu_argument(call, 1)) : 100000;
    nu_client  *client = nu_client_new();
    nu_client_enforce_csrf(client);
    get_once(client, path); /* templates are read, the database is opened */
    double start = cpu_us();
    for (int i = 0; i < count; i++)
        get_once(client, path);
    nu_say("%s: %.2f µs", path, (cpu_us() - start) / count);
}
static const nu_command measure = {
    .name = "measure", .help = "Tells what a request costs without the server.", .arguments = "PATH [COUNT]",
    .min_arguments = 1, .max_arguments = 2, .run = run_measure,
};

static const nu_app bench = {
    .label = "bench", NU_APP_HERE, .models = NU_MODELS(&fortune_model), .migrations = migrations,
    .commands = NU_COMMANDS(&fill, &measure),
};

static void configure(nu_settings *s)
{
    s->secret_key = "only for measuring, never for a site that people use";
    s->allowed_hosts = NU_TEXTS("127.0.0.1");
    s->database = "sqlite:bench.db";
    s->apps = NU_APPS(&bench);
    s->urls = routes;
    s->template_dirs = NU_TEXTS("templates");
    s->log_level = "warning";
}

int main(int argc, char **argv)
{
    return nu_main(argc, argv, configure);
}
