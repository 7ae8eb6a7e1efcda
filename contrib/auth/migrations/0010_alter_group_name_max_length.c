#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("Group", "name", char, .unique = true, .max_length = 150,
                   .verbose_name = "name"),
    {0},
};

extern const nu_migration auth_0010_alter_group_name_max_length;
const nu_migration        auth_0010_alter_group_name_max_length = {
           .app = "auth",
           .name = "0010_alter_group_name_max_length",
           .depends = NU_DEPENDS({"auth", "0009_alter_user_last_name_max_length"}),
           .operations = operations,
};
