#include <nuages/migration.h>

static const nu_field session_fields[] = {
    NU_COLUMN("session_key", char, .primary_key = true, .max_length = 40,
              .verbose_name = "session key"),
    NU_COLUMN("session_data", text, .verbose_name = "session data"),
    NU_COLUMN("expire_date", datetime, .db_index = true, .verbose_name = "expire date"),
    {0},
};

static const nu_operation operations[] = {
    NU_CREATE_MODEL("Session", session_fields, .db_table = "django_session",
                    .verbose_name = "session", .verbose_name_plural = "sessions"),
    {0},
};

extern const nu_migration sessions_0001_initial;
const nu_migration        sessions_0001_initial = {
           .app = "sessions",
           .name = "0001_initial",
           .initial = true,
           .operations = operations,
};
