/* What a dot in a template does to a value: key, attribute, index, call. */
#include <string.h>

#include "template/attributes.h"
#include "template/internal.h"
#include "template/program.h"

/* Below, a missing object is an ordinary answer (Django's silent_variable_failure). */

static bool get_attribute(nu_value object, const char *name, size_t length, nu_value *out)
{
    const nu_class *class = ((const nu_object *)object.object)->class;
    NU_TRY {
        return class->get(object.object, name, length, out);
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_OBJECT_NOT_FOUND))
            nu_reraise(error);
    }
    return false;
}

typedef nu_value call_fn(void *self, const nu_value *args, size_t count);

static bool call(call_fn *fn, void *self, nu_value *out)
{
    NU_TRY {
        *out = fn(self, NULL, 0);
        return true;
    }
    NU_CATCH (error) {
        if (!nu_error_is(error, NU_OBJECT_NOT_FOUND))
            nu_reraise(error);
    }
    return false;
}

bool nu__value_call(nu_value *value)
{
    if (NU_LIKELY(value->type != NU_FUNCTION && value->type != NU_OBJECT))
        return true;
    if (value->type == NU_OBJECT) {
        const nu_class *class = ((const nu_object *)value->object)->class;
        return !class->call || call(class->call, value->object, value);
    }
    const nu_function *function = value->function;
    return !function->alters_data && call(function->call, function->self, value);
}

static int64_t number_in(const char *name, size_t length)
{
    int64_t index;
    return length > 0 && name[0] >= '0' && name[0] <= '9' && nu_parse_int(name, length, &index)
               ? index
               : -1;
}

static bool text_at(nu_value text, int64_t index, nu_value *out)
{
    size_t count = nu_utf8_count(text.text, text.length);
    if ((uint64_t)index >= count)
        return false;
    size_t start = nu_utf8_offset(text.text, text.length, (size_t)index);
    size_t length = nu_utf8_offset(text.text + start, text.length - start, 1);
    *out = nu_value_text_copy(text.text + start, length);
    return true;
}

static bool item_at(nu_value value, int64_t index, nu_value *out)
{
    nu_value *found;
    switch ((nu_type)value.type) {
    case NU_LIST: return nu_list_at(value.list, index, out);
    case NU_TEXT: return text_at(value, index, out);
    case NU_DICT:
        found = nu_dict_find_value(value.dict, nu_value_int(index));
        if (found)
            *out = *found;
        return found != NULL;
    case NU_OBJECT:;
        const nu_class *class = ((const nu_object *)value.object)->class;
        return class->at && class->at(value.object, index, out);
    default: return false;
    }
}

static bool step(nu_value value, const char *name, size_t length, int64_t index, nu_value *out)
{
    if (value.type == NU_DICT) {
        nu_value *found = nu_dict_find_n(value.dict, name, length);
        if (found) {
            *out = *found;
            return true;
        }
    } else if (value.type == NU_OBJECT) {
        const nu_class *class = ((const nu_object *)value.object)->class;
        if (class->get && get_attribute(value, name, length, out))
            return true;
    }
    if (index >= 0)
        return item_at(value, index, out);
    return nu__plain_attribute(value, name, length, out);
}

bool nu__value_step(nu_value *value, const nu_step *to)
{
    return step(*value, to->name.text, to->name.length, to->index, value) && nu__value_call(value);
}

bool nu__value_member(nu_value value, const char *name, size_t length, nu_value *out)
{
    if (!step(value, name, length, number_in(name, length), &value) || !nu__value_call(&value))
        return false;
    *out = value;
    return true;
}

bool nu__value_path(nu_value value, const char *path, nu_value *out)
{
    for (;;) {
        size_t length = strcspn(path, ".");
        if (!nu__value_member(value, path, length, &value))
            return false;
        path += length;
        if (*path == '\0')
            break;
        path++;
    }
    *out = value;
    return true;
}

/* ---- as a sequence ------------------------------------------------------------------------------ */

static nu_list *characters(nu_value text)
{
    nu_list    *list = nu_list_new();
    const char *p = text.text, *end = p + text.length;
    while (p < end) {
        const char *start = p;
        nu_utf8_next(&p, end);
        nu_list_push(list, nu_value_text_copy(start, (size_t)(p - start)));
    }
    return list;
}

static nu_list *keys(const nu_dict *dict)
{
    nu_list *list = nu_list_new();
    for (const nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry));)
        nu_list_push(list, entry->key);
    return list;
}

static nu_list *items_of_object(void *object)
{
    const nu_class *class = ((const nu_object *)object)->class;
    if (!class->at)
        return NULL;
    nu_list *list = nu_list_new();
    nu_value item;
    for (int64_t i = 0; class->at(object, i, &item); i++)
        nu_list_push(list, item);
    return list;
}

nu_list *nu__value_items(nu_value value)
{
    switch ((nu_type)value.type) {
    case NU_LIST: return value.list;
    case NU_DICT: return keys(value.dict);
    case NU_TEXT: return characters(value);
    case NU_OBJECT: return items_of_object(value.object);
    default: return NULL;
    }
}

bool nu__value_length(nu_value value, int64_t *out)
{
    switch ((nu_type)value.type) {
    case NU_LIST: *out = value.list->count; return true;
    case NU_DICT: *out = nu_dict_count(value.dict); return true;
    case NU_TEXT: *out = (int64_t)nu_utf8_count(value.text, value.length); return true;
    case NU_BYTES: *out = value.length; return true;
    case NU_OBJECT:;
        const nu_class *class = ((const nu_object *)value.object)->class;
        if (!class->count && !class->at)
            return false;
        *out = class->count ? class->count(value.object) : -1;
        if (*out < 0 && class->at)
            *out = items_of_object(value.object)->count;
        return *out >= 0;
    default: return false;
    }
}
