/* The whole form as HTML, in the four layouts of Django's default templates: errors of the form and of
 * hidden fields first, a row for each visible field, hidden fields within the last row. */
#include "form/internal.h"
#include "nuages/i18n.h"

struct layout {
    nu_builder      *html;
    nu_form         *form;
    const nu_bound **visible;
    size_t           count;
    const char      *hidden; /* all hidden fields */
    nu_value         top_errors;
    bool             has_top_errors;
};

/* ---- what goes where --------------------------------------------------------------------------------- */

/* Errors of a hidden field can only be shown above, with its name. */
static void add_hidden_errors(nu_list *top, const nu_bound *bound)
{
    nu_value errors = nu_dict_get(bound->form->errors, bound->field->name);
    for (uint32_t i = 0; !nu_is_null(errors) && i < errors.list->count; i++) {
        const nu_dict *error = errors.list->items[i].dict;
        const char    *where = nu_fill(nu_gettext("(Hidden field %s)"), bound->field->name);
        nu_list_add(top, nu_dict_of("message",
                                    nu_fmt("%s %s", where, nu_text(nu_dict_get(error, "message"))),
                                    "code", nu_dict_get(error, "code")));
    }
}

static void sort_fields(struct layout *layout)
{
    nu_form   *form = layout->form;
    nu_list   *top = nu_list_new();
    nu_value   own = nu_dict_get(form->errors, NU_FORM_ALL);
    nu_builder hidden;
    nu_builder_init(&hidden, NULL, 128);
    for (uint32_t i = 0; !nu_is_null(own) && i < own.list->count; i++)
        nu_list_push(top, own.list->items[i]);
    for (size_t i = 0; i < form->count; i++) {
        const nu_bound *bound = &form->fields[i];
        if (!bound->widget->hidden) {
            layout->visible[layout->count++] = bound;
            continue;
        }
        add_hidden_errors(top, bound);
        nu__bound_render(&hidden, bound);
    }
    layout->hidden = nu_builder_text(&hidden);
    layout->has_top_errors = top->count > 0;
    layout->top_errors = nu__error_list_new(top, "nonfield", NULL);
}

/* ---- pieces of a row ----------------------------------------------------------------------------------- */

static void put(const struct layout *layout, const char *html)
{
    nu_builder_puts(layout->html, html);
}

static void put_value(const struct layout *layout, nu_value value)
{
    nu__html_put(layout->html, value);
}

static void open_row(const struct layout *layout, const char *tag, const nu_bound *bound)
{
    const char *classes = nu__bound_css_classes(bound);
    nu_builder_printf(layout->html, "<%s", tag);
    if (classes[0] != '\0')
        nu__html_attr(layout->html, "class", nu_value_text(classes));
    put(layout, ">");
}

static void put_label(const struct layout *layout, const nu_bound *bound, const char *tag)
{
    if (bound->label[0] != '\0')
        put_value(layout, nu__bound_label(bound, tag));
}

static void put_help(const struct layout *layout, const nu_bound *bound, const char *tag)
{
    if (bound->field->help_text == NULL)
        return;
    nu_builder_printf(layout->html, "<%s class=\"helptext\"", tag);
    if (bound->id[0] != '\0')
        nu__html_attr(layout->html, "id", nu_value_text(nu_fmt("%s_helptext", bound->id)));
    put(layout, ">");
    put(layout, bound->field->help_text);
    nu_builder_printf(layout->html, "</%s>", tag);
}

static void put_errors(const struct layout *layout, const nu_bound *bound)
{
    put_value(layout, nu__form_error_list(layout->form, bound->field->name));
}

/* ---- rows ----------------------------------------------------------------------------------------------- */

static void put_div_row(const struct layout *layout, const nu_bound *bound, const char *hidden)
{
    bool group = bound->widget->group;
    open_row(layout, "div", bound);
    if (group) {
        const char *described_by = nu__bound_described_by(bound);
        put(layout, "<fieldset");
        if (described_by[0] != '\0')
            nu__html_attr(layout->html, "aria-describedby", nu_value_text(described_by));
        put(layout, ">");
    }
    put_label(layout, bound, group ? "legend" : "label");
    put_help(layout, bound, "div");
    put_errors(layout, bound);
    nu__bound_render(layout->html, bound);
    put(layout, group ? "</fieldset>" : "");
    put(layout, hidden);
    put(layout, "</div>");
}

static void put_p_row(const struct layout *layout, const nu_bound *bound, const char *hidden)
{
    put_errors(layout, bound);
    open_row(layout, "p", bound);
    put_label(layout, bound, "label");
    put(layout, " ");
    nu__bound_render(layout->html, bound);
    put_help(layout, bound, "span");
    put(layout, hidden);
    put(layout, "</p>");
}

static void put_ul_row(const struct layout *layout, const nu_bound *bound, const char *hidden)
{
    open_row(layout, "li", bound);
    put_errors(layout, bound);
    put_label(layout, bound, "label");
    put(layout, " ");
    nu__bound_render(layout->html, bound);
    put_help(layout, bound, "span");
    put(layout, hidden);
    put(layout, "</li>");
}

static void put_table_row(const struct layout *layout, const nu_bound *bound, const char *hidden)
{
    open_row(layout, "tr", bound);
    put(layout, "<th>");
    put_label(layout, bound, "label");
    put(layout, "</th><td>");
    put_errors(layout, bound);
    nu__bound_render(layout->html, bound);
    put(layout, bound->field->help_text != NULL ? "<br>" : "");
    put_help(layout, bound, "span");
    put(layout, hidden);
    put(layout, "</td></tr>");
}

static const struct {
    void (*row)(const struct layout *layout, const nu_bound *bound, const char *hidden);
    const char *before_errors, *after_errors; /* round the errors on top */
    const char *before_hidden,
        *after_hidden; /* round hidden fields, if nothing but errors is shown */
} layouts[] = {
    [NU_FORM_AS_DIV] = {put_div_row, "", "", "<div>", "</div>"},
    [NU_FORM_AS_P] = {put_p_row, "", "", "<p>", "</p>"},
    [NU_FORM_AS_TABLE] = {put_table_row, "<tr><td colspan=\"2\">", "</td></tr>", "", ""},
    [NU_FORM_AS_UL] = {put_ul_row, "<li>", "</li>", "", ""},
};

/* ---- the whole ------------------------------------------------------------------------------------------- */

static void put_top(const struct layout *layout, nu_form_layout kind)
{
    bool alone = layout->count == 0;
    if (!layout->has_top_errors)
        return;
    put(layout, layouts[kind].before_errors);
    put_value(layout, layout->top_errors);
    if (alone) {
        put(layout, layouts[kind].before_hidden);
        put(layout, layout->hidden);
        put(layout, layouts[kind].after_hidden);
    }
    put(layout, layouts[kind].after_errors);
}

nu_value nu_form_html(nu_form *form, nu_form_layout kind)
{
    nu_builder html;
    nu_builder_init(&html, NULL, 1024);
    struct layout layout = {
        .html = &html,
        .form = form,
        .visible = nu_alloc((form->count + 1) * sizeof *layout.visible),
    };
    nu__form_clean(form);
    sort_fields(&layout);
    put_top(&layout, kind);
    for (size_t i = 0; i < layout.count; i++) {
        layouts[kind].row(&layout, layout.visible[i], i + 1 == layout.count ? layout.hidden : "");
        nu_builder_putc(&html, '\n');
    }
    if (layout.count == 0 && !layout.has_top_errors)
        put(&layout, layout.hidden);
    return nu_value_safe(nu_builder_text(&html));
}
