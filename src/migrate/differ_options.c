/* The part of the autodetector for options. The operation carries all options of a model; each
 * round changes those it is about, so that they change before a field goes and after a field
 * comes. */
#include "migrate/differ.h"

#include <string.h>

/* ---- lists ----------------------------------------------------------------------------------- */

static size_t count_sets(const char *const *const *sets)
{
    size_t count = 0;
    while (sets != NULL && sets[count] != NULL)
        count++;
    return count;
}

static size_t count_indexes(const nu_index *indexes)
{
    size_t count = 0;
    while (indexes != NULL && indexes[count].name != NULL)
        count++;
    return count;
}

static size_t count_constraints(const nu_constraint *constraints)
{
    size_t count = 0;
    while (constraints != NULL && constraints[count].name != NULL)
        count++;
    return count;
}

static bool has_index(const nu_index *indexes, const nu_index *wanted)
{
    for (; indexes != NULL && indexes->name != NULL; indexes++)
        if (nu__index_equal(indexes, wanted))
            return true;
    return false;
}

static bool has_constraint(const nu_constraint *constraints, const nu_constraint *wanted)
{
    for (; constraints != NULL && constraints->name != NULL; constraints++)
        if (nu__constraint_equal(constraints, wanted))
            return true;
    return false;
}

/* True if the model has all of the fields; a leading "-" is none of the name. */
static bool has_all(const nu__model *model, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (nu__model_field(model, *names + (**names == '-')) == NULL)
            return false;
    return true;
}

/* ---- changes --------------------------------------------------------------------------------- */

static void need_fields(nu__pending *pending, const nu__model *model, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        nu__differ_need(pending, nu_fmt("%s.%s", nu__differ_key(model->app, model->name),
                                        *names + (**names == '-')));
}

static void need_all_fields(nu__pending *pending, const nu__model *model, const nu_meta *meta)
{
    for (size_t i = 0; i < count_sets(meta->unique_together); i++)
        need_fields(pending, model, meta->unique_together[i]);
    for (size_t i = 0; i < count_indexes(meta->indexes); i++)
        need_fields(pending, model, meta->indexes[i].fields);
    for (size_t i = 0; i < count_constraints(meta->constraints); i++)
        need_fields(pending, model, meta->constraints[i].fields);
}

/* Adds the operation that gives the model these options; they count as there from now on. */
static nu__pending *change(struct differ *differ, nu__model *from, const nu__model *to,
                           nu_meta meta, const char *slug)
{
    nu__pending *pending = nu__differ_add(
        differ, to->app,
        (nu_operation){.kind = NU_OPERATION_ALTER_META, .model = to->name, .meta = meta});
    pending->slug = slug;
    need_all_fields(pending, to, &meta);
    from->meta = meta;
    return pending;
}

/* The same, for what stands in the way of fields that go. */
static void drop(struct differ *differ, nu__model *from, const nu__model *to, nu_meta meta,
                 const char *slug)
{
    change(differ, from, to, meta, slug)->gives = nu_fmt("~%s", nu__differ_key(to->app, to->name));
}

void nu__compare_options(struct differ *differ, nu__model *from, const nu__model *to)
{
    nu_meta meta = to->meta;
    meta.db_table = from->meta.db_table;
    meta.unique_together = from->meta.unique_together;
    meta.indexes = from->meta.indexes;
    meta.constraints = from->meta.constraints;
    if (!nu__meta_equal(&meta, &from->meta))
        change(differ, from, to, meta, nu_fmt("alter_%s_options", nu__lower(to->name)));
}

/* ---- what goes ------------------------------------------------------------------------------- */

static void drop_constraints(struct differ *differ, nu__model *from, const nu__model *to)
{
    size_t         count = count_constraints(from->meta.constraints), used = 0;
    nu_constraint *kept = nu_alloc((count + 1) * sizeof *kept);
    const char    *slug = "remove";
    for (size_t i = 0; i < count; i++) {
        const nu_constraint *constraint = &from->meta.constraints[i];
        if (has_constraint(to->meta.constraints, constraint))
            kept[used++] = *constraint;
        else
            slug = nu_fmt("%s_%s_%s", slug, nu__lower(to->name), nu__lower(constraint->name));
    }
    nu_meta meta = from->meta;
    meta.constraints = kept;
    if (used < count)
        drop(differ, from, to, meta, slug);
}

static void drop_indexes(struct differ *differ, nu__model *from, const nu__model *to)
{
    size_t      count = count_indexes(from->meta.indexes), used = 0;
    nu_index   *kept = nu_alloc((count + 1) * sizeof *kept);
    const char *slug = "remove";
    for (size_t i = 0; i < count; i++) {
        const nu_index *index = &from->meta.indexes[i];
        if (has_index(to->meta.indexes, index))
            kept[used++] = *index;
        else
            slug = nu_fmt("%s_%s_%s", slug, nu__lower(to->name), nu__lower(index->name));
    }
    nu_meta meta = from->meta;
    meta.indexes = kept;
    if (used < count)
        drop(differ, from, to, meta, slug);
}

static const char *together_slug(const nu__model *model)
{
    return nu_fmt("alter_%s_unique_together", nu__lower(model->name));
}

/* Only sets that name a field that goes; the others change together with those that come. */
static void drop_sets(struct differ *differ, nu__model *from, const nu__model *to)
{
    size_t              count = count_sets(from->meta.unique_together), used = 0;
    const char *const **kept = nu_alloc((count + 1) * sizeof *kept);
    for (size_t i = 0; i < count; i++)
        if (has_all(to, from->meta.unique_together[i]))
            kept[used++] = from->meta.unique_together[i];
    nu_meta meta = from->meta;
    meta.unique_together = kept;
    if (used < count)
        drop(differ, from, to, meta, together_slug(to));
}

void nu__drop_options(struct differ *differ, nu__model *from, const nu__model *to)
{
    drop_constraints(differ, from, to);
    drop_indexes(differ, from, to);
    drop_sets(differ, from, to);
}

/* ---- what comes ------------------------------------------------------------------------------ */

static const char *new_indexes_slug(const nu__model *from, const nu__model *to)
{
    const char *slug = NULL;
    for (size_t i = 0; i < count_indexes(to->meta.indexes); i++)
        if (!has_index(from->meta.indexes, &to->meta.indexes[i]))
            slug = nu_fmt("%s%s%s_%s", slug != NULL ? slug : "", slug != NULL ? "_" : "",
                          nu__lower(to->name), nu__lower(to->meta.indexes[i].name));
    return slug;
}

static const char *new_constraints_slug(const nu__model *from, const nu__model *to)
{
    const char *slug = NULL;
    for (size_t i = 0; i < count_constraints(to->meta.constraints); i++)
        if (!has_constraint(from->meta.constraints, &to->meta.constraints[i]))
            slug = nu_fmt("%s%s%s_%s", slug != NULL ? slug : "", slug != NULL ? "_" : "",
                          nu__lower(to->name), nu__lower(to->meta.constraints[i].name));
    return slug;
}

void nu__make_options(struct differ *differ, nu__model *from, const nu__model *to)
{
    nu_meta meta = from->meta;
    meta.unique_together = to->meta.unique_together;
    if (!nu__together_equal(meta.unique_together, from->meta.unique_together))
        change(differ, from, to, meta, together_slug(to));
    meta.indexes = to->meta.indexes;
    if (!nu__meta_equal(&meta, &from->meta))
        change(differ, from, to, meta, new_indexes_slug(from, to));
    meta.constraints = to->meta.constraints;
    if (!nu__meta_equal(&meta, &from->meta))
        change(differ, from, to, meta, new_constraints_slug(from, to));
}

void nu__compare_table(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (!nu__meta_equal(&from->meta, &to->meta))
        change(differ, from, to, to->meta, nu_fmt("alter_%s_table", nu__lower(to->name)));
}

/* ---- new models ------------------------------------------------------------------------------ */

static bool names_reference(const nu__model *model, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++) {
        const nu_field *field = nu__model_field(model, *names + (**names == '-'));
        if (field != NULL && field->type->relation && !field->primary_key)
            return true;
    }
    return false;
}

static bool options_name_reference(const nu__model *model)
{
    const nu_meta *meta = &model->meta;
    bool           found = false;
    for (size_t i = 0; i < count_sets(meta->unique_together); i++)
        found |= names_reference(model, meta->unique_together[i]);
    for (size_t i = 0; i < count_indexes(meta->indexes); i++)
        found |= names_reference(model, meta->indexes[i].fields);
    for (size_t i = 0; i < count_constraints(meta->constraints); i++)
        found |= names_reference(model, meta->constraints[i].fields);
    return found;
}

nu_meta nu__creation_meta(struct differ *differ, const nu__model *model)
{
    if (!options_name_reference(model))
        return model->meta;
    nu__pending *pending = nu__differ_add(
        differ, model->app,
        (nu_operation){.kind = NU_OPERATION_ALTER_META, .model = model->name, .meta = model->meta});
    pending->of_new_model = true;
    pending->slug = together_slug(model);
    nu__differ_need(pending, nu__differ_key(model->app, model->name));
    need_all_fields(pending, model, &model->meta);
    nu_meta meta = model->meta;
    meta.unique_together = NULL;
    meta.indexes = NULL;
    meta.constraints = NULL;
    return meta;
}
