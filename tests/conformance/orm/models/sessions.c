/* django.contrib.sessions: what a visitor's cookie stands for. */
#include "models.h"

struct session {
    nu_row      row;
    const char *session_key;
    const char *session_data;
    nu_datetime expire_date;
};

static const nu_field session_fields[] = {
    NU_CHAR(session, session_key, .max_length = 40, .primary_key = true),
    NU_TEXT(session, session_data),
    NU_DATETIME(session, expire_date, .db_index = true),
    {0},
};
static const nu_model session_model = {
    NU_MODEL_OF(session, "Session"),   .fields = session_fields,
    .db_table = "django_session",      .verbose_name = "session",
    .verbose_name_plural = "sessions",
};

const nu_app sessions_app = {.label = "sessions", .models = NU_MODELS(&session_model)};
