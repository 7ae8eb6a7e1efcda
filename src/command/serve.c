#include "command/serving.h"

#include <unistd.h>

#include "nuages/file.h"

static const nu_option_def options[] = {
    {"workers", .letter = 'w', .value = "N",
     .help = "processes; by default as the settings say, or one a processor"},
    {"access-log", .help = "a line for each request"},
    {"tls-cert", .value = "FILE", .repeats = true,
     .help = "certificate in PEM form, its chain behind it: speak TLS. Several are told apart by "
             "host name"},
    {"tls-key", .value = "FILE", .repeats = true, .help = "its key, in the same order"},
    {"redirect-http", .value = "ADDRESS", .repeats = true,
     .help = "where plain HTTP is redirected to https"},
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

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

static nu_certificate *pairs_of(const char *const *certificates, const char *const *keys,
                                const char *folder)
{
    size_t          count = count_texts(certificates);
    nu_certificate *pairs = nu_alloc((count + 1) * sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] =
            (nu_certificate){nu_path_join(folder, certificates[i]), nu_path_join(folder, keys[i])};
    pairs[count] = (nu_certificate){0};
    return pairs;
}

/* Those of the command line stand in the place of the settings'. */
static const nu_certificate *wanted_certificates(const nu_command_call *call)
{
    const nu_settings *s = nu_settings_current();
    const char *const *certificates = nu_option_texts(call, "tls-cert");
    const char *const *keys = nu_option_texts(call, "tls-key");
    if (count_texts(certificates) != count_texts(keys))
        nu_raise(NU__USAGE, "each --tls-cert needs its --tls-key");
    if (count_texts(certificates) > 0)
        return pairs_of(certificates, keys, ".");
    return pairs_of(s->tls_certificates, s->tls_keys, s->base_dir);
}

static const char *const *wanted_redirects(const nu_command_call *call)
{
    const char *const *given = nu_option_texts(call, "redirect-http");
    return *given != NULL ? given : nu_settings_current()->redirect_http;
}

static void run(const nu_command_call *call)
{
    if (nu_settings_current()->debug)
        nu_complain("%s debug is on: error pages show source and settings. Set debug to false in "
                    "production.",
                    nu_styled(NU_STYLE_WARN, "warning:"));
    const nu_sandbox *sandbox = nu__site_sandbox();
    if (geteuid() == 0 && sandbox->user == NULL)
        nu_complain("%s workers run as root. Name a user in the setting \"user\", or give the "
                    "project's folder to one.",
                    nu_styled(NU_STYLE_WARN, "warning:"));
    nu_server_options site = nu__site_server_options();
    site.sandbox = sandbox;
    site.listen = nu__listen_addresses(call);
    site.workers = wanted_workers(call);
    site.certificates = wanted_certificates(call);
    site.redirect = wanted_redirects(call);
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
