/* Dates, times, both together, durations. What the table or the language says is read by strptime. */
#include <string.h>

#include "form/internal.h"
#include "nuages/i18n.h"

static bool read_formats(const nu_form_field *field, const char *const *usual, nu_value text,
                         nu_civil *out)
{
    const char *const *formats = field->input_formats != NULL ? field->input_formats : usual;
    text = nu__form_trimmed(text);
    for (; *formats != NULL; formats++) {
        if (nu__strptime(text.text, text.length, *formats, out))
            return true;
    }
    return false;
}

/* ---- dates --------------------------------------------------------------------------------------- */

static nu_value clean_date(const nu_form_field *field, nu_value value)
{
    nu_civil c;
    if (value.type == NU_DATE)
        return value;
    if (value.type == NU_DATETIME && nu_moment_civil(value, &c))
        return nu_value_date(nu_date_of(c.year, c.month, c.day));
    if (!read_formats(field, nu_formats_active()->date_input, nu_value_str(value), &c))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a valid date, such as 2026-11-21."));
    return nu_value_date(nu_date_of(c.year, c.month, c.day));
}

const nu_form_type nu_form_date = {
    .name = "DateField", .widget = &nu_widget_date, .clean = clean_date};

/* ---- times --------------------------------------------------------------------------------------- */

static nu_value clean_time(const nu_form_field *field, nu_value value)
{
    nu_civil c;
    if (value.type == NU_TIME)
        return value;
    if (!read_formats(field, nu_formats_active()->time_input, nu_value_str(value), &c))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a valid time, such as 09:05."));
    return nu_value_time(nu_time_of(c.hour, c.minute, c.second, c.us));
}

const nu_form_type nu_form_time = {
    .name = "TimeField", .widget = &nu_widget_time, .clean = clean_time};

/* ---- dates with times ----------------------------------------------------------------------------- */

static bool same_clock(const nu_civil *a, const nu_civil *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute && a->second == b->second;
}

/* True if the clock in `zone` shows this reading at exactly one moment: not when it is put forward and
 * not when it is put back. The other moment of two can only lie at the offset of a day before or after. */
static bool is_one_moment(nu_datetime moment, const nu_civil *clock, const nu_zone *zone)
{
    nu_civil seen = nu_datetime_civil(moment, zone);
    if (!same_clock(&seen, clock))
        return false;
    for (int day = -1; day <= 1; day += 2) {
        nu_datetime other = moment;
        other.us += day * NU_DAY;
        nu_civil beside = nu_datetime_civil(other, zone);
        other.us = moment.us + (seen.offset - beside.offset) * NU_SECOND;
        nu_civil again = nu_datetime_civil(other, zone);
        if (other.us != moment.us && same_clock(&again, clock))
            return false;
    }
    return true;
}

/* The reading of a clock as a moment: in the active zone if the site uses zones. */
static nu_value moment_of_clock(const nu_civil *clock)
{
    const nu_zone *zone = nu_locale_settings()->use_tz ? nu_zone_active() : NULL;
    nu_datetime    moment = nu_datetime_in(clock, zone);
    if (zone == NULL)
        moment.naive = true;
    else if (!is_one_moment(moment, clock, zone))
        nu_form_refuse("ambiguous_timezone", "%s",
                       nu_gettext("The clock shows this time twice or not at all on that day."));
    return nu_value_datetime(moment);
}

static nu_value moment_of_datetime(nu_datetime moment)
{
    if (!moment.naive)
        return nu_value_datetime(moment);
    nu_civil clock = nu_datetime_civil(moment, NULL);
    return moment_of_clock(&clock);
}

static nu_value clean_datetime(const nu_form_field *field, nu_value value)
{
    nu_datetime moment;
    nu_civil    c;
    if (value.type == NU_DATE) {
        c = nu_date_civil(nu_value_as_date(value));
        return moment_of_clock(&c);
    }
    if (value.type == NU_DATETIME)
        return moment_of_datetime(nu_value_as_datetime(value));
    nu_value text = nu__form_trimmed(nu_value_str(value));
    if (nu_datetime_try(text.text, text.length, &moment))
        return moment_of_datetime(moment);
    if (!read_formats(field, nu_formats_active()->datetime_input, text, &c) &&
        !read_formats(field, nu_formats_active()->date_input, text, &c))
        nu_form_refuse("invalid", "%s",
                       nu_gettext("Enter a valid date and time, such as 2026-11-21 09:05."));
    return moment_of_clock(&c);
}

static nu_value prepare_datetime(const nu_form_field *field, nu_value value)
{
    (void)field;
    return nu_moment_local(value, -1);
}

const nu_form_type nu_form_datetime = {
    .name = "DateTimeField",
    .widget = &nu_widget_datetime,
    .clean = clean_datetime,
    .prepare = prepare_datetime,
};

/* ---- durations ------------------------------------------------------------------------------------- */

static nu_value clean_duration(const nu_form_field *field, nu_value value)
{
    (void)field;
    nu_duration duration;
    if (value.type == NU_DURATION)
        return value;
    nu_value text = nu_value_str(value);
    if (!nu_duration_try(text.text, text.length, &duration))
        nu_form_refuse("invalid", "%s", nu_gettext("Enter a valid duration, such as 1 02:30:00."));
    return nu_value_duration(duration);
}

static nu_value prepare_duration(const nu_form_field *field, nu_value value)
{
    (void)field;
    nu_duration duration = nu_value_as_duration(value);
    return duration.set ? nu_value_text(nu_duration_text(duration)) : value;
}

const nu_form_type nu_form_duration = {
    .name = "DurationField",
    .widget = &nu_widget_text,
    .clean = clean_duration,
    .prepare = prepare_duration,
};
