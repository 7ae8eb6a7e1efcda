#include "template/blocks.h"

static nu_block_queue *queue_of(nu_compiler *c, const nu_name *name)
{
    for (nu_block_queue *queue = c->queues; queue; queue = queue->next) {
        if (nu__name_equal(&queue->name, name))
            return queue;
    }
    nu_block_queue *queue = nu_arena_zalloc(c->arena, sizeof *queue);
    *queue = (nu_block_queue){.name = *name, .next = c->queues};
    c->queues = queue;
    return queue;
}

static const nu_block *block_in(const nu_tree *tree, const nu_name *name)
{
    for (const nu_block *block = tree->blocks; block; block = block->next) {
        if (nu__name_equal(&block->name, name))
            return block;
    }
    return NULL;
}

/* The next block of that name which the code around does not use yet, from the template asked for up
 * to the one that extends nothing. NULL if none is left. */
static const nu_block *next_block(const nu_compiler *c, const nu_block_queue *queue)
{
    uint32_t passed = 0;
    for (uint32_t i = 0; i < c->tree_count; i++) {
        const nu_block *block = block_in(c->trees[i], &queue->name);
        if (block && passed++ == queue->used)
            return block;
    }
    return NULL;
}

static void emit(nu_compiler *c, const nu_block *block, nu_block_queue *queue, bool from_queue)
{
    queue->used += from_queue;
    nu_scope scope;
    nu__scope_open(c, &scope, block->node->bodies, 1);
    scope.block = &block->name;
    nu__emit_body(c, &block->node->bodies[0]);
    nu__scope_close(c, &scope);
    queue->used -= from_queue;
}

void nu__emit_block(nu_compiler *c, const nu_block *self)
{
    nu_block_queue *queue = queue_of(c, &self->name);
    const nu_block *block = next_block(c, queue);
    emit(c, block ? block : self, queue, block != NULL);
}

void nu__emit_super(nu_compiler *c, const nu_name *name)
{
    if (c->tree_count == 1) {
        nu__emit(c, (nu_op){.code = NU_OP_ORPHAN});
        return;
    }
    nu_block_queue *queue = queue_of(c, name);
    const nu_block *block = next_block(c, queue);
    if (block)
        emit(c, block, queue, true);
}
