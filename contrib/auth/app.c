/* The app "auth": permissions are made after each run of migrations. */
#include "nuages/auth.h"
#include "nuages/migration.h"
#include "nuages/signal.h"

#include "commands.h"

extern const nu_migration *const auth_migrations[];

static void after_migrations(const nu_event *event, void *arg)
{
    (void)arg;
    const nu_db_backend *backend = nu_database_backend(event->database);
    if (!nu_content_types_are_ready(event->database) ||
        backend->columns(event->database, "auth_permission") == NULL)
        return; /* they were undone */
    nu_permissions_create(nu_database_alias(event->database));
}

static void ready(void)
{
    nu_signal_connect(NU_POST_MIGRATE, NULL, after_migrations, NULL, "auth");
}

const nu_app nu_auth_app = {
    .label = "auth",
    .name = "Users and groups",
    .models = NU_MODELS(&nu_permission_model, &nu_group_model, &nu_user_model),
    .migrations = auth_migrations,
    .ready = ready,
    .commands = NU_COMMANDS(&nu__createsuperuser, &nu__changepassword),
};
