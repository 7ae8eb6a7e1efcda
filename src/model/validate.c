/* What makes a field's value, and a whole row, acceptable. */
#include <string.h>

#include "base/ambient.h"
#include "model/query_internal.h"
#include "nuages/text.h"

/* ---- one field ------------------------------------------------------------------------------ */

static bool is_empty(nu_value value)
{
    return nu_is_null(value) || (value.type == NU_TEXT && value.length == 0) ||
           ((value.type == NU_LIST || value.type == NU_DICT) && !nu_truth(value));
}

static bool is_choice(const nu_choice *choices, nu_value value)
{
    for (; choices->label != NULL; choices++) {
        if (choices->group != NULL ? is_choice(choices->group, value)
                                   : nu_equal(choices->value, value))
            return true;
    }
    return false;
}

static void check_decimal(const nu_field *field, nu_value value)
{
    nu_decimal decimal = *value.decimal;
    int        digits = 0, places = decimal.exponent < 0 ? -decimal.exponent : 0;
    for (unsigned __int128 rest = decimal.coefficient; rest > 0; rest /= 10)
        digits++;
    int whole = digits > 0 ? digits + decimal.exponent : 0;
    if (places > field->decimal_places)
        nu_raise(NU_VALIDATION_ERROR, "This must have at most %d decimal places.",
                 field->decimal_places);
    if (whole > field->max_digits - field->decimal_places)
        nu_raise(NU_VALIDATION_ERROR, "This must have at most %d digits before the decimal point.",
                 field->max_digits - field->decimal_places);
}

static void check_measures(const nu_column *column, nu_value value)
{
    const nu_field_type *type = column->field->type;
    bool text = column->db_type.type == NU_DB_CHAR || column->db_type.type == NU_DB_SLUG;
    if (value.type == NU_TEXT && text && column->db_type.length > 0)
        nu_check_max_length(&(nu_validator){.limit = nu_value_int(column->db_type.length)}, value);
    if (value.type == NU_INT && type->least < type->most) {
        nu_check_min_value(&(nu_validator){.limit = nu_value_int(type->least)}, value);
        nu_check_max_value(&(nu_validator){.limit = nu_value_int(type->most)}, value);
    }
    if (value.type == NU_DECIMAL && column->db_type.type == NU_DB_DECIMAL)
        check_decimal(column->field, value);
}

nu_value nu_column_validate(const nu_column *column, nu_value value)
{
    const nu_field *field = column->field;
    nu_value        cleaned = nu_column_clean(column, value);
    if (nu_is_null(cleaned) && !column->null && !column->primary_key)
        nu_raise(NU_VALIDATION_ERROR, "This field may not be empty.");
    if (is_empty(cleaned) && !field->blank && !column->primary_key)
        nu_raise(NU_VALIDATION_ERROR, "This field may not be empty.");
    if (is_empty(cleaned))
        return cleaned;
    if (field->choices != NULL && !is_choice(field->choices, cleaned))
        nu_raise(NU_VALIDATION_ERROR, "“%s” is not one of the choices.", nu_text(cleaned));
    check_measures(column, cleaned);
    if (field->type->validator != NULL)
        field->type->validator->check(field->type->validator, cleaned);
    for (size_t i = 0; field->validators != NULL && field->validators[i] != NULL; i++)
        field->validators[i]->check(field->validators[i], cleaned);
    return cleaned;
}

/* ---- the whole row -------------------------------------------------------------------------- */

static void note(nu_dict *errors, const char *name, const char *sentence)
{
    nu_value *there = nu_dict_find(errors, name);
    nu_list  *list = there != NULL ? there->list : nu_list_new();
    nu_list_push(list, nu_value_text(sentence));
    if (there == NULL)
        nu_dict_put(errors, nu_value_text(name), nu_value_list(list));
}

/* Filled in when the row is saved, so not asked for before. */
static bool is_filled_later(const nu_column *column)
{
    const nu_field *field = column->field;
    return field->auto_now || field->auto_now_add || field->generated != NULL ||
           (column->primary_key && column->db_type.type <= NU_DB_SMALL_AUTO);
}

static void check_columns(nu_row *row, const nu_model_info *info, nu_dict *errors)
{
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (is_filled_later(column))
            continue;
        NU_TRY {
            nu_column_validate(column, nu_row_value(row, column));
        }
        NU_CATCH (error) {
            if (!nu_error_is(error, NU_VALIDATION_ERROR))
                nu_reraise(error);
            note(errors, column->name, error->fact);
        }
    }
}

/* True if another row has the same values in these fields; NULL equals nothing. */
static NU_WAITS bool is_taken(nu_row *row, const nu_model_info *info, const char *const *names)
{
    nu_query *query = nu_unordered(nu_query_all(info->model));
    query->database = row->state->database;
    for (; *names != NULL; names++) {
        nu_value value = nu_row_value(row, nu_column_get(info->model, *names));
        if (nu_is_null(value))
            return false;
        query = nu_filter(query, *names, value);
    }
    nu_value key = nu_row_key(row);
    if (!nu_is_null(key) && !nu_row_is_new(row))
        query = nu_exclude(query, "pk", key);
    return nu_exists(query);
}

static const char *join_names(const nu_model_info *info, const char *const *names)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (size_t i = 0; names[i] != NULL; i++)
        nu_builder_printf(&out, "%s%s",
                          i == 0                 ? ""
                          : names[i + 1] == NULL ? " and "
                                                 : ", ",
                          nu_column_get(info->model, names[i])->verbose_name);
    return nu_builder_text(&out);
}

static NU_WAITS void check_together(nu_row *row, const nu_model_info *info,
                                    const char *const *names, const char *message, nu_dict *errors)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (nu_dict_find(errors, names[i]) != NULL)
            return; /* no use in comparing what is wrong already */
    }
    if (!is_taken(row, info, names))
        return;
    if (message != NULL)
        note(errors, "__all__", message);
    else if (names[1] == NULL)
        note(errors, names[0],
             nu_fmt("There is a %s with this %s already.", info->verbose_name,
                    join_names(info, names)));
    else
        note(errors, "__all__",
             nu_fmt("There is a %s with this %s already.", info->verbose_name,
                    join_names(info, names)));
}

static NU_WAITS void check_unique(nu_row *row, const nu_model_info *info, nu_dict *errors)
{
    const nu_model *model = info->model;
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (column->unique && !(column->primary_key && !nu_row_is_new(row)))
            check_together(row, info, NU_STRS(column->name), NULL, errors);
    }
    for (size_t i = 0; model->unique_together != NULL && model->unique_together[i] != NULL; i++)
        check_together(row, info, model->unique_together[i], NULL, errors);
    for (const nu_constraint *c = model->constraints; c != NULL && c->name != NULL; c++) {
        if (c->fields != NULL && c->condition == NULL)
            check_together(row, info, c->fields, c->message, errors);
    }
}

void nu_row_full_clean(nu_row *row)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    nu_dict             *errors = nu_dict_new();
    check_columns(row, info, errors);
    check_unique(row, info, errors);
    if (nu_dict_count(errors) == 0)
        return;
    nu_entry *first = nu_dict_next(errors, NULL);
    nu_error *error = nu_error_new(NU_VALIDATION_ERROR, "%s: %s", nu_text(first->key),
                                   nu_text(first->value.list->items[0]));
    error->data = nu_value_copy(error->arena, nu_value_dict(errors)).dict;
    nu_throw(error);
}
