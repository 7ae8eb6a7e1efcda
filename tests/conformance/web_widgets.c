/* Cases of widgets: drawing, options one by one, reading what was sent. */
#include <string.h>

#include "form/internal.h"
#include "nuages/upload.h"
#include "web_form_def.h"

/* The widget's own attributes, with those of the call over them. */
static nu_dict *attrs_of(const nu_dict *line, const nu_form_field *field)
{
    nu_dict       *attrs = nu__form_widget_attrs(field, field->widget);
    const nu_dict *more = nu__web_dict(line, "render_attrs");
    for (nu_entry *e = NULL; (e = nu_dict_next(more, e)) != NULL;)
        nu_dict_put(attrs, e->key, e->value);
    return attrs;
}

static nu_form_field field_of(const nu_dict *line)
{
    nu__web_settings(line);
    return nu__web_widget(nu__web_decode(nu_dict_get(line, "widget")));
}

static nu_value run_render(const nu_dict *line)
{
    nu_form_field field = field_of(line);
    nu_builder    html;
    nu_builder_init(&html, NULL, 256);
    field.widget->render(&html, &field, nu__web_text(line, "name", ""),
                         nu__web_decode(nu_dict_get(line, "value")), attrs_of(line, &field));
    return nu_value_text(nu_builder_text(&html));
}

static nu_value option_shown(nu_value value)
{
    nu_form_option *option = value.object;
    nu_value        tag, id;
    option->class->get(option, "tag", 3, &tag);
    option->class->get(option, "id_for_label", 12, &id);
    bool button = option->widget->group;
    return NU_V(nu_dict_of("html", tag, "label", option->label, "id",
                           button && nu_truth(id) ? id : nu_null(), "selected", option->selected));
}

static nu_value run_options(const nu_dict *line)
{
    nu_form_field field = field_of(line);
    nu_list      *options = nu__form_options(field.widget, &field, nu__web_text(line, "name", ""),
                                             nu_dict_get(line, "value"), attrs_of(line, &field));
    nu_list      *shown = nu_list_new();
    for (uint32_t i = 0; i < options->count; i++)
        nu_list_push(shown, option_shown(options->items[i]));
    return nu_value_list(shown);
}

static nu_value run_read(const nu_dict *line)
{
    nu_form_field field = field_of(line);
    return field.widget->read(&field, nu__web_params(line, "data"), nu__web_params(line, "files"),
                              nu__web_text(line, "name", ""));
}

static nu_value run_info(const nu_dict *line)
{
    nu_form_field    field = field_of(line);
    const nu_widget *widget = field.widget;
    bool             required = !widget->hidden && (widget->use_required == NULL ||
                                        widget->use_required(&field, nu_dict_get(line, "initial")));
    nu_value         id = widget->group ? nu_value_text("") : nu_dict_get(line, "element_id");
    return NU_V(nu_dict_of("id_for_label", id, "is_hidden", widget->hidden, "multipart",
                           widget->file, "use_required_attribute", required));
}

static nu_value normal_html(nu_value value)
{
    return value.type == NU_TEXT ? nu__web_html(value) : value;
}

static nu_value normal_read(nu_value value)
{
    nu_upload *upload = nu_upload_of(value);
    return upload != NULL ? NU_V(nu_upload_name(upload)) : value;
}

static nu_value normal_options(nu_value value)
{
    nu_list *out = nu_list_new();
    for (uint32_t i = 0; i < value.list->count; i++) {
        nu_dict *option = nu_dict_new();
        for (nu_entry *e = NULL; (e = nu_dict_next(value.list->items[i].dict, e)) != NULL;)
            nu_dict_put(option, e->key,
                        strcmp(e->key.text, "html") == 0 ? nu__web_html(e->value) : e->value);
        nu_list_push(out, nu_value_dict(option));
    }
    return nu_value_list(out);
}

const nu__web_op nu__web_widget_ops[] = {
    {"render", run_render, normal_html},
    {"options", run_options, normal_options},
    {"value_from_datadict", run_read, normal_read},
    {"info", run_info},
    {0},
};
