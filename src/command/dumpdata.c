/* ./manage dumpdata: rows as fixtures in Django's form, model by model in the order of their keys. */
#include <string.h>

#include "command/fixture.h"
#include "command/internal.h"
#include "nuages/database.h"
#include "nuages/query.h"

static const nu_option_def options[] = {
    {"database", .value = "ALIAS", .fallback = "default", .help = "which database"},
    {"exclude", .letter = 'e', .value = "APP[.MODEL]", .repeats = true,
     .help = "leave out; may be given again"},
    {"format", .value = "FORM", .fallback = "json", .help = "json or jsonl"},
    {"indent", .value = "N", .fallback = "0", .help = "spaces a level"},
    {"output", .letter = 'o', .value = "FILE",
     .help = "instead of standard output; compressed if it ends with .gz"},
    {"all", .letter = 'a', .help = "rows that the model's .objects leaves out, too"},
    {"pks", .value = "KEYS", .help = "rows with these keys of the one model, separated by commas"},
    {"natural-foreign", .help = "references by natural key"},
    {"natural-primary", .help = "rows without their key, where they have a natural one"},
    {0},
};

enum { CHUNK = 500 };

/* ---- which models ---------------------------------------------------------------------------- */

struct models {
    const nu_model **items;
    size_t           count;
};

static bool holds(const struct models *models, const nu_model *model)
{
    for (size_t i = 0; i < models->count; i++)
        if (models->items[i] == model)
            return true;
    return false;
}

static void add_models(struct models *models, const nu_model *const *more)
{
    for (; *more != NULL; more++)
        if (!holds(models, *more))
            models->items[models->count++] = *more;
}

/* In the order of the arguments, else of the apps. */
static struct models chosen(const nu_command_call *call)
{
    size_t all = 0;
    while (nu_models()[all] != NULL)
        all++;
    struct models models = {.items = nu_alloc((all + 1) * sizeof *models.items)};
    for (int i = 0; i < call->count; i++)
        add_models(&models, nu__fixture_models(call->arguments[i]));
    for (const nu_app *const *app = nu_apps(); call->count == 0 && *app != NULL; app++)
        add_models(&models, nu__fixture_models((*app)->label));
    return models;
}

/* True if rows of `model` name rows of `other` by their natural key. */
static bool names(const nu_model *model, const nu_model *other)
{
    if (model == other || other->natural_key == NULL)
        return false;
    for (const nu_column *const *column = nu_model_columns(model); *column != NULL; column++)
        if ((*column)->to != NULL && nu_model_concrete((*column)->to) == other)
            return true;
    for (const nu_column *const *column = nu_model_many(model); *column != NULL; column++)
        if (nu_model_is_automatic((*column)->through) && nu_model_concrete((*column)->to) == other)
            return true;
    return false;
}

static bool is_ready(const struct models *left, const struct models *sorted, size_t index)
{
    for (size_t i = 0; i < left->count; i++)
        if (left->items[i] != NULL && i != index && names(left->items[index], left->items[i]) &&
            !holds(sorted, left->items[i]))
            return false;
    return true;
}

/* Rows that are named come before those that name them. Of models in a circle the last goes on. */
static struct models in_order_of_names(struct models models)
{
    struct models sorted = {.items = nu_alloc((models.count + 1) * sizeof *sorted.items)};
    while (sorted.count < models.count) {
        size_t before = sorted.count, last = 0;
        for (size_t i = 0; i < models.count; i++) {
            if (models.items[i] == NULL)
                continue;
            last = i;
            if (is_ready(&models, &sorted, i)) {
                sorted.items[sorted.count++] = models.items[i];
                models.items[i] = NULL;
            }
        }
        if (sorted.count == before) {
            sorted.items[sorted.count++] = models.items[last];
            models.items[last] = NULL;
        }
    }
    return sorted;
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct dump {
    const nu_command_call *call;
    nu__fixture_writer    *writer;
    bool                   natural_foreign, natural_primary;
    int64_t                count;
};

static nu_query *rows_of(const struct dump *dump, const nu_model *model)
{
    nu_query *query =
        nu_option_flag(dump->call, "all") ? nu_query_everything(model) : nu_query_all(model);
    query = nu_using(query, nu_option(dump->call, "database"));
    const char *keys = nu_option(dump->call, "pks");
    return keys != NULL ? nu_filter(query, "pk__in", nu_split(keys, ',')) : query;
}

static nu_query *with_many(nu_query *query, const nu_model *model)
{
    for (const nu_column *const *column = nu_model_own_many(model); *column != NULL; column++)
        if (nu_model_is_automatic((*column)->through))
            query = nu_prefetch_related(query, (*column)->name);
    return query;
}

static uint32_t write_rows(struct dump *dump, nu_query *query)
{
    nu_row **rows = nu_query_rows(query);
    uint32_t count = 0;
    for (; rows[count] != NULL; count++)
        nu__fixture_write(dump->writer, nu__fixture_object(rows[count], dump->natural_foreign,
                                                           dump->natural_primary));
    dump->count += count;
    return count;
}

/* Piece by piece from the last key on. Each piece has an arena of its own. */
static void dump_by_key(struct dump *dump, const nu_model *model)
{
    nu_arena *before = nu_arena_current(), *pieces[2];
    for (int i = 0; i < 2; i++)
        pieces[i] = nu_arena_new(before, "dumpdata");
    nu_value last = nu_null();
    uint32_t count = CHUNK;
    for (int turn = 0; count == CHUNK; turn ^= 1) {
        nu_arena_enter(pieces[turn]); /* `last` lives in the other one */
        nu_query *query = nu_order_by(rows_of(dump, model), "pk");
        if (!nu_is_null(last))
            query = nu_filter(query, "pk__gt", last);
        query = with_many(nu_slice(query, 0, CHUNK), model);
        count = write_rows(dump, query);
        if (count == CHUNK)
            last = nu_row_key(nu_query_rows(query)[CHUNK - 1]);
        nu_arena_reset(pieces[turn ^ 1]);
    }
    nu_arena_enter(before);
    nu_arena_free(pieces[0]);
    nu_arena_free(pieces[1]);
}

/* Where the key is a reference, Django orders by the other model's order. That is no order to go on from, so the keys are
 * read at once. */
static void dump_by_reference(struct dump *dump, const nu_model *model)
{
    const char *key = nu_model_primary_key(model)->name;
    nu_list    *keys = nu_query_list(nu_flat(nu_order_by(rows_of(dump, model), key, "pk"), "pk"));
    nu_arena   *before = nu_arena_current(), *piece = nu_arena_new(before, "dumpdata");
    for (uint32_t from = 0; from < keys->count; from += CHUNK) {
        nu_arena_enter(piece);
        nu_list *some = nu_list_new();
        for (uint32_t i = from; i < keys->count && i < from + CHUNK; i++)
            nu_list_push(some, keys->items[i]);
        nu_query *query = nu_order_by(nu_filter(rows_of(dump, model), "pk__in", some), key, "pk");
        write_rows(dump, with_many(query, model));
        nu_arena_reset(piece);
    }
    nu_arena_enter(before);
    nu_arena_free(piece);
}

static void dump_model(struct dump *dump, const nu_model *model)
{
    if (nu_model_primary_key(model)->to != NULL)
        dump_by_reference(dump, model);
    else
        dump_by_key(dump, model);
}

/* ---- the command ----------------------------------------------------------------------------- */

static nu__fixture_form form_of(const char *name)
{
    if (strcmp(name, "json") == 0)
        return NU__FIXTURE_JSON;
    if (strcmp(name, "jsonl") == 0)
        return NU__FIXTURE_JSON_LINES;
    nu_raise(NU_COMMAND_ERROR, "\"%s\" is no form of fixtures: choose json or jsonl", name);
}

static void check_options(const nu_command_call *call, const struct models *models)
{
    if (nu_option(call, "pks") != NULL && (call->count != 1 || models->count != 1))
        nu_raise(NU_COMMAND_ERROR, "--pks needs one model: dumpdata APP.MODEL --pks 1,2,3");
    if (nu_option_int(call, "indent") < 0 || nu_option_int(call, "indent") > 16)
        nu_raise(NU_COMMAND_ERROR, "--indent takes a number from 0 to 16");
    nu__fixture_check_names(nu_option_texts(call, "exclude"));
}

/* All rows of one moment. */
static void dump_models(struct dump *dump, const struct models *models)
{
    NU_SNAPSHOT_ON(nu_option(dump->call, "database"))
    {
        for (size_t i = 0; i < models->count; i++)
            if (models->items[i]->proxy_of == NULL &&
                !nu__fixture_names_model(nu_option_texts(dump->call, "exclude"), models->items[i]))
                dump_model(dump, models->items[i]);
    }
}

static void run(const nu_command_call *call)
{
    struct models models = chosen(call);
    check_options(call, &models);
    struct dump dump = {.call = call,
                        .natural_foreign = nu_option_flag(call, "natural-foreign"),
                        .natural_primary = nu_option_flag(call, "natural-primary")};
    if (dump.natural_foreign)
        models = in_order_of_names(models);
    dump.writer = nu__fixture_create(nu_option(call, "output"), form_of(nu_option(call, "format")),
                                     (int)nu_option_int(call, "indent"));
    dump_models(&dump, &models);
    nu__fixture_finish(dump.writer);
    if (nu_option(call, "output") != NULL && call->verbosity > 0)
        nu_say("%lld rows written to %s.", (long long)dump.count, nu_option(call, "output"));
}

const nu_command nu__command_dumpdata = {
    .name = "dumpdata",
    .help = "Writes rows as fixtures in Django's form, for loaddata.\n"
            "Without names: of all apps. All rows are of one moment, also if the site writes "
            "meanwhile.",
    .arguments = "[APP[.MODEL]…]",
    .max_arguments = -1,
    .options = options,
    .run = run,
};
