/* The autodetector: from two states to the migrations between them. The plan is Django's:
 *
 * 1. Each difference becomes an operation with what it needs to have happened before. A reference of a
 *    new model is at first an operation of its own, so that circles of models can be broken.
 * 2. The operations are dealt out to migrations, app by app, as many as have what they need; when no
 *    app can go on whole, a part of one becomes a migration and the rest follows in a later one.
 * 3. Inside a migration the optimizer puts together what belongs together. */
#include "migrate/differ.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- gathering ------------------------------------------------------------------------------- */

static nu__queue *queue_of(struct differ *differ, const char *app)
{
    size_t at = 0;
    while (at < differ->queue_count && strcmp(differ->queues[at].app, app) < 0)
        at++;
    if (at < differ->queue_count && strcmp(differ->queues[at].app, app) == 0)
        return &differ->queues[at];
    size_t size = sizeof *differ->queues;
    differ->queues = nu_arena_grow(nu_arena_current(), differ->queues, differ->queue_count * size,
                                   (differ->queue_count + 1) * size);
    memmove(&differ->queues[at + 1], &differ->queues[at], (differ->queue_count - at) * size);
    differ->queue_count++;
    differ->queues[at] = (nu__queue){.app = app};
    return &differ->queues[at];
}

nu__pending *nu__differ_add(struct differ *differ, const char *app, nu_operation operation)
{
    nu__queue *queue = queue_of(differ, app);
    if (queue->count == queue->capacity) {
        size_t wanted = queue->capacity > 0 ? 2 * queue->capacity : 32;
        queue->items =
            nu_arena_grow(nu_arena_current(), queue->items, queue->capacity * sizeof *queue->items,
                          wanted * sizeof *queue->items);
        queue->capacity = wanted;
    }
    nu__pending *pending = nu_alloc(sizeof *pending);
    pending->operation = operation;
    queue->items[queue->count++] = pending;
    return pending;
}

nu__pending *nu__differ_add_first(struct differ *differ, const char *app, nu_operation operation)
{
    nu__pending *pending = nu__differ_add(differ, app, operation);
    nu__queue   *queue = queue_of(differ, app);
    memmove(&queue->items[1], &queue->items[0], (queue->count - 1) * sizeof *queue->items);
    queue->items[0] = pending;
    return pending;
}

void nu__differ_need(nu__pending *pending, nu__need_kind kind, const char *app, const char *model,
                     const char *field)
{
    size_t size = sizeof *pending->needs;
    pending->needs = nu_arena_grow(nu_arena_current(), pending->needs, pending->need_count * size,
                                   (pending->need_count + 1) * size);
    pending->needs[pending->need_count++] =
        (nu__need){.kind = kind, .app = app, .model = model, .field = field};
}

static void need_label(nu__pending *pending, const char *label)
{
    const char *dot = label != NULL ? strchr(label, '.') : NULL;
    if (dot != NULL)
        nu__differ_need(pending, NU_NEEDS_CREATED,
                        nu_arena_copy(nu_arena_current(), label, (size_t)(dot - label)), dot + 1,
                        NULL);
}

void nu__differ_need_targets(nu__pending *pending, const nu_field *field)
{
    need_label(pending, field->to_name);
    need_label(pending, field->through_name);
}

void nu__differ_need_all_targets(nu__pending *pending, const nu__model *model)
{
    for (size_t i = 0; i < model->count; i++)
        nu__differ_need_targets(pending, &model->fields[i]);
}

const nu_field *nu__keep_field(const nu_field *field)
{
    nu_field *copy = nu_alloc(sizeof *copy);
    *copy = *field;
    return copy;
}

void nu__differ_each(struct differ *differ, nu__compare_fn *compare)
{
    for (size_t i = 0; i < differ->to->count; i++) {
        const nu__model *model = differ->to->models[i];
        nu__model       *old = nu__state_find(differ->from, model->app, model->name);
        if (old != NULL)
            compare(differ, old, model);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int by_label(const void *a, const void *b)
{
    const nu__model *one = *(nu__model *const *)a, *other = *(nu__model *const *)b;
    int              apps = strcmp(one->app, other->app);
    return apps != 0 ? apps : strcasecmp(one->name, other->name);
}

static nu__state *sorted(const nu__state *state)
{
    nu__state *copy = nu__state_copy(state);
    if (copy->count > 0)
        qsort(copy->models, copy->count, sizeof *copy->models, by_label);
    return copy;
}

nu__draft **nu__diff(const nu__state *from, const nu__state *to, const nu__graph *graph,
                     const nu__questions *questions, const char *name, size_t *count)
{
    static nu__compare_fn *const rounds[] = {
        nu__differ_options,
        nu__differ_renamed_fields,
        nu__differ_key,
        nu__differ_removed_constraints,
        nu__differ_removed_indexes,
        nu__differ_renamed_indexes,
        nu__differ_removed_together,
        nu__differ_removed_fields,
        nu__differ_added_fields,
        nu__differ_altered_fields,
        nu__differ_order,
        nu__differ_added_together,
        nu__differ_added_indexes,
        nu__differ_added_constraints,
        nu__differ_altered_constraints,
        nu__differ_table,
        nu__differ_table_comment,
    };
    struct differ differ = {
        .from = sorted(from),
        .to = sorted(to),
        .graph = graph,
        .questions = questions,
        .name = name,
    };
    nu__differ_renamed_models(&differ);
    nu__differ_deleted_models(&differ);
    nu__differ_created_models(&differ);
    for (size_t i = 0; i < NU_COUNT(rounds); i++)
        nu__differ_each(&differ, rounds[i]);
    return nu__deal_out(&differ, count);
}
