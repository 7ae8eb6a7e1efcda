#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("User", "email", email, .blank = true, .verbose_name = "email address"),
    {0},
};

extern const nu_migration auth_0003_alter_user_email_max_length;
const nu_migration        auth_0003_alter_user_email_max_length = {
           .app = "auth",
           .name = "0003_alter_user_email_max_length",
           .depends = NU_DEPENDS({"auth", "0002_alter_permission_name_max_length"}),
           .operations = operations,
};
