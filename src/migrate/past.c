/* Models as they are at one point of the history: made from the state, with rows whose members lie one
 * behind the other as in a struct that nobody has declared. */
#include <string.h>

#include "migrate/internal.h"

#include "model/schema_sql.h"

struct nu_past {
    const nu__state *state;
    nu_database     *db;
    nu_model       **models; /* beside those of the state; NULL until the first is asked for */
};

nu_past *nu__past_new(nu_database *db, const nu__state *state)
{
    nu_past *past = nu_alloc(sizeof *past);
    *past = (nu_past){.state = state, .db = db};
    return past;
}

void nu_run_nothing(nu_database *db, const nu_past *past)
{
    (void)db;
    (void)past;
}

/* ---- members --------------------------------------------------------------------------------- */

/* The kind of the key at the end of a chain of references. */
static nu_db_type key_type(const nu__state *state, const nu__model *model, const nu_field *field)
{
    nu_check_stack();
    nu__column column;
    return nu__column_of(state, model, field, &column) ? column.type.type : NU_DB_BIG_INT;
}

static nu_member reference_member(nu_db_type key)
{
    switch (key) {
    case NU_DB_CHAR:
    case NU_DB_TEXT:
    case NU_DB_SLUG: return NU_MEMBER_REF_TEXT;
    case NU_DB_UUID: return NU_MEMBER_REF_UUID;
    default: return NU_MEMBER_REF_INT;
    }
}

static nu_member plain_member(const nu_field *field)
{
    bool key = field->primary_key;
    switch (field->type->db) {
    case NU_DB_BOOL: return field->null ? NU_MEMBER_MAYBE_BOOL : NU_MEMBER_BOOL;
    case NU_DB_FLOAT: return field->null ? NU_MEMBER_MAYBE_FLOAT : NU_MEMBER_DOUBLE;
    case NU_DB_DECIMAL: return NU_MEMBER_DECIMAL;
    case NU_DB_DATE: return NU_MEMBER_DATE;
    case NU_DB_TIME: return NU_MEMBER_TIME;
    case NU_DB_DATETIME: return NU_MEMBER_DATETIME;
    case NU_DB_DURATION: return NU_MEMBER_DURATION;
    case NU_DB_UUID: return NU_MEMBER_UUID;
    case NU_DB_JSON:
    case NU_DB_NATIVE: return NU_MEMBER_VALUE;
    case NU_DB_BINARY: return NU_MEMBER_BYTES;
    case NU_DB_CHAR:
    case NU_DB_TEXT:
    case NU_DB_SLUG:
    case NU_DB_IP: return NU_MEMBER_TEXT;
    default: return field->null && !key ? NU_MEMBER_MAYBE_INT : NU_MEMBER_INT64;
    }
}

static size_t size_of(nu_member member)
{
    struct reference {
        nu_uuid id;
        nu_row *row;
    };
    switch (member) {
    case NU_MEMBER_DECIMAL: return sizeof(nu_decimal);
    case NU_MEMBER_UUID: return sizeof(nu_uuid);
    case NU_MEMBER_VALUE: return sizeof(nu_value);
    case NU_MEMBER_BYTES: return sizeof(nu_bytes);
    case NU_MEMBER_REF_INT:
    case NU_MEMBER_REF_TEXT:
    case NU_MEMBER_REF_UUID: return sizeof(struct reference);
    default: return sizeof(nu_datetime) > 16 ? sizeof(nu_datetime) : 16;
    }
}

static bool is_row_id(const nu_field *field)
{
    return field->primary_key && !field->type->relation && plain_member(field) == NU_MEMBER_INT64;
}

static void place(const nu__state *state, const nu__model *model, nu_field *field, size_t *size)
{
    enum { ALIGNMENT = 16 };
    if (field->type->many || field->type->virtual || field->parent_link)
        return;
    if (is_row_id(field)) {
        field->offset = offsetof(nu_row, id);
        field->member = NU_MEMBER_INT64;
        return;
    }
    field->member = field->type->relation ? reference_member(key_type(state, model, field))
                                          : plain_member(field);
    *size = (*size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    field->offset = (uint32_t)*size;
    *size += size_of(field->member);
}

/* ---- models ---------------------------------------------------------------------------------- */

static nu_model *model_at(const nu_past *past, const char *label)
{
    const nu__model *model = label != NULL ? nu__state_find_label(past->state, label) : NULL;
    for (size_t i = 0; i < past->state->count; i++)
        if (past->state->models[i] == model)
            return past->models[i];
    return NULL;
}

static nu_field field_then(const nu_past *past, const nu_field *from)
{
    nu_field field = *from;
    field.to = model_at(past, from->to_name);
    field.through = model_at(past, from->through_name);
    field.validators = NULL;
    return field;
}

static nu_model *base_of(const nu_past *past, const nu__model *model)
{
    return model->meta.bases != NULL ? model_at(past, model->meta.bases[0]) : NULL;
}

/* A parent's members come first, so parents are laid out before their children. */
static void lay_out(const nu_past *past, size_t index)
{
    nu_check_stack();
    const nu__model *from = past->state->models[index];
    nu_model        *model = past->models[index];
    nu_model        *base = base_of(past, from);
    if (model->size > 0)
        return;
    model->size = sizeof(nu_row);
    for (size_t i = 0; base != NULL && i < past->state->count; i++)
        if (past->models[i] == base)
            lay_out(past, i);
    if (base != NULL)
        model->size = base->size;
    nu_field *fields = nu_alloc((from->count + 1) * sizeof *fields);
    size_t    count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (nu__field_is_order(&from->fields[i]))
            continue;
        fields[count] = field_then(past, &from->fields[i]);
        place(past->state, from, &fields[count++], &model->size);
    }
    model->fields = fields;
}

static nu_model *model_then(const nu_past *past, const nu__model *from)
{
    nu_model *model = nu_alloc(sizeof *model);
    *model = (nu_model){
        .class = {.name = from->name,
                  .get = nu_row_class_get_,
                  .text = nu_row_class_text_,
                  .equal = nu_row_class_equal_,
                  .plain = nu_row_class_plain_},
        .name = from->name,
        .state = nu_alloc(sizeof(nu_model_state)),
        .db_table = from->meta.db_table,
        .ordering = from->meta.ordering,
        .unique_together = from->meta.unique_together,
        .verbose_name = from->meta.verbose_name,
        .get_latest_by = from->meta.get_latest_by,
        .order_with_respect_to = from->meta.order_with_respect_to,
        .default_related_name = from->meta.default_related_name,
        .database = nu_database_alias(past->db),
    };
    return model;
}

static bool has_parent_link(const nu__model *model)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->fields[i].parent_link)
            return true;
    return false;
}

static void build(nu_past *past)
{
    size_t       count = past->state->count;
    const char **apps = nu_alloc((count + 1) * sizeof *apps);
    past->models = nu_alloc((count + 1) * sizeof *past->models);
    for (size_t i = 0; i < count; i++) {
        apps[i] = past->state->models[i]->app;
        past->models[i] = model_then(past, past->state->models[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const nu__model *from = past->state->models[i];
        lay_out(past, i);
        if (from->meta.proxy)
            past->models[i]->proxy_of = base_of(past, from);
        else if (has_parent_link(from))
            past->models[i]->parent = base_of(past, from);
    }
    nu__models_apart(apps, (const nu_model *const *)past->models, count);
}

const nu_model *nu_past_model(const nu_past *past, const char *app, const char *name)
{
    const char *label = nu_fmt("%s.%s", app, name);
    if (past->models == NULL)
        build((nu_past *)past);
    const nu_model *model = model_at(past, label);
    if (model != NULL)
        return model;
    const char **labels = nu_alloc((past->state->count + 1) * sizeof *labels);
    for (size_t i = 0; i < past->state->count; i++)
        labels[i] = nu__model_label(past->state->models[i]);
    nu_error *error = nu_error_new(NU_VALUE_ERROR, "there is no model \"%s\" at this point", label);
    const char *near = nu_nearest(label, labels);
    error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near)
                               : nu_fmt("Does the migration depend on one of the app \"%s\"?", app);
    nu_throw(error);
}
