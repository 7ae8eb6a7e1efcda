/* Which formats hold for a language: those given with its catalogue, else ours, each time first for
 * "de-at" and then for "de"; what is still open the options decide. */
#include "i18n/internal.h"

#include <stdlib.h>
#include <string.h>

static int compare_language(const void *language, const void *entry)
{
    return strcmp(language, ((const nu__language_formats *)entry)->language);
}

static const nu_formats *find_ours(const char *language)
{
    const nu__language_formats *found =
        bsearch(language, nu__language_formats_table, nu__language_formats_count,
                sizeof nu__language_formats_table[0], compare_language);
    return found == NULL ? NULL : &found->formats;
}

static const nu_formats *find_given(const nu_locales *locales, const char *language)
{
    nu_catalogue *catalogue = nu__locales_find(locales, language);
    return catalogue == NULL ? NULL : &catalogue->formats;
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts[count] != NULL)
        count++;
    return count;
}

static bool has_text(const char *const *texts, const char *text)
{
    for (; *texts != NULL; texts++)
        if (strcmp(*texts, text) == 0)
            return true;
    return false;
}

static const char *const iso_dates[] = {"%Y-%m-%d", NULL};
static const char *const iso_times[] = {"%H:%M:%S", "%H:%M:%S.%f", "%H:%M", NULL};
static const char *const iso_datetimes[] = {
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M", "%Y-%m-%d", NULL,
};

/* Every language reads ISO 8601 too. */
static const char *const *with_iso(nu_arena *arena, const char *const *own, const char *const *iso)
{
    size_t       count = count_texts(own);
    const char **all = nu_arena_array(arena, count + count_texts(iso) + 1, sizeof *all);
    memcpy(all, own, count * sizeof *all);
    for (; *iso != NULL; iso++)
        if (!has_text(own, *iso))
            all[count++] = *iso;
    return all;
}

static const char *const *dates_with_times(nu_arena *arena, const char *const *dates)
{
    const char **all =
        nu_arena_array(arena, count_texts(dates) * count_texts(iso_times) + 1, sizeof *all);
    size_t count = 0;
    for (; *dates != NULL; dates++)
        for (const char *const *time = iso_times; *time != NULL; time++)
            all[count++] = nu_arena_format(arena, "%s %s", *dates, *time);
    return all;
}

/* Members of `to` that are open take those of `from`. */
static void fill_open(nu_arena *arena, nu_formats *to, const nu_formats *from)
{
    if (from == NULL)
        return;
#define X(member)                                                                                  \
    if (to->member == NULL)                                                                        \
        to->member = from->member;
    NU__FORMAT_TEXTS(X)
#undef X
    if (to->date_input == NULL && from->date_input != NULL)
        to->date_input = with_iso(arena, from->date_input, iso_dates);
    if (to->time_input == NULL && from->time_input != NULL)
        to->time_input = with_iso(arena, from->time_input, iso_times);
    if (to->datetime_input == NULL && from->datetime_input != NULL)
        to->datetime_input = with_iso(arena, from->datetime_input, iso_datetimes);
    else if (to->datetime_input == NULL && from->date_input != NULL)
        to->datetime_input =
            with_iso(arena, dates_with_times(arena, from->date_input), iso_datetimes);
}

static void resolve(nu_locales *locales, nu_arena *arena, const char *language, nu_formats *out)
{
    char generic[32];
    bool has_generic = nu__language_generic(language, generic, sizeof generic);

    *out = (nu_formats){0};
    fill_open(arena, out, find_given(locales, language));
    if (has_generic)
        fill_open(arena, out, find_given(locales, generic));
    fill_open(arena, out, find_ours(language));
    if (has_generic)
        fill_open(arena, out, find_ours(generic));

    const nu_formats *rest = &locales->options.formats;
#define X(member)                                                                                  \
    if (out->member == NULL)                                                                       \
        out->member = rest->member;
    NU__FORMAT_TEXTS(X)
    NU__FORMAT_LISTS(X)
#undef X
}

/* Names of languages may come from a request, so only those with formats of their own are kept. */
static bool is_worth_keeping(const nu_locales *locales, const char *language)
{
    return find_ours(language) != NULL || nu__locales_find(locales, language) != NULL ||
           strcmp(language, locales->options.language) == 0;
}

const nu_formats *nu_formats_of(const char *language)
{
    nu_locales *locales = nu__locales();
    for (nu__resolved *r = locales->resolved; r != NULL; r = r->next)
        if (strcmp(r->language, language) == 0)
            return &r->formats;

    if (locales->arena == NULL) /* the locales of a process that said nothing */
        locales->arena = nu_arena_new(NULL, "locales");
    bool          keep = is_worth_keeping(locales, language);
    nu_arena     *arena = keep ? locales->arena : nu_arena_current();
    nu__resolved *made = nu_arena_zalloc(arena, sizeof *made);
    resolve(locales, arena, language, &made->formats);
    if (keep) {
        made->language = nu_arena_text(arena, language);
        made->next = locales->resolved;
        locales->resolved = made;
    }
    return &made->formats;
}

const nu_formats *nu_formats_active(void)
{
    return nu_formats_of(nu_language());
}

const char *nu__format_named(const nu_formats *formats, const char *name)
{
    const struct {
        const char *name, *format;
    } all[] = {
        {"DATE_FORMAT", formats->date},
        {"TIME_FORMAT", formats->time},
        {"DATETIME_FORMAT", formats->datetime},
        {"YEAR_MONTH_FORMAT", formats->year_month},
        {"MONTH_DAY_FORMAT", formats->month_day},
        {"SHORT_DATE_FORMAT", formats->short_date},
        {"SHORT_DATETIME_FORMAT", formats->short_datetime},
        {"DECIMAL_SEPARATOR", formats->decimal_separator},
        {"THOUSAND_SEPARATOR", formats->thousand_separator},
        {"NUMBER_GROUPING", formats->grouping},
        {"FIRST_DAY_OF_WEEK", formats->first_day_of_week},
    };
    for (size_t i = 0; i < NU_COUNT(all); i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].format;
    return name;
}

const char *nu_format_named(const char *name)
{
    return nu__format_named(nu_formats_active(), name);
}
