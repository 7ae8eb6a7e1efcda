/* What {% load humanize %} brings: numbers and moments as people say them. */
#include <math.h>
#include <string.h>

#include "i18n/timesince.h"
#include "template/filters/filters.h"
#include "template/filters/floatformat.h"

/* ---- numbers ---------------------------------------------------------------------------------- */

static nu_value filter_apnumber(const nu_filter_call *call)
{
    static const char *const words[] = {
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    };
    __int128 number;
    if (!nu__python_int(call->input, &number))
        return call->input;
    if (number < 1 || number > 9)
        return nu__python_int_value(number);
    return nu_value_text(nu_gettext(words[number - 1]));
}

static const char *ordinal_pattern(int last)
{
    static const char *const suffixes[] = {"th", "st", "nd", "rd", "th",
                                           "th", "th", "th", "th", "th"};
    return nu_pgettext(nu_fmt("ordinal %d", last), nu_fmt("{}%s", suffixes[last]));
}

/* `pattern` with `number` for its {}; safe, because translators write <sup> here. */
static nu_value filled(const char *pattern, const char *number)
{
    const char *place = strstr(pattern, "{}");
    if (place == NULL)
        return nu_value_safe(pattern);
    return nu_value_safe(nu_fmt("%.*s%s%s", (int)(place - pattern), pattern, number, place + 2));
}

static nu_value filter_ordinal(const nu_filter_call *call)
{
    __int128 number;
    if (!nu__python_int(call->input, &number))
        return call->input;
    /* Python's remainder is never negative. */
    int         hundred = (int)((number % 100 + 100) % 100);
    bool        teen = hundred >= 11 && hundred <= 13;
    const char *pattern =
        teen ? nu_pgettext("ordinal 11, 12, 13", "{}th") : ordinal_pattern(hundred % 10);
    return filled(pattern, nu_text(nu__python_int_value(number)));
}

/* Commas between groups of three digits, whatever the language: for text that is no number. */
static nu_value with_commas(nu_value value)
{
    const char *text = nu_text(value), *end = text + strlen(text);
    const char *digits = text + (*text == '-'), *stop = digits;
    size_t      count = 0;
    for (const char *next = stop; next < end && nu_char_is_digit(nu_utf8_next(&next, end)); count++)
        stop = next;
    nu_builder out;
    nu_builder_init(&out, NULL, (size_t)(end - text) * 2 + 1);
    nu_builder_add(&out, text, (size_t)(digits - text));
    for (const char *at = digits; at < stop; count--) {
        const char *digit = at;
        nu_utf8_next(&at, stop);
        nu_builder_add(&out, digit, (size_t)(at - digit));
        if (count > 1 && (count - 1) % 3 == 0)
            nu_builder_putc(&out, ',');
    }
    nu_builder_puts(&out, stop);
    return nu_builder_value(&out);
}

static nu_value filter_intcomma(const nu_filter_call *call)
{
    nu_value number = call->input;
    __int128 whole;
    if (call->has_arg && !nu_truth(call->arg))
        return with_commas(number);
    if (number.type != NU_FLOAT && number.type != NU_DECIMAL) {
        if (!nu__python_int(number, &whole))
            return with_commas(number);
        number = nu__python_int_value(whole);
    }
    nu_number_style style = nu_number_style_active(-1, true);
    return nu_value_text(nu_number_format(number, &style));
}

static const struct magnitude {
    int         exponent;
    const char *name;
} magnitudes[] = {
    {6, "%(value)s million"},      {9, "%(value)s billion"},      {12, "%(value)s trillion"},
    {15, "%(value)s quadrillion"}, {18, "%(value)s quintillion"}, {21, "%(value)s sextillion"},
    {24, "%(value)s septillion"},  {27, "%(value)s octillion"},   {30, "%(value)s nonillion"},
    {33, "%(value)s decillion"},   {100, "%(value)s googol"},
};

/* A whole number of any size; false if int() would refuse it. */
static bool read_large(nu_value value, double *out)
{
    __int128 number;
    if (nu__python_int(value, &number)) {
        *out = (double)number;
        return true;
    }
    const char *text = nu_text(value);
    text += *text == '-' || *text == '+';
    bool whole =
        value.type == NU_DECIMAL || (*text != '\0' && text[strspn(text, "0123456789")] == '\0');
    return whole && nu__python_float(value, out);
}

static nu_value in_words(double number, const struct magnitude *m)
{
    double         scaled = number / pow(10, m->exponent);
    nu_filter_call format = {.input = nu_value_float(scaled),
                             .arg = nu_value_int(1),
                             .has_arg = true,
                             .autoescape = true};
    /* The plural form goes with the number rounded away from one. */
    double  rounded = scaled - 1 < 0 ? floor(scaled - 1) + 1 : ceil(scaled - 1) + 1;
    int64_t count = fabs(rounded) < 1e18 ? (int64_t)fabs(rounded) : INT64_MAX;
    return nu_value_text(
        nu_fill(nu_ngettext(m->name, m->name, count), nu_text(nu__floatformat(&format))));
}

static nu_value filter_intword(const nu_filter_call *call)
{
    double number;
    if (!read_large(call->input, &number))
        return call->input;
    if (fabs(number) >= 1e6)
        for (size_t i = 0; i < NU_COUNT(magnitudes); i++)
            if (fabs(number) < pow(10, magnitudes[i].exponent) * 1000)
                return in_words(number, &magnitudes[i]);
    __int128 whole;
    return nu__python_int(call->input, &whole) ? nu__python_int_value(whole) : call->input;
}

/* ---- moments ---------------------------------------------------------------------------------- */

static bool is_day(nu_value value)
{
    return value.type == NU_DATE || value.type == NU_DATETIME;
}

/* Today where the moment belongs. */
static nu_date today_of(nu_value moment)
{
    nu_value present = nu__present(moment);
    nu_civil civil;
    if (present.type == NU_DATETIME && (present.flags & NU_NAIVE) == 0) {
        present.zone = moment.zone;
        present.offset = moment.offset;
    }
    if (!nu_moment_civil(present, &civil))
        return nu_today(nu_zone_default());
    return nu_date_of(civil.year, civil.month, civil.day);
}

static nu_value filter_naturalday(const nu_filter_call *call)
{
    nu_civil civil;
    if (!is_day(call->input) || !nu_moment_civil(call->input, &civil))
        return call->input;
    nu_date day = nu_date_of(civil.year, civil.month, civil.day);
    switch (day.days - today_of(call->input).days) {
    case 0: return nu_value_text(nu_gettext("today"));
    case 1: return nu_value_text(nu_gettext("tomorrow"));
    case -1: return nu_value_text(nu_gettext("yesterday"));
    }
    bool        given = call->has_arg && nu_truth(call->arg);
    const char *text;
    if (!nu_date_format_try(NU_V(day), given ? nu_text(call->arg) : "DATE_FORMAT", &text))
        return nu__empty();
    return nu_value_text(text);
}

/* The messages for one direction. Between count and unit stands a space where no line breaks. */
static const struct direction {
    const char *second, *seconds, *minute, *minutes, *hour, *hours, *days, *context;
} past =
    {
        "a second ago",  "%(count)s\xc2\xa0seconds ago",
        "a minute ago",  "%(count)s\xc2\xa0minutes ago",
        "an hour ago",   "%(count)s\xc2\xa0hours ago",
        "%(delta)s ago", "naturaltime-past",
},
  future = {
      "a second from now",  "%(count)s\xc2\xa0seconds from now",
      "a minute from now",  "%(count)s\xc2\xa0minutes from now",
      "an hour from now",   "%(count)s\xc2\xa0hours from now",
      "%(delta)s from now", "naturaltime-future",
};

static nu_value counted(const char *one, const char *many, int64_t count)
{
    return nu_value_text(nu_fill(nu_ngettext(one, many, count), nu_fmt("%lld", (long long)count)));
}

static nu_value distance_in_words(nu_value moment, nu_value now, int64_t seconds, bool until)
{
    const struct direction *d = until ? &future : &past;
    if (seconds >= 24 * 3600)
        return nu_value_text(
            nu_fill(nu_gettext(d->days), nu__time_distance(moment, now, until, 2, d->context)));
    if (seconds == 0)
        return nu_value_text(nu_gettext("now"));
    if (seconds < 60)
        return counted(d->second, d->seconds, seconds);
    if (seconds < 3600)
        return counted(d->minute, d->minutes, seconds / 60);
    return counted(d->hour, d->hours, seconds / 3600);
}

static nu_value filter_naturaltime(const nu_filter_call *call)
{
    nu_value moment = call->input;
    if (moment.type == NU_DATE)
        nu_raise(NU_VALUE_ERROR, "naturaltime needs a datetime, not a date");
    if (moment.type != NU_DATETIME)
        return moment;
    nu_value now = nu__present(moment);
    bool     until = moment.us >= now.us;
    int64_t  distance = until ? moment.us - now.us : now.us - moment.us;
    return distance_in_words(moment, now, distance / NU_SECOND, until);
}

const nu_template_filter nu__filters_humanize[] = {
    {"apnumber", filter_apnumber, NU_FILTER_SAFE},
    {"intcomma", filter_intcomma, NU_FILTER_SAFE | NU_FILTER_ARG_OPTIONAL},
    {"intword", filter_intword, 0},
    {"naturalday", filter_naturalday, NU_FILTER_LOCALTIME | NU_FILTER_ARG_OPTIONAL},
    {"naturaltime", filter_naturaltime, 0},
    {"ordinal", filter_ordinal, NU_FILTER_SAFE},
    {0},
};
