#include <string.h>
#include <strings.h>

#include "command/fixture.h"
#include "nuages/app.h"

static NU_NORETURN void raise_unknown(const char *name)
{
    nu_list *words = nu_list_new();
    for (const nu_model *const *model = nu_models(); *model != NULL; model++)
        if (!nu_model_is_automatic(*model)) {
            nu_list_push(words, nu_value_text(nu_model_app(*model)));
            nu_list_push(words, nu_value_text(nu_model_label(*model)));
        }
    const char **choices = nu_alloc((words->count + 1u) * sizeof *choices);
    for (uint32_t i = 0; i < words->count; i++)
        choices[i] = words->items[i].text;
    nu_error *error =
        nu_error_new(NU_COMMAND_ERROR, "no installed app or model is called \"%s\"", name);
    const char *near = nu_nearest(name, choices);
    error->hint = near != NULL ? nu_fmt("Did you mean \"%s\"?", near) : "Say APP or APP.MODEL.";
    nu_throw(error);
}

static bool is_named(const char *name, const nu_model *model)
{
    return strcmp(name, nu_model_app(model)) == 0 || strcasecmp(name, nu_model_label(model)) == 0;
}

const nu_model *const *nu__fixture_models(const char *name)
{
    size_t count = 0;
    for (const nu_model *const *model = nu_models(); *model != NULL; model++)
        count++;
    const nu_model **found = nu_alloc((count + 1) * sizeof *found);
    size_t           used = 0;
    for (const nu_model *const *model = nu_models(); *model != NULL; model++)
        if (!nu_model_is_automatic(*model) && is_named(name, *model))
            found[used++] = *model;
    if (used == 0 && nu_app_find(name) == NULL)
        raise_unknown(name);
    found[used] = NULL;
    return found;
}

bool nu__fixture_names_model(const char *const *names, const nu_model *model)
{
    for (; *names != NULL; names++)
        if (is_named(*names, model))
            return true;
    return false;
}

void nu__fixture_check_names(const char *const *names)
{
    for (; *names != NULL; names++)
        nu__fixture_models(*names);
}
