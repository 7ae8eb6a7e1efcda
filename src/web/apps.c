#include "web/internal.h"

#include <string.h>

#include "nuages/file.h"
#include "nuages/model.h"

static const nu_app *const *installed;

const nu_app *const *nu_apps(void)
{
    static const nu_app *const none[] = {NULL};
    return installed != NULL ? installed : none;
}

const nu_app *nu_app_find(const char *label)
{
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        if (strcmp((*app)->label, label) == 0)
            return *app;
    return NULL;
}

/* An absolute path, or one below the project's folder. */
static const char *in_project(const char *path)
{
    return nu_path_join(nu_settings_current()->base_dir, path);
}

const char *nu_app_folder(const nu_app *app)
{
    if (app->source == NULL)
        return NULL;
    const char *folder = in_project(nu_path_folder(app->source));
    return nu_folder_exists(folder) ? folder : NULL;
}

const char *const *nu__app_folders(const char *name)
{
    size_t count = 0;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++)
        count++;
    const char **found = nu_alloc((count + 1) * sizeof *found);
    size_t       used = 0;
    for (const nu_app *const *app = nu_apps(); *app != NULL; app++) {
        const char *folder = nu_app_folder(*app);
        const char *inner = folder != NULL ? nu_path_join(folder, name) : NULL;
        if (inner != NULL && nu_folder_exists(inner))
            found[used++] = inner;
    }
    return found;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static bool is_label(const char *label)
{
    if (!(*label >= 'a' && *label <= 'z'))
        return false;
    for (; *label != '\0'; label++)
        if (!((*label >= 'a' && *label <= 'z') || (*label >= '0' && *label <= '9') ||
              *label == '_'))
            return false;
    return true;
}

static void check_labels(const nu_app *const *apps)
{
    for (size_t i = 0; apps[i] != NULL; i++) {
        const char *label = apps[i]->label;
        if (label == NULL || !is_label(label)) {
            nu_error *error = nu_error_new(NU_CONFIG_ERROR, "\"%s\" cannot be the label of an app",
                                           label != NULL ? label : "");
            error->hint = "A label is lower-case letters, digits and underscores, a letter first.";
            nu_throw(error);
        }
        for (size_t j = 0; j < i; j++)
            if (strcmp(apps[j]->label, label) == 0)
                nu_raise(NU_CONFIG_ERROR, "two installed apps have the label \"%s\"", label);
    }
}

void nu__apps_setup(const nu_settings *settings)
{
    check_labels(settings->apps);
    installed = settings->apps;
    for (const nu_app *const *app = installed; *app != NULL; app++)
        if ((*app)->models != NULL)
            nu_models_add((*app)->label, (*app)->models);
    nu_models_ready();
    for (const nu_app *const *app = installed; *app != NULL; app++)
        if ((*app)->ready != NULL)
            (*app)->ready();
}
