#include <nuages/migration.h>

/* Django's changes what only forms see. */
static const nu_operation operations[] = {{0}};

extern const nu_migration auth_0004_alter_user_username_opts;
const nu_migration        auth_0004_alter_user_username_opts = {
           .app = "auth",
           .name = "0004_alter_user_username_opts",
           .depends = NU_DEPENDS({"auth", "0003_alter_user_email_max_length"}),
           .operations = operations,
};
