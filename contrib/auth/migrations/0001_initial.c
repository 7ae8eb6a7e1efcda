/* The tables as Django first made them. The migrations have Django's names and steps, so that a database
 * that one of the two has brought to any of them is understood by the other. */
#include <nuages/migration.h>

/* Rows without a log-in get this moment when migrations are undone so far. */
static nu_value now(void)
{
    return NU_V(nu_now());
}

static const nu_field permission_fields[] = {
    NU_COLUMN("id", auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("name", char, .max_length = 50, .verbose_name = "name"),
    NU_COLUMN("content_type", foreign, .to_name = "contenttypes.ContentType",
              .on_delete = NU_CASCADE, .verbose_name = "content type"),
    NU_COLUMN("codename", char, .max_length = 100, .verbose_name = "codename"),
    {0},
};

static const nu_field group_fields[] = {
    NU_COLUMN("id", auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("name", char, .unique = true, .max_length = 80, .verbose_name = "name"),
    NU_COLUMN("permissions", many_to_many, .to_name = "auth.Permission", .blank = true,
              .verbose_name = "permissions"),
    {0},
};

static const nu_field user_fields[] = {
    NU_COLUMN("id", auto, .primary_key = true, .verbose_name = "ID"),
    NU_COLUMN("password", char, .max_length = 128, .verbose_name = "password"),
    NU_COLUMN("last_login", datetime, .default_fn = now, .verbose_name = "last login"),
    NU_COLUMN("is_superuser", bool, .default_value = NU_CONST_BOOL(false),
              .verbose_name = "superuser status", .help_text = "May do everything."),
    NU_COLUMN("username", char, .unique = true, .max_length = 30, .verbose_name = "username"),
    NU_COLUMN("first_name", char, .blank = true, .max_length = 30, .verbose_name = "first name"),
    NU_COLUMN("last_name", char, .blank = true, .max_length = 30, .verbose_name = "last name"),
    NU_COLUMN("email", email, .blank = true, .max_length = 75, .verbose_name = "email address"),
    NU_COLUMN("is_staff", bool, .default_value = NU_CONST_BOOL(false),
              .verbose_name = "staff status", .help_text = "May enter the admin."),
    NU_COLUMN("is_active", bool, .default_value = NU_CONST_BOOL(true), .verbose_name = "active",
              .help_text = "Unselect this instead of deleting the user."),
    NU_COLUMN("date_joined", datetime, .default_fn = now, .verbose_name = "date joined"),
    NU_COLUMN("groups", many_to_many, .to_name = "auth.Group", .blank = true,
              .related_name = "user_set", .related_query_name = "user", .verbose_name = "groups"),
    NU_COLUMN("user_permissions", many_to_many, .to_name = "auth.Permission", .blank = true,
              .related_name = "user_set", .related_query_name = "user",
              .verbose_name = "user permissions"),
    {0},
};

static const nu_operation operations[] = {
    NU_CREATE_MODEL("Permission", permission_fields,
                    .ordering =
                        NU_STRS("content_type__app_label", "content_type__model", "codename"),
                    .unique_together = NU_TOGETHER(NU_STRS("content_type", "codename")),
                    .verbose_name = "permission", .verbose_name_plural = "permissions"),
    NU_CREATE_MODEL("Group", group_fields, .verbose_name = "group",
                    .verbose_name_plural = "groups"),
    NU_CREATE_MODEL("User", user_fields, .verbose_name = "user", .verbose_name_plural = "users"),
    {0},
};

extern const nu_migration auth_0001_initial;
const nu_migration        auth_0001_initial = {
           .app = "auth",
           .name = "0001_initial",
           .initial = true,
           .depends = NU_DEPENDS({"contenttypes", "__first__"}),
           .operations = operations,
};
