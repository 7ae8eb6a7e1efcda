/* The main program: settings, then whatever command it is called with. */
#include "site.h"

static void configure(nu_settings *s)
{
    s->secret_key = nu_env("SECRET_KEY");
    s->debug = nu_env_bool("DEBUG", false);
    s->allowed_hosts = nu_env_list("ALLOWED_HOSTS");
    s->database = nu_env_or("DATABASE_URL", "sqlite:site.db");

    s->apps = NU_APPS(&nu_sessions_app);
    s->middleware = NU_MIDDLEWARE(&nu_session_middleware, NU_DEFAULT_MIDDLEWARE);
    s->urls = site_urls;
    s->template_dirs = NU_TEXTS("templates");
    s->time_zone = "UTC";
}

int main(int argc, char **argv)
{
    return nu_main(argc, argv, configure);
}
