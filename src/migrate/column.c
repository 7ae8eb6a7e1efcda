#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

/* The field a reference points to. */
static const nu_field *target_field(const nu__state *state, const nu__model *model,
                                    const nu_field *field, nu__model **to)
{
    *to = nu__state_find_label(state, field->to_name);
    if (*to == NULL)
        nu_raise(NU_VALUE_ERROR,
                 "field \"%s\" of \"%s\" refers to \"%s\", which the migrations do not create",
                 field->name, nu__model_label(model), field->to_name);
    if (field->to_field == NULL)
        return nu__model_primary_key(*to);
    const nu_field *target = nu__model_field(*to, field->to_field);
    if (target == NULL)
        nu_raise(
            NU_VALUE_ERROR,
            "field \"%s\" of \"%s\" refers to the field \"%s\" of \"%s\", which does not exist",
            field->name, nu__model_label(model), field->to_field, field->to_name);
    return target;
}

static const char *column_name(const nu_field *field)
{
    if (field->db_column != NULL)
        return field->db_column;
    return field->type->relation ? nu_fmt("%s_id", field->name) : field->name;
}

/* The type of a column that holds another column's key: it counts nothing itself. */
static nu_db_type plain_type(nu_db_type type)
{
    switch (type) {
    case NU_DB_AUTO: return NU_DB_INT;
    case NU_DB_BIG_AUTO: return NU_DB_BIG_INT;
    case NU_DB_SMALL_AUTO: return NU_DB_SMALL_INT;
    default: return type;
    }
}

static nu_db_column_type type_of(const nu_field *field)
{
    return (nu_db_column_type){
        .type = field->type->db,
        .length = field->max_length > 0 ? field->max_length : field->type->max_length,
        .digits = field->max_digits,
        .places = field->decimal_places,
    };
}

/* A reference to a key that is itself a reference takes the type at the end of the chain. */
static nu_db_column_type reference_type(const nu__state *state, const nu__model *model,
                                        const nu_field *field)
{
    nu_check_stack();
    nu__model        *to;
    const nu_field   *target = target_field(state, model, field, &to);
    nu_db_column_type type =
        target->type->relation ? reference_type(state, to, target) : type_of(target);
    type.type = plain_type(type.type);
    return type;
}

/* The field whose kind of value the column holds: a reference's is at the end of the chain. */
static const nu_field *value_field(const nu__state *state, const nu__model *model,
                                   const nu_field *field)
{
    while (field->type->relation) {
        nu__model *to;
        field = target_field(state, model, field, &to);
        model = to;
    }
    return field;
}

bool nu__column_of(const nu__state *state, const nu__model *model, const nu_field *field,
                   nu__column *out)
{
    if (field->type->many)
        return false;
    *out = (nu__column){
        .field = field,
        .value_field = value_field(state, model, field),
        .name = column_name(field),
        .null = field->null,
        .unique = field->unique || field->type->to_one,
        .primary_key = field->primary_key,
    };
    if (!field->type->relation) {
        out->type = type_of(field);
        /* A slug is looked for, so it has an index unless it says otherwise. */
        out->index =
            (field->db_index || field->type == &nu_field_slug) && !out->unique && !out->primary_key;
        return true;
    }
    nu__model      *to;
    const nu_field *target = target_field(state, model, field, &to);
    out->type = reference_type(state, model, field);
    out->index = !field->no_index && !out->unique && !out->primary_key;
    if (!field->no_constraint) {
        out->to_table = nu__model_table(to);
        out->to_column = column_name(target);
    }
    return true;
}

/* ---- many-to-many ---------------------------------------------------------------------------- */

nu__model *nu__many_model(const nu__state *state, const nu__model *model, const nu_field *field)
{
    if (!field->type->many || field->through_name != NULL)
        return NULL;
    nu__model  *to = nu__state_find_label(state, field->to_name);
    const char *to_app = to != NULL ? to->app : model->app;
    const char *dot = strchr(field->to_name, '.');
    const char *to_name = to != NULL ? to->name : dot != NULL ? dot + 1 : field->to_name;
    bool        to_self = strcasecmp(field->to_name, nu__model_label(model)) == 0;
    const char *from_key =
        to_self ? nu_fmt("from_%s", nu__lower(model->name)) : nu__lower(model->name);
    const char *to_key = to_self ? nu_fmt("to_%s", nu__lower(to_name)) : nu__lower(to_name);

    nu__model *between = nu_alloc(sizeof *between);
    *between = (nu__model){
        .app = model->app,
        .name = nu_fmt("%s_%s", model->name, field->name),
        .meta.db_table = field->db_table != NULL
                             ? field->db_table
                             : nu_fmt("%s_%s", nu__model_table(model), field->name),
    };
    const char **pair = nu_alloc(3 * sizeof *pair);
    pair[0] = from_key;
    pair[1] = to_key;
    const char *const **together = nu_alloc(2 * sizeof *together);
    together[0] = pair;
    between->meta.unique_together = together;
    nu_field id = {.name = "id", .type = &nu_field_big_auto, .primary_key = true};
    nu_field from = {.name = from_key,
                     .type = &nu_field_foreign,
                     .to_name = nu__model_label(model),
                     .on_delete = NU_CASCADE,
                     .no_constraint = field->no_constraint};
    nu_field other = {.name = to_key,
                      .type = &nu_field_foreign,
                      .to_name = nu_fmt("%s.%s", to_app, to_name),
                      .on_delete = NU_CASCADE,
                      .no_constraint = field->no_constraint};
    nu__model_add_field(between, &id);
    nu__model_add_field(between, &from);
    nu__model_add_field(between, &other);
    return between;
}

/* ---- defaults -------------------------------------------------------------------------------- */

/* A default in the form in which the model would store it. */
static nu_value stored(const nu_field *field, nu_value value)
{
    nu_value cleaned = value;
    if (nu_is_null(value))
        return value;
    if (field->type->clean != NULL && !field->type->clean(field, value, &cleaned))
        nu_raise(NU_VALUE_ERROR, "the default of field \"%s\" is no %s", field->name,
                 field->type->name);
    return field->type->store != NULL ? field->type->store(field, cleaned) : cleaned;
}

nu_value nu__effective_default(const nu_field *field)
{
    if (!nu_is_null(field->default_value))
        return stored(field, field->default_value);
    if (field->default_fn != NULL)
        return stored(field, field->default_fn());
    if (field->auto_now || field->auto_now_add) {
        nu_datetime now = nu_now();
        if (field->type->db == NU_DB_DATE)
            return nu_value_date(nu_today(NULL));
        if (field->type->db == NU_DB_TIME)
            return nu_value_time((nu_time){.us = now.us % NU_DAY, .set = true});
        return nu_value_datetime(now);
    }
    bool is_text = field->type->db == NU_DB_CHAR || field->type->db == NU_DB_TEXT ||
                   field->type->db == NU_DB_SLUG;
    if (!field->null && field->blank && is_text)
        return nu_value_text("");
    return nu_null();
}
