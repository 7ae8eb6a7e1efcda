/* Permission, Group and User as Django has them. */
#include "nuages/auth.h"

#include "nuages/text.h"

static const char *permission_text(const struct nu_permission *permission)
{
    struct nu_content_type *type = nu_related((struct nu_permission *)permission, content_type);
    return nu_fmt("%s | %s", nu_text(NU_V(type)), permission->name);
}

static const char *group_text(const struct nu_group *group)
{
    return group->name;
}

static const char *user_text(const struct nu_user *user)
{
    return user->username;
}

static nu_value now(void)
{
    return NU_V(nu_now());
}

static const nu_field permission_fields[] = {
    NU_CHAR(nu_permission, name, .max_length = 255, .verbose_name = "name"),
    NU_FOREIGN(nu_permission, content_type, .to = &nu_content_type_model, .on_delete = NU_CASCADE,
               .verbose_name = "content type"),
    NU_CHAR(nu_permission, codename, .max_length = 100, .verbose_name = "codename"),
    {0},
};
const nu_model nu_permission_model = {
    NU_MODEL_OF(nu_permission, "Permission"),
    .natural_key = NU_STRS("codename", "content_type__app_label", "content_type__model"),
    .fields = permission_fields,
    .text = permission_text,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("content_type__app_label", "content_type__model", "codename"),
    .unique_together = NU_TOGETHER(NU_STRS("content_type", "codename")),
    .verbose_name = "permission",
    .verbose_name_plural = "permissions",
};

static const nu_field group_fields[] = {
    NU_CHAR(nu_group, name, .max_length = 150, .unique = true, .verbose_name = "name"),
    NU_MANY(nu_group, "permissions", .to = &nu_permission_model, .blank = true,
            .verbose_name = "permissions"),
    {0},
};
const nu_model nu_group_model = {
    NU_MODEL_OF(nu_group, "Group"), .fields = group_fields,  .text = group_text,
    .natural_key = NU_STRS("name"),
    .id_type = &nu_field_auto,      .verbose_name = "group", .verbose_name_plural = "groups",
};

static const nu_field user_fields[] = {
    NU_CHAR(nu_user, password, .max_length = 128, .verbose_name = "password"),
    NU_DATETIME(nu_user, last_login, .null = true, .blank = true, .verbose_name = "last login"),
    NU_BOOL(nu_user, is_superuser, .default_value = NU_CONST_BOOL(false),
            .verbose_name = "superuser status", .help_text = "May do everything."),
    NU_CHAR(nu_user, username, .max_length = 150, .unique = true, .verbose_name = "username",
            .validators = NU_VALIDATORS(NU_PATTERN(
                "^[\\w.@+-]+\\z", "Enter a valid username. This value may contain only letters, "
                                  "numbers, and @/./+/-/_ characters.")),
            .messages =
                NU_MESSAGES({"unique", NU_CONST_TEXT("A user with that username already exists.")}),
            .help_text = "At most 150 letters, digits and @ . + - _"),
    NU_CHAR(nu_user, first_name, .max_length = 150, .blank = true, .verbose_name = "first name"),
    NU_CHAR(nu_user, last_name, .max_length = 150, .blank = true, .verbose_name = "last name"),
    NU_EMAIL(nu_user, email, .blank = true, .verbose_name = "email address"),
    NU_BOOL(nu_user, is_staff, .default_value = NU_CONST_BOOL(false),
            .verbose_name = "staff status", .help_text = "May enter the admin."),
    NU_BOOL(nu_user, is_active, .default_value = NU_CONST_BOOL(true), .verbose_name = "active",
            .help_text = "Unselect this instead of deleting the user."),
    NU_DATETIME(nu_user, date_joined, .default_fn = now, .verbose_name = "date joined"),
    NU_MANY(nu_user, "groups", .to = &nu_group_model, .blank = true, .related_name = "user_set",
            .related_query_name = "user", .verbose_name = "groups"),
    NU_MANY(nu_user, "user_permissions", .to = &nu_permission_model, .blank = true,
            .related_name = "user_set", .related_query_name = "user",
            .verbose_name = "user permissions"),
    {0},
};
const nu_model nu_user_model = {
    NU_MODEL_OF(nu_user, "User"), .fields = user_fields,  .text = user_text,
    .natural_key = NU_STRS("username"),
    .id_type = &nu_field_auto,    .verbose_name = "user", .verbose_name_plural = "users",
};
