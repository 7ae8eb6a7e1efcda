#include "template/compiler.h"

#include <string.h>

#include "template/blocks.h"
#include "template/engine.h"
#include "template/tags/kinds.h"

/* Blocks that show block.super several times at each of many levels would grow without bounds. */
#define MAX_OPS (1u << 20)

/* ---- instructions -------------------------------------------------------------------------- */

uint32_t nu__emit(nu_compiler *c, nu_op op)
{
    if (c->op_count == c->op_capacity) {
        uint32_t capacity = c->op_capacity ? c->op_capacity * 2 : 64;
        if (capacity > MAX_OPS)
            nu_raise(NU_TEMPLATE_SYNTAX,
                     "the template and those it extends are too large together");
        c->ops = nu_arena_grow(c->arena, c->ops, c->op_capacity * sizeof *c->ops,
                               capacity * sizeof *c->ops);
        c->nodes = nu_arena_grow(c->arena, c->nodes, c->op_capacity * sizeof *c->nodes,
                                 capacity * sizeof *c->nodes);
        c->op_capacity = capacity;
    }
    c->ops[c->op_count] = op;
    c->nodes[c->op_count] = c->node;
    return c->op_count++;
}

void nu__patch(nu_compiler *c, uint32_t op)
{
    c->ops[op].target = c->op_count;
}

void nu__emit_body(nu_compiler *c, const nu_body *body)
{
    nu_check_stack();
    const nu_node *outer = c->node;
    for (const nu_node *node = body->first; node; node = node->next) {
        c->node = node;
        if (node->kind->emit)
            node->kind->emit(c, node);
        else
            nu__emit_call(c, node);
    }
    c->node = outer;
}

/* ---- slots and scopes ----------------------------------------------------------------------- */

static uint32_t new_slot(nu_compiler *c, const nu_name *name, uint32_t depth)
{
    if (c->slot_count == c->slot_capacity) {
        uint32_t capacity = c->slot_capacity ? c->slot_capacity * 2 : 16;
        c->slots = nu_arena_grow(c->arena, c->slots, c->slot_capacity * sizeof *c->slots,
                                 capacity * sizeof *c->slots);
        c->slot_capacity = capacity;
    }
    c->slots[c->slot_count] = (nu_slot_name){.name = *name, .depth = depth};
    return c->slot_count++;
}

nu_binding *nu__bind(nu_compiler *c, const nu_name *name, bool certain)
{
    nu_binding *binding = nu_arena_alloc(c->arena, sizeof *binding);
    *binding = (nu_binding){.name = *name,
                            .slot = new_slot(c, name, c->depth),
                            .certain = certain,
                            .loop = NU_NO_SLOT,
                            .next = c->scope->bindings};
    c->scope->bindings = binding;
    return binding;
}

static nu_binding *find_in(const nu_scope *scope, const nu_name *name)
{
    for (nu_binding *binding = scope->bindings; binding; binding = binding->next) {
        if (nu__name_equal(&binding->name, name))
            return binding;
    }
    return NULL;
}

/* Declares what tags below `body` set in the scope around them: a name set further down is seen
 * further up when a loop comes round again. */
static void declare(nu_compiler *c, const nu_body *body)
{
    nu_check_stack();
    for (const nu_node *node = body->first; node; node = node->next) {
        if (node->kind->scope)
            continue;
        for (uint32_t i = 0; i < node->name_count; i++) {
            if (!find_in(c->scope, &node->names[i]))
                nu__bind(c, &node->names[i], false);
        }
        for (uint32_t i = 0; i < node->body_count; i++)
            declare(c, &node->bodies[i]);
    }
}

void nu__scope_open(nu_compiler *c, nu_scope *scope, const nu_body *bodies, uint32_t count)
{
    *scope = (nu_scope){.outer = c->scope, .first_slot = c->slot_count};
    c->scope = scope;
    c->depth++;
    for (uint32_t i = 0; i < count; i++)
        declare(c, &bodies[i]);
}

/* Slots made since the scope was opened are those of this scope, of closed ones within, which are
 * unbound by now, and of outside names, which stay. */
void nu__scope_close(nu_compiler *c, nu_scope *scope)
{
    for (const nu_binding *binding = scope->bindings; binding; binding = binding->next)
        nu__emit(c, (nu_op){.code = NU_OP_CLEAR, .target = binding->slot, .count = 1});
    c->depth--;
    c->scope = scope->outer;
}

uint32_t nu__slot_of(nu_compiler *c, const nu_name *name)
{
    return find_in(c->scope, name)->slot;
}

/* ---- look-ups -------------------------------------------------------------------------------- */

static uint32_t outside_slot(nu_compiler *c, const nu_name *name)
{
    for (uint32_t i = 0; i < c->slot_count; i++) {
        if (c->slots[i].depth == 0 && nu__name_equal(&c->slots[i].name, name))
            return i;
    }
    return new_slot(c, name, 0);
}

static const char *const loop_fields[] = {
    [NU_LOOP_COUNTER] = "counter",       [NU_LOOP_COUNTER0] = "counter0",
    [NU_LOOP_REVCOUNTER] = "revcounter", [NU_LOOP_REVCOUNTER0] = "revcounter0",
    [NU_LOOP_FIRST] = "first",           [NU_LOOP_LAST] = "last",
    [NU_LOOP_LENGTH] = "length",         [NU_LOOP_PARENT] = "parentloop",
};

static void resolve_loop_field(nu_lookup *lookup, const nu_binding *binding)
{
    const nu_variable *variable = lookup->variable;
    for (uint8_t i = 0; variable && variable->step_count == 2 && i < NU_COUNT(loop_fields); i++) {
        if (strcmp(variable->steps[1].name.text, loop_fields[i]) == 0) {
            lookup->kind = NU_LOOK_LOOP;
            lookup->field = i;
            lookup->slot = binding->loop;
        }
    }
}

/* Where `name` may be bound, from the innermost scope outwards up to one that binds it for certain;
 * `variable` is the path it begins, or NULL. */
static nu_lookup resolve(nu_compiler *c, const nu_name *name, const nu_variable *variable)
{
    nu_lookup lookup = {.kind = NU_LOOK_CHAIN, .slot = NU_NO_SLOT, .variable = variable};
    uint16_t  depth = 0;
    for (const nu_scope *scope = c->scope; scope; scope = scope->outer)
        depth++;
    uint32_t *maybe = NULL;
    for (const nu_scope *scope = c->scope; scope; scope = scope->outer) {
        const nu_binding *binding = find_in(scope, name);
        if (!binding)
            continue;
        if (binding->certain && lookup.maybe_count == 0) {
            lookup.kind = NU_LOOK_SLOT;
            lookup.slot = binding->slot;
            if (binding->loop != NU_NO_SLOT)
                resolve_loop_field(&lookup, binding);
            return lookup;
        }
        if (!maybe)
            maybe = nu_arena_array(c->arena, depth, sizeof *maybe);
        maybe[lookup.maybe_count++] = binding->slot;
        lookup.maybe = maybe;
        if (binding->certain)
            return lookup;
    }
    lookup.slot = outside_slot(c, name);
    return lookup;
}

/* The block that {{ block.super }} means here; NULL if `block` is something else. */
static const nu_name *block_around(const nu_compiler *c, const nu_variable *variable)
{
    if (variable->step_count != 2 || strcmp(variable->text, "block.super") != 0)
        return NULL;
    for (const nu_scope *scope = c->scope; scope; scope = scope->outer) {
        if (find_in(scope, &variable->steps[0].name))
            return NULL;
        if (scope->block)
            return scope->block;
    }
    return NULL;
}

/* Writes the overridden block out of line, between a jump over it and a return. */
static nu_lookup resolve_super(nu_compiler *c, const nu_variable *variable, const nu_name *block)
{
    uint32_t  jump = nu__emit(c, (nu_op){.code = NU_OP_JUMP});
    nu_lookup lookup = {.kind = NU_LOOK_SUPER, .slot = nu__here(c), .variable = variable};
    nu__emit_super(c, block);
    nu__emit(c, (nu_op){.code = NU_OP_RETURN});
    nu__patch(c, jump);
    return lookup;
}

static nu_lookup compile_variable(nu_compiler *c, const nu_variable *variable)
{
    if (variable->literal)
        return (nu_lookup){.kind = NU_LOOK_LITERAL, .variable = variable};
    const nu_name *block = block_around(c, variable);
    if (block)
        return resolve_super(c, variable, block);
    return resolve(c, &variable->steps[0].name, variable);
}

nu_lookup nu__compile_name(nu_compiler *c, const char *name)
{
    nu_variable *variable = nu_arena_zalloc(c->arena, sizeof *variable);
    *variable = nu__variable_parse(c->arena, name, strlen(name));
    return compile_variable(c, variable);
}

nu_operand nu__compile_expression(nu_compiler *c, const nu_expression *expression)
{
    nu_operand operand = {.lookup = compile_variable(c, &expression->variable),
                          .filter_count = expression->filter_count,
                          .filters = expression->filters};
    if (!expression->filter_count)
        return operand;
    nu_lookup *args = nu_arena_array(c->arena, expression->filter_count, sizeof *args);
    for (uint32_t i = 0; i < expression->filter_count; i++) {
        if (expression->filters[i].arg)
            args[i] = compile_variable(c, expression->filters[i].arg);
    }
    operand.args = args;
    return operand;
}

const nu_operand *nu__compile_expressions(nu_compiler *c, nu_expression *const *expressions,
                                          uint32_t count)
{
    nu_operand *operands = nu_arena_array(c->arena, count, sizeof *operands);
    for (uint32_t i = 0; i < count; i++)
        operands[i] = nu__compile_expression(c, expressions[i]);
    return operands;
}

/* ---- calls ------------------------------------------------------------------------------------ */

static const uint32_t *call_slots(nu_compiler *c, const nu_node *node)
{
    uint32_t *slots = nu_arena_array(c->arena, node->name_count, sizeof *slots);
    for (uint32_t i = 0; i < node->name_count; i++)
        slots[i] = node->kind->scope ? nu__bind(c, &node->names[i], true)->slot
                                     : nu__slot_of(c, &node->names[i]);
    return slots;
}

static const uint32_t *emit_bodies(nu_compiler *c, const nu_node *node)
{
    uint32_t *bodies = nu_arena_array(c->arena, node->body_count, sizeof *bodies);
    for (uint32_t i = 0; i < node->body_count; i++) {
        bodies[i] = nu__here(c);
        nu__emit_body(c, &node->bodies[i]);
        nu__emit(c, (nu_op){.code = NU_OP_RETURN});
    }
    return bodies;
}

/* One node may be written in several places: a block and its use as block.super. */
static uint32_t state_of(nu_compiler *c, const nu_node *node)
{
    for (const nu_state *state = c->states; state; state = state->next) {
        if (state->node == node)
            return state->number;
    }
    nu_state *state = nu_arena_alloc(c->arena, sizeof *state);
    *state = (nu_state){.node = node, .number = c->state_count++, .next = c->states};
    c->states = state;
    return state->number;
}

void nu__emit_call(nu_compiler *c, const nu_node *node)
{
    nu_call *call = nu_arena_zalloc(c->arena, sizeof *call);
    call->node = node;
    call->operands = nu__compile_expressions(c, node->expressions, node->expression_count);
    if (node->kind->state)
        call->state = state_of(c, node->same ? node->same : node);
    uint32_t op = nu__emit(c, (nu_op){.code = NU_OP_CALL, .call = call});
    nu_scope scope;
    if (node->kind->scope)
        nu__scope_open(c, &scope, node->bodies, node->body_count);
    call->slots = call_slots(c, node);
    call->bodies = emit_bodies(c, node);
    nu__patch(c, op);
    if (node->kind->scope)
        nu__scope_close(c, &scope);
}

/* ---- whole programs ----------------------------------------------------------------------------- */

static nu_program *finish(nu_compiler *c)
{
    nu_program *program = nu_arena_zalloc(c->arena, sizeof *program);
    *program = (nu_program){.ops = c->ops,
                            .nodes = c->nodes,
                            .op_count = c->op_count,
                            .slots = c->slots,
                            .slot_count = c->slot_count,
                            .loop_count = c->loop_count,
                            .state_count = c->state_count,
                            .trees = c->trees,
                            .tree_count = c->tree_count,
                            .arena = c->arena};
    return program;
}

/* Text that stands before {% extends %} is written before all else. */
static void emit_beginnings(nu_compiler *c)
{
    for (uint32_t i = 0; i + 1 < c->tree_count; i++) {
        for (const nu_node *node = c->trees[i]->root.first; node->kind == &nu__text_kind;
             node = node->next) {
            c->node = node;
            node->kind->emit(c, node);
        }
    }
}

static nu_program *compile(nu_arena *arena, const nu_tree *const *trees, uint32_t count,
                           const nu_body *body)
{
    nu_compiler *c = nu_arena_zalloc(arena, sizeof *c);
    *c = (nu_compiler){.arena = arena, .trees = trees, .tree_count = count};
    NU_TRY {
        nu_scope scope;
        nu__scope_open(c, &scope, body, 1);
        emit_beginnings(c);
        nu__emit_body(c, body);
        nu__emit(c, (nu_op){.code = NU_OP_RETURN});
    }
    NU_CATCH (error) {
        const nu_node *node = c->node;
        nu_place       place = {.file = trees[0]->name};
        nu__rethrow_at(error, node ? nu__place(node->tree, node->start, node->line) : place);
    }
    return finish(c);
}

nu_program *nu__compile(nu_arena *arena, const nu_tree *const *trees, uint32_t count)
{
    return compile(arena, trees, count, &trees[count - 1]->root);
}

nu_program *nu__compile_body(nu_arena *arena, const nu_tree *tree, const nu_body *body)
{
    const nu_tree **trees = nu_arena_alloc(arena, sizeof(nu_tree *));
    trees[0] = tree;
    return compile(arena, trees, 1, body);
}
