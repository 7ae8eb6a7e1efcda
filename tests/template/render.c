#include "render.h"

const char *render_text(const char *text, nu_dict *context)
{
    nu_engine *engine = nu_engine_new(&(nu_engine_options){0});
    return nu_text(nu_template_render(nu_template_from(engine, text), context));
}

static bool load(void *data, const char *name, nu_template_source *out, const char **tried)
{
    const nu_value *text = nu_dict_find(data, name);
    *tried = name;
    if (!text)
        return false;
    *out = (nu_template_source){.text = text->text, .length = text->length, .origin = name};
    return true;
}

nu_engine *engine_of(nu_pairs templates, nu_engine_options options)
{
    nu_template_loader *loader = nu_alloc(sizeof *loader);
    *loader = (nu_template_loader){.name = "test", .data = nu_dict_of_(templates), .load = load};
    const nu_template_loader **loaders = nu_alloc(2 * sizeof *loaders);
    loaders[0] = loader;
    options.loaders = loaders;
    return nu_engine_new(&options);
}

const char *render_named(nu_engine *engine, const char *name, nu_dict *context)
{
    return nu_text(nu_template_render(nu_template_get(engine, name), context));
}

const char *error_of(const char *text, nu_dict *context)
{
    NU_TRY {
        render_text(text, context);
    }
    NU_CATCH (error) {
        return nu_fmt("%s", error->fact);
    }
    return "";
}
