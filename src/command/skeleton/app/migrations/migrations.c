/* The migrations of this app, in order. makemigrations keeps this file. */
#include <nuages/migration.h>

extern const nu_migration *const {{ name }}_migrations[];
const nu_migration *const {{ name }}_migrations[] = {
    NULL,
};
