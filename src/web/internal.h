/* What the files of web/ share. */
#pragma once

#include "nuages/embed.h"
#include "nuages/middleware.h"
#include "nuages/settings.h"
#include "nuages/shortcuts.h"
#include "nuages/template.h"

/* ---- settings.c, env.c ----------------------------------------------------------------------- */

/* Reads KEY=value lines into the environment; a variable that is already set stays. A missing file
 * is fine; a malformed line raises ImproperlyConfigured with its place. */
void nu__env_load(const char *path);

/* The folder of the running program. */
const char *nu__program_folder(void);

/* Copies `given`, fills in the defaults, checks every member and makes the result current. */
void nu__settings_setup(const nu_settings *given);

/* The settings as label/value pairs for the error page, secrets as asterisks. */
nu_list *nu__settings_shown(void);

/* ---- apps.c ---------------------------------------------------------------------------------- */

/* Registers apps and models of the settings, checks labels, calls the ready hooks. */
void nu__apps_setup(const nu_settings *settings);

/* "name" below each app's folder that has it, in order: the apps' template or static folders. */
const char *const *nu__app_folders(const char *name);

/* ---- site.c ---------------------------------------------------------------------------------- */

/* Reads .env, calls `configure` and makes the settings current. */
void nu__site_configure(void (*configure)(nu_settings *settings));

/* Sets all up in order: log, signing, databases, apps, URLs, templates, static files,
 * middleware. */
void nu__site_setup(void);

/* What http/ needs to know of the settings. */
const nu_http_options *nu__http_options(void);

/* Answers one request: middleware in, view, middleware out. Never raises; never NULL. This is the
 * handler that server/ and the test client call. */
nu_response *nu__site_handle(nu_request *request, void *unused);

/* ---- proxy.c --------------------------------------------------------------------------------- */

/* True if no route and no static file of ours has this path, and another site is named for such. */
bool nu__is_for_fallback(nu_request *request);

/* ---- errors.c -------------------------------------------------------------------------------- */

/* The response an error becomes: a plain page, or with debug the development page. Logs what is
 * the site's fault. */
nu_response *nu__error_response(nu_request *request, const nu_error *error);

/* ---- pages.c --------------------------------------------------------------------------------- */

/* The plain page of a status, with the site's own template "404.html" and so on where it has
 * one. */
nu_response *nu__error_page(nu_request *request, int status, const nu_error *error);

/* ---- debug_page.c ---------------------------------------------------------------------------- */

/* The development page for an error: request, C stack with source lines, settings. */
nu_response *nu__debug_page(nu_request *request, const nu_error *error, int status);

/* The page that runserver shows when the program does not build or start. */
const char *nu__build_page(const char *report);

/* ---- urls.c ---------------------------------------------------------------------------------- */

void           nu__urls_setup(const nu_settings *settings);
const nu_urls *nu__site_urls(void);
/* Finds the route of the request's path and hangs it on the request; raises NotFound. */
void nu__site_resolve(nu_request *request);
/* What {% url %} calls. */
const char *nu__template_url(void *unused, const nu_url_request *asked);

/* ---- locale.c -------------------------------------------------------------------------------- */

/* Puts language, zone and translations of the site in use. Raises SyntaxError for a damaged catalogue. */
void nu__locale_setup(const nu_settings *settings);

/* ---- query_log.c --------------------------------------------------------------------------------- */

/* In development, watches statements. */
void nu__query_log_setup(const nu_settings *settings);

/* ---- templates.c ----------------------------------------------------------------------------- */

void       nu__templates_setup(const nu_settings *settings);
nu_engine *nu__site_engine(void);
/* A loader of the templates in `folder`, which is borrowed. */
const nu_template_loader *nu__folder_loader(const char *folder);
/* A rendered page; `request` and `context` may be NULL, `pairs` win over `context`. */
nu_value nu__render_page(nu_request *request, const char *name, const nu_dict *context,
                         nu_pairs pairs);

/* ---- static.c -------------------------------------------------------------------------------- */

void nu__static_setup(const nu_settings *settings);
/* What {% static %} calls: the URL of a static file. */
const char *nu__template_static(void *unused, const char *path);
/* The path of a static file on the disk; NULL if it is nowhere (or only in the binary). */
const char *nu__static_find(const char *name);
/* Whether there is such a static file, on the disk or in the binary. */
bool nu__static_exists(const char *name);

/* ---- middleware/csrf.c ----------------------------------------------------------------------- */

/* The masked token for this request's forms, and notes that the cookie must be sent. */
const char *nu__csrf_token(nu_request *request);
/* A new secret: after a login, so that a token from before is worth nothing. */
void nu__csrf_rotate(nu_request *request);
