/* What the files of i18n/ share. */
#pragma once

#include "nuages/i18n.h"

/* ---- plural.c --------------------------------------------------------------------------------- */

/* A compiled Plural-Forms header. */
typedef struct nu__plural nu__plural;

/* Reads "nplurals=2; plural=(n != 1);". Raises SyntaxError naming what is wrong and where. */
const nu__plural *nu__plural_new(nu_arena *arena, const char *rule);

/* Which form goes with `n`: 0 … nplurals-1, whatever the rule computes. `plural` NULL: English. */
size_t nu__plural_form(const nu__plural *plural, int64_t n);

/* ---- catalogue.c ------------------------------------------------------------------------------ */

typedef struct nu__message {
    const char        *key; /* context, EOT, id; or the id alone */
    size_t             key_length;
    uint32_t           hash;
    const char *const *texts;
    size_t             count;
    const nu__plural  *plural; /* the rule of the file that the message came from */
} nu__message;

struct nu_catalogue {
    nu_arena         *arena;
    const char       *language; /* "pt-br" */
    nu__message      *slots;    /* open addressing, a power of two; key NULL: free */
    size_t            capacity, count;
    const nu__plural *plural; /* for messages added next */
    nu_formats        formats;
    nu_catalogue     *next;
};

nu_catalogue *nu__catalogue_new(nu_arena *arena, const char *language);

/* NULL if the catalogue has no such message. `context` may be NULL. */
const nu__message *nu__catalogue_find(const nu_catalogue *catalogue, const char *context,
                                      const char *message);

/* Adds a message by its whole key, with `length` bytes of texts, each form ended by a NUL but the
 * last. */
void nu__catalogue_put(nu_catalogue *catalogue, const char *key, size_t key_length,
                       const char *texts, size_t length);

/* ---- locales.c -------------------------------------------------------------------------------- */

/* Formats of one language, worked out once. */
typedef struct nu__resolved nu__resolved;
struct nu__resolved {
    const char   *language;
    nu_formats    formats;
    nu__resolved *next;
};

struct nu_locales {
    nu_arena         *arena;
    nu_locale_options options;
    nu_catalogue     *catalogues;
    nu__resolved     *resolved; /* a cache, filled as languages are met */
};

/* The locales in use; those without anything added when there are none. */
nu_locales *nu__locales(void);

/* The catalogue of exactly this language, or NULL. */
nu_catalogue *nu__locales_find(const nu_locales *locales, const char *language);

/* "pt" of "pt-br": copies what stands before the last dash. False if there is no dash. */
bool nu__language_generic(const char *language, char *out, size_t size);

/* ---- formats.c, formats_table.c --------------------------------------------------------------- */

typedef struct nu__language_formats {
    const char *language;
    nu_formats  formats;
} nu__language_formats;

/* Every member of nu_formats, for what is done to all of them. */
#define NU__FORMAT_TEXTS(X)                                                                        \
    X(date)                                                                                        \
    X(time)                                                                                        \
    X(datetime)                                                                                    \
    X(year_month)                                                                                  \
    X(month_day)                                                                                   \
    X(short_date)                                                                                  \
    X(short_datetime)                                                                              \
    X(decimal_separator)                                                                           \
    X(thousand_separator)                                                                          \
    X(grouping)                                                                                    \
    X(first_day_of_week)
#define NU__FORMAT_LISTS(X)                                                                        \
    X(date_input)                                                                                  \
    X(time_input)                                                                                  \
    X(datetime_input)

/* The format of that name among `formats`; `name` itself if it is none. */
const char *nu__format_named(const nu_formats *formats, const char *name);

/* What we know of the languages' formats; sorted by language, NULL members where nothing is. */
extern const nu__language_formats nu__language_formats_table[];
extern const size_t               nu__language_formats_count;

/* ---- moment.c --------------------------------------------------------------------------------- */

/* A moment taken apart for formatting. */
typedef struct nu__moment {
    nu_type        type;    /* NU_DATE, NU_TIME, NU_DATETIME */
    nu_civil       civil;   /* the clock where the moment belongs */
    const nu_zone *zone;    /* the zone that e, T, O … speak of; NULL: a fixed offset */
    int64_t        unix_us; /* of an aware moment, and of a naive one once it is settled */
    bool           naive;
    bool           settled;
    bool           uncertain; /* settled: the clock shows this reading twice, or never */
} nu__moment;

/* False for a value that is no moment. */
bool nu__moment_read(nu_value value, nu__moment *out);

/* Finds out what only few formats ask for and takes several look-ups: a naive moment's offset, and
 * whether the clock is moved at that time. */
void nu__moment_settle(nu__moment *moment);

/* ---- number.c --------------------------------------------------------------------------------- */

/* Appends the text with spaces at which no line breaks. */
void nu__put_unbroken(nu_builder *out, const char *text);
