/* From what was sent to cleaned values. Each field goes through, in this order: what its widget reads,
 * space dropped, required, the kind's own cleaning, the rules, the field's clean function. Then comes the
 * clean function of the form. A field stops at its first error, but all rules are tried. */
#include <string.h>

#include "form/internal.h"
#include "nuages/i18n.h"

bool nu__form_is_empty(nu_value value)
{
    switch (value.type) {
    case NU_NULL: return true;
    case NU_TEXT: return value.length == 0;
    case NU_LIST: return value.list->count == 0;
    case NU_DICT: return nu_dict_count(value.dict) == 0;
    default: return false;
    }
}

/* ---- errors of a field --------------------------------------------------------------------------- */

/* The sentence that the table has for this code, else `message`. */
static const char *own_message(const nu_form_field *field, const char *code, const char *message)
{
    for (const nu_pair *own = field->messages; own != NULL && own->key != NULL; own++) {
        if (strcmp(own->key, code) == 0)
            return nu_text(own->value);
    }
    return message;
}

static void add_field_error(const nu_bound *bound, const char *code, const char *message)
{
    nu__form_add_error(bound->form, bound->field->name, code,
                       own_message(bound->field, code, message));
}

/* What a function of the kind raised; anything but a refusal goes on. */
static void add_refusal(const nu_bound *bound, const nu_error *error)
{
    if (!nu_error_is(error, NU_VALIDATION_ERROR))
        nu_reraise(error);
    add_field_error(bound, error->kind == &nu__form_refusal ? error->data : "invalid", error->fact);
}

static void add_required(const nu_bound *bound)
{
    add_field_error(bound, "required", nu_gettext("This field is required."));
}

static bool has_error(const nu_bound *bound)
{
    return nu_dict_find(bound->form->errors, bound->field->name) != NULL;
}

/* ---- rules --------------------------------------------------------------------------------------- */

/* The codes that Django's validators have. */
static const char *code_of(const nu_validator *rule)
{
    static const struct {
        void (*check)(const nu_validator *self, nu_value value);
        const char *code;
    } codes[] = {
        {nu_check_min_value, "min_value"},
        {nu_check_max_value, "max_value"},
        {nu_check_min_length, "min_length"},
        {nu_check_max_length, "max_length"},
    };
    if (rule->code != NULL)
        return rule->code;
    for (size_t i = 0; i < NU_COUNT(codes); i++) {
        if (codes[i].check == rule->check)
            return codes[i].code;
    }
    return "invalid";
}

static void try_rule(const nu_bound *bound, const nu_validator *rule, nu_value value)
{
    NU_TRY {
        rule->check(rule, value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
        const char *code = error->kind == &nu__form_refusal ? error->data : code_of(rule);
        add_field_error(bound, code, error->fact);
    }
}

static bool is_whole(nu_decimal number)
{
    while (number.exponent < 0 && number.coefficient % 10 == 0 && number.coefficient != 0) {
        number.coefficient /= 10;
        number.exponent++;
    }
    return number.exponent >= 0 || number.coefficient == 0;
}

/* A number of steps above `least`; false as well if it is too far away to tell. */
static bool is_on_step(nu_decimal number, nu_decimal least, nu_decimal step)
{
    NU_TRY {
        return is_whole(nu_decimal_divide(nu_decimal_subtract(number, least), step));
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALUE_ERROR))
            nu_reraise(error);
    }
    return false;
}

static void try_step(const nu_bound *bound, nu_value value)
{
    const nu_form_field *field = bound->field;
    nu_decimal           number, step, least = nu_decimal_of(0);
    if (nu_is_null(field->step_size) || !nu_decimal_of_value_try(value, &number) ||
        !nu_decimal_of_value_try(field->step_size, &step))
        return;
    if (!nu_is_null(field->min_value) && !nu_decimal_of_value_try(field->min_value, &least))
        return;
    if (!is_on_step(number, least, step))
        add_field_error(
            bound, "step_size",
            nu_fill(nu_gettext("This must be a multiple of %s."), nu_text(field->step_size)));
}

static void try_limits(const nu_bound *bound, nu_value value)
{
    const nu_form_field *field = bound->field;
    if (!nu_is_null(field->max_value))
        try_rule(bound, &(nu_validator){.check = nu_check_max_value, .limit = field->max_value},
                 value);
    if (!nu_is_null(field->min_value))
        try_rule(bound, &(nu_validator){.check = nu_check_min_value, .limit = field->min_value},
                 value);
    try_step(bound, value);
}

static void try_text_rules(const nu_bound *bound, nu_value value)
{
    const nu_form_field *field = bound->field;
    int                  most = nu__form_max_length(field);
    if (field->min_length > 0)
        try_rule(
            bound,
            &(nu_validator){.check = nu_check_min_length, .limit = nu_value_int(field->min_length)},
            value);
    if (most > 0)
        try_rule(bound, &(nu_validator){.check = nu_check_max_length, .limit = nu_value_int(most)},
                 value);
    if (memchr(value.text, '\0', value.length) != NULL)
        add_field_error(bound, "null_characters_not_allowed",
                        nu_gettext("Null characters are not allowed."));
}

/* The kind's own last check, which needs the field to know its limits. */
static void try_type_check(const nu_bound *bound, nu_value value)
{
    NU_TRY {
        bound->field->type->check(bound->field, value);
    }
    NU_CATCH (error) {
        add_refusal(bound, error);
    }
}

static void try_rules(const nu_bound *bound, nu_value value)
{
    const nu_form_type        *type = bound->field->type;
    const nu_validator *const *own = bound->field->validators;
    if (type->validator != NULL)
        try_rule(bound, type->validator, value);
    for (size_t i = 0; own != NULL && own[i] != NULL; i++)
        try_rule(bound, own[i], value);
    if (type->text && value.type == NU_TEXT)
        try_text_rules(bound, value);
    try_limits(bound, value);
    if (type->check != NULL)
        try_type_check(bound, value);
}

/* ---- one field ----------------------------------------------------------------------------------- */

static nu_value empty_value(const nu_form_field *field)
{
    return field->type->empty.type == NU_LIST ? nu_value_list(nu_list_new()) : field->type->empty;
}

/* What the kind makes of the value; null with an error noted if it refuses. */
static nu_value clean_by_type(const nu_bound *bound, nu_value value)
{
    const nu_form_type *type = bound->field->type;
    if (type->clean == NULL)
        return value;
    NU_TRY {
        return type->clean(bound->field, value);
    }
    NU_CATCH (error) {
        add_refusal(bound, error);
    }
    return nu_null();
}

/* The value to work on: what was sent, or for a disabled field what it shows. */
static nu_value raw_value(const nu_bound *bound)
{
    const nu_form_field *field = bound->field;
    nu_value             value = field->disabled ? nu__bound_initial(bound) : nu__bound_data(bound);
    if (value.type == NU_TEXT && field->type->strip && !field->keep_space)
        value = nu__form_trimmed(value);
    return value;
}

/* The cleaned value; if the field has an error afterwards, it means nothing. */
static nu_value clean_value(const nu_bound *bound)
{
    const nu_form_field *field = bound->field;
    nu_value             value = raw_value(bound);
    if (value.type == NU_TEXT && !nu_utf8_valid(value.text, value.length)) {
        add_field_error(bound, "invalid", nu_gettext("This is not valid text."));
        return nu_null();
    }
    if (bound->widget->file && nu__form_is_empty(value)) {
        nu_value kept = nu__bound_initial(bound); /* no new file: the one there was stays */
        if (!nu__form_is_empty(kept))
            return kept;
    }
    if (nu__form_is_empty(value)) {
        if (!field->optional)
            add_required(bound);
        return empty_value(field);
    }
    value = clean_by_type(bound, value);
    if (has_error(bound))
        return nu_null();
    if (!nu__form_is_empty(value))
        try_rules(bound, value);
    else if (!field->optional)
        add_required(bound);
    return value;
}

/* ---- clean functions ------------------------------------------------------------------------------- */

/* What nu_row_full_clean found, by field; what the form has no field for goes to the whole. */
static void add_row_errors(nu_form *form, const nu_dict *errors, const nu_dict *codes)
{
    for (nu_entry *e = NULL; (e = nu_dict_next(errors, e)) != NULL;) {
        const nu_bound *bound = nu__form_find(form, e->key.text, e->key.length);
        const nu_value *known = codes != NULL ? nu_dict_find(codes, e->key.text) : NULL;
        for (uint32_t i = 0; i < e->value.list->count; i++)
            nu__form_add_error(form, bound != NULL ? bound->field->name : NULL,
                               known != NULL ? known->list->items[i].text : "invalid",
                               nu_text(e->value.list->items[i]));
    }
}

/* An error that left a clean function of the field `bound` (NULL: of the form). */
static void add_raised(nu_form *form, const nu_bound *bound, const nu_error *error)
{
    if (!nu_error_is(error, NU_VALIDATION_ERROR))
        nu_reraise(error);
    if (error->kind == NU_VALIDATION_ERROR && error->data != NULL)
        add_row_errors(form, error->data, error->codes);
    else
        nu__form_add_error(form, bound != NULL ? bound->field->name : NULL,
                           error->kind == &nu__form_refusal ? error->data : "", error->fact);
}

static NU_WAITS nu_value call_field_clean(const nu_bound *bound, nu_value value)
{
    NU_TRY {
        return bound->field->clean(bound->form, value);
    }
    NU_CATCH (error) {
        add_raised(bound->form, bound, error);
    }
    return nu_null();
}

static NU_WAITS void clean_field(const nu_bound *bound)
{
    nu_dict *cleaned = bound->form->cleaned;
    nu_value name = nu_value_text(bound->field->name), value = clean_value(bound);
    if (has_error(bound))
        return;
    nu_dict_put(cleaned, name, value);
    if (bound->field->clean == NULL)
        return;
    value = call_field_clean(bound, value);
    if (!has_error(bound))
        nu_dict_put(cleaned, name, value);
}

static NU_WAITS void call_form_clean(nu_form *form)
{
    NU_TRY {
        form->def->clean(form);
    }
    NU_CATCH (error) {
        add_raised(form, NULL, error);
    }
}

void nu__form_clean(nu_form *form)
{
    if (form->state != NU_FORM_FRESH || !nu_form_is_bound(form))
        return;
    form->state = NU_FORM_CLEANING;
    for (size_t i = 0; i < form->count; i++)
        clean_field(&form->fields[i]);
    if (form->def->clean != NULL)
        call_form_clean(form);
    form->state = NU_FORM_CLEANED;
}

/* ---- changes --------------------------------------------------------------------------------------- */

/* What was sent in the form of a cleaned value; false if it is no such value. */
static bool as_cleaned(const nu_form_field *field, nu_value sent, nu_value *out)
{
    if (sent.type == NU_TEXT && field->type->strip && !field->keep_space)
        sent = nu__form_trimmed(sent);
    if (nu__form_is_empty(sent) || field->type->clean == NULL) {
        *out = sent;
        return true;
    }
    NU_TRY {
        *out = field->type->clean(field, sent);
        return true;
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALIDATION_ERROR))
            nu_reraise(error);
    }
    return false;
}

bool nu__bound_changed(const nu_bound *bound)
{
    const nu_form_field *field = bound->field;
    if (field->disabled)
        return false;
    nu_value initial = nu__bound_initial(bound), sent = nu__bound_data(bound), value;
    if (field->type->changed != NULL)
        return field->type->changed(field, initial, sent);
    if (!as_cleaned(field, sent, &value))
        return true;
    if (nu__form_is_empty(initial) && nu__form_is_empty(value))
        return false;
    return !nu_equal(initial, value);
}
