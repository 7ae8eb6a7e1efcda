#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("User", "last_login", datetime, .null = true, .blank = true,
                   .verbose_name = "last login"),
    {0},
};

extern const nu_migration auth_0005_alter_user_last_login_null;
const nu_migration        auth_0005_alter_user_last_login_null = {
           .app = "auth",
           .name = "0005_alter_user_last_login_null",
           .depends = NU_DEPENDS({"auth", "0004_alter_user_username_opts"}),
           .operations = operations,
};
