#include "migrate/internal.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"

/* ---- states ---------------------------------------------------------------------------------- */

nu__state *nu__state_new(void)
{
    return nu_alloc(sizeof(nu__state));
}

static nu__model *copy_model(const nu__model *model)
{
    nu__model *copy = nu_alloc(sizeof *copy);
    *copy = *model;
    copy->fields = nu_alloc((model->count + 1) * sizeof *copy->fields);
    if (model->count > 0)
        memcpy(copy->fields, model->fields, model->count * sizeof *copy->fields);
    return copy;
}

nu__state *nu__state_copy(const nu__state *state)
{
    nu__state *copy = nu__state_new();
    for (size_t i = 0; i < state->count; i++)
        nu__state_add(copy, copy_model(state->models[i]));
    return copy;
}

void nu__state_add(nu__state *state, nu__model *model)
{
    if (state->count == state->capacity) {
        size_t wanted = state->capacity ? 2 * state->capacity : 16;
        state->models =
            nu_arena_grow(nu_arena_current(), state->models,
                          state->capacity * sizeof *state->models, wanted * sizeof *state->models);
        state->capacity = wanted;
    }
    state->models[state->count++] = model;
}

void nu__state_remove(nu__state *state, const nu__model *model)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->models[i] == model) {
            memmove(&state->models[i], &state->models[i + 1],
                    (state->count - i - 1) * sizeof *state->models);
            state->count--;
            return;
        }
}

nu__model *nu__state_find(const nu__state *state, const char *app, const char *name)
{
    for (size_t i = 0; i < state->count; i++)
        if (strcmp(state->models[i]->app, app) == 0 &&
            strcasecmp(state->models[i]->name, name) == 0)
            return state->models[i];
    return NULL;
}

nu__model *nu__state_find_label(const nu__state *state, const char *label)
{
    const char *dot = strchr(label, '.');
    if (dot == NULL)
        return NULL;
    return nu__state_find(state, nu_arena_copy(nu_arena_current(), label, (size_t)(dot - label)),
                          dot + 1);
}

/* ---- models ---------------------------------------------------------------------------------- */

nu_field *nu__model_field(const nu__model *model, const char *name)
{
    for (size_t i = 0; i < model->count; i++)
        if (strcmp(model->fields[i].name, name) == 0)
            return &model->fields[i];
    return NULL;
}

void nu__model_add_field(nu__model *model, const nu_field *field)
{
    size_t size = (model->count + 1) * sizeof *model->fields;
    model->fields =
        nu_arena_grow(nu_arena_current(), model->fields, model->count * sizeof *model->fields,
                      size + sizeof *model->fields);
    model->fields[model->count++] = *field;
    memset(&model->fields[model->count], 0, sizeof *model->fields);
}

void nu__model_remove_field(nu__model *model, const char *name)
{
    nu_field *field = nu__model_field(model, name);
    size_t    index = (size_t)(field - model->fields);
    memmove(field, field + 1, (model->count - index) * sizeof *field);
    model->count--;
}

const char *nu__model_label(const nu__model *model)
{
    return nu_fmt("%s.%s", model->app, model->name);
}

const char *nu__lower(const char *text)
{
    return nu__lower_copy(nu_arena_current(), text, strlen(text));
}

const char *nu__model_table(const nu__model *model)
{
    if (model->meta.db_table != NULL)
        return model->meta.db_table;
    return nu_fmt("%s_%s", model->app, nu__lower(model->name));
}

const nu_field *nu__model_primary_key(const nu__model *model)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->fields[i].primary_key)
            return &model->fields[i];
    nu_raise(NU_VALUE_ERROR, "model \"%s\" has no primary key in its migrations",
             nu__model_label(model));
}

/* ---- the program's models -------------------------------------------------------------------- */

static nu_field field_of_column(const nu_column *column)
{
    nu_field field = *column->field;
    field.name = column->name;
    field.offset = 0;
    field.member = NU_MEMBER_NONE;
    field.file = NULL;
    field.line = 0;
    field.primary_key = column->primary_key;
    if (field.through != NULL) {
        field.through_name = nu_model_label(field.through);
        field.through = NULL;
    }
    if (column->to != NULL) {
        field.to = NULL;
        field.to_name = nu_model_label(column->to);
    }
    return field;
}

static nu__model *model_of(const char *app, const nu_model *model)
{
    nu__model *state = nu_alloc(sizeof *state);
    *state = (nu__model){
        .app = app,
        .name = model->name,
        .meta =
            {
                .db_table = model->db_table,
                .ordering = model->ordering,
                .unique_together = model->unique_together,
                .indexes = model->indexes,
                .constraints = model->constraints,
                .verbose_name = model->verbose_name,
                .verbose_name_plural = model->verbose_name_plural,
                .get_latest_by = model->get_latest_by,
                .permissions = model->permissions,
                .unmanaged = model->unmanaged,
            },
    };
    for (const nu_column *const *column = nu_model_own_columns(model); *column != NULL; column++) {
        nu_field field = field_of_column(*column);
        nu__model_add_field(state, &field);
    }
    for (const nu_column *const *column = nu_model_own_many(model); *column != NULL; column++) {
        nu_field field = field_of_column(*column);
        nu__model_add_field(state, &field);
    }
    return state;
}

nu__state *nu__state_of_models(const nu__migrate_app *apps, size_t count)
{
    nu__state *state = nu__state_new();
    for (const nu_model *const *model = nu_models(); *model != NULL; model++) {
        if (nu_model_is_automatic(*model) || (*model)->proxy_of != NULL)
            continue;
        for (size_t i = 0; i < count; i++)
            if (strcmp(apps[i].label, nu_model_app(*model)) == 0)
                nu__state_add(state, model_of(apps[i].label, *model));
    }
    return state;
}
