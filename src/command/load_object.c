/* One object of a fixture becomes a row. */
#include <string.h>

#include "command/load.h"
#include "nuages/json.h"
#include "nuages/query.h"

void nu__load_refuse(const nu__load_object *object, const nu_error *cause, const char *fact)
{
    const char *model = object->model != NULL ? nu_fmt(", %s", object->model) : "";
    const char *field = object->field != NULL ? nu_fmt(", field \"%s\"", object->field) : "";
    nu_error   *error = nu_error_new(NU_COMMAND_ERROR, "%s: object %lld%s%s: %s", object->path,
                                     (long long)object->number, model, field, fact);
    error->detail = cause != NULL ? cause->detail : NULL;
    error->hint = cause != NULL ? cause->hint : NULL;
    nu_throw(error);
}

/* ---- natural keys ---------------------------------------------------------------------------- */

/* A list where a key is expected is a natural key. False if there is no such row. */
static bool find_named(const nu__load *load, nu__load_object *object, const nu_column *column,
                       nu_value *value)
{
    const nu_model *to = column->to != NULL ? nu_model_concrete(column->to) : NULL;
    if (value->type != NU_LIST || to == NULL || to->natural_key == NULL)
        return true;
    nu_row *row = nu_row_by_natural_key(to, value->list, load->alias);
    if (row == NULL) {
        object->missing =
            nu_fmt("no %s has the natural key %s", nu_model_label(to), nu_json_text(*value));
        return false;
    }
    *value = column->target != NULL ? nu_row_value(row, column->target) : nu_row_key(row);
    return true;
}

/* A row without a key that has a natural one is the row of that name, if it is there. */
static void find_itself(const nu__load *load, nu_row *row)
{
    const nu_model *model = nu_row_model(row);
    if (model->natural_key == NULL)
        return;
    nu_row *same = nu_row_by_natural_key(model, nu_row_natural_key(row), load->alias);
    if (same != NULL)
        nu_row_set_key(row, nu_row_key(same));
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* What of a field's value is to be written. */
enum outcome { WRITE, LEAVE_OUT, WAIT };

static enum outcome settle(const nu__load *load, nu__load_object *object, const nu_column *column,
                           nu_value *value)
{
    if (find_named(load, object, column, value))
        return WRITE;
    if (!object->holes)
        return WAIT;
    if (!column->null)
        nu__load_refuse(object, NULL, object->missing);
    return LEAVE_OUT;
}

static bool put_field(const nu__load *load, nu__load_object *object, nu_row *row,
                      const nu_column *column, nu_value value)
{
    enum outcome outcome = settle(load, object, column, &value);
    if (outcome != WRITE)
        return outcome != WAIT;
    if (nu_is_null(value) && !column->null) /* a member may have no NULL to tell of */
        nu_raise(NU_VALUE_ERROR, "may not be null");
    if (column->primary_key)
        nu_row_set_key(row, nu_column_clean(column, value));
    else
        nu_row_put(row, column, nu_column_clean(column, value));
    return true;
}

static const nu_column *find_column(const nu__load *load, const nu_model *model, const char *name)
{
    return load->ignore ? nu_column_find(model, name) : nu_column_get(model, name);
}

static bool put_fields(const nu__load *load, nu__load_object *object, nu_row *row,
                       const nu_dict *fields, nu_dict *many)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(fields, entry)) != NULL;) {
        object->field = entry->key.text;
        const nu_column *column = find_column(load, nu_row_model(row), entry->key.text);
        if (column == NULL || column->field->generated != NULL)
            continue;
        if (column->column == NULL)
            nu_dict_put(many, entry->key, entry->value);
        else if (!put_field(load, object, row, column, entry->value))
            return false;
    }
    object->field = NULL;
    return true;
}

/* ---- many-to-many ---------------------------------------------------------------------------- */

static bool find_many(const nu__load *load, nu__load_object *object, const nu_model *model,
                      const nu_dict *many)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(many, entry)) != NULL;) {
        object->field = entry->key.text;
        if (entry->value.type != NU_LIST)
            nu__load_refuse(object, NULL, "needs a list of keys");
        const nu_column *column = nu_column_get(model, entry->key.text);
        nu_list         *keys = nu_list_new();
        for (uint32_t i = 0; i < entry->value.list->count; i++) {
            nu_value key = entry->value.list->items[i];
            bool     found = find_named(load, object, column, &key);
            if (!found && !object->holes)
                return false;
            if (found)
                nu_list_push(keys, key);
        }
        entry->value = nu_value_list(keys); /* `many` is ours, the list of the fixture is not */
    }
    object->field = NULL;
    return true;
}

static void save_many(nu__load_object *object, nu_row *row, const nu_dict *many)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(many, entry)) != NULL;) {
        object->field = entry->key.text;
        nu_row_many_change(row, entry->key.text, NU_MANY_SET, entry->value.list);
    }
    object->field = NULL;
}

/* ---- the row --------------------------------------------------------------------------------- */

static void put_key(nu_row *row, nu_value key)
{
    const nu_column *column = nu_model_primary_key(nu_row_model(row));
    if (column->parts == NULL) {
        nu_row_set_key(row, nu_column_clean(column, key));
        return;
    }
    for (uint32_t i = 0; key.type == NU_LIST && i < key.list->count && column->parts[i] != NULL;
         i++)
        nu_row_put(row, column->parts[i], nu_column_clean(column->parts[i], key.list->items[i]));
}

static bool save(nu__load *load, nu__load_object *object, const nu_model *model,
                 const nu_dict *value)
{
    nu_row  *row = nu_row_new(model);
    nu_dict *many = nu_dict_new();
    nu_value key = nu_dict_get(value, "pk");
    if (!put_fields(load, object, row, nu_dict_get(value, "fields").dict, many) ||
        !find_many(load, object, model, many))
        return false;
    if (!nu_is_null(key))
        put_key(row, key);
    else if (nu_is_null(nu_row_key(row)))
        find_itself(load, row);
    nu_row_save_with(row, &(nu_save_options){.raw = true, .database = load->alias});
    save_many(object, row, many);
    return true;
}

static bool save_known(nu__load *load, nu__load_object *object, nu_value value)
{
    if (value.type != NU_DICT)
        nu__load_refuse(object, NULL, "is no JSON object");
    nu_value label = nu_dict_get(value.dict, "model");
    if (!nu_is_text(label) || nu_dict_get(value.dict, "fields").type != NU_DICT)
        nu__load_refuse(object, NULL, "needs \"model\" (a text) and \"fields\" (an object)");
    object->model = label.text;
    const nu_model *model = load->ignore ? nu_model_find(label.text) : nu_model_get(label.text);
    if (model == NULL || nu__fixture_names_model(load->exclude, model))
        return true;
    if (!save(load, object, nu_model_concrete(model), value.dict))
        return false;
    nu_arena *before = nu_arena_enter(load->arena);
    nu_dict_set(load->models, nu_model_label(nu_model_concrete(model)), true);
    nu_arena_enter(before);
    load->count++;
    return true;
}

bool nu__load_object_save(nu__load *load, nu__load_object *object, nu_value value)
{
    volatile bool saved = false;
    object->missing = object->model = object->field = NULL;
    NU_TRY {
        saved = save_known(load, object, value);
    }
    NU_CATCH (error) {
        if (nu_error_is(error, NU_COMMAND_ERROR))
            nu_reraise(error);
        nu__load_refuse(object, error, error->fact);
    }
    return saved;
}
