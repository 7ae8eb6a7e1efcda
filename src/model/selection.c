/* What is read with the rows, and what is left out: nu_select_related, nu_prefetch_related, nu_only,
 * nu_defer. */
#include <string.h>

#include "model/query_internal.h"
#include "nuages/text.h"

static size_t count_names(const char *const *names)
{
    size_t count = 0;
    while (names != NULL && names[count] != NULL)
        count++;
    return count;
}

static bool has_name(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

/* `names`, then those of `more` that are not among them. */
static const char *const *joined(const char *const *names, const char *const *more)
{
    size_t       count = count_names(names);
    const char **all = nu_alloc((count + count_names(more) + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = names[i];
    for (; *more != NULL; more++) {
        if (!has_name(names, *more))
            all[count++] = *more;
    }
    return all;
}

/* `names` without those of `others`; NULL if none is left. */
static const char *const *without(const char *const *names, const char *const *others)
{
    const char **left = nu_alloc((count_names(names) + 1) * sizeof *left);
    size_t       count = 0;
    for (; names != NULL && *names != NULL; names++) {
        if (!has_name(others, *names))
            left[count++] = *names;
    }
    return count > 0 ? left : NULL;
}

/* ---- nu_select_related ---------------------------------------------------------------------- */

static NU_NORETURN NU_COLD void refuse_path(const nu_query *query, const char *path)
{
    nu_error *error =
        nu_error_new(NU_FIELD_ERROR, "\"%s\" of model \"%s\" is no reference to one row", path,
                     query->model->name);
    error->hint = "nu_prefetch_related loads relations to many.";
    nu_throw(error);
}

/* The part of the path behind the name of a nu_filtered_relation, and what that leads to; the whole path
 * if it begins with none. */
static const char *behind_filtered(const nu_query *query, const char *path,
                                   const nu_model_info **info)
{
    const char        *end = strstr(path, "__");
    size_t             length = end != NULL ? (size_t)(end - path) : strlen(path);
    const nu_filtered *relation = nu__filtered_find(query, path, length);
    if (relation == NULL)
        return path;
    nu_path found;
    nu__path_get(nu__query_clone(query), relation->name, NU_EVERY_JOIN, &found);
    *info = found.last;
    return end != NULL ? end + 2 : NULL;
}

static void check_path(const nu_query *query, const char *path)
{
    const nu_model_info *info = query->info;
    for (const char *at = behind_filtered(query, path, &info); at != NULL;) {
        const unsigned meanings =
            NU_MEANS_COLUMN | NU_MEANS_QUERY | NU_MEANS_ACCESSOR | NU_MEANS_MANY;
        const char    *end = strstr(at, "__");
        size_t         length = end != NULL ? (size_t)(end - at) : strlen(at);
        const nu_name *name = nu__name_find(info, at, length, meanings);
        if (name == NULL)
            nu__unknown_field(info, at, length, NU_MEANS_COLUMN | NU_MEANS_QUERY);
        const nu_reverse *reverse = name->what;
        const nu_column  *column = name->what;
        if (name->meaning == NU_MEANS_MANY)
            refuse_path(query, path);
        if (name->meaning == NU_MEANS_COLUMN) {
            if (column->to == NULL)
                refuse_path(query, path);
            info = nu__info(column->to);
        } else {
            if (!reverse->to_one)
                refuse_path(query, path);
            info = nu__info(reverse->model);
        }
        at = end != NULL ? end + 2 : NULL;
    }
}

nu_query *nu_select_related_(const nu_query *query, const char *const *paths)
{
    if (query->result != NU_RESULT_ROWS)
        nu_raise(NU_VALUE_ERROR, "a query of values brings no rows along: nu_select_related comes "
                                 "before nu_values, or not at all");
    nu__refuse_combined(query, "asked for related rows");
    for (size_t i = 0; paths[i] != NULL; i++)
        check_path(query, paths[i]);
    nu_query *copy = nu__query_clone(query);
    copy->related_all = paths[0] == NULL;
    copy->related = paths[0] != NULL ? joined(query->related, paths) : NULL;
    return copy;
}

nu_query *nu_select_unrelated(const nu_query *query)
{
    nu_query *copy = nu__query_clone(query);
    copy->related = NULL;
    copy->related_all = false;
    return copy;
}

/* ---- nu_prefetch_related -------------------------------------------------------------------- */

static nu_query *with_prefetch(const nu_query *query, nu_prefetch added)
{
    size_t count = 0;
    while (query->prefetch != NULL && query->prefetch[count].path != NULL)
        count++;
    nu_prefetch *list = nu_alloc((count + 2) * sizeof *list);
    if (count > 0)
        memcpy(list, query->prefetch, count * sizeof *list);
    list[count] = added;
    nu_query *copy = nu__query_clone(query);
    copy->prefetch = list;
    return copy;
}

nu_query *nu_prefetch_related_(const nu_query *query, const char *const *paths)
{
    nu_query *copy = nu__query_clone(query);
    if (paths[0] == NULL)
        copy->prefetch = NULL;
    for (; *paths != NULL; paths++)
        copy = with_prefetch(copy, (nu_prefetch){.path = *paths});
    return copy;
}

nu_query *nu_prefetch_with(const nu_query *query, const char *path, const nu_query *inner,
                           const char *to_attr)
{
    if (inner != NULL && inner->result != NU_RESULT_ROWS)
        nu_raise(NU_VALUE_ERROR, "\"%s\" is loaded by a query of rows, not of values", path);
    return with_prefetch(query, (nu_prefetch){.path = path, .query = inner, .to_attr = to_attr});
}

/* ---- nu_only, nu_defer ---------------------------------------------------------------------- */

/* "pk" is the key; a name may go on through references. */
static const char *const *check_fields(const nu_query *query, const char *const *names)
{
    const char **kept = nu_alloc((count_names(names) + 1) * sizeof *kept);
    for (size_t i = 0; names[i] != NULL; i++) {
        const nu_model_info *info = query->info;
        kept[i] = strcmp(names[i], "pk") == 0 ? info->primary_key->name : names[i];
        for (const char *at = kept[i]; at != NULL;) {
            const char    *end = strstr(at, "__");
            size_t         length = end != NULL ? (size_t)(end - at) : strlen(at);
            const unsigned last = NU_MEANS_COLUMN, on = NU_MEANS_QUERY | NU_MEANS_ACCESSOR;
            const nu_name *name = nu__name_find(info, at, length, end != NULL ? last | on : last);
            if (name == NULL)
                nu__unknown_field(info, at, length, NU_MEANS_COLUMN);
            const nu_column *column = name->what;
            if (end != NULL && name->meaning == NU_MEANS_COLUMN && column->to == NULL)
                nu__unknown_field(info, at, strlen(at), NU_MEANS_COLUMN);
            if (end != NULL)
                info = nu__info(name->meaning == NU_MEANS_COLUMN
                                    ? column->to
                                    : ((const nu_reverse *)name->what)->model);
            at = end != NULL ? end + 2 : NULL;
        }
    }
    return kept;
}

static nu_query *to_choose(const nu_query *query)
{
    if (query->result != NU_RESULT_ROWS)
        nu_raise(NU_VALUE_ERROR, "a query of values has no fields to leave out");
    nu__refuse_combined(query, "asked for some of their fields");
    return nu__query_clone(query);
}

/* What was deferred before stays so. */
nu_query *nu_only_(const nu_query *query, const char *const *names)
{
    names = check_fields(query, names);
    nu_query *copy = to_choose(query);
    copy->only = query->defer != NULL ? without(names, query->defer) : nu__names_keep(names);
    copy->defer = NULL;
    return copy;
}

nu_query *nu_defer_(const nu_query *query, const char *const *names)
{
    names = check_fields(query, names);
    nu_query *copy = to_choose(query);
    if (names[0] == NULL)
        copy->only = copy->defer = NULL;
    else if (query->only != NULL)
        copy->only = without(query->only, names);
    else
        copy->defer = joined(query->defer, names);
    return copy;
}
