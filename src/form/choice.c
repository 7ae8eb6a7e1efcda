/* One or several of the field's choices, and files. */
#include <string.h>

#include "form/internal.h"
#include "nuages/i18n.h"
#include "nuages/upload.h"

static bool same_text(nu_value a, nu_value b)
{
    a = nu_value_str(a);
    b = nu_value_str(b);
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

bool nu__form_is_choice(const nu_choice *choices, nu_value value)
{
    for (; choices != NULL && choices->label != NULL; choices++) {
        if (choices->group != NULL
                ? nu__form_is_choice(choices->group, value)
                : !nu_is_null(choices->value) && same_text(choices->value, value))
            return true;
    }
    return false;
}

static NU_NORETURN void refuse_choice(nu_value value)
{
    nu_value text = nu_value_str(value);
    size_t   shown = nu_utf8_offset(text.text, text.length, 50);
    nu_form_refuse(
        "invalid_choice", "%s",
        nu_fill(nu_gettext("“%s” is not one of the choices."),
                nu_fmt("%.*s%s", (int)shown, text.text, shown < text.length ? "…" : "")));
}

static nu_value clean_choice(const nu_form_field *field, nu_value value)
{
    if (!nu__form_is_choice(field->choices, value))
        refuse_choice(value);
    return nu_value_str(value);
}

static bool choice_changed(const nu_form_field *field, nu_value initial, nu_value sent)
{
    (void)field;
    bool nothing = nu__form_is_empty(initial), none = nu__form_is_empty(sent);
    return nothing || none ? nothing != none : !same_text(initial, sent);
}

const nu_form_type nu_form_choice = {
    .name = "ChoiceField",
    .widget = &nu_widget_select,
    .clean = clean_choice,
    .empty = NU_CONST_TEXT(""),
    .changed = choice_changed,
};

/* ---- with a type of their own ----------------------------------------------------------------------- */

static nu_value coerced(const nu_form_field *field, nu_value value)
{
    if (field->coerce == NULL)
        return value;
    NU_TRY {
        return field->coerce(value);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_VALUE_ERROR))
            nu_reraise(error);
    }
    refuse_choice(value);
}

static nu_value clean_typed_choice(const nu_form_field *field, nu_value value)
{
    return coerced(field, clean_choice(field, value));
}

nu_value nu_form_to_int(nu_value value)
{
    return nu_value_int(nu_int(value));
}

const nu_form_type nu_form_typed_choice = {
    .name = "TypedChoiceField",
    .widget = &nu_widget_select,
    .clean = clean_typed_choice,
    .changed = choice_changed,
};

/* ---- several ------------------------------------------------------------------------------------------ */

static nu_value clean_choices(const nu_form_field *field, nu_value value)
{
    nu_list *chosen = nu_list_new();
    if (value.type != NU_LIST)
        nu_form_refuse("invalid_list", "%s", nu_gettext("This must be a list of choices."));
    for (uint32_t i = 0; i < value.list->count; i++) {
        nu_value item = value.list->items[i];
        if (nu_is_null(item) || !nu__form_is_choice(field->choices, item))
            refuse_choice(item);
        nu_list_push(chosen, coerced(field, nu_value_str(item)));
    }
    return nu_value_list(chosen);
}

static bool has_text(const nu_list *list, nu_value item)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (same_text(list->items[i], item))
            return true;
    }
    return false;
}

static bool within(nu_value some, nu_value all)
{
    for (uint32_t i = 0; i < some.list->count; i++) {
        if (!has_text(all.list, some.list->items[i]))
            return false;
    }
    return true;
}

/* Order and repetition do not matter. */
static bool choices_changed(const nu_form_field *field, nu_value initial, nu_value sent)
{
    (void)field;
    initial = initial.type == NU_LIST ? initial : nu_value_list(nu_list_new());
    sent = sent.type == NU_LIST ? sent : nu_value_list(nu_list_new());
    return !within(initial, sent) || !within(sent, initial);
}

const nu_form_type nu_form_multiple_choice = {
    .name = "MultipleChoiceField",
    .widget = &nu_widget_select_multiple,
    .clean = clean_choices,
    .empty = {.type = NU_LIST},
    .changed = choices_changed,
};

/* ---- files ---------------------------------------------------------------------------------------------- */

static void check_upload(const nu_form_field *field, const nu_upload *upload)
{
    const char *name = nu_upload_name(upload);
    if (name == NULL || name[0] == '\0')
        nu_form_refuse("invalid", "%s", nu_gettext("This file has no name."));
    int64_t length = (int64_t)nu_utf8_count(name, strlen(name));
    if (field->max_length > 0 && length > field->max_length)
        nu_form_refuse("max_length", "%s",
                       nu_fill(nu_ngettext("The file's name may have no more than %s character.",
                                           "The file's name may have no more than %s characters.",
                                           field->max_length),
                               nu_text(nu_value_int(field->max_length))));
    if (nu_upload_size(upload) == 0)
        nu_form_refuse("empty", "%s", nu_gettext("This file is empty."));
}

static nu_value clean_file(const nu_form_field *field, nu_value value)
{
    const nu_upload *upload = nu_upload_of(value);
    if (upload == NULL)
        nu_form_refuse("invalid", "%s",
                       nu_gettext("No file was sent. Does the form say multipart/form-data?"));
    check_upload(field, upload);
    return value;
}

static bool file_changed(const nu_form_field *field, nu_value initial, nu_value sent)
{
    (void)field;
    (void)initial;
    return !nu__form_is_empty(sent);
}

const nu_form_type nu_form_file = {
    .name = "FileField",
    .widget = &nu_widget_file,
    .clean = clean_file,
    .changed = file_changed,
};
