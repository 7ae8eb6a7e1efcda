/* The migrations of this app, in order. makemigrations keeps this file. */
#include <nuages/migration.h>

extern const nu_migration        auth_0001_initial;
extern const nu_migration *const auth_migrations[];
const nu_migration *const        auth_migrations[] = {
           &auth_0001_initial,
           NULL,
};
