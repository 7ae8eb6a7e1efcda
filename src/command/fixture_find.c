/* Where fixtures lie. */
#include <string.h>

#include "command/fixture.h"
#include "nuages/app.h"
#include "nuages/file.h"

static const char *const endings[] = {"", ".json", ".jsonl", ".json.gz", ".jsonl.gz"};

/* A file of that name with one of the endings; NULL if there is none. Two of them are one too many to choose. */
static const char *with_ending(const char *path)
{
    const char *found = NULL;
    for (size_t i = 0; i < NU_COUNT(endings); i++) {
        const char *longer = nu_fmt("%s%s", path, endings[i]);
        if (!nu_file_exists(longer))
            continue;
        if (i == 0)
            return longer;
        if (found != NULL)
            nu_raise(NU_COMMAND_ERROR,
                     "there are two fixtures of this name, %s and %s: give one with its ending",
                     found, longer);
        found = longer;
    }
    return found;
}

const char *nu__fixture_find(const char *name, const char *app_label)
{
    const char *path = strcmp(name, "-") == 0 ? name : app_label == NULL ? with_ending(name) : NULL;
    for (const nu_app *const *app = nu_apps(); *app != NULL && path == NULL; app++) {
        const char *folder = nu_app_folder(*app);
        if (folder != NULL && (app_label == NULL || strcmp((*app)->label, app_label) == 0))
            path = with_ending(nu_path_join(nu_path_join(folder, "fixtures"), name));
    }
    if (path == NULL) {
        nu_error *error = nu_error_new(NU_COMMAND_ERROR, "no fixture \"%s\"", name);
        error->hint = "Give a path, or the name of a file in the fixtures/ folder of an app.";
        nu_throw(error);
    }
    return path;
}
