/* Text and {{ variables }}. */
#include "template/compiler.h"
#include "template/tags/kinds.h"

static void emit_text(nu_compiler *c, const nu_node *node)
{
    const nu_token *token = node->data;
    nu__emit(c, (nu_op){.code = NU_OP_TEXT, .target = token->length, .text = token->text});
}
const nu_node_kind nu__text_kind = {.name = "text", .emit = emit_text};

/* Text that is known by now is written as text. */
static bool emit_literal(nu_compiler *c, const nu_expression *expression)
{
    const nu_variable *variable = &expression->variable;
    if (!variable->literal || variable->translate || expression->filter_count ||
        variable->value.type != NU_TEXT)
        return false;
    nu__emit(c, (nu_op){.code = NU_OP_TEXT,
                        .target = variable->value.length,
                        .text = variable->value.text});
    return true;
}

static void emit_variable(nu_compiler *c, const nu_node *node)
{
    const nu_expression *expression = node->expressions[0];
    if (emit_literal(c, expression))
        return;
    nu_operand *operand = nu_arena_alloc(c->arena, sizeof *operand);
    *operand = nu__compile_expression(c, expression);
    bool plain = operand->lookup.kind == NU_LOOK_SLOT && operand->filter_count == 0 &&
                 operand->lookup.variable->step_count == 1;
    if (plain)
        nu__emit(c, (nu_op){.code = NU_OP_SLOT, .target = operand->lookup.slot});
    else
        nu__emit(c, (nu_op){.code = NU_OP_EXPRESSION, .operand = operand});
}
const nu_node_kind nu__variable_kind = {.name = "variable", .emit = emit_variable};
