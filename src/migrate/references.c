/* Which models and fields an operation may concern: what decides whether two operations may change
 * places. The answers are Django's. */
#include <string.h>
#include <strings.h>

#include "migrate/internal.h"

static bool same_name(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

/* True if the label "app.Model" names the model. */
static bool is_label_of(const char *label, const char *app, const char *name)
{
    return label != NULL && strcasecmp(label, nu_fmt("%s.%s", app, name)) == 0;
}

/* True if the field refers to the model or, with `target`, to this field of it. */
static bool field_refers(const nu_field *field, const char *app, const char *name,
                         const char *target)
{
    if (is_label_of(field->to_name, app, name) &&
        (target == NULL || field->type->many || field->to_field == NULL ||
         same_name(field->to_field, target)))
        return true;
    return is_label_of(field->through_name, app, name) &&
           (target == NULL || field->through_from == NULL ||
            same_name(field->through_from, target) || same_name(field->through_to, target));
}

static bool creation_refers(const char *app, const nu_operation *operation, const char *name)
{
    for (const char *const *base = operation->meta.bases; base != NULL && *base != NULL; base++)
        if (is_label_of(*base, app, name))
            return true;
    for (const nu_field *field = operation->fields; field != NULL && field->name != NULL; field++)
        if (field_refers(field, app, name, NULL))
            return true;
    return same_name(operation->model, name);
}

bool nu__references_model(const char *app, const nu_operation *operation, const char *name)
{
    switch (operation->kind) {
    case NU_OPERATION_CREATE_MODEL: return creation_refers(app, operation, name);
    case NU_OPERATION_RENAME_MODEL:
        return same_name(operation->model, name) || same_name(operation->new_name, name);
    case NU_OPERATION_ADD_FIELD:
    case NU_OPERATION_ALTER_FIELD:
        return same_name(operation->model, name) || field_refers(operation->field, app, name, NULL);
    case NU_OPERATION_REMOVE_FIELD:
    case NU_OPERATION_RENAME_FIELD:
    case NU_OPERATION_ALTER_OPTIONS:
    case NU_OPERATION_ALTER_TABLE:
    case NU_OPERATION_ALTER_TABLE_COMMENT:
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER:
    case NU_OPERATION_ALTER_ORDER: return same_name(operation->model, name);
    /* A model that goes may refer to others; SQL may concern anything. */
    default: return true;
    }
}

static bool together_names(const nu_operation *operation, const char *field)
{
    const char *const *const *set = operation->meta.unique_together;
    if (set == NULL || *set == NULL)
        return true;
    for (; *set != NULL; set++)
        for (const char *const *name = *set; *name != NULL; name++)
            if (same_name(*name, field))
                return true;
    return false;
}

bool nu__references_field(const char *app, const nu_operation *operation, const char *model,
                          const char *field)
{
    bool here = same_name(operation->model, model);
    switch (operation->kind) {
    case NU_OPERATION_ADD_FIELD:
    case NU_OPERATION_ALTER_FIELD:
        return (here && same_name(operation->name, field)) ||
               field_refers(operation->field, app, model, field);
    case NU_OPERATION_REMOVE_FIELD: return here && same_name(operation->name, field);
    case NU_OPERATION_RENAME_FIELD:
        return here &&
               (same_name(operation->name, field) || same_name(operation->new_name, field));
    case NU_OPERATION_ALTER_UNIQUE_TOGETHER: return here && together_names(operation, field);
    case NU_OPERATION_ALTER_ORDER:
        return here && (operation->meta.order_with_respect_to == NULL ||
                        same_name(operation->meta.order_with_respect_to, field));
    default: return nu__references_model(app, operation, model);
    }
}
