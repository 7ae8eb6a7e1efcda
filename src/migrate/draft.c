/* Dealing operations out to migrations; see differ.c for the plan. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "migrate/differ.h"

/* ---- needs ----------------------------------------------------------------------------------- */

static bool creates(const nu_operation *operation, const char *field)
{
    if (operation->kind == NU_OPERATION_ADD_FIELD)
        return field != NULL && strcasecmp(operation->name, field) == 0;
    if (operation->kind != NU_OPERATION_CREATE_MODEL || field == NULL)
        return operation->kind == NU_OPERATION_CREATE_MODEL;
    for (const nu_field *f = operation->fields; f != NULL && f->name != NULL; f++)
        if (strcasecmp(f->name, field) == 0)
            return true;
    return false;
}

static bool removes(const nu_operation *operation, const char *field)
{
    if (field == NULL)
        return operation->kind == NU_OPERATION_DELETE_MODEL;
    return operation->kind == NU_OPERATION_REMOVE_FIELD && strcasecmp(operation->name, field) == 0;
}

/* True if the operation is what is needed. */
static bool fulfils(const nu_operation *operation, const nu__need *need)
{
    if (operation->model == NULL || strcasecmp(operation->model, need->model) != 0)
        return false;
    const char *order = operation->meta.order_with_respect_to;
    switch (need->kind) {
    case NU_NEEDS_CREATED: return creates(operation, need->field);
    case NU_NEEDS_REMOVED: return removes(operation, need->field);
    case NU_NEEDS_ALTERED:
        return operation->kind == NU_OPERATION_ALTER_FIELD &&
               strcasecmp(operation->name, need->field) == 0;
    case NU_NEEDS_ORDER_UNSET:
        return operation->kind == NU_OPERATION_ALTER_ORDER &&
               (order == NULL || strcasecmp(order, need->field) != 0);
    case NU_NEEDS_TOGETHER_CHANGED: return operation->kind == NU_OPERATION_ALTER_UNIQUE_TOGETHER;
    }
    return false;
}

static const nu__queue *find_queue(const struct differ *differ, const char *app)
{
    for (size_t i = 0; i < differ->queue_count; i++)
        if (strcmp(differ->queues[i].app, app) == 0)
            return &differ->queues[i];
    return NULL;
}

/* ---- the order inside an app ----------------------------------------------------------------- */

/* True if the operation needs another of the queue that is not placed yet. */
static bool waits(const nu__queue *queue, const bool *placed, const nu__pending *pending)
{
    for (size_t n = 0; n < pending->need_count; n++) {
        if (strcmp(pending->needs[n].app, queue->app) != 0)
            continue;
        for (size_t i = 0; i < queue->count; i++)
            if (!placed[i] && fulfils(&queue->items[i]->operation, &pending->needs[n]))
                return true;
    }
    return false;
}

/* Layer by layer: those that wait for nothing, then those that wait for these only, and so on. */
static void sort_queue(nu__queue *queue)
{
    nu__pending **sorted = nu_alloc((queue->count + 1) * sizeof *sorted);
    bool         *placed = nu_alloc(queue->count + 1), *layer = nu_alloc(queue->count + 1);
    size_t        used = 0;
    while (used < queue->count) {
        bool any = false;
        for (size_t i = 0; i < queue->count; i++) {
            layer[i] = !placed[i] && !waits(queue, placed, queue->items[i]);
            any |= layer[i];
        }
        if (!any)
            nu_raise(NU_VALUE_ERROR, "the changes of app \"%s\" need one another in a circle",
                     queue->app);
        for (size_t i = 0; i < queue->count; i++)
            if (layer[i]) {
                placed[i] = true;
                sorted[used++] = queue->items[i];
            }
    }
    queue->items = sorted;
    queue->capacity = queue->count;
}

/* ---- migrations ------------------------------------------------------------------------------ */

struct drafts {
    nu__draft **items;
    size_t      count;
};

static nu__draft *last_of(const struct drafts *drafts, const char *app)
{
    for (size_t i = drafts->count; i-- > 0;)
        if (strcmp(drafts->items[i]->app, app) == 0)
            return drafts->items[i];
    return NULL;
}

static void depend(nu__draft *draft, const char *app, const char *name)
{
    size_t at = 0, size = sizeof *draft->depends;
    for (; at < draft->depend_count; at++) {
        int order = strcmp(draft->depends[at].app, app);
        order = order != 0 ? order : strcmp(draft->depends[at].name, name);
        if (order == 0)
            return;
        if (order > 0)
            break;
    }
    draft->depends = nu_arena_grow(nu_arena_current(), draft->depends, draft->depend_count * size,
                                   (draft->depend_count + 1) * size);
    memmove(&draft->depends[at + 1], &draft->depends[at], (draft->depend_count - at) * size);
    draft->depends[at] = (nu_dependency){app, name};
    draft->depend_count++;
}

/* True if what is needed of another app is there or in a migration made so far, which becomes a
 * dependency of `draft` (NULL: of none). */
static bool met_elsewhere(const struct differ *differ, const struct drafts *drafts,
                          const nu__need *need, bool chop, nu__draft *draft)
{
    const nu__queue *queue = find_queue(differ, need->app);
    for (size_t i = 0; queue != NULL && i < queue->count; i++)
        if (fulfils(&queue->items[i]->operation, need))
            return false;
    const nu__draft    *made = last_of(drafts, need->app);
    const nu_migration *leaf = nu__graph_leaf(differ->graph, need->app);
    if (made == NULL && !chop)
        return false;
    if (draft != NULL)
        depend(draft, need->app,
               made != NULL   ? made->name
               : leaf != NULL ? leaf->name
                              : "__first__");
    return true;
}

static bool is_ready(const struct differ *differ, const struct drafts *drafts, const char *app,
                     const nu__pending *pending, bool chop, nu__draft *draft)
{
    for (int adding = 0; adding < 2; adding++)
        for (size_t n = 0; n < pending->need_count; n++)
            if (strcmp(pending->needs[n].app, app) != 0 &&
                !met_elsewhere(differ, drafts, &pending->needs[n], chop, adding ? draft : NULL))
                return false;
    return true;
}

/* ---- names ----------------------------------------------------------------------------------- */

static int number_after(const nu__graph *graph, const char *app)
{
    const nu_migration *leaf = nu__graph_leaf(graph, app);
    return leaf != NULL ? atoi(leaf->name) + 1 : 1;
}

/* The name becomes a symbol of C, while an index may be called anything. */
static const char *as_identifier(const char *name)
{
    char *copy = nu_arena_text(nu_arena_current(), name);
    for (char *c = copy; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    return copy;
}

/* Django's rule: the slugs of the operations joined, short enough to be a name. */
const char *nu__operations_slug(const nu_operation *operations, size_t count)
{
    enum { LONGEST = 52 };
    nu_builder name;
    nu_builder_init(&name, NULL, 64);
    for (size_t i = 0; i < count; i++) {
        const char *slug = nu__operation_slug(&operations[i]);
        if (i > 0 && name.length + 1 + strlen(slug) > LONGEST) {
            nu_builder_puts(&name, "_and_more");
            break;
        }
        nu_builder_puts(&name, i > 0 ? "_" : "");
        nu_builder_puts(&name, slug);
    }
    return as_identifier(nu_builder_text(&name));
}

static const char *name_of(const struct differ *differ, const nu__draft *draft, int index)
{
    int number = number_after(differ->graph, draft->app) + index;
    if (differ->name != NULL)
        return nu_fmt("%04d_%s", number, differ->name);
    if (draft->initial && index == 0)
        return nu_fmt("%04d_initial", number);
    return nu_fmt("%04d_%.100s", number, nu__operations_slug(draft->operations, draft->count));
}

static int count_of(const struct drafts *drafts, const char *app)
{
    int count = 0;
    for (size_t i = 0; i < drafts->count; i++)
        count += strcmp(drafts->items[i]->app, app) == 0;
    return count;
}

static void finish(const struct differ *differ, struct drafts *drafts, nu__draft *draft)
{
    const nu_migration *leaf = nu__graph_leaf(differ->graph, draft->app);
    const nu__draft    *before = last_of(drafts, draft->app);
    draft->initial = leaf == NULL;
    draft->count = nu__optimize(draft->app, draft->operations, draft->count);
    draft->operations[draft->count] = (nu_operation){.kind = NU_OPERATION_END};
    if (before != NULL)
        depend(draft, before->app, before->name);
    else if (leaf != NULL)
        depend(draft, leaf->app, leaf->name);
    draft->name = name_of(differ, draft, count_of(drafts, draft->app));
    drafts->items[drafts->count++] = draft;
}

/* ---- dealing out ----------------------------------------------------------------------------- */

/* Takes what is ready off the app's queue. With `chop`, a part of it will do. */
static bool deal_app(const struct differ *differ, struct drafts *drafts, nu__queue *queue,
                     bool chop)
{
    nu__draft *draft = nu_alloc(sizeof *draft);
    draft->app = queue->app;
    draft->operations = nu_alloc((queue->count + 2) * sizeof *draft->operations);
    while (draft->count < queue->count &&
           is_ready(differ, drafts, queue->app, queue->items[draft->count], chop, draft)) {
        draft->operations[draft->count] = queue->items[draft->count]->operation;
        draft->count++;
    }
    if (draft->count == 0 || (draft->count < queue->count && !chop))
        return false;
    queue->items += draft->count;
    queue->count -= draft->count;
    finish(differ, drafts, draft);
    return true;
}

nu__draft **nu__deal_out(struct differ *differ, size_t *count)
{
    struct drafts drafts = {.items = NULL};
    size_t        left = 0;
    for (size_t i = 0; i < differ->queue_count; i++) {
        sort_queue(&differ->queues[i]);
        left += differ->queues[i].count;
    }
    drafts.items = nu_alloc((left + 1) * sizeof(nu__draft *));
    for (bool chop = false; left > 0;) {
        size_t before = left;
        left = 0;
        for (size_t i = 0; i < differ->queue_count; i++) {
            if (deal_app(differ, &drafts, &differ->queues[i], chop))
                chop = false;
            left += differ->queues[i].count;
        }
        if (left == before && chop)
            nu_raise(NU_VALUE_ERROR, "the changes of the models need one another in a circle");
        chop = left == before;
    }
    *count = drafts.count;
    return drafts.items;
}

nu__draft *nu__empty_draft(const nu__graph *graph, const char *app, const char *name)
{
    const nu_migration *leaf = nu__graph_leaf(graph, app);
    nu__draft          *draft = nu_alloc(sizeof *draft);
    *draft = (nu__draft){
        .app = app,
        .name = nu_fmt("%04d_%s", number_after(graph, app), name != NULL ? name : "custom"),
        .initial = leaf == NULL,
    };
    if (leaf != NULL)
        depend(draft, app, leaf->name);
    return draft;
}
