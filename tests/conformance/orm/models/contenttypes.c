/* django.contrib.contenttypes: what kinds of rows there are. */
#include "models.h"

struct content_type {
    nu_row      row;
    const char *app_label;
    const char *model;
};

static const nu_field content_type_fields[] = {
    NU_CHAR(content_type, app_label, .max_length = 100),
    NU_CHAR(content_type, model, .max_length = 100, .verbose_name = "python model class name"),
    {0},
};
const nu_model content_type_model = {
    NU_MODEL_OF(content_type, "ContentType"),
    .fields = content_type_fields,
    .id_type = &nu_field_auto,
    .db_table = "django_content_type",
    .unique_together = NU_TOGETHER(NU_STRS("app_label", "model")),
    .verbose_name = "content type",
    .verbose_name_plural = "content types",
};

const nu_app contenttypes_app = {.label = "contenttypes", .models = NU_MODELS(&content_type_model)};
