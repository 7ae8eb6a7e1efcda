/* The table as Django first made it. */
#include <nuages/migration.h>

static const nu_field content_type_fields[] = {
    NU_COLUMN("id", auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("name", char, .max_length = 100),
    NU_COLUMN("app_label", char, .max_length = 100),
    NU_COLUMN("model", char, .max_length = 100, .verbose_name = "python model class name"),
    {0},
};

static const nu_operation operations[] = {
    NU_CREATE_MODEL("ContentType", content_type_fields, .db_table = "django_content_type",
                    .ordering = NU_STRS("name"),
                    .unique_together = NU_TOGETHER(NU_STRS("app_label", "model")),
                    .verbose_name = "content type", .verbose_name_plural = "content types"),
    {0},
};

extern const nu_migration contenttypes_0001_initial;
const nu_migration        contenttypes_0001_initial = {
           .app = "contenttypes",
           .name = "0001_initial",
           .initial = true,
           .operations = operations,
};
