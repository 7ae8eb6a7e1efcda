/* A field of a form, as {{ form.name }} and {% for field in form %} give it: Django's BoundField. */
#include <string.h>

#include "form/internal.h"
#include "nuages/unicode.h"

/* ---- what the widget is given ------------------------------------------------------------------------ */

static nu_value sent_value(const nu_bound *bound)
{
    const nu_form_type *type = bound->field->type;
    nu_value            sent = nu__bound_data(bound);
    return type->sent != NULL ? type->sent(bound->field, sent) : sent;
}

nu_value nu__bound_value(const nu_bound *bound)
{
    const nu_form_field *field = bound->field;
    bool file = bound->widget->file; /* a browser cannot be told which file it was */
    if (nu_form_is_bound(bound->form) && !field->disabled && !file)
        return sent_value(bound);
    nu_value value = nu__bound_initial(bound);
    if (nu_is_null(value) || field->type->prepare == NULL)
        return value;
    return field->type->prepare(field, value);
}

static bool has_errors(const nu_bound *bound)
{
    nu__form_clean(bound->form);
    return nu_dict_find(bound->form->errors, bound->field->name) != NULL;
}

const char *nu__bound_described_by(const nu_bound *bound)
{
    bool help = bound->field->help_text != NULL, wrong = has_errors(bound);
    if (bound->id[0] == '\0' || bound->widget->hidden || (!help && !wrong))
        return "";
    if (help && wrong)
        return nu_fmt("%s_helptext %s_error", bound->id, bound->id);
    return nu_fmt("%s_%s", bound->id, help ? "helptext" : "error");
}

static bool shows_required(const nu_bound *bound, const nu_widget *widget)
{
    if (bound->field->optional || bound->form->def->no_required_attribute || widget->hidden)
        return false;
    return widget->use_required == NULL ||
           widget->use_required(bound->field, nu__bound_initial(bound));
}

static void set_missing(nu_dict *attrs, const char *name, nu_value value)
{
    if (nu_dict_find(attrs, name) == NULL)
        nu_dict_put(attrs, nu_value_text(name), value);
}

/* Attributes of the element: those of its kind and table first, then what the state of the form says. A
 * widget that stands in for the field's own one (`own` NULL) has none of the former. */
static nu_dict *attrs_of(const nu_bound *bound, const nu_widget *widget, const nu_form_field *own)
{
    const nu_form_field plain = {.type = &(nu_form_type){0}};
    nu_dict            *attrs = nu__form_widget_attrs(own != NULL ? own : &plain, widget);
    const char         *described_by = widget->group ? "" : nu__bound_described_by(bound);
    if (shows_required(bound, widget))
        set_missing(attrs, "required", nu_value_bool(true));
    if (bound->field->disabled)
        set_missing(attrs, "disabled", nu_value_bool(true));
    if (!widget->hidden && has_errors(bound))
        set_missing(attrs, "aria-invalid", nu_value_text("true"));
    if (described_by[0] != '\0' && !widget->hidden)
        set_missing(attrs, "aria-describedby", nu_value_text(described_by));
    if (bound->id[0] != '\0')
        set_missing(attrs, "id", nu_value_text(bound->id));
    return attrs;
}

void nu__bound_render(nu_builder *html, const nu_bound *bound)
{
    bound->widget->render(html, bound->field, bound->html_name, nu__bound_value(bound),
                          attrs_of(bound, bound->widget, bound->field));
}

/* The field with another widget than its own. */
static nu_value rendered_as(const nu_bound *bound, const nu_widget *widget)
{
    nu_builder html;
    nu_builder_init(&html, NULL, 256);
    widget->render(&html, bound->field, bound->html_name, nu__bound_value(bound),
                   attrs_of(bound, widget, NULL));
    return nu_value_safe(nu_builder_text(&html));
}

static nu_list *options_of(const nu_bound *bound)
{
    return nu__form_options(bound->widget, bound->field, bound->html_name, nu__bound_value(bound),
                            attrs_of(bound, bound->widget, bound->field));
}

/* ---- around it ---------------------------------------------------------------------------------------- */

const char *nu__bound_css_classes(const nu_bound *bound)
{
    const nu_form_def *def = bound->form->def;
    const char *wrong = def->error_class != NULL && has_errors(bound) ? def->error_class : "";
    const char *required =
        def->required_class != NULL && !bound->field->optional ? def->required_class : "";
    return nu_fmt("%s%s%s", wrong, wrong[0] != '\0' && required[0] != '\0' ? " " : "", required);
}

static const char *id_for_label(const nu_bound *bound)
{
    return bound->widget->group ? "" : bound->id;
}

nu_value nu__bound_label(const nu_bound *bound, const char *tag)
{
    const nu_form_def *def = bound->form->def;
    const char        *suffix = bound->form->options.label_suffix;
    size_t             length = strlen(bound->label);
    nu_builder         html;
    nu_builder_init(&html, NULL, 128);
    if (bound->id[0] != '\0') {
        nu_builder_printf(&html, "<%s", tag);
        if (strcmp(tag, "label") == 0 && id_for_label(bound)[0] != '\0')
            nu__html_attr(&html, "for", nu_value_text(id_for_label(bound)));
        if (def->required_class != NULL && !bound->field->optional)
            nu__html_attr(&html, "class", nu_value_text(def->required_class));
        nu_builder_putc(&html, '>');
    }
    nu__html_puts(&html, bound->label);
    if (length > 0 && strchr(":?.!", bound->label[length - 1]) == NULL)
        nu__html_puts(&html, suffix != NULL ? suffix : ":");
    if (bound->id[0] != '\0')
        nu_builder_printf(&html, "</%s>", tag);
    return nu_value_safe(nu_builder_text(&html));
}

/* "radioselect" of RadioSelect, "text" of TextInput. */
static nu_value widget_type(const nu_bound *bound)
{
    const char *name = nu_lower(bound->widget->name);
    size_t      length = strlen(name);
    if (nu_ends_with(name, "input"))
        length -= 5;
    else if (nu_ends_with(name, "widget"))
        length -= 6;
    return nu_value_text_copy(name, length);
}

/* ---- the table's entry, as {{ field.field }} -------------------------------------------------------------- */

static nu_value choices_shown(const nu_choice *choices)
{
    nu_list *list = nu_list_new();
    for (; choices != NULL && choices->label != NULL; choices++) {
        if (choices->group != NULL)
            nu_list_add(list, nu_list_of(choices->label, choices_shown(choices->group)));
        else
            nu_list_add(list, nu_list_of(choices->value, choices->label));
    }
    return nu_value_list(list);
}

static nu_value widget_shown(const nu_bound *bound)
{
    const nu_widget *widget = bound->widget;
    return NU_V(nu_dict_of("input_type", nu_value_text(widget->input_type), "is_hidden",
                           widget->hidden, "is_required", nu_value_bool(!bound->field->optional),
                           "needs_multipart_form", widget->file, "allow_multiple_selected",
                           widget->multiple, "use_fieldset", widget->group, "attrs",
                           nu__form_widget_attrs(bound->field, widget)));
}

static nu_value field_shown(const nu_bound *bound)
{
    const nu_form_field *field = bound->field;
    return NU_V(nu_dict_of("required", nu_value_bool(!field->optional), "disabled", field->disabled,
                           "label", nu_value_text(field->label), "help_text",
                           nu_value_safe(field->help_text != NULL ? field->help_text : ""),
                           "initial", field->initial, "max_length", nu__form_max_length(field),
                           "min_length", field->min_length, "choices",
                           choices_shown(field->choices), "widget", widget_shown(bound)));
}

/* ---- as an object --------------------------------------------------------------------------------------------- */

static nu_value get_errors(const nu_bound *b)
{
    return nu__form_error_list(b->form, b->field->name);
}
static nu_value get_has_errors(const nu_bound *b)
{
    return nu_value_bool(has_errors(b));
}
static nu_value get_label(const nu_bound *b)
{
    return nu_value_text(b->label);
}
static nu_value get_label_tag(const nu_bound *b)
{
    return nu__bound_label(b, "label");
}
static nu_value get_legend_tag(const nu_bound *b)
{
    return nu__bound_label(b, "legend");
}
static nu_value get_name(const nu_bound *b)
{
    return nu_value_text(b->field->name);
}
static nu_value get_html_name(const nu_bound *b)
{
    return nu_value_text(b->html_name);
}
static nu_value get_auto_id(const nu_bound *b)
{
    return nu_value_text(b->id);
}
static nu_value get_id_for_label(const nu_bound *b)
{
    return nu_value_text(id_for_label(b));
}
static nu_value get_is_hidden(const nu_bound *b)
{
    return nu_value_bool(b->widget->hidden);
}
static nu_value get_use_fieldset(const nu_bound *b)
{
    return nu_value_bool(b->widget->group);
}
static nu_value get_css_classes(const nu_bound *b)
{
    return nu_value_text(nu__bound_css_classes(b));
}
static nu_value get_described_by(const nu_bound *b)
{
    return nu_value_text(nu__bound_described_by(b));
}
static nu_value get_subwidgets(const nu_bound *b)
{
    return nu_value_list(options_of(b));
}
static nu_value get_as_text(const nu_bound *b)
{
    return rendered_as(b, &nu_widget_text);
}
static nu_value get_as_textarea(const nu_bound *b)
{
    return rendered_as(b, &nu_widget_textarea);
}
static nu_value get_form(const nu_bound *b)
{
    return nu_value_object(b->form);
}

static nu_value get_as_widget(const nu_bound *b)
{
    nu_builder html;
    nu_builder_init(&html, NULL, 256);
    nu__bound_render(&html, b);
    return nu_value_safe(nu_builder_text(&html));
}

static nu_value get_as_hidden(const nu_bound *b)
{
    return rendered_as(b, b->widget->multiple ? &nu_widget_hidden_multiple : &nu_widget_hidden);
}

static nu_value get_help_text(const nu_bound *b)
{
    return nu_value_safe(b->field->help_text != NULL ? b->field->help_text : "");
}

static const struct {
    const char *name;
    nu_value (*get)(const nu_bound *bound);
} attributes[] = {
    {"errors", get_errors},
    {"has_errors", get_has_errors},
    {"label", get_label},
    {"label_tag", get_label_tag},
    {"legend_tag", get_legend_tag},
    {"help_text", get_help_text},
    {"value", nu__bound_value},
    {"initial", nu__bound_initial},
    {"data", nu__bound_data},
    {"name", get_name},
    {"html_name", get_html_name},
    {"auto_id", get_auto_id},
    {"id_for_label", get_id_for_label},
    {"is_hidden", get_is_hidden},
    {"use_fieldset", get_use_fieldset},
    {"css_classes", get_css_classes},
    {"aria_describedby", get_described_by},
    {"widget_type", widget_type},
    {"subwidgets", get_subwidgets},
    {"as_widget", get_as_widget},
    {"as_hidden", get_as_hidden},
    {"as_text", get_as_text},
    {"as_textarea", get_as_textarea},
    {"field", field_shown},
    {"form", get_form},
};

static bool bound_get(void *self, const char *key, size_t length, nu_value *out)
{
    for (size_t i = 0; i < NU_COUNT(attributes); i++) {
        if (strncmp(attributes[i].name, key, length) == 0 && attributes[i].name[length] == '\0') {
            *out = attributes[i].get(self);
            return true;
        }
    }
    return false;
}

static bool bound_at(void *self, int64_t index, nu_value *out)
{
    return index >= 0 && nu_list_at(options_of(self), index, out);
}

static int64_t bound_count(void *self)
{
    return options_of(self)->count;
}

static nu_value bound_text(void *self)
{
    return get_as_widget(self);
}

static bool bound_truth(void *self)
{
    (void)self;
    return true;
}

const nu_class nu__bound_class = {
    .name = "BoundField",
    .get = bound_get,
    .at = bound_at,
    .count = bound_count,
    .text = bound_text,
    .truth = bound_truth,
};
