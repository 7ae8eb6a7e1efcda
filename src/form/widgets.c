/* The elements of a form, and reading what they send. */
#include <string.h>

#include "form/internal.h"
#include "nuages/i18n.h"

/* ---- writing HTML -------------------------------------------------------------------------------- */

void nu__html_put(nu_builder *html, nu_value value)
{
    value = nu_value_str(value);
    if (value.flags & NU_SAFE)
        nu_builder_add(html, value.text, value.length);
    else
        nu_builder_escape(html, value.text, value.length);
}

void nu__html_puts(nu_builder *html, const char *text)
{
    nu_builder_escape(html, text, strlen(text));
}

void nu__html_attr(nu_builder *html, const char *name, nu_value value)
{
    if (nu_is_null(value) || (value.type == NU_BOOL && !value.boolean))
        return;
    nu_builder_putc(html, ' ');
    nu__html_puts(html, name);
    if (value.type == NU_BOOL)
        return;
    nu_builder_puts(html, "=\"");
    nu__html_put(html, value);
    nu_builder_putc(html, '"');
}

void nu__html_attrs(nu_builder *html, const nu_dict *attrs)
{
    for (nu_entry *e = NULL; (e = nu_dict_next(attrs, e)) != NULL;)
        nu__html_attr(html, e->key.text, e->value);
}

nu_dict *nu__html_attrs_copy(const nu_dict *attrs)
{
    nu_dict *copy = nu_dict_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(attrs, e)) != NULL;)
        nu_dict_put(copy, e->key, e->value);
    return copy;
}

/* ---- <input> -------------------------------------------------------------------------------------- */

/* An attribute "type" replaces the widget's: NU_ATTRS({"type", NU_CONST_TEXT("search")}). */
static void put_input(nu_builder *html, const char *type, const char *name, nu_value value,
                      const nu_dict *attrs)
{
    nu_value text = nu_is_null(value) ? value : nu_value_str(value);
    nu_value own_type = nu_dict_get(attrs, "type");
    nu_builder_puts(html, "<input");
    nu__html_attr(html, "type", nu_is_null(own_type) ? nu_value_text(type) : own_type);
    nu__html_attr(html, "name", nu_value_text(name));
    if (!nu_is_null(text) && text.length > 0)
        nu__html_attr(html, "value", text);
    for (nu_entry *e = NULL; (e = nu_dict_next(attrs, e)) != NULL;) {
        if (strcmp(e->key.text, "type") != 0)
            nu__html_attr(html, e->key.text, e->value);
    }
    nu_builder_putc(html, '>');
}

/* A date or time by the first of the language's formats for this kind of input. */
static nu_value moment_text(nu_value value, const char *const *formats)
{
    bool moment = value.type == NU_DATE || value.type == NU_TIME || value.type == NU_DATETIME;
    return moment ? nu_localize_input(value, formats[0]) : value;
}

#define INPUT_RENDERER(function, type, shown)                                                      \
    static void function(nu_builder *html, const nu_form_field *field, const char *name,           \
                         nu_value value, const nu_dict *attrs)                                     \
    {                                                                                              \
        (void)field;                                                                               \
        (void)value;                                                                               \
        put_input(html, type, name, shown, attrs);                                                 \
    }
INPUT_RENDERER(render_text, "text", value)
INPUT_RENDERER(render_number, "number", value)
INPUT_RENDERER(render_email, "email", value)
INPUT_RENDERER(render_url, "url", value)
INPUT_RENDERER(render_password, "password", nu_null())
INPUT_RENDERER(render_hidden, "hidden", value)
INPUT_RENDERER(render_file, "file", nu_null())
INPUT_RENDERER(render_date, "text", moment_text(value, nu_formats_active()->date_input))
INPUT_RENDERER(render_datetime, "text", moment_text(value, nu_formats_active()->datetime_input))
INPUT_RENDERER(render_time, "text", moment_text(value, nu_formats_active()->time_input))

/* Each value in an element of its own, with "_0", "_1" … behind the id. */
static void render_hidden_multiple(nu_builder *html, const nu_form_field *field, const char *name,
                                   nu_value value, const nu_dict *attrs)
{
    (void)field;
    const nu_list *list = value.type == NU_LIST ? value.list : nu_list_new();
    for (uint32_t i = 0; i < list->count; i++) {
        nu_dict *own = nu__html_attrs_copy(attrs);
        nu_value id = nu_dict_get(attrs, "id");
        if (!nu_is_null(id))
            nu_dict_set(own, "id", nu_fmt("%s_%u", nu_text(id), i));
        put_input(html, "hidden", name, list->items[i], own);
    }
}

static void render_textarea(nu_builder *html, const nu_form_field *field, const char *name,
                            nu_value value, const nu_dict *attrs)
{
    (void)field;
    nu_builder_puts(html, "<textarea");
    nu__html_attr(html, "name", nu_value_text(name));
    nu__html_attrs(html, attrs);
    nu_builder_puts(html, ">\n"); /* a browser drops this line break, and only one */
    if (!nu_is_null(value))
        nu__html_put(html, value);
    nu_builder_puts(html, "</textarea>");
}

static void render_checkbox(nu_builder *html, const nu_form_field *field, const char *name,
                            nu_value value, const nu_dict *attrs)
{
    (void)field;
    bool     nothing = nu_is_null(value) || (value.type == NU_TEXT && value.length == 0);
    bool     ticked = !nothing && !(value.type == NU_BOOL && !value.boolean);
    nu_dict *all = nu__html_attrs_copy(attrs);
    nu_dict_set(all, "checked", ticked);
    put_input(html, "checkbox", name, value.type == NU_BOOL ? nu_null() : value, all);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static nu_value read_value(const nu_form_field *field, const nu_params *data, nu_params *files,
                           const char *name)
{
    (void)field;
    (void)files;
    return nu_params_value(data, name);
}

static nu_value read_values(const nu_form_field *field, const nu_params *data, nu_params *files,
                            const char *name)
{
    (void)field;
    (void)files;
    return nu_value_list(nu_params_list(data, name));
}

/* A box that is not ticked is not sent. */
static nu_value read_checkbox(const nu_form_field *field, const nu_params *data, nu_params *files,
                              const char *name)
{
    (void)field;
    (void)files;
    nu_value value = nu_params_value(data, name);
    if (value.type == NU_TEXT && nu_equal_ascii_nocase(value.text, value.length, "false", 5))
        return nu_value_bool(false);
    return nu_value_bool(nu_truth(value));
}

static nu_value read_file(const nu_form_field *field, const nu_params *data, nu_params *files,
                          const char *name)
{
    (void)field;
    (void)data;
    return files != NULL ? nu_params_value(files, name) : nu_null();
}

/* ---- when an element has the attribute "required" ------------------------------------------------------ */

static bool never(const nu_form_field *field, nu_value initial)
{
    (void)field;
    (void)initial;
    return false;
}

/* HTML wants the first option of a required <select> to be the empty one. */
static bool if_first_is_empty(const nu_form_field *field, nu_value initial)
{
    (void)initial;
    const nu_choice *first = field->choices;
    return first != NULL && first->label != NULL && first->group == NULL &&
           nu__form_is_empty(first->value);
}

static bool without_initial(const nu_form_field *field, nu_value initial)
{
    (void)field;
    return nu__form_is_empty(initial);
}

/* ---- the widgets --------------------------------------------------------------------------------------- */

#define INPUT(class, type, function)                                                               \
    {                                                                                              \
        .name = class, .input_type = type, .render = function, .read = read_value                  \
    }

const nu_widget nu_widget_text = INPUT("TextInput", "text", render_text);
const nu_widget nu_widget_number = INPUT("NumberInput", "number", render_number);
const nu_widget nu_widget_email = INPUT("EmailInput", "email", render_email);
const nu_widget nu_widget_url = INPUT("URLInput", "url", render_url);
const nu_widget nu_widget_password = INPUT("PasswordInput", "password", render_password);
const nu_widget nu_widget_date = INPUT("DateInput", "text", render_date);
const nu_widget nu_widget_datetime = INPUT("DateTimeInput", "text", render_datetime);
const nu_widget nu_widget_time = INPUT("TimeInput", "text", render_time);
const nu_widget nu_widget_hidden = {
    .name = "HiddenInput",
    .input_type = "hidden",
    .hidden = true,
    .render = render_hidden,
    .read = read_value,
};
const nu_widget nu_widget_hidden_multiple = {
    .name = "MultipleHiddenInput",
    .input_type = "hidden",
    .hidden = true,
    .multiple = true,
    .render = render_hidden_multiple,
    .read = read_values,
};
const nu_widget nu_widget_textarea = {
    .name = "Textarea", .render = render_textarea, .read = read_value};
const nu_widget nu_widget_checkbox = {
    .name = "CheckboxInput",
    .input_type = "checkbox",
    .render = render_checkbox,
    .read = read_checkbox,
};
const nu_widget nu_widget_select = {
    .name = "Select",
    .input_type = "select",
    .choices = true,
    .use_required = if_first_is_empty,
    .render = nu__render_select,
    .read = read_value,
};
const nu_widget nu_widget_select_multiple = {
    .name = "SelectMultiple",
    .input_type = "select",
    .choices = true,
    .multiple = true,
    .render = nu__render_select_multiple,
    .read = read_values,
};
const nu_widget nu_widget_radio = {
    .name = "RadioSelect",
    .input_type = "radio",
    .choices = true,
    .group = true,
    .render = nu__render_radios,
    .read = read_value,
};
const nu_widget nu_widget_checkbox_multiple = {
    .name = "CheckboxSelectMultiple",
    .input_type = "checkbox",
    .choices = true,
    .multiple = true,
    .group = true,
    .use_required = never,
    .render = nu__render_checkboxes,
    .read = read_values,
};
const nu_widget nu_widget_file = {
    .name = "FileInput",
    .input_type = "file",
    .file = true,
    .use_required = without_initial,
    .render = render_file,
    .read = read_file,
};
