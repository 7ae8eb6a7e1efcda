/* Tags that remember from one time to the next: cycle, resetcycle, ifchanged. */
#include <string.h>

#include "template/loop.h"
#include "template/tags/kinds.h"

/* ---- cycle ----------------------------------------------------------------------------------------------- */

typedef struct cycle {
    uint32_t count; /* values; of a named one, expression `count` is its name */
    bool     named, silent;
} cycle;

/* Django's set_upward: the innermost block that has the variable keeps it, else the one around the tag.
 * `name` is the look-up of the variable. */
static void set_upward(nu_rendering *render, const nu_call *call, const nu_lookup *name,
                       nu_value value)
{
    nu_value *slots = render->frame->slots, outside;
    for (uint32_t i = 0; i < name->maybe_count; i++) {
        if (slots[name->maybe[i]].type != NU_SLOT_UNSET) {
            slots[name->maybe[i]] = value;
            return;
        }
    }
    if (name->kind == NU_LOOK_CHAIN && name->slot != NU_NO_SLOT &&
        nu__find_outside(render, &name->variable->steps[0].name, &outside))
        slots[name->slot] = value;
    else
        nu__call_set(render, call, 0, value);
}

/* The state is the number of the next value. */
static void run_cycle(nu_rendering *render, const nu_call *call)
{
    const cycle *c = call->node->data;
    void       **state = nu__call_state(render, call);
    uintptr_t    next = (uintptr_t)*state;
    *state = (void *)((next + 1) % c->count);
    nu_value value = nu__call_value(render, call, (uint32_t)next);
    if (c->named)
        set_upward(render, call, &call->operands[c->count].lookup, value);
    if (!c->silent)
        nu__write_value(render, value);
}
static const nu_node_kind cycle_kind = {.name = "cycle", .run = run_cycle, .state = true};

static nu_node *find_cycle(const nu_parser *parser, nu_word name)
{
    for (const nu_named *named = parser->cycles; named; named = named->next) {
        if (nu__word_is(name, named->name))
            return named->node;
    }
    return NULL;
}

/* {% cycle name %}: one more place of a named cycle. */
static nu_node *parse_again(nu_parser *parser, nu_word name)
{
    if (!parser->cycles)
        nu__syntax_error(parser, "No named cycles in template. '%.*s' is not defined",
                         (int)name.length, name.text);
    const nu_node *first = find_cycle(parser, name);
    if (!first)
        nu__syntax_error(parser, "Named cycle '%.*s' does not exist", (int)name.length, name.text);
    nu_node *node = nu__node(parser, &cycle_kind, 0, 0, 0);
    node->expressions = first->expressions;
    node->expression_count = first->expression_count;
    node->names = first->names;
    node->name_count = first->name_count;
    node->data = first->data;
    node->same = first;
    return node;
}

/* Reads "as name [silent]" at the end; returns where the values end. */
static size_t parse_name(nu_parser *parser, const nu_tag *tag, cycle *c)
{
    size_t count = tag->words.count;
    if (count <= 4)
        return count;
    if (nu__tag_word_is(tag, count - 3, "as")) {
        nu_word flag = tag->words.items[count - 1];
        if (!nu__word_is(flag, "silent"))
            nu__syntax_error(parser,
                             "Only 'silent' flag is allowed after cycle's name, not '%.*s'.",
                             (int)flag.length, flag.text);
        c->named = c->silent = true;
        return count - 3;
    }
    c->named = nu__tag_word_is(tag, count - 2, "as");
    return c->named ? count - 2 : count;
}

static nu_node *parse_cycle(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'cycle' tag requires at least two arguments");
    if (tag->words.count == 2)
        return parse_again(parser, tag->words.items[1]);
    cycle *c = nu_arena_zalloc(parser->arena, sizeof *c);
    size_t end = parse_name(parser, tag, c);
    c->count = (uint32_t)end - 1;
    nu_node *node = nu__node(parser, &cycle_kind, c->count + c->named, 0, c->named);
    node->data = c;
    for (uint32_t i = 0; i < c->count; i++)
        node->expressions[i] = nu__parse_expression(parser, tag->words.items[i + 1]);
    if (c->named) {
        nu_word name = tag->words.items[end + 1];
        node->names[0] = nu__parse_name(parser, name);
        node->expressions[c->count] = nu__parse_expression(parser, name);
        nu_named *named = nu_arena_alloc(parser->arena, sizeof *named);
        *named = (nu_named){.name = node->names[0].text, .node = node, .next = parser->cycles};
        parser->cycles = named;
    }
    parser->last_cycle = node;
    return node;
}

/* ---- resetcycle --------------------------------------------------------------------------------------------- */

static void run_resetcycle(nu_rendering *render, const nu_call *call)
{
    *nu__call_state(render, call) = NULL;
}
static const nu_node_kind resetcycle_kind = {
    .name = "resetcycle", .run = run_resetcycle, .state = true};

static nu_node *parse_resetcycle(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count > 2)
        nu__syntax_error(parser, "'resetcycle' tag accepts at most one argument.");
    nu_word        name = nu__tag_word(tag, 1);
    const nu_node *which = parser->last_cycle;
    if (tag->words.count == 2) {
        which = find_cycle(parser, name);
        if (!which)
            nu__syntax_error(parser, "Named cycle '%.*s' does not exist.", (int)name.length,
                             name.text);
    }
    if (!which)
        nu__syntax_error(parser, "No cycles in template.");
    nu_node *node = nu__node(parser, &resetcycle_kind, 0, 0, 0);
    node->same = which->same ? which->same : which;
    return node;
}

/* ---- ifchanged ------------------------------------------------------------------------------------------------ */

/* The last expression is "forloop": what is remembered ends with the loop around the tag. */
static void **memory_of(nu_rendering *render, const nu_call *call)
{
    nu_value         forloop;
    const nu_lookup *lookup = &call->operands[call->node->expression_count - 1].lookup;
    nu_loop         *loop = nu__look_up(render, lookup, &forloop) ? nu__loop_of(forloop) : NULL;
    return loop ? nu__loop_keep(loop, call->node) : nu__call_state(render, call);
}

static nu_value values_now(nu_rendering *render, const nu_call *call, uint32_t count)
{
    nu_list *list = nu_list_new();
    for (uint32_t i = 0; i < count; i++)
        nu_list_push(list, nu__call_value_or_null(render, call, i));
    return nu_value_list(list);
}

static void run_ifchanged(nu_rendering *render, const nu_call *call)
{
    nu_value **memory = (nu_value **)memory_of(render, call);
    uint32_t   count = call->node->expression_count - 1;
    nu_value   now = count ? values_now(render, call, count) : nu__call_capture(render, call, 0);
    bool       changed = !*memory || !nu_equal(**memory, now);
    if (changed) {
        if (!*memory)
            *memory = nu_alloc(sizeof **memory);
        **memory = now;
        if (count)
            nu__call_body(render, call, 0);
        else
            nu__write(render, now.text, now.length);
    } else if (call->node->body_count > 1) {
        nu__call_body(render, call, 1);
    }
}
static const nu_node_kind ifchanged_kind = {
    .name = "ifchanged", .run = run_ifchanged, .state = true};

static nu_node *parse_ifchanged(nu_parser *parser, const nu_tag *tag)
{
    uint32_t count = (uint32_t)tag->words.count - 1;
    nu_node *node = nu__node(parser, &ifchanged_kind, count + 1, 2, 0);
    for (uint32_t i = 0; i < count; i++)
        node->expressions[i] = nu__parse_expression(parser, tag->words.items[i + 1]);
    node->expressions[count] =
        nu__parse_expression(parser, (nu_word){.text = "forloop", .length = 7});
    static const char *const until[] = {"else", "endifchanged", NULL};
    nu_tag                   stop;
    node->bodies[0] = nu__parse_body(parser, until, &stop);
    node->body_count = 1;
    if (strcmp(stop.content, "else") == 0) {
        node->bodies[1] = nu__parse_until(parser, "endifchanged");
        node->body_count = 2;
    }
    return node;
}

const nu_template_tag nu__tags_repeat[] = {
    {.name = "cycle", .syntax = &(const struct nu_tag_syntax){parse_cycle}},
    {.name = "resetcycle", .syntax = &(const struct nu_tag_syntax){parse_resetcycle}},
    {.name = "ifchanged", .syntax = &(const struct nu_tag_syntax){parse_ifchanged}},
    {0},
};
