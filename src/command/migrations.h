/* What the migration commands share. */
#pragma once

#include "command/internal.h"
#include "migrate/internal.h"

/* The installed apps as migrate/ sees them. */
nu__migrate_app *nu__migrate_apps(size_t *count);
/* The app of that label; raises CommandError with near names. */
const nu__migrate_app *nu__migrate_app_get(const char *label);
nu__graph             *nu__migrate_graph(void);
nu_database           *nu__migrate_database(const nu_command_call *call);
