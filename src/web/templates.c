/* The site's template engine: where templates come from and what every page's context holds. */
#include "web/internal.h"

#include <string.h>

#include "nuages/file.h"
#include "nuages/model.h"

#include "web/fragments.h"

static nu_engine *site_engine;

/* The engines of the setting template_engines, ended by {0}. */
static struct named {
    const char *name;
    nu_engine  *engine;
} * named_engines;

nu_engine *nu__site_engine(void)
{
    if (site_engine == NULL)
        nu_raise(NU_CONFIG_ERROR, "the site's templates are not set up yet");
    return site_engine;
}

/* ---- variables of every page ----------------------------------------------------------------- */

static nu_value get_request(void *request)
{
    return nu_value_object(request);
}

static nu_value get_csrf_token(void *request)
{
    return request != NULL ? nu_value_text(nu__csrf_token(request)) : nu_null();
}

static nu_value get_debug(void *request)
{
    (void)request;
    return nu_value_bool(nu_settings_current()->debug);
}

static nu_value get_static_url(void *request)
{
    (void)request;
    return nu_value_text(nu_settings_current()->static_url);
}

static nu_value get_media_url(void *request)
{
    (void)request;
    return nu_value_text(nu_settings_current()->media_url);
}

static const nu_template_variable page_variables[] = {
    {"request", get_request},       {"csrf_token", get_csrf_token}, {"debug", get_debug},
    {"STATIC_URL", get_static_url}, {"MEDIA_URL", get_media_url},   {0},
};

/* ---- set-up ---------------------------------------------------------------------------------- */

static const nu_template_loader *embedded_loader(const nu_embedded *files)
{
    nu_template_loader *loader = nu_alloc(sizeof *loader);
    *loader = (nu_template_loader){
        .name = "embedded",
        .data = (void *)(uintptr_t)files,
        .load = nu_template_load_embedded,
    };
    return loader;
}

static size_t count_apps(void)
{
    size_t count = 0;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        count++;
    return count;
}

/* The site's own loaders, then one a folder and one for each table of embedded files: those of the settings
 * first. */
static const nu_template_loader *const *make_loaders(const nu_settings *settings)
{
    size_t dirs = 0, own = 0, used = 0;
    while (settings->template_dirs != NULL && settings->template_dirs[dirs] != NULL)
        dirs++;
    while (settings->template_loaders != NULL && settings->template_loaders[own] != NULL)
        own++;
    const nu_template_loader **list = nu_alloc((own + dirs + 2 * count_apps() + 2) * sizeof *list);
    for (; used < own; used++)
        list[used] = settings->template_loaders[used];
    for (size_t i = 0; i < dirs; i++)
        list[used++] =
            nu__folder_loader(nu_path_join(settings->base_dir, settings->template_dirs[i]));
    if (settings->files != NULL)
        list[used++] = embedded_loader(settings->files);
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++) {
        const char *folder = nu_app_folder(*app);
        if (folder != NULL && nu_folder_exists(nu_path_join(folder, "templates")))
            list[used++] = nu__folder_loader(nu_path_join(folder, "templates"));
        if ((*app)->files != NULL)
            list[used++] = embedded_loader((*app)->files);
    }
    return list;
}

const nu_template_loader *nu__folder_loader(const char *folder)
{
    nu_template_loader *loader = nu_alloc(sizeof *loader);
    *loader = (nu_template_loader){
        .name = folder,
        .data = (void *)(uintptr_t)folder,
        .load = nu_template_load_dir,
        .stamp = nu_template_stamp_file,
    };
    return loader;
}

static const nu_template_library *const *all_libraries(void)
{
    size_t count = 0;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        for (size_t i = 0; (*app)->libraries != NULL && (*app)->libraries[i] != NULL; i++)
            count++;
    const nu_template_library **list = nu_alloc((count + 1) * sizeof *list);
    size_t                      used = 0;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        for (size_t i = 0; (*app)->libraries != NULL && (*app)->libraries[i] != NULL; i++)
            list[used++] = (*app)->libraries[i];
    return list;
}

static nu_engine_options site_options(const nu_settings *settings)
{
    static const nu_template_variable *const variables[] = {page_variables, NULL};
    return (nu_engine_options){
        .loaders = make_loaders(settings),
        .watch = settings->debug,
        .debug = settings->debug,
        .string_if_invalid = settings->string_if_invalid,
        .libraries = all_libraries(),
        .variables = variables,
        .hooks = {.data = nu__fragments_new(),
                  .url = nu__template_url,
                  .static_url = nu__template_static,
                  .cache_get = nu__fragments_get,
                  .cache_set = nu__fragments_set},
        .static_prefix = settings->static_url,
        .media_prefix = settings->media_url,
        .languages = settings->languages,
    };
}

/* ---- engines beside the site's ---------------------------------------------------------------- */

/* Two NULL-ended lists in a row; either may be NULL. */
static const void **joined(const void *const *first, const void *const *second)
{
    size_t firsts = 0, seconds = 0;
    while (first != NULL && first[firsts] != NULL)
        firsts++;
    while (second != NULL && second[seconds] != NULL)
        seconds++;
    const void **list = nu_alloc((firsts + seconds + 1) * sizeof *list);
    for (size_t i = 0; i < firsts; i++)
        list[i] = first[i];
    for (size_t i = 0; i < seconds; i++)
        list[firsts + i] = second[i];
    list[firsts + seconds] = NULL;
    return list;
}

static bool has_hooks(const nu_template_hooks *hooks)
{
    return hooks->url != NULL || hooks->static_url != NULL || hooks->cache_get != NULL ||
           hooks->cache_set != NULL;
}

/* What an engine's options leave open is as the site has it; its own tables win over the site's. */
static nu_engine_options completed(nu_engine_options options, const nu_engine_options *site)
{
    options.watch |= site->watch;
    options.debug |= site->debug;
    if (!has_hooks(&options.hooks))
        options.hooks = site->hooks;
    if (options.string_if_invalid == NULL)
        options.string_if_invalid = site->string_if_invalid;
    if (options.static_prefix == NULL)
        options.static_prefix = site->static_prefix;
    if (options.media_prefix == NULL)
        options.media_prefix = site->media_prefix;
    if (options.languages == NULL)
        options.languages = site->languages;
    options.libraries = (const nu_template_library *const *)joined(
        (const void *const *)site->libraries, (const void *const *)options.libraries);
    options.variables = (const nu_template_variable *const *)joined(
        (const void *const *)site->variables, (const void *const *)options.variables);
    return options;
}

static nu_engine *named_find(const char *name)
{
    for (const struct named *at = named_engines; at->name != NULL; at++)
        if (strcmp(at->name, name) == 0)
            return at->engine;
    return NULL;
}

static void make_engines(const nu_named_engine *given, const nu_engine_options *site)
{
    size_t count = 0;
    while (given != NULL && given[count].name != NULL)
        count++;
    named_engines = nu_arena_array(nu_arena_current(), count + 1, sizeof *named_engines);
    for (size_t i = 0; i < count; i++) {
        if (named_find(given[i].name) != NULL)
            nu_raise(NU_CONFIG_ERROR, "two template engines have the name \"%s\"", given[i].name);
        nu_engine_options options = completed(given[i].options, site);
        named_engines[i] = (struct named){given[i].name, nu_engine_new(&options)};
    }
}

static NU_NORETURN void no_engine(const char *name)
{
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "there is no template engine \"%s\"", name);
    error->hint = "The setting template_engines lists them.";
    nu_throw(error);
}

nu_engine *nu_template_engine(const char *name)
{
    nu_engine *site = nu__site_engine();
    if (name == NULL)
        return site;
    nu_engine *engine = named_find(name);
    if (engine == NULL)
        no_engine(name);
    return engine;
}

void nu__templates_setup(const nu_settings *settings)
{
    nu_engine_options options = site_options(settings);
    site_engine = nu_engine_new(&options);
    make_engines(settings->template_engines, &options);
}

/* ---- rendering ------------------------------------------------------------------------------- */

nu_value nu__render_page(nu_request *request, const char *name, const nu_dict *context,
                         nu_pairs pairs)
{
    const nu_context_processor *processors = nu_settings_current()->context_processors;
    nu_dict                    *variables = (nu_dict *)(uintptr_t)context;
    if (processors != NULL && request != NULL) {
        variables = nu_dict_new();
        for (; *processors != NULL; processors++)
            (*processors)(request, variables);
        for (nu_entry *entry = NULL;
             context != NULL && (entry = nu_dict_next(context, entry)) != NULL;)
            nu_dict_put(variables, entry->key, entry->value);
    }
    nu_builder page;
    nu_builder_init(&page, NULL, 4096);
    nu_template_write(
        nu_template_get(nu__site_engine(), name),
        &(nu_render_options){.context = variables, .pairs = pairs, .request = request}, &page);
    return nu_builder_value(&page);
}
