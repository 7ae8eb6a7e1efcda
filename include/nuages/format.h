/* Dates, times, numbers and sizes written for people, in the active language (nuages/i18n.h).
 *
 * Everything returned is text in the current arena. */
#pragma once

#include "nuages/text.h"

/* The formats of a language. Dates and times are in Django's notation (below). */
typedef struct nu_formats {
    const char *date;               /* "N j, Y" */
    const char *time;               /* "P" */
    const char *datetime;           /* "N j, Y, P" */
    const char *year_month;         /* "F Y" */
    const char *month_day;          /* "F j" */
    const char *short_date;         /* "m/d/Y" */
    const char *short_datetime;     /* "m/d/Y P" */
    const char *decimal_separator;  /* "." */
    const char *thousand_separator; /* "," */
    const char *grouping;           /* digits a group, from the point on: "3", "3,2,0"; "0": none */
    const char *first_day_of_week;  /* "0": Sunday */
    /* What forms read, in the notation of strptime(3) with %f for microseconds; NULL-ended. */
    const char *const *date_input, *const *time_input, *const *datetime_input;
} nu_formats;

/* All formats of the active language, every member set: those given with the catalogue, else ours,
 * else those of the options. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_formats *nu_formats_active(void);
/* The same for any language. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_formats *nu_formats_of(const char *language);
/* The format that Django's settings call "DATE_FORMAT", "SHORT_DATETIME_FORMAT" …; any other name is
 * itself a format and comes back. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_format_named(const char *name);

/* ---- dates and times --------------------------------------------------------------------------- */

/* A nu_date, nu_datetime, nu_time or nu_value of these kinds by a format or the name of one:
 *      nu_date_format(article->published, "j F Y")      nu_date_format(today, "SHORT_DATE_FORMAT")
 *
 *   day    d 01–31 · j 1–31 · D Fri · l Friday · S st, nd, rd, th · w 0 (Sunday) – 6 · z 1–366
 *   month  m 01–12 · n 1–12 · M Jan · b jan · F January · N Jan. (Associated Press) ·
 *          E as F, in the case a date needs · t days of the month
 *   year   y 99 · Y 1999 · L True in a leap year · o, W year and week after ISO 8601
 *   time   g 1–12 · G 0–23 · h 01–12 · H 00–23 · i 00–59 · s 00–59 · u microseconds ·
 *          a p.m. · A PM · f 1:30, 2 · P 1:30 p.m., noon, midnight
 *   zone   e, T name · O +0200 · Z seconds · I 1 in summer time
 *   whole  c ISO 8601 · r RFC 5322 · U seconds since 1970
 * A backslash takes the next character as it is.
 *
 * A moment that knows its zone (nu_moment_in) is shown in that one; another with the offset it was
 * written with. Nothing is converted here. Raises ValueError for what is no date, and for a time's
 * character in the format of a date. */
#define nu_date_format(moment, format) nu_date_format_(NU_V(moment), (format))
/* The same with the characters of a time only; those of a date raise ValueError. */
#define nu_time_format(moment, format) nu_time_format_(NU_V(moment), (format))
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_date_format_(nu_value moment, const char *format);
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_time_format_(nu_value moment, const char *format);
/* As nu_date_format; false where the value has not what the format asks for: it is no date, or a time
 * in a format with a day. Raises only for a time's character in the format of a date. */
NU_PUBLIC NU_MUST_USE bool nu_date_format_try(nu_value moment, const char *format,
                                              const char **out);
NU_PUBLIC NU_MUST_USE bool nu_time_format_try(nu_value moment, const char *format,
                                              const char **out);

/* The moment as a value that is shown in `zone` from now on, whatever zone is active. A naive moment
 * is taken as a reading of the clock in the default zone. */
NU_PUBLIC nu_value nu_moment_in(nu_value moment, const nu_zone *zone);
/* What a page shows for a datetime: in the active zone, unless the moment is naive or tied to a zone
 * by nu_moment_in. `use_tz`: 1 do so, 0 do not, -1 as the options say. Other values come back as they
 * are. */
NU_PUBLIC nu_value nu_moment_local(nu_value moment, int use_tz);
/* A date, time or datetime as the clock shows it where it belongs. False for other values. */
NU_PUBLIC NU_MUST_USE bool nu_moment_civil(nu_value moment, nu_civil *out);

/* "2 weeks, 3 days": the time from `since` to `now`, in at most `depth` adjacent units; "0 minutes"
 * if it is the other way round. Moments without a zone are taken in the default zone. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_timesince(nu_value since, nu_value now, int depth);
/* The same for the time from `now` until `then`. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_timeuntil(nu_value then, nu_value now, int depth);

/* ---- numbers ------------------------------------------------------------------------------------ */

typedef struct nu_number_style {
    const char *decimal_separator;
    const char *thousand_separator;
    const char *grouping; /* NULL or "0": none */
    int         places;   /* digits after the point, cut or filled with zeros; -1: as they come */
} nu_number_style;

/* A number in a style; text is taken for the digits of one. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_number_format(nu_value               number,
                                                          const nu_number_style *style);
/* The style of the active language; grouped if the options say so or `grouped` is true. */
NU_PUBLIC nu_number_style nu_number_style_active(int places, bool grouped);

/* What a page shows for a value: numbers, dates and times in the formats of the active language,
 * everything else as nu_value_str. With `localize` false numbers come as nu_value_str gives them and
 * dates in the formats of the options. */
NU_PUBLIC nu_value nu_localize(nu_value value, bool localize);
/* What a form's input shows: numbers as nu_localize, dates in `format` (of strftime(3); NULL: the
 * language's first input format), everything else as it is. */
NU_PUBLIC nu_value nu_localize_input(nu_value value, const char *format);
/* What a person typed as a number, with a point for the language's decimal separator and, if numbers
 * are grouped, without separators of thousands. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_number_clean(const char *typed);
/* "1.5 GB" in units of 1024. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_filesize_format(nu_value bytes);
