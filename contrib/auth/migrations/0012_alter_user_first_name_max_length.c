#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("User", "first_name", char, .blank = true, .max_length = 150,
                   .verbose_name = "first name"),
    {0},
};

extern const nu_migration auth_0012_alter_user_first_name_max_length;
const nu_migration        auth_0012_alter_user_first_name_max_length = {
           .app = "auth",
           .name = "0012_alter_user_first_name_max_length",
           .depends = NU_DEPENDS({"auth", "0011_update_proxy_permissions"}),
           .operations = operations,
};
