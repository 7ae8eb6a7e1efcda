/* Natural keys: rows named by what people know them by, for fixtures that travel between databases. */
#include <string.h>

#include "model/internal.h"
#include "nuages/query.h"

/* Follows "content_type__app_label" from row to row. */
static nu_value value_at(nu_row *row, const char *path)
{
    for (;;) {
        const char *end = strstr(path, "__");
        nu_value    value =
            nu_row_get(row, end != NULL ? nu_fmt("%.*s", (int)(end - path), path) : path);
        if (end == NULL)
            return value;
        row = nu_row_of(value);
        if (row == NULL)
            return nu_null();
        path = end + 2;
    }
}

nu_list *nu_row_natural_key(nu_row *row)
{
    const nu_model *model = nu_row_model(row);
    if (model->natural_key == NULL)
        return NULL;
    nu_list *key = nu_list_new();
    for (size_t i = 0; model->natural_key[i] != NULL; i++)
        nu_list_push(key, value_at(row, model->natural_key[i]));
    return key;
}

nu_row *nu_row_by_natural_key(const nu_model *model, const nu_list *key, const char *alias)
{
    size_t count = 0;
    while (model->natural_key != NULL && model->natural_key[count] != NULL)
        count++;
    if (count != key->count)
        nu_raise(NU_VALUE_ERROR, "the natural key of model \"%s\" has %zu values, not %u",
                 model->name, count, key->count);
    nu_query *query = nu_query_everything(model);
    if (alias != NULL)
        query = nu_using(query, alias);
    for (size_t i = 0; i < count; i++) {
        /* NULL equals nothing, so a lookup says what it means. */
        const char *path = nu_is_null(key->items[i]) ? nu_fmt("%s__isnull", model->natural_key[i])
                                                     : model->natural_key[i];
        nu_value    value = nu_is_null(key->items[i]) ? nu_value_bool(true) : key->items[i];
        query = nu_where(query, nu_q(path, value));
    }
    return nu_find_(query, NU_PAIRS());
}
