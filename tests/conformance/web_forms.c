/* Cases of fields and forms: cleaning, what has changed, HTML.
 *
 * Django's sentences and ours differ on purpose: of an error the code is compared, and its text only where
 * it comes from the case. What Django 5 added for screen readers (aria attributes, ids of help texts and
 * errors) is left out of the comparison, as the cases are older. */
#include <string.h>

#include "form/internal.h"
#include "nuages/upload.h"
#include "web_form_def.h"

/* ---- one field ------------------------------------------------------------------------------------------ */

static nu_value given; /* what the field's widget reads, as it is */

static nu_value read_given(const nu_form_field *field, const nu_params *data, nu_params *files,
                           const char *name)
{
    (void)field;
    (void)data;
    (void)files;
    (void)name;
    return given;
}

static nu_form *form_of_field(const nu_dict *line, const char *value)
{
    nu_form_field *fields = nu_arena_zalloc(nu_arena_current(), 2 * sizeof *fields);
    nu_widget     *widget = nu_alloc(sizeof *widget);
    nu_form_def   *def = nu_alloc(sizeof *def);
    fields[0] = nu__web_field(nu__web_dict(line, "field"), "field");
    *widget = fields[0].widget != NULL ? *fields[0].widget : *fields[0].type->widget;
    widget->read = read_given;
    fields[0].widget = widget;
    def->fields = fields;
    given = nu__web_decode(nu_dict_get(line, value));
    nu_value initial = nu__web_decode(nu_dict_get(line, "initial"));
    return nu_form_new(def, .data = nu_params_new(), .initial = nu_dict_of("field", initial));
}

static nu_value codes_of(nu_form *form, const char *name)
{
    nu_list *codes = nu_list_new();
    nu_value errors = nu_dict_get(nu_form_errors(form), name);
    for (uint32_t i = 0; !nu_is_null(errors) && i < errors.list->count; i++)
        nu_list_push(codes, nu_dict_get(errors.list->items[i].dict, "code"));
    return nu_value_list(codes);
}

static nu_value run_clean(const nu_dict *line)
{
    nu__web_settings(line);
    nu_form *form = form_of_field(line, "value");
    ((nu_form_field *)form->fields[0].field)->disabled =
        false; /* a matter of forms, not of fields */
    if (nu_form_is_valid(form))
        return nu_form_value(form, "field");
    return NU_V(nu_dict_of("codes", codes_of(form, "field")));
}

static nu_value run_has_changed(const nu_dict *line)
{
    nu__web_settings(line);
    return nu_value_bool(nu_form_changed(form_of_field(line, "data"))->count > 0);
}

static nu_value run_widget_attrs(const nu_dict *line)
{
    nu__web_settings(line);
    nu_form_field    field = nu__web_field(nu__web_dict(line, "field"), "field");
    const nu_widget *widget = field.widget != NULL ? field.widget : field.type->widget;
    nu_dict         *texts = nu_dict_new();
    const nu_dict   *attrs = nu__form_widget_attrs(&field, widget);
    for (nu_entry *e = NULL; (e = nu_dict_next(attrs, e)) != NULL;)
        nu_dict_put(texts, e->key, nu_value_str(e->value));
    return NU_V(nu_dict_of("widget", widget->name, "attrs", texts, "is_required",
                           nu_value_bool(!field.optional), "is_hidden", widget->hidden, "multipart",
                           widget->file));
}

static nu_value run_prepare_value(const nu_dict *line)
{
    nu__web_settings(line);
    nu_form_field field = nu__web_field(nu__web_dict(line, "field"), "field");
    nu_value      value = nu__web_decode(nu_dict_get(line, "value"));
    return field.type->prepare != NULL ? field.type->prepare(&field, value) : value;
}

/* ---- forms ------------------------------------------------------------------------------------------------ */

static nu_value attribute(void *object, const char *name)
{
    nu_value value = nu_null();
    const nu_class *class = ((nu_object *)object)->class;
    if (!class->get(object, name, strlen(name), &value))
        nu_raise(NU_VALUE_ERROR, "%s has no %s", class->name, name);
    return value;
}

static nu_value text_of(void *object, const char *name)
{
    return nu_value_str(attribute(object, name));
}

static nu_value names_of(nu_value bounds)
{
    nu_list *names = nu_list_new();
    for (uint32_t i = 0; i < bounds.list->count; i++)
        nu_list_push(names, attribute(bounds.list->items[i].object, "name"));
    return nu_value_list(names);
}

static nu_value plain_list(nu_value list)
{
    return ((nu_object *)list.object)->class->plain(list.object);
}

static nu_value run_form(const nu_dict *line)
{
    nu__web_settings(line);
    nu_form *form = nu__web_form(line);
    nu_dict *out =
        nu_dict_of("is_bound", nu_form_is_bound(form), "is_valid", nu_form_is_valid(form));
    static const char *const layouts[] = {"as_table", "as_ul", "as_p"};
    for (size_t i = 0; i < NU_COUNT(layouts); i++)
        nu_dict_set(out, layouts[i], text_of(form, layouts[i]));
    nu_dict_set(out, "is_multipart", attribute(form, "is_multipart"));
    nu_dict_set(out, "hidden", names_of(attribute(form, "hidden_fields")));
    nu_dict_set(out, "visible", names_of(attribute(form, "visible_fields")));
    if (!nu_form_is_bound(form))
        return nu_value_dict(out);
    nu_dict_set(out, "errors", nu_form_errors(form));
    nu_dict_set(out, "errors_html", text_of(form, "errors"));
    nu_dict_set(out, "non_field_errors", plain_list(attribute(form, "non_field_errors")));
    nu_dict_set(out, "cleaned_data", nu_form_cleaned(form));
    nu_dict_set(out, "changed_data", nu_form_changed(form));
    nu_dict_set(out, "has_changed", attribute(form, "has_changed"));
    return nu_value_dict(out);
}

static nu_value run_bound_field(const nu_dict *line)
{
    nu__web_settings(line);
    nu_form    *form = nu__web_form(line);
    const char *name = nu__web_text(line, "name", "");
    void       *field = attribute(form, name).object;
    nu_value    errors = attribute(field, "errors");
    nu_dict    *out = nu_dict_of("html", nu_value_str(nu_value_object(field)), "errors_html",
                                 nu_value_str(errors));
    if (nu_form_is_bound(form)) {
        nu_dict_set(out, "has_error", nu_truth(errors));
        nu_dict_put(out, nu_value_text("error_codes"), codes_of(form, name));
    }
    static const char *const same[] = {"as_hidden",  "label",        "label_tag",   "html_name",
                                       "auto_id",    "id_for_label", "css_classes", "is_hidden",
                                       "help_text",  "widget_type",  "value",       "as_text",
                                       "as_textarea"};
    const nu_dict           *asked = nu__web_dict(line, "expect");
    for (size_t i = 0; i < NU_COUNT(same); i++) {
        if (nu_dict_find(asked, same[i]) != NULL)
            nu_dict_set(out, same[i], attribute(field, same[i]));
    }
    return nu_value_dict(out);
}

static nu_value run_add_error(const nu_dict *line)
{
    nu__web_settings(line);
    nu_form       *form = nu__web_form(line);
    const nu_list *calls = nu__web_list(line, "calls");
    nu_dict       *has_error = nu_dict_new();
    nu_form_is_valid(form);
    for (uint32_t i = 0; i < calls->count; i++) {
        const nu_value *call = calls->items[i].list->items;
        if (call[1].type != NU_TEXT)
            nu__web_refuse("errors in one call");
        nu_form_error(form, nu_is_null(call[0]) ? NULL : nu_text(call[0]),
                      nu_is_null(call[2]) ? "" : nu_text(call[2]), "%s", call[1].text);
    }
    for (size_t i = 0; i < form->count; i++) {
        const char *name = form->fields[i].field->name;
        nu_dict_set(has_error, name, nu_value_bool(nu_form_error_of(form, name) != NULL));
    }
    nu_dict_set(has_error, NU_FORM_ALL, nu_value_bool(nu_form_error_of(form, NULL) != NULL));
    return NU_V(nu_dict_of("errors", nu_form_errors(form), "errors_html", text_of(form, "errors"),
                           "cleaned_data", nu_form_cleaned(form), "non_field_html",
                           text_of(form, "non_field_errors"), "has_error", has_error));
}

static nu_value run_error_list(const nu_dict *line)
{
    nu_list       *errors = nu_list_new();
    const nu_list *messages = nu__web_list(line, "messages");
    for (uint32_t i = 0; i < messages->count; i++) {
        const nu_value *message = messages->items[i].list->items;
        if (message[2].type == NU_DICT)
            nu__web_refuse("messages with holes");
        nu_list_add(errors, nu_dict_of("message", message[0], "code",
                                       nu_is_null(message[1]) ? NU_V("") : message[1]));
    }
    nu_value list = nu__error_list_new(errors, nu__web_text(line, "error_class", NULL), NULL);
    return NU_V(nu_dict_of("html", nu_value_str(list), "json", errors));
}

/* ---- in one form -------------------------------------------------------------------------------------------- */

/* Not compared: what we do not offer. The texts of errors as HTML are compared in "error_list". */
static bool is_left_out(const char *key)
{
    static const char *const keys[] = {"messages",          "errors_text",     "label_tag_custom",
                                       "css_classes_extra", "as_widget_attrs", "text",
                                       "json_escaped"};
    for (size_t i = 0; i < NU_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

/* The sentences of errors with a code are ours. */
static bool is_sentence(const nu_dict *dict, const char *key)
{
    return strcmp(key, "message") == 0 && nu_truth(nu_dict_get(dict, "code"));
}

/* HTML without the text of errors: every <li> of an errorlist is empty. */
static nu_value without_sentences(nu_value html)
{
    nu_builder  out;
    const char *at = html.text, *list;
    nu_builder_init(&out, NULL, html.length);
    while ((list = strstr(at, "<ul class=\"errorlist")) != NULL) {
        const char *end = strstr(list, "</ul>");
        nu_builder_add(&out, at, (size_t)(list - at));
        for (bool text = false; list < end; list++) {
            text = *list == '<' ? false : text;
            if (!text)
                nu_builder_putc(&out, *list);
            text = *list == '>' ? true : text;
        }
        at = end;
    }
    nu_builder_puts(&out, at);
    return nu_builder_value(&out);
}

static nu_value upload_shown(nu_value value)
{
    const nu_upload *upload = nu_upload_of(value);
    size_t           length;
    if (upload == NULL)
        return value;
    const char *content = nu_upload_content(upload, 1 << 20, &length);
    return NU_V(nu_dict_of("name", nu_upload_name(upload), "type", nu_upload_content_type(upload),
                           "content", nu_value_bytes(content, length)));
}

static nu_value normal(nu_value value);

static nu_value normal_dict(const nu_dict *dict)
{
    nu_dict *out = nu_dict_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(dict, e)) != NULL;) {
        if (!is_left_out(e->key.text) && !is_sentence(dict, e->key.text))
            nu_dict_put(out, e->key, normal(e->value));
    }
    return nu_value_dict(out);
}

static nu_value normal(nu_value value)
{
    if (value.type == NU_DICT)
        return normal_dict(value.dict);
    if (value.type == NU_TEXT && value.length > 0 && value.text[0] == '<')
        return without_sentences(nu__web_html(value));
    if (value.type != NU_LIST)
        return value.type == NU_OBJECT ? upload_shown(value) : value;
    nu_list *out = nu_list_new();
    for (uint32_t i = 0; i < value.list->count; i++)
        nu_list_push(out, normal(value.list->items[i]));
    return nu_value_list(out);
}

static nu_value normal_error_list(nu_value value)
{
    return NU_V(nu_dict_of("html", nu__web_html(nu_dict_get(value.dict, "html")), "json",
                           nu_dict_get(value.dict, "json")));
}

const nu__web_op nu__web_form_ops[] = {
    {"clean", run_clean, normal},
    {"has_changed", run_has_changed},
    {"widget_attrs", run_widget_attrs},
    {"prepare_value", run_prepare_value},
    {"form", run_form, normal},
    {"bound_field", run_bound_field, normal},
    {"add_error", run_add_error, normal},
    {"error_list", run_error_list, normal_error_list},
    {0},
};
