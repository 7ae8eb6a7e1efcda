/* The migrations of this app, in order. makemigrations keeps this file. */
#include <nuages/migration.h>

extern const nu_migration        sessions_0001_initial;
extern const nu_migration *const sessions_migrations[];
const nu_migration *const        sessions_migrations[] = {
           &sessions_0001_initial,
           NULL,
};
