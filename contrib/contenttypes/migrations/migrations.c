/* The migrations of this app, in order. makemigrations keeps this file. */
#include <nuages/migration.h>

extern const nu_migration        contenttypes_0001_initial;
extern const nu_migration        contenttypes_0002_remove_content_type_name;
extern const nu_migration *const contenttypes_migrations[];
const nu_migration *const        contenttypes_migrations[] = {
           &contenttypes_0001_initial,
           &contenttypes_0002_remove_content_type_name,
           NULL,
};
