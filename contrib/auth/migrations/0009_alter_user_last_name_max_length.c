#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("User", "last_name", char, .blank = true, .max_length = 150,
                   .verbose_name = "last name"),
    {0},
};

extern const nu_migration auth_0009_alter_user_last_name_max_length;
const nu_migration        auth_0009_alter_user_last_name_max_length = {
           .app = "auth",
           .name = "0009_alter_user_last_name_max_length",
           .depends = NU_DEPENDS({"auth", "0008_alter_user_username_max_length"}),
           .operations = operations,
};
