#include "command/serving.h"

static const nu_option_def options[] = {
    {"workers", .letter = 'w', .value = "N",
     .help = "processes; by default as the settings say, or one a processor"},
    {"access-log", .help = "a line for each request"},
    {0},
};

static nu_server *server;

static void say_ready(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < nu_server_address_count(server); i++)
        nu_say("Serving at %s", nu_server_url(server, i));
}

static int wanted_workers(const nu_command_call *call)
{
    if (nu_option(call, "workers") == NULL)
        return nu_settings_current()->workers > 0 ? nu_settings_current()->workers : -1;
    int64_t workers = nu_option_int(call, "workers");
    if (workers < 1 || workers > 1024)
        nu_raise(NU__USAGE, "the option --workers takes a number from 1 to 1024");
    return (int)workers;
}

static void run(const nu_command_call *call)
{
    if (nu_settings_current()->debug)
        nu_complain("%s debug is on: error pages show source and settings. Set debug to false in "
                    "production.",
                    nu_styled(NU_STYLE_WARN, "warning:"));
    nu_server_options site = nu__site_server_options();
    site.listen = nu__listen_addresses(call);
    site.workers = wanted_workers(call);
    site.access_log |= nu_option_flag(call, "access-log");
    site.command = (const char *const *)nu__program_arguments();
    site.ready = say_ready;
    site.slice_limit_ms = 50;
    server = nu_server_open(nu_arena_current(), &site);
    nu_command_exit(call, nu_server_run(server));
    nu_server_close(server);
}

const nu_command nu__command_serve = {
    .name = "serve",
    .help =
        "Serves the site: a supervisor and its workers, for production.\n"
        "ADDRESS is host:port, :port, port or unix:/path. SIGHUP reloads, SIGTERM ends in order.",
    .arguments = "[ADDRESS]",
    .max_arguments = 1,
    .options = options,
    .run = run,
};
