/* Forms: fields as a table, cleaned values out, errors shown beside the fields again.
 *
 *      static nu_value clean_name(nu_form *form, nu_value name)
 *      {
 *          if (strcmp(name.text, "root") == 0)
 *              nu_form_error(form, "name", "taken", "This name is taken.");
 *          return name;
 *      }
 *      static const nu_form_field contact_fields[] = {
 *          NU_FORM_CHAR("name", .max_length = 100, .clean = clean_name),
 *          NU_FORM_EMAIL("email", .help_text = "We answer to this address."),
 *          NU_FORM_TEXT("message"),
 *          NU_FORM_BOOL("copy", .optional = true, .label = "Send me a copy"),
 *          {0},
 *      };
 *      const nu_form_def contact_form = {.fields = contact_fields};
 *
 *      nu_response *contact(nu_request *request)
 *      {
 *          nu_form *form = nu_form_of(request, &contact_form);
 *          if (nu_form_is_valid(form)) {
 *              send(nu_form_text(form, "email"), nu_form_text(form, "message"));
 *              return nu_redirect("thanks");
 *          }
 *          return nu_render(request, "contact.html", "form", form);
 *      }
 *
 * In a template {{ form }} is the whole form as Django's default div layout, {{ form.as_p }} and so on
 * other layouts, {{ form.name }} one widget, with {{ form.name.errors }}, {{ form.name.label_tag }},
 * {{ form.name.value }}, {{ form.name.id_for_label }}, {{ form.name.help_text }}…; {% for field in form %}
 * walks. Names, HTML and messages' codes follow django.forms; the sentences are our own. */
#pragma once

#include "nuages/field.h"
#include "nuages/request.h"

typedef struct nu_form       nu_form;
typedef struct nu_form_field nu_form_field;
typedef struct nu_form_def   nu_form_def;
typedef struct nu_form_type  nu_form_type;
typedef struct nu_widget     nu_widget;

/* How a field is drawn and what it reads from the sent data. An application may define its own. */
struct nu_widget {
    const char *name;       /* Django's class: "TextInput" */
    const char *input_type; /* of an <input>; NULL: another element */
    bool        hidden, multiple, file;
    bool        group;      /* several elements below a legend: radio buttons */
    bool        choices;    /* shows field->choices */
    /* NULL: a required field has the attribute, unless it is hidden. */
    bool (*use_required)(const nu_form_field *field, nu_value initial);
    /* The element; `attrs` (name: value, true for a bare attribute) holds id, required and so on. */
    void (*render)(nu_builder *html, const nu_form_field *field, const char *name, nu_value value,
                   const nu_dict *attrs);
    /* The raw value from the data; null if it was not sent. */
    nu_value (*read)(const nu_form_field *field, const nu_params *data, nu_params *files, const char *name);
};
extern NU_PUBLIC const nu_widget nu_widget_text, nu_widget_number, nu_widget_email, nu_widget_url,
    nu_widget_password, nu_widget_hidden, nu_widget_hidden_multiple, nu_widget_textarea, nu_widget_checkbox, nu_widget_select,
    nu_widget_select_multiple, nu_widget_radio, nu_widget_checkbox_multiple, nu_widget_date,
    nu_widget_datetime, nu_widget_time, nu_widget_file;

/* What kind of value a field takes. An application may define its own. */
struct nu_form_type {
    const char      *name; /* Django's class: "CharField" */
    const nu_widget *widget;
    /* From what the widget read to the cleaned value; refuses by nu_form_refuse. Null, "" and an empty
     * list have been dealt with before. */
    nu_value (*clean)(const nu_form_field *field, nu_value value);
    nu_value empty; /* the cleaned value of an optional field that was left empty */
    bool     text;  /* of Django's CharField family: U+0000 is refused */
    bool     strip; /* space around is dropped, unless .keep_space */
    int      max_length;           /* where the field does not say */
    const nu_validator *validator; /* built in: e-mail, slug … */
    /* After all rules: a last one, which knows the field. NULL: none. */
    void (*check)(const nu_form_field *field, nu_value value);
    /* The initial or cleaned value as a widget takes it; NULL: as it is. */
    nu_value (*prepare)(const nu_form_field *field, nu_value value);
    /* What was sent, as the page shows it again; NULL: as it is. */
    nu_value (*sent)(const nu_form_field *field, nu_value value);
    /* NULL: what was sent, cleaned, is compared with the initial value. */
    bool (*changed)(const nu_form_field *field, nu_value initial, nu_value sent);
    /* Attributes that the kind adds to its widget: maxlength, step … */
    void (*attrs)(const nu_form_field *field, const nu_widget *widget, nu_dict *attrs);
};
/* Refuses a value, from the clean function of a kind or of a field: raises ValidationError. */
#define nu_form_refuse(code, ...) nu_form_refuse_(__FILE__, __LINE__, __func__, (code), __VA_ARGS__)
NU_PUBLIC NU_NORETURN void nu_form_refuse_(const char *file, int line, const char *function,
                                           const char *code, const char *format, ...) NU_PRINTF(5, 6);

extern NU_PUBLIC const nu_form_type nu_form_char, nu_form_int, nu_form_float, nu_form_decimal,
    nu_form_bool, nu_form_email, nu_form_url, nu_form_slug, nu_form_uuid, nu_form_date,
    nu_form_datetime, nu_form_time, nu_form_duration, nu_form_choice, nu_form_typed_choice,
    nu_form_multiple_choice, nu_form_regex, nu_form_json, nu_form_file, nu_form_ip;

/* A field of a form; a table of them ends with {0}. */
struct nu_form_field {
    const char         *name;
    const nu_form_type *type;
    const nu_widget    *widget;   /* NULL: the type's */
    bool                optional; /* may be left empty; Django's required=False */
    bool                disabled; /* shown, but what is sent for it is ignored */
    bool                keep_space; /* Django's strip=False */
    const char         *label;    /* NULL: the name with a capital and spaces */
    const char         *help_text; /* HTML, as in Django */
    nu_value            initial;
    int                 max_length, min_length; /* characters; 0: any */
    nu_value            max_value, min_value, step_size;
    int                 max_digits, decimal_places; /* with digits limited, places are: -1: any */
    const char         *pattern;  /* of nu_form_regex */
    const nu_choice    *choices;
    const nu_choice  *(*choices_fn)(void); /* asked anew for each form */
    nu_value          (*coerce)(nu_value value); /* of nu_form_typed_choice */
    const char *const  *input_formats; /* of dates and times, as strptime; NULL: Django's */
    const nu_validator *const *validators;
    const nu_pair      *attrs;    /* of the widget: NU_ATTRS({"rows", NU_CONST_INT(4)}) */
    const nu_pair      *messages; /* own sentences by code: NU_ATTRS({"required", NU_CONST_TEXT("…")}) */
    /* After the type's own cleaning: gives the value to keep, or reports by nu_form_error or
     * nu_form_refuse. */
    nu_value (*clean)(nu_form *form, nu_value value);
};
#define NU_ATTRS(...) ((const nu_pair[]){__VA_ARGS__, {NULL}})

/* clang-format off */
#define NU_FORM_FIELD(field_name, field_type, ...) {.name = (field_name), .type = &(field_type), ##__VA_ARGS__}
#define NU_FORM_CHAR(name, ...)     NU_FORM_FIELD(name, nu_form_char, ##__VA_ARGS__)
#define NU_FORM_TEXT(name, ...)     NU_FORM_FIELD(name, nu_form_char, .widget = &nu_widget_textarea, ##__VA_ARGS__)
#define NU_FORM_PASSWORD(name, ...) NU_FORM_FIELD(name, nu_form_char, .widget = &nu_widget_password, .keep_space = true, ##__VA_ARGS__)
#define NU_FORM_INT(name, ...)      NU_FORM_FIELD(name, nu_form_int, ##__VA_ARGS__)
#define NU_FORM_FLOAT(name, ...)    NU_FORM_FIELD(name, nu_form_float, ##__VA_ARGS__)
#define NU_FORM_DECIMAL(name, ...)  NU_FORM_FIELD(name, nu_form_decimal, ##__VA_ARGS__)
#define NU_FORM_BOOL(name, ...)     NU_FORM_FIELD(name, nu_form_bool, ##__VA_ARGS__)
#define NU_FORM_EMAIL(name, ...)    NU_FORM_FIELD(name, nu_form_email, ##__VA_ARGS__)
#define NU_FORM_URL(name, ...)      NU_FORM_FIELD(name, nu_form_url, ##__VA_ARGS__)
#define NU_FORM_SLUG(name, ...)     NU_FORM_FIELD(name, nu_form_slug, ##__VA_ARGS__)
#define NU_FORM_UUID(name, ...)     NU_FORM_FIELD(name, nu_form_uuid, ##__VA_ARGS__)
#define NU_FORM_DATE(name, ...)     NU_FORM_FIELD(name, nu_form_date, ##__VA_ARGS__)
#define NU_FORM_DATETIME(name, ...) NU_FORM_FIELD(name, nu_form_datetime, ##__VA_ARGS__)
#define NU_FORM_TIME(name, ...)     NU_FORM_FIELD(name, nu_form_time, ##__VA_ARGS__)
#define NU_FORM_DURATION(name, ...) NU_FORM_FIELD(name, nu_form_duration, ##__VA_ARGS__)
#define NU_FORM_CHOICE(name, ...)   NU_FORM_FIELD(name, nu_form_choice, ##__VA_ARGS__)
/* A choice whose value is a whole number: .choices = NU_CHOICES(NU_CHOICE_INT(1, "one"), …) */
#define NU_FORM_CHOICE_INT(name, ...) NU_FORM_FIELD(name, nu_form_typed_choice, .coerce = nu_form_to_int, ##__VA_ARGS__)
#define NU_FORM_CHOICES(name, ...)  NU_FORM_FIELD(name, nu_form_multiple_choice, ##__VA_ARGS__)
#define NU_FORM_REGEX(name, ...)    NU_FORM_FIELD(name, nu_form_regex, ##__VA_ARGS__)
#define NU_FORM_JSON(name, ...)     NU_FORM_FIELD(name, nu_form_json, ##__VA_ARGS__)
#define NU_FORM_FILE(name, ...)     NU_FORM_FIELD(name, nu_form_file, ##__VA_ARGS__)
#define NU_FORM_HIDDEN(name, ...)   NU_FORM_FIELD(name, nu_form_char, .widget = &nu_widget_hidden, ##__VA_ARGS__)
/* clang-format on */
NU_PUBLIC nu_value nu_form_to_int(nu_value value);

/* A kind of form. */
struct nu_form_def {
    const nu_form_field *fields;
    /* After all fields: checks that concern more than one. Reports by nu_form_error; what it refuses,
     * or nu_row_full_clean does, is shown as well. */
    void (*clean)(nu_form *form);
    const char        *error_class, *required_class; /* CSS classes of rows; NULL: none */
    const char *const *field_order;
    bool               no_required_attribute;
};

/* ---- making ------------------------------------------------------------------------------------ */

typedef struct nu_form_options {
    nu_params  *data;    /* what was sent; NULL: the form is unbound */
    nu_params  *files;
    nu_dict    *initial; /* by field name; wins over the fields' own */
    const char *prefix;  /* names become "prefix-name" */
    const char *id;      /* of elements, %s is the name; NULL: "id_%s", "": none */
    const char *label_suffix; /* NULL: ":"; only behind labels that do not end in : ? . ! */
    void       *data_of_caller; /* for the clean functions: nu_form_caller(form) */
} nu_form_options;

/* nu_form_new(&contact_form, .data = params, .prefix = "a") */
#define nu_form_new(def, ...) nu_form_new_((def), &(nu_form_options){__VA_ARGS__})
NU_PUBLIC NU_RETURNS_NONNULL nu_form *nu_form_new_(const nu_form_def *def, const nu_form_options *options);
/* Bound to what was sent if the request is a POST, else unbound. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL nu_form *nu_form_of(nu_request *request, const nu_form_def *def);

/* ---- asking ------------------------------------------------------------------------------------ */

/* Cleans at first call. False for an unbound form. */
NU_PUBLIC NU_WAITS bool nu_form_is_valid(nu_form *form);
NU_PUBLIC bool          nu_form_is_bound(const nu_form *form);
/* A cleaned value; null for a field that has an error. An unknown name raises ValueError. */
NU_PUBLIC nu_value    nu_form_value(nu_form *form, const char *name);
/* The same as a C string (NULL for null) and as a number (0 for null). */
NU_PUBLIC const char *nu_form_text(nu_form *form, const char *name);
NU_PUBLIC int64_t     nu_form_integer(nu_form *form, const char *name);
/* All cleaned values by name. */
NU_PUBLIC nu_dict *nu_form_cleaned(nu_form *form);
/* By field name ("__all__" for the form): list of dicts with message and code. */
NU_PUBLIC nu_dict *nu_form_errors(nu_form *form);
/* The first message of a field (NULL: of the form as a whole); NULL if there is none. */
NU_PUBLIC const char *nu_form_error_of(nu_form *form, const char *name);
/* Reports an error of a field (NULL: of the form as a whole); its cleaned value is dropped. */
NU_PUBLIC void nu_form_error(nu_form *form, const char *name, const char *code, const char *format, ...)
    NU_PRINTF(4, 5);
/* Names of the fields whose data differs from the initial value. */
NU_PUBLIC NU_WAITS nu_list *nu_form_changed(nu_form *form);
NU_PUBLIC void             *nu_form_caller(const nu_form *form);

/* ---- as HTML ----------------------------------------------------------------------------------- */

typedef enum nu_form_layout { NU_FORM_AS_DIV, NU_FORM_AS_P, NU_FORM_AS_TABLE, NU_FORM_AS_UL } nu_form_layout;
NU_PUBLIC NU_WAITS nu_value nu_form_html(nu_form *form, nu_form_layout layout);
