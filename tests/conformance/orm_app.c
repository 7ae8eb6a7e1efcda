/* Methods of the models of contrib: content types, users. */
#include <string.h>

#include "nuages/contenttypes.h"
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
    nu_query *query = nu_fetch_with(nu_query_everything(model_of_type(row)), NU_FETCH_ONE);
    *subject = orm_call((orm_subject){.value = NU_V(query)}, method, arguments);
    return true;
}

bool orm_app_attribute(nu_row *row, const char *name, nu_value *out)
{
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
    if (row != NULL && is_of(nu_row_model(row), &nu_content_type_model))
        return call_content_type(subject, row, name, arguments);
    return false;
}
