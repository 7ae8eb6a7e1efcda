/* The TechEmpower set as an ordinary site: models, templates, the default middleware.
 *
 *      ./manage migrate && ./manage fill
 *      ./manage serve
 *
 * The database is DATABASE_URL. */
#include <stdlib.h>
#include <string.h>

#include <nuages.h>

enum { WORLDS = 10000, MOST_QUERIES = 500 };

struct world {
    nu_row  row;
    int32_t random_number;
};
struct fortune {
    nu_row      row;
    const char *message;
};

static const nu_field world_fields[] = {
    NU_INT(world, random_number, .db_column = "randomnumber"),
    {0},
};
static const nu_field fortune_fields[] = {
    NU_CHAR(fortune, message, .max_length = 2048),
    {0},
};
static const nu_model world_model = {
    NU_MODEL_OF(world, "World"), .fields = world_fields, .db_table = "world", .id_type = &nu_field_auto};
static const nu_model fortune_model = {
    NU_MODEL_OF(fortune, "Fortune"), .fields = fortune_fields, .db_table = "fortune", .id_type = &nu_field_auto};

static const nu_field world_columns[] = {
    NU_COLUMN("id", auto, .primary_key = true),
    NU_COLUMN("random_number", int, .db_column = "randomnumber"),
    {0},
};
static const nu_field fortune_columns[] = {
    NU_COLUMN("id", auto, .primary_key = true),
    NU_COLUMN("message", char, .max_length = 2048),
    {0},
};
static const nu_operation operations[] = {
    NU_CREATE_MODEL("World", world_columns, .db_table = "world"),
    NU_CREATE_MODEL("Fortune", fortune_columns, .db_table = "fortune"),
    {0},
};
static const nu_migration first = {
    .app = "bench", .name = "0001_initial", .initial = true, .operations = operations};
static const nu_migration *const migrations[] = {&first, NULL};

/* ---- views -------------------------------------------------------------------------------------- */

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

static int64_t random_id(void)
{
    return 1 + (int64_t)nu_random_below(WORLDS);
}

static nu_value shown(const struct world *world)
{
    return nu_value_dict(nu_dict_of("id", world->row.id, "randomNumber", world->random_number));
}

static nu_response *db(nu_request *request)
{
    (void)request;
    return nu_json_of(shown(nu_get(world, "id", random_id())));
}

static void read_one(void *item)
{
    *(struct world **)item = nu_get(world, "id", random_id());
}

static size_t wanted(nu_request *request)
{
    const char *text = nu_request_get(request, "queries");
    int         count = text != NULL ? atoi(text) : 1;
    return count < 1 ? 1 : count > MOST_QUERIES ? MOST_QUERIES : (size_t)count;
}

/* All of them at once: each is a statement of its own, and they travel together. */
static struct world **read_worlds(size_t count)
{
    struct world **worlds = nu_alloc(count * sizeof *worlds);
    nu_gather(read_one, worlds, count, sizeof *worlds);
    return worlds;
}

static nu_response *answer(struct world *const *worlds, size_t count)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_add(list, shown(worlds[i]));
    return nu_json_of(nu_value_list(list));
}

static nu_response *queries(nu_request *request)
{
    size_t count = wanted(request);
    return answer(read_worlds(count), count);
}

static int by_id(const void *a, const void *b)
{
    const struct world *const *left = a, *const *right = b;
    return ((*left)->row.id > (*right)->row.id) - ((*left)->row.id < (*right)->row.id);
}

/* In the order of the keys, so that two requests never wait for each other's rows. */
static nu_response *updates(nu_request *request)
{
    size_t         count = wanted(request);
    struct world **worlds = read_worlds(count);
    nu_row       **rows = nu_alloc(count * sizeof *rows);
    qsort(worlds, count, sizeof *worlds, by_id);
    for (size_t i = 0; i < count; i++) {
        worlds[i]->random_number = (int32_t)random_id();
        rows[i] = &worlds[i]->row;
    }
    nu_bulk_update(rows, count, 0, "random_number");
    return answer(worlds, count);
}

static int by_message(const void *a, const void *b)
{
    const struct fortune *const *left = a, *const *right = b;
    return strcmp((*left)->message, (*right)->message);
}

static nu_response *fortunes(nu_request *request)
{
    nu_row **rows = nu_query_rows(nu_all(fortune));
    size_t   count = 0;
    while (rows[count] != NULL)
        count++;
    const struct fortune **all = nu_alloc((count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = (const struct fortune *)rows[i];
    all[count++] = nu_new(fortune, "message", "Additional fortune added at request time.");
    qsort(all, count, sizeof *all, by_message);
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < count; i++)
        nu_list_add(list, all[i]);
    return nu_render(request, "fortunes.html", "fortunes", list);
}

static const nu_route routes[] = {
    NU_PATH("plaintext", plaintext),
    NU_PATH("json", json),
    NU_PATH("db", db),
    NU_PATH("queries", queries),
    NU_PATH("fortunes", fortunes),
    NU_PATH("updates", updates),
    {0},
};

/* ---- the site ------------------------------------------------------------------------------------ */

static void run_fill(const nu_command_call *call)
{
    static const char *const messages[] = {
        "fortune: No such file or directory",
        "A computer scientist is someone who fixes things that aren't broken.",
        "After enough decimal places, nobody gives a damn.",
        "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
        "A computer program does what you tell it to do, not what you want it to do.",
        "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
        "Any program that runs right is obsolete.",
        "A list is only as strong as its weakest link. — Donald Knuth",
        "Feature: A bug with seniority.",
        "Computers make very fast, very accurate mistakes.",
        "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
        "フレームワークのベンチマーク",
    };
    (void)call;
    nu_row **rows = nu_alloc((WORLDS + 1) * sizeof *rows);
    for (int i = 0; i < WORLDS; i++)
        rows[i] = &nu_new(world, "random_number", random_id())->row;
    NU_ATOMIC {
        nu_bulk_create(rows);
        for (size_t i = 0; i < NU_COUNT(messages); i++)
            nu_create(fortune, "message", messages[i]);
    }
}
static const nu_command fill = {
    .name = "fill", .help = "Writes the rows to measure with.", .run = run_fill};

static const nu_app bench = {
    .label = "bench",
    NU_APP_HERE,
    .models = NU_MODELS(&world_model, &fortune_model),
    .migrations = migrations,
    .commands = NU_COMMANDS(&fill),
};

static void configure(nu_settings *s)
{
    s->secret_key = "only for measuring, never for a site that people use";
    s->allowed_hosts = NU_TEXTS("127.0.0.1");
    s->database = nu_env("DATABASE_URL");
    s->apps = NU_APPS(&bench);
    s->urls = routes;
    s->template_dirs = NU_TEXTS("templates");
    s->log_level = "warning";
}

int main(int argc, char **argv)
{
    return nu_main(argc, argv, configure);
}
