/* Dealing operations out to migrations; see differ.c for the plan. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "migrate/differ.h"

static nu__pending *giver_of(const struct differ *differ, const char *key)
{
    for (size_t i = 0; i < differ->count; i++)
        if (differ->pending[i].gives != NULL && strcmp(differ->pending[i].gives, key) == 0)
            return &differ->pending[i];
    return NULL;
}

/* True if everything it needs is placed, or is placed in the same migration before it. */
static bool is_ready(const struct differ *differ, const nu__pending *pending)
{
    for (uint32_t i = 0; i < pending->needs->count; i++) {
        const nu__pending *giver = giver_of(differ, pending->needs->items[i].text);
        if (giver != NULL && giver != pending && !giver->placed)
            return false;
    }
    return true;
}

/* ---- one migration --------------------------------------------------------------------------- */

struct draft {
    nu__draft     draft;
    nu__pending **placed;
    size_t        placed_count;
    size_t        capacity;
};

static void place(struct draft *draft, nu__pending *pending, int number)
{
    pending->placed = true;
    pending->migration = number;
    draft->placed[draft->placed_count++] = pending;
}

/* Places all operations of the app that can be; returns how many of them are left. */
static size_t place_ready(const struct differ *differ, const char *app, struct draft *draft,
                          int number)
{
    bool   moved = true;
    size_t left = 0;
    while (moved) {
        moved = false;
        left = 0;
        for (size_t i = 0; i < differ->count; i++) {
            nu__pending *pending = &differ->pending[i];
            if (pending->placed || strcmp(pending->app, app) != 0)
                continue;
            if (is_ready(differ, pending)) {
                place(draft, pending, number);
                moved = true;
            } else {
                left++;
            }
        }
    }
    return left;
}

static void take_back(struct draft *draft)
{
    for (size_t i = 0; i < draft->placed_count; i++)
        draft->placed[i]->placed = false;
    draft->placed_count = 0;
}

/* ---- folding references into the creation of their model ------------------------------------- */

static nu__pending *creation_of(const struct draft *draft, const nu__pending *added, size_t *index)
{
    for (size_t i = 0; i < draft->placed_count; i++) {
        nu__pending *pending = draft->placed[i];
        if (pending->operation.kind == NU_OPERATION_CREATE_MODEL &&
            strcmp(pending->operation.model, added->operation.model) == 0) {
            *index = i;
            return pending;
        }
    }
    return NULL;
}

static void append_field(nu_operation *creation, const nu_field *field)
{
    size_t count = 0;
    while (creation->fields[count].name != NULL)
        count++;
    nu_field *fields = nu_alloc((count + 2) * sizeof *fields);
    memcpy(fields, creation->fields, count * sizeof *fields);
    fields[count] = *field;
    creation->fields = fields;
}

/* True if some operation between the two gives what the reference needs: it cannot move up then. */
static bool blocked(const struct draft *draft, size_t from, size_t to, const nu__pending *added)
{
    for (size_t i = from + 1; i < to; i++)
        for (uint32_t n = 0; n < added->needs->count; n++)
            if (draft->placed[i]->gives != NULL &&
                strcmp(draft->placed[i]->gives, added->needs->items[n].text) == 0)
                return true;
    return false;
}

static void remove_at(struct draft *draft, size_t index)
{
    memmove(&draft->placed[index], &draft->placed[index + 1],
            (draft->placed_count - index - 1) * sizeof *draft->placed);
    draft->placed_count--;
}

/* Moves the creation at `from` down to just before `to`, if nothing between needs it. */
static bool move_down(struct draft *draft, size_t from, size_t to)
{
    nu__pending *creation = draft->placed[from];
    for (size_t i = from + 1; i < to; i++)
        for (uint32_t n = 0; n < draft->placed[i]->needs->count; n++)
            if (strcmp(draft->placed[i]->needs->items[n].text, creation->gives) == 0)
                return false;
    memmove(&draft->placed[from], &draft->placed[from + 1],
            (to - from - 1) * sizeof *draft->placed);
    draft->placed[to - 1] = creation;
    return true;
}

/* True if the creation has all fields that the options need. */
static bool has_fields(const nu__pending *creation, const nu__pending *options)
{
    for (uint32_t n = 0; n < options->needs->count; n++) {
        const char *field = strrchr(options->needs->items[n].text, '.') + 1;
        bool        found = strcmp(options->needs->items[n].text, creation->gives) == 0;
        for (const nu_field *f = creation->operation.fields; f->name != NULL && !found; f++)
            found = strcasecmp(f->name, field) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* True if the operation has become a part of the creation. */
static bool take_in(struct draft *draft, nu__pending *creation, const nu__pending *added, size_t at,
                    size_t i)
{
    if (added->operation.kind == NU_OPERATION_ALTER_META) {
        if (!has_fields(creation, added))
            return false;
        creation->operation.meta = added->operation.meta;
        return true;
    }
    if (blocked(draft, at, i, added) && !move_down(draft, at, i))
        return false;
    append_field(&creation->operation, added->operation.field);
    return true;
}

static bool fold_one(struct draft *draft)
{
    for (size_t i = 0; i < draft->placed_count; i++) {
        nu__pending *added = draft->placed[i];
        size_t       at;
        if (!added->of_new_model)
            continue;
        nu__pending *creation = creation_of(draft, added, &at);
        if (creation == NULL || !take_in(draft, creation, added, at, i))
            continue;
        for (uint32_t n = 0; n < added->needs->count; n++)
            if (strcmp(added->needs->items[n].text, creation->gives) != 0)
                nu_list_push(creation->needs, added->needs->items[n]);
        remove_at(draft, i);
        return true;
    }
    return false;
}

/* Neighbours that change the options of one model: the later one has them all. */
static void merge_options(struct draft *draft)
{
    for (size_t i = 1; i < draft->placed_count;) {
        const nu__pending *before = draft->placed[i - 1], *now = draft->placed[i];
        if (before->operation.kind == NU_OPERATION_ALTER_META &&
            now->operation.kind == NU_OPERATION_ALTER_META &&
            strcmp(before->operation.model, now->operation.model) == 0)
            remove_at(draft, i - 1);
        else
            i++;
    }
}

/* The fields of a new model in the order in which they were declared. */
static void order_fields(const struct differ *differ, const nu__pending *creation)
{
    const nu__model *model = nu__state_find(differ->to, creation->app, creation->operation.model);
    nu_field        *fields = (nu_field *)(uintptr_t)creation->operation.fields;
    size_t           used = 0, count = 0;
    while (fields[count].name != NULL)
        count++;
    for (size_t i = 0; i < model->count; i++)
        for (size_t f = used; f < count; f++)
            if (strcmp(fields[f].name, model->fields[i].name) == 0) {
                nu_field found = fields[f];
                memmove(&fields[used + 1], &fields[used], (f - used) * sizeof *fields);
                fields[used++] = found;
                break;
            }
}

/* ---- dependencies and names ------------------------------------------------------------------ */

static const char *number_of(const struct differ *differ, const char *app, int index)
{
    int                 last = 0;
    const nu_migration *leaf = nu__graph_leaf(differ->graph, app);
    if (leaf != NULL)
        last = atoi(leaf->name);
    return nu_fmt("%04d", last + index + 1);
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
static const char *name_of(const struct differ *differ, const struct draft *draft, int index)
{
    const char *number = number_of(differ, draft->draft.app, index);
    if (differ->name != NULL)
        return nu_fmt("%s_%s", number, differ->name);
    if (draft->draft.initial && index == 0)
        return nu_fmt("%s_initial", number);
    enum { LONGEST = 52 };
    nu_builder name;
    nu_builder_init(&name, NULL, 64);
    for (size_t i = 0; i < draft->placed_count; i++) {
        const nu__pending *pending = draft->placed[i];
        const char        *slug =
            pending->slug != NULL ? pending->slug : nu__operation_slug(&pending->operation);
        if (i > 0 && name.length + 1 + strlen(slug) > LONGEST) {
            nu_builder_puts(&name, "_and_more");
            break;
        }
        nu_builder_puts(&name, i > 0 ? "_" : "");
        nu_builder_puts(&name, slug);
    }
    return nu_fmt("%s_%s", number, as_identifier(nu_builder_text(&name)));
}

static void depend(nu__draft *draft, const char *app, const char *name)
{
    for (size_t i = 0; i < draft->depend_count; i++)
        if (strcmp(draft->depends[i].app, app) == 0 && strcmp(draft->depends[i].name, name) == 0)
            return;
    size_t size = sizeof *draft->depends;
    draft->depends = nu_arena_grow(nu_arena_current(), draft->depends, draft->depend_count * size,
                                   (draft->depend_count + 1) * size);
    draft->depends[draft->depend_count++] = (nu_dependency){app, name};
}

struct drafts {
    nu__draft **items;
    size_t      count;
};

static const nu__draft *draft_of(const struct drafts *drafts, const char *app, int number)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (strcmp(drafts->items[i]->app, app) == 0 && number-- == 0)
            return drafts->items[i];
    return NULL;
}

/* A model of another app that was there before: its last migration is needed. */
static void depend_on_model(const struct differ *differ, nu__draft *draft, const char *key)
{
    const char *dot = strchr(key, '.');
    if (dot == NULL || key[0] == '-')
        return;
    const char         *app = nu_arena_copy(nu_arena_current(), key, (size_t)(dot - key));
    const nu_migration *leaf = nu__graph_leaf(differ->graph, app);
    if (leaf != NULL && strcmp(app, draft->app) != 0)
        depend(draft, app, leaf->name);
}

static void find_dependencies(const struct differ *differ, const struct drafts *drafts,
                              struct draft *draft, int number)
{
    const nu_migration *leaf = nu__graph_leaf(differ->graph, draft->draft.app);
    if (number > 0)
        depend(&draft->draft, draft->draft.app,
               draft_of(drafts, draft->draft.app, number - 1)->name);
    else if (leaf != NULL)
        depend(&draft->draft, leaf->app, leaf->name);
    for (size_t i = 0; i < draft->placed_count; i++) {
        const nu_list *needs = draft->placed[i]->needs;
        for (uint32_t n = 0; n < needs->count; n++) {
            const nu__pending *giver = giver_of(differ, needs->items[n].text);
            if (giver == NULL)
                depend_on_model(differ, &draft->draft, needs->items[n].text);
            else if (strcmp(giver->app, draft->draft.app) != 0)
                depend(&draft->draft, giver->app,
                       draft_of(drafts, giver->app, giver->migration)->name);
        }
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int drafts_of(const struct drafts *drafts, const char *app)
{
    int count = 0;
    for (size_t i = 0; i < drafts->count; i++)
        count += strcmp(drafts->items[i]->app, app) == 0;
    return count;
}

static void finish(const struct differ *differ, struct drafts *drafts, struct draft *draft)
{
    int number = drafts_of(drafts, draft->draft.app);
    while (fold_one(draft)) {
    }
    draft->draft.initial = nu__graph_leaf(differ->graph, draft->draft.app) == NULL;
    draft->draft.name = name_of(differ, draft, number);
    find_dependencies(differ, drafts, draft, number);
    merge_options(draft);
    draft->draft.operations = nu_alloc((draft->placed_count + 1) * sizeof(nu_operation));
    for (size_t i = 0; i < draft->placed_count; i++) {
        if (draft->placed[i]->operation.kind == NU_OPERATION_CREATE_MODEL)
            order_fields(differ, draft->placed[i]);
        draft->draft.operations[draft->draft.count++] = draft->placed[i]->operation;
    }
    drafts->items[drafts->count++] = &draft->draft;
}

static struct draft *new_draft(const struct differ *differ, const char *app)
{
    struct draft *draft = nu_alloc(sizeof *draft);
    draft->draft.app = app;
    draft->placed = nu_alloc((differ->count + 1) * sizeof *draft->placed);
    return draft;
}

/* One round over the apps. With `partly`, the first app that can do anything does what it can. */
static bool deal_round(struct differ *differ, struct drafts *drafts, bool partly)
{
    bool any = false;
    for (size_t i = 0; i < differ->count; i++) {
        if (differ->pending[i].placed)
            continue;
        const char   *app = differ->pending[i].app;
        struct draft *draft = new_draft(differ, app);
        size_t        left = place_ready(differ, app, draft, drafts_of(drafts, app));
        if (draft->placed_count == 0 || (left > 0 && !partly)) {
            take_back(draft);
            continue;
        }
        finish(differ, drafts, draft);
        any = true;
        if (partly)
            return true;
    }
    return any;
}

nu__draft **nu__deal_out(struct differ *differ, size_t *count)
{
    struct drafts drafts = {.items = nu_alloc((differ->count + 1) * sizeof(nu__draft *))};
    for (;;) {
        bool all = true;
        for (size_t i = 0; i < differ->count; i++)
            all &= differ->pending[i].placed;
        if (all)
            break;
        if (!deal_round(differ, &drafts, false) && !deal_round(differ, &drafts, true))
            nu_raise(NU_VALUE_ERROR, "the changes of the models need one another in a circle");
    }
    *count = drafts.count;
    return drafts.items;
}

nu__draft *nu__empty_draft(const nu__graph *graph, const char *app, const char *name)
{
    struct differ       differ = {.graph = graph};
    const nu_migration *leaf = nu__graph_leaf(graph, app);
    nu__draft          *draft = nu_alloc(sizeof *draft);
    *draft = (nu__draft){
        .app = app,
        .name = nu_fmt("%s_%s", number_of(&differ, app, 0), name != NULL ? name : "custom"),
        .initial = leaf == NULL,
    };
    if (leaf != NULL)
        depend(draft, app, leaf->name);
    return draft;
}
