/* Content types, read once for each process and database. */
#include "nuages/contenttypes.h"

#include <string.h>

#include "base/ascii.h"
#include "model/query_internal.h"
#include "nuages/text.h"

/* ---- the model ------------------------------------------------------------------------------ */

static nu_value type_name(const struct nu_content_type *type)
{
    const nu_model *model = nu_content_type_class(type);
    return nu_value_text(model != NULL ? nu_model_verbose_name(model) : type->model);
}

static const char *type_text(const struct nu_content_type *type)
{
    const nu_model *model = nu_content_type_class(type);
    if (model == NULL)
        return type->model;
    return nu_fmt("%s | %s", nu_model_app(model), nu_model_verbose_name(model));
}

static const nu_field type_fields[] = {
    NU_CHAR(nu_content_type, app_label, .max_length = 100),
    NU_CHAR(nu_content_type, model, .max_length = 100, .verbose_name = "python model class name"),
    {0},
};
static const nu_property type_properties[] = {
    NU_PROPERTY(nu_content_type, name, type_name),
    {0},
};
const nu_model nu_content_type_model = {
    NU_MODEL_OF(nu_content_type, "ContentType"),
    .natural_key = NU_STRS("app_label", "model"),
    .fields = type_fields,
    .properties = type_properties,
    .text = type_text,
    .id_type = &nu_field_auto,
    .db_table = "django_content_type",
    .unique_together = NU_TOGETHER(NU_STRS("app_label", "model")),
    .verbose_name = "content type",
    .verbose_name_plural = "content types",
};

/* ---- the cache ------------------------------------------------------------------------------ */

typedef struct cached {
    struct cached          *next;
    const nu_database      *database;
    struct nu_content_type *type;
} cached;

static struct {
    nu_arena *arena;
    cached   *first;
} cache;

void nu_content_type_clear_cache(void)
{
    if (cache.arena != NULL)
        nu_arena_free(cache.arena);
    cache.arena = NULL;
    cache.first = NULL;
}

static struct nu_content_type *keep(const struct nu_content_type *type, nu_database *db)
{
    if (cache.arena == NULL)
        cache.arena = nu_arena_new(NULL, "content types");
    cached *item = nu_arena_zalloc(cache.arena, sizeof *item);
    size_t  stride;
    item->next = cache.first;
    item->database = db;
    item->type = nu__rows_alloc(cache.arena, &nu_content_type_model, 1, &stride);
    item->type->row.id = type->row.id;
    item->type->app_label = nu_arena_text(cache.arena, type->app_label);
    item->type->model = nu_arena_text(cache.arena, type->model);
    item->type->row.state->database = db;
    item->type->row.state->saved = true;
    cache.first = item;
    return item->type;
}

static struct nu_content_type *find_by_key(const char *app, const char *model,
                                           const nu_database *db)
{
    for (cached *item = cache.first; item != NULL; item = item->next) {
        if (item->database == db && strcmp(item->type->app_label, app) == 0 &&
            strcmp(item->type->model, model) == 0)
            return item->type;
    }
    return NULL;
}

static nu_query *types_on(const nu_database *db)
{
    return nu_using(nu_query_everything(&nu_content_type_model), nu_database_alias(db));
}

/* ---- asking --------------------------------------------------------------------------------- */

struct nu_content_type *nu__content_type(const nu_model *model, nu_database *db)
{
    const nu_model_info    *info = nu__info(model);
    struct nu_content_type *type = find_by_key(info->app, info->key, db);
    if (type != NULL)
        return type;
    nu_query *query = types_on(db);
    nu_row   *row = nu_get_or_create_(query, NU_PAIRS(), NULL,
                                      NU_PAIRS("app_label", info->app, "model", info->key));
    return keep((struct nu_content_type *)(void *)row, db);
}

struct nu_content_type *nu_content_type_on(const nu_model *model, const char *alias, bool proxy)
{
    const nu_model *of = proxy ? model : nu_model_concrete(model);
    return nu__content_type(of, alias != NULL ? nu_database_get(alias) : nu_model_database(of));
}

struct nu_content_type *nu_content_type_for(const nu_model *model)
{
    return nu_content_type_on(model, NULL, false);
}

static nu_database *own_database(const char *alias)
{
    return alias != NULL ? nu_database_get(alias) : nu_model_database(&nu_content_type_model);
}

struct nu_content_type *nu__content_type_by_id(int64_t id, nu_database *db)
{
    for (cached *item = cache.first; item != NULL; item = item->next) {
        if (item->database == db && item->type->row.id == id)
            return item->type;
    }
    nu_row *row = nu_get_(types_on(db), NU_PAIRS("pk", id));
    return keep((struct nu_content_type *)(void *)row, db);
}

struct nu_content_type *nu_content_type_by_id(int64_t id, const char *alias)
{
    return nu__content_type_by_id(id, own_database(alias));
}

struct nu_content_type *nu_content_type_by_key(const char *app_label, const char *model,
                                               const char *alias)
{
    nu_database            *db = own_database(alias);
    struct nu_content_type *type = find_by_key(app_label, model, db);
    if (type != NULL)
        return type;
    nu_row *row = nu_get_(types_on(db), NU_PAIRS("app_label", app_label, "model", model));
    return keep((struct nu_content_type *)(void *)row, db);
}

const nu_model *nu_content_type_class(const struct nu_content_type *type)
{
    return nu_model_find(nu_fmt("%s.%s", type->app_label, type->model));
}

bool nu_content_types_are_ready(nu_database *db)
{
    const nu_db_column_info *columns = nu_database_backend(db)->columns(db, "django_content_type");
    bool                     any = columns != NULL;
    for (; columns != NULL && columns->name != NULL; columns++)
        if (strcmp(columns->name, "name") == 0)
            return false; /* of Django's first form of the table */
    return any;
}

void nu_content_types_create(const char *alias)
{
    nu_database *db = own_database(alias);
    nu_list     *there = nu_query_list(nu_values_list(types_on(db), "app_label", "model"));
    nu_dict     *known = nu_dict_new();
    nu_row     **rows;
    size_t       count = 0, most = 0;
    for (uint32_t i = 0; i < there->count; i++) {
        const nu_list *pair = there->items[i].list;
        nu_dict_put(known, nu_value_text(nu_fmt("%s.%s", pair->items[0].text, pair->items[1].text)),
                    nu_value_bool(true));
    }
    while (nu_models()[most] != NULL)
        most++;
    rows = nu_alloc((most + 1) * sizeof *rows);
    for (const nu_model *const *model = nu_models(); *model != NULL; model++) {
        const nu_model_info *info = nu__info(*model);
        if (info->automatic || nu_dict_find(known, nu_fmt("%s.%s", info->app, info->key)) != NULL)
            continue;
        nu_row *row = nu_row_new_(&nu_content_type_model,
                                  NU_PAIRS("app_label", info->app, "model", info->key));
        row->state->database = db;
        rows[count++] = row;
    }
    nu_bulk_create(rows);
}
