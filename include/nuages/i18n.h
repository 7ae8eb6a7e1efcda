/* Languages, translations and the active time zone.
 *
 * A nu_locales holds what an application offers: a catalogue for each language, the formats that
 * differ from ours, and the defaults. One of them is in use in the process (nu_locales_use); which
 * language and zone of it is active belongs to the running fiber, so that two requests can be
 * answered in two languages. Without any, everything speaks English.
 *
 * Catalogues are those of GNU gettext, as Django reads them: a message is known by its English text
 * and, where one word has two meanings, by a context. */
#pragma once

#include "nuages/format.h"

typedef struct nu_locales   nu_locales;
typedef struct nu_catalogue nu_catalogue;

/* What holds when nothing else is said; zero-filled members have the value in brackets. */
typedef struct nu_locale_options {
    const char    *language;           /* default language ["en-us"] */
    const nu_zone *zone;               /* default time zone [UTC] */
    bool           use_tz;             /* moments are shown in the active zone [false] */
    bool           thousand_separator; /* numbers are grouped in output [false] */
    nu_formats     formats; /* for languages that say nothing about a format [American] */
} nu_locale_options;

/* Empty locales; all that is added to them lives in `arena`. `options` NULL: all defaults. What the
 * options point to is borrowed. */
NU_PUBLIC NU_RETURNS_NONNULL nu_locales *nu_locales_new(nu_arena                *arena,
                                                        const nu_locale_options *options);

/* Makes `locales` those of the process and returns the ones before; NULL: English only. They must
 * outlive their use. */
NU_PUBLIC const nu_locales *nu_locales_use(const nu_locales *locales);

/* The options of the locales in use. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_locale_options *nu_locale_settings(void);

/* ---- catalogues ------------------------------------------------------------------------------- */

/* The catalogue of `language` ("de", "pt-br"), made if there is none. */
NU_PUBLIC NU_RETURNS_NONNULL nu_catalogue *nu_locales_catalogue(nu_locales *locales,
                                                                const char *language);

/* Reads every <folder>/<locale>/LC_MESSAGES/<domain>.mo or, where there is no such file, the .po it would be made
 * of. Returns how many there were. A message read later replaces an earlier one. Raises SyntaxError for a damaged
 * file, SystemError for one that cannot be read. */
NU_PUBLIC size_t nu_locales_load(nu_locales *locales, const char *folder, const char *domain);

/* Adds all messages of a .mo file held in memory; they are copied. Raises SyntaxError naming `name`. */
NU_PUBLIC void nu_catalogue_read(nu_catalogue *catalogue, const char *name, const void *bytes,
                                 size_t length);

/* The same from the text of a .po file; messages marked fuzzy are left out. */
NU_PUBLIC void nu_catalogue_read_po(nu_catalogue *catalogue, const char *name, const char *text,
                                    size_t length);

/* The plural rule for messages added from now on: "nplurals=2; plural=(n != 1);", the content of the
 * Plural-Forms header. Without one the rule is English. Raises SyntaxError. */
NU_PUBLIC void nu_catalogue_plural(nu_catalogue *catalogue, const char *rule);

/* Adds a message, copied. `context` may be NULL. `count` is the number of plural forms, 1 for a
 * message without plural. An empty text counts as not translated. */
NU_PUBLIC void nu_catalogue_add(nu_catalogue *catalogue, const char *context, const char *message,
                                const char *const *texts, size_t count);

/* Formats that replace ours for this language; NULL members leave ours. Copied. */
NU_PUBLIC void nu_catalogue_formats(nu_catalogue *catalogue, const nu_formats *formats);

/* ---- translating ------------------------------------------------------------------------------ */

/* The text in the active language. A message is looked for in de-at, then de, then the default
 * language (unless the language is a kind of English), and is its own text if found nowhere. The
 * result lives as long as the locales in use and `message`. */
NU_PUBLIC const char *nu_gettext(const char *message);
NU_PUBLIC const char *nu_pgettext(const char *context, const char *message);
/* The form of the text that goes with the number `n`. */
NU_PUBLIC const char *nu_ngettext(const char *one, const char *many, int64_t n);
NU_PUBLIC const char *nu_npgettext(const char *context, const char *one, const char *many,
                                   int64_t n);

/* The text with its one placeholder – %d, %s, %(name)d, %(name)s – replaced by `argument`, and %% by
 * a percent sign. Translations are data: they are never given to printf. In the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_fill(const char *text, const char *argument);

/* ---- the active language ---------------------------------------------------------------------- */

/* "de", "pt-br"; the default language when none was activated. Never NULL. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_language(void);
/* Activates a language (borrowed; NULL: the default) for the running fiber. Returns what to hand in
 * to go back. */
NU_PUBLIC const char *nu_language_activate(const char *language);
/* True if there is a catalogue for the language, or it is the default or English. */
NU_PUBLIC bool nu_language_is_offered(const char *language);

/* "pt-br" of "pt_BR" and back; in the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_language_of_locale(const char *locale);
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_locale_of_language(const char *language);

typedef struct nu_language_info {
    const char *code;       /* "de" */
    const char *name;       /* "German" */
    const char *name_local; /* "Deutsch" */
    bool        bidi;       /* written from right to left */
} nu_language_info;

/* What is known of a language, or of "de" for "de-xx"; NULL if nothing is. */
NU_PUBLIC const nu_language_info *nu_language_find(const char *code);

/* ---- the active time zone --------------------------------------------------------------------- */

/* The zone activated for the running fiber, else the default one. Never NULL. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_zone *nu_zone_active(void);
NU_PUBLIC NU_RETURNS_NONNULL const nu_zone *nu_zone_default(void);
/* Activates a zone (NULL: the default). Returns what to hand in to go back. */
NU_PUBLIC const nu_zone *nu_zone_activate(const nu_zone *zone);
