/* Widgets that show choices: <select>, radio buttons, boxes. Each choice is an object as well, so that a
 * template can lay them out itself:
 *      {% for option in form.colour %}{{ option.tag }} {{ option.choice_label }}{% endfor %} */
#include <string.h>

#include "form/internal.h"

/* ---- one option ------------------------------------------------------------------------------------ */

static bool is_button(const nu_form_option *option)
{
    return option->widget->choices && option->widget->group;
}

static void put_select_option(nu_builder *html, const nu_form_option *option)
{
    nu_builder_puts(html, "<option value=\"");
    if (!nu_is_null(option->value))
        nu__html_put(html, option->value);
    nu_builder_puts(html, option->selected ? "\" selected>" : "\">");
    nu__html_puts(html, option->label);
    nu_builder_puts(html, "</option>");
}

/* The id of one button: that of the whole with its index. */
static nu_value button_id(const nu_form_option *option)
{
    nu_value id = nu_dict_get(option->attrs, "id");
    if (nu__form_is_empty(id))
        return nu_null();
    return nu_value_text(nu_fmt("%s_%s", nu_text(id), option->index));
}

static void put_button(nu_builder *html, const nu_form_option *option)
{
    nu_builder_puts(html, "<input");
    nu__html_attr(html, "type", nu_value_text(option->widget->input_type));
    nu__html_attr(html, "name", nu_value_text(option->name));
    nu__html_attr(html, "value", nu_is_null(option->value) ? nu_value_text("") : option->value);
    for (nu_entry *e = NULL; (e = nu_dict_next(option->attrs, e)) != NULL;) {
        if (strcmp(e->key.text, "id") != 0)
            nu__html_attr(html, e->key.text, e->value);
    }
    nu__html_attr(html, "id", button_id(option));
    nu__html_attr(html, "checked", nu_value_bool(option->selected));
    nu_builder_putc(html, '>');
}

static void put_labelled(nu_builder *html, const nu_form_option *option)
{
    nu_builder_puts(html, "<label");
    nu__html_attr(html, "for", button_id(option));
    nu_builder_putc(html, '>');
    put_button(html, option);
    nu_builder_putc(html, ' ');
    nu__html_puts(html, option->label);
    nu_builder_puts(html, "</label>");
}

/* ---- as an object ------------------------------------------------------------------------------------ */

static void put_tag(nu_builder *html, const nu_form_option *option)
{
    if (is_button(option))
        put_button(html, option);
    else if (option->widget->choices)
        put_select_option(html, option);
    else
        option->widget->render(html, option->field, option->name, option->value, option->attrs);
}

static nu_value option_tag(const nu_form_option *option)
{
    nu_builder html;
    nu_builder_init(&html, NULL, 128);
    put_tag(&html, option);
    return nu_value_safe(nu_builder_text(&html));
}

static nu_value option_text(void *object)
{
    const nu_form_option *option = object;
    if (!is_button(option))
        return option_tag(option);
    nu_builder html;
    nu_builder_init(&html, NULL, 128);
    put_labelled(&html, option);
    return nu_value_safe(nu_builder_text(&html));
}

static nu_value option_id(const nu_form_option *option)
{
    nu_value id = is_button(option) ? button_id(option) : nu_dict_get(option->attrs, "id");
    return nu_is_null(id) ? nu_value_text("") : id;
}

static nu_value option_data(const nu_form_option *option)
{
    nu_value type = nu_value_text(option->widget->input_type);
    return NU_V(nu_dict_of("name", option->name, "value", option->value, "label", option->label,
                           "selected", option->selected, "index", option->index, "type", type,
                           "attrs", nu__html_attrs_copy(option->attrs)));
}

static bool option_get(void *object, const char *key, size_t length, nu_value *out)
{
    const nu_form_option *option = object;
    const char           *name = nu_arena_copy(nu_arena_current(), key, length);
    if (strcmp(name, "tag") == 0)
        *out = option_tag(option);
    else if (strcmp(name, "choice_label") == 0)
        *out = nu_value_text(option->label);
    else if (strcmp(name, "id_for_label") == 0)
        *out = option_id(option);
    else if (strcmp(name, "data") == 0)
        *out = option_data(option);
    else
        return false;
    return true;
}

static const nu_class option_class = {
    .name = "BoundWidget", .get = option_get, .text = option_text};

/* ---- all options --------------------------------------------------------------------------------------- */

/* What is selected, as texts; nothing stands for the empty option. */
static nu_list *selected_texts(const nu_widget *widget, nu_value value)
{
    nu_list *texts = nu_list_new();
    if (value.type == NU_LIST || value.type == NU_DICT) {
        for (uint32_t i = 0; value.type == NU_LIST && i < value.list->count; i++)
            nu_list_push(texts, nu_value_str(value.list->items[i]));
    } else if (!nu_is_null(value) || !widget->multiple) {
        nu_list_push(texts, nu_is_null(value) ? nu_value_text("") : nu_value_str(value));
    }
    return texts;
}

struct walk {
    nu_form_option base;     /* what all options have in common */
    const nu_list *selected; /* texts */
    bool           found;    /* one was selected: where only one can be, the others are not */
};

static bool is_selected(struct walk *walk, nu_value value)
{
    nu_value text = nu_is_null(value) ? nu_value_text("") : nu_value_str(value);
    if (walk->found && !walk->base.widget->multiple)
        return false;
    for (uint32_t i = 0; i < walk->selected->count; i++) {
        if (nu_equal(walk->selected->items[i], text)) {
            walk->found = true;
            return true;
        }
    }
    return false;
}

static nu_form_option option_of(struct walk *walk, const nu_choice *choice, const char *index)
{
    nu_form_option option = walk->base;
    option.index = index;
    option.label = choice->label;
    option.value = choice->value;
    option.selected = is_selected(walk, choice->value);
    return option;
}

/* Calls `put` for each choice and `group` before and after each group. */
static void walk_choices(struct walk *walk, void (*put)(void *into, const nu_form_option *option),
                         void (*group)(void *into, const char *label, bool opens), void *into)
{
    const nu_choice *choices = walk->base.field->choices;
    for (size_t i = 0; choices != NULL && choices[i].label != NULL; i++) {
        const nu_choice *inner = choices[i].group;
        if (inner == NULL) {
            nu_form_option option = option_of(walk, &choices[i], nu_fmt("%zu", i));
            put(into, &option);
            continue;
        }
        group(into, choices[i].label, true);
        for (size_t k = 0; inner[k].label != NULL; k++) {
            nu_form_option option = option_of(walk, &inner[k], nu_fmt("%zu_%zu", i, k));
            put(into, &option);
        }
        group(into, choices[i].label, false);
    }
}

static struct walk walk_of(const nu_widget *widget, const nu_form_field *field, const char *name,
                           nu_value value, const nu_dict *attrs)
{
    return (struct walk){
        .base = {.class = &option_class,
                 .field = field,
                 .widget = widget,
                 .name = name,
                 .attrs = attrs,
                 .index = "0",
                 .label = "",
                 .value = value},
        .selected = selected_texts(widget, value),
    };
}

static void push_option(void *into, const nu_form_option *option)
{
    nu_form_option *kept = nu_alloc(sizeof *kept);
    *kept = *option;
    nu_list_push(into, nu_value_object(kept));
}

static void ignore_group(void *into, const char *label, bool opens)
{
    (void)into;
    (void)label;
    (void)opens;
}

nu_list *nu__form_options(const nu_widget *widget, const nu_form_field *field, const char *name,
                          nu_value value, const nu_dict *attrs)
{
    struct walk walk = walk_of(widget, field, name, value, attrs);
    nu_list    *options = nu_list_new();
    if (widget->choices)
        walk_choices(&walk, push_option, ignore_group, options);
    else
        push_option(options, &walk.base);
    return options;
}

/* ---- <select> ---------------------------------------------------------------------------------------- */

static void select_option(void *into, const nu_form_option *option)
{
    put_select_option(into, option);
}

static void select_group(void *into, const char *label, bool opens)
{
    nu_builder *html = into;
    if (!opens) {
        nu_builder_puts(html, "</optgroup>");
        return;
    }
    nu_builder_puts(html, "<optgroup");
    nu__html_attr(html, "label", nu_value_text(label));
    nu_builder_putc(html, '>');
}

static void put_select(nu_builder *html, struct walk *walk)
{
    nu_builder_puts(html, "<select");
    nu__html_attr(html, "name", nu_value_text(walk->base.name));
    nu__html_attrs(html, walk->base.attrs);
    nu__html_attr(html, "multiple", nu_value_bool(walk->base.widget->multiple));
    nu_builder_putc(html, '>');
    walk_choices(walk, select_option, select_group, html);
    nu_builder_puts(html, "</select>");
}

void nu__render_select(nu_builder *html, const nu_form_field *field, const char *name,
                       nu_value value, const nu_dict *attrs)
{
    struct walk walk = walk_of(&nu_widget_select, field, name, value, attrs);
    put_select(html, &walk);
}

void nu__render_select_multiple(nu_builder *html, const nu_form_field *field, const char *name,
                                nu_value value, const nu_dict *attrs)
{
    struct walk walk = walk_of(&nu_widget_select_multiple, field, name, value, attrs);
    put_select(html, &walk);
}

/* ---- radio buttons and boxes --------------------------------------------------------------------------- */

static void button_option(void *into, const nu_form_option *option)
{
    nu_builder_puts(into, "<div>");
    put_labelled(into, option);
    nu_builder_puts(into, "</div>");
}

static void button_group(void *into, const char *label, bool opens)
{
    nu_builder *html = into;
    if (!opens) {
        nu_builder_puts(html, "</div>");
        return;
    }
    nu_builder_puts(html, "<div><label>");
    nu__html_puts(html, label);
    nu_builder_puts(html, "</label>");
}

static void put_buttons(nu_builder *html, struct walk *walk)
{
    nu_builder_puts(html, "<div");
    nu__html_attr(html, "id", nu_dict_get(walk->base.attrs, "id"));
    nu__html_attr(html, "class", nu_dict_get(walk->base.attrs, "class"));
    nu_builder_putc(html, '>');
    walk_choices(walk, button_option, button_group, html);
    nu_builder_puts(html, "</div>");
}

void nu__render_radios(nu_builder *html, const nu_form_field *field, const char *name,
                       nu_value value, const nu_dict *attrs)
{
    struct walk walk = walk_of(&nu_widget_radio, field, name, value, attrs);
    put_buttons(html, &walk);
}

void nu__render_checkboxes(nu_builder *html, const nu_form_field *field, const char *name,
                           nu_value value, const nu_dict *attrs)
{
    struct walk walk = walk_of(&nu_widget_checkbox_multiple, field, name, value, attrs);
    put_buttons(html, &walk);
}
