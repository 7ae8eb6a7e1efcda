/* django.contrib.auth: users, groups and what they may do. */
#include "models.h"

struct permission {
    nu_row      row;
    const char *name;
    nu_ref(nu_content_type) content_type;
    const char *codename;
};

struct group {
    nu_row      row;
    const char *name;
};

struct user {
    nu_row      row;
    const char *password;
    nu_datetime last_login;
    bool        is_superuser;
    const char *username;
    const char *first_name;
    const char *last_name;
    const char *email;
    bool        is_staff;
    bool        is_active;
    nu_datetime date_joined;
};

static const nu_model permission_model, group_model;

static nu_value now(void)
{
    return NU_V(nu_now());
}

static const nu_field permission_fields[] = {
    NU_CHAR(permission, name, .max_length = 255, .verbose_name = "name"),
    NU_FOREIGN(permission, content_type, .to = &nu_content_type_model, .on_delete = NU_CASCADE,
               .verbose_name = "content type"),
    NU_CHAR(permission, codename, .max_length = 100, .verbose_name = "codename"),
    {0},
};
static const nu_model permission_model = {
    NU_MODEL_OF(permission, "Permission"),
    .fields = permission_fields,
    .id_type = &nu_field_auto,
    .ordering = NU_STRS("content_type__app_label", "content_type__model", "codename"),
    .unique_together = NU_TOGETHER(NU_STRS("content_type", "codename")),
    .verbose_name = "permission",
    .verbose_name_plural = "permissions",
};

static const nu_field group_fields[] = {
    NU_CHAR(group, name, .max_length = 150, .unique = true, .verbose_name = "name"),
    NU_MANY(group, "permissions", .to = &permission_model, .blank = true,
            .verbose_name = "permissions"),
    {0},
};
static const nu_model group_model = {
    NU_MODEL_OF(group, "Group"), .fields = group_fields,          .id_type = &nu_field_auto,
    .verbose_name = "group",     .verbose_name_plural = "groups",
};

static const nu_field user_fields[] = {
    NU_CHAR(user, password, .max_length = 128, .verbose_name = "password"),
    NU_DATETIME(user, last_login, .null = true, .blank = true, .verbose_name = "last login"),
    NU_BOOL(user, is_superuser, .default_value = NU_CONST_BOOL(false),
            .verbose_name = "superuser status",
            .help_text = "Designates that this user has all permissions without explicitly "
                         "assigning them."),
    NU_CHAR(user, username, .max_length = 150, .unique = true, .verbose_name = "username",
            .validators = NU_VALIDATORS(NU_PATTERN(
                "^[\\w.@+-]+\\Z", "Enter a valid username. This value may contain only letters, "
                                  "numbers, and @/./+/-/_ characters.")),
            .messages = NU_MESSAGES({"unique", NU_CONST_TEXT("A user with that username already "
                                                             "exists.")}),
            .help_text = "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
    NU_CHAR(user, first_name, .max_length = 150, .blank = true, .verbose_name = "first name"),
    NU_CHAR(user, last_name, .max_length = 150, .blank = true, .verbose_name = "last name"),
    NU_EMAIL(user, email, .blank = true, .verbose_name = "email address"),
    NU_BOOL(user, is_staff, .default_value = NU_CONST_BOOL(false), .verbose_name = "staff status",
            .help_text = "Designates whether the user can log into this admin site."),
    NU_BOOL(user, is_active, .default_value = NU_CONST_BOOL(true), .verbose_name = "active",
            .help_text = "Designates whether this user should be treated as active. Unselect this "
                         "instead of deleting accounts."),
    NU_DATETIME(user, date_joined, .default_fn = now, .verbose_name = "date joined"),
    NU_MANY(user, "groups", .to = &group_model, .blank = true, .related_name = "user_set",
            .related_query_name = "user", .verbose_name = "groups"),
    NU_MANY(user, "user_permissions", .to = &permission_model, .blank = true,
            .related_name = "user_set", .related_query_name = "user",
            .verbose_name = "user permissions"),
    {0},
};
const nu_model user_model = {
    NU_MODEL_OF(user, "User"), .fields = user_fields,          .id_type = &nu_field_auto,
    .verbose_name = "user",    .verbose_name_plural = "users",
};

const nu_app auth_app = {.label = "auth",
                         .models = NU_MODELS(&permission_model, &group_model, &user_model)};
