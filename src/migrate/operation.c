/* What each operation does to a state, and how it is called. */
#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

static NU_NORETURN void raise_missing(const char *app, const nu_operation *operation,
                                      const char *what)
{
    nu_raise(NU_VALUE_ERROR, "migration operation \"%s\" of app \"%s\": there is no %s",
             nu__operation_text(operation), app, what);
}

static nu__model *need_model(const nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model = nu__state_find(state, app, operation->model);
    if (model == NULL)
        raise_missing(app, operation, nu_fmt("model \"%s\"", operation->model));
    return model;
}

static nu_field *need_field(const nu__model *model, const nu_operation *operation, const char *name)
{
    nu_field *field = nu__model_field(model, name);
    if (field == NULL)
        raise_missing(model->app, operation, nu_fmt("field \"%s\" in \"%s\"", name, model->name));
    return field;
}

/* ---- applying -------------------------------------------------------------------------------- */

static void create_model(nu__state *state, const char *app, const nu_operation *operation)
{
    if (nu__state_find(state, app, operation->model) != NULL)
        nu_raise(NU_VALUE_ERROR, "a migration of app \"%s\" creates model \"%s\" twice", app,
                 operation->model);
    nu__model *model = nu_alloc(sizeof *model);
    *model = (nu__model){.app = app, .name = operation->model, .meta = operation->meta};
    for (const nu_field *field = operation->fields; field != NULL && field->name != NULL; field++)
        nu__model_add_field(model, field);
    if (model->count > 0)
        (void)nu__model_primary_key(model); /* raises if it has none: the table could not be used */
    nu__state_add(state, model);
}

/* The field that stays in the state: a default that was for once is left out. */
static nu_field lasting(const nu_operation *operation)
{
    nu_field field = *operation->field;
    if (operation->once)
        field.default_value = nu_null();
    return field;
}

static void rename_model(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model  *model = need_model(state, app, operation);
    const char *old_label = nu__model_label(model);
    model->name = operation->new_name;
    for (size_t i = 0; i < state->count; i++)
        for (size_t f = 0; f < state->models[i]->count; f++) {
            nu_field *field = &state->models[i]->fields[f];
            if (field->to_name != NULL && strcasecmp(field->to_name, old_label) == 0)
                field->to_name = nu__model_label(model);
            if (field->through_name != NULL && strcasecmp(field->through_name, old_label) == 0)
                field->through_name = nu__model_label(model);
        }
}

/* A list of names with one of them renamed; a leading "-" is kept. */
static const char *const *renamed_in(const char *const *names, const char *from, const char *to)
{
    size_t count = 0;
    while (names != NULL && names[count] != NULL)
        count++;
    if (names == NULL)
        return NULL;
    const char **list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        bool        down = names[i][0] == '-';
        const char *name = names[i] + down;
        list[i] = strcmp(name, from) == 0 ? (down ? nu_fmt("-%s", to) : to) : names[i];
    }
    return list;
}

static void rename_in_indexes(nu_meta *meta, const char *from, const char *to)
{
    size_t count = 0;
    while (meta->indexes != NULL && meta->indexes[count].name != NULL)
        count++;
    nu_index *indexes = nu_alloc((count + 1) * sizeof *indexes);
    for (size_t i = 0; i < count; i++) {
        indexes[i] = meta->indexes[i];
        indexes[i].fields = renamed_in(indexes[i].fields, from, to);
        indexes[i].include = renamed_in(indexes[i].include, from, to);
    }
    meta->indexes = count > 0 ? indexes : NULL;
}

static void rename_in_constraints(nu_meta *meta, const char *from, const char *to)
{
    size_t count = 0;
    while (meta->constraints != NULL && meta->constraints[count].name != NULL)
        count++;
    nu_constraint *constraints = nu_alloc((count + 1) * sizeof *constraints);
    for (size_t i = 0; i < count; i++) {
        constraints[i] = meta->constraints[i];
        constraints[i].fields = renamed_in(constraints[i].fields, from, to);
    }
    meta->constraints = count > 0 ? constraints : NULL;
}

static void rename_in_meta(nu_meta *meta, const char *from, const char *to)
{
    meta->ordering = renamed_in(meta->ordering, from, to);
    rename_in_indexes(meta, from, to);
    rename_in_constraints(meta, from, to);
    size_t count = 0;
    while (meta->unique_together != NULL && meta->unique_together[count] != NULL)
        count++;
    if (count == 0)
        return;
    const char *const **sets = nu_alloc((count + 1) * sizeof *sets);
    for (size_t i = 0; i < count; i++)
        sets[i] = renamed_in(meta->unique_together[i], from, to);
    meta->unique_together = sets;
}

static void rename_field(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model = need_model(state, app, operation);
    need_field(model, operation, operation->name)->name = operation->new_name;
    rename_in_meta(&model->meta, operation->name, operation->new_name);
}

void nu__operation_apply(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model;
    nu_field   field;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: create_model(state, app, operation); return;
    case NU_OPERATION_DELETE_MODEL:
        nu__state_remove(state, need_model(state, app, operation));
        return;
    case NU_OPERATION_RENAME_MODEL: rename_model(state, app, operation); return;
    case NU_OPERATION_ADD_FIELD:
        model = need_model(state, app, operation);
        field = lasting(operation);
        nu__model_add_field(model, &field);
        return;
    case NU_OPERATION_REMOVE_FIELD:
        model = need_model(state, app, operation);
        need_field(model, operation, operation->name);
        nu__model_remove_field(model, operation->name);
        return;
    case NU_OPERATION_ALTER_FIELD:
        model = need_model(state, app, operation);
        *need_field(model, operation, operation->name) = lasting(operation);
        return;
    case NU_OPERATION_RENAME_FIELD: rename_field(state, app, operation); return;
    case NU_OPERATION_ALTER_META: need_model(state, app, operation)->meta = operation->meta; return;
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_END: return;
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

const char *nu__operation_text(const nu_operation *operation)
{
    const char *model = operation->model;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: return nu_fmt("Create model %s", model);
    case NU_OPERATION_DELETE_MODEL: return nu_fmt("Delete model %s", model);
    case NU_OPERATION_RENAME_MODEL:
        return nu_fmt("Rename model %s to %s", model, operation->new_name);
    case NU_OPERATION_ADD_FIELD: return nu_fmt("Add field %s to %s", operation->name, model);
    case NU_OPERATION_REMOVE_FIELD:
        return nu_fmt("Remove field %s from %s", operation->name, model);
    case NU_OPERATION_ALTER_FIELD: return nu_fmt("Alter field %s on %s", operation->name, model);
    case NU_OPERATION_RENAME_FIELD:
        return nu_fmt("Rename field %s on %s to %s", operation->name, model, operation->new_name);
    case NU_OPERATION_ALTER_META: return nu_fmt("Change options of %s", model);
    case NU_OPERATION_RUN_SQL: return "Run SQL";
    case NU_OPERATION_RUN_C: return "Run C";
    case NU_OPERATION_END: break;
    }
    return "";
}

const char *nu__operation_slug(const nu_operation *operation)
{
    const char *model = operation->model != NULL ? nu__lower(operation->model) : NULL;
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: return model;
    case NU_OPERATION_DELETE_MODEL: return nu_fmt("delete_%s", model);
    case NU_OPERATION_RENAME_MODEL:
        return nu_fmt("rename_%s_%s", model, nu__lower(operation->new_name));
    case NU_OPERATION_ADD_FIELD: return nu_fmt("%s_%s", model, operation->name);
    case NU_OPERATION_REMOVE_FIELD: return nu_fmt("remove_%s_%s", model, operation->name);
    case NU_OPERATION_ALTER_FIELD: return nu_fmt("alter_%s_%s", model, operation->name);
    case NU_OPERATION_RENAME_FIELD:
        return nu_fmt("rename_%s_%s_%s", operation->name, model, operation->new_name);
    case NU_OPERATION_ALTER_META: return nu_fmt("alter_%s_options", model);
    case NU_OPERATION_RUN_SQL:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_END: break;
    }
    return "custom";
}
