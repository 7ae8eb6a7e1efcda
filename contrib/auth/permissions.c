/* What users may do, and the permissions of all models. */
#include "nuages/auth.h"

#include <string.h>

#include "nuages/text.h"

/* ---- of a user --------------------------------------------------------------------------------- */

/* The names of the permissions that the query selects. */
static NU_WAITS nu_dict *names_of(nu_query *permissions)
{
    nu_dict  *names = nu_dict_new();
    nu_query *pairs =
        nu_values_list(nu_unordered(permissions), "content_type__app_label", "codename");
    nu_list *list = nu_query_list(pairs);
    for (uint32_t i = 0; i < list->count; i++) {
        const nu_list *pair = list->items[i].list;
        nu_dict_set(names, nu_fmt("%s.%s", pair->items[0].text, pair->items[1].text), true);
    }
    return names;
}

const nu_dict *nu_user_own_permissions(struct nu_user *user)
{
    if (!user->is_active)
        return nu_dict_new();
    if (user->own_permissions_ == NULL)
        user->own_permissions_ = names_of(
            user->is_superuser ? nu_all(nu_permission) : nu_related_set(user, "user_permissions"));
    return user->own_permissions_;
}

const nu_dict *nu_user_group_permissions(struct nu_user *user)
{
    if (!user->is_active)
        return nu_dict_new();
    if (user->group_permissions_ == NULL)
        user->group_permissions_ =
            names_of(user->is_superuser ? nu_all(nu_permission)
                                        : nu_filter(nu_all(nu_permission), "group__user", user));
    return user->group_permissions_;
}

/* Sorted insertion: lists of permissions are short. */
static void add_sorted(nu_list *list, nu_value name)
{
    uint32_t at = list->count;
    nu_list_push(list, name);
    for (; at > 0 && strcmp(list->items[at - 1].text, name.text) > 0; at--)
        list->items[at] = list->items[at - 1];
    list->items[at] = name;
}

nu_list *nu_user_permissions(struct nu_user *user)
{
    const nu_dict *own = nu_user_own_permissions(user), *groups = nu_user_group_permissions(user);
    nu_list       *list = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(own, entry)) != NULL;)
        add_sorted(list, entry->key);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(groups, entry)) != NULL;) {
        if (nu_dict_find(own, entry->key.text) == NULL)
            add_sorted(list, entry->key);
    }
    return list;
}

bool nu_user_has_perm(struct nu_user *user, const char *permission)
{
    if (!user->is_active)
        return false;
    if (user->is_superuser)
        return true;
    return nu_dict_find(nu_user_own_permissions(user), permission) != NULL ||
           nu_dict_find(nu_user_group_permissions(user), permission) != NULL;
}

bool nu_user_has_perms(struct nu_user *user, const char *const *permissions)
{
    for (; *permissions != NULL; permissions++) {
        if (!nu_user_has_perm(user, *permissions))
            return false;
    }
    return true;
}

static bool has_app(const nu_dict *names, const char *app)
{
    size_t length = strlen(app);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(names, entry)) != NULL;) {
        if (strncmp(entry->key.text, app, length) == 0 && entry->key.text[length] == '.')
            return true;
    }
    return false;
}

bool nu_user_has_module_perms(struct nu_user *user, const char *app)
{
    if (!user->is_active)
        return false;
    return user->is_superuser || has_app(nu_user_own_permissions(user), app) ||
           has_app(nu_user_group_permissions(user), app);
}

nu_query *nu_users_with_perm(const nu_query *users, const char *permission)
{
    const char *dot = strchr(permission, '.');
    if (dot == NULL) {
        nu_error *error = nu_error_new(NU_VALUE_ERROR, "\"%s\" is no permission", permission);
        error->hint = "Its name is \"app.codename\".";
        nu_throw(error);
    }
    const char *app = nu_fmt("%.*s", (int)(dot - permission), permission);
    nu_query   *those =
        nu_filter(nu_all(nu_permission), "codename", dot + 1, "content_type__app_label", app);
    those =
        nu_where(those, nu_or(nu_q("group__user", nu_outer("pk")), nu_q("user", nu_outer("pk"))));
    const nu_expression *may = nu_or(nu_has(those), nu_q("is_superuser", true));
    return nu_filter(nu_where(users, may), "is_active", true);
}

/* ---- of a model ---------------------------------------------------------------------------------- */

/* What the database has already: "content type's key.codename". */
static NU_WAITS nu_dict *known_permissions(const char *alias)
{
    nu_dict  *known = nu_dict_new();
    nu_query *all = nu_using(nu_unordered(nu_all(nu_permission)), alias);
    nu_list  *list = nu_query_list(nu_values_list(all, "content_type_id", "codename"));
    for (uint32_t i = 0; i < list->count; i++) {
        const nu_list *pair = list->items[i].list;
        nu_dict_set(known, nu_fmt("%s.%s", nu_text(pair->items[0]), pair->items[1].text), true);
    }
    return known;
}

static void add(nu_list *rows, nu_dict *known, const struct nu_content_type *type,
                const char *codename, const char *name)
{
    const char *key = nu_fmt("%lld.%s", (long long)type->row.id, codename);
    if (nu_dict_find(known, key) != NULL)
        return;
    nu_dict_set(known, key, true);
    nu_list_push(rows, NU_V(nu_new(nu_permission, "content_type", type, "codename",
                                   codename, "name", name)));
}

static NU_WAITS void add_of_model(nu_list *rows, nu_dict *known, const nu_model *model,
                                  const char *alias)
{
    struct nu_content_type  *type = nu_content_type_on(model, alias, true);
    const char *const       *actions = model->default_permissions;
    static const char *const usual[] = {"add", "change", "delete", "view", NULL};
    for (actions = actions != NULL ? actions : usual; *actions != NULL; actions++)
        add(rows, known, type, nu_fmt("%s_%s", *actions, nu_model_key(model)),
            nu_fmt("Can %s %s", *actions, nu_model_verbose_name(model)));
    const char *const *own = model->permissions;
    for (; own != NULL && own[0] != NULL && own[1] != NULL; own += 2)
        add(rows, known, type, own[0], own[1]);
}

void nu_permissions_create(const char *alias)
{
    nu_list *rows = nu_list_new();
    nu_content_types_create(alias);
    nu_dict *known = known_permissions(alias);
    for (const nu_model *const *model = nu_models(); *model != NULL; model++) {
        if (!nu_model_is_automatic(*model))
            add_of_model(rows, known, *model, alias);
    }
    for (uint32_t i = 0; i < rows->count; i++)
        nu_row_save_with(rows->items[i].object,
                         &(nu_save_options){.force_insert = true, .database = alias});
}
