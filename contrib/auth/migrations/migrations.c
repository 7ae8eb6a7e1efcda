/* The migrations of this app, in order. makemigrations keeps this file. */
#include <nuages/migration.h>

extern const nu_migration        auth_0001_initial;
extern const nu_migration        auth_0002_alter_permission_name_max_length;
extern const nu_migration        auth_0003_alter_user_email_max_length;
extern const nu_migration        auth_0004_alter_user_username_opts;
extern const nu_migration        auth_0005_alter_user_last_login_null;
extern const nu_migration        auth_0006_require_contenttypes_0002;
extern const nu_migration        auth_0007_alter_validators_add_error_messages;
extern const nu_migration        auth_0008_alter_user_username_max_length;
extern const nu_migration        auth_0009_alter_user_last_name_max_length;
extern const nu_migration        auth_0010_alter_group_name_max_length;
extern const nu_migration        auth_0011_update_proxy_permissions;
extern const nu_migration        auth_0012_alter_user_first_name_max_length;
extern const nu_migration *const auth_migrations[];
const nu_migration *const        auth_migrations[] = {
           &auth_0001_initial,
           &auth_0002_alter_permission_name_max_length,
           &auth_0003_alter_user_email_max_length,
           &auth_0004_alter_user_username_opts,
           &auth_0005_alter_user_last_login_null,
           &auth_0006_require_contenttypes_0002,
           &auth_0007_alter_validators_add_error_messages,
           &auth_0008_alter_user_username_max_length,
           &auth_0009_alter_user_last_name_max_length,
           &auth_0010_alter_group_name_max_length,
           &auth_0011_update_proxy_permissions,
           &auth_0012_alter_user_first_name_max_length,
           NULL,
};
