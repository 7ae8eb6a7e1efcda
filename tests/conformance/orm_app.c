/* Methods of the models of contrib: content types, users. */
#include <stdlib.h>
#include <string.h>

#include "nuages/auth.h"
#include "nuages/text.h"

#include "orm.h"

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
    else if (strcmp(name, "has_perm") == 0)
        subject->value = NU_V(nu_user_has_perm(user, nu_text(first)));
    else if (strcmp(name, "has_perms") == 0)
        subject->value = NU_V(nu_user_has_perms(user, texts_of(first.list)));
    else if (strcmp(name, "has_module_perms") == 0)
        subject->value = NU_V(nu_user_has_module_perms(user, nu_text(first)));
    else
        return false;
    return true;
}

static bool call_users(orm_subject *subject, const char *name, const orm_arguments *arguments)
{
    nu_query *users = nu_query_from(subject->value);
    if (users == NULL || strcmp(name, "with_perm") != 0)
        return false;
    subject->value = NU_V(nu_users_with_perm(users, nu_text(arguments->list->items[0])));
    subject->model = NULL;
    return true;
}

static bool user_attribute(struct nu_user *user, const char *name, nu_value *out)
{
    if (strcmp(name, "get_all_permissions") == 0)
        *out = NU_V(nu_user_permissions(user));
    else if (strcmp(name, "get_group_permissions") == 0)
        *out = NU_V(sorted_names(nu_user_group_permissions(user)));
    else
        return false;
    return true;
}

/* ---- all of them ---------------------------------------------------------------------------------- */

bool orm_app_attribute(nu_row *row, const char *name, nu_value *out)
{
    if (user_of(row) != NULL)
        return user_attribute(user_of(row), name, out);
    if (!is_of(nu_row_model(row), &nu_content_type_model) || strcmp(name, "name") != 0)
        return false;
    *out = NU_V(nu_model_verbose_name(model_of_type(row)));
    return true;
}

bool orm_app_call(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    nu_row *row = nu_row_of(subject->value);
    if (is_of(subject->model, &nu_content_type_model))
        return call_content_types(subject, name, arguments);
    if (is_of(subject->model, &nu_user_model))
        return call_users(subject, name, arguments);
    if (user_of(row) != NULL)
        return call_user(subject, user_of(row), name, arguments);
    if (row != NULL && is_of(nu_row_model(row), &nu_content_type_model))
        return call_content_type(subject, row, name, arguments);
    return false;
}
