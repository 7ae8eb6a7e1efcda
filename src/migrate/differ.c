/* The autodetector: from two states to the migrations between them.
 *
 * 1. Each difference becomes an operation with what it needs (a model or field of another operation).
 *    A reference is at first an operation of its own, so that circles of models can be broken.
 * 2. The operations are dealt out to migrations, app by app, as many as have what they need; when no
 *    app can go on whole, a part of one becomes a migration and the rest follows in a later one.
 * 3. Inside a migration a reference goes back into the creation of its model where it can. */
#include "migrate/differ.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- gathering ------------------------------------------------------------------------------- */

nu__pending *nu__differ_add(struct differ *differ, const char *app, nu_operation operation)
{
    if (differ->count == differ->capacity) {
        size_t wanted = differ->capacity ? 2 * differ->capacity : 32;
        differ->pending = nu_arena_grow(nu_arena_current(), differ->pending,
                                        differ->capacity * sizeof *differ->pending,
                                        wanted * sizeof *differ->pending);
        differ->capacity = wanted;
    }
    nu__pending *pending = &differ->pending[differ->count++];
    *pending = (nu__pending){.app = app, .operation = operation, .needs = nu_list_new()};
    return pending;
}

const char *nu__differ_key(const char *app, const char *name)
{
    return nu_fmt("%s.%s", app, nu__lower(name));
}

void nu__differ_need(nu__pending *pending, const char *key)
{
    nu_list_add(pending->needs, nu__lower(key));
}

static nu_field *keep(const nu_field *field)
{
    nu_field *copy = nu_alloc(sizeof *copy);
    *copy = *field;
    return copy;
}

static void need_target(nu__pending *pending, const nu_field *field)
{
    if (field->to_name != NULL)
        nu__differ_need(pending, field->to_name);
    if (field->through_name != NULL)
        nu__differ_need(pending, field->through_name);
}

static void create_model(struct differ *differ, const nu__model *model)
{
    nu_field *fields = nu_alloc((model->count + 1) * sizeof *fields);
    size_t    used = 0;
    for (size_t i = 0; i < model->count; i++)
        if (!model->fields[i].type->relation || model->fields[i].primary_key)
            fields[used++] = model->fields[i];
    nu_operation operation = {
        .kind = NU_OPERATION_CREATE_MODEL, .model = model->name, .fields = fields};
    size_t       index = differ->count;
    nu__pending *created = nu__differ_add(differ, model->app, operation);
    created->gives = nu__differ_key(model->app, model->name);
    for (size_t i = 0; i < used; i++)
        need_target(created, &fields[i]);
    /* A model of that name that goes must be gone before. */
    nu__differ_need(created, nu_fmt("-%s", nu__differ_key(model->app, model->name)));
    for (size_t i = 0; i < model->count; i++) {
        const nu_field *field = &model->fields[i];
        if (!field->type->relation || field->primary_key)
            continue;
        nu__pending *added = nu__differ_add(differ, model->app,
                                            (nu_operation){.kind = NU_OPERATION_ADD_FIELD,
                                                           .model = model->name,
                                                           .name = field->name,
                                                           .field = keep(field)});
        added->gives =
            nu_fmt("%s.%s", nu__differ_key(model->app, model->name), nu__lower(field->name));
        added->of_new_model = true;
        nu__differ_need(added, nu__differ_key(model->app, model->name));
        need_target(added, field);
    }
    nu_meta meta = nu__creation_meta(differ, model);
    differ->pending[index].operation.meta = meta;
}

static bool refers_to(const nu_field *field, const nu__model *model)
{
    return field->to_name != NULL && strcasecmp(field->to_name, nu__model_label(model)) == 0;
}

static void delete_model(struct differ *differ, const nu__model *model)
{
    nu__pending *deleted =
        nu__differ_add(differ, model->app,
                       (nu_operation){.kind = NU_OPERATION_DELETE_MODEL, .model = model->name});
    deleted->gives = nu_fmt("-%s", nu__differ_key(model->app, model->name));
    /* References to it go first: their fields, or the models that hold them. */
    for (size_t i = 0; i < differ->from->count; i++) {
        const nu__model *other = differ->from->models[i];
        for (size_t f = 0; f < other->count; f++) {
            if (other == model || !refers_to(&other->fields[f], model))
                continue;
            const char *key = nu__differ_key(other->app, other->name);
            nu__differ_need(deleted, nu__state_find(differ->to, other->app, other->name) != NULL
                                         ? nu_fmt("-%s.%s", key, other->fields[f].name)
                                         : nu_fmt("-%s", key));
        }
    }
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* True if rows that are there need a value that nobody has given. */
static bool lacks_default(const nu_field *field)
{
    return !field->null && !field->type->many && nu_is_null(nu__effective_default(field)) &&
           !field->primary_key;
}

static void add_field(struct differ *differ, const nu__model *model, const nu_field *field)
{
    nu_operation operation = {.kind = NU_OPERATION_ADD_FIELD,
                              .model = model->name,
                              .name = field->name,
                              .field = keep(field)};
    nu_field    *copy = (nu_field *)(uintptr_t)operation.field;
    if (lacks_default(field)) {
        copy->default_value = differ->questions->one_off_default(model, field);
        operation.once = true;
    } else if (nu_is_null(field->default_value) && (field->auto_now || field->auto_now_add)) {
        operation.once = true; /* filled with the time of the migration */
    } else if (field->default_fn != NULL) {
        copy->default_value = field->default_fn();
        operation.once = true;
    }
    nu__pending *pending = nu__differ_add(differ, model->app, operation);
    pending->gives =
        nu_fmt("%s.%s", nu__differ_key(model->app, model->name), nu__lower(field->name));
    need_target(pending, field);
    nu__differ_need(pending, nu_fmt("-%s", pending->gives));
}

static void remove_field(struct differ *differ, const nu__model *model, const nu_field *field)
{
    nu__pending *pending = nu__differ_add(differ, model->app,
                                          (nu_operation){.kind = NU_OPERATION_REMOVE_FIELD,
                                                         .model = model->name,
                                                         .name = field->name});
    const char  *key = nu__differ_key(model->app, model->name);
    pending->gives = nu_fmt("-%s.%s", key, nu__lower(field->name));
    nu__differ_need(pending, nu_fmt("~%s", key));
}

static void alter_field(struct differ *differ, const nu__model *model, const nu_field *from,
                        const nu_field *to)
{
    if (from->type->many != to->type->many) {
        remove_field(differ, model, from);
        add_field(differ, model, to);
        return;
    }
    nu_operation operation = {.kind = NU_OPERATION_ALTER_FIELD,
                              .model = model->name,
                              .name = to->name,
                              .field = keep(to)};
    if (from->null && !to->null && lacks_default(to)) {
        ((nu_field *)(uintptr_t)operation.field)->default_value =
            differ->questions->one_off_default(model, to);
        operation.once = true;
    }
    nu__pending *pending = nu__differ_add(differ, model->app, operation);
    need_target(pending, to);
}

/* True if the new field is the old one by another name; it may name the old column. */
static bool same_but_name(const nu_field *from, const nu_field *to)
{
    nu_field    unnamed = *to;
    const char *column = from->db_column != NULL ? from->db_column
                         : from->type->relation  ? nu_fmt("%s_id", from->name)
                                                 : from->name;
    if (unnamed.db_column != NULL && strcmp(unnamed.db_column, column) == 0)
        unnamed.db_column = from->db_column;
    return nu__field_equal(from, &unnamed, false);
}

/* A field that went and one that came with the same definition: a new name? */
static const nu_field *renamed_to(struct differ *differ, const nu__model *from, const nu__model *to,
                                  const nu_field *gone)
{
    for (size_t i = 0; i < to->count; i++) {
        const nu_field *field = &to->fields[i];
        if (nu__model_field(from, field->name) == NULL && same_but_name(gone, field) &&
            differ->questions->renamed_field(to, gone, field))
            return field;
    }
    return NULL;
}

/* A many-to-many field is made anew: its table takes its name from it, and it has no column to
 * keep. */
static void rename_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    if (differ->questions->renamed_field == NULL)
        return;
    for (size_t i = 0; i < from->count; i++) {
        if (nu__model_field(to, from->fields[i].name) != NULL || from->fields[i].type->many)
            continue;
        const nu_field *new_name = renamed_to(differ, from, to, &from->fields[i]);
        if (new_name == NULL)
            continue;
        nu_operation operation = {.kind = NU_OPERATION_RENAME_FIELD,
                                  .model = to->name,
                                  .name = from->fields[i].name,
                                  .new_name = new_name->name};
        nu__differ_add(differ, to->app, operation);
        nu__operation_apply(differ->from, to->app, &operation);
    }
}

static void remove_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    for (size_t i = 0; i < from->count; i++)
        if (nu__model_field(to, from->fields[i].name) == NULL)
            remove_field(differ, to, &from->fields[i]);
}

static void add_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    for (size_t i = 0; i < to->count; i++)
        if (nu__model_field(from, to->fields[i].name) == NULL)
            add_field(differ, to, &to->fields[i]);
}

static void alter_fields(struct differ *differ, nu__model *from, const nu__model *to)
{
    for (size_t i = 0; i < to->count; i++) {
        const nu_field *old = nu__model_field(from, to->fields[i].name);
        if (old != NULL && !nu__field_equal(old, &to->fields[i], false))
            alter_field(differ, to, old, &to->fields[i]);
    }
}

/* ---- models ---------------------------------------------------------------------------------- */

/* The field as it would be if `from` had the name of `to`. */
static nu_field with_new_label(const nu_field *field, const nu__model *from, const nu__model *to)
{
    nu_field renamed = *field;
    if (refers_to(field, from))
        renamed.to_name = nu__model_label(to);
    return renamed;
}

static bool same_fields(const nu__model *a, const nu__model *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        nu_field field = with_new_label(&a->fields[i], a, b);
        if (strcmp(field.name, b->fields[i].name) != 0 ||
            !nu__field_equal(&field, &b->fields[i], true))
            return false;
    }
    return true;
}

/* The model that `new` is by another name; NULL if it is none. */
static nu__model *old_name_of(struct differ *differ, const nu__model *new)
{
    for (size_t i = 0; i < differ->from->count; i++) {
        nu__model *old = differ->from->models[i];
        if (strcmp(old->app, new->app) == 0 &&
            nu__state_find(differ->to, old->app, old->name) == NULL && same_fields(old, new) &&
            differ->questions->renamed_model(old, new))
            return old;
    }
    return NULL;
}

static int by_label(const void *a, const void *b)
{
    const nu__model *one = *(nu__model *const *)a, *other = *(nu__model *const *)b;
    int              apps = strcmp(one->app, other->app);
    return apps != 0 ? apps : strcasecmp(one->name, other->name);
}

static void find_renamed_models(struct differ *differ)
{
    if (differ->questions->renamed_model == NULL)
        return;
    size_t      count = differ->to->count;
    nu__model **sorted = nu_alloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = differ->to->models[i];
    qsort(sorted, count, sizeof *sorted, by_label);
    for (size_t i = 0; i < count; i++) {
        const nu__model *new = sorted[i];
        nu__model *old = nu__state_find(differ->from, new->app, new->name) == NULL
                             ? old_name_of(differ, new)
                             : NULL;
        if (old == NULL)
            continue;
        nu_operation operation = {
            .kind = NU_OPERATION_RENAME_MODEL, .model = old->name, .new_name = new->name};
        nu__differ_add(differ, new->app, operation)->gives = nu__differ_key(new->app, new->name);
        nu__operation_apply(differ->from, new->app, &operation);
    }
}

static void compare_models(struct differ *differ)
{
    /* Rounds over all models, in Django's order: it names the migration. */
    static void (*const rounds[])(struct differ * differ, nu__model * from, const nu__model *to) = {
        nu__compare_options, rename_fields, nu__drop_options, remove_fields,
        add_fields,          alter_fields,  nu__make_options, nu__compare_table,
    };
    find_renamed_models(differ);
    for (size_t i = 0; i < differ->from->count; i++) {
        const nu__model *model = differ->from->models[i];
        if (nu__state_find(differ->to, model->app, model->name) == NULL)
            delete_model(differ, model);
    }
    for (size_t i = 0; i < differ->to->count; i++) {
        const nu__model *model = differ->to->models[i];
        if (nu__state_find(differ->from, model->app, model->name) == NULL)
            create_model(differ, model);
    }
    for (size_t round = 0; round < NU_COUNT(rounds); round++)
        for (size_t i = 0; i < differ->to->count; i++) {
            const nu__model *model = differ->to->models[i];
            nu__model       *old = nu__state_find(differ->from, model->app, model->name);
            if (old != NULL)
                rounds[round](differ, old, model);
        }
}

nu__draft **nu__diff(const nu__state *from, const nu__state *to, const nu__graph *graph,
                     const nu__questions *questions, const char *name, size_t *count)
{
    struct differ differ = {
        .from = nu__state_copy(from),
        .to = to,
        .graph = graph,
        .questions = questions,
        .name = name,
    };
    compare_models(&differ);
    return nu__deal_out(&differ, count);
}
