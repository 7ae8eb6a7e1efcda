#include <nuages/migration.h>

/* Django's removes a column that ours never had; its record says so to Django. */
static const nu_operation operations[] = {{0}};

extern const nu_migration contenttypes_0002_remove_content_type_name;
const nu_migration        contenttypes_0002_remove_content_type_name = {
           .app = "contenttypes",
           .name = "0002_remove_content_type_name",
           .depends = NU_DEPENDS({"contenttypes", "0001_initial"}),
           .operations = operations,
};
