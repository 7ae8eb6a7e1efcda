#include <string.h>

#include "migrate/internal.h"

/* ---- lengths --------------------------------------------------------------------------------- */

size_t nu__count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

size_t nu__count_sets(const char *const *const *sets)
{
    size_t count = 0;
    while (sets != NULL && sets[count] != NULL)
        count++;
    return count;
}

size_t nu__count_indexes(const nu_index *indexes)
{
    size_t count = 0;
    while (indexes != NULL && indexes[count].name != NULL)
        count++;
    return count;
}

size_t nu__count_constraints(const nu_constraint *constraints)
{
    size_t count = 0;
    while (constraints != NULL && constraints[count].name != NULL)
        count++;
    return count;
}

/* ---- by name --------------------------------------------------------------------------------- */

const nu_index *nu__meta_index(const nu_meta *meta, const char *name)
{
    for (const nu_index *index = meta->indexes; index != NULL && index->name != NULL; index++)
        if (strcmp(index->name, name) == 0)
            return index;
    return NULL;
}

const nu_constraint *nu__meta_constraint(const nu_meta *meta, const char *name)
{
    for (const nu_constraint *c = meta->constraints; c != NULL && c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

void nu__meta_add_index(nu_meta *meta, const nu_index *index)
{
    size_t    count = nu__count_indexes(meta->indexes);
    nu_index *list = nu_alloc((count + 2) * sizeof *list);
    if (count > 0)
        memcpy(list, meta->indexes, count * sizeof *list);
    list[count] = *index;
    meta->indexes = list;
}

void nu__meta_add_constraint(nu_meta *meta, const nu_constraint *constraint)
{
    size_t         count = nu__count_constraints(meta->constraints);
    nu_constraint *list = nu_alloc((count + 2) * sizeof *list);
    if (count > 0)
        memcpy(list, meta->constraints, count * sizeof *list);
    list[count] = *constraint;
    meta->constraints = list;
}

void nu__meta_remove_index(nu_meta *meta, const char *name)
{
    size_t    count = nu__count_indexes(meta->indexes), used = 0;
    nu_index *list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (strcmp(meta->indexes[i].name, name) != 0)
            list[used++] = meta->indexes[i];
    meta->indexes = used > 0 ? list : NULL;
}

void nu__meta_remove_constraint(nu_meta *meta, const char *name)
{
    size_t         count = nu__count_constraints(meta->constraints), used = 0;
    nu_constraint *list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (strcmp(meta->constraints[i].name, name) != 0)
            list[used++] = meta->constraints[i];
    meta->constraints = used > 0 ? list : NULL;
}

/* ---- a field gets another name --------------------------------------------------------------- */

/* A list of names with one of them renamed; a leading "-" is kept. */
static const char *const *renamed_in(const char *const *names, const char *from, const char *to)
{
    size_t count = nu__count_texts(names);
    if (names == NULL)
        return NULL;
    const char **list = nu_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        bool        down = names[i][0] == '-';
        const char *name = names[i] + down;
        list[i] = strcmp(name, from) == 0 ? (down ? nu_fmt("-%s", to) : to) : names[i];
    }
    return list;
}

static void rename_in_indexes(nu_meta *meta, const char *from, const char *to)
{
    size_t    count = nu__count_indexes(meta->indexes);
    nu_index *indexes = nu_alloc((count + 1) * sizeof *indexes);
    for (size_t i = 0; i < count; i++) {
        indexes[i] = meta->indexes[i];
        indexes[i].fields = renamed_in(indexes[i].fields, from, to);
        indexes[i].include = renamed_in(indexes[i].include, from, to);
    }
    meta->indexes = count > 0 ? indexes : NULL;
}

static void rename_in_constraints(nu_meta *meta, const char *from, const char *to)
{
    size_t         count = nu__count_constraints(meta->constraints);
    nu_constraint *constraints = nu_alloc((count + 1) * sizeof *constraints);
    for (size_t i = 0; i < count; i++) {
        constraints[i] = meta->constraints[i];
        constraints[i].fields = renamed_in(constraints[i].fields, from, to);
        constraints[i].include = renamed_in(constraints[i].include, from, to);
    }
    meta->constraints = count > 0 ? constraints : NULL;
}

void nu__meta_rename_field(nu_meta *meta, const char *from, const char *to)
{
    meta->ordering = renamed_in(meta->ordering, from, to);
    meta->primary_key = renamed_in(meta->primary_key, from, to);
    rename_in_indexes(meta, from, to);
    rename_in_constraints(meta, from, to);
    if (nu__text_equal(meta->order_with_respect_to, from))
        meta->order_with_respect_to = to;
    size_t count = nu__count_sets(meta->unique_together);
    if (count == 0)
        return;
    const char *const **sets = nu_alloc((count + 1) * sizeof *sets);
    for (size_t i = 0; i < count; i++)
        sets[i] = renamed_in(meta->unique_together[i], from, to);
    meta->unique_together = sets;
}

static const char *const *without(const char *const *names, const char *name)
{
    const char **list = nu_alloc((nu__count_texts(names) + 1) * sizeof *list);
    size_t       used = 0;
    for (; *names != NULL; names++)
        if (strcmp(*names, name) != 0)
            list[used++] = *names;
    return list;
}

void nu__meta_remove_field(nu_meta *meta, const char *name)
{
    size_t              count = nu__count_sets(meta->unique_together), used = 0;
    const char *const **sets = nu_alloc((count + 1) * sizeof *sets);
    for (size_t i = 0; i < count; i++) {
        const char *const *set = without(meta->unique_together[i], name);
        if (set[0] != NULL)
            sets[used++] = set;
    }
    meta->unique_together = used > 0 ? sets : NULL;
    if (nu__text_equal(meta->order_with_respect_to, name))
        meta->order_with_respect_to = NULL;
}

/* ---- options --------------------------------------------------------------------------------- */

void nu__meta_set_options(nu_meta *meta, const nu_meta *options)
{
    meta->ordering = options->ordering;
    meta->verbose_name = options->verbose_name;
    meta->verbose_name_plural = options->verbose_name_plural;
    meta->get_latest_by = options->get_latest_by;
    meta->permissions = options->permissions;
    meta->default_permissions = options->default_permissions;
    meta->default_related_name = options->default_related_name;
    meta->unmanaged = options->unmanaged;
}

bool nu__options_equal(const nu_meta *a, const nu_meta *b)
{
    return nu__texts_equal(a->ordering, b->ordering) &&
           nu__text_equal(a->verbose_name, b->verbose_name) &&
           nu__text_equal(a->verbose_name_plural, b->verbose_name_plural) &&
           nu__text_equal(a->get_latest_by, b->get_latest_by) &&
           nu__texts_equal(a->permissions, b->permissions) &&
           (a->default_permissions == NULL) == (b->default_permissions == NULL) &&
           nu__texts_equal(a->default_permissions, b->default_permissions) &&
           nu__text_equal(a->default_related_name, b->default_related_name) &&
           a->unmanaged == b->unmanaged;
}
