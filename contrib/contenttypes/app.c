/* The app "contenttypes": a row for each model, made after each run of migrations. */
#include "nuages/contenttypes.h"
#include "nuages/migration.h"
#include "nuages/signal.h"

extern const nu_migration *const contenttypes_migrations[];

/* Migrations may have been undone as far as to where the table is not what the model says. */
static void after_migrations(const nu_event *event, void *arg)
{
    (void)arg;
    if (nu_content_types_are_ready(event->database))
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
