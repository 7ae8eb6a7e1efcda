/* What others may ask of a model. */
#include <stdlib.h>
#include <string.h>

#include "model/internal.h"
#include "nuages/text.h"
#include "nuages/router.h"

const char *nu_model_app(const nu_model *model)
{
    return nu__info(model)->app;
}

const char *nu_model_label(const nu_model *model)
{
    return nu__info(model)->label;
}

const char *nu_model_key(const nu_model *model)
{
    return nu__info(model)->key;
}

const char *nu_model_table(const nu_model *model)
{
    return nu__info(model)->table;
}

const char *nu_model_verbose_name(const nu_model *model)
{
    return nu__info(model)->verbose_name;
}

const char *nu_model_verbose_name_plural(const nu_model *model)
{
    return nu__info(model)->verbose_name_plural;
}

nu_database *nu_model_database(const nu_model *model)
{
    return nu_database_for_write(model, NULL);
}

bool nu_model_is_automatic(const nu_model *model)
{
    return nu__info(model)->automatic;
}

const nu_column *const *nu_model_columns(const nu_model *model)
{
    return nu__info(model)->column_list;
}

const nu_column *const *nu_model_many(const nu_model *model)
{
    return nu__info(model)->many_list;
}

const nu_column *const *nu_model_own_columns(const nu_model *model)
{
    return nu__info(model)->own_list;
}

const nu_column *const *nu_model_own_many(const nu_model *model)
{
    return nu__info(model)->own_many;
}

const nu_column *const *nu_model_generic(const nu_model *model)
{
    return nu__info(model)->generic_list;
}

const nu_model *nu_model_concrete(const nu_model *model)
{
    return nu__info(model)->concrete->model;
}

const nu_column *nu_model_parent_link(const nu_model *model)
{
    return nu__info(model)->parent_link;
}

bool nu_model_is_a(const nu_model *model, const nu_model *other)
{
    if (model == other)
        return true;
    const nu_model_info *wanted = nu__info(other)->concrete;
    for (const nu_model_info *info = nu__info(model)->concrete; info != NULL; info = info->parent) {
        if (info == wanted)
            return true;
    }
    return false;
}

const char *const *nu_model_ordering(const nu_model *model)
{
    return nu__info(model)->ordering;
}

const char *nu_model_get_latest_by(const nu_model *model)
{
    return nu__info(model)->get_latest_by;
}

const nu_column *nu_model_primary_key(const nu_model *model)
{
    return nu__info(model)->primary_key;
}

const nu_reverse *nu_model_reverses(const nu_model *model)
{
    return nu__info(model)->reverses;
}

/* ---- names ---------------------------------------------------------------------------------- */

static uint32_t hash_name(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

const nu_name *nu__name_find(const nu_model_info *info, const char *text, size_t length,
                             unsigned meanings)
{
    uint32_t hash = hash_name(text, length);
    for (uint32_t at = hash & info->names_mask;; at = (at + 1) & info->names_mask) {
        const nu_name *name = &info->names[at];
        if (name->text == NULL)
            return NULL;
        if (name->hash == hash && name->length == length && (name->meaning & meanings) != 0 &&
            memcmp(name->text, text, length) == 0)
            return name;
    }
}

static void add_name(nu_model_info *info, const char *text, nu_meaning meaning, const void *what)
{
    size_t   length = strlen(text);
    uint32_t hash = hash_name(text, length);
    uint32_t at = hash & info->names_mask;
    while (info->names[at].text != NULL)
        at = (at + 1) & info->names_mask;
    info->names[at] = (nu_name){text, (uint32_t)length, hash, meaning, what};
}

static size_t count_properties(const nu_model *model)
{
    size_t count = 0;
    while (model->properties != NULL && model->properties[count].name != NULL)
        count++;
    return count;
}

static size_t count_columns(const nu_column *const *columns)
{
    size_t count = 0;
    while (columns[count] != NULL)
        count++;
    return count;
}

/* The model itself, what it is a proxy of, its parent, and so on; NULL at the end. */
static const nu_model_info *base_of(const nu_model_info *info)
{
    if (info->model->proxy_of != NULL)
        return info->model->proxy_of->state->info;
    return info->parent;
}

static void make_room_for_names(nu_model_info *info)
{
    size_t wanted = info->all_count * 2 + 2 + count_columns(info->many_list);
    for (const nu_model_info *at = info; at != NULL; at = base_of(at))
        wanted += at->reverse_count * 2 + at->generic_count * 2 + count_properties(at->model);
    size_t size = 16;
    while (size < wanted * 2)
        size *= 2;
    info->names = nu_arena_array(nu__models_arena(), size, sizeof *info->names);
    info->names_mask = (uint32_t)size - 1;
}

/* The way back from a child is no relation of the child itself: a restaurant has no restaurant. */
static bool leads_to_child(const nu_model_info *info, const nu_reverse *reverse)
{
    return reverse->column->field->parent_link && !reverse->many &&
           nu_model_is_a(info->model, reverse->model);
}

static void add_reverses(nu_model_info *info, const nu_model_info *from)
{
    for (size_t i = 0; i < from->reverse_count; i++) {
        const nu_reverse *reverse = &from->reverses[i];
        if (from->concrete != info->concrete && leads_to_child(info, reverse))
            continue;
        add_name(info, reverse->query_name, NU_MEANS_QUERY, reverse);
        if (!reverse->hidden)
            add_name(info, reverse->name, NU_MEANS_ACCESSOR, reverse);
    }
}

static void add_generics(nu_model_info *info, const nu_model_info *from)
{
    for (const nu_generic_key *key = from->generic_keys; key->field != NULL; key++)
        add_name(info, key->field->name, NU_MEANS_GENERIC, key);
    for (const nu_reverse *generic = from->generics; generic->query_name != NULL; generic++) {
        add_name(info, generic->query_name, NU_MEANS_QUERY, generic);
        if (!generic->back)
            add_name(info, generic->name, NU_MEANS_ACCESSOR, generic);
    }
}

void nu__resolve_names(nu_model_info *info)
{
    make_room_for_names(info);
    for (size_t i = info->all_count; i-- > 0;) { /* its own first */
        const nu_column *column = info->column_list[i];
        add_name(info, column->name, NU_MEANS_COLUMN, column);
        if (column->attname != column->name)
            add_name(info, column->attname, NU_MEANS_COLUMN, column);
    }
    add_name(info, "pk", NU_MEANS_COLUMN, info->primary_key);
    for (size_t i = count_columns(info->many_list); i-- > 0;)
        add_name(info, info->many_list[i]->name, NU_MEANS_MANY, info->many_list[i]);
    for (const nu_model_info *at = info->concrete; at != NULL; at = at->parent)
        add_reverses(info, at);
    for (const nu_model_info *at = info->concrete; at != NULL; at = at->parent)
        add_generics(info, at);
    for (const nu_model_info *at = info; at != NULL; at = base_of(at)) {
        for (size_t i = 0, n = count_properties(at->model); i < n; i++)
            add_name(info, at->model->properties[i].name, NU_MEANS_PROPERTY,
                     &at->model->properties[i]);
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a model with one of `meanings`, sorted, each once, ended by NULL. */
static const char **names_of(const nu_model_info *info, unsigned meanings)
{
    const char **names = nu_arena_array(nu_arena_current(), info->names_mask + 2u, sizeof *names);
    size_t       count = 0;
    for (uint32_t i = 0; i <= info->names_mask; i++) {
        const nu_name *name = &info->names[i];
        if (name->text != NULL && (name->meaning & meanings) != 0 && strcmp(name->text, "pk") != 0)
            names[count++] = name->text;
    }
    qsort(names, count, sizeof *names, compare_texts);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    }
    names[kept] = NULL;
    return names;
}

void nu__unknown_field(const nu_model_info *info, const char *name, size_t length,
                       unsigned meanings)
{
    const char **names = names_of(info, meanings);
    const char  *text = nu_fmt("%.*s", (int)length, name);
    bool         stored = (meanings & ~(unsigned)(NU_MEANS_COLUMN | NU_MEANS_MANY)) == 0;
    nu_error    *error = nu_error_new(stored ? NU_FIELD_NOT_FOUND : NU_FIELD_ERROR,
                                   "model \"%s\" has no field \"%s\"", info->model->name, text);
    nu_builder choices;
    nu_builder_init(&choices, NULL, 128);
    nu_builder_puts(&choices, "Choices are: ");
    for (size_t i = 0; names[i] != NULL; i++)
        nu_builder_printf(&choices, "%s%s", i > 0 ? ", " : "", names[i]);
    nu_builder_putc(&choices, '.');
    error->detail = nu_builder_text(&choices);
    const char *near = nu_nearest(text, names);
    if (near != NULL)
        error->hint = nu_fmt("Did you mean \"%s\"?", near);
    nu_throw(error);
}

const nu_column *nu_column_find(const nu_model *model, const char *name)
{
    const nu_name *found =
        nu__name_find(nu__info(model), name, strlen(name), NU_MEANS_COLUMN | NU_MEANS_MANY);
    return found != NULL ? found->what : NULL;
}

const nu_column *nu_column_get(const nu_model *model, const char *name)
{
    const nu_column *column = nu_column_find(model, name);
    if (column == NULL)
        nu__unknown_field(nu__info(model), name, strlen(name), NU_MEANS_COLUMN | NU_MEANS_MANY);
    return column;
}
