/* django.contrib.admin: what was done by whom. */
#include "models.h"

struct log_entry {
    nu_row      row;
    nu_datetime action_time;
    nu_ref(nu_user) user;
    nu_ref(nu_content_type) content_type;
    const char *object_id;
    const char *object_repr;
    int64_t     action_flag;
    const char *change_message;
};

static nu_value now(void)
{
    return NU_V(nu_now());
}

static const nu_field log_entry_fields[] = {
    NU_DATETIME(log_entry, action_time, .default_fn = now, .not_editable = true),
    NU_FOREIGN(log_entry, user, .to = &nu_user_model, .on_delete = NU_CASCADE),
    NU_FOREIGN(log_entry, content_type, .to = &nu_content_type_model, .on_delete = NU_SET_NULL,
               .null = true, .blank = true),
    NU_TEXT(log_entry, object_id, .null = true, .blank = true),
    NU_CHAR(log_entry, object_repr, .max_length = 200),
    NU_POSITIVE_SMALL_INT(log_entry, action_flag,
                          .choices =
                              NU_CHOICES(NU_CHOICE_INT(1, "Addition"), NU_CHOICE_INT(2, "Change"),
                                         NU_CHOICE_INT(3, "Deletion"))),
    NU_TEXT(log_entry, change_message, .blank = true),
    {0},
};
static const nu_model log_entry_model = {
    NU_MODEL_OF(log_entry, "LogEntry"),
    .fields = log_entry_fields,
    .id_type = &nu_field_auto,
    .db_table = "django_admin_log",
    .ordering = NU_STRS("-action_time"),
    .verbose_name = "log entry",
    .verbose_name_plural = "log entries",
};

const nu_app admin_app = {.label = "admin", .models = NU_MODELS(&log_entry_model)};
