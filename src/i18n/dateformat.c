/* Dates and times written after a format of single characters (nuages/format.h lists them). */
#include "i18n/internal.h"

#include <string.h>

#include "nuages/unicode.h"

/* ---- names ------------------------------------------------------------------------------------ */

static const char *const months[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December",
};
static const char *const months_short[] = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
};
/* As the Associated Press abbreviates them: short names are not. */
static const char *const months_press[] = {
    "Jan.", "Feb.", "March", "April", "May",  "June",
    "July", "Aug.", "Sept.", "Oct.",  "Nov.", "Dec.",
};
static const char *const weekdays[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
};
static const char *const weekdays_short[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* ---- the calendar ----------------------------------------------------------------------------- */

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* A year has 53 weeks if it begins on a Thursday, or is a leap year and begins on a Wednesday.
 * `first` is the weekday of 1 January, 0 = Monday. */
static int weeks_in_year(int year, int first)
{
    return first == 3 || (first == 2 && is_leap(year)) ? 53 : 52;
}

/* The week that has the year's first Thursday is week 1 (ISO 8601). */
static void iso_week(const nu_civil *c, int *year, int *week)
{
    int first = ((c->weekday - (c->yearday - 1)) % 7 + 7) % 7;
    *year = c->year;
    *week = (c->yearday - 1 - c->weekday + 10) / 7;
    if (*week < 1) {
        *year -= 1;
        int last_first = ((first - (is_leap(*year) ? 366 : 365)) % 7 + 7) % 7;
        *week = weeks_in_year(*year, last_first);
    } else if (*week > weeks_in_year(c->year, first)) {
        *year += 1;
        *week = 1;
    }
}

/* ---- the parts -------------------------------------------------------------------------------- */

typedef struct writer {
    nu_builder  out;
    nu__moment *moment;
} writer;

/* At least `width` digits. */
static void put_number(writer *w, int64_t number, int width)
{
    char  text[24];
    char *at = text + sizeof text;
    bool  negative = number < 0;
    for (number = negative ? -number : number; number > 0 || width > 0; number /= 10, width--)
        *--at = (char)('0' + number % 10);
    if (negative)
        *--at = '-';
    nu_builder_add(&w->out, at, (size_t)(text + sizeof text - at));
}

static void put_text(writer *w, const char *text)
{
    nu_builder_puts(&w->out, text);
}

static int hour_of_12(const nu_civil *c)
{
    return c->hour % 12 == 0 ? 12 : c->hour % 12;
}

static void put_offset(writer *w, int seconds, const char *separator)
{
    int size = seconds < 0 ? -seconds : seconds;
    nu_builder_printf(&w->out, "%c%02d%s%02d", seconds < 0 ? '-' : '+', size / 3600, separator,
                      size / 60 % 60);
}

static void put_short_time(writer *w)
{
    const nu_civil *c = &w->moment->civil;
    put_number(w, hour_of_12(c), 1);
    if (c->minute != 0) {
        nu_builder_putc(&w->out, ':');
        put_number(w, c->minute, 2);
    }
}

static void put_spoken_time(writer *w)
{
    const nu_civil *c = &w->moment->civil;
    if (c->minute == 0 && (c->hour == 0 || c->hour == 12)) {
        put_text(w, nu_gettext(c->hour == 0 ? "midnight" : "noon"));
        return;
    }
    put_short_time(w);
    nu_builder_putc(&w->out, ' ');
    put_text(w, nu_gettext(c->hour > 11 ? "p.m." : "a.m."));
}

#define TIME_CHARACTERS "aAfgGhHiPsu"
static void put_time_part(writer *w, char c)
{
    const nu_civil *civil = &w->moment->civil;
    switch (c) {
    case 'a': put_text(w, nu_gettext(civil->hour > 11 ? "p.m." : "a.m.")); break;
    case 'A': put_text(w, nu_gettext(civil->hour > 11 ? "PM" : "AM")); break;
    case 'f': put_short_time(w); break;
    case 'g': put_number(w, hour_of_12(civil), 1); break;
    case 'G': put_number(w, civil->hour, 1); break;
    case 'h': put_number(w, hour_of_12(civil), 2); break;
    case 'H': put_number(w, civil->hour, 2); break;
    case 'i': put_number(w, civil->minute, 2); break;
    case 'P': put_spoken_time(w); break;
    case 's': put_number(w, civil->second, 2); break;
    case 'u': put_number(w, civil->us, 6); break;
    }
}

/* "CET", or "+0315" for a mere offset. */
static void put_zone_name(writer *w)
{
    const nu__moment *m = w->moment;
    if (m->zone != NULL)
        put_text(w, m->civil.abbreviation);
    else if (m->civil.offset == 0)
        put_text(w, "UTC");
    else
        put_offset(w, m->civil.offset, "");
}

/* Only a datetime has a zone; a naive one that of the application. A reading that the clock shows
 * twice, or never, has no offset that one could tell. */
#define ZONE_CHARACTERS "eTOZI"
static void put_zone_part(writer *w, char c)
{
    nu__moment *m = w->moment;
    if (m->type != NU_DATETIME)
        return;
    nu__moment_settle(m);
    if (m->uncertain && c != 'e')
        return;
    switch (c) {
    case 'e':
        if (!m->naive)
            put_zone_name(w);
        break;
    case 'T': put_zone_name(w); break;
    case 'O': put_offset(w, m->civil.offset, ""); break;
    case 'Z': put_number(w, m->civil.offset, 1); break;
    case 'I': nu_builder_putc(&w->out, m->civil.dst ? '1' : '0'); break;
    }
}

static const char *ordinal_suffix(int day)
{
    if (day >= 11 && day <= 13)
        return "th";
    switch (day % 10) {
    case 1: return "st";
    case 2: return "nd";
    case 3: return "rd";
    default: return "th";
    }
}

static void put_week_part(writer *w, char c)
{
    int year, week;
    iso_week(&w->moment->civil, &year, &week);
    put_number(w, c == 'o' ? year : week, 1);
}

#define DATE_CHARACTERS "bdDEFjlLmMnNoStwWyYz"
static void put_date_part(writer *w, char c)
{
    const nu_civil *civil = &w->moment->civil;
    switch (c) {
    case 'd': put_number(w, civil->day, 2); break;
    case 'j': put_number(w, civil->day, 1); break;
    case 'S': put_text(w, ordinal_suffix(civil->day)); break;
    case 'z': put_number(w, civil->yearday, 1); break;
    case 'D': put_text(w, nu_gettext(weekdays_short[civil->weekday])); break;
    case 'l': put_text(w, nu_gettext(weekdays[civil->weekday])); break;
    case 'w': put_number(w, (civil->weekday + 1) % 7, 1); break;
    case 'W':
    case 'o': put_week_part(w, c); break;
    case 'm': put_number(w, civil->month, 2); break;
    case 'n': put_number(w, civil->month, 1); break;
    case 'b': put_text(w, nu_gettext(months_short[civil->month - 1])); break;
    case 'M': put_text(w, nu_title(nu_gettext(months_short[civil->month - 1]))); break;
    case 'N': put_text(w, nu_pgettext("abbrev. month", months_press[civil->month - 1])); break;
    case 'F': put_text(w, nu_gettext(months[civil->month - 1])); break;
    case 'E': put_text(w, nu_pgettext("alt. month", months[civil->month - 1])); break;
    case 't': put_number(w, days_in_month(civil->year, civil->month), 1); break;
    case 'L': put_text(w, is_leap(civil->year) ? "True" : "False"); break;
    case 'y': put_number(w, civil->year % 100, 2); break;
    case 'Y': put_number(w, civil->year, 4); break;
    }
}

/* Python's isoformat(). */
static void put_iso(writer *w)
{
    const nu__moment *m = w->moment;
    const nu_civil   *c = &m->civil;
    if (m->type != NU_TIME)
        nu_builder_printf(&w->out, "%04d-%02d-%02d", c->year, c->month, c->day);
    if (m->type == NU_DATETIME)
        nu_builder_putc(&w->out, 'T');
    if (m->type != NU_DATE)
        nu_builder_printf(&w->out, "%02d:%02d:%02d", c->hour, c->minute, c->second);
    if (c->us != 0)
        nu_builder_printf(&w->out, ".%06d", c->us);
    if (m->type == NU_DATETIME && !m->naive)
        put_offset(w, c->offset, ":");
}

/* The moment at which a day begins in the default zone. */
static nu_datetime midnight(const nu_civil *day)
{
    return nu_datetime_in(day, nu_zone_default());
}

static int offset_of(const nu__moment *m)
{
    if (m->type != NU_DATE)
        return m->civil.offset;
    return nu_datetime_civil(midnight(&m->civil), nu_zone_default()).offset;
}

/* Mail speaks English. */
static void put_rfc5322(writer *w)
{
    const nu_civil *c = &w->moment->civil;
    nu_builder_printf(&w->out, "%s, %02d %.3s %04d %02d:%02d:%02d ", weekdays_short[c->weekday],
                      c->day, months[c->month - 1], c->year, c->hour, c->minute, c->second);
    put_offset(w, offset_of(w->moment), "");
}

static void put_unix_seconds(writer *w)
{
    const nu__moment *m = w->moment;
    int64_t           us = m->type == NU_DATE ? midnight(&m->civil).us : m->unix_us;
    put_number(w, us / NU_SECOND, 1);
}

#define WHOLE_CHARACTERS "crU"
static void put_whole(writer *w, char c)
{
    if (c != 'c')
        nu__moment_settle(w->moment);
    if (c == 'c')
        put_iso(w);
    else if (c == 'r')
        put_rfc5322(w);
    else
        put_unix_seconds(w);
}

/* ---- formats ---------------------------------------------------------------------------------- */

static bool is_one_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

static bool is_format_character(char c)
{
    return is_one_of(c, TIME_CHARACTERS ZONE_CHARACTERS DATE_CHARACTERS WHOLE_CHARACTERS);
}

/* What a nu_time, or nu_time_format for anything, can answer. */
static bool is_of_a_time(char c, bool time_only)
{
    return is_one_of(c, TIME_CHARACTERS "eTOZ") || (!time_only && is_one_of(c, "cI"));
}

static void check_date_character(char c)
{
    if (is_one_of(c, TIME_CHARACTERS "eTOZ"))
        nu_raise(NU_VALUE_ERROR,
                 "The format for date objects may not contain time-related format specifiers "
                 "(found '%c').",
                 c);
}

static void put_part(writer *w, char c)
{
    if (is_one_of(c, TIME_CHARACTERS))
        put_time_part(w, c);
    else if (is_one_of(c, ZONE_CHARACTERS))
        put_zone_part(w, c);
    else if (is_one_of(c, WHOLE_CHARACTERS))
        put_whole(w, c);
    else
        put_date_part(w, c);
}

/* The character at `at` stands for a part: it is one of those and no backslash stands before it. */
static bool starts_part(const char *format, const char *at)
{
    return is_format_character(*at) && (at == format || at[-1] != '\\');
}

static bool write_format(writer *w, const char *format, bool time_only)
{
    for (const char *at = format; *at != '\0'; at++) {
        if (starts_part(format, at)) {
            if ((time_only || w->moment->type == NU_TIME) && !is_of_a_time(*at, time_only))
                return false;
            if (w->moment->type == NU_DATE)
                check_date_character(*at);
            put_part(w, *at);
        } else {
            if (*at == '\\' && at[1] != '\0' && at[1] != '\n')
                at++;
            nu_builder_putc(&w->out, *at);
        }
    }
    return true;
}

static bool format_try(nu_value value, const char *format, bool time_only, const char **out)
{
    nu__moment moment;
    if (!nu__moment_read(value, &moment))
        return false;
    writer w = {.moment = &moment};
    nu_builder_init(&w.out, NULL, 64);
    if (!write_format(&w, nu_format_named(format), time_only))
        return false;
    *out = nu_builder_text(&w.out);
    return true;
}

bool nu_date_format_try(nu_value moment, const char *format, const char **out)
{
    return format_try(moment, format, false, out);
}

bool nu_time_format_try(nu_value moment, const char *format, const char **out)
{
    return format_try(moment, format, true, out);
}

static const char *format_get(nu_value moment, const char *format, bool time_only)
{
    const char *text;
    if (!format_try(moment, format, time_only, &text))
        nu_raise(NU_VALUE_ERROR, "a value of type \"%s\" cannot be written in the format \"%s\"",
                 nu_value_type_name(moment), format);
    return text;
}

const char *nu_date_format_(nu_value moment, const char *format)
{
    return format_get(moment, format, false);
}

const char *nu_time_format_(nu_value moment, const char *format)
{
    return format_get(moment, format, true);
}
