#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/log.h"
#include "nuages/text.h"

#include "command/serving.h"
#include "web/internal.h"

/* ---- the report of a failed build or start --------------------------------------------------- */

static nu_response *show_report(nu_request *request, void *unused)
{
    (void)request;
    (void)unused;
    nu_value     text = nu_file_read(getenv(NU__RUNSERVER_REPORT), 1 << 20);
    nu_response *response =
        nu_html(nu__build_page(nu_fmt("%.*s", (int)text.length, (const char *)text.bytes)));
    nu_response_set_status(response, 500);
    nu_response_set_header(response, "Cache-Control", "no-store");
    return response;
}

static int serve_report(const nu_command_call *call)
{
    static const char *const     any_host[] = {"*", NULL};
    static const nu_http_options http = {.allowed_hosts = any_host};
    nu_log_setup(&(nu_log_options){.level = NU_LOG_WARNING});
    nu_server *server = nu_server_open(nu_arena_current(), &(nu_server_options){
                                                               .listen = nu__listen_addresses(call),
                                                               .handler = show_report,
                                                               .http = &http,
                                                           });
    return nu_server_run(server);
}

/* ---- the site -------------------------------------------------------------------------------- */

static void write_report(const nu_error *error)
{
    const char *text =
        nu_fmt("The program was built, but could not start.\n\n%s", nu_error_text(error, false));
    nu_file_write(getenv(NU__RUNSERVER_REPORT), text, strlen(text));
    nu_complain("%s", nu_error_text(error, false));
}

static bool set_up(void)
{
    NU_TRY {
        nu__prepare_site();
    }
    NU_CATCH (error) {
        write_report(error);
        return false;
    }
    return true;
}

static int serve_site(const nu_command_call *call)
{
    if (!set_up())
        return NU__START_FAILED;
    nu_server_options site = nu__site_server_options();
    site.listen = nu__listen_addresses(call);
    site.workers = 1; /* a view that crashes takes its worker along, not the server */
    site.access_log = call->verbosity > 0;
    site.slice_limit_ms = 50;
    site.timeouts.drain = 1000;
    site.restarts = true;
    site.crash_page = nu_settings_current()->debug ? nu__crash_page : NULL;
    return nu_server_run(nu_server_open(nu_arena_current(), &site));
}

int nu__runserver_child(const nu_command_call *call)
{
    return strcmp(getenv(NU__RUNSERVER_ROLE), "report") == 0 ? serve_report(call)
                                                             : serve_site(call);
}
