/* Numbers, and yes or no. */
#include <math.h>
#include <string.h>

#include "form/internal.h"
#include "nuages/i18n.h"
#include "nuages/unicode.h"

/* ---- what is typed as a number ------------------------------------------------------------------- */

static bool starts_with_digit(const char *at, const char *end)
{
    return at < end && nu_char_is_digit(nu_utf8_next(&at, end));
}

/* The text with digits of any script as ASCII ones, and without the underscores that Python allows
 * between two digits. */
static nu_value plain_digits(nu_value text)
{
    nu_builder plain;
    nu_builder_init(&plain, NULL, text.length);
    bool        after_digit = false;
    const char *at = text.text, *end = at + text.length;
    while (at < end) {
        const char *start = at;
        int         digit = nu_char_digit(nu_utf8_next(&at, end));
        if (*start == '_' && after_digit && starts_with_digit(at, end))
            continue;
        after_digit = digit >= 0;
        if (digit >= 0)
            nu_builder_putc(&plain, (char)('0' + digit));
        else
            nu_builder_add(&plain, start, (size_t)(at - start));
    }
    return nu_builder_value(&plain);
}

static nu_value typed_number(nu_value value)
{
    return plain_digits(nu__form_trimmed(nu_value_str(value)));
}

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* [sign] digits, with one point among or beside them, and an exponent: a number and nothing more. */
static bool is_number(nu_value text)
{
    const char *at = text.text + (text.text[0] == '+' || text.text[0] == '-');
    size_t      whole = digits_at(at), fraction = 0;
    at += whole;
    if (*at == '.') {
        fraction = digits_at(at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '+' || at[1] == '-');
        if (digits_at(at) == 0)
            return false;
        at += digits_at(at);
    }
    return at == text.text + text.length;
}

/* Attributes of <input type="number">. */
static void number_attrs(const nu_form_field *field, const nu_widget *widget, nu_dict *attrs)
{
    if (widget != &nu_widget_number)
        return;
    if (!nu_is_null(field->min_value))
        nu_dict_set(attrs, "min", field->min_value);
    if (!nu_is_null(field->max_value))
        nu_dict_set(attrs, "max", field->max_value);
    if (!nu_is_null(field->step_size))
        nu_dict_set(attrs, "step", field->step_size);
}

/* ---- whole numbers --------------------------------------------------------------------------------- */

/* The number without ".000" at its end. */
static nu_value without_zeros(nu_value text)
{
    const char *point = memchr(text.text, '.', text.length);
    if (point == NULL || strspn(point + 1, "0") != text.length - (size_t)(point + 1 - text.text))
        return text;
    return nu_value_text_copy(text.text, (size_t)(point - text.text));
}

static NU_NORETURN void refuse_size(bool negative)
{
    int64_t limit = negative ? INT64_MIN : INT64_MAX;
    nu_form_refuse(
        negative ? "min_value" : "max_value", "%s",
        nu_fill(nu_gettext(negative ? "This must be at least %s." : "This must be at most %s."),
                nu_text(nu_value_int(limit))));
}

static nu_value clean_int(const nu_form_field *field, nu_value value)
{
    (void)field;
    nu_value text = plain_digits(without_zeros(nu__form_trimmed(nu_value_str(value))));
    size_t   sign = text.text[0] == '+' || text.text[0] == '-';
    int64_t  number;
    if (text.length == sign || sign + digits_at(text.text + sign) != text.length)
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a whole number."));
    bool plus = text.text[0] == '+';
    if (!nu_parse_int(text.text + plus, text.length - plus, &number))
        refuse_size(text.text[0] == '-');
    return nu_value_int(number);
}

const nu_form_type nu_form_int = {
    .name = "IntegerField", .widget = &nu_widget_number, .clean = clean_int, .attrs = number_attrs};

/* ---- floating point ---------------------------------------------------------------------------------- */

static nu_value clean_float(const nu_form_field *field, nu_value value)
{
    (void)field;
    nu_value text = typed_number(value);
    double   number;
    if (!is_number(text) || !nu_float_try(text, &number) || !isfinite(number))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a number."));
    return nu_value_float(number);
}

static void float_attrs(const nu_form_field *field, const nu_widget *widget, nu_dict *attrs)
{
    number_attrs(field, widget, attrs);
    if (widget == &nu_widget_number && nu_is_null(field->step_size))
        nu_dict_set(attrs, "step", "any");
}

const nu_form_type nu_form_float = {
    .name = "FloatField", .widget = &nu_widget_number, .clean = clean_float, .attrs = float_attrs};

/* ---- decimals ------------------------------------------------------------------------------------------ */

struct measure {
    int64_t digits, places;
};

static int count_digits(unsigned __int128 coefficient)
{
    int digits = 1;
    while (coefficient >= 10) {
        coefficient /= 10;
        digits++;
    }
    return digits;
}

static struct measure measure(nu_decimal number)
{
    int64_t digits = count_digits(number.coefficient);
    if (number.exponent >= 0)
        return (struct measure){.digits = digits + (number.coefficient != 0 ? number.exponent : 0)};
    int64_t places = -(int64_t)number.exponent;
    return (struct measure){.digits = digits > places ? digits : places, .places = places};
}

static NU_NORETURN void refuse_count(const char *code, const char *one, const char *many,
                                     int64_t limit)
{
    nu_form_refuse(code, "%s",
                   nu_fill(nu_ngettext(one, many, limit), nu_text(nu_value_int(limit))));
}

static void check_measure(const nu_form_field *field, struct measure size)
{
    int64_t most = field->max_digits, places = field->decimal_places;
    if (most > 0 && size.digits > most)
        refuse_count("max_digits", "This may have no more than %s digit.",
                     "This may have no more than %s digits.", most);
    bool limited = places >= 0 && (most > 0 || places > 0);
    if (limited && size.places > places)
        refuse_count("max_decimal_places", "This may have no more than %s digit after the point.",
                     "This may have no more than %s digits after the point.", places);
    if (limited && most > 0 && size.digits - size.places > most - places)
        refuse_count("max_whole_digits", "This may have no more than %s digit before the point.",
                     "This may have no more than %s digits before the point.", most - places);
}

/* How many digits a number has that is too long for us: enough to say which limit it breaks. */
static struct measure measure_text(nu_value text)
{
    const char    *at = text.text + (text.text[0] == '+' || text.text[0] == '-');
    struct measure size = {.digits = (int64_t)digits_at(at)};
    at += size.digits;
    if (*at == '.')
        size.places = (int64_t)digits_at(at + 1);
    size.digits += size.places;
    return size;
}

static nu_value clean_decimal(const nu_form_field *field, nu_value value)
{
    nu_value   text = typed_number(value);
    nu_decimal number;
    if (!is_number(text))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a number."));
    if (!nu_decimal_try(text.text, text.length, &number)) {
        check_measure(field, measure_text(text));
        nu_form_refuse("max_digits", "%s", nu_gettext("This number is too large or too precise."));
    }
    return nu_value_decimal(number);
}

static void check_decimal(const nu_form_field *field, nu_value value)
{
    check_measure(field, measure(*value.decimal));
}

static void decimal_attrs(const nu_form_field *field, const nu_widget *widget, nu_dict *attrs)
{
    number_attrs(field, widget, attrs);
    if (widget != &nu_widget_number || !nu_is_null(field->step_size))
        return;
    int  places = field->decimal_places;
    bool limited = places > 0 || (places == 0 && field->max_digits > 0);
    if (!limited || places > 28)
        nu_dict_set(attrs, "step", "any");
    else
        nu_dict_set(attrs, "step",
                    nu_lower(nu_decimal_text((nu_decimal){.coefficient = 1, .exponent = -places})));
}

const nu_form_type nu_form_decimal = {
    .name = "DecimalField",
    .widget = &nu_widget_number,
    .clean = clean_decimal,
    .check = check_decimal,
    .attrs = decimal_attrs,
};

/* ---- yes or no ------------------------------------------------------------------------------------------- */

static bool is_yes(nu_value value)
{
    if (value.type == NU_TEXT)
        return value.length > 0 && strcmp(value.text, "0") != 0 &&
               !nu_equal_ascii_nocase(value.text, value.length, "false", 5);
    return nu_truth(value);
}

/* A box that must be ticked: required means yes. */
static nu_value clean_bool(const nu_form_field *field, nu_value value)
{
    bool yes = is_yes(value);
    if (!yes && !field->optional)
        nu_form_refuse("required", "%s", nu_gettext("This field is required."));
    return nu_value_bool(yes);
}

static bool bool_changed(const nu_form_field *field, nu_value initial, nu_value sent)
{
    (void)field;
    return is_yes(initial) != is_yes(sent);
}

const nu_form_type nu_form_bool = {
    .name = "BooleanField",
    .widget = &nu_widget_checkbox,
    .clean = clean_bool,
    .empty = NU_CONST_BOOL(0),
    .changed = bool_changed,
};
