/* Making forms and asking them. */
#include <string.h>

#include "form/internal.h"

/* ---- making ------------------------------------------------------------------------------------- */

static const char *html_name(const nu_form *form, const char *name)
{
    const char *prefix = form->options.prefix;
    return prefix != NULL && prefix[0] != '\0' ? nu_fmt("%s-%s", prefix, name) : name;
}

static const char *element_id(const nu_form *form, const char *name)
{
    const char *pattern = form->options.id != NULL ? form->options.id : "id_%s";
    const char *hole = strstr(pattern, "%s");
    if (pattern[0] == '\0')
        return "";
    if (hole == NULL)
        return name;
    return nu_fmt("%.*s%s%s", (int)(hole - pattern), pattern, name, hole + 2);
}

/* "Last name" of "last_name". */
static const char *label_of(const nu_form_field *field)
{
    if (field->label != NULL)
        return field->label;
    nu_value words = nu_value_text_copy(field->name, strlen(field->name));
    char    *text = nu_arena_copy(nu_arena_current(), words.text, words.length);
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '_')
            *at = ' ';
        else if (at > text && *at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

static const nu_form_field *with_choices(const nu_form_field *field)
{
    if (field->choices_fn == NULL)
        return field;
    nu_form_field *copy = nu_alloc(sizeof *copy);
    *copy = *field;
    copy->choices = field->choices_fn();
    return copy;
}

static void bind(nu_form *form, const nu_form_field *field)
{
    nu_bound *bound = &form->fields[form->count++];
    *bound = (nu_bound){
        .class = &nu__bound_class,
        .form = form,
        .field = with_choices(field),
        .widget = field->widget != NULL ? field->widget : field->type->widget,
        .html_name = html_name(form, field->name),
        .label = label_of(field),
    };
    const nu_value *own = nu_dict_find(nu__form_widget_attrs(field, bound->widget), "id");
    bound->id = own != NULL ? nu_text(*own) : element_id(form, bound->html_name);
}

static void bind_in_order(nu_form *form)
{
    const nu_form_def *def = form->def;
    for (size_t i = 0; def->field_order != NULL && def->field_order[i] != NULL; i++) {
        for (const nu_form_field *field = def->fields; field->name != NULL; field++) {
            if (strcmp(field->name, def->field_order[i]) == 0)
                bind(form, field);
        }
    }
    for (const nu_form_field *field = def->fields; field->name != NULL; field++) {
        if (nu__form_find(form, field->name, strlen(field->name)) == NULL)
            bind(form, field);
    }
}

nu_form *nu_form_new_(const nu_form_def *def, const nu_form_options *options)
{
    size_t count = 0;
    while (def->fields[count].name != NULL)
        count++;
    nu_form *form = nu_alloc(sizeof *form);
    form->class = &nu__form_class;
    form->def = def;
    form->options = *options;
    form->fields = nu_alloc((count + 1) * sizeof *form->fields);
    form->cleaned = nu_dict_new();
    form->errors = nu_dict_new();
    bind_in_order(form);
    return form;
}

nu_form *nu_form_of(nu_request *request, const nu_form_def *def)
{
    if (!nu_request_is(request, "POST"))
        return nu_form_new(def, .data = NULL);
    return nu_form_new(def, .data = nu_request_form(request), .files = nu_request_files(request));
}

/* ---- asking ------------------------------------------------------------------------------------- */

nu_bound *nu__form_find(const nu_form *form, const char *name, size_t length)
{
    for (size_t i = 0; i < form->count; i++) {
        const char *here = form->fields[i].field->name;
        if (strncmp(here, name, length) == 0 && here[length] == '\0')
            return &form->fields[i];
    }
    return NULL;
}

static nu_bound *find_or_raise(const nu_form *form, const char *name)
{
    nu_bound *bound = nu__form_find(form, name, strlen(name));
    if (bound != NULL)
        return bound;
    const char **names = nu_alloc((form->count + 1) * sizeof *names);
    for (size_t i = 0; i < form->count; i++)
        names[i] = form->fields[i].field->name;
    const char *near = nu_nearest(name, names);
    nu_error   *error = nu_error_new(NU_VALUE_ERROR, "the form has no field \"%s\"", name);
    if (near != NULL)
        error->hint = nu_arena_format(error->arena, "Did you mean \"%s\"?", near);
    nu_throw(error);
}

nu_value nu__bound_initial(const nu_bound *bound)
{
    const nu_dict  *given = bound->form->options.initial;
    const nu_value *found = given != NULL ? nu_dict_find(given, bound->field->name) : NULL;
    nu_value        initial = found != NULL ? *found : bound->field->initial;
    if (initial.type == NU_FUNCTION)
        initial = initial.function->call(initial.function->self, NULL, 0);
    bool whole = bound->widget == &nu_widget_datetime || bound->widget == &nu_widget_time;
    if (whole && (initial.type == NU_DATETIME || initial.type == NU_TIME))
        initial.us -= (initial.us % NU_SECOND + NU_SECOND) % NU_SECOND; /* they show no fractions */
    return initial;
}

nu_value nu__bound_data(const nu_bound *bound)
{
    const nu_form_options *options = &bound->form->options;
    if (options->data == NULL)
        return nu_null();
    return bound->widget->read(bound->field, options->data, options->files, bound->html_name);
}

bool nu_form_is_bound(const nu_form *form)
{
    return form->options.data != NULL;
}

bool nu_form_is_valid(nu_form *form)
{
    nu__form_clean(form);
    return nu_form_is_bound(form) && nu_dict_count(form->errors) == 0;
}

nu_value nu_form_value(nu_form *form, const char *name)
{
    find_or_raise(form, name);
    nu__form_clean(form);
    return nu_dict_get(form->cleaned, name);
}

const char *nu_form_text(nu_form *form, const char *name)
{
    nu_value value = nu_form_value(form, name);
    return nu_is_null(value) ? NULL : nu_text(value);
}

int64_t nu_form_integer(nu_form *form, const char *name)
{
    nu_value value = nu_form_value(form, name);
    return nu_is_null(value) ? 0 : nu_int(value);
}

nu_dict *nu_form_cleaned(nu_form *form)
{
    nu__form_clean(form);
    return form->cleaned;
}

nu_dict *nu_form_errors(nu_form *form)
{
    nu__form_clean(form);
    return form->errors;
}

const char *nu_form_error_of(nu_form *form, const char *name)
{
    if (name != NULL)
        find_or_raise(form, name);
    nu_value errors = nu_dict_get(nu_form_errors(form), name != NULL ? name : NU_FORM_ALL);
    return nu_is_null(errors) ? NULL : nu_text(nu_dict_get(errors.list->items[0].dict, "message"));
}

void nu_form_error(nu_form *form, const char *name, const char *code, const char *format, ...)
{
    if (name != NULL && strcmp(name, NU_FORM_ALL) != 0)
        find_or_raise(form, name);
    nu__form_clean(form);
    va_list args;
    va_start(args, format);
    const char *message = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    nu__form_add_error(form, name, code, message);
}

nu_list *nu_form_changed(nu_form *form)
{
    nu_list *changed = nu_list_new();
    for (size_t i = 0; i < form->count; i++) {
        if (nu__bound_changed(&form->fields[i]))
            nu_list_add(changed, form->fields[i].field->name);
    }
    return changed;
}

void *nu_form_caller(const nu_form *form)
{
    return form->options.data_of_caller;
}
