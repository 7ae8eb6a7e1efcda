/* The migrations of this app, in order. makemigrations keeps this file. */
#include <nuages/migration.h>

extern const nu_migration matrix_0001_initial;
extern const nu_migration *const matrix_migrations[];
const nu_migration *const matrix_migrations[] = {
    &matrix_0001_initial,
    NULL,
};
