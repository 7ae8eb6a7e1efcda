/* ./manage loaddata: rows from Django's fixtures. All files are loaded in one transaction, object by object, so that
 * memory does not grow with them. */
#include <string.h>

#include "command/internal.h"
#include "command/load.h"
#include "nuages/contenttypes.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"app", .value = "APP", .help = "look for fixtures in this app only"},
    {"exclude", .letter = 'e', .value = "APP[.MODEL]", .repeats = true,
     .help = "leave out; may be given again"},
    {"ignorenonexistent", .letter = 'i',
     .help = "skip models and fields that do not exist any more"},
    {0},
};

/* ---- objects that name others ---------------------------------------------------------------- */

static void wait(nu__load *load, const nu__load_object *object, nu_value value)
{
    nu_arena *before = nu_arena_enter(load->arena);
    nu_list_push(load->waiting, nu_value_list(nu_list_of(nu_fmt("%s", object->path), object->number,
                                                         nu_value_copy(load->arena, value))));
    nu_arena_enter(before);
}

/* Tries one again. With `holes` it stays in the line, to be completed. */
static bool try_again(nu__load *load, nu_value waiting, bool holes, const char **missing)
{
    nu__load_object object = {.path = waiting.list->items[0].text,
                              .number = waiting.list->items[1].integer,
                              .holes = holes};
    bool            saved = nu__load_object_save(load, &object, waiting.list->items[2]);
    *missing = object.missing;
    return saved;
}

/* Goes through the line until nothing moves. Then a row is saved without what is missing, where NULL may stand or a
 * list be shorter, and the line is gone through again: so rows can name one another. */
static void load_waiting(nu__load *load)
{
    bool *holed = nu_alloc(load->waiting->count + 1u);
    for (uint32_t left = load->waiting->count, before = 0, hole = 0; left > 0;) {
        const char *missing = NULL;
        nu_value    stuck = nu_null();
        before = left;
        for (uint32_t i = 0; i < load->waiting->count; i++) {
            nu_value *waiting = &load->waiting->items[i];
            if (nu_is_null(*waiting))
                continue;
            if (try_again(load, *waiting, false, &missing)) {
                load->count -= holed[i];
                *waiting = nu_null();
                left--;
            } else if (nu_is_null(stuck)) {
                stuck = *waiting;
            }
        }
        if (left == 0 || left < before)
            continue;
        while (hole < load->waiting->count &&
               (nu_is_null(load->waiting->items[hole]) || holed[hole]))
            hole++;
        if (hole == load->waiting->count) {
            nu__load_object object = {.path = stuck.list->items[0].text,
                                      .number = stuck.list->items[1].integer};
            try_again(load, stuck, false, &missing);
            nu__load_refuse(&object, NULL, missing);
        }
        try_again(load, load->waiting->items[hole], true, &missing);
        holed[hole] = true;
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static void load_file(nu__load *load, const char *path)
{
    nu_arena *outer = nu_arena_current(), *file = nu_arena_new(outer, "fixture");
    nu_arena *scratch = nu_arena_new(file, "object");
    nu_value  value;
    nu_arena_enter(file);
    nu__fixture_reader *reader = nu__fixture_open(path);
    nu_arena_enter(scratch);
    for (int64_t number = 1; nu__fixture_next(reader, &value); number++) {
        nu__load_object object = {.path = path, .number = number};
        if (!nu__load_object_save(load, &object, value))
            wait(load, &object, value);
        nu_arena_reset(scratch);
    }
    nu_arena_enter(outer);
    nu_arena_free(file);
}

/* The database counts on after the keys that came with the rows. */
static void renumber(const nu__load *load)
{
    nu_database         *db = nu_database_get(load->alias);
    const nu_db_backend *backend = nu_database_backend(db);
    for (nu_entry *entry = NULL;
         backend->renumber != NULL && (entry = nu_dict_next(load->models, entry)) != NULL;) {
        const nu_column *key = nu_model_primary_key(nu_model_get(entry->key.text));
        if (key->parts != NULL || key->to != NULL || key->db_type.type > NU_DB_SMALL_AUTO)
            continue;
        nu_builder sql;
        nu_builder_init(&sql, NULL, 256);
        backend->renumber(&sql, nu_model_table(key->model), key->column);
        nu_sql_value(db, nu_builder_text(&sql));
    }
}

static void run(const nu_command_call *call)
{
    nu__load     load = {.alias = nu_option(call, "database"),
                         .exclude = nu_option_texts(call, "exclude"),
                         .ignore = nu_option_flag(call, "ignorenonexistent"),
                         .arena = nu_arena_current(),
                         .models = nu_dict_new(),
                         .waiting = nu_list_new()};
    const char **paths = nu_alloc((size_t)call->count * sizeof *paths);
    nu__fixture_check_names(load.exclude);
    for (int i = 0; i < call->count; i++)
        paths[i] = nu__fixture_find(call->arguments[i], nu_option(call, "app"));
    NU_ATOMIC_ON(load.alias)
    {
        for (int i = 0; i < call->count; i++)
            load_file(&load, paths[i]);
        load_waiting(&load);
        nu__load_check_references(&load, paths, (size_t)call->count);
        renumber(&load);
    }
    nu_content_type_clear_cache();
    if (call->verbosity > 0)
        nu_say("%lld %s loaded from %d %s.", (long long)load.count,
               load.count == 1 ? "row" : "rows", call->count,
               call->count == 1 ? "fixture" : "fixtures");
}

const nu_command nu__command_loaddata = {
    .name = "loaddata",
    .help = "Loads rows from fixtures in Django's JSON form; all of them or, on a mistake, none.\n"
            "A fixture is a path, a name in an app's fixtures/ folder, or - for standard input; a "
            "JSON list or JSON\n"
            "lines, compressed by gzip or not.",
    .arguments = "FIXTURE…",
    .min_arguments = 1,
    .max_arguments = -1,
    .options = options,
    .run = run,
};
