#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_OPTIONS("ContentType", .verbose_name = "content type",
                     .verbose_name_plural = "content types"),
    NU_ALTER_FIELD("ContentType", "name", char, .max_length = 100, .null = true),
    NU_RUN_SQL("", "UPDATE django_content_type SET name = model"),
    NU_REMOVE_FIELD("ContentType", "name"),
    {0},
};

extern const nu_migration contenttypes_0002_remove_content_type_name;
const nu_migration        contenttypes_0002_remove_content_type_name = {
           .app = "contenttypes",
           .name = "0002_remove_content_type_name",
           .depends = NU_DEPENDS({"contenttypes", "0001_initial"}),
           .operations = operations,
};
