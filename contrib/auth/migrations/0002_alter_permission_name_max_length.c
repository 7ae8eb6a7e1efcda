#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("Permission", "name", char, .max_length = 255, .verbose_name = "name"),
    {0},
};

extern const nu_migration auth_0002_alter_permission_name_max_length;
const nu_migration        auth_0002_alter_permission_name_max_length = {
           .app = "auth",
           .name = "0002_alter_permission_name_max_length",
           .depends = NU_DEPENDS({"auth", "0001_initial"}),
           .operations = operations,
};
