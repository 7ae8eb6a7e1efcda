#include "web_form_def.h"

#include <string.h>

#include "nuages/i18n.h"
#include "nuages/unicode.h"

/* ---- settings ---------------------------------------------------------------------------------------- */

void nu__web_settings(const nu_dict *line)
{
    const nu_dict     *settings = nu__web_dict(line, "settings");
    nu_locale_options *options = nu_alloc(sizeof *options);
    if (nu_dict_find(settings, "USE_L10N") != NULL || nu_dict_find(settings, "STATIC_URL") != NULL)
        nu__web_refuse("setting");
    options->use_tz = nu_dict_find(settings, "USE_TZ") == NULL;
    options->zone = nu_zone_find(nu__web_text(settings, "TIME_ZONE", "UTC"));
    nu_locales_use(nu_locales_new(nu_arena_current(), options));
}

void nu__web_settings_end(void)
{
    nu_locales_use(NULL);
}

/* ---- parts of a field ----------------------------------------------------------------------------------- */

static const nu_choice *choices_of(nu_value described)
{
    if (described.type != NU_LIST)
        nu__web_refuse("choices");
    nu_choice *choices = nu_alloc((described.list->count + 1) * sizeof *choices);
    for (uint32_t i = 0; i < described.list->count; i++) {
        const nu_list *pair = described.list->items[i].list;
        if (pair->items[1].type == NU_LIST) {
            choices[i].label = nu_text(pair->items[0]);
            choices[i].group = choices_of(pair->items[1]);
        } else {
            if (pair->items[1].flags & NU_SAFE)
                nu__web_refuse("labels are plain text");
            choices[i].value = pair->items[0];
            choices[i].label = nu_text(pair->items[1]);
        }
    }
    return choices;
}

static const nu_pair *pairs_of(nu_value described)
{
    nu_pair *pairs = nu_alloc((nu_dict_count(described.dict) + 1) * sizeof *pairs);
    size_t   count = 0;
    for (nu_entry *e = NULL; (e = nu_dict_next(described.dict, e)) != NULL;)
        pairs[count++] = (nu_pair){.key = e->key.text, .value = e->value};
    return pairs;
}

static const char *const *texts_of(nu_value described)
{
    const char **texts = nu_alloc((described.list->count + 1) * sizeof *texts);
    for (uint32_t i = 0; i < described.list->count; i++)
        texts[i] = nu_text(described.list->items[i]);
    return texts;
}

static const nu_validator *validator_of(const nu_dict *described)
{
    static const struct {
        const char *name;
        void (*check)(const nu_validator *self, nu_value value);
    } known[] = {
        {"max_value", nu_check_max_value},
        {"min_value", nu_check_min_value},
        {"max_length", nu_check_max_length},
        {"min_length", nu_check_min_length},
        {"email", nu_check_email},
        {"url", nu_check_url},
        {"slug", nu_check_slug},
    };
    const char    *name = nu__web_text(described, "validator", "");
    const nu_dict *options = nu__web_dict(described, "options");
    nu_validator  *validator = nu_alloc(sizeof *validator);
    for (size_t i = 0; i < NU_COUNT(known); i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        validator->check = known[i].check;
        validator->limit = nu_dict_get(options, "limit_value");
        return validator;
    }
    nu__web_refuse("validator %s", name);
}

static const nu_validator *const *validators_of(nu_value described)
{
    const nu_validator **validators = nu_alloc((described.list->count + 1) * sizeof *validators);
    for (uint32_t i = 0; i < described.list->count; i++)
        validators[i] = validator_of(described.list->items[i].dict);
    return validators;
}

static nu_value to_text(nu_value value)
{
    return value;
}
static nu_value to_upper(nu_value value)
{
    return nu_value_text(nu_upper(nu_text(value)));
}

static nu_value to_float(nu_value value)
{
    double number;
    if (!nu_float_try(value, &number))
        nu_raise(NU_VALUE_ERROR, "no number");
    return nu_value_float(number);
}

static nu_value to_decimal(nu_value value)
{
    return nu_value_decimal(nu_decimal_get(nu_text(value)));
}

static nu_value to_bool(nu_value value)
{
    const char *text = nu_text(value);
    return nu_value_bool(strcmp(text, "1") == 0 || strcmp(text, "True") == 0 ||
                         strcmp(text, "true") == 0);
}

static nu_value (*coerce_of(const char *name))(nu_value)
{
    static const struct {
        const char *name;
        nu_value (*coerce)(nu_value value);
    } known[] = {{"int", nu_form_to_int}, {"float", to_float}, {"decimal", to_decimal},
                 {"str", to_text},        {"bool", to_bool},   {"upper", to_upper}};
    for (size_t i = 0; i < NU_COUNT(known); i++) {
        if (strcmp(known[i].name, name) == 0)
            return known[i].coerce;
    }
    nu__web_refuse("coerce %s", name);
}

/* ---- options ------------------------------------------------------------------------------------------------ */

static void set_required(nu_form_field *field, nu_value value)
{
    field->optional = !nu_truth(value);
}
static void set_disabled(nu_form_field *field, nu_value value)
{
    field->disabled = nu_truth(value);
}
static void set_strip(nu_form_field *field, nu_value value)
{
    if (field->type == &nu_form_regex && nu_truth(value))
        nu__web_refuse("a RegexField keeps space");
    field->keep_space = !nu_truth(value);
}
static void set_label(nu_form_field *field, nu_value value)
{
    field->label = nu_text(value);
}
static void set_help(nu_form_field *field, nu_value value)
{
    field->help_text = nu_text(value);
}
static void set_initial(nu_form_field *field, nu_value value)
{
    field->initial = value;
}
static void set_min_value(nu_form_field *field, nu_value value)
{
    field->min_value = value;
}
static void set_max_value(nu_form_field *field, nu_value value)
{
    field->max_value = value;
}
static void set_choices(nu_form_field *field, nu_value value)
{
    field->choices = choices_of(value);
}
static void set_messages(nu_form_field *field, nu_value value)
{
    field->messages = pairs_of(value);
}
static void set_formats(nu_form_field *field, nu_value value)
{
    field->input_formats = texts_of(value);
}
static void set_validators(nu_form_field *field, nu_value value)
{
    field->validators = validators_of(value);
}
static void set_pattern(nu_form_field *field, nu_value value)
{
    field->pattern = nu_text(value);
}
static void set_coerce(nu_form_field *field, nu_value value)
{
    field->coerce = coerce_of(nu_text(value));
}

static void set_max_length(nu_form_field *field, nu_value value)
{
    field->max_length = nu_is_null(value) ? 0 : (int)nu_int(value);
}

static void set_min_length(nu_form_field *field, nu_value value)
{
    field->min_length = nu_is_null(value) ? 0 : (int)nu_int(value);
}

static void set_digits(nu_form_field *field, nu_value value)
{
    field->max_digits = nu_is_null(value) ? 0 : (int)nu_int(value);
}

static void set_places(nu_form_field *field, nu_value value)
{
    field->decimal_places = nu_is_null(value) ? -1 : (int)nu_int(value);
}

/* English has nothing to localise but the widget. */
static void set_localize(nu_form_field *field, nu_value value)
{
    if (nu_truth(value) && field->type->widget == &nu_widget_number)
        field->widget = &nu_widget_text;
}

static void set_protocol(nu_form_field *field, nu_value value)
{
    (void)field;
    if (strcmp(nu_text(value), "both") != 0)
        nu__web_refuse("protocol");
}

static const struct {
    const char *name;
    void (*set)(nu_form_field *field, nu_value value);
} options[] = {
    {"required", set_required},     {"disabled", set_disabled},
    {"strip", set_strip},           {"label", set_label},
    {"help_text", set_help},        {"initial", set_initial},
    {"min_value", set_min_value},   {"max_value", set_max_value},
    {"choices", set_choices},       {"max_length", set_max_length},
    {"min_length", set_min_length}, {"max_digits", set_digits},
    {"decimal_places", set_places}, {"error_messages", set_messages},
    {"input_formats", set_formats}, {"validators", set_validators},
    {"regex", set_pattern},         {"coerce", set_coerce},
    {"localize", set_localize},     {"protocol", set_protocol},
};

static void set_option(nu_form_field *field, const char *name, nu_value value)
{
    for (size_t i = 0; i < NU_COUNT(options); i++) {
        if (strcmp(options[i].name, name) == 0) {
            options[i].set(field, value);
            return;
        }
    }
    nu__web_refuse("option %s", name);
}

/* ---- widgets --------------------------------------------------------------------------------------------------- */

static const nu_widget *widget_named(const char *name)
{
    static const nu_widget *const widgets[] = {
        &nu_widget_text,
        &nu_widget_number,
        &nu_widget_email,
        &nu_widget_url,
        &nu_widget_password,
        &nu_widget_hidden,
        &nu_widget_textarea,
        &nu_widget_checkbox,
        &nu_widget_select,
        &nu_widget_select_multiple,
        &nu_widget_radio,
        &nu_widget_checkbox_multiple,
        &nu_widget_date,
        &nu_widget_datetime,
        &nu_widget_time,
        &nu_widget_file,
        &nu_widget_hidden_multiple,
    };
    for (size_t i = 0; i < NU_COUNT(widgets); i++) {
        if (strcmp(widgets[i]->name, name) == 0)
            return widgets[i];
    }
    nu__web_refuse("widget %s", name);
}

nu_form_field nu__web_widget(nu_value described)
{
    nu_form_field field = {.name = "x", .type = &nu_form_char};
    if (described.type == NU_TEXT) {
        field.widget = widget_named(described.text);
        return field;
    }
    field.widget = widget_named(nu__web_text(described.dict, "type", ""));
    const nu_dict *given = nu__web_dict(described.dict, "options");
    for (nu_entry *e = NULL; (e = nu_dict_next(given, e)) != NULL;) {
        if (strcmp(e->key.text, "choices") == 0)
            field.choices = choices_of(e->value);
        else if (strcmp(e->key.text, "is_required") == 0)
            field.optional = !nu_truth(e->value);
        else
            nu__web_refuse("option %s of a widget", e->key.text);
    }
    nu_value attrs = nu_dict_get(described.dict, "attrs");
    if (!nu_is_null(attrs))
        field.attrs = pairs_of(attrs);
    return field;
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static const nu_form_type *type_named(const char *name)
{
    static const nu_form_type *const types[] = {
        &nu_form_char,     &nu_form_int,    &nu_form_float,        &nu_form_decimal,
        &nu_form_bool,     &nu_form_email,  &nu_form_url,          &nu_form_slug,
        &nu_form_uuid,     &nu_form_date,   &nu_form_datetime,     &nu_form_time,
        &nu_form_duration, &nu_form_choice, &nu_form_typed_choice, &nu_form_multiple_choice,
        &nu_form_regex,    &nu_form_json,   &nu_form_file,         &nu_form_ip,
    };
    if (strcmp(name, "TypedMultipleChoiceField") == 0)
        name = "MultipleChoiceField";
    for (size_t i = 0; i < NU_COUNT(types); i++) {
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    }
    nu__web_refuse("field %s", name);
}

nu_form_field nu__web_field(const nu_dict *described, const char *name)
{
    nu_form_field  field = {.name = name, .type = type_named(nu__web_text(described, "type", ""))};
    const nu_dict *given = nu__web_decode(nu_value_dict(nu__web_dict(described, "options"))).dict;
    nu_value       widget = nu_dict_get(described, "widget");
    field.decimal_places = -1;
    for (nu_entry *e = NULL; (e = nu_dict_next(given, e)) != NULL;)
        set_option(&field, e->key.text, e->value);
    if (!nu_is_null(widget)) {
        nu_form_field shown = nu__web_widget(widget);
        field.widget = shown.widget;
        field.attrs = shown.attrs;
    }
    return field;
}

/* ---- rules --------------------------------------------------------------------------------------------------------- */

static const nu_dict *field_rule(nu_form *form)
{
    const nu_list *rules = nu_form_caller(form);
    for (uint32_t i = 0; i < rules->count; i++) {
        if (strcmp(nu__web_text(rules->items[i].dict, "rule", ""), "clean_field") == 0)
            return rules->items[i].dict;
    }
    return NULL;
}

static nu_value clean_by_rule(nu_form *form, nu_value value)
{
    const nu_dict *rule = field_rule(form);
    if (strcmp(nu__web_text(rule, "do", ""), "upper") == 0)
        return to_upper(value);
    if (nu_equal(value, nu_dict_get(rule, "value")))
        nu_form_refuse(nu__web_text(rule, "code", ""), "%s", nu__web_text(rule, "message", ""));
    return value;
}

static void run_match(nu_form *form, const nu_dict *rule)
{
    const nu_list *names = nu__web_list(rule, "fields");
    nu_value       first = nu_form_value(form, names->items[0].text);
    nu_value       second = nu_form_value(form, names->items[1].text);
    if (nu_truth(first) && nu_truth(second) && !nu_equal(first, second))
        nu_form_refuse(nu__web_text(rule, "code", ""), "%s", nu__web_text(rule, "message", ""));
}

static void report_all(nu_form *form, const char *name, nu_value errors)
{
    if (errors.type == NU_TEXT) {
        nu_form_error(form, name, "", "%s", errors.text);
        return;
    }
    for (uint32_t i = 0; i < errors.list->count; i++)
        report_all(form, name, errors.list->items[i]);
}

static void run_list(nu_form *form, const nu_list *errors)
{
    for (uint32_t i = 0; i < errors->count; i++) {
        const nu_list *error = errors->items[i].list;
        nu_form_error(form, NULL, nu_is_null(error->items[1]) ? "" : nu_text(error->items[1]), "%s",
                      nu_text(error->items[0]));
    }
}

/* False if it ends the form's clean function, as raising does. */
static bool run_rule(nu_form *form, const nu_dict *rule)
{
    const char *name = nu__web_text(rule, "rule", ""), *field = nu__web_text(rule, "field", "");
    if (strcmp(name, "match") == 0)
        run_match(form, rule);
    else if (strcmp(name, "set") == 0)
        nu_dict_put(nu_form_cleaned(form), nu_value_text(field), nu_dict_get(rule, "value"));
    if (nu_dict_find(rule, "equals") == NULL ||
        !nu_equal(nu_form_value(form, field), nu_dict_get(rule, "equals")))
        return true;
    if (strcmp(name, "add_error") == 0)
        nu_form_error(form, nu__web_text(rule, "target", NULL), nu__web_text(rule, "code", ""),
                      "%s", nu__web_text(rule, "message", ""));
    else if (strcmp(name, "raise_list") == 0)
        run_list(form, nu__web_list(rule, "errors"));
    else
        for (nu_entry *e = NULL; (e = nu_dict_next(nu__web_dict(rule, "errors"), e)) != NULL;)
            report_all(form, e->key.text, e->value);
    return strcmp(name, "add_error") == 0;
}

static void clean_by_rules(nu_form *form)
{
    const nu_list *rules = nu_form_caller(form);
    for (uint32_t i = 0; i < rules->count && run_rule(form, rules->items[i].dict); i++)
        ;
}

/* ---- forms --------------------------------------------------------------------------------------------------------- */

nu_params *nu__web_params(const nu_dict *line, const char *key)
{
    nu_value pairs = nu__web_decode(nu_dict_get(line, key));
    if (pairs.type != NU_LIST)
        return NULL;
    nu_params *params = nu_params_new();
    for (uint32_t i = 0; i < pairs.list->count; i++) {
        const nu_list *pair = pairs.list->items[i].list;
        nu_params_add(params, pair->items[0].text, pair->items[1]);
    }
    return params;
}

static const nu_form_field *fields_of(const nu_dict *described, nu_list *rules)
{
    const nu_list *list = nu__web_list(described, "fields");
    nu_form_field *fields = nu_alloc((list->count + 1) * sizeof *fields);
    for (uint32_t i = 0; i < list->count; i++)
        fields[i] =
            nu__web_field(list->items[i].dict, nu__web_text(list->items[i].dict, "name", ""));
    for (uint32_t i = 0; i < rules->count; i++) {
        const nu_dict *rule = rules->items[i].dict;
        for (nu_form_field *field = fields; field->name != NULL; field++) {
            if (strcmp(nu__web_text(rule, "rule", ""), "clean_field") == 0 &&
                strcmp(nu__web_text(rule, "field", ""), field->name) == 0)
                field->clean = clean_by_rule;
        }
    }
    return fields;
}

static const char *id_of(const nu_dict *args)
{
    nu_value id = nu_dict_get(args, "auto_id");
    if (id.type == NU_BOOL)
        return id.boolean ? "%s" : "";
    return nu_is_null(id) ? NULL : nu_text(id);
}

static bool said(const nu_dict *described, const nu_dict *args, const char *key, bool usual)
{
    nu_value value = nu_dict_get(args, key);
    value = nu_is_null(value) ? nu_dict_get(described, key) : value;
    return nu_is_null(value) ? usual : nu_truth(value);
}

nu_form *nu__web_form(const nu_dict *line)
{
    if (nu_dict_get(line, "form").type != NU_DICT)
        nu__web_refuse("a form of the library");
    const nu_dict *described = nu__web_dict(line, "form"), *args = nu__web_dict(line, "args");
    nu_list       *rules = nu__web_list(described, "rules");
    nu_value       initial = nu__web_decode(nu_dict_get(args, "initial"));
    if (nu_dict_find(args, "empty_permitted") != NULL || nu_dict_find(described, "media") != NULL)
        nu__web_refuse("argument of a form");
    nu_form_def *def = nu_alloc(sizeof *def);
    *def = (nu_form_def){
        .fields = fields_of(described, rules),
        .clean = clean_by_rules,
        .error_class = nu__web_text(described, "error_css_class", NULL),
        .required_class = nu__web_text(described, "required_css_class", NULL),
        .field_order = nu__web_texts(nu_dict_find(args, "field_order") != NULL ? args : described,
                                     "field_order"),
        .no_required_attribute = !said(described, args, "use_required_attribute", true),
    };
    return nu_form_new(
        def, .data = nu__web_params(line, "data"), .files = nu__web_params(line, "files"),
        .initial = initial.type == NU_DICT ? initial.dict : NULL,
        .prefix =
            nu__web_text(nu_dict_find(args, "prefix") != NULL ? args : described, "prefix", NULL),
        .id = id_of(args), .label_suffix = nu__web_text(args, "label_suffix", NULL),
        .data_of_caller = rules);
}
