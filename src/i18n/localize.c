/* Values as a page or a form's input shows them. */
#include "i18n/internal.h"

#include <string.h>

/* ---- pages ------------------------------------------------------------------------------------ */

static nu_value localize_number(nu_value number, bool localize)
{
    if (!localize)
        return nu_value_str(number);
    if (number.type == NU_INT && !nu_locale_settings()->thousand_separator)
        return nu_value_str(number);
    nu_number_style style = nu_number_style_active(-1, false);
    return nu_value_text(nu_number_format(number, &style));
}

/* A format from the options or, with `localize`, from the language. */
static nu_value localize_moment(nu_value moment, bool localize)
{
    const nu_formats *formats = localize ? nu_formats_active() : &nu_locale_settings()->formats;
    const char       *text;
    switch (moment.type) {
    case NU_DATE: text = nu_date_format_(moment, formats->date); break;
    case NU_DATETIME: text = nu_date_format_(moment, formats->datetime); break;
    default: text = nu_time_format_(moment, formats->time); break;
    }
    return nu_value_text(text);
}

nu_value nu_localize(nu_value value, bool localize)
{
    switch (value.type) {
    case NU_INT:
    case NU_FLOAT:
    case NU_DECIMAL: return localize_number(value, localize);
    case NU_DATE:
    case NU_TIME:
    case NU_DATETIME: return localize_moment(value, localize);
    default: return nu_value_str(value);
    }
}

/* ---- inputs ----------------------------------------------------------------------------------- */

static const char *const months[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December",
};
static const char *const weekdays[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
};

static void put_strftime(nu_builder *out, const nu_civil *c, char code)
{
    switch (code) {
    case 'Y': nu_builder_printf(out, "%04d", c->year); break;
    case 'y': nu_builder_printf(out, "%02d", c->year % 100); break;
    case 'm': nu_builder_printf(out, "%02d", c->month); break;
    case 'B': nu_builder_puts(out, months[c->month - 1]); break;
    case 'b': nu_builder_printf(out, "%.3s", months[c->month - 1]); break;
    case 'd': nu_builder_printf(out, "%02d", c->day); break;
    case 'j': nu_builder_printf(out, "%03d", c->yearday); break;
    case 'A': nu_builder_puts(out, weekdays[c->weekday]); break;
    case 'a': nu_builder_printf(out, "%.3s", weekdays[c->weekday]); break;
    case 'H': nu_builder_printf(out, "%02d", c->hour); break;
    case 'I': nu_builder_printf(out, "%02d", c->hour % 12 == 0 ? 12 : c->hour % 12); break;
    case 'p': nu_builder_puts(out, c->hour < 12 ? "AM" : "PM"); break;
    case 'M': nu_builder_printf(out, "%02d", c->minute); break;
    case 'S': nu_builder_printf(out, "%02d", c->second); break;
    case 'f': nu_builder_printf(out, "%06d", c->us); break;
    default: nu_builder_putc(out, code); break;
    }
}

static nu_value input_moment(nu_value moment, const char *format)
{
    nu_civil c;
    if (!nu_moment_civil(moment, &c))
        return moment;
    if (moment.type == NU_TIME) { /* the day that Python gives to a mere time */
        c.year = 1900;
        c.month = c.day = c.yearday = 1;
    }
    nu_builder out;
    nu_builder_init(&out, NULL, 32);
    for (const char *at = format; *at != '\0'; at++)
        if (*at == '%' && at[1] != '\0')
            put_strftime(&out, &c, *++at);
        else
            nu_builder_putc(&out, *at);
    return nu_builder_value(&out);
}

nu_value nu_localize_input(nu_value value, const char *format)
{
    const nu_formats *formats = nu_formats_active();
    switch (value.type) {
    case NU_BOOL: return nu_value_str(value);
    case NU_INT:
    case NU_FLOAT:
    case NU_DECIMAL: return localize_number(value, true);
    case NU_DATE: return input_moment(value, format != NULL ? format : formats->date_input[0]);
    case NU_TIME: return input_moment(value, format != NULL ? format : formats->time_input[0]);
    case NU_DATETIME:
        return input_moment(value, format != NULL ? format : formats->datetime_input[0]);
    default: return value;
    }
}
