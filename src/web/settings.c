#include "web/internal.h"

#include <string.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/url.h"
#include "web/standing.h"

static nu_settings current;
static bool        is_set_up;

const nu_settings *nu_settings_current(void)
{
    if (!is_set_up)
        nu_raise(NU_CONFIG_ERROR, "the settings are not set up yet");
    return &current;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static NU_NORETURN void raise_setting(const char *name, const char *problem, const char *hint)
{
    nu_error *error = nu_error_new(NU_CONFIG_ERROR, "the setting \"%s\" %s", name, problem);
    error->hint = hint;
    nu_throw(error);
}

/* A URL prefix that the site serves itself starts and ends with a slash. */
static void check_prefix(const char *name, const char *prefix)
{
    if (prefix[0] == '\0' || prefix[strlen(prefix) - 1] != '/')
        raise_setting(name, nu_fmt("is \"%s\", which does not end in a slash", prefix),
                      "Write it like \"/static/\".");
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* A list made by NU_STRS inside `configure` ended with it: its memory is on the stack below us. */
static void check_lives(const char *name, const void *list)
{
    const char *here = __builtin_frame_address(0);
    const char *at = list;
    if (at != NULL && at < here && here - at < (1 << 20))
        raise_setting(name, "is a list that ended with the function that made it",
                      "Write NU_TEXTS(…) instead of NU_STRS(…).");
}

static void check_lists(const nu_settings *s)
{
    check_lives("secret_key_fallbacks", s->secret_key_fallbacks);
    check_lives("allowed_hosts", s->allowed_hosts);
    check_lives("template_dirs", s->template_dirs);
    check_lives("template_loaders", s->template_loaders);
    check_lives("template_engines", s->template_engines);
    check_lives("static_dirs", s->static_dirs);
    check_lives("locale_paths", s->locale_paths);
    check_lives("languages", s->languages);
    check_lives("writable_dirs", s->writable_dirs);
    check_lives("csrf_trusted_origins", s->csrf_trusted_origins);
    check_lives("tls_certificates", s->tls_certificates);
    check_lives("tls_keys", s->tls_keys);
    check_lives("redirect_http", s->redirect_http);
    check_lives("apps", s->apps);
    check_lives("middleware", s->middleware);
    check_lives("context_processors", s->context_processors);
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

static void check_all(const nu_settings *s)
{
    if (s->secret_key == NULL || *s->secret_key == '\0')
        raise_setting("secret_key", "is missing",
                      "Set s->secret_key in configure, usually to nu_env(\"SECRET_KEY\").");
    if (s->urls == NULL)
        raise_setting("urls", "is missing",
                      "Set s->urls in configure to the site's table of routes.");
    if (nu_zone_find(s->time_zone) == NULL)
        raise_setting("time_zone", nu_fmt("is \"%s\", which is no time zone", s->time_zone),
                      "Write a name of the tz database such as \"Europe/Zurich\".");
    if (!is_one_of(s->log_level, NU_STRS("debug", "info", "warning", "error")))
        raise_setting("log_level", nu_fmt("is \"%s\"", s->log_level),
                      "Write debug, info, warning or error.");
    check_prefix("static_url", s->static_url);
    check_prefix("media_url", s->media_url);
    if (count_texts(s->tls_keys) != count_texts(s->tls_certificates))
        raise_setting("tls_keys", "does not have as many files as tls_certificates",
                      "Name the key of each certificate, in the same order.");
    if (s->workers < 0)
        raise_setting("workers", "is negative", "Write 0 for one a processor.");
}

/* ---- defaults -------------------------------------------------------------------------------- */

#define DEFAULT_TO(member, value)                                                                  \
    do {                                                                                           \
        if (!s->member)                                                                            \
            s->member = (value);                                                                   \
    } while (0)

const char *nu__program_folder(void)
{
    char    path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return ".";
    path[length] = '\0';
    return nu_path_folder(path);
}

static void fill_defaults(nu_settings *s)
{
    static const nu_app *const        no_apps[] = {NULL};
    static const nu_middleware *const default_chain[] = {NU_DEFAULT_MIDDLEWARE, NULL};
    static const char *const          own_hosts[] = {".localhost", "127.0.0.1", "[::1]", NULL};
    static const char *const          no_hosts[] = {NULL};
    static const char *const          own_locales[] = {"locale", NULL};

    DEFAULT_TO(apps, no_apps);
    DEFAULT_TO(base_dir, nu__program_folder());
    DEFAULT_TO(time_zone, "UTC");
    DEFAULT_TO(language_code, "en-us");
    DEFAULT_TO(locale_paths, own_locales);
    DEFAULT_TO(allowed_hosts, s->debug ? own_hosts : no_hosts);
    DEFAULT_TO(database_timeout_ms, 5000);
    DEFAULT_TO(middleware, default_chain);
    DEFAULT_TO(max_body, 2621440);
    DEFAULT_TO(max_upload, (size_t)100 << 20);
    DEFAULT_TO(max_fields, 1000);
    DEFAULT_TO(max_files, 100);
    DEFAULT_TO(string_if_invalid, "");
    DEFAULT_TO(static_url, "/static/");
    DEFAULT_TO(media_url, "/media/");
    DEFAULT_TO(session_cookie_name, "sessionid");
    DEFAULT_TO(session_cookie_age, 14 * 24 * 3600);
    DEFAULT_TO(session_cookie_path, "/");
    DEFAULT_TO(csrf_cookie_name, "csrftoken");
    DEFAULT_TO(csrf_header_name, "X-CSRFToken");
    DEFAULT_TO(csrf_cookie_age, 364 * 24 * 3600);
    DEFAULT_TO(referrer_policy, "same-origin");
    DEFAULT_TO(opener_policy, "same-origin");
    DEFAULT_TO(frame_options, "DENY");
    DEFAULT_TO(log_level, s->debug ? "debug" : "info");
}

void nu__settings_setup(const nu_settings *given)
{
    check_lists(given);
    current = *given;
    fill_defaults(&current);
    check_all(&current);
    nu__standing_setup(&current);
    is_set_up = true;
}

/* ---- for the error page ---------------------------------------------------------------------- */

static nu_value texts_value(const char *const *texts)
{
    return texts != NULL ? nu_value_texts(texts) : nu_null();
}

/* A database URL with its password hidden: scheme://user:********@host/name */
static const char *without_password(const char *url)
{
    if (url == NULL)
        return NULL;
    const char *user = strstr(url, "://");
    const char *at = strrchr(url, '@');
    if (user == NULL || at == NULL || at < user)
        return url;
    const char *colon = memchr(user + 3, ':', (size_t)(at - user - 3));
    if (colon == NULL)
        return url;
    return nu_fmt("%.*s:********%s", (int)(colon - url), url, at);
}

static void show(nu_list *list, const char *name, nu_value value)
{
    nu_list_add(list, nu_list_of(name, value));
}

nu_list *nu__settings_shown(void)
{
    const nu_settings *s = nu_settings_current();
    nu_list           *labels = nu_list_new();
    for (const nu_app *const *app = s->apps; *app != NULL; app++)
        nu_list_add(labels, (*app)->label);
    nu_list *chain = nu_list_new();
    for (const nu_middleware *const *m = s->middleware; *m != NULL; m++)
        nu_list_add(chain, (*m)->name);

    nu_list *list = nu_list_new();
    show(list, "apps", nu_value_list(labels));
    show(list, "secret_key", NU_V("********"));
    show(list, "debug", NU_V(s->debug));
    show(list, "allowed_hosts", texts_value(s->allowed_hosts));
    show(list, "base_dir", NU_V(s->base_dir));
    show(list, "time_zone", NU_V(s->time_zone));
    show(list, "language_code", NU_V(s->language_code));
    show(list, "database", NU_V(without_password(s->database)));
    show(list, "middleware", nu_value_list(chain));
    show(list, "template_dirs", texts_value(s->template_dirs));
    show(list, "static_url", NU_V(s->static_url));
    show(list, "static_dirs", texts_value(s->static_dirs));
    show(list, "session_cookie_name", NU_V(s->session_cookie_name));
    show(list, "session_cookie_age", NU_V(s->session_cookie_age));
    show(list, "csrf_cookie_name", NU_V(s->csrf_cookie_name));
    show(list, "max_body", NU_V(s->max_body));
    show(list, "workers", NU_V(s->workers));
    return list;
}
