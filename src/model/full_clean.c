/* Whether a row as a whole may be saved: each field, the model's own rule, what must be unique, and
 * constraints. Without a statement where the row's own values are enough to tell. */
#include <string.h>

#include "base/ambient.h"
#include "model/native.h"
#include "model/validate.h"
#include "nuages/text.h"
#include "nuages/unicode.h"

bool nu__is_among(const char *const *names, const nu_column *column)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strcmp(*names, column->name) == 0 || strcmp(*names, column->attname) == 0)
            return true;
    }
    return false;
}

/* ---- fields --------------------------------------------------------------------------------- */

bool nu__is_given(const nu_column *column)
{
    const nu_field *field = column->field;
    return field->auto_now || field->auto_now_add || field->generated != NULL ||
           field->db_default != NULL || field->type == &nu_field_order || field->parent_link ||
           (column->primary_key && column->db_type.type <= NU_DB_SMALL_AUTO);
}

/* The row referred to must be there. */
static NU_WAITS void check_reference(nu_row *row, const nu_column *column, nu_errors *errors)
{
    nu_value key = nu_row_value(row, column);
    if (column->to == NULL || column->field->parent_link || nu_is_null(key) ||
        column->field->not_editable)
        return;
    nu_query *query = nu_filter(nu_query_everything(column->to), column->target->name, key);
    query->database = row->state->database;
    if (column->field->limit_choices_to != NULL)
        query = nu_where(query, column->field->limit_choices_to());
    if (nu_exists(query))
        return;
    nu__errors_add(errors, column->name, "invalid",
                   nu_fmt("%s instance with %s %s does not exist.",
                          nu_model_verbose_name(column->to), column->target->name,
                          nu_text(nu_repr(key))));
}

static NU_WAITS void clean_column(nu_row *row, const nu_column *column, nu_errors *errors)
{
    nu_value             value = nu_row_value(row, column);
    const nu_db_backend *backend = nu_database_backend(nu__row_database(row));
    size_t               before = nu_dict_count(errors->messages);
    bool                 optional = column->field->blank || nu__is_given(column);
    if (optional && nu__is_empty(value))
        return;
    nu_value cleaned = nu__column_try(column, value, backend, errors);
    if (nu_dict_count(errors->messages) > before)
        return;
    check_reference(row, column, errors);
    if (column->to == NULL && !nu_equal(value, cleaned))
        nu_row_put(row, column, cleaned);
}

static NU_WAITS void clean_fields(nu_row *row, const char *const *except, nu_errors *errors)
{
    const nu_model_info *info = nu__info(nu_row_model(row));
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        if (!nu__is_among(except, column) && column->field->generated == NULL)
            clean_column(row, column, errors);
    }
}

/* ---- what must be unique -------------------------------------------------------------------- */

/* Rows of the model other than this one. */
static nu_query *others(nu_row *row, const nu_model_info *info)
{
    nu_query *query = nu_unordered(nu_query_all(info->model));
    query->database = row->state->database;
    nu_value key = nu__member_get(row, info->primary_key);
    return nu_is_null(key) || nu_row_is_new(row) ? query : nu_exclude(query, "pk", key);
}

/* Narrowed to rows with the same values in these fields, or to those that the operators tell; NULL if a value is missing or excluded, so
 * that nothing can clash. */
static nu_query *with_same(nu_query *query, nu_row *row, const nu_model_info *info,
                           const char *const *names, const char *const *operators,
                           const char *const *except)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        const nu_column *column = nu_column_get(info->model, names[i]);
        nu_value         value = nu_row_value(row, column);
        bool             kept = column->primary_key && !nu_row_is_new(row);
        if (nu_is_null(value) || kept || nu__is_among(except, column))
            return NULL;
        query = operators != NULL ? nu__where_operator(query, column, operators[i], value)
                                  : nu_filter(query, column->name, value);
    }
    return query;
}

static const char *label_of(const nu_column *column)
{
    return nu_capfirst(column->verbose_name);
}

/* "Order and Product", "A, B and C". */
static const char *labels_of(const nu_model_info *info, const char *const *names)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    for (size_t i = 0; names[i] != NULL; i++)
        nu_builder_printf(&out, "%s%s",
                          i == 0                 ? ""
                          : names[i + 1] == NULL ? " and "
                                                 : ", ",
                          label_of(nu_column_get(info->model, names[i])));
    return nu_builder_text(&out);
}

static void add_taken(const nu_model_info *info, const char *const *names, nu_errors *errors)
{
    bool             single = names[1] == NULL;
    const nu_column *column = nu_column_get(info->model, names[0]);
    const char      *sentence = nu_fmt("%s with this %s already exists.",
                                       nu_capfirst(info->verbose_name), labels_of(info, names));
    if (single)
        nu__errors_add(errors, column->name, "unique",
                       nu__field_message(column->field, "unique", sentence));
    else
        nu__errors_add(errors, "__all__", "unique_together", sentence);
}

static NU_WAITS void check_names(nu_row *row, const nu_model_info *info, const char *const *names,
                                 const char *const *except, nu_errors *errors)
{
    nu_query *query = with_same(others(row, info), row, info, names, NULL, except);
    if (query != NULL && nu_exists(query))
        add_taken(info, names, errors);
}

static NU_WAITS void check_together(nu_row *row, const nu_model_info *info,
                                    const char *const *except, nu_errors *errors)
{
    const char *const *const *together = info->model->unique_together;
    for (; together != NULL && *together != NULL; together++)
        check_names(row, info, *together, except, errors);
}

/* ---- unique within a day, a month, a year --------------------------------------------------- */

static NU_WAITS void check_for_date(nu_row *row, const nu_model_info *info, const nu_column *column,
                                    const char *name, const char *unit, nu_errors *errors)
{
    const nu_column *date_column = nu_column_get(info->model, name);
    nu_value         moment = nu_row_value(row, date_column);
    nu_civil         civil;
    if (nu_is_null(moment))
        return;
    if (moment.type == NU_DATETIME)
        civil = nu_datetime_civil(nu_value_as_datetime(moment), nu__ambient()->zone);
    else
        civil = nu_date_civil(nu_value_as_date(moment));
    nu_query *query = nu_filter(others(row, info), column->name, nu_row_value(row, column));
    if (strcmp(unit, "date") == 0)
        query = nu_filter(query, nu_fmt("%s__day", name), civil.day);
    if (strcmp(unit, "year") != 0)
        query = nu_filter(query, nu_fmt("%s__month", name), civil.month);
    if (strcmp(unit, "month") != 0)
        query = nu_filter(query, nu_fmt("%s__year", name), civil.year);
    if (nu_exists(query))
        nu__errors_add(
            errors, column->name, "unique_for_date",
            nu_fmt("%s must be unique for %s %s.", label_of(column), label_of(date_column), unit));
}

static NU_WAITS void check_dates(nu_row *row, const nu_model_info *info, const char *const *except,
                                 nu_errors *errors)
{
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column         *column = &info->columns[i];
        const nu_field          *field = column->field;
        const char              *names[] = {field->unique_for_date, field->unique_for_year,
                                            field->unique_for_month};
        static const char *const units[] = {"date", "year", "month"};
        for (size_t j = 0; j < NU_COUNT(names) && !nu__is_among(except, column); j++) {
            if (names[j] != NULL && !nu__is_among(except, nu_column_get(info->model, names[j])))
                check_for_date(row, info, column, names[j], units[j], errors);
        }
    }
}

/* A new row must not have another's key of several fields. */
static NU_WAITS void check_key(nu_row *row, const nu_model_info *info, const char *const *except,
                               nu_errors *errors)
{
    if (info->primary_key->parts != NULL && nu_row_is_new(row))
        check_names(row, info, info->model->primary_key, except, errors);
}

static NU_WAITS void validate_unique(nu_row *row, const char *const *except, nu_errors *errors)
{
    const nu_model_info *whole = nu__info(nu_row_model(row))->concrete;
    for (const nu_model_info *info = whole; info != NULL; info = info->parent)
        check_together(row, info, except, errors);
    for (const nu_model_info *info = whole; info != NULL; info = info->parent) {
        for (size_t i = 0; i < info->column_count; i++) {
            const nu_column *column = &info->columns[i];
            if (column->unique && !nu__is_among(except, column))
                check_names(row, info, NU_STRS(column->name), except, errors);
        }
    }
    check_key(row, whole, except, errors);
    for (const nu_model_info *info = whole; info != NULL; info = info->parent)
        check_dates(row, info, except, errors);
}

/* ---- constraints ---------------------------------------------------------------------------- */

static void add_violation(const nu_model_info *info, const nu_constraint *constraint,
                          nu_errors *errors)
{
    bool plain =
        constraint->message == NULL && constraint->fields != NULL && constraint->condition == NULL &&
        constraint->operators == NULL;
    if (plain) {
        add_taken(info, constraint->fields, errors);
        return;
    }
    const char *name = nu__fill_name(nu_arena_current(), info, constraint->name);
    nu__errors_add(errors, "__all__", constraint->code,
                   constraint->message != NULL ? constraint->message
                                               : nu_fmt("Constraint “%s” is violated.", name));
}

static NU_WAITS void check_unique_constraint(nu_row *row, const nu_model_info *info,
                                             const nu_constraint *constraint,
                                             const char *const *except, nu_errors *errors)
{
    if (constraint->fields == NULL)
        return; /* of expressions: the database tells when the row is saved */
    const nu_db_backend *backend = nu_database_backend(nu__row_database(row));
    if (constraint->operators != NULL && !nu__is_native(backend))
        return; /* it is not there either */
    nu_query *query = with_same(others(row, info), row, info, constraint->fields,
                                constraint->operators, except);
    if (query == NULL)
        return;
    if (constraint->condition != NULL) {
        if (nu__condition_of_row(row, constraint->condition(), except) != NU_SAYS_YES)
            return;
        query = nu_where(query, constraint->condition());
    }
    if (nu_exists(query))
        add_violation(info, constraint, errors);
}

static void check_condition(nu_row *row, const nu_model_info *info, const nu_constraint *constraint,
                            const char *const *except, nu_errors *errors)
{
    if (nu__condition_of_row(row, constraint->condition(), except) == NU_SAYS_NO)
        add_violation(info, constraint, errors);
}

static NU_WAITS void validate_constraints(nu_row *row, const char *const *except, nu_errors *errors)
{
    const nu_model_info *info = nu__info(nu_row_model(row))->concrete;
    for (; info != NULL; info = info->parent) {
        const nu_constraint *constraint = info->model->constraints;
        for (; constraint != NULL && constraint->name != NULL; constraint++) {
            if (constraint->fields != NULL || constraint->expressions != NULL)
                check_unique_constraint(row, info, constraint, except, errors);
            else if (constraint->condition != NULL)
                check_condition(row, info, constraint, except, errors);
        }
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

void nu_row_clean_fields(nu_row *row, const char *const *except)
{
    nu_errors errors;
    nu__errors_init(&errors);
    clean_fields(row, except, &errors);
    nu__errors_throw(&errors);
}

void nu_row_validate_unique(nu_row *row, const char *const *except)
{
    nu_errors errors;
    nu__errors_init(&errors);
    validate_unique(row, except, &errors);
    nu__errors_throw(&errors);
}

void nu_row_validate_constraints(nu_row *row, const char *const *except)
{
    nu_errors errors;
    nu__errors_init(&errors);
    validate_constraints(row, except, &errors);
    nu__errors_throw(&errors);
}

/* The names in `except` and those that have errors already. */
static const char *const *extended(const char *const *except, const nu_errors *errors)
{
    size_t count = 0;
    while (except != NULL && except[count] != NULL)
        count++;
    const char **names = nu_alloc((count + nu_dict_count(errors->messages) + 1) * sizeof *names);
    if (count > 0)
        memcpy(names, except, count * sizeof *names);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(errors->messages, entry));)
        names[count++] = entry->key.text;
    return names;
}

static NU_WAITS void call_clean(nu_row *row, nu_errors *errors)
{
    void (*clean)(void *) = (void (*)(void *))nu__info(nu_row_model(row))->clean;
    if (clean == NULL)
        return;
    NU_TRY {
        clean(row);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        nu__errors_take(errors, "__all__", error);
    }
}

void nu_row_full_clean_except(nu_row *row, const char *const *except)
{
    nu_errors errors;
    nu__errors_init(&errors);
    clean_fields(row, except, &errors);
    call_clean(row, &errors);
    validate_unique(row, extended(except, &errors), &errors);
    validate_constraints(row, extended(except, &errors), &errors);
    nu__errors_throw(&errors);
}

void nu_row_full_clean(nu_row *row)
{
    nu_row_full_clean_except(row, NULL);
}
