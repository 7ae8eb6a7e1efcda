/* All models of the process, by app. Built at start-up, read ever after. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/ascii.h"
#include "model/internal.h"
#include "model/schema_sql.h"
#include "model/shape.h"
#include "nuages/contenttypes.h"
#include "nuages/text.h"

/* What was added, which a rebuild starts from. */
typedef struct added {
    struct added   *next;
    const char     *app;
    const nu_model *model;
} added;

static struct registry {
    nu_arena        *sources; /* holds the list below */
    added           *first, **last;
    nu_arena        *arena;  /* holds all that is worked out */
    const nu_model **models; /* ended by NULL */
    size_t           count, capacity;
} registry;

nu_arena *nu__models_arena(void)
{
    return registry.arena;
}

static NU_NORETURN void refuse(const nu_model *model, const nu_field *field, const char *id,
                               const char *sentence)
{
    const char *app = model->state->info != NULL ? model->state->info->app : "?";
    const char *after = id != NULL ? nu_fmt(" (%s)", id) : "";
    nu_error   *error;
    if (field == NULL) {
        error = nu_error_new(NU_CONFIG_ERROR, "model \"%s.%s\": %s%s", app, model->name, sentence,
                             after);
    } else {
        error = nu_error_new(NU_CONFIG_ERROR, "model \"%s.%s\", field \"%s\": %s%s", app,
                             model->name, field->name, sentence, after);
        error->place = (nu_place){.file = field->file, .line = field->line};
    }
    error->code = id;
    nu_throw(error);
}

void nu__bad_model(const nu_model *model, const nu_field *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    refuse(model, field, NULL, sentence);
}

void nu__wrong_model(const nu_model *model, const nu_field *field, const char *id,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    refuse(model, field, id, sentence);
}

/* ---- adding --------------------------------------------------------------------------------- */

static void init(void)
{
    if (registry.sources != NULL)
        return;
    registry.sources = nu_arena_new(NULL, "models added");
    registry.last = &registry.first;
}

void nu_models_add(const char *label, const nu_model *const *models)
{
    init();
    for (size_t i = 0; models != NULL && models[i] != NULL; i++) {
        added *item = nu_arena_zalloc(registry.sources, sizeof *item);
        item->app = nu_arena_text(registry.sources, label);
        item->model = models[i];
        *registry.last = item;
        registry.last = &item->next;
    }
}

static void forget_infos(void)
{
    nu_content_type_clear_cache();
    nu__shapes_forget();
    for (size_t i = 0; i < registry.count; i++)
        registry.models[i]->state->info = NULL;
    nu_arena_free(registry.arena);
    registry.arena = NULL;
    registry.models = NULL;
    registry.count = registry.capacity = 0;
}

void nu_models_clear(void)
{
    forget_infos();
    nu_arena_free(registry.sources);
    registry = (struct registry){.sources = NULL};
}

/* ---- infos ---------------------------------------------------------------------------------- */

/* "BlogPost" → "blog post", "HTMLPage" → "html page", as Django's camel_case_to_spaces. */
static const char *spaced(nu_arena *arena, const char *name)
{
    nu_builder out;
    nu_builder_init(&out, arena, strlen(name) * 2);
    for (const char *at = name; *at != '\0'; at++) {
        bool upper = isupper((unsigned char)*at) != 0;
        bool after_lower = at > name && islower((unsigned char)at[-1]);
        bool before_lower = at[1] != '\0' && islower((unsigned char)at[1]);
        if (at > name && upper && (after_lower || before_lower))
            nu_builder_putc(&out, ' ');
        nu_builder_putc(&out, nu__ascii_lower(*at));
    }
    return nu_builder_text(&out);
}

static void push(const nu_model *model)
{
    if (registry.count + 1 >= registry.capacity) {
        size_t capacity = registry.capacity > 0 ? registry.capacity * 2 : 64;
        registry.models =
            nu_arena_grow(registry.arena, registry.models, registry.capacity * sizeof(nu_model *),
                          capacity * sizeof(nu_model *));
        registry.capacity = capacity;
    }
    registry.models[registry.count++] = model;
    registry.models[registry.count] = NULL;
}

static void refuse_twice(const char *app, const nu_model *model)
{
    if (model->state->info != NULL)
        nu__bad_model(model, NULL, "it was added twice, to \"%s\" and to \"%s\"",
                      model->state->info->app, app);
    const nu_model *other = nu_model_find(nu_fmt("%s.%s", app, model->name));
    if (other != NULL)
        nu__bad_model(other, NULL, "there are two models of this name in the app");
}

static nu_model_info *info_new(const char *app, const nu_model *model, bool automatic)
{
    if (model->state == NULL || model->name == NULL)
        nu_raise(NU_CONFIG_ERROR, "a model of app \"%s\" lacks NU_MODEL_OF", app);
    refuse_twice(app, model);
    nu_arena      *arena = registry.arena;
    nu_model_info *info = nu_arena_zalloc(arena, sizeof *info);
    info->model = model;
    info->automatic = automatic;
    info->arena = arena;
    info->app = nu_arena_text(arena, app);
    info->label = nu_arena_format(arena, "%s.%s", app, model->name);
    info->key = nu__lower_copy(arena, model->name, strlen(model->name));
    info->table =
        model->db_table != NULL ? model->db_table : nu_arena_format(arena, "%s_%s", app, info->key);
    info->verbose_name =
        model->verbose_name != NULL ? model->verbose_name : spaced(arena, model->name);
    info->verbose_name_plural = model->verbose_name_plural != NULL
                                    ? model->verbose_name_plural
                                    : nu_arena_format(arena, "%ss", info->verbose_name);
    model->state->info = info;
    push(model);
    return info;
}

/* The automatic models are added while this runs, behind the model whose field needs them. */
static void add_automatic(nu_model_info *info)
{
    for (size_t i = 0; info->own_many[i] != NULL; i++) {
        nu_column *many = (nu_column *)info->own_many[i];
        if (many->field->through != NULL) {
            many->through = many->field->through;
            continue;
        }
        many->through = nu__automatic_through(info, many);
        nu__resolve_columns(info_new(info->app, many->through, true));
    }
}

static nu_model_info **all_infos(void)
{
    nu_model_info **infos = nu_arena_array(registry.arena, registry.count + 1, sizeof *infos);
    for (size_t i = 0; i < registry.count; i++)
        infos[i] = registry.models[i]->state->info;
    return infos;
}

static void resolve(void)
{
    for (added *item = registry.first; item != NULL; item = item->next)
        info_new(item->app, item->model, false);
    size_t declared = registry.count;
    for (size_t i = 0; i < declared; i++)
        nu__resolve_columns(registry.models[i]->state->info);
    for (size_t i = 0; i < declared; i++)
        add_automatic(registry.models[i]->state->info);
    nu_model_info **infos = all_infos();
    for (size_t i = 0; i < registry.count; i++)
        nu__resolve_targets(infos[i]);
    nu__resolve_reverses(infos, registry.count);
    nu__resolve_generics(infos, registry.count);
    for (size_t i = 0; i < registry.count; i++)
        nu__resolve_names(infos[i]);
}

/* One as it is, several together. */
static NU_NORETURN void refuse_all(const nu__faults *faults)
{
    if (faults->texts->count == 1)
        nu_reraise(faults->first);
    nu_error *error =
        nu_error_new(NU_CONFIG_ERROR, "%u mistakes in the models", faults->texts->count);
    nu_builder all;
    nu_builder_init(&all, NULL, 256);
    for (uint32_t i = 0; i < faults->texts->count; i++)
        nu_builder_printf(&all, "%s%s", i > 0 ? "\n" : "", faults->texts->items[i].text);
    error->detail = nu_builder_text(&all);
    error->code = faults->first->code;
    error->place = faults->first->place;
    nu_throw(error);
}

static void build(void)
{
    resolve();
    for (size_t i = 0; i < registry.count; i++)
        registry.models[i]->state->info->lasting = true;
    nu__faults faults = {.texts = nu_list_new()};
    for (size_t i = 0; i < registry.count; i++)
        nu__check_model(registry.models[i]->state->info, &faults);
    nu__check_models(all_infos(), registry.count, &faults);
    if (faults.texts->count > 0)
        refuse_all(&faults);
}

void nu_models_ready(void)
{
    init();
    forget_infos();
    registry.arena = nu_arena_new(NULL, "models");
    registry.capacity = 64;
    registry.models = nu_arena_array(registry.arena, registry.capacity, sizeof(nu_model *));
    NU_TRY {
        build();
    }
    NU_CATCH (error) {
        forget_infos();
        nu_reraise(error);
    }
}

/* The infos of a detached model live where it was asked for, not with those of the program. */
void nu__model_detached(const char *app, const nu_model *model)
{
    nu_arena      *arena = nu_arena_current(), *kept = registry.arena;
    nu_model_info *info = nu_arena_zalloc(arena, sizeof *info);
    info->model = model;
    info->app = app;
    info->label = nu_arena_format(arena, "%s.%s", app, model->name);
    info->key = nu__lower_copy(arena, model->name, strlen(model->name));
    info->table = model->db_table;
    info->arena = arena;
    model->state->info = info;
    registry.arena = arena;
    NU_TRY {
        nu__resolve_columns(info);
        nu__resolve_generics(&info, 1);
        nu__resolve_names(info);
    }
    NU_CATCH (error) {
        registry.arena = kept;
        nu_reraise(error);
    }
    registry.arena = kept;
}

void nu__models_apart(const char *const *apps, const nu_model *const *models, size_t count)
{
    struct registry kept = registry;
    nu_arena       *arena = nu_arena_current();
    added          *list = nu_arena_zalloc(arena, (count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (added){
            .next = i + 1 < count ? &list[i + 1] : NULL, .app = apps[i], .model = models[i]};
    registry = (struct registry){.sources = arena,
                                 .first = count > 0 ? list : NULL,
                                 .arena = arena,
                                 .models = nu_arena_array(arena, count + 1, sizeof(nu_model *)),
                                 .capacity = count + 1};
    NU_TRY {
        resolve();
    }
    NU_CATCH (error) {
        registry = kept;
        nu_reraise(error);
    }
    registry = kept;
}

/* ---- asking --------------------------------------------------------------------------------- */

const nu_model *const *nu_models(void)
{
    static const nu_model *const none[] = {NULL};
    return registry.models != NULL ? registry.models : none;
}

const nu_model *nu_model_find(const char *label)
{
    for (size_t i = 0; i < registry.count; i++) {
        const nu_model_info *info = registry.models[i]->state->info;
        if (nu_equal_ascii_nocase(info->label, strlen(info->label), label, strlen(label)))
            return registry.models[i];
    }
    return NULL;
}

const nu_model *nu_model_get(const char *label)
{
    const nu_model *model = nu_model_find(label);
    if (model != NULL)
        return model;
    const char **labels = nu_arena_array(nu_arena_current(), registry.count + 1, sizeof *labels);
    for (size_t i = 0; i < registry.count; i++)
        labels[i] = registry.models[i]->state->info->label;
    nu_error   *error = nu_error_new(NU_VALUE_ERROR, "there is no model \"%s\"", label);
    const char *near = nu_nearest(label, labels);
    if (near != NULL)
        error->hint = nu_fmt("Did you mean \"%s\"?", near);
    nu_throw(error);
}

nu_model_info *nu__info(const nu_model *model)
{
    if (NU_LIKELY(model->state->info != NULL))
        return model->state->info;
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "model \"%s\" belongs to no app", model->name);
    error->hint = "Name it in the .models of its app, and the app in the settings.";
    nu_throw(error);
}
