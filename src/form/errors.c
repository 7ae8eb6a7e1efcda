/* Errors: kept as lists of {message, code} by field, shown as Django's ErrorList and ErrorDict. */
#include <string.h>

#include "form/internal.h"
#include "nuages/json.h"

const nu_kind nu__form_refusal = {"ValidationError", NU_VALIDATION_ERROR, 400};

void nu_form_refuse_(const char *file, int line, const char *function, const char *code,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *sentence = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    nu_error *error = nu_error_new_(file, line, function, &nu__form_refusal, "%s", sentence);
    error->data = code;
    nu_throw(error);
}

void nu__form_add_error(nu_form *form, const char *name, const char *code, const char *message)
{
    name = name != NULL ? name : NU_FORM_ALL;
    const nu_value *there = nu_dict_find(form->errors, name);
    nu_list        *list = there != NULL ? there->list : nu_list_new();
    nu_list_add(list, nu_dict_of("message", message, "code", code != NULL ? code : ""));
    if (there == NULL) {
        nu_value key = nu_value_text_copy(name, strlen(name));
        nu_dict_put(form->errors, key, nu_value_list(list));
    }
    nu_dict_remove(form->cleaned, name);
}

/* ---- a list of errors ------------------------------------------------------------------------------ */

struct error_list {
    const nu_class *class;
    const nu_list *errors;
    const char    *css; /* beside "errorlist"; NULL: nothing */
    const char    *id;  /* of the <ul>; "": none */
};

static nu_value message_at(const nu_list *errors, uint32_t index)
{
    return nu_dict_get(errors->items[index].dict, "message");
}

static void put_list(nu_builder *html, const struct error_list *self)
{
    if (self->errors->count == 0)
        return;
    nu_builder_puts(html, "<ul class=\"errorlist");
    if (self->css != NULL) {
        nu_builder_putc(html, ' ');
        nu__html_puts(html, self->css);
    }
    nu_builder_putc(html, '"');
    if (self->id[0] != '\0')
        nu__html_attr(html, "id", nu_value_text(self->id));
    nu_builder_putc(html, '>');
    for (uint32_t i = 0; i < self->errors->count; i++) {
        nu_builder_puts(html, "<li>");
        nu__html_put(html, message_at(self->errors, i));
        nu_builder_puts(html, "</li>");
    }
    nu_builder_puts(html, "</ul>");
}

static nu_value list_html(void *self)
{
    nu_builder html;
    nu_builder_init(&html, NULL, 128);
    put_list(&html, self);
    return nu_value_safe(nu_builder_text(&html));
}

static void put_plain(nu_builder *text, const nu_list *errors, const char *indent)
{
    for (uint32_t i = 0; i < errors->count; i++) {
        nu_builder_printf(text, "%s%s* ", i > 0 ? "\n" : "", indent);
        nu_builder_puts(text, nu_text(message_at(errors, i)));
    }
}

static nu_value list_plain_text(const nu_list *errors)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 128);
    put_plain(&text, errors, "");
    return nu_builder_value(&text);
}

static const char *json_of(nu_value value)
{
    nu_builder json;
    nu_builder_init(&json, NULL, 128);
    nu_json_write(&json, value, &(nu_json_options){.spaced = true, .ascii = true});
    return nu_builder_text(&json);
}

static bool is_key(const char *key, size_t length, const char *word)
{
    return strncmp(key, word, length) == 0 && word[length] == '\0';
}

static bool list_get(void *object, const char *key, size_t length, nu_value *out)
{
    const struct error_list *self = object;
    if (is_key(key, length, "as_ul"))
        *out = list_html(object);
    else if (is_key(key, length, "as_text"))
        *out = list_plain_text(self->errors);
    else if (is_key(key, length, "as_json"))
        *out = nu_value_text(json_of(nu_value_list((nu_list *)self->errors)));
    else if (is_key(key, length, "as_data") || is_key(key, length, "data"))
        *out = nu_value_list((nu_list *)self->errors);
    else if (is_key(key, length, "error_class"))
        *out = nu_value_text(self->css != NULL ? nu_fmt("errorlist %s", self->css) : "errorlist");
    else if (is_key(key, length, "field_id"))
        *out = nu_value_text(self->id);
    else
        return false;
    return true;
}

static bool list_at(void *object, int64_t index, nu_value *out)
{
    const struct error_list *self = object;
    if (index < 0 || index >= self->errors->count)
        return false;
    *out = message_at(self->errors, (uint32_t)index);
    return true;
}

static int64_t list_count(void *object)
{
    const struct error_list *self = object;
    return self->errors->count;
}

static nu_value list_plain(void *object)
{
    const struct error_list *self = object;
    nu_list                 *messages = nu_list_new();
    for (uint32_t i = 0; i < self->errors->count; i++)
        nu_list_push(messages, message_at(self->errors, i));
    return nu_value_list(messages);
}

static const nu_class list_class = {
    .name = "ErrorList",
    .get = list_get,
    .at = list_at,
    .count = list_count,
    .text = list_html,
    .plain = list_plain,
};

nu_value nu__error_list_new(const nu_list *errors, const char *css, const char *id)
{
    struct error_list *list = nu_alloc(sizeof *list);
    *list = (struct error_list){
        .class = &list_class, .errors = errors, .css = css, .id = id != NULL ? id : ""};
    return nu_value_object(list);
}

static nu_value list_of(const nu_form *form, const char *name)
{
    const nu_value *found = nu_dict_find(form->errors, name);
    const nu_list  *errors = found != NULL ? found->list : nu_list_new();
    if (strcmp(name, NU_FORM_ALL) == 0)
        return nu__error_list_new(errors, "nonfield", NULL);
    const nu_bound *bound = nu__form_find(form, name, strlen(name));
    const char *id = bound != NULL && bound->id[0] != '\0' ? nu_fmt("%s_error", bound->id) : NULL;
    return nu__error_list_new(errors, NULL, id);
}

nu_value nu__form_error_list(nu_form *form, const char *name)
{
    nu__form_clean(form);
    return list_of(form, name != NULL ? name : NU_FORM_ALL);
}

/* ---- all errors of a form -------------------------------------------------------------------------- */

struct error_dict {
    const nu_class *class;
    const nu_form *form;
};

static nu_value dict_html(void *object)
{
    const struct error_dict *self = object;
    nu_builder               html;
    nu_builder_init(&html, NULL, 256);
    if (nu_dict_count(self->form->errors) == 0)
        return nu_value_safe("");
    nu_builder_puts(&html, "<ul class=\"errorlist\">");
    for (nu_entry *e = NULL; (e = nu_dict_next(self->form->errors, e)) != NULL;) {
        nu_builder_puts(&html, "<li>");
        nu__html_put(&html, e->key);
        put_list(&html, list_of(self->form, e->key.text).object);
        nu_builder_puts(&html, "</li>");
    }
    nu_builder_puts(&html, "</ul>");
    return nu_value_safe(nu_builder_text(&html));
}

static nu_value dict_plain_text(const nu_dict *errors)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 256);
    for (nu_entry *e = NULL; (e = nu_dict_next(errors, e)) != NULL;) {
        nu_builder_printf(&text, "%s* %s\n", text.length > 0 ? "\n" : "", e->key.text);
        put_plain(&text, e->value.list, "  ");
    }
    return nu_builder_value(&text);
}

/* Pairs of name and list, or names only. */
static nu_value dict_walk(const nu_form *form, bool names, bool lists)
{
    nu_list *walk = nu_list_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(form->errors, e)) != NULL;) {
        nu_value list = list_of(form, e->key.text);
        nu_list_push(walk, names && lists ? NU_V(nu_list_of(e->key, list)) : names ? e->key : list);
    }
    return nu_value_list(walk);
}

static bool dict_get(void *object, const char *key, size_t length, nu_value *out)
{
    const struct error_dict *self = object;
    const nu_value          *found = nu_dict_find_n(self->form->errors, key, length);
    if (found != NULL)
        *out = list_of(self->form, nu_arena_copy(nu_arena_current(), key, length));
    else if (is_key(key, length, "as_ul"))
        *out = dict_html(object);
    else if (is_key(key, length, "as_text"))
        *out = dict_plain_text(self->form->errors);
    else if (is_key(key, length, "as_json"))
        *out = nu_value_text(json_of(nu_value_dict(self->form->errors)));
    else if (is_key(key, length, "as_data"))
        *out = nu_value_dict(self->form->errors);
    else if (is_key(key, length, "items"))
        *out = dict_walk(self->form, true, true);
    else if (is_key(key, length, "keys"))
        *out = dict_walk(self->form, true, false);
    else if (is_key(key, length, "values"))
        *out = dict_walk(self->form, false, true);
    else
        return false;
    return true;
}

static bool dict_at(void *object, int64_t index, nu_value *out)
{
    const struct error_dict *self = object;
    return nu_list_at(dict_walk(self->form, true, false).list, index, out);
}

static int64_t dict_count(void *object)
{
    const struct error_dict *self = object;
    return nu_dict_count(self->form->errors);
}

static nu_value dict_plain(void *object)
{
    const struct error_dict *self = object;
    return nu_value_dict(self->form->errors);
}

static const nu_class dict_class = {
    .name = "ErrorDict",
    .get = dict_get,
    .at = dict_at,
    .count = dict_count,
    .text = dict_html,
    .plain = dict_plain,
};

nu_value nu__form_error_dict(nu_form *form)
{
    nu__form_clean(form);
    struct error_dict *dict = nu_alloc(sizeof *dict);
    *dict = (struct error_dict){.class = &dict_class, .form = form};
    return nu_value_object(dict);
}
