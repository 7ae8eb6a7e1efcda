#include "template/loop.h"

#include <string.h>

#include "template/engine.h"

/* One thing kept for one tag, as long as the loop runs. */
struct nu_kept {
    const nu_node  *node;
    void           *kept;
    struct nu_kept *next;
};

void **nu__loop_keep(nu_loop *loop, const nu_node *node)
{
    for (struct nu_kept *kept = loop->kept; kept; kept = kept->next) {
        if (kept->node == node)
            return &kept->kept;
    }
    struct nu_kept *kept = nu_alloc(sizeof *kept);
    *kept = (struct nu_kept){.node = node, .next = loop->kept};
    loop->kept = kept;
    return &kept->kept;
}

nu_value nu__loop_value(const nu_loop *loop, nu_loop_field field)
{
    switch (field) {
    case NU_LOOP_COUNTER: return nu_value_int(loop->index + 1);
    case NU_LOOP_COUNTER0: return nu_value_int(loop->index);
    case NU_LOOP_REVCOUNTER: return nu_value_int(loop->count - loop->index);
    case NU_LOOP_REVCOUNTER0: return nu_value_int(loop->count - loop->index - 1);
    case NU_LOOP_FIRST: return nu_value_bool(loop->index == 0);
    case NU_LOOP_LAST: return nu_value_bool(loop->index == loop->count - 1);
    case NU_LOOP_LENGTH: return nu_value_int(loop->count);
    default: return nu_is_null(loop->parent) ? nu_value_dict(nu_dict_new()) : loop->parent;
    }
}

/* ---- {{ forloop }} as a value ------------------------------------------------------------------- */

static const struct {
    const char   *name;
    nu_loop_field field;
} fields[] = {
    {"parentloop", NU_LOOP_PARENT},
    {"counter0", NU_LOOP_COUNTER0},
    {"counter", NU_LOOP_COUNTER},
    {"revcounter", NU_LOOP_REVCOUNTER},
    {"revcounter0", NU_LOOP_REVCOUNTER0},
    {"first", NU_LOOP_FIRST},
    {"last", NU_LOOP_LAST},
    {"length", NU_LOOP_LENGTH},
};

static bool loop_get(void *self, const char *key, size_t length, nu_value *out)
{
    for (size_t i = 0; i < NU_COUNT(fields); i++) {
        if (strlen(fields[i].name) == length && memcmp(fields[i].name, key, length) == 0) {
            *out = nu__loop_value(self, fields[i].field);
            return true;
        }
    }
    return false;
}

/* Django's forloop is a dict. */
static nu_value loop_plain(void *self)
{
    nu_check_stack();
    nu_dict *dict = nu_dict_new();
    for (size_t i = 0; i < NU_COUNT(fields); i++) {
        nu_value value = nu__loop_value(self, fields[i].field);
        if (value.type == NU_OBJECT)
            value = loop_plain(value.object);
        nu_dict_put(dict, nu_value_text(fields[i].name), value);
    }
    return nu_value_dict(dict);
}

static nu_value loop_text(void *self)
{
    return nu_value_str(loop_plain(self));
}

static const nu_class loop_class = {
    .name = "forloop", .get = loop_get, .text = loop_text, .plain = loop_plain};

nu_loop *nu__loop_of(nu_value value)
{
    bool is_loop =
        value.type == NU_OBJECT && ((const nu_object *)value.object)->class == &loop_class;
    return is_loop ? value.object : NULL;
}

/* ---- walking --------------------------------------------------------------------------------------- */

void nu__loop_endless(const nu_rendering *render)
{
    nu_raise(NU_SYSTEM_ERROR, "the template's loops go round more than %llu times",
             (unsigned long long)render->engine->options.loop_limit);
}

static NU_COLD NU_NORETURN void wrong_count(const nu_for *loop, int64_t got)
{
    nu_raise(NU_VALUE_ERROR, "Need %u values to unpack in for loop; got %lld. ", loop->count,
             (long long)got);
}

/* Several variables: each item is a list of as many. */
static void unpack(nu_rendering *render, const nu_for *loop, nu_value item)
{
    int64_t  length;
    nu_list *parts = nu__value_length(item, &length) ? nu__value_items(item) : NULL;
    if (!parts || parts->count != loop->count)
        wrong_count(loop, parts ? parts->count : 1);
    memcpy(&render->frame->slots[loop->slot], parts->items, loop->count * sizeof(nu_value));
}

void nu__loop_bind(nu_rendering *render, const nu_for *loop, const nu_loop *state)
{
    int64_t at = state->reversed ? state->count - 1 - state->index : state->index;
    /* A list that shrank under the loop ends in nulls. */
    nu_value item = at < state->items->count ? state->items->items[at] : nu_null();
    if (loop->count == 1)
        render->frame->slots[loop->slot] = item;
    else
        unpack(render, loop, item);
}

static nu_value parent_of(nu_rendering *render, const nu_for *loop)
{
    nu_value parent;
    return nu__look_up(render, &loop->parent, &parent) ? parent : nu_null();
}

bool nu__loop_begin(nu_rendering *render, const nu_for *loop)
{
    nu_value value = nu__evaluate_or_null(render, loop->list);
    if (value.type == NU_NULL)
        return false;
    const nu_list *items = nu__value_items(value);
    if (!items)
        nu_raise(NU_VALUE_ERROR, "'%s' object is not iterable", nu__python_type(value));
    if (items->count == 0)
        return false;
    nu_loop *state = &render->frame->loops[loop->loop];
    *state = (nu_loop){.class = &loop_class,
                       .items = items,
                       .count = items->count,
                       .reversed = loop->reversed,
                       .parent = parent_of(render, loop)};
    render->frame->slots[loop->forloop_slot] = nu_value_object(state);
    nu__loop_bind(render, loop, state);
    return true;
}
