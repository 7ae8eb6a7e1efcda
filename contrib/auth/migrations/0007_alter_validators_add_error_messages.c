#include <nuages/migration.h>

/* Django's changes what only forms see. */
static const nu_operation operations[] = {{0}};

extern const nu_migration auth_0007_alter_validators_add_error_messages;
const nu_migration        auth_0007_alter_validators_add_error_messages = {
           .app = "auth",
           .name = "0007_alter_validators_add_error_messages",
           .depends = NU_DEPENDS({"auth", "0006_require_contenttypes_0002"}),
           .operations = operations,
};
