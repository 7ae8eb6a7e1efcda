#include <string.h>

#include "nuages/file.h"

#include "command/internal.h"
#include "command/skeleton.h"

static void run(const nu_command_call *call)
{
    const char *name = nu_argument(call, 0);
    nu__skeleton_check_name("an app", name);
    const char *folder = nu_argument(call, 1) != NULL ? nu_argument(call, 1) : name;
    nu__skeleton_write("app", folder, nu_dict_of("name", name));
    if (call->verbosity == 0)
        return;
    nu_say("%s App \"%s\" made in %s/. Three lines connect it:\n", nu_styled(NU_STYLE_OK, "OK:"),
           name, folder);
    nu_say("  site.h     #include \"%s/%s.h\"", folder, name);
    nu_say("  manage.c   s->apps = NU_APPS(&nu_sessions_app, &%s);", name);
    nu_say("  urls.c     NU_INCLUDE(\"%s/\", %s_urls, .app_name = \"%s\"),", name, name, name);
}

const nu_command nu__command_startapp = {
    .name = "startapp",
    .help = "Makes the files of a new app.",
    .arguments = "NAME [FOLDER]",
    .min_arguments = 1,
    .max_arguments = 2,
    .needs = NU_NEEDS_NOTHING,
    .run = run,
};
