/* What {% load l10n %}, {% load tz %} and {% load i18n %} bring. */
#include "template/filters/filters.h"

/* ---- l10n ------------------------------------------------------------------------------------- */

static nu_value filter_localize(const nu_filter_call *call)
{
    return nu_localize(call->input, true);
}

static nu_value filter_unlocalize(const nu_filter_call *call)
{
    return nu_localize(call->input, false);
}

const nu_template_filter nu__filters_l10n[] = {
    {"localize", filter_localize, 0},
    {"unlocalize", filter_unlocalize, 0},
    {0},
};

/* ---- tz --------------------------------------------------------------------------------------- */

static nu_value shown_in(nu_value moment, const nu_zone *zone)
{
    if (moment.type != NU_DATETIME || zone == NULL)
        return nu__empty();
    return nu_moment_in(moment, zone);
}

static nu_value filter_localtime(const nu_filter_call *call)
{
    return shown_in(call->input, nu_zone_active());
}

static nu_value filter_utc(const nu_filter_call *call)
{
    return shown_in(call->input, nu_zone_find("UTC"));
}

/* A zone that does not exist shows nothing. */
static nu_value filter_timezone(const nu_filter_call *call)
{
    return shown_in(call->input, call->arg.type == NU_TEXT ? nu_zone_find(call->arg.text) : NULL);
}

const nu_template_filter nu__filters_tz[] = {
    {"localtime", filter_localtime, 0},
    {"timezone", filter_timezone, NU_FILTER_ARG},
    {"utc", filter_utc, 0},
    {0},
};

/* ---- i18n ------------------------------------------------------------------------------------- */

static const nu_language_info *language_of(const nu_filter_call *call)
{
    const char             *code = nu_text(call->input);
    const nu_language_info *info = nu_language_find(code);
    if (info == NULL)
        nu_raise(NU_VALUE_ERROR, "Unknown language code %s.", code);
    return info;
}

static nu_value filter_language_name(const nu_filter_call *call)
{
    return nu_value_text(language_of(call)->name);
}

static nu_value filter_language_name_translated(const nu_filter_call *call)
{
    return nu_value_text(nu_gettext(language_of(call)->name));
}

static nu_value filter_language_name_local(const nu_filter_call *call)
{
    return nu_value_text(language_of(call)->name_local);
}

static nu_value filter_language_bidi(const nu_filter_call *call)
{
    return nu_value_bool(language_of(call)->bidi);
}

const nu_template_filter nu__filters_i18n[] = {
    {"language_bidi", filter_language_bidi, 0},
    {"language_name", filter_language_name, 0},
    {"language_name_local", filter_language_name_local, 0},
    {"language_name_translated", filter_language_name_translated, 0},
    {0},
};
