#include "session_row.h"

static const char *session_row_text(const struct session_row *row)
{
    return row->session_key;
}

static const nu_field session_row_fields[] = {
    NU_CHAR(session_row, session_key, .max_length = 40, .primary_key = true,
            .verbose_name = "session key"),
    NU_TEXT(session_row, session_data, .verbose_name = "session data"),
    NU_DATETIME(session_row, expire_date, .db_index = true, .verbose_name = "expire date"),
    {0},
};

const nu_model session_row_model = {
    NU_MODEL_OF(session_row, "Session"),
    .fields = session_row_fields,
    .text = session_row_text,
    .db_table = "django_session",
    .verbose_name = "session",
    .verbose_name_plural = "sessions",
};
