/* Rows as Django's serializer has them. */
#include <string.h>

#include "command/fixture.h"
#include "model/array_field.h"
#include "model/native.h"
#include "nuages/postgres.h"
#include "nuages/crypto.h"
#include "nuages/query.h"

/* JSON as Django writes it has milliseconds; a moment with more digits is written whole, so that nothing is lost. */
static nu_value with_microseconds(nu_value value)
{
    if (value.us % 1000 == 0)
        return value;
    const char *text = nu_text(value);
    if (value.type == NU_DATETIME)
        text = nu_fmt("%.10sT%.15sZ", text, text + 11);
    return nu_value_text(text);
}

/* What JSON has no form for is text, as the field writes it. */
static nu_value plain(nu_value value)
{
    switch (value.type) {
    case NU_DATETIME:
    case NU_TIME: return with_microseconds(value);
    case NU_DURATION:
        return nu_value_text(nu_duration_text((nu_duration){.us = value.us, .set = true}));
    case NU_DECIMAL: return nu_value_text(nu_text(value)); /* in a JSON field it is a number */
    case NU_BYTES: return nu_value_text(nu_base64(value.bytes, value.length, NU_BASE64));
    default: return value;
    }
}

static bool is_natural(const nu_model *model, bool wanted)
{
    return wanted && nu_model_concrete(model)->natural_key != NULL;
}

static nu_value natural_key(nu_row *row)
{
    nu_list *key = nu_row_natural_key(row);
    for (uint32_t i = 0; i < key->count; i++)
        key->items[i] = plain(key->items[i]);
    return nu_value_list(key);
}

static nu_value field_value(nu_row *row, const nu_column *column, bool natural_foreign)
{
    nu_value value = nu_row_value(row, column);
    if (column->field->base_field != NULL && value.type == NU_LIST)
        return nu_value_text(nu__array_text(column->field, value.list));
    if (nu_range_get(value) != NULL)
        return nu_value_text(nu__range_text(column->field, nu_range_get(value)));
    if (column->to == NULL || nu_is_null(value) || !is_natural(column->to, natural_foreign))
        return column->db_type.type == NU_DB_JSON ? value : plain(value);
    nu_row *to = nu_row_of(nu_row_get(row, column->name));
    return to != NULL ? natural_key(to) : plain(value);
}

static nu_value many_value(nu_row *row, const nu_column *column, bool natural_foreign)
{
    nu_list *keys = nu_list_new();
    for (nu_row **to = nu_query_rows(nu_row_related_set(row, column->name)); *to != NULL; to++)
        nu_list_push(keys, is_natural(column->to, natural_foreign) ? natural_key(*to)
                                                                   : plain(nu_row_key(*to)));
    return nu_value_list(keys);
}

nu_value nu__fixture_object(nu_row *row, bool natural_foreign, bool natural_primary)
{
    const nu_model *model = nu_model_concrete(nu_row_model(row));
    nu_dict        *object = nu_dict_new(), *fields = nu_dict_new();
    bool            without_key = is_natural(model, natural_primary);
    nu_dict_set(object, "model", nu_fmt("%s.%s", nu_model_app(model), nu_model_key(model)));
    if (!without_key)
        nu_dict_set(object, "pk", plain(nu_row_key(row)));
    for (const nu_column *const *column = nu_model_own_columns(model); *column != NULL; column++) {
        /* Without its key, a child is found by its parent. */
        bool parent = natural_primary && *column == nu_model_parent_link(model);
        if ((!(*column)->primary_key || parent) && (*column)->field->generated == NULL)
            nu_dict_put(fields, nu_value_text((*column)->name),
                        field_value(row, *column, natural_foreign));
    }
    for (const nu_column *const *column = nu_model_own_many(model); *column != NULL; column++)
        if (nu_model_is_automatic((*column)->through))
            nu_dict_put(fields, nu_value_text((*column)->name),
                        many_value(row, *column, natural_foreign));
    nu_dict_put(object, nu_value_text("fields"), nu_value_dict(fields));
    return nu_value_dict(object);
}
