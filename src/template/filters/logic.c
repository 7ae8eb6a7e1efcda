/* Filters that choose: default, yesno, pluralize … */
#include <string.h>

#include "template/filters/filters.h"

static nu_value filter_default(const nu_filter_call *call)
{
    return nu_truth(call->input) ? call->input : call->arg;
}

static nu_value filter_default_if_none(const nu_filter_call *call)
{
    return nu_is_null(call->input) ? call->arg : call->input;
}

static nu_value filter_divisibleby(const nu_filter_call *call)
{
    __int128 number, divisor;
    if (!nu__python_int(call->input, &number) || !nu__python_int(call->arg, &divisor))
        nu_raise(NU_VALUE_ERROR, "divisibleby needs whole numbers");
    if (divisor == 0)
        nu_raise(NU_VALUE_ERROR, "integer modulo by zero");
    return nu_value_bool(number % divisor == 0);
}

/* The part of `text` before the next comma; moves on behind it. NULL at the end. */
static const char *next_part(const char **text)
{
    if (*text == NULL)
        return NULL;
    size_t      length = strcspn(*text, ",");
    const char *part = nu_arena_copy(nu_arena_current(), *text, length);
    *text = (*text)[length] == ',' ? *text + length + 1 : NULL;
    return part;
}

/* yes,no[,maybe] */
static nu_value filter_yesno(const nu_filter_call *call)
{
    const char *rest = call->has_arg && !nu_is_null(call->arg) ? nu__filter_text(call->arg)
                                                               : nu_gettext("yes,no,maybe");
    const char *yes = next_part(&rest);
    const char *no = next_part(&rest);
    const char *maybe = next_part(&rest);
    if (no == NULL)
        return call->input;
    if (maybe == NULL || rest != NULL) /* Django takes "no" too where there are four */
        maybe = no;
    if (nu_is_null(call->input))
        return nu_value_text(maybe);
    return nu_value_text(nu_truth(call->input) ? yes : no);
}

/* A number that is 1, text that reads as 1, anything else of length 1. False if it has no number. */
static bool is_one(nu_value value, bool *out)
{
    double  number;
    int64_t length;
    if (nu__python_float(value, &number)) {
        *out = number == 1;
        return true;
    }
    if (value.type == NU_TEXT || !nu__value_length(value, &length))
        return false;
    *out = length == 1;
    return true;
}

static nu_value filter_pluralize(const nu_filter_call *call)
{
    const char *rest = call->has_arg ? nu__filter_text(call->arg) : "s";
    const char *one = strchr(rest, ',') == NULL ? "" : next_part(&rest);
    const char *many = next_part(&rest);
    bool        single;
    if (rest != NULL || !is_one(call->input, &single))
        return nu__empty();
    return nu_value_text(single ? one : many);
}

const nu_template_filter nu__filters_logic[] = {
    {"default", filter_default, NU_FILTER_ARG},
    {"default_if_none", filter_default_if_none, NU_FILTER_ARG},
    {"divisibleby", filter_divisibleby, NU_FILTER_ARG},
    {"pluralize", filter_pluralize, NU_FILTER_ARG_OPTIONAL},
    {"yesno", filter_yesno, NU_FILTER_ARG_OPTIONAL},
    {0},
};
