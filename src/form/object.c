/* The form in a template: {{ form }}, {{ form.as_p }}, {{ form.name }}, {% for field in form %}. */
#include <string.h>

#include "form/internal.h"

static nu_value fields_where(const nu_form *form, bool hidden)
{
    nu_list *list = nu_list_new();
    for (size_t i = 0; i < form->count; i++) {
        if (form->fields[i].widget->hidden == hidden)
            nu_list_push(list, nu_value_object(&form->fields[i]));
    }
    return nu_value_list(list);
}

static nu_value get_as_div(nu_form *form)
{
    return nu_form_html(form, NU_FORM_AS_DIV);
}
static nu_value get_as_p(nu_form *form)
{
    return nu_form_html(form, NU_FORM_AS_P);
}
static nu_value get_as_table(nu_form *form)
{
    return nu_form_html(form, NU_FORM_AS_TABLE);
}
static nu_value get_as_ul(nu_form *form)
{
    return nu_form_html(form, NU_FORM_AS_UL);
}
static nu_value get_errors(nu_form *form)
{
    return nu__form_error_dict(form);
}
static nu_value get_non_field_errors(nu_form *form)
{
    return nu__form_error_list(form, NULL);
}
static nu_value get_hidden_fields(nu_form *form)
{
    return fields_where(form, true);
}
static nu_value get_visible_fields(nu_form *form)
{
    return fields_where(form, false);
}
static nu_value get_is_bound(nu_form *form)
{
    return nu_value_bool(nu_form_is_bound(form));
}
static nu_value get_is_valid(nu_form *form)
{
    return nu_value_bool(nu_form_is_valid(form));
}
static nu_value get_cleaned(nu_form *form)
{
    return nu_value_dict(nu_form_cleaned(form));
}
static nu_value get_changed(nu_form *form)
{
    return nu_value_list(nu_form_changed(form));
}
static nu_value get_has_changed(nu_form *form)
{
    return nu_value_bool(nu_form_changed(form)->count > 0);
}
static nu_value get_prefix(nu_form *form)
{
    return nu_value_text(form->options.prefix);
}

static nu_value get_fields(nu_form *form)
{
    nu_dict *fields = nu_dict_new();
    for (size_t i = 0; i < form->count; i++)
        nu_dict_put(fields, nu_value_text(form->fields[i].field->name),
                    nu_value_object(&form->fields[i]));
    return nu_value_dict(fields);
}

static nu_value get_is_multipart(nu_form *form)
{
    bool files = false;
    for (size_t i = 0; i < form->count; i++)
        files |= form->fields[i].widget->file;
    return nu_value_bool(files);
}

static nu_value get_required_attribute(nu_form *form)
{
    return nu_value_bool(!form->def->no_required_attribute);
}

static const struct {
    const char *name;
    nu_value (*get)(nu_form *form);
} attributes[] = {
    {"as_div", get_as_div},
    {"as_p", get_as_p},
    {"as_table", get_as_table},
    {"as_ul", get_as_ul},
    {"errors", get_errors},
    {"non_field_errors", get_non_field_errors},
    {"hidden_fields", get_hidden_fields},
    {"visible_fields", get_visible_fields},
    {"fields", get_fields},
    {"is_bound", get_is_bound},
    {"is_valid", get_is_valid},
    {"is_multipart", get_is_multipart},
    {"cleaned_data", get_cleaned},
    {"changed_data", get_changed},
    {"has_changed", get_has_changed},
    {"prefix", get_prefix},
    {"use_required_attribute", get_required_attribute},
};

/* A field wins over an attribute, as Django looks up items first. */
static bool form_get(void *self, const char *key, size_t length, nu_value *out)
{
    nu_form  *form = self;
    nu_bound *bound = nu__form_find(form, key, length);
    if (bound != NULL) {
        *out = nu_value_object(bound);
        return true;
    }
    for (size_t i = 0; i < NU_COUNT(attributes); i++) {
        if (strncmp(attributes[i].name, key, length) == 0 && attributes[i].name[length] == '\0') {
            *out = attributes[i].get(form);
            return true;
        }
    }
    return false;
}

static bool form_at(void *self, int64_t index, nu_value *out)
{
    nu_form *form = self;
    if (index < 0 || index >= (int64_t)form->count)
        return false;
    *out = nu_value_object(&form->fields[index]);
    return true;
}

static int64_t form_count(void *self)
{
    const nu_form *form = self;
    return (int64_t)form->count;
}

static nu_value form_text(void *self)
{
    return nu_form_html(self, NU_FORM_AS_DIV);
}

static bool form_truth(void *self)
{
    (void)self;
    return true;
}

const nu_class nu__form_class = {
    .name = "Form",
    .get = form_get,
    .at = form_at,
    .count = form_count,
    .text = form_text,
    .truth = form_truth,
};
