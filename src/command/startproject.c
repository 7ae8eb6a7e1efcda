#include <string.h>

#include "nuages/random.h"

#include "command/internal.h"
#include "command/skeleton.h"

static void run(const nu_command_call *call)
{
    const char *name = nu_argument(call, 0);
    nu__skeleton_check_name("a project", name);
    const char *folder = nu_argument(call, 1) != NULL ? nu_argument(call, 1) : name;
    nu__skeleton_write("project", folder,
                       nu_dict_of("name", name, "secret_key", nu_random_text(50, NULL)));
    if (call->verbosity == 0)
        return;
    nu_say("%s Project \"%s\" made. Next:\n", nu_styled(NU_STYLE_OK, "OK:"), name);
    nu_say("  cd %s\n  make\n  ./manage migrate\n  ./manage runserver", folder);
}

const nu_command nu__command_startproject = {
    .name = "startproject",
    .help = "Makes a new project: a folder with a program that builds, runs and passes its test.",
    .arguments = "NAME [FOLDER]",
    .min_arguments = 1,
    .max_arguments = 2,
    .needs = NU_NEEDS_NOTHING,
    .run = run,
};
