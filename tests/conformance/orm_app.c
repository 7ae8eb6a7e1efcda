/* Methods of the models of contrib: content types, users. */
#include <stdlib.h>
#include <string.h>

#include "nuages/auth.h"
#include "nuages/text.h"

#include "orm.h"

static nu_value given(const orm_arguments *arguments, uint32_t at, const char *keyword)
{
    return at < arguments->list->count ? arguments->list->items[at]
                                       : nu_dict_get(arguments->keywords, keyword);
}

static const char *text_or_null(nu_value value)
{
    return nu_is_null(value) ? NULL : nu_text(value);
}

/* ---- content types ----------------------------------------------------------------------------- */

static bool is_of(const nu_model *model, const nu_model *wanted)
{
    return model != NULL && nu_model_concrete(model) == wanted;
}

/* A class is written as its label; a row stands for its own. */
static const nu_model *class_of(nu_value value)
{
    nu_row *row = nu_row_of(value);
    return row != NULL ? nu_row_model(row) : nu_model_get(nu_text(value));
}

static nu_value content_type_for(nu_value of, const orm_arguments *arguments)
{
    const nu_value *concrete = nu_dict_find(arguments->keywords, "for_concrete_model");
    return NU_V(nu_content_type_on(class_of(of), NULL, concrete != NULL && !nu_truth(*concrete)));
}

static nu_value content_types_for(const orm_arguments *arguments)
{
    nu_list *pairs = nu_list_new();
    for (uint32_t i = 0; i < arguments->list->count; i++) {
        nu_value of = arguments->list->items[i];
        nu_list_add(pairs, nu_list_of(of, content_type_for(of, arguments)));
    }
    return NU_V(pairs);
}

static bool call_content_types(orm_subject *subject, const char *name,
                               const orm_arguments *arguments)
{
    nu_value first = nu_null(), second = nu_null();
    if (arguments->list->count > 0)
        first = arguments->list->items[0];
    if (arguments->list->count > 1)
        second = arguments->list->items[1];
    if (strcmp(name, "get_for_model") == 0)
        subject->value = content_type_for(first, arguments);
    else if (strcmp(name, "get_for_models") == 0)
        subject->value = content_types_for(arguments);
    else if (strcmp(name, "get_for_id") == 0)
        subject->value = NU_V(nu_content_type_by_id(nu_int(first), NULL));
    else if (strcmp(name, "get_by_natural_key") == 0)
        subject->value = NU_V(nu_content_type_by_key(nu_text(first), nu_text(second), NULL));
    else if (strcmp(name, "clear_cache") == 0)
        nu_content_type_clear_cache();
    else
        return false;
    subject->model = NULL;
    return true;
}

static const nu_model *model_of_type(const nu_row *row)
{
    const nu_model *model = nu_content_type_class((const struct nu_content_type *)row);
    if (model == NULL)
        nu_raise(NU_VALUE_ERROR, "the content type stands for no model");
    return model;
}

/* Of one content type. */
static bool call_content_type(orm_subject *subject, const nu_row *row, const char *name,
                              orm_arguments *arguments)
{
    const char *method = strcmp(name, "get_object_for_this_type") == 0        ? "get"
                         : strcmp(name, "get_all_objects_for_this_type") == 0 ? "filter"
                                                                              : NULL;
    if (strcmp(name, "model_class") == 0) {
        subject->value = NU_V(nu_model_label(model_of_type(row)));
        return true;
    }
    if (method == NULL)
        return false;
    nu_query *query = nu_fetch_with(nu_query_everything(model_of_type(row)), orm_fetch_mode);
    *subject = orm_call((orm_subject){.value = NU_V(query)}, method, arguments);
    return true;
}

/* ---- users ---------------------------------------------------------------------------------------- */

static struct nu_user *user_of(nu_row *row)
{
    return row != NULL && is_of(nu_row_model(row), &nu_user_model) ? (void *)row : NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const nu_value *)a)->text, ((const nu_value *)b)->text);
}

static nu_list *sorted_names(const nu_dict *permissions)
{
    nu_list *names = nu_list_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(permissions, entry)) != NULL;)
        nu_list_push(names, entry->key);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_text);
    return names;
}

static const char *const *texts_of(const nu_list *list)
{
    const char **texts = nu_alloc((list->count + 1) * sizeof *texts);
    for (uint32_t i = 0; i < list->count; i++)
        texts[i] = nu_text(list->items[i]);
    return texts;
}

static bool call_user(orm_subject *subject, struct nu_user *user, const char *name,
                      const orm_arguments *arguments)
{
    nu_value first = arguments->list->count > 0 ? arguments->list->items[0] : nu_null();
    if (strcmp(name, "check_password") == 0)
        subject->value = NU_V(nu_user_check_password(user, nu_text(first)));
    else if (strcmp(name, "set_password") == 0 || strcmp(name, "set_unusable_password") == 0) {
        nu_user_set_password(user, text_or_null(first));
        subject->value = nu_null();
    } else if (strcmp(name, "has_perm") == 0)
        subject->value = NU_V(nu_user_has_perm(user, nu_text(first)));
    else if (strcmp(name, "has_perms") == 0)
        subject->value = NU_V(nu_user_has_perms(user, texts_of(first.list)));
    else if (strcmp(name, "has_module_perms") == 0)
        subject->value = NU_V(nu_user_has_module_perms(user, nu_text(first)));
    else
        return false;
    return true;
}

/* create_user and create_superuser: three arguments, and fields by name. */
static nu_value created_user(const orm_arguments *arguments, bool all)
{
    nu_dict *fields = nu_dict_new();
    for (nu_entry *entry = NULL; (entry = nu_dict_next(arguments->keywords, entry)) != NULL;)
        if (strcmp(entry->key.text, "username") != 0 && strcmp(entry->key.text, "email") != 0 &&
            strcmp(entry->key.text, "password") != 0)
            nu_dict_put(fields, entry->key, entry->value);
    const char *name = text_or_null(given(arguments, 0, "username"));
    const char *email = text_or_null(given(arguments, 1, "email"));
    const char *password = text_or_null(given(arguments, 2, "password"));
    return NU_V(all ? nu_user_create_superuser_(name, email, password, orm_pairs(fields))
                    : nu_user_create_(name, email, password, orm_pairs(fields)));
}

static bool call_users(orm_subject *subject, const char *name, const orm_arguments *arguments)
{
    nu_query *users = nu_query_from(subject->value);
    if (users == NULL)
        return false;
    if (strcmp(name, "with_perm") == 0)
        subject->value = NU_V(nu_users_with_perm(users, nu_text(given(arguments, 0, "perm"))));
    else if (strcmp(name, "create_user") == 0)
        subject->value = created_user(arguments, false);
    else if (strcmp(name, "create_superuser") == 0)
        subject->value = created_user(arguments, true);
    else if (strcmp(name, "normalize_email") == 0)
        subject->value = NU_V(nu_user_normalize_email(text_or_null(given(arguments, 0, "email"))));
    else if (strcmp(name, "get_by_natural_key") == 0)
        subject->value = NU_V(nu_user_get(nu_text(given(arguments, 0, "username"))));
    else
        return false;
    subject->model = NULL;
    return true;
}

/* By names instead of keys: of permissions and groups. */
static bool call_named(orm_subject *subject, const char *name, const orm_arguments *arguments)
{
    nu_query *query = nu_query_from(subject->value);
    if (query == NULL || strcmp(name, "get_by_natural_key") != 0)
        return false;
    nu_value first = given(arguments, 0, "codename");
    if (is_of(subject->model, &nu_group_model)) {
        nu_value named = nu_is_null(first) ? given(arguments, 0, "name") : first;
        subject->value = NU_V(nu_get_(query, NU_PAIRS("name", named)));
    } else {
        struct nu_content_type *type = nu_content_type_by_key(
            nu_text(given(arguments, 1, "app_label")), nu_text(given(arguments, 2, "model")), NULL);
        subject->value =
            NU_V(nu_get_(query, NU_PAIRS("codename", first, "content_type", &type->row)));
    }
    subject->model = NULL;
    return true;
}

static bool user_attribute(struct nu_user *user, const char *name, nu_value *out)
{
    if (strcmp(name, "get_all_permissions") == 0)
        *out = NU_V(nu_user_permissions(user));
    else if (strcmp(name, "get_group_permissions") == 0)
        *out = NU_V(sorted_names(nu_user_group_permissions(user)));
    else if (strcmp(name, "get_user_permissions") == 0)
        *out = NU_V(sorted_names(nu_user_own_permissions(user)));
    else if (strcmp(name, "get_full_name") == 0)
        *out = NU_V(nu_user_full_name(user));
    else if (strcmp(name, "get_short_name") == 0)
        *out = NU_V(user->first_name);
    else if (strcmp(name, "get_username") == 0)
        *out = NU_V(user->username);
    else if (strcmp(name, "natural_key") == 0)
        *out = NU_V(nu_list_of(user->username));
    else if (strcmp(name, "has_usable_password") == 0)
        *out = NU_V(nu_password_is_usable(user->password));
    else if (strcmp(name, "is_authenticated") == 0 || strcmp(name, "is_anonymous") == 0)
        *out = nu_value_bool(strcmp(name, "is_authenticated") == 0);
    else
        return false;
    return true;
}

static bool content_type_attribute(const nu_row *row, const char *name, nu_value *out)
{
    const struct nu_content_type *type = (const struct nu_content_type *)row;
    const nu_model               *model = nu_content_type_class(type);
    const char *verbose = model != NULL ? nu_model_verbose_name(model) : type->model;
    if (strcmp(name, "name") == 0)
        *out = NU_V(verbose);
    else if (strcmp(name, "app_labeled_name") == 0)
        *out = NU_V(model != NULL ? nu_fmt("%s | %s", type->app_label, verbose) : verbose);
    else if (strcmp(name, "natural_key") == 0)
        *out = NU_V(nu_list_of(type->app_label, type->model));
    else
        return false;
    return true;
}

static bool group_attribute(const nu_row *row, const char *name, nu_value *out)
{
    if (strcmp(name, "natural_key") != 0)
        return false;
    *out = NU_V(nu_list_of(((const struct nu_group *)row)->name));
    return true;
}

static bool permission_attribute(nu_row *row, const char *name, nu_value *out)
{
    struct nu_permission *permission = (struct nu_permission *)row;
    if (strcmp(name, "natural_key") != 0)
        return false;
    const struct nu_content_type *type = nu_related(permission, content_type);
    *out = NU_V(nu_list_of(permission->codename, type->app_label, type->model));
    return true;
}

/* ---- all of them ---------------------------------------------------------------------------------- */

bool orm_app_attribute(nu_row *row, const char *name, nu_value *out)
{
    const nu_model *model = nu_row_model(row);
    if (user_of(row) != NULL)
        return user_attribute(user_of(row), name, out);
    if (is_of(model, &nu_content_type_model))
        return content_type_attribute(row, name, out);
    if (is_of(model, &nu_group_model))
        return group_attribute(row, name, out);
    return is_of(model, &nu_permission_model) && permission_attribute(row, name, out);
}

bool orm_app_call(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    nu_row *row = nu_row_of(subject->value);
    if (is_of(subject->model, &nu_content_type_model))
        return call_content_types(subject, name, arguments);
    if (is_of(subject->model, &nu_user_model))
        return call_users(subject, name, arguments);
    if (is_of(subject->model, &nu_permission_model) || is_of(subject->model, &nu_group_model))
        return call_named(subject, name, arguments);
    if (user_of(row) != NULL)
        return call_user(subject, user_of(row), name, arguments);
    if (row != NULL && is_of(nu_row_model(row), &nu_content_type_model))
        return call_content_type(subject, row, name, arguments);
    return false;
}
