/* Setting up a site, in the order in which the parts need one another. */
#include "web/internal.h"

#include <string.h>

#include "http/network.h"
#include "nuages/database.h"
#include "nuages/router.h"
#include "nuages/file.h"
#include "nuages/log.h"
#include "nuages/signing.h"

static nu_http_options http_options;

const nu_http_options *nu__http_options(void)
{
    return &http_options;
}

void nu__site_configure(void (*configure)(nu_settings *settings))
{
    nu__env_load(nu_path_join(nu__program_folder(), ".env"));
    nu_settings settings = {0};
    configure(&settings);
    nu__settings_setup(&settings);
}

static nu_level level_of(const char *name)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (size_t i = 0; i < NU_COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return (nu_level)i;
    return NU_LOG_INFO;
}

static void setup_databases(const nu_settings *s)
{
    if (s->database != NULL)
        nu_database_add(NULL, &(nu_database_options){.url = s->database,
                                                     .folder = s->base_dir,
                                                     .timeout_ms = s->database_timeout_ms});
    for (const nu_named_database *at = s->databases; at != NULL && at->alias != NULL; at++) {
        nu_database_options options = at->options;
        if (options.folder == NULL)
            options.folder = s->base_dir;
        if (options.timeout_ms == 0)
            options.timeout_ms = s->database_timeout_ms;
        nu_database_add(at->alias, &options);
    }
    nu_routers_set(s->routers);
}

static void check_networks(const char *const *networks, const char *setting)
{
    for (; networks != NULL && *networks != NULL; networks++)
        if (!nu__network_is_valid(*networks))
            nu_raise(NU_CONFIG_ERROR,
                     "%s: \"%s\" is neither an address nor a network (\"10.0.0.0/8\")", setting,
                     *networks);
}

static void setup_http(const nu_settings *s)
{
    check_networks(s->trusted_proxies, "trusted_proxies");
    check_networks(s->proxy_protocol, "proxy_protocol");
    http_options = (nu_http_options){
        .allowed_hosts = s->allowed_hosts,
        .debug = s->debug,
        .use_forwarded_host = s->use_x_forwarded_host,
        .secure_header = s->secure_proxy_header,
        .secure_value = "https",
        .trusted_proxies = s->trusted_proxies,
        .use_forwarded = s->use_forwarded,
        .max_body = (int64_t)s->max_body,
        .max_fields = (int)s->max_fields,
        .max_files = (int)s->max_files,
    };
}

void nu__site_setup(void)
{
    const nu_settings *s = nu_settings_current();
    nu_log_setup(&(nu_log_options){.level = level_of(s->log_level),
                                   .form = s->log_json ? NU_LOG_JSON : NU_LOG_TEXT});
    nu_signing_setup(s->secret_key, s->secret_key_fallbacks);
    setup_http(s);
    nu__locale_setup(s);
    setup_databases(s);
    nu__query_log_setup(s);
    nu__apps_setup(s);
    nu__urls_setup(s);
    nu__templates_setup(s);
    nu__static_setup(s);
    for (const nu_middleware *const *m = s->middleware; *m != NULL; m++)
        if ((*m)->check != NULL)
            (*m)->check(s);
}
