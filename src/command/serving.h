/* What serve and runserver share. */
#pragma once

#include "nuages/server.h"

#include "command/internal.h"

/* "8001", ":8001", "0.0.0.0:8001" and so on as the server takes it; the default is
 * 127.0.0.1:8000. */
const char *const *nu__listen_addresses(const nu_command_call *call);

/* Server options for the site: its handler, its limits, its hooks. */
nu_server_options nu__site_server_options(void);

/* ---- probes.c ---- */

/* The site's handler with /-/health, /-/ready and /-/metrics before it. */
nu_response *nu__probe_or_site(nu_request *request, void *unused);

/* ---- crash_page.c ---- */

/* The development page for a view that crashed with a signal: nu_server_options.crash_page. */
size_t nu__crash_page(const nu_crash *crash, char *out, size_t size, void *unused);

/* ---- runserver_child.c ---- */

/* The part of runserver that answers requests: the site, or a page that shows why it does not
 * build. Returns the exit status. */
int nu__runserver_child(const nu_command_call *call);

/* Exit status of a child whose site could not be set up; the reason is in the report. */
enum { NU__START_FAILED = 3 };

/* Environment between the two halves of runserver. */
#define NU__RUNSERVER_ROLE   "NU_RUNSERVER_ROLE"   /* "site" or "report" */
#define NU__RUNSERVER_REPORT "NU_RUNSERVER_REPORT" /* file with a build's or a start's errors */

/* What the settings say about containment; lives as long as the current arena. */
NU_RETURNS_NONNULL const nu_sandbox *nu__site_sandbox(void);
