/* What makes a field's value acceptable. Codes and sentences are those that forms and clients of
 * Django know. */
#include "model/validate.h"

#include <stdlib.h>
#include <string.h>

#include "base/ambient.h"
#include "model/array_field.h"
#include "model/query_internal.h"
#include "nuages/text.h"

/* ---- errors --------------------------------------------------------------------------------- */

void nu__invalid_at(const char *file, int line, const char *function, const char *code,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    nu_error *error = nu_error_new_(file, line, function, NU_VALIDATION_ERROR, "%s", sentence);
    error->code = code;
    nu_throw(error);
}

static void push(nu_dict *dict, const char *name, nu_value value)
{
    nu_value *there = nu_dict_find(dict, name);
    nu_list  *list = there != NULL ? there->list : nu_list_new();
    nu_list_push(list, value);
    if (there == NULL)
        nu_dict_put(dict, nu_value_text(name), nu_value_list(list));
}

void nu__errors_init(nu_errors *errors)
{
    *errors = (nu_errors){nu_dict_new(), nu_dict_new()};
}

void nu__errors_add(nu_errors *errors, const char *name, const char *code, const char *sentence)
{
    push(errors->messages, name, nu_value_text(sentence));
    push(errors->codes, name, nu_value_text(code != NULL ? code : "invalid"));
}

static const char *code_at(const nu_error *error, const nu_entry *entry, uint32_t index)
{
    const nu_value *codes =
        error->codes != NULL ? nu_dict_find(error->codes, entry->key.text) : NULL;
    bool known = codes != NULL && codes->type == NU_LIST && index < codes->list->count;
    return known ? codes->list->items[index].text : NULL;
}

void nu__errors_take(nu_errors *errors, const char *name, const nu_error *error)
{
    const nu_dict *many = error->data != NULL && error->codes != NULL ? error->data : NULL;
    if (many == NULL) {
        nu__errors_add(errors, name, error->code,
                       nu_text(nu_value_text_copy(error->fact, strlen(error->fact))));
        return;
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(many, entry));) {
        const char *key = nu_text(nu_value_copy(nu_arena_current(), entry->key));
        for (uint32_t i = 0; i < entry->value.list->count; i++)
            nu__errors_add(errors, key, code_at(error, entry, i),
                           nu_text(nu_value_copy(nu_arena_current(), entry->value.list->items[i])));
    }
}

void nu__errors_throw(const nu_errors *errors)
{
    if (nu_dict_count(errors->messages) == 0)
        return;
    nu_entry *first = nu_dict_next(errors->messages, NULL);
    nu_error *error = nu_error_new(NU_VALIDATION_ERROR, "%s: %s", nu_text(first->key),
                                   nu_text(first->value.list->items[0]));
    error->data = nu_value_copy(error->arena, nu_value_dict(errors->messages)).dict;
    error->codes = nu_value_copy(error->arena, nu_value_dict(errors->codes)).dict;
    nu_throw(error);
}

void nu_row_refuse(const char *name, const char *code, const char *format, ...)
{
    nu_errors errors;
    va_list   args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    nu__errors_init(&errors);
    nu__errors_add(&errors, name != NULL ? name : "__all__", code, sentence);
    nu__errors_throw(&errors);
    abort();
}

const char *nu__field_message(const nu_field *field, const char *code, const char *built_in)
{
    for (const nu_pair *pair = field->messages; pair != NULL && pair->key != NULL; pair++) {
        if (strcmp(pair->key, code) == 0)
            return nu_text(pair->value);
    }
    return built_in;
}

static NU_NORETURN void refuse(const nu_column *column, const char *code, const char *built_in)
{
    nu__invalid(code, "%s", nu__field_message(column->field, code, built_in));
}

/* ---- one value ------------------------------------------------------------------------------ */

bool nu__is_empty(nu_value value)
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

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* Digits and places as the number is written: 1E+2 has three digits. */
static void check_decimal(const nu_field *field, nu_value value)
{
    nu_decimal decimal = *value.decimal;
    int        written = 1, places = decimal.exponent < 0 ? -decimal.exponent : 0;
    for (unsigned __int128 rest = decimal.coefficient / 10; rest > 0; rest /= 10)
        written++;
    int digits = written;
    if (decimal.exponent > 0 && decimal.coefficient != 0)
        digits += decimal.exponent;
    else if (places > digits)
        digits = places;
    int most = field->max_digits - field->decimal_places;
    if (digits > field->max_digits)
        nu__invalid("max_digits", "Ensure that there are no more than %d digit%s in total.",
                    field->max_digits, plural(field->max_digits));
    if (places > field->decimal_places)
        nu__invalid("max_decimal_places", "Ensure that there are no more than %d decimal place%s.",
                    field->decimal_places, plural(field->decimal_places));
    if (digits - places > most)
        nu__invalid("max_whole_digits",
                    "Ensure that there are no more than %d digit%s before the decimal point.", most,
                    plural(most));
}

/* A list of rules, of which each may refuse by itself. */
typedef struct trial {
    const nu_column *column;
    nu_value         value;
    const char      *name; /* under which errors are noted */
    nu_errors       *errors;
} trial;

static void attempt(const trial *self, const nu_validator *rule)
{
    NU_TRY {
        rule->check(rule, self->value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        const char *code = rule->code != NULL ? rule->code : error->code;
        const char *own = code != NULL ? nu__field_message(self->column->field, code, NULL) : NULL;
        nu__errors_add(self->errors, self->name, code,
                       own != NULL ? own
                                   : nu_text(nu_value_text_copy(error->fact, strlen(error->fact))));
    }
}

static void attempt_decimal(const trial *self)
{
    NU_TRY {
        check_decimal(self->column->field, self->value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        nu__errors_take(self->errors, self->name, error);
    }
}

/* What the column holds: SQLite's has 64 bits whatever it is called, but knows what is positive. */
static void attempt_range(const trial *self, const nu_db_backend *backend)
{
    const nu_field_type *type = self->column->field->type;
    if (self->value.type != NU_INT || type->least >= type->most)
        return;
    bool    wide = backend == &nu_db_sqlite;
    int64_t least = wide && type->least < 0 ? INT64_MIN : type->least;
    int64_t most = wide ? INT64_MAX : type->most;
    attempt(self, &(nu_validator){.check = nu_check_min_value, .limit = nu_value_int(least)});
    attempt(self, &(nu_validator){.check = nu_check_max_value, .limit = nu_value_int(most)});
}

/* The rule that comes with the kind, as the field's options have it; NULL: none. */
static const nu_validator *built_in(const nu_field *field)
{
    if (field->type->validator == &nu__validate_slug && field->allow_unicode)
        return &nu__validate_unicode_slug;
    if (field->type->validator == &nu__validate_ip && field->protocol != NULL)
        return strcmp(field->protocol, "IPv4") == 0   ? &nu__validate_ipv4
               : strcmp(field->protocol, "IPv6") == 0 ? &nu__validate_ipv6
                                                      : &nu__validate_ip;
    return field->type->validator;
}

static void attempt_all(const trial *self, const nu_db_backend *backend)
{
    const nu_column *column = self->column;
    const nu_field  *field = column->field;
    bool text = column->db_type.type == NU_DB_CHAR || column->db_type.type == NU_DB_SLUG;
    if (built_in(field) != NULL)
        attempt(self, built_in(field));
    for (size_t i = 0; field->validators != NULL && field->validators[i] != NULL; i++)
        attempt(self, field->validators[i]);
    if (self->value.type == NU_TEXT && text && column->db_type.length > 0)
        attempt(self, &(nu_validator){.check = nu_check_max_length,
                                      .limit = nu_value_int(column->db_type.length)});
    attempt_range(self, backend);
    if (self->value.type == NU_DECIMAL && column->db_type.type == NU_DB_DECIMAL)
        attempt_decimal(self);
}

/* Kind, choices, null and blank. */
static nu_value accept(const nu_column *column, nu_value value)
{
    const nu_field *field = column->field;
    nu_value        cleaned = nu_column_clean(column, value);
    /* Bytes are for the program, not for people to fill in, as in Django. */
    if (field->not_editable || field->type == &nu_field_binary)
        return cleaned;
    const nu_choice *choices = nu_field_choices(field);
    if (choices != NULL && !nu__is_empty(cleaned) && !is_choice(choices, cleaned))
        nu__invalid("invalid_choice", "Value %s is not a valid choice.", nu_text(nu_repr(cleaned)));
    if (nu_is_null(cleaned) && !column->null && !nu__is_given(column))
        refuse(column, "null", "This field cannot be null.");
    if (nu__is_empty(cleaned) && !field->blank && !nu__is_given(column))
        refuse(column, "blank", "This field cannot be blank.");
    return cleaned;
}

nu_value nu__column_try(const nu_column *column, nu_value value, const nu_db_backend *backend,
                        nu_errors *errors)
{
    volatile nu_value cleaned = value;
    size_t            before = nu_dict_count(errors->messages);
    NU_TRY {
        cleaned = accept(column, value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        nu__errors_take(errors, column->name, error);
    }
    if (nu_dict_count(errors->messages) == before && column->field->base_field != NULL &&
        cleaned.type == NU_LIST)
        nu__array_validate(column, cleaned.list, backend, errors);
    if (nu_dict_count(errors->messages) == before && !nu__is_empty(cleaned))
        attempt_all(&(trial){column, cleaned, column->name, errors}, backend);
    return cleaned;
}

nu_value nu_column_validate(const nu_column *column, nu_value value)
{
    nu_errors            errors;
    const nu_db_backend *backend = nu_database_backend(nu_model_database(column->model));
    nu__errors_init(&errors);
    nu_value  cleaned = nu__column_try(column, value, backend, &errors);
    nu_entry *first = nu_dict_next(errors.messages, NULL);
    if (first == NULL)
        return cleaned;
    nu__invalid(nu_dict_next(errors.codes, NULL)->value.list->items[0].text, "%s",
                nu_text(first->value.list->items[0]));
}
