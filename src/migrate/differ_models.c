/* The part of the autodetector for whole models: renamed, gone, new. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "migrate/differ.h"

/* Models whose table is ours; the others are compared by their options only. */
static bool is_plain(const nu__model *model)
{
    return !model->meta.proxy && !model->meta.unmanaged;
}

static bool refers_to(const nu_field *field, const nu__model *model)
{
    const char *label = nu__model_label(model);
    return (field->to_name != NULL && nu__label_equal(field->to_name, label)) ||
           (field->through_name != NULL && nu__label_equal(field->through_name, label));
}

/* ---- renamed --------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const nu_field *one = a, *other = b;
    return strcmp(one->name, other->name);
}

/* The fields in order of their names, without what relations refer to. */
static nu_field *agnostic(const nu__model *model)
{
    nu_field *fields = nu_alloc((model->count + 1) * sizeof *fields);
    memcpy(fields, model->fields, model->count * sizeof *fields);
    for (size_t i = 0; i < model->count; i++)
        fields[i].to_name = NULL;
    qsort(fields, model->count, sizeof *fields, by_name);
    return fields;
}

static bool same_fields(const nu__model *a, const nu__model *b)
{
    if (a->count != b->count)
        return false;
    nu_field *one = agnostic(a), *other = agnostic(b);
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(one[i].name, other[i].name) != 0 || !nu__field_equal(&one[i], &other[i], false))
            return false;
    return true;
}

/* The model that `new` is by another name; NULL if it is none. */
static nu__model *old_name_of(struct differ *differ, const nu__model *new)
{
    for (size_t i = 0; i < differ->from->count; i++) {
        nu__model *old = differ->from->models[i];
        if (strcmp(old->app, new->app) == 0 && is_plain(old) &&
            nu__state_find(differ->to, old->app, old->name) == NULL && same_fields(old, new) &&
            differ->questions->renamed_model(old, new))
            return old;
    }
    return NULL;
}

static void rename_model(struct differ *differ, const nu__model *old, const nu__model *new)
{
    nu_operation operation = {
        .kind = NU_OPERATION_RENAME_MODEL, .model = old->name, .new_name = new->name};
    nu__pending *pending = nu__differ_add(differ, new->app, operation);
    nu__differ_need_all_targets(pending, new);
    nu__operation_apply(differ->from, new->app, &operation);
}

void nu__differ_renamed_models(struct differ *differ)
{
    if (differ->questions->renamed_model == NULL)
        return;
    for (size_t i = 0; i < differ->to->count; i++) {
        const nu__model *new = differ->to->models[i];
        if (!is_plain(new) || nu__state_find(differ->from, new->app, new->name) != NULL)
            continue;
        const nu__model *old = old_name_of(differ, new);
        if (old != NULL)
            rename_model(differ, old, new);
    }
}

/* ---- gone ------------------------------------------------------------------------------------ */

static bool is_relation(const nu_field *field)
{
    return field->to_name != NULL;
}

/* Fields elsewhere that refer to the model, or go through it, must be gone or changed before. */
static void need_references_gone(const struct differ *differ, nu__pending *deleted,
                                 const nu__model *model)
{
    for (size_t i = 0; i < differ->from->count; i++) {
        const nu__model *other = differ->from->models[i];
        for (size_t f = 0; f < other->count; f++) {
            const nu_field *field = &other->fields[f];
            if (!refers_to(field, model))
                continue;
            nu__differ_need(deleted, NU_NEEDS_REMOVED, other->app, other->name, field->name);
            if (!field->type->many)
                nu__differ_need(deleted, NU_NEEDS_ALTERED, other->app, other->name, field->name);
        }
    }
}

static void delete_model(struct differ *differ, const nu__model *model)
{
    size_t           count;
    const nu_field **relations = nu__fields_by_name(model, is_relation, &count);
    if (model->meta.unique_together != NULL && !model->meta.proxy)
        nu__differ_add(
            differ, model->app,
            (nu_operation){.kind = NU_OPERATION_ALTER_UNIQUE_TOGETHER, .model = model->name});
    for (size_t i = 0; i < count; i++)
        nu__differ_add(differ, model->app,
                       (nu_operation){.kind = NU_OPERATION_REMOVE_FIELD,
                                      .model = model->name,
                                      .name = relations[i]->name});
    nu__pending *deleted =
        nu__differ_add(differ, model->app,
                       (nu_operation){.kind = NU_OPERATION_DELETE_MODEL, .model = model->name});
    need_references_gone(differ, deleted, model);
    for (size_t i = 0; i < count; i++)
        nu__differ_need(deleted, NU_NEEDS_REMOVED, model->app, model->name, relations[i]->name);
}

/* True if it was a proxy and is none any more, or the other way round: it is made anew. */
static bool changed_kind(const nu__model *a, const nu__model *b)
{
    return a->meta.proxy != b->meta.proxy;
}

static const nu__model *counterpart(const nu__state *state, const nu__model *model)
{
    const nu__model *found = nu__state_find(state, model->app, model->name);
    return found != NULL && !changed_kind(found, model) ? found : NULL;
}

void nu__differ_deleted_models(struct differ *differ)
{
    for (int proxies = 0; proxies < 2; proxies++)
        for (size_t i = 0; i < differ->from->count; i++) {
            const nu__model *model = differ->from->models[i];
            if (model->meta.proxy == (proxies == 1) && counterpart(differ->to, model) == NULL)
                delete_model(differ, model);
        }
}

/* ---- new ------------------------------------------------------------------------------------- */

/* References of their own: all but those of the key and the link to the parent, which make the
 * model. */
static bool is_separate(const nu__model *model, const nu_field *field)
{
    return field->type->relation && !field->primary_key && !field->parent_link &&
           !nu__has_text(model->meta.primary_key, field->name);
}

static void need_bases(const struct differ *differ, nu__pending *created, const nu__model *model)
{
    for (const char *const *base = model->meta.bases; base != NULL && *base != NULL; base++) {
        const char *dot = strchr(*base, '.');
        if (dot == NULL)
            continue;
        const char *app = nu_arena_copy(nu_arena_current(), *base, (size_t)(dot - *base));
        nu__differ_need(created, NU_NEEDS_CREATED, app, dot + 1, NULL);
        /* A field that moves from the parent to the child must be gone there first. */
        const nu__model *was = nu__state_find_label(differ->from, *base);
        const nu__model *is = nu__state_find_label(differ->to, *base);
        for (size_t i = 0; was != NULL && is != NULL && i < was->count; i++) {
            const char *name = was->fields[i].name;
            if (nu__model_field(is, name) == NULL && nu__model_field(model, name) != NULL)
                nu__differ_need(created, NU_NEEDS_REMOVED, app, dot + 1, name);
        }
    }
}

static nu__pending *create(struct differ *differ, const nu__model *model, bool first)
{
    nu_field *fields = nu_alloc((model->count + 1) * sizeof *fields);
    size_t    used = 0;
    for (size_t i = 0; i < model->count; i++)
        if (!is_separate(model, &model->fields[i]) && !nu__field_is_order(&model->fields[i]))
            fields[used++] = model->fields[i];
    nu_operation operation = {.kind = NU_OPERATION_CREATE_MODEL,
                              .model = model->name,
                              .fields = fields,
                              .meta = model->meta};
    operation.meta.indexes = NULL;
    operation.meta.constraints = NULL;
    operation.meta.unique_together = NULL;
    operation.meta.order_with_respect_to = NULL;
    nu__pending *created = first ? nu__differ_add_first(differ, model->app, operation)
                                 : nu__differ_add(differ, model->app, operation);
    nu__differ_need(created, NU_NEEDS_REMOVED, model->app, model->name, NULL);
    need_bases(differ, created, model);
    for (size_t i = 0; i < used; i++)
        nu__differ_need_targets(created, &fields[i]);
    return created;
}

static void need_model_and_references(nu__pending *pending, const nu__model *model)
{
    size_t           count;
    const nu_field **relations = nu__fields_by_name(model, is_relation, &count);
    nu__differ_need(pending, NU_NEEDS_CREATED, model->app, model->name, NULL);
    for (size_t i = 0; i < count; i++)
        if (is_separate(model, relations[i]))
            nu__differ_need(pending, NU_NEEDS_CREATED, model->app, model->name, relations[i]->name);
}

/* What waits until the references are there. */
static void create_options(struct differ *differ, const nu__model *model)
{
    const nu_meta *meta = &model->meta;
    if (meta->order_with_respect_to != NULL) {
        nu_operation operation = {.kind = NU_OPERATION_ALTER_ORDER, .model = model->name};
        operation.meta.order_with_respect_to = meta->order_with_respect_to;
        nu__pending *pending = nu__differ_add(differ, model->app, operation);
        nu__differ_need(pending, NU_NEEDS_CREATED, model->app, model->name,
                        meta->order_with_respect_to);
        nu__differ_need(pending, NU_NEEDS_CREATED, model->app, model->name, NULL);
    }
    for (const nu_index *index = meta->indexes; index != NULL && index->name != NULL; index++)
        need_model_and_references(nu__differ_add(differ, model->app,
                                                 (nu_operation){.kind = NU_OPERATION_ADD_INDEX,
                                                                .model = model->name,
                                                                .name = index->name,
                                                                .index = index}),
                                  model);
    for (const nu_constraint *c = meta->constraints; c != NULL && c->name != NULL; c++)
        need_model_and_references(nu__differ_add(differ, model->app,
                                                 (nu_operation){.kind = NU_OPERATION_ADD_CONSTRAINT,
                                                                .model = model->name,
                                                                .name = c->name,
                                                                .constraint = c}),
                                  model);
    if (nu__count_sets(meta->unique_together) > 0) {
        nu_operation operation = {.kind = NU_OPERATION_ALTER_UNIQUE_TOGETHER, .model = model->name};
        operation.meta.unique_together = meta->unique_together;
        need_model_and_references(nu__differ_add(differ, model->app, operation), model);
    }
}

static void create_references(struct differ *differ, const nu__model *model)
{
    size_t           count;
    const nu_field **relations = nu__fields_by_name(model, is_relation, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_separate(model, relations[i]))
            continue;
        nu__pending *added = nu__differ_add(differ, model->app,
                                            (nu_operation){.kind = NU_OPERATION_ADD_FIELD,
                                                           .model = model->name,
                                                           .name = relations[i]->name,
                                                           .field = nu__keep_field(relations[i])});
        nu__differ_need_targets(added, relations[i]);
        nu__differ_need(added, NU_NEEDS_CREATED, model->app, model->name, NULL);
    }
}

/* A model that nobody manages is known with all it has at once: nothing is done to a database. */
static void create_unmanaged(struct differ *differ, const nu__model *model)
{
    nu_field *fields = nu_alloc((model->count + 1) * sizeof *fields);
    memcpy(fields, model->fields, model->count * sizeof *fields);
    nu__pending *created = create(differ, model, true);
    created->operation.fields = fields;
    created->operation.meta = model->meta;
}

void nu__differ_created_models(struct differ *differ)
{
    /* Each goes to the front, so they are taken from the end. */
    for (size_t i = differ->to->count; i-- > 0;) {
        const nu__model *model = differ->to->models[i];
        if (model->meta.proxy || counterpart(differ->from, model) != NULL)
            continue;
        if (model->meta.unmanaged) {
            create_unmanaged(differ, model);
            continue;
        }
        create(differ, model, true);
        create_references(differ, model);
        create_options(differ, model);
    }
    for (size_t i = 0; i < differ->to->count; i++) {
        const nu__model *model = differ->to->models[i];
        if (model->meta.proxy && counterpart(differ->from, model) == NULL)
            create(differ, model, false);
    }
}
