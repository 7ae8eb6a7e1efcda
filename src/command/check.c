/* ./manage check: what can be known to be wrong before the first request. Models, routes and
 * middleware are checked whenever the site is set up; templates and the deployment are looked at
 * here. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "nuages/file.h"
#include "nuages/text.h"

#include "command/migrations.h"
#include "template/uses.h"
#include "web/internal.h"

static const nu_option_def options[] = {
    {"deploy", .help = "also what matters in production only"},
    {0},
};

struct findings {
    int errors, warnings, templates;
};

static void found(struct findings *findings, bool is_error, const char *what, const char *hint)
{
    if (is_error)
        findings->errors++;
    else
        findings->warnings++;
    nu_say("%s %s",
           nu_styled(is_error ? NU_STYLE_BAD : NU_STYLE_WARN, is_error ? "error:" : "warning:"),
           what);
    if (hint != NULL)
        nu_say("  hint: %s", hint);
}

/* ---- templates ------------------------------------------------------------------------------- */

static void found_at(struct findings *findings, const char *name, const nu_place *place,
                     const char *what, const char *hint)
{
    const char *file = place->file != NULL ? place->file : name;
    found(findings, true, nu_fmt("%s:%d:%d: %s", file, place->line, place->column, what), hint);
}

/* {% url "name" %}: some route has to be called so. */
static void check_urls(struct findings *findings, const char *name)
{
    size_t                 count;
    const nu_template_use *uses = nu__template_uses(nu__site_engine(), name, "url", &count);
    for (size_t i = 0; i < count; i++) {
        if (uses[i].assigned)
            continue;
        NU_TRY {
            nu_urls_require_name(nu__site_urls(), uses[i].text);
        }
        NU_CATCH (error) {
            found_at(findings, name, &uses[i].place, error->fact, error->hint);
        }
    }
}

/* {% static "path" %}: the file has to be there. A path that ends with a slash is the begin of
 * one. */
static void check_statics(struct findings *findings, const char *name)
{
    size_t                 count;
    const nu_template_use *uses = nu__template_uses(nu__site_engine(), name, "static", &count);
    for (size_t i = 0; i < count; i++) {
        const char *path = uses[i].text + (uses[i].text[0] == '/');
        bool        is_file = *path != '\0' && !nu_ends_with(path, "/");
        if (is_file && !nu__static_exists(path))
            found_at(findings, name, &uses[i].place, nu_fmt("there is no static file \"%s\"", path),
                     "Static files are looked for in static_dirs and in the folder static/ of each "
                     "app.");
    }
}

static void check_template(struct findings *findings, const char *name)
{
    findings->templates++;
    NU_TRY {
        nu_template_get(nu__site_engine(), name);
        check_urls(findings, name);
        check_statics(findings, name);
    }
    NU_CATCH (error) {
        found_at(findings, name, &error->place, error->fact, error->hint);
    }
}

static void check_folder(struct findings *findings, const char *root, const char *below)
{
    nu_check_stack();
    const char *path = *below != '\0' ? nu_path_join(root, below) : root;
    DIR        *folder = opendir(path);
    if (folder == NULL)
        return;
    nu_list *names = nu_list_new();
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            nu_list_push(names, nu_value_text_copy(entry->d_name, strlen(entry->d_name)));
    closedir(folder);
    for (uint32_t i = 0; i < names->count; i++) {
        const char *name =
            *below != '\0' ? nu_path_join(below, names->items[i].text) : names->items[i].text;
        const char *whole = nu_path_join(root, name);
        if (nu_folder_exists(whole))
            check_folder(findings, root, name);
        else if (nu_ends_with(name, ".html") || nu_ends_with(name, ".txt") ||
                 nu_ends_with(name, ".xml"))
            check_template(findings, name);
    }
}

static void check_templates(struct findings *findings)
{
    const nu_settings *s = nu_settings_current();
    for (size_t i = 0; s->template_dirs != NULL && s->template_dirs[i] != NULL; i++) {
        const char *folder = nu_path_join(s->base_dir, s->template_dirs[i]);
        if (!nu_folder_exists(folder) && s->files == NULL) /* one in the binary takes its place */
            found(findings, false, nu_fmt("the template folder \"%s\" does not exist", folder),
                  NULL);
        check_folder(findings, folder, "");
    }
    for (const char *const *folder = nu__app_folders("templates"); *folder != NULL; folder++)
        check_folder(findings, *folder, "");
}

/* ---- models ---------------------------------------------------------------------------------- */

static void model_warning(void *findings, const char *sentence)
{
    found(findings, false, sentence, NULL);
}

/* ---- deployment ------------------------------------------------------------------------------ */

static void check_deployment(struct findings *findings)
{
    const nu_settings *s = nu_settings_current();
    if (s->debug)
        found(findings, false, "debug is on",
              "Set s->debug to false: error pages show source and settings.");
    if (strlen(s->secret_key) < 50)
        found(findings, false, "the secret key has fewer than 50 characters",
              "Make a long random one.");
    if (s->allowed_hosts[0] == NULL)
        found(findings, false, "allowed_hosts is empty",
              "Name the hosts by which the site is reached.");
    if (!s->ssl_redirect)
        found(findings, false, "ssl_redirect is off",
              "Turn it on unless a proxy in front redirects to https.");
    if (s->hsts_seconds == 0)
        found(findings, false, "hsts_seconds is 0",
              "Set it once the whole site is served by https.");
    if (!s->session_cookie_secure || !s->csrf_cookie_secure)
        found(findings, false, "session or CSRF cookies are sent over http too",
              "Set session_cookie_secure and csrf_cookie_secure.");
}

/* Circles, two ends of an app, dependencies that do not exist. */
static void check_migrations(struct findings *findings)
{
    NU_TRY {
        nu__migration_check_linear(nu__migrate_graph(NULL));
    }
    NU_CATCH (error) {
        found(findings, true, error->fact, error->hint);
    }
}

static void run(const nu_command_call *call)
{
    struct findings findings = {0};
    nu_models_warn(model_warning, &findings);
    check_templates(&findings);
    check_migrations(&findings);
    if (nu_option_flag(call, "deploy"))
        check_deployment(&findings);
    if (findings.errors == 0 && findings.warnings == 0)
        nu_say("%s %d templates read, models, routes and settings are sound.",
               nu_styled(NU_STYLE_OK, "OK:"), findings.templates);
    else
        nu_say("%d %s, %d %s.", findings.errors, findings.errors == 1 ? "error" : "errors",
               findings.warnings, findings.warnings == 1 ? "warning" : "warnings");
    nu_command_exit(call, findings.errors > 0);
}

const nu_command nu__command_check = {
    .name = "check",
    .help = "Looks for mistakes in models, routes, templates and settings.",
    .options = options,
    .run = run,
};
