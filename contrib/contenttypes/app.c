/* The app "contenttypes": a row for each model, made after each run of migrations. */
#include "nuages/contenttypes.h"
#include "nuages/migration.h"
#include "nuages/signal.h"

extern const nu_migration *const contenttypes_migrations[];

static void after_migrations(const nu_event *event, void *arg)
{
    (void)arg;
    const nu_db_backend *backend = nu_database_backend(event->database);
    if (backend->columns(event->database, "django_content_type") == NULL)
        return; /* they were undone */
    nu_content_types_create(nu_database_alias(event->database));
}

static void ready(void)
{
    nu_signal_connect(NU_POST_MIGRATE, NULL, after_migrations, NULL, "contenttypes");
}

const nu_app nu_contenttypes_app = {
    .label = "contenttypes",
    .name = "Content types",
    .models = NU_MODELS(&nu_content_type_model),
    .migrations = contenttypes_migrations,
    .ready = ready,
};
