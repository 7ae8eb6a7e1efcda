/* The parts of a form that only forms know of.
 *
 *   form.c     making forms, asking them       clean.c    from data to cleaned values
 *   bound.c    a field of a form               errors.c   errors, and their HTML
 *   object.c   the form in a template          layout.c   the form as HTML
 *   widgets.c  elements, and reading them      options.c  elements that show choices
 *   text.c number.c moment.c choice.c          the kinds of fields; fields.c: what they share,
 *   strptime.c                                 reading dates by a format */
#pragma once

#include "nuages/form.h"
#include "nuages/text.h"

/* A field of one form: what {{ form.name }} is. */
typedef struct nu_bound {
    const nu_class *class;
    nu_form             *form;
    const nu_form_field *field; /* with choices_fn already asked */
    const nu_widget     *widget;
    const char          *html_name; /* "prefix-name" */
    const char          *id;        /* "" if elements have none */
    const char          *label;
} nu_bound;

struct nu_form {
    const nu_class *class;
    const nu_form_def *def;
    nu_form_options    options;
    nu_bound          *fields; /* in the order they are shown */
    size_t             count;
    nu_dict           *cleaned, *errors; /* errors: name to list of dicts */
    enum { NU_FORM_FRESH, NU_FORM_CLEANING, NU_FORM_CLEANED } state;
};

#define NU_FORM_ALL "__all__" /* the name that stands for the form as a whole */

/* ---- form.c ------------------------------------------------------------------------------------- */

/* NULL if there is no such field. */
nu_bound *nu__form_find(const nu_form *form, const char *name, size_t length);
nu_value  nu__bound_initial(const nu_bound *bound);
/* What the widget read from the data; null in an unbound form. */
nu_value nu__bound_data(const nu_bound *bound);

/* ---- clean.c ------------------------------------------------------------------------------------ */

/* Cleans unless that has been done. */
NU_WAITS void nu__form_clean(nu_form *form);
bool          nu__form_is_empty(nu_value value);
/* True if what was sent for the field differs from the initial value. */
NU_WAITS bool nu__bound_changed(const nu_bound *bound);

/* ---- errors.c ----------------------------------------------------------------------------------- */

/* The kind of nu_form_refuse, whose data is the code. */
extern const nu_kind nu__form_refusal;

/* `name` NULL: of the form as a whole. The message is kept as it is. */
void nu__form_add_error(nu_form *form, const char *name, const char *code, const char *message);
/* A field's errors as a value: list, <ul> as text. `name` NULL: of the form as a whole. */
nu_value nu__form_error_list(nu_form *form, const char *name);
/* All of them, by name. */
nu_value nu__form_error_dict(nu_form *form);
/* Any list of errors. `css` NULL: no class of its own; `id` NULL or "": none. */
nu_value nu__error_list_new(const nu_list *errors, const char *css, const char *id);

/* ---- fields.c ----------------------------------------------------------------------------------- */

/* The text without space around it. */
nu_value nu__form_trimmed(nu_value value);
/* How the field's widget is set up: attributes of the kind, then those of the table. */
nu_dict *nu__form_widget_attrs(const nu_form_field *field, const nu_widget *widget);
/* Whole numbers of a limit as an attribute; nothing for 0. */
void nu__form_put_length(nu_dict *attrs, const char *name, int length);
int  nu__form_max_length(const nu_form_field *field);

/* ---- choice.c ----------------------------------------------------------------------------------- */

/* True if `value` is one of them, compared as text. */
bool nu__form_is_choice(const nu_choice *choices, nu_value value);

/* ---- strptime.c ---------------------------------------------------------------------------------- */

/* Reads `text` as Python's strptime does; false if it does not fit. Parts that the format does not
 * name are those of 1900-01-01 00:00:00. */
bool nu__strptime(const char *text, size_t length, const char *format, nu_civil *out);

/* ---- widgets.c, options.c ------------------------------------------------------------------------- */

/* The value with & < > " ' escaped, unless it is safe HTML. */
void nu__html_put(nu_builder *html, nu_value value);
void nu__html_puts(nu_builder *html, const char *text);
/* ` name="value"`; nothing for null and false, the bare name for true. */
void     nu__html_attr(nu_builder *html, const char *name, nu_value value);
void     nu__html_attrs(nu_builder *html, const nu_dict *attrs);
nu_dict *nu__html_attrs_copy(const nu_dict *attrs);

/* One option of a widget with choices, or the whole of another widget: {% for option in field %}. */
typedef struct nu_form_option {
    const nu_class *class;
    const nu_form_field *field;
    const nu_widget     *widget;
    const char          *name;
    const char          *index; /* "2", in a group "2_0" */
    const char          *label;
    nu_value             value;
    bool                 selected;
    const nu_dict       *attrs;
} nu_form_option;
/* The options as objects, with `value` selected. A widget without choices is its own only one. */
nu_list *nu__form_options(const nu_widget *widget, const nu_form_field *field, const char *name,
                          nu_value value, const nu_dict *attrs);

void nu__render_select(nu_builder *html, const nu_form_field *field, const char *name,
                       nu_value value, const nu_dict *attrs);
void nu__render_select_multiple(nu_builder *html, const nu_form_field *field, const char *name,
                                nu_value value, const nu_dict *attrs);
void nu__render_radios(nu_builder *html, const nu_form_field *field, const char *name,
                       nu_value value, const nu_dict *attrs);
void nu__render_checkboxes(nu_builder *html, const nu_form_field *field, const char *name,
                           nu_value value, const nu_dict *attrs);

/* ---- bound.c ------------------------------------------------------------------------------------- */

extern const nu_class nu__bound_class;
/* What the widget shows. */
nu_value      nu__bound_value(const nu_bound *bound);
NU_WAITS void nu__bound_render(nu_builder *html, const nu_bound *bound);
/* <label> or <legend>. */
nu_value nu__bound_label(const nu_bound *bound, const char *tag);
/* Classes of the row, "" if there are none. */
const char *nu__bound_css_classes(const nu_bound *bound);
/* Ids of the texts that describe the field, "" if there are none. */
const char *nu__bound_described_by(const nu_bound *bound);

/* ---- object.c ------------------------------------------------------------------------------------ */

extern const nu_class nu__form_class;
