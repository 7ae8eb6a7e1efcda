/* Running programs. */
#include <string.h>

#include "template/engine.h"
#include "template/loop.h"
#include "template/program.h"
#include "template/write.h"

/* Includes nested more deeply than this are an error, before the stack is one. */
#define MAX_INCLUDES 100

static NU_COLD NU_NORETURN void orphan(void)
{
    nu_raise(NU_TEMPLATE_SYNTAX, "'BlockNode' object has no attribute 'context'. "
                                 "Did you use {{ block.super }} in a base template?");
}

static inline void clear(nu_value *slots, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        slots[i].type = NU_SLOT_UNSET;
}

static NU_COLD void write_callable(nu_rendering *render, nu_value value)
{
    if (!nu__value_call(&value))
        value = nu_value_text(render->engine->options.string_if_invalid);
    nu__write_value(render, value);
}

static inline void write_slot(nu_rendering *render, nu_value value)
{
    if (NU_UNLIKELY(value.type >= NU_OBJECT))
        write_callable(render, value);
    else
        nu__put_value(render, value);
}

void nu__run(nu_rendering *render, uint32_t pc)
{
    nu_activation *frame = render->frame;
    const nu_op   *ops = frame->program->ops;
    for (;;) {
        const nu_op *op = &ops[pc];
        frame->pc = pc++;
        switch ((nu_opcode)op->code) {
        case NU_OP_TEXT: nu__put(render, op->text, op->target); break;
        case NU_OP_SLOT: write_slot(render, frame->slots[op->target]); break;
        case NU_OP_EXPRESSION: nu__put_value(render, nu__evaluate(render, op->operand)); break;
        case NU_OP_TEST:
            if (!nu__test(render, op->test))
                pc = op->target;
            break;
        case NU_OP_JUMP: pc = op->target; break;
        case NU_OP_FOR:
            if (!nu__loop_begin(render, op->loop))
                pc = op->target;
            break;
        case NU_OP_NEXT:
            if (nu__loop_next(render, op->loop))
                pc = op->target;
            break;
        case NU_OP_SET: frame->slots[op->target] = nu__evaluate(render, op->operand); break;
        case NU_OP_CLEAR: clear(&frame->slots[op->target], op->count); break;
        case NU_OP_CALL:
            op->call->node->kind->run(render, op->call);
            pc = op->target;
            break;
        case NU_OP_ORPHAN: orphan();
        case NU_OP_RETURN: return;
        }
    }
}

nu_value nu__capture(nu_rendering *render, uint32_t pc)
{
    nu_builder text, *outer = render->out;
    nu_builder_init(&text, NULL, 128);
    render->out = &text;
    nu__run(render, pc);
    render->out = outer;
    nu_value value = nu_builder_value(&text);
    value.flags |= NU_SAFE;
    return value;
}

nu_value nu__call_capture(nu_rendering *render, const nu_call *call, uint32_t i)
{
    return nu__capture(render, call->bodies[i]);
}

void nu__call_answer(nu_rendering *render, const nu_call *call, nu_value text)
{
    if (call->node->name_count)
        nu__call_set(render, call, 0, text);
    else
        nu__write(render, text.text, text.length);
}

/* One piece of memory for all that an activation needs. */
static nu_activation *activation_new(nu_program *program)
{
    size_t slots = program->slot_count * sizeof(nu_value);
    size_t loops = program->loop_count * sizeof(nu_loop);
    size_t states = program->state_count * sizeof(void *);
    char  *memory =
        nu_arena_alloc(nu_arena_current(), sizeof(nu_activation) + slots + loops + states);
    nu_activation *frame = (nu_activation *)(void *)memory;
    memory += sizeof *frame;
    *frame = (nu_activation){.program = program,
                             .slots = (nu_value *)(void *)memory,
                             .loops = (nu_loop *)(void *)(memory + slots),
                             .states = (void **)(void *)(memory + slots + loops)};
    clear(frame->slots, program->slot_count);
    memset(memory + slots, 0, loops + states);
    return frame;
}

static nu_place place_of(const nu_activation *frame)
{
    const nu_node *node = frame->program->nodes[frame->pc];
    if (!node)
        return (nu_place){.file = frame->program->trees[0]->name};
    return nu__place(node->tree, node->start, node->line);
}

void nu__activate(nu_rendering *render, nu_program *program, const nu_bindings *given,
                  nu_dict *dict, bool isolated)
{
    nu_check_stack();
    if (render->depth >= MAX_INCLUDES)
        nu_raise(NU_TEMPLATE_SYNTAX, "templates include one another more than %d deep",
                 MAX_INCLUDES);
    nu_activation *frame = activation_new(program);
    frame->given = given;
    frame->dict = dict;
    frame->caller = render->frame;
    frame->isolated = isolated;
    render->frame = frame;
    render->depth++;
    NU_TRY {
        nu__run(render, 0);
    }
    NU_CATCH (error) {
        nu__rethrow_at(error, place_of(frame));
    }
    render->depth--;
    render->frame = frame->caller;
}
