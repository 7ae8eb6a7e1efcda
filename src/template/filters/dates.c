/* date, time, timesince, timeuntil */
#include <string.h>

#include "template/filters/filters.h"

static bool is_empty(nu_value value)
{
    return nu_is_null(value) || (value.type == NU_TEXT && value.length == 0);
}

static const char *format_of(const nu_filter_call *call, const char *fallback)
{
    if (!call->has_arg || !nu_truth(call->arg))
        return fallback;
    return nu_text(call->arg);
}

static nu_value filter_date(const nu_filter_call *call)
{
    const char *text;
    if (is_empty(call->input) ||
        !nu_date_format_try(call->input, format_of(call, "DATE_FORMAT"), &text))
        return nu__empty();
    return nu_value_text(text);
}

/* A date has no time, so nothing is shown. */
static nu_value filter_time(const nu_filter_call *call)
{
    const char *text;
    if (is_empty(call->input) || call->input.type == NU_DATE ||
        !nu_time_format_try(call->input, format_of(call, "TIME_FORMAT"), &text))
        return nu__empty();
    return nu_value_text(text);
}

static bool is_aware(nu_value value)
{
    return value.type == NU_DATETIME && (value.flags & NU_NAIVE) == 0;
}

/* Without an argument the present counts; a moment with a zone and one without have no distance. */
static nu_value distance(const nu_filter_call *call,
                         const char *(*write)(nu_value moment, nu_value now, int depth))
{
    if (!nu_truth(call->input))
        return nu__empty();
    bool     given = call->has_arg && nu_truth(call->arg);
    nu_value now = given ? call->arg : nu_null();
    bool     dates = call->input.type == NU_DATE || call->input.type == NU_DATETIME;
    if (dates && given && is_aware(call->input) != is_aware(now))
        return nu__empty();
    return nu_value_text(write(call->input, now, 2));
}

static nu_value filter_timesince(const nu_filter_call *call)
{
    return distance(call, nu_timesince);
}

static nu_value filter_timeuntil(const nu_filter_call *call)
{
    return distance(call, nu_timeuntil);
}

const nu_template_filter nu__filters_dates[] = {
    {"date", filter_date, NU_FILTER_LOCALTIME | NU_FILTER_ARG_OPTIONAL},
    {"time", filter_time, NU_FILTER_LOCALTIME | NU_FILTER_ARG_OPTIONAL},
    {"timesince", filter_timesince, NU_FILTER_ARG_OPTIONAL},
    {"timeuntil", filter_timeuntil, NU_FILTER_ARG_OPTIONAL},
    {0},
};
