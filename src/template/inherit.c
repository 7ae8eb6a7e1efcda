#include "template/inherit.h"

#include "template/template.h"

/* The parent's name if it is written in the template, NULL if a variable tells it. */
static const char *written_parent(const nu_tree *tree)
{
    const nu_expression *expression = tree->extends->expressions[0];
    if (tree->extends_relative)
        return tree->extends_relative;
    if (!expression->variable.literal || expression->filter_count || expression->variable.translate)
        return NULL;
    if (expression->variable.value.type != NU_TEXT || expression->variable.value.length == 0)
        return NULL;
    return expression->variable.value.text;
}

/* A template may extend another one of its own name, which a later loader has: those in the chain
 * are passed over. */
static const nu_tree *parent_tree(nu_engine *engine, const nu_chain *chain, const char *name)
{
    nu_origins *skip = nu_alloc(chain->count * sizeof *skip);
    for (uint32_t i = 0; i < chain->count; i++) {
        skip[i].key = chain->trees[i]->key;
        skip[i].next = i > 0 ? &skip[i - 1] : NULL;
    }
    const nu_tree *last = chain->trees[chain->count - 1];
    NU_TRY {
        return nu__tree_get(engine, name, &skip[chain->count - 1]);
    }
    NU_CATCH (error) {
        nu__rethrow_at(error, nu__place(last, last->extends->start, last->extends->line));
    }
    return NULL;
}

static void push(nu_arena *arena, nu_chain *chain, const nu_tree *tree)
{
    chain->trees = nu_arena_grow(arena, chain->trees, chain->count * sizeof *chain->trees,
                                 (chain->count + 1) * sizeof *chain->trees);
    chain->trees[chain->count++] = tree;
}

nu_chain nu__chain_of(nu_engine *engine, nu_arena *arena, const nu_tree *const *trees,
                      uint32_t count)
{
    nu_chain chain = {0};
    for (uint32_t i = 0; i < count; i++)
        push(arena, &chain, trees[i]);
    for (;;) {
        const nu_tree *last = chain.trees[chain.count - 1];
        const char    *name = last->extends ? written_parent(last) : NULL;
        if (!name)
            return chain;
        push(arena, &chain, parent_tree(engine, &chain, name));
    }
}

nu_program *nu__chain_compile(nu_arena *arena, nu_chain chain)
{
    const nu_tree *last = chain.trees[chain.count - 1];
    if (!last->extends)
        return nu__compile(arena, chain.trees, chain.count);
    /* Only the tag itself: what is below it cannot be placed yet. */
    nu_node *alone = nu_arena_zalloc(arena, sizeof *alone);
    *alone = *last->extends;
    alone->next = NULL;
    alone->body_count = 0;
    nu_body     body = {.first = alone, .last = alone};
    nu_program *program = nu__compile_body(arena, last, &body);
    program->trees = chain.trees;
    program->tree_count = chain.count;
    return program;
}

/* ---- while rendering --------------------------------------------------------------------------- */

struct nu_variant {
    const nu_tree     *parent;
    nu_program        *program;
    struct nu_variant *next;
};

static NU_NORETURN void bad_parent(const nu_tree *tree, nu_value parent)
{
    const nu_expression *expression = tree->extends->expressions[0];
    const char          *source = expression->variable.literal ? ""
                                                               : nu_fmt(" Got this from the '%s' variable.",
                                                                        expression->variable.text);
    nu_raise(NU_TEMPLATE_SYNTAX, "Invalid template name in 'extends' tag: %s.%s",
             nu_text(nu_repr(parent)), source);
}

static const nu_tree *parent_of(nu_rendering *render, const nu_program *program, nu_value parent)
{
    nu_template *given = nu__template_of(parent);
    if (given)
        return given->tree;
    if (!nu_truth(parent) || parent.type != NU_TEXT)
        bad_parent(program->trees[program->tree_count - 1], parent);
    nu_chain chain = {.trees = (const nu_tree **)(uintptr_t)program->trees,
                      .count = program->tree_count};
    return parent_tree(render->engine, &chain, parent.text);
}

static nu_program *variant(nu_rendering *render, nu_program *program, const nu_tree *parent)
{
    for (struct nu_variant *known = program->variants; known; known = known->next) {
        if (known->parent == parent)
            return known->program;
    }
    /* A parent made from text lives no longer than this rendering. */
    nu_arena *arena = parent->origin ? program->arena : nu_arena_current();
    nu_chain  chain = nu__chain_of(render->engine, arena, program->trees, program->tree_count);
    push(arena, &chain, parent);
    chain = nu__chain_of(render->engine, arena, chain.trees, chain.count);
    nu_program *made = nu__chain_compile(arena, chain);
    if (arena == program->arena) {
        struct nu_variant *kept = nu_arena_zalloc(arena, sizeof *kept);
        *kept = (struct nu_variant){.parent = parent, .program = made, .next = program->variants};
        program->variants = kept;
    }
    return made;
}

void nu__run_extends(nu_rendering *render, nu_value parent)
{
    nu_activation *frame = render->frame;
    const nu_tree *tree = parent_of(render, frame->program, parent);
    nu__activate(render, variant(render, frame->program, tree), frame->given, frame->dict,
                 frame->isolated);
}
