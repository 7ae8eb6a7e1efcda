/* The site's template engine: where templates come from and what every page's context holds. */
#include "web/internal.h"

#include "nuages/file.h"
#include "nuages/model.h"

#include "web/fragments.h"

static nu_engine *site_engine;

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

/* One loader a folder, one for each table of embedded files: those of the settings first. */
static const nu_template_loader *const *make_loaders(const nu_settings *settings)
{
    size_t dirs = 0;
    while (settings->template_dirs != NULL && settings->template_dirs[dirs] != NULL)
        dirs++;
    const nu_template_loader **list = nu_alloc((dirs + 2 * count_apps() + 2) * sizeof *list);
    size_t                     used = 0;
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

void nu__templates_setup(const nu_settings *settings)
{
    static const nu_template_variable *const variables[] = {page_variables, NULL};
    site_engine = nu_engine_new(&(nu_engine_options){
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
    });
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
