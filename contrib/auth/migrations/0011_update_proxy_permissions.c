#include <nuages/migration.h>

/* Django's moves permissions of proxies; ours have been made for them from the start. */
static const nu_operation operations[] = {{0}};

extern const nu_migration auth_0011_update_proxy_permissions;
const nu_migration        auth_0011_update_proxy_permissions = {
           .app = "auth",
           .name = "0011_update_proxy_permissions",
           .depends = NU_DEPENDS({"auth", "0010_alter_group_name_max_length"},
                                 {"contenttypes", "0002_remove_content_type_name"}),
           .operations = operations,
};
