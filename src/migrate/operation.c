/* What each operation does to a state. */
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

/* ---- models ---------------------------------------------------------------------------------- */

static void create_model(nu__state *state, const char *app, const nu_operation *operation)
{
    if (nu__state_find(state, app, operation->model) != NULL)
        nu_raise(NU_VALUE_ERROR, "a migration of app \"%s\" creates model \"%s\" twice", app,
                 operation->model);
    nu__model *model = nu_alloc(sizeof *model);
    *model = (nu__model){.app = app, .name = operation->model, .meta = operation->meta};
    for (const nu_field *field = operation->fields; field != NULL && field->name != NULL; field++)
        nu__model_add_field(model, field);
    if (model->count > 0 && !model->meta.proxy && model->meta.primary_key == NULL)
        (void)nu__model_primary_key(model); /* raises if it has none: the table could not be used */
    nu__model_set_order(model, operation->meta.order_with_respect_to);
    nu__state_add(state, model);
}

static void rename_bases(nu__model *model, const char *from, const char *to)
{
    size_t       count = nu__count_texts(model->meta.bases);
    const char **bases = nu_alloc((count + 1) * sizeof *bases);
    for (size_t i = 0; i < count; i++)
        bases[i] = nu__label_equal(model->meta.bases[i], from) ? to : model->meta.bases[i];
    if (count > 0)
        model->meta.bases = bases;
}

static void rename_model(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model  *model = need_model(state, app, operation);
    const char *old_label = nu__model_label(model);
    model->name = operation->new_name;
    const char *label = nu__model_label(model);
    for (size_t i = 0; i < state->count; i++) {
        rename_bases(state->models[i], old_label, label);
        for (size_t f = 0; f < state->models[i]->count; f++) {
            nu_field *field = &state->models[i]->fields[f];
            if (field->to_name != NULL && nu__label_equal(field->to_name, old_label))
                field->to_name = label;
            if (field->through_name != NULL && nu__label_equal(field->through_name, old_label))
                field->through_name = label;
        }
    }
}

/* ---- fields ---------------------------------------------------------------------------------- */

nu_field nu__lasting_field(const nu_operation *operation)
{
    nu_field field = *operation->field;
    if (operation->once) {
        field.default_value = nu_null();
        field.default_fn = NULL;
    }
    return field;
}

static void add_field(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model = need_model(state, app, operation);
    nu_field   field = nu__lasting_field(operation);
    if (nu__model_field(model, operation->name) != NULL)
        nu_raise(NU_VALUE_ERROR, "a migration of app \"%s\" adds field \"%s\" to \"%s\" twice", app,
                 operation->name, operation->model);
    nu__model_add_field(model, &field);
}

static void remove_field(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model = need_model(state, app, operation);
    need_field(model, operation, operation->name);
    nu__model_remove_field(model, operation->name);
}

static void rename_field(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model  *model = need_model(state, app, operation);
    const char *label = nu__model_label(model);
    need_field(model, operation, operation->name)->name = operation->new_name;
    nu__meta_rename_field(&model->meta, operation->name, operation->new_name);
    for (size_t i = 0; i < state->count; i++)
        for (size_t f = 0; f < state->models[i]->count; f++) {
            nu_field *field = &state->models[i]->fields[f];
            if (field->to_field != NULL && nu__label_equal(field->to_name, label) &&
                strcmp(field->to_field, operation->name) == 0)
                field->to_field = operation->new_name;
        }
}

/* ---- indexes and constraints ----------------------------------------------------------------- */

static void need_index(const nu__model *model, const nu_operation *operation)
{
    if (nu__meta_index(&model->meta, operation->name) == NULL)
        raise_missing(model->app, operation,
                      nu_fmt("index \"%s\" in \"%s\"", operation->name, model->name));
}

static void rename_index(nu__model *model, const nu_operation *operation)
{
    size_t    count = nu__count_indexes(model->meta.indexes);
    nu_index *list = nu_alloc((count + 1) * sizeof *list);
    need_index(model, operation);
    for (size_t i = 0; i < count; i++) {
        list[i] = model->meta.indexes[i];
        if (strcmp(list[i].name, operation->name) == 0)
            list[i].name = operation->new_name;
    }
    model->meta.indexes = list;
}

static void need_constraint(const nu__model *model, const nu_operation *operation)
{
    if (nu__meta_constraint(&model->meta, operation->name) == NULL)
        raise_missing(model->app, operation,
                      nu_fmt("constraint \"%s\" in \"%s\"", operation->name, model->name));
}

static void remove_constraint(nu__model *model, const nu_operation *operation)
{
    need_constraint(model, operation);
    nu__meta_remove_constraint(&model->meta, operation->name);
}

/* Those that change the options of one model. */
static void change_meta(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model = need_model(state, app, operation);
    nu_meta   *meta = &model->meta;
    switch (operation->kind) {
    case NU_OPERATION_ALTER_OPTIONS: nu__meta_set_options(meta, &operation->meta); return;
    case NU_OPERATION_ALTER_TABLE: meta->db_table = operation->name; return;
    case NU_OPERATION_ALTER_TABLE_COMMENT: meta->db_comment = operation->name; return;
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER:
        meta->unique_together = operation->meta.unique_together;
        return;
    case NU_OPERATION_ALTER_ORDER:
        nu__model_set_order(model, operation->meta.order_with_respect_to);
        return;
    case NU_OPERATION_ADD_INDEX: nu__meta_add_index(meta, operation->index); return;
    case NU_OPERATION_REMOVE_INDEX:
        need_index(model, operation);
        nu__meta_remove_index(meta, operation->name);
        return;
    case NU_OPERATION_RENAME_INDEX: rename_index(model, operation); return;
    case NU_OPERATION_ADD_CONSTRAINT:
        nu__meta_add_constraint(meta, operation->constraint);
        return;
    case NU_OPERATION_VALIDATE_CONSTRAINT: need_constraint(model, operation); return;
    case NU_OPERATION_REMOVE_CONSTRAINT: remove_constraint(model, operation); return;
    case NU_OPERATION_ALTER_CONSTRAINT:
        remove_constraint(model, operation);
        nu__meta_add_constraint(meta, operation->constraint);
        return;
    default: return;
    }
}

void nu__operation_apply(nu__state *state, const char *app, const nu_operation *operation)
{
    nu__model *model;
    nu_check_stack();
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: create_model(state, app, operation); return;
    case NU_OPERATION_DELETE_MODEL:
        nu__state_remove(state, need_model(state, app, operation));
        return;
    case NU_OPERATION_RENAME_MODEL: rename_model(state, app, operation); return;
    case NU_OPERATION_ADD_FIELD: add_field(state, app, operation); return;
    case NU_OPERATION_REMOVE_FIELD: remove_field(state, app, operation); return;
    case NU_OPERATION_ALTER_FIELD:
        model = need_model(state, app, operation);
        *need_field(model, operation, operation->name) = nu__lasting_field(operation);
        return;
    case NU_OPERATION_RENAME_FIELD: rename_field(state, app, operation); return;
    case NU_OPERATION_SEPARATE:
    case NU_OPERATION_RUN_SQL:
        for (const nu_operation *o = operation->state; o != NULL && o->kind != NU_OPERATION_END;
             o++)
            nu__operation_apply(state, app, o);
        return;
    case NU_OPERATION_CREATE_EXTENSION:
    case NU_OPERATION_CREATE_COLLATION:
    case NU_OPERATION_REMOVE_COLLATION:
    case NU_OPERATION_RUN_C:
    case NU_OPERATION_END: return;
    default: change_meta(state, app, operation); return;
    }
}
