/* The locales of the process and what is active in the running fiber. */
#include "i18n/internal.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/ambient.h"
#include "nuages/file.h"

static const char *const input_dates[] = {
    "%Y-%m-%d",  "%m/%d/%Y", "%m/%d/%y",  "%b %d %Y", "%b %d, %Y", "%d %b %Y",
    "%d %b, %Y", "%B %d %Y", "%B %d, %Y", "%d %B %Y", "%d %B, %Y", NULL,
};
static const char *const input_times[] = {"%H:%M:%S", "%H:%M:%S.%f", "%H:%M", NULL};
static const char *const input_datetimes[] = {
    "%Y-%m-%d %H:%M:%S",    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",       "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M",
    "%m/%d/%y %H:%M:%S",    "%m/%d/%y %H:%M:%S.%f",
    "%m/%d/%y %H:%M",       NULL,
};

#define DEFAULT_LANGUAGE "en-us"
#define DEFAULT_FORMATS                                                                            \
    {                                                                                              \
        .date = "N j, Y", .time = "P", .datetime = "N j, Y, P", .year_month = "F Y",               \
        .month_day = "F j", .short_date = "m/d/Y", .short_datetime = "m/d/Y P",                    \
        .decimal_separator = ".", .thousand_separator = ",", .grouping = "0",                      \
        .first_day_of_week = "0", .date_input = input_dates, .time_input = input_times,            \
        .datetime_input = input_datetimes,                                                         \
    }

static const nu_formats default_formats = DEFAULT_FORMATS;

/* What holds before an application has said anything. */
static nu_locales english = {.options = {.language = DEFAULT_LANGUAGE, .formats = DEFAULT_FORMATS}};

static nu_locales *in_use = &english;

nu_locales *nu__locales(void)
{
    return in_use;
}

nu_locales *nu_locales_new(nu_arena *arena, const nu_locale_options *options)
{
    nu_locales *locales = nu_arena_zalloc(arena, sizeof *locales);
    locales->arena = arena;
    if (options != NULL)
        locales->options = *options;
    if (locales->options.language == NULL)
        locales->options.language = DEFAULT_LANGUAGE;
#define X(member)                                                                                  \
    if (locales->options.formats.member == NULL)                                                   \
        locales->options.formats.member = default_formats.member;
    NU__FORMAT_TEXTS(X)
    NU__FORMAT_LISTS(X)
#undef X
    return locales;
}

const nu_locales *nu_locales_use(const nu_locales *locales)
{
    const nu_locales *before = in_use;
    in_use = locales == NULL ? &english : (nu_locales *)locales;
    return before;
}

const nu_locale_options *nu_locale_settings(void)
{
    return &in_use->options;
}

nu_catalogue *nu__locales_find(const nu_locales *locales, const char *language)
{
    size_t length = strlen(language);
    for (nu_catalogue *c = locales->catalogues; c != NULL; c = c->next)
        if (nu_equal_ascii_nocase(c->language, strlen(c->language), language, length))
            return c;
    return NULL;
}

nu_catalogue *nu_locales_catalogue(nu_locales *locales, const char *language)
{
    nu_catalogue *catalogue = nu__locales_find(locales, language);
    if (catalogue == NULL) {
        catalogue = nu__catalogue_new(locales->arena, language);
        catalogue->next = locales->catalogues;
        locales->catalogues = catalogue;
    }
    return catalogue;
}

/* ---- loading ---------------------------------------------------------------------------------- */

#define CATALOGUE_MAX ((size_t)64 << 20)

/* False if there is no such file; one that cannot be read is a mistake that nobody would find otherwise. */
static bool read_catalogue(const char *path, nu_value *out)
{
    if (nu_file_try(path, CATALOGUE_MAX, out))
        return true;
    if (errno != ENOENT && errno != ENOTDIR)
        nu_raise(NU_SYSTEM_ERROR, "the catalogue \"%s\" cannot be read: %s", path,
                 strerror(errno));
    return false;
}

static bool load_file(nu_locales *locales, const char *folder, const char *locale,
                      const char *domain)
{
    const char *mo = nu_fmt("%s/%s/LC_MESSAGES/%s.mo", folder, locale, domain);
    const char *po = nu_fmt("%s/%s/LC_MESSAGES/%s.po", folder, locale, domain);
    nu_value    content;
    bool        compiled = read_catalogue(mo, &content);
    if (!compiled && !read_catalogue(po, &content))
        return false;
    nu_catalogue *catalogue = nu_locales_catalogue(locales, nu_language_of_locale(locale));
    if (compiled)
        nu_catalogue_read(catalogue, mo, content.bytes, content.length);
    else
        nu_catalogue_read_po(catalogue, po, (const char *)content.bytes, content.length);
    return true;
}

static void close_folder(void *folder)
{
    if (folder != NULL)
        closedir(folder);
}

size_t nu_locales_load(nu_locales *locales, const char *folder, const char *domain)
{
    nu_arena *scratch = nu_arena_current();
    nu_defer *slot = nu_arena_defer(scratch, close_folder, NULL);
    DIR      *entries = opendir(folder);
    slot->arg = entries;
    if (entries == NULL)
        return 0;
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            count += load_file(locales, folder, entry->d_name, domain);
    nu_arena_undefer(scratch, slot);
    closedir(entries);
    return count;
}

/* ---- translating ------------------------------------------------------------------------------ */

bool nu__language_generic(const char *language, char *out, size_t size)
{
    const char *dash = strrchr(language, '-');
    if (dash == NULL || (size_t)(dash - language) >= size)
        return false;
    memcpy(out, language, (size_t)(dash - language));
    out[dash - language] = '\0';
    return true;
}

static const nu__message *find_in(const char *language, const char *context, const char *message)
{
    nu_catalogue *catalogue = nu__locales_find(in_use, language);
    return catalogue == NULL ? NULL : nu__catalogue_find(catalogue, context, message);
}

static bool is_english(const char *language)
{
    return nu_starts_with(language, "en") && (language[2] == '\0' || language[2] == '-');
}

/* The message in the language, then in what the language is a kind of. */
static const nu__message *find_with_generics(const char *language, const char *context,
                                             const char *message)
{
    char generic[32];
    for (const nu__message *found;;) {
        if ((found = find_in(language, context, message)) != NULL)
            return found;
        if (!nu__language_generic(language, generic, sizeof generic))
            return NULL;
        language = generic;
    }
}

static const nu__message *find_message(const char *context, const char *message)
{
    if (in_use->catalogues == NULL || message[0] == '\0')
        return NULL;
    const char        *language = nu_language();
    const nu__message *found = find_with_generics(language, context, message);
    /* Messages are English, so a kind of English that lacks one wants the message itself. */
    if (found == NULL && !is_english(language))
        found = find_with_generics(in_use->options.language, context, message);
    return found;
}

const char *nu_pgettext(const char *context, const char *message)
{
    const nu__message *found = find_message(context, message);
    return found == NULL ? message : found->texts[0];
}

const char *nu_gettext(const char *message)
{
    return nu_pgettext(NULL, message);
}

const char *nu_npgettext(const char *context, const char *one, const char *many, int64_t n)
{
    const nu__message *found = find_message(context, one);
    if (found == NULL)
        return n == 1 ? one : many;
    size_t form = nu__plural_form(found->plural, n);
    return found->texts[form < found->count ? form : found->count - 1];
}

const char *nu_ngettext(const char *one, const char *many, int64_t n)
{
    return nu_npgettext(NULL, one, many, n);
}

/* Bytes of the placeholder at `at`, which is a percent sign; 0 if it is none. */
static size_t placeholder_length(const char *at)
{
    const char *end = at + 1;
    if (*end == '(') {
        end = strchr(end, ')');
        if (end == NULL)
            return 0;
        end++;
    }
    return *end == 'd' || *end == 's' ? (size_t)(end + 1 - at) : 0;
}

const char *nu_fill(const char *text, const char *argument)
{
    nu_builder out;
    nu_builder_init(&out, NULL, strlen(text) + strlen(argument) + 1);
    while (*text != '\0') {
        size_t plain = strcspn(text, "%");
        nu_builder_add(&out, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        size_t length = placeholder_length(text);
        if (length > 0)
            nu_builder_puts(&out, argument);
        else
            nu_builder_putc(&out, '%');
        text += length > 0 ? length : text[1] == '%' ? 2 : 1;
    }
    return nu_builder_text(&out);
}

/* ---- what is active --------------------------------------------------------------------------- */

const char *nu_language(void)
{
    const char *language = nu__ambient()->language;
    return language != NULL ? language : in_use->options.language;
}

const char *nu_language_activate(const char *language)
{
    struct nu_ambient *ambient = nu__ambient();
    const char        *before = ambient->language;
    ambient->language = language;
    return before;
}

bool nu_language_is_offered(const char *language)
{
    return is_english(language) || strcmp(language, in_use->options.language) == 0 ||
           nu__locales_find(in_use, language) != NULL;
}

const nu_zone *nu_zone_default(void)
{
    const nu_zone *zone = in_use->options.zone;
    return zone != NULL ? zone : nu_zone_get("UTC");
}

const nu_zone *nu_zone_active(void)
{
    const nu_zone *zone = nu__ambient()->zone;
    return zone != NULL ? zone : nu_zone_default();
}

const nu_zone *nu_zone_activate(const nu_zone *zone)
{
    struct nu_ambient *ambient = nu__ambient();
    const nu_zone     *before = ambient->zone;
    ambient->zone = zone;
    return before;
}
