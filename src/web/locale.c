/* The site's languages: formats, zone and the translations of its apps.
 *
 * A message is looked for, as in Django, in the folders of the setting locale_paths in their order, then in the
 * folder locale/ of each app in the order of the apps. Of what lies both beside the program and inside it, the
 * file beside it counts. */
#include <string.h>

#include "nuages/file.h"
#include "nuages/i18n.h"

#include "web/internal.h"

/* Django's name for the messages of a site. */
#define DOMAIN "django"

/* The locale of "locale/de/LC_MESSAGES/django.mo"; NULL for the name of any other file. */
static const char *locale_of(const char *name, const char *suffix)
{
    static const char folder[] = "locale/";
    const char       *tail = nu_fmt("/LC_MESSAGES/" DOMAIN "%s", suffix);
    size_t            length = strlen(name), around = strlen(folder) + strlen(tail);
    if (!nu_starts_with(name, folder) || !nu_ends_with(name, tail) || length <= around)
        return NULL;
    return nu_fmt("%.*s", (int)(length - around), name + strlen(folder));
}

/* What `nuages embed` put into the program. As on the disk, a compiled catalogue takes the place of the text
 * it was made of. */
static void load_embedded(nu_locales *locales, const nu_embedded *files)
{
    for (const nu_embedded *file = files; file != NULL && file->name != NULL; file++) {
        const char *compiled = locale_of(file->name, ".mo"), *text = locale_of(file->name, ".po");
        if (compiled != NULL) {
            nu_catalogue_read(nu_locales_catalogue(locales, nu_language_of_locale(compiled)),
                              file->name, file->bytes, file->length);
        } else if (text != NULL &&
                   nu_embedded_find(files, nu_fmt("locale/%s/LC_MESSAGES/" DOMAIN ".mo", text)) ==
                       NULL) {
            nu_catalogue_read_po(nu_locales_catalogue(locales, nu_language_of_locale(text)),
                                 file->name, file->bytes, file->length);
        }
    }
}

/* Of messages with the same key the one read last counts: apps and folders go from last to first. */
static void load_all(nu_locales *locales, const nu_settings *s)
{
    size_t apps = 0, paths = 0;
    while (s->apps[apps] != NULL)
        apps++;
    while (s->locale_paths[paths] != NULL)
        paths++;
    while (apps-- > 0) {
        const char *folder = nu_app_folder(s->apps[apps]);
        load_embedded(locales, s->apps[apps]->files);
        if (folder != NULL)
            nu_locales_load(locales, nu_path_join(folder, "locale"), DOMAIN);
    }
    load_embedded(locales, s->files);
    while (paths-- > 0)
        nu_locales_load(locales, nu_path_join(s->base_dir, s->locale_paths[paths]), DOMAIN);
}

/* Moments are kept in UTC and shown in the site's zone, with the formats of its language. */
void nu__locale_setup(const nu_settings *s)
{
    nu_locale_options options = {
        .language = s->language_code, .zone = nu_zone_get(s->time_zone), .use_tz = true};
    nu_arena   *outer = nu_arena_current();
    nu_locales *locales = nu_locales_new(outer, &options);
    nu_arena   *scratch = nu_arena_new(outer, "catalogues");
    nu_arena_enter(scratch);
    load_all(locales, s);
    nu_arena_enter(outer);
    nu_arena_free(scratch);
    nu_locales_use(locales);
}
