#include <nuages/migration.h>

/* Content types have their last form before rows of them are made. */
static const nu_operation operations[] = {{0}};

extern const nu_migration auth_0006_require_contenttypes_0002;
const nu_migration        auth_0006_require_contenttypes_0002 = {
           .app = "auth",
           .name = "0006_require_contenttypes_0002",
           .depends = NU_DEPENDS({"auth", "0005_alter_user_last_login_null"},
                                 {"contenttypes", "0002_remove_content_type_name"}),
           .operations = operations,
};
