#include <nuages/migration.h>

static const nu_operation operations[] = {
    NU_ALTER_FIELD("User", "username", char, .unique = true, .max_length = 150,
                   .verbose_name = "username",
                   .help_text = "At most 150 letters, digits and @ . + - _"),
    {0},
};

extern const nu_migration auth_0008_alter_user_username_max_length;
const nu_migration        auth_0008_alter_user_username_max_length = {
           .app = "auth",
           .name = "0008_alter_user_username_max_length",
           .depends = NU_DEPENDS({"auth", "0007_alter_validators_add_error_messages"}),
           .operations = operations,
};
