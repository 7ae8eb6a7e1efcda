/* floatformat: a number with so many digits after the point, rounded half up.
 *
 * The digits are kept as text, since a template may show numbers with up to 200 of them. */
#include "template/filters/floatformat.h"

#include <string.h>

#include "template/filters/filters.h"

enum { DIGITS_MAX = 200, PLACES_MAX = 10000 };

/* sign × 0.digits × 10^point: "12.5" is digits 125 with the point behind 2. */
typedef struct digits {
    bool    negative;
    char   *text;
    int64_t count, point;
} digits;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads "-12.50e3" to the end of `text`. False if it is no number. */
static bool read_digits(const char *text, digits *out)
{
    size_t length = strlen(text);
    *out = (digits){.text = nu_arena_alloc(nu_arena_current(), length + 1)};
    out->negative = *text == '-';
    text += *text == '-' || *text == '+';
    bool point = false, any = false;
    for (; is_digit(*text) || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        any = true;
        out->point += !point;
        out->text[out->count++] = *text;
    }
    int64_t exponent = 0;
    if (any && (*text == 'e' || *text == 'E')) {
        if (!nu_parse_int(text + 1 + (text[1] == '+'), strlen(text + 1 + (text[1] == '+')),
                          &exponent))
            return false;
        text = "";
    }
    if (exponent > INT32_MAX || exponent < INT32_MIN)
        exponent = exponent < 0 ? INT32_MIN : INT32_MAX;
    out->point += exponent;
    return any && *text == '\0';
}

/* Leading zeros mean nothing; "0" keeps one digit. */
static void drop_leading_zeros(digits *d)
{
    while (d->count > 1 && d->text[0] == '0') {
        d->text++;
        d->count--;
        d->point--;
    }
}

/* Python's count of digits and exponent, beyond which a number comes back as it was. */
static bool is_too_long(const digits *d)
{
    int64_t exponent = d->point - d->count;
    return d->count + (exponent < 0 ? -exponent : exponent) > DIGITS_MAX;
}

static char digit_at(const digits *d, int64_t index)
{
    return index >= 0 && index < d->count ? d->text[index] : '0';
}

static bool is_whole(const digits *d)
{
    for (int64_t i = d->point < 0 ? 0 : d->point; i < d->count; i++)
        if (d->text[i] != '0')
            return false;
    return true;
}

/* The digits with `places` behind the point, rounded half up, with sign unless all are zero. */
static const char *rounded(const digits *d, int64_t places)
{
    int64_t whole = d->point > 0 ? d->point : 1;
    int64_t shift = d->point > 0 ? 0 : d->point - 1; /* index of the first digit written */
    int64_t count = whole + places;
    char   *out = nu_arena_zalloc(nu_arena_current(), (size_t)count + 4);
    char   *text = out + 2; /* room for the sign and a carry */
    for (int64_t i = 0; i < count; i++)
        text[i] = digit_at(d, i + shift);

    bool up = digit_at(d, count + shift) >= '5';
    for (int64_t i = count - 1; up && i >= 0; i--) {
        up = text[i] == '9';
        text[i] = up ? '0' : (char)(text[i] + 1);
    }
    if (up) {
        *--text = '1';
        whole++;
    }
    bool zero = strspn(text, "0") == strlen(text);
    if (d->negative && !zero)
        *--text = '-';
    whole += *text == '-';
    if (places == 0)
        return text;
    return nu_fmt("%.*s.%s", (int)whole, text, text + whole);
}

/* "2gu": places, then g (grouped) and u (not localised) in any order. */
typedef struct request {
    int64_t places;
    bool    grouped, plain;
} request;

static bool read_request(const nu_filter_call *call, request *out)
{
    *out = (request){.places = -1};
    if (!call->has_arg)
        return true;
    nu_value arg = call->arg;
    if (arg.type == NU_TEXT) {
        size_t length = arg.length;
        if (length == 0)
            nu_raise(NU_VALUE_ERROR, "floatformat got an empty argument");
        for (int i = 0; i < 2 && length > 0; i++) {
            bool *flag = arg.text[length - 1] == 'g'   ? &out->grouped
                         : arg.text[length - 1] == 'u' ? &out->plain
                                                       : NULL;
            if (flag == NULL || *flag)
                break;
            *flag = true;
            length--;
        }
        if (length == 0)
            return true;
        arg = nu_value_text_copy(arg.text, length);
    }
    if (arg.type == NU_NULL)
        nu_raise(NU_VALUE_ERROR, "floatformat got None as its argument");
    return nu__python_int64(arg, &out->places);
}

static nu_number_style style_of(const request *r, int places)
{
    if (!r->plain)
        return nu_number_style_active(places, r->grouped);
    const nu_formats *formats = &nu_locale_settings()->formats;
    return (nu_number_style){
        .decimal_separator = formats->decimal_separator,
        .thousand_separator = formats->thousand_separator,
        .grouping = r->grouped ? formats->grouping : NULL,
        .places = places,
    };
}

/* The value's text as digits: as it stands or, for what only float() reads, by way of a double. */
static bool read_number(nu_value value, const char **text, digits *out)
{
    *text = nu_text(value);
    size_t      length = strlen(*text);
    const char *plain = nu__python_number_text(*text, &length);
    if (plain != NULL && read_digits(nu_arena_copy(nu_arena_current(), plain, length), out))
        return true;
    double number;
    if (!nu__python_float(value, &number))
        return false;
    if (!read_digits(nu_text(nu_value_float(number)), out))
        out->count = 0; /* infinite or no number */
    return true;
}

nu_value nu__floatformat(const nu_filter_call *call)
{
    const char *text;
    digits      d;
    request     r;
    bool        known = read_request(call, &r);
    if (!read_number(call->input, &text, &d))
        return nu__empty();
    if (!known || d.count == 0)
        return nu_value_text(text);
    drop_leading_zeros(&d);
    int64_t places = r.places < 0 ? -r.places : r.places;
    if (is_too_long(&d) || places > PLACES_MAX)
        return nu_value_text(text);
    if (r.places <= 0 && is_whole(&d))
        places = 0;
    nu_number_style style = style_of(&r, (int)places);
    nu_value        number = nu_value_text(rounded(&d, places));
    return nu_value_safe(nu_number_format(number, &style));
}
